"""Work that waits its turn: so much at once, the rest in the order in which it came, and no more than can wait."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, local

from fashion_search import logs
from fashion_search.errors import BusyError

_FIRST_WORD, _NEXT_WORD = 3.0, 5.0  # s of waiting until it is told, and until it is told again


class Turns:
    """Turns of one kind of work, for all threads of the process.

    Args:
        at_once: how many have a turn at the same time.
        waiting: how many more may wait for one.
    """

    def __init__(self, at_once: int, waiting: int):
        self._free = at_once
        self._most_waiting = waiting
        self._waiting: deque[Event] = deque()
        self._lock = Lock()
        self._own = local()  # whether this thread has a turn

    @contextmanager
    def turn(self, tell: Callable[[int], None] = lambda place: None) -> Iterator[None]:
        """Wait for a turn, and have it inside; within a turn it is the same one.

        Args:
            tell: told the place in the line, from 1, after a few seconds and every few after them. What it raises ends
                the waiting.

        Raises:
            BusyError: as many as may wait do already.
        """
        if self._has_one:
            yield
            return
        self._wait(tell, self._line_up())
        self._own.has_one = True
        try:
            yield
        finally:
            self._own.has_one = False
            self._pass_on()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let others have this thread's turn meanwhile, for what takes long elsewhere; without a turn, nothing."""
        if not self._has_one:
            yield
            return
        self._own.has_one = False
        self._pass_on()
        try:
            yield
        finally:  # whoever had a turn is the next to have one, and never refused
            self._wait(lambda place: None, self._line_up(first=True))
            self._own.has_one = True

    @property
    def _has_one(self) -> bool:
        return getattr(self._own, "has_one", False)

    def _line_up(self, first: bool = False) -> Event | None:
        """The place in the line; None where a turn is free."""
        with self._lock:
            if self._free:
                self._free -= 1
                return None
            mine = Event()
            if first:
                self._waiting.appendleft(mine)
            elif len(self._waiting) < self._most_waiting:
                self._waiting.append(mine)
            else:
                busy = BusyError("Too many people use this app at the moment. Wait a little, then try again.")
                logs.refusal(busy)
                raise busy
            return mine

    def _wait(self, tell: Callable[[int], None], mine: Event | None) -> None:
        if mine is None:
            return
        patience = _FIRST_WORD
        try:
            while not mine.wait(patience):
                with self._lock:
                    place = self._waiting.index(mine) + 1 if mine in self._waiting else 0
                if place:
                    tell(place)
                patience = _NEXT_WORD
        except BaseException:
            with self._lock:
                is_in_line = mine in self._waiting
                if is_in_line:
                    self._waiting.remove(mine)
            if not is_in_line:  # it was given a turn just now
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """Give the turn to the first in the line."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1
