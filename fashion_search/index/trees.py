"""KD-trees, by scikit-learn.

Between unit vectors the squared Euclidean distance is 2 - 2 cos, so the nearest is the most similar. scikit-learn
stores its trees by pickle alone, which is never read here: a tree is built when it is opened.
"""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fashion_search.index.engine import LocalEngine

_LEAF = 40  # vectors of a leaf, scikit-learn's own


class KdTree(LocalEngine):
    """Bentley, 1975: https://doi.org/10.1145/361002.361007. Boxes that can hold no nearer item are left out: exact."""

    settings = f"leaves of {_LEAF}"
    is_stored = False

    def __init__(self, tree: Any):
        self._tree = tree

    @classmethod
    def build(cls, vectors: NDArray[np.float32]) -> Self:
        from sklearn.neighbors import KDTree

        return cls(KDTree(vectors, leaf_size=_LEAF))

    @classmethod
    def load(cls, stored: NDArray[np.uint8], vectors: NDArray[np.float32]) -> Self:
        return cls.build(vectors)

    def stored(self) -> NDArray[np.uint8]:
        return np.empty(0, np.uint8)

    @property
    def n_bytes(self) -> int:
        return sum(np.asarray(part).nbytes for part in self._tree.get_arrays())

    def search(self, queries: NDArray[np.float32], m: int) -> NDArray[np.intp]:
        rows: NDArray[np.intp] = self._tree.query(queries, m, return_distance=False)
        return rows
