"""Relief rendering of hard and soft goods: pieces with height fields under a fixed studio light.

A :class:`Frame` maps design coordinates (x to the right, y upwards, the object about one unit wide) to
pixels, a :class:`Piece` is one part of an object (an upper, a sole, a buckle) whose height field is
modelled with panels, grooves, stitches and textures, and a :class:`Scene` stacks shaded pieces and lays
the shadows on the white ground.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import skia
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from .studio import HEIGHT, OUTPUT_SIZE, WIDTH, Cutout, Fill, cut_out

Array = NDArray[np.float32]
Colour = Sequence[float]
Points = Sequence[Sequence[Any]]  # of (x, y), or (x, y, whether it is a corner)
CORNER = True


def _direction(x: float, y: float, z: float) -> NDArray[np.float32]:
    """The unit vector of a direction (x right, y down, z towards the camera)."""
    vector = np.array([x, y, z], np.float32)
    return vector / np.linalg.norm(vector)


_KEY = _direction(-0.42, -0.62, 0.66)
_FILL = _direction(0.75, -0.10, 0.65)
_HALF = _direction(_KEY[0], _KEY[1], _KEY[2] + 1)


@dataclass(frozen=True)
class Finish:
    """How a surface answers the light: highlight strength and tightness, and mirrored softboxes."""

    gloss: float = 0.06
    shine: float = 14.0
    mirror: float = 0.0


FABRIC = Finish(0.03, 8)
SUEDE = Finish(0.02, 6)
RUBBER = Finish(0.12, 18)
LEATHER = Finish(0.20, 20, 0.10)
PATENT = Finish(0.45, 60, 0.40)
PLASTIC = Finish(0.40, 50, 0.30)
METAL = Finish(0.60, 40, 1.10)


def linear(colour: Colour | np.ndarray) -> Array:
    """The display colour (0..1) as linear light."""
    return np.power(np.clip(np.asarray(colour, np.float32), 0, 1), 2.2)


def mix(a: Colour, b: Colour, share: float) -> tuple[float, float, float]:
    """The colour `share` of the way from a to b."""
    red, green, blue = (float(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def shade(colour: Colour, factor: float) -> tuple[float, float, float]:
    """A darker (factor below 1) or lighter (above 1) version of the colour."""
    return mix((0, 0, 0), colour, factor) if factor <= 1 else mix(colour, (1, 1, 1), factor - 1)


def brightness(colour: Colour) -> float:
    """Perceived brightness of a display colour, 0..1."""
    return float(0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2])


def blur(values: Array, sigma: float | tuple[float, float]) -> Array:
    """Gaussian blur; sigma may be a (vertical, horizontal) pair."""
    return ndimage.gaussian_filter(values, sigma, truncate=3.0) if np.any(sigma) else values


def smooth_path(points: Points, closed: bool = True) -> skia.Path:
    """A smooth path through the points; a third item that is true makes a point a corner."""
    spots = np.array([point[:2] for point in points], float)
    corner = [len(point) > 2 and bool(point[2]) for point in points]
    count = len(spots)

    def tangent(index: int) -> NDArray[np.float64] | None:
        if corner[index] or (not closed and index in (0, count - 1)):
            return None
        along = spots[(index + 1) % count] - spots[(index - 1) % count]
        return along / (np.hypot(*along) or 1.0)

    path = skia.Path()
    path.moveTo(*map(float, spots[0]))
    for index in range(count if closed else count - 1):
        after = (index + 1) % count
        start, end = spots[index], spots[after]
        step = end - start
        length = np.hypot(*step)
        leave, arrive = tangent(index), tangent(after)
        first = start + (step / 3 if leave is None else leave * length * 0.36)
        second = end - (step / 3 if arrive is None else arrive * length * 0.36)
        path.cubicTo(*map(float, (*first, *second, *end)))
    if closed:
        path.close()
    return path


@dataclass(frozen=True)
class Frame:
    """Design coordinates to working pixels: origin, size of one unit, rotation, mirroring, stretch."""

    x: float
    y: float
    unit: float
    degrees: float = 0.0
    flip: bool = False
    squeeze: float = 1.0
    rise: float = 1.0

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The pixel position of a design point."""
        across = (-x if self.flip else x) * self.unit * self.squeeze
        up = y * self.unit * self.rise
        cos, sin = math.cos(math.radians(self.degrees)), math.sin(math.radians(self.degrees))
        return self.x + across * cos - up * sin, self.y - across * sin - up * cos

    def shape(self, points: Points) -> skia.Path:
        """A closed smooth outline."""
        return smooth_path([(*self.at(p[0], p[1]), *p[2:]) for p in points])

    def line(self, points: Points) -> skia.Path:
        """An open smooth line."""
        return smooth_path([(*self.at(p[0], p[1]), *p[2:]) for p in points], closed=False)

    def polygon(self, points: Points) -> skia.Path:
        """A closed outline with straight sides."""
        return smooth_path([(*self.at(p[0], p[1]), CORNER) for p in points])

    def oval(self, x: float, y: float, rx: float, ry: float | None = None) -> skia.Path:
        """An ellipse around a design point."""
        ry = rx if ry is None else ry
        turns = [math.tau * step / 16 for step in range(16)]
        return self.shape([(x + rx * math.cos(turn), y + ry * math.sin(turn)) for turn in turns])

    def box(self, x0: float, y0: float, x1: float, y1: float, round_by: float = 0.0) -> skia.Path:
        """A rectangle with rounded corners."""
        r = min(round_by, abs(x1 - x0) / 2.01, abs(y1 - y0) / 2.01)
        if r <= 0:
            return self.polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
        points = []
        for cx, cy, start in (
            (x1 - r, y1 - r, 0),
            (x0 + r, y1 - r, 1),
            (x0 + r, y0 + r, 2),
            (x1 - r, y0 + r, 3),
        ):
            for step in range(5):
                turn = math.pi / 2 * (start + step / 4)
                corner = step in (0, 4)
                points.append((cx + r * math.cos(turn), cy + r * math.sin(turn), corner))
        return self.shape(points)


