"""Retrieval metrics as pure functions over per-query arrays, with what chance gives and what is attainable.

``relevant`` is a mask, shape (q, k): whether the result at each rank is relevant; ranks that the gallery
could not fill count as not relevant. ``totals``, shape (q,), is how many relevant items the gallery holds
for each query, at least 1: a query without any has no recall, so callers leave those out, and count them.
``n``, shape (q,), is how many items the gallery holds. Each function returns one value per query, shape
(q,), 0 to 1. Equal scores are ordered by item id before any of this.

What chance gives is the expectation over all orders of the gallery, in closed form.

Sources: Manning, Raghavan and Schütze, *Introduction to Information Retrieval* (2008), ch. 8 (IIR);
Voorhees, *The TREC-8 Question Answering Track Report* (1999); Järvelin and Kekäläinen, *Cumulated
Gain-Based Evaluation of IR Techniques* (2002).
"""

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Counts = NDArray[np.intp]
Values = NDArray[np.float64]
Gains = NDArray[np.uint8]


def precision(relevant: Mask) -> Values:
    """Precision@k = relevant results among the first k / k (IIR).

    Always divided by k; some programs divide by min(k, total) instead, which reads higher for small groups.

    >>> precision(np.array([[True, False, True, False, False]]))
    array([0.4])
    """
    return np.asarray(relevant.mean(axis=1, dtype=np.float64))


def recall(relevant: Mask, totals: Counts) -> Values:
    """Recall@k = relevant results among the first k / all relevant items (IIR).

    Benchmarks that call Hit@k "Recall@k" (see ``hit``) mean something else.

    >>> recall(np.array([[True, False, True, False, False]]), np.array([8]))
    array([0.25])
    """
    return np.asarray(relevant.sum(axis=1) / totals)


def hit(relevant: Mask) -> Values:
    """Hit@k = 1 if any of the first k results is relevant, else 0; also "success@k".

    In-Shop (DeepFashion, 2016), LookBench and others call this "Recall@k".

    >>> hit(np.array([[False, True], [False, False]]))
    array([1., 0.])
    """
    return np.asarray(relevant.any(axis=1), dtype=np.float64)


def r_precision(relevant: Mask, totals: Counts) -> Values:
    """R-Precision = relevant results among the first R / R, where R is the query's own total (IIR).

    ``relevant`` is at least as deep as the largest total.

    >>> r_precision(np.array([[True, False, True], [True, False, True]]), np.array([2, 3]))
    array([0.5       , 0.66666667])
    """
    within = np.arange(relevant.shape[1]) < totals[:, None]
    return np.asarray((relevant & within).sum(axis=1) / totals)


def reciprocal_rank(first: Counts) -> Values:
    """Reciprocal rank = 1 / rank of the first relevant result; its mean is MRR (Voorhees).

    Taken over the whole gallery; with a limit it is called MRR@k elsewhere.

    Args:
        first: rank of each query's first relevant item, from 1, shape (q,).

    >>> reciprocal_rank(np.array([1, 4]))
    array([1.  , 0.25])
    """
    return np.asarray(1 / first, dtype=np.float64)


def average_precision(relevant: Mask, totals: Counts) -> Values:
    """AP@k = sum of Precision@r over the ranks r up to k of relevant results / all relevant items (IIR).

    Its mean is MAP@k, as in TREC (``map_cut``); some divide by min(k, total), which reads higher.

    >>> average_precision(np.array([[True, False, True]]), np.array([4]))
    array([0.41666667])
    """
    ranks = np.arange(1, relevant.shape[1] + 1)
    precisions = np.cumsum(relevant, axis=1) / ranks
    return np.asarray((precisions * relevant).sum(axis=1) / totals)


def dcg(gains: Gains) -> Values:
    """DCG@k = sum of gain / log2(1 + rank) over the first k results (Järvelin and Kekäläinen, as in TREC).

    >>> dcg(np.array([[1, 0, 1]]))
    array([1.5])
    """
    return np.asarray(gains @ discounts(gains.shape[1]), dtype=np.float64)


def ndcg(gains: Gains, ideal: Gains) -> Values:
    """nDCG@k = DCG@k / DCG@k of the best possible order. Gains count as they are, not as powers of two.

    Binary: a relevant result gains 1. Graded: a result gains the number of grouping columns that agree.

    Args:
        gains: of the first k results, shape (q, k).
        ideal: the largest k gains of the gallery, falling, shape (q, k).

    >>> ndcg(np.array([[1, 0, 1]]), np.array([[1, 1, 0]]))
    array([0.91972079])
    """
    best = dcg(ideal)
    return np.asarray(np.divide(dcg(gains), best, out=np.zeros_like(best), where=best > 0))


