"""The query sets of the catalog on the page: what there is, adding one from a path, and removing one."""

import streamlit as st

from fashion_search.build.query_sets import encoded_by
from fashion_search.build.run import build
from fashion_search.catalog import Protocol
from fashion_search.catalog.request import Request, catalog_name
from fashion_search.catalog.source import Options
from fashion_search.errors import FashionSearchError, SourceError
from fashion_search.evaluation.words import count
from fashion_search.home import home
from fashion_search.query_store import StoreWithQueries
from fashion_search.removal import queries_removal, remove_queries
from fashion_search.spreadsheets import as_csv
from fashion_search.store import Store, query_sets
from fashion_search.ui import data, open_mode, page, work
from fashion_search.ui.query_sets import about_left_out
from fashion_search.ui.text import as_list, plain, title_of
from fashion_search.work import About

_DONE = "query set added"  # session state: sentences and the set's name, until they are shown


def offer(store: Store) -> None:
    """What there is, and the form for another one."""
    st.markdown(
        "Labelled pictures from outside, such as photos of customers. They are queries under a protocol of their own, "
        "and never among the results."
    )
    _said(store)
    for name in query_sets(store):
        _line(store, name)
    if open_mode.is_on():
        return
    with st.form("queries", border=False):
        path = st.text_input(
            "Labelled pictures: path",
            placeholder="/data/photos",
            key="queries-path",
            help="On the machine that runs this app: a folder (or .zip) with one sub-folder per style group or "
            "product, or a table with an image column and the catalog’s columns, or a column “product”.",
        ).strip()
        left, right = st.columns(2)
        name = left.text_input("Query set’s name (optional)", key="queries-name", help="In links and commands.").strip()
        replace = right.checkbox("Replace a query set of this name", key="queries-replace")
        image_column = left.text_input(
            "Image column of a table (optional)",
            key="queries-image-column",
            help="Where the pictures’ paths stand, if not in a column “image”.",
        ).strip()
        boxes = right.checkbox(
            "Crop to boxes", key="queries-boxes", help="Where the catalog’s pictures are cropped too."
        )
        asked = st.form_submit_button("Add query set", icon=":material/add_photo_alternate:")
    if asked:
        _add(store, path, name, Options(image_column=image_column or None, boxes=boxes), replace)


def _said(store: Store) -> None:
    if _DONE in st.session_state:
        name, sentence, notes = st.session_state.pop(_DONE)
        st.success(plain(sentence), icon=":material/check_circle:")
        if notes:
            st.warning(as_list(notes), icon=":material/info:")
        _link(store, name, page.METRICS_PAGE, "Its metrics")


def _link(store: Store, name: str, where: str, label: str) -> None:
    link = {"catalog": store.name, "protocol": str(Protocol.of_queries(name))}
    st.page_link(where, label=label, icon=page.PAGES[where][1], query_params=link)


def _line(store: Store, name: str) -> None:
    """One query set: what it is, what it leaves out, and the ways to its pictures, its figures and its end."""
    together = None
    try:
        together = data.under(store, Protocol.of_queries(name))
        catalog = together.catalog
        queries = count(catalog.n_queries, "query", "queries")
        methods = ", ".join(map(title_of, together.methods)) or "no method yet"
        told = f"**{plain(name)}**: {queries}, relevant: same {catalog.relevant_by} · {plain(methods)}"
    except FashionSearchError as error:
        told = f"**{plain(name)}**: {plain(str(error))}"
    with st.container(key=f"queries-{name}", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(told)
        _link(store, name, page.SEARCH_PAGE, "Search")
        _link(store, name, page.METRICS_PAGE, "Metrics")
        if not open_mode.is_on() and any(
            path.is_relative_to(home() / store.name) for path in query_sets(store)[name]
        ):  # others come with the program
            _offer_removal(store, name)
    if isinstance(together, StoreWithQueries):
        _left_out(together)


def _offer_removal(store: Store, name: str) -> None:
    with st.popover("Remove", icon=":material/delete:", type="tertiary", key=f"end-queries-{name}"):
        try:
            st.markdown(plain(queries_removal(store.name, name)))
            if not st.button("Remove it", key=f"remove-queries-{name}", type="primary"):
                return
            open_mode.check("Removing")
            remove_queries(store.name, name)
        except FashionSearchError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        st.rerun()


def _left_out(store: StoreWithQueries) -> None:
    """How many pictures are no queries, and the list of them; nothing where none is left out."""
    if not (told := about_left_out(store)):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(told[0], width="content")
        name = store.queries.name
        st.download_button(
            "List (CSV)",
            lambda: left_out_csv(store),
            f"{store.name}-{name}-left-out.csv",
            "text/csv",
            key=f"left-out-{name}",
            type="tertiary",
            icon=":material/download:",
        )


def left_out_csv(store: StoreWithQueries) -> str:
    """Every picture that is no query, with its reason."""
    rows = ([row.id, row.name, row.reason] for row in (*store.queries.excluded, *store.catalog.left_out))
    return as_csv(["id", "name", "reason"], rows)


def _add(store: Store, path: str, name: str, options: Options, replace: bool) -> None:
    """Encode and evaluate a query set while the page waits; what is done is kept if it is left."""
    try:
        open_mode.check("Adding query sets")
        if not path:
            raise SourceError("Enter a path.")
        request = Request(
            path, catalog_name(path, name or None), encoded_by(store), options, replace, queries_of=store.name
        )
        about = About("Adding the query set", "query set", store.name)
        summary = work.begin(("query set", request), about, lambda: build(request, work.report()))
    except FashionSearchError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    catalog = data.under(store, Protocol.of_queries(summary.name)).catalog
    usable = count(catalog.n_queries, "query", "queries")
    sentence = f"“{summary.name}”: {usable} of {count(summary.manifest.n_rows, 'row', 'rows')}."
    st.session_state[_DONE] = (summary.name, sentence, (*summary.manifest.notes, *summary.problems.values()))
    st.rerun()
