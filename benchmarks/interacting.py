"""A click on the Search page against a bare Streamlit rerun."""

import time
from collections.abc import Iterator

from benchmarks.browser import PAGES, PICTURE, SETTLED, BareRerun, Server, browser
from benchmarks.measuring import Row, Setting, paired

RERANKED = ",".join(f"{method}~balanced" for method in ("fashion", "resnet18", "histogram"))


def interaction(setting: Setting) -> Iterator[Row]:
    """From a click to three methods' rows drawn (one per group), plain and re-ranked."""
    for what, methods in (("three methods", ""), ("three methods, re-ranked", f"&methods={RERANKED}")):
        yield _clicked(setting, what, methods)


def _clicked(setting: Setting, what: str, methods: str) -> Row:
    with (
        browser() as chromium,
        Server(PAGES / "rerun.py", setting.home) as bare,
        Server(None, setting.home) as app,
    ):
        bare.wait()
        app.wait()
        click_bare, tab = BareRerun(chromium.new_page(), bare.url), chromium.new_page()
        tab.goto(f"{app.url}/?catalog={setting.catalog}&protocol=one-per-group{methods}")
        tab.wait_for_selector("[class*=st-key-results-resnet18] " + PICTURE)
        tab.wait_for_selector(SETTLED)

        def click_random() -> float:
            before = tab.locator(".st-key-query .fs-note").inner_text()
            started = time.perf_counter()
            tab.locator(".st-key-random button:visible").click()
            tab.wait_for_function(
                "before => document.querySelector('.st-key-query .fs-note')?.innerText !== before", arg=before
            )
            tab.wait_for_selector(SETTLED)
            return time.perf_counter() - started

        return Row.of(f"another query, {what}", "a bare rerun", paired(click_bare, click_random, setting.n, warm=3))
