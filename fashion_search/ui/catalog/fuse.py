"""Fusing two methods of the catalog on the page by weight: one more method, for which nothing is encoded."""

import streamlit as st

from fashion_search.build.libraries import add_fused
from fashion_search.encoders import encoder_spec
from fashion_search.encoders.fusion import fused_name
from fashion_search.errors import FashionSearchError
from fashion_search.store import Store
from fashion_search.ui import open_mode, page
from fashion_search.ui.text import plain, title_of

_DONE = "methods fused"  # session state: the name of the method that was listed, until that is said
_MOST = 100.0  # the weight


def offer(store: Store) -> None:
    """Two methods and the second one's weight."""
    if _DONE in st.session_state:
        method = st.session_state.pop(_DONE)
        st.success(plain(f"{title_of(method)} is a method of this catalog."), icon=":material/check_circle:")
        link = {"catalog": store.name, "methods": ",".join((method, *encoder_spec(method).parts))}
        st.page_link(page.SEARCH_PAGE, label="Search by it", icon=":material/image_search:", query_params=link)
    known = [method for method in store.methods if not store.is_combined(method)]
    if len(known) < 2:
        st.markdown("There is only one method here. Build or import another one to fuse it with.")
        return
    st.markdown("One vector beside the other, the second with a weight. Nothing is encoded for it.")
    with st.form("fuse", border=False):
        first = st.selectbox("Method", known, key="fuse-first", format_func=title_of)
        weight = st.number_input("Weight of the second", 0.01, _MOST, 0.5, 0.1, key="fuse-weight")
        second = st.selectbox("Second method", known, 1, key="fuse-second", format_func=title_of)
        asked = st.form_submit_button("Fuse", icon=":material/join:")
    if asked:
        try:
            open_mode.check("Fusing methods")
            method = encoder_spec(fused_name(first, weight, second)).name
            add_fused(store.name, method)
        except FashionSearchError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        st.session_state[_DONE] = method
        st.rerun()
