"""What a home says, read as pages and commands read it: what must be the same after a disturbance.

Left out is what two undisturbed runs do not share: times, and what was measured of this machine.
"""

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from fashion_search import files
from fashion_search.build.status import read_status
from fashion_search.cases import open_cases
from fashion_search.catalog.demo import DEMO
from fashion_search.costs.cost_file import read_measured
from fashion_search.encoders import imported, trained
from fashion_search.evaluation.verdict_file import open_verdicts
from fashion_search.home import HOME_VARIABLE
from fashion_search.query_store import under
from fashion_search.store import Store, catalog_names, open_queries, open_store, query_sets
from fashion_search.training import record
from fashion_search.whole_store import open_rest

_TIMES = {"started", "seconds", "seconds_left", "rate", "imported", "given", "id", "added", "versions", "message"}
"""Fields that differ between two undisturbed runs."""

Content = dict[str, str]
"""A digest by what it is of, such as ``shop: catalog``."""


def digest(*parts: Any) -> str:
    """Of plain data and bytes."""
    sha = hashlib.sha256()
    for part in parts:
        sha.update(part if isinstance(part, bytes) else json.dumps(part, sort_keys=True, default=str).encode())
    return sha.hexdigest()[:16]


def without_times(value: Any) -> Any:
    """Plain data without the fields in which two undisturbed runs differ."""
    if isinstance(value, dict):
        return {key: without_times(one) for key, one in value.items() if key not in _TIMES}
    return [without_times(one) for one in value] if isinstance(value, (list, tuple)) else value


def use_home(home: Path) -> None:
    """Read this home from now on, and trust nothing of what was read of another."""
    os.environ[HOME_VARIABLE] = str(home)
    files._verified.clear()


def content_of(home: Path) -> Content:
    """All that a home says.

    Raises:
        FashionSearchError: something in it cannot be read.
    """
    use_home(home)
    found: Content = {}
    for name in catalog_names():
        if name != DEMO:
            found |= {f"{name}: {what}": told for what, told in _of_catalog(open_store(name))}
            found[f"{name}: verdicts"] = digest([one.key for one in _by_key(open_verdicts(name).all())])
    for path in sorted(trained.methods_folder().glob("*")):
        if not path.name.startswith("."):
            found[f"method {path.name}"] = _of_method(path)
    for name in record.run_names():
        found[f"run {name}"] = of_run(name)
    return found


def _by_key(verdicts: Any) -> list[Any]:
    return sorted(verdicts, key=lambda one: one.key)


def _of_catalog(store: Store) -> Iterator[tuple[str, str]]:
    yield "catalog", of_store(store)
    yield "indexes", of_indexes(store)
    for name in query_sets(store):
        queries = open_queries(store, name)
        under(store, _protocol(name))
        yield f"query set {name}", of_store(queries)
    if (rest := open_rest(store)) is not None:
        yield "rest", of_store(rest)
        yield "rest: indexes", of_indexes(rest)
    yield "cases", digest([without_times(msgspec.to_builtins(case)) for case in open_cases(store.name).all()])
    yield "evaluations", digest(sorted(map(_of_evaluation, (store.folder / "evaluations").glob("[!.]*.npz"))))
    measured = read_measured(store.folder)
    yield "costs", digest(sorted(measured.encodings), sorted(measured.searches))


def _of_evaluation(path: Path) -> list[str]:
    """What it is of, and its numbers; its keys name the trained encoder's file, which says when it was trained."""
    with np.load(path, allow_pickle=False) as arrays:
        numbers = [part for name in sorted(arrays.files) if name != "key" for part in (name, arrays[name].tobytes())]
    return [path.stem.rsplit("-", 2)[0], digest(*numbers)]


def _protocol(name: str) -> Any:
    from fashion_search.catalog import Protocol

    return Protocol.of_queries(name)


def of_store(store: Store) -> str:
    """Items, what is left out, pictures and vectors of one built folder."""
    catalog = store.catalog
    parts: list[Any] = [dataclasses.asdict(item) for item in catalog.items]
    parts += [dataclasses.asdict(row) for row in store.excluded]
    manifest = store.manifest
    parts += [manifest.name, manifest.title, manifest.columns, manifest.n_rows, manifest.combined, manifest.notes]
    parts += [manifest.source_kind, manifest.source_path, dataclasses.asdict(manifest.options)]
    parts += [store.thumbnail(row) for row in range(len(catalog.items))]
    for method in sorted(manifest.libraries):
        library = store.library(method)
        made_by = library.fingerprint
        is_trained = made_by.weights_name.endswith(trained.SUFFIX)  # whose file says when it was trained
        parts += [method, made_by.preprocessing if is_trained else made_by.digest, library.vectors.tobytes()]
    for method in sorted(manifest.incomplete):
        pictures, vectors = store.kept(method)
        parts += [method, pictures, vectors.tobytes()]
    return digest(*parts)


def of_indexes(store: Store) -> str:
    """What a built folder's indexes list; they are added to it one by one when it has its new state."""
    parts: list[Any] = []
    for method in sorted(store.indexed):
        engine = store.library(method).engine  # type: ignore[attr-defined]
        parts += [method, engine.search(store.library(method).vectors[:3], 5).tolist()]
    return digest(*parts)


def _of_method(path: Path) -> str:
    if path.suffix == imported.SUFFIX:
        return digest(without_times(dataclasses.asdict(imported.read_method(path))))
    account = trained.read_account(path)
    arrays = trained._read_arrays(path)
    numbers = [part for name in sorted(arrays) for part in (name, str(arrays[name].dtype), arrays[name].tobytes())]
    return digest(without_times(dataclasses.asdict(account)), *numbers)


def of_run(name: str) -> str:
    """A run's record and its tables."""
    run = record.read_run(record.runs_folder() / name)
    tables = [record.losses_of(name), record.validations_of(name)]
    return digest(without_times(run.to_json()), without_times(tables))


def states(home: Path) -> dict[str, str]:
    """How the newest build of each catalog went."""
    use_home(home)
    names = catalog_names(with_unfinished=True)
    return {name: status.state for name in names if (status := read_status(name)) is not None}


def left_behind(home: Path) -> list[str]:
    """Temporary files that nobody is writing any longer."""
    return sorted(path.name for path in home.rglob(".*") if files._TEMPORARY.fullmatch(path.name))
