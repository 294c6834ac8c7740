"""An index against a comparison with every item, on vectors in clusters."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from benchmarks.measuring import Row, Setting, paired, timed
from benchmarks.searching import K, library_of, plain_search

if TYPE_CHECKING:
    from fashion_search.library import Library

DIM = 128
_CLUSTERS = 1000
_NOISE = 0.07  # of each number: two vectors of a cluster have a cosine of about 0.6, two of different ones about 0
_QUERIES = 300  # that recall is measured with


def each_index(setting: Setting) -> Iterator[Row]:
    """One search for ten items under each index, among vectors of 128 numbers in clusters, against NumPy
    in single precision.
    """
    from fashion_search.encoders import INDEXES

    for items in (20_000, 100_000) if setting.is_full else (20_000,):
        exact = library_of(clustered(items))
        for name in (name for name, index in INDEXES.items() if not index.is_elsewhere):
            yield _under(name, exact, 5 * setting.n)


def million(setting: Setting) -> Iterator[Row]:
    """The same under HNSW for as many vectors as an index is for; building it takes a quarter of an hour."""
    yield _under("hnsw", library_of(clustered(10**6)), 5 * setting.n)


def _under(name: str, exact: "Library", n: int) -> Row:
    import numpy as np

    from fashion_search.encoders import INDEXES
    from fashion_search.index import built

    vectors, items = exact.vectors, len(exact.vectors)
    found: list[Any] = []
    seconds = timed(lambda: found.append(built(exact, INDEXES[name])))
    under = found[0]
    everything = np.ones(items, dtype=bool)
    queries = iter(np.resize(query_rows(items), 10**6).tolist())

    def searched(library: "Library") -> Callable[[], float]:
        return lambda: timed(lambda: library.search(np.array([next(queries)]), K, everything))

    def plain() -> float:
        return timed(lambda: plain_search(vectors, vectors[[next(queries)]], K))

    facts = {
        "recall@10": round(recall(exact, under), 4),
        "bytes/item": round(under.engine.n_bytes / items),
        "built in s": round(seconds, 1),
    }
    pairs = paired(plain, searched(under), n, warm=2)
    return Row.of(f"{name}, {items:,} × {DIM}", "NumPy, float32", pairs, is_speed=True, facts=facts)


def query_rows(items: int) -> Any:
    """Rows that are searched with, all over the vectors."""
    import numpy as np

    return np.linspace(0, items - 1, _QUERIES).astype(np.intp)


def recall(exact: "Library", under: "Library", gallery: Any = None) -> float:
    """How many of the exact first ten of a gallery are found, by default of all items, on average."""
    import numpy as np

    rows = query_rows(len(exact.vectors))
    gallery = np.ones(len(exact.vectors), dtype=bool) if gallery is None else gallery
    right, found = (library.search(rows, K, gallery).rows for library in (exact, under))
    shared = [len(set(one) & set(other)) for one, other in zip(right.tolist(), found.tolist(), strict=True)]
    return sum(shared) / right.size


def clustered(items: int, dim: int = DIM) -> Any:
    """Unit vectors around random directions, from a seed, shape (items, dim)."""
    import numpy as np

    random = np.random.default_rng(0)
    centres = random.normal(size=(_CLUSTERS, dim)).astype(np.float32)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    vectors = centres[random.integers(0, _CLUSTERS, items)]
    vectors += np.float32(_NOISE * (DIM / dim) ** 0.5) * random.standard_normal((items, dim), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors
