"""An import from what was read to a method that every page has, and what later builds make of it."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock
from numpy.typing import NDArray

from fashion_search.build.libraries import add_fused
from fashion_search.build.progress import Progress
from fashion_search.build.status import LOCK
from fashion_search.catalog import Protocol
from fashion_search.catalog.demo import DEMO
from fashion_search.costs import costs, measure
from fashion_search.encoders import encoder_spec, imported, is_method
from fashion_search.errors import NoEncoderError, SourceError, StoreError, UnknownNameError, VectorsError
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.measures import MEASURES
from fashion_search.importing.run import Imported, Wanted, evaluate_imported, import_vectors
from fashion_search.removal import method_removal, removal, remove, remove_method
from fashion_search.search import encoder_of
from fashion_search.store import Store, catalog_names, open_store
from tests.builds import build
from tests.conftest import FakeMethod
from tests.importing import made
from tests.importing.test_fitting import ids_of, rows_of


def imported_into(store: Store, rows: NDArray[Any] | None = None, **wanted: Any) -> Imported:
    """Vectors of all items under the name ``mine``, unless told otherwise."""
    given = made.given(ids_of(store), rows_of(store) if rows is None else rows)
    return import_vectors(given, Wanted(**{"catalog": store.name, "method": "mine"} | wanted))


def state_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != LOCK
    }


def figures(store: Store, method: str) -> list[float]:
    evaluation = Evaluation.of(store, [method], Protocol.LEAVE_ONE_OUT)
    return [float(measure.of(evaluation.rankings_of(method), 5).mean()) for measure in MEASURES.values()]


def test_it_is_a_method_by_name_without_an_encoder(built: Store) -> None:
    done = imported_into(built, title="My model")
    store = open_store("shop")
    spec = encoder_spec("mine")
    assert (spec.title, spec.family, spec.encodes) == ("My model", "imported", False)
    assert list(store.methods) == ["histogram", "mine"]
    assert store.library("mine").vectors.shape == (15, 4)
    assert done.fingerprint == store.methods["mine"]
    assert done.fingerprint.weights_label.startswith("mine.npy (SHA-256 ")
    for asked in (spec.load, spec.fingerprint, lambda: encoder_of(store.library("mine"))):
        with pytest.raises(
            NoEncoderError, match=r"“My model” was imported as vectors \(mine\.npy\): there is no encoder"
        ):
            asked()
    assert not encoder_spec("histogram+0.5*mine").encodes
    assert encoder_spec("mine~balanced").title == "My model, re-ranked (balanced)"


@pytest.mark.parametrize("how", made.WRITTEN)
@pytest.mark.parametrize("catalog", ["shop", DEMO])
def test_copies_of_our_own_vectors_give_the_same_figures(built: Store, how: str, catalog: str) -> None:
    store, method = open_store(catalog), "histogram"
    order = np.random.default_rng(1).permutation(len(store.catalog.items))
    ids = [ids_of(store)[row] for row in order]
    copied = made.read_as(how, ids, np.asarray(store.library(method).vectors)[order])
    import_vectors(copied, Wanted(catalog, "copy"))
    store = open_store(catalog)
    np.testing.assert_array_equal(store.library("copy").vectors, store.library(method).vectors)
    assert figures(store, "copy") == pytest.approx(figures(store, method), abs=5e-7)


def test_it_is_evaluated_and_others_are_not(built: Store) -> None:
    seen: list[Progress] = []
    evaluate_imported(imported_into(built), seen.append)
    names = {path.name.split("-")[1] for path in (built.folder / "evaluations").glob("rankings-*")}
    assert names == {"mine"}
    assert seen[-1].share == 1


@pytest.mark.parametrize(
    "name", ["", "a b", "a/b", "../a", ".a", "a:b", "a+b", "a*b", "a~b", "a@b", "a,b", "é", "a" * 61, "a\n"]
)
def test_a_name_that_cannot_be_one(built: Store, name: str) -> None:
    with pytest.raises(VectorsError, match="cannot name a method: write letters, digits"):
        imported_into(built, method=name)


@pytest.mark.parametrize("name", ["histogram", "Histogram", "resnet18", "fake"])
def test_a_name_that_a_method_has(built: Store, fake: FakeMethod, name: str) -> None:
    with pytest.raises(VectorsError, match=f"There is a method '{name.lower()}' already"):
        imported_into(built, method=name)


def test_what_is_refused_leaves_everything_as_it_was(built: Store, home: Path) -> None:
    imported_into(built)
    before = state_of(home)
    wrong = rows_of(built)
    wrong[0] = 0
    for rows, wanted, says in (
        (wrong, {"replace": True}, "zero in all places"),
        (-rows_of(built), {}, "has imported vectors of 'mine' already"),
        (None, {"method": "MINE"}, "There is a method 'mine' already"),
        (None, {"method": "other", "subset": "shop"}, "There is a catalog 'shop' already"),
        (None, {"method": "other", "subset": "methods"}, "is taken"),
    ):
        with pytest.raises(VectorsError, match=says):
            imported_into(built, rows, **wanted)
    with FileLock(built.folder / LOCK), pytest.raises(StoreError, match="“shop” is being built"):
        imported_into(built, method="other")
    assert state_of(home) == before
    assert not is_method("other")


def test_a_full_disk_leaves_no_method_behind(built: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fashion_search.build.libraries.write_manifest", fail)
    with pytest.raises(StoreError, match="No space left"):
        imported_into(built)
    assert not is_method("mine")
    given = made.given(ids_of(built)[:9], rows_of(built)[:9])
    with pytest.raises(StoreError, match="No space left"):
        import_vectors(given, Wanted("shop", "mine", subset="part"))
    assert catalog_names(with_unfinished=True) == [DEMO, "shop"]


def test_importing_again_replaces_the_vectors_and_keeps_the_title(built: Store) -> None:
    first = imported_into(built, title="My model")
    second = imported_into(built, -rows_of(built), replace=True)
    assert second.method.title == "My model"
    assert second.fingerprint.digest != first.fingerprint.digest
    imported_into(built, rows_of(built, 7), replace=True)
    files = [path.name for path in built.folder.glob("mine-*.npy")]
    assert len(files) == 2  # that of the last state stays for who reads it


def test_the_demo_keeps_what_is_shipped(home: Path) -> None:
    shipped = open_store(DEMO)
    imported_into(shipped)
    store = open_store(DEMO)
    assert set(store.methods) == {*shipped.methods, "mine"}
    assert store.folder == home / DEMO
    assert store.thumbnail(3) == shipped.thumbnail(3)
    np.testing.assert_array_equal(store.library("histogram").vectors, shipped.library("histogram").vectors)
    remove_method(method_removal(DEMO, "mine"))
    assert open_store(DEMO).folder == shipped.folder
    assert not is_method("mine")
    assert state_of(home / DEMO) == {}


# -- builds after it ----------------------------------------------------------------------------------------


def test_a_build_keeps_it_and_needs_no_encoder(shop_with_copies: Path) -> None:
    build(shop_with_copies, methods=["histogram"])
    store = open_store("shop")
    imported_into(store, title="My model")
    before = np.asarray(store.library("histogram").vectors), np.asarray(open_store("shop").library("mine").vectors)
    assert not np.array_equal(before[1][0], before[1][1])  # of the same picture
    summary = build(shop_with_copies, methods=["histogram", "mine", "histogram+0.5*mine"])
    assert summary.problems == {}
    store = open_store("shop")
    np.testing.assert_array_equal(store.library("mine").vectors, before[1])
    assert list(store.methods) == ["histogram", "mine", "histogram+0.5*mine"]
    assert build(shop_with_copies, methods=["mine"]).problems == {}


def test_items_that_were_added_or_changed_put_it_aside_until_it_covers_all_again(shop: Path) -> None:
    build(shop, methods=["histogram"])
    imported_into(open_store("shop"))
    vectors = np.asarray(open_store("shop").library("mine").vectors).copy()
    build(shop, methods=["histogram+0.5*mine"])
    original = (shop / "images/3.jpg").read_bytes()
    (shop / "images/3.jpg").write_bytes((shop / "images/9.jpg").read_bytes())
    shutil.copy(shop / "styles.csv", shop.parent / "styles.csv")
    with (shop / "styles.csv").open("a") as table:
        table.write((shop / "styles.csv").read_text().splitlines()[1].replace("1,", "77,", 1) + "\n")
    shutil.copy(shop / "images/4.jpg", shop / "images/77.jpg")

    summary = build(shop, methods=["histogram"])
    assert list(summary.problems) == ["mine"]
    assert summary.problems["mine"].startswith("2 of 16 items have no imported vector under 'mine'")
    assert "3, 77" in summary.problems["mine"]
    assert list(open_store("shop").methods) == ["histogram"]
    assert list(build(shop, methods=["histogram"]).problems) == ["mine"]  # and it is still kept

    (shop / "images/3.jpg").write_bytes(original)
    shutil.move(shop.parent / "styles.csv", shop / "styles.csv")
    assert build(shop, methods=["histogram"]).problems == {}
    store = open_store("shop")
    np.testing.assert_array_equal(store.library("mine").vectors, vectors)
    assert list(store.methods) == ["histogram", "mine", "histogram+0.5*mine"]


def test_fewer_items_need_fewer_vectors(shop: Path) -> None:
    build(shop, methods=["histogram"])
    imported_into(open_store("shop"))
    vectors = np.asarray(open_store("shop").library("mine").vectors).copy()
    (shop / "images/1.jpg").write_bytes(b"no picture")
    assert build(shop, methods=["histogram"]).problems == {}
    np.testing.assert_array_equal(open_store("shop").library("mine").vectors, vectors[1:])


def test_what_was_put_aside_is_replaced_by_an_import(shop: Path) -> None:
    build(shop, methods=["histogram"])
    imported_into(open_store("shop"))
    (shop / "images/3.jpg").write_bytes((shop / "images/9.jpg").read_bytes())
    build(shop, methods=["histogram"])
    with pytest.raises(VectorsError, match="already"):
        imported_into(open_store("shop"))
    imported_into(open_store("shop"), replace=True)
    assert open_store("shop").manifest.incomplete == {}
    assert build(shop, methods=["histogram"]).problems == {}


def test_a_build_asked_for_vectors_that_were_never_imported_says_what_to_do(shop: Path, built: Store) -> None:
    imported_into(open_store(DEMO))
    summary = build(shop, methods=["histogram", "mine"])
    assert "fashion-search import-vectors shop FILE --name mine" in summary.problems["mine"]


# -- a part of the catalog ----------------------------------------------------------------------------------


@pytest.fixture
def part(built: Store) -> Store:
    """Nine of the shop's items, those of two style groups and one of the third."""
    imported_into(built, method="whole")
    given = made.given(ids_of(built)[:9], rows_of(built)[:9])
    done = import_vectors(given, Wanted("shop", "mine", subset="Some of it"))
    assert (done.catalog, done.part_of) == ("some-of-it", "shop")
    return open_store("some-of-it")


