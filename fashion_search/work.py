"""Long work inside this process: each piece in a thread of its own, done once for all who ask, watched and cancelled.

A piece is known by its key. Whoever asks for one that is under way is given that one. No more run at once than is set
(``work_at_once``); others wait in their order. Threads are daemons: they end with the process. What takes long calls
``advance`` now and then, which says how far it is and is where a cancelled piece ends.
"""

import contextlib
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal

from fashion_search import logs
from fashion_search.errors import BusyError, FashionSearchError
from fashion_search.settings import settings

State = Literal["waiting", "running", "done", "failed", "cancelled"]
_KEPT = 4  # results that are kept for who comes back, such as reports, some MB each


class CancelledError(BaseException):
    """Ends a piece of work that nobody wants any longer. No handler of ordinary errors is meant to stop it."""


@dataclass(frozen=True)
class About:
    """What a piece of work is: for people, such as ``Evaluating``; and for them and the log a noun, ``event``."""

    title: str
    event: str
    catalog: str = ""
    method: str = ""


class Job:
    """One piece of work.

    Attributes:
        key: what it is known by.
        about: what it is.
        keep: whether its result is kept for a while.
        state: how it stands.
        share: what is done, from 0 to 1.
        detail: more of that in words, or empty.
        place: in the line of those that wait, from 1; 0 where it does not wait.
        watchers: who looks at it now, each as often as they do.
    """

    def __init__(self, key: Hashable, about: About, make: Callable[[], Any], keep: bool = False):
        self.key = key
        self.about = about
        self.keep = keep
        self.state: State = "waiting"
        self.share = 0.0
        self.detail = ""
        self.place = 0
        self.watchers: Counter[str] = Counter()
        self._make = make
        self._over = threading.Event()
        self._is_cancelled = False
        self._result: Any = None
        self._error: BaseException | None = None
        self._traceback: TracebackType | None = None

    @property
    def is_over(self) -> bool:
        """Whether it ended, in whatever way."""
        return self._over.is_set()

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody cancelled it; it may take a moment to end."""
        return self._is_cancelled

    @property
    def sentence(self) -> str:
        """How it stands, for people."""
        if self.place == 1:
            return f"{self.about.title}: it comes next, once other work is done."
        if self.place:
            return f"{self.about.title}: it waits for other work, as number {self.place} in line."
        return self.detail or f"{self.about.title} …"

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it ends, or so long; whether it ended."""
        return self._over.wait(seconds)

    def result(self) -> Any:
        """What came of it, once it is over.

        Raises:
            Exception: what it raised, told to all who ask.
            CancelledError: it was cancelled.
        """
        if self._error is not None:
            raise self._error.with_traceback(self._traceback)  # which grows with each raise
        return self._result

    @contextlib.contextmanager
    def watched(self, who: str) -> Iterator[None]:
        """While somebody looks at it, nobody else's cancel ends it."""
        with _counting:
            self.watchers[who] += 1
        try:
            yield
        finally:
            with _counting:
                self.watchers[who] -= 1

    def is_watched_by_others(self, who: str) -> bool:
        """Whether somebody else looks at it."""
        with _counting:
            return any(count and other != who for other, count in self.watchers.items())

    def say(self, share: float, detail: str = "") -> None:
        """How far it is; from whatever thread."""
        self.share = min(max(share, 0.0), 1.0)
        self.detail = detail

    def run(self) -> None:
        """Do it, in this thread; ``tell_all`` then tells those who wait."""
        self.state, self.place = "running", 0
        started = time.monotonic()
        outcome = "done"
        token = _here.set(_Scope(self, 0.0, 1.0))
        try:
            if self._is_cancelled:
                raise CancelledError
            self._result = self._make()
            self.state = "done"
        except CancelledError as error:
            self._error, self.state, outcome = error, "cancelled", "cancelled"
        except FashionSearchError as error:
            self._error, self.state, outcome = error, "failed", type(error).__name__
        except BaseException as error:  # a defect; whoever waits for it raises it again, and the page says its id
            self._error, self.state = error, "failed"
        finally:
            _here.reset(token)
            self._traceback = self._error.__traceback__ if self._error else None
            self._make = _nothing  # what it holds, such as vectors that were uploaded, is given back
            milliseconds = 1000 * (time.monotonic() - started)
            about = self.about
            if self.state == "failed" and not isinstance(self._error, FashionSearchError):
                assert self._error is not None
                logs.defect(self._error, about.event, catalog=about.catalog, method=about.method, ms=milliseconds)
            else:
                logs.log(about.event, outcome, catalog=about.catalog, method=about.method, ms=milliseconds)

    def tell_all(self) -> None:
        """It is over."""
        self._over.set()

    def end(self) -> None:
        """It was cancelled before it began."""
        self._error, self.state, self.place = CancelledError(), "cancelled", 0
        self._make = _nothing
        about = self.about
        logs.log(about.event, "cancelled", catalog=about.catalog, method=about.method, ms=0)
        self._over.set()

    def cancel(self) -> None:
        """Have it end at its next ``advance``."""
        self._is_cancelled = True


