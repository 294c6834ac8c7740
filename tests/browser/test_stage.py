"""Rows of results as a stage: what is seen at once, on a laptop, a projector and a phone."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect

from fashion_search.encoders import ENCODERS
from fashion_search.home import HOME_VARIABLE
from tests import more_methods, samples
from tests.browser.conftest import LAPTOP, PHONE, PROJECTOR, Server, keep, serve, settle
from tests.builds import build

Opener = Callable[..., Page]
PRESELECTED = ("fashion", "resnet18", "histogram")


@pytest.fixture(scope="module")
def many(chromium: Browser, random_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose catalog ``shop`` has twenty methods."""
    folder = tmp_path_factory.mktemp("many")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(folder / "home"))
        for name, spec in more_methods.specs().items():
            patch.setitem(ENCODERS, name, spec)
        build(samples.write_folder(folder / "shop", samples.shop_files(samples.lines())), methods=more_methods.NAMES)
    yield from serve(folder / "home", random_weights, folder / "server.log", "tests.more_methods")


def boxes(found: Locator, count: int) -> list[FloatRect]:
    """Where all of these are."""
    expect(found).to_have_count(count)
    places = [box for place in range(count) if (box := found.nth(place).bounding_box())]
    assert len(places) == count
    return places


def is_within(box: FloatRect, size: tuple[int, int]) -> bool:
    """Whether all of it is on the screen."""
    left, top = box["x"], box["y"]
    return left >= 0 and top >= 0 and left + box["width"] <= size[0] and top + box["height"] <= size[1]


def expect_all_seen(page: Page, methods: tuple[str, ...], size: tuple[int, int]) -> None:
    """The query and five results of each method with their badges, on one screen that was not scrolled."""
    expect(page.locator(".fs-badge")).to_have_count(5 * len(methods))
    seen = boxes(page.locator(".fs-query .fs-picture img"), 1)
    for method in methods:
        row = page.locator(f".st-key-results-{method}")
        for part in (".fs-card", ".fs-picture img", ".fs-badge", ".fs-score", ".fs-rank"):
            seen += boxes(row.locator(part), 5)
    assert [box for box in seen if not is_within(box, size)] == []
    pictures = boxes(page.locator(".fs-card .fs-picture"), 5 * len(methods))
    assert min(box["height"] for box in pictures) >= 96
    assert min(box["width"] for box in pictures) >= 72


def test_three_methods_are_seen_at_once_on_a_laptop(server: Server, open_page: Opener) -> None:
    page = open_page(server.url(), LAPTOP)

    expect_all_seen(page, PRESELECTED, LAPTOP)


def test_five_methods_are_seen_at_once_on_a_projector(many: Server, open_page: Opener) -> None:
    methods = tuple(more_methods.NAMES[:5])
    page = open_page(many.url(catalog="shop", methods=",".join(methods)), PROJECTOR)

    expect_all_seen(page, methods, PROJECTOR)
    keep(page, "search-projector")


@pytest.mark.parametrize("size", [LAPTOP, PROJECTOR])
def test_cards_of_a_row_are_equal_stand_in_line_and_are_covered_by_their_buttons(
    server: Server, open_page: Opener, size: tuple[int, int]
) -> None:
    page = open_page(server.url(), size)
    cards = boxes(page.locator(".st-key-results-resnet18 .fs-card"), 5)
    buttons = boxes(page.locator(".st-key-open-resnet18 button"), 5)

    assert len({round(box["y"]) for box in cards}) == 1
    assert len({(round(box["width"]), round(box["height"])) for box in cards}) == 1
    for card, button in zip(cards, buttons, strict=True):
        assert all(abs(card[side] - button[side]) < 2 for side in ("x", "y", "width", "height"))  # type: ignore[literal-required]


def test_of_several_lines_each_result_is_under_its_own_button(many: Server, open_page: Opener) -> None:
    page = open_page(many.url(catalog="shop", methods="fake0", k="14"))
    cards = boxes(page.locator(".fs-card"), 14)
    buttons = boxes(page.locator(".st-key-open-fake0 button"), 14)

    assert len({round(box["y"]) for box in cards}) > 1
    for card, button in zip(cards, buttons, strict=True):
        assert all(abs(card[side] - button[side]) < 2 for side in ("x", "y", "width", "height"))  # type: ignore[literal-required]


