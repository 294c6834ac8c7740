"""The query: picked from the catalog, or a picture that a person uploads."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fashion_search.catalog import Protocol, Split, title
from fashion_search.search import Query
from fashion_search.store import Store, query_sets
from fashion_search.ui import cards, data, process
from fashion_search.ui.search import history, upload
from fashion_search.ui.text import escape, plain
from fashion_search.ui.url import ANY, UPLOAD, View, open_view

_PAGE = 12  # cards shown at once while picking


def resolve(view: View, store: Store, split: Split, fallback: str) -> tuple[Query, list[str]]:
    """Find what the view's query means here; ``fallback`` is the item shown where it names none."""
    catalog = store.catalog
    complaints = []
    if view.query == UPLOAD:
        brought = upload.current()
        if brought is not None:
            known = brought.said_of(catalog)
            return Query(picture=brought.picture, labels=brought.labels(catalog), known=known), []
        complaints.append("This link was made from an uploaded picture, which is not part of it. Upload the picture.")
        view = replace(view, query="")
    row = catalog.row(view.query or fallback)
    if row not in split.queries and split.protocol.queries:
        complaints.append(f"{catalog.items[row].id!r} is an item of the catalog; a query of the query set is shown.")
        row = catalog.row(fallback)
    elif row not in split.queries:
        group = catalog.groups[catalog.group_of[row]]
        query = int(group.rows[np.isin(group.rows, split.queries)][0])
        complaints.append(
            f"Item {catalog.items[row].id} belongs to the gallery of this split; the query of its style group is shown."
        )
        row = query
    return Query.of_item(catalog, row), complaints


def show(
    query: Query,
    view: View,
    store: Store,
    split: Split,
    examples: list[data.Example],
    below: Callable[[], None] = lambda: None,
) -> None:
    """The query's card, what ``below`` draws under it, and the ways to another one."""
    brought = upload.current() if query.picture is not None else None
    if brought is not None:
        upload.panel(brought, store)
    else:
        card(query, store)
    below()
    upload.ways(view)
    with st.container(key="ways-query", horizontal=True, gap="xsmall"):
        of_catalog = not split.protocol.queries
        about = "Pick an item of the catalog" if of_catalog else "Pick a picture of the query set"
        if st.button("Pick", icon=":material/grid_view:", key="pick", help=about):
            st.dialog("Pick an item" if of_catalog else "Pick a query", width="large")(process.in_turn(_pick))(
                view, store, split
            )
        if st.button("Camera", icon=":material/photo_camera:", key="camera", help="Photograph something"):
            upload.camera(view)
        st.button(
            "Random",
            icon=":material/shuffle:",
            key="random",
            help="Any item of the catalog" if of_catalog else "Any picture of the query set",
            on_click=lambda: open_view(replace(view, query=_random_item(store, split))),
        )
    telling = examples if brought is None else []
    if telling:
        st.caption("Telling examples")
    with st.container(key="ways-examples", horizontal=True, gap="xsmall"):
        if not split.protocol.queries:
            for name in query_sets(store):
                asked = replace(view, protocol=Protocol.of_queries(name), query="")
                st.button(f"A photo of “{plain(name)}”", key=f"outside-{name}", on_click=open_view, args=[asked])
        for number, example in enumerate(telling):
            st.button(
                example.label, key=f"example-{number}", on_click=open_view, args=[replace(view, query=example.item_id)]
            )
    history.show(brought or store.catalog.items[query.row or 0].id, view, store)


def small(query: Query, store: Store) -> tuple[bytes, str]:
    """The query's thumbnail and name."""
    brought = upload.current() if query.picture is not None else None
    if brought is not None:
        return upload.thumbnail(brought), "Your picture"
    item = store.catalog.items[query.row or 0]
    return store.thumbnail(query.row or 0), item.name or item.id


def card(query: Query, store: Store) -> None:
    """The picture and the labels of an item that is searched with."""
    catalog = store.catalog
    assert query.row is not None
    item = catalog.items[query.row]
    kind = "Item" if query.row < catalog.n_items else "Query"
    with st.container(key="query"):
        st.html(
            '<div class="fs-query">'
            + cards.picture(store.thumbnail(query.row), item.name)
            + f'<div><div class="fs-query-name">{escape(item.name or item.id)}</div>'
            + cards.labels(catalog.columns, item.labels)
            + f'<div class="fs-note">{kind} {escape(item.id)}</div></div></div>'
        )


def answerable(store: Store, split: Split) -> NDArray[np.intp]:
    """The queries that a filter leaves right answers for, as they pass it themselves; all if it leaves none."""
    passing = split.queries[split.filter.mask(store.catalog)[split.queries]]
    return passing if len(passing) else split.queries


def _random_item(store: Store, split: Split) -> str:
    return store.catalog.items[int(np.random.default_rng().choice(answerable(store, split)))].id


def _choose(view: View, item_id: str) -> None:
    open_view(replace(view, query=item_id))
    st.rerun()


@process.in_turn
def _pick(view: View, store: Store, split: Split) -> None:
    catalog = store.catalog

    def from_the_first_page() -> None:
        st.session_state["pick-page"] = 1

    words = st.text_input(
        "Search by name or id", placeholder="for example: check shirt", key="pick-words", on_change=from_the_first_page
    )
    chosen = {}
    for column, place in zip(catalog.columns, st.columns(max(len(catalog.columns), 1)), strict=False):
        chosen[column] = place.selectbox(
            title(column),
            [ANY, *catalog.values(column)],
            key=f"pick-{column}",
            format_func=lambda v: "any" if v == ANY else v or "(blank)",
            on_change=from_the_first_page,
        )
    found = matching(store, split.queries, words, chosen)
    if not found:
        nothing = "No query matches" if split.protocol.queries else "No item matches"
        st.info(f"{nothing}. Use fewer words or filters.", icon=":material/search_off:")
        return
    st.caption(f"{len(found):,} of {len(split.queries):,} {'queries' if split.protocol.queries else 'items'}")
    n_pages = -(-len(found) // _PAGE)
    shown, below = st.container(), st.container()  # the pager stands below the cards, but is asked first
    page = below.pagination(n_pages, key="pick-page") if n_pages > 1 else 1
    with shown, cards.cards("pick"):
        for row in found[(page - 1) * _PAGE :][:_PAGE]:
            with cards.card(f"pick-{row}"):
                st.html(cards.item_html(store, row))
                if st.button("Search with this", key=f"pick-{row}", width="stretch"):
                    _choose(view, catalog.items[row].id)


def matching(store: Store, rows: NDArray[np.intp], words: str, chosen: dict[str, str]) -> list[int]:
    """The rows whose name or id holds every word and whose labels are the chosen ones."""
    catalog = store.catalog
    wanted = words.casefold().split()
    fixed = [(catalog.columns.index(column), value) for column, value in chosen.items() if value != ANY]
    found = []
    for row in rows.tolist():
        item = catalog.items[row]
        text = f"{item.name} {item.id}".casefold()
        if all(word in text for word in wanted) and all(item.labels[place] == value for place, value in fixed):
            found.append(row)
    return found
