"""The checks of an installation: each kind of damage is told in a sentence that says how to mend it."""

import os
import shutil
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from fashion_search.build.status import Status, write_status
from fashion_search.catalog.request import Request
from fashion_search.doctor import CHECKS, examine, place, versions, weights
from fashion_search.doctor.catalogs import check_catalogs
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.store import Store, open_store
from tests.builds import build


def told(state: str, check: Callable[[], object] = check_catalogs) -> list[str]:
    return [finding.sentence for finding in check() if finding.state == state]


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_nothing_is_wrong_with_what_was_just_built(built: Store) -> None:
    Evaluation.of(built, ["histogram"]).rankings_of("histogram")
    assert told("wrong") == []
    assert told("notice") == []
    assert "“shop”: 15 images; methods histogram." in told("fine")
    assert any(sentence.startswith("“demo”: ") for sentence in told("fine"))


def test_each_file_of_a_catalog_is_compared(built: Store, home: Path) -> None:
    Evaluation.of(built, ["histogram"]).rankings_of("histogram")
    folder = home / "shop"
    whole = home.parent / "whole"
    shutil.copytree(folder, whole)
    names = [path.relative_to(whole) for path in whole.rglob("*") if path.suffix in (".npy", ".csv", ".npz", ".json")]
    assert len(names) >= 7
    for name in names:
        if name.name in ("build.json", "costs.json"):
            continue
        flip(folder / name)
        [sentence] = told("wrong")
        assert str(folder / name) in sentence
        assert "uild the catalog again" in sentence or "Delete it" in sentence
        shutil.copyfile(whole / name, folder / name)
    assert told("wrong") == []
    (folder / built.manifest.items["file"]).unlink()
    assert [sentence.partition(" is ")[2] for sentence in told("wrong")] == ["missing. Build the catalog again."]


def test_a_damaged_query_set_rest_and_list_of_cases_and_verdicts(built: Store, home: Path) -> None:
    for folder in (home / "shop/queries/street", home / "shop/rest"):
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{")
    (home / "shop/cases.json").write_text("{")
    (home / "verdicts").mkdir()
    (home / "verdicts/shop.sqlite").write_bytes(b"no database " * 100)
    (home / "shop/costs.json").write_text("{")
    wrong = "\n".join(told("wrong"))
    for name in ("street/manifest.json", "rest/manifest.json", "cases.json", "shop.sqlite", "costs.json"):
        assert name in wrong


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("running", "The build of “new” was interrupted. It goes on from there: python -m fashion_search build"),
        ("failed", "The newest build of “new” failed: no room Again: python -m fashion_search build"),
        ("starting", "“new” is being built just now"),
    ],
)
def test_builds_that_are_not_done(home: Path, state: str, words: str) -> None:
    write_status(home / "new", Status(state, Request("/data/new", "new", ("histogram",)), message="no room"))
    [sentence] = told("notice")
    assert sentence.startswith(words)


def test_weights_of_another_network_are_told(shop: Path, random_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(random_weights))
    build(shop, methods=["resnet18"])
    assert any(one.startswith("ResNet-18 encodes") for one in told("fine", weights.check_weights))
    other = random_weights.parent / "other-weights"
    other.mkdir(exist_ok=True)
    data = bytearray((random_weights / "resnet18.pth").read_bytes())
    (other / "resnet18.pth").write_bytes(data[: len(data) // 2])
    monkeypatch.setenv(FOLDER_VARIABLE, str(other))
    assert any("resnet18.pth is not a plain state dict" in one for one in told("wrong", weights.check_weights))
    assert any("the library was made with" in one for one in told("notice"))
    monkeypatch.setenv(FOLDER_VARIABLE, str(shop))
    assert any(
        one.startswith("ResNet-18 cannot encode pictures of yours.") for one in told("notice", weights.check_weights)
    )


def test_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("FASHION_SEARCH_REQUIRE_")]:
        monkeypatch.delenv(name)
    assert told("wrong", place.check_settings) == []
    monkeypatch.setenv("FASHION_SEARCH_WORK_AT_ONCE", "many")
    monkeypatch.setenv("FASHION_SEARCH_PUBLIK", "1")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "nowhere"))
    wrong = told("wrong", place.check_settings)
    assert ["'many'" in one for one in wrong] == [False, True]
    assert "which is no folder" in wrong[0]
    assert told("notice", place.check_settings) == ["FASHION_SEARCH_PUBLIK means nothing to this version."]


def test_a_home_that_is_a_file(home: Path) -> None:
    home.write_bytes(b"")
    assert "is a file, not a folder" in told("wrong", place.check_place)[0]
    found = [(area, finding) for area, finding in examine() if finding.state == "wrong"]
    assert {area for area, _ in found} >= {"home"}


def test_a_full_disk_and_a_home_without_permission(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    assert told("wrong", place.check_place) == []
    monkeypatch.setattr(place, "_cannot_write", lambda folder: "Permission denied")
    monkeypatch.setattr(place.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 10**8}))
    wrong = told("wrong", place.check_place)
    assert "cannot be written (Permission denied): grant access" in wrong[0]
    assert "Only 0.1 GB are free" in wrong[1]


def test_locks_that_do_not_hold(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    assert "Locks hold there." in told("fine", place.check_place)

    class NoLock:
        def __init__(self, *arguments: object, **options: object) -> None:
            pass

        def __enter__(self) -> None:
            pass

        def __exit__(self, *error: object) -> None:
            pass

    monkeypatch.setattr(place, "FileLock", NoLock)
    assert any("Locks do not hold" in one for one in told("wrong", place.check_place))


def test_packages_that_are_missing_or_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told("wrong", versions.check_versions) == []
    known = metadata.version

    def version(name: str) -> str:
        if name == "faiss-cpu":
            raise metadata.PackageNotFoundError(name)
        return {"numpy": "1.0", "timm": "0.1"}.get(name, known(name))

    monkeypatch.setattr(versions.metadata, "version", version)
    wrong = told("wrong", versions.check_versions)
    assert "The package numpy is 1.0, and >=1.26 is needed. Mend it: pip install --upgrade fashion_search" in wrong
    assert any("timm is 0.1" in one and "fashion_search[models]" in one for one in wrong)
    assert any("“indexes” lacks faiss-cpu" in one for one in told("notice", versions.check_versions))


def test_a_check_that_breaks_says_so_and_the_next_one_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> object:
        raise KeyError("x")

    monkeypatch.setitem(CHECKS, "home", fail)
    found = list(examine())
    assert [finding.sentence for area, finding in found if area == "home"] == [
        "This could not be looked at: KeyError, 'x'."
    ]
    assert {area for area, _ in found} == set(CHECKS)


def test_nothing_is_changed(built: Store, home: Path) -> None:
    def state() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in home.rglob("*") if path.suffix != ".lock"}

    before = state()
    list(check_catalogs())
    list(place.check_place())
    assert state().keys() == before.keys()
    assert open_store("shop").library("histogram").vectors.dtype == np.float32
