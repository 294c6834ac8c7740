import multiprocessing
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from fashion_search.errors import SourceError, StoreError
from fashion_search.evaluation import verdict_file as module
from fashion_search.evaluation.verdict_file import ImportSummary, Verdicts, open_verdicts
from fashion_search.evaluation.verdicts import Verdict, VerdictKind
from tests import samples

TIME = "2026-01-31T09:30:00.000+00:00"
HEADER = '"kind","item","other","method","given","by"\n'
BEFORE_NAMES = "kind,item,other,method,given\n"


@pytest.fixture
def given(home: Path) -> Verdicts:
    return open_verdicts("shop")


def acceptable(item: str, other: str, method: str = "") -> Verdict:
    return Verdict(VerdictKind.ACCEPTABLE, item, other, method, TIME)


def wrong(item: str) -> Verdict:
    return Verdict(VerdictKind.WRONG_LABEL, item, "", "", TIME)


def test_verdicts_are_kept_beside_the_catalogs_newest_first(
    given: Verdicts, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day, (item, other) in enumerate([("b", "a"), ("c", "d"), ("e", "")], start=1):
        monkeypatch.setattr(module, "_now", lambda day=day: f"2026-01-0{day}T00:00:00+00:00")
        _ = given.accept(item, other, "resnet18") if other else given.mark_wrong_label(item, "histogram")
    assert given.path == home / "verdicts/shop.sqlite"
    assert [path.name for path in given.path.parent.iterdir()] == ["shop.sqlite"]
    assert open_verdicts("shop").all() == (
        Verdict(VerdictKind.WRONG_LABEL, "e", "", "histogram", "2026-01-03T00:00:00.000+00:00"),
        Verdict(VerdictKind.ACCEPTABLE, "c", "d", "resnet18", "2026-01-02T00:00:00.000+00:00"),
        Verdict(VerdictKind.ACCEPTABLE, "a", "b", "resnet18", "2026-01-01T00:00:00.000+00:00"),
    )
    assert open_verdicts("another").all() == ()


def test_reading_and_withdrawing_create_no_file(given: Verdicts, home: Path) -> None:
    assert given.all() == ()
    given.withdraw(wrong("1"))
    assert given.export_csv() == HEADER
    assert given.import_csv(HEADER, samples.catalog([4])) == ImportSummary(0, 0, ())
    assert not home.exists()


def test_a_verdict_given_again_changes_nothing(given: Verdicts) -> None:
    first = given.accept("1", "2", "resnet18")
    assert given.accept("2", "1", "histogram") == first
    marked = given.mark_wrong_label("1")
    assert given.mark_wrong_label("1", "histogram") == marked
    assert set(given.all()) == {first, marked}


def test_withdrawing_takes_one_verdict_back(given: Verdicts) -> None:
    kept = given.accept("1", "2", "resnet18")
    given.accept("1", "3", "resnet18")
    given.withdraw(acceptable("3", "1"))
    given.withdraw(acceptable("3", "1"))
    assert given.all() == (kept,)


AWKWARD = ['a,"b"', "line\nbreak", "carriage\rreturn", "=1+1", "ünï·✓", " spaced "]


def test_what_is_exported_can_be_imported_again(given: Verdicts) -> None:
    for place, item in enumerate(AWKWARD):
        given.accept(item, f"other {place}", AWKWARD[place - 1])
        given.mark_wrong_label(item)
    before, text = given.all(), given.export_csv()
    for verdict in before:
        given.withdraw(verdict)
    assert given.all() == ()
    assert text.startswith(HEADER)
    summary = given.import_csv(b"\xef\xbb\xbf" + text.encode(), samples.catalog([4]))
    assert (summary.added, summary.known) == (12, 0)
    assert given.all() == before
    assert given.import_csv(text, samples.catalog([4])).known == 12


def test_an_import_adds_to_what_is_there_and_names_items_that_the_catalog_lacks(given: Verdicts) -> None:
    kept = given.accept("1", "2", "resnet18")
    text = (
        f"kind,item,other,method,given\r\nacceptable,2,1,histogram,{TIME}\r\nacceptable,10,9,,{TIME}\r\n\r\n"
        f"acceptable,9,10,,{TIME}\r\nwrong label,0,,,{TIME}\r\n"
    )
    assert given.import_csv(text, samples.catalog([4])) == ImportSummary(added=2, known=2, unknown_items=("9", "10"))
    assert set(given.all()) == {kept, acceptable("10", "9"), wrong("0")}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("acceptable,1,2,m", "Line 4 is not a verdict: it has 4 fields instead of 5"),
        (f"good,1,2,m,{TIME}", "Line 4 is not a verdict: 'good' is neither 'acceptable' nor 'wrong label'"),
        (f"acceptable,1,1,m,{TIME}", "Line 4 is not a verdict: .* both are '1'"),
        (f"acceptable,1,,m,{TIME}", "Line 4 is not a verdict: .* needs a second item"),
        (f"wrong label,1,2,m,{TIME}", "Line 4 is not a verdict: .* one item"),
        ("acceptable,1,2,m,31.1.2026", "Line 4 is not a verdict: '31.1.2026' is not a time such as"),
        ('acceptable,"1"2,2,m', "Line 4 is not a verdict: "),
        ('acceptable,1,2,m,"', "Line 4 is not a verdict: unexpected end of data"),
        (f"acceptable,{'1' * 200_000},2,m,{TIME}", "Line 4 is not a verdict: field larger"),
    ],
)
def test_an_import_with_a_malformed_line_changes_nothing(given: Verdicts, line: str, reason: str) -> None:
    kept = given.accept("1", "2", "m")
    text = f'{BEFORE_NAMES}acceptable,"7\n7",8,m,{TIME}\n{line}\n'
    with pytest.raises(SourceError, match=reason) as raised:
        given.import_csv(text, samples.catalog([4]))
    assert "Nothing was imported. " in str(raised.value)
    assert given.all() == (kept,)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "Line 1 is not a verdict: the columns must be kind,item,other,method,given"),
        (b"kind;item;other;method;given\n", "the columns must be kind,item,other,method,given"),
        (HEADER.encode() + b'"wrong label","caf\xe9","","",""\n', "Line 2 is not UTF-8 text"),
        (HEADER.encode() + b"\n" * 5_000_000, "The file has 5.0 MB; .* at most 5 MB"),
        (b"PK\x03\x04\xff\x00", "not UTF-8 text"),
    ],
)
def test_a_file_that_is_no_export_is_refused(given: Verdicts, data: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        given.import_csv(data, samples.catalog([4]))
    assert not given.path.exists()


def give_many(person: int, count: int) -> None:
    """What one process does; every process also says one same thing each time."""
    for number in range(count):
        open_verdicts("shop").accept(f"{person}", f"other {number}", "resnet18")
        open_verdicts("shop").mark_wrong_label("7")


@pytest.mark.slow
def test_several_processes_lose_nothing(given: Verdicts) -> None:
    context = multiprocessing.get_context("spawn")
    people = [context.Process(target=give_many, args=(person, 25)) for person in range(4)]
    for process in people:
        process.start()
    for process in people:
        process.join()
    assert [process.exitcode for process in people] == [0] * 4
    pairs = {(one.item, one.other) for one in given.all() if one.kind is VerdictKind.ACCEPTABLE}
    assert pairs == {(f"{person}", f"other {number}") for person in range(4) for number in range(25)}
    assert len(given.all()) == 101


def test_a_writer_that_dies_midway_leaves_what_was_there(given: Verdicts) -> None:
    kept = given.accept("1", "2", "m")
    program = (
        "import os, sys; from pathlib import Path; from fashion_search.evaluation.verdict_file import *\n"
        "with Verdicts(Path(sys.argv[1]))._writing() as connection:\n"
        "    connection.execute('PRAGMA cache_size = 1')\n"
        "    for n in range(5000):\n"
        "        row = ('k', n, 'x', '', '', '', '')\n"
        "        connection.execute('INSERT INTO verdict VALUES (?, ?, ?, ?, ?, ?, ?)', row)\n"
        "    os._exit(3)"
    )
    assert subprocess.run([sys.executable, "-c", program, given.path], check=False).returncode == 3
    assert given.path.with_name("shop.sqlite-journal").exists()  # the mark of a crash
    assert given.all() == (kept,)


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 5000)


