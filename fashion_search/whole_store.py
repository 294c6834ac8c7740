"""The whole shop: a catalog together with what it leaves out for the size of its style group.

That rest is a store of its own in the catalog's folder, built by the same builder. Search can have both together;
figures, evaluations and everything else are of the catalog alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog import Catalog
from fashion_search.encoders import base_method, encoder_spec, parts_of
from fashion_search.errors import ForeignVectorsError, StoreError, UnknownNameError
from fashion_search.home import home
from fashion_search.index import IndexedLibrary
from fashion_search.joined_store import JoinedStore
from fashion_search.labels.confidence import Confidence
from fashion_search.manifest import MANIFEST, IndexEntry
from fashion_search.search import Ranking
from fashion_search.store import Store

REST = "rest"  # the folder of what a catalog leaves out for the size of its style group, a store


def rest_folder(name: str) -> Path:
    """Where the rest of a catalog lies, if there is one."""
    return home() / name / REST


def has_rest(store: Store) -> bool:
    """Whether the whole shop of a catalog can be searched."""
    return (rest_folder(store.name) / MANIFEST).is_file()


def open_rest(store: Store) -> Store | None:
    """What a catalog leaves out for size; None where it was not built.

    Raises:
        StoreError: damaged.
    """
    return Store(rest_folder(store.name)) if has_rest(store) else None


def how_to_build_whole(store: Store) -> str:
    """The command that makes the whole shop of a catalog searchable."""
    methods = [method for method in parts_of(store.methods) if encoder_spec(method).encodes]
    return replace(store.manifest.rebuild(*methods), all_items=True).command


def about_rest(store: Store) -> tuple[int | None, str]:
    """How many images of the rest can be searched, None where it was not built; and what is wrong with it, if anything.

    A rest that is damaged keeps nobody from the catalog.
    """
    try:
        rest = open_rest(store)
        return (rest.manifest.n_items if rest else None), ""
    except StoreError as error:
        return None, f"The rest of the shop cannot be read: {error}"


def whole(store: Store) -> "WholeStore":
    """A catalog together with its rest.

    Raises:
        UnknownNameError: its rest was never built.
        StoreError: that is damaged, or of an earlier state of the catalog.
    """
    plain = store.plain
    if (rest := open_rest(plain)) is None:
        raise UnknownNameError(
            f"The whole shop of “{plain.manifest.title}” is not built. Build it: {how_to_build_whole(plain)}"
        )
    return WholeStore(plain, rest)


class WholeStore(JoinedStore):
    """A catalog's store with the rest of the shop after its items; all of them can be found and searched with."""

    @property
    def rest(self) -> Store:
        """What the catalog leaves out."""
        return self._other

    @cached_property
    def catalog(self) -> Catalog:
        plain, rest = self.plain.catalog, self.rest.catalog
        ids = {item.id for item in plain.items}
        if rest.columns != plain.columns or any(item.id in ids for item in rest.items):
            raise StoreError(
                f"The rest of “{plain.title}” is of an earlier state of the catalog. Build it again: "
                f"{self.how_to_build}"
            )
        return replace(plain, items=(*plain.items, *rest.items))

    @property
    def how_to_build(self) -> str:
        """The command that brings the catalog and its rest up to date."""
        return self.rest.manifest.rebuild().command

    @cached_property
    def _taken(self) -> Sequence[int]:
        return range(len(self.rest.catalog.items))

    def is_evaluated(self, row: int) -> bool:
        """Whether a row is an item of the catalog, and not of the rest, of which no figure knows."""
        return row < self.plain.catalog.n_items

    def confidence(self, ranking: Ranking, gallery: NDArray[np.bool_], k: int) -> Confidence | None:
        """Nothing: how far to trust results was fitted to catalogs whose style groups are of bounded size."""
        return None

    def _foreign(self, method: str) -> ForeignVectorsError:
        return ForeignVectorsError(
            f"The rest of “{self.manifest.title}” was encoded by {encoder_spec(method).title} with other weights than "
            f"the catalog. Build it again: {self.how_to_build}"
        )

    def _not_built(self, method: str) -> UnknownNameError:
        base = base_method(method)
        if base not in self.plain.methods:
            return self.plain._not_built(method)
        title = encoder_spec(base).title
        if not encoder_spec(base).encodes:
            return UnknownNameError(f"{title} was imported as vectors, which the rest of the shop does not have.")
        return UnknownNameError(f"The rest of the shop is not encoded by {title} yet. Encode it: {self.how_to_build}")

    @property
    def indexed(self) -> dict[str, IndexEntry]:
        """None: an index lists the catalog's items alone."""
        return {}

    def _under_index(self, method: str) -> IndexedLibrary:
        raise UnknownNameError(about_index(method))


def about_index(method: str) -> str:
    """Why a method under an index does not search the whole shop, in a sentence."""
    return f"{encoder_spec(method).title} lists the catalog’s items alone; the whole shop is searched without an index."
