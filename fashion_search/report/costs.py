"""What each method costs: the time of a search, the size of its vectors, the time of its build."""

import time
from dataclasses import dataclass
from statistics import median

import numpy as np

from fashion_search.encoders import encoder_spec
from fashion_search.evaluation.evaluation import Evaluation

SEARCHES = 25  # that are timed


@dataclass(frozen=True)
class Cost:
    """Of a method. ``seconds`` of reading and encoding all pictures; None where they were not recorded."""

    method: str
    milliseconds: float
    dimensions: int
    megabytes: float
    seconds: float | None
    combined: bool  # of others' vectors, so that nothing is built


def costs(evaluation: Evaluation) -> list[Cost]:
    """How long a search takes, and how large the vectors are, of every method."""
    built = evaluation.store.manifest.libraries
    vectors = {method: evaluation.store.library(method).vectors for method in evaluation.rankings}
    return [
        Cost(
            method,
            milliseconds,
            vectors[method].shape[1],
            vectors[method].nbytes / 1e6,
            built[method].seconds if method in built else None,
            encoder_spec(method).parts != (method,),
        )
        for method, milliseconds in _milliseconds(evaluation).items()
    ]


def _milliseconds(evaluation: Evaluation) -> dict[str, float]:
    """Median time of a search under each method, after a first round that is not counted.

    The methods take turns, so that whatever else the machine does slows all of them alike.
    """
    split = evaluation.split
    libraries = {method: evaluation.store.library(method) for method in evaluation.rankings}
    rows = np.resize(split.queries, SEARCHES + 1)
    taken: dict[str, list[float]] = {method: [] for method in libraries}
    for row in rows.tolist():
        for method, library in libraries.items():
            start = time.perf_counter()
            library.search(np.array([row]), evaluation.k, split.gallery)
            taken[method].append(time.perf_counter() - start)
    return {method: median(seconds[1:]) * 1000 for method, seconds in taken.items()}
