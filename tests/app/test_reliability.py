"""The Reliability view of the Metrics page."""

import csv
import io
import itertools

import numpy as np
import pytest

from fashion_search.cases import open_cases
from fashion_search.cases.model import Findings
from fashion_search.catalog import PROTOCOLS, Protocol
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.reliability import headline, subjects
from fashion_search.evaluation.words import count, number
from fashion_search.store import open_store
from fashion_search.ui.metrics import reliability as view
from tests.app import screen, shops

pytestmark = pytest.mark.usefixtures("trial")


def opened(**params: str) -> screen.AppTest:
    return screen.opened("Metrics", catalog=shops.CATALOG, view="reliability", **params)


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_the_figures_are_the_evaluations(protocol: Protocol) -> None:
    app = opened(protocol=str(protocol), rerank="balanced")
    store = open_store(shops.CATALOG)
    methods = [*store.methods, *(f"{method}~balanced" for method in store.methods)]
    evaluation = Evaluation.of(store, methods, protocol)
    rows = iter(screen.table(app, ""))
    best = evaluation.best
    assert screen.subheads(app)[0] == headline(evaluation.reliability_of(best), evaluation.titles[best], 5)
    for method in methods:
        said = evaluation.reliability_of(method).any
        row = next(rows)
        assert row["Method"] == evaluation.titles[method]
        values = [row[name] for name in ("Said", "Right", "Calibration error", "AUROC")]
        assert values == [number(value) for value in (said.mean, said.share, said.error, said.auroc)]


def test_the_charts_follow_what_is_chosen() -> None:
    app = screen.chosen(opened(), "said", "label-base_colour")
    assert screen.url(app)["said"] == "label-base_colour"
    evaluation = Evaluation.of(open_store(shops.CATALOG), ["histogram"])
    bins = evaluation.reliability_of("histogram").labels["base_colour"].bins
    line = next(one for one in screen.chart(app, "calibration")["data"] if one["name"] == "RGB histogram")
    assert len(line["hovertext"]) == len(bins)


def test_what_was_trusted_wrongly_is_shown_most_trusted_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "LIKELY", 0.2)
    app = opened(method="resnet18", k="1")
    evaluation = Evaluation.of(open_store(shops.CATALOG), ["resnet18"], k=1)
    said = evaluation.reliability_of("resnet18").any
    wrong = sorted(np.flatnonzero((said.probability >= 0.2) & ~said.is_right), key=lambda at: -said.probability[at])
    ids = [evaluation.store.catalog.items[evaluation.any_rankings.queries[at]].id for at in wrong]
    assert ids
    assert [link["query"] for link in screen.linked(app, "Search")] == ids[:10]
    assert f"**{count(len(ids), 'query', 'queries')}** under ResNet-18" in screen.text(app)
    monkeypatch.setattr(view, "LIKELY", 1.1)
    app = opened(method="resnet18")
    assert "No row of ResNet-18 was called likely right and has no right result." in screen.text(app)
    assert screen.linked(app, "Search") == []


def test_the_file_holds_every_figure(downloads: dict[str, str]) -> None:
    opened(said="first", rerank="style")
    lines = list(csv.DictReader(io.StringIO(downloads[f"{shops.CATALOG}-reliability.csv"])))
    store = open_store(shops.CATALOG)
    methods = [*store.methods, *(f"{method}~style" for method in store.methods)]
    evaluation = Evaluation.of(store, methods)
    every = subjects(store.catalog, 5)
    assert [(line["method"], line["what is said"]) for line in lines] == [
        (method, words) for method in methods for words in every.values()
    ]
    for line, (method, name) in zip(lines, itertools.product(methods, every), strict=True):
        said = evaluation.reliability_of(method).of(name)
        assert float(line["Calibration error"]) == pytest.approx(said.error)
        assert float(line["Right"]) == pytest.approx(said.share)
        assert (line["k"], line["verdicts"]) == ("5", "none")


def test_of_one_result_the_first_is_said_once() -> None:
    app = opened(k="1", said="first")
    assert screen.complaints(app) == []
    assert app.button_group(key="said").options[0] == "The first is right"
    assert app.button_group(key="said").value == "any"
    assert app.button_group(key="said").options[1] == "Article type predicted"


def test_it_can_be_added_to_the_report() -> None:
    app = opened(said="label-usage", protocol="one-per-group")
    screen.ran(app.button(key="case-add").click().run())
    [case] = open_cases(shops.CATALOG).all()
    assert isinstance(case.shown, Findings)
    assert case.shown.headline == screen.subheads(app)[0]
    assert case.shown.sentences[0] == "Usage predicted."
    assert [line[0] for line in case.shown.lines] == [row["Method"] for row in screen.table(app, "")]
    assert case.conditions.protocol.startswith("One query per group")


def test_where_nothing_can_be_evaluated_the_page_says_so() -> None:
    app = opened(where="article_type=Caps;base_colour=Red;usage!=Casual")
    assert not app.dataframe
    assert "There is nothing to evaluate here" in screen.text(app)


def test_a_link_to_nothing_is_said() -> None:
    assert screen.complaints(opened(said="label-season")) == [
        "There is no said “label-season” here; the link is shown without it."
    ]
