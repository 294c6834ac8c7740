"""Long work: one piece for all who ask, in order, watched, cancelled, and told to all how it ended."""

import threading
from collections.abc import Callable

import numpy as np
import pytest

from fashion_search.errors import BusyError, StoreError
from fashion_search.work import About, CancelledError, Job, Works, advance, part, reporter

ABOUT = About("Evaluating", "evaluation", "shop", "histogram")
PATIENCE = 20.0  # s


class Gate:
    """Work that says how far it is until it is let go."""

    def __init__(self) -> None:
        self.calls = 0
        self.begun = threading.Event()
        self.open = threading.Event()

    def __call__(self) -> int:
        self.calls += 1
        self.begun.set()
        while not self.open.wait(0.005):
            advance(1, 4, "a quarter")
        return self.calls


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> Works:
    monkeypatch.setenv("FASHION_SEARCH_WORK_AT_ONCE", "1")
    monkeypatch.setenv("FASHION_SEARCH_WORK_WAITING", "2")
    return Works()


def ended(job: Job) -> Job:
    assert job.wait(PATIENCE)
    return job


def test_whoever_asks_for_the_same_waits_for_the_same(works: Works) -> None:
    gate = Gate()
    jobs: list[Job] = []
    asking = [threading.Thread(target=lambda: jobs.append(works.ask("key", ABOUT, gate))) for _ in range(20)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    gate.begun.wait(PATIENCE)
    gate.open.set()
    assert {ended(job).result() for job in jobs} == {1}
    assert len(set(map(id, jobs))) == 1
    assert works.ask("key", ABOUT, lambda: "made anew").wait(PATIENCE)


def test_others_wait_in_their_order_and_say_so(works: Works) -> None:
    gates = [Gate() for _ in range(3)]
    order: list[int] = []

    def noted(number: int) -> Callable[[], int]:
        def make() -> int:
            order.append(number)
            return gates[number]()

        return make

    jobs = [works.ask(number, ABOUT, noted(number)) for number in range(3)]
    assert gates[0].begun.wait(PATIENCE)
    assert [job.place for job in jobs] == [0, 1, 2]
    assert jobs[1].sentence == "Evaluating: it comes next, once other work is done."
    assert jobs[2].sentence == "Evaluating: it waits for other work, as number 2 in line."
    with pytest.raises(BusyError, match="Try again in a minute"):
        works.ask("one too many", ABOUT, gates[0])
    assert works.ask(2, ABOUT, gates[0]) is jobs[2]  # nothing new, so not refused

    assert works.leave(1, "me")
    assert ended(jobs[1]).state == "cancelled"
    assert jobs[2].place == 1
    for gate in gates:
        gate.open.set()
    assert ended(jobs[2]).state == "done"
    assert order == [0, 2]


def test_what_runs_is_cancelled_where_it_says_how_far_it_is(works: Works) -> None:
    gate = Gate()
    job = works.ask("key", ABOUT, gate)
    assert gate.begun.wait(PATIENCE)
    assert works.leave("key", "me")
    assert ended(job).state == "cancelled"
    with pytest.raises(CancelledError):
        job.result()
    gate.open.set()
    assert ended(works.ask("key", ABOUT, gate)).result() == 2  # asked for again, it is done anew


def test_nobody_cancels_what_others_look_at(works: Works) -> None:
    gate = Gate()
    job = works.ask("key", ABOUT, gate)
    with job.watched("me"), job.watched("you"):
        assert not works.leave("key", "me")
    with job.watched("me"):  # an earlier run of one's own script, which still ends
        assert works.leave("key", "me")
    assert ended(job).state == "cancelled"


def test_an_error_is_told_to_all_and_asked_for_again_it_is_tried_again(works: Works) -> None:
    def fail() -> None:
        raise StoreError("It is damaged.")

    job = ended(works.ask("key", ABOUT, fail))
    for _ in range(2):
        with pytest.raises(StoreError, match=r"^It is damaged\.$"):
            job.result()
    assert works.find("key") is None
    assert ended(works.ask("key", ABOUT, lambda: 7)).result() == 7


def test_an_error_that_is_raised_again_and_again_stays_as_long_as_it_was(works: Works) -> None:
    job = ended(works.ask("key", ABOUT, lambda: 1 // 0))

    def depth() -> int:
        with pytest.raises(ZeroDivisionError) as raised:
            job.result()
        return len(raised.traceback)

    assert depth() == depth()


def test_progress_of_parts(works: Works) -> None:
    seen: list[tuple[float, str]] = []

    def make() -> None:
        job = works.find("key")
        assert job is not None
        for number in range(2):
            with part(number, 2, f"part {number}"):
                advance(1, 4)
                seen.append((job.share, job.detail))
        advance(3, 4)
        seen.append((job.share, job.detail))
        say = reporter()
        thread = threading.Thread(target=say, args=(0.9, "from elsewhere"))
        thread.start()
        thread.join()
        seen.append((job.share, job.sentence))

    ended(works.ask("key", ABOUT, make)).result()
    assert seen == [(0.125, "part 0"), (0.625, "part 1"), (0.75, "part 1"), (0.9, "from elsewhere")]


def test_a_thread_that_only_reports_is_not_ended(works: Works) -> None:
    gate = Gate()

    def make() -> None:
        say = reporter()
        gate.begun.set()
        gate.open.wait(PATIENCE)
        thread = threading.Thread(target=say, args=(0.5, "here"))
        thread.start()  # an error in it would fail the test
        thread.join()
        say(0.6, "and here")

    job = works.ask("key", ABOUT, make)
    assert gate.begun.wait(PATIENCE)
    works.leave("key", "me")
    gate.open.set()
    assert ended(job).state == "cancelled"
    assert job.detail == "here"


def test_outside_any_work_nothing_is_said() -> None:
    advance(1, 2)
    with part(0, 2):
        advance(1, 2)
    reporter()(0.5, "nobody hears")


def test_results_that_are_kept_are_few(works: Works) -> None:
    for number in range(6):
        ended(works.ask(number, ABOUT, lambda number=number: number, keep=True))
    assert [works.kept(number) is not None for number in range(6)] == [False, False, True, True, True, True]
    assert works.kept(5).result() == 5
    ended(works.ask("not kept", ABOUT, lambda: 1))
    assert works.kept("not kept") is None


def test_rankings_are_where_an_evaluation_ends(works: Works, built, monkeypatch: pytest.MonkeyPatch) -> None:
    from fashion_search.evaluation.evaluation import Evaluation

    evaluation = Evaluation.of(built, ["histogram"])
    job = Job("key", ABOUT, lambda: evaluation.rankings_of("histogram"))
    job.cancel()
    job.run()
    assert job.state == "cancelled"
    job = Job("key", ABOUT, lambda: evaluation.spread("histogram"))
    job.run()
    assert (job.state, job.share) == ("done", 1.0)


def test_a_map_is_the_same_where_somebody_watches(works: Works) -> None:
    from fashion_search.evaluation.projection import tsne

    vectors = np.random.default_rng(0).normal(size=(60, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    job = Job("key", ABOUT, lambda: tsne(vectors))
    job.run()
    assert job.share == 1.0
    assert np.array_equal(job.result().points, tsne(vectors).points)
