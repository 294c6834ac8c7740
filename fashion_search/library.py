"""A library: one catalog's vectors under one encoder, and searching it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.catalog import Catalog
from fashion_search.encoders import Encoder, Fingerprint
from fashion_search.errors import ForeignVectorsError

SCORE_STEPS = 1e6
"""Scores are rounded to 1 / this: what differs by less is equal, and the item with the smaller id comes first.

Products are taken in double precision before that. So a result does not depend on how many queries are
searched at once: a page (one query) shows exactly what an evaluation (blocks of queries) counts.
"""

_BLOCK = 512  # queries scored at once: bounds memory to that many rows of scores
_PIECE = 1024  # vectors widened at once: stays in the processor's cache


@dataclass(frozen=True)
class Hits:
    """Ranked results: ``rows`` and cosine ``scores``, both (queries, k), best first.

    Where a query's gallery holds fewer than k items, the rest is row -1 with score -inf.
    """

    rows: NDArray[np.intp]
    scores: NDArray[np.float32]


@dataclass(frozen=True)
class Library:
    """Unit vectors, shape (n, dim), of a catalog's items in the order of its rows."""

    catalog: Catalog
    fingerprint: Fingerprint
    vectors: NDArray[np.float32]

    @property
    def method(self) -> str:
        """The name of the encoder in the registry."""
        return self.fingerprint.method

    def search(self, rows: NDArray[np.intp], k: int, gallery: NDArray[np.bool_]) -> Hits:
        """The k items of the gallery most similar to each of the catalog's items ``rows``, itself excepted.

        Args:
            rows: queries, shape (q,).
            k: results per query, at least 1; at most the number of items is returned.
            gallery: mask over rows, shape (n,): what may be returned.
        """
        return self._search(np.asarray(self.vectors[rows]), rows, k, gallery)

    def search_image(self, encoder: Encoder, image: Image.Image, k: int, gallery: NDArray[np.bool_]) -> Hits:
        """The k items of the gallery most similar to a picture from outside the catalog; one query.

        Raises:
            ForeignVectorsError: ``encoder`` is not the one that made this library.
        """
        if not encoder.fingerprint.matches(self.fingerprint):
            raise ForeignVectorsError(
                f"This library of “{self.catalog.title}” was made by {self.method} with "
                f"{self.fingerprint.weights_label}, the picture would be encoded with "
                f"{encoder.fingerprint.weights_label}; such vectors cannot be compared. Build the library again."
            )
        return self._search(encoder.encode([image]), np.array([-1]), k, gallery)

    def _search(
        self, queries: NDArray[np.float32], own_rows: NDArray[np.intp], k: int, gallery: NDArray[np.bool_]
    ) -> Hits:
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        k = min(k, len(self.vectors))
        hits = [
            top_k(self._scores(queries[start : start + _BLOCK]), own_rows[start : start + _BLOCK], k, gallery)
            for start in range(0, len(queries), _BLOCK)
        ]
        if not hits:
            return Hits(np.empty((0, k), np.intp), np.empty((0, k), np.float32))
        return Hits(np.concatenate([part.rows for part in hits]), np.concatenate([part.scores for part in hits]))

    def _scores(self, queries: NDArray[np.float32]) -> NDArray[np.float64]:
        """Cosines in double precision, shape (q, n); the vectors are widened piece by piece, not all at once."""
        exact = queries.astype(np.float64)
        scores = np.empty((len(queries), len(self.vectors)))
        for start in range(0, len(self.vectors), _PIECE):
            piece = self.vectors[start : start + _PIECE]
            np.matmul(exact, piece.astype(np.float64).T, out=scores[:, start : start + len(piece)])
        return scores


def top_k(scores: NDArray[np.float64], own_rows: NDArray[np.intp], k: int, gallery: NDArray[np.bool_]) -> Hits:
    """The k best rows per query; equal scores in the order of rows.

    Args:
        scores: cosine of each query with each item, shape (q, n); overwritten.
        own_rows: each query's own row, which is never returned, or -1, shape (q,).
        k: at most n.
        gallery: mask of the rows that may be returned, shape (n,).
    """
    q, n = scores.shape
    scores *= SCORE_STEPS
    np.rint(scores, out=scores)
    keys = scores  # whole numbers, all different; ascending = by score, then by row; exact, being below 2 ** 53
    keys *= -n
    keys += np.arange(n)
    keys[:, ~gallery] = np.inf
    is_item = own_rows >= 0
    keys[is_item, own_rows[is_item]] = np.inf
    best = np.argpartition(keys, k - 1, axis=1)[:, :k] if k < n else np.tile(np.arange(n), (q, 1))
    best_keys = np.take_along_axis(keys, best, axis=1)
    order = np.argsort(best_keys, axis=1)
    rows = np.take_along_axis(best, order, axis=1)
    sorted_keys = np.take_along_axis(best_keys, order, axis=1)
    found = (rows - sorted_keys) / n / SCORE_STEPS  # undoes the key; -inf where nothing was left
    return Hits(np.where(np.isinf(sorted_keys), -1, rows), found.astype(np.float32))
