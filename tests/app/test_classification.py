"""The Classification view of the Metrics page."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from fashion_search.cases import open_cases
from fashion_search.cases.model import Findings
from fashion_search.catalog import PROTOCOLS, Protocol
from fashion_search.evaluation import classified
from fashion_search.evaluation.classified import NEIGHBOURS
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.published import CLASSIFICATION, SOURCES, STUDY_2
from fashion_search.evaluation.words import rounded
from fashion_search.store import Store, open_store
from tests.app import screen, shops
from tests.builds import build_categories

QUERIES = Protocol.of_queries("test")


@pytest.fixture
def categories(home: Path, tmp_path: Path) -> Store:
    """A home with a small copy of Category Prediction and its query set."""
    return build_categories(tmp_path / "source")


def opened(**params: str) -> screen.AppTest:
    return screen.opened("Metrics", view="classification", **params)


@pytest.mark.usefixtures("trial")
@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_the_figures_are_the_evaluations(protocol: Protocol) -> None:
    app = screen.chosen(opened(catalog=shops.CATALOG, protocol=str(protocol)), "of", "base_colour")
    assert screen.url(app)["of"] == "base_colour"
    store = open_store(shops.CATALOG)
    evaluation = Evaluation.of(store, store.methods, protocol)
    found = classified.lines(evaluation, "base_colour")
    assert screen.subheads(app)[0] == classified.headline(found, evaluation.titles, "base_colour")
    rows = screen.table(app, "")
    assert len(rows) == len(found) == len(store.methods)
    for row, line in zip(rows, found, strict=True):
        assert row == {
            "Method": evaluation.titles[line.method],
            "How": NEIGHBOURS,
            "Queries": f"{line.queries:,}",
            "Top-3": rounded(line.tops[3]),
            "Top-5": rounded(line.tops[5]),
            "Balanced accuracy": rounded(line.balanced),
        }


def test_others_values_stand_below_with_their_source(categories: Store) -> None:
    app = opened(catalog="categories", protocol=str(QUERIES))
    ours, *theirs = screen.table(app, "")
    assert ours["How"] == NEIGHBOURS
    assert [row["Method"] for row in theirs] == [one.model for one in CLASSIFICATION["category-prediction"]]
    assert theirs[-1] == {
        "Method": "SEResNeXt50+OC",
        "How": STUDY_2,
        "Queries": "",
        "Top-3": ".884",
        "Top-5": ".939",
        "Balanced accuracy": "",
    }
    assert SOURCES[STUDY_2] in screen.text(app)
    assert "published" not in screen.text(opened(catalog="categories"))


def test_what_is_left_out_is_said(categories: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert classified.LEFT_OUT not in screen.text(opened(catalog="categories", protocol=str(QUERIES)))
    lines = classified.lines
    monkeypatch.setattr(classified, "lines", lambda *asked: [replace(one, left_out=2) for one in lines(*asked)])
    assert classified.LEFT_OUT in screen.text(opened(catalog="categories", protocol=str(QUERIES)))


def test_a_path_that_has_not_classified_them_is_offered(categories: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not opened(catalog="categories", protocol=str(QUERIES)).code
    monkeypatch.setattr(classified, "not_measured", lambda evaluation, column: ["histogram"])
    [code] = opened(catalog="categories", protocol=str(QUERIES)).code
    assert code.value == (
        "python -m fashion_search evaluate --catalog categories --protocol query-set:test --method histogram --classify"
    )


def test_the_file_holds_every_figure_of_every_column(categories: Store, downloads: dict[str, str]) -> None:
    opened(catalog="categories", protocol=str(QUERIES))
    lines = list(csv.DictReader(io.StringIO(downloads["categories-classification.csv"])))
    evaluation = Evaluation.of(categories, ["histogram"], QUERIES)
    [line] = classified.lines(evaluation, "category")
    ours = {row["measure"]: row for row in lines if row["method"] == "histogram"}
    assert list(ours) == ["top-3", "top-5", "balanced"]
    assert float(ours["top-3"]["value"]) == pytest.approx(line.tops[3].value)
    assert float(ours["balanced"]["95 % high"]) == pytest.approx(line.balanced.high)
    assert len(lines) == 3 + 2 * len(CLASSIFICATION["category-prediction"])


def test_it_can_be_added_to_the_report(categories: Store) -> None:
    app = opened(catalog="categories", protocol=str(QUERIES))
    screen.ran(app.button(key="case-add").click().run())
    [case] = open_cases("categories").all()
    assert isinstance(case.shown, Findings)
    assert case.shown.headline == screen.subheads(app)[0]
    assert case.shown.sentences == (classified.ABOUT, f"{SOURCES[STUDY_2]}.")


def test_a_link_to_no_column_is_said(categories: Store) -> None:
    assert screen.complaints(opened(catalog="categories", of="season")) == [
        "There is no column “season” here; the link is shown without it."
    ]
