"""Searching with a picture of one's own: what is needed for it, and what is said where that is missing."""

import gc
import shutil
from pathlib import Path

import pytest
import streamlit as st
from PIL import Image

from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.images import Box
from fashion_search.ui.search import upload, uploaded_files
from tests import samples
from tests.app import screen, shops, truth
from tests.app.steps import dropped, uploaded, wait_for_build
from tests.builds import build

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

    for method, facts in zip(("resnet18", "histogram"), screen.facts(app), strict=True):
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


@pytest.mark.usefixtures("trial")
def test_what_it_is_begins_empty_and_part_of_it_marks_nothing(shop_folder: Path) -> None:
    app = uploaded(screen.opened(catalog=shops.CATALOG, methods="histogram"), picture_of(shop_folder, PICTURE))

    boxes = [one for one in app.selectbox if (one.key or "").startswith("said-")]
    assert [box.value for box in boxes] == [None, None, None]
    screen.ran(boxes[0].set_value(boxes[0].options[0]).run())
    assert {card.badge for card in screen.results(app, "histogram")} == {""}


@pytest.mark.parametrize(
    ("boxes", "crop_"),
    [
        ([], Box()),
        ([{"x": [0, 60], "y": [0, 80]}], Box()),
        ([{"x": [45, 15], "y": [60, 20]}], Box(25, 25, 75, 75)),
        ([{"x": [-50, 30], "y": [40, 900]}], Box(0, 50, 50, 100)),
        ([{"x": [1, 2], "y": [3, 4]}, {"x": [30, 60], "y": [40, 80]}], Box(50, 50, 100, 100)),
        ([{"x": [30.0, 30.1], "y": [40, 60]}], None),
        ([{"x": [29.9, 30.1], "y": [40, 60]}], None),
    ],
    ids=["none", "whole", "from the lower right", "beyond the edge", "the last one", "no width", "nor there"],
)
def test_a_rectangle_is_a_crop_in_percent(boxes: list[dict[str, list[float]]], crop_: Box | None) -> None:
    assert upload.box_of(boxes, (60, 80)) == crop_


@pytest.mark.usefixtures("trial")
def test_earlier_queries_are_one_click_away(shop_folder: Path) -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030", methods="histogram")
    uploaded(app, picture_of(shop_folder, PICTURE))
    first = screen.results(app, "histogram")
    uploaded(app, picture_of(shop_folder, "1011"))
    earlier = [one for one in app.button if (one.key or "").startswith("earlier-")]

    assert [("Your picture" in one.label, "Item 1030" in one.label) for one in earlier] == [
        (True, False),
        (False, True),
    ]
    screen.ran(earlier[0].click().run())
    assert screen.results(app, "histogram") == first
    [item] = [one for one in app.button if "Item 1030" in one.label and (one.key or "").startswith("earlier-")]
    screen.ran(item.click().run())
    assert screen.query_id(app) == "1030"


@pytest.mark.usefixtures("trial")
def test_of_two_at_once_the_first_is_searched_with_and_the_other_waits(shop_folder: Path) -> None:
    app = screen.opened(catalog=shops.CATALOG, methods="histogram")
    dropped(app, ("one.png", picture_of(shop_folder, PICTURE)), ("two.png", picture_of(shop_folder, "1011")))

    assert screen.results(app, "histogram")[0].item_id == PICTURE
    assert any("2 pictures came at once" in one for one in screen.complaints(app))
    waiting = next(one for one in app.button if (one.key or "").startswith("earlier-") and "Your picture" in one.label)
    screen.ran(waiting.click().run())
    assert screen.results(app, "histogram")[0].item_id == "1011"


@pytest.mark.usefixtures("trial")
def test_one_that_is_no_picture_does_not_stop_the_other(shop_folder: Path) -> None:
    app = screen.opened(catalog=shops.CATALOG, methods="histogram")
    dropped(app, ("one.txt", b"hello"), ("two.png", picture_of(shop_folder, PICTURE)))

    assert screen.results(app, "histogram")[0].item_id == PICTURE
    assert any("a file of another kind" in one for one in screen.complaints(app))


