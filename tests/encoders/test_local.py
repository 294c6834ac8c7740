"""Local features: what their vectors look at, and what is said where they cannot be made."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fashion_search.encoders import ENCODERS
from fashion_search.encoders import local as module
from fashion_search.encoders.local import (
    CODEBOOKS,
    DIM,
    FEATURES,
    HEIGHT,
    WIDTH,
    Codebook,
    Features,
    codebook_of,
    fitted,
)
from fashion_search.errors import WeightsError

NAMES = [features.name for features in FEATURES]


def drawn(seed: int, size: tuple[int, int] = (60, 80)) -> Image.Image:
    """Rectangles and circles on white, which have corners and blobs."""
    random = np.random.default_rng(seed)
    image = Image.new("RGB", (240, 320), "white")
    draw = ImageDraw.Draw(image)
    for place in range(12):
        left, top, width, height = random.integers((10, 10, 20, 20), (180, 250, 60, 70)).tolist()
        shape = draw.rectangle if place % 2 else draw.ellipse
        shape((left, top, left + width, top + height), fill=tuple(random.integers(0, 220, 3).tolist()))
    return image.resize(size, Image.Resampling.LANCZOS)


@pytest.mark.parametrize(
    ("size", "expected"),
    [((60, 80), (240, 320)), ((80, 60), (240, 180)), ((1000, 2000), (160, 320)), ((1, 5000), (8, 320))],
)
def test_pictures_are_fitted_and_keep_their_shape(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert fitted(Image.new("RGB", size)).shape == expected[::-1]
    assert expected[0] <= WIDTH
    assert expected[1] <= HEIGHT


@pytest.mark.parametrize("features", FEATURES, ids=NAMES)
def test_descriptors_of_a_small_picture(features: Features) -> None:
    found = features.describe(fitted(drawn(0)))
    assert found.dtype == np.float32
    assert found.shape[1] == features.width
    assert len(found) > 20
    lengths = np.linalg.norm(found, axis=1)
    if features.name == "orb":
        assert set(np.unique(found)) == {0, 1 / 16}
    else:
        np.testing.assert_allclose(lengths, 1, atol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_thing_elsewhere_and_in_another_colour_is_nearer_than_another(name: str) -> None:
    def on_white(seed: int, place: tuple[int, int]) -> Image.Image:
        canvas = Image.new("RGB", (300, 400), "white")
        canvas.paste(drawn(seed, (225, 300)), place)
        return canvas

    first, moved, other = on_white(1, (10, 10)), on_white(1, (50, 70)), on_white(2, (10, 10))
    red, green, blue = first.split()
    vectors = ENCODERS[name].load().encode([first, moved, Image.merge("RGB", (blue, green, red)), other])
    scores = vectors[0] @ vectors.T
    assert scores[1] > scores[3] + 0.1
    assert scores[2] > scores[3] + 0.1


@pytest.mark.parametrize("name", NAMES)
def test_pictures_without_keypoints_are_equal_to_each_other_and_to_no_other(name: str) -> None:
    images = [Image.new("RGB", (60, 80), "white"), Image.new("RGB", (9, 9), "black"), drawn(0)]
    vectors = ENCODERS[name].load().encode(images)
    np.testing.assert_array_equal(vectors[:2], np.eye(DIM, dtype=np.float32)[[-1, -1]])
    assert vectors[2] @ vectors[0] == 0


@pytest.mark.parametrize("name", NAMES)
def test_several_threads_prepare_what_one_does(name: str) -> None:
    encoder = ENCODERS[name].load()
    images = [drawn(seed) for seed in range(12)]
    with ThreadPoolExecutor(4) as readers:
        together = list(readers.map(encoder.prepare, images))
    np.testing.assert_array_equal(together, [encoder.prepare(image) for image in images])


def test_sums_are_what_the_formula_says() -> None:
    random = np.random.default_rng(0)
    mean, projection, words = random.normal(size=6), random.normal(size=(6, 3)), random.normal(size=(4, 3))
    descriptors = random.normal(size=(20, 6)).astype(np.float32)
    expected = np.zeros((4, 3))
    for one in descriptors:
        reduced = (one - mean) @ projection
        nearest = min(range(4), key=lambda word: float(np.linalg.norm(reduced - words[word])))
        expected[nearest] += reduced - words[nearest]
    codebook = Codebook(*(array.astype(np.float32) for array in (mean, projection, words)))
    np.testing.assert_allclose(codebook.sums(descriptors), [*expected.ravel(), 0], atol=1e-4)
    assert codebook.sums(descriptors[:0]).tolist() == [0] * 12 + [1]


def test_vectors_are_signed_square_roots_of_the_sums() -> None:
    encoder = ENCODERS["orb"].load()
    sums = encoder.prepare(drawn(3))
    [vector] = encoder.embed(sums[None])
    np.testing.assert_allclose(vector * np.abs(vector), sums / np.abs(sums).sum(), atol=1e-6)


@pytest.mark.parametrize("features", FEATURES, ids=NAMES)
def test_codebooks_are_small_and_counted(features: Features) -> None:
    codebook = codebook_of(features)
    spec = ENCODERS[features.name]
    assert spec.parameters == codebook.mean.size + codebook.projection.size + codebook.words.size
    assert spec.family == "local features"
    assert CODEBOOKS.stat().st_size <= 200_000


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_package_is_said_with_its_command(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    spec = ENCODERS[name]
    package = "mahotas" if name == "surf" else "opencv-python-headless"
    for reason in (spec.fingerprint, spec.load):
        with pytest.raises(WeightsError, match=rf"^{spec.title} needs .* not installed: pip install {package}$"):
            reason()


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_a_damaged_codebook_is_refused(content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "codebooks.npz"
    if content is None:  # of other shapes
        np.savez(path, **{f"sift.{part}": np.zeros((2, 2)) for part in ("mean", "projection", "words")})
    else:
        path.write_bytes(content)
    monkeypatch.setattr(module, "CODEBOOKS", path)
    codebook_of.cache_clear()
    with pytest.raises(WeightsError, match=r"codebooks\.npz is damaged or missing\. Install the program again\.$"):
        codebook_of(FEATURES[0])
    codebook_of.cache_clear()
