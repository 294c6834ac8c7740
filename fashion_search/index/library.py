"""A library that is searched by an index: the items that the index lists, ordered by their cosines."""

import math
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fashion_search.encoders import Fingerprint, Index, indexed
from fashion_search.index.engine import Engine
from fashion_search.library import Library, blocks
from fashion_search.scored import SCORE_STEPS, Hits, Scored

_UNLISTED = -2.0  # less than any cosine
_AGAIN = 4  # times as many items are asked for where too few of those listed may be returned
_ROUNDING = 5e-6  # more than scores and distances lose by it, as a cosine


@dataclass(frozen=True)
class IndexedLibrary(Library):
    """The same vectors, of which an index lists some for each query.

    They are ordered as in ``Library``, by cosine, equal ones by row. What may not be returned is taken away before the
    first k are; where too few are left, the index is asked for more, until there are enough or nothing is left. An
    exact index gives the results of ``Library``.

    ``shortest``: how many items it lists for a query, at least, whatever k is. So a page and an evaluation have the
    same list.
    """

    index: Index
    engine: Engine
    source: Fingerprint
    shortest: int

    @classmethod
    def of(cls, library: Library, index: Index, engine: Engine) -> Self:
        """A library under an index that was built for it."""
        source = library.fingerprint
        recipe = f"{source.preprocessing}; {index.title} ({engine.settings}), {index.listed} items compared"
        fingerprint = Fingerprint(indexed(source.method, index.name), recipe, source.weights, source.weights_name)
        return cls(library.catalog, fingerprint, library.vectors, index, engine, source, index.listed)

    @property
    def made_by(self) -> Fingerprint:
        return self.source

    @property
    def lists(self) -> int:
        return min(self.shortest, self.catalog.n_items)

    def reaching(self, k: int) -> "IndexedLibrary":
        return replace(self, shortest=max(self.shortest, k))

    def search_vectors(
        self, queries: NDArray[np.float32], own_rows: NDArray[np.intp], k: int, gallery: NDArray[np.bool_]
    ) -> Hits:
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        n = self.catalog.n_items
        k = min(k, n)
        rows = np.full((len(queries), k), -1, dtype=np.intp)
        scores = np.full((len(queries), k), -np.inf, dtype=np.float32)
        for block in blocks(len(queries), n):
            listed = self._listed(queries[block], own_rows[block], gallery, k)
            for place, (found, cosines) in enumerate(listed, start=block.start):
                rounded = np.rint(cosines * SCORE_STEPS)
                first = np.lexsort((found, -rounded))[:k]
                rows[place, : len(first)] = found[first]
                scores[place, : len(first)] = rounded[first] / SCORE_STEPS
        return Hits(rows, scores)

    def scored(self, queries: NDArray[np.float32], own_rows: NDArray[np.intp], gallery: NDArray[np.bool_]) -> Scored:
        """The whole order, for evaluations: what the index does not list stands behind all that it lists, by row.

        That of an exact index is that of ``Library``, and is made as there.
        """
        if self.index.is_exact:
            return super().scored(queries, own_rows, gallery)
        scores = np.full((len(queries), self.catalog.n_items), _UNLISTED)
        for place, (rows, cosines) in enumerate(self._listed(queries, own_rows, gallery, self.shortest)):
            scores[place, rows] = cosines
        return Scored.exactly(scores, own_rows, gallery)

    def _listed(
        self, queries: NDArray[np.float32], own_rows: NDArray[np.intp], gallery: NDArray[np.bool_], k: int
    ) -> list[tuple[NDArray[np.intp], NDArray[np.float64]]]:
        """For each query, the rows that the index lists and that may be returned, and their cosines, in no order."""
        n, allowed = self.catalog.n_items, int(np.count_nonzero(gallery))
        wanted = k if self.index.is_exact else max(k, self.shortest)
        found = [(np.empty(0, np.intp), np.empty(0))] * len(queries)
        if not allowed:
            return found
        part = self.engine.within(gallery[:n])
        largest = min(part.n, self.engine.most)
        m = min(largest, math.ceil((wanted + 1) * part.n / allowed))
        pending = np.arange(len(queries))
        while len(pending):
            lists = part.search(queries[pending], m)
            unfinished = []
            for place, listed in zip(pending.tolist(), lists, strict=True):
                own = own_rows[place]
                rows = listed[listed >= 0]
                cosines = self.vectors[rows].astype(np.float64) @ queries[place].astype(np.float64)
                may_be_returned = gallery[rows] & (rows != own)
                found[place] = rows[may_be_returned], cosines[may_be_returned]
                most = min(wanted, allowed - int(own >= 0 and gallery[own]))
                if m < largest and not self._is_enough(found[place][1], cosines, most):
                    unfinished.append(place)
            pending = np.array(unfinished, dtype=np.intp)
            m = min(largest, _AGAIN * m)
        return found

    def _is_enough(self, kept: NDArray[np.float64], listed: NDArray[np.float64], wanted: int) -> bool:
        """Whether no more items need be listed; of an exact index, because all others are less similar."""
        if len(kept) < wanted:
            return False
        if not self.index.is_exact or not wanted:
            return True
        last = -np.partition(-kept, wanted - 1)[wanted - 1]
        return bool(listed.min() < last - _ROUNDING)
