"""Servers and a browser for the benchmarks, on 127.0.0.1 only."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.ports import free_port
from fashion_search.errors import FashionSearchError

ROOT = Path(__file__).resolve().parents[1]
PAGES = Path(__file__).with_name("pages_compared")
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class NoServerError(FashionSearchError):
    """A page cannot be measured here."""


@contextmanager
def browser() -> Iterator[Browser]:
    """The system's Chromium, headless."""
    path = next((found for name in _CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        raise NoServerError("The benchmarks of pages need Chromium; install it from your system's packages.")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        try:
            yield started
        finally:
            started.close()


PICTURE = ".fs-picture img"
SETTLED = '[data-testid="stApp"][data-test-script-state="notRunning"]'  # a page whose script is not running


def memory_in(status: str) -> tuple[int, int]:
    """Resident memory now and at its peak in what ``/proc/…/status`` says of a process, bytes."""
    fields = dict(line.split(":", 1) for line in status.splitlines())
    now, peak = (int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
    return now, peak


class BareRerun:
    """The baseline of interactions: on each call, a click that changes one line of text, until it is drawn."""

    def __init__(self, tab: Page, url: str):
        self.tab = tab
        self.clicks = 0
        tab.goto(url)
        tab.wait_for_selector("text=clicked 0 times")

    def __call__(self) -> float:
        self.clicks += 1
        started = time.perf_counter()
        self.tab.get_by_role("button", name="Click").click()
        self.tab.wait_for_selector(f"text=clicked {self.clicks} times")
        self.tab.wait_for_selector(SETTLED)
        return time.perf_counter() - started


class Server:
    """A server of one page of Streamlit, or of the program; ``started`` is when its command was given."""

    def __init__(self, page: Path | None, home: Path):
        self.port = free_port()
        command = (
            ["fashion_search", "app", "--port"] if page is None else ["streamlit", "run", str(page), "--server.port"]
        )
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command, str(self.port)],
            cwd=ROOT,
            env=os.environ | {"FASHION_SEARCH_HOME": str(home), "STREAMLIT_SERVER_HEADLESS": "true"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def wait(self) -> None:
        """Until it listens."""
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    raise NoServerError("A server of the benchmark ended at once.") from None
                time.sleep(0.01)

    def memory(self) -> tuple[int, int]:
        """Resident memory of the server's process now and at its peak, bytes (Linux)."""
        return memory_in(Path(f"/proc/{self.process.pid}/status").read_text())

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *error: object) -> None:
        self.process.terminate()
        self.process.wait()
