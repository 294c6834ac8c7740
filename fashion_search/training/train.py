"""Running a training from a catalog's name to a method that pages and commands list."""

import contextlib
import dataclasses
import datetime
import importlib.metadata
import os
import platform
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout
from msgspec.structs import replace

from fashion_search import __version__
from fashion_search.build.progress import Progress
from fashion_search.build.run import build
from fashion_search.catalog import Protocol
from fashion_search.catalog.source import UNREADABLE, Source
from fashion_search.catalog.sources import open_source
from fashion_search.encoders import Head, trained
from fashion_search.encoders.account import Account
from fashion_search.encoders.architecture import PRETRAINED
from fashion_search.errors import FashionSearchError, StoreError, TrainingError
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.store import Store, open_store
from fashion_search.training.data import Data, Report, read_data
from fashion_search.training.division import Division, Picture, label_columns
from fashion_search.training.lineage import ALONE, Lineage, notes_on
from fashion_search.training.plan import AUTO, FULL, HALF, Plan, check
from fashion_search.training.record import LOCK, RUN, Run, read_run, runs_folder, write_run
from fashion_search.training.validation import metrics

if TYPE_CHECKING:
    from fashion_search.training.loop import Trainer

_PACKAGES = ("torch", "torchvision", "numpy", "pillow", "safetensors", "pytorch-metric-learning")


@dataclass(frozen=True)
class Listener:
    """Whom a run tells how it goes: pictures read, those that its teachers encoded, its state, and its end's build."""

    reading: Report = lambda done, total: None
    teaching: Report = lambda done, total: None
    training: Callable[[Run], None] = lambda run: None
    building: Callable[[Progress], None] = lambda progress: None


SILENT = Listener()


def read_plan_data(plan: Plan, store: Store, report: Report = lambda done, total: None) -> Data:
    """The pictures that a plan trains on.

    Raises:
        SourceError: the catalog's source is gone.
        TrainingError: it is not what the catalog was built from, the plan cannot be trained on it, or there is no room.
    """
    from fashion_search.training.checkpoint import refuse_full_disk
    from fashion_search.training.targets import find_targets

    def start(pictures: Sequence[Picture]) -> None:
        find_targets(pictures, store.catalog.columns, plan.recipe)
        refuse_full_disk(plan.recipe)

    with _unchanged_source(store) as source:
        return read_data(
            source,
            store.catalog,
            plan.recipe.network.architecture,
            seed=plan.seed,
            limit=plan.limit,
            cut_out=plan.recipe.augmentation.photo > 0,
            start=start,
            report=report,
        )


@contextlib.contextmanager
def _unchanged_source(store: Store) -> Iterator[Source]:
    """A catalog's source, if it would give that catalog again: else what is kept apart is not what is evaluated."""
    manifest = store.manifest
    source = open_source(manifest.source_path, manifest.options)
    with contextlib.closing(source.tree):
        unreadable = [row for row in store.excluded if row.reason == UNREADABLE]
        now, _ = source.catalog(manifest.name, manifest.title, unreadable)
        if now.fingerprint != store.catalog.fingerprint:
            raise TrainingError(
                f"{manifest.source_path} is no longer what “{manifest.title}” was built from. Bring the catalog up to "
                f"date first: {manifest.rebuild(*manifest.libraries).command}"
            )
        yield source


def train(plan: Plan, listener: Listener = SILENT) -> Run:
    """Train as planned, or go on where the same plan was stopped, and register the encoder.

    Returns:
        The finished run, with the metrics of the evaluated groups in ``final`` if the plan asks for them.

    Raises:
        FashionSearchError: what was wrong, and what to do; what was done so far is kept.
    """
    store = open_store(plan.catalog)
    store.catalog.require_labels()
    with _own(plan):
        lineage = check(plan.recipe, store.catalog)  # before pictures are read, which takes a while
        if plan.recipe.network.pretrained:
            PRETRAINED[plan.recipe.network.backbone].download()
        return _train(read_plan_data(plan, store, listener.reading), plan, store, listener, lineage)


