"""In which orders results stand: by similarity, by labels, varied; several at once are rows beside each other."""

from collections.abc import Callable, Sequence

import streamlit as st

from fashion_search.encoders import MATCHED, ORDERS, Order, base_method, encoder_spec, order_name, order_of, reranked
from fashion_search.encoders.orders import MOST_VARIED, SLIDER, can_order
from fashion_search.errors import UnknownNameError
from fashion_search.matching import SHORT_LIST
from fashion_search.ui import url

_SIMILARITY, _LABELS, _VARIED, _KEYPOINTS = "Similarity", "Labels", "Varied", "Keypoints"
_HELP = (
    "**Similarity**: as the method finds them. **Labels**: what the query probably is counts too, told by the "
    "catalog’s labels; the query’s own are never looked at. **Varied**: at most a few of each style group. Choose "
    "several to see them side by side."
)
_HELP_KEYPOINTS = (
    f" **Keypoints**: the {SHORT_LIST} most similar items by how many of the query’s keypoints match theirs; only "
    "methods of local features have any."
)


def base_methods(methods: Sequence[str]) -> tuple[str, ...]:
    """The methods whose vectors are used, each once."""
    return tuple(dict.fromkeys(base_method(method) for method in methods))


def orders_of(methods: Sequence[str]) -> tuple[str, ...]:
    """The orders that they stand in, each once; empty for similarity."""
    return tuple(dict.fromkeys(order_name(method) for method in methods))


def under(methods: Sequence[str], orders: Sequence[str]) -> tuple[str, ...]:
    """Each of the methods under each of the orders; one without keypoints is ordered by similarity instead of them."""
    pairs = [(method, order) for method in base_methods(methods) for order in orders]
    return tuple(
        dict.fromkeys(
            reranked(method, order if order != MATCHED.name or _has_keypoints(method) else "")
            for method, order in pairs
        )
    )


def _has_keypoints(method: str) -> bool:
    return can_order(encoder_spec(method), MATCHED.name)


def asked_orders() -> tuple[str, ...]:
    """The orders beside similarity that the address of Metrics and Failures asks for."""
    asked = tuple(dict.fromkeys(name for name in url.given("rerank").split(",") if name))
    known = tuple(name for name in asked if _is_order(name))
    if unknown := [name for name in asked if name not in known]:
        quoted = ", ".join(f"“{name}”" for name in unknown)
        url.complain(f"There is no order {quoted} here; there are {', '.join((*ORDERS, MATCHED.name))}.")
    return known


def _is_order(name: str) -> bool:
    try:
        order_of(reranked("", name))
    except UnknownNameError:
        return False
    return True


def boxes(methods: Sequence[str], change: Callable[[tuple[str, ...]], None], with_similarity: bool = True) -> None:
    """The choice in the sidebar.

    Keypoints are offered beside similarity alone: they are compared query by query, which takes an evaluation minutes.

    Args:
        methods: those shown, each under its order.
        change: called with those chosen.
        with_similarity: whether the order by similarity is a choice too; else it is always there.
    """
    orders = [name for name in orders_of(methods) if name or with_similarity]
    by_keypoints = MATCHED.name in orders
    kinds = [_SIMILARITY, _LABELS, _VARIED] if with_similarity else [_LABELS, _VARIED]
    if by_keypoints or (with_similarity and any(map(_has_keypoints, base_methods(methods)))):
        kinds.append(_KEYPOINTS)
    by_labels = next((name for name in orders if name in SLIDER), "")
    most = max((order_of(reranked("", name)).most for name in orders if name), default=0)
    state = st.session_state
    state["order-kinds"] = [
        kind
        for kind, is_shown in (
            (_SIMILARITY, "" in orders),
            (_LABELS, bool(by_labels)),
            (_VARIED, most > 0),
            (_KEYPOINTS, by_keypoints),
        )
        if is_shown and kind in kinds
    ]
    state["order-share"] = by_labels or "balanced"
    state["order-most"] = most or 1

    def chosen() -> None:
        of_kind = {
            _SIMILARITY: "",
            _LABELS: state.get("order-share", "balanced"),
            _VARIED: "varied" if state.get("order-most", 1) == 1 else f"varied-{state['order-most']}",
            _KEYPOINTS: MATCHED.name,
        }
        change(tuple(of_kind[kind] for kind in kinds if kind in state["order-kinds"]))

    st.pills(
        "Order of results" if with_similarity else "Beside them, re-ranked",
        kinds,
        selection_mode="multi",
        key="order-kinds",
        on_change=chosen,
        help=_HELP + (_HELP_KEYPOINTS if _KEYPOINTS in kinds else ""),
    )
    if by_labels:
        st.select_slider(
            "Similar ⟷ same style",
            SLIDER,
            key="order-share",
            format_func=lambda name: ORDERS[name].title,
            on_change=chosen,
            help="\n\n".join(f"**{ORDERS[name].title}**: {_explained(ORDERS[name])}" for name in SLIDER),
        )
    if most:
        st.number_input("Most items of a style group", 1, MOST_VARIED, key="order-most", on_change=chosen)


def _explained(order: Order) -> str:
    return f"{order.summary} Labels count {order.share:.0%}."
