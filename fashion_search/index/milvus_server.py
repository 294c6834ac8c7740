"""A Milvus server, or a file of Milvus Lite: reaching it in a bounded time, and what it answers in sentences."""

import contextlib
import importlib.util
import logging
import math
import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from fashion_search.errors import EngineError, MissingPackageError, in_a_line

TOKEN_VARIABLE = "FASHION_SEARCH_MILVUS_TOKEN"
TIMEOUT_VARIABLE = "FASHION_SEARCH_MILVUS_TIMEOUT"
_TIMEOUT = 5.0  # s
_REMEMBERED = 10.0  # s that a server is not asked again after it failed
_OLDEST = (2, 3)  # the first that counts rows, on which that an index is whole is told
_TRIES = 5
_PAUSE = 0.5  # s before the second try, then twice as long each time
_INSTALL = "pip install 'fashion_search[milvus]'"
_FULL = re.compile(r"quota|disk|no space|memory limit|insufficient|out of memory", re.IGNORECASE)
_MAY_PASS = {1, 2, 4, 8}  # not ready, unavailable, too many requests, too fast; by Milvus's numbers
_IS_FULL = {3, 7, 9}  # memory, disk, writing denied
_NOT_THERE = {100, 101}  # no such collection, not in memory

_T = TypeVar("_T")
_failed: dict[str, tuple[float, EngineError]] = {}  # by place, and by collection: until when, and why


def timeout() -> float:
    """How long an answer is waited for, in seconds.

    Raises:
        EngineError: the environment says what is no time.
    """
    text = os.environ.get(TIMEOUT_VARIABLE) or str(_TIMEOUT)
    with contextlib.suppress(ValueError):
        if math.isfinite(seconds := float(text)) and seconds > 0:
            return seconds
    raise EngineError(f"{TIMEOUT_VARIABLE} is {text!r}; it is a number of seconds, such as {_TIMEOUT:.0f}.")


