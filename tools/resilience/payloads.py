"""Texts of others that would be markup, on every page: Chromium must find nothing of them but the text.

A catalog is built whose folder, columns, labels, ids and names are payloads, with verdicts, cases, a training run, an
imported method and a query set that say the same, and every view is opened, once more with payloads in its address.
"""

import csv
import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import numpy as np
from PIL import Image

from benchmarks.ports import free_port
from fashion_search.home import HOME_VARIABLE
from tools.resilience.trial import Outcome

CATALOG = "hostile"
ROOT = Path(__file__).resolve().parents[2]
PAYLOADS = (
    '<img src="x" onerror="window.pwn=1">pwnimage',
    "<script>window.pwn=1</script>pwnscript",
    "<b>pwnbold</b><i>pwnitalic</i><a href='http://pwn.invalid/a'>pwnanchor</a>",
    "[pwnlink](javascript:window.pwn=1)",
    "![pwnpicture](http://pwn.invalid/p.png)",
    "**pwnstars** _pwnunderline_ ~~pwnstruck~~ `pwncode`",
    ":material/bomb: :red[pwnred] :smile: :streamlit:",
    "$pwn^{2}$ and $$pwn_{3}$$",
    "http://pwn.invalid/auto www.pwn.invalid pwn@pwn.invalid",
    "&lt;b&gt;pwnentity&lt;/b&gt; &#60;u&#62;",
    "# pwnheading",
    "\u202epwnoverride\u202c",
    '" onmouseover="window.pwn=1" pwnattribute="',
    "' autofocus onfocus='window.pwn=1",
    "{{7*191}} ${7*191} <%= 7*191 %>",
    "</script></style></textarea></title><svg/onload=window.pwn=1>pwnsvg",
)
_ALL = " · ".join(PAYLOADS)

VIEWS: tuple[tuple[str, dict[str, str]], ...] = (
    ("", {"k": "20"}),
    ("", {"k": "20", "protocol": "one-per-group", "where": "open"}),
    ("", {"protocol": "queries:street"}),
    ("", {"methods": "histogram,mine"}),
    ("Catalog", {}),
    ("Metrics", {}),
    ("Metrics", {"cell": "histogram.hit", "order": "best"}),
    ("Metrics", {"view": "accuracy"}),
    ("Metrics", {"view": "classification"}),
    ("Metrics", {"view": "breakdown"}),
    ("Metrics", {"view": "breakdown", "by": "COLUMN"}),
    ("Metrics", {"view": "confusion"}),
    ("Metrics", {"view": "robustness"}),
    ("Metrics", {"view": "reliability"}),
    ("Metrics", {"view": "map", "colour": "COLUMN"}),
    ("Metrics", {"view": "report"}),
    ("Metrics", {"protocol": "queries:street"}),
    ("Methods", {}),
    ("Methods", {"view": "tables"}),
    ("Failures", {}),
    ("Failures", {"view": "suspects", "threshold": "50", "method": "histogram"}),
    ("Failures", {"view": "verdicts"}),
    ("Training", {}),
)
"""Pages and what their addresses say besides the catalog."""

_PARAMETERS = (
    *("catalog", "query", "methods", "k", "protocol", "seed", "where", "view", "cell", "order", "by", "at", "of"),
    *("method", "measure", "a", "b", "case", "group", "runs", "run", "recipe", "page", "rerank", "index", "colour"),
)

_FINDS = """() => {
  const found = [];
  if (window.pwn) found.push("a script ran");
  const own = location.host;
  const outside = url => { try { return new URL(url, location).host !== own && !/^(data|blob|about):/.test(url) }
    catch { return true } };
  for (const one of document.querySelectorAll("[href], [src], [action], [data], [xlink\\\\:href]"))
    for (const name of ["href", "src", "action", "data", "xlink:href"]) {
      const url = one.getAttribute(name);
      if (url && (/^\\\\s*javascript:/i.test(url) || (outside(url) && /pwn|^x$/.test(url))))
        found.push(`a link: ${one.outerHTML.slice(0, 200)}`);
    }
  for (const one of document.querySelectorAll("[onerror], [onload], [onfocus], [onmouseover], [pwnattribute]"))
    found.push(`a handler: ${one.outerHTML.slice(0, 200)}`);
  const kinds = "image|script|bold|italic|anchor|link|picture|stars|underline|struck|code|red|entity|heading|svg";
  const marks = new RegExp(`^pwn(${kinds})$`);
  for (const one of document.querySelectorAll("body *")) {
    if (["SCRIPT", "STYLE"].includes(one.tagName)) continue;
    const text = [...one.childNodes].filter(n => n.nodeType === 3).map(n => n.textContent).join("").trim();
    if (marks.test(text)) found.push(`formatting: ${one.outerHTML.slice(0, 200)}`);
    if (one.classList.contains("katex") && one.textContent.includes("pwn")) found.push("a formula");
    if (one.dataset && one.dataset.testid === "stIconMaterial" && text === "bomb") found.push("an icon");
  }
  const text = document.body.innerText;
  if (/😄/u.test(text)) found.push("an emoji");
  if (text.includes("<b>pwnentity")) found.push("an entity was read");
  if (/[\\u202a-\\u202e\\u2066-\\u2069]/.test(text)) found.push("a change of direction");
  if (text.includes("1337")) found.push("a template was run");
  return [...new Set(found)];
}"""


