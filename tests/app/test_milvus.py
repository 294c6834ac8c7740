"""A method under an index that is kept elsewhere: it is searched, and when that goes away only its row does."""

from pathlib import Path
from typing import Any

import pytest

from fashion_search.build.indexing import add_indexes
from fashion_search.catalog.request import Request
from fashion_search.encoders import index_of
from fashion_search.errors import EngineError
from fashion_search.index import drop, milvus_server
from fashion_search.store import Store
from tests.app import screen, shops
from tests.app.test_indexes import QUERY, opened

UNDER = "histogram@milvus"


@pytest.fixture
def indexed(trial: Path, milvus_file: Path) -> Store:
    """The trial shop, whose histogram is in a file of Milvus Lite too."""
    request = Request("/gone", shops.CATALOG, ("histogram",), indexes=(f"milvus:{milvus_file}",))
    assert add_indexes(trial, request, lambda progress: None)[1] == {}
    return Store(trial)


def errors(app: screen.AppTest) -> list[str]:
    return [screen.read(error.value) for error in app.error]


@pytest.fixture
def away(indexed: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    def refuse(place: str, patience: Any) -> None:
        raise EngineError("Milvus at http://vectors:19530 cannot be reached (it is a test). Start it.")

    monkeypatch.setattr("fashion_search.index.milvus.connected", refuse)
    return indexed


def test_it_is_a_row_beside_the_plain_one(indexed: Store) -> None:
    app = opened(f"histogram,{UNDER}")
    assert screen.methods_shown(app) == ["histogram", UNDER]
    plain, under = (screen.results(app, name) for name in ("histogram", UNDER))
    assert [(card.item_id, card.score) for card in plain] == [(card.item_id, card.score) for card in under]
    [pills] = [one for one in app.get("button_group") if one.key == "order-kinds"]
    assert "Milvus" in [option.content for option in pills.proto.options]


def test_under_a_filter_it_finds_what_the_plain_one_finds(indexed: Store) -> None:
    column = indexed.catalog.columns[0]
    value = indexed.catalog.items[indexed.catalog.row(QUERY)].labels[0]
    methods = f"histogram,{UNDER}"
    app = screen.opened(catalog=shops.CATALOG, query=QUERY, methods=methods, where=f"{column}={value}")
    plain, under = (screen.results(app, name) for name in ("histogram", UNDER))
    assert [card.item_id for card in plain] == [card.item_id for card in under] != []
    assert {indexed.catalog.items[indexed.catalog.row(card.item_id)].labels[0] for card in under} == {value}


def test_while_it_is_away_its_row_says_so_and_the_others_stay(away: Store) -> None:
    app = opened(f"histogram,{UNDER},resnet18")
    assert screen.methods_shown(app) == ["histogram", "resnet18"]
    [said] = errors(app)
    assert said.startswith("RGB histogram, Milvus: Milvus at http://vectors:19530 cannot be reached")
    assert not [button for button in app.button if (button.key or "").startswith("mend-")]


@pytest.mark.parametrize("page", ["Metrics", "Failures", "Methods"])
def test_while_it_is_away_evaluations_have_all_others(away: Store, page: str) -> None:
    app = screen.opened(page, catalog=shops.CATALOG, index="milvus")
    if page != "Methods":
        assert [line for line in errors(app) if line.startswith("RGB histogram, Milvus: ")]
    assert screen.all_html(app)
    if page == "Metrics":
        named = [row["Method"] for row in screen.table(app, "table-1")]
        assert "RGB histogram" in named
        assert "RGB histogram, Milvus" not in named


def test_what_is_deleted_while_it_is_searched_can_be_built_again(indexed: Store, milvus_file: Path) -> None:
    app = opened(f"histogram,{UNDER}")
    drop(indexed.name, "histogram", index_of(UNDER), str(milvus_file))
    milvus_server._failed.clear()
    screen.ran(app.run())
    assert screen.methods_shown(app) == ["histogram"]
    [said] = errors(app)
    assert said.startswith("RGB histogram, Milvus: Milvus at ")
    assert "Build it again" in said
    assert [button.key for button in app.button if (button.key or "").startswith("mend-")] == [f"mend-{UNDER}"]


def test_what_goes_away_while_figures_are_made_is_said_beside_all_others(
    indexed: Store, milvus_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexed.library(UNDER)
    real = milvus_server.connected

    def going(place: str, patience: Any) -> Any:
        client = real(place, patience)
        monkeypatch.setattr(type(client), "search", lambda *args, **options: lost())
        return client

    def lost() -> None:
        raise EngineError("Milvus at it went away while it was asked.")

    monkeypatch.setattr("fashion_search.index.milvus.connected", going)
    app = screen.opened("Metrics", catalog=shops.CATALOG, index="milvus")
    assert errors(app) == ["RGB histogram, Milvus: Milvus at it went away while it was asked."]
    assert "RGB histogram" in [row["Method"] for row in screen.table(app, "table-1")]
