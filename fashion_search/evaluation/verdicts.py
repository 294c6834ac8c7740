"""What people said about results: pairs that are acceptable after all, items whose label is wrong.

Verdicts are kept per catalog, by item id, in one small SQLite file outside the catalog's own folder:
building a catalog again, or replacing it, leaves them alone.
"""

import contextlib
import csv
import datetime
import hashlib
import io
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog import Catalog
from fashion_search.catalog.model import sort_key
from fashion_search.errors import SourceError, StoreError
from fashion_search.home import home

COLUMNS = ("kind", "item", "other", "method", "given")
ONE_SIDED = 0.8  # of the acceptable pairs: more under one method favours it
MOST_BYTES = 5_000_000  # of a file that is imported: some 60,000 verdicts

_APPLICATION = 0x46537664  # "FSvd": SQLite keeps it in the header, so that a foreign database is known as one
_FORMAT = 1
_PATIENCE = 30.0  # s that an operation waits for those of other people
_SCHEMA = f"""
CREATE TABLE verdict (
    kind TEXT NOT NULL, item TEXT NOT NULL, other TEXT NOT NULL, method TEXT NOT NULL, given TEXT NOT NULL,
    UNIQUE (kind, item, other)
);
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_FORMAT};
"""
_INSERT = "INSERT INTO verdict VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_NO_ACCESS = ("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_IOERR", "SQLITE_FULL", "SQLITE_NOLFS")
_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")


class Kind(StrEnum):
    """What a verdict says."""

    ACCEPTABLE = "acceptable"  # the two items count as relevant to each other, for every method
    WRONG_LABEL = "wrong label"  # the item leaves queries and gallery


@dataclass(frozen=True)
class Verdict:
    """One person's word on a pair of items, or on one item.

    ``item`` and ``other`` are item ids; a pair has no order and is kept in the order of text. ``other`` is
    empty for a wrong label. ``method``: under whose results it was given, empty if unknown. ``given``: when,
    ISO 8601 with its offset, kept in UTC to the millisecond.

    Raises:
        ValueError: the fields contradict each other; the message says which and what is expected.
    """

    kind: Kind
    item: str
    other: str
    method: str
    given: str

    def __post_init__(self) -> None:
        if not self.item:
            raise ValueError("there is no item")
        if self.kind is Kind.WRONG_LABEL and self.other:
            raise ValueError(f"a wrong label concerns one item, but there is another: {self.other!r}")
        if self.kind is Kind.ACCEPTABLE and not self.other:
            raise ValueError("an acceptable pair needs a second item")
        if self.kind is Kind.ACCEPTABLE and self.other == self.item:
            raise ValueError(f"an acceptable pair needs two items, but both are {self.item!r}")
        if self.kind is Kind.ACCEPTABLE and self.other < self.item:
            first, second = self.other, self.item
            object.__setattr__(self, "item", first)
            object.__setattr__(self, "other", second)
        object.__setattr__(self, "given", _in_utc(self.given))

    @property
    def _key(self) -> tuple[str, str, str]:
        return self.kind.value, self.item, self.other

    @property
    def _fields(self) -> tuple[str, str, str, str, str]:
        return *self._key, self.method, self.given


def _in_utc(given: str) -> str:
    """The same time in one form, so that the order of text is the order of time."""
    try:
        time = datetime.datetime.fromisoformat(given)
        if time.tzinfo is None:
            raise ValueError
        return time.astimezone(datetime.UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError):
        raise ValueError(f"{given!r} is not a time such as 2025-01-31T09:30:00+00:00") from None


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True)
class ImportSummary:
    """What an import did. ``unknown_items``: ids that the catalog does not have, in the order of ids.

    Verdicts on such ids are kept: the catalog may be another build. They have no effect until it has the item.
    """

    added: int
    known: int
    unknown_items: tuple[str, ...]


