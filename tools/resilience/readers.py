"""``readers``: two processes build a catalog in turns while five read it; nobody sees halves of two states."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from fashion_search import files
from fashion_search.catalog.request import Request
from fashion_search.errors import StoreError
from fashion_search.store import open_store
from tools.resilience import content, shop
from tools.resilience.trial import Outcome
from tools.resilience.works import ROOT, environment

BUILDERS, READERS = 2, 5
_STATES = (shop.THEN, shop.NOW)


def trial(count: int, seed: int) -> Outcome:
    """Each builder builds ``count`` times; readers read until they are done."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory(prefix="readers-") as folder:
        home, known = Path(folder, "home"), []
        for place, groups in enumerate(_STATES):
            shop.write_shop(Path(folder, f"{place}"), groups)
            _build(Path(folder, f"{place}"), home)
            known.append(content.of_store(open_store("shop")))
        builders = [_started("build", folder, home, count, seed + one) for one in range(BUILDERS)]
        readers = [_started("read", folder, home, *known) for _ in range(READERS)]
        for one in builders:
            _, said = one.communicate()
            if one.returncode:
                outcome.broken.append(f"A builder failed: {said.strip()[-300:]}")
        Path(folder, "over").touch()
        reads = again = 0
        for one in readers:
            told, said = one.communicate()
            if one.returncode:
                outcome.broken.append(f"A reader saw what is no state: {said.strip()[-300:]}")
                continue
            some, more = map(int, told.split())
            reads, again = reads + some, again + more
        content.use_home(home)
        if content.of_store(open_store("shop")) not in known:
            outcome.broken.append("What is there in the end is no state")
        outcome.figures = {"builds": BUILDERS * count, "reads": reads, "read again, as a build had ended": again}
    return outcome


def _started(what: str, folder: str, home: Path, *arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-P", "-m", "tools.resilience.readers", what, folder, *map(str, arguments)]
    return subprocess.Popen(
        command, env=environment(home), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _build(source: Path, home: Path) -> None:
    from fashion_search.build.run import build

    content.use_home(home)
    build(Request(str(source), "shop", ("histogram",), quick=True, replace=True))


def _builder(folder: str, count: str, seed: str) -> None:
    for turn in range(int(count)):
        _build(Path(folder, f"{(turn + int(seed)) % 2}"), Path(os.environ["FASHION_SEARCH_HOME"]))


def _reader(folder: str, *known: str) -> None:
    """Prints how often it read, and how often it had to begin anew as files were replaced by two builds meanwhile."""
    reads = again = 0
    while not Path(folder, "over").exists():
        files._verified.clear()
        try:
            found = content.of_store(open_store("shop"))
        except StoreError as error:
            if "cannot be read (No such file" not in str(error):
                raise
            again += 1
            continue
        if found not in known:
            raise SystemExit(f"{found} is none of {known}")
        reads += 1
    print(reads, again)


if __name__ == "__main__":
    if sys.argv[1] == "build":
        _builder(*sys.argv[2:])
    else:
        _reader(*sys.argv[2:])
