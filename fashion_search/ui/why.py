"""One result enlarged beside the query, and why the method finds the two alike."""

from collections.abc import Callable

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from fashion_search.encoders import ColourMatch, Encoder, FusedMatch, RegionMatch, encoder_spec
from fashion_search.errors import BusyError, FashionSearchError
from fashion_search.ground import padded
from fashion_search.images import to_webp
from fashion_search.library import Library
from fashion_search.search import Query
from fashion_search.store import Store
from fashion_search.ui import builds, cards, data, process, verdicts
from fashion_search.ui.text import escape, plain

_LARGE = (720, 960)  # px
_CLOSE = 1e-4  # between the sums of the maps and the score
_GLOW = np.array([225, 0, 110], dtype=np.float64)  # what matters is tinted with this


@st.dialog("Result", width="large")
@process.in_turn
def dialog(
    library: Library, query: Query, row: int, score: float, store: Store, rank: str, search: Callable[[], None]
) -> None:
    """Query and result at full size; the explanation on request.

    ``rank`` says where the result stands, and ``search`` draws the way to a search with it.
    """
    spec = encoder_spec(library.method)
    item = store.catalog.items[row]
    try:
        pictures = [_query_picture(query, store), data.original(store, row)]
    except FashionSearchError as error:
        st.warning(plain(f"{error} Only the small picture can be shown."), icon=":material/hide_image:")
        pictures = []
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        search()
        asked = st.toggle(
            "Why this match?",
            key="why-asked",
            disabled=not pictures or spec.explain is None,
            help=f"{spec.title} explains it."
            if spec.encodes
            else f"{spec.title} has vectors that were imported: there is no encoder that could explain a match.",
        )
    st.caption(plain(rank))
    encoder = builds.matching_encoder(library, store.manifest) if asked and pictures else None
    if encoder is not None:
        _explain(library, encoder, pictures[0], pictures[1], score)
        verdicts.buttons(store, query.row, row, library.method)
        return
    left, right = st.columns(2)
    with left:
        st.caption("Query")
        if pictures:
            st.html(cards.picture(to_webp(pictures[0], _LARGE), "the query"))
        elif query.row is not None:
            st.html(cards.picture(store.thumbnail(query.row), "the query"))
        if query.labels is not None:
            st.html(cards.labels(store.catalog.columns, query.labels))
    with right:
        st.caption(f"Result · similarity {score:.4f} under {spec.title}")
        st.html(
            cards.picture(to_webp(pictures[1], _LARGE) if pictures else store.thumbnail(row), item.name)
            + f'<div class="fs-query-name">{escape(item.name)}</div>'
            + cards.labels(store.catalog.columns, item.labels, query.labels)
        )
    verdicts.buttons(store, query.row, row, library.method)
    st.caption(plain(f"{spec.title}: {spec.summary} Weights: {library.fingerprint.weights_label}."))


def _query_picture(query: Query, store: Store) -> Image.Image:
    if query.picture is not None:
        return query.picture
    assert query.row is not None
    return data.original(store, query.row)


def _explain(library: Library, encoder: Encoder, query: Image.Image, result: Image.Image, score: float) -> None:
    """Encode both originals with the library's own weights and take the similarity apart."""
    explain = encoder_spec(library.method).explain
    assert explain is not None
    try:
        with st.spinner("Encoding both pictures …"), process.encoding_turn():
            explanation = explain(encoder, query, result)
    except BusyError as error:
        st.warning(plain(str(error)), icon=":material/groups:")
        return
    if isinstance(explanation, FusedMatch):
        for title, part in explanation.parts:
            share = part.score / explanation.score if explanation.score else 0.0
            st.markdown(f"**{plain(title)}: {share:.1%} of the similarity** ({part.score:.4f})")
            _show_part(part, query, result, whole="this part")
        _show_agreement(score, [part.score for _, part in explanation.parts])
    else:
        _show_part(explanation, query, result, whole="the similarity")
        if isinstance(explanation, RegionMatch):
            _show_agreement(score, explanation.query, explanation.result)


def _show_part(match: RegionMatch | ColourMatch, query: Image.Image, result: Image.Image, whole: str) -> None:
    if isinstance(match, ColourMatch):
        _show_colours(match, query, result, whole)
    else:
        _show_regions(match, query, result, whole)


def _show_agreement(score: float, *summands: ArrayLike) -> None:
    """Whether each of the sums is the score that the library gave."""
    gap = max(abs(float(np.sum(one)) - score) for one in summands)
    agree = f"agree with it to within {_CLOSE:.0e}" if gap < _CLOSE else f"differ from it by {gap:.1e}"
    st.caption(f"Similarity in the library: {score:.4f}. The sums {agree}.")


def _show_regions(match: RegionMatch, query: Image.Image, result: Image.Image, whole: str) -> None:
    st.markdown(f"The stronger the tint, the more that region adds to {whole}.")
    peak = max(float(match.query.max()), float(match.result.max()))
    for place, name, image, shares in zip(
        st.columns(2), ("Query", "Result"), (query, result), (match.query, match.result), strict=True
    ):
        if match.aspect:
            image = padded(image, match.aspect)
        place.caption(f"{name}: its {shares.size} regions add up to {shares.sum():.4f}")
        place.html(cards.picture(to_webp(overlay(image, shares / peak), _LARGE), f"{name}, regions tinted"))


def overlay(image: Image.Image, strength: NDArray[np.float32]) -> Image.Image:
    """Tint an RGB image by a coarse map (rows, columns) of strengths 0 to 1, stretched over all of it."""
    image = image.copy()
    image.thumbnail(_LARGE)
    if image.width < 300:  # small originals: enough pixels for a smooth tint
        image = image.resize((300, round(300 * image.height / image.width)), Image.Resampling.BICUBIC)
    coarse = Image.fromarray(np.clip(strength, 0, 1).astype(np.float32))
    smooth = np.asarray(coarse.resize(image.size, Image.Resampling.BILINEAR))[..., None]  # (height, width, 1)
    grey = np.asarray(image.convert("L").convert("RGB"), dtype=np.float64)
    pixels = np.asarray(image, dtype=np.float64)
    base = 0.2 * pixels + 0.8 * grey  # nearly grey, so that a garment's own colour is not taken for tint
    return Image.fromarray(np.rint(base + (_GLOW - base) * 0.75 * smooth).astype(np.uint8))


def _show_colours(match: ColourMatch, query: Image.Image, result: Image.Image, whole: str) -> None:
    left, right = st.columns(2)
    left.html(cards.picture(to_webp(query, _LARGE), "the query"))
    right.html(cards.picture(to_webp(result, _LARGE), "the result"))
    if not match.colours:
        st.markdown("The two pictures have no colour in common.")
        return
    st.markdown(f"Colours that both pictures have, and their share of {whole} {match.score:.4f}:")
    swatches = "".join(
        f'<div class="fs-swatch"><span style="background: rgb{colour}"></span>{share:.1%}</div>'
        for colour, share in match.colours
    )
    rest = 1 - sum(share for _, share in match.colours)
    st.html(f'<div class="fs-swatches">{swatches}</div>')
    st.caption(f"All other colours together: {max(rest, 0):.1%}. Each swatch is the middle of its histogram bin.")
