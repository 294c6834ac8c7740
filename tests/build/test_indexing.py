"""The indexes that a build makes beside its libraries, keeps, and renews."""

import contextlib
import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fashion_search import files
from fashion_search.build import indexing, run
from fashion_search.build.progress import Progress
from fashion_search.build.status import read_status
from fashion_search.catalog.request import Request
from fashion_search.encoders import INDEXES
from fashion_search.errors import MissingPackageError, StoreError, UnknownNameError
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.store import Store, open_store
from tests import samples
from tests.conftest import FakeMethod

ALL = tuple(name for name, index in INDEXES.items() if not index.is_elsewhere)


def build(shop: Path | str, *indexes: str, methods: tuple[str, ...] = ("fake",), **more: Any) -> run.Summary:
    name = "demo" if shop == "demo" else "shop"
    report = more.pop("report", lambda progress: None)
    return run.build(Request(str(shop), name, methods, quick=more.pop("quick", True), indexes=indexes, **more), report)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the methods under indexes that are built from now on."""
    names: list[str] = []
    make = indexing.built

    def watched(library: Any, index: Any, place: str) -> Any:
        names.append(f"{library.method}@{index.name}")
        return make(library, index, place)

    monkeypatch.setattr(indexing, "built", watched)
    return names


@contextlib.contextmanager
def stopping_at(index: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A person stops the build when this index is to be built."""
    make = indexing.built

    def stop(library: Any, one: Any, place: str) -> Any:
        if one.name == index:
            raise KeyboardInterrupt
        return make(library, one, place)

    with monkeypatch.context() as patch:
        patch.setattr(indexing, "built", stop)
        yield


def forget() -> None:
    """What was verified, as a new process has it."""
    files._verified.clear()


def test_each_index_of_each_method_is_built_measured_and_searched(shop: Path, fake: FakeMethod) -> None:
    summary = build(shop, *ALL, methods=("fake", "histogram"))
    names = [f"{method}@{index}" for method in ("histogram", "fake") for index in ALL]
    assert sorted(summary.manifest.indexes) == sorted(names)
    store = open_store("shop")
    assert list(store.indexed) == names
    assert store.methods.keys() == {"histogram", "fake"}
    for name, entry in store.indexed.items():
        assert entry.recall == 1  # of 15 items all are listed
        assert min(entry.milliseconds, entry.exact_milliseconds, entry.bytes) > 0
        assert entry.machine
        under, exact = store.library(name), store.library(name.partition("@")[0])
        assert store.library(name) is under
        assert under.method == name
        rows, everything = np.arange(15), np.ones(15, dtype=bool)
        np.testing.assert_array_equal(under.search(rows, 5, everything).rows, exact.search(rows, 5, everything).rows)
    assert {name for name, entry in store.indexed.items() if entry.file is None} == {
        "fake@kd-tree",
        "histogram@kd-tree",
    }
    for entry in store.indexed.values():
        if entry.file:
            assert (store.folder / entry.file["file"]).stat().st_size == entry.bytes + 128  # and the header of .npy
    assert summary.n_bytes == sum((store.folder / name).stat().st_size for name in store.manifest.files())


def test_a_second_build_keeps_them_whether_it_asks_or_not(shop: Path, fake: FakeMethod, counted: list[str]) -> None:
    before = build(shop, "hnsw", "kd-tree").manifest.indexes
    assert counted == ["fake@hnsw", "fake@kd-tree"]
    for indexes in (("hnsw", "kd-tree"), ()):
        counted.clear()
        assert build(shop, *indexes).manifest.indexes == before
        assert counted == []
        assert open_store("shop").indexed == before


def test_a_build_without_it_brings_it_up_to_date(shop: Path, fake: FakeMethod, counted: list[str]) -> None:
    old = build(shop, "hnsw").manifest.indexes["fake@hnsw"]
    samples.write_folder(shop, samples.shop_files(samples.lines() + samples.lines({("Belts", "-", "-"): 4}, 1000)))
    counted.clear()
    summary = build(shop)
    assert counted == ["fake@hnsw"]
    new = summary.manifest.indexes["fake@hnsw"]
    assert new.key != old.key
    assert old.file is not None
    assert (summary.folder / old.file["file"]).exists()  # who has it open may read on
    assert len(open_store("shop").library("fake@hnsw").search(np.array([0]), 18, np.ones(19, bool)).rows[0]) == 18
    build(shop)
    assert not (summary.folder / old.file["file"]).exists()
    assert open_store("shop").library("fake@hnsw").search(np.array([0]), 18, np.ones(19, bool)).rows.min() >= 0


