import numpy as np
import pytest
from PIL import Image

from fashion_search.encoders.histogram import HistogramEncoder, explain


def half_and_half(left: tuple[int, int, int], right: tuple[int, int, int]) -> Image.Image:
    """Two colours, equally much of each once it is squashed: the border between them falls between pixels."""
    image = Image.new("RGB", (224, 224), left)
    image.paste(right, (112, 0, 224, 224))
    return image


def test_a_colour_falls_into_its_bin() -> None:
    vector = HistogramEncoder().encode([Image.new("RGB", (10, 10), (31, 32, 255))])[0]
    assert np.flatnonzero(vector).tolist() == [(0 * 8 + 1) * 8 + 7]
    assert HistogramEncoder().colour((0 * 8 + 1) * 8 + 7) == (16, 48, 240)


def test_worked_example() -> None:
    """Half red, half blue against all red: (1, 1) / √2 · (1, 0) = 1 / √2."""
    red, blue = (255, 0, 0), (0, 0, 255)
    first, second = HistogramEncoder().encode([half_and_half(red, blue), Image.new("RGB", (9, 9), red)])
    assert float(first @ second) == pytest.approx(0.5**0.5)


def test_place_does_not_count() -> None:
    red, blue = (255, 0, 0), (0, 0, 255)
    first, second = HistogramEncoder().encode([half_and_half(red, blue), half_and_half(blue, red)])
    np.testing.assert_array_equal(first, second)


def test_few_colours_are_explained_in_full() -> None:
    red, green, blue = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    match = explain(HistogramEncoder(), half_and_half(red, green), half_and_half(red, blue))
    assert match.score == pytest.approx(0.5)
    assert match.colours == (((240, 16, 16), pytest.approx(1)),)


def test_nothing_in_common_is_explained_by_nothing() -> None:
    match = explain(HistogramEncoder(), Image.new("RGB", (9, 9), "red"), Image.new("RGB", (9, 9), "blue"))
    assert match == type(match)(0.0, ())


@pytest.mark.parametrize("bins", [1, 65])
def test_bins_out_of_range(bins: int) -> None:
    with pytest.raises(ValueError, match="bins must be 2 to 64"):
        HistogramEncoder(bins)
