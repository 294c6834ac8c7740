"""What pages load, once per process: catalogs, encoders, splits, evaluations and examples."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from fashion_search import query_store, whole_store
from fashion_search.cases import Case, CaseList, open_cases
from fashion_search.catalog import EVERYTHING, PROTOCOLS, Filter, Protocol, Split, draw_split
from fashion_search.catalog.demo import DEMO, DEMO_STORE
from fashion_search.catalog.relevance import NO_VERDICTS, Applied
from fashion_search.catalog.tree import FileTree
from fashion_search.costs import Cost, cost_file
from fashion_search.costs import costs as measured_costs
from fashion_search.encoders import Encoder, Fingerprint, encoder_spec
from fashion_search.errors import BusyError, StoreError
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.verdict_file import open_verdicts
from fashion_search.evaluation.verdicts import apply
from fashion_search.home import home
from fashion_search.images import open_image
from fashion_search.library import Library
from fashion_search.manifest import MANIFEST, read_manifest
from fashion_search.query_store import StoreWithQueries
from fashion_search.store import Store, open_store, query_sets
from fashion_search.ui import work
from fashion_search.whole_store import WholeStore, rest_folder
from fashion_search.work import About, part

_K = 5  # examples: the paper's
DIGESTS: dict[str | type[Any], Callable[[Any], Any]] = {
    Store: lambda store: store.state,
    StoreWithQueries: lambda store: store.state,
    WholeStore: lambda store: store.state,
    Applied: lambda said: said.digest,
    Filter: str,
}
"""For ``hash_funcs``: what tells a state of these from another."""


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
    try:
        return path.stat().st_mtime_ns
    except OSError:  # absent; or none may look, which reading it tells
        return 0


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
    encoder = encoder_spec(method).load()
    encoder.encode([Image.new("RGB", (64, 64), "white")])  # the first picture takes longer; no page shows that time
    return encoder


def library(catalog_store: Store, method: str) -> Library:
    """A library that was searched once: the first search reads its vectors from the disk, and no page shows that time.

    Raises:
        UnknownNameError, StoreError: as ``Store.library``.
    """
    found = catalog_store.library(method)
    _warm(catalog_store, method)
    return found


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=DIGESTS)
def _warm(store: Store, method: str) -> None:
    found = store.library(method)
    found.search(np.array([0]), 1, np.ones(len(found.catalog.items), dtype=bool))


@st.cache_resource(max_entries=4, show_spinner="Opening the pictures …", hash_funcs=DIGESTS)
def tree(store: Store) -> FileTree:
    """Where a catalog's original pictures are.

    Raises:
        SourceError: no longer there.
    """
    return store.tree()


def original(catalog_store: Store, row: int) -> Image.Image:
    """An item's original picture.

    Raises:
        SourceError, ImageError: it is gone, has changed, or cannot be read.
    """
    return open_image(catalog_store.original(row, tree(catalog_store)))


def protocols(catalog_store: Store) -> list[Protocol]:
    """Those that a catalog can be evaluated under: the two that draw from it, and its query sets."""
    return [*PROTOCOLS, *map(Protocol.of_queries, query_sets(catalog_store))]


def under(catalog_store: Store, protocol: Protocol) -> Store:
    """The store that a protocol is evaluated on: the catalog's own, or that together with a query set.

    Raises:
        UnknownNameError, StoreError, SourceError: as ``query_store.under``.
    """
    if not protocol.queries:
        return catalog_store.plain
    folders = query_sets(catalog_store).get(protocol.queries, ())
    return _under(catalog_store.plain, protocol, tuple(_modified(folder / MANIFEST) for folder in folders))


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=DIGESTS)
def _under(store: Store, protocol: Protocol, modified: tuple[int, ...]) -> Store:
    return query_store.under(store, protocol)


def whole(catalog_store: Store) -> WholeStore:
    """A catalog together with what it leaves out for size.

    Raises:
        UnknownNameError, StoreError: as ``whole_store.whole``.
    """
    return _whole(catalog_store.plain, _modified(rest_folder(catalog_store.name) / MANIFEST))


@st.cache_resource(max_entries=2, show_spinner="Opening the whole shop …", hash_funcs=DIGESTS)
def _whole(store: Store, modified: int) -> WholeStore:
    return whole_store.whole(store)


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=DIGESTS)
def split(store: Store, protocol: Protocol, seed: int, filter: Filter = EVERYTHING) -> Split:
    """Queries and gallery; of the store that the protocol is evaluated on."""
    return draw_split(store.catalog, protocol, seed, filter=filter)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=DIGESTS)
def _evaluation(
    store: Store, protocol: Protocol, seed: int, verdicts: Applied, filter: Filter, _methods: tuple[str, ...]
) -> Evaluation:
    return Evaluation.of(store, _methods, protocol, seed, verdicts=verdicts, filter=filter)


def evaluation(
    store: Store,
    methods: tuple[str, ...],
    protocol: Protocol,
    seed: int,
    verdicts: Applied = NO_VERDICTS,
    filter: Filter = EVERYTHING,
    needed: bool = True,
) -> Evaluation:
    """Methods with their rankings under a protocol; what was computed is kept for all pages and sessions.

    Raises:
        LeftError: it was cancelled, where it is not ``needed`` (``work.done``).
        BusyError: too much waits already.
    """
    drawn_by = seed if protocol == Protocol.ONE_PER_GROUP else 0
    kept = _evaluation(under(store, protocol), protocol, drawn_by, verdicts, filter, methods)
    chosen = replace(kept, methods=methods)
    missing = [method for method in methods if not chosen.is_ranked(method)]
    if missing:
        key = (kept.store.state, protocol, drawn_by, verdicts.digest, str(filter), *methods)
        about = About("Evaluating", "evaluation", store.name, ",".join(methods))
        work.done(("rankings", *key), about, lambda: _rank(chosen, missing), needed)
    return chosen


def _rank(evaluated: Evaluation, methods: Sequence[str]) -> None:
    for number, method in enumerate(methods):
        with part(number, len(methods), f"Evaluating {encoder_spec(method).title} …"):
            evaluated.rankings_of(method)


@dataclass(frozen=True)
class Example:
    """A telling query: what it shows, and the item's id."""

    label: str
    item_id: str