def test_another_encoder_renews_them_and_until_then_there_are_none(
    shop: Path, fake: FakeMethod, counted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build(shop, "hnsw", "lsh")
    fake.version = "2"

    with stopping_at("hnsw", monkeypatch), pytest.raises(KeyboardInterrupt):
        build(shop)
    store = open_store("shop")
    assert store.library("fake").fingerprint.preprocessing.endswith("version 2")
    assert list(store.indexed) == []
    with pytest.raises(UnknownNameError, match=r"no library of 'fake@hnsw'\. Build it: .* --method fake --index hnsw"):
        store.library("fake@hnsw")
    counted.clear()
    build(shop)
    assert counted == ["fake@hnsw", "fake@lsh"]
    assert list(open_store("shop").indexed) == ["fake@lsh", "fake@hnsw"]


def test_a_build_that_is_stopped_between_two_goes_on_with_the_next(
    shop: Path, fake: FakeMethod, counted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with stopping_at("lsh", monkeypatch), pytest.raises(KeyboardInterrupt):
        build(shop, "hnsw", "lsh", "kd-tree")
    assert list(open_store("shop").indexed) == ["fake@hnsw"]
    status = read_status("shop")
    assert status is not None
    assert (status.state, status.request.indexes) == ("interrupted", ("hnsw", "lsh", "kd-tree"))
    counted.clear()
    build(shop, "hnsw", "lsh", "kd-tree")
    assert counted == ["fake@lsh", "fake@kd-tree"]


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b"x"), Path.unlink], ids=["damaged", "gone"])
def test_a_damaged_file_is_said_and_made_again(
    shop: Path, fake: FakeMethod, counted: list[str], damage: Callable[[Path], object]
) -> None:
    entry = build(shop, "hnsw").manifest.indexes["fake@hnsw"]
    assert entry.file is not None
    path = open_store("shop").folder / entry.file["file"]
    damage(path)
    forget()
    with pytest.raises(StoreError, match=r"Build the catalog again\."):
        open_store("shop").library("fake@hnsw")
    assert len(open_store("shop").library("fake").vectors) == 15
    counted.clear()
    build(shop)
    assert counted == ["fake@hnsw"]
    assert open_store("shop").library("fake@hnsw").method == "fake@hnsw"


def test_without_the_package_nothing_is_begun(
    shop: Path, home: Path, fake: FakeMethod, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "faiss" else real(name))
    with pytest.raises(MissingPackageError, match="pip install faiss-cpu"):
        build(shop, "hnsw")
    assert fake.encoded == 0
    assert build(shop, "kd-tree").problems == {}


def test_without_the_package_an_index_that_is_there_is_kept_and_an_old_one_said(
    shop: Path, fake: FakeMethod, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = build(shop, "hnsw").manifest.indexes
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "faiss" else real(name))
    assert build(shop, quick=False).problems == {}
    store = open_store("shop")
    assert store.indexed == before
    with pytest.raises(MissingPackageError, match="pip install faiss-cpu"):
        store.library("fake@hnsw")
    fake.version = "2"
    [(name, reason)] = build(shop).problems.items()
    assert name == "fake@hnsw"
    assert "pip install faiss-cpu" in reason
    assert open_store("shop").indexed == {}


def test_an_index_that_there_is_not_is_refused_at_once(shop: Path, fake: FakeMethod) -> None:
    with pytest.raises(UnknownNameError, match="The indexes are kd-tree"):
        build(shop, "flat")
    assert fake.encoded == 0


def test_of_a_method_that_cannot_be_built_there_is_none(shop: Path) -> None:
    summary = build(shop, "kd-tree", methods=("histogram", "resnet18"))
    assert list(summary.manifest.indexes) == ["histogram@kd-tree"]
    assert summary.problems.keys() == {"resnet18"}


def test_a_method_made_of_others_has_them_too(shop: Path, fused: str) -> None:
    assert list(build(shop, "hnsw", methods=(fused,)).manifest.indexes) == ["fused@hnsw"]
    store = open_store("shop")
    assert store.library("fused@hnsw").vectors is store.library("fused").vectors


def test_the_demo_has_them_beside_the_libraries_that_are_shipped(home: Path) -> None:
    build("demo", "hnsw", methods=("histogram",))
    store = open_store("demo")
    assert store.methods.keys() >= {"histogram", "resnet18", "fusion", "fashion"}
    assert list(store.indexed) == ["histogram@hnsw"]
    n = len(store.catalog.items)
    rows = store.library("histogram@hnsw").search(np.array([0]), 5, np.ones(n, bool)).rows
    np.testing.assert_array_equal(rows, store.library("histogram").search(np.array([0]), 5, np.ones(n, bool)).rows)


def test_progress_names_what_is_indexed(shop: Path, fake: FakeMethod) -> None:
    seen: list[Progress] = []
    build(shop, "hnsw", "kd-tree", report=seen.append)
    told = [one.sentence for one in seen if one.stage == "indexes"]
    assert told[0] == "Indexing Fake, HNSW · 0%"
    assert "Indexing Fake, KD-tree · 50%" in told
    assert told[-1] == "Indexing · 100%"


def test_they_are_evaluated_under_their_own_names(shop: Path, home: Path, fake: FakeMethod) -> None:
    build(shop, "hnsw", quick=False)
    stems = {path.name.rsplit("-", 2)[0] for path in (home / "shop/evaluations").glob("*")}
    own = {"rankings-fake@hnsw-leave-one-out-0", "rankings-fake@hnsw-one-per-group-0", "spread-fake@hnsw"}
    assert own <= stems
    assert not {stem for stem in stems if stem.startswith("map-") and "hnsw" in stem}
    exact, under = (Evaluation.of(Store(home / "shop"), [method]) for method in ("fake", "fake@hnsw"))
    assert exact.precision["fake"] == under.precision["fake@hnsw"]


def test_the_state_of_a_store_tells_them(shop: Path, fake: FakeMethod) -> None:
    build(shop)
    before = open_store("shop").state
    build(shop, "kd-tree")
    assert open_store("shop").state != before


def test_the_request_is_a_command_and_a_rebuild_names_it(shop: Path, fake: FakeMethod) -> None:
    request = Request("/a", "a", ("fake",), indexes=("hnsw", "lsh"))
    assert "--method fake --index hnsw --index lsh --name a" in request.command
    manifest = build(shop).manifest
    rebuilt = manifest.rebuild("fake@hnsw", "fake")
    assert (rebuilt.methods, rebuilt.indexes) == (("fake",), ("hnsw",))
