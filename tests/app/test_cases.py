"""Cases for the report: added on three pages, listed, commented, put in order, removed and saved as PowerPoint."""

import sys
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
import streamlit as st
from pptx import Presentation

from fashion_search.cases import Case, open_cases
from fashion_search.cases.model import Findings, Results
from fashion_search.evaluation import robustness, saved
from fashion_search.evaluation.verdict_file import open_verdicts
from fashion_search.images import open_image
from fashion_search.store import open_store
from fashion_search.ui import add_case
from tests import samples
from tests.app import screen, shops, steps
from tests.builds import build
from tests.cases import made


def kept() -> tuple[Case, ...]:
    return open_cases(shops.CATALOG).all()


def box(app: screen.AppTest) -> str:
    """The label of the button that opens the box."""
    [found] = [one.proto.popover.label for one in app.main.get("popover")]
    return str(found)


def added(app: screen.AppTest, comment: str = "") -> screen.AppTest:
    """Write a comment and add what the page shows."""
    if comment:
        [area] = [one for one in app.text_area if (one.key or "").startswith("case-comment-")]
        area.set_value(comment)
    return screen.ran(app.button(key="case-add").click().run())


def report(**params: str) -> screen.AppTest:
    return screen.opened("Metrics", catalog=shops.CATALOG, view="report", **params)


@pytest.mark.usefixtures("trial")
def test_a_search_is_added_as_it_is_seen() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030", k="7", methods="resnet18,histogram")
    assert box(app) == "Add to the report"
    added(app, "  Mind the first row.\n")

    [case] = kept()
    assert (case.page, case.comment) == ("Search", "Mind the first row.")
    assert case.link == {"catalog": "trial", "query": "1030", "k": "7", "methods": "resnet18,histogram"}
    assert case.conditions.sentence.endswith("Leave-one-out · k = 7 · without verdicts")
    assert isinstance(case.shown, Results)
    assert case.shown.query.item == "1030"
    assert [row.method for row in case.shown.rows] == ["resnet18", "histogram"]
    for row in case.shown.rows:
        cards = screen.results(app, row.method)
        assert [one.item for one in row.results] == [card.item_id for card in cards]
        assert [one.badge[2:] for one in row.results] == [card.badge for card in cards]
        assert [one.score for one in row.results] == pytest.approx([card.score for card in cards], abs=6e-4)
    assert box(app) == "Add to the report · 1"
    assert [one.value for one in app.toast] == ["Added: case 1 of the report"]
    assert next(one for one in app.text_area if (one.key or "").startswith("case-comment-")).value == ""


@pytest.mark.usefixtures("trial")
def test_a_filter_is_among_the_conditions_and_in_the_link() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030", where="article_type=Caps")
    added(app)
    [case] = kept()
    assert "only items whose article type is Caps" in case.conditions.sentence
    again = screen.opened(**case.link)
    shown = [card.item_id for card in screen.results(again, case.shown.rows[0].method)]
    assert shown == [one.item for one in case.shown.rows[0].results]


@pytest.mark.usefixtures("trial")
def test_the_same_is_added_once() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030")
    added(app)
    added(app, "again")
    assert "Case 1 of the report shows just this. Change its comment there." in screen.text(app)
    assert [case.comment for case in kept()] == [""]
    added(screen.opened(catalog=shops.CATALOG, query="1031"))
    assert len(kept()) == 2


@pytest.mark.usefixtures("trial", "weights")
def test_a_brought_picture_is_kept_small_and_has_no_link() -> None:
    app = screen.opened(catalog=shops.CATALOG, methods="histogram")
    steps.uploaded(app, samples.encoded(samples.noise(3, (900, 600))))
    added(app, "My own.")

    [case] = kept()
    assert (case.link, case.shown.query.item) == ({}, "")
    assert open_image(case.shown.query.webp).size == (480, 320)
    assert {one.correct for one in case.shown.rows[0].results} == {None}
    app = report()
    assert "What RGB histogram finds for" in screen.all_html(app)
    assert not screen.linked(app, "See it again")


@pytest.mark.usefixtures("trial")
def test_a_failure_is_added_with_its_verdicts_and_link() -> None:
    verdicts = open_verdicts(shops.CATALOG)
    verdicts.mark_wrong_label("1040")
    app = screen.opened("Failures", catalog=shops.CATALOG, case="1030", k="10", verdicts="1")
    added(app)
    [case] = kept()
    assert case.page == "Failures"
    pair = {"a": "histogram", "b": "resnet18"}
    assert case.link == {"catalog": "trial", "case": "1030", "k": "10", "verdicts": "1", **pair}
    assert "people’s verdicts applied (0 pairs accepted, 1 wrong label left out)" in case.conditions.sentence
    assert [row.method for row in case.shown.rows] == ["histogram", "resnet18"]
    for row in case.shown.rows:
        assert [one.item for one in row.results] == [card.item_id for card in screen.results(app, row.method)]


