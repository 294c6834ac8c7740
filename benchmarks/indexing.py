"""An index against a comparison with every item, on vectors in clusters."""

import time
from collections.abc import Callable
from typing import Any

Pairs = Callable[[Callable[[], float], Callable[[], float], int], dict[str, float]]

_DIM = 128
_CLUSTERS = 1000
_NOISE = 0.07  # of each number: two vectors of a cluster have a cosine of about 0.6, two of different ones about 0
_QUERIES = 300  # that recall is measured with
_K = 10


def hnsw(n: int, items: int, pairs: Pairs) -> dict[str, Any]:
    """One search for ten items under HNSW, against the exact library's and against a bare product in float32."""
    import numpy as np

    from fashion_search.catalog import Catalog, Item
    from fashion_search.encoders import INDEXES, Fingerprint
    from fashion_search.index import built
    from fashion_search.library import Library

    vectors = _clustered(items)
    catalog = Catalog("bench", "bench", (), tuple(Item(str(row), "", (), "", "", "") for row in range(items)))
    exact = Library(catalog, Fingerprint("bench", "clusters"), vectors)
    started = time.perf_counter()
    under = built(exact, INDEXES["hnsw"])
    seconds = time.perf_counter() - started
    rows = np.linspace(0, items - 1, _QUERIES).astype(np.intp)
    everything = np.ones(items, dtype=bool)
    queries = iter(np.resize(rows, 10**6).tolist())

    def searched(library: Library) -> Callable[[], float]:
        return lambda: _timed(lambda: library.search(np.array([next(queries)]), _K, everything))

    def product() -> float:
        return _timed(lambda: np.argpartition(vectors @ vectors[next(queries)], -_K))

    right, found = (library.search(rows, _K, everything).rows for library in (exact, under))
    shared = [len(set(one) & set(other)) for one, other in zip(right.tolist(), found.tolist(), strict=True)]
    recall = sum(shared) / right.size
    result: dict[str, Any] = {"items": items, "dim": _DIM, "clusters": _CLUSTERS, "recall_at_10": round(recall, 4)}
    for name, baseline in (("exact", searched(exact)), ("product_float32", product)):
        ours = searched(under)
        baseline(), ours()
        measured = pairs(ours, baseline, 5 * n)
        result[f"faster_than_{name}"] = measured["ratio"]
        result[f"{name}_ms"] = round(1000 * measured["ours_s"], 1)
        result["hnsw_ms"] = round(1000 * measured["baseline_s"], 1)
    return result | {"build_s": round(seconds, 1), "bytes_per_item": round(under.engine.n_bytes / items)}


def _clustered(items: int) -> Any:
    """Unit vectors around random directions, from a seed, shape (items, _DIM)."""
    import numpy as np

    random = np.random.default_rng(0)
    centres = random.normal(size=(_CLUSTERS, _DIM)).astype(np.float32)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    vectors = centres[random.integers(0, _CLUSTERS, items)]
    vectors += _NOISE * random.standard_normal((items, _DIM), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def _timed(search: Callable[[], object]) -> float:
    started = time.perf_counter()
    search()
    return time.perf_counter() - started
