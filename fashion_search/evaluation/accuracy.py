"""Top-k accuracy: the share of queries whose first relevant result is among the first k.

Benchmarks call it Recall@k, and its curve over k CMC (cumulative match characteristic). Where a product has several
pictures in the gallery, a query is answered by any of them; per product, each counts once, by its best picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fashion_search.evaluation import metrics
from fashion_search.evaluation.rankings import Rankings
from fashion_search.evaluation.statistics import GroupedQueries, Interval
from fashion_search.evaluation.words import percent

KS = (1, 5, 10, 20, 30, 40, 50)
"""Those of Figures 3 and 4 in *Study on Fashion Image Retrieval Methods for Efficient Fashion Visual Search*."""


@dataclass(frozen=True)
class TopK:
    """Top-k accuracy at one k: the share of queries with its 95 % interval, and that of a random order, 0 to 1."""

    share: Interval
    chance: float


Accuracy = Mapping[int, TopK]
"""k → top-k accuracy of a method."""


def top_k_accuracy(rankings: Rankings, queries: GroupedQueries, ks: Sequence[int] = KS) -> dict[int, TopK]:
    """Top-k accuracy at each k; NaN without queries.

    The ranks are those in the whole gallery, so that k is not bound by how many results are kept.

    Args:
        rankings: the method's.
        queries: those of the same rankings, by what is drawn together for the intervals.
        ks: from 1.

    With the first relevant results at ranks 1, 3 and 8 it is .333 at k = 1, .667 at 5 and 1 at 10.
    """
    found = (rankings.first[:, None] <= np.array(ks)).astype(np.float64)  # (q, len(ks))
    shares = queries.intervals(found)
    if not queries.n_queries:
        return {k: TopK(share, float("nan")) for k, share in zip(ks, shares, strict=True)}
    chances = [float(metrics.chance_hit(rankings.totals, rankings.n, k).mean()) for k in ks]
    return {k: TopK(share, chance) for k, share, chance in zip(ks, shares, chances, strict=True)}


def best(found: Mapping[str, Accuracy], k: int) -> str:
    """The method of the highest top-k accuracy at k, and of equal ones that of the highest at 1."""
    return max(found, key=lambda method: (found[method][k].share.value, found[method][1].share.value))


def headline(title: str, accuracy: Accuracy, k: int, per_product: bool = False) -> str:
    """The finding about one method in a sentence without its full stop.

    Args:
        title: the method's.
        accuracy: at 1 and k among others.
        k: a later place to tell it at.
        per_product: products are counted, not pictures.
    """
    result = "product" if per_product else "result"
    first = f"{title}: the first {result} is right for {percent(accuracy[1].share.value)} of the queries"
    return first if k == 1 else f"{first}, one of the first {k} for {percent(accuracy[k].share.value)}"
