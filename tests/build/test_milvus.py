"""An index that is kept elsewhere, through a build: where it is, what stays when it is away, and its removal."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.ports import free_port
from fashion_search import removal
from fashion_search.build import run
from fashion_search.build.status import read_status
from fashion_search.catalog.request import Request
from fashion_search.cli import main
from fashion_search.encoders import base_method
from fashion_search.errors import EngineError
from fashion_search.files import checksum_of
from fashion_search.index import PLACE_VARIABLE, milvus_server
from fashion_search.manifest import MANIFEST, read_manifest
from fashion_search.store import open_store
from tests import samples
from tests.cli.command import Captured, fail, succeed
from tests.conftest import FakeMethod

EVERYTHING = np.ones(15, dtype=bool)


def build(shop: Path, *indexes: str, **more: Any) -> run.Summary:
    methods = more.pop("methods", ("fake", "histogram"))
    return run.build(Request(str(shop), "shop", methods, quick=more.pop("quick", True), indexes=indexes, **more))


@pytest.fixture
def collections(milvus_file: Path) -> Callable[[], list[str]]:
    def names() -> list[str]:
        client = milvus_server.connected(str(milvus_file), milvus_server.Patience.of(10))
        return sorted(client.list_collections())

    return names


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Makes whatever is elsewhere unreachable from now on."""

    def refuse(place: str, patience: Any) -> None:
        raise EngineError(f"Milvus at {place} cannot be reached (it is a test). Start it.")

    def go() -> None:
        milvus_server._failed.clear()
        monkeypatch.setattr("fashion_search.index.milvus.connected", refuse)

    return go


def test_a_build_fills_it_and_says_where_it_is(
    shop: Path, fake: FakeMethod, milvus_file: Path, collections: Callable[[], list[str]]
) -> None:
    summary = build(shop, f"milvus:{milvus_file}", quick=False)
    assert summary.problems == {}
    store = open_store("shop")
    assert list(store.indexed) == ["histogram@milvus", "fake@milvus"]
    for name, entry in store.indexed.items():
        assert (entry.place, entry.file, entry.recall) == (str(milvus_file), None, 1)
        assert min(entry.milliseconds, entry.exact_milliseconds, entry.bytes) > 0
        under, exact = store.library(name), store.library(base_method(name))
        found, right = (library.search(np.arange(15), 5, EVERYTHING).rows for library in (under, exact))
        np.testing.assert_array_equal(found, right)
    methods = [name.removeprefix("fashion_search_shop_").partition("_")[0] for name in collections()]
    assert methods == ["fake", "histogram"]
    assert all(name.endswith("_15") for name in collections())
    status = read_status("shop")
    assert status is not None
    assert status.request.indexes == (f"milvus:{milvus_file}",)
    assert store.manifest.rebuild("fake@milvus").command.count(f"--index milvus:{milvus_file}") == 1
    stems = {path.name.rsplit("-", 2)[0] for path in (store.folder / "evaluations").glob("*")}
    assert "rankings-fake@milvus-leave-one-out-0" in stems


