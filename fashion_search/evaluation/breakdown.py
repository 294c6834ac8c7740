"""Figures taken apart: by style group or by a grouping column, and which values are returned for which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog import Catalog
from fashion_search.catalog.relevance import label_codes
from fashion_search.evaluation.measures import MEASURES
from fashion_search.evaluation.rankings import Rankings

GROUP = "style-group"  # the breakdown by whole style group, beside those by a column; no column has a hyphen
FEW = 10  # queries: fewer say little about a method


@dataclass(frozen=True)
class Part:
    """The queries that share a value: their places in the rankings, and each method's mean over them."""

    value: str  # a style group's id, or a label
    title: str
    places: NDArray[np.intp]
    n_images: int
    scores: dict[str, float]

    @property
    def is_small(self) -> bool:
        """Too few queries to speak of."""
        return len(self.places) < FEW


def breakdown(catalog: Catalog, by: str, rankings: Mapping[str, Rankings], measure: str, k: int) -> list[Part]:
    """One part per value of a grouping column, or per style group; values without any query are left out.

    Args:
        catalog: whose items these are.
        by: a grouping column, or ``GROUP``.
        rankings: by method, all over the same queries; leave-one-out, or a group is a single query.
        measure: a name from ``MEASURES``.
        k: where it is taken.
    """
    values, titles, of_item = value_of_items(catalog, by)
    first = next(iter(rankings.values()))
    images = np.bincount(of_item[: catalog.n_items], minlength=len(values))
    per_query = {method: MEASURES[measure].of(one, k) for method, one in rankings.items()}
    of_query = of_item[first.queries]
    order = np.argsort(of_query, kind="stable")
    ends = np.cumsum(np.bincount(of_query, minlength=len(values)))
    parts = []
    for code, places in enumerate(np.split(order, ends[:-1])):
        if len(places):
            scores = {method: float(scored[places].mean()) for method, scored in per_query.items()}
            parts.append(Part(values[code], titles[code], places, int(images[code]), scores))
    return parts


def value_of_items(catalog: Catalog, by: str) -> tuple[list[str], list[str], NDArray[np.intp]]:
    """The values of a breakdown, their titles, and which of them each item has, shape (n,)."""
    if by == GROUP:
        return [group.id for group in catalog.groups], [group.title for group in catalog.groups], catalog.group_of
    values = catalog.values(by)
    return values, [value or "(blank)" for value in values], label_codes(catalog)[:, catalog.columns.index(by)]


@dataclass(frozen=True)
class Confusion:
    """How often each value is returned for each: the cells that are not 0, as most are where there are many values.

    ``wanted`` and ``returned`` index ``values`` and, like ``counts``, have shape (cells,), in the order of the queries'
    values, then of the results'. ``totals``, shape (values,), is all results for queries of a value, also those of
    values that are left out here.
    """

    values: tuple[str, ...]
    wanted: NDArray[np.intp]
    returned: NDArray[np.intp]
    counts: NDArray[np.intp]
    totals: NDArray[np.intp]

    @property
    def shares(self) -> NDArray[np.float64]:
        """Of all results for queries of the cell's value, its share, shape (cells,)."""
        return np.asarray(self.counts / self.totals[self.wanted], dtype=np.float64)

    @property
    def wrong(self) -> NDArray[np.intp]:
        """The counts, 0 where a value is returned for itself, shape (cells,)."""
        return np.where(self.wanted == self.returned, 0, self.counts)

    def largest(self, most: int) -> "Confusion":
        """The same over the values that take part most in mistakes, in their order; the others are left out."""
        taking_part = np.zeros(len(self.values), dtype=np.intp)
        np.add.at(taking_part, self.wanted, self.wrong)
        np.add.at(taking_part, self.returned, self.wrong)
        kept = np.sort(np.argsort(-taking_part, kind="stable")[:most])
        cells = np.isin(self.wanted, kept) & np.isin(self.returned, kept)
        return Confusion(
            tuple(self.values[place] for place in kept),
            np.searchsorted(kept, self.wanted[cells]),
            np.searchsorted(kept, self.returned[cells]),
            self.counts[cells],
            self.totals[kept],
        )


def confusion(catalog: Catalog, column: str, rankings: Rankings, k: int) -> Confusion:
    """Count the values of a grouping column among the first k results, for queries of each value."""
    values, _, of_item = value_of_items(catalog, column)
    rows = rankings.rows[:, :k]
    pairs = of_item[rankings.queries][:, None] * len(values) + of_item[rows]
    cells, counts = np.unique(pairs[rows >= 0], return_counts=True)
    wanted, returned = np.divmod(cells, len(values))
    totals = np.zeros(len(values), dtype=np.intp)
    np.add.at(totals, wanted, counts)
    return Confusion(tuple(values), wanted, returned, counts, totals)


def confused(
    catalog: Catalog, column: str, rankings: Rankings, k: int, wanted: str, returned: str
) -> Sequence[tuple[int, int]]:
    """The results behind a cell: place of the query and rank from 0, the highest ranks first."""
    values, _, of_item = value_of_items(catalog, column)
    if wanted not in values or returned not in values:
        return []
    rows = rankings.rows[:, :k]
    of_query = of_item[rankings.queries] == values.index(wanted)
    found = np.argwhere(of_query[:, None] & (of_item[rows] == values.index(returned)) & (rows >= 0))
    return [(int(place), int(rank)) for place, rank in found[np.argsort(found[:, 1], kind="stable")]]
