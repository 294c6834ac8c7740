"""Metrics and Failures, in Chromium: charts and tables that answer clicks, and links that keep one's place."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from fashion_search.evaluation.verdict_file import open_verdicts
from fashion_search.home import HOME_VARIABLE
from tests.app import shops
from tests.browser.conftest import PHONE, Server, keep, settle

Opener = Callable[..., Page]
VIEWS = {
    "metrics-scores": ("Metrics", {}),
    "metrics-cell": ("Metrics", {"cell": "resnet18.precision"}),
    "metrics-breakdown": ("Metrics", {"view": "breakdown", "at": "caps_blue_casual"}),
    "metrics-confusion": ("Metrics", {"view": "confusion", "cell": "Caps→Ties"}),
    "metrics-map": ("Metrics", {"view": "map", "at": "1030"}),
    "metrics-report": ("Metrics", {"view": "report"}),
    "failures-cases": ("Failures", {"case": "1026"}),
    "failures-suspects": ("Failures", {"view": "suspects"}),
    "failures-verdicts": ("Failures", {"view": "verdicts"}),
}


def address(page: Page) -> dict[str, str]:
    """The parameters in the browser's address."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(page.url).query).items()}


def expect_address(page: Page, **params: str) -> None:
    """The address soon holds these parameters."""
    for name, value in params.items():
        expect(page).to_have_url(re.compile(rf"[?&]{name}={re.escape(value)}(&|$)"))


def bars(page: Page, key: str) -> Locator:
    return page.locator(f'[class*="st-key-{key}"] .bars path')


def box_of(found: Locator) -> FloatRect:
    found.scroll_into_view_if_needed()
    box = found.bounding_box()
    assert box is not None
    return box


def click_middle(page: Page, box: FloatRect) -> None:
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def shown_ids(page: Page) -> list[str]:
    """The items of the query cards behind a figure."""
    links = page.locator('[class*="st-key-card-"] a[href*="query="]')
    return [parse_qs(urlsplit(href).query)["query"][0] for href in links.evaluate_all("all => all.map(a => a.href)")]


@pytest.mark.parametrize("name", list(VIEWS))
def test_on_a_phone_no_view_is_wider_than_the_screen(server: Server, open_page: Opener, name: str) -> None:
    view, params = VIEWS[name]
    page = open_page(server.url(view, catalog=shops.CATALOG, **params), size=PHONE)
    expect(page.get_by_test_id("stException")).to_have_count(0)

    for selector in ("html", '[data-testid="stMain"]'):
        overflow = page.locator(selector).evaluate("element => element.scrollWidth - element.clientWidth")
        assert overflow <= 0, selector
    keep(page, f"{name}-phone")


@pytest.mark.parametrize("name", list(VIEWS))
def test_a_view_survives_a_reload_and_a_copy_to_another_tab(server: Server, open_page: Opener, name: str) -> None:
    view, params = VIEWS[name]
    page = open_page(server.url(view, catalog=shops.CATALOG, k="10", protocol="one-per-group", **params))
    said = words(page)
    before = address(page)
    keep(page, name)
    page.emulate_media(color_scheme="dark")
    keep(page, f"{name}-dark")
    page.reload()
    settle(page)

    assert address(page) == before
    assert words(page) == said
    if name in ("metrics-cell", "failures-cases"):
        other = open_page(page.url)
        assert words(other) == said


def words(page: Page) -> list[str]:
    """What the page says outside its charts, without times."""
    kinds = ("stHeading", "stCaptionContainer", "stMarkdown", "stHtml", "stAlert")
    main = page.get_by_test_id("stMain")
    said = main.locator(", ".join(f'[data-testid="{kind}"]' for kind in kinds)).all_inner_texts()
    assert len(said) > 2
    return [re.sub(r"[\d.]+ ms", "", text) for text in said]


def test_a_bar_of_the_chart_shows_the_queries_behind_it(server: Server, open_page: Opener) -> None:
    page = open_page(server.url("Metrics", catalog=shops.CATALOG))
    click_middle(page, box_of(bars(page, "bars").first))

    expect(page).to_have_url(re.compile(r"cell=histogram\.precision"))
    expect(page.locator('[class*="st-key-card-cell-"]').first.locator("img")).to_be_visible()