@pytest.mark.usefixtures("trial")
def test_the_first_failure_has_a_link_too() -> None:
    app = screen.opened("Failures", catalog=shops.CATALOG)
    added(app)
    link = kept()[0].link
    assert link == {"catalog": "trial", "case": screen.query_id(app), "a": "histogram", "b": "resnet18"}
    again = screen.opened("Failures", **link)
    assert screen.query_id(again) == link["case"]
    assert screen.methods_shown(again) == ["histogram", "resnet18"]


@pytest.mark.usefixtures("trial")
def test_table_1_is_added_with_its_findings() -> None:
    app = screen.opened("Metrics", catalog=shops.CATALOG, k="10")
    added(app, "In figures.")
    [case] = kept()
    assert isinstance(case.shown, Findings)
    assert (case.page, case.link) == ("Metrics", {"catalog": "trial", "k": "10"})
    assert case.shown.headline == screen.subheads(app)[0]
    assert case.conditions.k == 10
    table = screen.table(app, "table-1")
    assert list(case.shown.columns) == list(table[0])
    lines = [list(line) for line in case.shown.lines]
    assert lines == [[str(value) for value in row.values()] for row in table]


@pytest.mark.parametrize(
    "params", [{"by": "base_colour", "sort": "value"}, {"verdicts": "1", "protocol": "one-per-group"}]
)
@pytest.mark.usefixtures("trial")
def test_a_breakdown_is_added_as_its_first_lines(params: dict[str, str]) -> None:
    open_verdicts(shops.CATALOG).mark_wrong_label("1040")
    app = screen.opened("Metrics", catalog=shops.CATALOG, view="breakdown", **params)
    added(app)
    [case] = kept()
    assert case.shown.headline == screen.subheads(app)[0]
    table = screen.table(app, "parts")
    assert list(case.shown.columns) == list(table[0])
    assert [line[0] for line in case.shown.lines] == [row[case.shown.columns[0]] for row in table]
    assert [line[1] for line in case.shown.lines] == [str(row["Queries"]) for row in table]
    assert case.link == {"catalog": "trial", "view": "breakdown", **params}
    assert case.conditions.protocol == "Leave-one-out"  # whatever the protocol at the left
    assert bool(case.conditions.verdicts) == ("verdicts" in params)


@pytest.mark.usefixtures("trial")
def test_of_a_long_table_the_first_lines_are_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(add_case, "_MOST_LINES", 4)
    added(screen.opened("Metrics", catalog=shops.CATALOG, view="breakdown"))
    [case] = kept()
    assert len(case.shown.lines) == 4
    assert case.shown.sentences[-1] == "The first 4 of 15 lines."


@pytest.mark.slow
@pytest.mark.usefixtures("trial")
def test_robustness_is_added_under_its_own_conditions() -> None:
    assert robustness.measure(open_store(shops.CATALOG), ["histogram"], saved.folder_of(shops.CATALOG)) == {}
    app = screen.opened(
        "Metrics", catalog=shops.CATALOG, view="robustness", protocol="one-per-group", where="article_type=Caps"
    )
    added(app)
    [case] = kept()
    assert case.shown.headline == screen.subheads(app)[0]
    assert (case.conditions.protocol, case.conditions.verdicts) == ("Leave-one-out", "")
    assert case.shown.columns == ("Query pictures", "RGB histogram")
    assert len(case.shown.lines) == len(robustness.TITLES)


def with_cases(*comments: str) -> list[str]:
    """Cases with these comments; their ids."""
    cases = [made.of_rows(made.row("Fake", "+-"), comment=comment) for comment in comments]
    for case in cases:
        open_cases(shops.CATALOG).add(case)
    return [case.id for case in cases]


@pytest.mark.usefixtures("trial")
def test_cases_are_commented_put_in_order_and_removed() -> None:
    first, second, third = with_cases("a", "b", "c")
    app = report()
    assert "3 cases in the report" in screen.text(app)
    assert app.button(key=f"case-up-{first}").disabled
    assert app.button(key=f"case-down-{third}").disabled

    screen.ran(app.button(key=f"case-down-{first}").click().run())
    screen.ran(app.text_area(key=f"case-said-{third}").set_value("C").run())
    assert [case.comment for case in kept()] == ["b", "a", "C"]
    screen.ran(app.button(key=f"case-remove-{second}").click().run())
    assert [case.comment for case in kept()] == ["a", "C"]
    assert [app.text_area(key=f"case-said-{one}").value for one in (first, third)] == ["a", "C"]
    assert "2 cases in the report" in screen.text(app)


