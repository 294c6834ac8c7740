"""Augmentation of a batch of pictures: moved, turned, scaled, mirrored, and made to look like photos. It imports torch.

Random numbers are drawn from torch's generator of the CPU, so that a run that goes on draws what it would have drawn.
"""

import io
import math

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from fashion_search.training.grounds import Grounds
from fashion_search.training.recipe import Augmentation

# How far a picture that becomes a photo may depart from it.
_ZOOM_OUT, _ZOOM_IN = (0.42, 0.9), (0.8, 1.3)
_TURN = 22.0  # degrees
_TILT = 0.18  # of the perspective of one seen at an angle
_CUT_OFF = 0.2  # of the side that may be beyond the edge, at least
_KEEP, _CARD = 0.2, 0.2  # share whose ground is kept; that lies on another ground with its own
_SECOND = 0.2  # share with a second thing at the edge
_LIGHT, _TINT = (0.55, 1.18), 0.13
_NOISE = 12.0  # of values 0 to 255
_QUALITY = (20, 85)  # of JPEG


def augmented(
    pixels: Tensor,
    augmentation: Augmentation,
    size: tuple[int, int],
    opacity: Tensor | None = None,
    grounds: Grounds | None = None,
) -> Tensor:
    """Each picture augmented, some of them as photos of what is on them.

    Where a picture ends its border goes on, which in a shop's pictures is background. A photo has another ground, or
    its own; the thing in it smaller, larger, shifted, cut off, turned or seen at an angle; light, tint, shadow, blur,
    noise and JPEG of its own; and now and then a second thing at its edge. Its colours stay recognisable.

    Args:
        pixels: values 0 to 255, shape (n, 3, h, w).
        augmentation: how far pictures may depart, and the share that become photos.
        size: rows and columns of the result.
        opacity: how much of each pixel is the thing, not plain ground, 0 to 1, shape (n, 1, h, w); for photos.
        grounds: what photos lie on.

    Returns:
        Shape (n, 3, *size).
    """
    n = len(pixels)
    is_photo = torch.rand(n) < augmentation.photo
    grid = _grid(n, pixels.shape[3] / pixels.shape[2], size, augmentation, is_photo).to(pixels.device)
    seen = nn.functional.grid_sample(pixels, grid, padding_mode="border", align_corners=False)
    photos = torch.nonzero(is_photo).flatten()
    if len(photos):
        assert opacity is not None
        assert grounds is not None
        places = photos.to(pixels.device)
        on_ground = _on_grounds(seen[places], grid[places], pixels, opacity, places, grounds)
        seen[places] = _photographed(on_ground)
    return _erased(seen, augmentation.erase) if augmentation.erase else seen


def _symmetric(*shape: int) -> Tensor:
    return torch.rand(*shape) * 2 - 1


def _uniform(low: float, high: float, *shape: int) -> Tensor:
    return low + (high - low) * torch.rand(*shape)


def _some(n: int, share: float) -> Tensor:
    """Zeros and ones, shape (n, 1, 1, 1)."""
    return (torch.rand(n, 1, 1, 1) < share).float()


def _grid(n: int, aspect: float, size: tuple[int, int], augmentation: Augmentation, is_photo: Tensor) -> Tensor:
    """Where each pixel of the result lies in its picture, from -1 to 1, shape (n, rows, columns, 2)."""
    out = torch.rand(n) < 0.5
    low, high = (torch.where(out, *pair) for pair in zip(_ZOOM_OUT, _ZOOM_IN, strict=True))
    zoom = torch.exp(low.log() + torch.rand(n) * (high.log() - low.log()))
    zoom = torch.where(is_photo, zoom, 1 / (1 + _symmetric(n) * augmentation.scale))
    stretch = torch.exp(_symmetric(n) * 0.08 * is_photo)
    turn = _symmetric(n) * torch.where(is_photo, _TURN, augmentation.rotation)
    # A small thing may lie anywhere; the plain shift is a share of the side of the picture, as the grid is 2 wide.
    reach = torch.where(is_photo, (1 - zoom).clamp(min=0) + _CUT_OFF, 2 * augmentation.shift * zoom)
    shift = _symmetric(n, 2) * reach[:, None]
    tilt = _symmetric(n, 2) * _TILT * (is_photo & (torch.rand(n) < 0.5))[:, None]
    mirror = 1 - 2 * (torch.rand(n) < augmentation.flip).float()
    return _homography(size, aspect, torch.stack([zoom * stretch * mirror, zoom / stretch], 1), turn, shift, tilt)


