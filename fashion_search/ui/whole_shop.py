"""The whole shop on the Search page: the switch, and what is said where it is searched."""

from dataclasses import replace

import streamlit as st

from fashion_search.catalog import Protocol
from fashion_search.encoders import encoder_spec
from fashion_search.errors import FashionSearchError
from fashion_search.store import Store
from fashion_search.ui import data, open_mode
from fashion_search.ui.text import plain, title_of
from fashion_search.ui.url import UPLOAD, View, open_view
from fashion_search.whole_store import WholeStore, has_rest

_KEY = "whole"


def opened(store: Store, view: View) -> tuple[Store, View, list[str]]:
    """The store that a view searches; the catalog alone, and why, where its whole shop cannot be searched.

    Returns:
        The store, the view that it shows, and sentences, not escaped.
    """
    if not view.whole:
        return store, view, []
    try:
        found = data.whole(store)
        if found.catalog.items and found.methods:
            return found, view, []
        why = f"No method of the catalog has encoded the rest of the shop yet. Encode it: {found.how_to_build}"
    except FashionSearchError as error:
        why = str(error)
    return store, replace(view, whole=False), [f"{why} The catalog is searched."]


def switch(view: View, store: Store) -> None:
    """Whether all of the shop is searched; only where what the catalog leaves out was built."""
    if not has_rest(store):
        return

    def change() -> None:
        items = store.plain.catalog
        is_here = view.query in items or (view.query == UPLOAD) or not view.query
        query = view.query if is_here else ""  # of the rest, or of a query set
        open_view(replace(view, whole=st.session_state[_KEY], protocol=Protocol.LEAVE_ONE_OUT, query=query))

    st.session_state[_KEY] = view.whole
    st.toggle(
        "Whole shop",
        key=_KEY,
        on_change=change,
        help="Also search what the catalog leaves out for the size of its style group. Figures on the other pages are "
        "of the catalog alone.",
    )


def line(store: Store) -> None:
    """What is searched, and what cannot be said of it; nothing where that is the catalog alone."""
    if not isinstance(store, WholeStore):
        return
    items, rest = store.plain.catalog.n_items, len(store.rest.catalog.items)
    told = [
        f":material/storefront: **Whole shop**: {items:,} items of the catalog and {rest:,} that it leaves out for the "
        "size of their style group. Trust and evaluations are told of the catalog alone."
    ]
    unread = [title_of(method) for method in store.lacking if encoder_spec(method).encodes]
    how = "." if open_mode.is_on() else f": `{store.how_to_build}`"
    told += [f"Not encoded by {plain(', '.join(unread))} yet{how}"] if unread else []
    st.caption(" ".join(told))
