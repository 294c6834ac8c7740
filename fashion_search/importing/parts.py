"""A catalog of some items of another, with what that has of them: vectors of every method, thumbnails, labels."""

import shutil
from dataclasses import replace
from pathlib import Path
from secrets import token_hex

import numpy as np
from numpy.typing import NDArray

from fashion_search.build.libraries import write_catalog
from fashion_search.catalog import Catalog, Excluded
from fashion_search.catalog.request import catalog_name
from fashion_search.costs.cost_file import Measured, read_measured, write_measured
from fashion_search.errors import SourceError, StoreError, UnknownNameError, VectorsError
from fashion_search.files import stem_of
from fashion_search.home import home
from fashion_search.manifest import LibraryEntry, write_manifest
from fashion_search.store import Store, catalog_names, open_store
from fashion_search.store_files import write_array

NO_VECTOR = "no imported vector"
"""Why a part leaves an item of the whole out."""


def part_name(name: str) -> str:
    """A name as a part can have it.

    Raises:
        VectorsError: it cannot be one.
    """
    try:
        return catalog_name(name, name)
    except SourceError as error:
        raise VectorsError(str(error), "subset") from error


def refuse_taken(name: str) -> None:
    """Raises ``VectorsError`` where there is a catalog of this name, or what is left of one."""
    if name in catalog_names(with_unfinished=True):
        raise VectorsError(f"There is a catalog {name!r} already. Choose another name for the part.", "subset")


def make_part(whole: Store, rows: NDArray[np.intp], name: str) -> Store:
    """Make the catalog of some items, under a name from ``part_name``; nothing is encoded.

    Args:
        whole: the catalog that the items are of.
        rows: which, ascending, at least two, shape (m,).
        name: of the new catalog.

    Raises:
        StoreError: it cannot be written.
    """
    folder = home() / name
    if folder.exists():  # not a catalog's, or another import was quicker: not ours to touch
        raise StoreError(f"There is a folder {folder} already. Choose another name for the part.")
    for left in home().glob(f".{name}.*"):  # of an import that was killed
        shutil.rmtree(left, ignore_errors=True)
    unfinished = home() / f".{name}.{token_hex(4)}"
    try:
        unfinished.mkdir(parents=True)
        _write(whole, rows, name, unfinished)
        unfinished.rename(folder)
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error.strerror or error}. Make room or permission.") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return open_store(name)


def begun_part(whole: Store, rows: NDArray[np.intp], name: str) -> Store | None:
    """The catalog that an import made of exactly these items and was then killed; None where there is none such."""
    if not is_part(name, whole):
        return None
    part = open_store(name)
    return part if list(part.catalog.items) == [whole.catalog.items[row] for row in rows] else None


def is_part(name: str, whole: Store) -> bool:
    """Whether there is a catalog of this name that was made of items of another."""
    try:
        return open_store(name).manifest.part_of == whole.name
    except (UnknownNameError, StoreError):  # none, or damaged
        return False


def remove_part(name: str) -> None:
    """Take back a part that was just made."""
    shutil.rmtree(home() / name, ignore_errors=True)


def _write(whole: Store, rows: NDArray[np.intp], name: str, folder: Path) -> None:
    chosen = set(rows.tolist())
    items = tuple(whole.catalog.items[row] for row in rows)
    title = f"{whole.manifest.title}, {len(items):,} of {len(whole.catalog.items):,} items"
    catalog = Catalog(name, title, whole.catalog.columns, items)
    others = [item for row, item in enumerate(whole.catalog.items) if row not in chosen]
    excluded = [*whole.excluded, *(Excluded(item.id, item.name, item.labels, NO_VECTOR) for item in others)]
    pictures = [whole.thumbnail(row) for row in rows.tolist()]
    write_measured(folder, Measured(encodings=read_measured(home() / whole.name).encodings))  # of the same encoders
    libraries = {}
    for method, made_by in whole.methods.items():
        if not whole.is_combined(method):
            vectors = np.ascontiguousarray(whole.library(method).vectors[rows])
            libraries[method] = LibraryEntry(made_by, write_array(folder, stem_of(method), vectors), 0.0)
    write_manifest(
        folder,
        replace(
            whole.manifest,
            name=name,
            title=title,
            **write_catalog(folder, catalog, excluded, pictures),
            libraries=libraries,
            incomplete={},
            combined=whole.combined,
            indexes={},
            part_of=whole.name,
        ),
    )
