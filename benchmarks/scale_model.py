"""What a catalog of any size takes, by formulas: bytes, machines, milliseconds a query and hours of encoding.

The constants of a query's cost are fitted to small sizes; all others are counted from how vectors are laid out.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

ID_BYTES = 8  # of an item in a cell of IVF-PQ
CODEBOOK = 256  # values of a code of 8 bits
FLOAT = 4
IVF_PQ_READS = 4  # of so many cells one is looked into


@dataclass(frozen=True)
class Design:
    """How items are searched.

    Attributes:
        name: of the index, or exact.
        number_bytes: of a number of a vector, where each is stored; else 0.
        codes: bytes of a vector's code, where codes are stored; else 0.
        links: to an item's neighbours on each layer but the lowest, which has twice as many; 0 without a graph.
    """

    name: str
    number_bytes: float = 0
    codes: int = 0
    links: int = 0

    def item_bytes(self, dim: int) -> float:
        """Of an item in memory. A level of HNSW holds one in ``links`` of the items of the level below."""
        graph = 0.0
        if self.links:
            upper = 1 / (self.links - 1)  # levels above the lowest, on average
            graph = FLOAT * self.links * (2 + upper) + 4 + 8  # and the item's level, and where its links begin
        code = self.codes + ID_BYTES if self.codes else 0
        return self.number_bytes * dim + code + graph

    def n_bytes(self, items: int, dim: int) -> float:
        """Of all items, with the centres of cells and codes."""
        centres = FLOAT * dim * (math.isqrt(items) + CODEBOOK) if self.codes else 0
        return items * self.item_bytes(dim) + centres

    def read_bytes(self, items: int, dim: int) -> float:
        """What one query reads: every item, or one in four with the centres of all cells."""
        if self.codes:
            return items * self.item_bytes(dim) / IVF_PQ_READS + FLOAT * dim * math.isqrt(items)
        return items * self.item_bytes(dim)


@dataclass(frozen=True)
class Cost:
    """What a query costs: ``fixed`` ms, and ``item`` ns for each of n items, as long as the cache holds them.

    Of IVF-PQ's n a quarter is looked at; its √n cells cost too little beside them to be told apart.
    """

    fixed: float
    item: float

    def ms(self, items: int, read_bytes: float, bandwidth: float, cache: float) -> float:
        """Of a search among so many items.

        What exceeds the cache comes from memory, which takes at least bytes / bandwidth.

        Args:
            items: n.
            read_bytes: of one query.
            bandwidth: of memory, bytes a second.
            cache: bytes that stay in the processor from one query to the next.
        """
        scan = self.item * items / 1e6
        if read_bytes > cache:
            held = cache / read_bytes
            scan = held * scan + (1 - held) * max(scan, 1e3 * read_bytes / bandwidth)
        return self.fixed + scan


def fitted(milliseconds: Mapping[int, float]) -> Cost:
    """The cost whose relative errors at the sizes that were measured are least; neither part is negative.

    Args:
        milliseconds: of a query, by items.
    """
    import numpy as np
    from scipy.optimize import nnls

    rows = np.array([[1.0, items / 1e6] for items in milliseconds])
    measured = np.array(list(milliseconds.values()))
    fixed, item = nnls(rows / measured[:, None], np.ones(len(measured)))[0]
    return Cost(float(fixed), float(item))


@dataclass(frozen=True)
class Node:
    """A machine of a cluster, assumed: cores, GB of memory, and the part of it that vectors may fill."""

    cores: int = 16
    memory: float = 64e9
    part: float = 0.75

    @property
    def room(self) -> float:
        """Bytes for vectors."""
        return self.memory * self.part

    def needed(self, n_bytes: float) -> int:
        """How many hold so much."""
        return max(1, math.ceil(n_bytes / self.room))


def hours(items: int, images_s: float) -> float:
    """Of encoding them."""
    return items / images_s / 3600


def most_within(ms: float, cost: Cost, design: Design, dim: int, bandwidth: float, cache: float) -> int:
    """The most items that one core searches in so many ms, by bisection; 0 where it cannot."""
    low, high = 0, 10**12
    while high - low > 1:
        middle = (low + high) // 2
        taken = cost.ms(middle, design.read_bytes(middle, dim), bandwidth, cache)
        low, high = (middle, high) if taken <= ms else (low, middle)
    return low
