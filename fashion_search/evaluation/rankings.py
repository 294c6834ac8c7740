"""What one method returns for every query of a split: the arrays that all figures are made of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog import Catalog, Split
from fashion_search.catalog.relevance import NO_VERDICTS, Applied, gains, label_codes, product_codes
from fashion_search.library import Library
from fashion_search.scored import Columns
from fashion_search.work import advance

DEPTH = 50
"""Results that are kept of each query; figures at any k up to it need no new search."""

_GROUPS = 512  # style groups compared with all others at once


@dataclass(frozen=True)
class Rankings:
    """One method's results for the queries of a split that have a relevant item in the gallery.

    A result is relevant if it shares all grouping columns with the query, or a person accepted the pair.
    Its gain is the number of columns that agree; that of an accepted pair is the number of columns.

    Attributes:
        queries: rows of the catalog, ascending, shape (q,).
        left_out: rows of the split's queries without any relevant item, shape (m,).
        n: items in each query's gallery, itself not counted, shape (q,).
        totals: relevant items among them, shape (q,).
        grades: items among them that gain 0, 1, …, C, shape (q, C + 1).
        rows: the first results, best first, -1 where the gallery holds fewer, shape (q, depth).
        scores: their cosines, -inf where there is none, shape (q, depth).
        relevant: whether they are relevant, shape (q, depth).
        gains: what they gain, shape (q, depth).
        first: rank of the first relevant item in the whole gallery, from 1, shape (q,).
        r_precision: R-Precision, shape (q,); kept because R may be more than ``depth``.
    """

    queries: NDArray[np.intp]
    left_out: NDArray[np.intp]
    n: NDArray[np.intp]
    totals: NDArray[np.intp]
    grades: NDArray[np.intp]
    rows: NDArray[np.intp]
    scores: NDArray[np.float32]
    relevant: NDArray[np.bool_]
    gains: NDArray[np.uint8]
    first: NDArray[np.intp]
    r_precision: NDArray[np.float64]

    @property
    def depth(self) -> int:
        """Results that are kept of each query."""
        return int(self.rows.shape[1])

    def place(self, row: int) -> int | None:
        """Where a query stands in ``queries``; None where it is not one of them."""
        place = int(np.searchsorted(self.queries, row))
        return place if place < len(self.queries) and self.queries[place] == row else None


def rank(
    library: Library,
    split: Split,
    verdicts: Applied = NO_VERDICTS,
    depth: int = DEPTH,
    vectors: NDArray[np.float32] | None = None,
    per_product: bool = False,
) -> Rankings:
    """Rank the gallery for every query of a split, block by block.

    Args:
        library: the method's vectors.
        split: queries and gallery.
        verdicts: pairs that count as relevant, and items that leave queries and gallery.
        depth: results kept of each query, at least 1.
        vectors: what is searched with instead of the items' own, such as those of altered pictures: unit vectors of
            the split's queries, shape (q, dim).
        per_product: a product counts once, by its best picture; only for the queries of a query set, which are no
            items themselves. One whose pictures are of several style groups counts in each of them.
    """
    catalog, library = library.catalog, library.reaching(depth)
    gallery = split.gallery.copy()
    gallery[verdicts.removed] = False
    asked = split.queries[~np.isin(split.queries, verdicts.removed)]
    counted_once = _counted_once(catalog) if per_product else None
    counted = gallery
    if counted_once is not None:
        verdicts, counted = _of_whole_products(catalog, verdicts), _first_pictures(counted_once, gallery)
    totals = _totals(catalog, asked, counted, _partners(verdicts, counted))
    queries, left_out, totals = asked[totals > 0], asked[totals == 0], totals[totals > 0]
    asked_with = library.vectors[queries] if vectors is None else vectors[np.isin(split.queries, queries)]
    rows, scores, first, r_precision = _search(
        library, queries, asked_with, gallery, totals, _partners(verdicts, gallery), depth, counted_once
    )
    gained = gains(catalog, queries, rows, verdicts)
    return Rankings(
        queries=queries,
        left_out=left_out,
        n=int(counted.sum()) - counted[queries].astype(np.intp),
        totals=totals,
        grades=_grades(catalog, queries, counted, _partners(verdicts, counted)),
        rows=rows,
        scores=scores,
        relevant=(gained == len(catalog.columns)) & (rows >= 0),
        gains=gained,
        first=first,
        r_precision=r_precision,
    )


def _counted_once(catalog: Catalog) -> NDArray[np.intp]:
    """What counts once, as a number of each row, shape (n,): a product, in each style group that it has pictures of."""
    pairs = np.stack([product_codes(catalog), catalog.group_of], axis=1)
    return np.asarray(np.unique(pairs, axis=0, return_inverse=True)[1], dtype=np.intp).reshape(-1)


def _of_whole_products(catalog: Catalog, verdicts: Applied) -> Applied:
    """Whoever accepts a picture of a product for a query accepts the product."""
    n, products = catalog.n_items, product_codes(catalog)
    pairs = {
        (other, query)
        for item, query in verdicts.pairs.tolist()
        if item < n <= query
        for other in np.flatnonzero(products[:n] == products[item]).tolist()
        if catalog.group_of[other] != catalog.group_of[query]
    }
    return Applied(np.array(sorted(pairs), dtype=np.intp).reshape(-1, 2), verdicts.removed)


def _first_pictures(counted_once: NDArray[np.intp], gallery: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mask of the first picture in the gallery of all that count once together."""
    rows = np.flatnonzero(gallery)
    firsts = np.zeros_like(gallery)
    firsts[rows[np.unique(counted_once[rows], return_index=True)[1]]] = True
    return firsts


