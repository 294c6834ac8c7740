"""Figures taken apart: by style group or by a grouping column, and which values are returned for which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog import Catalog
from fashion_search.evaluation.measures import MEASURES
from fashion_search.evaluation.rankings import Rankings, label_codes

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
    images = np.bincount(of_item, minlength=len(values))
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
    """How often each value is returned for each.

    ``counts`` has shape (values, values), query by row; ``totals``, shape (values,), is all results for queries
    of a value, also those of values that are left out here.
    """

    values: tuple[str, ...]
    counts: NDArray[np.intp]
    totals: NDArray[np.intp]

    @property
    def shares(self) -> NDArray[np.float64]:
        """Of all results for queries of a value, the share with each value; 0 for a value without queries."""
        totals = np.broadcast_to(self.totals[:, None], self.counts.shape)
        return np.divide(self.counts, totals, out=np.zeros(self.counts.shape), where=totals > 0)

    def largest(self, most: int) -> "Confusion":
        """The same over the values that take part most in mistakes, in their order; the others are left out."""
        wrong = self.counts - np.diag(np.diag(self.counts))
        taking_part = wrong.sum(axis=0) + wrong.sum(axis=1)
        kept = np.sort(np.argsort(-taking_part, kind="stable")[:most])
        return Confusion(
            tuple(self.values[place] for place in kept), self.counts[np.ix_(kept, kept)], self.totals[kept]
        )


def confusion(catalog: Catalog, column: str, rankings: Rankings, k: int) -> Confusion:
    """Count the values of a grouping column among the first k results, for queries of each value."""
    values, _, of_item = value_of_items(catalog, column)
    rows = rankings.rows[:, :k]
    pairs = of_item[rankings.queries][:, None] * len(values) + of_item[rows]
    counts = np.bincount(pairs[rows >= 0], minlength=len(values) ** 2).reshape(len(values), len(values))
    return Confusion(tuple(values), counts, counts.sum(axis=1))


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
