"""``python -m benchmarks.start_profile``: what the first result waits for, in ms after the command, as a table."""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, WebSocket
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.browser import PAGES, PICTURE, SETTLED, Server, browser

_RESULT = "[class*=st-key-results-] " + PICTURE
_SEEN = {  # a step: when this is in the page
    "React's first elements": "[data-testid=stApp]",
    "title": "[data-testid=stMain] h1",
    "first result, in the page": _RESULT,
    "a button of a result": "[class*=st-key-open-] button",
}
_MESSAGES = {
    "new_session": "script begins",
    "page_config_changed": "script has its imports",
    "script_finished": "script ends",
}
_WATCH = """([steps]) => {
  window.steps = {};
  new MutationObserver(() => {
    for (const [step, selector] of Object.entries(steps))
      if (!(step in window.steps) && document.querySelector(selector)) window.steps[step] = performance.now();
  }).observe(document, {childList: true, subtree: true});
}"""


def measured(chromium: Browser, page: Path | None, shown: str, home: Path) -> dict[str, float]:
    """The steps of one start, ms after the command; the last is ``shown`` on screen."""
    steps: dict[str, float] = {}
    with Server(page, home) as server:

        def mark(step: str) -> None:
            steps.setdefault(step, 1000 * (time.perf_counter() - server.started))

        def listen(socket: WebSocket) -> None:
            mark("WebSocket open")
            socket.on("framereceived", lambda data: receive(data) if isinstance(data, bytes) else None)

        def receive(data: bytes) -> None:
            kind = ForwardMsg.FromString(data).WhichOneof("type")
            if kind in _MESSAGES:
                mark(_MESSAGES[kind])

        server.wait()
        mark("port taken")
        tab = chromium.new_page()
        tab.on("websocket", listen)
        tab.add_init_script(f"({_WATCH})([{dict(_SEEN)!r}])")
        mark("address asked for")
        tab.goto(server.url)
        tab.wait_for_selector(shown)
        tab.locator(shown).first.evaluate("element => element.decode?.()")
        mark("first result, on screen")
        tab.wait_for_selector(SETTLED)
        began = steps["address asked for"]
        seen: dict[str, Any] = tab.evaluate("window.steps")
        steps |= {step: began + milliseconds for step, milliseconds in seen.items()}
        steps["files"] = tab.evaluate("performance.getEntriesByType('resource').length")
        tab.close()
    return steps


def main() -> None:
    """Print medians of both pages, in turns, as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start_profile", description=__doc__)
    parser.add_argument("-n", type=int, default=5, help="starts of each page (default: 5)")
    n = parser.parse_args().n
    empty, ours = [], []
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        for _ in range(n + 1):  # the first reads files from the disk
            empty.append(measured(chromium, PAGES / "empty.py", "text=ready", Path(folder)))
            ours.append(measured(chromium, None, _RESULT, Path(folder)))
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, medians of {n}\n")
    print("| step | an empty page | the program |\n|---|---|---|")
    medians = [_median(runs[1:]) for runs in (empty, ours)]
    for step in sorted(medians[1], key=lambda step: medians[1][step]):
        print(f"| {step} | {medians[0].get(step, '')} | {medians[1][step]} |")


def _median(runs: list[dict[str, float]]) -> dict[str, int]:
    """Of the steps that every run has."""
    return {
        step: round(statistics.median(run[step] for run in runs)) for step in runs[0] if all(step in r for r in runs)
    }


if __name__ == "__main__":
    main()