@pytest.mark.usefixtures("trial")
def test_more_at_once_than_are_kept(shop_folder: Path) -> None:
    app = screen.opened(catalog=shops.CATALOG, methods="histogram")
    others = [(f"{seed}.png", samples.encoded(samples.noise(seed))) for seed in range(upload.MOST + 1)]
    dropped(app, ("mine.png", picture_of(shop_folder, PICTURE)), *others)

    assert screen.results(app, "histogram")[0].item_id == PICTURE
    assert screen.complaints(app) == [
        "10 files came at once; only the first 8 were read. Bring the others after them.",
        "8 pictures came at once: the first is searched with, the others wait below.",
    ]
    assert len(app.session_state["uploads"]) == upload.MOST


@pytest.mark.usefixtures("trial")
def test_two_changes_before_the_page_is_drawn_again_are_both_made(shop_folder: Path) -> None:
    app = uploaded(screen.opened(catalog=shops.CATALOG, methods="histogram"), picture_of(shop_folder, PICTURE))
    [known] = app.session_state["uploads"].values()
    app.toggle(key=f"plain-{known.id}").set_value(True)
    screen.ran(app.button(key="proposal-1").click().run())

    [changed] = app.session_state["uploads"].values()
    assert changed.plain
    assert changed.box != Box()