def test_a_part_has_every_method_for_the_items_with_vectors(built: Store, part: Store) -> None:
    assert catalog_names() == [DEMO, "shop", "some-of-it"]
    assert "mine" not in open_store("shop").methods
    assert list(part.methods) == ["histogram", "mine", "whole"]
    assert part.catalog.items == built.catalog.items[:9]
    for method in ("histogram", "whole"):
        whole = open_store("shop").library(method).vectors
        np.testing.assert_array_equal(part.library(method).vectors, whole[:9])
    assert [part.thumbnail(row) for row in range(9)] == [built.thumbnail(row) for row in range(9)]
    assert part.original(4, part.tree()) == built.original(4, built.tree())
    assert part.manifest.excluded_by_reason == {"no imported vector": 6}
    assert len(part.excluded) + part.manifest.n_items == part.manifest.n_rows
    assert len(figures(part, "mine")) == len(MEASURES)


def test_a_part_is_not_built_but_removed(shop: Path, part: Store) -> None:
    with pytest.raises(SourceError, match="holds the items of “shop” that have imported vectors"):
        build(shop, name="some-of-it", methods=["histogram"])
    assert "can be built again" not in removal("some-of-it").sentence
    remove("some-of-it")
    assert catalog_names() == [DEMO, "shop"]
    assert build(shop, methods=["histogram"]).problems == {}


