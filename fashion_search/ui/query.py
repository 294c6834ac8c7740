"""The query: picked from the catalog, or a picture that a person uploads."""

from dataclasses import dataclass, field, replace
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from fashion_search.catalog import Split, title
from fashion_search.errors import ImageError
from fashion_search.images import UPLOAD_SUFFIXES, Box, open_image, to_webp
from fashion_search.store import Store
from fashion_search.ui import cards, data
from fashion_search.ui.text import plain
from fashion_search.ui.view import UPLOAD, View

_UPLOAD = "uploaded picture"  # session state
_PAGE = 12  # cards shown at once while picking
_ANY = "\0"  # what no label is


@dataclass(frozen=True)
class Upload:
    """A picture that a person brought: its bytes, the crop, and what they say it is, in terms of one catalog."""

    data: bytes
    box: Box = field(default_factory=Box)
    labels: tuple[str, ...] | None = None
    catalog: str = ""


@dataclass(frozen=True)
class Query:
    """What is searched with: an item of the catalog by its row, or a picture. ``labels`` is the ground truth."""

    row: int | None
    upload: Upload | None
    labels: tuple[str, ...] | None


@st.cache_resource(max_entries=4, show_spinner=False)  # shared, not copied: nobody draws on it
def upload_image(data: bytes, box: Box) -> Image.Image:
    """The uploaded picture inside its crop.

    Raises:
        ImageError: it is not a picture.
    """
    return box.crop(open_image(data))


def go(view: View) -> None:
    """Show another view: its URL is the page's whole state."""
    st.query_params.from_dict(view.to_params())


def resolve(view: View, store: Store, split: Split, fallback: str) -> tuple[Query, list[str]]:
    """Find what the view's query means here; ``fallback`` is the item shown where it names none."""
    catalog = store.catalog
    complaints = []
    if view.query == UPLOAD:
        upload: Upload | None = st.session_state.get(_UPLOAD)
        if upload is not None:
            known = upload.labels if upload.catalog == catalog.name else None
            return Query(None, upload, known), []
        complaints.append("This link was made from an uploaded picture, which is not part of it. Upload the picture.")
        view = replace(view, query="")
    row = catalog.row(view.query or fallback)
    if row not in split.queries:
        group = catalog.groups[catalog.group_of[row]]
        query = int(group.rows[np.isin(group.rows, split.queries)][0])
        complaints.append(
            f"Item {catalog.items[row].id} belongs to the gallery of this split; the query of its style group is shown."
        )
        row = query
    return Query(row, None, catalog.items[row].labels), complaints


def show(query: Query, view: View, store: Store, split: Split, examples: list[data.Example]) -> None:
    """The query's card, and the ways to another one."""
    card(query, store)
    with st.container(key="ways-query", horizontal=True, gap="xsmall"):
        if st.button("Pick", icon=":material/grid_view:", key="pick", help="Pick an item of the catalog"):
            _pick(view, store, split)
        if st.button("Upload", icon=":material/upload:", key="upload", help="Search with a picture of your own"):
            _upload(view, store)
        st.button(
            "Random",
            icon=":material/shuffle:",
            key="random",
            help="Any item of the catalog",
            on_click=lambda: go(replace(view, query=_random_item(store, split))),
        )
    if examples:
        st.caption("Telling examples")
    with st.container(key="ways-examples", horizontal=True, gap="xsmall"):
        for number, example in enumerate(examples):
            st.button(example.label, key=f"example-{number}", on_click=go, args=[replace(view, query=example.item_id)])


def card(query: Query, store: Store) -> None:
    """The query's picture and labels."""
    catalog = store.catalog
    with st.container(key="query"):
        if query.upload is not None:
            image = upload_image(query.upload.data, query.upload.box)
            st.html(
                '<div class="fs-query">'
                + cards.picture(to_webp(image, (480, 640)), "the uploaded picture")
                + '<div><div class="fs-query-name">Your picture</div>'
                + (cards.labels(catalog.columns, query.labels) if query.labels else "")
                + "</div></div>"
            )
        else:
            assert query.row is not None
            item = catalog.items[query.row]
            st.html(
                '<div class="fs-query">'
                + cards.picture(store.thumbnail(query.row), item.name)
                + f'<div><div class="fs-query-name">{escape(item.name or item.id)}</div>'
                + cards.labels(catalog.columns, item.labels)
                + f'<div class="fs-note">Item {escape(item.id)}</div></div></div>'
            )