def test_a_result_is_opened_by_the_keyboard(server: Server, open_page: Opener) -> None:
    page = open_page(server.url())
    result = page.locator(".st-key-results-resnet18").get_by_role(
        "button", name=re.compile("^Result 2: .+, (in)?correct$")
    )
    result.focus()
    page.keyboard.press("Tab")
    expect(
        page.locator(".st-key-results-resnet18").get_by_role("button", name=re.compile("^Result 3: "))
    ).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("dialog").get_by_text(re.compile("^Rank 3 of 457 · rank "))).to_be_visible()


AT_MIDDLE = """
element => {
  const box = element.getBoundingClientRect();
  return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
}
"""


def test_a_badge_shows_what_it_means_and_a_picture_opens(server: Server, open_page: Opener) -> None:
    page = open_page(server.url())
    card = page.locator(".st-key-results-histogram .fs-card").first

    assert re.fullmatch("rank [0-9,]+ under Fashion", card.locator(".fs-move").evaluate(f"e => ({AT_MIDDLE})(e).title"))
    assert card.locator("img").evaluate(f"e => ({AT_MIDDLE})(e).closest('button') !== null")
    expect(page.locator(".st-key-head-histogram")).to_contain_text("▲ ▼ against Fashion")


def test_rows_of_many_methods_are_unfolded_and_scrolled_beside_the_query(many: Server, open_page: Opener) -> None:
    page = open_page(many.url(catalog="shop", methods=",".join(more_methods.NAMES)), LAPTOP)
    last = page.locator(".st-key-results-fake19 .fs-card")
    expect(page.locator(".st-key-results-fake5 .fs-card")).to_have_count(5)
    expect(last).to_have_count(0)
    page.get_by_text("14 more methods").click()
    expect(last).to_have_count(5)
    settle(page)  # rows above are still filled meanwhile, and push this one away
    last.first.scroll_into_view_if_needed()

    assert all(is_within(box, LAPTOP) for box in boxes(last, 5))
    assert is_within(boxes(page.locator(".fs-query .fs-picture"), 1)[0], LAPTOP)
    keep(page, "search-twenty-methods")


def test_on_a_phone_rows_are_swiped(server: Server, open_page: Opener) -> None:
    page = open_page(server.url(), PHONE)
    for method in PRESELECTED:
        row = page.locator(f".st-key-results-{method}")
        cards = boxes(row.locator(".fs-card"), 5)
        assert len({round(box["y"]) for box in cards}) == 1
        assert cards[1]["x"] + cards[1]["width"] <= PHONE[0] < cards[2]["x"] + cards[2]["width"]
        row.locator(".fs-card").nth(4).scroll_into_view_if_needed()
        last, outer = boxes(row.locator(".fs-card"), 5)[4], boxes(row, 1)[0]
        assert outer["x"] - 1 <= last["x"]
        assert last["x"] + last["width"] <= outer["x"] + outer["width"] + 1
        button = boxes(page.locator(f".st-key-open-{method} button"), 5)[4]
        assert abs(button["x"] - last["x"]) < 2


def test_on_a_phone_the_query_stays_in_sight(server: Server, open_page: Opener) -> None:
    page = open_page(server.url(), PHONE)
    small = page.locator(".fs-asked img")
    page.locator(".st-key-results-histogram .fs-card").first.scroll_into_view_if_needed()

    assert not is_within(boxes(page.locator(".fs-query .fs-picture"), 1)[0], PHONE)
    [box] = boxes(small, 1)
    assert is_within(box, PHONE)
    assert small.evaluate(f"e => ({AT_MIDDLE})(e) === e")  # nothing lies over it
    assert boxes(page.locator(".st-key-asked"), 1)[0]["height"] <= 80


def test_on_a_laptop_the_query_is_not_shown_twice(server: Server, open_page: Opener) -> None:
    page = open_page(server.url(), LAPTOP)

    expect(page.locator(".fs-asked")).to_be_hidden()
