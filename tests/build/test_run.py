import signal
import subprocess
import sys
import threading
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from PIL import Image

from fashion_search import files
from fashion_search.build.journal import Journal
from fashion_search.build.making import BATCH
from fashion_search.build.progress import Progress
from fashion_search.build.status import LOCK, read_status
from fashion_search.catalog.request import catalog_name
from fashion_search.catalog.source import Options
from fashion_search.catalog.tree import FolderTree, Identity
from fashion_search.encoders import ENCODERS, Encoder, Fingerprint
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.errors import MissingPackageError, SourceError, StoreError, UnknownNameError, WeightsError
from fashion_search.manifest import MANIFEST
from fashion_search.store import Store, open_store
from tests.builds import build
from tests.conftest import FakeMethod
from tests.samples import (
    as_earlier_version,
    encoded,
    lines,
    noise,
    shop_files,
    table,
    with_checksum,
    write_folder,
    write_zip,
)

ROOT = Path(__file__).resolve().parents[2]
MANY = {
    ("Shirts", "Blue", "Casual"): 20,
    ("Caps", "Red", "Casual"): 20,
    ("Belts", "Red", "NA"): 20,
    ("Ties", "-", "-"): 20,
}


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """80 items: more than two batches."""
    return write_folder(tmp_path / "large", shop_files(lines(MANY)))


def rewrite(shop: Path, groups: dict[tuple[str, str, str], int]) -> None:
    write_folder(shop, shop_files(lines(groups)))


def test_vectors_are_those_of_the_items_in_their_order(shop: Path, fake: FakeMethod) -> None:
    summary = build(shop, methods=["fake"])
    assert (summary.name, summary.decoded, summary.encoded, summary.problems) == ("shop", 15, {"fake": 15}, {})
    store = open_store("shop")
    for row, vector in enumerate(store.library("fake").vectors):
        prepared = (
            np.asarray(Image.open(shop / f"images/{row + 1}.jpg").resize((2, 2)), dtype=np.float32).reshape(-1) + 1
        )
        np.testing.assert_allclose(vector, prepared / np.linalg.norm(prepared), atol=1e-6)
    assert summary.n_bytes == sum((summary.folder / name).stat().st_size for name in summary.manifest.files())


def test_a_second_build_encodes_nothing(shop: Path, fake: FakeMethod) -> None:
    build(shop, methods=["fake"])
    fake.encoded = 0
    assert build(shop, methods=["fake"]).decoded == 0
    assert fake.encoded == 0


def test_changed_labels_encode_nothing(shop: Path, fake: FakeMethod) -> None:
    build(shop, methods=["fake"])
    fake.encoded = 0
    before = np.array(open_store("shop").library("fake").vectors)
    rows = lines()
    for row in rows[:5]:
        row[4] = "Jackets"
    (shop / "styles.csv").write_bytes(table(rows))
    build(shop, methods=["fake"])
    assert fake.encoded == 0
    store = open_store("shop")
    assert store.catalog.items[0].labels[0] == "Jackets"
    np.testing.assert_array_equal(store.library("fake").vectors, before)


def test_added_items_alone_are_encoded(shop: Path, fake: FakeMethod) -> None:
    build(shop, methods=["fake"])
    fake.encoded = 0
    rows = lines() + lines({("Belts", "Black", "Casual"): 4}, first_id=1000)
    write_folder(shop, shop_files(rows))
    assert build(shop, methods=["fake"]).encoded == {"fake": 4}
    assert (fake.encoded, len(open_store("shop").catalog.items)) == (4, 19)


def test_a_changed_picture_is_encoded_again(shop: Path, fake: FakeMethod) -> None:
    build(shop, methods=["fake"])
    (shop / "images/3.jpg").write_bytes(encoded(noise(333), "JPEG"))
    assert build(shop, methods=["fake"]).encoded == {"fake": 1}


