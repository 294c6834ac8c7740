"""Measuring a catalog's costs: of its methods, only what is not known of these vectors on this machine."""

import time
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np

from fashion_search.costs.cost_file import Encoding, Measured, Searching, read_measured, write_measured
from fashion_search.costs.encoding import measured_alone, not_measured, now
from fashion_search.encoders import RERANKED, base_method, encoder_spec, parts_of, reranked
from fashion_search.errors import FashionSearchError
from fashion_search.home import home
from fashion_search.machine import this_machine
from fashion_search.search import encoder_at_hand
from fashion_search.store import Store

K = 10  # results of a search that is timed
FEWEST, MOST = 5, 25  # searches that are timed
_ENOUGH = 1.5  # s that a method's searches take together, where they are slow

Report = Callable[[int, int, str], None]
"""Told what is done, of how many, and the title of the method that is measured next."""


def measure(store: Store, report: Report = lambda done, total, title: None, folder: Path | None = None) -> None:
    """Measure what is not known of a catalog's methods, and keep it.

    Args:
        store: the catalog.
        report: called with the progress.
        folder: where to keep it, by default the catalog's own.

    Raises:
        OSError: the folder cannot be written.
    """
    folder = folder or home() / store.name
    measured = read_measured(folder)
    encoded = [part for part in _parts(store) if not _is_encoding_known(store, part, measured)]
    searched = [method for method in searchable(store) if not _is_search_known(store, method, measured)]
    total = len(encoded) + bool(searched)
    for done, part in enumerate(encoded):
        report(done, total, encoder_spec(part).title)
        measured = replace(measured, encodings=measured.encodings | {part: _encoding(store, part)})
        write_measured(folder, measured)
    if searched:
        report(len(encoded), total, "searches")
        write_measured(folder, replace(measured, searches=measured.searches | time_searches(store, searched)))


def measure_searches(store: Store, methods: Collection[str]) -> None:
    """Measure only the searches of methods and of what re-ranks them, where that is not known, and keep it.

    Raises:
        OSError: the catalog's folder cannot be written.
    """
    folder = home() / store.name
    measured = read_measured(folder)
    wanted = [method for method in searchable(store) if base_method(method) in methods]
    searched = [method for method in wanted if not _is_search_known(store, method, measured)]
    if searched:
        write_measured(folder, replace(measured, searches=measured.searches | time_searches(store, searched)))


def _encoding(store: Store, method: str) -> Encoding:
    """What encoding takes, or why it cannot be measured: that needs no process of its own."""
    library = store.library(method)
    fingerprint = library.made_by.digest
    try:
        encoder_at_hand(library)
    except FashionSearchError as error:
        return not_measured(fingerprint, str(error))
    return measured_alone(store.name, method, fingerprint)


def _parts(store: Store) -> list[str]:
    """The methods with a library of their own."""
    return parts_of(store.methods)


def searchable(store: Store) -> list[str]:
    """The methods that a catalog is searched by, those re-ranked by its labels among them."""
    orders = RERANKED if store.manifest.columns else ()
    return [name for method in store.methods for name in (method, *(reranked(method, order) for order in orders))]


def _is_encoding_known(store: Store, method: str, measured: Measured) -> bool:
    known = measured.encodings.get(method)
    if known is None or known.problem:
        return False
    return (known.fingerprint, known.machine) == (store.library(method).made_by.digest, this_machine())


def _is_search_known(store: Store, method: str, measured: Measured) -> bool:
    known = measured.searches.get(method)
    decides = (store.methods[base_method(method)].digest, store.manifest.catalog_fingerprint, this_machine())
    return known is not None and (known.fingerprint, known.catalog, known.machine) == decides


def time_searches(store: Store, methods: list[str]) -> dict[str, Searching]:
    """The median time of a search under each method, after a first round that is not counted, on one core.

    The methods take turns, so that whatever else the machine does slows all of them alike.
    """
    from threadpoolctl import threadpool_limits

    libraries = {method: store.library(method) for method in methods}
    n = len(store.catalog.items)
    gallery = np.ones(n, dtype=bool)
    taken: dict[str, list[float]] = {method: [] for method in methods}
    with threadpool_limits(limits=1, user_api="blas"):  # as pages search
        for row in np.linspace(0, n - 1, MOST + 1).astype(int).tolist():
            for method, library in libraries.items():
                if len(taken[method]) > FEWEST and sum(taken[method]) > _ENOUGH:
                    continue
                started = time.perf_counter()
                library.search(np.array([row]), K, gallery)
                taken[method].append(time.perf_counter() - started)
    return {
        method: Searching(
            store.methods[base_method(method)].digest,
            store.manifest.catalog_fingerprint,
            this_machine(),
            now(),
            1000 * median(taken[method][1:]),
            library.vectors.shape[1],
            library.vectors.nbytes / n,
        )
        for method, library in libraries.items()
    }