def test_a_square_of_the_heat_map_shows_the_pairs_behind_it(server: Server, open_page: Opener) -> None:
    page = open_page(server.url("Metrics", catalog=shops.CATALOG, view="confusion", method="histogram"))
    click_middle(page, box_of(page.locator('[class*="st-key-confusion"] .scatterlayer .point').first))

    expect(page.locator('[class*="st-key-card-confused-"]').first.locator("img").first).to_be_visible()
    assert re.fullmatch(r"\w+→\w+", address(page)["cell"])


def test_a_point_of_the_map_becomes_the_query(server: Server, open_page: Opener) -> None:
    page = open_page(server.url("Metrics", catalog=shops.CATALOG, view="map"))
    plot = page.locator('[class*="st-key-map-histogram"] .js-plotly-plot')
    expect(plot.locator("canvas").first).to_be_attached()
    plot.scroll_into_view_if_needed()
    box = box_of(plot)
    where = plot.evaluate(
        """plot => {
            const x = plot._fullLayout.xaxis, y = plot._fullLayout.yaxis, trace = plot._fullData[0];
            return [x.l2p(trace.x[0]) + x._offset, y.l2p(trace.y[0]) + y._offset];
        }"""
    )
    page.mouse.move(box["x"] + where[0] - 3, box["y"] + where[1])
    page.mouse.move(box["x"] + where[0], box["y"] + where[1])
    page.wait_for_timeout(300)  # Plotly looks for the point under the pointer a moment later
    page.mouse.click(box["x"] + where[0], box["y"] + where[1])

    expect(page).to_have_url(re.compile(r"[?&]at=1\d\d\d"))
    expect(page.locator('[class*="st-key-card-near-resnet18-"]')).to_have_count(5)


def test_an_outcome_of_the_picture_keeps_its_queries(server: Server, open_page: Opener) -> None:
    page = open_page(server.url("Failures", catalog=shops.CATALOG))
    last = bars(page, "outcomes").last  # the topmost: both hit
    click_middle(page, box_of(last))

    expect_address(page, outcome="both")
    expect(page.get_by_text(re.compile(r"Case 1 of"))).to_be_visible()


def click_cell(page: Page, key: str, row: int, column: int) -> None:
    """Click a cell of a table, which is drawn on a canvas; row 0 is the head."""
    box = box_of(page.locator(f'[class*="st-key-{key}"] canvas').first)
    columns = 9  # of about equal width
    page.mouse.click(box["x"] + box["width"] * (column + 0.5) / columns, box["y"] + 35 * row + 17)


def test_from_a_cell_to_its_queries_to_the_search_page_and_back(server: Server, open_page: Opener) -> None:
    page = open_page(server.url("Metrics", catalog=shops.CATALOG))
    click_cell(page, "table-1", row=2, column=2)
    expect(page).to_have_url(re.compile(r"cell=resnet18\.\w+"))
    expect(page.locator('[class*="st-key-card-cell-"]')).to_have_count(10)
    settle(page)
    there, ids = address(page), shown_ids(page)
    page.locator('[class*="st-key-card-cell-"]').nth(1).get_by_role("link", name="Search").click()

    expect(page.get_by_role("heading", name="Find similar fashion items", exact=True)).to_be_visible()
    expect(page.locator(".fs-query .fs-note")).to_have_text(f"Item {address(page)['query']}")
    assert address(page)["query"] in ids
    page.go_back()
    expect(page.get_by_role("heading", name="How often is each method right?", exact=True)).to_be_visible()
    expect(page.locator('[class*="st-key-card-cell-"]')).to_have_count(10)
    settle(page)
    assert address(page) == there
    assert shown_ids(page) == ids


def test_a_row_of_the_breakdown_shows_its_queries_and_back_closes_them(server: Server, open_page: Opener) -> None:
    page = open_page(server.url("Metrics", catalog=shops.CATALOG, view="breakdown", by="article_type", sort="value"))
    box = box_of(page.locator('[class*="st-key-parts"] canvas').first)
    page.mouse.click(box["x"] + 15, box["y"] + 35 + 17)

    expect_address(page, at="Caps")
    expect(page.locator('[class*="st-key-card-part-"]').first.locator("img")).to_be_visible()
    own = page.get_by_test_id("stSidebar").get_by_role("link", name="Metrics")
    expect(own).to_have_attribute("href", re.compile("at=Caps"))
    page.go_back()
    expect(page).not_to_have_url(re.compile("at="))
    expect(page.locator('[class*="st-key-card-part-"]')).to_have_count(0)


