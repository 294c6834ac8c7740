"""The Metrics page's fourth view: the catalog as a map of a method's vectors, each point a picture one click away."""

import contextlib
from collections.abc import Sequence

import numpy as np
import streamlit as st

from fashion_search import logs
from fashion_search.catalog import Protocol, title
from fashion_search.charts.catalog import COLOURED, scatter
from fashion_search.encoders import base_method
from fashion_search.evaluation import projection
from fashion_search.evaluation.projection import Projection, Technique
from fashion_search.evaluation.saved import folder_of, shipped_with
from fashion_search.search import Query, Ranking, nearest
from fashion_search.store import Store
from fashion_search.ui import cards, open_mode, page, selection, url, work
from fashion_search.ui.shown import Shown
from fashion_search.ui.text import plain, title_of
from fashion_search.ui.url import asked, choose, go
from fashion_search.work import About

_KINDS: dict[Technique, str] = {"pca": "PCA", "tsne": "t-SNE"}


def show(evaluation: Shown) -> None:
    """One map per chosen method, side by side, with the selected query and its neighbours."""
    evaluation = evaluation.under(Protocol.LEAVE_ONE_OUT) if evaluation.protocol.queries else evaluation
    catalog = evaluation.store.catalog
    kind: Technique = "tsne" if asked("kind", _KINDS, "pca") == "tsne" else "pca"
    colour = asked("colour", catalog.columns, catalog.columns[0])
    left, right = st.columns(2)
    with left:
        choose(
            "Projection",
            "kind",
            kind,
            list(_KINDS),
            "pca",
            st.segmented_control,
            required=True,
            format_func=lambda name: "t-SNE" if name == "tsne" else "PCA",
        )
    with right:
        choose(
            "Colour by",
            "colour",
            colour,
            catalog.columns,
            catalog.columns[0],
            st.segmented_control,
            required=True,
            format_func=title,
        )
    asked_id = url.given("at", "")
    row = catalog.row(asked_id) if asked_id in catalog else None
    if asked_id and row is None:
        st.warning(plain(f"This catalog has no item {asked_id!r}."), icon=":material/info:")
    methods = evaluation.pair or evaluation.methods[:1]
    st.header(heading(kind, methods))
    for method, place in zip(methods, st.columns(len(methods), gap="medium"), strict=True):
        with place:
            st.markdown(f"**{title_of(method)}**")
            _one(evaluation, method, kind, colour, row)
    _legend_note(evaluation, catalog.values(colour), len(catalog.items))
    _item_box(asked_id)
    if row is not None:
        _selected(evaluation, row)


def heading(kind: Technique, methods: Sequence[str]) -> str:
    """What the map shows, and what it does not."""
    to_whom = " and ".join(map(title_of, methods))
    if kind == "tsne":
        return f"Items that lie together look alike in the eyes of {to_whom}; distances between clusters mean little"
    return f"The two directions in which items differ most in the eyes of {to_whom}"


def _one(evaluation: Shown, method: str, kind: Technique, colour: str, row: int | None) -> None:
    library = evaluation.store.library(base_method(method))
    drawn = stored(evaluation.store, method, kind)
    if drawn is None:
        if open_mode.say("Computing t-SNE"):
            return
        st.info(f"t-SNE of {len(library.vectors):,} items takes a while, once.", icon=":material/hourglass:")
        key = ("t-SNE", evaluation.store.state, library.method)
        about = About("Computing t-SNE", "map", evaluation.store.name, library.method)
        icon = ":material/scatter_plot:"
        if not work.wanted(key, about, lambda: st.button("Compute it now", key=f"tsne-{method}", icon=icon)):
            return
        folder = folder_of(evaluation.store.name)
        with contextlib.suppress(work.LeftError):
            work.begin(key, about, lambda: projection.make(folder, library, "tsne"))
            st.rerun()
        return
    assert drawn is not None
    neighbours = neighbours_of(evaluation, method, row).rows if row is not None else np.empty(0, np.intp)
    at = None if row is None else evaluation.store.catalog.items[row].id
    selection.chart(
        scatter(library.catalog, drawn, colour, row, neighbours),
        f"map-{method}",
        f"All items as points. {heading(kind, [method])}",
        None if at is None else [at],
        lambda chosen: go(at=chosen[0] if chosen else at),
        zoom=True,
    )
    if kind == "pca" and drawn.explained is not None:
        st.caption(f"The two axes hold {sum(drawn.explained):.0%} of the variance.")


def stored(store: Store, method: str, kind: Technique) -> Projection | None:
    """A method's map, from the files of the catalog; PCA is made at once where there is none."""
    library = store.library(base_method(method))  # under an order or an index the vectors are the same
    folder = folder_of(store.name)
    found = projection.find((folder, *shipped_with(store.name)), library, kind)
    return projection.make(folder, library, kind) if found is None and kind == "pca" else found


def neighbours_of(evaluation: Shown, method: str, row: int) -> Ranking:
    """The first k results for an item among all others that pass the filter, whatever the protocol."""
    library = evaluation.store.library(method)
    gallery = evaluation.split.filter.mask(library.catalog)
    query = Query.of_item(library.catalog, row)
    with logs.timed("search", evaluation.store.name, method):
        return nearest(query, library, gallery, evaluation.k, evaluation.verdicts)


def _legend_note(evaluation: Shown, values: list[str], n_items: int) -> None:
    others = "all others that pass the filter" if evaluation.split.filter else "all others"
    words = [f"Select a point, or type its id, to take it as the query; its nearest items, among {others}, get rings."]
    if len(values) > COLOURED:
        words.append(f"The {COLOURED} most frequent of {len(values)} values have colours of their own.")
    if n_items > projection.MOST_POINTS:
        words.append(f"{projection.MOST_POINTS:,} of {n_items:,} items are drawn.")
    st.caption(" ".join(words))


def _item_box(asked_id: str) -> None:
    """An item by its id, for people who use no pointer."""

    def change() -> None:
        go(at=st.session_state["at"].strip() or None)

    st.session_state["at"] = asked_id
    st.text_input("Id of an item", key="at", on_change=change, width=240)


def _selected(evaluation: Shown, row: int) -> None:
    """The query and its first neighbours under each method."""
    store, catalog = evaluation.store, evaluation.store.catalog
    item = catalog.items[row]
    for method in evaluation.pair or evaluation.methods[:1]:
        st.markdown(f"**Nearest to {plain(item.name or item.id)} under {title_of(method)}**")
        with cards.cards(f"near-{method}"):
            found = neighbours_of(evaluation, method, row)
            for rank, other in enumerate(found.rows[:5].tolist(), start=1):
                near = catalog.items[other]
                correct = None if found.relevant is None else bool(found.relevant[rank - 1])
                with cards.card(f"near-{method}-{rank}"):
                    st.html(
                        cards.picture(store.thumbnail(other), near.name, rank)
                        + f'<div class="fs-line">{cards.badge(correct)}</div>'
                        + cards.labels(catalog.columns, near.labels, item.labels)
                    )
    st.page_link(
        page.SEARCH_PAGE,
        label="Open as a query on the Search page",
        icon=":material/image_search:",
        query_params=evaluation.under(Protocol.LEAVE_ONE_OUT).search_link(item.id),
    )
