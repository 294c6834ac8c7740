"""The Search page: Streamlit's entry point."""

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fashion_search import logs
from fashion_search.catalog import Protocol, Split
from fashion_search.encoders import base_method
from fashion_search.errors import EngineError, FashionSearchError
from fashion_search.library import Library
from fashion_search.search import Query, Ranking, nearest
from fashion_search.store import Store
from fashion_search.ui import (
    add_case,
    builds,
    data,
    filtering,
    ordering,
    page,
    process,
    query_sets,
    results,
    url,
    verdicts,
    whole_shop,
)
from fashion_search.ui.search import first, query, upload, what
from fashion_search.ui.text import about_protocols, plain, title_of
from fashion_search.ui.url import MAX_K, MAX_SEED, UPLOAD, View, open_view, parse


def settings(view: View, store: Store) -> None:
    """The sidebar: each widget shows the view, and a change of it becomes the URL."""
    state = st.session_state
    variants = ordering.variants_of(view.methods)
    # a list, as the widget returns it, or Streamlit takes it for changed
    state["methods"] = list(ordering.base_methods(view.methods))
    state["k"], state["protocol"], state["seed"] = view.k, view.protocol, view.seed

    protocols = data.protocols(store)

    def change() -> None:
        methods = ordering.under(state["methods"], variants, store) or view.methods
        changed = replace(view, methods=methods, k=state["k"], protocol=state["protocol"], seed=state.get("seed") or 0)
        is_of_others = changed.protocol.queries != view.protocol.queries and view.query != UPLOAD
        open_view(replace(changed, query="") if is_of_others else changed)

    def reorder(chosen: tuple[str, ...]) -> None:
        open_view(replace(view, methods=ordering.under(view.methods, chosen or ("",), store)))

    with st.sidebar:
        st.multiselect("Methods", store.methods, key="methods", format_func=title_of, on_change=change)
        ordering.boxes(view.methods, store, reorder)
        whole_shop.switch(view, store)
        st.slider("Results per method (k)", 1, MAX_K, key="k", on_change=change)
        st.radio(
            "Protocol",
            protocols,
            key="protocol",
            format_func=lambda p: p.label,
            help=about_protocols(protocols),
            on_change=change,
        )
        if view.protocol == Protocol.ONE_PER_GROUP:
            st.number_input("Split seed", 0, MAX_SEED, key="seed", on_change=change)
        filtering.boxes(view.filter, store.catalog, lambda chosen: open_view(replace(view, filter=chosen)))


def search(view: View, store: Store, complaints: list[str]) -> None:
    """The query at the left, each method's row at the right."""
    split = data.split(store, view.protocol, view.seed, view.filter)
    libraries, damaged = opened(store, view.methods)
    examples, fallback = first.query(view, store, split, libraries)
    asked, more = query.resolve(view, store, split, fallback)
    left, right = st.columns([1, 3.4] if asked.picture else [1, 5], gap="medium")  # room to drag a rectangle in
    with right:
        if complaints + more:
            st.warning("\n\n".join(plain(complaint) for complaint in complaints + more), icon=":material/info:")
        whole_shop.line(store)
        filtering.line(view.filter, store.catalog, lambda chosen: open_view(replace(view, filter=chosen)))
        what_is_it = st.container() if asked.picture and store.catalog.columns else None
        said = verdicts.given(store)
        if not split.gallery.any():
            filtering.explain_nothing("No item has all of this.")
        with process.encoding_turn() if asked.picture else nullcontext():
            rankings = ranked(asked, view, store, split, libraries, damaged)
        with results.stage(len(rankings), *query.small(asked, store)):
            results.show_all(rankings, results.Shared(store, asked, view, said, split.gallery))
        if rankings and len(libraries) > 1:
            reference = title_of(rankings[0].library.method)
            st.caption(
                "Similarities of different methods are not comparable; compare ranks. "
                f"▲ and ▼: how an item's rank moved against {reference}. {plain(split.label)}."
            )

    def add() -> None:
        if rankings and not view.whole:  # a case of the report can be opened again in its catalog
            add_case.button(store, lambda: add_case.of_search(store, view, split, asked, rankings), "stretch")

    if what_is_it is not None and rankings:
        with what_is_it:
            what.tell(rankings, view, store.plain if view.whole else store)
    with left:
        query.show(asked, view, store, split, examples, add)
    settings(view if view.query else replace(view, query=fallback), store)


def ranked(
    asked: Query,
    view: View,
    store: Store,
    split: Split,
    libraries: dict[str, Library],
    damaged: dict[str, FashionSearchError],
) -> list[Ranking]:
    """What each method finds; what keeps one from it is said. A picture is encoded once for all orders of a method."""
    found: list[Ranking] = []
    vectors: dict[str, NDArray[np.float32]] = {}
    for method in view.methods if split.gallery.any() else ():
        if method in damaged:
            builds.mend_library(store, method, damaged[method])
            continue
        library, base = libraries[method], base_method(method)
        encoder = builds.matching_encoder(library, store.manifest) if asked.picture and base not in vectors else None
        if asked.picture and encoder is None and base not in vectors:
            continue
        try:
            with logs.timed("search", store.name, method):
                found.append(nearest(asked, library, split.gallery, view.k, encoder=encoder, vector=vectors.get(base)))
        except EngineError as error:  # an index that is kept elsewhere went away since it was opened
            builds.mend_library(store, method, error)
            continue
        vectors[base] = found[-1].vector
    return found


def opened(store: Store, methods: tuple[str, ...]) -> tuple[dict[str, Library], dict[str, FashionSearchError]]:
    """The libraries that can be searched, and why the others cannot."""
    libraries, damaged = {}, {}
    for method in methods:
        try:
            libraries[method] = data.library(store, method)
        except FashionSearchError as error:
            damaged[method] = error
    return libraries, damaged


def main() -> None:
    """Read the URL, draw the page."""
    view, complaints = parse(url.params())
    st.title("Find similar fashion items")
    head = st.sidebar.container()

    def draw(store: Store) -> None:
        store, protocol, about_protocol = query_sets.opened(store, view.protocol)
        here = view if protocol == view.protocol else replace(view, protocol=protocol, query="")
        store, here, about_shop = whole_shop.opened(store, here)
        fitting, more = here.fit(store, upload.current() is not None)
        search(fitting, store, complaints + about_protocol + about_shop + more)

    page.show(view.catalog, draw)
    with head:  # filled last: the browser then loads what the pictures need first
        page.sidebar(view.catalog, url.params())


page.run("Search", main)
