"""What each method costs: the time of a search, the size of its vectors, the time of its build."""

import time
from html import escape
from statistics import median

import numpy as np

from fashion_search.encoders import encoder_spec
from fashion_search.evaluation.report.html import method_name, paragraph, section, table, table_row
from fashion_search.evaluation.report.judged import Judged
from fashion_search.evaluation.words import count

_TIMED = 25  # searches


def costs(judged: Judged) -> str:
    """How long a search takes, and how large the vectors are."""
    rows = []
    times = _milliseconds(judged)
    for method in judged.rankings:
        library, entry = judged.store.library(method), judged.store.manifest.libraries.get(method)
        parts = encoder_spec(method).parts
        built = f"{entry.seconds:,.1f} s" if entry else "not recorded"
        if parts != (method,):
            built = "none of its own"
        cells = [
            f"{times[method]:.1f} ms",
            f"{library.vectors.shape[1]:,}",
            f"{library.vectors.nbytes / 1e6:,.1f} MB",
            built,
        ]
        rows.append(table_row(method_name(method, judged.titles[method]), cells))
    fastest, slowest = min(times.values()), max(times.values())
    range_ = f"{fastest:.1f} ms" if f"{fastest:.1f}" == f"{slowest:.1f}" else f"{fastest:.1f} to {slowest:.1f} ms"
    note = (
        f"Median of {_TIMED} searches of one query over {count(len(judged.store.catalog.items), 'item', 'items')}, "
        "on the machine that wrote this report, encoding of the query’s picture not counted; other work on it at that "
        "time slows them. Build: reading and encoding all pictures."
    )
    head = ["", "One search", "Dimensions", "Vectors", "Build"]
    return section(f"A search takes {range_}", table(head, rows), paragraph(escape(note), "note"))


def _milliseconds(judged: Judged) -> dict[str, float]:
    """Median time of a search under each method, after a first round that is not counted.

    The methods take turns, so that whatever else the machine does slows all of them alike.
    """
    split = judged.split
    libraries = {method: judged.store.library(method) for method in judged.rankings}
    rows = np.resize(split.queries, _TIMED + 1)
    taken: dict[str, list[float]] = {method: [] for method in libraries}
    for row in rows.tolist():
        for method, library in libraries.items():
            start = time.perf_counter()
            library.search(np.array([row]), judged.k, split.gallery)
            taken[method].append(time.perf_counter() - start)
    return {method: median(seconds[1:]) * 1000 for method, seconds in taken.items()}