def stroke_outline(path: skia.Path, width: float, round_ends: bool = True) -> skia.Path:
    """The outline of a band of the given pixel width along a path."""
    paint = skia.Paint(Style=skia.Paint.kStroke_Style, StrokeWidth=width, StrokeJoin=skia.Paint.kRound_Join)
    paint.setStrokeCap(skia.Paint.kRound_Cap if round_ends else skia.Paint.kButt_Cap)
    outline = skia.Path()
    paint.getFillPath(path, outline)
    return outline


class Piece:
    """One part of an object: mask, height, colour and gloss on a window of the canvas."""

    def __init__(
        self,
        path: skia.Path,
        colour: Colour,
        finish: Finish = FABRIC,
        bulge: float = 20.0,
        depth: float | None = None,
        soften: float = 1.0,
    ) -> None:
        bounds = path.getBounds()
        margin = 6
        self.x0 = max(0, int(bounds.left()) - margin)
        self.y0 = max(0, int(bounds.top()) - margin)
        self.x1 = max(self.x0 + 2, min(WIDTH, int(bounds.right()) + margin + 1))
        self.y1 = max(self.y0 + 2, min(HEIGHT, int(bounds.bottom()) + margin + 1))
        self.shape = (self.y1 - self.y0, self.x1 - self.x0)
        self.finish = finish
        self.mask = self.raster(path)
        self.distance = ndimage.distance_transform_edt(self.mask > 0.5).astype(np.float32)
        rise = np.clip(self.distance / max(bulge, 0.5), 0, 1)
        height = bulge * 0.6 if depth is None else depth
        self.height = blur((height * np.sqrt(1 - (1 - rise) ** 2)).astype(np.float32), soften)
        self.albedo = np.empty((*self.shape, 3), np.float32)
        self.albedo[:] = linear(colour)
        self.occlusion = np.ones(self.shape, np.float32)
        self.gloss = np.full(self.shape, finish.gloss, np.float32)

    def raster(self, path: skia.Path, stroke: float = 0.0, dash: Sequence[float] | None = None) -> Array:
        """Coverage of the path (or of its stroke) within this piece's window."""
        pixels = np.zeros((*self.shape, 4), np.uint8)
        surface = skia.Surface(pixels)
        paint = skia.Paint(AntiAlias=True, Color=skia.ColorWHITE)
        if stroke:
            paint.setStyle(skia.Paint.kStroke_Style)
            paint.setStrokeWidth(stroke)
            paint.setStrokeJoin(skia.Paint.kRound_Join)
            paint.setStrokeCap(skia.Paint.kRound_Cap if dash is None else skia.Paint.kButt_Cap)
            if dash is not None:
                paint.setPathEffect(skia.DashPathEffect.Make(list(dash), 0.0))
        with surface as canvas:
            canvas.translate(-self.x0, -self.y0)
            canvas.drawPath(path, paint)
        return pixels[..., 3].astype(np.float32) / np.float32(255)

    def _coverage(self, where: skia.Path | Array) -> Array:
        return self.raster(where) if isinstance(where, skia.Path) else where

    def grid(self) -> tuple[Array, Array]:
        """Pixel coordinates (x, y) over the window."""
        ys, xs = np.mgrid[self.y0 : self.y1, self.x0 : self.x1]
        return xs.astype(np.float32), ys.astype(np.float32)

    def noise(self, rng: np.random.Generator, scale: float | tuple[float, float], octaves: int = 1) -> Array:
        """Smooth unit-variance noise over the window."""
        grains = np.random.default_rng(rng.integers(2**32))  # one draw whatever the size of the window
        total = np.zeros(self.shape, np.float32)
        for octave in range(octaves):
            sigma = tuple(np.broadcast_to(scale, 2) / 2**octave)
            layer = blur(grains.standard_normal(self.shape).astype(np.float32), sigma)
            total += layer / (layer.std() + 1e-6) / 2**octave
        return total

    def soft_line(self, path: skia.Path, width: float, spread: float) -> Array:
        """A blurred band along a path, 0..1, to emboss folds with."""
        return blur(self.raster(path, width), spread)

    def carve(self, path: skia.Path, width: float = 3.0, depth: float = 1.5, dark: float = 0.25) -> Piece:
        """A groove (negative depth: a ridge) along a path, darkened by `dark`."""
        line = blur(self.raster(path, width), width * 0.4)
        self.height -= depth * line
        self.occlusion *= 1 - dark * line
        return self

    def panel(
        self,
        where: skia.Path | Array,
        colour: Colour | None = None,
        thick: float = 2.0,
        gloss: float | None = None,
        soften: float = 1.0,
        seat: float = 0.35,
    ) -> Piece:
        """A raised overlay with its own colour; `seat` darkens the seam around it."""
        cover = self._coverage(where) * self.mask
        if colour is not None:
            self.albedo += (linear(colour) - self.albedo) * cover[..., None]
        self.height += thick * blur(cover, soften)
        self.occlusion *= 1 - seat * blur(cover, 3.5) * (1 - cover)
        if gloss is not None:
            self.gloss += (gloss - self.gloss) * cover
        return self

    def stitch(self, path: skia.Path, colour: Colour, width: float = 2.0, dash: Sequence[float] = (5, 3.5)) -> Piece:
        """A row of sunken stitches along a path."""
        trench = blur(self.raster(path, width + 1.5), 1.0)
        self.height -= 0.8 * trench
        self.occlusion *= 1 - 0.18 * trench
        thread = self.raster(path, width, dash) * self.mask
        self.albedo += (linear(colour) - self.albedo) * thread[..., None] * 0.9
        self.height += 1.2 * blur(thread, 0.7)
        return self

    def paint(self, where: skia.Path | Array, colour: Colour, strength: float = 1.0) -> Piece:
        """Colour without relief."""
        cover = self._coverage(where) * self.mask * strength
        self.albedo += (linear(colour) - self.albedo) * cover[..., None]
        return self

    def cover(self, fill: Fill, degrees: float = 0.0) -> Piece:
        """Dresses the piece in a woven or printed pattern, turned by `degrees`."""
        xs, ys = self.grid()
        u, v = xs - WIDTH / 2, ys - HEIGHT / 2
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        self.albedo = linear(fill(u * cos + v * sin, v * cos - u * sin))
        return self

    def darken(self, where: skia.Path | Array, amount: float, spread: float = 0.0) -> Piece:
        """Shadow on the surface, optionally blurred by `spread` pixels."""
        self.occlusion *= 1 - amount * blur(self._coverage(where), spread)
        return self

    def emboss(self, pattern: Array, amount: float, where: skia.Path | Array | None = None) -> Piece:
        """Adds a height pattern, all over or within a region."""
        self.height += amount * (pattern if where is None else pattern * self._coverage(where))
        return self

    def tint(self, pattern: Array, amount: float) -> Piece:
        """Varies brightness with a pattern of about unit size."""
        self.albedo *= np.clip(1 + amount * pattern, 0.2, 2.0)[..., None]
        return self

    def shaded(self) -> Array:
        """The lit piece in linear light."""
        down, right = np.gradient(self.height)
        length = np.sqrt(down * down + right * right + 1)
        nx, ny, nz = -right / length, -down / length, 1 / length
        key = np.clip(nx * _KEY[0] + ny * _KEY[1] + nz * _KEY[2], 0, 1)
        fill = np.clip(nx * _FILL[0] + ny * _FILL[1] + nz * _FILL[2], 0, 1)
        light = (0.34 + 0.475 * key / _KEY[2] + 0.24 * fill) * self.occlusion
        half = np.clip(nx * _HALF[0] + ny * _HALF[1] + nz * _HALF[2], 0, 1)
        glint = half**self.finish.shine * self.gloss * self.occlusion * 0.55
        lit = self.albedo * light[..., None] + glint[..., None]
        if self.finish.mirror:
            boxes = (
                0.8 * np.exp(-(((ny + 0.45) / 0.16) ** 2))
                + 0.4 * np.exp(-(((ny + 0.85) / 0.10) ** 2))
                + 0.3 * np.exp(-(((nx - 0.60) / 0.12) ** 2))
                + 0.12
            )
            lit += (
                (boxes * self.finish.mirror * self.occlusion)[..., None]
                * (0.5 * self.albedo + 0.5)
                * np.minimum(1, 2 * self.gloss[..., None])
            )
        return lit


