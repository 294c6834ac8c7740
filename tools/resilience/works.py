"""What is disturbed: commands that write, each from a home in which it can be given to one in which it is done."""

import contextlib
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fashion_search.cli import main
from fashion_search.home import HOME_VARIABLE
from tools.resilience import content, said, shop

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300  # s


@dataclass(frozen=True)
class Work:
    """One of them. ``arguments`` may name ``{data}``; ``begins``: the home it starts in, a key of ``Homes``.

    ``is_said``: what people do on a page, and not a command. ``removes``: it takes catalogs or parts of them away.
    """

    name: str
    begins: str
    arguments: tuple[str, ...]
    is_said: bool = False
    removes: bool = False


BUILD = Work(
    "build",
    "then",
    ("build", "{data}/now", "--name", "shop", "--method", "histogram", "--index", "hnsw", "--all-items", "--replace"),
)
QUERIES = Work("query set", "now", ("queries", "shop", "{data}/photos", "--name", "photos"))
IMPORT = Work("import of vectors", "now", ("import-vectors", "shop", "{data}/vectors/mine.npz", "--name", "mine"))
PART = Work(
    "import into a part",
    "now",
    ("import-vectors", "shop", "{data}/vectors/few.npz", "--name", "few", "--subset", "part"),
)
TRAIN = Work(
    "training",
    "now",
    ("train", "shop", "--recipe", "{data}/tiny.toml", "--name", "tiny", "--threads", "1", "--precision", "full"),
)
VERDICTS = Work("verdicts", "now", ("verdicts", "shop"), is_said=True)
CASES = Work("cases", "now", ("cases", "shop"), is_said=True)
REMOVE = Work("removal of a catalog", "all", ("remove", "shop", "--yes"), removes=True)
REMOVE_METHOD = Work("removal of a method", "all", ("remove", "shop", "--method", "mine", "--yes"), removes=True)
REMOVE_QUERIES = Work("removal of a query set", "all", ("remove", "shop", "--queries", "photos", "--yes"), removes=True)

WORKS = (BUILD, TRAIN, VERDICTS, IMPORT, REMOVE, QUERIES, CASES, PART, REMOVE_METHOD, REMOVE_QUERIES)
"""All, in the order in which they take turns."""


def environment(home: Path) -> dict[str, str]:
    """For a process that works in a home, by the package that this one imports."""
    known = {key: value for key, value in os.environ.items() if not key.startswith("FASHION_SEARCH_")}
    return known | {HOME_VARIABLE: str(home), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Ended:
    """How a work ended: its exit code, below 0 where a signal ended it, and what it said."""

    returncode: int
    stdout: str
    stderr: str


def run(work: Work, data: Path, home: Path, killed_after: float | None = None) -> Ended:
    """Do a work in a process of its own and wait for its end, or kill it after so many seconds.

    The process is forked from this one, which has the program's modules, so that its time is that of the work.
    """
    with tempfile.TemporaryDirectory(prefix="said-") as folder:
        outputs = [Path(folder, name) for name in ("stdout", "stderr")]
        process = multiprocessing.get_context("fork").Process(target=_act, args=(work, data, home, *outputs))
        process.start()
        process.join(PATIENCE if killed_after is None else killed_after)
        if process.is_alive():
            assert process.pid is not None
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # with whatever it started
            process.join()
        told = [path.read_text(errors="replace") if path.exists() else "" for path in outputs]
        return Ended(process.exitcode or 0, *told)


def _act(work: Work, data: Path, home: Path, stdout: Path, stderr: Path) -> None:
    """What the new process does; it ends with the exit code of the command."""
    os.setsid()
    for path, place in ((stdout, 1), (stderr, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), place)
    sys.stdout, sys.stderr = (os.fdopen(place, "w", buffering=1) for place in (1, 2))
    os.chdir(data)
    os.environ.update(environment(home))
    content.use_home(home)
    arguments = [part.format(data=data) for part in work.arguments]
    code = 1
    try:
        code = said.main(arguments) if work.is_said else main(arguments)
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


class Homes:
    """The homes in which works begin and end, made once in a folder, each by works that nobody disturbs."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.data = shop.write_all(folder / "data")
        self.seconds: dict[str, float] = {}
        self._ends: dict[str, content.Content] = {}

    def beginning(self, key: str) -> Path:
        """``quick``: an earlier shop is built; ``then``: evaluated, too; ``now``: the shop is; ``all``: with more."""
        home = self.folder / key
        if home.exists():
            return home
        if key in ("quick", "then"):
            first = ("build", "{data}/then", "--name", "shop", "--method", "histogram")
            self._do(Work("first build", "", first if key == "then" else (*first, "--quick")), home)
        else:
            before, works = {"now": ("then", [BUILD]), "all": ("now", [QUERIES, IMPORT, VERDICTS, CASES])}[key]
            shutil.copytree(self.beginning(before), home)
            for work in works:
                self._do(work, home)
        return home

    def _do(self, work: Work, home: Path) -> None:
        ended = run(work, self.data, home)
        if ended.returncode:
            raise RuntimeError(f"{work.name} fails undisturbed: {ended.stderr}")

    def end(self, work: Work) -> content.Content:
        """What the home says where the work was done and nobody disturbed it; how long it took is in ``seconds``."""
        if work.name not in self._ends:
            home = self.copy(work, "undisturbed")
            started = time.monotonic()
            self._do(work, home)
            self.seconds[work.name] = time.monotonic() - started
            self._ends[work.name] = content.content_of(home)
            shutil.rmtree(home)
        return self._ends[work.name]

    def copy(self, work: Work, name: str) -> Path:
        """A home of its own in which the work can begin."""
        home = self.folder / name
        shutil.rmtree(home, ignore_errors=True)
        return Path(shutil.copytree(self.beginning(work.begins), home))


def broken_state(work: Work, home: Path, before: Mapping[str, str], end: Mapping[str, str]) -> list[str]:
    """What a home says after a disturbance that is neither its previous nor its new state; empty where it opens well.

    Indexes, evaluations, costs, verdicts, cases and runs grow while a work goes on: of them only that they open is
    asked.
    """
    try:
        now = content.content_of(home)
    except Exception as error:  # whatever it is: the state does not open
        return [f"{work.name}: {type(error).__name__}: {error}"]
    whole = ("catalog", "rest")
    found = []
    for key in {*before, *end, *now}:
        known = {before.get(key), end.get(key)} | ({None} if work.removes else set())
        if (key.endswith(whole) or ": query set" in key) and now.get(key) not in known:
            found.append(f"{work.name}: {key} is neither what it was nor what it becomes")
    return found


def differences(now: Mapping[str, str], end: Mapping[str, str]) -> list[str]:
    """What two homes say differently."""
    return sorted(key for key in {*now, *end} if now.get(key) != end.get(key))
