"""The Search page: Streamlit's entry point."""

from dataclasses import replace

import streamlit as st

from fashion_search.catalog import Protocol
from fashion_search.errors import FashionSearchError
from fashion_search.evaluation.failures import PAPERS_METHODS
from fashion_search.library import Library
from fashion_search.search import Ranking, nearest
from fashion_search.store import Store
from fashion_search.ui import add_case, builds, data, filtering, page, results, url, verdicts
from fashion_search.ui.search import query
from fashion_search.ui.text import ABOUT_PROTOCOLS, plain, title_of
from fashion_search.ui.url import MAX_K, MAX_SEED, View, open_view, parse


def settings(view: View, store: Store) -> None:
    """The sidebar: each widget shows the view, and a change of it becomes the URL."""
    state = st.session_state
    state["methods"] = list(view.methods)  # a list, as the widget returns it, or Streamlit takes it for changed
    state["k"], state["protocol"], state["seed"] = view.k, view.protocol, view.seed

    def change() -> None:
        methods = tuple(state["methods"]) or view.methods
        open_view(replace(view, methods=methods, k=state["k"], protocol=state["protocol"], seed=state.get("seed") or 0))

    with st.sidebar:
        st.multiselect("Methods", store.methods, key="methods", format_func=title_of, on_change=change)
        st.slider("Results per method (k)", 1, MAX_K, key="k", on_change=change)
        st.radio(
            "Protocol",
            list(Protocol),
            key="protocol",
            format_func=lambda p: p.label,
            help=ABOUT_PROTOCOLS,
            on_change=change,
        )
        if view.protocol is Protocol.ONE_PER_GROUP:
            st.number_input("Split seed", 0, MAX_SEED, key="seed", on_change=change)
        filtering.boxes(view.filter, store.catalog, lambda chosen: open_view(replace(view, filter=chosen)))


def search(view: View, store: Store, complaints: list[str]) -> None:
    """The query at the left, each method's row at the right."""
    split = data.split(store, view.protocol, view.seed, view.filter)
    libraries, damaged = opened(store, view.methods)
    papers = tuple(method for method in PAPERS_METHODS if method in libraries)
    compared = papers if len(papers) == len(PAPERS_METHODS) else tuple(libraries)[:2]
    examples = data.examples(store, compared, view.protocol, view.seed) if not view.filter else []
    fallback = examples[0].item_id if examples else store.catalog.items[query.answerable(store, split)[0]].id
    asked, more = query.resolve(view, store, split, fallback)
    left, right = st.columns([1, 3.4] if asked.picture else [1, 5], gap="medium")  # room to drag a rectangle in
    with right:
        if complaints + more:
            st.warning("\n\n".join(plain(complaint) for complaint in complaints + more), icon=":material/info:")
        filtering.line(view.filter, store.catalog, lambda chosen: open_view(replace(view, filter=chosen)))
        rankings: list[Ranking] = []
        said = verdicts.given(store)
        if not split.gallery.any():
            filtering.explain_nothing("No item has all of this.")
        with results.stage(len(view.methods), *query.small(asked, store)):
            for method in view.methods if split.gallery.any() else ():
                if method in damaged:
                    builds.mend_library(store, method, damaged[method])
                    continue
                encoder = builds.matching_encoder(libraries[method], store.manifest) if asked.picture else None
                if asked.picture and encoder is None:
                    continue
                ranking = nearest(asked, libraries[method], split.gallery, encoder=encoder)
                rankings.append(ranking)
                results.show(ranking, rankings[0], results.Shared(store, asked, view, said))
        if rankings and len(libraries) > 1:
            reference = title_of(rankings[0].library.method)
            st.caption(
                "Similarities of different methods are not comparable; compare ranks. "
                f"▲ and ▼: how an item's rank moved against {reference}. {plain(split.label)}."
            )

    def add() -> None:
        if rankings:
            add_case.button(store, lambda: add_case.of_search(store, view, split, asked, rankings), "stretch")

    with left:
        query.show(asked, view, store, split, examples, add)
    settings(view if view.query else replace(view, query=fallback), store)


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
    page.begin("Search")
    view, complaints = parse(url.params())
    st.title("Find similar fashion items")
    head = st.sidebar.container()

    def draw(store: Store) -> None:
        fitting, more = view.fit(store)
        search(fitting, store, complaints + more)

    page.show(view.catalog, draw)
    with head:  # filled last: the browser then loads what the pictures need first
        page.sidebar(view.catalog, url.params())


main()
