"""A catalog's store with rows of another store after its own."""

from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from fashion_search.catalog.tree import FileTree
from fashion_search.encoders import Fingerprint
from fashion_search.errors import ForeignVectorsError, UnknownNameError
from fashion_search.library import Library
from fashion_search.store import Store


class JoinedStore(Store):
    """Whatever is made of vectors, pictures and labels is made here as in any store, in the rows of both."""

    def __init__(self, plain: Store, other: Store):
        super().__init__(plain.folder, plain._shipped)
        self.manifest = plain.manifest
        self._plain = plain
        self._other = other
        self._files: dict[str, Library] = {}

    @property
    def plain(self) -> Store:
        return self._plain

    @cached_property
    def state(self) -> str:
        return f"{self.plain.state} {self._other.name} {self._other.state}"

    @property
    @abstractmethod
    def _taken(self) -> Sequence[int]:
        """The rows of the other store, in the order in which they stand after the catalog's."""

    @abstractmethod
    def _foreign(self, method: str) -> ForeignVectorsError:
        """That the other store was encoded by a method with other weights, and what to do."""

    @property
    def _made_by(self) -> dict[str, Fingerprint]:
        """Of the methods that both have, made with the same weights."""
        theirs = self._other._made_by
        return {
            name: maker for name, maker in super()._made_by.items() if name in theirs and theirs[name].matches(maker)
        }

    @property
    def lacking(self) -> list[str]:
        """The methods of the catalog that the other store has no vectors of, or of other weights."""
        return [method for method in self.plain.methods if method not in self.methods]

    def _of_file(self, method: str) -> Library:
        if method not in self._files:
            self._files[method] = self._joined(method)
        return self._files[method]

    def _joined(self, method: str) -> Library:
        items = self.plain.library(method)
        try:
            others = self._other.library(method)
        except UnknownNameError:
            raise self._not_built(method) from None
        if not others.fingerprint.matches(items.fingerprint):
            raise self._foreign(method)
        vectors = np.concatenate([items.vectors, others.vectors[list(self._taken)]])
        vectors.flags.writeable = False
        return Library(self.catalog, items.fingerprint, vectors)

    def thumbnail(self, row: int) -> bytes:
        n = len(self.plain.catalog.items)
        return self.plain.thumbnail(row) if row < n else self._other.thumbnail(self._taken[row - n])

    @cached_property
    def _other_tree(self) -> FileTree:
        return self._other.tree()

    def original(self, row: int, tree: FileTree) -> bytes:
        n = len(self.plain.catalog.items)
        if row < n:
            return super().original(row, tree)
        return self._other.original(self._taken[row - n], self._other_tree)
