"""The trial of texts that would be markup, in little, and that it sees markup."""

import http.server
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import ROOT
from tools.resilience import payloads

LEAKS = {
    "a script ran": '<img src="x" onerror="window.pwn=1">',
    "a link": '<a href="http://pwn.invalid/a">x</a>',
    "a link of a script": '<a href="javascript:window.pwn=1">x</a>',
    "a handler": '<b onmouseover="1">x</b>',
    "formatting": "<p>x <strong>pwnstars</strong></p>",
    "formatting in a chart": "<svg><text><tspan style='font-weight:bold'>pwnbold</tspan></text></svg>",
    "a formula": '<span class="katex">pwn2</span>',
    "an icon": '<span data-testid="stIconMaterial">bomb</span>',
    "an emoji": "<p>😄</p>",
    "an entity was read": "<p>&lt;b&gt;pwnentity</p>",
    "a change of direction": "<p>\u202epwn</p>",
    "a template was run": "<p>1337</p>",
}


@pytest.mark.parametrize("kind", LEAKS)
def test_each_kind_of_markup_is_seen(chromium: Browser, kind: str, site: "Site") -> None:
    page = chromium.new_page()
    page.goto(site.page(f"<body>text <div>{LEAKS[kind]}</div></body>"))
    found = page.evaluate(payloads._FINDS)
    assert any(one.startswith(kind.partition(" of ")[0].partition(" in ")[0]) for one in found), found
    page.close()


def test_text_is_no_markup(chromium: Browser, site: "Site") -> None:
    import html

    page = chromium.new_page()
    page.goto(site.page("".join(f"<p>{html.escape(one)}</p>" for one in payloads.PAYLOADS if "\u202e" not in one)))
    assert page.evaluate(payloads._FINDS) == []
    page.close()


class Site:
    """A folder of pages, on this machine."""

    def __init__(self, folder: Path, base: str):
        self.folder, self.base = folder, base

    def page(self, text: str) -> str:
        (self.folder / "page.html").write_text(f"<!doctype html><meta charset=utf-8>{text}", "utf-8")
        return f"{self.base}/page.html"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield Site(tmp_path, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


def test_no_payload_is_more_than_text() -> None:
    command = [sys.executable, "-m", "tools.resilience", "payloads", "-n", "2"]  # alone: it has a browser of its own
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    [seen] = re.findall(r"payloads seen as text: ([\d,]+)", done.stdout)
    assert int(seen.replace(",", "")) > 100
