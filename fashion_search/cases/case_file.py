"""Where the cases of a catalog's report are kept: in one file in the catalog's folder, for all who use this machine."""

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock, Timeout

from fashion_search.cases.model import Case
from fashion_search.catalog.demo import DEMO
from fashion_search.catalog.text import in_order
from fashion_search.errors import StoreError
from fashion_search.files import write_atomically
from fashion_search.home import home
from fashion_search.manifest import MANIFEST

FILE = "cases.json"
MOST = 200
"""Cases of a report: more than anybody reads, and little enough to be read at each run of a page."""

_FORMAT = 1
_LOCK = ".cases.lock"
_PATIENCE = 30.0  # s that a change waits for those of other people
_Cases = tuple[Case, ...]


@dataclass(frozen=True)
class CaseList:
    """The cases for the report on one catalog, in their order; the first case creates the file ``path``.

    Any number of threads and processes may change it: each change reads and replaces the file under a lock. A change
    of a case that is gone changes nothing.

    Every operation raises ``StoreError`` if the file is damaged, of another version, or cannot be read or written. It
    is left as it is then.
    """

    path: Path

    def all(self) -> _Cases:
        """Every case. Reading creates no file."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise self._no_access(error) from error
        return self._read(data)

    def add(self, case: Case) -> int:
        """Put a case at the end; returns its number, from 1.

        Raises:
            StoreError: also where there are ``MOST`` already, or the catalog was removed.
        """
        cases = self._change(lambda cases: (*cases, case))
        return len(cases)

    def comment(self, case_id: str, comment: str) -> None:
        """Replace what is said of a case.

        Raises:
            ValueError: it is too long.
        """
        self._change(lambda cases: tuple(_commented(case, case_id, comment) for case in cases))

    def move(self, case_id: str, places: int) -> None:
        """Move a case down the list, or up by a negative number, as far as it goes."""

        def moved(cases: _Cases) -> _Cases:
            found = next((place for place, case in enumerate(cases) if case.id == case_id), None)
            if found is None:
                return cases
            others = [case for case in cases if case.id != case_id]
            others.insert(max(found + places, 0), cases[found])
            return tuple(others)

        self._change(moved)

    def remove(self, *case_ids: str) -> None:
        """Take cases off the list."""
        self._change(lambda cases: tuple(case for case in cases if case.id not in case_ids))

    def _change(self, change: Callable[[_Cases], _Cases]) -> _Cases:
        with self._alone():
            before = self.all()
            after = change(before)
            if len(after) > max(MOST, len(before)):
                raise StoreError(f"The report has {MOST} cases, which is the most. Remove some under Metrics, Report.")
            if after != before:
                self._write(after)
        return after

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        folder = self.path.parent
        try:
            if folder == home() / DEMO:
                folder.mkdir(parents=True, exist_ok=True)
            elif not (folder / MANIFEST).is_file():
                raise StoreError(f"There is no catalog {folder.name!r} any more, so its report takes no cases.")
            with FileLock(folder / _LOCK, timeout=_PATIENCE):
                yield
        except Timeout as error:
            raise StoreError(f"{self.path} is in use by others just now. Try again.") from error
        except OSError as error:
            raise self._no_access(error) from error

    def _write(self, cases: _Cases) -> None:
        content = msgspec.to_builtins(cases)
        data = msgspec.json.encode({"format": _FORMAT, "checksum": _checksum(content), "cases": content})
        write_atomically(self.path, lambda file: file.write(msgspec.json.format(data, indent=1)))

    def _read(self, data: bytes) -> _Cases:
        keep = "it was left as it is. Move it elsewhere to begin a new list"
        try:
            outer = msgspec.json.decode(data)
            if outer["format"] != _FORMAT:
                raise StoreError(
                    f"{self.path} is of format {outer['format']!r}, and this version reads {_FORMAT}; {keep}, or use "
                    "the version of the program that wrote it."
                )
            if outer["checksum"] != _checksum(outer["cases"]):
                raise StoreError(f"{self.path} is damaged (its checksum does not match its content); {keep}.")
            return msgspec.convert(outer["cases"], _Cases)
        except (msgspec.MsgspecError, ValueError, KeyError, TypeError) as error:
            raise StoreError(f"{self.path} is damaged ({error}); {keep}.") from error

    def _no_access(self, error: OSError) -> StoreError:
        return StoreError(
            f"The cases of the report in {self.path} cannot be read or written: {error.strerror or error}. Free some "
            "space or grant access there, then try again."
        )


def open_cases(catalog_name: str) -> CaseList:
    """The cases for the report on a catalog; there need not be any yet."""
    return CaseList(home() / catalog_name / FILE)


def _commented(case: Case, case_id: str, comment: str) -> Case:
    return msgspec.structs.replace(case, comment=in_order(comment).strip()) if case.id == case_id else case


def _checksum(content: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()
