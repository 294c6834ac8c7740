"""LSH, HNSW, IVF-PQ and shorter numbers, by faiss.

All of it runs in one thread. So the same vectors give the same index; and on macOS, where torch and faiss each bring an
OpenMP of their own, the two do not crash each other.
"""

import math
import os
import sys
from abc import abstractmethod
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from fashion_search.errors import MissingPackageError, StoreError
from fashion_search.index.engine import LocalEngine


def faiss() -> Any:
    """The package, set to one thread wherever this is called from.

    Raises:
        MissingPackageError: it cannot be imported.
    """
    if sys.platform == "darwin":  # else a second OpenMP ends the process; both stay safe with one thread in faiss
        os.environ.setdefault("KMP_DUPLICATE_LIB_OK", "TRUE")
    try:
        import faiss
    except ImportError as error:
        raise MissingPackageError(f"This index needs faiss ({error}): pip install faiss-cpu") from error
    faiss.omp_set_num_threads(1)  # of the calling thread alone, so before each use
    return faiss


class FaissEngine(LocalEngine):
    """What faiss's indexes have in common; ``storage`` is what an index looks into and does not own."""

    def __init__(self, index: Any, n_bytes: int, storage: Any = None):
        self._index = index
        self._n_bytes = n_bytes
        self._storage = storage

    @classmethod
    def build(cls, vectors: NDArray[np.float32]) -> Self:
        index = cls._built(_plain(vectors))
        return cls(index, len(cls._serialized(index)))

    @classmethod
    @abstractmethod
    def _built(cls, vectors: NDArray[np.float32]) -> Any:
        """The index of them, as faiss makes it."""

    @classmethod
    def _serialized(cls, index: Any) -> NDArray[np.uint8]:
        stored: NDArray[np.uint8] = faiss().serialize_index(index)
        return stored

    @classmethod
    def load(cls, stored: NDArray[np.uint8], vectors: NDArray[np.float32]) -> Self:
        try:
            index = faiss().deserialize_index(np.array(stored, dtype=np.uint8))
        except RuntimeError as error:
            raise StoreError(f"The index cannot be read ({error}). Build the catalog again.") from error
        if index.ntotal != len(vectors):
            raise StoreError(
                f"The index is of {index.ntotal:,} items, its library of {len(vectors):,}. Build the catalog again."
            )
        return cls(index, len(stored))

    def stored(self) -> NDArray[np.uint8]:
        return self._serialized(self._index)

    @property
    def n_bytes(self) -> int:
        return self._n_bytes

    def search(self, queries: NDArray[np.float32], m: int) -> NDArray[np.intp]:
        _, rows = self._index.search(self._prepared(_plain(queries)), m, params=self._parameters(faiss(), m))
        return np.asarray(rows, np.intp)

    def _parameters(self, package: Any, m: int) -> Any:
        """How far to look for m items."""
        return None

    @classmethod
    def _prepared(cls, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Vectors as the index takes them."""
        return vectors


def _plain(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(vectors, dtype=np.float32)


class Hnsw(FaissEngine):
    """Malkov and Yashunin, 2016: https://arxiv.org/abs/1603.09320. Its graph is stored, without the vectors."""

    LINKS = 16  # of an item, on each layer but the lowest, which has twice as many
    BUILT_WITH = 100  # candidates for the links of an item
    SEARCHED_WITH = 128  # candidates for the neighbours of a query, at least
    settings = f"{LINKS} links, built with {BUILT_WITH} candidates, searched with {SEARCHED_WITH}"

    @classmethod
    def _built(cls, vectors: NDArray[np.float32]) -> Any:
        index = faiss().IndexHNSWFlat(vectors.shape[1], cls.LINKS)
        index.hnsw.efConstruction = cls.BUILT_WITH
        index.add(vectors)
        return index

    @classmethod
    def _serialized(cls, index: Any) -> NDArray[np.uint8]:
        package = faiss()
        graph: NDArray[np.uint8] = package.serialize_index(index, package.IO_FLAG_SKIP_STORAGE)
        return graph

    @classmethod
    def load(cls, stored: NDArray[np.uint8], vectors: NDArray[np.float32]) -> Self:
        engine = super().load(stored, vectors)
        engine._storage = faiss().IndexFlatL2(vectors.shape[1])
        engine._storage.add(_plain(vectors))
        engine._index.storage, engine._index.own_fields = engine._storage, False
        return engine

    def _parameters(self, package: Any, m: int) -> Any:
        return package.SearchParametersHNSW(efSearch=max(m, self.SEARCHED_WITH))


class Lsh(FaissEngine):
    """Charikar, 2002: https://doi.org/10.1145/509907.509965. A bit says on which side of a plane a vector lies."""

    BITS = 512
    settings = f"{BITS} bits, planes through the medians"

    @classmethod
    def _built(cls, vectors: NDArray[np.float32]) -> Any:
        index = faiss().IndexLSH(vectors.shape[1], cls.BITS, True, True)
        index.train(vectors)
        index.add(vectors)
        return index


class IvfPq(FaissEngine):
    """Jégou, Douze and Schmid, 2011: https://doi.org/10.1109/TPAMI.2010.57.

    Few vectors have fewer cells and codes of fewer bits. Zeros are added to vectors that cannot be divided into parts
    of equal length.
    """

    POINTS = 39  # vectors a centroid, faiss's own least
    PART = 8  # numbers of a vector that one code stands for
    CODES = 64  # at most; longer vectors have longer parts
    LOOKED_INTO = 4  # of so many cells one
    settings = f"a code for {PART} numbers, at most {CODES}; one cell in {LOOKED_INTO} is looked into"

    @classmethod
    def _built(cls, vectors: NDArray[np.float32]) -> Any:
        package, prepared = faiss(), cls._prepared(vectors)
        n, dim = prepared.shape
        cells = max(1, min(math.isqrt(n), n // cls.POINTS))
        bits = min(8, max(1, (n // cls.POINTS).bit_length() - 1))
        index = package.IndexIVFPQ(package.IndexFlatL2(dim), dim, cells, cls._codes(vectors.shape[1]), bits)
        for clustering in (index.cp, index.pq.cp):
            clustering.min_points_per_centroid = 1  # or faiss complains of small catalogs on the terminal
        index.train(np.resize(prepared, (max(n, 2**bits), dim)))
        index.add(prepared)
        return index

    @classmethod
    def _codes(cls, dim: int) -> int:
        return min(cls.CODES, math.ceil(dim / cls.PART))

    @classmethod
    def _prepared(cls, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        missing = -vectors.shape[1] % cls._codes(vectors.shape[1])
        return np.pad(vectors, ((0, 0), (0, missing))) if missing else vectors

    def _parameters(self, package: Any, m: int) -> Any:
        cells = self._index.nlist
        wanted = max(cells / self.LOOKED_INTO, 2 * m * cells / self._index.ntotal)  # for all items all cells
        return package.SearchParametersIVF(nprobe=min(cells, math.ceil(wanted)))


class _Shorter(FaissEngine):
    """All vectors in numbers of fewer bits: every item is compared, with less to read."""

    _kind: ClassVar[str]

    @classmethod
    def _built(cls, vectors: NDArray[np.float32]) -> Any:
        package = faiss()
        kind = getattr(package.ScalarQuantizer, cls._kind)
        index = package.IndexScalarQuantizer(vectors.shape[1], kind, package.METRIC_INNER_PRODUCT)
        index.train(vectors)
        index.add(vectors)
        return index


class Float16(_Shorter):
    """Half precision: 2 bytes a number."""

    _kind = "QT_fp16"
    settings = "half precision"


class Int8(_Shorter):
    """Scalar quantization: 1 byte a number, even steps between the least and the most of each."""

    _kind = "QT_8bit"
    settings = "8 bits a number, even steps between its extremes"
