"""The Training page, in Chromium: a run that goes on is followed without a click, and its end is seen."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from msgspec.structs import replace
from playwright.sync_api import Page, expect

from fashion_search.training import record as run
from fashion_search.training.record import write_run
from tests.app.test_training import FINAL, a_run, keep
from tests.browser.conftest import PHONE, Server, settle
from tests.browser.conftest import keep as keep_picture

Opener = Callable[..., Page]


@pytest.fixture
def runs(server: Server) -> Path:
    """Where the server's runs are, with one that is done."""
    folder = server.home / "training"
    keep(a_run("done", final=FINAL), folder=folder)
    return folder


def points(page: Page, name: str) -> int:
    """How many validations the chart shows of a run."""
    plot = page.locator('[class*="st-key-validations"] .js-plotly-plot')
    found = "(plot, name) => (plot.data.find(line => line.name === name) || {x: []}).x.length"
    return int(plot.evaluate(found, name))


def test_a_run_is_followed_to_its_end_and_then_no_more(server: Server, runs: Path, open_page: Opener) -> None:
    folder = keep(a_run("live", "running", epochs=2), 2, runs)
    lock = FileLock(folder / run.LOCK)
    with lock:
        page = open_page(server.url("Training"))
        epochs = a_run("live").recipe.optimisation.epochs
        expect(page.get_by_text(re.compile(rf"live · epoch 2\.0 of {epochs}"))).to_be_visible()
        expect(page.locator('[class*="st-key-validations"] .js-plotly-plot')).to_be_visible()
        assert (points(page, "live"), points(page, "done")) == (2, 4)

        keep(a_run("live", "running", epochs=3), 3, runs)
        expect(page.get_by_text(re.compile(rf"live · epoch 3\.0 of {epochs}"))).to_be_visible()
        page.wait_for_function(
            "() => document.querySelector('[class*=\"st-key-validations\"] .js-plotly-plot')"
            ".data.some(line => line.name === 'live' && line.x.length === 3)"
        )
        keep_picture(page, "training")
        keep(a_run("live", final=FINAL), 4, runs)
    expect(page.get_by_test_id("stProgress")).to_have_count(0)
    expect(page.get_by_text("looked at once, at the end · 6,217 queries")).to_be_visible()
    settle(page)
    write_run(folder, replace(a_run("live", final=FINAL), notes=("Nobody looks again.",)))
    page.wait_for_timeout(5000)  # more than two refreshes
    expect(page.get_by_text("Nobody looks again.")).to_have_count(0)
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_text("Nobody looks again.")).to_be_visible()


@pytest.mark.usefixtures("runs")
def test_on_a_phone_nothing_is_wider_than_the_screen(server: Server, open_page: Opener) -> None:
    page = open_page(server.url("Training"), size=PHONE, scheme="dark")
    expect(page.locator('[class*="st-key-losses"] .js-plotly-plot')).to_be_visible()

    for selector in ("html", '[data-testid="stMain"]'):
        overflow = page.locator(selector).evaluate("element => element.scrollWidth - element.clientWidth")
        assert overflow <= 0, selector
    keep_picture(page, "training-phone-dark")
