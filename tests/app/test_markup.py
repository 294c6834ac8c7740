"""Names and labels with HTML and Markdown in them are shown as they are written, wherever the pages show them."""

import html
import re

import pytest

from tests.app import screen, shops

pytestmark = pytest.mark.usefixtures("trial")

QUERY_WITH_MARKUP = "1100"  # the last item: name and usage hold markup


def assert_only_text(app: screen.AppTest) -> None:
    """No tag, no handler and no link of the metadata got into the page."""
    drawn = screen.all_html(app)
    assert html.escape(shops.HOSTILE_NAME) in drawn
    for raw in ("<b onmouseover", "<i>Smart"):
        assert raw not in drawn
    assert set(re.findall(r'src="(data|https?|//)', drawn)) == {"data"}
    for texts in (app.markdown, app.caption, app.warning, app.error, app.info, app.success):
        for text in texts:
            assert not re.search(r"(?<!\\)\]\(", text.value)


def test_on_the_query_and_its_results() -> None:
    app = screen.opened(catalog=shops.CATALOG, query=QUERY_WITH_MARKUP, k="20")

    assert_only_text(app)
    assert html.escape(shops.HOSTILE_USAGE) in screen.query_html(app)
    shown = screen.results(app, "histogram") + screen.results(app, "resnet18")
    assert any(("=", shops.HOSTILE_USAGE) in card.labels for card in shown)


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