def _nothing() -> None:
    return None


_counting = threading.Lock()


class Works:
    """All work of this process."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._jobs: dict[Hashable, Job] = {}
        self._queue: deque[Job] = deque()
        self._kept: OrderedDict[Hashable, Job] = OrderedDict()
        self._running = 0

    def ask(self, key: Hashable, about: About, make: Callable[[], Any], keep: bool = False) -> Job:
        """The piece of work under a key: the one under way, else a new one.

        Args:
            key: tells it from all others; whatever decides its result is part of it.
            about: what it is.
            make: does it, in a thread of its own.
            keep: keep the result for a while, for who comes back for it (``kept``).

        Raises:
            BusyError: as many wait as may.
            SettingError: as ``settings``.
        """
        with self._lock:
            if (known := self.find(key)) is not None:
                return known
            now = settings()
            if self._running >= now.work_at_once and len(self._queue) >= now.work_waiting:
                busy = BusyError(
                    "This app has as much to work out just now as it takes on at a time. Try again in a minute."
                )
                logs.refusal(busy, about.catalog, about.method)
                raise busy
            job = Job(key, about, make, keep)
            self._jobs[key] = job
            self._kept.pop(key, None)
            self._queue.append(job)
            self._start()
            return job

    def find(self, key: Hashable) -> Job | None:
        """The piece that is under way under a key; None where there is none, or it was cancelled."""
        with self._lock:
            known = self._jobs.get(key)
            return None if known is None or known.is_cancelled else known

    def kept(self, key: Hashable) -> Job | None:
        """The piece that was done under a key, if its result is still kept."""
        with self._lock:
            return self._kept.get(key)

    def of_catalog(self, catalog: str, *events: str) -> list[Job]:
        """What is under way on a catalog, of these kinds."""
        with self._lock:
            return [job for job in self._jobs.values() if job.about.catalog == catalog and job.about.event in events]

    def leave(self, key: Hashable, who: str) -> bool:
        """Cancel a piece unless somebody else looks at it; whether it was cancelled."""
        with self._lock:
            job = self.find(key)
            if job is None or job.is_watched_by_others(who):
                return False
            job.cancel()
            if job in self._queue:
                self._queue.remove(job)
                del self._jobs[key]
                job.end()
                self._number()
            return True

    def _start(self) -> None:
        """Start what may run by now, in the order in which it was asked for."""
        while self._queue and self._running < settings().work_at_once:
            job = self._queue.popleft()
            self._running += 1
            threading.Thread(target=self._do, args=(job,), name=f"work: {job.about.event}", daemon=True).start()
        self._number()

    def _number(self) -> None:
        for place, job in enumerate(self._queue, start=1):
            job.place = place

    def _do(self, job: Job) -> None:
        try:
            job.run()
        finally:
            with self._lock:
                self._running -= 1
                if self._jobs.get(job.key) is job:
                    del self._jobs[job.key]
                if job.keep and job.state == "done":
                    self._kept[job.key] = job
                    while len(self._kept) > _KEPT:
                        self._kept.popitem(last=False)
                self._start()
            job.tell_all()  # after all that: who is told may ask at once for what is kept


# -- inside the work ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Scope:
    """The share of a piece of work that what runs now is."""

    job: Job
    low: float
    size: float


_here: ContextVar[_Scope | None] = ContextVar("work", default=None)


def advance(done: float, total: float = 1.0, detail: str = "") -> None:
    """Say how far the work of this thread is; nothing happens outside any.

    Raises:
        CancelledError: nobody wants it any longer.
    """
    scope = _here.get()
    if scope is None:
        return
    if scope.job.is_cancelled:
        raise CancelledError
    share = done / total if total else 1.0
    scope.job.say(scope.low + scope.size * min(share, 1.0), detail or scope.job.detail)


@contextlib.contextmanager
def part(number: int, of: int, detail: str = "") -> Iterator[None]:
    """Make what ``advance`` says inside the share of one part of equal ones, ``number`` from 0.

    Raises:
        CancelledError: as ``advance``.
    """
    scope = _here.get()
    if scope is None or not of:
        yield
        return
    advance(number, of, detail)
    token = _here.set(_Scope(scope.job, scope.low + scope.size * number / of, scope.size / of))
    try:
        yield
    finally:
        _here.reset(token)


def reporter() -> Callable[[float, str], None]:
    """For what reports from threads of its own: says how far this thread's work is, from whatever thread.

    Only in this thread it ends work that was cancelled, as ``advance``.
    """
    scope, own = _here.get(), threading.current_thread()

    def say(share: float, detail: str) -> None:
        if threading.current_thread() is own:
            advance(share, 1.0, detail)
        elif scope is not None:
            scope.job.say(scope.low + scope.size * share, detail)

    return say
