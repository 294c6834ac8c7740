"""Removing a catalog, and dismissing a build that failed."""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from fashion_search.build.indexing import drop_elsewhere
from fashion_search.build.libraries import drop_library, is_imported, made_of, refuse_to_drop
from fashion_search.build.status import LOCK, TRACES, alone, read_status
from fashion_search.cases import open_cases
from fashion_search.catalog import Protocol
from fashion_search.catalog.demo import DEMO
from fashion_search.encoders import encoder_spec, imported, is_method
from fashion_search.errors import StoreError, UnknownNameError
from fashion_search.evaluation import saved
from fashion_search.evaluation.verdict_file import open_verdicts
from fashion_search.evaluation.words import count
from fashion_search.files import folders_with
from fashion_search.home import home
from fashion_search.manifest import MANIFEST, IndexEntry, read_manifest
from fashion_search.store import QUERIES, catalog_names, open_queries, open_store, query_sets
from fashion_search.whole_store import REST

_OWN = ("*.npy", "*.csv", "*.json", ".*", *TRACES)  # what builds write; a folder may hold other things too
_OWN_FOLDERS = ("unfinished", "evaluations", QUERIES, REST)


@dataclass(frozen=True)
class Removal:
    """What removing a catalog would do. ``source``: what it can be built of again; empty where that is unknown.

    ``notes``: what could not be removed, once it is.
    """

    name: str
    title: str
    source: str
    n_bytes: int
    n_verdicts: int
    n_cases: int = 0
    n_query_sets: int = 0
    notes: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """For people, before they agree."""
        again = f" It can be built again from {self.source}." if self.source else ""
        verdicts = (
            f" What people said of its results ({self.n_verdicts:,}) is kept in {open_verdicts(self.name).path}."
            if self.n_verdicts
            else ""
        )
        own = ["libraries", "thumbnails", "evaluations"]
        own += [f"the {count(self.n_query_sets, 'query set', 'query sets')}"] if self.n_query_sets else []
        own += [f"the {count(self.n_cases, 'case', 'cases')} of its report"] if self.n_cases else []
        return (
            f"“{self.title}” will be removed from this machine: its {', '.join(own[:-1])} and {own[-1]} "
            f"({self.n_bytes / 1e6:.1f} MB). Its pictures are not touched.{again}{verdicts}"
        )


def removal(name: str) -> Removal:
    """What removing a catalog would do.

    Raises:
        UnknownNameError: there is none of this name.
        StoreError: it is the demo, or its verdicts cannot be read.
    """
    if name == DEMO:
        raise StoreError("The demo comes with the program and cannot be removed.")
    if name not in catalog_names(with_unfinished=True):
        raise UnknownNameError(f"There is no catalog {name!r}. The catalogs are: {', '.join(catalog_names())}.")
    folder = home() / name
    try:
        manifest = read_manifest(folder)
        title, source = manifest.title, "" if manifest.part_of else manifest.source_path
    except StoreError:  # damaged, or never complete
        status = read_status(name)
        title, source = name, status.request.source if status else ""
    n_query_sets = len(folders_with(folder / QUERIES, MANIFEST))
    return Removal(name, title, source, _size(folder), len(open_verdicts(name).all()), _n_cases(name), n_query_sets)


@dataclass(frozen=True)
class MethodRemoval:
    """What taking a method from a catalog would do.

    ``also``: the titles of the methods that fuse it and go with it. ``is_imported``: it cannot be built again.
    """

    catalog: str
    method: str
    title: str
    also: tuple[str, ...]
    is_imported: bool

    @property
    def sentence(self) -> str:
        """For people, before they agree."""
        also = f", with {' and '.join(self.also)}, made of it" if self.also else ""
        again = (
            " To have it again, its vectors must be imported again." if self.is_imported else " A build makes it again."
        )
        return f"{self.title} will be removed from “{self.catalog}”{also}: its vectors and evaluations.{again}"


def method_removal(catalog: str, method: str) -> MethodRemoval:
    """What taking a method from a catalog would do.

    Raises:
        UnknownNameError: there is no such catalog, or it does not have the method as its own.
        StoreError: damaged.
    """
    store = open_store(catalog)
    refuse_to_drop(store, method)
    fingerprints = {
        name: entry.fingerprint for name, entry in (store.manifest.libraries | store.manifest.incomplete).items()
    }
    is_import = method in fingerprints and is_imported(fingerprints[method])
    return MethodRemoval(catalog, method, _title(method), tuple(map(_title, made_of(store, method))), is_import)


def _title(method: str) -> str:
    return encoder_spec(method).title if is_method(method) else method