class Scene:
    """A stack of shaded pieces with coverage; scenes nest, so an object can be drawn on its own first."""

    def __init__(self) -> None:
        self.light = np.zeros((HEIGHT, WIDTH, 3), np.float32)
        self.alpha = np.zeros((HEIGHT, WIDTH), np.float32)
        self.shadow = np.zeros((HEIGHT, WIDTH), np.float32)

    def put(
        self,
        piece: Piece,
        shadow: float = 0.35,
        offset: tuple[int, int] = (2, 5),
        spread: float = 5.0,
        opacity: float = 1.0,
    ) -> None:
        """Stacks a piece, its soft shadow falling on what lies below."""
        reach = int(3 * spread) + max(abs(offset[0]), abs(offset[1])) + 1
        y0, y1 = max(0, piece.y0 - reach), min(HEIGHT, piece.y1 + reach)
        x0, x1 = max(0, piece.x0 - reach), min(WIDTH, piece.x1 + reach)
        if shadow:
            cast = np.zeros((y1 - y0, x1 - x0), np.float32)
            cast[piece.y0 - y0 : piece.y1 - y0, piece.x0 - x0 : piece.x1 - x0] = piece.mask
            cover = cast.copy()
            cast = blur(np.roll(cast, (offset[1], offset[0]), (0, 1)), spread)
            self.light[y0:y1, x0:x1] *= (1 - shadow * cast * (1 - cover))[..., None]
        window = (slice(piece.y0, piece.y1), slice(piece.x0, piece.x1))
        cover = piece.mask * opacity
        self.light[window] = self.light[window] * (1 - cover[..., None]) + piece.shaded() * cover[..., None]
        self.alpha[window] = self.alpha[window] * (1 - cover) + cover

    def erase(self, path: skia.Path) -> None:
        """Cuts a hole through everything stacked so far."""
        hole = Piece(path, (0, 0, 0))
        window = (slice(hole.y0, hole.y1), slice(hole.x0, hole.x1))
        self.alpha[window] *= 1 - hole.mask
        self.light[window] *= 1 - hole.mask[..., None]

    def stand(self, ground: float, strength: float = 1.0) -> Scene:
        """Adds the contact shadow of an object standing on the ground line (pixel row)."""
        rows = np.arange(HEIGHT)[:, None]
        lowest = np.where(self.alpha > 0.5, rows, -1).max(0)
        touch = np.where(lowest > 0, 1 - np.clip((ground - lowest) / 60.0, 0, 1), 0).astype(np.float32)
        line = np.zeros_like(self.shadow)
        middle = int(np.clip(ground, 4, HEIGHT - 6))
        line[middle - 3 : middle + 5] = touch
        self.shadow += strength * np.clip(0.75 * blur(line, (3, 6)) + 0.9 * blur(line, (12, 24)), 0, 0.75)
        return self

    def lie(self, strength: float = 0.34, offset: tuple[int, int] = (4, 9), spread: float = 9.0) -> Scene:
        """Adds the soft shadow of an object lying or hanging close to the white surface."""
        cast = np.roll(self.alpha, (offset[1], offset[0]), (0, 1))
        tight = np.roll(self.alpha, (offset[1] // 3, offset[0] // 3), (0, 1))
        self.shadow += strength * (blur(cast, spread) + 0.5 * blur(tight, spread / 4))
        return self

    def absorb(self, other: Scene, shadow: float = 0.4, offset: tuple[int, int] = (4, 6), spread: float = 8.0) -> None:
        """Stacks a whole object drawn separately, with its ground shadow."""
        cast = blur(np.roll(other.alpha, (offset[1], offset[0]), (0, 1)), spread)
        self.light *= (1 - shadow * cast)[..., None]
        self.light = self.light * (1 - other.alpha[..., None]) + other.light
        self.alpha = self.alpha * (1 - other.alpha) + other.alpha
        self.shadow += other.shadow

    def image(self) -> Image.Image:
        """The photograph at catalogue size."""
        ground = np.repeat((1 - 0.8 * np.clip(self.shadow, 0, 0.9))[..., None], 3, axis=2)
        bright = self.light
        bright = np.where(bright > 0.8, 0.8 + 0.2 * np.tanh((bright - 0.8) / 0.25), bright)
        whole = np.clip(ground * (1 - self.alpha[..., None]) + bright, 0, 1)
        width, height = OUTPUT_SIZE
        small = whole.reshape(height, HEIGHT // height, width, WIDTH // width, 3).mean((1, 3))
        drawn = Image.fromarray((np.power(small, 1 / 2.2) * 255 + 0.5).astype(np.uint8))
        plain = np.clip(bright / np.maximum(self.alpha, 1e-3)[..., None], 0, 1)
        rgba = cut_out(np.power(plain, 1 / 2.2) * self.alpha[..., None], self.alpha)
        drawn.info["cutout"] = Cutout(rgba, np.zeros_like(self.alpha))
        return drawn
