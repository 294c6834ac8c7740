"""Importing vectors by upload: a method of the catalog on the page, or of a part of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from fashion_search.errors import FashionSearchError, PartialVectorsError, VectorsError
from fashion_search.importing import FORMATS, ID_FORMATS
from fashion_search.importing.reading import MOST_BYTES, Given, Source, read
from fashion_search.importing.run import Imported, Wanted, evaluate_imported, import_vectors
from fashion_search.store import Store
from fashion_search.ui import open_mode, page, work
from fashion_search.ui.text import plain
from fashion_search.work import About

_DONE = "vectors imported"  # session state: a sentence and the catalog's name, until they are shown
_PARTIAL = "vectors of a part"  # session state: what was read and wanted, where not every item has a vector


@dataclass(frozen=True)
class _Part:
    given: Given
    wanted: Wanted
    sentence: str
    can_be_made: bool


def offer(store: Store) -> None:
    """The form, what came of it, and the offer of a part where only some items have vectors."""
    _said()
    st.markdown(
        "Vectors that another program made, one for each item, in any order. They are compared, evaluated and fused "
        "like those of any other method."
    )
    with st.form("vectors", border=False):
        vectors = st.file_uploader(
            f"Vectors ({_listed(FORMATS)})",
            key="vectors-file",
            max_upload_size=MOST_BYTES // 2**20,
            help="An array with a row for each item, or a table with a column “id” and columns of numbers.",
        )
        ids = st.file_uploader(
            f"Ids, unless they are with the vectors ({_listed(ID_FORMATS)})",
            key="ids-file",
            help="One for each vector, in the same order.",
        )
        left, right = st.columns(2)
        name = left.text_input("Method name", help="In links and commands: letters, digits, and - _ .").strip()
        title = right.text_input("Title (optional)", help="On pages.")
        replaces = st.checkbox("Replace what was imported under this name")
        asked = st.form_submit_button("Import", icon=":material/upload_file:")
    if asked:
        st.session_state.pop(_PARTIAL, None)
        files = [file.file_id if file else None for file in (vectors, ids)]
        _try(lambda: _read(vectors, ids), Wanted(store.name, name, title, replaces), *files)
    part: _Part | None = st.session_state.get(_PARTIAL)
    if part is not None and part.wanted.catalog == store.name:
        _offer_part(part)


def _listed(formats: tuple[str, ...]) -> str:
    return ", ".join(f".{one}" for one in formats)


def _said() -> None:
    """What was imported by the last click, and the way to its figures."""
    if _DONE in st.session_state:
        sentence, catalog = st.session_state.pop(_DONE)
        st.success(plain(sentence), icon=":material/check_circle:")
        link = {"catalog": catalog}
        st.page_link(page.METRICS_PAGE, label="Its metrics", icon=":material/bar_chart:", query_params=link)


def _read(vectors: Any, ids: Any) -> Given:
    if vectors is None:
        raise VectorsError("Choose a file of vectors.")
    return read(Source(vectors.name, vectors), Source(ids.name, ids) if ids is not None else None)


def _try(reading: Callable[[], Given], wanted: Wanted, *files: str | None) -> None:
    """Import and evaluate, or say why not; then the page is drawn again."""
    about = About("Importing vectors", "import", wanted.catalog, wanted.method)
    try:
        open_mode.check("Importing vectors")
        made = work.begin(("import", wanted, *files), about, lambda: _import(reading, wanted))
    except FashionSearchError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    if isinstance(made, _Part):
        st.session_state[_PARTIAL] = made
        return
    st.session_state.pop(_PARTIAL, None)
    st.session_state[_DONE] = (made.sentence, made.catalog)
    st.rerun()


def _import(reading: Callable[[], Given], wanted: Wanted) -> Imported | _Part:
    """The work itself: what was imported and evaluated, or what could become of a part."""
    open_mode.check("Importing vectors")
    given = reading()
    try:
        done = import_vectors(given, wanted)
    except PartialVectorsError as error:
        return _Part(given, wanted, str(error), bool(error.options))
    evaluate_imported(done, work.report())
    return done


def _offer_part(part: _Part) -> None:
    st.warning(plain(part.sentence), icon=":material/rule:")
    if not part.can_be_made:
        return
    name = st.text_input("New catalog’s name", f"{part.wanted.catalog}-{part.wanted.method}", key="part-name")
    if st.button("Make it of the items that have vectors", key="make-part", icon=":material/content_cut:"):
        _try(lambda: part.given, replace(part.wanted, subset=name.strip()), part.given.file)