def run(count: int, seed: int) -> Outcome:
    """Open ``count`` views, the first ones and then some drawn by ``seed``, each with and without a hostile address."""
    with tempfile.TemporaryDirectory(prefix="payloads-") as folder:
        home = Path(folder) / "home"
        os.environ[HOME_VARIABLE] = str(home)
        columns = make(Path(folder))
        with serving(home) as base:
            return visit(base, columns, count, seed, _report(Path(folder) / "report.html"))


def _report(path: Path) -> Path:
    """The report on the catalog, with its cases."""
    from fashion_search.catalog import Protocol
    from fashion_search.evaluation.evaluation import Evaluation
    from fashion_search.report import write_report
    from fashion_search.store import open_store

    write_report(path, Evaluation.of(open_store(CATALOG), ("histogram", "mine"), Protocol.LEAVE_ONE_OUT, 0))
    return path


def visit(base: str, columns: tuple[str, ...], count: int, seed: int, report: Path) -> Outcome:
    """Look at the views of a server whose home ``make`` filled, and at a report."""
    from playwright.sync_api import sync_playwright

    drawn = random.Random(seed)
    views = (list(VIEWS) * (1 + count // len(VIEWS)))[:count]
    outcome = Outcome({"payloads": len(PAYLOADS), "views": len(views)})
    texts = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        window = browser.new_context(viewport={"width": 1440, "height": 900})
        hosts: set[str] = set()
        window.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
        page = window.new_page()

        def dismiss(dialog: Any) -> None:
            outcome.broken.append(f"a dialog: {dialog.message}")
            dialog.dismiss()

        page.on("dialog", dismiss)
        for name, params in views:
            own = {key: columns[0] if value == "COLUMN" else value for key, value in params.items()}
            hostile = {key: drawn.choice(PAYLOADS) for key in drawn.sample(_PARAMETERS[1:], 6)}
            for address in ({"catalog": CATALOG} | own, {"catalog": CATALOG} | own | hostile):
                page.goto(f"{base}/{name}?{urlencode(address)}")
                settle(page)
                for what in act(page, name):
                    broken = page.evaluate(_FINDS)
                    outcome.broken += [f"{name or 'Search'} {address} {what}: {one}" for one in broken]
                texts += page.evaluate("document.body.innerText.split('pwn').length - 1")
        page.goto(report.as_uri())
        outcome.broken += [f"the report: {one}" for one in page.evaluate(_FINDS)]
        foreign = {host for host in hosts if host and host != urlsplit(base).netloc}
        outcome.broken += [f"a request left for {host}" for host in sorted(foreign)]
        browser.close()
    outcome.figures["payloads seen as text"] = texts
    if not texts:
        outcome.broken.append("no payload was on any page")
    return outcome


def act(page: Any, name: str) -> Iterator[str]:
    """What is looked at on a page: as it opens, then with what opens on a click, then under the pointer."""
    yield "opened"
    for expander in page.locator('[data-testid="stExpander"] summary').all()[:6]:
        expander.click()
    settle(page)
    yield "unfolded"
    if name == "":
        for button in page.locator('[class*="st-key-why-"] button').all()[:1]:
            button.click(force=True)
            page.locator('[role="dialog"]').wait_for()
            settle(page)
            yield "a result"
            page.keyboard.press("Escape")
        page.locator(".st-key-pick button").first.click()
        page.locator('[role="dialog"]').wait_for()
        settle(page)
        yield "picking"
        page.keyboard.press("Escape")
    for select in page.locator('[data-testid="stSelectbox"], [data-testid="stMultiSelect"]').all()[:5]:
        if select.is_visible():
            select.locator("input").first.click(force=True)
            page.wait_for_timeout(150)
            yield "a box"
            page.keyboard.press("Escape")
    for chart in page.locator(".js-plotly-plot").all()[:4]:
        box = chart.bounding_box()
        for share in (0.3, 0.5, 0.7) if box else ():
            page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] * 0.5)
            page.wait_for_timeout(100)
            yield "under the pointer"


def settle(page: Any) -> None:
    """Until the page's script has run."""
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for(timeout=90_000)
    page.locator('[data-testid="stHeading"]').first.wait_for(timeout=90_000)
    while page.locator('[data-testid="stSkeleton"]').count():
        page.wait_for_timeout(50)
    page.wait_for_timeout(150)


