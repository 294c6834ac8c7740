"""A part of an evaluation's page that a click in it draws again without the rest, which then need not be sent."""

from collections.abc import Callable

import streamlit as st

from fashion_search.errors import FashionSearchError
from fashion_search.ui import page, process
from fashion_search.ui.shown import Shown


def show(evaluation: Shown, evaluation_page: str, draw: Callable[[], None]) -> None:
    """Draw a part; the whole page is drawn again where that part alone fails, or the rest shows what is past.

    Args:
        evaluation: what the rest of the page shows.
        evaluation_page: this page.
        draw: draws the part by the address as it is then.
    """
    failures: list[FashionSearchError] = []
    is_alone = False

    def part() -> None:
        nonlocal is_alone
        try:
            if is_alone and not evaluation.is_current:
                st.rerun()
            with process.page_turn():
                page.remember(evaluation_page)
                draw()
        except FashionSearchError as error:
            if is_alone:
                st.rerun()
            failures.append(error)  # Streamlit shows what leaves this function; the page says how to mend it
        is_alone = True

    st.fragment(part)()
    if failures:
        raise failures[0]
