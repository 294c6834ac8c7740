"""Pages with evaluations against a bare Streamlit rerun, and the evaluation against its matrix products."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from benchmarks.browser import PAGES, SETTLED, BareRerun, Server, browser
from benchmarks.measuring import Goal, Row, Setting, paired, timed


def pages(setting: Setting) -> Iterator[Row]:
    """With the stored evaluation: Metrics and Methods drawn, a row of a breakdown selected, the next case of Failures;
    against a bare Streamlit rerun.

    What the methods cost is stored before, as a build does it.
    """
    from fashion_search.costs import measure
    from fashion_search.store import open_store

    catalog = setting.catalog
    measure(open_store(catalog))
    with ExitStack() as stack:
        chromium = stack.enter_context(browser())
        bare, app = (stack.enter_context(Server(page, setting.home)) for page in (PAGES / "rerun.py", None))
        bare.wait()
        app.wait()
        rerun, tab = BareRerun(chromium.new_page(), bare.url), chromium.new_page()
        tab.set_viewport_size({"width": 1440, "height": 900})

        def measured(what: str, path: str, ours: Callable[[], float], limit: float) -> Row:
            tab.goto(f"{app.url}/{path}")
            tab.wait_for_selector("h1")
            tab.wait_for_selector(SETTLED)
            tab.wait_for_timeout(1000)
            return Row.of(what, "a bare rerun", paired(rerun, ours, setting.n, warm=2), goal=Goal("≤", limit))

        here = f"Catalog?catalog={catalog}"
        yield measured("Metrics drawn", here, lambda: _drawn(tab, "Metrics", "How often", ".bars"), 4)
        yield measured("Methods drawn", here, lambda: _drawn(tab, "Methods", "What is each", ".scatterlayer"), 4)
        yield measured("row selected", f"Metrics?catalog={catalog}&view=breakdown", _RowSelector(tab), 2.5)
        yield measured("next case", f"Failures?catalog={catalog}", lambda: _next_case(tab), 2)


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


def evaluation(setting: Setting) -> Iterator[Row]:
    """Leave-one-out over a whole catalog against its matrix products alone, in double precision as results are compared
    and in single precision; the same read again; and all measures against those of ``ir-measures``.
    """
    import numpy as np

    from fashion_search.catalog import Protocol, draw_split
    from fashion_search.evaluation import saved
    from fashion_search.evaluation.measures import MEASURES
    from fashion_search.evaluation.rankings import rank
    from fashion_search.store import open_store

    store = open_store(setting.catalog)
    split = draw_split(store.catalog, Protocol.LEAVE_ONE_OUT)
    count = f"{len(split.queries):,} queries"
    for method in store.methods:
        library = store.library(method)
        vectors = np.array(library.vectors)

        def products(kind: type[Any], vectors: Any = vectors) -> float:
            wide = np.asarray(vectors, dtype=kind)
            return timed(lambda: [wide[start : start + 512] @ wide.T for start in range(0, len(wide), 512)])

        def ours(library: Any = library) -> float:
            return timed(lambda: rank(library, split))

        double, single = partial(products, np.float64), partial(products, np.float32)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            saved.rankings(folder, library, split)
            again = partial(timed, partial(saved.rankings, folder, library, split))
            ranked = f"{method}, {count}"
            goal = Goal("≤", 2) if len(split.queries) >= 6217 else None
            yield Row.of(ranked, "products, float64", paired(double, ours, setting.n, warm=1), goal=goal)
            yield Row.of(ranked, "products, float32", paired(single, ours, setting.n, warm=1))
            yield Row.of(f"{method}, read again", "products, float32", paired(single, again, setting.n))
    rankings = rank(store.library("resnet18"), split)
    theirs = partial(timed, lambda: _ir_measures(store.catalog, rankings))
    own = partial(timed, lambda: [one.of(rankings, 5) for one in MEASURES.values()])
    yield Row.of("all measures of resnet18", "ir-measures", paired(theirs, own, 2 if setting.is_full else 1))


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
