"""A catalog together with one of its query sets: a store whose last rows are queries."""

from collections import Counter
from functools import cached_property

import numpy as np

from fashion_search.catalog import Protocol
from fashion_search.catalog.query_sets import CatalogWithQueries, with_queries
from fashion_search.catalog.tree import FileTree
from fashion_search.encoders import Fingerprint, base_method, encoder_spec
from fashion_search.errors import ForeignVectorsError, UnknownNameError
from fashion_search.index import IndexedLibrary
from fashion_search.library import Library
from fashion_search.store import Store, open_queries


def under(store: Store, protocol: Protocol) -> Store:
    """The store that a protocol is evaluated on: the catalog's own, or that together with a query set.

    Raises:
        UnknownNameError: the catalog has no such query set.
        StoreError: it is damaged.
        SourceError: the catalog groups by other columns than the query set says.
    """
    if isinstance(store, StoreWithQueries) and store.queries.name == protocol.queries:
        return store
    if not protocol.queries:
        return store.plain
    return StoreWithQueries(store.plain, open_queries(store.plain, protocol.queries))


def left_out(store: Store) -> Counter[str]:
    """Why pictures of a query set are no queries here, and how many; empty for a catalog alone."""
    if not isinstance(store, StoreWithQueries):
        return Counter()
    reasons = Counter(row.reason for row in store.catalog.left_out)
    return Counter(dict((Counter(store.queries.manifest.excluded_by_reason) + reasons).most_common()))


def notes(store: Store) -> tuple[str, ...]:
    """What whoever reads a query set's figures should know, such as pictures that the catalog has too."""
    return tuple(store.queries.manifest.notes) if isinstance(store, StoreWithQueries) else ()


class StoreWithQueries(Store):
    """A catalog's store with the usable pictures of a query set after its items.

    Whatever is made of vectors, pictures and labels is made here as in any store; libraries compare queries with the
    catalog's items alone.
    """

    def __init__(self, plain: Store, queries: Store):
        super().__init__(plain.folder, plain._shipped)
        self.manifest = plain.manifest
        self._plain = plain
        self.queries = queries
        self._files: dict[str, Library] = {}

    @property
    def plain(self) -> Store:
        return self._plain

    @cached_property
    def state(self) -> str:
        return f"{self.plain.state} {self.queries.name} {self.queries.state}"

    @cached_property
    def catalog(self) -> CatalogWithQueries:
        return with_queries(self.plain.catalog, self.queries.catalog)

    @property
    def _made_by(self) -> dict[str, Fingerprint]:
        """Of the methods that both have, made with the same weights."""
        theirs = self.queries._made_by
        return {
            name: maker for name, maker in super()._made_by.items() if name in theirs and theirs[name].matches(maker)
        }

    @property
    def lacking(self) -> list[str]:
        """The methods of the catalog that the query set has no vectors of, or of other weights."""
        return [method for method in self.plain.methods if method not in self.methods]

    def _of_file(self, method: str) -> Library:
        if method not in self._files:
            self._files[method] = self._joined(method)
        return self._files[method]

    def _joined(self, method: str) -> Library:
        items = self.plain.library(method)
        try:
            queries = self.queries.library(method)
        except UnknownNameError:
            raise self._not_built(method) from None
        if not queries.fingerprint.matches(items.fingerprint):
            raise ForeignVectorsError(
                f"The query set “{self.queries.name}” was encoded by {encoder_spec(method).title} with other weights "
                f"than the catalog. Add it again: {self.how_to_add}"
            )
        vectors = np.concatenate([items.vectors, queries.vectors[list(self.catalog.asked)]])
        vectors.flags.writeable = False
        return Library(self.catalog, items.fingerprint, vectors)

    @property
    def how_to_add(self) -> str:
        """The command that brings the query set up to date."""
        return self.queries.manifest.rebuild().command

    def _not_built(self, method: str) -> UnknownNameError:
        base = base_method(method)
        if base not in self.plain.methods:
            return self.plain._not_built(method)
        title = encoder_spec(base).title
        if not encoder_spec(base).encodes:
            return UnknownNameError(f"{title} was imported as vectors, so that it cannot encode a query set.")
        return UnknownNameError(
            f"The query set “{self.queries.name}” is not encoded by {title} yet. Encode it: {self.how_to_add}"
        )

    def _under_index(self, method: str) -> IndexedLibrary:
        """The catalog's own index; it lists items for queries of any kind."""
        found = self.plain.library(method)
        assert isinstance(found, IndexedLibrary)
        return IndexedLibrary.of(self.library(base_method(method)), found.index, found.engine)

    def thumbnail(self, row: int) -> bytes:
        n = self.catalog.n_items
        return self.plain.thumbnail(row) if row < n else self.queries.thumbnail(self.catalog.asked[row - n])

    @cached_property
    def _tree_of_queries(self) -> FileTree:
        return self.queries.tree()

    def original(self, row: int, tree: FileTree) -> bytes:
        n = self.catalog.n_items
        if row < n:
            return super().original(row, tree)
        return self.queries.original(self.catalog.asked[row - n], self._tree_of_queries)
