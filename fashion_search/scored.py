"""How some queries score all items: which items come first, and how many come before one.

Scores may be known only to within a margin, as those of products in single precision. What they leave open, and that
alone, is decided by exact scores: so the order is that of exact scores to the last tie, and most of them are never
computed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

SCORE_STEPS = 1e6
"""Scores are rounded to 1 / this: what differs by less is equal, and the item with the smaller id comes first.

Exact scores are taken in double precision before that. So a result does not depend on how many queries are searched at
once: a page (one query) shows exactly what an evaluation (blocks of queries) counts.
"""

_CHUNK = 64  # items, at most, of which only the highest score is looked at first
_CHUNKS = 4  # so many times more of them than results are wanted, at least: fewer give a poor bound


@dataclass(frozen=True)
class Hits:
    """Ranked results: ``rows`` and ``scores`` (cosines, unless re-ranked), both (queries, k), best first.

    Where a query's gallery holds fewer than k items, the rest is row -1 with score -inf.
    """

    rows: NDArray[np.intp]
    scores: NDArray[np.float32]


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

    def reduced(self, values: NDArray[Any], how: np.ufunc) -> NDArray[Any]:
        """Values, shape (q, n), put together by a function such as ``np.add`` or ``np.minimum``, shape (q, codes)."""
        return np.asarray(how.reduceat(np.take(values, self._order, axis=1), self._starts, axis=1))


@dataclass(frozen=True)
class Scored:
    """Some queries' scores of all items.

    The order is by falling score in steps of 1 / ``SCORE_STEPS``, equal ones by row. A place in it has a **key**, the
    whole number ``row - n * score * SCORE_STEPS``: all keys of a query differ, smaller ones come first, and being below
    2 ** 53 they are exact. What may not be returned has the key infinity.

    Attributes:
        scores: shape (q, n); -inf for what may not be returned.
        margin: no score is further than this from the exact one.
        exact: exact scores of pairs, given by place of the query and row, shape (m,) each; shape (m,).
    """

    scores: NDArray[np.float32] | NDArray[np.float64]
    margin: float
    exact: Callable[[NDArray[np.intp], NDArray[np.intp]], NDArray[np.float64]]

    @classmethod
    def exactly(cls, scores: NDArray[np.float64], own_rows: NDArray[np.intp], gallery: NDArray[np.bool_]) -> Self:
        """Of exact scores, shape (q, n), which are overwritten; the other arguments as in ``masked``."""
        among = masked(scores, own_rows, gallery)
        return cls(among, 0.0, lambda places, rows: among[places, rows])

    @property
    def n(self) -> int:
        """How many items there are."""
        return int(self.scores.shape[1])

    @cached_property
    def n_results(self) -> NDArray[np.intp]:
        """How many items may be returned for each query, shape (q,)."""
        return np.asarray(np.count_nonzero(self.scores > -np.inf, axis=1))

    @property
    def _step(self) -> float:
        """What scores can differ by and be of one order still: rounding, and the margin."""
        return self.margin + 1 / SCORE_STEPS

    def keys(self, places: NDArray[np.intp], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Of pairs, given by place of the query and row, shape (m,) each; shape (m,)."""
        may_be_returned = self.scores[places, rows] > -np.inf
        return key_of(np.where(may_be_returned, self.exact(places, rows), -np.inf), rows, self.n)

    def first(self, k: int, together: Columns | None = None) -> tuple[NDArray[np.float64], Hits]:
        """The first k results of each query, and their keys, shape (q, k), ascending.

        Args:
            k: at least 1; what is more than there are is filled up.
            together: what counts once, by the best of its items.
        """
        places, rows = self._candidates(k, together)
        keys = self.keys(places, rows)
        order = np.lexsort((keys, places))
        places, rows, keys = places[order], rows[order], keys[order]
        if together is not None:  # in this order the first of each is its best
            of_place = places * (int(together.codes.max(initial=0)) + 1) + together.codes[rows]
            best = np.sort(np.unique(of_place, return_index=True)[1])
            places, rows, keys = places[best], rows[best], keys[best]
        rank = np.arange(len(places)) - np.searchsorted(places, places)
        kept = rank < k
        at = places[kept], rank[kept]
        shape = (len(self.scores), k)
        smallest, found = np.full(shape, np.inf), np.full(shape, -1, dtype=np.intp)
        scores = np.full(shape, -np.inf, dtype=np.float32)
        smallest[at], found[at] = keys[kept], rows[kept]
        scores[at] = self._score_of(keys[kept])
        return smallest, Hits(found, scores)

    def ahead(self, keys: NDArray[np.float64], together: Columns | None = None) -> NDArray[np.intp]:
        """How many results come before a place, given by its key, of each query, shape (q,); without sorting any.

        ``together``: what counts once, by the best of its items.
        """
        bounds = self._score_of(keys)[:, None]
        before = self.scores > self._rounded(bounds + self._step, up=True)
        near = np.flatnonzero((self.scores >= self._lowest(bounds - self._step)) & ~before)
        places, rows = np.divmod(near, self.n)
        before[places, rows] = self.keys(places, rows) < keys[places]
        counted = before if together is None else together.reduced(before, np.logical_or)
        return np.asarray(np.count_nonzero(counted, axis=1))

    def of(self, place: int) -> "Scored":
        """One query's."""
        exact = self.exact
        return Scored(self.scores[place : place + 1], self.margin, lambda places, rows: exact(places + place, rows))

    def _candidates(self, k: int, together: Columns | None) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Pairs of place and row, by place, among which are the first k results of each query."""
        values = self.scores if together is None else together.reduced(self.scores, np.maximum)
        least = _kth_highest(values, k)[:, None].astype(np.float64) - self._step - self.margin
        return np.divmod(np.flatnonzero(self.scores >= self._lowest(least)), self.n)

    def _score_of(self, keys: NDArray[np.float64]) -> NDArray[np.float64]:
        """The rounded score of a place in the order; -inf of none."""
        known = np.where(np.isfinite(keys), keys, 0)
        return np.where(np.isfinite(keys), (np.mod(known, self.n) - known) / self.n / SCORE_STEPS, -np.inf)

    def _lowest(self, bounds: NDArray[np.float64]) -> NDArray[Any]:
        """Bounds, rounded down; what may not be returned is below each of them."""
        return np.asarray(np.maximum(self._rounded(bounds, up=False), np.finfo(self.scores.dtype).min))

    def _rounded(self, bounds: NDArray[np.float64], up: bool) -> NDArray[Any]:
        """Bounds in the precision of the scores, so that comparing needs no wider copy of all of these."""
        kind = self.scores.dtype
        return np.asarray(np.nextafter(bounds.astype(kind), np.array(np.inf if up else -np.inf, kind)))


def key_of(scores: NDArray[np.float64], rows: NDArray[np.intp], n: int) -> NDArray[np.float64]:
    """The key of items with exact scores among n, in the shape of both; infinity where the score is -inf."""
    return np.asarray(rows - n * np.rint(scores * SCORE_STEPS))


def _kth_highest(values: NDArray[Any], k: int) -> NDArray[Any]:
    """The k-th highest of each row, shape (q, m), or a bound below it; -inf where there are not so many. Shape (q,).

    The k-th highest of the maxima of chunks is such a bound, and is found sooner than by looking for it among all.
    """
    q, m = values.shape
    if k > m:
        return np.full(q, -np.inf, values.dtype)
    size = min(_CHUNK, m // (_CHUNKS * k))
    if size > 1:
        m //= size
        values = values[:, : m * size].reshape(q, size, m).max(axis=1)
    return np.asarray(np.partition(values, m - k, axis=1)[:, m - k])


def masked(scores: NDArray[Any], own_rows: NDArray[np.intp], gallery: NDArray[np.bool_]) -> NDArray[Any]:
    """Put -inf for what may not be returned; in place.

    Args:
        scores: of each query and item, shape (q, n).
        own_rows: each query's own row, which is never returned; -1, or n and more, where it is none of the items;
            shape (q,).
        gallery: mask of the rows that may be returned; the first n count.
    """
    n = scores.shape[1]
    if not gallery[:n].all():
        np.copyto(scores, -np.inf, where=~gallery[:n])
    is_item = (own_rows >= 0) & (own_rows < n)
    scores[is_item, own_rows[is_item]] = -np.inf
    return scores
