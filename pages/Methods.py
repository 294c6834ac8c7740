"""The Methods page: what each method is worth, and what it costs."""

import streamlit as st

from fashion_search.store import Store
from fashion_search.ui import page, shown
from fashion_search.ui.methods import papers_tables, table, tradeoff
from fashion_search.ui.url import asked, choose

VIEWS = {"costs": ("Quality and cost", tradeoff.show), "tables": ("The second paper’s tables", papers_tables.show)}


def show(store: Store) -> None:
    """The chosen view under the settings in the sidebar; of a catalog without labels its costs alone."""
    if not store.catalog.columns:
        table.of_costs_alone(store)
        return
    evaluation = shown.read_settings(store)
    if evaluation is None:
        return
    shown.settings(evaluation)
    shown.conditions(evaluation)
    view = asked("view", VIEWS, "costs")
    choose(
        "View",
        "view",
        view,
        list(VIEWS),
        "costs",
        st.segmented_control,
        ("point", "method"),
        required=True,
        format_func=lambda name: VIEWS[name][0],
        label_visibility="collapsed",
    )
    if evaluation.has_queries:
        VIEWS[view][1](evaluation)
    else:
        shown.explain_no_queries(evaluation)
        table.of_costs_alone(store)


def main() -> None:
    """Read the URL, draw the page."""
    catalog = page.chosen_catalog()
    with st.sidebar:
        page.sidebar(catalog, evaluation_page=page.METHODS_PAGE)
    st.title("What is each method worth, and what does it cost?")
    page.show(catalog, show)


page.run("Methods", main)