@dataclass
class Patience:
    """The time that is left for several calls together."""

    until: float

    @classmethod
    def of(cls, seconds: float) -> "Patience":
        """From now on."""
        return cls(time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """In seconds; never quite none, which a client takes for endless."""
        return max(self.until - time.monotonic(), 0.01)

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.until


def connected(place: str, patience: Patience) -> Any:
    """Pymilvus's client of a server or file, whose version is one that can be used.

    Raises:
        MissingPackageError: what is needed is not installed.
        EngineError, and pymilvus's own: it cannot be reached, or is too old.
    """
    try:
        from pymilvus import MilvusClient
    except ImportError as error:
        raise MissingPackageError(f"This index needs pymilvus ({in_a_line(error)}): {_INSTALL}") from error
    for name in ("pymilvus", "milvus_lite"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # they write what they raise on the terminal, too
    if "://" not in place:
        return _opened_file(MilvusClient, place)
    parts = urlsplit(place)
    host, port = parts.hostname or "", parts.port or 0
    try:
        socket.create_connection((host, port), patience.left).close()
    except TimeoutError as error:
        raise slow(place) from error
    except OSError as error:
        raise _away(place, error.strerror or str(error)) from error
    client = MilvusClient(
        uri=f"{parts.scheme}://{host if ':' not in host else f'[{host}]'}:{port}",
        token=os.environ.get(TOKEN_VARIABLE, ""),
        db_name=parts.path.strip("/"),
        timeout=patience.left,
    )
    version = str(client.get_server_version(timeout=patience.left))
    numbers = re.match(r"v?(\d+)\.(\d+)", version)
    if numbers and (int(numbers[1]), int(numbers[2])) < _OLDEST:
        oldest = ".".join(map(str, _OLDEST))
        raise EngineError(f"Milvus at {place} is of version {version}; {oldest} or newer is needed. Update the server.")
    return client


def _opened_file(client: Any, place: str) -> Any:
    if importlib.util.find_spec("milvus_lite") is None:
        raise MissingPackageError(f"A Milvus file needs milvus-lite, which is not installed: {_INSTALL}")
    folder = Path(place).parent
    if not folder.is_dir():
        raise EngineError(f"{place} cannot be opened: there is no folder {folder}.")
    try:
        return client(uri=place)
    except _errors() as error:
        raise EngineError(
            f"{place} cannot be opened: it is no file of Milvus Lite, cannot be written, or another process has it "
            "open, such as the app while a build runs. Only one at a time can use it; a Milvus server serves many."
        ) from error


@contextlib.contextmanager
def told(place: str, name: str = "") -> Iterator[None]:
    """Turns what pymilvus raises into a sentence, and remembers it for a while, for all that use the same.

    ``name``: of the collection, where it is about one.

    Raises:
        EngineError: what went wrong, or did a moment ago.
    """
    for key in (place, f"{place} {name}"):
        until, known = _failed.get(key, (0.0, None))
        if known is not None and time.monotonic() < until:
            raise EngineError(str(known), known.can_build)
        _failed.pop(key, None)
    try:
        yield
    except _errors(EngineError) as error:
        why = error if isinstance(error, EngineError) else _sentence(error, place)
        _failed[f"{place} {name}" if why.can_build else place] = time.monotonic() + _REMEMBERED, why
        if why is error:
            raise
        raise why from error


def forget(place: str) -> None:
    """Ask again, whatever failed there."""
    for key in [key for key in list(_failed) if key == place or key.startswith(f"{place} ")]:
        _failed.pop(key, None)  # another thread may be faster


def tried(call: Callable[[bool], _T]) -> _T:
    """What a call gives, which is tried again where that may help, after ever longer pauses.

    ``call`` is told whether it was tried before.
    """
    for attempt in range(_TRIES):
        try:
            return call(attempt > 0)
        except _errors() as error:
            if attempt == _TRIES - 1 or not _may_pass(error):
                raise
            time.sleep(_PAUSE * 2**attempt)
    raise AssertionError("unreachable")


def slow(place: str) -> EngineError:
    """It took longer than is waited."""
    return EngineError(
        f"Milvus at {place} did not answer within {timeout():g} seconds. Try again later; {TIMEOUT_VARIABLE} says how "
        "many seconds are waited."
    )


def _away(place: str, why: str) -> EngineError:
    return EngineError(f"Milvus at {place} cannot be reached ({why}). Start it, or check the address.")


def _errors(*more: type[Exception]) -> tuple[type[Exception], ...]:
    """What pymilvus raises, and more."""
    if importlib.util.find_spec("pymilvus") is None:
        return more
    import grpc
    from pymilvus.exceptions import MilvusException

    return *more, MilvusException, grpc.RpcError, grpc.FutureTimeoutError


def _code(error: Exception) -> Any:
    """GRPC's status, or Milvus's number."""
    code = getattr(error, "code", None)
    return code() if callable(code) else code


def _may_pass(error: Exception) -> bool:
    import grpc

    passing = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, *_MAY_PASS}
    return isinstance(error, grpc.FutureTimeoutError) or (_code(error) in passing and not _FULL.search(str(error)))


def _sentence(error: Exception, place: str) -> EngineError:
    import grpc

    status, code, said = grpc.StatusCode, _code(error), in_a_line(error)
    if code == status.UNAVAILABLE:
        return _away(place, "it has gone away")
    if code in _NOT_THERE:
        return EngineError(f"Milvus at {place} no longer holds this index. Build it again.", can_build=True)
    if code in (status.UNAUTHENTICATED, status.PERMISSION_DENIED) or "auth" in said.lower():
        return EngineError(f"Milvus at {place} refuses access. Set {TOKEN_VARIABLE} to USER:PASSWORD, or to the token.")
    if code == status.UNIMPLEMENTED:
        return EngineError(
            f"Milvus at {place} is of a version that the installed pymilvus does not fit ({said}). Install another one."
        )
    if code in _IS_FULL or code == status.RESOURCE_EXHAUSTED or _FULL.search(said):
        return EngineError(f"Milvus at {place} is full ({said}). Make room there, then build again.")
    if isinstance(error, grpc.FutureTimeoutError) or code == status.DEADLINE_EXCEEDED or "time" in said.lower():
        return slow(place)
    if "fail connecting" in said.lower():
        return _away(place, "nothing there answers as Milvus does")
    return EngineError(f"Milvus at {place} refuses: {said}")