def test_the_environment_says_where_it_is(
    shop: Path, fake: FakeMethod, milvus_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(EngineError, match="needs to be told where it is"):
        build(shop, "milvus")
    assert fake.encoded == 0
    monkeypatch.setenv(PLACE_VARIABLE, f"milvus:{milvus_file}")
    assert build(shop, "milvus").manifest.indexes["fake@milvus"].place == str(milvus_file)


def test_a_later_build_renews_it_and_what_was_there_goes(
    shop: Path, fake: FakeMethod, milvus_file: Path, collections: Callable[[], list[str]]
) -> None:
    build(shop, f"milvus:{milvus_file}", methods=("fake",))
    before = collections()
    assert build(shop, methods=("fake",)).manifest.indexes.keys() == {"fake@milvus"}
    assert collections() == before
    samples.write_folder(shop, samples.shop_files(samples.lines() + samples.lines({("Belts", "-", "-"): 4}, 1000)))
    build(shop, methods=("fake",))
    [now] = collections()
    assert now.endswith("_19")
    assert open_store("shop").library("fake@milvus").search(np.array([0]), 18, np.ones(19, bool)).rows.min() >= 0


def test_what_is_gone_there_is_built_again(
    shop: Path, fake: FakeMethod, milvus_file: Path, collections: Callable[[], list[str]]
) -> None:
    build(shop, f"milvus:{milvus_file}", methods=("fake",))
    [name] = collections()
    milvus_server.connected(str(milvus_file), milvus_server.Patience.of(10)).drop_collection(name)
    with pytest.raises(EngineError, match="does not hold “shop” under Fake"):
        open_store("shop").library("fake@milvus")
    assert build(shop, methods=("fake",)).problems == {}
    assert collections() == [name]


def test_while_it_is_away_a_build_keeps_it_and_says_so_and_everything_else_works(
    shop: Path, fake: FakeMethod, milvus_file: Path, away: Callable[[], None]
) -> None:
    before = build(shop, f"milvus:{milvus_file}", "kd-tree").manifest.indexes
    away()
    summary = build(shop, quick=False)
    assert summary.problems.keys() == {"fake@milvus", "histogram@milvus"}
    assert "cannot be reached (it is a test)" in summary.problems["fake@milvus"]
    store = open_store("shop")
    assert store.indexed == before == read_manifest(store.folder).indexes
    with pytest.raises(EngineError, match="cannot be reached"):
        store.library("fake@milvus")
    assert store.library("fake@kd-tree").search(np.array([0]), 5, EVERYTHING).rows.min() >= 0
    stems = {path.name.rsplit("-", 2)[0] for path in (store.folder / "evaluations").glob("*")}
    assert "rankings-fake@kd-tree-leave-one-out-0" in stems
    assert not any("milvus" in stem for stem in stems)


def test_without_the_package_for_files_a_build_keeps_it_and_says_so(
    shop: Path, fake: FakeMethod, milvus_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = build(shop, f"milvus:{milvus_file}", methods=("fake",)).manifest.indexes
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "milvus_lite" else real(name))
    summary = build(shop, methods=("fake",), quick=False)
    assert "pip install 'fashion_search[milvus]'" in summary.problems["fake@milvus"]
    assert summary.manifest.indexes == before
    stems = {path.name.rsplit("-", 2)[0] for path in (summary.folder / "evaluations").glob("*")}
    assert "rankings-fake-leave-one-out-0" in stems


def test_one_that_moves_leaves_nothing_where_it_was(
    shop: Path, fake: FakeMethod, milvus_file: Path, collections: Callable[[], list[str]], tmp_path: Path
) -> None:
    build(shop, f"milvus:{milvus_file}", methods=("fake",))
    assert len(collections()) == 1
    moved = build(shop, f"milvus:{tmp_path / 'other.db'}", methods=("fake",))
    assert moved.manifest.indexes["fake@milvus"].place == str(tmp_path / "other.db")
    assert moved.problems == {}
    assert collections() == []


def test_one_that_moves_away_from_where_nothing_can_be_deleted_is_said(
    shop: Path, fake: FakeMethod, milvus_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(shop, f"milvus:{milvus_file}", methods=("fake",))

    def refuse(*given: Any) -> None:
        raise EngineError("It is a test.")

    monkeypatch.setattr("fashion_search.index.milvus.Milvus.drop", refuse)
    moved = build(shop, f"milvus:{tmp_path / 'other.db'}", methods=("fake",))
    assert moved.manifest.indexes["fake@milvus"].place == str(tmp_path / "other.db")
    assert moved.problems == {}
    assert moved.notes == (f"The index fake@milvus is still at {milvus_file}: It is a test.",)


def test_a_server_that_is_away_when_it_is_asked_for_leaves_the_libraries(shop: Path, fake: FakeMethod) -> None:
    port = free_port()
    summary = build(shop, f"milvus://127.0.0.1:{port}", methods=("fake",))
    assert "cannot be reached (Connection refused)" in summary.problems["fake@milvus"]
    store = open_store("shop")
    assert store.indexed == {}
    assert len(store.library("fake").vectors) == 15


def test_removing_a_method_or_the_catalog_removes_it_there(
    shop: Path, fake: FakeMethod, milvus_file: Path, collections: Callable[[], list[str]]
) -> None:
    build(shop, f"milvus:{milvus_file}")
    assert len(collections()) == 2
    assert removal.remove_method(removal.method_removal("shop", "histogram")) == ()
    assert ["fake" in name for name in collections()] == [True]
    assert removal.remove("shop").notes == ()
    assert collections() == []


def test_what_cannot_be_removed_there_is_said(
    shop: Path, fake: FakeMethod, milvus_file: Path, away: Callable[[], None], capsys: Captured
) -> None:
    build(shop, f"milvus:{milvus_file}")
    away()
    said = f"The index histogram@milvus is still at {milvus_file}: Milvus at"
    assert main(["remove", "shop", "--method", "histogram", "--yes"]) == 0
    assert said in capsys.readouterr().out
    [note] = succeed(capsys, "remove", "shop", "--yes")["notes"]
    assert note.startswith(f"The index fake@milvus is still at {milvus_file}: ")


def test_a_manifest_of_an_earlier_version_is_read(shop: Path, fake: FakeMethod) -> None:
    folder = build(shop, "hnsw", methods=("fake",)).folder
    outer = json.loads((folder / MANIFEST).read_text())
    for entry in outer["content"]["indexes"].values():
        del entry["place"]
    outer["checksum"] = checksum_of(outer["content"])
    (folder / MANIFEST).write_text(json.dumps(outer))
    assert open_store("shop").indexed["fake@hnsw"].place == ""


def test_commands_take_it_and_refuse_what_makes_no_sense(
    shop: Path, home: Path, milvus_file: Path, capsys: Captured
) -> None:
    asked = ["build", str(shop), "--method", "histogram", "--quick", "--index"]
    assert "no user, password or token may stand in it" in fail(capsys, *asked, "milvus:http://me:secret@host:19530")
    assert "names no index" in fail(capsys, *asked, "flat")
    assert not (home / "shop" / MANIFEST).exists()
    result = succeed(capsys, *asked, f"milvus:{milvus_file}")
    assert result["indexes"]["histogram@milvus"]["place"] == str(milvus_file)
    found = succeed(capsys, "search", "7", "--catalog", "shop", "--method", "histogram@milvus")
    assert len(found["methods"]["histogram@milvus"]["hits"]) == 5
