"""What a method is worth outside the studio: altered queries against the catalog as it is.

At most ``QUERIES`` items are queries, drawn by a hash, so that they are the same under every method. Each is searched
with as it is and under every alteration of ``alterations.ALTERATIONS``, leave-one-out. Measured on request, stored like
an evaluation, and read by pages, reports and the model card.
"""

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog import Catalog, Protocol, Split, draw_split
from fashion_search.encoders import MATCHED, Encoder, EncoderSpec, encoder_spec, order_name
from fashion_search.errors import FashionSearchError
from fashion_search.evaluation import saved
from fashion_search.evaluation.alterations import ALTERATIONS, altered
from fashion_search.evaluation.measures import KS, MEASURES
from fashion_search.evaluation.metrics import Values
from fashion_search.evaluation.rankings import DEPTH, rank
from fashion_search.evaluation.statistics import GroupedQueries, Interval
from fashion_search.evaluation.words import percent, rounded
from fashion_search.files import stem_of
from fashion_search.images import open_image
from fashion_search.library import Library
from fashion_search.search import encoder_of
from fashion_search.store import Store

QUERIES = 1_200
CLEAN = "clean"
"""What queries as they are are called, beside the names of the alterations."""

TITLES = {CLEAN: "Unaltered"} | {one.name: one.title for one in ALTERATIONS}
"""What queries are, by name, in the order of tables."""

_VERSION = 1  # of the computation, alterations included: another one does not read this one's files
_AT_ONCE = 32  # pictures
_READERS = 4  # threads; decoding and resizing release the interpreter lock

Report = Callable[[int, int], None]  # of pictures done, and of all


@dataclass(frozen=True)
class Robustness:
    """What a method reaches per query, as it is and altered.

    ``queries``: rows of the catalog, ascending, shape (q,). ``values``: shape (1 + alterations, q, measures, ks), in
    the orders of ``CLEAN`` and ``ALTERATIONS``, ``MEASURES`` and ``KS``.
    """

    queries: NDArray[np.intp]
    values: NDArray[np.float32]

    def of(self, name: str, measure: str, k: int) -> Values:
        """Values of the queries, shape (q,), under an alteration or ``CLEAN``; k is one of ``KS``."""
        place = list(TITLES).index(name), list(MEASURES).index(measure), KS.index(k)
        return self.values[place[0], :, place[1], place[2]].astype(np.float64)


@dataclass(frozen=True)
class Line:
    """One method under one alteration: its figure, and the share of the clean figure that is kept."""

    figure: Interval
    kept: Interval

    def text(self, name: str) -> str:
        """The figure, and but for ``CLEAN`` the share that is kept, in a line."""
        kept = "" if name == CLEAN else f" · {percent(self.kept.value)}"
        return rounded(self.figure) + kept


def sampled(catalog: Catalog, most: int = QUERIES) -> Split:
    """Leave-one-out with at most so many queries, which have a relevant item: those with the smallest hashes."""
    split = draw_split(catalog, Protocol.LEAVE_ONE_OUT)
    sizes = np.array([len(group.rows) for group in catalog.groups])
    rows = split.queries[sizes[catalog.group_of[split.queries]] > 1].tolist()

    def lot(row: int) -> bytes:
        return hashlib.sha256(f"robustness/{catalog.items[row].id}".encode()).digest()

    return replace(split, queries=np.array(sorted(sorted(rows, key=lot)[:most]), dtype=np.intp))


def find(store: Store, method: str, most: int = QUERIES) -> Robustness | None:
    """What was measured of a method's library as it is now, with so many queries; None where nothing was."""
    return _read(
        store.library(method), _at_most(store, most), (saved.folder_of(store.name), *saved.shipped_with(store.name))
    )


def _read(library: Library, most: int, folders: Sequence[Path]) -> Robustness | None:
    found = (saved.read(folder, _stem(library.method, most), _key(library, most)) for folder in folders)
    arrays = next((one for one in found if one is not None), None)
    return Robustness(arrays["queries"].astype(np.intp), arrays["values"]) if arrays is not None else None


def find_all(store: Store, methods: Iterable[str], most: int = QUERIES) -> dict[str, Robustness]:
    """What was measured, by method."""
    found = {method: find(store, method, most) for method in methods}
    return {method: one for method, one in found.items() if one is not None}


