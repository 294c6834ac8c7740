"""The whole shop on the Search page: the switch, its link, and what is said of results that no figure knows."""

from pathlib import Path

import pytest

from fashion_search.store import open_store
from fashion_search.whole_store import rest_folder, whole
from tests.app import screen
from tests.app.steps import searched_with
from tests.builds import build, build_whole, large_shop

HERE = {"catalog": "shop", "whole": "1"}


@pytest.fixture
def large(tmp_path: Path) -> Path:
    return large_shop(tmp_path / "shop")


@pytest.fixture
def both(large: Path) -> Path:
    build_whole(large, "histogram", indexes=("kd-tree",))
    return large


@pytest.mark.usefixtures("both")
def test_it_is_off_until_it_is_switched_on() -> None:
    app = screen.opened(catalog="shop", query="3")
    assert app.toggle(key="whole").value is False
    assert (
        "likely right" in screen.all_html(app) or "unsure" in screen.all_html(app) or "closest" in screen.all_html(app)
    )
    screen.ran(app.toggle(key="whole").set_value(True).run())
    assert screen.url(app) == {"catalog": "shop", "query": "3", "whole": "1"}
    assert "Whole shop: 15 items of the catalog and 24 that it leaves out" in screen.text(app).replace("**", "")
    assert "of 38" in screen.facts(app)[0]
    assert 'class="fs-trust' not in screen.all_html(app)
    screen.ran(app.toggle(key="whole").set_value(False).run())
    assert screen.url(app) == {"catalog": "shop", "query": "3"}


@pytest.mark.usefixtures("both")
def test_what_the_catalog_leaves_out_is_searched_with_by_a_link() -> None:
    app = screen.opened(**HERE, query="20", methods="histogram,histogram~balanced")
    assert screen.complaints(app) == []
    assert screen.query_id(app) == "20"
    catalog = whole(open_store("shop")).catalog
    for method in ("histogram", "histogram~balanced"):
        cards = screen.results(app, method)
        assert len(cards) == 5
        labels = catalog.items[catalog.row("20")].labels
        for card in cards:
            is_right = catalog.items[catalog.row(card.item_id)].labels == labels
            assert card.badge == ("correct" if is_right else "incorrect")
    assert "21 relevant" in " ".join(screen.facts(app)[0].split())
    assert not [button for button in app.button if button.key == "add-case"]
    screen.ran(app.toggle(key="whole").set_value(False).run())
    assert screen.complaints(app) == []  # an item of the catalog is shown, and no sentence on one that it lacks
    assert int(screen.query_id(app)) <= 15


@pytest.mark.usefixtures("both")
def test_a_result_of_the_rest_is_opened_and_no_verdict_on_it_asked_for() -> None:
    app = screen.opened(**HERE, query="20", methods="histogram")
    place = next(place for place, card in enumerate(screen.results(app, "histogram")) if int(card.item_id) > 15)
    screen.ran(app.button(key=f"why-histogram-{place}").click().run())
    assert "this is one of the rest of the shop" in screen.text(app)
    assert not [button for button in app.button if (button.key or "").startswith("verdict-")]
    item = screen.results(app, "histogram")[place].item_id
    app = searched_with(screen.opened(**HERE, query="20", methods="histogram"), "histogram", place)
    assert screen.url(app) == {"catalog": "shop", "query": item, "whole": "1"}


@pytest.mark.usefixtures("both")
def test_what_cannot_search_it_says_why() -> None:
    app = screen.opened(**HERE, query="3", methods="histogram,histogram@kd-tree")
    [sentence] = screen.complaints(app)
    assert "KD-tree" in sentence
    assert "lists the catalog’s items alone" in sentence
    assert screen.methods_shown(app) == ["histogram"]
    app = screen.opened(**HERE, query="3", protocol="one-per-group")
    assert "the whole shop is left out" in screen.complaints(app)[0]
    assert app.toggle(key="whole").value is False


@pytest.mark.usefixtures("both")
def test_a_filter_reduces_all_of_it() -> None:
    app = screen.opened(**HERE, query="38", where="article_type=Gloves", methods="histogram")
    assert "2 of 39" in screen.text(app)
    assert [card.item_id for card in screen.results(app, "histogram")] == ["39"]


def test_a_catalog_without_it_has_no_switch_and_a_link_says_how_to_have_it(large: Path) -> None:
    build(large, methods=["histogram"])
    app = screen.opened(**HERE)
    assert not [toggle for toggle in app.toggle if toggle.key == "whole"]
    assert "--all-items" in screen.complaints(app)[0]
    assert len(screen.results(app, "histogram")) == 5
    assert "--all-items" in screen.text(screen.opened("Catalog", catalog="shop"))


@pytest.mark.usefixtures("both")
def test_a_damaged_rest_leaves_the_catalog_searchable() -> None:
    next(rest_folder("shop").glob("items-*.csv")).write_text("nothing", "utf-8")
    app = screen.opened(**HERE, query="3")
    assert "damaged" in screen.complaints(app)[0]
    assert screen.query_id(app) == "3"


@pytest.mark.usefixtures("both")
def test_other_pages_are_of_the_catalog_alone() -> None:
    app = screen.opened("Catalog", catalog="shop")
    assert "24 of them can be searched, though not evaluated" in screen.text(app)
    assert screen.linked(app, "Search the whole shop") == [HERE]
    assert [metric.value for metric in app.metric][:2] == ["15", "3"]
