"""Searching, in Chromium: what a person does and sees."""

import base64
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests import samples
from tests.app import shops, truth
from tests.browser.conftest import Server, keep, settle

Opener = Callable[..., Page]
ITEM = "1030"


def cards(page: Page, method: str) -> Locator:
    """A method's row of results."""
    return page.locator(f".st-key-results-{method} .fs-card")


def open_result(page: Page, method: str, place: int) -> Locator:
    """Click on a result; returns the dialog that opens."""
    page.locator(f".st-key-why-{method}-{place} button").click()
    return page.get_by_role("dialog")


def shown_ids(page: Page, method: str) -> list[str]:
    titles = cards(page, method).locator(".fs-name").evaluate_all("all => all.map(one => one.title)")
    return [title.rsplit("(", 1)[1].rstrip(")") for title in titles]


def expect_query(page: Page, item_id: str) -> None:
    expect(page.locator(".fs-query .fs-note")).to_have_text(f"Item {item_id}")


def expect_results(page: Page, folder: Path, item_id: str) -> None:
    """Both rows hold what the files on disk say, each with the right badge."""
    right = truth.labels(folder)
    expect_query(page, item_id)
    for method in ("histogram", "resnet18"):
        expected = truth.ranking(folder, method, item_id)[:5]
        expect(cards(page, method)).to_have_count(5)
        for place, other in enumerate(expected):
            expect(cards(page, method).nth(place).locator(".fs-name")).to_have_attribute(
                "title", re.compile(rf"\({re.escape(other)}\)$")
            )
        words = ["✓ correct" if right[other] == right[item_id] else "✕ incorrect" for other in expected]
        expect(cards(page, method).locator(".fs-badge")).to_have_text(words)


def expect_pictures(page: Page, at_least: int) -> None:
    """That many pictures are drawn, none of them broken."""
    pictures = page.locator(".fs-picture img:visible")
    expect(pictures.nth(at_least - 1)).to_be_visible()
    widths = pictures.evaluate_all("all => Promise.all(all.map(one => one.decode().then(() => one.naturalWidth)))")
    assert all(width > 0 for width in widths)


def test_the_first_page_shows_the_pictures_of_a_finished_search(server: Server, open_page: Opener) -> None:
    page = open_page(server.url())

    for method in ("histogram", "resnet18", "fashion"):
        expect(cards(page, method)).to_have_count(5)
    expect_pictures(page, 16)
    expect(page.get_by_text("synthetic: a program drew them")).to_be_visible()
    expect(page.get_by_role("button", name="Neither hits")).to_be_visible()
    keep(page, "search")


@pytest.mark.parametrize("item", ["1004", "1072", "1100"])
def test_results_and_badges_agree_with_the_files(server: Server, open_page: Opener, trial: Path, item: str) -> None:
    page = open_page(server.url(catalog=shops.CATALOG, query=item))

    expect_results(page, trial, item)


def test_the_catalog_is_filtered_in_the_sidebar(server: Server, open_page: Opener, trial: Path) -> None:
    page = open_page(server.url(catalog=shops.CATALOG, query=ITEM))
    labels = truth.labels(trial)
    page.set_viewport_size({"width": 1440, "height": 1400})  # no box is scrolled to, which closes its list
    page.get_by_text("Filter the catalog").click()
    expect(page.locator(".st-key-where-usage input")).to_be_visible()
    settle(page)
    for column, value in (("article_type", "Caps"), ("base_colour", "Red"), ("article_type", "Ties")):
        box = page.locator(f".st-key-where-{column} input")
        box.click()
        box.fill(value)
        page.get_by_role("option", name=re.compile(rf"^{value} \(\d+\)$")).click()
        expect(page.locator(".st-key-where-line")).to_contain_text(value)
        settle(page)
        page.keyboard.press("Escape")

    wanted = {one for one, (kind, colour, _) in labels.items() if kind in ("Caps", "Ties") and colour == "Red"}
    assert shown_ids(page, "histogram") == [one for one in truth.ranking(trial, "histogram", ITEM) if one in wanted][:5]
    assert parse_qs(urlsplit(page.url).query)["where"] == ["article_type=Caps,Ties;base_colour=Red"]
    page.get_by_role("button", name="Show everything").click()
    expect(page.locator(".st-key-where-line")).to_have_count(0)
    expect_results(page, trial, ITEM)
    page.go_back()
    expect(page.locator(".st-key-where-line")).to_contain_text(f"{len(wanted)} of {len(labels)}")


