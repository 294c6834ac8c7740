"""All pages, in Chromium: links straight to them, phones, and the dark scheme."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.app import shops
from tests.browser.conftest import PHONE, Server, keep

Opener = Callable[..., Page]
PAGES = {
    "": "Find similar fashion items",
    "Metrics": "How often is each method right?",
    "Failures": "Where do methods fail, and why?",
    "Catalog": "What is in the catalog?",
    "Training": "How well do methods learn?",
}
DRAWN = ".fs-picture img, .js-plotly-plot .bars path, .js-plotly-plot .scatter path, .stCode code"
"""What is the last to stand on a page: pictures, charts, or the command where there is no run yet."""


@pytest.mark.parametrize("name", list(PAGES))
def test_a_link_straight_to_a_page_works_on_a_fresh_server(fresh_server: Server, open_page: Opener, name: str) -> None:
    page = open_page(fresh_server.url(name, catalog=shops.CATALOG))

    expect(page.get_by_role("heading", name=PAGES[name], exact=True)).to_be_visible()
    expect(page.get_by_test_id("stSidebar").get_by_role("combobox", name="Catalog")).to_have_value("trial-shop")
    expect(page.get_by_test_id("stAlert")).to_have_count(int(name == "Training"))  # there is no run yet, it says


def test_the_metrics_page_draws_table_and_chart(server: Server, open_page: Opener) -> None:
    page = open_page(server.url("Metrics"))

    expect(page.get_by_test_id("stDataFrame").locator("canvas").first).to_be_visible()
    expect(page.locator(".js-plotly-plot .bars path").first).to_be_visible()
    keep(page, "metrics")


def test_the_catalog_page_draws_its_groups(server: Server, open_page: Opener) -> None:
    page = open_page(server.url("Catalog"))

    expect(page.locator(".js-plotly-plot .bars path").first).to_be_visible()
    expect(page.locator(".fs-picture img").first).to_be_visible()
    keep(page, "catalog")


def test_an_item_of_the_catalog_page_becomes_the_query(server: Server, open_page: Opener) -> None:
    page = open_page(server.url("Catalog", catalog=shops.CATALOG, group="caps_blue_casual"))
    title = page.locator('[class*="st-key-card-group-"] .fs-name').first.get_attribute("title") or ""
    page.locator('[class*="st-key-card-group-"]').first.get_by_role("link", name="Search with this").click()

    expect(page.get_by_role("heading", name=PAGES[""], exact=True)).to_be_visible()
    item = title.rsplit("(", 1)[1].rstrip(")")
    expect(page.locator(".fs-query .fs-note")).to_have_text(f"Item {item}")
    expect(page).to_have_url(re.compile(rf"catalog={shops.CATALOG}&query={item}"))


def test_the_sidebar_leads_to_every_page_and_back_to_the_same_search(server: Server, open_page: Opener) -> None:
    page = open_page(server.url(catalog=shops.CATALOG, query="1030", k="3"))
    sidebar = page.get_by_test_id("stSidebar")
    for name in ("Metrics", "Failures", "Catalog", "Training"):
        sidebar.get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", name=PAGES[name], exact=True)).to_be_visible()
        expect(page).to_have_url(re.compile(f"catalog={shops.CATALOG}"))
    sidebar.get_by_role("link", name="Search").click()

    expect(page.locator(".fs-query .fs-note")).to_have_text("Item 1030")
    expect(page.locator(".st-key-results-histogram .fs-card")).to_have_count(3)


@pytest.mark.parametrize("name", list(PAGES))
def test_on_a_phone_nothing_is_wider_than_the_screen(server: Server, open_page: Opener, name: str) -> None:
    page = open_page(server.url(name), size=PHONE)
    expect(page.locator(DRAWN).first).to_be_visible()

    for selector in ("html", '[data-testid="stMain"]'):
        overflow = page.locator(selector).evaluate("element => element.scrollWidth - element.clientWidth")
        assert overflow <= 0, selector
    keep(page, f"{name.lower() or 'search'}-phone")


def brightness(page: Page, selector: str, what: str) -> float:
    """Of a computed colour, 0 to 255."""
    colour = page.locator(selector).first.evaluate(f"element => getComputedStyle(element).{what}")
    red, green, blue = (float(number) for number in re.findall(r"[\d.]+", colour)[:3])
    return 0.299 * red + 0.587 * green + 0.114 * blue


@pytest.mark.parametrize("name", list(PAGES))
def test_in_the_dark_scheme_text_is_light_on_dark(server: Server, open_page: Opener, name: str) -> None:
    page = open_page(server.url(name), scheme="dark")
    expect(page.locator(DRAWN).first).to_be_visible()

    assert brightness(page, '[data-testid="stApp"]', "backgroundColor") < 60
    for selector in ("h1", '[data-testid="stCaptionContainer"] p', ".fs-name, .fs-query-name, .stMarkdown p"):
        assert brightness(page, selector, "color") > 150, selector
    keep(page, f"{name.lower() or 'search'}-dark")


def test_cards_of_several_lines_are_equal(server: Server, open_page: Opener) -> None:
    page = open_page(server.url("Catalog", catalog=shops.CATALOG, group="scarves_pink_formal"))
    found = page.locator('[class*="st-key-card-group-"]')
    expect(found).to_have_count(20)
    boxes = [box for place in range(20) if (box := found.nth(place).bounding_box())]

    assert len(boxes) == 20
    assert len({round(box["y"]) for box in boxes}) > 1
    assert len({(round(box["width"]), round(box["height"])) for box in boxes}) == 1
