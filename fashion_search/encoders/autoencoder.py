"""A convolutional autoencoder: its encoder's part of an embedder, and its decoder. It imports torch.

Hinton & Salakhutdinov, *Reducing the Dimensionality of Data with Neural Networks*, 2006, with convolutions.
"""

import torch
from torch import Tensor, nn

from fashion_search.encoders.architecture import Architecture


def _sizes(architecture: Architecture) -> list[tuple[int, int]]:
    """Rows and columns of the picture, and of the maps after each stage, which halves them."""
    sizes = [(architecture.height, architecture.width)]
    for _ in architecture.widths:
        rows, columns = sizes[-1]
        sizes.append(((rows + 1) // 2, (columns + 1) // 2))
    return sizes


class _LinearInPlaces(nn.Module):
    """At each position a linear layer of its own: the mean of the results is a linear layer over the whole maps."""

    def __init__(self, channels: int, dimensions: int, positions: int):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(positions, channels, dimensions) * (positions / channels) ** 0.5)

    def forward(self, maps: Tensor) -> Tensor:
        n, _, rows, columns = maps.shape
        parts = torch.einsum("ncp,pcd->ndp", maps.flatten(2), self.weight)
        return parts.reshape(n, -1, rows, columns)


def encoder_trunk(architecture: Architecture) -> tuple[nn.Module, int]:
    """Pixels (n, 3, h, w) → maps (n, dimensions, y, x) whose mean is the latent vector, and their channels."""
    layers: list[nn.Module] = []
    channels = 3
    for width in architecture.widths:
        layers += [
            nn.Conv2d(channels, width, 3, 2, 1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        ]
        channels = width
    rows, columns = _sizes(architecture)[-1]
    layers.append(_LinearInPlaces(channels, architecture.dimensions, rows * columns))
    return nn.Sequential(*layers), architecture.dimensions


class Decoder(nn.Module):
    """Latent vectors (n, dimensions) → pixels (n, 3, h, w), values about 0 to 1: the encoder's stages, backwards."""

    def __init__(self, architecture: Architecture):
        super().__init__()
        *sizes, self._smallest = _sizes(architecture)
        widths = architecture.widths
        self._sizes = sizes[::-1]
        self._channels = widths[-1]
        rows, columns = self._smallest
        self.first = nn.Linear(architecture.dimensions, widths[-1] * rows * columns)
        following = [*widths[-2::-1], widths[0]]
        self.stages = nn.ModuleList(
            nn.Sequential(nn.Conv2d(of, to, 3, 1, 1, bias=False), nn.BatchNorm2d(to), nn.ReLU(inplace=True))
            for of, to in zip(widths[::-1], following, strict=True)
        )
        self.last = nn.Conv2d(widths[0], 3, 3, 1, 1)

    def forward(self, latent: Tensor) -> Tensor:
        maps = self.first(latent).view(len(latent), self._channels, *self._smallest).relu()
        for stage, size in zip(self.stages, self._sizes, strict=True):
            # At the lower resolution first, which costs a quarter.
            maps = nn.functional.interpolate(stage(maps), size, mode="bilinear", align_corners=False)
        return torch.sigmoid(self.last(maps))
