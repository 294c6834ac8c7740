"""The baseline of an interaction: a click that changes one line of text."""

import streamlit as st

clicks = st.session_state.setdefault("clicks", 0)


def count() -> None:
    """Count a click."""
    st.session_state["clicks"] += 1


st.button("Click", on_click=count)
st.markdown(f"clicked {clicks} times")
