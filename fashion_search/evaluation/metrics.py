"""Retrieval metrics as pure functions over per-query arrays.

``relevant`` is a mask, shape (q, k): whether the result at each rank is relevant; ranks that the gallery
could not fill count as not relevant. ``totals``, shape (q,), is how many relevant items the gallery holds
for each query. Each function returns one value per query, shape (q,), 0 to 1.
"""

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Counts = NDArray[np.intp]
Values = NDArray[np.float64]


def precision(relevant: Mask) -> Values:
    """Precision@k = relevant results among the first k / k.

    Always divided by k, as in Manning, Raghavan and Schütze, *Introduction to Information Retrieval*
    (2008), ch. 8; some programs divide by min(k, total) instead, which reads higher for small groups.

    >>> precision(np.array([[True, False, True, False, False]]))
    array([0.4])
    """
    return np.asarray(relevant.mean(axis=1, dtype=np.float64))


def recall(relevant: Mask, totals: Counts) -> Values:
    """Recall@k = relevant results among the first k / all relevant items (ibid.). ``totals`` are at least 1.

    >>> recall(np.array([[True, False, True, False, False]]), np.array([8]))
    array([0.25])
    """
    return np.asarray(relevant.sum(axis=1) / totals)


def hit(relevant: Mask) -> Values:
    """Hit@k = 1 if any of the first k results is relevant, else 0.

    The In-Shop benchmark (DeepFashion, 2016) and others after it call this "Recall@k".

    >>> hit(np.array([[False, True], [False, False]]))
    array([1., 0.])
    """
    return np.asarray(relevant.any(axis=1), dtype=np.float64)
