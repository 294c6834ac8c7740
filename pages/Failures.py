"""The Failures page: where two methods differ, case by case, and what people say of it."""

import streamlit as st

from fashion_search.store import Store
from fashion_search.ui import page, shown, verdicts
from fashion_search.ui.failures import cases, suspects
from fashion_search.ui.url import asked, choose

VIEWS = {"cases": "Cases", "suspects": "Suspect labels", "verdicts": "Verdicts"}


def show(store: Store) -> None:
    """The chosen view under the settings in the sidebar."""
    evaluation = shown.read_settings(store)
    if evaluation is None:
        return
    shown.settings(evaluation, with_measure=False)
    shown.conditions(evaluation)
    view = asked("view", VIEWS, "cases")
    choose(
        "View",
        "view",
        view,
        list(VIEWS),
        "cases",
        st.segmented_control,
        (*shown.OF_A_SELECTION, "threshold", "method"),
        required=True,
        format_func=VIEWS.__getitem__,
        label_visibility="collapsed",
    )
    if view == "verdicts":
        verdicts.show(store)
    elif not evaluation.has_queries:
        shown.explain_no_queries(evaluation)
    elif view == "suspects":
        suspects.show(evaluation)
    else:
        cases.show(evaluation)


def main() -> None:
    """Read the URL, draw the page."""
    catalog = page.chosen_catalog()
    with st.sidebar:
        page.sidebar(catalog, evaluation_page=page.FAILURES_PAGE)
    st.title("Where do methods fail, and why?")
    page.show(catalog, show)


page.run("Failures", main)
