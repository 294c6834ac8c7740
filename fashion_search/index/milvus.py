"""HNSW by Milvus: a server, or a file of Milvus Lite.

A collection holds the vectors and labels of one library. Its name says which: catalog and method, the fingerprint of
both and the number of items. So one of another state, or with fewer items, is never taken for it.
"""

import hashlib
import math
import re
import time
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog import Catalog
from fashion_search.catalog.relevance import label_codes
from fashion_search.encoders import encoder_spec, is_method
from fashion_search.errors import EngineError
from fashion_search.index.engine import Part, RemoteEngine
from fashion_search.index.milvus_server import Patience, connected, forget, slow, timeout, told, tried
from fashion_search.index.narrowing import FEW, OneOf, narrowed
from fashion_search.library import Library

_ID, _VECTOR = "id", "vector"
_KEY = 16  # digits of the fingerprint in a name
_BYTES = 2**22  # of vectors that are sent at once
_QUERIES = 64  # that are asked at once
_FRESH = 30.0  # s after which it is looked again whether the collection is whole
_LONG = 60.0  # s that a step of a build is waited for
_STANDSTILL = 600.0  # s without any progress, after which a build gives up
_POLL = 0.2  # s
_LABEL_BYTES = 65_535  # the longest that Milvus takes
_QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


