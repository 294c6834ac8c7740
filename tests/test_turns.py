"""Turns: so many at once, the rest in order."""

import threading
import time
from collections.abc import Callable

import pytest

from fashion_search import turns
from fashion_search.errors import BusyError
from fashion_search.turns import Turns


class Worker:
    """A thread that takes a turn, and keeps it until it is told to end."""

    def __init__(self, of: Turns, tell: Callable[[int], None] = lambda place: None):
        self.has_turn, self.may_end = threading.Event(), threading.Event()
        self.error: Exception | None = None
        self._of, self._tell = of, tell
        self.thread = threading.Thread(target=self._work, daemon=True)
        self.thread.start()

    def _work(self) -> None:
        try:
            with self._of.turn(self._tell):
                self.has_turn.set()
                assert self.may_end.wait(10)
        except Exception as error:
            self.error = error

    def end(self) -> None:
        self.may_end.set()
        self.thread.join(10)
        assert not self.thread.is_alive()


def waits(worker: Worker) -> bool:
    return not worker.has_turn.wait(0.05)


def test_no_more_than_so_many_at_once_and_the_rest_in_the_order_they_came() -> None:
    two = Turns(at_once=2, waiting=10)
    first, second = Worker(two), Worker(two)
    assert first.has_turn.wait(5)
    assert second.has_turn.wait(5)
    third = Worker(two)
    assert waits(third)
    fourth = Worker(two)
    assert waits(fourth)
    second.end()
    assert third.has_turn.wait(5)
    assert waits(fourth)
    first.end()
    assert fourth.has_turn.wait(5)
    third.end()
    fourth.end()
    Worker(two).end()


def test_who_comes_when_no_one_more_may_wait_is_refused_at_once() -> None:
    one = Turns(at_once=1, waiting=1)
    working = Worker(one)
    assert working.has_turn.wait(5)
    waiting = Worker(one)
    assert waits(waiting)
    with pytest.raises(BusyError, match="Wait a little, then try again"), one.turn():
        pass
    working.end()
    waiting.end()


def test_a_turn_is_given_back_after_an_error() -> None:
    one = Turns(at_once=1, waiting=0)
    with pytest.raises(ZeroDivisionError), one.turn():
        _ = 1 / 0
    with one.turn(), one.turn():  # within a turn it is the same
        pass


def test_who_waits_long_is_told_the_place_and_may_give_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_FIRST_WORD", 0.01)
    one = Turns(at_once=1, waiting=5)
    working = Worker(one)
    assert working.has_turn.wait(5)
    told: list[int] = []

    def give_up(place: int) -> None:
        told.append(place)
        raise TimeoutError

    first = Worker(one)
    assert waits(first)
    impatient = Worker(one, give_up)
    impatient.thread.join(5)
    assert isinstance(impatient.error, TimeoutError)
    assert told == [2]
    working.end()
    assert first.has_turn.wait(5)
    first.end()


def test_a_turn_laid_aside_is_for_others_and_comes_back() -> None:
    one = Turns(at_once=1, waiting=0)
    with one.turn():
        with one.aside():
            other = Worker(one)
            assert other.has_turn.wait(5)
            threading.Timer(0.1, other.end).start()
            started = time.monotonic()
        assert time.monotonic() - started > 0.05  # it was waited for, though no one else might wait
    with one.aside():  # without a turn there is none to lay aside
        pass


def test_who_laid_a_turn_aside_comes_before_those_in_line() -> None:
    one = Turns(at_once=1, waiting=5)
    back = threading.Event()

    def work() -> None:
        with one.turn():
            with one.aside():
                assert taken.wait(5)
            back.set()

    taken = threading.Event()
    threading.Thread(target=work, daemon=True).start()
    other = Worker(one)
    assert other.has_turn.wait(5)
    waiting = Worker(one)
    assert waits(waiting)
    taken.set()
    time.sleep(0.05)
    other.end()
    assert back.wait(5)
    assert waiting.has_turn.wait(5)
    waiting.end()
