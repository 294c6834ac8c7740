"""Accessibility: axe-core on every page, the keyboard alone, twice the size, and no motion for those who want none."""

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Locator, Page, expect

from fashion_search.cases import open_cases
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.verdict_file import open_verdicts
from fashion_search.home import HOME_VARIABLE
from fashion_search.report import write_report
from fashion_search.store import Store
from tests.app import shops
from tests.browser.conftest import LAPTOP, PHONE, Server, settle
from tests.browser.test_pages import DRAWN
from tests.cases import made

Opener = Callable[..., Page]
ENLARGED = (720, 450)
"""A laptop's 1440 × 900 at 200 %."""

ADDRESSES = {
    "Search": "",
    "Search, what a link names is not there": "?query=none&methods=none",
    "Metrics": "Metrics",
    "top-k accuracy": "Metrics?view=accuracy",
    "classification": "Metrics?view=classification",
    "breakdown": "Metrics?view=breakdown",
    "confusion": "Metrics?view=confusion&cell=Jackets→Shirts",
    "robustness": "Metrics?view=robustness",
    "reliability": "Metrics?view=reliability",
    "map": "Metrics?view=map",
    "report": "Metrics?view=report",
    "Methods": "Methods?point=histogram",
    "second paper": "Methods?view=tables",
    "Failures": "Failures",
    "suspect labels": "Failures?view=suspects",
    "verdicts, none yet": "Failures?view=verdicts",
    "Catalog": "Catalog",
    "Training, no run yet": "Training",
}

CONTRAST = "color-contrast"  # the rule that takes most of the time
EVERY_RULE: dict[str, object] = {}
COLOURS: dict[str, object] = {"runOnly": [CONTRAST]}
ALL_BUT_COLOURS: dict[str, object] = {"rules": {CONTRAST: {"enabled": False}}}
STANDS = """
() => {
  const app = document.querySelector('[data-testid="stApp"]');
  const moves = one => one.playState === "running" && one.effect.getComputedTiming().iterations !== Infinity;
  return (!app || app.getAttribute("data-test-script-state") === "notRunning")
    && [...document.querySelectorAll(".stElementContainer")].every(one => getComputedStyle(one).opacity === "1")
    && !document.getAnimations().some(moves);
}
"""
"""Nothing is drawn, nor fades in or out."""


def barriers(page: Page, rules: dict[str, object] = EVERY_RULE) -> list[str]:
    """axe-core's findings of impact moderate to critical, each with its element and what is wrong with it.

    What was found is looked for again: a page that was drawn anew meanwhile is pale for a moment.
    """
    for _ in range(3):
        page.wait_for_function(STANDS)
        answer = Axe().run(page, options={"resultTypes": ["violations"], **rules}).response
        found = [one for one in answer["violations"] if one["impact"] != "minor"]
        if not found:
            break
        page.wait_for_timeout(500)
    return [
        f"{one['id']}: {node['html'][:160]} – {node.get('failureSummary', '')[:200]}"
        for one in found
        for node in one["nodes"]
    ]


FAINT = """
() => {
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const luminance = ([red, green, blue]) => [red, green, blue].map(one => one / 255)
    .map(one => one <= .03928 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4)
    .reduce((sum, one, place) => sum + one * [.2126, .7152, .0722][place], 0);
  const ground = numbers(getComputedStyle(document.querySelector('[data-testid="stApp"]')).backgroundColor);
  const contrast = fill => {
    const [low, high] = [luminance(fill), luminance(ground)].sort((one, other) => one - other);
    return (high + .05) / (low + .05);
  };
  return [...document.querySelectorAll(".js-plotly-plot text")]
    .filter(text => text.textContent.trim() && !text.closest(".bartext-inside") && getComputedStyle(text).opacity > 0)
    .map(text => [text, contrast(numbers(getComputedStyle(text).fill))])
    .filter(([text, found]) => found < 4.5)
    .map(([text, found]) => `${text.textContent}: ${found.toFixed(1)} (${text.parentNode.getAttribute("class")})`);
}
"""
"""Text of charts with too little contrast: axe-core looks at none in SVG."""


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait_for_timeout(150)  # the charts follow the window


def too_wide(page: Page) -> dict[str, int]:
    """By how many pixels the page, or its main part, would have to be scrolled sideways."""
    widths = {
        name: int(page.locator(name).evaluate("element => element.scrollWidth - element.clientWidth"))
        for name in ("html", '[data-testid="stMain"]')
    }
    return {name: width for name, width in widths.items() if width > 0}