def measure(
    store: Store,
    methods: Sequence[str],
    folder: Path | None = None,
    most: int = QUERIES,
    report: Report = lambda done, total: None,
) -> dict[str, str]:
    """Measure those of the methods that were not measured yet, together, so that each picture is opened once.

    Args:
        store: the catalog and its libraries.
        methods: names, each with a library.
        folder: where what is found is stored, by default with the catalog's evaluations.
        most: queries.
        report: called with the number of pictures done, and of all.

    Returns:
        The methods that could not be measured, and why.

    Raises:
        SourceError: the catalog's pictures are no longer there.
        OSError: the folder cannot be written.
    """
    most = _at_most(store, most)
    written_to = folder or saved.folder_of(store.name)
    read_from = (folder,) if folder else (written_to, *saved.shipped_with(store.name))
    missing: list[str] = []
    problems: dict[str, str] = {}
    encoders: dict[str, Encoder] = {}  # of methods that are no combinations: those are made of these ones' vectors
    for method in methods:
        if order_name(method) == MATCHED.name:
            problems[method] = f"{encoder_spec(method).title} is not measured with altered queries."
            continue
        try:
            if _read(store.library(method), most, read_from) is not None:
                continue
            encoders |= {
                part: encoder_of(store.library(part)) for part in encoder_spec(method).parts if part not in encoders
            }
            missing.append(method)
        except FashionSearchError as error:
            problems[method] = str(error)
    split = sampled(store.catalog, most)
    vectors = _encode(store, split.queries, encoders, report) if encoders else {}
    for method in missing:
        library = store.library(method)
        every = [None, *(_of_method(encoder_spec(method), vectors, one.name) for one in ALTERATIONS)]
        values = np.stack([_values(library, split, one) for one in every])
        arrays: saved.Arrays = {"queries": split.queries, "values": values}
        saved.write(written_to, _stem(method, most), _key(library, most), arrays, compressed=True)
    return problems


def _of_method(
    spec: EncoderSpec, vectors: Mapping[tuple[str, str], NDArray[np.float32]], name: str
) -> NDArray[np.float32]:
    parts = [vectors[part, name] for part in spec.parts]
    return spec.combines.vectors(parts) if spec.combines else parts[0]


def _encode(
    store: Store, rows: NDArray[np.intp], encoders: Mapping[str, Encoder], report: Report
) -> dict[tuple[str, str], NDArray[np.float32]]:
    """Unit vectors of the altered pictures of ``rows``, by method and alteration, shape (q, dim) each."""
    made: dict[tuple[str, str], list[NDArray[np.float32]]] = {}
    with contextlib.closing(store.tree()) as tree, ThreadPoolExecutor(_READERS) as readers:

        def prepare(row: int) -> dict[tuple[str, str], NDArray[Any]]:
            picture = open_image(store.original(row, tree))
            every = {one.name: altered(picture, one, store.catalog.items[row].checksum) for one in ALTERATIONS}
            return {
                (method, name): encoder.prepare(image)
                for method, encoder in encoders.items()
                for name, image in every.items()
            }

        for start in range(0, len(rows), _AT_ONCE):
            prepared = list(readers.map(prepare, rows[start : start + _AT_ONCE].tolist()))
            for method, name in prepared[0]:
                stack = np.stack([one[method, name] for one in prepared])
                made.setdefault((method, name), []).append(encoders[method].embed(stack))
            report(min(start + _AT_ONCE, len(rows)), len(rows))
    return {key: np.concatenate(parts) for key, parts in made.items()}


def _values(library: Library, split: Split, vectors: NDArray[np.float32] | None) -> NDArray[np.float32]:
    """Every measure at every k of each query, shape (q, measures, ks)."""
    rankings = rank(library, split, depth=DEPTH, vectors=vectors)
    values = [[measure.of(rankings, k) for k in KS] for measure in MEASURES.values()]
    return np.asarray(values, dtype=np.float32).transpose(2, 0, 1)


def lines(found: Robustness, catalog: Catalog, measure: str, k: int) -> dict[str, Line]:
    """What a method reaches as it is and under each alteration, by name.

    Args:
        found: the method's.
        catalog: the one that it was measured on.
        measure: a name from ``MEASURES``.
        k: one of ``KS``.
    """
    queries = GroupedQueries(catalog.group_of[found.queries])
    clean = found.of(CLEAN, measure, k)
    by_name = {name: found.of(name, measure, k) for name in TITLES}
    figures = queries.intervals(np.stack(list(by_name.values()), axis=1))
    return {
        name: Line(figure, queries.ratio(values, clean))
        for (name, values), figure in zip(by_name.items(), figures, strict=True)
    }


def headline(kept: Mapping[str, Line], titles: Mapping[str, str], label: str) -> str:
    """What the best and the worst method keep under all alterations at once, without its full stop.

    Args:
        kept: method → its line under ``ALL_TOGETHER``, at least one.
        titles: of the methods.
        label: the measure's, for example ``Precision@5``.
    """
    order = sorted(kept, key=lambda method: -kept[method].figure.value)
    best, worst = order[0], order[-1]
    text = f"With all alterations at once, {titles[best]} keeps {percent(kept[best].kept.value)} of its {label}"
    return text if best == worst else f"{text}, {titles[worst]} {percent(kept[worst].kept.value)}"


def _at_most(store: Store, most: int) -> int:
    """More queries than items are all of them: those who ask for either read the same file."""
    return min(most, store.manifest.n_items)


def _stem(method: str, most: int) -> str:
    return f"robustness-{most}-{stem_of(method)}"


def _key(library: Library, most: int) -> str:
    names = [one.name for one in ALTERATIONS]
    decides = [_VERSION, library.fingerprint.digest, library.catalog.fingerprint, most, names, KS, list(MEASURES)]
    return hashlib.sha256(json.dumps(decides).encode()).hexdigest()[:16]
