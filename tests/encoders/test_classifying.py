"""The classification path in an encoder's file: it names what it was trained to name, and files without it stay."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from torch import Tensor, nn

from fashion_search.encoders import trained
from fashion_search.encoders.architecture import Architecture
from fashion_search.encoders.base import Head
from fashion_search.encoders.classifying import RELAXATION, feature_relaxation
from fashion_search.encoders.networks import Embedder, normalised
from fashion_search.encoders.trained import Account, load, read_account
from fashion_search.errors import WeightsError
from tests.encoders.test_networks import stir
from tests.samples import noise

SMALL = Architecture("compact", 20, 16, 6, (4, 8), 1)
IMAGES = [noise(seed, (30 + seed, 40)) for seed in range(5)]
CLASSES = {"type": ("Caps", "Shirts", "Ties"), "colour": ("Blue", "Red")}


def path_of_classification(relaxed: bool) -> dict[str, Tensor]:
    """Its weights at random: of the embedding's six numbers, or of the maps' eight channels."""
    torch.manual_seed(1)
    width = 8 if relaxed else 6
    state = {}
    for place, values in enumerate(CLASSES.values()):
        layer = nn.Linear(width, len(values))
        state |= {f"{place}.{name}": value for name, value in layer.state_dict().items()}
    if relaxed:
        state |= {RELAXATION + name: value for name, value in feature_relaxation(8, 0.5).state_dict().items()}
    return {name: value.half().float() for name, value in state.items()}  # as a file keeps them


def write(path: Path, classifier: dict[str, Tensor], classes: dict[str, tuple[str, ...]] = CLASSES) -> Embedder:
    torch.manual_seed(0)
    network = stir(Embedder(SMALL))
    assert isinstance(network, Embedder)
    account = Account("mine", "Mine", "Compares little.", SMALL, 6, {}, classes=classes)
    trained.write(path, account, network.state_dict(), [1, 2], classifier=classifier)
    network.load_state_dict(trained.read_state(path, trained.fingerprint_of(path).weights))
    return network.eval()


@pytest.mark.parametrize("relaxed", [False, True])
@torch.inference_mode()
def test_a_file_names_what_the_network_named(relaxed: bool, tmp_path: Path) -> None:
    state = path_of_classification(relaxed)
    network = write(tmp_path / "mine.safetensors", state)
    encoder = load(tmp_path / "mine.safetensors")
    found = encoder.classify(IMAGES)
    pixels = torch.from_numpy(np.stack([SMALL.prepare(image) for image in IMAGES])).permute(0, 3, 1, 2).float()
    features, maps = network(normalised(pixels))
    if relaxed:
        module = feature_relaxation(8, 0.5).eval()
        module.load_state_dict(
            {name.removeprefix(RELAXATION): value for name, value in state.items() if name.startswith(RELAXATION)}
        )
        features = module(maps).mean((2, 3))
    assert list(found) == list(CLASSES)
    for place, (column, classes) in enumerate(found.items()):
        expected = torch.softmax(features @ state[f"{place}.weight"].T + state[f"{place}.bias"], 1)
        assert classes.values == CLASSES[column]
        np.testing.assert_allclose(classes.probabilities, expected, atol=2e-3)
        np.testing.assert_allclose(classes.probabilities.sum(axis=1), 1, rtol=1e-5)


def test_a_file_without_it_says_nothing_of_it(tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    write(path, {})
    with safe_open(path, framework="numpy") as file:
        assert "classes" not in file.metadata()
    assert read_account(path).classes == {}
    with pytest.raises(WeightsError, match="The method 'mine' does not classify pictures: it was trained without"):
        load(path).classify(IMAGES)


def test_vectors_do_not_depend_on_it(tmp_path: Path) -> None:
    write(tmp_path / "with.safetensors", path_of_classification(True))
    write(tmp_path / "without.safetensors", {}, {})
    one, other = (load(tmp_path / f"{name}.safetensors") for name in ("with", "without"))
    np.testing.assert_array_equal(one.encode(IMAGES), other.encode(IMAGES))


def test_other_heads_or_another_name_leave_it_as_it_is(tmp_path: Path) -> None:
    path, other = tmp_path / "mine.safetensors", tmp_path / "other.safetensors"
    write(path, path_of_classification(True))
    before = load(path).classify(IMAGES)
    trained.add_heads(path, {"usage": Head(("a", "b"), np.ones((2, 6), np.float32), np.zeros(2, np.float32))})
    trained.rename(path, other, replace(read_account(path), name="other"))
    for file in (path, other):
        assert read_account(file).classes == CLASSES
        for column, classes in load(file).classify(IMAGES).items():
            np.testing.assert_array_equal(classes.probabilities, before[column].probabilities)


@pytest.mark.parametrize("damage", ["no weights", "other values"])
def test_a_classifier_that_is_not_as_described_is_damage(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    state = path_of_classification(False)
    if damage == "no weights":
        state = {name: value for name, value in state.items() if not name.startswith("1.")}
    write(path, state, CLASSES if damage == "no weights" else CLASSES | {"colour": ("Blue", "Red", "Green")})
    with pytest.raises(WeightsError, match="does not hold the classifier that it describes"):
        load(path)
