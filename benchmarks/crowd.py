"""Many sessions that search at once: with one BLAS thread per search, as in the app, against all threads."""

import threading
from collections.abc import Iterator
from functools import partial

from benchmarks.measuring import Row, Setting, paired, timed

SESSIONS = (1, 10, 25)
_SEARCHES = 3  # of each session, under each of three methods


def crowd(setting: Setting) -> Iterator[Row]:
    """Until every session has its results; by number of sessions."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    from fashion_search.encoders import DEFAULT_METHODS
    from fashion_search.store import open_store

    store = open_store(setting.catalog)
    libraries = [store.library(method) for method in DEFAULT_METHODS]
    gallery = np.ones(len(store.catalog.items), dtype=bool)

    def session(seed: int) -> None:
        for row in np.random.default_rng(seed).integers(0, len(gallery), _SEARCHES):
            for library in libraries:
                library.search(np.array([row]), 10, gallery)

    def all_done(sessions: int) -> None:
        threads = [threading.Thread(target=session, args=(seed,)) for seed in range(sessions)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def free(sessions: int) -> float:
        return timed(lambda: all_done(sessions))

    def bounded(sessions: int) -> float:
        with threadpool_limits(1, "blas"):
            return free(sessions)

    session(0)  # the files are verified and read
    for sessions in SESSIONS:
        pairs = paired(partial(free, sessions), partial(bounded, sessions), setting.n)
        yield Row.of(f"{sessions} {'session' if sessions == 1 else 'sessions'} at once", "all threads", pairs)
