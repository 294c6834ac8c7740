"""The Metrics page's map of the catalog, and one item's neighbours on it."""

import shutil
from pathlib import Path

import pytest

from fashion_search.evaluation import projection
from fashion_search.evaluation.saved import folder_of
from fashion_search.store import Store
from tests.app import screen, shops, truth


def opened(**params: str) -> screen.AppTest:
    return screen.opened("Metrics", catalog=shops.CATALOG, view="map", **params)


def points(app: screen.AppTest, method: str) -> dict[str, list[str]]:
    """The ids of each named set of points on a method's map."""
    traces = screen.chart(app, f"map-{method}")["data"]
    return {trace["name"]: [point[0] for point in trace["customdata"]] for trace in traces}


@pytest.mark.parametrize(("colour", "column"), [("article_type", 0), ("base_colour", 1)])
def test_every_item_is_a_point_of_its_colour_on_both_maps(trial: Path, colour: str, column: int) -> None:
    right = truth.labels(trial)
    app = opened(colour=colour)

    for method in ("histogram", "resnet18"):
        found = points(app, method)
        assert {item: value for value, items in found.items() for item in items} == {
            item: labels[column] for item, labels in right.items()
        }


def test_pca_is_there_at_once_and_is_stored(trial: Path) -> None:
    app = opened()

    assert not [button for button in app.button if (button.key or "").startswith("tsne-")]
    made = projection.find((folder_of(shops.CATALOG),), Store(trial).library("resnet18"), "pca")
    assert made is not None
    drawn = screen.chart(app, "map-resnet18")["data"]
    assert sum(len(trace["customdata"]) for trace in drawn) == len(made.rows)


def test_t_sne_is_offered_made_on_a_click_and_stored(trial: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(kind="tsne")
    assert not app.get("plotly_chart")

    screen.ran(app.button(key="tsne-histogram").click().run())
    assert list(points(app, "histogram")) == list(points(opened(), "histogram"))
    assert [button.key for button in app.button if (button.key or "").startswith("tsne-")] == ["tsne-resnet18"]

    shutil.move(folder_of(shops.CATALOG), trial / "kept")
    shutil.move(trial / "kept", folder_of(shops.CATALOG))
    monkeypatch.setattr(projection, "tsne", None)  # from now on it cannot be computed
    assert points(opened(kind="tsne"), "histogram")


def test_a_selected_item_shows_its_neighbours_under_both_methods(trial: Path) -> None:
    right = truth.labels(trial)
    app = opened(at="1030", k="10")

    for method in ("histogram", "resnet18"):
        nearest = truth.ranking(trial, method, "1030")[:10]
        found = points(app, method)
        assert found["query"] == ["1030"]
        assert set(found["nearest"]) == set(nearest)
        drawn = [one.value for one in app.get_by_key(f"cards-near-{method}").get("html")]
        assert len(drawn) == 5
        for html, item in zip(drawn, nearest, strict=False):
            word = "correct" if right[item] == right["1030"] else "incorrect"
            assert f'fs-{word}">' in html
    [link] = screen.linked(app, "Open as a query on the Search page")
    assert (link["query"], link["k"]) == ("1030", "10")
    assert screen.query_id(screen.opened(**link)) == "1030"


@pytest.mark.usefixtures("trial")
def test_choices_are_in_the_address() -> None:
    app = opened(at="1030")
    screen.chosen(app, "colour", "usage")
    screen.chosen(app, "kind", "tsne")

    expected = {"catalog": shops.CATALOG, "view": "map", "at": "1030", "colour": "usage", "kind": "tsne"}
    assert screen.url(app) == expected
    screen.chosen(app, "kind", "pca")
    assert points(app, "histogram") == points(opened(at="1030", colour="usage"), "histogram")


@pytest.mark.usefixtures("trial")
def test_an_item_that_is_not_there_is_said() -> None:
    app = opened(at="99999")

    assert screen.complaints(app) == ["This catalog has no item '99999'."]
    assert "query" not in points(app, "histogram")
