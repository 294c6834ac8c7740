"""What pages load, once per process: catalogs, encoders, splits, examples and figures."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from fashion_search.catalog import Protocol, Split, draw_split
from fashion_search.catalog.demo import DEMO, DEMO_STORE
from fashion_search.catalog.tree import FileTree
from fashion_search.encoders import Encoder, Fingerprint, encoder_spec
from fashion_search.errors import StoreError
from fashion_search.evaluation import saved, scores
from fashion_search.evaluation.measures import MEASURES
from fashion_search.evaluation.rankings import Rankings
from fashion_search.evaluation.scores import Figure, SeedScores
from fashion_search.evaluation.statistics import Comparison, GroupedQueries, compare
from fashion_search.evaluation.verdict_file import open_verdicts
from fashion_search.evaluation.verdicts import NO_VERDICTS, Applied, apply
from fashion_search.home import home
from fashion_search.images import open_image
from fashion_search.store import MANIFEST, Store, open_store, read_manifest

_K = 5  # examples: the paper's


def store(name: str) -> Store:
    """A built catalog; opened again when a build has replaced it.

    Raises:
        UnknownNameError, StoreError: as ``open_store``.
    """
    return _store(name, tuple(_modified(folder / MANIFEST) for folder in (home() / name, DEMO_STORE)))


def title(name: str) -> str:
    """A catalog's title; its name where it cannot be read."""
    folder = DEMO_STORE if name == DEMO else home() / name
    return _title(folder, name, _modified(folder / MANIFEST))


@st.cache_data(max_entries=200, show_spinner=False)
def _title(folder: Path, name: str, modified: int) -> str:
    try:
        return read_manifest(folder).title
    except StoreError:
        return name