def test_the_keys_n_and_p_turn_to_the_next_and_the_previous_case(server: Server, open_page: Opener) -> None:
    page = open_page(server.url("Failures", catalog=shops.CATALOG))
    first = page.locator(".fs-query .fs-note").inner_text()
    page.locator("body").press("n")
    expect(page.get_by_text(re.compile("Case 2 of"))).to_be_visible()
    expect(page.locator(".fs-query .fs-note")).not_to_have_text(first)
    settle(page)
    expect_address(page, case=page.locator(".fs-query .fs-note").inner_text().removeprefix("Item "))

    page.locator("body").press("p")
    expect(page.get_by_text(re.compile("Case 1 of"))).to_be_visible()
    expect(page.locator(".fs-query .fs-note")).to_have_text(first)


def test_a_turned_case_is_drawn_alone_and_links_lead_back_to_it(server: Server, open_page: Opener) -> None:
    page = open_page(server.url("Failures", catalog=shops.CATALOG))
    received: list[bytes] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(bytes(frame))))
    page.reload()
    expect(page.get_by_text(re.compile("Case 1 of"))).to_be_visible()
    settle(page)
    title = b"Where do methods fail, and why?"
    assert title in b"".join(received)
    received.clear()
    page.locator("body").press("n")
    expect(page.get_by_text(re.compile("Case 2 of"))).to_be_visible()
    settle(page)
    assert b"Case 2 of" in b"".join(received)
    assert title not in b"".join(received)

    case = page.locator(".fs-query .fs-note").inner_text().removeprefix("Item ")
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_role("link", name="Failures")).to_have_count(1)
    expect(sidebar.get_by_role("link", name="Failures")).to_have_attribute("href", re.compile(f"case={case}"))
    sidebar.get_by_role("link", name="Metrics").click()
    expect(page.get_by_role("heading", name="How often is each method right?", exact=True)).to_be_visible()
    settle(page)
    sidebar.get_by_role("link", name="Failures").click()
    expect(page.locator(".fs-query .fs-note")).to_have_text(f"Item {case}")


def test_a_turned_case_is_of_the_verdicts_that_were_given_meanwhile(
    fresh_server: Server, open_page: Opener, trial: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(trial.parent))
    page = open_page(fresh_server.url("Failures", catalog=shops.CATALOG, verdicts="1"))
    expect(page.get_by_text(re.compile("Case 1 of"))).to_be_visible()
    settle(page)
    open_verdicts(shops.CATALOG).mark_wrong_label("1030")
    page.locator("body").press("n")
    expect(page.get_by_text("people’s verdicts applied")).to_be_visible()
    open_verdicts(shops.CATALOG).withdraw(open_verdicts(shops.CATALOG).all()[0])


def test_a_verdict_changes_the_figures_that_are_with_verdicts(fresh_server: Server, open_page: Opener) -> None:
    page = open_page(fresh_server.url("Failures", catalog=shops.CATALOG, case="1030"))
    page.locator(".st-key-results-histogram").get_by_role("button", name=", incorrect").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Acceptable").click()
    expect(page.get_by_role("dialog")).to_have_count(0)

    page = open_page(fresh_server.url("Failures", catalog=shops.CATALOG, view="verdicts"))
    expect(page.get_by_role("button", name="Withdraw")).to_have_count(1)
    keep(page, "failures-verdicts-given")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("There are no verdicts yet")).to_be_visible()


def test_hostile_names_draw_nothing(server: Server, open_page: Opener) -> None:
    page = open_page(server.url("Metrics", catalog=shops.CATALOG, view="map", at="1100", colour="usage"))
    expect(page.locator('[class*="st-key-card-near-resnet18-"]')).to_have_count(5)

    assert page.locator("[onmouseover]").count() == 0
    assert "<i>Smart</i>" in unquote(page.get_by_test_id("stMain").inner_text())


def test_a_link_on_a_card_stands_in_line_with_the_buttons(server: Server, open_page: Opener) -> None:
    page = open_page(server.url("Failures", catalog=shops.CATALOG, view="suspects", threshold="90"))
    card = page.locator('[class*="st-key-card-suspect-"]').first
    link, button = box_of(card.get_by_role("link", name="Search")), box_of(card.get_by_role("button").first)

    assert [round(link[side]) for side in ("x", "width", "height")] == [
        round(button[side])  # type: ignore[literal-required]
        for side in ("x", "width", "height")
    ]
    assert 4 <= button["y"] - link["y"] - link["height"] <= 12