@pytest.mark.usefixtures("trial")
def test_what_another_session_does_is_seen() -> None:
    [case] = with_cases("a")
    app = report()
    open_cases(shops.CATALOG).comment(case, "theirs")
    screen.ran(app.run())
    assert app.text_area(key=f"case-said-{case}").value == "theirs"
    open_cases(shops.CATALOG).remove(case)
    screen.ran(app.button(key=f"case-remove-{case}").click().run())
    assert "0 cases in the report" in screen.text(app)
    assert "“Add to the report” on Search, Failures and Metrics" in screen.text(app)


@pytest.mark.usefixtures("trial")
def test_a_case_leads_back_to_where_it_was_seen() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030", k="7")
    added(app)
    [link] = screen.linked(report(), "See it again")
    again = screen.opened(**link)
    assert screen.query_id(again) == "1030"
    assert len(screen.results(again, "histogram")) == 7


@pytest.mark.usefixtures("trial")
def test_many_cases_are_shown_in_parts() -> None:
    ids = with_cases(*map(str, range(12)))
    app = report()
    shown = [one.key for one in app.text_area if (one.key or "").startswith("case-said-")]
    assert shown == [f"case-said-{one}" for one in ids[:10]]
    app.session_state["cases-page"] = 2
    screen.ran(app.run())
    shown = [one.key for one in app.text_area if (one.key or "").startswith("case-said-")]
    assert shown == [f"case-said-{one}" for one in ids[10:]]
    assert not app.button(key=f"case-up-{ids[10]}").disabled


@pytest.mark.usefixtures("trial")
def test_slides_and_report_hold_the_cases(downloads: dict[str, str]) -> None:
    with_cases("Mind <b>this</b>.")
    app = report()
    assert "fs-verdict" in screen.all_html(app)
    deck = Presentation(BytesIO(downloads["trial-cases.pptx"]))
    assert [slide.shapes.title.text_frame.text for slide in deck.slides][1:] == ["Fake finds 1 of 2 correct"]
    screen.ran(app.button(key="report-make").click().run())
    assert "Mind &lt;b&gt;this&lt;/b&gt;." in downloads["trial-report.html"]

    [case] = kept()
    screen.ran(app.text_area(key=f"case-said-{case.id}").set_value("Another word.").run())
    assert app.button(key="report-make")  # what was made is not this any more
    screen.ran(app.button(key="report-make").click().run())
    assert "Another word." in downloads["trial-report.html"]


@pytest.mark.usefixtures("trial")
def test_without_python_pptx_the_page_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with_cases("a")
    monkeypatch.setitem(sys.modules, "pptx", None)
    app = report()
    assert "pip install python-pptx" in screen.text(app)
    assert not [one for one in app.get("download_button") if "PowerPoint" in one.proto.label]


@pytest.mark.parametrize("page", ["", "Failures", "Metrics"])
def test_a_damaged_list_is_said_and_everything_else_works(trial: Path, page: str) -> None:
    (trial / "cases.json").write_text("{}")
    app = screen.opened(page, catalog=shops.CATALOG)
    assert ["cases.json is damaged" in screen.read(error.value) for error in app.error] == [True]
    assert screen.table(app, "table-1") if page == "Metrics" else screen.results(app, "histogram")
    listed = report()
    assert "cases.json is damaged" in screen.read(listed.error[0].value)
    screen.ran(listed.button(key="report-make").click().run())
    assert all("cases.json is damaged" in screen.read(error.value) for error in listed.error)
    assert (trial / "cases.json").read_text() == "{}"


@pytest.mark.usefixtures("trial")
def test_text_of_a_case_is_never_interpreted() -> None:
    row = msgspec.structs.replace(made.row(shops.HOSTILE_NAME, "+"), facts=(shops.HOSTILE_NAME,))
    case = made.of_rows(row, comment=shops.HOSTILE_NAME)
    open_cases(shops.CATALOG).add(case)
    html = screen.all_html(report())
    assert "onmouseover=&quot;alert(1)&quot;" in html
    assert '<b onmouseover="alert(1)">' not in html


def test_cases_of_a_catalog_without_labels_are_listed_too(tmp_path: Path) -> None:
    samples.write_folder(tmp_path / "bare", {f"{n}.png": samples.encoded(samples.noise(n)) for n in range(6)})
    build(tmp_path / "bare", name="bare", methods=["histogram"])
    st.cache_resource.clear()
    none = screen.opened("Metrics", catalog="bare")
    assert "in the report" not in screen.text(none)
    app = screen.opened(catalog="bare")
    added(app, "Plain.")
    [case] = open_cases("bare").all()
    assert case.headline.startswith("What RGB histogram finds for")
    assert "style group" not in case.conditions.sentence
    listed = screen.opened("Metrics", catalog="bare")
    assert "1 case in the report" in screen.text(listed)
    assert [one.proto.label for one in listed.get("download_button")] == ["PowerPoint · 1 slide"]
