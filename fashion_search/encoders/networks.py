"""Networks that turn pixels into embeddings. Imported only where one is built: it imports torch."""

import itertools
import re
from collections.abc import Collection, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from fashion_search.encoders.architecture import (
    AUTOENCODER,
    COMPACT,
    DEVIATION,
    MEAN,
    PRETRAINED,
    TIMM,
    TRANSFORMER,
    Architecture,
)
from fashion_search.encoders.autoencoder import encoder_trunk
from fashion_search.encoders.transformer import VisionTransformer
from fashion_search.encoders.weights import WeightsFile, WeightsSource
from fashion_search.errors import WeightsError


class Block(nn.Module):
    """Two 3 × 3 convolutions beside a shortcut: the basic block of *Deep Residual Learning* (He et al., 2016)."""

    def __init__(self, channels_in: int, channels: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.shortcut = (
            nn.Sequential(nn.Conv2d(channels_in, channels, 1, stride, bias=False), nn.BatchNorm2d(channels))
            if stride != 1 or channels_in != channels
            else nn.Identity()
        )

    def forward(self, maps: Tensor) -> Tensor:
        inner = nn.functional.relu(self.norm1(self.conv1(maps)), inplace=True)
        return nn.functional.relu(self.norm2(self.conv2(inner)) + self.shortcut(maps), inplace=True)


class EveryStage(nn.Sequential):
    """Layers in sequence whose result is that of several, averaged to the resolution of the last and stacked.

    Early stages know shades and patterns that later ones give up for shape: hypercolumns (Hariharan et al., 2015).
    """

    def __init__(self, layers: Sequence[nn.Module], taken: Collection[int]):
        super().__init__(*layers)
        self._taken = frozenset(taken)

    def forward(self, maps: Tensor) -> Tensor:
        found = []
        for place, layer in enumerate(self):
            maps = layer(maps)
            if place in self._taken:
                found.append(maps)
        rows, columns = maps.shape[2:]
        return torch.cat([nn.functional.adaptive_avg_pool2d(one, (rows, columns)) for one in found], 1)


def _compact(architecture: Architecture) -> tuple[nn.Module, int]:
    """Residual stages, each after the first at half the resolution; the stem halves it once."""
    widths = architecture.widths
    layers: list[nn.Module] = [
        nn.Conv2d(3, widths[0], 3, 2, 1, bias=False),
        nn.BatchNorm2d(widths[0]),
        nn.ReLU(inplace=True),
    ]
    channels = widths[0]
    ends = []
    for stage, width in enumerate(widths):
        for block in range(architecture.blocks):
            layers.append(Block(channels, width, 2 if stage and not block else 1))
            channels = width
        ends.append(len(layers) - 1)
    if architecture.every_stage:
        return EveryStage(layers, ends), sum(widths)
    return nn.Sequential(*layers), channels


def renamed(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """A state dict of torchvision's under today's names; the published DenseNet has older ones: norm.1 for norm1."""
    older = re.compile(r"(denselayer\d+\.(?:norm|conv))\.(\d)")
    return {older.sub(r"\1\2", key): value for key, value in state.items()}


def _torchvision(name: str, pretrained: WeightsSource | None) -> Any:
    """One of torchvision's classifiers; with random weights where ``pretrained`` is None."""
    import torchvision.models

    network: nn.Module = getattr(torchvision.models, name)()
    if pretrained is not None:
        state, file = pretrained.load()
        try:
            network.load_state_dict(renamed(state))
        except (RuntimeError, AttributeError, TypeError) as error:
            raise _other_network(file, pretrained) from error
    return network


def _other_network(file: WeightsFile, pretrained: WeightsSource) -> WeightsError:
    return WeightsError(f"{file.path} holds the weights of another network. {pretrained.how_to_supply}")


def _resnet(name: str, pretrained: WeightsSource | None) -> tuple[nn.Module, int]:
    network = _torchvision(name, pretrained)
    return nn.Sequential(*list(network.children())[:-2]), network.fc.in_features


def _densenet(name: str, pretrained: WeightsSource | None) -> tuple[nn.Module, int]:
    network = _torchvision(name, pretrained)
    return nn.Sequential(network.features, nn.ReLU(inplace=True)), network.classifier.in_features


def _timm(name: str, pretrained: WeightsSource | None) -> tuple[nn.Module, int]:
    """One of timm's, without its pooling and classifier."""
    from fashion_search.encoders.model_networks import timm  # which imports this module

    network = timm().create_model(TIMM[name], pretrained=False, num_classes=0, global_pool="")
    if pretrained is not None:
        state, file = pretrained.load()
        try:
            network.load_state_dict({key: value for key, value in state.items() if not key.startswith("fc.")})
        except (RuntimeError, AttributeError, TypeError) as error:
            raise _other_network(file, pretrained) from error
    return network, network.num_features


def build_trunk(architecture: Architecture, pretrained: bool = False) -> tuple[nn.Module, int]:
    """The network up to the feature maps that are pooled, and how many channels those have.

    Raises:
        WeightsError: ``pretrained``, and the weights are not to be had.
        MissingPackageError: the backbone is timm's, which is not installed.
    """
    if architecture.backbone == COMPACT:
        return _compact(architecture)
    if architecture.backbone == AUTOENCODER:
        return encoder_trunk(architecture)
    if architecture.backbone == TRANSFORMER:
        return VisionTransformer(architecture), architecture.widths[0]
    weights = PRETRAINED[architecture.backbone] if pretrained else None
    if architecture.backbone in TIMM:
        return _timm(architecture.backbone, weights)
    return (_densenet if architecture.backbone.startswith("densenet") else _resnet)(architecture.backbone, weights)


class Embedder(nn.Module):
    """Pixels → embeddings: a trunk, the mean over its positions, and a projection that is linear.

    ``norm`` and ``projection`` are the identity where the pooled features are the embedding. Since the
    embedding is an affine function of the feature maps, a similarity can be split over positions exactly.
    An autoencoder's trunk ends in its latent vector, which is only centred and scaled.
    """

    def __init__(self, architecture: Architecture, pretrained: bool = False):
        super().__init__()
        self.trunk, self.channels = build_trunk(architecture, pretrained)
        self.dimensions = architecture.dimensions or self.channels
        self.norm: nn.Module = nn.Identity()
        self.projection: nn.Module = nn.Identity()
        if architecture.backbone == AUTOENCODER:
            self.projection = nn.BatchNorm1d(self.channels, affine=False)
        elif architecture.dimensions:
            self.norm = nn.BatchNorm1d(self.channels)
            self.projection = nn.Sequential(
                nn.Linear(self.channels, architecture.dimensions, bias=False), nn.BatchNorm1d(architecture.dimensions)
            )

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Normalised pixels (n, 3, h, w) → embeddings (n, dimensions), not of unit length, and maps (n, c, y, x)."""
        maps = self.trunk(pixels)
        pooled = maps.float().mean((2, 3))
        return self.projection(self.norm(pooled)), maps


def normalised(pixels: Tensor) -> Tensor:
    """Values 0 to 255, (n, 3, h, w), as what every network here takes: ImageNet's mean and deviation removed."""
    mean = torch.tensor(MEAN, device=pixels.device).view(1, 3, 1, 1) * 255
    deviation = torch.tensor(DEVIATION, device=pixels.device).view(1, 3, 1, 1) * 255
    return (pixels - mean) / deviation


def best_device() -> str:
    """The fastest device at hand: ``cuda``, ``mps`` or ``cpu``."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def fold_batch_norm(network: nn.Module) -> nn.Module:
    """Fold each batch norm into the convolution before it; ``network`` is in evaluation mode."""
    for module in network.modules():
        children = list(module.named_children())
        for (conv_name, conv), (norm_name, norm) in itertools.pairwise(children):
            if type(conv) is nn.Conv2d and type(norm) is nn.BatchNorm2d:
                module.add_module(conv_name, fuse_conv_bn_eval(conv, norm))
                module.add_module(norm_name, nn.Identity())
    return network
