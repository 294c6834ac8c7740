"""What photos are taken in front of: plain and graded colours, textures, other pictures, rooms and streets.

It imports torch.
"""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from fashion_search.home import shipped
from fashion_search.images import open_image

SCENES = shipped("assets/scenes.webp")
"""Rooms and streets, drawn by ``tools.demo_catalog.scenes``."""

_TILE = (96, 128)  # px, width × height of one scene
_FROM_OTHERS, _FROM_SCENES = 0.15, 0.4  # shares of all grounds; the rest is made of colours
_PLAIN = 0.25  # share of the rest that is nearly of one colour
_GRAINS = ((2, 2), (3, 2), (7, 5), (4, 24), (24, 3), (20, 15))  # cells of a texture, rows × columns


def read_scenes(path: Path = SCENES) -> Tensor:
    """The scenes of a sheet, ``uint8``, shape (n, 3, 128, 96)."""
    sheet = np.asarray(open_image(path.read_bytes()))
    width, height = _TILE
    rows, columns = sheet.shape[0] // height, sheet.shape[1] // width
    tiles = sheet[: rows * height, : columns * width].reshape(rows, height, columns, width, 3)
    return torch.from_numpy(tiles.transpose(0, 2, 4, 1, 3).reshape(-1, 3, height, width).copy())


class Grounds:
    """Draws grounds; ``scenes`` as ``read_scenes`` gives them."""

    def __init__(self, scenes: Tensor):
        self.scenes = scenes

    def draw(self, others: Tensor, size: tuple[int, int]) -> Tensor:
        """One ground each, values 0 to 255, shape (m, 3, *size).

        Args:
            others: pictures that may become a ground, shape (m, 3, h, w).
            size: rows and columns.
        """
        device, kind = others.device, torch.rand(len(others))
        drawn = _textures(len(others), size).to(device)
        places = torch.nonzero(kind < _FROM_OTHERS).flatten().to(device)
        drawn[places] = _part(others[places], 0.25, 0.7, size)
        places = torch.nonzero(kind > 1 - _FROM_SCENES).flatten().to(device)
        scenes = self.scenes[torch.randint(len(self.scenes), (len(places),))].float()
        tint = 0.8 + 0.4 * torch.rand(len(places), 3, 1, 1)
        drawn[places] = _part((scenes * tint).to(device), 0.5, 1.0, size)
        return drawn.clamp(0, 255)


def _part(pixels: Tensor, least: float, most: float, size: tuple[int, int]) -> Tensor:
    """A part of each picture, from the shares ``least`` to ``most`` of its sides, half of them mirrored."""
    m = len(pixels)
    if not m:
        return pixels.new_empty(0, 3, *size)
    side = least + (most - least) * torch.rand(m, 1)
    corner = (torch.rand(m, 2) * 2 - 1) * (1 - side)
    grid = torch.zeros(m, 2, 3)
    grid[:, 0, 0] = side[:, 0] * (1 - 2 * (torch.rand(m) < 0.5).float())
    grid[:, 1, 1] = side[:, 0]
    grid[:, :, 2] = corner
    places = nn.functional.affine_grid(grid, [m, 3, *size], align_corners=False).to(pixels.device)
    return nn.functional.grid_sample(pixels, places, padding_mode="reflection", align_corners=False)


def _textures(m: int, size: tuple[int, int]) -> Tensor:
    """Soft textures and gradients between colours, most of them greyish."""
    half = (size[0] + 1) // 2, (size[1] + 1) // 2  # they are soft: half the pixels are enough
    first, second, spots = _colours(m), _colours(m), _colours(m)
    coarse, fine, grain = _one_of(_GRAINS[:3]), _one_of(_GRAINS), _one_of(_GRAINS)
    share = 0.7 * _noise(m, half, coarse) + torch.rand(m, 1, 1, 1) * 0.6 * _noise(m, half, fine)
    share = share / share.amax((2, 3), keepdim=True).clamp(min=0.01)
    contrast = torch.rand(m, 1, 1, 1)
    contrast = torch.where(torch.rand(m, 1, 1, 1) < _PLAIN, 0.08 * contrast, contrast)
    drawn = first + share * contrast * (second - first)
    spotted = (torch.rand(m, 1, 1, 1) < 0.25) & (_noise(m, half, grain) > 0.6)
    drawn = drawn + spotted * contrast * (spots - first) * 0.6
    across = torch.linspace(-1, 1, half[1]) * (torch.rand(m, 1, 1, 1) * 2 - 1)
    down = torch.linspace(-1, 1, half[0])[:, None] * (torch.rand(m, 1, 1, 1) * 2 - 1)
    drawn = drawn * (1 + (across + down) * torch.rand(m, 1, 1, 1) * 0.35)
    return nn.functional.interpolate(drawn, size, mode="bilinear", align_corners=False)


def _one_of(grains: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    return grains[int(torch.randint(len(grains), ()))]


def _colours(m: int) -> Tensor:
    """Random colours, shape (m, 3, 1, 1): few of them vivid, as in rooms and streets."""
    value = 15 + 235 * torch.rand(m, 1)
    vivid = torch.rand(m, 1) ** 2
    return (value + vivid * (torch.rand(m, 3) * 2 - 1) * 130).clamp(0, 255)[:, :, None, None]


def _noise(m: int, size: tuple[int, int], cells: tuple[int, int]) -> Tensor:
    """Smooth noise from 0 to 1 of so many cells, shape (m, 1, *size)."""
    made = nn.functional.interpolate(torch.rand(m, 1, *cells), size, mode="bicubic", align_corners=False)
    return made.clamp(0, 1)
