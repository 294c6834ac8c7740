"""The measures that pages, commands and reports list: one entry each, over a method's rankings."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fashion_search.evaluation import metrics
from fashion_search.evaluation.metrics import Values
from fashion_search.evaluation.rankings import DEPTH, Rankings

KS = (1, 5, 10, 20, DEPTH)
"""The ranks at which figures are shown."""

PerQuery = Callable[[Rankings, int], Values]


@dataclass(frozen=True)
class Measure:
    """One measure: per query what it is, what chance gives, and the most it can be, each (rankings, k) → shape (q,).

    ``meaning`` is a sentence for people; formula, source and other names are in ``metrics``.
    """

    name: str
    title: str
    meaning: str
    of: PerQuery
    chance: PerQuery
    ceiling: PerQuery
    at_k: bool = True

    def label(self, k: int) -> str:
        """For example ``Precision@5``; measures over the whole gallery have no k."""
        return f"{self.title}@{k}" if self.at_k else self.title


def _one(rankings: Rankings, k: int) -> Values:
    return np.ones(len(rankings.queries))


def _mean_gain(rankings: Rankings) -> Values:
    gains = np.arange(rankings.grades.shape[1])
    return np.asarray(rankings.grades @ gains / rankings.n, dtype=np.float64)


_ALL = (
    Measure(
        "precision",
        "Precision",
        "The share of the first k results that are relevant.",
        lambda r, k: metrics.precision(r.relevant[:, :k]),
        lambda r, k: metrics.chance_precision(r.totals, r.n, k),
        lambda r, k: metrics.ceiling_precision(r.totals, k),
    ),
    Measure(
        "recall",
        "Recall",
        "The share of all relevant items that are among the first k results.",
        lambda r, k: metrics.recall(r.relevant[:, :k], r.totals),
        lambda r, k: metrics.chance_recall(r.n, k),
        lambda r, k: metrics.ceiling_recall(r.totals, k),
    ),
    Measure(
        "hit",
        "Hit",
        "The share of queries with at least one relevant item among the first k results; some call it “Recall@k”.",
        lambda r, k: metrics.hit(r.relevant[:, :k]),
        lambda r, k: metrics.chance_hit(r.totals, r.n, k),
        _one,
    ),
    Measure(
        "map",
        "MAP",
        "Precision at each relevant result among the first k, summed and divided by the number of relevant items.",
        lambda r, k: metrics.average_precision(r.relevant[:, :k], r.totals),
        lambda r, k: metrics.chance_average_precision(r.totals, r.n, k),
        lambda r, k: metrics.ceiling_recall(r.totals, k),
    ),
    Measure(
        "ndcg",
        "nDCG",
        "Relevant results among the first k, early ones counting more, compared with the best possible order.",
        lambda r, k: metrics.ndcg(r.relevant[:, :k].astype(np.uint8), metrics.ideal_binary(r.totals, k)),
        lambda r, k: metrics.chance_ndcg(r.totals / r.n, metrics.ideal_binary(r.totals, k), r.n),
        _one,
    ),
    Measure(
        "graded_ndcg",
        "Graded nDCG",
        "nDCG in which each grouping column that agrees adds the same gain, so that near misses count too.",
        lambda r, k: metrics.ndcg(r.gains[:, :k], metrics.ideal_graded(r.grades, k)),
        lambda r, k: metrics.chance_ndcg(_mean_gain(r), metrics.ideal_graded(r.grades, k), r.n),
        _one,
    ),
    Measure(
        "r_precision",
        "R-Precision",
        "The share of the first R results that are relevant, where R is how many relevant items the query has.",
        lambda r, k: r.r_precision,
        lambda r, k: metrics.chance_r_precision(r.totals, r.n),
        _one,
        at_k=False,
    ),
    Measure(
        "mrr",
        "MRR",
        "1 / rank of the first relevant result, averaged.",
        lambda r, k: metrics.reciprocal_rank(r.first),
        lambda r, k: metrics.chance_reciprocal_rank(r.totals, r.n),
        _one,
        at_k=False,
    ),
)

MEASURES = {measure.name: measure for measure in _ALL}
"""Every measure by name, in the order in which tables show them."""

PAPERS = ("precision", "recall", "hit")
"""The paper's three."""
