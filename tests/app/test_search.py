"""The Search page on a catalog whose right answers are known."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fashion_search.catalog import Protocol
from fashion_search.library import Library
from fashion_search.scored import Hits, Scored
from tests.app import screen, shops, steps, truth


@pytest.mark.usefixtures("trial")
def test_it_opens_with_a_finished_search_and_three_examples() -> None:
    app = screen.opened(catalog=shops.CATALOG)

    assert screen.complaints(app) == []
    assert screen.methods_shown(app) == ["resnet18", "histogram"]
    assert len(screen.results(app, "histogram")) == len(screen.results(app, "resnet18")) == 5
    examples = [button.label for button in app.button if (button.key or "").startswith("example-")]
    assert examples == ["Only ResNet-18 hits", "Only RGB histogram hits", "Neither hits"]


@pytest.mark.parametrize(
    ("example", "histogram_hits", "resnet18_hits"), [(0, False, True), (1, True, False), (2, False, False)]
)
@pytest.mark.usefixtures("trial")
def test_an_example_shows_what_it_says(example: int, histogram_hits: bool, resnet18_hits: bool) -> None:
    app = screen.opened(catalog=shops.CATALOG)
    screen.ran(app.button(key=f"example-{example}").click().run())

    hits = {
        method: any(card.badge == "correct" for card in screen.results(app, method))
        for method in ("histogram", "resnet18")
    }
    assert hits == {"histogram": histogram_hits, "resnet18": resnet18_hits}
    assert screen.url(app)["query"] == screen.query_id(app)


@pytest.mark.parametrize("query", ["1004", "1030", "1072", "1085", "1100"])
def test_results_badges_and_facts_agree_with_the_shops_own_table(trial: Path, shop_folder: Path, query: str) -> None:
    right = shops.labels(shop_folder)
    app = screen.opened(catalog=shops.CATALOG, query=query)

    assert screen.query_id(app) == query
    for method, facts in zip(("resnet18", "histogram"), screen.facts(app), strict=True):
        ranked = truth.ranking(trial, method, query)
        cards = screen.results(app, method)
        assert [card.item_id for card in cards] == ranked[:5]
        assert [card.rank for card in cards] == [1, 2, 3, 4, 5]
        for card in cards:
            agrees = tuple(a == b for a, b in zip(right[card.item_id], right[query], strict=True))
            assert card.badge == ("correct" if all(agrees) else "incorrect")
            assert card.labels == tuple(
                ("=" if same else "≠", value) for same, value in zip(agrees, right[card.item_id], strict=True)
            )
        relevant = [rank for rank, item in enumerate(ranked, start=1) if right[item] == right[query]]
        words = facts.split()
        assert " ".join(words[:4]) == f"{sum(rank <= 5 for rank in relevant)} of 5 correct"
        assert " ".join(words[4:6]) == f"{len(relevant)} relevant"
        assert " ".join(words[6:12]) == f"first at rank {relevant[0]} of {len(ranked)}"
        assert words[12] == "search"
        assert words[14] == "ms"


def test_missed_items_are_all_correct_ones_behind_k_with_their_ranks(trial: Path) -> None:
    right = truth.labels(trial)
    app = screen.opened(catalog=shops.CATALOG, query="1004", methods="histogram")
    ranked = truth.ranking(trial, "histogram", "1004")
    expected = {item: rank for rank, item in enumerate(ranked, start=1) if rank > 5 and right[item] == right["1004"]}
    assert expected

    switch = app.toggle(key="missed-histogram")
    assert switch.label == f"{len(expected)} missed"
    screen.ran(switch.set_value(True).run())

    cards = screen.missed(app, "histogram")
    assert {card.item_id: card.rank for card in cards} == expected
    assert {card.badge for card in cards} == {"correct"}


def test_movement_is_told_against_the_first_method(trial: Path) -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030")
    first = truth.ranking(trial, "resnet18", "1030")

    assert not any("fs-move" in card.html for card in screen.results(app, "resnet18"))
    for card in screen.results(app, "histogram"):
        then = first.index(card.item_id) + 1
        change = then - card.rank
        sign = f"▲ {change}" if change > 0 else f"▼ {-change}" if change else "="
        assert f'title="rank {then} under ResNet-18">{sign}<' in card.html
    first_facts, second_facts = screen.facts(app)
    assert "against" not in first_facts
    assert second_facts.rstrip().endswith("▲ ▼ against ResNet-18")


@pytest.mark.usefixtures("trial")
def test_a_card_is_a_button_whose_name_says_what_is_seen() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030", methods="histogram")
    cards = screen.results(app, "histogram")

    names = [screen.read(app.button(key=f"why-histogram-{place}").label) for place in range(5)]
    items = [re.search(r'class="fs-name" title="(.*) \([^()]*\)">', card.html) for card in cards]
    assert names == [
        f"Result {card.rank}: {unescape(item[1])}, {card.badge}"
        for card, item in zip(cards, items, strict=True)
        if item
    ]


@pytest.mark.usefixtures("trial")
def test_a_row_says_its_method_and_what_made_its_library() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030")
    [head] = [html.value for html in app.main.get("html") if ">ResNet-18<" in html.value]

    assert re.search(r'title="Compares shapes and textures[^"]*Weights: resnet18.pth \(SHA-256 [^"]*">ResNet-18<', head)


@pytest.mark.usefixtures("trial")
def test_the_page_says_that_similarities_are_not_comparable() -> None:
    assert any("not comparable" in caption.value for caption in screen.opened(catalog=shops.CATALOG).caption)


@pytest.mark.usefixtures("trial")
def test_changing_k_shows_as_many_and_is_in_the_url() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030")
    screen.ran(app.slider(key="k").set_value(9).run())

    assert len(screen.results(app, "histogram")) == len(screen.results(app, "resnet18")) == 9
    assert screen.url(app) == {"catalog": shops.CATALOG, "query": "1030", "k": "9"}


@pytest.mark.usefixtures("trial")
def test_k_may_be_as_large_as_20() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030", k="20")

    assert [len(screen.results(app, method)) for method in ("histogram", "resnet18")] == [20, 20]


@pytest.mark.usefixtures("trial")
def test_choosing_methods_shows_their_rows_in_order_and_is_in_the_url() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030")
    screen.ran(app.multiselect(key="methods").set_value(["resnet18"]).run())

    assert screen.methods_shown(app) == ["resnet18"]
    assert screen.url(app) == {"catalog": shops.CATALOG, "query": "1030", "methods": "resnet18"}

    app.multiselect(key="methods").set_value(["histogram", "resnet18"])
    screen.ran(app.run())
    assert screen.methods_shown(app) == ["histogram", "resnet18"]
    assert screen.url(app)["methods"] == "histogram,resnet18"


@pytest.mark.usefixtures("trial")
def test_choosing_no_method_keeps_those_that_were_there() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030", methods="histogram")
    screen.ran(app.multiselect(key="methods").set_value([]).run())

    assert screen.methods_shown(app) == ["histogram"]


@pytest.mark.parametrize("setting", ["k", "methods", "protocol"])
def test_a_setting_does_not_change_the_query_that_the_page_opened_with(trial: Path, setting: str) -> None:
    right = truth.labels(trial)
    app = screen.opened(catalog=shops.CATALOG)
    opened_with = screen.query_id(app)
    if setting == "k":
        app.slider(key="k").set_value(7)
    elif setting == "methods":
        app.multiselect(key="methods").set_value(["histogram"])
    else:
        app.radio(key="protocol").set_value(Protocol.ONE_PER_GROUP)
    screen.ran(app.run())

    shown = screen.query_id(app)
    if setting == "protocol":  # the split may have drawn another item of the same group
        assert right[shown] == right[opened_with]
    else:
        assert shown == opened_with


@pytest.mark.parametrize("seed", [0, 7])
def test_one_per_group_searches_the_splits_queries_in_its_gallery(trial: Path, seed: int) -> None:
    queries = truth.drawn(trial, seed)
    app = screen.opened(catalog=shops.CATALOG, protocol="one-per-group", seed=str(seed), k="20")

    assert screen.query_id(app) in queries
    for method in ("histogram", "resnet18"):
        expected = truth.ranking(trial, method, screen.query_id(app), queries)[:20]
        assert [card.item_id for card in screen.results(app, method)] == expected


def test_one_per_group_picks_are_the_splits_queries(trial: Path) -> None:
    app = screen.opened(catalog=shops.CATALOG, protocol="one-per-group", seed="3")
    screen.ran(app.button(key="pick").click().run())

    queries = truth.drawn(trial, 3)
    assert f"{len(queries)} of {len(queries)} items" in [caption.value for caption in app.caption]
    first_page = picks(app)
    app.pagination(key="pick-page").set_value(2)
    screen.ran(app.button(key="pick").click().run())
    assert first_page | picks(app) == queries
    assert not first_page & picks(app)


def picks(app: screen.AppTest) -> set[str]:
    """The items that the dialog offers."""
    html = [element.value for element in app.get_by_key("cards-pick").get("html")]
    return {text.split('class="fs-name" title="')[1].split('"')[0].rsplit("(", 1)[1].rstrip(")") for text in html}


@pytest.mark.usefixtures("trial")
def test_switching_the_protocol_and_the_seed_is_in_the_url() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030")
    screen.ran(app.radio(key="protocol").set_value(Protocol.ONE_PER_GROUP).run())
    assert screen.url(app) == {"catalog": shops.CATALOG, "query": "1030", "protocol": "one-per-group", "seed": "0"}

    screen.ran(app.number_input(key="seed").set_value(12).run())
    assert screen.url(app)["seed"] == "12"


def test_an_item_of_the_gallery_gives_way_to_its_groups_query(trial: Path) -> None:
    queries = truth.drawn(trial, 0)
    right = truth.labels(trial)
    other = next(item for item in right if item not in queries)
    app = screen.opened(catalog=shops.CATALOG, query=other, protocol="one-per-group")

    assert screen.query_id(app) in queries
    assert right[screen.query_id(app)] == right[other]
    assert screen.complaints(app) == [
        f"Item {other} belongs to the gallery of this split; the query of its style group is shown."
    ]


@pytest.mark.parametrize("query", ["1004", "1072", "1085"])
@pytest.mark.parametrize("protocol", ["leave-one-out", "one-per-group"])
@pytest.mark.usefixtures("trial")
def test_the_query_is_never_among_its_results(query: str, protocol: str) -> None:
    app = screen.opened(catalog=shops.CATALOG, query=query, protocol=protocol, k="20")

    for method in ("histogram", "resnet18"):
        assert screen.query_id(app) not in [card.item_id for card in screen.results(app, method)]


@pytest.mark.usefixtures("trial")
def test_a_result_becomes_the_query() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030", k="3", methods="resnet18")
    second = screen.results(app, "resnet18")[1].item_id
    steps.searched_with(app, "resnet18", 1)

    assert screen.query_id(app) == second
    assert screen.url(app) == {"catalog": shops.CATALOG, "query": second, "methods": "resnet18", "k": "3"}


@pytest.mark.usefixtures("trial")
def test_a_result_of_a_split_becomes_the_query_under_leave_one_out() -> None:
    app = screen.opened(catalog=shops.CATALOG, protocol="one-per-group", methods="histogram")
    first = screen.results(app, "histogram")[0].item_id
    steps.searched_with(app, "histogram", 0)

    assert screen.query_id(app) == first
    assert app.radio(key="protocol").value == "leave-one-out"
    assert screen.complaints(app) == []


def test_picking_by_words_and_labels(trial: Path) -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030", k="4")
    app.button(key="pick").click().run()
    app.selectbox(key="pick-article_type").set_value("Caps")
    app.selectbox(key="pick-base_colour").set_value("Blue")
    screen.ran(app.button(key="pick").click().run())  # without a browser, a dialog stays open only if asked again
    right = truth.labels(trial)
    caps = {item for item, values in right.items() if values == ("Caps", "Blue", "Casual")}
    assert picks(app) == caps

    wanted = max(caps)
    app.text_input(key="pick-words").set_value(f"CAPS {wanted}")
    screen.ran(app.button(key="pick").click().run())
    assert picks(app) == {wanted}

    row = [item["id"] for item in truth.items(trial)].index(wanted)
    app.button(key="pick").click()
    screen.ran(app.button(key=f"pick-{row}").click().run())
    assert screen.query_id(app) == wanted
    assert screen.url(app) == {"catalog": shops.CATALOG, "query": wanted, "k": "4"}


@pytest.mark.usefixtures("trial")
def test_picking_what_does_not_exist_says_so() -> None:
    app = screen.opened(catalog=shops.CATALOG)
    app.button(key="pick").click().run()
    app.text_input(key="pick-words").set_value("spaceship")
    screen.ran(app.button(key="pick").click().run())

    assert [info.value for info in app.info] == ["No item matches. Use fewer words or filters."]


def test_a_random_item_is_one_of_the_catalog_and_in_the_url(trial: Path) -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030")
    screen.ran(app.button(key="random").click().run())

    assert screen.query_id(app) in truth.labels(trial)
    assert screen.url(app)["query"] == screen.query_id(app)


@pytest.mark.usefixtures("trial")
def test_a_link_shows_the_same_view_elsewhere() -> None:
    first = screen.opened(catalog=shops.CATALOG, query="1072")
    first.radio(key="protocol").set_value(Protocol.ONE_PER_GROUP).run()
    first.slider(key="k").set_value(8).run()
    second = screen.opened(**screen.url(first))

    assert screen.query_id(second) == screen.query_id(first)
    for method in ("histogram", "resnet18"):
        assert screen.results(second, method) == screen.results(first, method)


@pytest.mark.usefixtures("trial")
def test_the_time_of_a_search_is_never_that_of_the_first_one(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[tuple[str, int]] = []
    search, scored = Library.search_vectors, Library.scored

    def record(
        library: Library, vectors: NDArray[np.float32], rows: NDArray[np.intp], k: int, gallery: NDArray[np.bool_]
    ) -> Hits:
        searched.append((library.method, k))
        return search(library, vectors, rows, k, gallery)

    def record_order(library: Library, *arguments: Any) -> Scored:
        searched.append((library.method, 0))
        return scored(library, *arguments)

    monkeypatch.setattr(Library, "search_vectors", record)
    monkeypatch.setattr(Library, "scored", record_order)
    app = screen.opened(catalog=shops.CATALOG, query="1030")
    assert [of for of, k in searched if k == 1] == ["resnet18", "histogram"]
    for method in ("resnet18", "histogram"):  # once beforehand, and once for the page
        assert [k for of, k in searched if of == method][:3] == [1, 0, 0]
    searched.clear()
    screen.ran(app.slider(key="k").set_value(6).run())

    assert [of for of, k in searched if k == 1] == []
    assert [of for of, _ in searched] == ["resnet18", "histogram"]