def _homography(
    size: tuple[int, int], aspect: float, zoom: Tensor, turn: Tensor, shift: Tensor, tilt: Tensor
) -> Tensor:
    """A grid for pictures that are scaled, turned, seen at an angle and shifted, in this order.

    Args:
        size: rows and columns of the result.
        aspect: width by height of the pictures, so that a turn is one in pixels.
        zoom: in x and y, negative to mirror, shape (n, 2).
        turn: degrees, shape (n,).
        shift: in the result, which reaches from -1 to 1, shape (n, 2).
        tilt: how fast what is on one side becomes smaller, shape (n, 2).
    """
    rows, columns = size
    y = ((torch.arange(rows) + 0.5) / rows * 2 - 1).view(1, rows, 1) + shift[:, 1].view(-1, 1, 1)
    x = ((torch.arange(columns) + 0.5) / columns * 2 - 1).view(1, 1, columns) + shift[:, 0].view(-1, 1, 1)
    depth = (1 + tilt[:, 0].view(-1, 1, 1) * x + tilt[:, 1].view(-1, 1, 1) * y).clamp(min=0.4)
    x, y = x / depth, y / depth
    angle = torch.deg2rad(turn).view(-1, 1, 1)
    across = (angle.cos() * x - angle.sin() * y / aspect) / zoom[:, 0].view(-1, 1, 1)
    down = (angle.sin() * x * aspect + angle.cos() * y) / zoom[:, 1].view(-1, 1, 1)
    return torch.stack([across, down], 3)


def _on_grounds(
    seen: Tensor, grid: Tensor, pixels: Tensor, opacity: Tensor, places: Tensor, grounds: Grounds
) -> Tensor:
    """Photos' pictures, shape (m, 3, *size), before their grounds: cut out, as a card, or with their own ground."""
    m, size = len(seen), (seen.shape[2], seen.shape[3])
    kind = torch.rand(m, 1, 1, 1).to(seen.device)
    thing = nn.functional.grid_sample(opacity[places], grid, align_corners=False)
    card = (grid.abs() <= 1).all(3)[:, None].float()
    covered = torch.where(kind < _KEEP, torch.ones_like(thing), torch.where(kind < _KEEP + _CARD, card, thing))
    others = pixels.roll(1, 0)[places]  # of the same batch
    behind = grounds.draw(others, size) * (1 - _shadow(covered))
    behind = _with_second(behind, pixels.roll(2, 0)[places], opacity.roll(2, 0)[places])
    return covered * seen + (1 - covered) * behind


