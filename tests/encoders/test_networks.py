import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from fashion_search.encoders.architecture import BACKBONES, PRETRAINED, TIMM, Architecture
from fashion_search.encoders.networks import Block, Embedder, build_trunk, fold_batch_norm, normalised
from fashion_search.encoders.weights import WeightsFile, WeightsSource
from fashion_search.errors import MissingPackageError, WeightsError

CHANNELS = {
    "compact": 8,
    "resnet18": 512,
    "resnet50": 2048,
    "densenet121": 1024,
    "se-resnet50": 2048,
    "se-resnext50": 2048,
    "autoencoder": 6,
    "transformer": 32,
}
CONVOLUTIONAL = [name for name in BACKBONES if name not in ("autoencoder", "transformer")]
"""Those whose maps are what a rectifier leaves; of the others: test_autoencoder and test_transformer."""


def architecture(backbone: str, dimensions: int = 0) -> Architecture:
    if backbone == "transformer":
        return Architecture(backbone, 32, 32, dimensions, (32,), 1, patch=8)
    return Architecture(backbone, 32, 32, dimensions, (4, 8) if backbone in ("compact", "autoencoder") else (), 1)


def stir(network: nn.Module) -> nn.Module:
    """Statistics and factors of all batch norms as after some training, so that none is the identity."""
    generator = torch.Generator().manual_seed(0)
    for module in network.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            for name, least in (("running_mean", -0.1), ("running_var", 0.5), ("weight", 0.5), ("bias", -0.1)):
                if getattr(module, name) is None:  # it has no factors
                    continue
                values = getattr(module, name).data
                values.copy_(torch.rand(values.shape, generator=generator) * 0.5 + least)
    return network.eval()


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def test_what_is_known() -> None:
    assert set(BACKBONES) == set(CHANNELS)


def test_an_architecture_survives_json() -> None:
    made = Architecture("compact", 80, 60, 256, (32, 64), 3, True, True)
    assert Architecture.from_json(made.to_json()) == made


def test_an_architecture_of_an_older_file_has_the_last_stage_alone() -> None:
    older = Architecture("compact", 80, 60, 256, (32, 64)).to_json()
    del older["every_stage"]
    assert not Architecture.from_json(older).every_stage


@pytest.mark.parametrize("backbone", CONVOLUTIONAL)
@torch.inference_mode()
def test_trunks_build_with_random_weights_and_keep_their_function_when_folded(backbone: str) -> None:
    trunk, channels = build_trunk(architecture(backbone))
    assert channels == CHANNELS[backbone]
    pixels = torch.randn(2, 3, 32, 32)
    before = stir(trunk)(pixels)
    assert before.shape[:2] == (2, channels)
    assert (before >= 0).all()
    assert before.std() > 0
    norms = sum(isinstance(module, nn.BatchNorm2d) for module in trunk.modules())
    after = fold_batch_norm(trunk)(pixels)
    left = sum(isinstance(module, nn.BatchNorm2d) for module in trunk.modules())
    assert left < norms
    torch.testing.assert_close(after, before, rtol=1e-3, atol=1e-4 * float(before.max()))


@torch.inference_mode()
def test_the_compact_backbone() -> None:
    trunk, channels = build_trunk(Architecture("compact", 80, 60, 0, (4, 8, 16, 32), 2))
    assert channels == 32
    blocks = [module for module in trunk.modules() if isinstance(module, Block)]
    assert [block.conv1.out_channels for block in blocks] == [4, 4, 8, 8, 16, 16, 32, 32]
    assert [block.conv1.stride[0] for block in blocks] == [1, 1, 2, 1, 2, 1, 2, 1]
    assert trunk(torch.zeros(2, 3, 80, 60)).shape == (2, 32, 5, 4)


@torch.inference_mode()
def test_every_stage_hands_on_what_each_sees_at_the_resolution_of_the_last() -> None:
    plain = Architecture("compact", 80, 60, 0, (4, 8, 16), 1)
    last, _ = build_trunk(plain)
    every, channels = build_trunk(replace(plain, every_stage=True))
    assert channels == 4 + 8 + 16
    every.load_state_dict(last.state_dict())  # the same layers by the same names
    stir(last)
    stir(every)
    pixels = torch.randn(2, 3, 80, 60)
    maps = every(pixels)
    assert maps.shape == (2, 28, 10, 8)
    torch.testing.assert_close(maps[:, 12:], last(pixels))
    first = nn.Sequential(*list(last)[:4])(pixels)  # stem, then one block: 40 × 30
    torch.testing.assert_close(maps[:, :4], nn.functional.adaptive_avg_pool2d(first, (10, 8)))
    torch.testing.assert_close(maps[:, :4, 0, 0], first[:, :, :4, :4].mean((2, 3)))
    torch.testing.assert_close(fold_batch_norm(every)(pixels), maps, rtol=1e-3, atol=1e-4 * float(maps.max()))


@torch.inference_mode()
def test_a_block_without_its_convolutions_is_its_shortcut() -> None:
    block = stir(Block(4, 4, 1))
    block.norm2.weight.zero_()
    block.norm2.bias.zero_()
    maps = torch.rand(2, 4, 5, 5)
    torch.testing.assert_close(block(maps.clone()), maps)