def discounts(k: int) -> Values:
    """1 / log2(1 + rank) for the ranks 1 to k."""
    return np.asarray(1 / np.log2(np.arange(2, k + 2)), dtype=np.float64)


def ideal_binary(totals: Counts, k: int) -> Gains:
    """The gains of the best possible first k results where a relevant result gains 1, shape (q, k)."""
    return np.asarray(np.arange(k) < totals[:, None], dtype=np.uint8)


def ideal_graded(grades: Counts, k: int) -> Gains:
    """The k largest gains of the gallery, falling, shape (q, k).

    Args:
        grades: how many items of the gallery gain 0, 1, …, C, shape (q, C + 1).
        k: how many to take.

    >>> ideal_graded(np.array([[9, 0, 1, 2]]), 5)
    array([[3, 3, 2, 0, 0]], dtype=uint8)
    """
    better = np.cumsum(grades[:, :0:-1], axis=1)  # items that gain at least C, C - 1, …, 1
    return np.asarray((np.arange(k) < better[:, :, None]).sum(axis=1), dtype=np.uint8)


def chance_precision(totals: Counts, n: Counts, k: int) -> Values:
    """Expected Precision@k of a random order: totals / n, less where k is more than the gallery holds."""
    return np.asarray(totals / n * np.minimum(k, n) / k)


def chance_recall(n: Counts, k: int) -> Values:
    """Expected Recall@k of a random order: k / n."""
    return np.asarray(np.minimum(k, n) / n)


def chance_hit(totals: Counts, n: Counts, k: int) -> Values:
    """Expected Hit@k of a random order: 1 less the chance that none of k draws is relevant."""
    drawn = np.arange(k)
    misses = np.clip((n - totals)[:, None] - drawn, 0, None) / np.clip(n[:, None] - drawn, 1, None)
    misses = np.where(drawn < n[:, None], misses, 1)  # no draw is left
    return np.asarray(1 - misses.prod(axis=1))


def chance_r_precision(totals: Counts, n: Counts) -> Values:
    """Expected R-Precision of a random order: totals / n."""
    return np.asarray(totals / n)


def chance_reciprocal_rank(totals: Counts, n: Counts) -> Values:
    """Expected reciprocal rank of a random order; once for each distinct pair of total and n."""
    pairs, place = np.unique(np.stack([totals, n], axis=1), axis=0, return_inverse=True)
    means = np.empty(len(pairs))
    for which, (total, size) in enumerate(pairs.tolist()):
        ranks = np.arange(1, size - total + 2)
        later = np.cumprod((size - total - ranks + 1) / (size - ranks + 1))  # chance that the first is after each rank
        at = np.concatenate([[1], later[:-1]]) - later
        means[which] = (at / ranks).sum()
    return means[place.reshape(-1)]


def chance_average_precision(totals: Counts, n: Counts, k: int) -> Values:
    """Expected AP@k of a random order.

    Rank r adds the chance of a relevant result there, totals / n, times the Precision@r to expect then,
    (1 + (r - 1)(totals - 1) / (n - 1)) / r.
    """
    ranks = np.arange(1, k + 1)
    others = ((totals - 1) / np.maximum(n - 1, 1))[:, None]
    terms = (1 + (ranks - 1) * others) / ranks / n[:, None]
    return np.asarray(np.where(ranks <= n[:, None], terms, 0).sum(axis=1))


def chance_ndcg(mean_gain: Values, ideal: Gains, n: Counts) -> Values:
    """Expected nDCG@k of a random order: every rank gains the gallery's mean gain."""
    k = ideal.shape[1]
    reached = np.concatenate([[0], np.cumsum(discounts(k))])[np.minimum(k, n)]
    best = dcg(ideal)
    return np.asarray(np.divide(mean_gain * reached, best, out=np.zeros_like(best), where=best > 0))


def ceiling_precision(totals: Counts, k: int) -> Values:
    """The most that Precision@k can be: a query with 3 right answers has at most 3 / 5 at k = 5."""
    return np.asarray(np.minimum(totals, k) / k)


def ceiling_recall(totals: Counts, k: int) -> Values:
    """The most that Recall@k, and AP@k, can be: 5 results hold at most 5 of 8 right answers."""
    return np.asarray(np.minimum(totals, k) / totals)
