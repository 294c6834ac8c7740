"""The camera of the scenes: a canvas in scene units, surfaces in perspective, light and optics.

A scene is drawn in units: x to the right in 0..240, y downwards in 0..320 (``WIDTH``, ``HEIGHT``).  The camera may
turn, so painters draw well beyond these borders (``FAR`` covers all that can be seen).  Colours are sRGB triples of
floats in 0..1.  All randomness comes from the view's ``rng``.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import skia
from PIL import Image, ImageFilter
from scipy.ndimage import gaussian_filter, map_coordinates

from tools.demo_catalog.studio import (
    PALETTE,
    Colour,
    Point,
    box,
    cloud,
    darker,
    hex_colour,
    lighter,
    line,
    mix,
    outline,
    skia_colour,
)

WIDTH, HEIGHT = 240, 320
FAR = (-240.0, -240.0, 480.0, 560.0)

Box = tuple[float, float, float, float]
T = TypeVar("T")


def corners(area: Box) -> list[Point]:
    """The corners of (left, top, right, bottom), clockwise from the top left."""
    left, top, right, bottom = area
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def polygon(points: Sequence[Point]) -> skia.Path:
    """Closed path with straight edges."""
    path = skia.Path()
    path.addPoly([skia.Point(float(x), float(y)) for x, y in points], True)
    return path


def shade_of(hue: float, saturation: float, lightness: float) -> Colour:
    """Colour by hue (turns), saturation and lightness (0..1)."""
    return colorsys.hls_to_rgb(hue % 1, min(max(lightness, 0.02), 0.98), min(max(saturation, 0), 1))


class View:
    """One picture in the making and its random numbers; ``size`` is (width, height) in pixels."""

    def __init__(self, rng: np.random.Generator, size: tuple[int, int] = (WIDTH, HEIGHT)):
        self.rng, self.size = rng, size
        cover = max(size[0] / WIDTH, size[1] / HEIGHT)
        self.scale = max(cover, 1.0)
        pixels = size if cover >= 1 else (round(size[0] / cover), round(size[1] / cover))
        self.surface = skia.Surface(*pixels)
        self.canvas = self.surface.getCanvas()
        self.canvas.clear(skia.ColorGRAY)
        self.canvas.translate((pixels[0] - WIDTH * self.scale) / 2, (pixels[1] - HEIGHT * self.scale) / 2)
        self.canvas.scale(self.scale, self.scale)
        self._noise: dict[str, skia.Image] = {}

    # ------------------------------------------------------------------------------------ random choices

    def span(self, low: float, high: float) -> float:
        """A uniform random number."""
        return float(self.rng.uniform(low, high))

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return bool(self.rng.random() < probability)

    def pick(self, *options: T) -> T:
        """One of the options, all equally likely."""
        return options[int(self.rng.integers(len(options)))]

    def count(self, low: int, high: int) -> int:
        """A whole number in low..high, both included."""
        return int(self.rng.integers(low, high + 1))

    def near(self, colour: Colour, spread: float = 0.03) -> Colour:
        """A slightly different shade of a colour."""
        moved = np.array(colour) * (1 + self.rng.normal(0, spread)) + self.rng.normal(0, spread / 9, 3)
        red, green, blue = (float(c) for c in np.clip(moved, 0.01, 0.99))
        return red, green, blue

    # ----------------------------------------------------------------------------------------- palettes

    def white(self) -> Colour:
        """White paint as cameras see it: rarely pure, often yellowish or greyish."""
        return shade_of(self.span(0.05, 0.17), self.span(0, 0.3), self.span(0.72, 0.94))

    def neutral(self) -> Colour:
        """White, beige, grey, taupe or dark grey."""
        kind = self.rng.random()
        if kind < 0.35:
            return self.white()
        if kind < 0.6:
            return shade_of(self.span(0.06, 0.13), self.span(0.08, 0.4), self.span(0.5, 0.8))
        if kind < 0.85:
            return shade_of(self.pick(0.1, 0.6), self.span(0, 0.1), self.span(0.3, 0.75))
        return shade_of(self.pick(0.07, 0.6), self.span(0, 0.2), self.span(0.08, 0.3))

    def paint(self) -> Colour:
        """A wall's colour: mostly white, beige and grey, at times a tint, seldom a strong colour."""
        kind = self.rng.random()
        if kind < 0.42:
            return self.white()
        if kind < 0.72:
            return self.neutral()
        if kind < 0.9:
            return shade_of(self.span(0, 1), self.span(0.1, 0.35), self.span(0.55, 0.85))
        return shade_of(self.span(0, 1), self.span(0.15, 0.45), self.span(0.2, 0.6))

    def wood(self) -> Colour:
        """Bleached, honey, reddish, walnut, grey or painted wood."""
        hue, saturation, lightness = self.pick(
            (0.09, 0.35, 0.72), (0.09, 0.42, 0.6), (0.085, 0.5, 0.5), (0.06, 0.5, 0.38), (0.06, 0.35, 0.25),
            (0.09, 0.1, 0.55), (0.08, 0.38, 0.45), (0.09, 0.12, 0.84),
        )  # fmt: skip
        return shade_of(
            hue + self.span(-0.015, 0.015), saturation * self.span(0.6, 1.2), lightness * self.span(0.85, 1.15)
        )

    def textile(self) -> Colour:
        """Cloth of any kind: mostly neutral, blue and dark, at times bright."""
        if self.chance(0.45):
            return self.neutral()
        names = ("Navy Blue", "Black", "Blue", "Grey", "Charcoal", "White", *PALETTE)
        return self.near(hex_colour(self.pick(*PALETTE[self.pick(*names)])), 0.06)

    def bright(self) -> Colour:
        """A packaging, toy or sign colour."""
        return shade_of(self.span(0, 1), self.span(0.3, 0.8), self.span(0.3, 0.62))

    def thing(self) -> Colour:
        """Any object: half neutral, half coloured."""
        return self.bright() if self.chance(0.35) else self.textile()

    def leaf(self) -> Colour:
        """A green of plants."""
        return shade_of(self.span(0.2, 0.38), self.span(0.2, 0.55), self.span(0.15, 0.42))

    def metal(self) -> Colour:
        """Steel, black iron or brass."""
        tone = self.span(0.5, 0.78)
        return self.pick((tone, tone, tone * 1.02), (0.15, 0.15, 0.16), shade_of(0.12, 0.35, 0.5))

    # ----------------------------------------------------------------------------------------- drawing

    def camera(
        self, tilt: float = 4.0, zoom: tuple[float, float] = (1.0, 1.35), shift: float = 22, skew: float = 9
    ) -> None:
        """Turn, bring near and mirror what follows; ``tilt`` in degrees, ``shift`` and ``skew`` in units."""
        size, canvas = self.span(*zoom), self.canvas
        canvas.translate(WIDTH / 2 + self.span(-shift, shift), HEIGHT / 2 + self.span(-shift, shift))
        canvas.rotate(
            float(np.clip(self.rng.normal(0, tilt / 2), -tilt, tilt)) if tilt < 30 else self.span(-tilt, tilt)
        )
        canvas.scale(size * self.pick(-1, 1), size)
        canvas.translate(-WIDTH / 2, -HEIGHT / 2)
        frame = (0, 0, WIDTH, HEIGHT)
        seen = [(x + self.span(-skew, skew), y + self.span(-skew, skew)) for x, y in corners(frame)]
        canvas.concat(_perspective(corners(frame), seen))

    @contextmanager
    def plane(self, quad: Sequence[Point], width: float = 100, height: float = 100) -> Iterator[skia.Canvas]:
        """Draw in coordinates of a flat rectangle (width, height) that is seen as the four points ``quad``."""
        self.canvas.save()
        self.canvas.clipPath(polygon(quad), doAntiAlias=True)
        self.canvas.concat(_perspective(corners((0, 0, width, height)), quad))
        yield self.canvas
        self.canvas.restore()

    @contextmanager
    def within(self, path: skia.Path) -> Iterator[skia.Canvas]:
        """Draw only inside the path."""
        self.canvas.save()
        self.canvas.clipPath(path, doAntiAlias=True)
        yield self.canvas
        self.canvas.restore()

    def fill(self, path: skia.Path | Box, colour: Colour, alpha: float = 1.0, blur: float = 0.0) -> None:
        """Lay a flat colour, with edges softened by ``blur`` units."""
        paint = skia.Paint(AntiAlias=True, Color=skia_colour(colour, alpha))
        if blur:
            paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, float(blur)))
        self.canvas.drawPath(path if isinstance(path, skia.Path) else box(*path), paint)

    def blend(self, path: skia.Path | Box, first: Colour, second: Colour, start: Point, end: Point) -> None:
        """Lay a smooth change of colour from the point ``start`` to the point ``end``."""
        points = [skia.Point(*map(float, p)) for p in (start, end)]
        shader = skia.GradientShader.MakeLinear(points, [skia_colour(first), skia_colour(second)])
        paint = skia.Paint(AntiAlias=True, Shader=shader)
        self.canvas.drawPath(path if isinstance(path, skia.Path) else box(*path), paint)

    def stroke(
        self, points: Sequence[Point] | skia.Path, colour: Colour, width: float = 1.0, alpha: float = 1.0,
        blur: float = 0.0,
    ) -> None:  # fmt: skip
        """A line with round ends, smooth through the points."""
        paint = skia.Paint(
            AntiAlias=True, Color=skia_colour(colour, alpha), StrokeWidth=float(width),
            Style=skia.Paint.kStroke_Style, StrokeCap=skia.Paint.kRound_Cap,
        )  # fmt: skip
        if blur:
            paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, float(blur)))
        self.canvas.drawPath(points if isinstance(points, skia.Path) else line(points), paint)

    def dots(self, places: np.ndarray, colour: Colour, width: float, alpha: float = 1.0) -> None:
        """Round dots of one colour and diameter at the places (n, 2)."""
        paint = skia.Paint(
            AntiAlias=True, Color=skia_colour(colour, alpha), StrokeWidth=float(width),
            Style=skia.Paint.kStroke_Style, StrokeCap=skia.Paint.kRound_Cap,
        )  # fmt: skip
        points = [skia.Point(float(x), float(y)) for x, y in places]
        self.canvas.drawPoints(skia.Canvas.PointMode.kPoints_PointMode, points, paint)

    def shadow(self, path: skia.Path | Box, strength: float = 0.4, soft: float = 4, move: Point = (2, 3)) -> None:
        """The soft shadow of a shape on what is already drawn."""
        shape = skia.Path(path) if isinstance(path, skia.Path) else box(*path)
        shape.offset(*map(float, move))
        self.fill(shape, (0.03, 0.02, 0.02), strength, soft)

    def piece(
        self, path: skia.Path | Box, colour: Colour, cast: float = 0.35, soft: float = 4, round_: float = 0.25
    ) -> None:
        """A solid thing: shadow, body, and shade across it (``round_`` 0 flat, 1 strong)."""
        path = path if isinstance(path, skia.Path) else box(*path)
        if cast:
            self.shadow(path, cast, soft)
        edges = path.getBounds()
        ends = (edges.left(), edges.top()), (edges.right(), edges.bottom() if self.chance(0.5) else edges.top())
        pale, dark = lighter(colour, round_ * 0.5), darker(colour, round_)
        self.blend(path, *((pale, dark) if self.chance(0.6) else (dark, pale)), *ends)

    # ----------------------------------------------------------------------------------------- textures

    def grain(self, path: skia.Path | Box, kind: str, stretch: tuple[float, float], strength: float = 0.3) -> None:
        """Roughen a surface with noise; ``stretch`` is its size in units per cell along x and y.

        Kinds: "fine" (sand, plaster), "cloudy" (stains, uneven paint), "fibre" (wood, brushed cloth along x),
        "blotch" (grass, gravel, leaves).
        """
        if kind not in self._noise:
            self._noise[kind] = _grey_image(_NOISES[kind](self.rng))
        matrix = skia.Matrix()
        matrix.setScaleTranslate(*map(float, stretch), self.span(0, 128), self.span(0, 128))
        smooth = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
        shader = self._noise[kind].makeShader(skia.TileMode.kRepeat, skia.TileMode.kRepeat, smooth, matrix)
        paint = skia.Paint(AntiAlias=True, Shader=shader, BlendMode=skia.BlendMode.kHardLight)
        paint.setAlphaf(float(strength))
        self.canvas.drawPath(path if isinstance(path, skia.Path) else box(*path), paint)

    def crumple(
        self, path: skia.Path | Box, area: Box, grain: float = 14, strength: float = 1.0, run: float = 1.0
    ) -> None:
        """Light and shade of crumpled cloth; ``grain`` is the size of creases in units, ``run`` stretches them down."""
        left, top, right, bottom = area
        cell = max(2.0, (bottom - top) / 150, (right - left) / 150)
        shape = (max(8, round((bottom - top) / cell)), max(8, round((right - left) / cell)))
        height = _creases(self.rng, shape, grain / cell, run)
        angle = self.span(0, 2 * np.pi)
        slope_y, slope_x = np.gradient(height)
        slopes = slope_x * np.cos(angle) + slope_y * np.sin(angle)
        light = np.tanh(slopes / (slopes.std() + 1e-6) * 0.6) * 0.17 * strength
        light += np.clip(height / (height.std() + 1e-6), -2, 1.2) * 0.035 * strength
        matrix = skia.Matrix()
        matrix.setScaleTranslate((right - left) / shape[1], (bottom - top) / shape[0], float(left), float(top))
        smooth = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kNone)
        shader = _grey_image(light).makeShader(skia.TileMode.kMirror, skia.TileMode.kMirror, smooth, matrix)
        paint = skia.Paint(AntiAlias=True, Shader=shader, BlendMode=skia.BlendMode.kHardLight)
        self.canvas.drawPath(path if isinstance(path, skia.Path) else box(*path), paint)

    # ------------------------------------------------------------------------------------------- optics

    def finish(
        self, blur: tuple[float, float, float] = (0.5, 0.32, 0.18), dark: float = 0.0, sun: float = 0.12
    ) -> Image.Image:
        """The picture as a phone takes it: light, focus, exposure, white balance and noise.

        ``blur`` holds the shares of sharp, soft and strongly blurred pictures, ``dark`` lowers the exposure
        (stops), ``sun`` is the probability of a patch of sunlight or a hard shadow.
        """
        rgba = self.surface.makeImageSnapshot().toarray(colorType=skia.kRGBA_8888_ColorType)
        picture = self._focused(Image.fromarray(np.ascontiguousarray(rgba[..., :3])), blur)
        light = self._light((picture.height, picture.width), sun)
        values = (np.asarray(picture, np.float32) / 255) ** 2.2 * light[..., None]
        warm, tint = self.rng.normal(0.02, 0.10), self.rng.normal(0, 0.025)
        warm *= 2.5 if self.chance(0.12) else 1
        gains = np.exp(self.rng.normal(-0.06, 0.25) - dark * 0.69 + np.array([warm, tint, -warm]))
        values = values * gains.astype(np.float32) + np.float32(self.span(0, 0.012))
        values = np.clip(1.06 * values / (1 + 0.06 * values), 0, 1) ** np.float32(1 / 2.2)
        grey = values.mean(axis=2, keepdims=True)
        values = grey + (values - grey) * np.float32(self.span(0.65, 1.12))
        values += np.float32(self.span(-0.12, 0.3)) * (values - 0.5) * values * (1 - values) * 4
        if self.chance(0.15):  # haze of a dirty lens
            values = values * np.float32(0.86) + np.float32(self.span(0.05, 0.12))
        grains = self.rng.standard_normal(values.shape, np.float32)
        values += grains * np.float32(self.pick(0.004, 0.008, 0.012, 0.022) * self.span(0.6, 1.3))
        picture = Image.fromarray((np.clip(values, 0, 1) * 255 + 0.5).astype(np.uint8))
        return picture if picture.size == self.size else picture.resize(self.size, Image.Resampling.LANCZOS)

    def _focused(self, picture: Image.Image, blur: tuple[float, float, float]) -> Image.Image:
        """Out of focus evenly, or more so away from one height of the picture."""
        kind = int(self.rng.choice(3, p=np.array(blur) / sum(blur)))
        radius = (self.span(0.2, 0.8), self.span(0.9, 2.6), self.span(3, 8))[kind] * self.scale
        soft = picture.filter(ImageFilter.GaussianBlur(radius))
        if kind == 0 or self.chance(0.5):
            return soft
        sharp = picture.filter(ImageFilter.GaussianBlur(0.5 * self.scale))
        rows = np.abs(np.linspace(0, 1, picture.height) - self.pick(0.0, 0.5, 0.8, 1.0)) * self.span(1.2, 2.5)
        mask = np.repeat(np.clip(rows, 0, 1)[:, None] * 255, picture.width, 1).astype(np.uint8)
        return Image.composite(soft, sharp, Image.fromarray(mask))

    def _light(self, shape: tuple[int, int], sun: float) -> np.ndarray:
        """Linear light (H, W) around 1: falloff, a pool of lamp light or flash, vignette, sun or shadow."""
        rows, columns = 64, 48
        y, x = np.mgrid[0 : 1 : rows * 1j, 0 : 1 : columns * 1j]
        angle = self.span(0, 2 * np.pi)
        along = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle)
        light = np.exp(along * self.pick(0.1, 0.4, 0.8, 1.4) * self.span(0.5, 1.2))
        if self.chance(0.3):
            away = np.hypot(x - self.span(0.1, 0.9), (y - self.span(0.1, 0.9)) * 4 / 3)
            light *= 0.65 + self.span(0.4, 1.1) * np.exp(-((away / self.span(0.25, 0.7)) ** 2))
        light *= 1 - self.span(0, 0.5) * (np.hypot(x - 0.5, y - 0.5) / 0.71) ** 2.5
        if self.chance(sun):
            turn, wide = self.span(0, np.pi), self.span(0.1, 0.35)
            across = (x - self.span(0.2, 0.8)) * np.cos(turn) + (y - self.span(0.2, 0.8)) * np.sin(turn)
            patch = np.clip((wide - np.abs(across)) * 24, 0, 1)
            if self.chance(0.5):
                bars = (x * np.sin(turn) - y * np.cos(turn)) / self.span(0.12, 0.35) % 1
                patch *= np.clip((0.5 - np.abs(bars - 0.5) - 0.06) * 20, 0, 1)
            light *= 1 + self.pick(-0.4, 0.9, 1.4) * gaussian_filter(patch, self.span(0.6, 2))
        if self.chance(0.12):  # the photographer's own shadow
            away = np.hypot((x - self.span(0.2, 0.8)) / self.span(0.2, 0.4), (y - 1.1) / self.span(0.4, 0.9))
            light *= 1 - self.span(0.2, 0.5) * np.clip((1.1 - away) * 3, 0, 1)
        small = Image.fromarray((light / light.mean()).astype(np.float32))
        return np.asarray(small.resize((shape[1], shape[0]), Image.Resampling.BICUBIC))