@pytest.mark.parametrize("name", list(ADDRESSES))
def test_no_page_has_a_barrier_and_none_is_cut_at_twice_the_size(server: Server, open_page: Opener, name: str) -> None:
    page = open_page(f"{server.base}/{ADDRESSES[name]}")
    expect(page.locator(f"{DRAWN}, .stAlert, canvas").first).to_be_visible()
    is_view = "?" in ADDRESSES[name]  # colours of a view do not depend on the width, nor its names on the scheme
    found = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for size in (LAPTOP, PHONE):
            if is_view and (scheme, size) == ("dark", PHONE):
                continue
            resize(page, size)
            rules = ALL_BUT_COLOURS if size == PHONE else COLOURS if scheme == "dark" else EVERY_RULE
            rules = rules if is_view else EVERY_RULE
            found[f"{scheme}, {size[0]} px"] = [*barriers(page, rules), *page.evaluate(FAINT)]
    assert not {where: findings for where, findings in found.items() if findings}

    resize(page, ENLARGED)
    assert not too_wide(page)


def test_the_report_has_no_barrier(
    chromium: Browser, trial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    store = Store(shutil.copytree(trial, tmp_path / trial.name))
    open_cases(store.name).add(made.of_item(store, "1030", "histogram", "resnet18", comment="Look."))
    write_report(tmp_path / "report.html", Evaluation.of(store, ["histogram", "resnet18"]))
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.goto((tmp_path / "report.html").as_uri())
    page.locator("figure .main-svg").first.wait_for()
    found = []
    for size in (LAPTOP, PHONE):
        resize(page, size)
        found += barriers(page)
        found += [f"too wide: {size}"] * page.evaluate("document.documentElement.scrollWidth > innerWidth")
    context.close()
    assert found == []


def test_verdicts_and_what_opens_beside_a_button_have_no_barrier(
    fresh_server: Server, open_page: Opener, trial: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(trial.parent))
    kept = open_verdicts(shops.CATALOG)
    kept.mark_wrong_label("1030", "histogram", "Ada")
    kept.accept("1030", "1072", "resnet18")
    try:
        page = open_page(fresh_server.url("Failures", catalog=shops.CATALOG, view="verdicts"))
        expect(page.get_by_role("heading", name="1 pair accepted, 1 label marked wrong")).to_be_visible()
        assert barriers(page) == []
    finally:
        for verdict in kept.all():
            kept.withdraw(verdict)
    for address in (fresh_server.url(catalog=shops.CATALOG), fresh_server.url("Metrics", catalog=shops.CATALOG)):
        page.goto(address)
        settle(page)
        page.get_by_role("button", name="Add to the report").locator("visible=true").first.click()
        expect(page.get_by_role("textbox", name="Comment")).to_be_visible()
        assert barriers(page) == []


# -- by keyboard alone --------------------------------------------------------------------------------------


def focused(page: Page) -> str:
    """What is read out of the element that has the focus; empty where none has it."""
    return str(
        page.evaluate(
            "() => { const element = document.activeElement; return element === document.body ? '' : "
            "element.getAttribute('aria-label') || element.innerText || element.tagName }"
        )
    )


def test_tab_reaches_all_of_the_search_page_from_its_head_to_its_end_and_goes_on(
    server: Server, open_page: Opener
) -> None:
    page = open_page(server.url(catalog=shops.CATALOG, methods="histogram"))
    expect(page.locator(".fs-card")).to_have_count(5)
    order = []
    while len(order) < 90:
        page.keyboard.press("Tab")
        if not (name := focused(page)):
            break
        order.append(name.replace("\n", " "))

    places = [
        next((place for place, name in enumerate(order) if wanted in name), -1)
        for wanted in ("Skip to main", "Metrics", "Methods", "Results per method", "Pick", "Random", *RESULTS)
    ]
    assert places == sorted(places), order
    assert places[0] == 0
    assert len(order) < 90  # nothing kept the focus


RESULTS = tuple(f"Result {rank}: " for rank in range(1, 6))

KINDS = {
    "a link of the sidebar": '[data-testid="stSidebar"] .stPageLink a',
    "a box": '[data-testid="stSidebar"] .stSelectbox input',
    "a slider": '[data-testid="stSidebar"] .stSlider input',
    "a choice": '[data-testid="stSidebar"] .stRadio input',
    "a switch": '[class*="st-key-missed-"] input',
    "a button": '[class*="st-key-ways-"] button',
    "a result": '[class*="st-key-open-"] button',
    "a section that opens": '[data-testid="stSidebar"] summary',
}


def test_what_has_the_focus_is_seen(server: Server, open_page: Opener) -> None:
    page = open_page(server.url(catalog=shops.CATALOG))
    expect(page.locator(".fs-card").first).to_be_visible()
    page.keyboard.press("Tab")  # from now on the focus is the keyboard's

    def picture(element: Locator) -> Image.Image:
        box = element.evaluate("element => { const box = element.getBoundingClientRect(); return [box.x, box.y] }")
        clip = {"x": max(box[0] - 20, 0), "y": max(box[1] - 20, 0), "width": 240.0, "height": 60.0}
        drawn = page.screenshot(clip=clip, animations="disabled", caret="hide")  # type: ignore[arg-type]
        return Image.open(io.BytesIO(drawn)).convert("L")

    unseen = []
    for kind, selector in KINDS.items():
        element = page.locator(selector).first
        element.scroll_into_view_if_needed()
        page.wait_for_function(STANDS)
        before = picture(element)
        element.evaluate("element => element.focus({preventScroll: true})")
        page.wait_for_timeout(60)
        page.wait_for_function(STANDS)
        changed = ImageChops.difference(picture(element), before).histogram()
        if sum(changed[61:]) < 100:  # pixels that are lighter or darker by a quarter: a line around it, no mere shade
            unseen.append(kind)
        page.evaluate("document.activeElement.blur()")
    assert unseen == []


def test_dialogs_open_by_keyboard_keep_the_focus_and_give_it_back(server: Server, open_page: Opener) -> None:
    page = open_page(server.url(catalog=shops.CATALOG))
    result = page.locator('[class*="st-key-open-"] button').nth(1)
    pick, camera = (page.get_by_role("button", name=name).locator("visible=true") for name in ("Pick", "Camera"))
    for opener, key in ((result, " "), (pick, "Enter"), (camera, "Enter")):
        opener.focus()
        page.keyboard.press(key)
        expect(page.get_by_role("dialog")).to_be_visible()
        settle(page)
        page.emulate_media(color_scheme="dark")
        assert barriers(page, COLOURS) == []
        page.emulate_media(color_scheme="light")
        assert barriers(page) == []
        steps = []
        for _ in range(30):
            page.keyboard.press("Tab")
            steps.append(page.evaluate("!!document.activeElement.closest('[role=dialog]')"))
        assert all(steps)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(opener).to_be_focused()


def test_a_picture_is_cropped_by_keyboard(server: Server, open_page: Opener, shop_folder: Path) -> None:
    page = open_page(server.url(catalog=shops.CATALOG, methods="histogram"))
    page.locator(".st-key-upload-ways input[type=file]").set_input_files(shop_folder / "images" / "1004.png")
    first = page.locator(".st-key-results-histogram .fs-card .fs-score").first
    expect(first).to_have_text("1.000")
    settle(page)
    assert barriers(page) == []

    page.get_by_role("button", name="Edges").focus()
    page.keyboard.press("Enter")
    edge = page.get_by_role("slider", name="Left and right edge").first
    expect(edge).to_be_visible()
    assert barriers(page) == []
    edge.focus()
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    expect(page.locator("[class*=st-key-crop-] .selectionlayer path").first).to_be_attached()
    expect(first).not_to_have_text("1.000")


def test_a_cell_of_the_confusion_is_chosen_by_keyboard(server: Server, open_page: Opener) -> None:
    page = open_page(server.url("Metrics", catalog=shops.CATALOG, view="confusion"))
    page.get_by_role("combobox", name="Results of a cell").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Asked for").locator("visible=true").last).to_be_visible()
    expect(page.locator('[class*="st-key-card-confused-"] img').first).to_be_visible()


# -- motion -------------------------------------------------------------------------------------------------


def test_nothing_moves_for_people_who_want_no_motion(server: Server, open_page: Opener) -> None:
    page = open_page(server.url(catalog=shops.CATALOG))
    longest = (
        "() => Math.max(...[...document.querySelectorAll('*')].map(element => { const style = "
        "getComputedStyle(element); return Math.max(...[style.transitionDuration, style.animationDuration]"
        ".join().split(',').map(parseFloat)) }))"
    )
    assert page.evaluate(longest) > 0.01  # s; Streamlit's own, so that this would notice it
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(longest) <= 0.01