def _modified(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


@st.cache_resource(max_entries=4, show_spinner=False)
def _store(name: str, modified: tuple[int, ...]) -> Store:
    return open_store(name)


def encoder(fingerprint: Fingerprint) -> Encoder:
    """The encoder of a method with just these weights; loaded once.

    Raises:
        WeightsError: the weights are not at hand.
    """
    return _encoder(fingerprint.method, fingerprint.digest)


@st.cache_resource(max_entries=4, show_spinner="Loading the network …")
def _encoder(method: str, digest: str) -> Encoder:
    return encoder_spec(method).load()


@st.cache_resource(max_entries=4, show_spinner="Opening the pictures …")
def tree(_store: Store, state: str) -> FileTree:
    """Where a catalog's original pictures are.

    Raises:
        SourceError: no longer there.
    """
    return _store.tree()


def original(catalog_store: Store, row: int) -> Image.Image:
    """An item's original picture.

    Raises:
        SourceError, ImageError: it is gone, has changed, or cannot be read.
    """
    return open_image(catalog_store.original(row, tree(catalog_store, catalog_store.state)))


def split(store: Store, state: str, protocol: Protocol, seed: int, verdicts: Applied = NO_VERDICTS) -> Split:
    """Queries and gallery, without what has a wrong label; ``state`` is the store's."""
    return _split(store, state, protocol, seed, verdicts, verdicts.digest)


@st.cache_resource(max_entries=16, show_spinner=False)
def _split(_store: Store, state: str, protocol: Protocol, seed: int, _verdicts: Applied, digest: str) -> Split:
    return draw_split(_store.catalog, protocol, seed, _verdicts.removed)


@dataclass(frozen=True)
class Example:
    """A telling query: what it shows, and the item's id."""

    label: str
    item_id: str


@st.cache_data(max_entries=16, show_spinner=False)
def examples(_store: Store, state: str, protocol: Protocol, seed: int, methods: tuple[str, ...]) -> list[Example]:
    """Up to three queries, one for each pattern of the paper (Figs. 4 to 6) between two methods, or of one alone.

    Of all queries of a pattern, the one where the methods differ most; where neither hits, one whose style
    group is large.
    """
    if not methods:
        return []
    catalog = _store.catalog
    first = [rankings(_store, state, method, protocol, seed) for method in methods[:2]]
    correct = [method.relevant[:, :_K].sum(axis=1) for method in first]
    titles = [encoder_spec(method).title for method in methods[:2]]
    queries = first[0].queries
    sizes = np.array([len(catalog.groups[code].rows) for code in catalog.group_of[queries]])
    if len(correct) == 1:
        patterns = [(f"{titles[0]} is right", correct[0]), (f"{titles[0]} misses", (correct[0] == 0) * sizes)]
    else:
        patterns = [
            (f"Only {titles[1]} hits", (correct[0] == 0) * correct[1]),
            (f"Only {titles[0]} hits", (correct[1] == 0) * correct[0]),
            ("Neither hits", ((correct[0] == 0) & (correct[1] == 0)) * sizes),
        ]
    return [Example(label, catalog.items[queries[telling.argmax()]].id) for label, telling in patterns if telling.any()]


def verdicts(catalog_store: Store) -> Applied:
    """What people said of this catalog's results, as it stands now.

    Raises:
        StoreError: the file of verdicts cannot be read.
    """
    return apply(open_verdicts(catalog_store.name).all(), catalog_store.catalog)


def rankings(
    store: Store, state: str, method: str, protocol: Protocol, seed: int, verdicts: Applied = NO_VERDICTS
) -> Rankings:
    """A method's rankings under a split, evaluated once and stored; ``state`` is the store's."""
    seed = 0 if protocol is Protocol.LEAVE_ONE_OUT else seed
    return _rankings(store, state, method, protocol, seed, verdicts, verdicts.digest)


@st.cache_resource(max_entries=12, show_spinner="Evaluating …")
def _rankings(
    _store: Store, state: str, method: str, protocol: Protocol, seed: int, _verdicts: Applied, digest: str
) -> Rankings:
    chosen = split(_store, state, protocol, seed, _verdicts)
    return saved.rankings(saved.folder_of(_store.name), _store.library(method), chosen, _verdicts)


def spread(store: Store, state: str, method: str, verdicts: Applied = NO_VERDICTS) -> SeedScores:
    """Means of one query per group over split seeds, evaluated once and stored."""
    return _spread(store, state, method, verdicts, verdicts.digest)


@st.cache_resource(max_entries=24, show_spinner="Evaluating 20 splits …")
def _spread(_store: Store, state: str, method: str, _verdicts: Applied, digest: str) -> SeedScores:
    return saved.spread(saved.folder_of(_store.name), _store.library(method), _verdicts)


@st.cache_data(max_entries=128, show_spinner="Evaluating …")
def figures(
    _store: Store, state: str, method: str, protocol: Protocol, seed: int, k: int, _verdicts: Applied, digest: str
) -> dict[str, Figure]:
    """Every measure of one method at k, with intervals."""
    ranked = rankings(_store, state, method, protocol, seed, _verdicts)
    return scores.figures(ranked, grouped_queries(_store, state, ranked.queries), k)


def grouped_queries(store: Store, state: str, queries: NDArray[np.intp]) -> GroupedQueries:
    """Queries by style group, whose draws are made once."""
    return _grouped_queries(store, state, queries.tobytes())


@st.cache_resource(max_entries=8, show_spinner=False)
def _grouped_queries(_store: Store, state: str, queries: bytes) -> GroupedQueries:
    return GroupedQueries(_store.catalog.group_of[np.frombuffer(queries, dtype=np.intp)])


@st.cache_data(max_entries=64, show_spinner="Comparing …")
def comparisons(
    _store: Store,
    state: str,
    methods: tuple[str, ...],
    protocol: Protocol,
    seed: int,
    measure: str,
    k: int,
    _verdicts: Applied,
    digest: str,
) -> list[Comparison]:
    """Every two methods on one measure."""
    ranked = {method: rankings(_store, state, method, protocol, seed, _verdicts) for method in methods}
    values = {method: MEASURES[measure].of(one, k) for method, one in ranked.items()}
    return compare(values, grouped_queries(_store, state, next(iter(ranked.values())).queries))
