"""Removing a catalog, and dismissing a build that failed."""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from fashion_search.build.status import LOCK, TRACES, read_status
from fashion_search.cases import open_cases
from fashion_search.catalog.demo import DEMO
from fashion_search.errors import StoreError, UnknownNameError
from fashion_search.evaluation.verdict_file import open_verdicts
from fashion_search.evaluation.words import count
from fashion_search.home import home
from fashion_search.manifest import MANIFEST, read_manifest
from fashion_search.store import catalog_names

_OWN = ("*.npy", "*.csv", "*.json", ".*", *TRACES)  # what builds write; a folder may hold other things too
_OWN_FOLDERS = ("unfinished", "evaluations")


@dataclass(frozen=True)
class Removal:
    """What removing a catalog would do. ``source``: what it can be built of again; empty where that is unknown."""

    name: str
    title: str
    source: str
    n_bytes: int
    n_verdicts: int
    n_cases: int = 0

    @property
    def sentence(self) -> str:
        """For people, before they agree."""
        again = f" It can be built again from {self.source}." if self.source else ""
        verdicts = (
            f" What people said of its results ({self.n_verdicts:,}) is kept in {open_verdicts(self.name).path}."
            if self.n_verdicts
            else ""
        )
        own = "libraries, thumbnails and evaluations"
        if self.n_cases:
            own = f"libraries, thumbnails, evaluations and the {count(self.n_cases, 'case', 'cases')} of its report"
        return (
            f"“{self.title}” will be removed from this machine: its {own} "
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
        title, source = manifest.title, manifest.source_path
    except StoreError:  # damaged, or never complete
        status = read_status(name)
        title, source = name, status.request.source if status else ""
    return Removal(name, title, source, _size(folder), len(open_verdicts(name).all()), _n_cases(name))


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
    with _not_building(home() / name) as folder:
        _delete(folder)
    return what


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
    status = read_status(folder.name)
    try:
        if status is not None and status.is_under_way:
            raise Timeout(str(folder / LOCK))
        with FileLock(folder / LOCK, timeout=0):
            yield folder
    except Timeout as error:
        raise StoreError(f"“{folder.name}” is being built. Wait until that is over.") from error
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
    for pattern in _OWN:
        for path in folder.glob(pattern):
            if path.is_file():
                path.unlink()
