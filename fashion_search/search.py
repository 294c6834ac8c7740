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
from fashion_search.labels.confidence import Confidence, confidence
from fashion_search.labels.posterior import StylePosterior
from fashion_search.library import Library
from fashion_search.scored import Scored


@dataclass(frozen=True)
class Query:
    """What is searched with: an item of the catalog by its ``row``, or a ``picture``.

    ``labels`` are the ground truth; None where it is not known what the picture shows. ``known``: of a picture, what a
    person said that it shows, by column, None where nothing was said; re-ranked methods look at that. They never look
    at ``labels``.
    """

    row: int | None = None
    picture: Image.Image | None = None
    labels: tuple[str, ...] | None = None
    known: tuple[str | None, ...] = ()

    def __post_init__(self) -> None:
        if (self.row is None) == (self.picture is None):
            raise ValueError("a query is an item's row or a picture, one of the two")

    @classmethod
    def of_item(cls, catalog: Catalog, row: int) -> Self:
        """An item of the catalog with its labels, where it has any."""
        return cls(row=row, labels=catalog.items[row].labels or None)


@dataclass(frozen=True)
class Ranking:
    """A method's results for a query, best first.

    Attributes:
        query: what was searched with.
        library: the method's.
        rows: the first results, or all that an index lists, shape (m,).
        scores: theirs, shape (m,).
        relevant: which of them are right, shape (m,); None without ground truth.
        answers: the rows of all right ones among the results, in no order; empty without ground truth.
        milliseconds: of encoding and search.
        vector: what was searched with, shape (dim,).
        order: of all results, for who asks for a place further down; None where an index lists some.
    """

    query: Query
    library: Library
    rows: NDArray[np.intp]
    scores: NDArray[np.float32]
    relevant: NDArray[np.bool_] | None
    answers: NDArray[np.intp]
    milliseconds: float
    vector: NDArray[np.float32]
    order: Scored | None

    @property
    def is_listed(self) -> bool:
        """Whether an index listed the results, which then need not be all items."""
        return self.order is None

    @property
    def n(self) -> int:
        """How many results there are; under an index, that it lists."""
        return len(self.rows) if self.order is None else int(self.order.n_results[0])

    @cached_property
    def _ranks(self) -> dict[int, int]:
        return {row: rank for rank, row in enumerate(self.rows.tolist(), start=1)}

    def rank(self, row: int) -> int | None:
        """The rank of an item, from 1; None where it is no result. One beyond ``rows`` is counted, not looked up."""
        if row in self._ranks or self.order is None:
            return self._ranks.get(row)
        key = self.order.keys(np.zeros(1, np.intp), np.array([row]))
        return int(self.order.ahead(key)[0]) + 1 if np.isfinite(key[0]) else None

    @cached_property
    def cosines(self) -> NDArray[np.float64]:
        """Of the query with every item of the catalog, shape (n,); a re-ranked result's score is made of more."""
        return np.asarray(self.library.cosines(self.vector[None])[0])

    @cached_property
    def _answers_in_order(self) -> list[int]:
        """The right results, best first."""
        if self.order is None:
            return [] if self.relevant is None else self.rows[self.relevant].tolist()
        keys = self.order.keys(np.zeros(len(self.answers), np.intp), self.answers)
        found: list[int] = self.answers[np.argsort(keys)].tolist()
        return found

    @property
    def first_relevant(self) -> int | None:
        """The rank of the first right result; None where there is none."""
        return self.rank(self._answers_in_order[0]) if len(self.answers) else None

    def missed(self, k: int) -> list[int]:
        """The rows of the right results that are not among the first k, best first."""
        first = set(self.rows[:k].tolist())
        return [row for row in self._answers_in_order if row not in first]


def nearest(
    query: Query,
    library: Library,
    gallery: NDArray[np.bool_],
    k: int | None = None,
    verdicts: Applied = NO_VERDICTS,
    encoder: Encoder | None = None,
    vector: NDArray[np.float32] | None = None,
) -> Ranking:
    """The items of the gallery most similar to a query; what may not be returned is left out before the first k.

    Args:
        query: an item, which is never its own result, or a picture.
        library: the method's vectors of the catalog.
        gallery: mask over rows, shape (n,): what may be returned.
        k: results, at least 1; by default all. Of an index there are as many as it lists, at least.
        verdicts: pairs that count as relevant, and items that leave the gallery.
        encoder: the one that made the library (``encoder_of``); needed for a picture.
        vector: the picture's under that encoder, where it was encoded before, shape (dim,).

    Raises:
        ForeignVectorsError: ``encoder`` is not the one that made the library.
    """
    catalog = library.catalog
    if len(verdicts.removed):
        gallery = gallery.copy()
        gallery[verdicts.removed] = False
    started = time.perf_counter()
    own_row = np.array([-1 if query.row is None else query.row], dtype=np.intp)
    if query.row is not None:
        vectors = np.asarray(library.vectors[[query.row]])
    elif vector is not None:
        vectors = vector[None]
    elif query.picture is not None and encoder is not None:
        vectors = library.encode(encoder, query.picture)
    else:
        raise ValueError("a picture is searched with by an encoder")
    asked = library.given(query.known, query.picture)
    order = asked.scored(vectors, own_row, gallery) if library.lists is None else None
    k = catalog.n_items if k is None and order else max(k or 1, library.lists or 1)
    hits = order.first(k)[1] if order else asked.search_vectors(vectors, own_row, k, gallery)
    milliseconds = 1000 * (time.perf_counter() - started)
    is_result = hits.rows[0] >= 0
    rows = hits.rows[0][is_result]
    right, answers = None, np.empty(0, dtype=np.intp)
    if query.labels is not None:
        results = np.flatnonzero(order.scores[0] > -np.inf) if order else rows
        answers = results[relevant(catalog, results, query.labels, query.row, verdicts)]
        right = np.isin(rows, answers)
    return Ranking(query, library, rows, hits.scores[0][is_result], right, answers, milliseconds, vectors[0], order)


def confidence_of(ranking: Ranking, posterior: StylePosterior, gallery: NDArray[np.bool_], k: int) -> Confidence | None:
    """How far to trust the first k results; None where there is none.

    Args:
        ranking: of a method under any order.
        posterior: of that method's vectors.
        gallery: the mask that was searched, shape (n,).
        k: results of the row.
    """
    if not len(ranking.rows):
        return None
    row = -1 if ranking.query.row is None else ranking.query.row
    one, known = ranking.vector[None], ranking.query.known
    told = posterior.of_queries(one, np.array([row]), gallery, known, ranking.cosines[None])
    return confidence(posterior, told, ranking.rows[:k])


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
    if not at_hand.matches(library.made_by):
        raise ForeignVectorsError(
            f"{encoder_spec(library.method).title}: the library was made with {library.fingerprint.weights_label}, at "
            f"hand is {at_hand.weights_label}. Vectors of different weights cannot be compared. Build it again first."
        )
