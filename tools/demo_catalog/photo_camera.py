"""What a customer's phone makes of a scene: framing, light, blur and noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import skia
from PIL import Image
from scipy.ndimage import gaussian_filter, map_coordinates

from tools.demo_catalog.scenes_view import HEIGHT, WIDTH, View

CANVAS = (720, 960)  # pixels in which a scene is drawn
OUTPUT = (480, 640)


@dataclass(frozen=True)
class Camera:
    """How a picture is taken.

    ``window`` is the part of the scene (left, top, right, bottom in scene units) that is framed, ``turn`` its
    rotation in degrees, ``keystone`` the share by which the far side shrinks; ``stops`` lowers the exposure,
    ``warm`` is the colour of the light, ``smear`` pixels of motion and ``smear_angle`` its direction, ``soft`` the
    sigma of a missed focus, ``noise`` that of the sensor (of 1); ``sun`` falls in patches.
    """

    window: tuple[float, float, float, float] = (0, 0, WIDTH, HEIGHT)
    turn: float = 0.0
    keystone: tuple[float, float] = (0.0, 0.0)
    stops: float = 0.0
    warm: float = 0.0
    smear: float = 0.0
    smear_angle: float = 0.0
    soft: float = 0.0
    noise: float = 0.006
    sun: bool = False

    def taken(self, view: View) -> Image.Image:
        """The finished picture of a scene."""
        values = self._framed(pixels(view))
        rows, columns = values.shape[:2]
        light = values**2.2 * _light(view.rng, rows, columns, self.sun)[..., None]
        light = _smeared(light, self.smear, self.smear_angle)
        if self.soft:
            light = gaussian_filter(light, (self.soft, self.soft, 0))
        gains = np.exp(-self.stops * 0.69 + np.array([self.warm, 0.15 * self.warm, -self.warm]))
        light = light * gains + 0.004
        grain = view.rng.normal(0, 1, light.shape) + 0.6 * gaussian_filter(
            view.rng.normal(0, 2, light.shape), (1, 1, 0)
        )
        shown = np.clip(light, 0, 1) ** (1 / 2.2)
        shown = shown + 0.10 * (shown - 0.5) * shown * (1 - shown) * 4 + self.noise * grain
        return Image.fromarray((np.clip(shown, 0, 1) * 255 + 0.5).astype(np.uint8))

    def _framed(self, drawn: np.ndarray) -> np.ndarray:
        """The framed part (H, W, 3) at the output's size, turned and in perspective."""
        left, top, right, bottom = (v * CANVAS[0] / WIDTH for v in self.window)
        width, height = OUTPUT
        y, x = np.mgrid[:height, :width].astype(np.float32)
        a, b = (x + 0.5) / width * 2 - 1, (y + 0.5) / height * 2 - 1
        depth = 1 + self.keystone[0] * a + self.keystone[1] * b
        a, b = a / depth, b / depth
        half_x, half_y = (right - left) / 2, (bottom - top) / 2
        cosine, sine = np.cos(np.radians(self.turn)), np.sin(np.radians(self.turn))
        across, down = a * half_x, b * half_y
        column = (left + right) / 2 + across * cosine - down * sine - 0.5
        row = (top + bottom) / 2 + across * sine + down * cosine - 0.5
        ratio = half_x * 2 / width
        smooth = gaussian_filter(drawn, (0.42 * ratio, 0.42 * ratio, 0)) if ratio > 1.1 else drawn
        return np.stack([map_coordinates(smooth[..., k], [row, column], order=1, mode="reflect") for k in range(3)], -1)


def pixels(view: View) -> np.ndarray:
    """What is drawn so far, (H, W, 3) in 0..1."""
    rgba: np.ndarray = view.surface.makeImageSnapshot().toarray(colorType=skia.kRGBA_8888_ColorType)
    return rgba[..., :3].astype(np.float32) / 255


def ground(view: View, paint: Callable[[View], object], blur: float) -> None:
    """Paint what is behind, ``blur`` units out of focus."""
    view.canvas.save()
    paint(view)
    view.canvas.restore()
    if blur:
        sigma = blur * view.scale
        behind = view.surface.makeImageSnapshot()
        filter_ = skia.ImageFilters.Blur(sigma, sigma, skia.TileMode.kMirror)
        view.canvas.save()
        view.canvas.resetMatrix()
        view.canvas.drawImage(behind, 0, 0, skia.SamplingOptions(), skia.Paint(ImageFilter=filter_))
        view.canvas.restore()


def _light(rng: np.random.Generator, rows: int, columns: int, sun: bool) -> np.ndarray:
    """Uneven light (H, W) of about 1: from one side, and less towards the corners."""
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    slope = rng.uniform(0.06, 0.28) * (x * np.cos(angle) + y * np.sin(angle))
    corners = 1 - rng.uniform(0.06, 0.18) * (x**2 + y**2) / 2
    light: np.ndarray = np.exp(slope) * corners * np.exp(rng.normal(0, 0.1))
    if sun:  # a patch between two shadows' edges
        across = x * np.cos(angle + 0.6) + y * np.sin(angle + 0.6)
        edges = rng.uniform(-0.6, 0.1), rng.uniform(0.3, 0.9)
        lit = 1 / (1 + np.exp(-(across - edges[0]) * 22)) / (1 + np.exp((across - edges[1]) * 22))
        light = light * (0.72 + 0.42 * lit)
    return light


def _smeared(light: np.ndarray, length: float, angle: float) -> np.ndarray:
    """Motion blur along a slightly bent path."""
    if not length:
        return light
    steps = max(3, int(length * 1.5))
    total = np.zeros_like(light)
    y, x = np.mgrid[: light.shape[0], : light.shape[1]].astype(np.float32)
    for s in np.linspace(-0.5, 0.5, steps):
        dx = length * s * np.cos(np.radians(angle)) + length * 0.5 * (s * s - 0.08)
        dy = length * s * np.sin(np.radians(angle))
        for k in range(3):
            total[..., k] += map_coordinates(light[..., k], [y + dy, x + dx], order=1, mode="nearest")
    return total / steps
