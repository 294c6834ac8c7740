"""What is it? What the program takes an upload for, and what a person says instead."""

from pathlib import Path

import numpy as np
import pytest

from fashion_search.labels.prediction import predicted
from fashion_search.store import open_store
from tests.app import screen, shops, truth
from tests.app.steps import uploaded

PICTURE = "1041"
pytestmark = pytest.mark.usefixtures("trial")


def opened(shop_folder: Path, methods: str = "histogram", **params: str) -> screen.AppTest:
    app = screen.opened(catalog=shops.CATALOG, methods=methods, **params)
    return uploaded(app, (shop_folder / f"images/{PICTURE}.png").read_bytes())


def pills(app: screen.AppTest) -> list[screen.Any]:
    return [one for one in app.get("button_group") if (one.key or "").startswith("what-")]


def test_an_upload_is_named_with_probabilities_and_nothing_is_taken_for_true(shop_folder: Path) -> None:
    app = opened(shop_folder)
    store = open_store(shops.CATALOG)
    vector = store.library("histogram").vectors[store.catalog.row(PICTURE)]
    everything = np.ones(len(store.catalog.items), dtype=bool)
    told = predicted(store.catalog, store.posterior("histogram").of_query(vector, -1, everything))
    groups = pills(app)
    assert len(groups) == 3
    for group, column in zip(groups, told, strict=True):
        value, share = column.values[0]
        assert screen.read(group.options[0]) == f"{value} {share:.0%}"
        assert group.value is None
    assert {card.badge for card in screen.results(app, "histogram")} == {""}


def test_a_click_makes_a_value_known_and_all_of_them_mark_the_results(trial: Path, shop_folder: Path) -> None:
    right = truth.labels(trial)[PICTURE]
    app = opened(shop_folder)
    for place in range(3):
        group = pills(app)[place]
        named = [screen.read(option).rsplit(" ", 1)[0] for option in group.options]
        if right[place] in named:
            screen.ran(group.set_value(right[place]).run())
        else:
            [box] = [one for one in app.selectbox if (one.key or "").endswith(f"-{store_columns()[place]}")]
            screen.ran(box.set_value(right[place]).run())
    assert {card.badge for card in screen.results(app, "histogram")} <= {"correct", "incorrect"}
    upload = next(iter(app.session_state["uploads"].values()))
    assert upload.said == right


def store_columns() -> tuple[str, ...]:
    return open_store(shops.CATALOG).catalog.columns


def test_what_is_known_orders_reranked_results(shop_folder: Path) -> None:
    app = opened(shop_folder, "histogram~style")
    [box] = [one for one in app.selectbox if (one.key or "").endswith("-base_colour")]
    screen.ran(box.set_value("Green").run())
    catalog = open_store(shops.CATALOG).catalog
    for card in screen.results(app, "histogram~style"):
        assert catalog.items[catalog.row(card.item_id)].labels[1] == "Green"


def test_all_of_it_is_taken_for_true_by_one_click(shop_folder: Path) -> None:
    app = opened(shop_folder)
    screen.ran(app.button(key="what-right").click().run())
    assert {card.badge for card in screen.results(app, "histogram")} <= {"correct", "incorrect"}
    assert app.button(key="what-right").disabled


def test_only_such_items_are_searched_by_one_click(shop_folder: Path) -> None:
    app = opened(shop_folder)
    best = [screen.read(group.options[0]).rsplit(" ", 1)[0] for group in pills(app)]
    screen.ran(app.button(key="what-filter").click().run())
    store = open_store(shops.CATALOG)
    catalog = store.catalog
    vector = store.library("histogram").vectors[catalog.row(PICTURE)]
    shares = store.posterior("histogram").of_query(vector, -1, np.ones(len(catalog.items), dtype=bool))
    cards = screen.results(app, "histogram")
    assert cards
    assert {catalog.items[catalog.row(card.item_id)].labels for card in cards} == {
        catalog.groups[int(shares.argmax())].labels
    }
    assert "where" in screen.url(app)
    again = [screen.read(group.options[0]).rsplit(" ", 1)[0] for group in pills(app)]
    assert again == best  # told by the whole catalog, not by what the filter left


def test_an_item_of_the_catalog_is_not_asked_about() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030")
    assert pills(app) == []
