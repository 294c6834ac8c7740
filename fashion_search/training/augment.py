"""Views of a batch of pictures: moved, turned, scaled and mirrored, never of another colour. It imports torch."""

import math

import torch
from torch import Tensor

from fashion_search.training.recipe import Augmentation


def views(pixels: Tensor, augmentation: Augmentation, size: tuple[int, int]) -> Tensor:
    """One random view of each picture, in one resampling.

    Where a view looks beyond the picture it sees its border, which in a shop's pictures is background.

    Args:
        pixels: values of any range, shape (n, 3, h, w).
        augmentation: how far views may depart.
        size: rows and columns of the result.

    Returns:
        Shape (n, 3, *size). Random numbers are drawn from torch's generator of the CPU.
    """
    n = len(pixels)
    angle = _symmetric(n) * math.radians(augmentation.rotation)
    scale = 1 + _symmetric(n) * augmentation.scale
    mirror = 1 - 2 * (torch.rand(n) < augmentation.flip).float()
    shift = torch.stack([_symmetric(n), _symmetric(n)], 1) * 2 * augmentation.shift  # the grid is 2 wide
    aspect = pixels.shape[3] / pixels.shape[2]  # so that a turn is one in pixels
    grid = torch.empty(n, 2, 3)
    grid[:, 0, 0] = scale * mirror * angle.cos()
    grid[:, 0, 1] = -scale * angle.sin() / aspect
    grid[:, 1, 0] = scale * mirror * angle.sin() * aspect
    grid[:, 1, 1] = scale * angle.cos()
    grid[:, :, 2] = shift
    places = torch.nn.functional.affine_grid(grid, [n, 3, *size], align_corners=False).to(pixels.device)
    seen = torch.nn.functional.grid_sample(pixels, places, padding_mode="border", align_corners=False)
    return _erased(seen, augmentation.erase) if augmentation.erase else seen


def _symmetric(n: int) -> Tensor:
    return torch.rand(n) * 2 - 1


def _erased(pixels: Tensor, probability: float) -> Tensor:
    """Fill a box of a sixteenth to a quarter of some pictures with their mean (Zhong et al., 2020)."""
    n, _, rows, columns = pixels.shape
    side = 0.25 + 0.25 * torch.rand(n)  # of height and width alike
    top, left = torch.rand(n) * (1 - side), torch.rand(n) * (1 - side)
    y = (torch.arange(rows) + 0.5) / rows
    x = (torch.arange(columns) + 0.5) / columns
    inside_y = (y >= top[:, None]) & (y < (top + side)[:, None])  # (n, rows)
    inside_x = (x >= left[:, None]) & (x < (left + side)[:, None])
    box = inside_y[:, :, None] & inside_x[:, None, :] & (torch.rand(n) < probability)[:, None, None]
    return torch.where(box[:, None].to(pixels.device), pixels.mean((2, 3), keepdim=True), pixels)
