"""What pages say of a query set: what it leaves out, which pictures the catalog has too, what has not encoded it."""

import streamlit as st

from fashion_search.catalog import Protocol
from fashion_search.encoders import encoder_spec
from fashion_search.errors import FashionSearchError
from fashion_search.evaluation.words import count
from fashion_search.query_store import StoreWithQueries, left_out
from fashion_search.store import Store
from fashion_search.ui import data, open_mode
from fashion_search.ui.text import as_list, plain, title_of


def opened(store: Store, protocol: Protocol) -> tuple[Store, Protocol, list[str]]:
    """The store under a protocol; under leave-one-out, and why, where the query set is missing, damaged or unanswered.

    Returns:
        The store, the protocol that it is shown under, and sentences, not escaped.
    """
    try:
        found = data.under(store, protocol)
        if not protocol.queries or found.catalog.n_queries:
            return found, protocol, []
        why = f"Nothing in “{store.manifest.title}” answers the query set “{protocol.queries}” now."
    except FashionSearchError as error:
        why = str(error)
    return store.plain, Protocol.LEAVE_ONE_OUT, [f"{why} Leave-one-out is used."]


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
        how = "." if open_mode.is_on() else f": `{store.how_to_add}`"
        st.info(
            f"Not encoded by {plain(', '.join(map(title_of, unread)))} yet" + how,
            icon=":material/hourglass_empty:",
        )
    if others:
        names = plain(", ".join(map(title_of, others)))
        st.info(f"{names}: imported vectors, which cannot encode these pictures.", icon=":material/info:")
