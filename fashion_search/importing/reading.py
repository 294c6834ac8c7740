"""Reading vectors and ids from files of other programs: plain arrays, parquet, CSV. Nothing is unpickled."""

import csv
import io
import lzma
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from fashion_search.archives import TooLargeError, open_zip, read_entry, why_not_read
from fashion_search.errors import VectorsError
from fashion_search.importing import FORMATS, ID_FORMATS

MOST_BYTES = 2**32
"""Of a file of vectors, and of what it holds once it is unpacked: a million of 1,024 dimensions."""

_MOST_ID_BYTES = 2**28
_MOST_COLUMNS = 2**16
_LONGEST_HEADER = 2**22  # bytes
_HEADERS: dict[tuple[int, int], Callable[[BinaryIO], Any]] = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


@dataclass(frozen=True)
class Given:
    """Vectors as a file has them: numbers of any kind, shape (n, dim), and the id of each.

    ``file`` is its name, for people.
    """

    file: str
    ids: tuple[str, ...]
    vectors: NDArray[Any]


@dataclass(frozen=True)
class Source:
    """A file that is read: its name, which tells its format, and its content, which can be sought in."""

    name: str
    content: BinaryIO

    @property
    def suffix(self) -> str:
        return PurePath(self.name).suffix.lower().removeprefix(".")

    @property
    def size(self) -> int:
        """Bytes."""
        self.content.seek(0)
        end = self.content.seek(0, io.SEEK_END)
        self.content.seek(0)
        return end


def read(vectors: Source, ids: Source | None = None) -> Given:
    """Vectors with their ids, which stand in a file of their own or in that of the vectors.

    Raises:
        VectorsError: a file cannot be read as such, is too large, has no ids, or not as many as vectors.
    """
    _refuse_larger(vectors, vectors.size, MOST_BYTES)
    readers = {"npy": _read_npy, "npz": _read_npz, "parquet": _read_parquet, "csv": _read_csv}
    if vectors.suffix not in readers:
        raise VectorsError(f"{vectors.name} is none of the files that vectors are read from: {_listed(FORMATS)}.")
    own, array = readers[vectors.suffix](vectors)
    name = vectors.name
    if array.dtype.kind not in "fiu":
        raise VectorsError(f"{name} holds {array.dtype}, not numbers.")
    if array.ndim != 2 or array.shape[1] < 2 or not len(array):
        raise VectorsError(
            f"{name} holds an array of shape {array.shape}; vectors are one row each, with at least 2 numbers."
        )
    if ids is None and own is None:
        raise VectorsError(
            f"{name} does not say which item each vector is of. Give the ids in a file of their own "
            f"({_listed(ID_FORMATS)}), one for each vector, in the same order.",
            "ids",
        )
    if ids is not None and own is not None:
        raise VectorsError(f"{name} has ids of its own, and {ids.name} has others. Leave out one of the two.")
    known = _read_ids(ids) if ids is not None else own
    assert known is not None
    if len(known) != len(array):
        where = ids.name if ids is not None else name
        raise VectorsError(f"{where} has {len(known):,} ids, {name} {len(array):,} vectors; each vector needs its own.")
    return Given(name, tuple(known), array)


_Read = tuple[list[str] | None, NDArray[Any]]  # ids, where the file has them, and vectors


def _listed(formats: Sequence[str]) -> str:
    return ", ".join(f".{one}" for one in formats)


def _refuse_larger(source: Source, n_bytes: int, most: int) -> None:
    if n_bytes > most:
        raise VectorsError(f"{source.name} holds {n_bytes / 2**30:,.1f} GB; at most {most / 2**30:.0f} GB are read.")


def _read_npy(source: Source) -> _Read:
    return None, _array(source, source.content, MOST_BYTES)


def _array(source: Source, file: BinaryIO, most: int) -> NDArray[Any]:
    """A plain array; what it claims to hold is looked at before room is made for it."""
    try:
        version = np.lib.format.read_magic(file)
        if version not in _HEADERS:
            raise ValueError(f"version {version}")
        shape, _, dtype = _HEADERS[version](file)
        if dtype.hasobject:
            raise VectorsError(f"{source.name} holds pickled objects, which are never read. Save a plain array.")
        claimed = int(np.prod([int(n) for n in shape], dtype=object)) * dtype.itemsize
        _refuse_larger(source, claimed, most)
        place = file.tell()
        if file.seek(0, io.SEEK_END) - place < claimed:  # before room is made for it
            raise EOFError("cut short")
        file.seek(0)
        array: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    except (ValueError, EOFError, OSError, TypeError, SyntaxError) as error:
        raise VectorsError(f"{source.name} is damaged or no plain array ({type(error).__name__}).") from error
    return array


