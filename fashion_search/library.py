"""A library: one catalog's vectors under one encoder, and searching it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.catalog import Catalog
from fashion_search.encoders import Encoder, Fingerprint
from fashion_search.errors import ForeignVectorsError
from fashion_search.scored import Hits, Scored, masked

_BLOCK = 512  # queries scored at once, where the catalog is not so large that
_CELLS = 2**23  # their scores would be more numbers than this, which bounds memory
_PIECE = 1024  # vectors widened at once: stays in the processor's cache
_DENSE = 4  # of so many pairs one: then products of all are sooner made than those of pairs alone
_LONGEST = 1.01  # a unit vector's length times another's, with room for rounding


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
    def lists(self) -> int | None:
        """How many results a query has at least where an index lists some; None where it has all items."""
        return None

    def reaching(self, k: int) -> "Library":
        """The same, whose ``scored`` orders at least the first k results as a search for k does."""
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
        hits = [scored.first(k)[1] for _, scored in self.scored_blocks(queries, own_rows, gallery)]
        if not hits:
            return Hits(np.empty((0, k), np.intp), np.empty((0, k), np.float32))
        return Hits(np.concatenate([part.rows for part in hits]), np.concatenate([part.scores for part in hits]))

    def scored_blocks(
        self, queries: NDArray[np.float32], own_rows: NDArray[np.intp], gallery: NDArray[np.bool_]
    ) -> Iterator[tuple[slice, Scored]]:
        """What ``scored`` gives, for some of many queries at a time: which these are, and their scores."""
        for block in blocks(len(queries), self.catalog.n_items):
            yield block, self.scored(queries[block], own_rows[block], gallery)

    def scored(self, queries: NDArray[np.float32], own_rows: NDArray[np.intp], gallery: NDArray[np.bool_]) -> Scored:
        """The order of all that may be returned.

        Args:
            queries: unit vectors, shape (q, dim).
            own_rows: each query's own row, which is never returned, or -1, shape (q,).
            gallery: mask over rows, shape (n,).
        """
        items = np.asarray(self.vectors[: self.catalog.n_items])

        def exact(places: NDArray[np.intp], rows: NDArray[np.intp]) -> NDArray[np.float64]:
            if _DENSE * len(places) >= len(queries) * len(items):
                return self.cosines(queries)[places, rows]
            parts = [slice(start, start + _PIECE) for start in range(0, len(places), _PIECE)]
            products = [_products(queries.take(places[part], axis=0), items.take(rows[part], axis=0)) for part in parts]
            return np.concatenate([np.empty(0), *products])

        return Scored(masked(queries @ items.T, own_rows, gallery), margin_of(items.shape[1]), exact)

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


def margin_of(dim: int) -> float:
    """How far a product of two unit vectors in single precision is from the exact one at most, in whatever order it is
    summed: dim · u / (1 - dim · u), u being half the distance from 1 to the next number.

    Source: Higham, *Accuracy and Stability of Numerical Algorithms*, 2002, section 3.1.
    """
    rounding = dim * float(np.finfo(np.float32).eps) / 2
    return _LONGEST * rounding / (1 - rounding)


def _products(queries: NDArray[np.float32], items: NDArray[np.float32]) -> NDArray[np.float64]:
    """Of pairs of vectors, shape (m, dim) each, in double precision, shape (m,)."""
    return np.asarray(np.einsum("md,md->m", queries.astype(np.float64), items.astype(np.float64)))
