"""A query set of In-Shop's size: its evaluation against its matrix products alone, and its memory."""

from collections.abc import Iterator
from typing import Any

from benchmarks import processes
from benchmarks.measuring import Row, Setting, paired, timed

QUERIES, GALLERY, PRODUCTS, DIM = 14_218, 12_612, 3_985, 512
_BLOCK = 512  # queries multiplied at once


def in_shop(setting: Setting) -> Iterator[Row]:
    """Rankings and Table 1 of 14,218 queries among 12,612 pictures, per picture and per product.

    The baseline multiplies in double precision. Memory is that of a process of its own, all of it.
    """
    library, split = made()

    def products() -> float:
        import numpy as np

        vectors = library.vectors.astype(np.float64)
        items, queries = vectors[:GALLERY], vectors[GALLERY:]
        return timed(lambda: [queries[start : start + _BLOCK] @ items.T for start in range(0, QUERIES, _BLOCK)])

    for what, per_product in (("per picture", False), ("and per product", True)):

        def ours(both: bool = per_product) -> float:
            return timed(lambda: evaluate(library, split, both))

        pairs = paired(products, ours, setting.n)
        yield Row.of(f"{QUERIES:,} queries, {GALLERY:,} items, {what}", "products, float64", pairs)
    code = "import numpy; numpy.ones(1)\nfrom benchmarks.in_shop import evaluate, made\n"
    bare = processes.run(code + "made(); print('made')", home=setting.home)[1]
    peak = processes.run(code + "print(evaluate(*made(), False))", home=setting.home)[1]
    yield Row.of("its memory, per picture", "vectors and catalog alone", [(bare / 2**20, peak / 2**20)], unit="MB")


def made() -> tuple[Any, Any]:
    """A library with queries, and their split: vectors around one random direction for each product."""
    import numpy as np

    from fashion_search.catalog import Catalog, Item, Protocol, draw_split
    from fashion_search.catalog.query_sets import with_queries
    from fashion_search.encoders import Fingerprint
    from fashion_search.library import Library

    random = np.random.default_rng(0)
    of_items, of_queries = (np.arange(count) % PRODUCTS for count in (GALLERY, QUERIES))

    def items(products: Any) -> tuple[Item, ...]:
        named = [f"id_{product:08}" for product in products.tolist()]
        return tuple(
            Item(str(row), "", (f"Kind {products[row] % 23}", product), "", "", product=product)
            for row, product in enumerate(named)
        )

    columns = ("category", "product")
    catalog = with_queries(
        Catalog("in-shop", "In-Shop", columns, items(of_items)), Catalog("q", "Q", columns, items(of_queries))
    )
    centres = random.normal(size=(PRODUCTS, DIM)).astype(np.float32)
    vectors = centres[np.concatenate([of_items, of_queries])]
    vectors += 3 * random.standard_normal(vectors.shape, dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Library(catalog, Fingerprint("bench", "products"), vectors), draw_split(catalog, Protocol.of_queries("q"))


def evaluate(library: Any, split: Any, per_product: bool) -> float:
    """Rankings and all figures at 5, and per product too where that is asked for; the share of queries right at 1."""
    from fashion_search.evaluation.rankings import rank
    from fashion_search.evaluation.scores import figures, grouped

    rankings = rank(library, split)
    found = figures(rankings, grouped(library.catalog, rankings), 5)
    if per_product:
        counted = rank(library, split, per_product=True)
        figures(counted, grouped(library.catalog, counted), 5)
    assert found["hit"].macro.value > 0
    return float((rankings.first == 1).mean())
