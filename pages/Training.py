"""The Training page: how runs go and compare, what each one used, and how to start another."""

import streamlit as st

from fashion_search.ui import open_mode, page
from fashion_search.ui.training import details, overview, runs


def main() -> None:
    """Read the URL, draw the page."""
    catalog = page.chosen_catalog()
    overview.remember()
    with st.sidebar:
        page.sidebar(catalog)
    st.title("How well do methods learn?")
    found = runs.find()
    overview.say_damaged(found)
    overview.say_beginning(found)
    if not found.runs:
        overview.explain(found, catalog)
        return
    shown = overview.choose_runs(found)
    overview.compare(found, shown)
    details.show(found, shown)
    heading = "Recipes" if open_mode.is_on() else "Recipes, and how to start a run"
    with st.expander(heading, icon=":material/menu_book:"):
        overview.start(catalog)
        overview.recipes()


page.run("Training", main)
