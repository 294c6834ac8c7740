"""The engines by the names of their indexes: whether they are at hand, building and opening them."""

import hashlib
import importlib.util
import json

import numpy as np
from numpy.typing import NDArray

from fashion_search.encoders import Fingerprint, Index
from fashion_search.errors import MissingPackageError
from fashion_search.index.engine import LocalEngine, RemoteEngine
from fashion_search.index.faiss_engines import Float16, Hnsw, Int8, IvfPq, Lsh
from fashion_search.index.library import IndexedLibrary
from fashion_search.index.milvus import Milvus
from fashion_search.index.trees import KdTree
from fashion_search.library import Library

ENGINES: dict[str, type[LocalEngine] | type[RemoteEngine]] = {
    "kd-tree": KdTree,
    "lsh": Lsh,
    "hnsw": Hnsw,
    "ivf-pq": IvfPq,
    "float16": Float16,
    "int8": Int8,
    "milvus": Milvus,
}
"""One for each of ``INDEXES``."""


def is_available(index: Index) -> bool:
    """Whether what it needs is installed; nothing is imported."""
    return not index.package or importlib.util.find_spec(index.package) is not None


def check_available(index: Index) -> None:
    """Refuse an index that cannot be built here.

    Raises:
        MissingPackageError: what it needs is not installed.
    """
    if not is_available(index):
        raise MissingPackageError(
            f"The index {index.title} needs {index.package}, which is not installed: pip install {index.install}"
        )


def key_of(library: Fingerprint, catalog_fingerprint: str, index: Index) -> str:
    """A digest of all that decides an index: with another key it is of an earlier state."""
    decides = [library.digest, catalog_fingerprint, index.name, ENGINES[index.name].settings]
    return hashlib.sha256(json.dumps(decides).encode()).hexdigest()


def built(library: Library, index: Index, place: str = "") -> IndexedLibrary:
    """A library under an index that is built now; ``place``: where, of one that is kept elsewhere.

    Raises:
        MissingPackageError: as ``check_available``.
        EngineError: it cannot be built there.
    """
    check_available(index)
    kind = ENGINES[index.name]
    if issubclass(kind, RemoteEngine):
        return IndexedLibrary.of(library, index, kind.build(library, _key(library, index), place))
    return IndexedLibrary.of(library, index, kind.build(library.vectors))


def opened(library: Library, index: Index, stored: NDArray[np.uint8] | None, place: str = "") -> IndexedLibrary:
    """A library under an index that was built; one that is not kept at all is built.

    Of one that is kept elsewhere, at ``place``, nothing is asked before it is checked or searched.

    Raises:
        MissingPackageError: as ``check_available``.
        StoreError: it is of another number of vectors, or damaged.
    """
    check_available(index)
    kind = ENGINES[index.name]
    if issubclass(kind, RemoteEngine):
        return IndexedLibrary.of(library, index, kind.at(library, _key(library, index), place))
    if stored is None:
        return built(library, index)
    return IndexedLibrary.of(library, index, kind.load(stored, library.vectors))


def drop(catalog: str, method: str, index: Index, place: str) -> None:
    """Delete what is kept elsewhere of a catalog's method.

    Raises:
        MissingPackageError: as ``check_available``.
        EngineError: it cannot be deleted.
    """
    check_available(index)
    kind = ENGINES[index.name]
    if issubclass(kind, RemoteEngine):
        kind.drop(catalog, method, place)


def _key(library: Library, index: Index) -> str:
    return key_of(library.fingerprint, library.catalog.fingerprint, index)
