"""Fixtures of the browser tests: a server of one's own, and pages that must stay on this machine and make no error."""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, expect, sync_playwright

from benchmarks.ports import free_port
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.home import HOME_VARIABLE
from tests.app import shops

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "artifacts" / "screenshots"
LAPTOP = (1440, 900)
PROJECTOR = (1920, 1080)
PHONE = (390, 844)
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

PATIENCE = 90_000  # ms; nothing here is about time, and a busy machine takes long to import torch
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="package")  # its end also ends the event loop that it runs in this thread
def chromium() -> Iterator[Browser]:
    """The system's Chromium; without one, tests are skipped, or fail where a browser is required."""
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        reason = f"no Chromium on this machine (looked for {', '.join(_NAMES)})"
        if os.environ.get("FASHION_SEARCH_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def window(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser window; its tabs share downloads, so that a test need not fetch Streamlit's scripts again."""
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@dataclass(frozen=True)
class Server:
    """A running app."""

    base: str
    home: Path

    def url(self, page: str = "", **params: str) -> str:
        """The address of a page."""
        return f"{self.base}/{page}" + (f"?{urlencode(params)}" if params else "")


def serve(
    home: Path,
    weights: Path,
    log: Path,
    module: str = "fashion_search",
    folder: Path = ROOT,
    options: tuple[str, ...] = (),
) -> Iterator[Server]:
    """A server; ``module`` is what has the command ``app``, ``folder`` where it is started."""
    port = free_port()
    command = [sys.executable, "-m", module, "app", "--port", str(port), *options]
    environment = os.environ | {
        HOME_VARIABLE: str(home),
        FOLDER_VARIABLE: str(weights),
        "STREAMLIT_SERVER_HEADLESS": "true",
        "PYTHONPATH": str(ROOT),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
    base = f"http://127.0.0.1:{port}"
    try:
        _wait_until_it_answers(base, process, log)
        yield Server(base, home)
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_it_answers(base: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{base}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the app did not start:\n{log.read_text('utf-8')}")


@pytest.fixture(scope="session")
def shop_folder(shared: Path, random_weights: Path) -> Path:
    """The trial shop's pictures and table."""
    return shops.built(shared, random_weights)[0]


@pytest.fixture(scope="session")
def trial(shared: Path, random_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trial shop, built, in a home."""
    home = tmp_path_factory.mktemp("browser-home")
    return Path(shutil.copytree(shops.built(shared, random_weights)[1], home / shops.CATALOG))


@pytest.fixture(scope="module")
def server(
    chromium: Browser, trial: Path, random_weights: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that the tests of a module share, with the trial shop in its home."""
    yield from serve(trial.parent, random_weights, tmp_path_factory.mktemp("log") / "server.log")


@pytest.fixture
def fresh_server(chromium: Browser, trial: Path, random_weights: Path, tmp_path: Path) -> Iterator[Server]:
    """A server that no page has been opened on."""
    yield from serve(trial.parent, random_weights, tmp_path / "server.log")


@dataclass
class Watch:
    """What pages asked for and complained of."""

    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    def page(self, page: Page) -> None:
        """Watch a page from before its first request."""
        page.on("request", lambda request: self._host(request.url))
        page.on("websocket", lambda socket: self._host(socket.url))
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._page_error(error))

    def _host(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about"):
            self.hosts.add(parts.hostname or url)

    def _page_error(self, error: Error) -> None:
        self.complaints.append(f"uncaught: {error}")

    def _console(self, message: ConsoleMessage) -> None:
        url = urlsplit(message.location.get("url", ""))
        probes = url.path.endswith(("/_stcore/health", "/_stcore/host-config")) and not url.path.startswith("/_stcore")
        if message.type == "error" and not (probes and "404" in message.text):  # Streamlit looks below the page's path
            self.complaints.append(f"{message.text} ({url.path})")


@pytest.fixture
def open_page(window: BrowserContext) -> Iterator[Callable[..., Page]]:
    """Opens an address in a tab of its own; afterwards nothing may have left this machine or gone wrong."""
    watch = Watch()
    pages = []

    def open_it(url: str, size: tuple[int, int] = LAPTOP, scheme: Literal["light", "dark"] = "light") -> Page:
        page = window.new_page()
        pages.append(page)
        watch.page(page)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=scheme)
        page.goto(url)
        settle(page)
        return page

    yield open_it
    for page in pages:
        page.close()
    assert watch.hosts <= {"127.0.0.1"}
    assert watch.complaints == []


def settle(page: Page) -> None:
    """Until the page's script has run and everything of it is drawn."""
    app = page.locator('[data-testid="stApp"]')
    expect(app).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.locator('[data-testid="stHeading"]').first).to_be_visible()
    expect(page.locator('[data-testid="stSkeleton"]')).to_have_count(0)


def keep(page: Page, name: str) -> None:
    """Keep a picture of the whole page for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    main = page.locator('[data-testid="stMain"]')
    height = int(main.evaluate("element => element.scrollHeight"))
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], min(height, 4000))})
    page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")
    page.set_viewport_size(size)
