"""The state of a build, as a small file beside what is built: any process can show it."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import msgspec
from filelock import FileLock, Timeout

from fashion_search import logs
from fashion_search.build.progress import Progress, Report
from fashion_search.catalog.request import Request
from fashion_search.errors import FashionSearchError, StoreError
from fashion_search.files import with_checksum, without_checksum, write_atomically
from fashion_search.home import home, own_process

LOCK = "build.lock"
_STATUS = "build.json"
_LOG = "build.log"
_SWITCH = "build.switch"  # beside a build that may be cancelled from elsewhere; "off" in it cancels the build
_START = ".start.lock"  # held while a build is started
TRACES = (_STATUS, _LOG, _SWITCH)
"""What a build that is over leaves beside what it built."""
_START_LIMIT = 600  # s until a build that did not report is taken for failed
_EVERY = 0.5  # s between two states on disk, and two looks at the switch
_TO_END = 5.0  # s
_PATIENCE = 10.0  # s
_OFF = b"off"
_obeyed: set[Path] = set()  # the folders whose switch this process obeys
_newest: dict[Path, "subprocess.Popen[bytes]"] = {}  # the build that this process started last in a folder


@dataclass(frozen=True)
class Status:
    """What a build is doing, and was asked for. ``message``: why it failed, or what it left out."""

    state: Literal["starting", "running", "done", "failed", "interrupted", "cancelled"]
    request: Request
    progress: Progress = field(default_factory=Progress)
    message: str = ""

    @property
    def is_under_way(self) -> bool:
        return self.state in ("starting", "running")


def write_status(folder: Path, status: Status) -> None:
    """Replace a folder's status. Failing to is no reason to fail a build."""
    data = msgspec.json.encode(with_checksum(msgspec.to_builtins(status)))
    try:
        write_atomically(folder / _STATUS, lambda file: file.write(data))
    except OSError:  # a full disk; the build itself will say so
        return


def fail_start(folder: Path, message: str) -> None:
    """Tell a page that waits for a build it started why that build did not begin."""
    status = _read(folder / _STATUS)
    if status is not None and status.state == "starting":
        write_status(folder, replace(status, state="failed", message=message))


def explain_failure(name: str, id: str) -> None:
    """Tell who asks how a build went, which failed by a defect, under which id its log has the details."""
    folder = home() / name
    status = _read(folder / _STATUS)
    if status is not None:
        message = f"Something went wrong. Its log, {_LOG} in the catalog’s folder, has the details under the id {id}."
        write_status(folder, replace(status, state="failed", message=message))


def _read(path: Path) -> Status | None:
    try:
        return msgspec.convert(without_checksum(msgspec.json.decode(path.read_bytes())), Status)
    except (OSError, ValueError, msgspec.DecodeError, FashionSearchError):  # damaged: nothing is said of it
        return None


def read_status(name: str) -> Status | None:
    """The state of the newest build of a catalog; None where there never was one."""
    return _status_in(home() / name)


def _status_in(folder: Path) -> Status | None:
    path = folder / _STATUS
    status = _read(path)
    if status is None:
        return None
    try:
        age = time.time() - path.stat().st_mtime
    except FileNotFoundError:  # dismissed, or removed with its catalog, since it was read
        return None
    is_off = _is_off(folder)
    if status.state == "running" and not _is_locked(folder):
        return replace(status, state="cancelled" if is_off else "interrupted")
    if status.state == "starting" and is_off:
        return replace(status, state="cancelled")
    if status.state == "starting" and abs(age) > _START_LIMIT:  # below 0 where the clock was set back since
        return replace(status, state="failed", message=_last_line(folder / _LOG))
    return status


def _last_line(log: Path) -> str:
    try:
        return log.read_text("utf-8", errors="replace").strip().splitlines()[-1]
    except (OSError, IndexError):
        return "The build did not start."


def _is_locked(folder: Path) -> bool:
    """Whether a living process builds here; the system releases the lock of a dead one."""
    try:
        with FileLock(folder / LOCK, timeout=0):
            return False
    except Timeout:
        return True