def examples(store: Store, methods: tuple[str, ...], protocol: Protocol, seed: int) -> list[Example]:
    """Up to three queries, one for each pattern of the paper (Figs. 4 to 6) between two methods, or of one alone.

    Of all queries of a pattern, the one where the methods differ most; where neither hits, one whose style
    group is large.
    """
    if not methods or not store.catalog.groups:
        return []
    try:
        evaluated = evaluation(store, methods[:2], protocol, seed, needed=False)
    except (work.LeftError, BusyError):  # the page goes on without
        return []
    return evaluated.memo.once(("examples", methods[:2]), lambda: _examples(evaluated))


def _examples(evaluated: Evaluation) -> list[Example]:
    catalog = evaluated.store.catalog
    first = list(evaluated.rankings.values())
    correct = [method.relevant[:, :_K].sum(axis=1) for method in first]
    titles = list(evaluated.titles.values())
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


def costs(catalog_store: Store, methods: tuple[str, ...]) -> dict[str, Cost]:
    """What methods cost, as far as it was measured; read again when a build has replaced the file."""
    files = (home() / catalog_store.name / cost_file.FILE, DEMO_STORE / cost_file.FILE)
    return _costs(catalog_store, methods, tuple(map(_modified, files)))


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=DIGESTS)
def _costs(store: Store, methods: tuple[str, ...], modified: tuple[int, ...]) -> dict[str, Cost]:
    return measured_costs(store, methods)


def verdicts(catalog_store: Store) -> Applied:
    """What people said of this catalog's results, as it stands now.

    Raises:
        StoreError: the file of verdicts cannot be read.
    """
    return apply(open_verdicts(catalog_store.name).all(), catalog_store.catalog)


def cases(catalog_name: str) -> tuple[Case, ...]:
    """The cases for the report on a catalog, as they stand now; read again when their file was replaced.

    Raises:
        StoreError: their file cannot be read.
    """
    kept = open_cases(catalog_name)
    try:
        now = kept.path.stat()
    except OSError:  # there is none, or reading it says why
        return kept.all()
    return _cases(kept, (now.st_mtime_ns, now.st_size, now.st_ino))


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs={CaseList: lambda kept: str(kept.path)})
def _cases(kept: CaseList, state: tuple[int, ...]) -> tuple[Case, ...]:
    return kept.all()
