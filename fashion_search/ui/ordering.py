"""In which orders results stand, and how they are found: several at once are rows beside each other.

A *variant* is what follows a method's name: nothing for the order by similarity, ``@INDEX`` for the same by an index,
``~ORDER`` for one by labels.
"""

from collections.abc import Callable, Collection, Iterable, Sequence

import streamlit as st

from fashion_search.encoders import (
    INDEXES,
    MATCHED,
    ORDERS,
    Order,
    base_method,
    encoder_spec,
    index_name,
    indexed,
    order_name,
    order_of,
    reranked,
)
from fashion_search.encoders.orders import MOST_VARIED, SLIDER, can_order
from fashion_search.errors import UnknownNameError
from fashion_search.matching import SHORT_LIST
from fashion_search.store import Store
from fashion_search.ui import url

_SIMILARITY, _LABELS, _VARIED, _KEYPOINTS = "Similarity", "Labels", "Varied", "Keypoints"
_MEANINGS = {
    _SIMILARITY: "as the method finds them.",
    _LABELS: "what the query probably is counts too, told by the catalog’s labels; the query’s own are never looked "
    "at.",
    _VARIED: "at most a few of each style group.",
    _KEYPOINTS: f"the {SHORT_LIST} most similar items by how many of the query’s keypoints match theirs; only methods "
    "of local features have any.",
}


def base_methods(methods: Sequence[str]) -> tuple[str, ...]:
    """The methods whose vectors are used, each once."""
    return tuple(dict.fromkeys(base_method(method) for method in methods))


def variants_of(methods: Sequence[str]) -> tuple[str, ...]:
    """Their variants, each once."""
    return tuple(dict.fromkeys(method.removeprefix(base_method(method)) for method in methods))


def under(methods: Sequence[str], variants: Sequence[str], store: Store) -> tuple[str, ...]:
    """Each of the methods in each of the variants; where one lacks an index or keypoints, by similarity instead."""
    names = ((method, f"{method}{variant}") for method in base_methods(methods) for variant in variants)
    built = store.indexed
    return tuple(dict.fromkeys(name if _has(name, built) else method for method, name in names))


def _has(name: str, built: Collection[str]) -> bool:
    if order_name(name) == MATCHED.name:
        return _has_keypoints(base_method(name))
    return not index_name(name) or name in built


def _has_keypoints(method: str) -> bool:
    return can_order(encoder_spec(method), MATCHED.name)


def asked_variants(store: Store) -> tuple[str, ...]:
    """Those beside similarity that the address of Metrics and Failures asks for."""
    built = _built(store, store.methods)
    orders = _known("rerank", "order", _is_order, ", ".join((*ORDERS, MATCHED.name)))
    indexes = _known("index", "index", lambda name: name in built, ", ".join(built) or "none")
    return (*(indexed("", name) for name in indexes), *(reranked("", name) for name in orders))


def _known(parameter: str, noun: str, is_known: Callable[[str], bool], choice: str) -> tuple[str, ...]:
    """The names in a parameter; a sentence for those that make no sense."""
    asked = tuple(dict.fromkeys(name for name in url.given(parameter).split(",") if name))
    known = tuple(name for name in asked if is_known(name))
    if unknown := [name for name in asked if name not in known]:
        quoted = ", ".join(f"“{name}”" for name in unknown)
        url.complain(f"There is no {noun} {quoted} here; there are {choice}.")
    return known


def _is_order(name: str) -> bool:
    try:
        order_of(reranked("", name))
    except UnknownNameError:
        return False
    return True


def parameters(variants: Sequence[str]) -> dict[str, str | None]:
    """What ``asked_variants`` reads."""
    return {
        "rerank": ",".join(filter(None, map(order_name, variants))) or None,
        "index": ",".join(filter(None, map(index_name, variants))) or None,
    }


def _built(store: Store, methods: Iterable[str]) -> list[str]:
    """The indexes that some of the methods have."""
    built = store.indexed
    return [name for name in INDEXES if any(indexed(method, name) in built for method in methods)]


def boxes(
    methods: Sequence[str], store: Store, change: Callable[[tuple[str, ...]], None], with_similarity: bool = True
) -> None:
    """The choice in the sidebar; nothing where there is none.

    Keypoints are offered beside similarity alone: they are compared query by query, which takes an evaluation minutes.

    Args:
        methods: those shown.
        store: the catalog.
        change: called with the variants chosen.
        with_similarity: whether the order by similarity is a choice too; else it is always there.
    """
    variants = variants_of(methods)
    orders = list(filter(None, map(order_name, variants)))
    by_labels = next((name for name in orders if name in SLIDER), "")
    most = max((order_of(reranked("", name)).most for name in orders), default=0)
    by_index = {INDEXES[name].title: indexed("", name) for name in _built(store, base_methods(methods))}
    is_shown = {
        _SIMILARITY: "" in variants,
        _LABELS: bool(by_labels),
        _VARIED: most > 0,
        _KEYPOINTS: MATCHED.name in orders,
    }
    is_shown |= {kind: variant in variants for kind, variant in by_index.items()}
    kinds = [*by_index, _LABELS, _VARIED] if store.catalog.columns else [*by_index]
    if is_shown[_KEYPOINTS] or (with_similarity and any(map(_has_keypoints, base_methods(methods)))):
        kinds.append(_KEYPOINTS)
    kinds = [_SIMILARITY, *kinds] if with_similarity else kinds
    if set(kinds) <= {_SIMILARITY}:
        return
    state = st.session_state
    state["order-kinds"] = [kind for kind in kinds if is_shown[kind]]
    state["order-share"] = by_labels or "balanced"
    state["order-most"] = most or 1

    def chosen() -> None:
        of_kind = by_index | {
            _SIMILARITY: "",
            _LABELS: reranked("", state.get("order-share", "balanced")),
            _VARIED: reranked("", "varied" if state.get("order-most", 1) == 1 else f"varied-{state['order-most']}"),
            _KEYPOINTS: reranked("", MATCHED.name),
        }
        change(tuple(of_kind[kind] for kind in kinds if kind in state["order-kinds"]))

    st.pills(
        "Order of results" if with_similarity else "Beside them",
        kinds,
        selection_mode="multi",
        key="order-kinds",
        on_change=chosen,
        help=_help(kinds),
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


def _help(kinds: Sequence[str]) -> str:
    meanings = _MEANINGS | {
        index.title: f"by similarity too, but found by an index, without comparing every item. {index.summary}"
        for index in INDEXES.values()
    }
    explained = [f"**{kind}**: {meanings[kind]}" for kind in kinds]
    return "\n\n".join([*explained, "Choose several to see them side by side."])


def _explained(order: Order) -> str:
    return f"{order.summary} Labels count {order.share:.0%}."
