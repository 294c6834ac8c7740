"""The files of a catalog's folder: tables as CSV, arrays as plain ``.npy``, each named by its checksum."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog import Catalog, Excluded
from fashion_search.errors import StoreError, in_a_line
from fashion_search.files import FileEntry, verified, write_named_by_checksum


def read_csv(folder: Path, entry: FileEntry) -> list[list[str]]:
    """The rows of a table, without its header.

    Raises:
        StoreError: damaged.
    """
    path = verified(folder, entry)
    try:
        text = path.read_bytes().decode()  # read_text would alter line ends inside fields
        return list(csv.reader(io.StringIO(text, newline="")))[1:]
    except (OSError, ValueError, csv.Error) as error:
        raise StoreError(f"{path} is no table in UTF-8 ({in_a_line(error)}). Build the catalog again.") from error


def open_array(path: Path) -> NDArray[Any]:
    """A plain array, memory-mapped and read-only.

    Raises:
        StoreError: it is none.
    """
    try:
        array: NDArray[Any] = np.lib.format.open_memmap(path, mode="r")  # np.load would open archives and pickles too
    except (ValueError, OSError, EOFError, TypeError, SyntaxError) as error:
        reason = in_a_line(error)
        raise StoreError(f"{path} is not a plain array ({reason}). Build the catalog again.") from error
    return array


def write_items(folder: Path, catalog: Catalog) -> FileEntry:
    """Write the items as CSV, with their products where there are any."""
    header = ["id", "name", "image", "digest", "checksum", *catalog.columns]
    rows = [[item.id, item.name, item.image, item.digest, item.checksum, *item.labels] for item in catalog.items]
    if any(item.product for item in catalog.items):
        header, rows = (
            [*header, "product"],
            [[*row, item.product] for row, item in zip(rows, catalog.items, strict=True)],
        )
    return _write_csv(folder, "items", header, rows)


def write_excluded(folder: Path, excluded: Sequence[Excluded], columns: Sequence[str]) -> FileEntry:
    """Write what was left out as CSV."""
    rows = [[row.id, row.name, row.reason, *row.labels] for row in excluded]
    return _write_csv(folder, "excluded", ["id", "name", "reason", *columns], rows)


def write_pictures(folder: Path, stem: str, pictures: Sequence[tuple[str, str]]) -> FileEntry:
    """Write which pictures something is of, each an item's id and its digest, as CSV."""
    return _write_csv(folder, stem, ["id", "digest"], [list(picture) for picture in pictures])


def _write_csv(folder: Path, stem: str, header: list[str], rows: list[list[str]]) -> FileEntry:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)  # a bare \r would not be quoted
    writer.writerow(header)
    writer.writerows(rows)
    data = text.getvalue().encode()
    return write_named_by_checksum(folder, stem, ".csv", lambda file: file.write(data))


def write_array(folder: Path, stem: str, array: NDArray[Any]) -> FileEntry:
    """Write a plain ``.npy`` array."""
    return write_named_by_checksum(folder, stem, ".npy", lambda file: np.save(file, array, allow_pickle=False))
