"""What pages say of a query set: what it leaves out, which pictures the catalog has too, what has not encoded it."""

import streamlit as st

from fashion_search.encoders import encoder_spec
from fashion_search.evaluation.words import count
from fashion_search.query_store import StoreWithQueries, left_out
from fashion_search.ui.text import as_list, plain, title_of


def about_left_out(store: StoreWithQueries) -> list[str]:
    """How many pictures are no queries, and why, in words; empty where none is left out."""
    reasons = left_out(store)
    told = ", ".join(f"{number:,} × {reason}" for reason, number in reasons.items())
    return [f"{count(reasons.total(), 'picture', 'pictures')} left out: {plain(told)}"] if reasons else []


def warn(store: StoreWithQueries) -> None:
    """What whoever reads its figures should know."""
    if notes := store.queries.manifest.notes:
        st.info(as_list(notes), icon=":material/content_copy:")
    unread = [method for method in store.lacking if encoder_spec(method).encodes]
    others = [method for method in store.lacking if method not in unread]
    if unread:
        st.info(
            f"Not encoded by {plain(', '.join(map(title_of, unread)))} yet: `{store.how_to_add}`",
            icon=":material/hourglass_empty:",
        )
    if others:
        names = plain(", ".join(map(title_of, others)))
        st.info(f"{names}: imported vectors, which cannot encode these pictures.", icon=":material/info:")
