"""The demo's customer photos: of its items and their relatives, labelled, and what the generator draws."""

import csv
from collections import Counter

import numpy as np
import pytest

from fashion_search.catalog.demo import DEMO_STORE
from fashion_search.home import shipped
from fashion_search.images import open_image
from fashion_search.store import Store

FOLDER = shipped("assets/demo_queries")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with (FOLDER / "photos.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_each_has_the_labels_of_a_style_group(rows: list[dict[str, str]]) -> None:
    catalog = Store(DEMO_STORE).catalog
    groups = {tuple(catalog.items[group.rows[0]].labels) for group in catalog.groups}
    assert 55 <= len(rows) <= 70
    assert {tuple(row[column] for column in catalog.columns) for row in rows} <= groups
    assert {row["article_type"] for row in rows} == set(catalog.values("article_type"))


def test_half_show_an_item_and_half_a_relative(rows: list[dict[str, str]]) -> None:
    shows = Counter(row["shows"] for row in rows)
    assert set(shows) == {"item", "relative"}
    assert abs(shows["item"] - shows["relative"]) <= 0.1 * len(rows)


def test_every_condition_is_seen_several_times(rows: list[dict[str, str]]) -> None:
    words = Counter(word for row in rows for word in row["photo"].split(", "))
    several = ("worn", "folded", "lying", "hanging", "standing", "street", "room", "park", "bed")
    befell = ("dim", "blurred", "askew", "cropped", "another thing", "bag in front")
    assert {word: words[word] for word in (*several, *befell) if words[word] < 4} == {}


def test_every_picture_opens_and_the_set_is_small(rows: list[dict[str, str]]) -> None:
    paths = [FOLDER / row["image"] for row in rows]
    assert sorted(paths) == sorted((FOLDER / "images").iterdir())
    assert {open_image(path.read_bytes()).size for path in paths} == {(480, 640)}
    assert sum(path.stat().st_size for path in paths) < 1_500_000


def test_the_table_is_the_generators(rows: list[dict[str, str]]) -> None:
    photos = pytest.importorskip(
        "tools.demo_catalog.photos", reason="skia-python cannot be loaded", exc_type=ImportError
    )
    assert [list(row.values()) for row in rows] == [photos.row(photo) for photo in photos.PHOTOS]
    assert tuple(rows[0]) == photos.HEADER


def test_relatives_are_no_items() -> None:
    photos = pytest.importorskip(
        "tools.demo_catalog.photos", reason="skia-python cannot be loaded", exc_type=ImportError
    )
    ids = {item.id for item in Store(DEMO_STORE).catalog.items}
    for photo in photos.PHOTOS:
        look, _ = photos.garment(photo.article, photo.colour, photo.usage, photo.number)
        assert (str(look.item_id) in ids) == (photo.shows == "item"), photo.name


@pytest.mark.slow
def test_the_generator_draws_what_is_shipped() -> None:
    """A few of the ways; WebP loses more than processors differ by, and another photo is far from it."""
    photos = pytest.importorskip(
        "tools.demo_catalog.photos", reason="skia-python cannot be loaded", exc_type=ImportError
    )
    first_of = {photo.way: photo for photo in reversed(photos.PHOTOS)}
    for way in ("worn", "folded", "on a wrist", "standing"):
        photo = first_of[way]
        now = np.asarray(photos.draw(photo), int)
        assert np.array_equal(now, np.asarray(photos.draw(photo), int)), photo.name
        shipped_now = np.asarray(open_image((FOLDER / f"images/{photo.name}.webp").read_bytes()), int)
        assert np.abs(now - shipped_now).mean() < 6, photo.name
