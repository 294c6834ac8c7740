"""A library: one catalog's vectors under one encoder, and searching it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

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

_BLOCK = 512  # queries scored at once, where the catalog is not so large that
_CELLS = 2**23  # their scores would be more numbers than this, which bounds memory
_PIECE = 1024  # vectors widened at once: stays in the processor's cache


@dataclass(frozen=True)
class Hits:
    """Ranked results: ``rows`` and ``scores`` (cosines, unless re-ranked), both (queries, k), best first.

    Where a query's gallery holds fewer than k items, the rest is row -1 with score -inf.
    """

    rows: NDArray[np.intp]
    scores: NDArray[np.float32]


@dataclass(frozen=True)
class Library:
    """Unit vectors, shape (n, dim), of a catalog's items in the order of its rows.

    Those of a catalog with queries have the queries' vectors after the items': queries are compared with items alone.
    """

    catalog: Catalog
    fingerprint: Fingerprint
    vectors: NDArray[np.float32]

    @property
    def method(self) -> str:
        """The name of the method."""
        return self.fingerprint.method

    @property
    def made_by(self) -> Fingerprint:
        """What made the vectors; ``fingerprint`` is that of the results, which a re-ranked method orders anew."""
        return self.fingerprint

    @property
    def reach(self) -> int:
        """How many results a query has where nobody says how many: all items; fewer where an index lists them."""
        return self.catalog.n_items

    def reaching(self, k: int) -> "Library":
        """The same, whose ``key_blocks`` order at least the first k results as a search for k does."""
        return self

    def given(self, known: tuple[str | None, ...], picture: Image.Image | None = None) -> "Library":
        """The same for a query: what a person said that it is, by column, and its picture, where it is no item.

        Similarity looks at neither.
        """
        return self

    def search(self, rows: NDArray[np.intp], k: int, gallery: NDArray[np.bool_]) -> Hits:
        """The k items of the gallery most similar to each of the catalog's items ``rows``, itself excepted.

        Args:
            rows: queries, shape (q,).
            k: results per query, at least 1; at most the number of items is returned.
            gallery: mask over rows, shape (n,): what may be returned.
        """
        return self.search_vectors(np.asarray(self.vectors[rows]), rows, k, gallery)

    def encode(self, encoder: Encoder, image: Image.Image) -> NDArray[np.float32]:
        """A picture from outside the catalog as a vector that can be searched with here, shape (1, dim).

        Raises:
            ForeignVectorsError: ``encoder`` is not the one that made this library.
        """
        if not encoder.fingerprint.matches(self.made_by):
            raise ForeignVectorsError(
                f"This library of “{self.catalog.title}” was made by {self.made_by.method} with "
                f"{self.made_by.weights_label}, the picture would be encoded with "
                f"{encoder.fingerprint.weights_label}; such vectors cannot be compared. Build the library again."
            )
        return encoder.encode([image])

    def search_vectors(
        self, queries: NDArray[np.float32], own_rows: NDArray[np.intp], k: int, gallery: NDArray[np.bool_]
    ) -> Hits:
        """The first k results of unit vectors, shape (q, dim); ``own_rows``: each one's row, or -1, shape (q,)."""
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        k = min(k, self.catalog.n_items)
        hits = [best(keys, k)[1] for _, keys in self.key_blocks(queries, own_rows, gallery)]
        if not hits:
            return Hits(np.empty((0, k), np.intp), np.empty((0, k), np.float32))
        return Hits(np.concatenate([part.rows for part in hits]), np.concatenate([part.scores for part in hits]))

    def key_blocks(
        self, queries: NDArray[np.float32], own_rows: NDArray[np.intp], gallery: NDArray[np.bool_]
    ) -> Iterator[tuple[slice, NDArray[np.float64]]]:
        """The whole order of the gallery for some queries at a time, for who counts ranks.

        Args:
            queries: unit vectors, shape (m, dim).
            own_rows: each query's own row, which is never returned, or -1, shape (m,).
            gallery: mask over rows, shape (n,).

        Yields:
            Which of the queries these are, and their keys (see ``keys_of``), shape (q, catalog.n_items); they may be
            overwritten.
        """
        for block in blocks(len(queries), self.catalog.n_items):
            yield block, keys_of(self.cosines(queries[block]), own_rows[block], gallery)

    def cosines(self, queries: NDArray[np.float32]) -> NDArray[np.float64]:
        """Of unit vectors, shape (q, dim), with every item, in double precision, shape (q, catalog.n_items).

        The items' vectors are widened piece by piece, not all at once.
        """
        exact, n = queries.astype(np.float64), self.catalog.n_items
        scores = np.empty((len(queries), n))
        for start in range(0, n, _PIECE):
            piece = self.vectors[start : min(start + _PIECE, n)]
            np.matmul(exact, piece.astype(np.float64).T, out=scores[:, start : start + len(piece)])
        return scores


def blocks(queries: int, items: int) -> Iterator[slice]:
    """Which queries are scored at once, so that memory stays bounded."""
    size = max(1, min(_BLOCK, _CELLS // max(items, 1)))
    return (slice(start, start + size) for start in range(0, queries, size))


def keys_of(scores: NDArray[np.float64], own_rows: NDArray[np.intp], gallery: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Turn scores into keys that order rows by falling score, equal scores by row; in place.

    A key is the whole number ``row - n * score * SCORE_STEPS``: all keys of a query differ, and being below
    2 ** 53 they are exact. What may not be returned has the key infinity.

    Args:
        scores: cosine of each query with each item, shape (q, n); overwritten.
        own_rows: each query's own row, which is never returned; -1, or n and more, where it is none of the items;
            shape (q,).
        gallery: mask of the rows that may be returned; the first n count.
    """
    n = scores.shape[1]
    rows = np.where(gallery[:n], np.arange(n), np.inf)
    scores *= SCORE_STEPS
    keys = np.rint(scores, out=scores)
    keys *= -n
    keys += rows
    is_item = (own_rows >= 0) & (own_rows < n)
    keys[is_item, own_rows[is_item]] = np.inf
    return keys


@dataclass(frozen=True)
class Columns:
    """Which columns belong together, such as the items of a style group: ``codes`` of each, from 0, shape (n,)."""

    codes: NDArray[np.intp]

    @cached_property
    def _order(self) -> NDArray[np.intp]:
        return np.argsort(self.codes, kind="stable")

    @cached_property
    def _starts(self) -> NDArray[np.intp]:
        return np.flatnonzero(np.diff(self.codes[self._order], prepend=-1))

    def reduced(self, values: NDArray[np.float64], how: np.ufunc) -> NDArray[np.float64]:
        """Values, shape (q, n), put together by ``np.add`` or ``np.minimum``, shape (q, codes)."""
        return np.asarray(how.reduceat(np.take(values, self._order, axis=1), self._starts, axis=1))


def best(keys: NDArray[np.float64], k: int, n: int = 0) -> tuple[NDArray[np.float64], Hits]:
    """The k smallest keys per query, ascending, and what they mean.

    Args:
        keys: shape (q, m); their order is lost.
        k: at most m.
        n: items that they are keys of, by default m.
    """
    n = n or keys.shape[1]
    if k < keys.shape[1]:
        keys.partition(k - 1, axis=1)
    smallest = np.sort(keys[:, :k], axis=1)
    found = np.isfinite(smallest)
    known = np.where(found, smallest, 0)
    rows = np.mod(known, n)
    scores = np.where(found, (rows - known) / n / SCORE_STEPS, -np.inf)
    return smallest, Hits(np.where(found, rows, -1).astype(np.intp), scores.astype(np.float32))
