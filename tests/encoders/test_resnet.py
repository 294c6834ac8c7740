from pathlib import Path

import numpy as np
import pytest

from fashion_search.encoders import encoder_spec
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.errors import WeightsError
from tests.samples import noise


@pytest.fixture
def weights(random_weights: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER_VARIABLE, str(random_weights))
    return random_weights / "resnet18.pth"


def test_agrees_with_the_plain_torchvision_loop(weights: Path) -> None:
    import torch
    from torchvision.models import resnet18
    from torchvision.transforms import v2

    network = resnet18()
    network.load_state_dict(torch.load(weights, weights_only=True))
    network.fc = torch.nn.Identity()
    network.eval()
    transform = v2.Compose(
        [
            v2.Resize((224, 224)),  # bilinear, of a PIL image
            v2.PILToTensor(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        ]
    )
    images = [noise(seed, (60, 80)) for seed in range(8)]
    with torch.inference_mode():
        plain = torch.nn.functional.normalize(network(torch.stack([transform(image) for image in images]))).numpy()
    ours = encoder_spec("resnet18").load().encode(images)
    assert ((ours * plain).sum(axis=1) >= 0.9999).all()


def test_regions_are_seven_by_seven_and_lie_where_the_match_is(weights: Path) -> None:
    spec = encoder_spec("resnet18")
    match = spec.explain(spec.load(), noise(1), noise(2))
    assert match.query.shape == match.result.shape == (7, 7)
    swapped = spec.explain(spec.load(), noise(2), noise(1))
    np.testing.assert_allclose(match.query, swapped.result, atol=1e-6)
    assert np.abs(match.query - match.result).max() > 1e-6


def test_weights_of_another_network_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    for state in ({"conv1.weight": torch.zeros(3)}, {"fc": 7}, [1, 2], 5):
        torch.save(state, tmp_path / "resnet18.pth")
        with pytest.raises(WeightsError, match="holds the weights of another network"):
            encoder_spec("resnet18").load()


def test_the_fingerprint_is_that_of_the_file(weights: Path) -> None:
    import hashlib

    fingerprint = encoder_spec("resnet18").fingerprint()
    assert fingerprint.weights == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert fingerprint.weights_label == f"resnet18.pth (SHA-256 {fingerprint.weights[:8]}…)"
