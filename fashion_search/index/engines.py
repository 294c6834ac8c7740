"""The engines by the names of their indexes: whether they are at hand, building and opening them."""

import hashlib
import importlib.util
import json

import numpy as np
from numpy.typing import NDArray

from fashion_search.encoders import Fingerprint, Index
from fashion_search.errors import MissingPackageError
from fashion_search.index.engine import Engine
from fashion_search.index.faiss_engines import Hnsw, IvfPq, Lsh
from fashion_search.index.library import IndexedLibrary
from fashion_search.index.trees import KdTree
from fashion_search.library import Library

ENGINES: dict[str, type[Engine]] = {"kd-tree": KdTree, "lsh": Lsh, "hnsw": Hnsw, "ivf-pq": IvfPq}
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
            f"The index {index.title} needs {index.package}, which is not installed: pip install {index.package}-cpu"
        )


def key_of(library: Fingerprint, catalog_fingerprint: str, index: Index) -> str:
    """A digest of all that decides an index: with another key it is of an earlier state."""
    decides = [library.digest, catalog_fingerprint, index.name, ENGINES[index.name].settings]
    return hashlib.sha256(json.dumps(decides).encode()).hexdigest()


def built(library: Library, index: Index) -> IndexedLibrary:
    """A library under an index that is built now.

    Raises:
        MissingPackageError: as ``check_available``.
    """
    check_available(index)
    return IndexedLibrary.of(library, index, ENGINES[index.name].build(library.vectors))


def opened(library: Library, index: Index, stored: NDArray[np.uint8] | None) -> IndexedLibrary:
    """A library under an index that was stored; one that is not kept on disk is built.

    Raises:
        MissingPackageError: as ``check_available``.
        StoreError: it is of another number of vectors, or damaged.
    """
    if stored is None:
        return built(library, index)
    check_available(index)
    return IndexedLibrary.of(library, index, ENGINES[index.name].load(stored, library.vectors))
