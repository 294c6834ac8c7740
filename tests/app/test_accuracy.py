"""The Top-k accuracy view of the Metrics page."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from fashion_search.cases import open_cases
from fashion_search.cases.model import Findings
from fashion_search.catalog import PROTOCOLS, Protocol
from fashion_search.evaluation.accuracy import KS, headline
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.published import OML, RETRIEVAL, SOURCES, STUDY_1
from fashion_search.evaluation.words import number, rounded
from fashion_search.store import Store, open_store
from tests.app import screen, shops
from tests.builds import build_in_shop

QUERIES = Protocol.of_queries("test")


@pytest.fixture
def in_shop(home: Path, tmp_path: Path) -> Store:
    """A home with a small copy of In-Shop and its query set."""
    return build_in_shop(tmp_path / "source")


def opened(**params: str) -> screen.AppTest:
    return screen.opened("Metrics", view="accuracy", **params)


def opened_in_shop(**params: str) -> screen.AppTest:
    return opened(catalog="in-shop", protocol=str(QUERIES), **params)


@pytest.mark.usefixtures("trial")
@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_the_figures_are_the_evaluations(protocol: Protocol) -> None:
    app = opened(catalog=shops.CATALOG, protocol=str(protocol), k="20")
    store = open_store(shops.CATALOG)
    evaluation = Evaluation.of(store, store.methods, protocol)
    found = {method: evaluation.accuracy_of(method) for method in store.methods}
    best = max(found, key=lambda method: (found[method][20].share.value, found[method][1].share.value))
    assert screen.subheads(app)[0] == headline(evaluation.titles[best], found[best], 20)
    *rows, chance = screen.table(app, "top-k")
    assert [row["Method"] for row in rows] == list(evaluation.titles.values())
    for row, of_k in zip(rows, found.values(), strict=True):
        assert [row[f"Top-{k}"] for k in KS] == [rounded(one.share) for one in of_k.values()]
    assert (chance["Method"], chance["Top-5"]) == ("Chance", number(found[best][5].chance, 4))
    line = next(one for one in screen.chart(app, "accuracy")["data"] if one.get("name") == "ResNet-18")
    assert line["y"] == [one.share.value for one in found["resnet18"].values()]
    assert "Right: the same style group." in screen.text(app)
    assert "published" not in screen.text(app)


def test_others_values_stand_below_with_their_source(in_shop: Store) -> None:
    app = opened_in_shop()
    rows = screen.table(app, "top-k")
    assert [row["From"] for row in rows[:2]] == ["here", "here"]
    theirs = {row["Method"]: row for row in rows[2:]}
    assert list(theirs) == [one.model for one in RETRIEVAL["in-shop"]]
    assert theirs["DenseNet121 OC+IS"] == {"Method": "DenseNet121 OC+IS", "From": STUDY_1} | {
        f"Top-{k}": {5: ".823", 20: ".909"}.get(k, "") for k in KS
    }
    text = screen.text(app)
    assert "Right: the same product." in text
    for source in (SOURCES[STUDY_1], SOURCES[OML]):
        assert source in text
    assert "They are of other conditions: they are of 14,218 queries against 12,612 images" in text
    assert "Park et al. show the other k only as a drawing, in their Figure 3." in text
    [points] = [one for one in screen.chart(app, "accuracy")["data"] if one.get("name") == "Published by others"]
    assert len(points["x"]) == 20


def test_products_can_be_counted_once(in_shop: Store) -> None:
    app = screen.chosen(opened_in_shop(), "per", "product")
    assert screen.url(app)["per"] == "product"
    evaluation = Evaluation.of(in_shop, ["histogram"], QUERIES)
    found = evaluation.accuracy_of("histogram", per_product=True)
    assert found != evaluation.accuracy_of("histogram")
    row, chance = screen.table(app, "top-k")
    assert row["Top-5"] == rounded(found[5].share)
    assert chance["Top-5"] == number(found[5].chance, 4)
    assert screen.subheads(app)[0].startswith("RGB histogram: the first product is right for")
    assert "What others have published counts every picture." in screen.text(app)
    assert screen.complaints(opened(catalog="in-shop", per="product")) == [
        "There is no per “product” here; the link is shown without it."
    ]


def test_a_figure_shows_its_queries_the_furthest_first(in_shop: Store) -> None:
    app = opened_in_shop(cell="histogram.5")
    evaluation = Evaluation.of(in_shop, ["histogram"], QUERIES)
    firsts = evaluation.rankings_of("histogram").first
    order = np.argsort(-firsts, kind="stable")
    ids = [evaluation.store.catalog.items[row].id for row in evaluation.rankings_of("histogram").queries[order]]
    assert [link["query"] for link in screen.linked(app, "Search")] == ids[:10]
    assert f"Missed at 5: {(firsts > 5).sum()} of 12." in screen.text(app)
    shown = [html.value for html in app.main.get("html") if "fs-pairs" in html.value]
    assert [f"<b>{rank}</b>" in html for rank, html in zip(sorted(firsts.tolist())[::-1], shown, strict=False)] == [
        True
    ] * 10
    app.button(key="accuracy-close").click().run()
    assert "cell" not in screen.url(screen.ran(app))
    assert screen.linked(app, "Search") == []


def test_a_link_to_no_figure_is_said(in_shop: Store) -> None:
    assert screen.complaints(opened_in_shop(cell="histogram.7")) == [
        "There is no cell “histogram.7” here; the link is shown without it."
    ]


def test_the_file_holds_every_figure(in_shop: Store, downloads: dict[str, str]) -> None:
    opened_in_shop()
    lines = list(csv.DictReader(io.StringIO(downloads["in-shop-top-k-accuracy.csv"])))
    evaluation = Evaluation.of(in_shop, ["histogram"], QUERIES)
    ours = [line for line in lines if line["from"] == "here"]
    assert [(line["counted"], int(line["k"])) for line in ours] == [
        (counted, k) for counted in ("picture", "product") for k in KS
    ]
    for line in ours:
        one = evaluation.accuracy_of("histogram", line["counted"] == "product")[int(line["k"])]
        values = [float(line[name]) for name in ("top-k accuracy", "95 % low", "95 % high", "chance")]
        assert values == pytest.approx([one.share.value, one.share.low, one.share.high, one.chance])
    assert [(line["method"], line["from"]) for line in lines if line["k"] == "1"][2:] == [
        (one.model, OML) for one in RETRIEVAL["in-shop"] if one.source == OML
    ]


def test_it_can_be_added_to_the_report(in_shop: Store) -> None:
    app = opened_in_shop()
    screen.ran(app.button(key="case-add").click().run())
    [case] = open_cases("in-shop").all()
    assert isinstance(case.shown, Findings)
    assert case.shown.headline == screen.subheads(app)[0]
    assert case.shown.sentences[1:] == (f"{SOURCES[STUDY_1]}.", f"{SOURCES[OML]}.")
    assert len(case.shown.lines) == 2 + len(RETRIEVAL["in-shop"])
    assert case.conditions.protocol == "Query set test, relevant: same product"


def test_where_nothing_can_be_evaluated_the_page_says_so(trial: Path) -> None:
    app = opened(catalog=shops.CATALOG, where="article_type=Caps;base_colour=Red;usage!=Casual")
    assert not app.dataframe
    assert "There is nothing to evaluate here" in screen.text(app)
