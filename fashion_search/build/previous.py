"""What a build can reuse: the catalog's own last state and, for the demo, the shipped libraries."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fashion_search.build.carried import Carried, Picture
from fashion_search.build.libraries import is_imported
from fashion_search.catalog import Catalog
from fashion_search.catalog.demo import DEMO, DEMO_STORE
from fashion_search.encoders import Fingerprint, is_method
from fashion_search.errors import StoreError
from fashion_search.manifest import MANIFEST, IndexEntry, LibraryEntry
from fashion_search.store import Store


class Previous:
    """Thumbnails and vectors of earlier states, by digest of their picture; ``notes`` say what is damaged."""

    def __init__(self, folder: Path, catalog: Catalog):
        """``catalog`` is what is being built."""
        self.notes: list[str] = []
        self._catalog = catalog
        self._vectors: dict[str, dict[str, bytes]] = {}  # by the digest of the encoder's fingerprint
        self._own: Store | None = self._open(folder)
        stores = [self._own, self._open(DEMO_STORE) if catalog.name == DEMO and folder != DEMO_STORE else None]
        self._stores = [store for store in stores if store is not None]

    def _open(self, folder: Path) -> Store | None:
        try:
            return Store(folder) if (folder / MANIFEST).is_file() else None
        except StoreError as error:
            self.notes.append(f"The previous build is not reused: {error}")
            return None

    @property
    def methods(self) -> list[str]:
        """Those that the catalog has, and would lose if they were not built again."""
        return list(self._own.manifest.libraries) if self._own else []

    @cached_property
    def carried(self) -> dict[str, Carried]:
        """The imported vectors that the catalog has or had, by method; no build can make them again."""
        return {method: Carried(*made) for method, made in self._imported().items() if made[1]}

    def _imported(self) -> dict[str, tuple[Fingerprint, dict[Picture, NDArray[np.float32]]]]:
        found: dict[str, tuple[Fingerprint, dict[Picture, NDArray[np.float32]]]] = {}
        if self._own is None:
            return found
        manifest = self._own.manifest
        for method, entry in manifest.libraries.items():
            if is_imported(entry.fingerprint):
                pictures = [(item.id, item.digest) for item in self._own.catalog.items]
                found[method] = entry.fingerprint, self._by_picture(method, pictures)
        for method, kept in manifest.incomplete.items():
            found[method] = kept.fingerprint, self._by_picture(method)
        return found

    def _by_picture(self, method: str, pictures: Sequence[Picture] | None = None) -> dict[Picture, NDArray[np.float32]]:
        """A method's imported vectors, all of the catalog's items or those that were kept; none where damaged."""
        assert self._own is not None
        try:
            if pictures is not None:
                vectors = self._own.library(method).vectors
            else:
                pictures, vectors = self._own.kept(method)
        except StoreError as error:
            self.notes.append(f"{method} has to be imported again: {error}")
            return {}
        return dict(zip(pictures, vectors, strict=True))

    @property
    def combined(self) -> tuple[str, ...]:
        """The methods made of others that were asked for, as far as they are known today."""
        return tuple(name for name in self._own.manifest.combined if is_method(name)) if self._own else ()

    @property
    def indexes(self) -> dict[str, IndexEntry]:
        """What the catalog is searched by besides, as far as it is known today; of another state they are not used."""
        indexes = self._own.manifest.indexes if self._own else {}
        return {name: entry for name, entry in indexes.items() if is_method(name)}

    @property
    def shipped(self) -> set[str]:
        """The methods that the catalog is shipped with; only the demo is."""
        return {method for store in self._stores if store is not self._own for method in store.manifest.libraries}

    @property
    def files(self) -> set[str]:
        """The names of the files of the catalog's last state: who opened it may still read them."""
        return self._own.manifest.files() if self._own else set()

    @cached_property
    def thumbnails(self) -> dict[str, bytes]:
        """Those that were made."""
        known: dict[str, bytes] = {}
        for store in self._stores:
            try:
                for digest, row in self._rows(store):
                    known.setdefault(digest, store.thumbnail(row))
            except StoreError as error:
                self.notes.append(f"Thumbnails are made again: {error}")
        return known

    def entries(self, method: str) -> list[LibraryEntry]:
        """A method's libraries."""
        return [store.manifest.libraries[method] for store in self._stores if method in store.manifest.libraries]

    def maker_of_all(self, method: str) -> Fingerprint | None:
        """What made a method's vectors, if those cover the catalog: then its weights are not needed."""
        wanted = {item.digest for item in self._catalog.items}
        makers = [entry.fingerprint for entry in self.entries(method)]
        return next((maker for maker in makers if wanted <= self.vectors(maker).keys()), None)

    def vectors(self, fingerprint: Fingerprint) -> dict[str, bytes]:
        """Those that an encoder made; read once."""
        if fingerprint.digest not in self._vectors:
            self._vectors[fingerprint.digest] = self._read_vectors(fingerprint)
        return self._vectors[fingerprint.digest]

    def _read_vectors(self, fingerprint: Fingerprint) -> dict[str, bytes]:
        known: dict[str, bytes] = {}
        for store in self._stores:
            entry = store.manifest.libraries.get(fingerprint.method)
            if entry is None or not entry.fingerprint.matches(fingerprint):
                continue
            try:
                vectors = store.library(fingerprint.method).vectors
            except StoreError as error:
                self.notes.append(f"{fingerprint.method} is encoded again: {error}")
                continue
            for digest, row in self._rows(store):
                known.setdefault(digest, vectors[row].tobytes())
        return known

    def _rows(self, store: Store) -> Iterator[tuple[str, int]]:
        """The rows that can be reused, each with the digest of its picture."""
        for row, digest in enumerate(store.digests(self._catalog)):
            if digest is not None:
                yield digest, row
