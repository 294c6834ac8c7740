"""What every method must do, whatever it is: one walk over the registry."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from fashion_search.catalog import Catalog, Item
from fashion_search.encoders import (
    DEFAULT_METHODS,
    ENCODERS,
    ColourMatch,
    Encoder,
    EncoderSpec,
    Explanation,
    Fingerprint,
    FusedMatch,
    encoder_spec,
)
from fashion_search.encoders.architecture import PRETRAINED
from fashion_search.encoders.base import register
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.errors import UnknownNameError
from fashion_search.images import open_image
from fashion_search.library import Library
from tests.encoders.networks import DIM_OF_SMALL, LIBRARY_OF, small_networks, write_random_weights
from tests.samples import encoded, noise
from tests.test_images import WIDE, stored_as


@pytest.fixture(scope="module", params=list(ENCODERS))
def spec(request: pytest.FixtureRequest) -> EncoderSpec:
    spec = ENCODERS[request.param]
    return replace(spec, dim=DIM_OF_SMALL.get(spec.name, spec.dim))


@pytest.fixture(scope="module")
def folder(spec: EncoderSpec, random_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Random weights of the method."""
    if spec.name not in LIBRARY_OF and spec.name not in PRETRAINED.keys() - {"resnet18"}:
        yield random_weights
        return
    folder = tmp_path_factory.mktemp("weights")
    write_random_weights(folder, spec.name)
    yield folder
    shutil.rmtree(folder)  # hundreds of megabytes


@pytest.fixture(scope="module")
def encoder(spec: EncoderSpec, folder: Path) -> Encoder:
    """With random weights; of a large network a small configuration (``tests.encoders.networks``)."""
    with pytest.MonkeyPatch.context() as patch, small_networks():
        patch.setenv(FOLDER_VARIABLE, str(folder))
        return spec.load()


IMAGES = [noise(seed, (60 + seed, 80)) for seed in range(5)]


@pytest.fixture(scope="module")
def vectors(encoder: Encoder) -> NDArray[np.float32]:
    """Of the five images."""
    made = encoder.encode(IMAGES)
    made.flags.writeable = False
    return made


def test_shape_type_and_unit_length(spec: EncoderSpec, vectors: NDArray[np.float32]) -> None:
    assert vectors.shape == (5, spec.dim)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_deterministic(encoder: Encoder, vectors: NDArray[np.float32]) -> None:
    np.testing.assert_array_equal(encoder.encode(IMAGES), vectors)


def test_a_batch_gives_what_single_images_give(encoder: Encoder, vectors: NDArray[np.float32]) -> None:
    one_by_one = np.concatenate([encoder.encode([image]) for image in IMAGES])
    np.testing.assert_allclose(vectors, one_by_one, atol=1e-6)


def test_different_images_differ(vectors: NDArray[np.float32]) -> None:
    scores = vectors @ vectors.T
    assert (scores[~np.eye(5, dtype=bool)] < 0.99999).all()


def greyscale() -> Image.Image:
    return open_image(encoded(noise(1).convert("L")))


def transparent() -> Image.Image:
    return open_image(encoded(Image.new("RGBA", (9, 9), (200, 0, 0, 0))))


ODD = {
    "greyscale": greyscale,
    "transparent": transparent,
    "black": lambda: Image.new("RGB", (30, 30)),
    "white": lambda: Image.new("RGB", (30, 30), "white"),
    "1 x 1": lambda: Image.new("RGB", (1, 1), "red"),
    "1 x 5000": lambda: Image.new("RGB", (1, 5000), "red"),
    "huge": lambda: Image.new("RGB", (6000, 4000), "red"),
}


@pytest.mark.parametrize("make", ODD.values(), ids=ODD.keys())
def test_odd_images(encoder: Encoder, make: object) -> None:
    vector = encoder.encode([make()])
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)
    np.testing.assert_array_equal(encoder.encode([make()]), vector)


def test_what_is_transparent_counts_as_white(encoder: Encoder) -> None:
    white = Image.new("RGB", (9, 9), "white")
    np.testing.assert_array_equal(encoder.encode([transparent()]), encoder.encode([white]))