def test_the_archive_of_a_folder_reuses_what_the_folder_has(shop: Path, tmp_path: Path, fake: FakeMethod) -> None:
    build(shop, methods=["fake"])
    archive = write_zip(tmp_path / "shop.zip", shop_files(lines()))
    assert build(archive, methods=["fake"], replace=True).encoded == {"fake": 0}


def test_other_weights_encode_everything(shop: Path, fake: FakeMethod) -> None:
    build(shop, methods=["fake"])
    fake.version = "2"
    assert build(shop, methods=["fake"]).encoded == {"fake": 15}


def test_equal_pictures_are_encoded_once(shop: Path, fake: FakeMethod) -> None:
    (shop / "images/2.jpg").write_bytes((shop / "images/1.jpg").read_bytes())
    assert build(shop, methods=["fake"]).encoded == {"fake": 14}
    vectors = open_store("shop").library("fake").vectors
    np.testing.assert_array_equal(vectors[0], vectors[1])


def colliding_shop(folder: Path) -> Path:
    """A shop whose pictures 1 and 2 differ, but for their size and CRC-32."""
    pictures = [encoded(noise(number), "BMP") for number in (1, 2)]
    pictures[1] = with_checksum(pictures[1], zlib.crc32(pictures[0]))
    files = shop_files(lines({("Shirts", "Blue", "Casual"): 4}))
    return write_folder(folder, files | {"images/1.jpg": pictures[0], "images/2.jpg": pictures[1]})


@pytest.mark.parametrize("packed", [False, True])
def test_pictures_of_equal_checksum_are_two(tmp_path: Path, fake: FakeMethod, packed: bool) -> None:
    source = colliding_shop(tmp_path / "shop")
    if packed:
        files = {path.relative_to(source).as_posix(): path.read_bytes() for path in source.rglob("*.*")}
        source = write_zip(tmp_path / "shop.zip", files)
    assert build(source, methods=["fake"]).encoded == {"fake": 4}
    store = open_store("shop")
    first, second = store.catalog.items[:2]
    assert first.checksum == second.checksum
    assert first.digest != second.digest
    assert not np.allclose(*store.library("fake").vectors[:2])
    assert store.thumbnail(0) != store.thumbnail(1)


def test_an_interrupted_build_goes_on_with_the_right_pictures(
    tmp_path: Path, fake: FakeMethod, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = colliding_shop(tmp_path / "shop")
    monkeypatch.setattr("fashion_search.build.making.BATCH", 1)

    def stop(count: int) -> None:
        if fake.encoded:
            raise KeyboardInterrupt

    fake.before_batch = stop
    with pytest.raises(KeyboardInterrupt):
        build(shop, methods=["fake"])
    fake.before_batch = lambda count: None
    assert build(shop, methods=["fake"]).encoded == {"fake": 3}
    assert not np.allclose(*open_store("shop").library("fake").vectors[:2])


def test_a_library_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path, fake: FakeMethod) -> None:
    shop = colliding_shop(tmp_path / "shop")
    before = np.array(Store(build(shop, methods=["fake"]).folder).library("fake").vectors)
    old = as_earlier_version(open_store("shop"))
    fake.encoded = 0
    assert build(shop, methods=["fake"]).encoded == {"fake": 2}  # the two that it could not tell apart
    new = open_store("shop")
    np.testing.assert_array_equal(new.library("fake").vectors, before)
    assert [new.thumbnail(row) for row in (2, 3)] == [old.thumbnail(row) for row in (2, 3)]
    assert (new.manifest.advice, old.manifest.format) == ("", 1)


def test_a_picture_that_changed_since_an_earlier_version_is_made_anew(shop: Path, fake: FakeMethod) -> None:
    build(shop, methods=["fake"])
    as_earlier_version(open_store("shop"))
    (shop / "images/4.jpg").write_bytes(encoded(noise(333), "JPEG"))
    assert build(shop, methods=["fake"]).encoded == {"fake": 1}


