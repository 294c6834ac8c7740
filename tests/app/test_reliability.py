"""The Reliability view of the Metrics page."""

import pytest

from fashion_search.catalog import Protocol
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.reliability import headline
from fashion_search.evaluation.words import number
from fashion_search.store import open_store
from tests.app import screen, shops

pytestmark = pytest.mark.usefixtures("trial")


def opened(**params: str) -> screen.AppTest:
    return screen.opened("Metrics", catalog=shops.CATALOG, view="reliability", **params)


@pytest.mark.parametrize("protocol", list(Protocol))
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


def test_a_link_to_nothing_is_said() -> None:
    assert screen.complaints(opened(said="label-season")) == [
        "There is no said “label-season” here; the link is shown without it."
    ]
