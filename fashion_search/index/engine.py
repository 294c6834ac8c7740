"""What an index does, whoever does it."""

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from fashion_search.library import Library


@dataclass(frozen=True)
class Part:
    """Where an engine looks when only some rows are wanted: among ``n`` rows, of which those are part.

    ``search`` is that of ``Engine``, with m from 1 to n; it may list more than m.
    """

    n: int
    search: Callable[[NDArray[np.float32], int], NDArray[np.intp]]


class Engine(ABC):
    """Lists the items that are probably nearest to a query, by a measure of its own.

    ``settings``: all that decides it beside the vectors, in words; with other settings it is another index.
    ``most``: rows that one search can list.
    """

    settings: ClassVar[str]
    most: ClassVar[int] = sys.maxsize

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

    def within(self, gallery: NDArray[np.bool_]) -> Part:
        """Where it looks for rows of a mask, shape (n,): among all, where it cannot be told to leave any out."""
        return Part(len(gallery), self.search)

    def check(self) -> None:
        """Refuse to be searched where that is known to fail; only an engine that is kept elsewhere does.

        Raises:
            EngineError: why, and what to do.
        """
        return


class LocalEngine(Engine):
    """An engine in this process.

    ``is_stored``: whether it is kept on disk; else it is built when it is opened.
    """

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


class RemoteEngine(Engine):
    """An engine that is kept elsewhere, by a server or in a file of its own; here is only where, and of what."""

    @classmethod
    @abstractmethod
    def build(cls, library: Library, key: str, place: str) -> Self:
        """For a library, at ``place``; what is there of the same catalog and method is replaced.

        ``key``: a digest of all that decides it (``engines.key_of``), which is kept with it.

        Raises:
            EngineError: that is not possible.
        """

    @classmethod
    @abstractmethod
    def at(cls, library: Library, key: str, place: str) -> Self:
        """One that was built; that it is there, and whole, is found out when it is checked or searched."""

    @classmethod
    @abstractmethod
    def drop(cls, catalog: str, method: str, place: str) -> None:
        """Delete what is there of a catalog's method.

        Raises:
            EngineError: that is not possible.
        """
