"""A catalog together with one of its query sets: a store whose last rows are queries."""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from fashion_search.catalog import Protocol
from fashion_search.catalog.query_sets import CatalogWithQueries, with_queries
from fashion_search.encoders import base_method, encoder_spec
from fashion_search.errors import ForeignVectorsError, UnknownNameError
from fashion_search.index import IndexedLibrary
from fashion_search.joined_store import JoinedStore
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


class StoreWithQueries(JoinedStore):
    """A catalog's store with the usable pictures of a query set after its items.

    Libraries compare queries with the catalog's items alone.
    """

    @property
    def queries(self) -> Store:
        """The query set."""
        return self._other

    @cached_property
    def catalog(self) -> CatalogWithQueries:
        return with_queries(self.plain.catalog, self.queries.catalog)

    @property
    def _taken(self) -> Sequence[int]:
        return self.catalog.asked

    def _foreign(self, method: str) -> ForeignVectorsError:
        return ForeignVectorsError(
            f"The query set “{self.queries.name}” was encoded by {encoder_spec(method).title} with other weights "
            f"than the catalog. Add it again: {self.how_to_add}"
        )

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
