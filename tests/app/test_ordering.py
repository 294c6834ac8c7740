"""In which order results stand: by similarity, by labels, varied, beside each other."""

import numpy as np
import pytest

from fashion_search.store import open_store
from fashion_search.ui import ordering
from tests.app import screen, shops

QUERY = "1030"
pytestmark = pytest.mark.usefixtures("trial")


def opened(methods: str = "histogram") -> screen.AppTest:
    return screen.opened(catalog=shops.CATALOG, query=QUERY, methods=methods)


def expected(method: str, k: int = 5) -> list[str]:
    store = open_store(shops.CATALOG)
    catalog = store.catalog
    rows = store.library(method).search(np.array([catalog.row(QUERY)]), k, np.ones(len(catalog.items), dtype=bool))
    return [catalog.items[row].id for row in rows.rows[0]]


def shown(app: screen.AppTest, method: str) -> list[str]:
    return [card.item_id for card in screen.results(app, method)]


def test_results_are_by_similarity_at_first() -> None:
    app = opened()
    assert screen.methods_shown(app) == ["histogram"]
    assert shown(app, "histogram") == expected("histogram")


def test_labels_and_varied_are_rows_beside_the_plain_one() -> None:
    app = screen.chosen(opened("histogram,resnet18"), "order-kinds", ["Similarity", "Labels", "Varied"])
    rows = [f"{method}{order}" for method in ("histogram", "resnet18") for order in ("", "~balanced", "~varied")]
    assert screen.methods_shown(app) == rows
    for method in rows:
        assert shown(app, method) == expected(method)
    assert screen.url(app)["methods"] == ",".join(rows)


def test_the_slider_and_the_number_choose_how_much() -> None:
    app = opened("histogram~balanced,histogram~varied")
    screen.ran(app.select_slider(key="order-share").set_value("style").run())
    screen.ran(app.number_input(key="order-most").set_value(2).run())
    assert screen.methods_shown(app) == ["histogram~style", "histogram~varied-2"]
    for method in ("histogram~style", "histogram~varied-2"):
        assert shown(app, method) == expected(method)


def test_a_link_opens_the_same_orders_and_a_new_method_stands_in_them_too() -> None:
    app = opened("histogram~style")
    assert screen.methods_shown(app) == ["histogram~style"]
    screen.ran(app.multiselect(key="methods").set_value(["histogram", "resnet18"]).run())
    assert screen.methods_shown(app) == ["histogram~style", "resnet18~style"]
    app = screen.chosen(app, "order-kinds", [])
    assert screen.methods_shown(app) == ["histogram", "resnet18"]


def test_an_order_that_there_is_not_is_said() -> None:
    app = opened("histogram,histogram~best")
    assert screen.complaints(app) == ["There is no method 'histogram~best'."]
    assert screen.methods_shown(app) == ["histogram"]


def test_cards_show_the_similarity_whatever_the_order() -> None:
    app = opened("histogram,histogram~style")
    by_id = {
        card.item_id: card.score
        for card in screen.results(screen.ran(app.slider(key="k").set_value(20).run()), "histogram")
    }
    both = [card for card in screen.results(app, "histogram~style") if card.item_id in by_id]
    assert both
    assert all(card.score == by_id[card.item_id] for card in both)


def test_each_row_says_how_far_to_trust_it() -> None:
    app = opened("histogram,histogram~style")
    html = screen.all_html(app)
    assert html.count('class="fs-trust') == 2
    assert "Told without the query’s own labels." in html


@pytest.mark.parametrize("page", ["Metrics", "Failures"])
def test_reranked_methods_stand_beside_the_plain_ones_in_evaluations(page: str) -> None:
    app = screen.opened(page, catalog=shops.CATALOG)
    screen.chosen(app, "order-kinds", ["Labels"])
    assert screen.url(app)["rerank"] == "balanced"
    assert "RGB histogram, re-ranked (balanced)" in app.selectbox(key="a").options
    screen.ran(app.selectbox(key="a").set_value("resnet18").run())
    screen.ran(app.selectbox(key="b").set_value("resnet18~balanced").run())
    if page == "Metrics":
        methods = [row["Method"] for row in screen.table(app, "table-1")]
        plain = ["RGB histogram", "ResNet-18", "Fusion"]
        assert methods[:6] == [*plain, *(f"{one}, re-ranked (balanced)" for one in plain)]
    else:
        assert screen.methods_shown(app) == ["resnet18", "resnet18~balanced"]


def test_an_order_that_evaluations_do_not_have_is_said() -> None:
    app = screen.opened("Metrics", catalog=shops.CATALOG, rerank="balanced,best")
    assert screen.complaints(app) == [
        "There is no order “best” here; there are light, balanced, strong, style, varied, matched."
    ]


def test_keypoints_are_an_order_of_methods_that_have_them() -> None:
    store = open_store(shops.CATALOG)
    assert ordering.under(["histogram", "sift"], ["~matched"], store) == ("histogram", "sift~matched")
    assert ordering.under(["sift~style", "histogram"], ["", "~matched"], store) == ("sift", "sift~matched", "histogram")
    [kinds] = [one for one in opened().get("button_group") if one.key == "order-kinds"]
    assert list(kinds.options) == ["Similarity", "Labels", "Varied"]
