"""The drawn copy of DeepFashion's In-Shop layout is what its reader reads, divided by products."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("skia", reason="skia-python cannot be loaded here", exc_type=ImportError)

from fashion_search.catalog.source import GALLERY, QUERY, TRAINING, Options
from fashion_search.catalog.sources import open_source
from tools.demo_catalog.inshop import POSES, QUERIES, SIDE, draw, products, write


def test_products_are_divided_into_training_and_test() -> None:
    made = products()
    assert [one.number for one in made] == list(range(1, 61))
    trained = [one for one in made if one.is_trained_on]
    assert len(trained) == 30
    of_both = [Counter((one.category, one.colour) for one in half) for half in (trained, set(made) - set(trained))]
    assert of_both[0] == of_both[1]  # near relatives on both sides
    for one in made:
        statuses = Counter(one.status(pose) for pose in range(len(POSES)))
        expected = {"train": len(POSES)} if one.is_trained_on else {"query": QUERIES, "gallery": len(POSES) - QUERIES}
        assert statuses == expected


def test_its_reader_reads_it(tmp_path: Path) -> None:
    made = products()
    assert write(tmp_path / "copy", [made[0], made[55]]) == 10
    source = open_source(tmp_path / "copy")
    assert source.kind == "in-shop"
    assert source.excluded == ()
    assert Counter((row.part, row.product) for row in source.rows) == {
        (TRAINING, "id_00000001"): 5,
        (QUERY, "id_00000056"): 2,
        (GALLERY, "id_00000056"): 3,
    }
    assert {row.attributes["category"] for row in source.rows} == {"MEN/Shirts Polos", "WOMEN/Skirts"}
    cropped = open_source(tmp_path / "copy", Options(boxes=True))
    assert cropped.excluded == ()
    assert len(cropped.rows) == 10


def test_a_picture_is_the_same_each_time_and_another_in_each_pose() -> None:
    product = products()[1]
    drawn = [draw(product, pose) for pose in range(len(POSES))]
    pictures = [np.asarray(picture) for picture, _ in drawn]
    assert all(picture.shape == (SIDE, SIDE, 3) for picture in pictures)
    for place, picture in enumerate(pictures):
        assert (np.abs(pictures[place - 1].astype(int) - picture).mean()) > 5
    np.testing.assert_array_equal(np.asarray(draw(product, 0)[0]), pictures[0])
    for left, top, right, bottom in (box for _, box in drawn):
        assert 0 <= left < right <= SIDE
        assert 0 <= top < bottom <= SIDE
