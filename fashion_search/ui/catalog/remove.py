"""Removing the catalog on the page, after saying what that means."""

import streamlit as st

from fashion_search import removal
from fashion_search.catalog.demo import DEMO
from fashion_search.errors import FashionSearchError
from fashion_search.ui import url
from fashion_search.ui.text import plain

_REMOVED = "catalog removed"  # session state: the title of the one that was removed, until that is said


def said() -> None:
    """What was removed by the last click."""
    if title := st.session_state.pop(_REMOVED, ""):
        st.success(plain(f"“{title}” was removed."), icon=":material/check_circle:")


def offer(name: str) -> None:
    """A button that opens a question; the demo has none."""
    if name == DEMO:
        return
    with st.popover("Remove this catalog", icon=":material/delete:"):
        try:
            st.markdown(plain(removal.removal(name).sentence))
            if st.button("Remove it", key="remove-catalog", type="primary"):
                st.session_state[_REMOVED] = removal.remove(name).title
        except FashionSearchError as error:
            st.error(plain(str(error)), icon=":material/error:")
    if _REMOVED in st.session_state:
        url.open_with({})
        st.rerun()
