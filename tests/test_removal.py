from pathlib import Path

import pytest
from filelock import FileLock

from fashion_search.build.status import LOCK, Status, read_status, write_status
from fashion_search.cases import open_cases
from fashion_search.catalog import Protocol, draw_split
from fashion_search.catalog.demo import DEMO
from fashion_search.catalog.request import Request
from fashion_search.catalog.source import Options
from fashion_search.errors import StoreError, UnknownNameError
from fashion_search.evaluation import saved
from fashion_search.evaluation.verdict_file import open_verdicts
from fashion_search.manifest import MANIFEST
from fashion_search.removal import dismiss, removal, remove, remove_queries
from fashion_search.store import QUERIES, Store, catalog_names, open_store, query_sets
from tests.builds import add_queries, build
from tests.cases import made
from tests.conftest import FakeMethod
from tests.samples import encoded, lines, noise, shop_files, write_folder


@pytest.fixture
def used(built: Store) -> Store:
    """A catalog with evaluations and a verdict."""
    split = draw_split(built.catalog, Protocol.LEAVE_ONE_OUT)
    saved.rankings(saved.folder_of("shop"), built.library("histogram"), split)
    open_verdicts("shop").accept("1", "7", "histogram")
    return built


def failed(home: Path, name: str) -> None:
    write_status(
        home / name,
        Status("failed", Request(DEMO if name == DEMO else "/gone", name, ("histogram",)), message="It is gone."),
    )


def test_a_catalog_is_removed_with_its_evaluations_and_what_people_said_is_kept(
    used: Store, shop: Path, home: Path
) -> None:
    pictures = sorted(path.name for path in shop.rglob("*"))
    what = removal("shop")
    assert what.n_bytes == sum(path.stat().st_size for path in used.folder.rglob("*") if path.is_file())
    assert (what.title, what.source, what.n_verdicts) == ("shop", str(shop), 1)
    for part in (str(shop), "(1)", str(open_verdicts("shop").path), f"{what.n_bytes / 1e6:.1f} MB"):
        assert part in what.sentence
    assert catalog_names() == [DEMO, "shop"]  # nothing happened yet

    assert remove("shop") == what
    assert not used.folder.exists()
    assert catalog_names(with_unfinished=True) == [DEMO]
    assert sorted(path.name for path in shop.rglob("*")) == pictures
    assert len(open_verdicts("shop").all()) == 1
    with pytest.raises(UnknownNameError):
        remove("shop")
    build(shop, methods=["histogram"])
    assert open_store("shop").catalog.fingerprint == used.catalog.fingerprint


def test_the_cases_of_its_report_go_with_it(used: Store, shop: Path) -> None:
    open_cases("shop").add(made.of_item(used, "7", "histogram"))
    assert removal("shop").n_cases == 1
    assert "evaluations and the 1 case of its report (" in removal("shop").sentence
    build(shop, methods=["histogram"])
    assert len(open_cases("shop").all()) == 1  # building it again keeps them
    open_cases("shop").path.write_text("damaged")
    assert removal("shop").n_cases == 0
    remove("shop")
    assert not used.folder.exists()
    assert open_cases("shop").all() == ()


def test_what_is_no_catalog_stays(built: Store, home: Path) -> None:
    (home / "methods").mkdir()
    (home / "methods/mine.safetensors").write_bytes(b"weights")
    (built.folder / "notes.txt").write_text("mine")
    for name in ("methods", "verdicts", "..", ".", "", "nowhere"):
        with pytest.raises(UnknownNameError, match="There is no catalog"):
            remove(name)
    with pytest.raises(StoreError, match="The demo comes with the program and cannot be removed"):
        remove(DEMO)
    remove("shop")
    assert {path.name for path in built.folder.iterdir()} == {LOCK, "notes.txt"}
    assert (home / "methods/mine.safetensors").is_file()


def test_a_damaged_catalog_can_be_removed(built: Store) -> None:
    (built.folder / MANIFEST).write_text("{")
    assert (removal("shop").title, removal("shop").n_verdicts) == ("shop", 0)
    remove("shop")
    assert not built.folder.exists()


