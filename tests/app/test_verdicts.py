"""People's verdicts on results: given in the dialog of a result, listed, withdrawn, exported and imported."""

from pathlib import Path
from typing import Any

import pytest

from fashion_search.evaluation.verdict_file import open_verdicts
from fashion_search.evaluation.verdicts import VerdictKind
from tests.app import screen, shops, truth

CASE = "1030"


def cases(**params: str) -> screen.AppTest:
    return screen.opened("Failures", catalog=shops.CATALOG, case=CASE, **params)


def listed() -> screen.AppTest:
    return screen.opened("Failures", catalog=shops.CATALOG, view="verdicts")


def judged(app: screen.AppTest, method: str, place: int, button: str) -> screen.AppTest:
    """Enlarge a result and press a button of its dialog."""
    app.button(key=f"why-{method}-{place}").click().run()
    app.button(key=f"why-{method}-{place}").click()  # without a browser, a dialog stays open only if asked again
    return screen.ran(app.button(key=button).click().run())


def kept() -> list[tuple[VerdictKind, str, str, str]]:
    return [(one.kind, one.item, one.other, one.method) for one in open_verdicts(shops.CATALOG).all()]


def first_wrong(folder: Path, method: str, query: str = CASE) -> tuple[int, str]:
    """Place and id of a method's best wrong result."""
    right = truth.labels(folder)
    ranked = truth.ranking(folder, method, query)
    return next((place, item) for place, item in enumerate(ranked) if right[item] != right[query])


@pytest.mark.parametrize("page", ["Failures", ""])
def test_a_wrong_result_can_be_accepted_and_that_withdrawn(trial: Path, page: str) -> None:
    place, item = first_wrong(trial, "histogram")
    where = {"case": CASE} if page else {"query": CASE}
    app = screen.opened(page, catalog=shops.CATALOG, **where)
    judged(app, "histogram", place, "verdict-accept")
    assert kept() == [(VerdictKind.ACCEPTABLE, *sorted([CASE, item]), "histogram")]

    judged(app, "histogram", place, "verdict-unaccept")
    assert kept() == []


def test_a_label_can_be_called_wrong_and_that_withdrawn(trial: Path) -> None:
    place, item = first_wrong(trial, "resnet18")
    app = cases()
    judged(app, "resnet18", place, "verdict-wrong")
    assert kept() == [(VerdictKind.WRONG_LABEL, item, "", "resnet18")]

    judged(app, "resnet18", place, "verdict-unwrong")
    assert kept() == []


def test_a_correct_result_need_not_be_accepted(trial: Path) -> None:
    right = truth.labels(trial)
    place = next(
        place for place, item in enumerate(truth.ranking(trial, "resnet18", CASE)) if right[item] == right[CASE]
    )
    app = cases()
    screen.ran(app.button(key=f"why-resnet18-{place}").click().run())

    offered = [button.key for button in app.button if (button.key or "").startswith("verdict-")]
    assert offered == ["verdict-wrong"]


def precision(folder: Path, method: str, accepted: set[frozenset[str]], removed: set[str]) -> float:
    """Mean Precision@5 with verdicts, by hand."""
    right = truth.labels(folder)
    scores = []
    for query in right.keys() - removed:
        relevant = [
            right[item] == right[query] or frozenset((query, item)) in accepted
            for item in truth.ranking(folder, method, query, removed)
        ]
        if any(relevant):
            scores.append(sum(relevant[:5]) / 5)
    return sum(scores) / len(scores)


def test_figures_are_shown_with_and_without_verdicts(trial: Path, downloads: dict[str, str]) -> None:
    without = table_1()
    accepted = set()
    for query in ("1030", "1031", "1085"):
        item = first_wrong(trial, "histogram", query)[1]
        open_verdicts(shops.CATALOG).accept(query, item, "histogram")
        accepted.add(frozenset((query, item)))
    removed = {"1000", "1004"}
    for item in removed:
        open_verdicts(shops.CATALOG).mark_wrong_label(item)

    assert table_1() == without
    app = screen.opened("Metrics", catalog=shops.CATALOG, verdicts="1")
    n = len(truth.labels(trial)) - len(removed)
    assert f"{n} queries" in screen.text(app)
    assert "3 pairs accepted, 2 wrong labels left out" in screen.text(app)
    lines = downloads[f"{shops.CATALOG}-table-1.csv"].splitlines()
    for method in ("histogram", "resnet18"):
        [line] = [line.split(",") for line in lines if f",{method}," in line and ",Precision@5," in line]
        assert float(line[lines[0].split(",").index("mean per query")]) == pytest.approx(
            precision(trial, method, accepted, removed)
        )
        assert line[lines[0].split(",").index("verdicts")] == "applied"


def table_1() -> list[dict[str, object]]:
    return screen.table(screen.opened("Metrics", catalog=shops.CATALOG), "table-1")