def test_vectors_of_all_items_of_the_whole_fit_a_part_too(built: Store, part: Store) -> None:
    done = imported_into(built, catalog="some-of-it", method="more")
    assert (len(done.fitted.rows), done.fitted.unused) == (9, 6)


# -- taking it away -----------------------------------------------------------------------------------------


def test_it_is_taken_away_with_its_files_and_what_fuses_it(built: Store, shop: Path) -> None:
    evaluate_imported(imported_into(built, title="My model"), lambda progress: None)
    build(shop, methods=["histogram+0.5*mine"])
    what = method_removal("shop", "mine")
    assert "My model will be removed from “shop”, with RGB histogram + 0.5 × My model" in what.sentence
    remove_method(what)
    assert list(open_store("shop").methods) == ["histogram"]
    assert not list(built.folder.rglob("*mine*"))
    assert not is_method("mine")


def test_it_stays_known_while_another_catalog_has_it(built: Store) -> None:
    imported_into(built)
    imported_into(open_store(DEMO))
    remove_method(method_removal("shop", "mine"))
    assert is_method("mine")
    assert "mine" in open_store(DEMO).methods


@pytest.mark.parametrize("damage", ["{", '{"format": 9}', '{"format": 1, "checksum": "x", "content": {}}'])
def test_a_damaged_file_of_a_method_is_named(built: Store, damage: str) -> None:
    imported_into(built)
    path = imported.path_of("mine")
    path.write_text(damage)
    assert not is_method("mine")
    assert list(open_store("shop").methods) == ["histogram"]
    assert str(path) in imported.found()[1]["mine.json"]
    imported_into(built, replace=True)
    assert "mine" in open_store("shop").methods