def train_on(data: Data, plan: Plan, store: Store, listener: Listener = SILENT) -> Run:
    """Like ``train``, on data that was read before: for several runs on the same pictures."""
    with _own(plan):
        return _train(data, plan, store, listener, check(plan.recipe, store.catalog))


def _train(data: Data, plan: Plan, store: Store, listener: Listener, lineage: Lineage) -> Run:
    """One run under its lock, its end recorded whatever it is."""
    from fashion_search.training.loop import Trainer

    folder = runs_folder() / plan.name
    run = begin(plan, store, data.division, lineage)
    trainer = None
    recorded = (folder / RUN).is_file()  # of another process, until it is clear that this goes on with it
    try:
        trainer = Trainer(run, data, folder, listener.training, lineage, listener.teaching)
        if plan.restart:
            _clear(folder)
        else:
            trainer.restore()
        recorded = False
        write_run(folder, trainer.run)
        run = trainer.train()
        register(trainer)
        if plan.final:
            run = replace(run, final=look_once(plan, store, listener))
            if not run.final:
                run = replace(run, notes=(*run.notes, NOTHING_TO_EVALUATE))
        run = replace(run, state="done", seconds_left=0.0)
        write_run(folder, run)
        return run
    except BaseException as error:
        last = trainer.run if trainer is not None else run
        state = "stopped" if isinstance(error, KeyboardInterrupt) else "failed"
        message = str(error) if isinstance(error, FashionSearchError) else type(error).__name__
        if state == "stopped":
            message = "Stopped by a person. The same command goes on from its last state."
        if not recorded:
            with contextlib.suppress(OSError):
                write_run(folder, replace(last, state=state, message=message))
        if isinstance(error, OSError):
            raise StoreError(
                f"{folder} cannot be written: {error.strerror or error}. What was done so far is kept; make room "
                "and start the same command again."
            ) from error
        raise


@contextlib.contextmanager
def _own(plan: Plan) -> Iterator[None]:
    """The plan's folder, held against other processes, if the plan may be trained in it."""
    folder = runs_folder() / plan.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK)
        lock.acquire(timeout=1)  # a page that looks whether it is held holds it for a moment
    except Timeout:
        raise TrainingError(f"The run “{plan.name}” is being trained by another process.") from None
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error.strerror}.") from error
    try:
        _refuse_done(plan, folder)
        yield
    finally:
        lock.release()


def _clear(folder: Path) -> None:
    """Take away all of a run that is begun anew."""
    for path in folder.iterdir():
        if path.name != LOCK:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _refuse_done(plan: Plan, folder: Path) -> None:
    """A finished run is not trained again by accident."""
    if plan.restart or not (folder / RUN).is_file():
        return
    if read_run(folder).state == "done":
        raise TrainingError(
            f"The run “{plan.name}” is done; its method is {plan.name!r}. Train again with --restart, or choose "
            "another name (--name)."
        )


def begin(plan: Plan, store: Store, division: Division, lineage: Lineage = ALONE) -> Run:
    """The record of a run before its first step."""
    import torch

    from fashion_search.encoders.networks import best_device

    device = best_device()
    seen = {picture.digest for picture in division.pictures}
    of_catalog = sum(item.digest in seen for item in store.catalog.items)  # none, unless the data set has parts
    data = {
        "title": store.manifest.title,
        "fingerprint": division.fingerprint,
        "seed": division.seed,
        "evaluated": {"groups": store.manifest.n_groups, "pictures": store.manifest.n_items}
        | ({"learned_from": of_catalog} if of_catalog else {}),
        "training": len(division.training),
        "validation": len(division.validation),
        "validation_groups": len(set(division.validated_labels(store.catalog.columns)[1])),
        "left_out": division.left_out,
    } | ({"validated_by": "product"} if division.by_product else {})
    return Run(
        name=plan.name,
        catalog=plan.catalog,
        recipe=plan.recipe,
        seed=plan.seed,
        limit=plan.limit,
        looks=plan.final,
        precision=_precision(device) if plan.precision == AUTO else plan.precision,
        device=device,
        threads=plan.threads or _usable_processors() or torch.get_num_threads(),
        data=data,
        versions=_versions(),
        start=lineage.start.to_json() if lineage.start else {},
        teachers=tuple(teacher.to_json() for teacher in lineage.teachers),
        notes=(*division.notes, *notes_on(lineage, division, store.catalog)),
        started=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    )


