"""What a build evaluates once its libraries are there, and what it says meanwhile."""

import time
from pathlib import Path
from typing import Any

import pytest

from fashion_search.build import evaluating
from fashion_search.build.evaluating import evaluate
from fashion_search.build.progress import Progress
from fashion_search.build.status import Status, read_status
from fashion_search.evaluation import projection, saved
from fashion_search.store import Store, open_store
from tests.builds import build
from tests.conftest import FakeMethod


def stored(home: Path) -> set[str]:
    return {path.name for path in (home / "shop/evaluations").glob("*")}


def test_a_build_is_done_when_its_evaluations_are(shop: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until then it says so, from a file that any process can read, and holds its lock."""
    seen: list[Status | None] = []
    make = projection.make

    def watched(*arguments: Any) -> projection.Projection:
        seen.append(read_status("shop"))  # a running build whose lock is free would be an interrupted one
        return make(*arguments)

    monkeypatch.setattr(projection, "make", watched)
    build(shop, methods=["histogram"], quick=False)
    assert len(seen) == len(projection.KINDS)
    for status in seen:
        assert status is not None
        assert status.state == "running"
        assert (status.progress.stage, status.progress.method) == ("evaluation", "RGB histogram")
    status = read_status("shop")
    assert status is not None
    assert status.state == "done"
    stems = {name.rsplit("-", 2)[0] for name in stored(home)}
    assert stems == {
        "rankings-histogram-leave-one-out-0",
        "rankings-histogram-one-per-group-0",
        "spread-histogram",
        "map-pca-histogram",
        "map-tsne-histogram",
    }


def test_a_quick_build_evaluates_nothing(shop: Path, home: Path) -> None:
    build(shop, methods=["histogram"])
    assert not stored(home)


def test_a_build_stopped_while_it_evaluates_leaves_its_libraries_and_goes_on(
    shop: Path, home: Path, fake: FakeMethod, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*arguments: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(projection, "make", stop)
        with pytest.raises(KeyboardInterrupt):
            build(shop, methods=["fake"], quick=False)
    status = read_status("shop")
    assert status is not None
    assert status.state == "interrupted"
    assert len(open_store("shop").library("fake").vectors) == 15
    before = stored(home)
    assert any(name.startswith("rankings-fake") for name in before)

    fake.encoded = 0
    summary = build(shop, methods=["fake"], quick=False)
    assert (fake.encoded, summary.encoded) == (0, {"fake": 0})
    assert before < stored(home)  # those that were there are the same files
    assert {name for name in stored(home) if name.startswith("map-")}

    with monkeypatch.context() as patch:
        patch.setattr(projection, "make", stop)  # nothing is left to make
        build(shop, methods=["fake"], quick=False)


def test_an_evaluation_that_fails_says_why_and_leaves_the_libraries(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(projection, "make", fail)
    with pytest.raises(MemoryError):
        build(shop, methods=["histogram"], quick=False)
    status = read_status("shop")
    assert status is not None
    assert (status.state, status.message) == ("failed", "MemoryError")
    assert open_store("shop").methods.keys() == {"histogram"}


WORK = [  # of both rankings, the spread and both maps: each begins, and then compares 15 items of 3 groups
    20_000_000 + comparisons for comparisons in (15 * 15, 3 * 15, 20 * 3 * 15, 5_000 * 15, 160_000 * 15)
]
SECONDS = [1, 2, 3, 4, 8]


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Steps that do nothing, each of which takes the next of these seconds by the clock."""
    now, seconds = 0.0, list(map(float, SECONDS))

    def make(*arguments: Any) -> None:
        nonlocal now
        now += seconds.pop(0)

    monkeypatch.setattr(evaluating.time, "monotonic", lambda: now)
    monkeypatch.setattr(saved, "rankings", make)
    monkeypatch.setattr(saved, "spread", make)
    monkeypatch.setattr(projection, "make", make)
    return seconds


def test_the_time_left_is_that_of_the_work_left_at_the_speed_so_far(built: Store, steps: list[float]) -> None:
    seen: list[Progress] = []
    evaluate(built, seen.append)

    assert [progress.done for progress in seen] == [sum(WORK[:place]) for place in range(6)]
    assert {progress.total for progress in seen} == {sum(WORK)}
    for place, progress in enumerate(seen[1:5], start=1):
        speed = sum(WORK[:place]) / sum(SECONDS[:place])
        assert progress.seconds_left == pytest.approx(sum(WORK[place:]) / speed)
    assert (seen[0].seconds_left, seen[5].seconds_left, seen[5].share) == (0, 0, 1)


def test_what_is_stored_already_says_nothing_of_the_time_left(built: Store, steps: list[float]) -> None:
    steps[:] = [0.0, 0.0, 0.0, 4.0, 8.0]
    seen: list[Progress] = []
    evaluate(built, seen.append)

    assert [progress.seconds_left for progress in seen[:4]] == [0, 0, 0, 0]
    assert seen[4].seconds_left == pytest.approx(WORK[4] / WORK[3] * 4)
    assert (seen[5].done, seen[5].total) == (sum(WORK[3:]), sum(WORK[3:]))


def test_where_everything_is_stored_that_is_all(built: Store, steps: list[float]) -> None:
    steps[:] = [0.0] * 5
    seen: list[Progress] = []
    evaluate(built, seen.append)
    assert (seen[-1].share, seen[-1].sentence) == (1, "Evaluating · 100%")


def test_progress_moves_on_while_a_step_says_nothing(built: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluating, "_EVERY", 0.01)
    seen: list[Progress] = []
    with evaluating._moving(Progress(100, 300, 0.0, 0.2, "evaluation"), 50, seen.append):
        time.sleep(0.1)
    assert seen[0].done == 100
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)
    assert 100 < seen[-1].done <= 150  # no further than the step
    assert 0 < seen[-1].seconds_left < 0.2
    count = len(seen)
    time.sleep(0.05)
    assert len(seen) == count
