"""Names and labels with HTML and Markdown in them are shown as they are written, wherever the pages show them."""

import html
import json
import re

import pytest

from fashion_search.evaluation.verdict_file import open_verdicts
from fashion_search.ui import cards
from tests.app import screen, shops

pytestmark = pytest.mark.usefixtures("trial")

QUERY_WITH_MARKUP = "1100"  # the last item: name and usage hold markup


def assert_only_text(app: screen.AppTest) -> None:
    """The metadata's markup is shown as it is written, and did nothing."""
    assert html.escape(shops.HOSTILE_NAME) in screen.all_html(app)
    assert_no_markup(app)


def assert_no_markup(app: screen.AppTest) -> None:
    """No tag, no handler and no link of the metadata got into the page."""
    drawn = screen.all_html(app)
    for raw in ("<b onmouseover", "<i>Smart"):
        assert raw not in drawn
    assert set(re.findall(r'src="(data|https?|//)', drawn)) <= {"data"}
    for texts in (app.header, app.markdown, app.caption, app.warning, app.error, app.info, app.success):
        for text in texts:
            assert not re.search(r"(?<!\\)\]\(", text.value)
            assert not re.search(r"(?<!\\)(<[a-z]|\*(loud|stars))", text.value)


def test_on_the_query_and_its_results() -> None:
    app = screen.opened(catalog=shops.CATALOG, query=QUERY_WITH_MARKUP, k="20")

    assert_only_text(app)
    assert html.escape(shops.HOSTILE_USAGE) in screen.query_html(app)
    shown = screen.results(app, "histogram") + screen.results(app, "resnet18")
    assert any(("=", shops.HOSTILE_USAGE) in card.labels for card in shown)


def test_an_id_on_the_buttons_of_earlier_queries() -> None:
    hostile = "a](https://example.org/x.png) ![b"
    label = cards.on_button(b"x", f"Item {hostile}")
    assert len(re.findall(r"(?<!\\)\]\(", label)) == 1
    assert "://example" not in label


def test_in_the_dialog_of_a_result() -> None:
    app = screen.opened(catalog=shops.CATALOG, query=QUERY_WITH_MARKUP, k="20", methods="histogram")
    screen.ran(app.button(key="why-histogram-0").click().run())

    assert_only_text(app)


def test_while_picking() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030")
    app.button(key="pick").click().run()
    app.selectbox(key="pick-usage").set_value(shops.HOSTILE_USAGE)
    screen.ran(app.button(key="pick").click().run())

    assert_only_text(app)


def test_on_the_catalog_page() -> None:
    app = screen.opened("Catalog", catalog=shops.CATALOG, group="socks_grey_i_smart_i_loud")

    assert screen.complaints(app) == []
    assert_only_text(app)


VIEWS = [
    ("Metrics", {}),
    ("Metrics", {"cell": "histogram.hit", "order": "best", "page": "10"}),
    ("Metrics", {"view": "breakdown", "at": "socks_grey_i_smart_i_loud"}),
    ("Metrics", {"view": "breakdown", "by": "usage", "at": shops.HOSTILE_USAGE}),
    ("Metrics", {"view": "confusion", "of": "usage", "cell": f"{shops.HOSTILE_USAGE}→{shops.HOSTILE_USAGE}"}),
    ("Metrics", {"view": "map", "at": QUERY_WITH_MARKUP, "colour": "usage"}),
    ("Metrics", {"view": "report"}),
    ("Failures", {"case": QUERY_WITH_MARKUP, "is_usage": shops.HOSTILE_USAGE}),
    ("Failures", {"case": QUERY_WITH_MARKUP, "group": "socks_grey_i_smart_i_loud"}),
    ("Failures", {"view": "suspects", "threshold": "50", "method": "histogram"}),
    ("Failures", {"view": "verdicts"}),
]


@pytest.mark.parametrize(("page", "params"), VIEWS)
def test_on_the_judging_pages(page: str, params: dict[str, str]) -> None:
    kept = open_verdicts(shops.CATALOG)
    kept.accept(QUERY_WITH_MARKUP, shops.HOSTILE_ID, "<b>method</b>")
    kept.mark_wrong_label("<b>gone</b> ![x](https://example.org/x.png)")
    app = screen.opened(page, catalog=shops.CATALOG, **params)

    assert_no_markup(app)
    for drawn in app.get("plotly_chart"):
        for trace in json.loads(drawn.proto.spec)["data"]:  # all but customdata, which is not drawn
            written = json.dumps([trace.get(name) for name in ("name", "text", "x", "y", "hovertext")])
            assert "<b onmouseover" not in written
            assert "<i>" not in written
    shown = screen.all_html(app) + screen.text(app)
    expects_name = "case" in params or "at" in params or params.get("view") == "verdicts"
    assert not expects_name or any(
        escaped in shown for text in (shops.HOSTILE_NAME, shops.HOSTILE_USAGE) for escaped in (html.escape(text), text)
    )


def test_a_report_holds_no_markup_of_the_metadata(downloads: dict[str, str]) -> None:
    app = screen.opened("Metrics", catalog=shops.CATALOG, view="report")
    screen.ran(app.button(key="report-make").click().run())

    [made] = downloads.values()
    for raw in ("<b onmouseover", "<i>Smart"):
        assert raw not in made
