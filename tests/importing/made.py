"""Vectors as other programs write them: one content in every format."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fashion_search.importing.reading import Given, Source, read

Files = tuple[Source, Source | None]


def source(name: str, content: bytes) -> Source:
    """A file in memory."""
    return Source(name, io.BytesIO(content))


def array(values: Any) -> bytes:
    """A plain ``.npy``."""
    out = io.BytesIO()
    np.save(out, values)
    return out.getvalue()


def archive(**arrays: Any) -> bytes:
    """An ``.npz``."""
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def parquet(**columns: Any) -> bytes:
    """A parquet file with these columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def csv_of(ids: Sequence[str], vectors: NDArray[Any]) -> bytes:
    """A CSV with an ``id`` column; numbers are written so that none of their digits is lost."""
    header = ",".join(["id", *(f"d{place}" for place in range(vectors.shape[1]))])
    rows = [",".join([id, *(repr(float(value)) for value in row)]) for id, row in zip(ids, vectors, strict=True)]
    return "\n".join([header, *rows, ""]).encode()


def lines(ids: Sequence[str]) -> bytes:
    """Ids, one a line."""
    return "".join(f"{id}\n" for id in ids).encode()


WRITTEN: dict[str, Callable[[Sequence[str], NDArray[Any]], Files]] = {
    "npy and txt": lambda ids, rows: (source("v.npy", array(rows)), source("ids.txt", lines(ids))),
    "npy and csv": lambda ids, rows: (
        source("v.npy", array(rows)),
        source("ids.csv", b"row,ID\r\n" + b"".join(f'7,"{id}"\r\n'.encode() for id in ids)),
    ),
    "npy and npy": lambda ids, rows: (source("v.npy", array(rows)), source("ids.npy", array(np.array(ids)))),
    "npz": lambda ids, rows: (source("v.npz", archive(vectors=rows, ids=np.array(ids))), None),
    "npz of one array": lambda ids, rows: (source("v.npz", archive(any=rows)), source("i.txt", lines(ids))),
    "parquet of lists": lambda ids, rows: (source("v.parquet", parquet(id=ids, vector=list(rows))), None),
    "parquet of columns": lambda ids, rows: (
        source("v.parquet", parquet(id=ids, **{f"d{place}": column for place, column in enumerate(rows.T)})),
        None,
    ),
    "csv": lambda ids, rows: (source("v.csv", csv_of(ids, rows)), None),
    "csv without a header": lambda ids, rows: (
        source("v.csv", _bare(rows)),
        source("ids.txt", lines(ids)),
    ),
}
"""The ways to write the same vectors, by name."""


def _bare(rows: NDArray[Any]) -> bytes:
    return "".join(",".join(repr(float(value)) for value in row) + "\n" for row in rows).encode()


def given(ids: Sequence[str], vectors: Any, file: str = "mine.npy") -> Given:
    """What was read of a file with this content."""
    return Given(file, tuple(ids), np.asarray(vectors))


def read_as(how: str, ids: Sequence[str], vectors: NDArray[Any]) -> Given:
    """Vectors written in one of the ways, and read."""
    return read(*WRITTEN[how](ids, vectors))
