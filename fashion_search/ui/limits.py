"""How often something may happen: for each of those who ask, and for all of them together."""

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

Clock = Callable[[], float]
"""Seconds that only grow."""

_MOST_KNOWN = 10_000
"""Of those who ask: the ones that were heard of longest ago are forgotten, so that nobody can fill the memory."""


class Rate:
    """At most so many in a time, for each name and for all names together; safe for threads.

    Args:
        each: how many for a name.
        every: how many for all of them together.
        seconds: the time.
        clock: tells it.
    """

    def __init__(self, each: int, every: int, seconds: float, clock: Clock = time.monotonic):
        self.each, self.every, self.seconds = each, every, seconds
        self._clock = clock
        self._by_name: OrderedDict[str, deque[float]] = OrderedDict()
        self._all: deque[float] = deque()
        self._lock = threading.Lock()

    def take(self, name: str) -> int:
        """Count one of ``name`` if it may be; returns 0, or after how many whole seconds to try again."""
        with self._lock:
            now = self._clock()
            own = self._by_name.setdefault(name, deque())
            self._by_name.move_to_end(name)
            while len(self._by_name) > _MOST_KNOWN:
                self._by_name.popitem(last=False)
            wait = 0.0
            for times, most in ((own, self.each), (self._all, self.every)):
                while times and times[0] <= now - self.seconds:
                    times.popleft()
                if len(times) >= most:
                    wait = max(wait, times[len(times) - most] + self.seconds - now)
            if wait > 0:
                return math.ceil(wait)
            own.append(now)
            self._all.append(now)
            return 0


class Tries:
    """Wrong passwords, by address and over all; each makes the next wait longer, up to ``longest``; safe for threads.

    A name has ``free`` tries without a wait, then waits 1 s, 2 s, 4 s and so on. All names together have
    ``free_of_all``, then everybody waits as well, at most ``longest_of_all`` after a wrong try: who has many addresses
    gains little, and who knows the password is kept out while wrong tries go on, and no longer than that afterwards.
    What is held against a name or all of them is halved in each ``forgets`` seconds without another wrong try.
    """

    def __init__(
        self,
        free: int = 5,
        longest: float = 900.0,
        free_of_all: int = 50,
        longest_of_all: float = 30.0,
        forgets: float = 900.0,
        clock: Clock = time.monotonic,
    ):
        self._one, self._all = (free, longest), (free_of_all, longest_of_all)
        self._forgets, self._clock = forgets, clock
        self._known: OrderedDict[str, tuple[float, float, float]] = OrderedDict()  # held, since when, blocked until
        self._lock = threading.Lock()

    def wait(self, name: str) -> int:
        """After how many whole seconds a try of this name is looked at; 0: now."""
        with self._lock:
            now = self._clock()
            blocked = max(self._known.get(one, (0.0, 0.0, 0.0))[2] for one in (name, ""))
            return max(0, math.ceil(blocked - now))

    def failed(self, name: str) -> None:
        """Count a wrong try."""
        with self._lock:
            now = self._clock()
            for one, (free, longest) in ((name, self._one), ("", self._all)):
                held, since, _ = self._known.get(one, (0.0, now, 0.0))
                held = held * 0.5 ** ((now - since) // self._forgets) + 1
                wait = min(2.0 ** min(int(held - free), 60), longest) if held >= free else 0.0
                self._known[one] = (held, now, now + wait)
                self._known.move_to_end(one)
            while len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)

    def succeeded(self, name: str) -> None:
        """Hold nothing against a name any more."""
        with self._lock:
            self._known.pop(name, None)


def in_words(seconds: int) -> str:
    """``in 1 second``, ``in 12 seconds``, ``in 3 minutes``."""
    if seconds < 120:
        return f"in {seconds} second{'' if seconds == 1 else 's'}"
    return f"in {math.ceil(seconds / 60)} minutes"