def chromium() -> str:
    """The system's Chromium."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "chromium")


@contextmanager
def serving(home: Path, *options: str, folder: Path | None = None) -> Iterator[str]:
    """The app with this home, started in a folder; gives its address."""
    port = free_port()
    environment = os.environ | {HOME_VARIABLE: str(home), "STREAMLIT_SERVER_HEADLESS": "true"}
    environment["PYTHONPATH"] = str(ROOT)
    command = [sys.executable, "-m", "fashion_search", "app", "--port", str(port), *options]
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            for _ in range(600):
                try:
                    urllib.request.urlopen(f"{base}/_stcore/health", timeout=2).close()
                    break
                except OSError:
                    if process.poll() is not None:
                        break
                    time.sleep(0.1)
            yield base
        finally:
            process.terminate()
            process.wait(20)


# -- a home that is full of them ----------------------------------------------------------------------------


def make(folder: Path) -> tuple[str, ...]:
    """Build it all; returns the catalog's columns."""
    from fashion_search.build import run as building
    from fashion_search.catalog.request import Request
    from fashion_search.catalog.source import Options
    from fashion_search.importing.reading import Given
    from fashion_search.importing.run import Wanted, import_vectors
    from fashion_search.store import open_store

    source = folder / "<img src=x onerror=window.pwn=1> **pwnstars** [pwnlink](javascript:window.pwn=1)"
    columns = ("<b>pwnbold</b> **pwnstars**", ":red[pwnred] $pwn^{2}$")
    labels = [(PAYLOADS[place % len(PAYLOADS)], PAYLOADS[(place * 7 + 3) % len(PAYLOADS)]) for place in range(12)]
    _write(source, columns, labels, 5)
    request = Request(str(source), CATALOG, ("histogram",), Options(columns, 2, 0), quick=False)
    building.build(request, lambda progress: None)
    street = folder / "street"
    _write(street, columns, labels[:6], 1, first=10_000)
    building.build(
        Request(str(street), "street", ("histogram",), Options(columns), queries_of=CATALOG), lambda progress: None
    )
    store = open_store(CATALOG)
    ids = tuple(item.id for item in store.catalog.items)
    vectors = np.random.default_rng(0).normal(size=(len(ids), 8)).astype(np.float32)
    import_vectors(Given("mine.npy", ids, vectors), Wanted(CATALOG, "mine", "<b>pwnbold</b> **pwnstars** `pwncode`"))
    _say(ids)
    _train()
    return tuple(store.catalog.columns)


def _write(folder: Path, columns: tuple[str, ...], labels: list[tuple[str, str]], each: int, first: int = 0) -> None:
    folder.mkdir(parents=True)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["image", "id", "name", *columns])
    number = first
    for place, values in enumerate(labels):
        for _ in range(each):
            pixels = np.random.default_rng(number).integers(0, 255, (24, 18, 3)) // 2 + 10 * place
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / f"{number}.png")
            payload = PAYLOADS[number % len(PAYLOADS)]
            writer.writerow([f"{number}.png", f"{number} {payload}", f"{payload} {_ALL}"[:300], *values])
            number += 1
    (folder / "items.csv").write_text(text.getvalue(), "utf-8")


def _say(ids: tuple[str, ...]) -> None:
    """Verdicts and cases."""
    from fashion_search.cases import Case, capture, open_cases
    from fashion_search.cases.model import Findings
    from fashion_search.catalog import Protocol, draw_split
    from fashion_search.catalog.relevance import NO_VERDICTS
    from fashion_search.evaluation.verdict_file import open_verdicts
    from fashion_search.search import Query, nearest
    from fashion_search.store import open_store

    kept = open_verdicts(CATALOG)
    for place, payload in enumerate(PAYLOADS):
        kept.accept(ids[place], ids[-1 - place], payload, payload)
    kept.mark_wrong_label(_ALL, by=_ALL)
    store = open_store(CATALOG)
    split = draw_split(store.catalog, Protocol.LEAVE_ONE_OUT, 0)
    query = Query.of_item(store.catalog, 0)
    rankings = [nearest(query, store.library("histogram"), split.gallery, 5)]
    shown = capture.results(store, query, rankings, 5, split.gallery)
    conditions = capture.conditions(store, split, 5, NO_VERDICTS)
    open_cases(CATALOG).add(Case("Search", shown, conditions, {"catalog": CATALOG, "query": ids[0]}, comment=_ALL))
    table = Findings(_ALL, (_ALL,), ("line", PAYLOADS[0]), tuple((one, one) for one in PAYLOADS))
    open_cases(CATALOG).add(Case("Metrics", table, conditions, comment=PAYLOADS[0]))


def _train() -> None:
    """A training run whose every text is one."""
    from msgspec.structs import replace as changed

    from fashion_search.training import record
    from fashion_search.training.recipe import open_recipe
    from fashion_search.training.record import Run, write_run

    recipe = changed(open_recipe("fashion"), title=_ALL[:200], summary=_ALL)
    made = Run(
        name="pwnrun",
        catalog=CATALOG,
        recipe=recipe,
        seed=0,
        limit=0,
        precision="half",
        device=PAYLOADS[0],
        threads=1,
        data={"title": _ALL, "training": 12, PAYLOADS[0]: PAYLOADS[2]},
        versions={PAYLOADS[0]: PAYLOADS[5]},
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        state="stopped",
        message=_ALL,
        notes=(_ALL,),
        step=1,
        seen=100,
        total=1000,
        seconds=60.0,
        best={"epoch": 1, "precision": 0.3, "recall": 0.2, "hit": 0.6},
    )
    write_run(record.runs_folder() / "pwnrun", made)