@pytest.mark.parametrize("act", [remove, dismiss])
def test_not_while_it_is_being_built(used: Store, act: object) -> None:
    before = sorted(path.name for path in used.folder.rglob("*"))
    with FileLock(used.folder / LOCK), pytest.raises(StoreError, match="“shop” is being built"):
        act("shop")
    write_status(used.folder, Status("starting", used.manifest.rebuild("histogram")))
    with pytest.raises(StoreError, match="“shop” is being built"):
        act("shop")
    assert sorted(path.name for path in used.folder.rglob("*")) == sorted({*before, "build.json"})
    assert open_store("shop").library("histogram")


def test_a_failed_build_of_a_catalog_is_forgotten_and_the_catalog_stays(used: Store, home: Path) -> None:
    failed(home, "shop")
    (used.folder / "build.log").write_text("Traceback")
    dismiss("shop")
    assert read_status("shop") is None
    assert not (used.folder / "build.log").exists()
    assert len(open_store("shop").library("histogram").vectors) == 15
    assert list(saved.folder_of("shop").iterdir())


def test_a_build_that_never_was_complete_leaves_nothing(tmp_path: Path, home: Path, fake: FakeMethod) -> None:
    large = write_folder(tmp_path / "large", shop_files(lines({("Caps", "Red", "Casual"): 50})))

    def stop(count: int) -> None:
        if fake.encoded:
            raise KeyboardInterrupt

    fake.before_batch = stop
    with pytest.raises(KeyboardInterrupt):
        build(large, methods=["fake"], options=Options(largest=0))
    assert list((home / "large/unfinished").iterdir())
    dismiss("large")
    assert not (home / "large").exists()


def test_a_failed_build_of_the_demo_is_forgotten_alone(home: Path) -> None:
    failed(home, DEMO)
    (home / DEMO / "evaluations").mkdir()
    (home / DEMO / "evaluations/kept.npz").write_bytes(b"kept")
    dismiss(DEMO)
    assert read_status(DEMO) is None
    assert (home / DEMO / "evaluations/kept.npz").is_file()


def test_a_file_that_a_build_takes_away_while_files_are_counted(used: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (used.folder / ".build.json.1").write_bytes(b"")
    is_file = Path.is_file

    def then_gone(path: Path) -> bool:
        known = is_file(path)
        if path.name == ".build.json.1":
            path.unlink()
        return known

    monkeypatch.setattr(Path, "is_file", then_gone)
    assert removal("shop").n_bytes > 0


@pytest.fixture
def photos(built: Store, tmp_path: Path) -> Path:
    """Where the query set ``photos`` of the catalog lies."""
    group = built.catalog.groups[0].id
    pictures = write_folder(tmp_path / "photos", {f"{group}/{n}.png": encoded(noise(80 + n)) for n in range(2)})
    add_queries("shop", pictures, methods=["histogram"])
    return built.folder / QUERIES / "photos"


def test_a_catalog_whose_query_set_is_being_encoded_is_not_removed(built: Store, photos: Path) -> None:
    before = sorted(path.name for path in built.folder.rglob("*") if path.suffix != ".lock")
    with FileLock(photos / LOCK), pytest.raises(StoreError, match="“photos” is being built"):
        remove("shop")
    assert sorted(path.name for path in built.folder.rglob("*") if path.suffix != ".lock") == before
    remove("shop")
    assert not built.folder.exists()


def test_query_sets_go_with_their_catalog_and_are_named(built: Store, photos: Path) -> None:
    assert "its libraries, thumbnails, evaluations and the 1 query set (" in removal("shop").sentence
    remove("shop")
    assert not photos.exists()


def test_a_damaged_query_set_is_removed(built: Store, photos: Path) -> None:
    (photos / MANIFEST).write_text("{")
    remove_queries("shop", "photos")
    assert not query_sets(built)
    with pytest.raises(UnknownNameError, match="no query set 'photos'"):
        remove_queries("shop", "photos")
