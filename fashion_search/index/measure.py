"""What an index loses and what it gains, against comparing with every item."""

import time
from dataclasses import dataclass
from statistics import median

import numpy as np

from fashion_search.index.library import IndexedLibrary
from fashion_search.library import Library

RECALL_K = 10
SAMPLE = 500
"""Items that recall is measured with, spread evenly over the catalog."""

_TIMED = 25  # searches; their median counts


@dataclass(frozen=True)
class Measured:
    """Of an index: the share of the ``RECALL_K`` most similar items that it finds, each item of the sample being a
    query with all others as its gallery; and the median milliseconds of a search for them, by it and by comparing with
    every item.
    """

    recall: float
    milliseconds: float
    exact_milliseconds: float


def measure(exact: Library, under: IndexedLibrary) -> Measured:
    """Measure an index. Searches take turns, so that whatever else the machine does slows both alike; one thread."""
    from threadpoolctl import threadpool_limits

    n = len(exact.vectors)
    rows = np.unique(np.linspace(0, n - 1, min(n, SAMPLE)).astype(np.intp))
    everything = np.ones(n, dtype=bool)
    with threadpool_limits(1):
        right, found = (library.search(rows, RECALL_K, everything).rows for library in (exact, under))
        taken: dict[bool, list[float]] = {True: [], False: []}
        for row in np.resize(rows, _TIMED + 1):
            for is_exact, library in ((True, exact), (False, under)):
                started = time.perf_counter()
                library.search(np.array([row]), RECALL_K, everything)
                taken[is_exact].append(time.perf_counter() - started)
    milliseconds = {is_exact: 1000 * median(seconds[1:]) for is_exact, seconds in taken.items()}
    return Measured(_recall(right.tolist(), found.tolist()), milliseconds[False], milliseconds[True])


def _recall(right: list[list[int]], found: list[list[int]]) -> float:
    """Of the rows that are right, the share that was found; -1 is none. 1 where nothing is to be found."""
    pairs = [({row for row in one if row >= 0}, set(other)) for one, other in zip(right, found, strict=True)]
    total = sum(len(one) for one, _ in pairs)
    return sum(len(one & other) for one, other in pairs) / total if total else 1.0
