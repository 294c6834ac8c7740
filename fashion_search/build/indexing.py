"""The indexes of what was built: each is made, or kept where it is still that of its library, and measured once."""

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from fashion_search.build.progress import Progress, Report
from fashion_search.catalog.request import Request
from fashion_search.costs import this_machine
from fashion_search.encoders import base_method, encoder_spec, index_of, indexed
from fashion_search.errors import EngineError, FashionSearchError, MissingPackageError, StoreError
from fashion_search.files import FileEntry, stem_of, verified
from fashion_search.index import ENGINES, Engine, LocalEngine, asked_index, built, drop, is_available, key_of, measure
from fashion_search.manifest import IndexEntry, Manifest, write_manifest
from fashion_search.store import Store
from fashion_search.store_files import write_array


def add_indexes(folder: Path, request: Request, report: Report) -> tuple[Manifest, dict[str, str], tuple[str, ...]]:
    """Make the indexes that are asked for, and bring those that the catalog has up to date, one after the other.

    The manifest is replaced after each, so that a build that is stopped goes on with the next.

    Returns:
        The manifest as it is then; which of them could not be made, and why, by the name of the method under it; and
        what could not be deleted where they were kept before.

    Raises:
        OSError: a file cannot be written.
    """
    store, problems = Store(folder), {}
    notes: tuple[str, ...] = ()
    manifest = store.manifest
    places = _places(manifest, request)
    missing = []
    for name in (name for name in places if base_method(name) in store.methods):
        try:
            if not _is_good(store, name, places[name]):
                missing.append(name)
        except (EngineError, MissingPackageError) as error:  # whether it is good cannot be told
            problems[name] = str(error)
    for done, name in enumerate(missing):
        report(Progress(done, len(missing), stage="indexes", method=encoder_spec(name).title))
        try:
            entry = _made(store, name, places[name])
        except FashionSearchError as error:
            problems[name] = str(error)
            continue
        before = manifest.indexes.get(name)
        manifest = replace(manifest, indexes=manifest.indexes | {name: entry})
        write_manifest(folder, manifest)
        if before and before.place != entry.place:
            notes += drop_elsewhere(manifest.name, {name: before})
    if missing:
        report(Progress(len(missing), len(missing), stage="indexes"))
    return manifest, problems, notes


def drop_elsewhere(catalog: str, indexes: Mapping[str, IndexEntry]) -> tuple[str, ...]:
    """Delete what is kept elsewhere of a catalog's indexes; a sentence for each that could not be deleted."""
    notes = []
    for method, entry in indexes.items():
        if not entry.place:
            continue
        try:
            drop(catalog, base_method(method), index_of(method), entry.place)
        except FashionSearchError as error:
            notes.append(f"The index {method} is still at {entry.place}: {error}")
    return tuple(notes)


def _places(manifest: Manifest, request: Request) -> dict[str, str]:
    """The methods under indexes that are there or asked for, and where those are kept; empty where here."""
    places = {name: entry.place for name, entry in manifest.indexes.items()}
    for method in request.methods:
        for index, place in map(asked_index, request.indexes):
            places[indexed(encoder_spec(method).name, index.name)] = place
    return places


def _is_good(store: Store, name: str, place: str) -> bool:
    """Whether an index is that of the library as it is now, where it is asked for, and whole.

    Raises:
        EngineError, MissingPackageError: it is kept elsewhere, and that cannot be told now.
    """
    entry = store.indexed.get(name)
    if entry is None or entry.place != place:
        return False
    if place and is_available(index_of(name)):
        try:
            return store.library(name) is not None
        except EngineError as error:
            if error.can_build:
                return False
            raise
    try:
        return entry.file is None or verified(store.folder, entry.file).is_file()
    except StoreError:
        return False


def _made(store: Store, name: str, place: str) -> IndexEntry:
    """Build an index, write its file and measure it."""
    index, library = index_of(name), store.library(base_method(name))
    started = time.monotonic()
    under = built(library, index, place)
    seconds = time.monotonic() - started
    engine = under.engine
    measured = measure(library, under)
    return IndexEntry(
        key=key_of(library.fingerprint, store.manifest.catalog_fingerprint, index),
        file=_written(store.folder, name, engine),
        settings=ENGINES[index.name].settings,
        recall=round(measured.recall, 6),
        milliseconds=round(measured.milliseconds, 4),
        exact_milliseconds=round(measured.exact_milliseconds, 4),
        bytes=engine.n_bytes,
        seconds=round(seconds, 3),
        machine=this_machine().title,
        place=place,
    )


def _written(folder: Path, name: str, engine: Engine) -> FileEntry | None:
    """The file of an index; none where it is kept elsewhere, or built when it is opened."""
    if isinstance(engine, LocalEngine) and engine.is_stored:
        return write_array(folder, stem_of(name), engine.stored())
    return None
