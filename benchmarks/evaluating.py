"""Pages with evaluations against a bare Streamlit rerun, and the evaluation against its matrix products."""

import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from benchmarks.browser import PAGES, ROOT, SETTLED, BareRerun, Server, browser
from fashion_search.costs import measure
from fashion_search.store import open_store

Pairs = Callable[[Callable[[], float], Callable[[], float], int], dict[str, float]]


def pages(home: Path, n: int, catalog: str, pairs: Pairs) -> dict[str, Any]:
    """With the stored evaluation: Metrics and Methods drawn, a row of a breakdown selected, the next case of Failures.

    What the methods cost is stored before, as a build does it.
    """
    measure(open_store(catalog))
    with ExitStack() as stack:
        chromium = stack.enter_context(browser())
        bare, app = (stack.enter_context(Server(page, home)) for page in (PAGES / "rerun.py", ROOT / "app.py"))
        bare.wait()
        app.wait()
        rerun, tab = BareRerun(chromium.new_page(), bare.url), chromium.new_page()
        tab.set_viewport_size({"width": 1440, "height": 900})

        def measured(path: str, ours: Callable[[], float]) -> dict[str, float]:
            tab.goto(f"{app.url}/{path}")
            tab.wait_for_selector("h1")
            tab.wait_for_selector(SETTLED)
            tab.wait_for_timeout(1000)
            for _ in range(2):
                rerun(), ours()
            return pairs(rerun, ours, n)

        return {
            "metrics_drawn": measured(
                f"Catalog?catalog={catalog}", lambda: _drawn(tab, "Metrics", "How often", ".bars")
            ),
            "methods_drawn": measured(
                f"Catalog?catalog={catalog}", lambda: _drawn(tab, "Methods", "What is each method", ".scatterlayer")
            ),
            "row_selected": measured(f"Metrics?catalog={catalog}&view=breakdown", _RowSelector(tab)),
            "next_case": measured(f"Failures?catalog={catalog}", lambda: _next_case(tab)),
        }


def _drawn(tab: Page, page: str, heading: str, marks: str) -> float:
    """From the click in the sidebar to table and charts on screen; then back, which does not count."""
    sidebar = tab.get_by_test_id("stSidebar")
    started = time.perf_counter()
    sidebar.get_by_role("link", name=page).click()
    tab.wait_for_selector(f"h1:has-text('{heading}')")
    tab.wait_for_selector(SETTLED)
    tab.wait_for_selector(f".js-plotly-plot {marks} path")
    tab.wait_for_selector('[data-testid="stDataFrame"] canvas')
    seconds = time.perf_counter() - started
    sidebar.get_by_role("link", name="Catalog").click()
    tab.wait_for_selector("h1:has-text('What is in')")
    tab.wait_for_selector(SETTLED)
    return seconds


class _RowSelector:
    """Selects one row after the other, and waits for the heading of its queries."""

    def __init__(self, tab: Page):
        self.tab = tab
        self.row = 0

    def __call__(self) -> float:
        self.row = self.row % 8 + 1
        heading = self.tab.locator('[data-testid="stMarkdownContainer"] p', has_text="queries, by")
        before = heading.inner_text() if heading.count() else ""
        box = self.tab.locator('[data-testid="stDataFrame"]').first.bounding_box()
        assert box is not None
        started = time.perf_counter()
        self.tab.mouse.click(box["x"] + 18, box["y"] + 36 + 35 * self.row - 17)
        self.tab.wait_for_function(
            "before => { const p = [...document.querySelectorAll('[data-testid=stMarkdownContainer] p')]"
            ".find(p => p.innerText.includes('queries, by')); return p && p.innerText !== before; }",
            arg=before,
        )
        self.tab.wait_for_selector(SETTLED)
        return time.perf_counter() - started


def _next_case(tab: Page) -> float:
    before = tab.locator(".st-key-query .fs-note").inner_text()
    started = time.perf_counter()
    tab.locator(".st-key-next button:visible").click()
    tab.wait_for_function(
        "before => document.querySelector('.st-key-query .fs-note')?.innerText !== before", arg=before
    )
    tab.wait_for_selector(SETTLED)
    return time.perf_counter() - started


def evaluation(home: Path, n: int, catalog: str, pairs: Pairs) -> dict[str, Any]:
    """Leave-one-out over a whole catalog: every measure's rankings against the matrix products alone."""
    import numpy as np

    from fashion_search.catalog import Protocol, draw_split
    from fashion_search.evaluation import saved
    from fashion_search.evaluation.measures import MEASURES
    from fashion_search.evaluation.rankings import rank
    from fashion_search.store import open_store

    store = open_store(catalog)
    split = draw_split(store.catalog, Protocol.LEAVE_ONE_OUT)
    result: dict[str, Any] = {"queries": len(split.queries)}
    for method in store.methods:
        library = store.library(method)

        def products(kind: type[Any], library: Any = library) -> float:
            vectors = np.asarray(library.vectors, dtype=kind)
            return timed(lambda: [vectors[start : start + 512] @ vectors.T for start in range(0, len(vectors), 512)])

        def ours(library: Any = library) -> float:
            return timed(lambda: rank(library, split))

        result[method] = pairs(lambda: products(np.float64), ours, n)
        result[method]["ratio_to_single_precision"] = pairs(lambda: products(np.float32), ours, n)["ratio"]
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            saved.rankings(folder, library, split)
            result[method]["read_again_s"] = round(timed(partial(saved.rankings, folder, library, split)), 4)
    rankings = rank(store.library("resnet18"), split)
    result["ir_measures_s"] = round(timed(lambda: _ir_measures(store.catalog, rankings)), 2)
    result["own_measures_s"] = round(timed(lambda: [one.of(rankings, 5) for one in MEASURES.values()]), 3)
    return result


def timed(run: Callable[[], object]) -> float:
    """Seconds."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def _ir_measures(catalog: Any, rankings: Any) -> dict[Any, float]:
    """The same rankings, to the same depth, by ``ir-measures``; for information."""
    import ir_measures
    from ir_measures import AP, RR, P, R, Rprec, Success, nDCG

    qrels, run = [], []
    for place, query in enumerate(rankings.queries.tolist()):
        name = str(query)
        group = catalog.groups[catalog.group_of[query]].rows.tolist()
        qrels += [ir_measures.Qrel(name, str(row), 1) for row in group if row != query]
        found = rankings.rows[place].tolist()
        run += [ir_measures.ScoredDoc(name, str(row), -rank) for rank, row in enumerate(found) if row >= 0]
    wanted = [P @ 5, R @ 5, Success @ 5, AP @ 5, nDCG @ 5, Rprec, RR]
    return dict(ir_measures.calc_aggregate(wanted, qrels, run))