def test_search_by_pick(server: Server, open_page: Opener, trial: Path) -> None:
    page = open_page(server.url(catalog=shops.CATALOG, query=ITEM))
    wanted = next(item for item, labels in truth.labels(trial).items() if labels[0] == "Ties")
    page.get_by_role("button", name="Pick").locator("visible=true").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(f"{len(truth.labels(trial))} of {len(truth.labels(trial))} items")).to_be_visible()
    words = dialog.get_by_label("Search by name or id")
    words.fill(f"ties {wanted}")
    words.press("Enter")
    expect(dialog.get_by_text(f"1 of {len(truth.labels(trial))} items", exact=True)).to_be_visible()
    expect(dialog.get_by_role("button", name="Search with this")).to_have_count(1)  # the others are still going
    dialog.get_by_role("button", name="Search with this").click()

    expect(dialog).to_have_count(0)
    expect_results(page, trial, wanted)
    expect(page).to_have_url(re.compile(rf"query={wanted}\b"))


def test_a_click_on_an_example_searches_with_it(server: Server, open_page: Opener, trial: Path) -> None:
    page = open_page(server.url(catalog=shops.CATALOG))
    expect(page.locator(".fs-facts").nth(1)).to_be_visible()
    page.get_by_role("button", name="Only RGB histogram hits").click()

    expect(page).to_have_url(re.compile("query="))
    expect(page.locator(".st-key-head-resnet18 .fs-facts")).to_contain_text("0 of 5 correct")
    expect(page.locator(".st-key-head-histogram .fs-facts")).to_contain_text(re.compile("[1-5] of 5 correct"))
    item = page.url.split("query=")[1].split("&")[0]
    expect_results(page, trial, item)


def test_search_with_a_result_and_back(server: Server, open_page: Opener, trial: Path) -> None:
    page = open_page(server.url(catalog=shops.CATALOG, query=ITEM))
    expect_results(page, trial, ITEM)
    second = truth.ranking(trial, "histogram", ITEM)[1]
    open_result(page, "histogram", 1).get_by_role("button", name="Search with this").click()
    expect_results(page, trial, second)
    expect(page).to_have_url(re.compile(rf"query={second}\b"))

    page.go_back()
    expect(page).to_have_url(re.compile(rf"query={ITEM}\b"))
    expect_results(page, trial, ITEM)

    page.go_forward()
    expect_results(page, trial, second)


def test_changing_k_shows_as_many_and_keeps_the_query(server: Server, open_page: Opener) -> None:
    page = open_page(server.url(catalog=shops.CATALOG, query=ITEM))
    page.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowRight")

    expect(cards(page, "resnet18")).to_have_count(6)
    expect(page).to_have_url(re.compile("k=6"))
    expect_query(page, ITEM)


def test_missed_items_are_shown_on_request(server: Server, open_page: Opener, trial: Path) -> None:
    page = open_page(server.url(catalog=shops.CATALOG, query="1004", methods="histogram"))
    right = truth.labels(trial)
    ranked = truth.ranking(trial, "histogram", "1004")
    ranks = [rank for rank, item in enumerate(ranked, start=1) if rank > 5 and right[item] == right["1004"]]
    page.get_by_text(f"{len(ranks)} missed", exact=True).click()

    missed = page.locator(".st-key-results-missed-histogram")
    expect(missed.locator(".fs-rank")).to_have_text([str(rank) for rank in ranks])
    expect(missed.locator(".fs-badge")).to_have_text(["✓ correct"] * len(ranks))


def bring(page: Page, *files: Path | FilePayload) -> None:
    """Choose files in the page's uploader."""
    page.locator(".st-key-upload-ways input[type=file]").set_input_files(list(files))


def payload(path: Path) -> FilePayload:
    return {"name": path.name, "mimeType": "image/png", "buffer": path.read_bytes()}


HAND_OVER = """
([kind, name, data]) => {
  const moved = new DataTransfer();
  const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
  if (data) moved.items.add(new File([bytes], name, { type: "image/png" }));
  else moved.setData("text/plain", name);
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: moved, bubbles: true, cancelable: true })
    : new DragEvent("drop", { dataTransfer: moved, bubbles: true, cancelable: true });
  document.querySelector("[data-testid=stHeading]").dispatchEvent(event);
}
"""