def _usable_processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 0


def _precision(device: str) -> str:
    """Half where the device multiplies bfloat16 by itself: many graphics cards, and processors with AMX."""
    import torch

    if device == "cuda":
        return HALF if torch.cuda.is_bf16_supported(including_emulation=False) else FULL
    known: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return HALF if device == "cpu" and known.get("amx_bf16") else FULL


def _versions() -> dict[str, str]:
    found = {"fashion_search": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return found


def register(trainer: "Trainer") -> Path:
    """Write the best network as a method of this machine."""
    run, data = trainer.run, trainer.data
    architecture = run.recipe.network.architecture
    classifier = trainer.best_classifier
    account = Account(
        name=run.name,
        title=run.name.replace("-", " ").capitalize(),
        summary=f"{run.recipe.summary} Trained on {data.n_training:,} pictures of “{run.data['title']}”.",
        architecture=architecture,
        dimensions=trainer.network.dimensions,
        training=account_of(run),
        classes={column: tuple(values) for column, values in trainer.targets.values.items() if classifier},
    )
    path = trained.methods_folder() / f"{run.name}{trained.SUFFIX}"
    seen = [trained.mark(picture.digest) for picture in data.division.pictures]
    for encoder in trainer.lineage.all:
        seen += encoder.marks.tolist()
    trained.write(path, account, trainer.best_state, seen, _heads(trainer), classifier)
    return path


def _heads(trainer: "Trainer") -> dict[str, Head]:
    """What the best network's vectors tell of the columns that style groups are made of."""
    from fashion_search.training import heads

    pictures, columns = trainer.data.division.training, trainer.data.columns
    places = label_columns(pictures, columns)
    labels = {columns[place]: [one.row.labels[place] for one in pictures] for place in places}
    return heads.fit(trainer.best_vectors(), labels, trainer.run.recipe.category)


def account_of(run: Run) -> dict[str, Any]:
    """What an encoder's file says of its training."""
    kept = (
        "recipe",
        "seed",
        "limit",
        "precision",
        "device",
        "data",
        "start",
        "teachers",
        "versions",
        "started",
        "step",
        "seconds",
    )
    everything = run.to_json()
    best = {name: float(value) for name, value in run.best.items()}  # as they are after going on from a checkpoint
    return {name: everything[name] for name in kept} | {
        "best": best,
        "rate": round(run.rate, 1),
        "notes": list(run.notes),
    }


NOTHING_TO_EVALUATE = (
    "Each style group of the catalog has one item, so leave-one-out has nothing to evaluate; a query set of it has "
    "(the command queries)."
)


def look_once(plan: Plan, store: Store, listener: Listener = SILENT) -> dict[str, Any]:
    """Add the method's library to the catalog and evaluate it, leave-one-out: the first look at those groups.

    Nothing is found where no style group has two items.

    Raises:
        TrainingError: they are no longer those of ``store``, so the run may have seen some of them.
    """
    manifest = store.manifest
    _refuse_other_catalog(plan, store)
    with _unchanged_source(store):
        pass
    build(dataclasses.replace(manifest.rebuild(plan.name), quick=True), listener.building)
    store = _refuse_other_catalog(plan, store)
    if all(len(group.rows) < 2 for group in store.catalog.groups):
        return {}
    rankings = Evaluation.of(store, [plan.name]).any_rankings
    return metrics(store.catalog, rankings) | {
        "queries": len(rankings.queries),
        "protocol": str(Protocol.LEAVE_ONE_OUT),
    }


def _refuse_other_catalog(plan: Plan, then: Store) -> Store:
    """The plan's catalog as it is now, if it still evaluates what was kept from the run."""
    now = open_store(plan.catalog)
    if now.catalog.fingerprint != then.catalog.fingerprint:
        raise TrainingError(
            f"“{now.manifest.title}” was built anew while the run trained, and evaluates other pictures now: the run "
            f"may have seen some of them. Its method {plan.name!r} is there, without final metrics."
        )
    return now
