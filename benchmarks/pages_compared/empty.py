"""The baseline of a first load: a Streamlit page with nothing but a line of text."""

import streamlit as st

st.markdown("ready")