@pytest.mark.parametrize(("dimensions", "expected"), [(0, 8), (5, 5)])
@torch.inference_mode()
def test_embeddings_and_maps(dimensions: int, expected: int) -> None:
    network = stir(Embedder(architecture("compact", dimensions)))
    embeddings, maps = network(torch.randn(3, 3, 32, 32))
    assert embeddings.shape == (3, expected) == (3, network.dimensions)
    assert maps.shape == (3, 8, 8, 8)
    if not dimensions:
        torch.testing.assert_close(embeddings, maps.mean((2, 3)))


@torch.inference_mode()
def test_all_after_the_trunk_is_affine() -> None:
    """What explanations rest on: the mean of the positions' embeddings is the picture's."""
    network = stir(Embedder(architecture("compact", 5)))
    one, other = torch.randn(2, 1, 8)

    def after(pooled: torch.Tensor) -> torch.Tensor:
        return network.projection(network.norm(pooled))

    torch.testing.assert_close(after(0.3 * one + 0.7 * other), 0.3 * after(one) + 0.7 * after(other))


def test_pixels_as_networks_take_them() -> None:
    pixels = torch.tensor([0.0, 255.0]).view(1, 1, 1, 2).expand(1, 3, 1, 2)
    found = normalised(pixels)[0, :, 0].double().numpy()
    mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    np.testing.assert_allclose(found, np.stack([-mean / deviation, (1 - mean) / deviation], 1), rtol=1e-5)


# -- pretrained weights -------------------------------------------------------------------------------------


def given(monkeypatch: pytest.MonkeyPatch, state: dict[str, torch.Tensor]) -> None:
    """Let all weights be these, without a file."""
    file = WeightsFile(Path("given.pth"), "0" * 64, "given.pth")
    monkeypatch.setattr(WeightsSource, "load", lambda self: (state, file))


def classifier(backbone: str) -> nn.Module:
    """The network with its 1,000 classes of ImageNet, as its library has it."""
    import timm
    import torchvision.models

    made: nn.Module = timm.create_model(TIMM[backbone]) if backbone in TIMM else getattr(torchvision.models, backbone)()
    return made


@pytest.mark.parametrize(
    ("backbone", "ours", "classifier_has", "paper"),
    [
        ("resnet50", 23.5, 25.6, 28.1),
        ("densenet121", 7.0, 8.0, 7.9),
        ("se-resnet50", 26.0, 28.1, 28.1),
        ("se-resnext50", 25.5, 27.6, 27.6),
    ],
)
def test_parameters_beside_those_of_the_papers_table_2(
    backbone: str, ours: float, classifier_has: float, paper: float
) -> None:
    """The paper (Park et al., 2019) counts ImageNet's classifiers, and of ResNet-50 prints SE-ResNet-50's count."""

    def millions(network: nn.Module) -> float:
        return round(sum(one.numel() for one in network.parameters()) / 1e6, 1)

    with torch.device("meta"):
        assert millions(build_trunk(architecture(backbone))[0]) == ours
        assert millions(classifier(backbone)) == classifier_has
    as_printed = {"resnet50": 28.1, "densenet121": 7.9}.get(backbone, classifier_has)
    assert paper == as_printed


@pytest.mark.parametrize("backbone", list(PRETRAINED))
def test_pretrained_weights_reach_the_trunk(backbone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    state = classifier(backbone).state_dict()
    given(monkeypatch, state)
    trunk, _ = build_trunk(architecture(backbone), pretrained=True)
    first = next(module for module in trunk.modules() if isinstance(module, nn.Conv2d))
    assert torch.equal(first.weight, next(iter(state.values())))
    again, _ = build_trunk(architecture(backbone))
    assert not torch.equal(next(again.parameters()), first.weight)


@torch.inference_mode()
def test_the_names_of_an_older_densenet_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    from torchvision.models import densenet121

    network = stir(densenet121())
    state = network.state_dict()
    old = {}
    for name, value in state.items():
        parts = name.split(".")
        if any(part.startswith("denselayer") for part in parts) and parts[-2][:-1] in ("norm", "conv"):
            parts[-2] = f"{parts[-2][:-1]}.{parts[-2][-1]}"
        old[".".join(parts)] = value
    assert "features.denseblock1.denselayer1.norm.1.weight" in old
    given(monkeypatch, old)
    trunk, _ = build_trunk(architecture("densenet121"), pretrained=True)
    pixels = torch.randn(1, 3, 32, 32)
    torch.testing.assert_close(trunk.eval()(pixels), network.features(pixels).relu())


@pytest.mark.parametrize("backbone", list(PRETRAINED))
def test_weights_of_another_network_are_refused(backbone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, {"weight": torch.ones(3)})
    with pytest.raises(WeightsError, match=rf"given\.pth holds the weights of another network\. .*{backbone}"):
        build_trunk(architecture(backbone), pretrained=True)


@pytest.mark.usefixtures("no_network")
def test_pretrained_weights_that_are_not_to_be_had() -> None:
    with pytest.raises(WeightsError, match=r"resnet50.*could not be downloaded"):
        build_trunk(architecture("resnet50"), pretrained=True)


@pytest.mark.usefixtures("no_network")
def test_timms_backbones_without_a_network_or_without_timm(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WeightsError, match=r"timm/seresnet50.* could not be downloaded"):
        build_trunk(architecture("se-resnet50"), pretrained=True)
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingPackageError, match="pip install timm"):
        build_trunk(architecture("se-resnet50"))
