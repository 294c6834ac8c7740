"""The Metrics page: what each method scores, how sure that is, and the pictures behind every figure."""

import streamlit as st

from fashion_search.store import Store
from fashion_search.ui import page, shown
from fashion_search.ui.metrics import (
    accuracy,
    breakdown,
    cases,
    catalog_map,
    classification,
    confusion,
    export,
    reliability,
    robustness,
    scores,
)
from fashion_search.ui.url import asked, choose

VIEWS = {
    "scores": ("Scores", scores.show),
    "accuracy": ("Top-k accuracy", accuracy.show),
    "classification": ("Classification", classification.show),
    "breakdown": ("Breakdown", breakdown.show),
    "confusion": ("Confusion", confusion.show),
    "robustness": ("Robustness", robustness.show),
    "reliability": ("Reliability", reliability.show),
    "map": ("Map", catalog_map.show),
    "report": ("Report", export.show),
}
OF_A_VIEW = (
    *shown.OF_A_SELECTION,
    "order",
    "by",
    "sort",
    "words",
    "of",
    "method",
    "family",
    "kind",
    "colour",
    "example",
    "said",
    "per",
)


def show(store: Store) -> None:
    """The chosen view under the settings in the sidebar."""
    if not store.catalog.columns:
        cases.show(store, with_hint=False)  # nothing else here is possible without labels
    evaluation = shown.read_settings(store)
    if evaluation is None:
        return
    shown.settings(evaluation)
    shown.conditions(evaluation)
    view = asked("view", VIEWS, "scores")
    choose(
        "View",
        "view",
        view,
        list(VIEWS),
        "scores",
        st.segmented_control,
        OF_A_VIEW,
        required=True,
        format_func=lambda name: VIEWS[name][0],
        label_visibility="collapsed",
    )
    if evaluation.has_queries or view == "map":
        VIEWS[view][1](evaluation)
    else:
        shown.explain_no_queries(evaluation)
        if view == "report":
            cases.show(store)


def main() -> None:
    """Read the URL, draw the page."""
    catalog = page.chosen_catalog()
    with st.sidebar:
        page.sidebar(catalog, evaluation_page=page.METRICS_PAGE)
    st.title("How often is each method right?")
    page.show(catalog, show)


page.run("Metrics", main)