def _read_npz(source: Source) -> _Read:
    try:
        with open_zip(source.content) as archive:
            _refuse_larger(source, sum(member.file_size for member in archive.infolist()), MOST_BYTES)
            names = [member.removesuffix(".npy") for member in archive.namelist()]
            wanted = names if len(names) == 1 else ["vectors", "ids"] if "ids" in names else ["vectors"]
            if not set(wanted) <= set(names):
                raise VectorsError(
                    f"{source.name} holds {', '.join(names) or 'nothing'}; it needs the arrays “vectors” and “ids”, "
                    "or one array alone."
                )
            arrays = []
            for name in wanted:
                entry = archive.getinfo(f"{name}.npy" if f"{name}.npy" in archive.namelist() else name)
                if reason := why_not_read(entry):
                    raise VectorsError(f"{source.name}: {name} is not read: {reason}. Save it as a .npy file.")
                arrays.append(_array(source, io.BytesIO(read_entry(archive, entry)), MOST_BYTES))
    except TooLargeError as error:
        raise VectorsError(f"{source.name} {error}. Save the arrays as .npy files.") from error
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        OSError,
        RuntimeError,
        KeyError,
    ) as error:
        raise VectorsError(f"{source.name} is damaged or no .npz archive ({type(error).__name__}).") from error
    return (_as_ids(source, arrays[1]) if len(arrays) == 2 else None), arrays[0]


def _read_parquet(source: Source) -> _Read:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(source.content)
        groups = [file.metadata.row_group(place) for place in range(file.metadata.num_row_groups)]
        numbers = [group.column(place).num_values for group in groups for place in range(group.num_columns)]
        n_numbers = max(file.metadata.num_rows * file.metadata.num_columns, sum(numbers))  # lists have more than rows
        _refuse_larger(source, max(sum(group.total_byte_size for group in groups), 4 * n_numbers), MOST_BYTES)
        table = file.read()
    except (pa.ArrowException, OSError) as error:
        raise VectorsError(f"{source.name} is damaged or no parquet file ({type(error).__name__}).") from error
    names = _numbered(source, table.column_names)
    ids = None if names.id is None else _as_ids(source, table.column(names.id).to_numpy())
    lists = [name for name in names.others if isinstance(table.schema.field(name).type, _list_types())]
    if lists and len(names.others) > 1:
        raise VectorsError(
            f"{source.name} has lists in the column {lists[0]!r} and {len(names.others) - 1:,} columns beside it; "
            "vectors are one column of lists, or a column for each number."
        )
    if lists:
        return ids, _of_lists(source, table.column(lists[0]).combine_chunks())
    return ids, _stacked(source, table, names.others)


def _list_types() -> tuple[type, ...]:
    import pyarrow as pa

    return pa.ListType, pa.LargeListType, pa.FixedSizeListType


def _of_lists(source: Source, column: Any) -> NDArray[Any]:
    """A column of lists as an array; all must be of one length."""
    import pyarrow.compute as pc

    lengths = pc.list_value_length(column).to_numpy(zero_copy_only=False)
    if column.null_count or len(set(lengths.tolist())) != 1:
        raise VectorsError(
            f"{source.name} has lists of {len(set(lengths.tolist())):,} different lengths, or rows without one; every "
            "vector needs the same number of numbers."
        )
    flat = column.flatten()
    if not _is_number(flat.type):
        raise VectorsError(f"{source.name} has lists of {flat.type}, not of numbers.")
    values: NDArray[Any] = flat.to_numpy(zero_copy_only=False)
    return values.reshape(len(column), -1)


def _stacked(source: Source, table: Any, names: Sequence[str]) -> NDArray[Any]:
    """Columns of numbers as an array, what is missing as not a number."""
    for name in names:
        kind = table.schema.field(name).type
        if not _is_number(kind):
            raise VectorsError(
                f"{source.name} has {kind} in the column {name!r}; beside “id”, every column is a number of the vector."
            )
    columns = [table.column(name).to_numpy() for name in names]
    return np.stack(columns, axis=1) if columns else np.empty((table.num_rows, 0))