def test_methods_that_a_catalog_has_are_kept_up_to_date(shop: Path, fake: FakeMethod) -> None:
    build(shop, methods=["histogram"])
    write_folder(shop, shop_files(lines() + lines({("Belts", "Black", "Casual"): 4}, first_id=1000)))
    assert build(shop, methods=["fake"]).encoded == {"histogram": 4, "fake": 19}


def test_a_failure_keeps_what_was_done_and_the_next_build_goes_on(large: Path, fake: FakeMethod, home: Path) -> None:
    def fail_at_third(count: int) -> None:
        if fake.encoded == 2 * BATCH:
            raise MemoryError

    fake.before_batch = fail_at_third
    with pytest.raises(MemoryError):
        build(large, methods=["fake"])
    status = read_status("large")
    assert (status.state, status.message) == ("failed", "MemoryError")
    assert not (home / "large" / MANIFEST).exists()
    fake.before_batch = lambda count: None
    assert build(large, methods=["fake"]).encoded == {"fake": 80 - 2 * BATCH}
    assert read_status("large").state == "done"
    assert len(open_store("large").library("fake").vectors) == 80


def test_the_previous_library_stays_in_use_while_a_build_fails(large: Path, shop: Path, fake: FakeMethod) -> None:
    build(shop, methods=["fake"])
    store = open_store("shop")

    def fail(count: int) -> None:
        assert len(open_store("shop").catalog.items) == 15
        raise KeyboardInterrupt

    fake.before_batch = fail
    rewrite(shop, MANY)
    with pytest.raises(KeyboardInterrupt):
        build(shop, methods=["fake"])
    assert read_status("shop").state == "interrupted"
    assert len(open_store("shop").library("fake").vectors) == len(store.library("fake").vectors) == 15


