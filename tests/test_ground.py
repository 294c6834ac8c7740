"""What is plain ground in a picture, and what lies on it."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fashion_search.ground import border_colour, cut_out, opacity, padded, plain_ground

GREY = (200, 200, 204)


def thing(ground: tuple[int, int, int] = GREY, noise: int = 0) -> Image.Image:
    """A red ring, around more of the ground, in a picture of 40 × 60 pixels."""
    picture = Image.new("RGB", (40, 60), ground)
    ImageDraw.Draw(picture).ellipse((10, 20, 30, 40), fill=(180, 30, 40))
    ImageDraw.Draw(picture).ellipse((17, 27, 23, 33), fill=ground)
    shaken = np.asarray(picture).astype(int) + np.random.default_rng(0).integers(-noise, noise + 1, (60, 40, 3))
    return Image.fromarray(shaken.clip(0, 255).astype(np.uint8))


def naive_ground(pixels: np.ndarray, tolerance: int) -> np.ndarray:
    """Flood from the border, pixel by pixel."""
    colour = border_colour(pixels).astype(int)
    height, width = pixels.shape[:2]
    found = np.zeros((height, width), dtype=bool)
    border = [(y, x) for y in range(height) for x in range(width) if y in (0, height - 1) or x in (0, width - 1)]
    while border:
        y, x = border.pop()
        inside = 0 <= y < height and 0 <= x < width
        if inside and not found[y, x] and np.abs(pixels[y, x].astype(int) - colour).max() <= tolerance:
            found[y, x] = True
            border += [(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)]
    return found


def test_the_ground_is_what_the_border_floods() -> None:
    pixels = np.asarray(thing(noise=4))
    flooded = naive_ground(pixels, 12)
    flooded[26:35, 16:25] = False  # the hole, and single pixels of the thing at its rim
    assert (plain_ground(pixels) != flooded).mean() < 0.004


def test_a_hole_in_the_thing_is_no_ground() -> None:
    found = plain_ground(np.asarray(thing()))
    assert not found[30, 20]
    assert found[0, 0]
    assert 0.85 < found.mean() < 0.88  # the ring covers 21 × 21 × π / 4 of 2,400 pixels


def test_single_pixels_of_noise_are_ground() -> None:
    picture = thing()
    picture.putpixel((5, 5), (0, 0, 0))
    assert plain_ground(np.asarray(picture))[5, 5]


def test_a_picture_without_plain_ground_is_all_thing() -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (60, 40, 3)).astype(np.uint8)
    assert plain_ground(pixels).mean() < 0.2


def test_no_rim_of_the_old_ground_is_left_on_another() -> None:
    smooth = thing((255, 255, 255)).resize((80, 120)).resize((40, 60))  # with mixed pixels at its edge
    share = opacity(np.asarray(smooth))
    assert share.dtype == np.float32
    assert share.min() == 0
    assert share[24, 20] == pytest.approx(1, abs=0.02)
    on_green = Image.new("RGB", (40, 60), (0, 120, 0))
    cut = cut_out(smooth)
    on_green.paste(cut, mask=cut.getchannel("A"))
    inside = np.asarray(on_green)[20:41, 10:31]
    hole = np.zeros((21, 21), dtype=bool)
    hole[6:15, 6:15] = True
    assert inside[~hole].min(axis=1).max() < 150  # nowhere nearly white, but in the hole


def test_padding_keeps_the_picture_and_adds_its_border_colour() -> None:
    wide = Image.new("RGB", (60, 20), (10, 20, 30))
    wide.paste((200, 0, 0), (20, 5, 40, 15))
    found = padded(wide, 3 / 4)
    assert found.size == (60, 80)
    np.testing.assert_array_equal(np.asarray(found)[30:50], np.asarray(wide))
    outside = np.concatenate([np.asarray(found)[:30], np.asarray(found)[50:]])
    assert (outside == (10, 20, 30)).all()
    tall = padded(wide.rotate(90, expand=True), 3 / 4)
    assert tall.size == (45, 60)


@pytest.mark.parametrize("size", [(60, 80), (84, 112), (300, 400), (3, 4), (61, 81)])
def test_a_picture_of_the_wanted_shape_is_left_alone(size: tuple[int, int]) -> None:
    picture = Image.new("RGB", size)
    assert padded(picture, 3 / 4) is picture
