"""Alterations of a query: seeded, of the extent that they say, and of nothing else."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fashion_search.evaluation.alterations import ALTERATIONS, LARGEST, Alteration, altered

BY_NAME = {one.name: one for one in ALTERATIONS}
WHITE, RED = (255, 255, 255), (190, 20, 40)


def garment(size: tuple[int, int] = (60, 80), colour: tuple[int, int, int] = RED) -> Image.Image:
    """A block in the middle of white."""
    picture = Image.new("RGB", size, WHITE)
    ImageDraw.Draw(picture).rectangle((size[0] // 4, size[1] // 4, 3 * size[0] // 4, 3 * size[1] // 4), fill=colour)
    return picture


def many(name: str, n: int = 40) -> list[np.ndarray]:
    return [np.asarray(altered(garment(), BY_NAME[name], str(key))).astype(int) for key in range(n)]


def red(pixels: np.ndarray) -> np.ndarray:
    """Rows of the pixels that are red."""
    return (np.abs(pixels - RED).max(axis=2) < 40).nonzero()[0]


@pytest.mark.parametrize("alteration", ALTERATIONS, ids=lambda one: one.name)
def test_the_same_key_and_seed_give_the_same_picture(alteration: Alteration) -> None:
    picture = garment()
    before = picture.copy()
    found = np.asarray(altered(picture, alteration, "a"))
    np.testing.assert_array_equal(found, np.asarray(altered(picture, alteration, "a")))
    np.testing.assert_array_equal(np.asarray(picture), np.asarray(before))
    others = [altered(picture, alteration, "b"), altered(picture, alteration, "a", seed=1)]
    assert not any(np.array_equal(found, np.asarray(other)) for other in others)


@pytest.mark.parametrize("alteration", ALTERATIONS, ids=lambda one: one.name)
@pytest.mark.parametrize("size", [(1, 1), (3, 200), (2000, 1500)])
def test_pictures_of_any_size(alteration: Alteration, size: tuple[int, int]) -> None:
    found = altered(garment(size), alteration, "a")
    assert found.mode == "RGB"
    assert max(found.size) <= LARGEST


def test_a_crop_is_a_part() -> None:
    sides = [pixels.shape[0] / 80 for pixels in many("crop")]
    assert 0.69 < min(sides) < 0.74
    assert 0.86 < max(sides) < 0.91


def test_a_turn_keeps_what_is_there_and_the_grounds_colour() -> None:
    for pixels in many("turn"):
        assert tuple(pixels[0, 0]) == WHITE
        assert len(red(pixels)) == pytest.approx(31 * 41, rel=0.1)


def test_light_is_dimmer_or_brighter_with_a_tint() -> None:
    grounds = np.array([pixels[0, 0] for pixels in many("light", 200)])
    assert grounds.min() >= 255 * 0.6 * 0.88 - 1
    assert grounds.min() < 165
    assert (np.ptp(grounds, axis=1) > 10).mean() > 0.4


def test_another_ground_leaves_the_thing() -> None:
    for pixels in many("ground"):
        assert np.abs(pixels[30:50, 25:35] - RED).max() <= 2
        assert (pixels[:15] == WHITE).all(axis=2).mean() < 0.1


def test_a_card_lies_small_on_one_colour() -> None:
    heights = []
    for key in range(40):
        pixels = np.asarray(altered(garment(colour=(0, 0, 0)), BY_NAME["card"], str(key))).astype(int)
        colours, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_counts=True)
        assert tuple(colours[counts.argmax()]) != WHITE or counts.max() < 0.5 * 4800
        heights.append(np.ptp((pixels.max(axis=2) < 15).nonzero()[0]) + 1)  # the ground is lighter
    assert 0.4 * 40 < min(heights) < 0.55 * 40
    assert 0.62 * 40 < max(heights) <= 0.75 * 40


def test_each_has_a_name_of_its_own_and_says_what_it_does() -> None:
    assert len(BY_NAME) == len(ALTERATIONS) == len({one.title for one in ALTERATIONS})
    assert all(one.summary for one in ALTERATIONS)
