"""Built catalogs on disk: one folder each, with one manifest that is replaced last.

A folder holds the items, the thumbnails and each method's vectors in files named by their checksum, and
``manifest.json`` (see ``manifest``), which names those that belong together. Whoever reads the manifest sees one
complete state, before or after a build, never between.
"""

import hashlib
from collections import Counter
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog import Catalog, Excluded, Item
from fashion_search.catalog.demo import DEMO, DEMO_STORE
from fashion_search.catalog.request import TAKEN
from fashion_search.catalog.sources import open_pictures
from fashion_search.catalog.tree import FileTree, identify
from fashion_search.encoders import (
    MATCHED,
    Combination,
    EncoderSpec,
    Fingerprint,
    all_methods,
    base_method,
    encoder_spec,
    imported,
    index_name,
    index_of,
    is_method,
    order_name,
    order_of,
    reranked,
)
from fashion_search.errors import SourceError, StoreError, UnknownNameError
from fashion_search.files import folders_with, verified
from fashion_search.home import home
from fashion_search.index import IndexedLibrary, opened
from fashion_search.labels.confidence import Confidence
from fashion_search.labels.posterior import StylePosterior
from fashion_search.labels.rerank import RerankedLibrary
from fashion_search.library import Library
from fashion_search.manifest import EARLIER, FORMAT, MANIFEST, IndexEntry, Manifest, read_manifest
from fashion_search.matching import Keypoints, MatchedLibrary
from fashion_search.search import Ranking, confidence_of, encoder_of
from fashion_search.store_files import open_array, read_csv