def _shadow(covered: Tensor) -> Tensor:
    """How much darker it is around things in half of the pictures, shape (m, 1, *size)."""
    m, reach = len(covered), max(covered.shape[2] // 16, 2)
    coarse = nn.functional.avg_pool2d(covered, reach, ceil_mode=True)
    wide = nn.functional.interpolate(coarse, covered.shape[2:], mode="bilinear", align_corners=False)
    down, across = int(torch.randint(0, reach + 1, ())), int(torch.randint(-reach, reach + 1, ()))
    moved = nn.functional.pad(wide, (reach, reach, reach, reach), mode="replicate")
    rows, columns = covered.shape[2:]
    moved = moved[:, :, reach - down : reach - down + rows, reach - across : reach - across + columns]
    return moved * (_uniform(0, 0.6, m, 1, 1, 1) * _some(m, 0.5)).to(covered.device)


def _with_second(behind: Tensor, others: Tensor, opacity: Tensor) -> Tensor:
    """Grounds with the thing of another picture at the edge of some."""
    chosen = torch.nonzero(torch.rand(len(behind)) < _SECOND).flatten()
    m, size = len(chosen), (behind.shape[2], behind.shape[3])
    if not m:
        return behind
    direction = torch.rand(m) * 2 * math.pi
    shift = torch.stack([direction.cos(), direction.sin()], 1) * _uniform(0.75, 1.15, m, 1)
    zoom = _uniform(0.4, 1.0, m, 1).expand(m, 2)
    grid = _homography(size, others.shape[3] / others.shape[2], zoom, _symmetric(m) * 180, shift, torch.zeros(m, 2))
    grid, places = grid.to(behind.device), chosen.to(behind.device)
    thing = nn.functional.grid_sample(opacity[places], grid, align_corners=False)
    seen = nn.functional.grid_sample(others[places], grid, padding_mode="border", align_corners=False)
    behind[places] = thing * seen + (1 - thing) * behind[places]
    return behind


def _photographed(pixels: Tensor) -> Tensor:
    """Pictures under another light, less sharp, with noise, saved as JPEG: each of it in some of them."""
    m, size, device = len(pixels), (pixels.shape[2], pixels.shape[3]), pixels.device
    lit = _some(m, 0.75)
    gain = _uniform(*_LIGHT, m, 1, 1, 1) * (1 + _symmetric(m, 3, 1, 1) * _TINT)
    coarse = torch.rand(m, 1, 2, 2) * _uniform(0, 0.6, m, 1, 1, 1) * _some(m, 0.4)
    uneven = nn.functional.interpolate(1 + coarse - coarse.mean((2, 3), keepdim=True), size, mode="bilinear")
    contrast = 1 + _symmetric(m, 1, 1, 1) * 0.15
    changed = ((pixels - 128) * contrast.to(device) + 128) * (gain * uneven).to(device)
    pixels = torch.where(lit.bool().to(device), changed, pixels)
    soft = torch.nonzero(torch.rand(m) < 0.5).flatten()
    if len(soft):
        places = soft.to(device)
        pixels[places] = _blurred(pixels[places], torch.rand(len(soft), 1, 1, 1) ** 1.5)
    noisy = _uniform(0, _NOISE, m, 1, 1, 1) * _some(m, 0.3)
    grain = 0.8 * torch.randn(m, 1, *size) + 0.5 * torch.randn(m, 3, *size)
    pixels = (pixels + (noisy * grain).to(device)).clamp(0, 255)
    for place in torch.nonzero(torch.rand(m) < 0.3).flatten().tolist():
        pixels[place] = _as_jpeg(pixels[place], int(torch.randint(*_QUALITY, ())))
    return pixels


def _blurred(pixels: Tensor, amount: Tensor) -> Tensor:
    """Between sharp (0) and a deviation of a 57th of the height (1), by ``amount`` of shape (m, 1, 1, 1)."""
    amount = amount.to(pixels.device)
    slightly = _gaussian(pixels, pixels.shape[2] / 114)
    strongly = _gaussian(slightly, pixels.shape[2] / 66)
    return torch.where(
        amount < 0.5,
        pixels + (slightly - pixels) * amount * 2,
        slightly + (strongly - slightly) * (amount * 2 - 1),
    )


def _gaussian(pixels: Tensor, deviation: float) -> Tensor:
    reach = math.ceil(2.5 * deviation)
    places = torch.arange(-reach, reach + 1, device=pixels.device)
    kernel = torch.exp(-(places**2) / (2 * deviation**2))
    kernel = (kernel / kernel.sum()).view(1, 1, 1, -1).repeat(3, 1, 1, 1)
    padded = nn.functional.pad(pixels, (reach, reach, reach, reach), mode="replicate")
    across = nn.functional.conv2d(padded, kernel, groups=3)
    return nn.functional.conv2d(across, kernel.transpose(2, 3), groups=3)


def _as_jpeg(pixels: Tensor, quality: int) -> Tensor:
    """One picture, shape (3, h, w), as it is after being saved."""
    values = pixels.permute(1, 2, 0).round().to(torch.uint8).cpu().numpy()
    out = io.BytesIO()
    Image.fromarray(values).save(out, "JPEG", quality=quality)
    return torch.from_numpy(np.array(Image.open(out))).to(pixels.device).permute(2, 0, 1).float()


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
