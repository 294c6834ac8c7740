"""The catalogs and what belongs to them: every file against the checksum that it was written with."""

import re
from collections.abc import Iterator
from pathlib import Path

from fashion_search.build.status import read_status
from fashion_search.cases import open_cases
from fashion_search.catalog import Protocol
from fashion_search.catalog.demo import DEMO, DEMO_STORE
from fashion_search.costs import cost_file
from fashion_search.doctor.finding import Finding
from fashion_search.errors import FashionSearchError, ForeignVectorsError, StoreError, TrainingError
from fashion_search.evaluation.verdict_file import open_verdicts
from fashion_search.evaluation.words import count
from fashion_search.files import FileEntry, folders_with, listed, sha256
from fashion_search.home import home
from fashion_search.manifest import MANIFEST, read_manifest
from fashion_search.query_store import under
from fashion_search.search import encoder_at_hand
from fashion_search.store import QUERIES, Store, catalog_names, open_store, query_sets
from fashion_search.training import record
from fashion_search.whole_store import REST, has_rest, whole

_NAMED = re.compile(r"-(?P<digits>[0-9a-f]{16})\.npz")  # an evaluation's file ends with the begin of its checksum


def check_catalogs() -> Iterator[Finding]:
    """All that are built or were begun, then verdicts and trainings."""
    for name in catalog_names(with_unfinished=True):
        yield from _build(name)
        damage = list(_damage(name))
        yield from (Finding("wrong", sentence) for sentence in damage)
        if not damage and name in catalog_names():
            yield from _opened(name)
    for path in (path for path in listed(home() / "verdicts") if path.suffix == ".sqlite"):
        try:
            open_verdicts(path.stem).all()
        except FashionSearchError as error:
            yield Finding("wrong", str(error))
    for name in record.run_names():
        try:
            record.read_run(record.runs_folder() / name)
        except TrainingError as error:
            yield Finding("wrong", str(error))


def _build(name: str) -> Iterator[Finding]:
    """The newest build, where it did not do all that it was asked for."""
    status = read_status(name)
    if status is None or (status.state == "done" and not status.message):
        return
    if status.is_under_way:
        yield Finding("notice", f"“{name}” is being built just now: {status.progress.sentence}")
    elif status.state in ("interrupted", "cancelled"):
        again = status.request.command
        yield Finding("notice", f"The build of “{name}” was {status.state}. It goes on from there: {again}")
    else:
        what = "failed" if status.state == "failed" else "left something out"
        again = status.request.command
        yield Finding("notice", f"The newest build of “{name}” {what}: {status.message} Again: {again}")


def _damage(name: str) -> Iterator[str]:
    """What is damaged of a catalog's files, those of its query sets, rest, evaluations and cases, in sentences."""
    for folder in (home() / name, *([DEMO_STORE] if name == DEMO else [])):
        try:
            stores = [folder, *folders_with(folder / QUERIES, MANIFEST)]
        except StoreError as error:
            yield str(error)
            return
        for store in (*stores, folder / REST):
            if (store / MANIFEST).is_file():
                yield from _of_store(store)
        for path in sorted(folder.glob("evaluations/*.npz")):
            named = _NAMED.search(path.name)
            if named and _digest(path)[:16] != named["digits"]:
                yield f"{path} is damaged. Delete it; pages and builds make it anew."
        costs = folder / cost_file.FILE
        if costs.is_file() and cost_file.read_measured(folder) == cost_file.Measured():
            yield f"{costs} is damaged. Delete it; the next build measures anew."
    try:
        open_cases(name).all()
    except FashionSearchError as error:
        yield str(error)


def _of_store(folder: Path) -> Iterator[str]:
    try:
        entries = read_manifest(folder).entries
    except FashionSearchError as error:
        yield str(error)
        return
    for entry in entries:
        if reason := _fault(folder, entry):
            yield f"{folder / entry['file']} {reason}. Build the catalog again."


def _fault(folder: Path, entry: FileEntry) -> str:
    path = folder / entry["file"]
    if not path.is_file():
        return "is missing"
    return "" if _digest(path) == entry["sha256"] else "is damaged: its checksum is not the manifest’s"


def _digest(path: Path) -> str:
    """Of a file's content; that of none where it cannot be read, which is as good as damaged."""
    try:
        return sha256(path)
    except OSError:
        return ""


def _opened(name: str) -> Iterator[Finding]:
    """Whether what fits its checksums fits together, and what pages would say of it."""
    try:
        store = open_store(name)
        parts = [_methods(store)]
        for queries in query_sets(store):
            together = under(store, Protocol.of_queries(queries)).catalog
            parts.append(f"query set “{queries}” ({count(together.n_queries, 'query', 'queries')})")
        if has_rest(store):
            parts.append(f"whole shop ({count(len(whole(store).catalog.items), 'image', 'images')})")
    except FashionSearchError as error:
        yield Finding("wrong", f"“{name}”: {error}")
        return
    manifest = store.manifest
    yield Finding("fine", f"“{name}”: {count(manifest.n_items, 'image', 'images')}; {'; '.join(parts)}.")
    if manifest.advice:
        yield Finding("notice", f"{manifest.advice} {manifest.rebuild(*manifest.libraries).command}")
    for method in sorted(manifest.indexes.keys() - store.indexed.keys()):
        again = manifest.rebuild(method).command
        yield Finding("notice", f"“{name}”: the index {method} is of an earlier state and is not used. Again: {again}")
    for method in manifest.libraries:
        try:
            encoder_at_hand(store.library(method))
        except ForeignVectorsError as error:
            yield Finding("notice", f"“{name}”: {error} {manifest.rebuild(method).command}")
        except FashionSearchError:  # weights that are not at hand, of which the check of weights tells
            continue


def _methods(store: Store) -> str:
    """Reads what every page reads of a catalog; its methods, for people."""
    _ = store.catalog, store.excluded
    if store.manifest.n_items:
        store.thumbnail(store.manifest.n_items - 1)
    for method in store.methods:
        store.library(method)
    return f"methods {', '.join(store.methods)}"
