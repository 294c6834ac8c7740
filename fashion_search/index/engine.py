"""What an index does, whoever does it."""

from abc import ABC, abstractmethod
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray


class Engine(ABC):
    """Lists the items that are probably nearest to a query, by a measure of its own.

    ``settings``: all that decides it beside the vectors, in words; with other settings it is another index.
    ``is_stored``: whether it is kept on disk; else it is built when it is opened.
    """

    settings: ClassVar[str]
    is_stored: ClassVar[bool] = True

    @classmethod
    @abstractmethod
    def build(cls, vectors: NDArray[np.float32]) -> Self:
        """For unit vectors, shape (n, dim), n at least 1. The same vectors give the same engine."""

    @classmethod
    @abstractmethod
    def load(cls, stored: NDArray[np.uint8], vectors: NDArray[np.float32]) -> Self:
        """From what ``stored`` gave, and the vectors that it was built for.

        Raises:
            StoreError: it is of another number of vectors, or damaged.
        """

    @abstractmethod
    def stored(self) -> NDArray[np.uint8]:
        """All that ``load`` needs beside the vectors, shape (bytes,)."""

    @property
    @abstractmethod
    def n_bytes(self) -> int:
        """What it takes beside the library's vectors."""

    @abstractmethod
    def search(self, queries: NDArray[np.float32], m: int) -> NDArray[np.intp]:
        """The rows that are nearest to unit vectors, shape (q, dim), by its own measure.

        Args:
            queries: what is searched with.
            m: from 1 to n; with n it finds all that it can.

        Returns:
            Shape (q, m), nearest first; -1 where it finds no more.
        """