def overwritten(path: Path) -> None:
    path.write_bytes(b"not a database " * 1000)


def altered(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data.replace(b"item 11", b"item 99", 1))  # in the table or in its index


def no_text(path: Path) -> None:
    """In the schema: SQLite's complaint quotes it and is no text either."""
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE", b"CREAT\xe6 TABLE", 1))


def invented(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE verdict SET given = 'yesterday'")
    connection.close()


def foreign(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE verdict (kind, item, other, method, given)")
    connection.close()


def newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 3")
    connection.close()


@pytest.mark.parametrize("harm", [truncated, overwritten, altered, no_text, foreign, newer, invented])
def test_a_damaged_or_foreign_file_is_named_and_left_as_it_is(given: Verdicts, harm: object) -> None:
    for number in range(100):
        given.accept(f"item {number}", "another", "resnet18")
    harm(given.path)
    before = given.path.read_bytes()
    uses = [given.all, given.export_csv]
    if harm is not invented:  # one wrong time does not show until it is read
        line = f"{BEFORE_NAMES}wrong label,1,,,{TIME}\n"
        uses += [lambda: given.accept("1", "2"), lambda: given.withdraw(wrong("1"))]
        uses += [lambda: given.mark_wrong_label("1"), lambda: given.import_csv(line, samples.catalog([4]))]
    for use in uses:
        with pytest.raises(StoreError, match=r"shop\.sqlite is .* left as it is\. Move it elsewhere"):
            use()
    assert given.path.read_bytes() == before


def test_a_file_that_cannot_be_written_gives_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("FASHION_SEARCH_HOME", str(tmp_path / "file"))
    with pytest.raises(StoreError, match=r"shop\.sqlite cannot be read or written: Not a directory\. Free some space"):
        open_verdicts("shop").accept("1", "2")
    assert open_verdicts("shop").all() == ()


def test_a_folder_in_the_files_place_gives_the_reason(given: Verdicts) -> None:
    given.path.mkdir(parents=True)
    with pytest.raises(StoreError, match="cannot be read or written: unable to open database file"):
        given.all()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions do not bind root")
def test_a_folder_that_is_read_only_can_be_read(given: Verdicts) -> None:
    kept = given.accept("1", "2")
    given.path.parent.chmod(0o555)
    try:
        assert given.all() == (kept,)
        with pytest.raises(StoreError, match="cannot be read or written"):
            given.accept("1", "3")
    finally:
        given.path.parent.chmod(0o755)


def test_a_file_in_use_for_too_long_is_an_error(given: Verdicts, monkeypatch: pytest.MonkeyPatch) -> None:
    given.accept("1", "2")
    monkeypatch.setattr(module, "_PATIENCE", 0.05)
    with given._writing(), pytest.raises(StoreError, match=r"is in use by others just now\. Try again\."):
        given.accept("1", "3")


FIRST_VERSIONS_FILE = """
CREATE TABLE verdict (
    kind TEXT NOT NULL, item TEXT NOT NULL, other TEXT NOT NULL, method TEXT NOT NULL, given TEXT NOT NULL,
    UNIQUE (kind, item, other)
);
PRAGMA application_id = 1179874916;
PRAGMA user_version = 1;
INSERT INTO verdict VALUES ('acceptable', '1163', '1164', 'resnet18', '2026-01-31T09:30:00.000+00:00');
INSERT INTO verdict VALUES ('wrong label', 'ünï', '', '', '2026-01-30T09:30:00.000+00:00');
"""


def write_file(path: Path, statements: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    connection.executescript(statements)
    connection.close()


def test_files_of_the_first_version_are_read_and_added_to(given: Verdicts) -> None:
    write_file(given.path, FIRST_VERSIONS_FILE)
    first = (
        Verdict(VerdictKind.ACCEPTABLE, "1163", "1164", "resnet18", TIME),
        Verdict(VerdictKind.WRONG_LABEL, "ünï", "", "", "2026-01-30T09:30:00.000+00:00"),
    )
    assert given.all() == first
    added = given.accept("7", "8", "fashion", "Ada")
    assert given.all() == (added, *first)
    assert [verdict.by for verdict in given.all()] == ["Ada", "", ""]
    given.withdraw(first[0])
    assert given.all() == (added, first[1])


def test_who_said_it_is_kept_exported_and_imported(given: Verdicts) -> None:
    one = given.accept("1", "2", "resnet18", by="Ada  Lovelace\n\u202e")
    other = given.mark_wrong_label("3", by="x" * 100)
    assert (one.by, other.by) == ("Ada Lovelace", "x" * 40)
    assert given.accept("2", "1", by="another").by == "Ada Lovelace"  # who said it first
    text, before = given.export_csv(), given.all()
    for verdict in before:
        given.withdraw(verdict)
    given.import_csv(text, samples.catalog([4]))
    assert given.all() == before


def test_a_line_with_a_name_under_a_header_without_is_refused(given: Verdicts) -> None:
    with pytest.raises(SourceError, match="Line 2 is not a verdict: it has 6 fields instead of 5"):
        given.import_csv(f"{BEFORE_NAMES}acceptable,1,2,m,{TIME},Ada\n", samples.catalog([4]))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("item = x'00ff' WHERE kind = 'wrong label'", "Expected `str`, got `bytes` - at `$.item`"),
        ("kind = 'good'", "'good' is neither 'acceptable' nor 'wrong label'"),
        ("other = ''", "an acceptable pair needs a second item"),
    ],
)
def test_a_row_that_is_no_verdict_is_said(given: Verdicts, change: str, reason: str) -> None:
    write_file(given.path, FIRST_VERSIONS_FILE + f"UPDATE verdict SET {change};")
    with pytest.raises(StoreError) as raised:
        given.all()
    assert reason in str(raised.value)