def _partners(verdicts: Applied, gallery: NDArray[np.bool_]) -> dict[int, list[int]]:
    """The items of the gallery that a person accepted for each query row."""
    partners: dict[int, list[int]] = {}
    for one, other in verdicts.pairs.tolist():
        for query, result in ((one, other), (other, one)):
            if gallery[result]:
                partners.setdefault(query, []).append(result)
    return partners


def _totals(
    catalog: Catalog, queries: NDArray[np.intp], gallery: NDArray[np.bool_], accepted: dict[int, list[int]]
) -> NDArray[np.intp]:
    in_gallery = np.bincount(catalog.group_of[gallery], minlength=len(catalog.groups))
    totals: NDArray[np.intp] = in_gallery[catalog.group_of[queries]] - gallery[queries]
    return totals + np.array([len(accepted.get(row, ())) for row in queries.tolist()], dtype=np.intp)


def _grades(
    catalog: Catalog, queries: NDArray[np.intp], gallery: NDArray[np.bool_], accepted: dict[int, list[int]]
) -> NDArray[np.intp]:
    """Items of each query's gallery by their gain, shape (q, C + 1)."""
    groups, columns = len(catalog.groups), len(catalog.columns)
    codes = label_codes(catalog)
    of_group = np.array([codes[group.rows[0]] for group in catalog.groups])  # (G, C)
    counts = np.bincount(catalog.group_of[gallery], minlength=groups)
    grades = np.empty((groups, columns + 1), dtype=np.intp)
    for start in range(0, groups, _GROUPS):
        some = of_group[start : start + _GROUPS]
        agreeing = sum((some[:, None, c] == of_group[None, :, c]).astype(np.uint8) for c in range(columns))
        for gain in range(columns + 1):
            grades[start : start + _GROUPS, gain] = (agreeing == gain) @ counts
    found = grades[catalog.group_of[queries]]
    found[:, columns] -= gallery[queries]
    for place, row in enumerate(queries.tolist()):
        for other in accepted.get(row, ()):
            found[place, (codes[row] == codes[other]).sum()] -= 1
            found[place, columns] += 1
    return found


def _search(
    library: Library,
    queries: NDArray[np.intp],
    vectors: NDArray[np.float32],
    gallery: NDArray[np.bool_],
    totals: NDArray[np.intp],
    accepted: dict[int, list[int]],
    depth: int,
    counted_once: NDArray[np.intp] | None,
) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.intp], NDArray[np.float64]]:
    """First results and their scores, rank of the first relevant item, and R-Precision."""
    catalog = library.catalog
    by_product = None
    if counted_once is not None:
        by_product = Columns(np.unique(counted_once[: catalog.n_items], return_inverse=True)[1])
    rows = np.full((len(queries), depth), -1, dtype=np.intp)
    scores = np.full((len(queries), depth), -np.inf, dtype=np.float32)
    first = np.empty(len(queries), dtype=np.intp)
    r_precision = np.empty(len(queries))
    for block, scored in library.scored_blocks(vectors, queries, gallery):
        places, relevant_rows = _relevant_rows(catalog, queries[block], accepted, gallery)
        relevant_keys = scored.keys(places, relevant_rows)  # of all relevant items; infinite for the query itself
        starts = np.searchsorted(places, np.arange(len(totals[block])))
        first[block] = scored.ahead(np.minimum.reduceat(relevant_keys, starts), by_product) + 1
        k = max(depth, int(totals[block].max()))
        smallest, hits = scored.first(k, by_product)
        rows[block], scores[block] = hits.rows[:, :depth], hits.scores[:, :depth]
        last = smallest[np.arange(len(smallest)), totals[block] - 1]  # the key at rank R
        among_first = (relevant_keys <= last[places]) & np.isfinite(relevant_keys)
        if by_product is not None:
            among_first &= _is_best(places, by_product.codes[relevant_rows], relevant_keys)
        r_precision[block] = np.add.reduceat(among_first, starts, dtype=np.intp) / totals[block]
        advance(block.stop, len(queries))
    return rows, scores, first, r_precision


def _is_best(places: NDArray[np.intp], products: NDArray[np.intp], keys: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of some pictures of products, found for the queries at ``places``, are their product's best. Shape (m,)."""
    order = np.lexsort((keys, products, places))
    pairs = np.stack([places, products], axis=1)[order]
    found = np.zeros(len(keys), dtype=np.bool_)
    found[order] = np.diff(pairs, axis=0, prepend=-1).any(axis=1)
    return found


def _relevant_rows(
    catalog: Catalog, queries: NDArray[np.intp], accepted: dict[int, list[int]], gallery: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """For each query its style group's rows and the accepted ones in the gallery: the query's place, and the row."""
    in_gallery = [group.rows[gallery[group.rows]] for group in catalog.groups]

    def one(row: int) -> NDArray[np.intp]:
        group = in_gallery[catalog.group_of[row]]
        return np.concatenate([group, np.array(accepted[row], dtype=np.intp)]) if row in accepted else group

    found = [one(row) for row in queries.tolist()]
    places = np.repeat(np.arange(len(found)), [len(rows) for rows in found])
    return places, np.concatenate(found)
