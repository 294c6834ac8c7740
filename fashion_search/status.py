"""The progress of a build, as a small file beside what is built: any process can show it."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from fashion_search.files import write_atomically
from fashion_search.home import home

LOCK = "build.lock"
_STATUS = "build.json"
_LOG = "build.log"


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
class Status:
    """``state`` is ``running``, ``done``, ``failed`` or ``interrupted``."""

    state: str
    progress: Progress = Progress(0, 0)
    message: str = ""


def write_status(folder: Path, status: Status) -> None:
    """Replace a folder's status. Failing to is no reason to fail a build."""
    data = json.dumps(asdict(status)).encode()
    try:
        write_atomically(folder / _STATUS, lambda file: file.write(data))
    except OSError:  # a full disk; the build itself will say so
        return


def read_status(name: str) -> Status | None:
    """The state of the newest build of a catalog; None where there never was one."""
    folder = home() / name
    try:
        data = json.loads((folder / _STATUS).read_bytes())
        status = Status(data["state"], Progress(**data["progress"]), data["message"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if status.state == "running" and not _is_locked(folder):
        return Status("interrupted", status.progress)
    return status


def _is_locked(folder: Path) -> bool:
    """Whether a living process builds here; the system releases the lock of a dead one."""
    try:
        with FileLock(folder / LOCK, timeout=0):
            return False
    except Timeout:
        return True


def start_build(name: str, source_path: str, arguments: Sequence[str] = ()) -> None:
    """Start ``python -m fashion_search build`` as a process of its own; ``read_status`` tells how it goes.

    Raises:
        OSError: the folder cannot be written.
    """
    folder = home() / name
    folder.mkdir(parents=True, exist_ok=True)
    write_status(folder, Status("starting"))
    with (folder / _LOG).open("wb") as log:
        subprocess.Popen(
            [sys.executable, "-m", "fashion_search", "build", source_path, "--name", name, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=Path(__file__).resolve().parents[1],
            env=os.environ | {"FASHION_SEARCH_HOME": str(home())},
            start_new_session=True,
        )