def test_a_case_shows_an_accepted_result_as_correct_where_verdicts_count(trial: Path) -> None:
    place, item = first_wrong(trial, "histogram")
    open_verdicts(shops.CATALOG).accept(CASE, item, "histogram")

    assert screen.results(cases(), "histogram")[place].badge == "incorrect"
    with_verdicts = screen.results(cases(verdicts="1"), "histogram")
    assert with_verdicts[place].badge == "correct"
    open_verdicts(shops.CATALOG).mark_wrong_label(item)
    assert item not in [card.item_id for card in screen.results(cases(verdicts="1"), "histogram")]
    gone = screen.opened("Failures", catalog=shops.CATALOG, case=item, verdicts="1")
    assert f"Item {item} was marked as wrongly labelled; another case is shown." in screen.complaints(gone)
    assert screen.query_id(gone) != item


@pytest.mark.usefixtures("trial")
def test_judging_one_methods_results_alone_is_warned_of() -> None:
    verdicts = open_verdicts(shops.CATALOG)
    verdicts.accept("1000", "1030", "histogram")
    verdicts.accept("1001", "1031", "histogram")
    said = screen.complaints(listed())
    assert len(said) == 1
    assert "RGB histogram" in said[0]

    verdicts.accept("1002", "1032", "resnet18")
    assert screen.complaints(listed()) == []


@pytest.mark.usefixtures("trial")
def test_verdicts_are_listed_and_can_be_withdrawn_one_by_one() -> None:
    verdicts = open_verdicts(shops.CATALOG)
    verdicts.accept("1000", "1030", "histogram")
    verdicts.mark_wrong_label("1040", "resnet18")
    verdicts.mark_wrong_label("no-longer-there", "a-method-of-the-future")
    app = listed()
    assert "1 pair accepted, 2 labels marked wrong" in screen.text(app)
    assert "no-longer-there (not here)" in screen.all_html(app)

    screen.ran(withdraw(app, "1040").click().run())
    assert {item for _, item, _, _ in kept()} == {"1000", "no-longer-there"}
    screen.ran(withdraw(app, "1000").click().run())
    screen.ran(withdraw(app, "no-longer-there").click().run())
    assert kept() == []
    assert "There are no verdicts yet" in screen.text(app)


def withdraw(app: screen.AppTest, item: str) -> Any:
    """The button that withdraws the verdict on an item."""
    place = next(place for place, one in enumerate(open_verdicts(shops.CATALOG).all()) if one.item == item)
    return [button for button in app.button if (button.key or "").startswith("withdraw-")][place]  # the newest first


@pytest.mark.usefixtures("trial")
def test_an_export_can_be_imported_again(downloads: dict[str, str]) -> None:
    verdicts = open_verdicts(shops.CATALOG)
    verdicts.accept("1000", "1030", "histogram")
    verdicts.mark_wrong_label("elsewhere")
    listed()
    exported, before = downloads[f"{shops.CATALOG}-verdicts.csv"], kept()
    for verdict in verdicts.all():
        verdicts.withdraw(verdict)
    verdicts.mark_wrong_label("1040")

    app = listed()
    app.file_uploader(key="verdicts-file").upload("mine.csv", exported.encode(), "text/csv").run()
    screen.ran(app.button(key="verdicts-import").click().run())
    assert "2 added, 0 were there before. 1 of the items are not in this catalog." in screen.text(app)
    assert sorted(kept()) == sorted([*before, (VerdictKind.WRONG_LABEL, "1040", "", "")])


@pytest.mark.parametrize("data", [b"", b"hello", b"\xff\xfe\x00", b'kind,item,other,method,given\n"acceptable","1"'])
@pytest.mark.usefixtures("trial")
def test_a_file_that_is_no_export_is_refused_in_a_sentence(data: bytes) -> None:
    app = listed()
    app.file_uploader(key="verdicts-file").upload("mine.csv", data, "text/csv").run()
    screen.ran(app.button(key="verdicts-import").click().run())

    assert len(app.error) == 1
    assert "Nothing was imported" in screen.read(app.error[0].value)
    assert kept() == []


@pytest.mark.usefixtures("trial")
def test_a_damaged_file_of_verdicts_is_said_and_everything_else_works() -> None:
    path = open_verdicts(shops.CATALOG).path
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is no database, only text, and more than a hundred bytes of it" * 3)

    for page in ("Metrics", "Failures", ""):
        app = screen.opened(page, catalog=shops.CATALOG, **({"verdicts": "1"} if page else {}))
        assert app.error or not page
        assert all("sqlite" in screen.read(error.value) for error in app.error)
        assert screen.table(app, "table-1") if page == "Metrics" else screen.results(app, "histogram")
    assert listed().error
    app = cases()
    screen.ran(app.button(key="why-histogram-0").click().run())
    assert "sqlite" in screen.read(app.error[-1].value)
    suspects = screen.opened("Failures", catalog=shops.CATALOG, view="suspects")
    assert ["sqlite" in screen.read(error.value) for error in suspects.error] == [True]
    assert not [one for one in suspects.button if (one.key or "").startswith("wrong-")]
    assert suspects.error
    assert path.read_bytes().startswith(b"this is no database")