class Milvus(RemoteEngine):
    """Malkov and Yashunin, 2016: https://arxiv.org/abs/1603.09320, as https://milvus.io has it."""

    LINKS = 24
    BUILT_WITH = 200
    SEARCHED_WITH = 256  # at least
    MOST_CANDIDATES = 32_768  # that Milvus allows
    settings = f"HNSW, {LINKS} links, built with {BUILT_WITH} candidates, searched with {SEARCHED_WITH}"
    most = 16_384

    def __init__(self, catalog: Catalog, method: str, key: str, dim: int, place: str):
        self.place = place
        self.collection = f"{_prefix(catalog.name, method)}{key[:_KEY]}_{catalog.n_items}"
        self._catalog = catalog
        self._method = method
        self._dim = dim
        self._client: Any = None
        self._fresh_until = 0.0

    @classmethod
    def at(cls, library: Library, key: str, place: str) -> Self:
        return cls(library.catalog, library.method, key, library.vectors.shape[1], place)

    @classmethod
    def build(cls, library: Library, key: str, place: str) -> Self:
        engine = cls.at(library, key, place)
        forget(place)
        with told(place, engine.collection):
            client = connected(place, Patience.of(timeout()))
            names = client.list_collections(timeout=_LONG)
            if engine.collection not in names or not engine._is_whole(client):
                client.drop_collection(engine.collection, timeout=_LONG)  # what a build that was killed left
                engine._fill(client, library.vectors)
            for other in _of(names, library.catalog.name, library.method):
                if other != engine.collection:
                    client.drop_collection(other, timeout=_LONG)
        return engine

    @classmethod
    def drop(cls, catalog: str, method: str, place: str) -> None:
        forget(place)
        with told(place):
            client = connected(place, Patience.of(timeout()))
            for name in _of(client.list_collections(timeout=timeout()), catalog, method):
                client.drop_collection(name, timeout=timeout())

    @property
    def n_bytes(self) -> int:
        """There: the vectors, and 4 bytes a link."""
        return self._catalog.n_items * 4 * (self._dim + 2 * self.LINKS)

    def check(self) -> None:
        with told(self.place, self.collection):
            self._opened()

    def search(self, queries: NDArray[np.float32], m: int) -> NDArray[np.intp]:
        return self._search(queries, m)

    def within(self, gallery: NDArray[np.bool_]) -> Part:
        wanted = np.flatnonzero(gallery)
        if len(wanted) <= min(
            FEW, self._catalog.n_items - 1
        ):  # compared here sooner than asked for, and none is missed
            return Part(len(wanted), lambda queries, m: np.tile(wanted, (len(queries), 1)))
        narrowing = narrowed(gallery, self._codes)
        if narrowing.rows is not None:
            words = [f"{_ID} in {list(narrowing.rows)}"]
        else:
            words = [self._words(one) for one in narrowing.conditions]
            words += [f"{_ID} not in {list(narrowing.without)}"] if narrowing.without else []
        expression = " and ".join(words)
        share = narrowing.n / self._catalog.n_items
        return Part(narrowing.n, lambda queries, m: self._search(queries, m, expression, share))

    # -- searching ------------------------------------------------------------------------------------------

    def _search(
        self, queries: NDArray[np.float32], m: int, expression: str = "", share: float = 1.0
    ) -> NDArray[np.intp]:
        """``share``: of all items, those that an expression holds for; the fewer, the farther the graph is walked."""
        candidates = min(self.MOST_CANDIDATES, math.ceil(max(m, self.SEARCHED_WITH) / share))
        rows = np.full((len(queries), m), -1, dtype=np.intp)
        with told(self.place, self.collection):
            client = self._opened()
            for start in range(0, len(queries), _QUERIES):
                found = client.search(
                    self.collection,
                    list(queries[start : start + _QUERIES]),
                    filter=expression,
                    limit=m,
                    search_params={"metric_type": "IP", "params": {"ef": candidates}},
                    anns_field=_VECTOR,
                    consistency_level="Eventually",  # nothing is written after a build
                    timeout=timeout(),
                )
                for place, hits in enumerate(found, start=start):
                    rows[place, : len(hits)] = [hit[_ID] for hit in hits]
        return rows

    def _opened(self) -> Any:
        """The client, once the collection was found whole, which is looked at again from time to time."""
        if self._client is None or time.monotonic() > self._fresh_until:
            self._client = None
            patience = Patience.of(timeout())
            client = connected(self.place, patience)
            self._refuse_other(client, patience)
            self._load(client, patience)
            self._refuse_part(client, patience)
            self._client, self._fresh_until = client, time.monotonic() + _FRESH
        return self._client

    def _refuse_other(self, client: Any, patience: Patience) -> None:
        names = client.list_collections(timeout=patience.left)
        if self.collection in names:
            return
        if any(_of(names, self._catalog.name, self._method)):
            raise EngineError(
                f"Milvus at {self.place} holds {self._what}, but of another state, or of another catalog of that name. "
                "Build the index again.",
                can_build=True,
            )
        raise EngineError(f"Milvus at {self.place} does not hold {self._what}. Build the index again.", can_build=True)

    def _load(self, client: Any, patience: Patience) -> None:
        """Have the server take the collection into memory, where it is not there."""
        begun = False
        while (state := _state(client, self.collection, patience)) != "Loaded":
            if patience.is_over:
                raise EngineError(
                    f"Milvus at {self.place} is still taking {self._what} into memory. Try again in a moment."
                    if state == "Loading"
                    else str(slow(self.place))
                )
            if state != "Loading" and not begun:
                client.load_collection(self.collection, timeout=patience.left, _async=True)
                begun = True
            time.sleep(_POLL)

    def _refuse_part(self, client: Any, patience: Patience, consistency: str = "Eventually") -> None:
        count = _count(client, self.collection, patience.left, consistency)
        if count != self._catalog.n_items:
            raise EngineError(
                f"Milvus at {self.place} holds {count:,} rows of {self._what}, which has {self._catalog.n_items:,} "
                "items: a build of it is under way or was stopped. Build the index again.",
                can_build=True,
            )

    @property
    def _what(self) -> str:
        title = encoder_spec(self._method).title if is_method(self._method) else self._method
        return f"“{self._catalog.name}” under {title}"

    # -- labels ---------------------------------------------------------------------------------------------

    @cached_property
    def _codes(self) -> NDArray[np.intp]:
        """Each item's labels as numbers, shape (n, C)."""
        catalog = self._catalog
        return label_codes(catalog) if catalog.columns else np.empty((catalog.n_items, 0), dtype=np.intp)

    @cached_property
    def _values(self) -> list[list[str]]:
        """What the numbers of each column stand for."""
        groups = self._catalog.groups
        return [sorted({group.labels[column] for group in groups}) for column in range(len(self._catalog.columns))]

    @cached_property
    def _fields(self) -> list[str]:
        """The columns by names that Milvus takes."""
        return [f"label_{place}_{_safe(column, 40)}" for place, column in enumerate(self._catalog.columns)]

    def _words(self, condition: OneOf) -> str:
        values = self._values[condition.column]
        named = ", ".join(f'"{_cut(values[code]).translate(_QUOTED)}"' for code in condition.codes)
        return f"{self._fields[condition.column]} {'not in' if condition.is_negated else 'in'} [{named}]"

    # -- building -------------------------------------------------------------------------------------------

    def _is_whole(self, client: Any) -> bool:
        """Whether a collection of this name has every item, indexed and in memory."""
        patience = Patience.of(_LONG)
        if not client.list_indexes(self.collection):
            return False
        try:
            self._load(client, patience)
            self._refuse_part(client, patience, "Strong")
        except EngineError:
            return False
        return True

    def _fill(self, client: Any, vectors: NDArray[np.float32]) -> None:
        from pymilvus import DataType

        schema = client.create_schema(auto_id=False, enable_dynamic_field=False, description=self._what)
        schema.add_field(_ID, DataType.INT64, is_primary=True)
        schema.add_field(_VECTOR, DataType.FLOAT_VECTOR, dim=self._dim)
        for name, column in zip(self._fields, self._catalog.columns, strict=True):
            schema.add_field(name, DataType.VARCHAR, max_length=_LABEL_BYTES, description=column)
        client.create_collection(self.collection, schema=schema, timeout=_LONG, num_shards=1)
        n, step = self._catalog.n_items, max(1, _BYTES // (4 * self._dim))
        for start in range(0, n, step):
            rows = [self._row(row, vectors[row]) for row in range(start, min(start + step, n))]

            def send(again: bool, rows: list[dict[str, Any]] = rows) -> None:
                write = client.upsert if again else client.insert  # what failed may have arrived all the same
                write(self.collection, rows, timeout=_LONG)

            tried(send)
        tried(lambda again: client.flush(self.collection, timeout=_LONG))
        self._index(client)
        self._load(client, Patience.of(_STANDSTILL))
        self._refuse_part(client, Patience.of(_LONG), "Strong")

    def _row(self, row: int, vector: NDArray[np.float32]) -> dict[str, Any]:
        labels = map(_cut, self._catalog.items[row].labels)
        return {_ID: row, _VECTOR: np.asarray(vector), **dict(zip(self._fields, labels, strict=True))}

    def _index(self, client: Any) -> None:
        """Have the server build its index, and wait while it goes on."""
        parameters = client.prepare_index_params()
        parameters.add_index(
            _VECTOR,
            index_type="HNSW",
            metric_type="IP",
            params={"M": self.LINKS, "efConstruction": self.BUILT_WITH},
        )
        client.create_index(self.collection, parameters, timeout=_LONG, sync=False)
        seen, until = -1, 0.0
        while True:
            [name] = client.list_indexes(self.collection)
            about = client.describe_index(self.collection, name, timeout=_LONG)
            if about.get("state") == "Failed":
                why = about.get("index_state_fail_reason", "")
                raise EngineError(f"Milvus at {self.place} could not build the index of {self._what}: {why}")
            if about.get("state") == "Finished" and not about.get("pending_index_rows"):
                return
            if (done := int(about.get("indexed_rows", 0))) > seen:
                seen, until = done, time.monotonic() + _STANDSTILL
            elif time.monotonic() > until:
                raise slow(self.place)
            time.sleep(_POLL)


def _prefix(catalog: str, method: str) -> str:
    """What the names of all collections of a catalog's method begin with."""
    digest = hashlib.sha256(f"{catalog}\0{method}".encode()).hexdigest()
    return f"fashion_search_{_safe(catalog, 80)}_{_safe(method, 80)}_{digest[:8]}_"


def _of(names: list[str], catalog: str, method: str) -> list[str]:
    return [name for name in names if name.startswith(_prefix(catalog, method))]


def _safe(name: str, most: int) -> str:
    return re.sub(r"[^A-Za-z0-9]", "_", name)[:most]


def _cut(label: str) -> str:
    """A label as Milvus can hold it."""
    return label.encode()[:_LABEL_BYTES].decode(errors="ignore")


def _state(client: Any, name: str, patience: Patience) -> str:
    """``Loaded``, ``Loading`` or ``NotLoad``."""
    return str(getattr(client.get_load_state(name, timeout=patience.left)["state"], "name", ""))


def _count(client: Any, name: str, seconds: float, consistency: str) -> int:
    """The rows of a collection that is in memory."""
    answer = client.query(name, filter="", output_fields=["count(*)"], timeout=seconds, consistency_level=consistency)
    return int(answer[0]["count(*)"])