def test_a_file_of_another_name_is_no_method(built: Store) -> None:
    imported_into(built)
    imported.path_of("mine").rename(imported.path_of("yours"))
    assert "holds the method “mine”" in imported.found()[1]["yours.json"]
    assert json.loads(imported.path_of("yours").read_text())["content"]["name"] == "mine"


def test_a_folder_of_someone_elses_is_left_alone(built: Store, home: Path) -> None:
    (home / "part").mkdir()
    (home / "part/keep.txt").write_text("mine")
    given = made.given(ids_of(built)[:9], rows_of(built)[:9])
    with pytest.raises(StoreError, match=r"There is a folder .*part already"):
        import_vectors(given, Wanted("shop", "mine", subset="part"))
    assert (home / "part/keep.txt").read_text() == "mine"
    assert not is_method("mine")


def test_the_folder_of_imported_methods_is_no_catalog(built: Store, home: Path) -> None:
    imported_into(built, method="manifest")
    assert catalog_names(with_unfinished=True) == [DEMO, "shop"]
    with pytest.raises(UnknownNameError):
        removal("methods")
    assert (home / "methods/manifest.json").is_file()


def test_a_title_that_another_method_has_is_refused(built: Store) -> None:
    with pytest.raises(VectorsError, match="The method 'fashion' has the title 'Fashion'"):
        imported_into(built, title="fashion ")
    assert not is_method("mine")


def test_a_part_has_the_costs_of_its_whole_and_its_own_searches(built: Store) -> None:
    measure(built)
    given = made.given(ids_of(built)[:9], rows_of(built)[:9])
    done = import_vectors(given, Wanted("shop", "mine", subset="part"))
    evaluate_imported(done, lambda progress: None)
    found = costs(open_store("part"), ["histogram", "mine"])
    assert found["histogram"].encode == costs(built, ["histogram"])["histogram"].encode
    assert found["histogram"].search is not None
    assert found["mine"].search is not None


def test_a_build_of_the_demo_keeps_what_fuses_shipped_methods(home: Path) -> None:
    add_fused(DEMO, "efficientnet-lite0+0.5*fashion")
    build(DEMO, methods=["histogram"])
    assert "efficientnet-lite0+0.5*fashion" in open_store(DEMO).methods
