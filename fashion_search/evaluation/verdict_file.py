"""Where verdicts are kept: per catalog, in one small SQLite file outside the catalog's own folder.

Building a catalog again, or replacing it, leaves them alone.
"""

import contextlib
import datetime
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fashion_search.catalog import Catalog
from fashion_search.catalog.model import sort_key
from fashion_search.errors import StoreError
from fashion_search.evaluation.verdicts import Verdict, VerdictKind, read_csv, read_fields, write_csv
from fashion_search.home import home

_APPLICATION = 0x46537664  # "FSvd": SQLite keeps it in the header, so that a foreign database is known as one
_FORMAT = 2
_BEFORE_NAMES = 1  # the format in which verdicts had no name; the first change brings a file up to date
_PATIENCE = 30.0  # s that an operation waits for those of other people
_SCHEMA = f"""
CREATE TABLE verdict (
    kind TEXT NOT NULL, item TEXT NOT NULL, other TEXT NOT NULL, method TEXT NOT NULL, given TEXT NOT NULL,
    said_by TEXT NOT NULL DEFAULT '',
    UNIQUE (kind, item, other)
);
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_FORMAT};
"""
_INSERT = "INSERT INTO verdict VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_NO_ACCESS = ("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_IOERR", "SQLITE_FULL", "SQLITE_NOLFS")
_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")


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
            name = "said_by" if _version(connection) == _FORMAT else "''"
            rows = connection.execute(f"SELECT kind, item, other, method, given, {name} FROM verdict").fetchall()
            try:
                verdicts = [read_fields(row) for row in rows]
            except ValueError as error:
                raise self._damaged(str(error)) from error
        verdicts.sort(key=lambda verdict: verdict.key)
        return tuple(sorted(verdicts, key=lambda verdict: verdict.given, reverse=True))

    def accept(self, item: str, other: str, method: str = "", by: str = "") -> Verdict:
        """Say that two items are acceptable as each other's results; returns the verdict as it is kept.

        ``by``: who says so.

        Raises:
            ValueError: an id is empty, or both are the same.
        """
        return self._give(Verdict(VerdictKind.ACCEPTABLE, item, other, method, _now(), by))

    def mark_wrong_label(self, item: str, method: str = "", by: str = "") -> Verdict:
        """Say that an item's label is wrong, ``by`` whom; returns the verdict as it is kept."""
        return self._give(Verdict(VerdictKind.WRONG_LABEL, item, "", method, _now(), by))

    def _give(self, verdict: Verdict) -> Verdict:
        with self._writing() as connection:
            connection.execute(_INSERT, verdict.fields)
            kept = connection.execute(
                "SELECT method, given, said_by FROM verdict WHERE kind = ? AND item = ? AND other = ?", verdict.key
            ).fetchone()
        return Verdict(verdict.kind, verdict.item, verdict.other, *kept)

    def withdraw(self, verdict: Verdict) -> None:
        """Take a verdict back, whoever gave it and when; nothing happens if it is not there."""
        if self._exists():
            with self._writing() as connection:
                connection.execute("DELETE FROM verdict WHERE kind = ? AND item = ? AND other = ?", verdict.key)

    def export_csv(self) -> str:
        """Every verdict as CSV with a header, all fields quoted."""
        return write_csv(self.all())

    def import_csv(self, data: str | bytes, catalog: Catalog) -> ImportSummary:
        """Add the verdicts of an exported file to those that are there, all or none.

        Args:
            data: as ``export_csv`` wrote it; bytes are UTF-8, with or without a mark.
            catalog: only to tell which items it does not have.

        Raises:
            SourceError: the file is too large, or a line is not a verdict; nothing was imported.
        """
        verdicts = read_csv(data)
        added = 0
        if verdicts:
            with self._writing() as connection:
                before = connection.total_changes
                connection.executemany(_INSERT, [verdict.fields for verdict in verdicts])
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
            elif _version(connection) == _BEFORE_NAMES:  # in the same transaction: all of it is done, or nothing
                connection.execute("ALTER TABLE verdict ADD COLUMN said_by TEXT NOT NULL DEFAULT ''")
                connection.execute(f"PRAGMA user_version = {_FORMAT}")
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
        version = _version(connection)
        is_ours = application == _APPLICATION and version in (_FORMAT, _BEFORE_NAMES)
        if is_ours or (n_objects, application, version) == (0, 0, 0):
            return bool(n_objects == 0)
        raise StoreError(
            f"{self.path} is not a file of verdicts that this version can read; it was left as it is. "
            "Move it elsewhere, or use the version of the program that wrote it."
        )

    def _no_access(self, reason: str) -> StoreError:
        return StoreError(
            f"The verdicts in {self.path} cannot be read or written: {reason}. "
            "Free some space or grant access there, then try again."
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


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _create(connection: sqlite3.Connection) -> None:
    for statement in _SCHEMA.split(";"):  # executescript would commit first
        connection.execute(statement)


def _empty() -> sqlite3.Connection:
    connection = _connect(":memory:")
    _create(connection)
    return connection
