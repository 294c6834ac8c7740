"""Methods under an index, beside the plain ones: chosen in the sidebar, named in links, said on each row."""

import importlib.util
from pathlib import Path

import pytest

from fashion_search.build.indexing import add_indexes
from fashion_search.catalog.request import Request
from fashion_search.store import Store, open_store
from tests.app import screen, shops
from tests.app.steps import uploaded
from tests.samples import encoded, noise

QUERY = "1030"


@pytest.fixture
def indexed(trial: Path) -> Store:
    """The trial shop, whose histogram has two indexes."""
    request = Request("/gone", shops.CATALOG, ("histogram",), indexes=("hnsw", "kd-tree"))
    add_indexes(trial, request, lambda progress: None)
    return Store(trial)


def opened(methods: str) -> screen.AppTest:
    return screen.opened(catalog=shops.CATALOG, query=QUERY, methods=methods)


def test_an_index_is_a_choice_beside_similarity(indexed: Store) -> None:
    app = opened("histogram,resnet18")
    [pills] = [one for one in app.get("button_group") if one.key == "order-kinds"]
    assert [option.content for option in pills.proto.options] == ["Similarity", "KD-tree", "HNSW", "Labels", "Varied"]
    screen.chosen(app, "order-kinds", ["Similarity", "HNSW"])
    assert screen.methods_shown(app) == ["histogram", "histogram@hnsw", "resnet18"]  # which has no index
    assert screen.url(app)["methods"] == "histogram,histogram@hnsw,resnet18"
    plain, under = (screen.results(app, name) for name in ("histogram", "histogram@hnsw"))
    assert [(card.item_id, card.score) for card in plain] == [(card.item_id, card.score) for card in under]


def test_each_row_says_how_it_was_found(indexed: Store) -> None:
    facts = screen.facts(opened("histogram,histogram@hnsw,histogram@kd-tree"))
    assert [("approximate (recall 1.00)" in line, " exact " in line) for line in facts] == [
        (False, True),
        (True, False),
        (False, True),
    ]
    assert "among" in facts[1]
    assert "recall@10 against exact 1.000" in screen.all_html(opened("histogram@hnsw"))


@pytest.mark.usefixtures("trial")
def test_where_there_are_no_indexes_nothing_is_said_of_them() -> None:
    app = opened("histogram")
    [pills] = [one for one in app.get("button_group") if one.key == "order-kinds"]
    assert [option.content for option in pills.proto.options] == ["Similarity", "Labels", "Varied"]
    assert " exact " not in screen.facts(app)[0]


@pytest.mark.usefixtures("trial")
def test_an_index_that_is_not_built_is_said() -> None:
    app = opened("histogram,histogram@hnsw,histogram@flat")
    assert screen.complaints(app) == [
        "There is no method 'histogram@flat'.",
        "RGB histogram, HNSW is not built for “trial-shop” yet.",
    ]
    assert screen.methods_shown(app) == ["histogram"]


def test_a_picture_of_ones_own_is_searched_with_under_an_index(indexed: Store) -> None:
    app = uploaded(opened("histogram@hnsw,histogram"), encoded(noise(3, (60, 80))))
    under, plain = (screen.results(app, name) for name in ("histogram@hnsw", "histogram"))
    assert [card.item_id for card in under] == [card.item_id for card in plain]


def test_without_the_package_the_row_says_so_and_the_others_stay(
    indexed: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == "faiss" else real(name, *more))
    app = opened("histogram,histogram@hnsw")
    assert screen.methods_shown(app) == ["histogram"]
    assert "pip install faiss-cpu" in screen.read(app.error[0].value)
    assert not [button for button in app.button if (button.key or "").startswith("mend-")]


@pytest.mark.parametrize("page", ["Metrics", "Failures"])
def test_evaluations_have_them_under_their_own_names(indexed: Store, page: str) -> None:
    app = screen.opened(page, catalog=shops.CATALOG)
    screen.chosen(app, "order-kinds", ["HNSW"])
    assert screen.url(app)["index"] == "hnsw"
    assert "RGB histogram, HNSW" in app.selectbox(key="a").options
    again = screen.opened(page, catalog=shops.CATALOG, index="hnsw", a="histogram", b="histogram@hnsw")
    assert screen.complaints(again) == []
    if page == "Metrics":
        assert "RGB histogram, HNSW" in [row["Method"] for row in screen.table(again, "table-1")]


def test_an_index_that_evaluations_do_not_have_is_said(indexed: Store) -> None:
    app = screen.opened("Metrics", catalog=shops.CATALOG, index="hnsw,lsh")
    assert screen.complaints(app) == ["There is no index “lsh” here; there are kd-tree, hnsw."]


def test_the_store_opens_it(indexed: Store) -> None:
    assert list(open_store(shops.CATALOG).indexed) == ["histogram@kd-tree", "histogram@hnsw"]
