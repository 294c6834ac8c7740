"""The progress of a build, as a small file beside what is built: any process can show it."""

import json
import os
import shlex
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from fashion_search.catalog.source import Options
from fashion_search.errors import FashionSearchError, StoreError
from fashion_search.files import write_atomically
from fashion_search.home import HOME_VARIABLE, home

LOCK = "build.lock"
_STATUS = "build.json"
_LOG = "build.log"
_START_LIMIT = 600  # s until a build that did not report is taken for failed


@dataclass(frozen=True)
class Progress:
    """Pictures done of those that had to be made; rate in images/s and time left in s are 0 until known."""

    done: int
    total: int
    rate: float = 0.0
    seconds_left: float = 0.0
    waiting: bool = False  # for another process that builds the same catalog

    @property
    def sentence(self) -> str:
        """For people: ``1,200 of 6,217 images · 58 images/s · 1:26 left``."""
        if self.waiting:
            return "Another build of this catalog is running; waiting for it."
        if not self.total:
            return "Reading the catalog."
        minutes, seconds = divmod(round(self.seconds_left), 60)
        return f"{self.done:,} of {self.total:,} images · {self.rate:.0f} images/s · {minutes}:{seconds:02d} left"


@dataclass(frozen=True)
class Request:
    """What a build was asked for: enough to ask for it again."""

    source: str  # a path, or "demo"
    name: str
    methods: tuple[str, ...]
    options: Options = field(default_factory=Options)
    replace: bool = False
    robustness: bool = False  # measure it afterwards

    def arguments(self) -> list[str]:
        """The same request on the command line."""
        options = self.options
        arguments = ["build", self.source]
        for method in self.methods:
            arguments += ["--method", method]
        arguments += ["--name", self.name]
        for flag, number in (("--smallest", options.smallest), ("--largest", options.largest)):
            arguments += [] if number is None else [flag, str(number)]
        arguments += [] if options.image_column is None else ["--image-column", options.image_column]
        arguments += ["--replace"] if self.replace else []
        arguments += ["--robustness"] if self.robustness else []
        return arguments + (["--group-by", *options.group_by] if options.group_by else [])

    @property
    def command(self) -> str:
        """What a person types for it."""
        return f"python -m fashion_search {shlex.join(self.arguments())}"

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"options": self.options.to_json()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        options = Options.from_json(data["options"])
        robustness = data.get("robustness", False)  # builds of earlier versions do not say
        return cls(data["source"], data["name"], tuple(data["methods"]), options, data["replace"], robustness)


@dataclass(frozen=True)
class Status:
    """``state`` is ``starting``, ``running``, ``done``, ``failed`` or ``interrupted``."""

    state: str
    request: Request
    progress: Progress = Progress(0, 0)
    message: str = ""

    @property
    def is_under_way(self) -> bool:
        return self.state in ("starting", "running")


def write_status(folder: Path, status: Status) -> None:
    """Replace a folder's status. Failing to is no reason to fail a build."""
    data = json.dumps(asdict(status) | {"request": status.request.to_json()}).encode()
    try:
        write_atomically(folder / _STATUS, lambda file: file.write(data))
    except OSError:  # a full disk; the build itself will say so
        return


def fail_start(folder: Path, message: str) -> None:
    """Tell a page that waits for a build it started why that build did not begin."""
    status = _read(folder / _STATUS)
    if status is not None and status.state == "starting":
        write_status(folder, replace(status, state="failed", message=message))


def _read(path: Path) -> Status | None:
    try:
        data = json.loads(path.read_bytes())
        request, progress = Request.from_json(data["request"]), Progress(**data["progress"])
        return Status(data["state"], request, progress, data["message"])
    except (OSError, ValueError, KeyError, TypeError, FashionSearchError):
        return None


def read_status(name: str) -> Status | None:
    """The state of the newest build of a catalog; None where there never was one."""
    folder = home() / name
    path = folder / _STATUS
    status = _read(path)
    if status is None:
        return None
    age = time.time() - path.stat().st_mtime
    if status.state == "running" and not _is_locked(folder):
        return replace(status, state="interrupted")
    if status.state == "starting" and age > _START_LIMIT:
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


def start_build(request: Request) -> None:
    """Start ``python -m fashion_search build`` as a process of its own; ``read_status`` tells how it goes.

    Raises:
        StoreError: the folder cannot be written.
    """
    folder = home() / request.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_status(folder, Status("starting", request))
        with (folder / _LOG).open("wb") as log:
            subprocess.Popen(
                [sys.executable, "-m", "fashion_search", *request.arguments()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=Path(__file__).resolve().parents[1],
                env=os.environ | {HOME_VARIABLE: str(home())},
                start_new_session=True,
            )
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error.strerror}.") from error


def clear_traces(folder: Path) -> None:
    """Remove status, log and lock of builds that are over, so that only what was built is left."""
    for name in (_STATUS, _LOG, LOCK):
        (folder / name).unlink(missing_ok=True)
