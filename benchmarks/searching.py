"""Searching by comparing every item: a catalog's libraries, made-up ones of any size, and other orders."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from benchmarks.measuring import Goal, Row, Setting, paired, timed

if TYPE_CHECKING:
    from fashion_search.library import Library

SIZES = (6_217, 44_441, 400_000)
"""Items; of the catalog that is evaluated, of the whole shop, and of a shop ten times as large."""

DIM = 512
K = 10
_MANY = 100  # queries searched with at once
_DIFFERENT = 1_000  # queries that take turns


def exact(setting: Setting) -> Iterator[Row]:
    """The first ten of unit vectors of 512 numbers, against NumPy in single precision: product, partition, sort."""
    import numpy as np

    for items in SIZES if setting.is_full else SIZES[:2]:
        library = made_library(items, DIM)
        vectors = np.asarray(library.vectors)
        everything = np.ones(items, dtype=bool)
        goal = Goal("≤", 1.3) if items >= SIZES[1] else None
        for queries, n in ((1, 12), (_MANY, 3)):
            blocks = _turns(items, queries)

            def plain(blocks: Iterator[Any] = blocks, vectors: Any = vectors) -> float:
                rows = next(blocks)
                return timed(lambda: plain_search(vectors, vectors[rows], K))

            def ours(blocks: Iterator[Any] = blocks, library: Any = library, gallery: Any = everything) -> float:
                rows = next(blocks)
                return timed(lambda: library.search(rows, K, gallery))

            what = f"{'one query' if queries == 1 else f'{queries} queries'}, {items:,} × {DIM}"
            pairs = paired(plain, ours, n * setting.n if items < SIZES[2] else 2 * setting.n, warm=2)
            yield Row.of(what, "NumPy, float32", pairs, goal=goal)


def plain_search(vectors: Any, queries: Any, k: int) -> Any:
    """Rows of the k nearest to each query, best first, in single precision: what a plain program would do."""
    import numpy as np

    scores = queries @ vectors.T
    first = np.argpartition(scores, -k, axis=1)[:, -k:]
    order = np.argsort(-np.take_along_axis(scores, first, axis=1), axis=1)
    return np.take_along_axis(first, order, axis=1)


def made_library(items: int, dim: int) -> "Library":
    """Unit vectors in no order, from a seed, as a library of items without labels."""
    import numpy as np

    vectors = np.random.default_rng(0).standard_normal((items, dim), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return library_of(vectors)


def library_of(vectors: Any) -> "Library":
    """Unit vectors as a library of items without labels."""
    from fashion_search.catalog import Catalog, Item
    from fashion_search.encoders import Fingerprint
    from fashion_search.library import Library

    items = tuple(Item(str(row), "", (), "", "", "") for row in range(len(vectors)))
    return Library(Catalog("bench", "bench", (), items), Fingerprint("bench", "made up"), vectors)


def _turns(items: int, queries: int) -> Iterator[Any]:
    """Rows to search with, others each time."""
    import numpy as np

    random = np.random.default_rng(1)
    while True:
        yield from random.integers(0, items, (_DIFFERENT, queries))


def of_catalog(setting: Setting) -> Iterator[Row]:
    """One query of a catalog, its whole gallery in order, under each method, against the bare product and its order."""
    import numpy as np

    from fashion_search.catalog import Protocol, draw_split
    from fashion_search.store import open_store

    store = open_store(setting.catalog)
    split = draw_split(store.catalog, Protocol.ONE_PER_GROUP)
    for method in store.methods:
        library = store.library(method)
        vectors = np.asarray(library.vectors)

        def product(row: int = int(split.queries[0]), vectors: Any = vectors) -> float:
            return timed(lambda: np.argsort(-(vectors @ vectors[row])))

        def ours(library: Any = library) -> float:
            return timed(lambda: library.search(split.queries[:1], len(store.catalog.items), split.gallery))

        what = f"{method}, {int(split.gallery.sum()):,} × {vectors.shape[1]}"
        yield Row.of(what, "NumPy, float32", paired(product, ours, 20 * setting.n, warm=1))


def reranking(setting: Setting) -> Iterator[Row]:
    """One query of a catalog under each order by labels, against that by similarity."""
    import numpy as np

    from fashion_search.encoders import ORDERS, reranked
    from fashion_search.search import Query, nearest
    from fashion_search.store import open_store

    store = open_store(setting.catalog)
    gallery = np.ones(len(store.catalog.items), dtype=bool)
    query = Query.of_item(store.catalog, 0)

    def searched(method: str) -> Callable[[], float]:
        library = store.library(method)
        return lambda: timed(lambda: nearest(query, library, gallery))

    for method in store.methods:
        for order in ORDERS:
            name = reranked(method, order)
            pairs = paired(searched(method), searched(name), 20 * setting.n, warm=1)
            yield Row.of(f"{name}, {len(gallery):,} items", "by similarity", pairs)