def hand_over(page: Page, kind: str, name: str, data: str) -> None:
    """Paste or drop a file of this name, or paste text, once the page listens."""
    page.wait_for_selector("html[data-fs-takes-pictures]", state="attached")
    page.evaluate(HAND_OVER, [kind, name, data])


"""Pastes or drops a file, or text, on the page's title, far from the uploader."""


def expect_found(page: Page, item: str, methods: tuple[str, ...] = ("histogram", "resnet18")) -> None:
    """An uploaded picture is the query, and the item that shows it is found first."""
    expect(page.locator(".fs-query-name").first).to_have_text("Your picture")
    for method in methods:
        expect(cards(page, method).first.locator(".fs-name")).to_have_attribute("title", re.compile(rf"\({item}\)$"))
        expect(cards(page, method).first.locator(".fs-score")).to_have_text("1.000")


def test_search_by_upload_needs_no_second_button(server: Server, open_page: Opener, shop_folder: Path) -> None:
    page = open_page(server.url(catalog=shops.CATALOG, query="1004"))
    bring(page, shop_folder / "images" / f"{ITEM}.png")

    expect_found(page, ITEM)
    expect(page.locator(".fs-badge")).to_have_count(0)
    expect(page).to_have_url(re.compile("query=upload"))
    keep(page, "search-upload")


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_a_picture_is_taken_anywhere_on_the_page(
    server: Server, open_page: Opener, shop_folder: Path, kind: str
) -> None:
    page = open_page(server.url(catalog=shops.CATALOG, query="1004"))
    data = base64.b64encode((shop_folder / "images" / f"{ITEM}.png").read_bytes()).decode()
    hand_over(page, kind, "image.png", data)

    expect_found(page, ITEM)


def test_text_that_is_pasted_is_said_to_be_text(server: Server, open_page: Opener, trial: Path) -> None:
    page = open_page(server.url(catalog=shops.CATALOG, query="1004"))
    hand_over(page, "paste", "a red dress", "")

    expect(page.get_by_text("That is text, not a picture.")).to_be_visible()
    expect_results(page, trial, "1004")


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag a rectangle on the picture, in shares of it."""
    area = page.locator("[class*=st-key-crop-] .nsewdrag").bounding_box()
    assert area is not None
    page.mouse.move(area["x"] + start[0] * area["width"], area["y"] + start[1] * area["height"])
    page.mouse.down()
    for share in (0.5, 1.0):
        x, y = (start[axis] + share * (end[axis] - start[axis]) for axis in (0, 1))
        page.mouse.move(area["x"] + x * area["width"], area["y"] + y * area["height"], steps=4)
    page.mouse.up()


def test_results_follow_a_rectangle_on_the_picture_and_are_kept(
    server: Server, open_page: Opener, shop_folder: Path
) -> None:
    page = open_page(server.url(catalog=shops.CATALOG, methods="histogram"))
    bring(page, shop_folder / "images" / f"{ITEM}.png")
    expect_found(page, ITEM, ("histogram",))
    settle(page)
    drag(page, (0.4, 0.4), (0.6, 0.6))

    first = cards(page, "histogram").first
    expect(first.locator(".fs-score")).not_to_have_text("1.000")
    settle(page)
    cropped = shown_ids(page, "histogram")
    page.get_by_role("button", name="Random").locator("visible=true").click()
    expect(page.locator(".fs-query .fs-note")).to_be_visible()
    page.locator(".st-key-strip-earlier").get_by_role("button", name="Your picture").click()
    expect(page.locator(".fs-query-name").first).to_have_text("Your picture")
    settle(page)
    assert shown_ids(page, "histogram") == cropped
    expect(page.locator("[class*=st-key-crop-] .selectionlayer path").first).to_be_attached()
    page.get_by_role("button", name="Whole picture").click()
    expect_found(page, ITEM, ("histogram",))
    keep(page, "search-crop")


BAD = {
    "a renamed PDF": ("dress.jpg", b"%PDF-1.7\n1 0 obj", "This is a PDF document"),
    "a truncated JPEG": (
        "dress.jpg",
        samples.encoded(samples.noise(1, (300, 300)), "JPEG")[:2000],
        "damaged or incomplete",
    ),
    "an SVG with another ending": ("dress.png", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "This is an SVG drawing"),
    "a video": ("dress.mov", b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "This is a video"),
    "an empty file": ("dress.png", b"", "The file is empty"),
}


def test_bad_uploads_are_refused_in_a_sentence_and_the_page_works_on(
    server: Server, open_page: Opener, trial: Path
) -> None:
    page = open_page(server.url(catalog=shops.CATALOG, query="1004"))
    for what, (name, data, words) in BAD.items():
        bring(page, {"name": name, "mimeType": "", "buffer": data})
        expect(page.get_by_text(words), what).to_be_visible()
        settle(page)
        expect_results(page, trial, "1004")

    open_result(page, "histogram", 0).get_by_role("button", name="Search with this").click()
    expect_results(page, trial, truth.ranking(trial, "histogram", "1004")[0])
    expect(page.get_by_text("The file is empty")).to_have_count(0)


@pytest.mark.parametrize(("name", "file_format"), [("photo.jfif", "JPEG"), ("photo", "PNG"), ("photo.jpe", "JPEG")])
def test_what_a_file_is_is_told_by_its_content(
    server: Server, open_page: Opener, shop_folder: Path, name: str, file_format: str
) -> None:
    page = open_page(server.url(catalog=shops.CATALOG, query="1004", methods="histogram"))
    with Image.open(shop_folder / "images" / f"{ITEM}.png") as picture:
        data = samples.encoded(picture.convert("RGB"), file_format)
    bring(page, {"name": name, "mimeType": "application/octet-stream", "buffer": data})

    expect(page.locator(".fs-query-name").first).to_have_text("Your picture")
    expect(cards(page, "histogram").first.locator(".fs-name")).to_have_attribute("title", re.compile(rf"\({ITEM}\)$"))


def test_of_two_files_at_once_none_is_lost(server: Server, open_page: Opener, shop_folder: Path) -> None:
    page = open_page(server.url(catalog=shops.CATALOG, query="1004", methods="histogram"))
    bring(page, *(payload(shop_folder / "images" / f"{item}.png") for item in (ITEM, "1011")))

    expect_found(page, ITEM, ("histogram",))
    expect(page.get_by_text("2 pictures came at once")).to_be_visible()
    page.locator(".st-key-strip-earlier button").first.click()
    expect_found(page, "1011", ("histogram",))


def test_why_this_match_shows_sums_that_are_the_similarity(server: Server, open_page: Opener) -> None:
    page = open_page(server.url(catalog=shops.CATALOG, query=ITEM))
    dialog = open_result(page, "resnet18", 1)
    dialog.get_by_text("Why this match?").locator("visible=true").first.click()
    expect(dialog.get_by_text("Similarity in the library")).to_be_visible()

    text = dialog.inner_text()
    sums = [float(number) for number in re.findall(r"regions add up to (\d\.\d+)", text)]
    score = float(re.findall(r"Similarity in the library: (\d\.\d+)", text)[0])
    assert len(sums) == 2
    assert all(abs(one - score) <= 1e-4 for one in sums)
    expect(dialog.locator(".fs-picture img")).to_have_count(2)
    expect_pictures(page, 2)
    keep(page, "why")


def test_names_with_markup_are_shown_as_they_are_written(server: Server, open_page: Opener) -> None:
    page = open_page(server.url(catalog=shops.CATALOG, query="1100"))

    expect(page.locator(".fs-query-name")).to_have_text(shops.HOSTILE_NAME)
    expect(page.locator(".fs-query .fs-label").nth(2)).to_have_text(shops.HOSTILE_USAGE)
    assert page.locator(".fs-query b, .fs-query i, .fs-query a").count() == 0


@pytest.mark.parametrize(
    "markup",
    ["![x](https://example.org/x.png)", "https://example.org/x", "www.example.org", "a@example.org", ":smile: $x$"],
)
def test_markup_in_a_link_is_text_and_loads_nothing_from_elsewhere(
    server: Server, open_page: Opener, markup: str
) -> None:
    page = open_page(server.url(catalog=shops.CATALOG, query=markup))

    said = page.get_by_test_id("stAlert")
    expect(said).to_be_visible()
    assert f"has no item '{markup}'; another is shown." in said.inner_text().replace("\u2060", "")
    assert said.locator("a, img, .katex").count() == 0
