"""The filter of the catalog: its boxes in the sidebar, and the line on the page that says what is left."""

from collections.abc import Callable

import streamlit as st

from fashion_search.catalog import EVERYTHING, Catalog, Filter, title
from fashion_search.ui.text import as_option, plain

_WAS_CHOSEN = "was filtered"  # session state: whether there was a filter when its section was drawn last
_SIGNS = {"is": "Only these", "is-not": "All but these"}

Change = Callable[[Filter], None]
"""Called with what a person chose."""


def boxes(chosen: Filter, catalog: Catalog, change: Change) -> None:
    """For each column its values, how many items have each, and whether they are wanted or left out.

    The section is filled when it is open or something is chosen: each click draws it, and most people filter nothing.
    """
    if not catalog.columns:
        return
    state = st.session_state
    if chosen and not state.get(_WAS_CHOSEN):
        state["where"] = True  # what a link or another part of the page chose is seen
    state[_WAS_CHOSEN] = bool(chosen)
    section = st.expander("Filter the catalog", icon=":material/filter_alt:", key="where", on_change="rerun")
    if section.open or chosen:
        with section:
            for column in catalog.columns:
                _box(chosen, catalog, column, change)


def _box(chosen: Filter, catalog: Catalog, column: str, change: Change) -> None:
    state, values_key, sign_key = st.session_state, f"where-{column}", f"where-sign-{column}"
    condition = chosen.of(column)
    counts = chosen.counts(catalog, column)
    values = list(condition.values) if condition else []

    def changed() -> None:
        change(chosen.where(column, state[values_key], state.get(sign_key) == "is-not"))

    state[values_key] = values
    st.multiselect(
        title(column),
        [value for value, count in counts.items() if count or value in values],
        key=values_key,
        format_func=lambda value: f"{as_option(value)} ({counts[value]:,})",
        placeholder="any",
        on_change=changed,
    )
    if condition:
        state[sign_key] = "is-not" if condition.is_negated else "is"
        st.segmented_control(
            title(column),
            list(_SIGNS),
            key=sign_key,
            format_func=_SIGNS.__getitem__,
            required=True,
            label_visibility="collapsed",
            on_change=changed,
        )


def line(chosen: Filter, catalog: Catalog, change: Change) -> None:
    """What is left of the catalog, with the way back to all of it; nothing where all of it is searched."""
    if not chosen:
        return
    left = int(chosen.mask(catalog)[: catalog.n_items].sum())
    conditions = " and ".join(f"**{plain(condition.label)}**" for condition in chosen.conditions)
    with st.container(key="where-line", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f":material/filter_alt: Only items whose {conditions}: {left:,} of {catalog.n_items:,}", width="content"
        )
        st.button(
            "Show everything",
            key="where-close",
            icon=":material/close:",
            type="tertiary",
            on_click=change,
            args=[EVERYTHING],
        )


def explain_nothing(why: str) -> None:
    """That a filter leaves nothing to show, and what would help; ``why`` is a sentence."""
    st.info(f"{why} Choose other values in the sidebar, or show everything.", icon=":material/search_off:")
