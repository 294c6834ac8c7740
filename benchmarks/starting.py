"""From a command to what it shows."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.browser import PAGES, PICTURE, ROOT, Server, browser
from benchmarks.measuring import Goal, Row, Setting, paired, timed


def first_result(setting: Setting) -> Iterator[Row]:
    """The demo's first result on screen, in Chromium, against an empty Streamlit page."""
    with browser() as chromium:

        def load(page: Path | None, selector: str) -> float:
            with Server(page, setting.home) as server:
                server.wait()
                tab = chromium.new_page()
                tab.goto(server.url)
                tab.wait_for_selector(selector)
                tab.locator(selector).first.evaluate("element => element.decode?.()")  # a picture is on screen
                seconds = time.perf_counter() - server.started
                tab.close()
            return seconds

        empty = partial(load, PAGES / "empty.py", "text=ready")
        app = partial(load, None, "[class*=st-key-results-] " + PICTURE)
        yield Row.of("first result", "an empty Streamlit page", paired(empty, app, setting.n), goal=Goal("≤", 1.2))
        if setting.is_full:
            torch = partial(load, PAGES / "torch_at_once.py", "text=ready")
            yield Row.of("a page that makes a ResNet first", "an empty Streamlit page", paired(empty, torch, 3))


def help_shown(setting: Setting) -> Iterator[Row]:
    """``fashion-search --help`` against Python that imports NumPy."""
    bare, ours = command("-c", "import numpy"), command("-m", "fashion_search", "--help")
    pairs = paired(bare, ours, 3 * setting.n, warm=1)
    yield Row.of("--help", "python -c 'import numpy'", pairs, goal=Goal("≤", 0.3, "s"))


def nothing_new(setting: Setting) -> Iterator[Row]:
    """A build of what is built already, against ``--help``."""
    bare = command("-m", "fashion_search", "--help")
    again = command("-m", "fashion_search", "build", setting.source, "--name", setting.catalog)
    again()  # what is missing is built
    yield Row.of("build with nothing new", "--help", paired(bare, again, setting.n), goal=Goal("≤", 2, "s"))


def command(*arguments: str) -> Callable[[], float]:
    """Seconds that a new Python takes for these, its home that of this process."""
    words = [sys.executable, *arguments]
    return lambda: timed(lambda: subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.DEVNULL))
