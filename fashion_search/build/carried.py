"""Imported vectors in a build: nothing makes them anew, so they are carried over, each with its item."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog import Catalog
from fashion_search.encoders import Fingerprint
from fashion_search.evaluation.words import examples
from fashion_search.files import stem_of
from fashion_search.manifest import IncompleteEntry, LibraryEntry
from fashion_search.store_files import write_array, write_pictures

Picture = tuple[str, str]
"""An item's id and the digest of its picture: of two items with equal pictures, each has a vector of its own."""


@dataclass(frozen=True)
class Carried:
    """The imported vectors of a method, shape (dim,) each, by the picture that each is of."""

    fingerprint: Fingerprint
    vectors: Mapping[Picture, NDArray[np.float32]]

    @property
    def method(self) -> str:
        return self.fingerprint.method

    def lacking(self, catalog: Catalog) -> list[str]:
        """The ids of the items that have no vector."""
        return [item.id for item in catalog.items if (item.id, item.digest) not in self.vectors]

    def problem(self, catalog: Catalog) -> str:
        """In a sentence, what keeps the catalog from being searched by it; empty where nothing does."""
        lacking = self.lacking(catalog)
        if not lacking:
            return ""
        who = "1 item has" if len(lacking) == 1 else f"{len(lacking):,} of {len(catalog.items):,} items have"
        return (
            f"{who} no imported vector under {self.method!r}, or another picture by now: {examples(lacking)}. What was "
            "imported is kept; import the vectors of all items again with --replace."
        )

    def library(self, catalog: Catalog, folder: Path) -> LibraryEntry:
        """Write the library of a catalog whose items all have a vector."""
        rows = np.stack([self.vectors[item.id, item.digest] for item in catalog.items])
        return LibraryEntry(self.fingerprint, write_array(folder, stem_of(self.method), rows), 0.0)

    def kept(self, folder: Path) -> IncompleteEntry:
        """Write all vectors with their items, for a later build or import."""
        rows = np.stack(list(self.vectors.values()))
        stem = stem_of(self.method)
        return IncompleteEntry(
            self.fingerprint,
            write_array(folder, f"{stem}-kept", rows),
            write_pictures(folder, f"{stem}-kept", list(self.vectors)),
        )
