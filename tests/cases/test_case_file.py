"""The file of cases: what is kept, in what order, by several people at once, and when it is damaged."""

import json
import multiprocessing
from pathlib import Path

import pytest
from filelock import FileLock

from fashion_search.cases import case_file, open_cases
from fashion_search.cases.case_file import CaseList
from fashion_search.cases.model import Case, CaseItem, Results
from fashion_search.errors import StoreError
from fashion_search.store import Store
from tests.cases import made


@pytest.fixture
def kept(home: Path) -> CaseList:
    """A list without cases, of the demo."""
    return open_cases("demo")


def comments(cases: CaseList) -> list[str]:
    return [case.comment for case in cases.all()]


def with_cases(cases: CaseList, *comments: str) -> list[str]:
    """Add a case for each comment; their ids."""
    made_cases = [made.of_rows(made.row("A", "+-"), comment=comment) for comment in comments]
    for number, case in enumerate(made_cases, start=1):
        assert cases.add(case) == number
    return [case.id for case in made_cases]


def test_cases_are_kept_as_they_were_seen(built: Store, home: Path) -> None:
    picture = Case(
        "Search", Results(CaseItem("", "Mine", webp=b"RIFF\x00\xff"), (), ()), made.CONDITIONS, comment="ünï\n✓"
    )
    cases = [made.of_item(built, "7", "histogram"), made.figures(), picture, made.of_rows(made.row("A", "+-?"))]
    for case in cases:
        open_cases("shop").add(case)
    assert open_cases("shop").all() == tuple(cases)
    assert open_cases("shop").path == home / "shop/cases.json"
    assert open_cases("demo").all() == ()


def test_reading_creates_nothing(kept: CaseList, home: Path) -> None:
    assert kept.all() == ()
    assert not home.exists()


def test_cases_are_commented_moved_and_removed(kept: CaseList) -> None:
    first, second, third = with_cases(kept, "a", "b", "c")
    kept.comment(second, " B\n")
    kept.move(first, 1)
    assert comments(kept) == ["B", "a", "c"]
    kept.move(third, -5)
    kept.move(second, 9)
    assert comments(kept) == ["c", "a", "B"]
    kept.remove(first, third)
    assert comments(kept) == ["B"]
    before = kept.path.read_bytes()
    kept.remove(first)  # another session was faster
    kept.move(first, 1)
    kept.comment(first, "gone")
    assert kept.path.read_bytes() == before


def test_a_comment_that_is_too_long_changes_nothing(kept: CaseList) -> None:
    [case] = with_cases(kept, "a")
    with pytest.raises(ValueError, match="2,001 characters"):
        kept.comment(case, "x" * 2_001)
    assert comments(kept) == ["a"]


def test_there_is_a_most(kept: CaseList, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_file, "MOST", 2)
    first, _ = with_cases(kept, "a", "b")
    with pytest.raises(StoreError, match=r"has 2 cases, which is the most\. Remove some"):
        kept.add(made.figures())
    kept.remove(first)
    assert kept.add(made.figures()) == 2


def test_a_removed_catalog_takes_no_cases(home: Path) -> None:
    with pytest.raises(StoreError, match="There is no catalog 'shop' any more"):
        open_cases("shop").add(made.figures())
    assert not (home / "shop").exists()


def add_many(person: int) -> None:
    for number in range(8):
        open_cases("demo").add(made.of_rows(comment=f"{person}/{number}"))


@pytest.mark.slow
def test_several_processes_lose_nothing(kept: CaseList) -> None:
    context = multiprocessing.get_context("spawn")
    people = [context.Process(target=add_many, args=(person,)) for person in range(3)]
    for process in people:
        process.start()
    for process in people:
        process.join()
    assert sorted(comments(kept)) == sorted(f"{person}/{number}" for person in range(3) for number in range(8))


def test_a_file_in_use_for_too_long_is_said(kept: CaseList, monkeypatch: pytest.MonkeyPatch) -> None:
    with_cases(kept, "a")
    monkeypatch.setattr(case_file, "_PATIENCE", 0.05)
    with FileLock(kept.path.parent / ".cases.lock"), pytest.raises(StoreError, match=r"in use by others .* Try again"):
        kept.add(made.figures())


def truncated(text: str) -> str:
    return text[:-20]


def altered(text: str) -> str:
    return text.replace("item 0", "item 9")


def newer(text: str) -> str:
    return json.dumps(json.loads(text) | {"format": 2})


def a_list(text: str) -> str:
    return "[]"


def unmarked(text: str) -> str:
    return "{}"


def with_more(text: str) -> str:
    """A field that is unknown here, with a checksum that fits."""
    outer = json.loads(text)
    outer["cases"][0]["stars"] = 5
    return json.dumps(outer | {"checksum": case_file._checksum(outer["cases"])})


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (truncated, "is damaged"),
        (altered, "its checksum does not match its content"),
        (newer, "is of format 2, and this version reads 1"),
        (a_list, "is damaged"),
        (unmarked, "is damaged"),
        (with_more, "unknown field `stars`"),
    ],
)
def test_a_damaged_or_unknown_file_is_named_and_left_as_it_is(kept: CaseList, harm, reason: str) -> None:
    [case] = with_cases(kept, "a")
    kept.path.write_text(harm(kept.path.read_text("utf-8")), "utf-8")
    before = kept.path.read_bytes()
    uses = [kept.all, lambda: kept.add(made.figures()), lambda: kept.comment(case, "b")]
    uses += [lambda: kept.move(case, 1), lambda: kept.remove(case)]
    for use in uses:
        with pytest.raises(StoreError, match=r"cases\.json is .*left as it is") as raised:
            use()
        assert reason in str(raised.value)
        assert "\n" not in str(raised.value)
    assert kept.path.read_bytes() == before


def test_a_place_that_cannot_be_read_or_written_gives_the_reason(
    kept: CaseList, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with_cases(kept, "a")
    with monkeypatch.context() as patch:
        patch.setattr(case_file, "write_atomically", refuse)
        with pytest.raises(StoreError, match=r"No space left on device\. Free some space"):
            kept.add(made.figures())
    assert comments(kept) == ["a"]
    kept.path.unlink()
    kept.path.mkdir()
    with pytest.raises(StoreError, match=r"cannot be read or written: Is a directory"):
        kept.all()


FIRST_VERSIONS_FILE = Path(__file__).with_name("cases-of-format-1.json")


def test_files_of_the_first_version_are_read(kept: CaseList) -> None:
    kept.path.parent.mkdir(parents=True)
    kept.path.write_bytes(FIRST_VERSIONS_FILE.read_bytes())
    results, figures = kept.all()
    assert (results.comment, results.shown.rows[0].results[1].correct) == ("The first is right.", False)
    assert (figures.page, figures.shown.columns) == ("Metrics", ("Method", "P@5", "H@5"))