def _perspective(source: Sequence[Point], target: Sequence[Point]) -> skia.Matrix:
    matrix = skia.Matrix()
    points = [[skia.Point(float(x), float(y)) for x, y in quad] for quad in (source, target)]
    matrix.setPolyToPoly(*points)
    return matrix


def _grey_image(offsets: np.ndarray) -> skia.Image:
    """Image of the values (H, W): 0 is middle grey, which hard light leaves as it is."""
    grey = (np.clip(offsets + 0.5, 0.02, 0.98) * 255).astype(np.uint8)
    rgba = np.dstack([grey, grey, grey, np.full_like(grey, 255)])
    return skia.Image.fromarray(rgba, colorType=skia.kRGBA_8888_ColorType)


def _creases(rng: np.random.Generator, shape: tuple[int, int], grain: float, run: float) -> np.ndarray:
    """Height (H, W) of crumpled cloth: sharp ridges between soft hollows, bent by broad waves."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    angle = rng.uniform(0, np.pi)
    total = np.zeros(shape, np.float32)
    for size, weight in ((2.2, 1.0), (1.1, 0.7), (0.5, 0.35)):
        turn = angle + rng.normal(0, 0.5)
        bend = _smooth(rng, shape, grain * size * 1.5) * grain * size * 0.35
        column = np.abs(x * np.cos(turn) + y * np.sin(turn) + bend)
        row = np.abs(y * np.cos(turn) - x * np.sin(turn) + bend) / (1.8 * run)
        cells = _smooth(rng, shape, grain * size)
        ridges = 1 - np.sqrt(np.abs(map_coordinates(cells, [row, column], order=1, mode="mirror")) + 0.02)
        total += weight * size * grain * ridges * np.clip(0.6 + 0.7 * _smooth(rng, shape, grain * size * 3), 0, 1.6)
    total += 1.4 * grain * _smooth(rng, shape, grain * 3)
    return gaussian_filter(total, 0.8, truncate=2)


def _smooth(rng: np.random.Generator, shape: tuple[int, int], grain: float | tuple[float, float]) -> np.ndarray:
    """Smooth noise (H, W) of unit spread, made small and enlarged."""
    cells = [max(3, round(n / g * 1.6)) for n, g in zip(shape, np.broadcast_to(grain, 2), strict=True)]
    small = rng.standard_normal(cells).astype(np.float32)
    image = Image.fromarray(small).resize((shape[1], shape[0]), Image.Resampling.BICUBIC)
    values = np.asarray(image)
    return (values - values.mean()) / (values.std() + 1e-6)


_NOISES: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "fine": lambda rng: 0.16 * rng.standard_normal((128, 128)) + 0.1 * cloud(rng, (128, 128), 1.2),
    "cloudy": lambda rng: 0.1 * cloud(rng, (128, 128), 11) + 0.06 * cloud(rng, (128, 128), 4),
    "fibre": lambda rng: 0.16 * cloud(rng, (128, 128), (0.8, 14)) + 0.12 * cloud(rng, (128, 128), (3, 22)),
    "blotch": lambda rng: 0.13 * cloud(rng, (128, 128), 1.6) + 0.09 * cloud(rng, (128, 128), 4),
}

__all__ = [
    "FAR",
    "HEIGHT",
    "WIDTH",
    "Box",
    "Colour",
    "Point",
    "View",
    "box",
    "corners",
    "darker",
    "hex_colour",
    "lighter",
    "line",
    "mix",
    "outline",
    "polygon",
    "shade_of",
]