def test_a_phones_wide_colours_find_the_same_garment(encoder: Encoder) -> None:
    """The same shirt, stored in sRGB and in Display P3 with its profile."""
    shirt = Image.new("RGB", (120, 160), (250, 250, 250))
    shirt.paste((80, 176, 112), (24, 32, 96, 144))
    stored = stored_as(shirt, WIDE["Display P3"])
    photo = open_image(encoded(stored, icc_profile=WIDE["Display P3"]))
    vectors = encoder.encode([open_image(encoded(shirt)), photo, stored])
    assert vectors[0] @ vectors[1] >= 0.99
    assert vectors[0] @ vectors[2] < vectors[0] @ vectors[1]  # the numbers alone are another colour


def test_the_fingerprint_read_without_loading_is_the_encoders(
    spec: EncoderSpec, encoder: Encoder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    assert spec.fingerprint() == encoder.fingerprint
    assert encoder.fingerprint.method == spec.name
    assert msgspec.convert(msgspec.to_builtins(encoder.fingerprint), Fingerprint) == encoder.fingerprint


def with_a_part_of(image: Image.Image, other: Image.Image) -> Image.Image:
    both = image.copy()
    both.paste(other.crop((0, 0, 60, 30)))
    return both


def test_the_explanation_adds_up_to_the_score_of_the_library(spec: EncoderSpec, encoder: Encoder) -> None:
    if spec.explain is None:
        pytest.skip(f"{spec.name} does not explain")
    items = tuple(Item(str(row), "", ("a",), "", "", "") for row in range(5))
    images = [IMAGES[0], *(with_a_part_of(image, IMAGES[0]) for image in IMAGES[1:])]
    library = Library(Catalog("c", "C", ("group",), items), encoder.fingerprint, encoder.encode(images))
    hits = library.search(np.array([0]), 4, np.ones(5, dtype=bool))
    for row, score in zip(hits.rows[0], hits.scores[0], strict=True):
        adds_up(spec.explain(encoder, images[0], images[row]), score)


def adds_up(explanation: Explanation, score: float) -> None:
    assert explanation.score == pytest.approx(score, abs=1e-4)
    if isinstance(explanation, FusedMatch):
        titles = [title for title, _ in explanation.parts]
        assert len(set(titles)) == len(titles) > 1
        assert sum(part.score for _, part in explanation.parts) == pytest.approx(score, abs=1e-4)
        for _, part in explanation.parts:
            adds_up(part, part.score)
    elif isinstance(explanation, ColourMatch):
        shares = [share for _, share in explanation.colours]
        assert shares == sorted(shares, reverse=True)
        assert 0 < sum(shares) <= 1 + 1e-6
    else:
        assert explanation.query.sum() == pytest.approx(score, abs=1e-4)
        assert explanation.result.sum() == pytest.approx(score, abs=1e-4)


def test_a_combination_makes_of_libraries_what_its_encoder_makes_of_pictures(
    spec: EncoderSpec,
    encoder: Encoder,
    vectors: NDArray[np.float32],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if spec.combines is None:
        assert spec.parts == (spec.name,)
        return
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    parts = [encoder_spec(part).load() for part in spec.parts]
    of_parts = [part.encode(IMAGES) for part in parts]
    for one in of_parts:
        one.flags.writeable = False  # as a library's are
    fused = spec.combines.vectors(of_parts)
    assert (fused.shape, fused.dtype) == ((5, spec.dim), np.float32)
    np.testing.assert_allclose((fused * vectors).sum(axis=1), 1, atol=1e-6)
    assert spec.combines.fingerprint([part.fingerprint for part in parts]) == encoder.fingerprint


def test_the_registry_refuses_a_combination_of_what_has_no_library() -> None:
    histogram, resnet18, fusion = (ENCODERS[name] for name in ("histogram", "resnet18", "fusion"))
    with pytest.raises(ValueError, match="'fusion' cannot combine 'resnet18'"):
        register(histogram, fusion, resnet18)
    again = replace(fusion, name="again", combines=replace(fusion.combines, parts=("histogram", "fusion")))
    with pytest.raises(ValueError, match="'again' cannot combine 'fusion'"):
        register(histogram, resnet18, fusion, again)


def test_the_registry_refuses_a_name_twice() -> None:
    with pytest.raises(ValueError, match="two methods are named 'histogram'"):
        register(ENCODERS["histogram"], ENCODERS["histogram"])


def test_an_unknown_method_is_told_which_there_are() -> None:
    known = ", ".join(ENCODERS)
    with pytest.raises(UnknownNameError, match=rf"no method 'gist'\. The methods are {known}\.$"):
        encoder_spec("gist")
    assert set(DEFAULT_METHODS) <= set(ENCODERS)
