"""What others have published, beside figures of our own."""

from collections.abc import Sequence

import streamlit as st

from fashion_search.evaluation import published
from fashion_search.evaluation.published import Published
from fashion_search.ui.shown import Shown
from fashion_search.ui.text import as_list, plain


def say_where(evaluation: Shown, theirs: Sequence[Published]) -> None:
    """Where their values stand, and in what their conditions differ from those here."""
    st.caption("Not measured here, but published:\n" + as_list(published.references(theirs)))
    if different := published.differences(evaluation):
        st.caption(f"They are of other conditions: {plain('; '.join(different))}.")