def _random_item(store: Store, split: Split) -> str:
    return store.catalog.items[int(np.random.default_rng().choice(split.queries))].id


def _choose(view: View, item_id: str) -> None:
    go(replace(view, query=item_id))
    st.rerun()


@st.dialog("Pick an item", width="large")
def _pick(view: View, store: Store, split: Split) -> None:
    catalog = store.catalog

    def from_the_first_page() -> None:
        st.session_state["pick-page"] = 1

    words = st.text_input(
        "Search by name or id", placeholder="for example: check shirt", key="pick-words", on_change=from_the_first_page
    )
    chosen = {}
    for column, place in zip(catalog.columns, st.columns(len(catalog.columns)), strict=True):
        chosen[column] = place.selectbox(
            title(column),
            [_ANY, *catalog.values(column)],
            key=f"pick-{column}",
            format_func=lambda v: "any" if v == _ANY else v or "(blank)",
            on_change=from_the_first_page,
        )
    found = matching(store, split.queries, words, chosen)
    if not found:
        st.info("No item matches. Use fewer words or filters.", icon=":material/search_off:")
        return
    st.caption(f"{len(found):,} of {len(split.queries):,} items")
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
    fixed = [(catalog.columns.index(column), value) for column, value in chosen.items() if value != _ANY]
    found = []
    for row in rows.tolist():
        item = catalog.items[row]
        text = f"{item.name} {item.id}".casefold()
        if all(word in text for word in wanted) and all(item.labels[place] == value for place, value in fixed):
            found.append(row)
    return found


@st.dialog("Upload a picture", width="medium")
def _upload(view: View, store: Store) -> None:
    previous: Upload | None = st.session_state.get(_UPLOAD)
    file_tab, camera_tab = st.tabs([":material/upload: File", ":material/photo_camera: Camera"])
    file = file_tab.file_uploader(
        "Drop a picture here",
        type=list(UPLOAD_SUFFIXES),
        key="upload-file",
        help="JPEG, PNG, WebP and others; to 25 MB",
    )
    with camera_tab:
        photo = None
        if st.toggle("Use the camera", key="upload-camera-on"):
            photo = st.camera_input("Take a picture", key="upload-camera", label_visibility="collapsed")
    brought = photo or file
    if brought is not None:
        upload = Upload(brought.getvalue())
    elif previous is not None:
        upload = Upload(previous.data)
    else:
        return
    try:
        whole = upload_image(upload.data, Box())
    except ImageError as error:
        st.error(plain(str(error)), icon=":material/broken_image:")
        return
    settings, preview = st.columns([3, 2])
    with settings:
        st.caption("Crop: keep one garment")
        left, right = st.slider("Left and right edge, %", 0, 100, (0, 100), key="crop-x")
        top, bottom = st.slider("Top and bottom edge, %", 0, 100, (0, 100), key="crop-y")
        if left == right or top == bottom:
            st.warning("The crop is empty; move the edges apart.", icon=":material/crop:")
            return
        labels = _say_what_it_is(store)
    box = Box(left, top, right, bottom)
    preview.html(cards.picture(to_webp(box.crop(whole), (480, 640)), "the cropped picture"))
    if st.button("Search with this picture", type="primary", width="stretch", key="upload-search"):
        st.session_state[_UPLOAD] = replace(upload, box=box, labels=labels, catalog=store.name)
        go(replace(view, query=UPLOAD))
        st.rerun()


def _say_what_it_is(store: Store) -> tuple[str, ...] | None:
    """What the person says the picture shows; without it there is no ground truth and no badge."""
    if not st.toggle("I know what it is", key="upload-known", help="Then results are marked correct or incorrect."):
        return None
    catalog = store.catalog
    chosen = []
    for column in catalog.columns:
        values = catalog.values(column)
        key = f"upload-{catalog.name}-{column}"
        chosen.append(st.selectbox(title(column), values, key=key, format_func=lambda v: v or "(blank)"))
    return tuple(chosen)
