"""Many sessions that search at once: with one BLAS thread per search, as in the app, against all threads."""

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

SESSIONS = (1, 10, 25)
_SEARCHES = 3  # of each session, under each of three methods


def crowd(n: int, catalog_name: str, pairs: Callable[..., dict[str, float]]) -> dict[str, Any]:
    """Seconds until every session has its results; by number of sessions."""
    from fashion_search.encoders import DEFAULT_METHODS
    from fashion_search.store import open_store

    store = open_store(catalog_name)
    libraries = [store.library(method) for method in DEFAULT_METHODS]
    gallery = np.ones(len(store.catalog.items), dtype=bool)

    def session(seed: int) -> None:
        for row in np.random.default_rng(seed).integers(0, len(gallery), _SEARCHES):
            for library in libraries:
                library.search(np.array([row]), 10, gallery)

    def seconds(sessions: int) -> float:
        threads = [threading.Thread(target=session, args=(seed,)) for seed in range(sessions)]
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.perf_counter() - started

    def bounded(sessions: int) -> float:
        with threadpool_limits(1, "blas"):
            return seconds(sessions)

    session(0)  # the files are verified and read
    return {
        f"{sessions}_sessions": pairs(lambda k=sessions: seconds(k), lambda k=sessions: bounded(k), n)
        for sessions in SESSIONS
    }
