"""Among many methods, those of some families: a row of buttons, kept in the address."""

from collections.abc import Sequence

import streamlit as st

from fashion_search.encoders import FAMILIES, encoder_spec
from fashion_search.evaluation.many import MOST_DRAWN
from fashion_search.ui import url
from fashion_search.ui.url import go


def chosen(methods: Sequence[str]) -> list[str]:
    """The methods of the families that the address names; all where there are few, or of one family."""
    found = {encoder_spec(method).family for method in methods}
    families = [family for family in FAMILIES if family in found]
    if len(methods) <= MOST_DRAWN or len(families) < 2:
        return list(methods)
    typed = list(dict.fromkeys(family for family in url.given("family").split(",") if family))
    for family in typed:
        if family not in families:
            url.complain(f"There is no method of the family “{family}” here; the link is shown without it.")
    wanted = [family for family in typed if family in families]

    def change() -> None:
        go(family=",".join(st.session_state["family"]) or None, point=None)

    st.session_state["family"] = wanted
    st.pills("Families", families, selection_mode="multi", key="family", on_change=change)
    return [method for method in methods if not wanted or encoder_spec(method).family in wanted]