def remove_method(what: MethodRemoval) -> tuple[str, ...]:
    """Take a method from a catalog; an imported one that no catalog has any longer is forgotten.

    Returns:
        What could not be removed: indexes that are kept elsewhere.

    Raises:
        StoreError: the catalog is being built, or cannot be written.
    """
    before = _indexes(what.catalog)
    drop_library(what.catalog, what.method)
    left = _indexes(what.catalog)
    notes = drop_elsewhere(what.catalog, {name: entry for name, entry in before.items() if name not in left})
    if what.is_imported and not any(what.method in _imported_into(name) for name in catalog_names()):
        with contextlib.suppress(OSError):
            imported.forget(what.method)
    return notes


def _indexes(name: str) -> dict[str, IndexEntry]:
    """Those of a catalog's last state; none where that cannot be read."""
    try:
        return read_manifest(home() / name).indexes
    except StoreError:  # the shipped demo, or damaged
        return {}


def _imported_into(name: str) -> set[str]:
    try:
        manifest = read_manifest(home() / name)
    except StoreError:  # the shipped demo, or damaged: mending it means importing again
        return set()
    return {*manifest.libraries, *manifest.incomplete}


def queries_removal(catalog: str, name: str) -> str:
    """What removing a query set would do, for people, before they agree.

    Raises:
        UnknownNameError: there is no such catalog or query set.
        StoreError: the query set comes with the program.
    """
    store = open_store(catalog)
    if name not in query_sets(store):
        open_queries(store, name)  # says which there are
    if not (home() / store.name / QUERIES / name / MANIFEST).is_file():
        raise StoreError(f"The query set “{name}” comes with the program and cannot be removed.")
    return f"The query set “{name}” will be removed from “{catalog}”: its vectors and evaluations, not its pictures."


def remove_queries(catalog: str, name: str) -> None:
    """Delete a query set's vectors, thumbnails and evaluations; its pictures stay. One that is shipped is as it was.

    Raises:
        UnknownNameError, StoreError: as ``queries_removal``; or it is being encoded, or cannot be deleted.
    """
    queries_removal(catalog, name)
    with _not_building(home() / catalog / QUERIES / name) as folder:
        saved.forget(saved.folder_of(catalog), Protocol.of_queries(name))  # first: who is stopped here can go on
        _delete(folder)


def _n_cases(name: str) -> int:
    """How many cases its report has; a damaged list, which nobody can read, is none."""
    try:
        return len(open_cases(name).all())
    except StoreError:
        return 0


def _size(folder: Path) -> int:
    """Bytes of all files; a build may take some away while they are counted."""
    size = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            size += path.stat().st_size if path.is_file() else 0
    return size


def remove(name: str) -> Removal:
    """Delete a catalog's libraries, thumbnails, evaluations and cases; its source and its verdicts stay.

    Raises:
        UnknownNameError, StoreError: as ``removal``; or it is being built; or files cannot be deleted.
    """
    what = removal(name)
    with _not_building(home() / name) as folder, contextlib.ExitStack() as idle:
        for other in (*(folder / QUERIES).glob("*/"), *folder.glob(f"{REST}/")):
            idle.enter_context(_not_building(other))
        indexes = _indexes(name)
        _delete(folder)
    return replace(what, notes=drop_elsewhere(name, indexes))


def dismiss(name: str) -> None:
    """Forget the newest build of a catalog, which failed; one that was never complete is removed.

    Raises:
        StoreError: it is being built, or files cannot be deleted.
    """
    with _not_building(home() / name) as folder:
        if name == DEMO or (folder / MANIFEST).is_file():
            for trace in TRACES:
                (folder / trace).unlink(missing_ok=True)
        else:
            _delete(folder)


@contextlib.contextmanager
def _not_building(folder: Path) -> Iterator[Path]:
    """Keeps builds of a catalog away, and says so if one is under way."""
    try:
        with alone(folder):
            yield folder
    except OSError as error:
        raise StoreError(f"{folder} cannot be removed: {error.strerror or error}.") from error
    with contextlib.suppress(OSError):  # something else is in it, or another build has begun
        if not any(path.name != LOCK for path in folder.iterdir()):
            (folder / LOCK).unlink()
            folder.rmdir()


def _delete(folder: Path) -> None:
    (folder / MANIFEST).unlink(missing_ok=True)  # first: from now on there is no such catalog
    for own in _OWN_FOLDERS:
        if (folder / own).is_dir():
            shutil.rmtree(folder / own)
    files = [path for pattern in _OWN for path in folder.glob(pattern) if path.is_file() and path.name != LOCK]
    for path in sorted(set(files), key=lambda path: path.suffix == ".json"):  # last: by those a folder is known
        path.unlink(missing_ok=True)