@pytest.mark.usefixtures("trial")
def test_the_file_of_a_picture_that_was_read_is_forgotten(shop_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten: list[str] = []
    monkeypatch.setattr(uploaded_files, "forget", forgotten.append)
    app = screen.opened(catalog=shops.CATALOG, methods="histogram")
    for item in (PICTURE, "1011"):
        uploaded(app, picture_of(shop_folder, item))
    assert len(set(forgotten)) == 2


@pytest.mark.usefixtures("trial")
def test_what_a_person_said_it_is_is_there_again(trial: Path, shop_folder: Path) -> None:
    right = truth.labels(trial)[PICTURE]
    app = screen.opened(catalog=shops.CATALOG, methods="histogram")
    uploaded(app, picture_of(shop_folder, PICTURE), labels=right)
    screen.ran(app.button(key="random").click().run())
    screen.ran(app.button(key="earlier-0").click().run())
    said = [one.value for one in app.selectbox if (one.key or "").startswith("said-")]
    assert tuple(said) == right


@pytest.mark.parametrize(
    "size", [(1, 1), (300, 400), (2000, 40), (1080, 2340)], ids=["pixel", "wall", "strip", "screen"]
)
@pytest.mark.usefixtures("trial")
def test_a_picture_of_nothing_is_searched_with_like_any_other(size: tuple[int, int]) -> None:
    app = uploaded(
        screen.opened(catalog=shops.CATALOG, methods="histogram"),
        samples.encoded(Image.new("RGB", size, (190, 188, 180))),
    )

    assert len(screen.results(app, "histogram")) == 5
    assert screen.complaints(app) == []
    assert not [one for one in app.button if (one.key or "").startswith("proposal-")]


@pytest.mark.usefixtures("trial")
def test_the_last_of_photo_and_file_wins(shop_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The camera first, then a file: what was brought last is searched with, and the other is not shown beside it."""

    class Photo:
        file_id = "photo"

        def getvalue(self) -> bytes:
            return picture_of(shop_folder, "1011")

    app = screen.opened(catalog=shops.CATALOG, methods="histogram")
    monkeypatch.setattr(st, "camera_input", lambda *arguments, **options: Photo())
    screen.ran(app.button(key="camera").click().run())
    screen.ran(app.run())
    assert screen.results(app, "histogram")[0].item_id == "1011"
    uploaded(app, picture_of(shop_folder, PICTURE))
    assert screen.results(app, "histogram")[0].item_id == PICTURE


@pytest.mark.usefixtures("trial")
def test_a_session_keeps_few_pictures_of_bounded_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "freeze", lambda: None)  # or what is in memory could not all be looked at
    gc.unfreeze()
    app = screen.opened(catalog=shops.CATALOG, methods="histogram")
    for seed in range(upload.MOST + 3):
        dropped(app, (f"{seed}.png", samples.encoded(samples.noise(seed, (2000 + seed, 40)), "PNG")))

    kept = app.session_state["uploads"]
    assert len(kept) == upload.MOST
    gc.collect()
    alive = {one.id for one in gc.get_objects() if type(one) is upload.Upload and one.image.width == upload.LARGEST}
    assert alive == set(kept)  # Streamlit keeps what callbacks hold on to
    assert {max(one.image.size) for one in kept.values()} == {upload.LARGEST}


def upload_id(app: screen.AppTest) -> str:
    """Of the one upload of a session."""
    return str(next(iter(app.session_state["uploads"])))


@pytest.mark.usefixtures("trial")
def test_a_picture_of_several_things_comes_with_a_crop_for_each() -> None:
    picture = Image.new("RGB", (300, 200), "white")
    for left, colour in ((20, "#c02030"), (120, "#2040b0"), (220, "#207030")):
        picture.paste(Image.new("RGB", (60, 120), colour), (left, 40))
    app = screen.opened(catalog=shops.CATALOG, methods="histogram")
    dropped(app, ("three.png", samples.encoded(picture)))
    whole = screen.results(app, "histogram")[0].score
    crops = [one for one in app.button if (one.key or "").startswith("proposal-")]

    assert len(crops) == 3
    screen.ran(crops[1].click().run())
    cropped = screen.results(app, "histogram")
    assert cropped[0].score != whole
    box = next(iter(app.session_state["uploads"].values())).box
    assert (box.right - box.left) < 35
    drawn = screen.chart(app, f"crop-{upload_id(app)}-1")["layout"]["selections"]
    assert [(one["x0"], one["x1"]) for one in drawn] == [(box.left * 3, box.right * 3)]  # of 300 pixels
    screen.ran(app.button(key="random").click().run())
    [again] = [one for one in app.button if (one.key or "").startswith("earlier-") and "Your picture" in one.label]
    screen.ran(again.click().run())
    assert screen.results(app, "histogram") == cropped  # the crop was kept


@pytest.mark.usefixtures("trial")
def test_plain_background_searches_with_the_garment_on_white(shop_folder: Path) -> None:
    picture = Image.new("RGB", (60, 80), (40, 90, 60))
    picture.paste(Image.new("RGB", (30, 40), "#c02030"), (15, 20))
    app = screen.opened(catalog=shops.CATALOG, methods="histogram")
    dropped(app, ("green.png", samples.encoded(picture)))
    before = screen.results(app, "histogram")
    [switch] = [one for one in app.toggle if (one.key or "").startswith("plain-")]
    assert not switch.value
    screen.ran(switch.set_value(True).run())

    kept = next(iter(app.session_state["uploads"].values()))
    assert kept.picture.getpixel((2, 2)) == (255, 255, 255)
    assert kept.picture.getpixel((30, 40)) == (192, 32, 48)
    assert screen.results(app, "histogram") != before


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
    app = screen.opened(catalog=shops.CATALOG, query="1030")
    dropped(app, ("mine.jpg", data))

    assert len(screen.complaints(app)) == 1
    assert words in screen.complaints(app)[0]
    assert screen.query_id(app) == "1030"
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

    assert screen.methods_shown(app) == ["resnet18", "histogram"]
    assert not app.info


@pytest.mark.usefixtures("other_weights")
@pytest.mark.slow
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
    assert screen.methods_shown(app) == ["resnet18", "histogram"]
    first = screen.results(app, "resnet18")[0]
    assert (first.item_id, first.score) == ("ties/1060", 1.0)
    assert not app.info
