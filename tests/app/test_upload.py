"""Searching with a picture of one's own: what is needed for it, and what is said where that is missing."""

import shutil
from pathlib import Path

import pytest

from fashion_search.build import build
from fashion_search.encoders.weights import FOLDER_VARIABLE
from tests import samples
from tests.app import screen, shops, truth
from tests.app.steps import uploaded, wait_for_build

PICTURE = "1030"  # an item whose own picture is uploaded


def picture_of(shop_folder: Path, item_id: str) -> bytes:
    return (shop_folder / "images" / f"{item_id}.png").read_bytes()


@pytest.mark.usefixtures("trial", "weights")
def test_an_items_own_picture_finds_it_first_under_both_methods(shop_folder: Path) -> None:
    app = uploaded(screen.opened(catalog=shops.CATALOG), picture_of(shop_folder, PICTURE))

    assert screen.url(app) == {"catalog": shops.CATALOG, "query": "upload"}
    assert "Your picture" in screen.query_html(app)
    for method in ("histogram", "resnet18"):
        first = screen.results(app, method)[0]
        assert (first.item_id, first.score) == (PICTURE, 1.0)


@pytest.mark.usefixtures("trial", "weights")
def test_without_ground_truth_there_is_no_badge(shop_folder: Path) -> None:
    app = uploaded(screen.opened(catalog=shops.CATALOG), picture_of(shop_folder, PICTURE))

    for method, facts in zip(("histogram", "resnet18"), screen.facts(app), strict=True):
        assert {card.badge for card in screen.results(app, method)} == {""}
        assert {sign for card in screen.results(app, method) for sign, _ in card.labels} == {""}
        assert "correct" not in facts
        assert "encoding and search" in facts


@pytest.mark.usefixtures("weights")
def test_badges_follow_what_the_person_says_it_is(trial: Path, shop_folder: Path) -> None:
    right = truth.labels(trial)
    app = uploaded(screen.opened(catalog=shops.CATALOG), picture_of(shop_folder, PICTURE), labels=right[PICTURE])

    for method in ("histogram", "resnet18"):
        for card in screen.results(app, method):
            assert card.badge == ("correct" if right[card.item_id] == right[PICTURE] else "incorrect")


@pytest.mark.usefixtures("trial", "weights")
def test_a_crop_is_what_is_searched_with(shop_folder: Path) -> None:
    app = screen.opened(catalog=shops.CATALOG, methods="histogram")
    app.button(key="upload").click().run()
    app.file_uploader(key="upload-file").upload("mine.png", picture_of(shop_folder, PICTURE), "image/png")
    app.button(key="upload").click().run()
    app.slider(key="crop-x").set_value((45, 55))
    app.slider(key="crop-y").set_value((45, 55))
    screen.ran(app.button(key="upload").click().run())
    app.button(key="upload").click()
    screen.ran(app.button(key="upload-search").click().run())

    first = screen.results(app, "histogram")[0]
    assert first.score < 0.99  # the whole picture would be found with 1.000


@pytest.mark.usefixtures("trial")
def test_an_empty_crop_cannot_be_searched_with(shop_folder: Path) -> None:
    app = screen.opened(catalog=shops.CATALOG)
    app.button(key="upload").click().run()
    app.file_uploader(key="upload-file").upload("mine.png", picture_of(shop_folder, PICTURE), "image/png")
    app.button(key="upload").click().run()
    app.slider(key="crop-x").set_value((40, 40))
    screen.ran(app.button(key="upload").click().run())

    assert screen.complaints(app) == ["The crop is empty; move the edges apart."]
    assert not [button for button in app.button if button.key == "upload-search"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"<!doctype html><title>x</title>", "a web page"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (samples.encoded(samples.noise(1, (200, 200)), "JPEG")[:900], "damaged or incomplete"),
    ],
    ids=["empty", "pdf", "html", "svg", "truncated"],
)
@pytest.mark.usefixtures("trial")
def test_what_is_no_picture_is_refused_in_one_sentence(data: bytes, words: str) -> None:
    app = screen.opened(catalog=shops.CATALOG)
    app.button(key="upload").click().run()
    app.file_uploader(key="upload-file").upload("mine.jpg", data, "image/jpeg")
    screen.ran(app.button(key="upload").click().run())

    assert len(app.error) == 1
    assert words in app.error[0].value
    assert len(screen.results(app, "histogram")) == 5


@pytest.mark.usefixtures("trial")
def test_without_weights_the_histogram_searches_and_the_page_says_the_two_ways(shop_folder: Path) -> None:
    app = uploaded(screen.opened(catalog=shops.CATALOG), picture_of(shop_folder, PICTURE))

    assert screen.methods_shown(app) == ["histogram"]
    assert screen.results(app, "histogram")[0].item_id == PICTURE
    assert len(app.info) == 1
    said = screen.read(app.info[0].value)
    assert "ResNet-18 cannot encode a picture" in said
    assert FOLDER_VARIABLE in said
    assert "https://download.pytorch.org/models/resnet18-f37072fd.pth" in said
    assert app.button(key="download-resnet18").label == "Download the weights"


@pytest.mark.usefixtures("trial", "no_network")
def test_a_download_without_a_network_is_a_sentence(shop_folder: Path) -> None:
    app = uploaded(screen.opened(catalog=shops.CATALOG), picture_of(shop_folder, PICTURE))
    screen.ran(app.button(key="download-resnet18").click().run())

    assert len(app.error) == 1
    assert "could not be downloaded" in screen.read(app.error[0].value)
    assert screen.methods_shown(app) == ["histogram"]


@pytest.mark.usefixtures("trial")
def test_a_picked_item_needs_no_weights() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030")

    assert screen.methods_shown(app) == ["histogram", "resnet18"]
    assert not app.info


@pytest.mark.usefixtures("other_weights")
def test_other_weights_are_never_used_for_a_search_until_the_library_is_rebuilt(
    home: Path, shop_folder: Path, tmp_path: Path, random_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = tmp_path / "few"  # a small catalog, so that the rebuild is short
    for item in ("1030", "1031", "1060", "1061"):
        group = few / ("shirts" if item < "1050" else "ties")
        group.mkdir(parents=True, exist_ok=True)
        shutil.copy(shop_folder / "images" / f"{item}.png", group)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER_VARIABLE, str(random_weights))
        build(few, name="few", methods=["histogram", "resnet18"])
    before = truth.manifest(home / "few")["libraries"]["resnet18"]["fingerprint"]["weights"]
    app = uploaded(screen.opened(catalog="few"), picture_of(shop_folder, "1060"))

    assert screen.methods_shown(app) == ["histogram"]
    assert "Vectors of different weights cannot be compared" in screen.read(app.info[0].value)
    button = app.button(key="rebuild-resnet18")
    assert button.label == "Rebuild ResNet-18 for 4 pictures"

    screen.ran(button.click().run())
    wait_for_build("few")
    screen.ran(app.run())

    assert truth.manifest(home / "few")["libraries"]["resnet18"]["fingerprint"]["weights"] != before
    assert screen.methods_shown(app) == ["histogram", "resnet18"]
    first = screen.results(app, "resnet18")[0]
    assert (first.item_id, first.score) == ("ties/1060", 1.0)
    assert not app.info
