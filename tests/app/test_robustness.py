"""The Metrics page's robustness view: figures that were measured, examples, and the way to measure them."""

import csv
import io
import shutil
from pathlib import Path

import numpy as np
import pytest

from fashion_search.build.status import read_status
from fashion_search.evaluation import robustness, saved
from fashion_search.evaluation.alterations import ALTERATIONS
from fashion_search.evaluation.robustness import CLEAN, TITLES
from fashion_search.evaluation.words import number
from fashion_search.store import Store, open_store
from tests import samples
from tests.app import screen, shops
from tests.app.steps import wait_for_build
from tests.builds import build


def opened(**params: str) -> screen.AppTest:
    return screen.opened("Metrics", catalog=shops.CATALOG, view="robustness", **params)


@pytest.fixture(scope="session")
def measured_once(trial_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what was measured of the trial shop's histograms. Copy it to change it."""
    folder = tmp_path_factory.mktemp("robustness")
    assert robustness.measure(Store(trial_store), ["histogram"], folder) == {}
    return folder


@pytest.fixture
def measured(trial: Path, measured_once: Path) -> robustness.Robustness:
    shutil.copytree(measured_once, saved.folder_of(shops.CATALOG))
    store = open_store(shops.CATALOG)
    found = robustness.find(store, "histogram")
    assert found is not None
    return found


def test_the_table_holds_what_was_measured(measured: robustness.Robustness, downloads: dict[str, str]) -> None:
    app = opened()

    table = app.dataframe[0].value.to_dict("records")
    assert [row["Query pictures"] for row in table] == list(TITLES.values())
    clean = measured.of(CLEAN, "precision", 5).mean()
    for name, row in zip(TITLES, table, strict=True):
        value = measured.of(name, "precision", 5).mean()
        assert row["RGB histogram"].startswith(number(value, 2)[:3])
        assert (f"{value / clean:.0%}" in row["RGB histogram"]) == (name != CLEAN)
    lines = list(csv.DictReader(io.StringIO(downloads[f"{shops.CATALOG}-robustness.csv"])))
    assert [line["query pictures"] for line in lines] == list(TITLES)
    for line in lines:
        assert float(line["mean per query"]) == pytest.approx(
            measured.of(line["query pictures"], "precision", 5).mean()
        )
    drawn = screen.chart(app, "robustness")["data"]
    assert [trace["name"] for trace in drawn] == ["RGB histogram"]
    np.testing.assert_allclose(drawn[0]["y"], [measured.of(name, "precision", 5).mean() for name in TITLES])


def test_the_headline_says_what_is_left_of_the_chosen_measure(measured: robustness.Robustness) -> None:
    app = opened(measure="hit", k="10")

    kept = measured.of("photo", "hit", 10).mean() / measured.of(CLEAN, "hit", 10).mean()
    assert screen.subheads(app)[0] == f"With all alterations at once, RGB histogram keeps {kept:.0%} of its Hit@10"
    assert "whatever is chosen at the left" in screen.text(app)


def test_what_is_not_measured_is_said_and_offered(measured: robustness.Robustness) -> None:
    app = opened()

    assert "Not measured yet: ResNet-18" in screen.text(app)
    assert app.button(key="measure-robustness").label == "Measure robustness"
    command = next(code.value for code in app.code if "--robustness" in code.value)
    assert "--method resnet18" in command
    assert "--method histogram" not in command


@pytest.mark.usefixtures("trial")
def test_where_nothing_is_measured_the_page_says_what_it_would_be() -> None:
    app = opened()

    assert not app.dataframe
    assert "Not measured yet" in screen.text(app)
    assert app.button(key="measure-robustness")


@pytest.mark.slow
def test_the_button_measures_in_the_background(tmp_path: Path, weights: Path) -> None:
    few = {("Shirts", "Blue", "Casual"): 4, ("Caps", "Red", "Casual"): 4}
    samples.write_folder(tmp_path / "few", samples.shop_files(samples.lines(few)))
    build(tmp_path / "few", methods=["histogram", "resnet18"])
    app = screen.opened("Metrics", catalog="few", view="robustness")
    screen.ran(app.button(key="measure-robustness").click().run())
    wait_for_build("few")
    screen.ran(app.run())

    status = read_status("few")
    assert status is not None
    assert status.request.robustness
    assert len(app.dataframe[0].value) == len(TITLES)
    assert set(app.dataframe[0].value.columns) == {"Query pictures", "RGB histogram", "ResNet-18", "Fusion"}


@pytest.mark.usefixtures("trial")
def test_an_item_is_shown_under_every_alteration_and_another_on_request() -> None:
    app = opened()

    def pictures() -> list[str]:
        return [html.value for html in app.get_by_key("cards-altered").get("html")]

    first = pictures()
    assert len(first) == 1 + len(ALTERATIONS)
    assert all(one.title in html for one, html in zip(ALTERATIONS, first[1:], strict=True))
    assert len({html.split("base64,")[1][:2000] for html in first}) == len(first)
    screen.ran(app.button(key="another-example").click().run())
    assert screen.url(app)["example"] == "2"
    assert pictures() != first


@pytest.mark.usefixtures("trial")
@pytest.mark.parametrize("example", ["0", "9999", "x"])
def test_an_example_that_is_none(example: str) -> None:
    app = opened(example=example)

    assert any("example must be a whole number" in one for one in screen.complaints(app))
    assert app.get_by_key("cards-altered").get("html")
