"""The queries behind a figure, as pictures: each leads to its Search page and to its case on the Failures page."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st

from fashion_search.evaluation.measures import MEASURES
from fashion_search.ui import cards, page
from fashion_search.ui.shown import Shown
from fashion_search.ui.text import escape, title_of
from fashion_search.ui.url import asked_number, go

_AT_ONCE = 10  # cards
_T = TypeVar("_T")
Said = Mapping[str, Callable[[int], str]]  # method → what it reaches for the query at a place


def scores(evaluation: Shown, methods: Sequence[str], measure: str) -> Said:
    """What each method scores for a query by a measure."""

    def of(method: str) -> Callable[[int], str]:
        values = MEASURES[measure].of(evaluation.rankings_of(method), evaluation.k)
        return lambda place: f"{values[place]:.2f}"

    return {method: of(method) for method in methods}


def queries(
    evaluation: Shown, places: Sequence[int], said: Said, key: str, compared: tuple[str, str] | None = None
) -> None:
    """Cards of queries, page by page, with what each method reaches for them.

    Args:
        evaluation: the evaluation.
        places: of the queries in its rankings, in the order to show them.
        said: what is said of each method's result, such as ``scores``.
        key: tells this row of cards from others on the page.
        compared: the two methods under which a case is opened; none where there is only one.
    """
    catalog = evaluation.store.catalog
    methods = list(said)
    first = evaluation.rankings_of(methods[0])
    shown, place_for_cards = one_page(places, key)
    for place in shown:
        row = int(first.queries[place])
        item = catalog.items[row]
        with place_for_cards, cards.card(f"{key}-{place}"):
            lines = "".join(
                f'<div class="fs-pair"><span>{escape(title_of(method))}</span><b>{tell(place)}</b></div>'
                for method, tell in said.items()
            )
            st.html(cards.item_html(evaluation.store, row) + f'<div class="fs-pairs">{lines}</div>')
            st.page_link(
                page.SEARCH_PAGE,
                label="Search",
                icon=":material/image_search:",
                query_params=evaluation.search_link(item.id, methods),
            )
            if compared:
                case = {"protocol": str(evaluation.protocol), "a": compared[0], "b": compared[1], "case": item.id}
                st.page_link(
                    page.FAILURES_PAGE,
                    label="Compare",
                    icon=":material/compare:",
                    query_params=page.evaluation_params() | case,
                )


def one_page(places: Sequence[_T], key: str) -> tuple[Sequence[_T], Any]:
    """Those that the page number in the address names, and the row for their cards, with the pager below it."""
    n_pages = max(1, -(-len(places) // _AT_ONCE))
    number = min(asked_number("page", 1, 100_000, 1), n_pages)
    pager = f"{key}-page-{number}"  # another page in the address is another pager, which shows that page

    def turn() -> None:
        chosen = st.session_state[pager]
        go(page=None if chosen == 1 else str(chosen))

    row = cards.cards(key)
    if n_pages > 1:
        st.pagination(n_pages, default=number, key=pager, on_change=turn)
    return places[(number - 1) * _AT_ONCE :][:_AT_ONCE], row
