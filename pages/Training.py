"""The Training page: how runs go and compare, what each one used, and how to start another."""

import streamlit as st

from fashion_search.ui import one_run, page, runs, training


def main() -> None:
    """Read the URL, draw the page."""
    page.begin("Training")
    catalog = page.chosen_catalog()
    training.remember()
    with st.sidebar:
        page.sidebar(catalog)
    st.title("How well do methods learn?")
    found = runs.find()
    training.say_damaged(found)
    training.say_beginning(found)
    if not found.runs:
        training.explain(found, catalog)
        return
    shown = training.choose_runs(found)
    training.compare(found, shown)
    one_run.show(found, shown)
    with st.expander("Recipes, and how to start a run", icon=":material/menu_book:"):
        training.start(catalog)
        training.recipes()


main()
