"""How often a category is named rightly: by a trained encoder's classification path, or by the nearest neighbours.

Top-3 and top-5 accuracy, as of *Category Prediction* in Park et al., *Study on Fashion Image Retrieval Methods* (2019),
Table 2, and balanced accuracy. A query is classified in one grouping column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog import Catalog
from fashion_search.catalog.relevance import label_codes
from fashion_search.errors import UnknownNameError
from fashion_search.evaluation.rankings import Rankings
from fashion_search.evaluation.statistics import GroupedQueries, Interval

K = 20
"""Neighbours that vote."""

TOPS = (3, 5)
"""Of Table 2 there."""


@dataclass(frozen=True)
class Classification:
    """What queries are told to be in one column.

    Attributes:
        column: of the catalog.
        values: those that can be named, sorted by name.
        queries: rows of the catalog, shape (q,).
        truth: the right value of each, as its place in ``values``, shape (q,).
        order: places of values, most likely first, -1 where no further one is named, shape (q, values).
        groups: the style group of each query, for intervals, shape (q,).
        left_out: queries that could not be classified: without an answer in the gallery, or of a value that the encoder
            was not trained to name.
    """

    column: str
    values: tuple[str, ...]
    queries: NDArray[np.intp]
    truth: NDArray[np.intp]
    order: NDArray[np.intp]
    groups: NDArray[np.intp]
    left_out: int

    @cached_property
    def grouped(self) -> GroupedQueries:
        """The queries by style group."""
        return GroupedQueries(self.groups)

    def is_among(self, k: int) -> NDArray[np.bool_]:
        """Whether the right value is among the k most likely ones of each query, shape (q,)."""
        found: NDArray[np.bool_] = (self.order[:, :k] == self.truth[:, None]).any(axis=1)
        return found

    def top(self, k: int) -> Interval:
        """Top-k accuracy: the share of queries whose right value is among the k most likely ones."""
        return self.grouped.interval(self.is_among(k).astype(np.float64))

    @property
    def balanced(self) -> Interval:
        """Balanced accuracy: the share of a value's queries that are named rightly first, averaged over values.

        Brodersen et al., *The Balanced Accuracy and Its Posterior Distribution* (2010), for several classes as in
        scikit-learn's ``balanced_accuracy_score``: values that no query has do not count. Two values with 9 of 10 and
        1 of 2 queries right: (0.9 + 0.5) / 2 = 0.7.
        """
        return self.grouped.mean_of_classes(self.is_among(1).astype(np.float64), self.truth)


def by_neighbours(catalog: Catalog, rankings: Rankings, column: str, k: int = K) -> Classification:
    """Classify by a vote of the nearest neighbours under any method, each weighted by its cosine (0 where below).

    Of values with as many votes, the one of the nearer neighbour is first. Values without a vote are not named.

    Args:
        catalog: of the rankings, with the queries.
        rankings: a method's results, of which the first k vote.
        column: one of the catalog's.
        k: at most ``rankings.depth``.

    Raises:
        UnknownNameError: the catalog has no such column.
    """
    values, codes = _coded(catalog, column)
    rows = rankings.rows[:, :k]  # (q, k)
    weights = np.where(rows >= 0, np.maximum(rankings.scores[:, :k], 0), 0).astype(np.float64)
    votes = np.zeros((len(rows), len(values)))
    first = np.full((len(rows), len(values)), k, dtype=np.intp)  # rank of the nearest neighbour of each value
    queries = np.arange(len(rows))
    for rank in reversed(range(rows.shape[1])):
        is_there = rows[:, rank] >= 0
        voted = codes[rows[is_there, rank]]
        votes[queries[is_there], voted] += weights[is_there, rank]
        first[queries[is_there], voted] = rank
    order = np.lexsort((first, -votes), axis=1)
    named = np.take_along_axis(first, order, axis=1) < k
    return Classification(
        column,
        values,
        rankings.queries,
        codes[rankings.queries],
        np.where(named, order, -1),
        catalog.group_of[rankings.queries],
        len(rankings.left_out),
    )


def by_classifier(
    catalog: Catalog,
    queries: NDArray[np.intp],
    column: str,
    values: Sequence[str],
    probabilities: NDArray[np.floating],
) -> Classification:
    """Classify by a trained encoder's classification path.

    Queries whose value it was not trained to name are left out. Of equally probable values the first by name is first.

    Args:
        catalog: of the queries.
        queries: rows, shape (q,).
        column: one of the catalog's.
        values: what the encoder tells apart.
        probabilities: of each value, shape (q, values).

    Raises:
        UnknownNameError: the catalog has no such column.
        ValueError: there are not as many probabilities as queries and values.
    """
    if probabilities.shape != (len(queries), len(values)):
        raise ValueError(f"{probabilities.shape} probabilities of {len(queries)} queries and {len(values)} values")
    _coded(catalog, column)
    place = catalog.columns.index(column)
    by_name = sorted(range(len(values)), key=lambda one: values[one])
    code = {values[one]: rank for rank, one in enumerate(by_name)}
    truth = np.array([code.get(catalog.items[row].labels[place], -1) for row in queries.tolist()], dtype=np.intp)
    known = truth >= 0
    order = np.argsort(-probabilities[known][:, by_name], axis=1, kind="stable")
    return Classification(
        column,
        tuple(values[one] for one in by_name),
        queries[known],
        truth[known],
        order.astype(np.intp),
        catalog.group_of[queries[known]],
        int((~known).sum()),
    )


def _coded(catalog: Catalog, column: str) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """A column's values, sorted, and the place of each item's among them, shape (n,)."""
    if column not in catalog.columns:
        raise UnknownNameError(
            f"The catalog “{catalog.title}” has no column {column!r}; it has {', '.join(catalog.columns) or 'none'}."
        )
    return tuple(catalog.values(column)), label_codes(catalog)[:, catalog.columns.index(column)]
