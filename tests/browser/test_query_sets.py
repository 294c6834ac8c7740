"""The demo's customer photos, in Chromium: a person finds them, searches with them, and reads what they cost."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from fashion_search.catalog import Protocol
from fashion_search.evaluation import outside
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.query_store import under
from fashion_search.store import open_store
from tests.browser.conftest import PHONE, Server, keep, settle

Opener = Callable[..., Page]
PHOTOS = Protocol.of_queries("photos")
HERE = {"catalog": "demo", "protocol": str(PHOTOS)}
VIEWS = ("scores", "accuracy", "classification", "breakdown", "confusion", "robustness", "reliability", "map", "report")


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    """What the pages should say of the demo's photos."""
    together = under(open_store("demo"), PHOTOS)
    return Evaluation.of(together, together.methods, PHOTOS)


def address(page: Page) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(page.url).query).items()}


def protocol(page: Page, label: str) -> Locator:
    """The choice at the left."""
    return page.get_by_test_id("stSidebar").get_by_text(label, exact=True)


def expect_results(page: Page, evaluation: Evaluation, query: str) -> None:
    """The query and, in every row, the catalog's items with the badges that its labels call for."""
    expect(page.locator(".fs-query .fs-note")).to_have_text(f"Query {query}")
    ids = [item.id for item in evaluation.store.catalog.items]
    place = evaluation.split.queries.tolist().index(ids.index(query))
    for method in ("histogram", "resnet18", "fashion"):
        rankings = evaluation.rankings_of(method)
        found = page.locator(f".st-key-results-{method} .fs-card")
        said = ["✓ correct" if right else "✕ incorrect" for right in rankings.relevant[place, :5]]
        expect(found.locator(".fs-badge")).to_have_text(said)
        titles = found.locator(".fs-name").evaluate_all("all => all.map(one => one.title)")
        assert [text.rsplit("(", 1)[1].rstrip(")") for text in titles] == [
            ids[row] for row in rankings.rows[place, :5]
        ], method
    settle(page)


def test_photos_are_searched_with_and_what_they_cost_is_read(
    server: Server, open_page: Opener, evaluation: Evaluation
) -> None:
    page = open_page(server.url())
    protocol(page, "Query set photos").click()
    expect(page.locator(".fs-query .fs-note")).to_contain_text("Query photos/")
    assert address(page)["protocol"] == PHOTOS

    wanted = evaluation.store.catalog.items[int(evaluation.split.queries[7])]
    page.get_by_role("button", name="Pick").locator("visible=true").click()
    dialog = page.get_by_role("dialog")
    n_queries = len(evaluation.split.queries)
    expect(dialog.get_by_text(f"{n_queries} of {n_queries} queries")).to_be_visible()
    words = dialog.get_by_label("Search by name or id")
    words.fill(wanted.id)
    words.press("Enter")
    expect(dialog.get_by_role("button", name="Search with this")).to_have_count(1)
    dialog.get_by_role("button", name="Search with this").click()
    expect_results(page, evaluation, wanted.id)
    assert address(page)["query"] == wanted.id
    keep(page, "search-photos")

    page.get_by_test_id("stSidebar").get_by_role("link", name="Metrics").click()
    expect(page.get_by_text("What do pictures from outside cost?")).to_be_visible()
    assert address(page)["protocol"] == PHOTOS
    told = page.get_by_test_id("stMain").get_by_role("listitem").all_inner_texts()
    losses = outside.losses(evaluation, "precision")
    sentences = [loss.sentence(evaluation.titles, "Precision@5") for loss in losses]
    assert [text.replace("\u2060", "") for text in told] == sentences
    keep(page, "metrics-photos")


@pytest.mark.parametrize("query", ["photos/images/shirts_blue_formal_worn.webp"])
def test_a_link_opens_the_same_photo_elsewhere(
    server: Server, open_page: Opener, evaluation: Evaluation, query: str
) -> None:
    page = open_page(server.url(**HERE, query=query))
    expect_results(page, evaluation, query)
    page.reload()
    settle(page)
    expect_results(page, evaluation, query)
    protocol(page, "Leave-one-out").click()
    expect(page.locator(".fs-query .fs-note")).to_contain_text("Item ")
    page.go_back()
    expect_results(page, evaluation, query)


@pytest.mark.parametrize(
    ("name", "view"),
    [("", ""), *(("Metrics", view) for view in VIEWS), ("Methods", ""), ("Failures", ""), ("Catalog", "")],
)
def test_on_a_phone_nothing_of_the_photos_is_cut(server: Server, open_page: Opener, name: str, view: str) -> None:
    page = open_page(server.url(name, **HERE, **({"view": view} if view else {})), size=PHONE)
    expect(page.get_by_test_id("stException")).to_have_count(0)

    for selector in ("html", '[data-testid="stMain"]'):
        overflow = page.locator(selector).evaluate("element => element.scrollWidth - element.clientWidth")
        assert overflow <= 0, selector
    keep(page, f"photos-{name.lower() or 'search'}{'-' + view if view else ''}-phone")


def test_a_long_name_of_a_query_stays_beside_its_picture(server: Server, open_page: Opener) -> None:
    page = open_page(server.url(**HERE))
    note = page.locator(".fs-query .fs-note")
    expect(note).to_contain_text("Query photos/images/")
    assert note.evaluate("element => element.scrollWidth - element.clientWidth") <= 0
