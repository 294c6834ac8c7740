"""Long work that many ask for, that is left, and builds that are cancelled at any moment."""

import asyncio
import contextlib
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from benchmarks.ports import free_port
from fashion_search.build.status import cancel_build, read_status, start_build
from fashion_search.catalog.demo import DEMO
from fashion_search.catalog.request import Request
from fashion_search.home import HOME_VARIABLE, home
from fashion_search.manifest import read_manifest
from tools.resilience.crowd import largest_catalog
from tools.resilience.session import Session
from tools.resilience.trial import Outcome

_APP = "fashion_search"
_PIECES = 2  # of long work that a page of Metrics asks for: its rankings, and its table
_LEFT_AFTER = 1.0  # s that a visitor looks at work before the tab is closed
_PATIENCE = 300.0  # s
_LONGEST = 6.0  # s after which a build is cancelled at the latest


def twice(count: int, seed: int, module: str = _APP) -> Outcome:
    """So many sessions that ask for the same evaluation at once; then one that is left, and another that comes back.

    ``module``: what has the command ``app``.
    """
    catalog = largest_catalog()
    column = read_columns(catalog)
    found = Outcome({"catalog": catalog, "sessions": count})
    with tempfile.TemporaryDirectory() as folder, _logged_app(module, Path(folder) / "log") as (port, log):
        asyncio.run(_come(port))  # the Search page, which everybody comes by, has something to work out, too
        begun = _events(log)["evaluation"]
        started = time.perf_counter()
        asyncio.run(_together(port, _address(catalog, column, seed), count))
        found.figures["seconds until all have it"] = round(time.perf_counter() - started, 1)
        before = _events(log)
        made = before["evaluation"] - begun
        found.figures["evaluations for all"] = made
        if made > _PIECES:
            found.broken.append(f"{count} sessions asked for {_PIECES} pieces of work; {made} were done.")
        asyncio.run(_left(port, _address(catalog, column, seed + 1)))
        after = _events(log)
        again = after["evaluation"] - before["evaluation"]
        found.figures["evaluations after a closed tab"] = again
        if again > _PIECES:
            found.broken.append(f"A tab was closed, and its work done anew for who came after: {again} pieces.")
        if after["defect"]:
            found.broken.append(f"{after['defect']} errors that nobody foresaw.")
    return found


def read_columns(catalog: str) -> tuple[str, list[str]]:
    """A grouping column of a catalog, and its values, to filter by."""
    from fashion_search.store import open_store

    store = open_store(catalog).catalog
    return store.columns[-1], sorted(store.values(store.columns[-1]))


def _address(catalog: str, column: tuple[str, list[str]], number: int) -> str:
    """Metrics of a catalog without one value: an evaluation that is not stored."""
    name, values = column
    return f"catalog={catalog}&where={quote(f'{name}!={values[number % len(values)]}')}"


async def _come(port: int) -> None:
    async with Session(port):
        pass


async def _together(port: int, query: str, count: int) -> None:
    async def look() -> None:
        async with Session(port) as visitor:
            await visitor.turn_to("Metrics", query)

    await asyncio.gather(*(look() for _ in range(count)))


async def _left(port: int, query: str) -> None:
    async with Session(port) as visitor:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(visitor.turn_to("Metrics", query), _LEFT_AFTER)
    await _together(port, query, 1)


@contextlib.contextmanager
def _logged_app(module: str, path: Path) -> Iterator[tuple[int, Path]]:
    """The app with its log as JSON; its port and that file."""
    port = free_port()
    command = [sys.executable, "-m", module, "app", "--port", str(port), "--log-json"]
    environment = os.environ | {HOME_VARIABLE: str(home()), "STREAMLIT_SERVER_HEADLESS": "true"}
    with path.open("wb") as log:
        app = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=log)
    try:
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            if app.poll() is not None:
                raise RuntimeError(f"The app ended at once: {path.read_text()[-500:]}")
            time.sleep(0.05)
        yield port, path
    finally:
        app.terminate()
        app.wait()


def _events(log: Path) -> Counter[str]:
    """The lines of a log by their event; besides, defects."""
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    return Counter([line["event"] for line in lines] + ["defect" for line in lines if line["id"]])


def cancelled(count: int, seed: int) -> Outcome:
    """So many builds that are cancelled at a random moment and go on: the end is that of one that was left alone."""
    chance = random.Random(seed)
    found = Outcome({"builds": count})
    before = os.environ.get(HOME_VARIABLE)
    folder = tempfile.mkdtemp()
    try:
        os.environ[HOME_VARIABLE] = folder
        start_build(_request("alone"))
        began = time.monotonic()
        alone = _over("alone")
        longest = min(time.monotonic() - began, _LONGEST)
        expected = _vectors("alone")
        times = 0
        for number in range(count):
            name = f"cancelled-{number}"
            start_build(_request(name))
            time.sleep(chance.uniform(0, longest))
            cancel_build(name)
            state = _over(name)
            times += state == "cancelled"
            if state not in ("cancelled", "done"):
                found.broken.append(f"A build that was cancelled is {state}.")
            start_build(_request(name))
            if (end := _over(name)) != "done" or _vectors(name) != expected:
                found.broken.append(f"A build that went on is {end}, its vectors not those of one that was left alone.")
        found.figures |= {"an undisturbed one": alone, "cancelled before they were done": times}
    finally:
        if before is None:
            del os.environ[HOME_VARIABLE]
        else:
            os.environ[HOME_VARIABLE] = before
        shutil.rmtree(folder, ignore_errors=True)
    return found


def _request(name: str) -> Request:
    return Request(DEMO, name, ("histogram",), quick=True)


def _over(name: str) -> str:
    """The state of a build once it is over."""
    end = time.monotonic() + _PATIENCE
    while (status := read_status(name)) is not None and status.is_under_way:
        if time.monotonic() > end:
            return "still under way"
        time.sleep(0.05)
    return status.state if status else "nowhere"


def _vectors(name: str) -> dict[str, str]:
    """The checksum of each method's vectors."""
    return {method: entry.vectors["sha256"] for method, entry in read_manifest(home() / name).libraries.items()}
