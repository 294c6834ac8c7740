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
from fashion_search.files import checksum_of, is_there
from fashion_search.home import home

_APPLICATION = 0x46537664  # "FSvd": SQLite keeps it in the header, so that a foreign database is known as one
_EARLIER, _FORMAT = 1, 2  # the earlier one has neither names nor checksums; the first write gives it those
_PATIENCE = 30.0  # s that an operation waits for those of other people
_SCHEMA = f"""
CREATE TABLE verdict (
    kind TEXT NOT NULL, item TEXT NOT NULL, other TEXT NOT NULL, method TEXT NOT NULL, given TEXT NOT NULL,
    said_by TEXT NOT NULL DEFAULT '', checksum TEXT NOT NULL, UNIQUE (kind, item, other)
);
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_FORMAT};
"""
_INSERT = "INSERT INTO verdict VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_READ = "SELECT kind, item, other, method, given, {} FROM verdict"
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
            is_current = _version(connection) == _FORMAT
            rows = connection.execute(_READ.format("said_by, checksum" if is_current else "'', ''")).fetchall()
            try:
                verdicts = [read_fields(fields) for *fields, _ in rows]
            except ValueError as error:
                raise self._damaged(str(error)) from error
            if is_current and any(checksum_of(fields) != checksum for *fields, checksum in rows):
                raise self._damaged("a verdict is not as it was written")
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
            connection.execute(_INSERT, _row(verdict))
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
                connection.executemany(_INSERT, [_row(verdict) for verdict in verdicts])
                added = connection.total_changes - before
        named = {item for verdict in verdicts for item in (verdict.item, verdict.other) if item}
        unknown = sorted((item for item in named if item not in catalog), key=sort_key)
        return ImportSummary(added, len(verdicts) - added, tuple(unknown))

    def _exists(self) -> bool:
        try:
            return is_there(self.path)
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
            elif _version(connection) == _EARLIER:  # in the same transaction: all of it is done, or nothing
                _bring_up_to_date(connection)
            yield connection

    @contextlib.contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        """One transaction on the file; it is committed unless an error leaves the block."""
        try:
            with contextlib.closing(_connect(self.path)) as connection:  # closing without a commit rolls back
                connection.execute(begin)
                yield connection
                connection.execute("COMMIT")
        except UnicodeDecodeError as error:  # SQLite's complaint quotes what is damaged
            raise self._damaged("its text is not UTF-8") from error
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
        is_ours = application == _APPLICATION and version in (_EARLIER, _FORMAT)
        if is_ours and _has_checksums(connection) != (version == _FORMAT):
            raise self._damaged("its format is not that of its table")
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


def _row(verdict: Verdict) -> tuple[str, ...]:
    """A verdict as the table has it. SQLite itself does not notice an altered letter, so each row has its checksum."""
    return *verdict.fields, checksum_of(verdict.fields)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _has_checksums(connection: sqlite3.Connection) -> bool:
    return "checksum" in [column for _, column, *_ in connection.execute("PRAGMA table_info(verdict)")]


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Bring the table of an earlier version up to date."""
    rows = connection.execute(_READ.format("'', rowid")).fetchall()
    connection.execute("ALTER TABLE verdict ADD COLUMN said_by TEXT NOT NULL DEFAULT ''")
    connection.execute("ALTER TABLE verdict ADD COLUMN checksum TEXT NOT NULL DEFAULT ''")
    checksums = [(checksum_of(fields), rowid) for *fields, rowid in rows]
    connection.executemany("UPDATE verdict SET checksum = ? WHERE rowid = ?", checksums)
    connection.execute(f"PRAGMA user_version = {_FORMAT}")


def _create(connection: sqlite3.Connection) -> None:
    for statement in _SCHEMA.split(";"):  # executescript would commit first
        connection.execute(statement)


def _empty() -> sqlite3.Connection:
    connection = _connect(":memory:")
    _create(connection)
    return connection
