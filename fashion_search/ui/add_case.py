"""“Add to the report”: what a page shows becomes a case, with a comment."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import msgspec
import streamlit as st

from fashion_search.cases import Case, capture, open_cases
from fashion_search.cases.model import MOST_COMMENT, Conditions, Findings
from fashion_search.catalog import Split
from fashion_search.catalog.relevance import NO_VERDICTS
from fashion_search.catalog.text import in_order
from fashion_search.errors import FashionSearchError
from fashion_search.evaluation.words import number
from fashion_search.search import Query, Ranking
from fashion_search.store import Store
from fashion_search.ui import data, open_mode, page, url
from fashion_search.ui.shown import Shown
from fashion_search.ui.text import plain
from fashion_search.ui.url import MAX_K, View

if TYPE_CHECKING:
    import pandas as pd

_ADDED = "cases added"  # session state: how often; each time the box of the comment is a new, empty one
_MOST_LINES = 30  # of a table
_SAID = "case said"  # session state: what adding did, said once


def button(store: Store, make: Callable[[], Case], width: Literal["stretch", "content"] = "content") -> None:
    """A button that opens a box for a comment; ``make`` gives the case without it, when it is added."""
    if not open_mode.takes_cases():
        return
    state = st.session_state
    if _SAID in state:
        st.toast(state.pop(_SAID), icon=":material/check:")
    try:
        cases = data.cases(store.name)
    except FashionSearchError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    label = f"Add to the report · {len(cases)}" if cases else "Add to the report"
    added = state.get(_ADDED, 0)
    with st.popover(label, key=f"case-box-{added}", width=width):
        comment = st.text_area(
            "Comment",
            key=f"case-comment-{added}",
            max_chars=MOST_COMMENT,
            placeholder="What should others see here? It may stay empty.",
        )
        if st.button("Add", type="primary", icon=":material/add:", key="case-add", width="stretch"):
            _add(store, cases, make(), comment or "")
        st.page_link(
            page.METRICS_PAGE,
            label="All cases, the report and PowerPoint",
            icon=":material/description:",
            query_params={"catalog": store.name, "view": "report"},
        )


def _add(store: Store, cases: tuple[Case, ...], case: Case, comment: str) -> None:
    known = next((number for number, one in enumerate(cases, start=1) if one.shows_the_same(case)), None)
    if known is not None:
        st.info(f"Case {known} of the report shows just this. Change its comment there.", icon=":material/info:")
        return
    try:
        open_mode.check_cases()
        number = open_cases(store.name).add(msgspec.structs.replace(case, comment=in_order(comment).strip()))
    except FashionSearchError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.session_state[_ADDED] = st.session_state.get(_ADDED, 0) + 1
    st.session_state[_SAID] = f"Added: case {number} of the report"
    st.rerun()


def of_search(store: Store, view: View, split: Split, query: Query, rankings: Sequence[Ranking]) -> Case:
    """What the Search page shows; an uploaded picture is kept small, and no link leads to it."""
    shown = capture.results(store, query, rankings, view.k, split.gallery)
    conditions = capture.conditions(store, split, view.k, NO_VERDICTS)
    if query.row is None:
        return Case("Search", shown, conditions)
    seen = replace(view, query=store.catalog.items[query.row].id, usual=())  # the methods too, whatever is usual later
    return Case("Search", shown, conditions, seen.to_params())


def of_failure(evaluation: Shown, query: Query, rankings: Sequence[Ranking]) -> Case:
    """A case of the Failures page, with as many results as it draws."""
    assert query.row is not None
    assert evaluation.pair is not None
    store, k = evaluation.store, min(evaluation.k, MAX_K)
    shown = capture.results(store, query, rankings, k, evaluation.split.gallery)
    conditions = capture.conditions(store, evaluation.split, k, evaluation.verdicts)
    first, second = evaluation.pair
    link = url.params() | {"catalog": store.name, "case": store.catalog.items[query.row].id, "a": first, "b": second}
    return Case("Failures", shown, conditions, link)


def of_table_1(evaluation: Shown) -> Case:
    """Table 1 and its findings."""
    store = evaluation.store
    conditions = capture.conditions(store, evaluation.split, evaluation.k, evaluation.verdicts)
    return Case("Metrics", capture.findings(evaluation), conditions, url.params() | {"catalog": store.name})


def of_table(
    store: Store, conditions: Conditions, headline: str, sentences: Sequence[str], table: "pd.DataFrame"
) -> Case:
    """A table of the Metrics page, of a long one the first lines; its first column names the lines.

    ``headline`` is the finding, ``sentences`` say what the figures are.
    """
    is_long = len(table) > _MOST_LINES
    said = [*sentences, *([f"The first {_MOST_LINES} of {len(table):,} lines."] if is_long else [])]
    lines = [tuple(_cell(value) for value in line) for line in table.head(_MOST_LINES).itertuples(index=False)]
    shown = Findings(headline, tuple(said), tuple(map(str, table.columns)), tuple(lines))
    return Case("Metrics", shown, conditions, url.params() | {"catalog": store.name})


def _cell(value: object) -> str:
    return number(value) if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