KILLED = """
import os, signal, sys
from tests.builds import build
from fashion_search.encoders.histogram import HistogramEncoder
embed, batches = HistogramEncoder.embed, []
def killed_at_third(self, prepared):
    batches.append(len(prepared))
    if len(batches) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return embed(self, prepared)
HistogramEncoder.embed = killed_at_third
build(sys.argv[1], methods=["histogram"])
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_a_killed_build_loses_one_batch_at_most(large: Path, home: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, large], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert read_status("large").state == "interrupted"
    journal = next((home / "large/unfinished").glob("histogram-*.bin"))
    with journal.open("ab") as file:
        file.write(b"the beginning of a record that was to foll")
    (home / "large/.histogram.npy.123.abc").write_bytes(b"left by a crash")
    summary = build(large, methods=["histogram"])
    assert summary.encoded == {"histogram": 80 - 2 * BATCH}
    assert len(open_store("large").library("histogram").vectors) == 80
    rest = {path.name for path in summary.folder.iterdir()} - summary.manifest.files()
    assert rest <= {MANIFEST, LOCK, "build.json"}


def test_a_full_disk_keeps_what_was_done(large: Path, fake: FakeMethod, monkeypatch: pytest.MonkeyPatch) -> None:
    add = Journal.add

    def full(self: Journal, payloads: dict[str, bytes]) -> None:
        if fake.encoded > BATCH:
            with self.path.open("ab") as file:
                file.write(b"as much as there was room for")
            raise OSError(28, "No space left on device")
        add(self, payloads)

    monkeypatch.setattr(Journal, "add", full)
    with pytest.raises(
        StoreError, match=r"large cannot be written: No space left on device.* start the same build again"
    ):
        build(large, methods=["fake"])
    assert "No space left" in read_status("large").message
    monkeypatch.setattr(Journal, "add", add)
    assert build(large, methods=["fake"]).encoded == {"fake": 80 - BATCH}


def test_a_full_disk_at_the_end_keeps_the_previous_state(
    shop: Path, fake: FakeMethod, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(shop, methods=["fake"])
    rewrite(shop, MANY)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "fsync", full)
        with pytest.raises(StoreError, match="No space left"):
            build(shop, methods=["fake"])
    assert len(open_store("shop").library("fake").vectors) == 15


@pytest.mark.slow
def test_two_processes_that_build_the_same_do_not_harm_each_other(large: Path) -> None:
    command = [sys.executable, "-m", "fashion_search", "build", str(large), "--method", "histogram", "--json"]
    both = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    outputs = [one.communicate(timeout=60) for one in both]
    assert [one.returncode for one in both] == [0, 0], outputs
    store = open_store("large")
    assert len(store.library("histogram").vectors) == len(store.catalog.items) == 80
    assert store.thumbnail(79)


def test_a_build_waits_for_another_and_says_so(shop: Path, home: Path, fake: FakeMethod) -> None:
    (home / "shop").mkdir(parents=True)
    waits = threading.Event()
    seen: list[Progress] = []

    def report(progress: Progress) -> None:
        seen.append(progress)
        if progress.stage == "waiting":
            waits.set()

    other = FileLock(home / "shop" / LOCK)
    other.acquire()
    thread = threading.Thread(target=build, args=[shop], kwargs={"methods": ["fake"], "report": report})
    thread.start()
    try:
        assert waits.wait(20)
        assert not (home / "shop" / MANIFEST).exists()
    finally:
        other.release()
        thread.join(20)
    assert "Another build of this catalog is running" in seen[0].sentence
    assert len(open_store("shop").catalog.items) == 15


def test_the_lock_is_free_after_a_build_however_it_ended(shop: Path, home: Path, fake: FakeMethod) -> None:
    def fail(count: int) -> None:
        raise MemoryError

    fake.before_batch = fail
    with pytest.raises(MemoryError) as caught:
        build(shop, methods=["fake"])
    FileLock(home / "shop" / LOCK).acquire(timeout=0)
    assert caught.value is not None


def test_unreadable_pictures_are_left_out_with_their_reason(shop: Path, fake: FakeMethod) -> None:
    write_folder(shop / "images", {"1.jpg": b"<html>not found</html>", "6.jpg": b"", "7.jpg": encoded(noise(7))[:60]})
    summary = build(shop, methods=["fake"])
    store = open_store("shop")
    reasons = {row.id: row.reason for row in store.excluded}
    assert {id: reasons[id] for id in ("1", "6", "7")} == dict.fromkeys(("1", "6", "7"), "image cannot be read")
    # Ids 6 to 9 were a group of four, of which two are left: too few.
    assert {id: reasons[id] for id in ("8", "9")} == dict.fromkeys("89", "style group has fewer than 4 images")
    assert summary.manifest.excluded_by_reason == {
        "image cannot be read": 3,
        "style group has fewer than 4 images": 2,
    }
    assert [len(group.rows) for group in store.catalog.groups] == [6, 4]
    assert len(store.library("fake").vectors) == 10


def test_a_picture_that_vanishes_after_it_was_listed(
    shop: Path, fake: FakeMethod, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = FolderTree.identity

    def vanished(self: FolderTree, name: str) -> Identity:
        (shop / "images/1.jpg").unlink(missing_ok=True)
        return identity(self, name)

    monkeypatch.setattr(FolderTree, "identity", vanished)
    assert build(shop, methods=["fake"]).manifest.excluded_by_reason == {"image cannot be read": 1}
    assert len(open_store("shop").catalog.items) == 14


def test_a_source_without_any_readable_picture(tmp_path: Path, fake: FakeMethod, home: Path) -> None:
    files_of_shop = {
        name: b"no picture" if name.endswith(".jpg") else data for name, data in shop_files(lines()).items()
    }
    with pytest.raises(SourceError, match=r"of 15 rows none can be used: 15 × image cannot be read"):
        build(write_zip(tmp_path / "a.zip", files_of_shop), methods=["fake"])
    assert not (home / "a" / MANIFEST).exists()


def test_a_name_that_another_source_has_is_refused(shop: Path, large: Path, fake: FakeMethod) -> None:
    build(shop, name="mine", methods=["fake"])
    with pytest.raises(SourceError, match=r"“mine” was built from .*shop. Choose another name, or replace it"):
        build(large, name="mine", methods=["fake"])
    with pytest.raises(SourceError, match="was built from"):
        build("demo", name="mine", methods=["fake"])
    assert len(open_store("mine").catalog.items) == 15
    build(large, name="mine", methods=["fake"], replace=True)
    assert len(open_store("mine").catalog.items) == 80


def test_two_sources_of_one_name_at_once(shop: Path, large: Path, fake: FakeMethod, home: Path) -> None:
    """The one that waits finds the name taken."""
    waits = threading.Event()
    refused: list[SourceError] = []

    def build_other() -> None:
        try:
            build(large, name="mine", methods=["fake"], report=lambda progress: waits.set())
        except SourceError as error:
            refused.append(error)

    thread = threading.Thread(target=build_other)

    def start_other(count: int) -> None:
        if not thread.ident:
            thread.start()
            assert waits.wait(20)

    fake.before_batch = start_other
    build(shop, name="mine", methods=["fake"])
    thread.join(20)
    assert len(refused) == 1
    assert len(open_store("mine").catalog.items) == 15


def test_names(shop: Path) -> None:
    assert catalog_name("/data/Fashion_Product Images.small.zip") == "fashion-product-images"
    assert catalog_name("x", "My  shop_2") == "my-shop-2"
    for name in ("", "///", ".."):
        with pytest.raises(SourceError, match="needs a name with letters or digits"):
            build(shop, name=name)
    with pytest.raises(SourceError, match="“demo” belongs to the embedded catalog"):
        build(shop, name="demo")
    with pytest.raises(UnknownNameError, match="no method 'gist'"):
        build(shop, methods=["gist"])


def test_without_weights_the_rest_is_built_and_the_problem_reported(shop: Path, no_network: None) -> None:
    summary = build(shop)
    assert set(summary.manifest.libraries) == {"histogram", "fashion"}
    assert set(summary.problems) == {"resnet18"}
    assert "could not be downloaded" in summary.problems["resnet18"]
    assert summary.problems["resnet18"] in read_status("shop").message
    with pytest.raises(WeightsError, match="could not be downloaded"):
        build(shop, name="other", methods=["resnet18"])


def test_weights_are_not_needed_where_nothing_is_to_be_encoded(
    shop: Path, random_weights: Path, monkeypatch: pytest.MonkeyPatch, no_network: None
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(random_weights))
    made_by = build(shop).manifest.libraries["resnet18"].fingerprint
    monkeypatch.delenv(FOLDER_VARIABLE)
    rows = lines()
    rows[0][-1] = "Another name"
    (shop / "styles.csv").write_bytes(table(rows))
    summary = build(shop)
    assert summary.problems == {}
    assert set(summary.manifest.libraries) == {"histogram", "resnet18", "fashion"}
    assert summary.manifest.libraries["resnet18"].fingerprint == made_by


def test_a_combination_is_built_by_building_its_parts(shop: Path, fake: FakeMethod, fused: str) -> None:
    summary = build(shop, methods=[fused])
    assert summary.encoded == {"fake": 15, "histogram": 15}
    assert set(summary.manifest.libraries) == {"fake", "histogram"}
    assert read_status("shop").request.methods == (fused,)
    assert set(open_store("shop").methods) == {"fake", "histogram", fused}


def test_a_combination_of_built_parts_encodes_and_writes_nothing(shop: Path, fake: FakeMethod, fused: str) -> None:
    before = build(shop, methods=["fake", "histogram"]).manifest
    fake.encoded = 0
    assert fused in open_store("shop").methods
    summary = build(shop, methods=[fused])
    assert (summary.decoded, summary.encoded, fake.encoded) == (0, {"fake": 0, "histogram": 0}, 0)
    assert summary.manifest.files() == before.files()


def test_of_a_combination_only_the_missing_part_is_encoded(shop: Path, fake: FakeMethod, fused: str) -> None:
    build(shop, methods=["histogram"])
    assert build(shop, methods=[fused, "histogram"]).encoded == {"fake": 15, "histogram": 0}


def test_a_combination_whose_part_cannot_be_built_is_not_there(shop: Path, no_network: None) -> None:
    summary = build(shop, methods=["fusion"])
    assert set(summary.manifest.libraries) == {"histogram"}
    assert set(summary.problems) == {"resnet18"}
    assert set(open_store("shop").methods) == {"histogram"}


def test_options_are_kept_in_the_manifest(shop: Path, fake: FakeMethod) -> None:
    options = Options(group_by=("article_type",), smallest=5, largest=9)
    store = Store(build(shop, methods=["fake"], options=options).folder)
    assert store.manifest.options == options
    assert store.catalog.columns == ("article_type",)


def test_a_home_that_cannot_be_written(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("FASHION_SEARCH_HOME", str(tmp_path / "file"))
    with pytest.raises(StoreError, match="cannot be written"):
        build(shop, methods=["histogram"])


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files cannot be listed on this system")
def test_the_archive_is_closed_after_a_build(tmp_path: Path, fake: FakeMethod) -> None:
    archive = write_zip(tmp_path / "shop.zip", shop_files(lines()))
    reported: list[Progress] = []
    summary = build(archive, methods=["fake"], report=reported.append)
    opened = {str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()}
    assert str(archive) not in opened
    assert summary.decoded == reported[-1].done == reported[-1].total == 15


def test_a_library_that_cannot_be_completed_loses_no_vector(
    shop: Path, fake: FakeMethod, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(shop, methods=["fake"])
    first = fake.encoded
    rewrite(shop, {("Shirts", "Blue", "Casual"): 9, ("Caps", "Red", "Casual"): 9})

    def unavailable() -> Encoder:
        raise WeightsError("gone")

    with monkeypatch.context() as patch:
        patch.setitem(ENCODERS, "fake", replace(fake.spec(), load=unavailable))
        assert build(shop, methods=["histogram"]).problems == {"fake": "gone"}
        assert set(open_store("shop").methods) == {"histogram"}
    fake.encoded = 0
    build(shop, methods=["fake"])
    assert set(open_store("shop").methods) == {"histogram", "fake"}
    n_items = open_store("shop").manifest.n_items
    assert n_items - first <= fake.encoded < n_items


def test_a_library_that_was_not_asked_for_keeps_its_weights(shop: Path, fake: FakeMethod) -> None:
    build(shop, methods=["fake"])
    before = open_store("shop").methods["fake"]
    fake.version, fake.encoded = "2", 0
    build(shop, methods=["histogram"])
    assert open_store("shop").methods["fake"] == before
    assert fake.encoded == 0


def test_a_method_that_is_gone_fails_the_build_at_once(shop: Path, home: Path) -> None:
    with pytest.raises(UnknownNameError, match="no method 'gone'"):
        build(shop, methods=["histogram", "gone"])
    assert not (home / "shop" / MANIFEST).exists()
    status = read_status("shop")
    assert status is None or not status.is_under_way


def test_a_complete_library_stays_when_its_package_is_gone(
    shop: Path, fake: FakeMethod, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(shop, methods=["histogram", "fake"])

    def gone() -> Fingerprint:
        raise MissingPackageError("pip install it")

    monkeypatch.setitem(ENCODERS, "fake", replace(fake.spec(), fingerprint=gone))
    assert build(shop, methods=["histogram", "fake"]).problems == {}
    assert list(open_store("shop").methods) == ["histogram", "fake"]
