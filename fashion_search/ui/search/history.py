"""The session's earlier queries: a strip of thumbnails, one click away."""

from dataclasses import replace

import streamlit as st

from fashion_search.store import Store
from fashion_search.ui import cards
from fashion_search.ui.search import upload
from fashion_search.ui.search.upload import Upload
from fashion_search.ui.url import View, open_view

_MOST = 8  # on the strip
_KEPT = 40  # of all catalogs
_ASKED = "asked"  # session state: the queries of this session, the newest first

Asked = str | tuple[str, str]
"""A query of the session: an upload by its id, or an item by its catalog and id."""


def show(query: Upload | str, view: View, store: Store) -> None:
    """Remember the query that is shown, an upload or an item's id, and offer those before it that can be asked here."""
    now = query.id if isinstance(query, Upload) else (store.name, query)
    asked: list[Asked] = st.session_state.get(_ASKED, [])
    before = [one for one in asked if one != now]
    waiting = [name for name in reversed(upload.uploads()) if name not in (now, *before)]
    before = [*waiting, *before]  # those that came with another and were not asked yet
    st.session_state[_ASKED] = [now, *before][:_KEPT]
    shown = [one for one in before if _can_be_asked(one, view, store)]
    if not shown:
        return
    st.caption("Earlier in this session")
    with st.container(key="strip-earlier", horizontal=True, gap="xsmall"):
        for place, one in enumerate(shown[:_MOST]):
            _button(one, view, store, f"earlier-{place}")  # Streamlit keeps what it knows of every key of a session


def _can_be_asked(one: Asked, view: View, store: Store) -> bool:
    if isinstance(one, str):
        return one in upload.uploads()
    catalog, item = one
    if catalog != store.name or item not in store.catalog:
        return False
    return not view.protocol.queries or store.catalog.row(item) >= store.catalog.n_items


def _button(one: Asked, view: View, store: Store, key: str) -> None:
    if isinstance(one, str):
        picture = cards.on_button(upload.thumbnail(upload.uploads()[one]), "Your picture")
        st.button(picture, key=key, on_click=upload.choose, args=[one, view])
        return
    _, item = one
    picture = cards.on_button(store.thumbnail(store.catalog.row(item)), f"Item {item}")
    st.button(picture, key=key, on_click=open_view, args=[replace(view, query=item)])
