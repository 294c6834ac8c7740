"""Removing the catalog on the page or one of its methods, after saying what that means."""

import streamlit as st

from fashion_search import removal
from fashion_search.build.libraries import removable
from fashion_search.catalog.demo import DEMO
from fashion_search.encoders import is_method
from fashion_search.errors import FashionSearchError
from fashion_search.store import Store
from fashion_search.ui import open_mode, url
from fashion_search.ui.text import plain, title_of

_METHOD_REMOVED = "method removed"  # session state: what was removed, until that is said
_REMOVED = "catalog removed"  # session state: the one that was removed, until that is said
_NOT_REMOVED = "not removed"  # session state: what was left elsewhere, in sentences, until that is said


def said() -> None:
    """What was removed by the last click."""
    if what := st.session_state.pop(_METHOD_REMOVED, None):
        st.success(plain(f"{what.title} was removed from “{what.catalog}”."), icon=":material/check_circle:")
    if removed := st.session_state.pop(_REMOVED, None):
        st.success(plain(f"“{removed.title}” was removed."), icon=":material/check_circle:")
    for note in st.session_state.pop(_NOT_REMOVED, ()):
        st.warning(plain(note), icon=":material/info:")


def offer(name: str) -> None:
    """A button that opens a question; the demo has none."""
    if name == DEMO or open_mode.is_on():
        return
    with st.popover("Remove this catalog", icon=":material/delete:"):
        try:
            st.markdown(plain(removal.removal(name).sentence))
            if st.button("Remove it", key="remove-catalog", type="primary"):
                open_mode.check("Removing")
                removed = removal.remove(name)
                st.session_state[_REMOVED], st.session_state[_NOT_REMOVED] = removed, removed.notes
        except FashionSearchError as error:
            st.error(plain(str(error)), icon=":material/error:")
    if _REMOVED in st.session_state:
        url.open_with({})
        st.rerun()


def offer_methods(store: Store) -> None:
    """A button that opens the choice of a method to remove; none where all come with the program."""
    known = list(dict.fromkeys(removable(store)))
    if not known or open_mode.is_on():
        return
    with st.popover("Remove a method", icon=":material/delete:"):
        method = st.selectbox("Method", known, key="remove-which", format_func=_name)
        try:
            what = removal.method_removal(store.name, method)
            st.markdown(plain(what.sentence))
            if st.button("Remove it", key="remove-method", type="primary"):
                open_mode.check("Removing")
                st.session_state[_NOT_REMOVED] = removal.remove_method(what)
                st.session_state[_METHOD_REMOVED] = what
        except FashionSearchError as error:
            st.error(plain(str(error)), icon=":material/error:")
    if _METHOD_REMOVED in st.session_state:
        st.rerun()


def _name(method: str) -> str:
    return title_of(method) if is_method(method) else method