def _is_number(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


_IS_INDEX = re.compile(r"\s*|Unnamed: 0|__index_level_\d+__")  # what pandas calls them


@dataclass(frozen=True)
class _Columns:
    """Which column has the ids, if one does, and the others, in their order."""

    id: str | None
    others: list[str]


def _numbered(source: Source, names: Sequence[str]) -> _Columns:
    if len(names) > _MOST_COLUMNS:
        raise VectorsError(f"{source.name} has {len(names):,} columns; vectors have at most {_MOST_COLUMNS:,} numbers.")
    if len(set(names)) < len(names):
        twice = next(name for name, count in Counter(names).items() if count > 1)
        raise VectorsError(f"{source.name} has two columns named {twice!r}.")
    rows = next((name for name in names if _IS_INDEX.fullmatch(name)), None)
    if rows is not None:
        raise VectorsError(
            f"{source.name} has the column {rows!r}, which looks like a table's row numbers, not a number of the "
            "vector. Leave it out (in pandas: index=False), or give it a name if it is one."
        )
    found = [name for name in names if name.strip().casefold() == "id"]
    if len(found) > 1:
        raise VectorsError(f"{source.name} has two columns of ids: {found[0]!r} and {found[1]!r}.")
    return _Columns(found[0] if found else None, [name for name in names if name not in found])


def _read_csv(source: Source) -> _Read:
    import pyarrow as pa
    from pyarrow import csv as tables

    header = _header(source)
    is_headless = all(_is_figure(name) for name in header)  # as numpy.savetxt writes it
    names = [str(place) for place in range(len(header))] if is_headless else header
    columns = _numbered(source, names)
    kinds = {name: pa.float64() for name in columns.others} | ({columns.id: pa.string()} if columns.id else {})
    source.content.seek(0)
    try:
        table = tables.read_csv(
            source.content,
            read_options=tables.ReadOptions(column_names=names, skip_rows=0 if is_headless else 1),
            convert_options=tables.ConvertOptions(column_types=kinds, strings_can_be_null=False),
        )
    except (pa.ArrowException, UnicodeDecodeError) as error:
        said = " ".join(str(error).split())[:160]
        raise VectorsError(f"{source.name} is no table of an “id” column and columns of numbers: {said}.") from error
    ids = None if columns.id is None else table.column(columns.id).to_pylist()
    return ids, _stacked(source, table, columns.others)


def _header(source: Source) -> list[str]:
    """The cells of the first line."""
    source.content.seek(0)
    line = source.content.readline(_LONGEST_HEADER + 1)
    if len(line) > _LONGEST_HEADER:
        raise VectorsError(f"{source.name} has a first line of more than {_LONGEST_HEADER // 2**20} MB; no table does.")
    try:
        return next(csv.reader([line.decode("utf-8-sig").rstrip("\r\n")]), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise VectorsError(f"{source.name} is no CSV in UTF-8 ({type(error).__name__}).") from error


def _is_figure(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _read_ids(source: Source) -> list[str]:
    _refuse_larger(source, source.size, _MOST_ID_BYTES)
    if source.suffix == "npy":
        return _as_ids(source, _array(source, source.content, _MOST_ID_BYTES))
    if source.suffix not in ID_FORMATS:
        raise VectorsError(f"{source.name} is none of the files that ids are read from: {_listed(ID_FORMATS)}.")
    source.content.seek(0)
    text = io.TextIOWrapper(source.content, "utf-8-sig", newline="")
    try:
        if source.suffix == "txt":
            lines = [line.rstrip("\r") for line in text.read().split("\n")]
            return lines[:-1] if lines[-1] == "" else lines
        rows = csv.reader(text, strict=True)
        header = [name.strip().casefold() for name in next(rows, [])]
        if header.count("id") != 1:
            raise VectorsError(f"{source.name} has {header.count('id') or 'no'} columns named “id”; it needs one.")
        place = header.index("id")
        return [row[place] if place < len(row) else "" for row in rows if row]
    except UnicodeDecodeError as error:
        raise VectorsError(f"{source.name} is not in UTF-8.") from error
    except csv.Error as error:
        raise VectorsError(f"{source.name} is no CSV ({error}).") from error
    finally:
        text.detach()


def _as_ids(source: Source, array: NDArray[Any]) -> list[str]:
    """An array of whole numbers or text as ids."""
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8", "replace")
    values = array.tolist()
    if array.ndim != 1 or not all(isinstance(value, (int, str)) and not isinstance(value, bool) for value in values):
        kinds = f"shape {array.shape}" if array.ndim != 1 else str(array.dtype)
        raise VectorsError(f"{source.name} has ids of {kinds}; they are whole numbers or text, one for each vector.")
    return [str(value) for value in values]
