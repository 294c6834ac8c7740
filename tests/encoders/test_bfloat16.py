"""Networks that compute in bfloat16: methods of their own, beside the exact ones."""

from pathlib import Path

import numpy as np
import pytest

from fashion_search.encoders import ENCODERS, encoder_spec, is_method
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.errors import ForeignVectorsError, UnknownNameError
from fashion_search.store import Store
from tests.builds import build
from tests.samples import noise

IMAGES = [noise(seed, (60, 80)) for seed in range(3)]


@pytest.fixture
def weights(random_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(random_weights))


def test_its_vectors_are_near_the_exact_ones_and_not_the_same(weights: None) -> None:
    exact, rounded = encoder_spec("resnet18").load(), encoder_spec("bfloat16:resnet18").load()
    cosines = (exact.encode(IMAGES) * rounded.encode(IMAGES)).sum(axis=1)
    assert (cosines > 0.999).all()
    assert (cosines < 0.9999999).all()
    rounded.choose_fastest()
    np.testing.assert_array_equal(rounded.encode(IMAGES), rounded.encode(IMAGES))


def test_it_has_a_name_a_title_a_colour_and_a_fingerprint_of_its_own(weights: None) -> None:
    exact, rounded = encoder_spec("resnet18"), encoder_spec("bfloat16:resnet18")
    assert rounded.name == "bfloat16:resnet18"
    assert rounded.title == "ResNet-18 (bfloat16)"
    assert rounded.colour != exact.colour
    assert (rounded.dim, rounded.licence, rounded.explain) == (exact.dim, exact.licence, exact.explain)
    assert not rounded.fingerprint().matches(exact.fingerprint())
    assert rounded.fingerprint().weights == exact.fingerprint().weights
    assert rounded.load().fingerprint == rounded.fingerprint()


def test_it_has_a_library_of_its_own_beside_the_exact_one(weights: None, shop: Path) -> None:
    store = Store(build(shop, methods=["resnet18", "bfloat16:resnet18"]).folder)
    exact, rounded = store.library("resnet18"), store.library("bfloat16:resnet18")
    assert (np.sum(exact.vectors * rounded.vectors, axis=1) > 0.999).all()
    assert not np.array_equal(exact.vectors, rounded.vectors)
    with pytest.raises(ForeignVectorsError):
        exact.encode(encoder_spec("bfloat16:resnet18").load(), IMAGES[0])


def test_it_is_fused_reranked_and_searched_by_an_index_as_any_other(weights: None) -> None:
    assert encoder_spec("bfloat16:resnet18+0.5*histogram").parts == ("bfloat16:resnet18", "histogram")
    assert encoder_spec("bfloat16:resnet18~balanced").parts == ("bfloat16:resnet18",)
    assert encoder_spec("bfloat16:resnet18@kd-tree").parts == ("bfloat16:resnet18",)


def test_explains_by_regions(weights: None) -> None:
    spec = encoder_spec("bfloat16:resnet18")
    encoder = spec.load()
    assert spec.explain is not None
    first, second = encoder.encode(IMAGES[:2])
    assert spec.explain(encoder, *IMAGES[:2]).score == pytest.approx(float(first @ second), abs=1e-4)


@pytest.mark.parametrize(
    "method", ["histogram", "sift", "fusion", "onnx:file.onnx", "bfloat16:resnet18"], ids=lambda name: name
)
def test_what_is_no_network_of_torch_is_refused_in_a_sentence(method: str) -> None:
    with pytest.raises(UnknownNameError, match="only a network that torch runs computes in bfloat16"):
        encoder_spec(f"bfloat16:{method}")


def test_names_of_libraries_can_be_meant() -> None:
    assert encoder_spec("bfloat16:timm:resnet10t.c3_in1k").title == "resnet10t.c3_in1k (timm) (bfloat16)"
    assert not is_method("bfloat16:")
    assert not is_method("bfloat16:nothing")


def test_every_network_of_the_program_can_be_meant() -> None:
    networks = {name for name, spec in ENCODERS.items() if spec.family in ("CNN", "transformer", "trained here")}
    assert {name for name in ENCODERS if is_method(f"bfloat16:{name}")} == networks
