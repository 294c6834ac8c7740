"""The one way from a query to a ranking whose results are marked right or wrong."""

import time
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.catalog import Catalog
from fashion_search.catalog.relevance import NO_VERDICTS, Applied, relevant
from fashion_search.encoders import Encoder, Fingerprint, encoder_spec
from fashion_search.errors import ForeignVectorsError, WeightsError
from fashion_search.library import Library


@dataclass(frozen=True)
class Query:
    """What is searched with: an item of the catalog by its ``row``, or a ``picture``.

    ``labels`` are the ground truth; None where it is not known what the picture shows.
    """

    row: int | None = None
    picture: Image.Image | None = None
    labels: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if (self.row is None) == (self.picture is None):
            raise ValueError("a query is an item's row or a picture, one of the two")

    @classmethod
    def of_item(cls, catalog: Catalog, row: int) -> Self:
        """An item of the catalog with its labels, where it has any."""
        return cls(row=row, labels=catalog.items[row].labels or None)


@dataclass(frozen=True)
class Ranking:
    """A method's results for one query, best first: ``rows`` and cosine ``scores``, shape (m,).

    ``relevant`` marks the right ones, shape (m,); None without ground truth. ``milliseconds``: encoding and search.
    """

    library: Library
    rows: NDArray[np.intp]
    scores: NDArray[np.float32]
    relevant: NDArray[np.bool_] | None
    milliseconds: float

    @cached_property
    def ranks(self) -> dict[int, int]:
        """Row → rank, from 1."""
        return {int(row): rank for rank, row in enumerate(self.rows, start=1)}

    @property
    def relevant_ranks(self) -> list[int]:
        """The ranks of all relevant items, ascending."""
        return [] if self.relevant is None else (np.flatnonzero(self.relevant) + 1).tolist()


def nearest(
    query: Query,
    library: Library,
    gallery: NDArray[np.bool_],
    k: int | None = None,
    verdicts: Applied = NO_VERDICTS,
    encoder: Encoder | None = None,
) -> Ranking:
    """The items of the gallery most similar to a query; what may not be returned is left out before the first k.

    Args:
        query: an item, which is never its own result, or a picture.
        library: the method's vectors of the catalog.
        gallery: mask over rows, shape (n,): what may be returned.
        k: results, at least 1; all by default.
        verdicts: pairs that count as relevant, and items that leave the gallery.
        encoder: the one that made the library (``encoder_of``); needed for a picture.

    Raises:
        ForeignVectorsError: ``encoder`` is not the one that made the library.
    """
    catalog = library.catalog
    k = len(catalog.items) if k is None else k
    if len(verdicts.removed):
        gallery = gallery.copy()
        gallery[verdicts.removed] = False
    started = time.perf_counter()
    if query.picture is None:
        hits = library.search(np.array([query.row], dtype=np.intp), k, gallery)
    elif encoder is None:
        raise ValueError("a picture is searched with by an encoder")
    else:
        hits = library.search_image(encoder, query.picture, k, gallery)
    milliseconds = 1000 * (time.perf_counter() - started)
    is_result = hits.rows[0] >= 0
    rows = hits.rows[0][is_result]
    right = None if query.labels is None else relevant(catalog, rows, query.labels, query.row, verdicts)
    return Ranking(library, rows, hits.scores[0][is_result], right, milliseconds)


def encoder_at_hand(library: Library) -> Fingerprint:
    """What the encoder at hand is made of, which is the one that made a library; nothing is loaded or downloaded.

    Raises:
        WeightsError: the weights are not at hand.
        ForeignVectorsError: those at hand are not the ones that made the library.
    """
    at_hand = encoder_spec(library.method).fingerprint()
    _refuse_foreign(library, at_hand)
    return at_hand


def encoder_of(library: Library) -> Encoder:
    """The encoder that made a library; weights that are not at hand are downloaded where they can be.

    Raises:
        WeightsError, ForeignVectorsError: as ``encoder_at_hand``.
    """
    spec = encoder_spec(library.method)
    try:
        encoder_at_hand(library)
    except WeightsError as error:
        if not error.can_download:
            raise
        downloaded = spec.load()
        _refuse_foreign(library, downloaded.fingerprint)
        return downloaded
    return spec.load()


def _refuse_foreign(library: Library, at_hand: Fingerprint) -> None:
    if not at_hand.matches(library.fingerprint):
        raise ForeignVectorsError(
            f"{encoder_spec(library.method).title}: the library was made with {library.fingerprint.weights_label}, at "
            f"hand is {at_hand.weights_label}. Vectors of different weights cannot be compared. Build it again first."
        )
