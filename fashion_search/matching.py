"""Re-ranking by keypoints: the first results of a method of local features, by how many of the query's match theirs.

A descriptor of the query matches where its nearest one among a result's is clearly nearer than the second nearest: the
ratio test (Lowe 2004). The descriptors of items are made of the catalog's thumbnails when they are needed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.encoders import Encoder, Fingerprint, Order, reranked
from fashion_search.encoders.local import Descriptors, LocalEncoder
from fashion_search.images import open_image
from fashion_search.library import Library
from fashion_search.scored import Scored

SHORT_LIST = 50  # results that are ordered anew
STRONGEST = 100  # keypoints of a picture that are compared
RATIO = 0.7  # of the distances to the nearest and the second nearest, below which it is a match
_KEPT = 20_000  # pictures whose descriptors stay in memory: at most 256 MB
_BEHIND = 10.0  # more than scores of one query can differ by


class Keypoints:
    """The descriptors of a catalog's items and of pictures from outside, reduced by the codebook's PCA."""

    def __init__(self, encoder: Encoder, thumbnail: Callable[[int], bytes]):
        """``thumbnail``: a row's picture, as bytes."""
        assert isinstance(encoder, LocalEncoder)
        self._encoder = encoder
        self._of_item = lru_cache(_KEPT)(lambda row: self.of_picture(open_image(thumbnail(row))).astype(np.float16))

    def of_item(self, row: int) -> Descriptors:
        """Those of a row's thumbnail."""
        return self._of_item(row).astype(np.float32)

    def of_picture(self, image: Image.Image) -> Descriptors:
        """Those of the strongest keypoints, shape (at most ``STRONGEST``, d)."""
        return self._encoder.codebook.reduced(self._encoder.describe(image)[:STRONGEST])


def shares_matched(query: Descriptors, others: Sequence[Descriptors]) -> NDArray[np.float64]:
    """The share of the query's descriptors, shape (n, d), that have a match among each other's, shape (others,)."""
    lengths = [len(other) for other in others]
    longest = max(lengths, default=0)
    if not len(query) or longest < 2:  # there is no second nearest
        return np.zeros(len(others))
    padded = np.zeros((len(others), longest, query.shape[1]), dtype=np.float32)
    absent = np.arange(longest) >= np.array(lengths)[:, None]  # (others, longest)
    for place, other in enumerate(others):
        padded[place, : len(other)] = other
    products = (query @ padded.reshape(-1, query.shape[1]).T).reshape(len(query), len(others), longest)
    squares = (padded**2).sum(axis=2) + (query**2).sum(axis=1)[:, None, None] - 2 * products
    squares[:, absent] = np.inf
    two = np.maximum(np.partition(squares, 1, axis=2)[:, :, :2], 0)  # (n, others, 2)
    matches = np.isfinite(two[:, :, 1]) & (two[:, :, 0] < RATIO**2 * two[:, :, 1])
    return np.asarray(matches.mean(axis=0))


@dataclass(frozen=True)
class MatchedLibrary(Library):
    """A library whose first ``SHORT_LIST`` results are ordered by similarity and by the share of keypoints that match.

    ``picture``: what is searched with, where that is no item.
    """

    plain: Library
    order: Order
    keypoints: Keypoints
    picture: Image.Image | None = None

    @classmethod
    def of(cls, library: Library, order: Order, keypoints: Keypoints) -> Self:
        """The same vectors, their first results ordered anew."""
        made_by = library.fingerprint
        recipe = (
            f"{made_by.preprocessing}; first {SHORT_LIST} by matches among {STRONGEST} keypoints of thumbnails, ratio "
            f"{RATIO}, share {order.share}"
        )
        fingerprint = Fingerprint(reranked(made_by.method, order.name), recipe, made_by.weights, made_by.weights_name)
        return cls(library.catalog, fingerprint, library.vectors, library, order, keypoints)

    @property
    def made_by(self) -> Fingerprint:
        return self.plain.fingerprint

    def given(self, known: tuple[str | None, ...], picture: Image.Image | None = None) -> "MatchedLibrary":
        return replace(self, picture=picture)

    def scored(self, queries: NDArray[np.float32], own_rows: NDArray[np.intp], gallery: NDArray[np.bool_]) -> Scored:
        nearest = super().scored(queries, own_rows, gallery).first(SHORT_LIST)[1].rows
        scores = (1 - self.order.share) * self.cosines(queries) - _BEHIND
        for place, (row, found) in enumerate(zip(own_rows.tolist(), nearest, strict=True)):
            rows = found[found >= 0]
            matched = shares_matched(self._of_query(row), [self.keypoints.of_item(one) for one in rows.tolist()])
            scores[place, rows] += _BEHIND + self.order.share * matched
        return Scored.exactly(scores, own_rows, gallery)

    def _of_query(self, row: int) -> Descriptors:
        if row >= 0:
            return self.keypoints.of_item(row)
        if self.picture is None:
            raise ValueError("the keypoints of a query that is no item are those of its picture")
        return self.keypoints.of_picture(self.picture)
