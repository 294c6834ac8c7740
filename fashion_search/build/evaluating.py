"""Evaluating what was built, so that the pages only read: rankings, the spread over splits, and maps."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from fashion_search.build.progress import Progress, Report
from fashion_search.catalog import Protocol
from fashion_search.encoders import encoder_spec, index_name, index_of
from fashion_search.errors import EngineError, FashionSearchError, MissingPackageError
from fashion_search.evaluation import projection, saved
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.scores import SEEDS
from fashion_search.index import is_available
from fashion_search.query_store import under
from fashion_search.store import Store, query_sets

_AT_ONCE = 0.05  # s: what takes less was stored before, and says nothing of the time that the rest takes
_EVERY = 1.0  # s between two reports
_BEGINNING = 20_000_000  # comparisons that take as long as what every step does first, its imports among it
_MAP_WORK: dict[projection.Technique, int] = {"pca": 5_000, "tsne": 160_000}  # comparisons per point that take as long


@dataclass(frozen=True)
class _Step:
    """A part of a method's evaluation, and its work: comparisons of two vectors, or what takes as long."""

    method: str
    work: int
    make: Callable[[], object]


def evaluate(store: Store, report: Report, methods: Iterable[str] | None = None) -> None:
    """Evaluate and project methods of a catalog, by default all, also under its indexes; what is stored is left."""
    under_indexes = [name for name in store.indexed if is_available(index_of(name)) and _answers(store, name)]
    chosen = (*store.methods, *under_indexes) if methods is None else methods
    _make([step for method in chosen for step in _steps(store, method)], report)


def _answers(store: Store, name: str) -> bool:
    """Whether an index can be searched now; of one that is kept elsewhere and cannot, the build has said why."""
    try:
        return bool(store.library(name))
    except (EngineError, MissingPackageError):
        return False


def evaluate_queries(store: Store, name: str, report: Report) -> None:
    """Evaluate a query set of a catalog under all methods that both have."""
    together = under(store, Protocol.of_queries(name))
    _make([step for method in together.methods for step in _query_steps(together, name, method)], report)


def _make(steps: list[_Step], report: Report) -> None:
    """Make what is not stored yet, one after the other."""
    total = sum(step.work for step in steps)
    done, seconds = 0, 0.0
    for step in steps:
        left = (total - done) * seconds / done if done else 0.0
        progress = Progress(done, total, 0.0, left, "evaluation", encoder_spec(step.method).title)
        with _moving(progress, step.work, report):
            started = time.monotonic()
            step.make()
            taken = time.monotonic() - started
        if taken < _AT_ONCE:
            total -= step.work
        else:
            done, seconds = done + step.work, seconds + taken
    whole = max(total, 1)  # of nothing that was left to do, too
    report(Progress(whole, whole, stage="evaluation"))


@contextlib.contextmanager
def _moving(progress: Progress, work: int, report: Report) -> Iterator[None]:
    """Move on at the speed so far while a step runs, which itself says nothing until it is done."""
    over = threading.Event()

    def move() -> None:
        started = time.monotonic()
        speed = (progress.total - progress.done) / progress.seconds_left if progress.seconds_left else 0.0
        while not over.wait(_EVERY):
            passed = time.monotonic() - started
            done = progress.done + min(round(speed * passed), work)
            report(replace(progress, done=done, seconds_left=max(progress.seconds_left - passed, 0.0)))

    report(progress)
    mover = threading.Thread(target=move, daemon=True)
    mover.start()
    try:
        yield
    finally:
        over.set()
        mover.join()


def _steps(store: Store, method: str) -> Iterator[_Step]:
    """A method's steps. The work of a map is measured beside that of rankings, on 6,217 items."""
    folder = saved.folder_of(store.name)
    library = store.library(method)
    n, groups = len(store.catalog.items), len(store.catalog.groups)
    for protocol, queries in ((Protocol.LEAVE_ONE_OUT, n), (Protocol.ONE_PER_GROUP, groups)):
        evaluation = Evaluation.of(store, [method], protocol)
        yield _Step(method, _BEGINNING + queries * n, partial(evaluation.rankings_of, method))
    yield _Step(method, _BEGINNING + SEEDS * groups * n, partial(evaluation.spread, method))
    if index_name(method):  # its vectors are those of the method
        return
    points = min(n, projection.MOST_POINTS)
    for name in query_sets(store):
        with contextlib.suppress(FashionSearchError):  # a set that cannot be read: its pages say why
            together = under(store, Protocol.of_queries(name))
            if method in together.methods:
                yield from _query_steps(together, name, method)
    for kind in projection.KINDS:
        if projection.find((folder, *saved.shipped_with(store.name)), library, kind) is None:
            yield _Step(method, _BEGINNING + _MAP_WORK[kind] * points, partial(projection.make, folder, library, kind))


def _query_steps(together: Store, name: str, method: str) -> Iterator[_Step]:
    """A method's steps on a query set, which ``together`` has with its catalog."""
    evaluation = Evaluation.of(together, [method], Protocol.of_queries(name))
    work = len(evaluation.split.queries) * together.catalog.n_items
    yield _Step(method, _BEGINNING + work, partial(evaluation.rankings_of, method))
    if evaluation.counts_products:
        yield _Step(method, work, partial(evaluation.product_rankings_of, method))