@contextlib.contextmanager
def locked(folder: Path, report: Report) -> Iterator[None]:
    """Holds the build's lock; waits for another process that builds the same catalog."""
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        report(Progress(stage="waiting"))
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keeps builds of a catalog away.

    Raises:
        StoreError: one is under way.
        OSError: the folder cannot be written.
    """
    status = _status_in(folder)
    try:
        if status is not None and status.is_under_way:
            raise Timeout(str(folder / LOCK))
        with FileLock(folder / LOCK, timeout=0):
            yield
    except Timeout as error:
        raise StoreError(f"“{folder.name}” is being built. Wait until that is over.") from error


def with_status(folder: Path, request: Request, report: Report) -> Report:
    """Also keep the status file up to date, so that a page of any process can show the progress."""
    last = -_EVERY
    stage = ""
    if folder not in _obeyed:  # one that a build left which was killed
        _remove_switch(folder)

    def both(progress: Progress) -> None:
        nonlocal last, stage
        report(progress)
        now = time.monotonic()
        if now - last >= _EVERY or progress.stage != stage:
            last, stage = now, progress.stage
            write_status(folder, Status("running", request, progress))

    return both


def start_build(request: Request) -> None:
    """Start a build as a process of its own; ``read_status`` tells how it goes. The same build is started once.

    Raises:
        StoreError: another build of the catalog is under way, or the folder cannot be written.
    """
    folder = home() / request.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / _START, timeout=_PATIENCE):
            status = _status_in(folder)
            if status is None or not status.is_under_way:
                _start(folder, request)
            elif status.request != request:
                raise StoreError(f"“{request.name}” is being built. Wait until that is over.")
    except Timeout as error:
        raise StoreError(f"A build of “{request.name}” is being started just now. Try again.") from error
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error.strerror}.") from error


def _start(folder: Path, request: Request) -> None:
    command, environment = own_process("build")
    (folder / _SWITCH).write_bytes(b"")
    write_status(folder, Status("starting", request))
    with (folder / _LOG).open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError), process.stdin:  # one that ended at once says why in its log
        process.stdin.write(msgspec.json.encode(request))
    _newest[folder] = process
    threading.Thread(target=_say_that_it_ended, args=(process, folder), daemon=True).start()


def _say_that_it_ended(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    """What ends before it can report, such as for want of memory, is noticed here, or else after a while."""
    process.wait()
    if _newest.get(folder) is process:
        fail_start(folder, _last_line(folder / _LOG))


def can_be_cancelled(name: str) -> bool:
    """Whether the build of a catalog that is under way was started by ``start_build``, and not in a terminal."""
    return (home() / name / _SWITCH).is_file()


def is_being_cancelled(name: str) -> bool:
    """Whether a build that is under way will end soon."""
    return _is_off(home() / name)


def cancel_build(name: str) -> None:
    """Have the build of a catalog end, which ``start_build`` started; what it did is kept, and it can go on.

    Raises:
        StoreError: the folder cannot be written.
    """
    switch = home() / name / _SWITCH
    try:
        if switch.is_file():
            switch.write_bytes(_OFF)
    except OSError as error:
        raise StoreError(f"{switch} cannot be written: {error.strerror}.") from error


def _is_off(folder: Path) -> bool:
    try:
        return (folder / _SWITCH).read_bytes() == _OFF
    except OSError:
        return False


@contextlib.contextmanager
def obeying_switch(name: str) -> Iterator[None]:
    """In the process of a catalog's build: ends it, with all processes that it started, once somebody cancels it.

    Nothing is put in order first: a build that is killed at any moment goes on from what it did.
    """
    folder = home() / name

    def watch() -> None:
        while not _is_off(folder):
            if over.wait(_EVERY):
                return
        logs.log("build", "cancelled", catalog=folder.name)
        if hasattr(os, "killpg") and os.getpgrp() == os.getpid():  # the group that start_build made
            os.killpg(os.getpgrp(), signal.SIGTERM)
            time.sleep(_TO_END)
        os._exit(1)

    over = threading.Event()
    _obeyed.add(folder)
    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        over.set()
        _obeyed.discard(folder)
        _remove_switch(folder)


def _remove_switch(folder: Path) -> None:
    with contextlib.suppress(OSError):
        (folder / _SWITCH).unlink(missing_ok=True)


def clear_traces(folder: Path) -> None:
    """Remove status, log and locks of builds that are over, so that only what was built is left."""
    for name in (*TRACES, LOCK, _START):
        (folder / name).unlink(missing_ok=True)
