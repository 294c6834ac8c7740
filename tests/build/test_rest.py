"""What a catalog leaves out for the size of its style group, encoded so that it can be searched."""

from dataclasses import replace
from pathlib import Path

import pytest

from fashion_search.build import run
from fashion_search.build.progress import Progress
from fashion_search.build.status import read_status
from fashion_search.catalog.source import Options
from fashion_search.removal import remove
from fashion_search.store import open_store
from fashion_search.whole_store import has_rest, open_rest, rest_folder
from tests.builds import build, build_whole, large_shop
from tests.conftest import FakeMethod
from tests.samples import encoded, lines, noise, table


@pytest.fixture
def large(tmp_path: Path) -> Path:
    return large_shop(tmp_path / "shop")


def rest_ids() -> list[str]:
    rest = open_rest(open_store("shop"))
    assert rest is not None
    return [item.id for item in rest.catalog.items]


def test_all_items_are_those_left_out_for_size_alone(large: Path, fake: FakeMethod) -> None:
    plain = build(large, methods=["fake"])
    assert not has_rest(open_store("shop"))
    alone, fake.encoded = open_store("shop"), 0
    summary = build_whole(large, "fake")
    assert fake.encoded == 24  # the catalog's own were there
    assert summary.problems == {}
    assert rest_ids() == [str(number) for number in range(16, 40)]  # neither 91, without usage, nor 92, without picture
    assert open_store("shop").catalog == alone.catalog
    assert summary.manifest.catalog_fingerprint == plain.manifest.catalog_fingerprint
    assert summary.manifest.excluded_by_reason == plain.manifest.excluded_by_reason
    status = read_status("shop")
    assert status is not None
    assert status.state == "done"


def test_the_next_build_brings_it_up_to_date(large: Path, fake: FakeMethod) -> None:
    build_whole(large, "fake")
    fake.encoded = 0
    seen: list[Progress] = []
    build(large, methods=["fake"], report=seen.append)
    assert (fake.encoded, seen[-1].stage) == (0, "rest")
    assert (
        Progress(3, 24, 8.0, 2.0, "rest").sentence == "The rest of the shop · 3 of 24 images · 8 images/s · 0:02 left"
    )
    rows = [*lines({("Ties", "Green", "Casual"): 25}, first_id=16)]
    for number in range(16, 41):
        (large / f"images/{number}.jpg").write_bytes(encoded(noise(number), "JPEG"))
    (large / "styles.csv").write_bytes(table([*lines(), *rows]))
    build(large, methods=["fake", "histogram"])
    assert rest_ids() == [str(number) for number in range(16, 41)]
    assert fake.encoded == 1  # but for 40, the pictures are those that were there
    rest = open_rest(open_store("shop"))
    assert rest is not None
    assert list(rest.methods) == ["histogram", "fake"]


def test_one_that_was_stopped_goes_on(large: Path, fake: FakeMethod) -> None:
    def stop(count: int) -> None:
        if fake.encoded >= 15:
            raise KeyboardInterrupt

    build(large, methods=["fake"])
    fake.before_batch = stop
    with pytest.raises(KeyboardInterrupt):
        build_whole(large, "fake")
    status = read_status("shop")
    assert status is not None
    assert status.state == "interrupted"
    assert len(open_store("shop").library("fake").vectors) == 15  # the catalog is in use all the while
    fake.before_batch = lambda count: None
    assert status.request.all_items
    run.build(status.request)
    assert len(rest_ids()) == 24


def test_it_goes_where_nothing_is_left_out_any_longer(large: Path, fake: FakeMethod) -> None:
    build_whole(large, "fake")
    build(large, methods=["fake"], options=Options(smallest=2, largest=0), replace=True)
    assert len(open_store("shop").catalog.items) == 39
    assert not rest_folder("shop").exists()


def test_it_is_removed_with_its_catalog(large: Path, home: Path, fake: FakeMethod) -> None:
    build_whole(large, "fake")
    remove("shop")
    assert not (home / "shop").exists()


def test_what_it_cannot_be_encoded_by_is_said(large: Path, fake: FakeMethod) -> None:
    build(large, methods=["fake"])

    def fail(count: int) -> None:
        raise OSError("disk is full")

    fake.before_batch = fail
    problems = build_whole(large, "fake").problems
    assert list(problems) == ["rest"]
    assert "disk is full" in problems["rest"]
    assert open_store("shop").methods.keys() == {"fake"}


def test_its_command_is_that_of_the_whole_shop(large: Path, fake: FakeMethod) -> None:
    build_whole(large, "fake")
    rest = open_rest(open_store("shop"))
    assert rest is not None
    again = rest.manifest.rebuild("fake")
    assert again.command == f"python -m fashion_search build {large} --method fake --name shop --all-items"
    assert replace(again, all_items=True, rest_of="").command == again.command