@dataclass(frozen=True)
class Verdicts:
    """The verdicts on one catalog, in the SQLite file ``path``, which the first verdict creates.

    Any number of threads and processes may use the same file: each operation opens a connection of its own
    and is one short transaction; giving a verdict again changes nothing. The journal is SQLite's ordinary
    one, since its write-ahead log needs shared memory, which network disks do not offer.

    Every operation raises ``StoreError`` if the file is damaged, foreign, stays busy, or cannot be read or
    written. A damaged or foreign file is never changed.
    """

    path: Path

    def all(self) -> tuple[Verdict, ...]:
        """Every verdict, the newest first. Reading creates no file."""
        with self._reading() as connection:
            rows = connection.execute("SELECT kind, item, other, method, given FROM verdict").fetchall()
            try:
                verdicts = [Verdict(Kind(kind), *rest) for kind, *rest in rows]
            except (ValueError, TypeError) as error:
                raise self._damaged(str(error)) from error
        verdicts.sort(key=lambda verdict: verdict._key)
        return tuple(sorted(verdicts, key=lambda verdict: verdict.given, reverse=True))

    def accept(self, item: str, other: str, method: str = "") -> Verdict:
        """Say that two items are acceptable as each other's results; returns the verdict as it is kept.

        Raises:
            ValueError: an id is empty, or both are the same.
        """
        return self._give(Verdict(Kind.ACCEPTABLE, item, other, method, _now()))

    def mark_wrong_label(self, item: str, method: str = "") -> Verdict:
        """Say that an item's label is wrong; returns the verdict as it is kept."""
        return self._give(Verdict(Kind.WRONG_LABEL, item, "", method, _now()))

    def _give(self, verdict: Verdict) -> Verdict:
        with self._writing() as connection:
            connection.execute(_INSERT, verdict._fields)
            method, given = connection.execute(
                "SELECT method, given FROM verdict WHERE kind = ? AND item = ? AND other = ?", verdict._key
            ).fetchone()
        return Verdict(verdict.kind, verdict.item, verdict.other, method, given)

    def withdraw(self, verdict: Verdict) -> None:
        """Take a verdict back, whoever gave it and when; nothing happens if it is not there."""
        if self._exists():
            with self._writing() as connection:
                connection.execute("DELETE FROM verdict WHERE kind = ? AND item = ? AND other = ?", verdict._key)

    def export_csv(self) -> str:
        """Every verdict as CSV with a header, all fields quoted."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(COLUMNS)
        writer.writerows(verdict._fields for verdict in self.all())
        return text.getvalue()

    def import_csv(self, data: str | bytes, catalog: Catalog) -> ImportSummary:
        """Add the verdicts of an exported file to those that are there, all or none.

        Args:
            data: as ``export_csv`` wrote it; bytes are UTF-8, with or without a mark.
            catalog: only to tell which items it does not have.

        Raises:
            SourceError: the file is too large, or a line is not a verdict; nothing was imported.
        """
        verdicts = _read_csv(data)
        added = 0
        if verdicts:
            with self._writing() as connection:
                before = connection.total_changes
                connection.executemany(_INSERT, [verdict._fields for verdict in verdicts])
                added = connection.total_changes - before
        named = {item for verdict in verdicts for item in (verdict.item, verdict.other) if item}
        unknown = sorted((item for item in named if item not in catalog), key=sort_key)
        return ImportSummary(added, len(verdicts) - added, tuple(unknown))

    def _exists(self) -> bool:
        try:
            return self.path.exists()
        except OSError as error:
            raise self._no_access(error.strerror or str(error)) from error

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        if not self._exists():
            with contextlib.closing(_empty()) as connection:
                yield connection
            return
        with self._transaction("BEGIN") as connection:
            if self._is_new(connection):  # another process is about to write its first verdict
                with contextlib.closing(_empty()) as empty:
                    yield empty
            else:
                yield connection

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._no_access(error.strerror or str(error)) from error
        with self._transaction("BEGIN IMMEDIATE") as connection:  # two who read first and then write would block
            if self._is_new(connection):
                _create(connection)
            yield connection

    @contextlib.contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        """One transaction on the file; it is committed unless an error leaves the block."""
        try:
            with contextlib.closing(_connect(self.path)) as connection:  # closing without a commit rolls back
                connection.execute(begin)
                yield connection
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "")
            if name.startswith(_BUSY):
                raise StoreError(f"{self.path} is in use by others just now. Try again.") from error
            if name.startswith(_NO_ACCESS):
                raise self._no_access(f"{error}") from error
            raise self._damaged(f"{error}") from error

    def _is_new(self, connection: sqlite3.Connection) -> bool:
        """Whether the file is still empty, after making sure that it is whole and ours."""
        problems = [line for (line,) in connection.execute("PRAGMA integrity_check(1)")]
        if problems != ["ok"]:
            raise self._damaged(problems[0])
        (n_objects,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if (application, version) == (_APPLICATION, _FORMAT) or (n_objects, application, version) == (0, 0, 0):
            return bool(n_objects == 0)
        raise StoreError(
            f"{self.path} is not a file of verdicts that this version can read; it was left as it is. "
            "Move it elsewhere, or use the version of the program that wrote it."
        )

    def _no_access(self, reason: str) -> StoreError:
        return StoreError(
            f"The verdicts in {self.path} cannot be read or written: {reason}. "
            "Make room or permission there, then try again."
        )

    def _damaged(self, reason: str) -> StoreError:
        return StoreError(
            f"{self.path} is damaged ({reason}); it was left as it is. Move it elsewhere, then import the verdicts "
            "from your last export."
        )


def open_verdicts(catalog_name: str) -> Verdicts:
    """The verdicts on a catalog; there need not be any yet."""
    return Verdicts(home() / "verdicts" / f"{catalog_name}.sqlite")


def _connect(path: Path | str) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)  # transactions are begun by hand


def _create(connection: sqlite3.Connection) -> None:
    for statement in _SCHEMA.split(";"):  # executescript would commit first
        connection.execute(statement)


def _empty() -> sqlite3.Connection:
    connection = _connect(":memory:")
    _create(connection)
    return connection


def _read_csv(data: str | bytes) -> list[Verdict]:
    """The verdicts of an exported file.

    Raises:
        SourceError: it is too large, or not such a file; the message names the line.
    """
    nothing = "Nothing was imported."
    encoded = data.encode(errors="replace") if isinstance(data, str) else data
    if len(encoded) > MOST_BYTES:
        raise SourceError(
            f"The file has {len(encoded) / 1e6:.1f} MB; verdicts are imported from files of at most "
            f"{MOST_BYTES / 1e6:.0f} MB. {nothing} Split it."
        )
    try:
        text = encoded.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = encoded.count(b"\n", 0, error.start) + 1
        raise SourceError(f"Line {line} is not UTF-8 text. {nothing} Save the file as CSV in UTF-8.") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    verdicts = []
    line = 1
    try:
        if tuple(next(reader, ())) != COLUMNS:
            raise ValueError(f"the columns must be {','.join(COLUMNS)}")
        line = reader.line_num + 1
        for fields in reader:
            if fields:
                verdicts.append(_parse(fields))
            line = reader.line_num + 1  # of the next verdict: an id may hold a line break
    except (ValueError, csv.Error) as error:
        raise SourceError(
            f"Line {line} is not a verdict: {error}. {nothing} Correct the line, or export the verdicts again."
        ) from error
    return verdicts


def _parse(fields: list[str]) -> Verdict:
    if len(fields) != len(COLUMNS):
        raise ValueError(f"it has {len(fields)} fields instead of {len(COLUMNS)}")
    kind, item, other, method, given = fields
    if kind not in tuple(Kind):
        raise ValueError(f"{kind!r} is neither {Kind.ACCEPTABLE.value!r} nor {Kind.WRONG_LABEL.value!r}")
    return Verdict(Kind(kind), item, other, method, given)


@dataclass(frozen=True)
class Applied:
    """What verdicts mean for a catalog's rows.

    ``pairs``: acceptable pairs of rows, shape (p, 2), each once, first < second, in ascending order; without
    those of one style group, which are relevant anyway, and those with a removed row. ``removed``: rows with
    a wrong label, shape (r,), ascending.
    """

    pairs: NDArray[np.intp]
    removed: NDArray[np.intp]

    @property
    def digest(self) -> str:
        """SHA-256 of pairs and removed rows, empty when there are none.

        Rows mean something only together with their catalog: a key needs its fingerprint as well.
        """
        if not len(self.pairs) and not len(self.removed):
            return ""
        sha = hashlib.sha256(f"{len(self.pairs)}/".encode())
        for rows in (self.pairs, self.removed):
            sha.update(np.ascontiguousarray(rows, dtype="<i8").tobytes())
        return sha.hexdigest()

    def accepted_with(self, row: int) -> NDArray[np.intp]:
        """The rows that are acceptable results for an item."""
        first, second = self.pairs.T
        return np.concatenate([second[first == row], first[second == row]])


NO_VERDICTS = Applied(np.empty((0, 2), np.intp), np.empty(0, np.intp))
"""Nobody said anything."""


def apply(verdicts: Iterable[Verdict], catalog: Catalog) -> Applied:
    """Verdicts as rows of a catalog; those on items that it does not have are ignored."""
    pairs: set[tuple[int, int]] = set()
    removed: set[int] = set()
    for verdict in verdicts:
        rows = [catalog.row(item) for item in (verdict.item, verdict.other) if item in catalog]
        if verdict.kind is Kind.WRONG_LABEL:
            removed.update(rows)
        elif len(rows) == 2 and catalog.group_of[rows[0]] != catalog.group_of[rows[1]]:
            pairs.add((min(rows), max(rows)))
    kept = sorted(pair for pair in pairs if removed.isdisjoint(pair))
    return Applied(np.array(kept, dtype=np.intp).reshape(-1, 2), np.array(sorted(removed), dtype=np.intp))


def accepted_by_method(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """How many acceptable pairs were found among each method's results, most first; unknown methods left out."""
    methods = (verdict.method for verdict in verdicts if verdict.kind is Kind.ACCEPTABLE and verdict.method)
    return dict(Counter(methods).most_common())


def favours(verdicts: Iterable[Verdict]) -> str | None:
    """The method under whose results most acceptable pairs (of a known method) were found: ``ONE_SIDED`` or more.

    Its own near misses then count as right, and hardly anybody looked at those of other methods.
    """
    counts = accepted_by_method(verdicts)
    method = next(iter(counts), None)
    return method if method is not None and counts[method] >= ONE_SIDED * sum(counts.values()) else None
