"""The indexes of what was built: each is made, or kept where it is still that of its library, and measured once."""

import time
from dataclasses import replace
from pathlib import Path

from fashion_search.build.progress import Progress, Report
from fashion_search.catalog.request import Request
from fashion_search.costs import this_machine
from fashion_search.encoders import base_method, encoder_spec, index_of, indexed
from fashion_search.errors import FashionSearchError, StoreError
from fashion_search.files import stem_of, verified
from fashion_search.index import ENGINES, built, key_of, measure
from fashion_search.manifest import IndexEntry, Manifest, write_manifest
from fashion_search.store import Store
from fashion_search.store_files import write_array


def add_indexes(folder: Path, request: Request, report: Report) -> tuple[Manifest, dict[str, str]]:
    """Make the indexes that are asked for, and bring those that the catalog has up to date, one after the other.

    The manifest is replaced after each, so that a build that is stopped goes on with the next.

    Returns:
        The manifest as it is then, and which of them could not be made, and why, by the name of the method under it.

    Raises:
        OSError: a file cannot be written.
    """
    store, problems = Store(folder), {}
    manifest = store.manifest
    asked = [indexed(encoder_spec(method).name, index) for method in request.methods for index in request.indexes]
    names = [name for name in dict.fromkeys([*manifest.indexes, *asked]) if base_method(name) in store.methods]
    missing = [name for name in names if not _is_good(store, name)]
    for done, name in enumerate(missing):
        report(Progress(done, len(missing), stage="indexes", method=encoder_spec(name).title))
        try:
            entry = _made(store, name)
        except FashionSearchError as error:
            problems[name] = str(error)
            continue
        manifest = replace(manifest, indexes=manifest.indexes | {name: entry})
        write_manifest(folder, manifest)
    if missing:
        report(Progress(len(missing), len(missing), stage="indexes"))
    return manifest, problems


def _is_good(store: Store, name: str) -> bool:
    """Whether an index is that of the library as it is now, and its file whole."""
    entry = store.indexed.get(name)
    if entry is None:
        return False
    try:
        return entry.file is None or verified(store.folder, entry.file).is_file()
    except StoreError:
        return False


def _made(store: Store, name: str) -> IndexEntry:
    """Build an index, write its file and measure it."""
    index, library = index_of(name), store.library(base_method(name))
    started = time.monotonic()
    under = built(library, index)
    seconds = time.monotonic() - started
    engine = under.engine
    measured = measure(library, under)
    return IndexEntry(
        key=key_of(library.fingerprint, store.manifest.catalog_fingerprint, index),
        file=write_array(store.folder, stem_of(name), engine.stored()) if engine.is_stored else None,
        settings=ENGINES[index.name].settings,
        recall=round(measured.recall, 6),
        milliseconds=round(measured.milliseconds, 4),
        exact_milliseconds=round(measured.exact_milliseconds, 4),
        bytes=engine.n_bytes,
        seconds=round(seconds, 3),
        machine=this_machine().title,
    )
