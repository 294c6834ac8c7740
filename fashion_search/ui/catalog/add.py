"""Adding a catalog from a path on the machine that runs the app."""

import streamlit as st

from fashion_search.catalog.request import Request, catalog_name
from fashion_search.catalog.source import Options
from fashion_search.catalog.sources import open_source
from fashion_search.encoders import DEFAULT_METHODS, INDEXES, all_methods, encoder_spec
from fashion_search.errors import FashionSearchError
from fashion_search.index import asked_index, check_available, written
from fashion_search.ui import builds, open_mode, work
from fashion_search.ui.text import as_list, plain, whole_number
from fashion_search.work import About

_CHECKED = "checked source"  # session state: the request whose source was read, and what is in it
_MOST_PER_GROUP = 10**6


def add() -> None:
    """Ask for a path, say what is there, and build it."""
    st.markdown(
        "A path on the machine that runs this app: Kaggle’s *Fashion Product Images*, a folder with one sub-folder per "
        "group (either may be a `.zip`), or a table (`.csv`, `.tsv`) with an image column beside its pictures."
    )
    with st.form("source", border=False):
        path = st.text_input("Path", placeholder="/data/fashion-product-images-small.zip").strip()
        left, right = st.columns(2)
        name = left.text_input("Name (optional)", help="In links and commands; by default from the path.").strip()
        methods = right.multiselect(
            "Methods",
            [name for name, spec in all_methods().items() if spec.encodes],
            list(DEFAULT_METHODS),
            format_func=lambda method: encoder_spec(method).title,
        )
        group_by = left.text_input("Group by (optional)", help="Columns, separated by commas.")
        sizes = right.text_input(
            "Images per group (optional)", placeholder="4-20", help="Least and most; 0 = no limit."
        )
        image_column = left.text_input("Image column (optional)", help="Of a table: where the pictures' paths stand.")
        encoding = right.text_input(
            "Encoding (optional)", placeholder="utf-8", help="Of a table that is not in UTF-8, such as gbk or cp1251."
        )
        indexes = right.multiselect(
            "Indexes (optional)",
            list(INDEXES),
            format_func=lambda name: INDEXES[name].title,
            help="Each method can then be searched by these, too, without comparing every item.",
        )
        boxes = left.checkbox("Crop to boxes", help="Those that a published data set, such as DeepFashion’s, gives.")
        replace = st.checkbox("Replace a catalog of this name from another source")
        asked = st.form_submit_button("Check", icon=":material/troubleshoot:")
    if asked:
        st.session_state.pop(_CHECKED, None)
        try:
            columns = tuple(column.strip() for column in group_by.split(",") if column.strip())
            named = image_column.strip() or None, encoding.strip() or None
            options = Options(columns or None, *_bounds(sizes), *named, boxes)
            given = (path, name, tuple(methods), options, replace, tuple(indexes))
            about = About("Reading the source", "check")
            st.session_state[_CHECKED] = work.begin(("check", *given), about, lambda: _check(*given))
        except FashionSearchError as error:
            st.error(plain(str(error)), icon=":material/error:")
    if _CHECKED in st.session_state:
        request, summary, notes = st.session_state[_CHECKED]
        st.success(plain(summary), icon=":material/check_circle:")
        if notes:
            st.warning(as_list(notes), icon=":material/info:")
        builds.build_button(f"Build “{request.name}”", request, key="build-source")


def _bounds(sizes: str) -> tuple[int | None, int | None]:
    if not sizes.strip():
        return None, None
    least, _, most = sizes.replace("–", "-").partition("-")
    numbers = [whole_number(text.strip(), 0, _MOST_PER_GROUP) for text in (least, most)]
    if None in numbers:
        raise FashionSearchError("Write images per group as least-most, for example 4-20.")
    return numbers[0], numbers[1]


def _check(
    path: str, name: str, methods: tuple[str, ...], options: Options, replace: bool, indexes: tuple[str, ...]
) -> tuple[Request, str, tuple[str, ...]]:
    """Read the source: the build to ask for, a sentence on what is there, and what to know before it is built.

    Raises:
        FashionSearchError: something is missing or wrong.
    """
    open_mode.check("Adding catalogs")
    if not path:
        raise FashionSearchError("Enter a path.")
    if not methods:
        raise FashionSearchError("Choose at least one method.")
    for index, _ in map(asked_index, indexes):
        check_available(index)
    asked = tuple(map(written, indexes))
    request = Request(path, catalog_name(path, name or None), methods, options, replace, indexes=asked)
    source = open_source(path, options)
    catalog, excluded = source.catalog(request.name, request.name)
    remarks = source.remarks(catalog)
    source.tree.close()
    groups = f" in {len(catalog.groups):,} style groups by {', '.join(catalog.columns)}" if catalog.columns else ""
    return (
        request,
        f"{source.n_rows:,} rows: {len(catalog.items):,} images{groups}; {len(excluded):,} rows left out.",
        remarks,
    )
