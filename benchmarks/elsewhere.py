"""An index that is kept elsewhere: Milvus, against a comparison with every item here."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.indexing import clustered, query_rows, recall
from benchmarks.measuring import Row, Setting, paired, timed
from benchmarks.searching import K

if TYPE_CHECKING:
    from fashion_search.library import Library

_TYPES, _COLOURS = 20, 10
_SHOP = (44_441, 512)  # Kaggle's whole shop under ResNet-18


def milvus(setting: Setting) -> Iterator[Row]:
    """One search for ten items by Milvus, among vectors in clusters, plain and under a filter of a twentieth of them,
    against the program's exact search; by a server where one can be started here, and by a file.
    """
    exact = _labelled(*_SHOP)
    with places() as known:
        for title, place in known.items():
            yield from _under(title, place, exact, 5 * setting.n)


def million(setting: Setting) -> Iterator[Row]:
    """The same among a million vectors of 128 numbers, by a server alone; building it takes a quarter of an hour."""
    exact = _labelled(10**6, 128)
    with places() as known:
        for title, place in known.items():
            if "://" in place:
                yield from _under(title, place, exact, 5 * setting.n)


@contextlib.contextmanager
def places() -> Iterator[dict[str, str]]:
    """Where an index can be kept, by what it is: the place that the environment names, else a server and a file."""
    import os

    from fashion_search.index import PLACE_VARIABLE, asked_index
    from fashion_search.index.milvus_server import TIMEOUT_VARIABLE
    from tests import milvus_server

    os.environ.setdefault(TIMEOUT_VARIABLE, "120")  # what is measured is not to end where the machine is busy
    if os.environ.get(PLACE_VARIABLE):
        yield {"milvus": asked_index("milvus")[1]}
        return
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as ends:
        known = {}
        if not milvus_server.why_not():
            relay = milvus_server.Relay(ends.enter_context(milvus_server.running(Path(folder, "server"))))
            known["milvus server"] = relay.url
        yield known | {"milvus file": str(Path(folder, "vectors.db"))}


def _under(title: str, place: str, exact: "Library", n: int) -> Iterator[Row]:
    import numpy as np

    from fashion_search.encoders import INDEXES
    from fashion_search.index import built, drop

    index, (items, dim) = INDEXES["milvus"], exact.vectors.shape
    found: list[Any] = []
    seconds = timed(lambda: found.append(built(exact, index, place)))
    under = found[0]
    codes = np.array([item.labels[0] for item in exact.catalog.items])
    galleries = {"": np.ones(items, dtype=bool), ", filtered": codes == "0"}
    for about, gallery in galleries.items():
        queries = iter(np.resize(query_rows(items), 10**6).tolist())

        def searched(library: "Library", queries: Any = queries, gallery: Any = gallery) -> Any:
            return lambda: timed(lambda: library.search(np.array([next(queries)]), K, gallery))

        facts = {"recall@10": round(recall(exact, under, gallery), 4)}
        facts |= {} if about else {"bytes/item": round(under.engine.n_bytes / items), "built in s": round(seconds, 1)}
        pairs = paired(searched(exact), searched(under), n, warm=2)
        yield Row.of(f"{title}, {items:,} × {dim}{about}", "exact", pairs, is_speed=True, facts=facts)
    drop(exact.catalog.name, exact.method, index, place)


def _labelled(items: int, dim: int) -> "Library":
    """Vectors in clusters as a library of items with two columns of labels."""
    import numpy as np

    from fashion_search.catalog import Catalog, Item
    from fashion_search.encoders import Fingerprint
    from fashion_search.library import Library

    random = np.random.default_rng(2)
    labels = np.stack([random.integers(most, size=items) for most in (_TYPES, _COLOURS)], axis=1).tolist()
    made = tuple(Item(str(row), "", tuple(map(str, one)), "", "", "") for row, one in enumerate(labels))
    fingerprint = Fingerprint("bench", "made up")
    return Library(Catalog("bench", "bench", ("type", "colour"), made), fingerprint, clustered(items, dim))
