"""A method, a metric, a source and a page, each added from outside by one module and one entry."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fashion_search.catalog import sources
from fashion_search.catalog.source import Options, Place, Reader, Row, Source
from fashion_search.catalog.tree import FolderTree
from fashion_search.cli import main
from fashion_search.encoders import ENCODERS
from fashion_search.evaluation.measures import MEASURES, Measure
from fashion_search.store import Store, open_store
from fashion_search.ui import page
from tests import more_methods, samples
from tests.app import screen
from tests.builds import build

METRICS = ("scores", "breakdown", "confusion", "robustness", "reliability", "map", "report")
FAILURES = ("cases", "suspects", "verdicts")


@pytest.fixture
def twenty_more(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Twenty methods beside those of the program, all without a colour of their own."""
    for name, spec in more_methods.specs().items():
        monkeypatch.setitem(ENCODERS, name, spec)
    return more_methods.NAMES


def succeed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 0
    return capsys.readouterr().out


def test_twenty_more_methods_are_on_every_page_and_in_every_command(
    twenty_more: list[str], shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build(shop, methods=["histogram", *twenty_more])
    for view in METRICS:
        app = screen.opened("Metrics", catalog="shop", view=view)
        assert not app.error, view
        assert screen.complaints(app) == []
    for view in FAILURES:
        app = screen.opened("Failures", catalog="shop", view=view, a="fake3", b="fake9")
        assert not app.error, view
        assert screen.complaints(app) == []
    app = screen.opened("", catalog="shop", methods=",".join(twenty_more))
    assert screen.methods_shown(app) == twenty_more[:6]
    [folded] = [one for one in app.expander if "more methods" in one.label]
    assert folded.label.startswith("14 more methods: Fake6, Fake7")
    assert not screen.opened("Catalog", catalog="shop").error
    assert not screen.opened("Training", catalog="shop").error

    assert all(name in succeed(capsys, "list") for name in twenty_more)
    scores = json.loads(succeed(capsys, "evaluate", "--catalog", "shop", "--json"))["scores"]
    assert {row["method"] for row in scores} == {"histogram", *twenty_more}
    chosen = [word for name in twenty_more for word in ("--method", name)]
    found = json.loads(succeed(capsys, "search", "1", "--catalog", "shop", "--json", *chosen))
    assert list(found["methods"]) == twenty_more
    succeed(capsys, "report", "--catalog", "shop", "--out", str(tmp_path / "report.html"))
    report = (tmp_path / "report.html").read_text("utf-8")
    assert all(name.capitalize() in report for name in twenty_more)


def test_a_metric_is_one_entry(
    built: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def last_is_right(rankings: object, k: int) -> np.ndarray:
        return rankings.relevant[:, k - 1].astype(np.float64)  # type: ignore[attr-defined]

    def nothing(rankings: object, k: int) -> np.ndarray:
        return np.zeros(len(rankings.queries))  # type: ignore[attr-defined]

    added = Measure("last", "Last", "Whether the result at rank k is relevant.", last_is_right, nothing, nothing)
    monkeypatch.setitem(MEASURES, "last", added)
    app = screen.opened("Metrics", catalog="shop", measure="last")
    assert not app.error
    assert "Last@5" in screen.table(app, "table-1")[0]
    scores = json.loads(succeed(capsys, "evaluate", "--catalog", "shop", "--json"))["scores"]
    of_protocol = {row["protocol"]: row["value"] for row in scores if row["measure"] == "last"}
    assert set(of_protocol) == {"leave-one-out", "one-per-group"}


def test_a_source_is_a_module_and_an_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = {f"{number}.png": samples.encoded(samples.noise(number, (40, 40))) for number in range(6)}
    folder = samples.write_folder(tmp_path / "rack", pictures)
    (folder / "rack.txt").write_text("".join(f"{number}.png {'ab'[number % 2]}\n" for number in range(6)))

    def read(place: Place, options: Options) -> Source:
        lines = [line.split() for line in place.path.read_text().splitlines()]
        rows = tuple(Row(image.removesuffix(".png"), image, (label,), image) for image, label in lines)
        tree = FolderTree(place.path.parent)
        return Source("rack", place.path, tree, ("shelf",), rows, (), len(rows), options.smallest or 2, 0)

    reader = Reader("rack", lambda place: place.path.suffix == ".txt", read, lambda path: FolderTree(path.parent))
    monkeypatch.setattr(sources, "SOURCES", (reader, *sources.SOURCES))
    build(folder / "rack.txt", name="rack", methods=["histogram"])
    store = open_store("rack")
    assert [group.labels for group in store.catalog.groups] == [("a",), ("b",)]
    assert len(screen.results(screen.opened("", catalog="rack", query="0"), "histogram")) == 5
    assert store.original(0, store.tree()) == pictures["0.png"]


def test_a_page_is_a_file_and_an_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(screen.ROOT / "app.py", tmp_path)
    shutil.copytree(screen.ROOT / "pages", tmp_path / "pages")
    (tmp_path / "pages/Extra.py").write_text(
        "import streamlit as st\n"
        "from fashion_search.ui import page\n"
        "def main():\n"
        "    catalog = page.chosen_catalog()\n"
        "    with st.sidebar:\n"
        "        page.sidebar(catalog)\n"
        "    page.show(catalog, lambda store: st.markdown(f'{store.manifest.n_items} items'))\n"
        "page.run('Extra', main)\n"
    )
    monkeypatch.setitem(page.PAGES, "pages/Extra.py", ("Extra", ":material/star:"))
    app = AppTest.from_file(tmp_path / "app.py", default_timeout=90).switch_page("pages/Extra.py")
    screen.ran(app.run())
    assert any("458 items" in element.value for element in app.markdown)
    assert "Extra" in [link.label for link in app.sidebar.get("page_link")]