class Store:
    """One built catalog, opened for reading. Files are verified when first used in a process."""

    def __init__(self, folder: Path, shipped: "Store | None" = None):
        """``shipped`` gives the libraries of the same catalog that ``folder`` does not have."""
        self.folder = folder
        self.manifest = read_manifest(folder)
        self._shipped = shipped
        self._combined: dict[str, Library] = {}
        self._keypoints: dict[str, Keypoints] = {}
        self._indexed: dict[str, IndexedLibrary] = {}
        self._posteriors: dict[str, StylePosterior] = {}

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def plain(self) -> "Store":
        """The catalog alone, without a query set."""
        return self

    @property
    def methods(self) -> dict[str, Fingerprint]:
        """The methods that can be searched, with what made their vectors; a combined one needs all its parts."""
        made_by = self._made_by
        usable = {}
        for spec in self._known:
            if all(part in made_by for part in spec.parts):
                parts = [made_by[part] for part in spec.parts]
                usable[spec.name] = spec.combines.fingerprint(parts) if spec.combines else parts[0]
        return usable

    @property
    def _known(self) -> list[EncoderSpec]:
        """All methods that may have a library here; one whose package or file is gone by now has none."""
        known = dict(all_methods())
        for name in (*self._made_by, *self._asked_for):
            if name not in known and is_method(name):
                known[name] = encoder_spec(name)
        return list(known.values())

    @property
    def _asked_for(self) -> tuple[str, ...]:
        """The methods made of others that were asked for here."""
        shipped = self._shipped.manifest.combined if self._shipped else ()
        return (*shipped, *self.manifest.combined)

    @property
    def combined(self) -> tuple[str, ...]:
        """The methods made of others that were asked for here and can be searched."""
        return tuple(dict.fromkeys(name for name in self._asked_for if name in self.methods))

    def is_combined(self, method: str) -> bool:
        """Whether a method's library is made of those of others."""
        return self._combination(method) is not None

    @property
    def _made_by(self) -> dict[str, Fingerprint]:
        """What made each library that has a file."""
        own = {name: entry.fingerprint for name, entry in self.manifest.libraries.items()}
        return self._shipped._made_by | own if self._shipped else own

    @property
    def indexed(self) -> dict[str, IndexEntry]:
        """The methods under an index that can be searched, and what was measured of each; none of an earlier state."""
        return self.manifest.indexes_of(self.methods)

    @cached_property
    def state(self) -> str:
        """A digest that changes when anything here does: the key for what is computed from it."""
        manifest = self.manifest
        made_by = sorted(fingerprint.digest for fingerprint in self.methods.values())
        indexes = [f"{name} {entry.key}" for name, entry in manifest.indexes.items()]
        parts = [manifest.catalog_fingerprint, *sorted(manifest.files()), *made_by, *sorted(indexes)]
        return hashlib.sha256(" ".join([*parts, self._shipped.state if self._shipped else ""]).encode()).hexdigest()

    @cached_property
    def catalog(self) -> Catalog:
        """The items.

        Raises:
            StoreError: damaged.
        """
        manifest = self.manifest
        rows = read_csv(self.folder, manifest.items)
        if manifest.format == EARLIER:
            rows = [[*row[:4], row[3], *row[4:]] for row in rows]  # what it calls a digest is the checksum
        labels = len(manifest.columns)
        try:
            items = tuple(
                Item(id, name, tuple(rest[:labels]), image, digest, checksum, *rest[labels:])
                for id, name, image, digest, checksum, *rest in rows
            )
        except (ValueError, TypeError) as error:
            raise StoreError(f"{self.folder}: a row is no item ({error}). Build the catalog again.") from error
        catalog = Catalog(manifest.name, manifest.title, manifest.columns, items)
        if catalog.fingerprint != manifest.catalog_fingerprint:
            raise StoreError(f"{self.folder}: the items are not those of the manifest. Build the catalog again.")
        return catalog

    def digests(self, now: Catalog) -> list[str | None]:
        """The digest of each row's picture, when what is here was made of it.

        An earlier version's checksum only tells which pictures to look at again: it stands for the digest of a
        picture in ``now`` where that has the same name and checksum, and no two pictures here share it.
        """
        items = self.catalog.items
        if self.manifest.format == FORMAT:
            return [item.digest for item in items]
        shared = Counter(item.checksum for item in items)
        known = {(item.image, item.checksum): item.digest for item in now.items}
        return [known.get((item.image, item.checksum)) if shared[item.checksum] == 1 else None for item in items]

    @cached_property
    def excluded(self) -> tuple[Excluded, ...]:
        """What the catalog leaves out."""
        rows = read_csv(self.folder, self.manifest.excluded)
        try:
            return tuple(Excluded(id, name, tuple(labels), reason) for id, name, reason, *labels in rows)
        except ValueError as error:
            raise StoreError(f"{self.folder}: a row left out is none ({error}). Build the catalog again.") from error

    def kept(self, method: str) -> tuple[list[tuple[str, str]], NDArray[np.float32]]:
        """Imported vectors that do not cover the catalog by now.

        Returns:
            The item's id and its picture's digest of each vector, and the vectors, shape (n, dim).

        Raises:
            StoreError: damaged.
        """
        entry = self.manifest.incomplete[method]
        pictures = [(id, digest) for id, digest in read_csv(self.folder, entry.items)]
        vectors = open_array(verified(self.folder, entry.vectors))
        if vectors.ndim != 2 or len(vectors) != len(pictures) or vectors.dtype != np.float32:
            raise StoreError(f"{self.folder}: the vectors kept of {method} are not those of its items.")
        return pictures, vectors

    def library(self, method: str) -> Library:
        """A method's library, its vectors read-only: memory-mapped, or made once of the libraries it combines.

        That of a re-ranked method has the vectors of the method that it re-ranks, and so has that of one under an
        index.

        Raises:
            UnknownNameError: not built for this catalog, or there is no such order or index.
            StoreError: damaged, or not of this catalog.
            WeightsError, ForeignVectorsError: of a method ordered by keypoints, as ``search.encoder_of``.
            MissingPackageError: what an index needs is not installed.
            EngineError: an index that is kept elsewhere cannot be searched.
            UnlabelledError: a re-ranked method of a catalog without labels.
        """
        if order_name(method) == MATCHED.name:
            return self._matched(base_method(method))
        if order_name(method):
            return RerankedLibrary.of(self.posterior(base_method(method)), order_of(method))
        if index_name(method):
            if method not in self._indexed:
                self._indexed[method] = self._under_index(method)
            self._indexed[method].engine.check()
            return self._indexed[method]
        combination = self._combination(method)
        if combination is not None:
            if method not in self._combined:
                self._combined[method] = self._combine(combination)
            return self._combined[method]
        return self._of_file(method)

    def _of_file(self, method: str) -> Library:
        """The library of a method that is made of no other."""
        if self._shipped and method not in self.manifest.libraries:
            return self._shipped.library(method)
        try:
            entry = self.manifest.libraries[method]
        except KeyError:
            raise self._not_built(method) from None
        vectors = open_array(verified(self.folder, entry.vectors))
        if vectors.ndim != 2 or len(vectors) != len(self.catalog.items) or vectors.dtype != np.float32:
            raise StoreError(
                f"{self.folder}: the library of {method} has {len(vectors):,} vectors of {vectors.dtype}, the catalog "
                f"{len(self.catalog.items):,} items. Build the catalog again."
            )
        return Library(self.catalog, entry.fingerprint, vectors)

    def _matched(self, method: str) -> Library:
        encoder_spec(reranked(method, MATCHED.name))  # refuses a method without keypoints
        library = self.library(method)
        if method not in self._keypoints:
            self._keypoints[method] = Keypoints(encoder_of(library), self.thumbnail)
        return MatchedLibrary.of(library, MATCHED, self._keypoints[method])

    def _not_built(self, method: str) -> UnknownNameError:
        base = base_method(method)
        if base not in self.methods and is_method(base) and not (spec := encoder_spec(base)).encodes:
            return UnknownNameError(imported.how_to_import(base, spec.title, self.name))
        title, command = self.manifest.title, self.manifest.rebuild(method).command
        return UnknownNameError(f"“{title}” has no library of {method!r}. Build it: {command}")

    def _under_index(self, method: str) -> IndexedLibrary:
        if (entry := self.indexed.get(method)) is None:
            raise self._not_built(method)
        stored = open_array(verified(self.folder, entry.file)) if entry.file else None
        return opened(self.library(base_method(method)), index_of(method), stored, entry.place)

    def posterior(self, method: str) -> StylePosterior:
        """What tells the style group of a query from a method's vectors and the catalog's labels.

        Raises:
            UnknownNameError, StoreError: as ``library``.
            UnlabelledError: the catalog has no labels.
        """
        if method not in self._posteriors:
            self._posteriors[method] = StylePosterior.of(self.library(method))
        return self._posteriors[method]

    def confidence(self, ranking: Ranking, gallery: NDArray[np.bool_], k: int) -> Confidence | None:
        """How far to trust the first k results of a ranking; nothing is said of a catalog without labels.

        ``gallery``: the mask that was searched, shape (n,).
        """
        if not self.manifest.columns:
            return None
        return confidence_of(ranking, self.posterior(base_method(ranking.library.method)), gallery, k)

    def _combination(self, method: str) -> Combination | None:
        """How a method is made of others, where all of them are here."""
        try:
            combination = encoder_spec(method).combines
        except UnknownNameError:
            return None
        made_by = self._made_by
        return combination if combination and all(part in made_by for part in combination.parts) else None

    def _combine(self, combination: Combination) -> Library:
        parts = [self.library(part) for part in combination.parts]
        vectors = combination.vectors([part.vectors for part in parts])
        vectors.flags.writeable = False
        return Library(self.catalog, combination.fingerprint([part.fingerprint for part in parts]), vectors)

    @cached_property
    def _thumbnails(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        pixels = open_array(verified(self.folder, self.manifest.thumbnails))
        ends = open_array(verified(self.folder, self.manifest.thumbnail_ends))
        if len(ends) != self.manifest.n_items or (len(ends) and ends[-1] != len(pixels)):
            raise StoreError(f"{self.folder}: the thumbnails are not those of the items. Build the catalog again.")
        return pixels, ends

    def thumbnail(self, row: int) -> bytes:
        """The small WebP of an item, made when the catalog was built."""
        data, ends = self._thumbnails
        start = int(ends[row - 1]) if row else 0
        return data[start : int(ends[row])].tobytes()

    def tree(self) -> FileTree:
        """Where the source keeps the original pictures.

        Raises:
            SourceError: it is no longer there.
        """
        return open_pictures(self.manifest.source_kind, self.manifest.source_path)

    def original(self, row: int, tree: FileTree) -> bytes:
        """The picture of an item as the source keeps it, in ``self.tree()``.

        Raises:
            SourceError: it is gone, or is another picture now.
        """
        item = self.catalog.items[row]
        data = tree.read_image(item.image) if item.image in tree else b""
        if item.digest not in identify(data):  # an earlier version's is a checksum
            raise SourceError(
                f"The original of item {item.id} is no longer in {tree.path}, or has changed. Build the catalog again."
            )
        return data


QUERIES = "queries"  # the folder of a catalog's query sets, each a store of its own


def query_sets(store: Store) -> dict[str, tuple[Path, ...]]:
    """The query sets of a catalog by name: where each lies, one that was built here before the one that is shipped."""
    places = [home() / store.name, *([DEMO_STORE] if store.name == DEMO else [])]
    found: dict[str, tuple[Path, ...]] = {}
    for folder in places:
        for place in folders_with(folder / QUERIES, MANIFEST):
            found[place.name] = (*found.get(place.name, ()), place)
    return found


def open_queries(store: Store, name: str) -> Store:
    """A query set of a catalog, by name.

    Raises:
        UnknownNameError: there is none of this name.
        StoreError: damaged.
    """
    known = query_sets(store)
    if name not in known:
        there = f"Its query sets: {', '.join(known)}." if known else "It has none."
        raise UnknownNameError(f"“{store.manifest.title}” has no query set {name!r}. {there}")
    folder, *behind = known[name]
    return _with_shipped(folder, behind[0]) if behind else Store(folder)


def catalog_names(with_unfinished: bool = False) -> list[str]:
    """The built catalogs, the demo first; ``with_unfinished`` also those whose first build did not end yet.

    Raises:
        StoreError: their folder cannot be read.
    """
    found = {folder.name for folder in folders_with(home(), "*.json" if with_unfinished else MANIFEST)}
    return [DEMO, *sorted(name for name in found - {DEMO, *TAKEN} if not name.startswith("."))]


def outdated_manifest(name: str) -> Manifest | None:
    """The manifest of a catalog that an earlier version built here; None where there is nothing to do about it."""
    try:
        manifest = read_manifest(home() / name)
    except StoreError:  # the shipped demo; or damaged, which opening it tells
        return None
    return manifest if manifest.advice else None


def open_store(name: str) -> Store:
    """Open a built catalog by name. Libraries of the demo that were rebuilt here take precedence over the shipped.

    Raises:
        UnknownNameError: there is none of this name.
        StoreError: it is damaged.
    """
    if name not in (known := catalog_names()):
        raise UnknownNameError(f"There is no catalog {name!r}. The catalogs are: {', '.join(known)}.")
    return Store(home() / name) if name != DEMO else _with_shipped(home() / DEMO, DEMO_STORE)


def _with_shipped(folder: Path, shipped_in: Path) -> Store:
    """What was rebuilt in ``folder``, with what is shipped behind it; either alone where need be."""
    try:
        shipped = Store(shipped_in)
    except StoreError:
        return Store(folder)
    try:
        rebuilt = Store(folder, shipped)
    except StoreError:  # none, or damaged: what is shipped serves, and a build replaces it
        return shipped
    if rebuilt.manifest.source_path != shipped.manifest.source_path:  # a query set that replaces the shipped one
        return Store(folder)
    same = rebuilt.manifest.catalog_fingerprint == shipped.manifest.catalog_fingerprint
    return rebuilt if same else shipped
