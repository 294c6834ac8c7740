"""Drawing studio of the demo catalog: cloth, leather and metal under soft studio light.

All geometry is in canvas pixels: x to the right in 0..600, y downwards in 0..800 (``WIDTH``, ``HEIGHT``),
twice the size of the picture that is written.  Colours are sRGB triples of floats in 0..1.

A drawing function takes a :class:`Look` and returns the finished picture::

    def draw_cap(look: Look) -> Image.Image:
        scene = Scene(look)
        crown = outline([(180, 420), (300, 250), (420, 420)])
        scene.part(crown, solid(look.rgb), fabric="twill", puff=90, lift=0.6)
        scene.stitches([(190, 410), (300, 395), (410, 410)])
        return scene.finish(shadow="floor")

    DRAW = {"Caps": draw_cap}

* ``Scene.part`` lays one solid piece (body, sleeve, sole, strap): it casts a soft shadow on what lies below,
  gets a height field (inflated silhouette + folds + crumple), normals and light.
* ``Scene.ink`` gives a skia canvas for flat prints and lines; they take the light of the cloth below them.
* ``Scene.seam``, ``stitches``, ``button``, ``zip_line``, ``label``, ``rivet`` are the small trims.
* ``Scene.finish`` adds the shadow on the white ground, a slight turn and scale, and returns 300 x 400 pixels.
* A *fill* is a function of the cloth coordinates ``(u, v)`` (two (H, W) arrays of pixels, bent by the folds)
  that returns an (H, W, 3) array: ``solid``, ``stripes``, ``checks``, ``gingham``, ``dots``, ``tiled``,
  ``blocks``, ``fade``.  ``floral`` and ``motif`` make tiles for prints.

Randomness comes only from ``look.rng``, which is seeded from the item's id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import skia
from PIL import Image
from scipy.ndimage import distance_transform_edt, gaussian_filter, map_coordinates, zoom

WIDTH, HEIGHT = 600, 800
OUTPUT_SIZE = (300, 400)

Colour = tuple[float, float, float]
Point = tuple[float, float]
Points = Sequence[Sequence[Any]]  # of (x, y), or (x, y, mark of a corner)
Fill = Callable[[np.ndarray, np.ndarray], np.ndarray]
T = TypeVar("T")

# --------------------------------------------------------------------------------------------- colours

PALETTE: dict[str, tuple[str, ...]] = {
    "Black": ("1b1b1d", "232326", "17181c", "2b2a2b", "1e1c1e"),
    "White": ("f1f0ee", "eceded", "f4f2ec", "e9eaee"),
    "Blue": ("2f5f9e", "3f76b5", "5b8ec4", "28508a", "7aa3cd", "34689b"),
    "Brown": ("5b3a26", "6d4830", "4a3022", "7c5438", "543629"),
    "Grey": ("8b8c8e", "a3a4a6", "75777a", "b4b5b6", "68696c"),
    "Red": ("a8222b", "b92f33", "96202a", "c23a3c"),
    "Green": ("3d7347", "2e5d3c", "5a8a55", "4a7f63", "6f9a58"),
    "Pink": ("d77f9d", "e2a0b5", "c7557f", "e8b5c1"),
    "Navy Blue": ("1f2a48", "263356", "1a2340", "2d3a5c"),
    "Purple": ("5d3d76", "71508c", "4b2f62", "8467a0"),
    "Silver": ("b9bbbf", "a9acb1", "c6c7c9"),
    "Yellow": ("e3bf45", "edcf62", "d9b032"),
    "Beige": ("d3c2a4", "c8b594", "dccdb4"),
    "Gold": ("b8954d", "c6a35a", "a98343"),
    "Maroon": ("5e1f2b", "6d2633", "531b27"),
    "Orange": ("d7702f", "e08544", "c86124"),
    "Olive": ("62633a", "6f6f45", "565833"),
    "Cream": ("ece3cc", "e9dec5", "f0e8d6"),
    "Charcoal": ("3c3e42", "46484c", "35373b"),
    "Peach": ("eeb697", "e8a98c", "f2c3aa"),
    "Khaki": ("a7966d", "b3a27a", "988860"),
    "Teal": ("24686d", "2f7a7d", "1d5a61"),
    "Tan": ("b07d4d", "a57245", "bd8b5c"),
    "Mustard": ("c1922f", "b58626", "cb9d3f"),
}


def hex_colour(code: str) -> Colour:
    """An ``rrggbb`` code as floats in 0..1."""
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return red, green, blue


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Blend of two colours; ``share`` 0 gives the first, 1 the second."""
    red, green, blue = (float(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def darker(colour: Colour, share: float = 0.3) -> Colour:
    """The colour moved towards black by ``share``."""
    return mix(colour, (0.02, 0.02, 0.03), share)


def lighter(colour: Colour, share: float = 0.3) -> Colour:
    """The colour moved towards white by ``share``."""
    return mix(colour, (0.98, 0.98, 0.97), share)


def luminance(colour: Colour) -> float:
    """Rough perceived brightness in 0..1."""
    return 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]


def skia_colour(colour: Colour, alpha: float = 1.0) -> int:
    """The colour for ``skia.Paint(Color=...)``."""
    return skia.Color4f(*[float(c) for c in colour], float(alpha)).toColor()


@dataclass
class Cutout:
    """A drawn item without its white ground, before it is turned and scaled.

    ``rgba`` is (HEIGHT, WIDTH, 4) of bytes, not premultiplied; ``inside`` (HEIGHT, WIDTH) in 0..1 is where one sees
    its inside, such as that of a collar; ``measures`` are those of its cut, and ``ends`` the (outer, middle, inner)
    points of its sleeves' ends.
    """

    rgba: np.ndarray
    inside: np.ndarray
    measures: Any = None
    ends: list[list[Point]] = field(default_factory=list)

    @classmethod
    def of(cls, picture: Image.Image) -> Cutout:
        """The cut-out of a picture that a drawing function has returned."""
        cutout: Cutout = picture.info["cutout"]
        return cutout


def cut_out(colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """RGBA bytes (H, W, 4) of premultiplied display colour (H, W, 3) and coverage (H, W)."""
    plain = np.clip(colour / np.maximum(alpha, 1e-3)[..., None], 0, 1)
    return (np.dstack([plain, np.clip(alpha, 0, 1)]) * 255 + 0.5).astype(np.uint8)


@dataclass
class Look:
    """What is to be drawn: one catalog item and its own stream of random numbers."""

    item_id: int
    article: str
    colour: str
    usage: str
    gender: str
    rgb: Colour = (0.0, 0.0, 0.0)
    rng: np.random.Generator = field(default_factory=np.random.default_rng)

    @classmethod
    def of(cls, item_id: int, article: str, colour: str, usage: str, gender: str = "Unisex") -> Look:
        """A look whose shade and random numbers depend only on the item's id."""
        digest = hashlib.sha256(f"demo-catalog/{item_id}".encode()).digest()
        rng = np.random.default_rng(int.from_bytes(digest[:8], "little"))
        look = cls(item_id, article, colour, usage, gender, rng=rng)
        look.rgb = look.shade(colour)
        return look

    def span(self, low: float, high: float) -> float:
        """A uniform random number."""
        return float(self.rng.uniform(low, high))

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return bool(self.rng.random() < probability)

    def pick(self, *options: T) -> T:
        """One of the options, all equally likely."""
        return options[int(self.rng.integers(len(options)))]

    def shade(self, colour: str, spread: float = 0.035) -> Colour:
        """A random textile shade of a palette colour."""
        base = np.array(hex_colour(self.pick(*PALETTE[colour])))
        base = base * (1 + self.span(-2, 2) * spread + self.rng.normal(0, spread / 2, 3))
        red, green, blue = (float(c) for c in np.clip(base, 0.05, 0.96))
        return red, green, blue

    def contrast(self) -> Colour:
        """A colour for prints and stripes that stands out from the base colour."""
        names = (
            "White",
            "White",
            "Cream",
            "Grey",
            "Grey",
            "Beige",
            "Yellow",
            "Red",
            "Blue",
            "Navy Blue",
            "Navy Blue",
            "Black",
            "Maroon",
            "Teal",
            "Orange",
        )
        near = luminance(self.rgb)
        shades = [self.shade(name) for name in names]
        return self.pick(*[shade for shade in shades if abs(luminance(shade) - near) > 0.28])


# ------------------------------------------------------------------------------------------- geometry


def outline(points: Points, closed: bool = True, tension: float = 0.5) -> skia.Path:
    """Smooth path through control points ``(x, y)``; a point ``(x, y, "c")`` is a sharp corner."""
    count = len(points)
    xy = np.array([p[:2] for p in points], dtype=float)
    sharp = [len(p) > 2 for p in points]
    tangents = np.zeros_like(xy)
    for i in range(count):
        before, after = (i - 1) % count, (i + 1) % count
        if not closed and i in (0, count - 1):
            continue
        if not sharp[i]:
            tangents[i] = (xy[after] - xy[before]) * tension
    path = skia.Path()
    path.moveTo(*map(float, xy[0]))
    for i in range(count if closed else count - 1):
        j = (i + 1) % count
        length = float(np.linalg.norm(xy[j] - xy[i]))
        first = xy[i] + _handle(tangents[i], length)
        second = xy[j] - _handle(tangents[j], length)
        path.cubicTo(*map(float, (*first, *second, *xy[j])))
    if closed:
        path.close()
    return path


def _handle(tangent: np.ndarray, length: float) -> np.ndarray:
    """Bezier handle along the tangent, never longer than 0.4 of the segment."""
    size = np.linalg.norm(tangent)
    if size == 0:
        return tangent
    return tangent / size * min(size / 1.5, 0.4 * length)


def mirrored(points: Points, axis: float = WIDTH / 2) -> list[Any]:
    """Control points of a closed symmetric shape, from its right half given from the top to the bottom."""
    left = [(2 * axis - p[0], *p[1:]) for p in reversed(points)]
    if points[-1][0] == axis:
        left = left[1:]
    if points[0][0] == axis:
        left = left[:-1]
    return [*points, *left]


def flip(points: Points, axis: float = WIDTH / 2) -> list[Any]:
    """The points mirrored at a vertical axis."""
    return [(2 * axis - p[0], *p[1:]) for p in points]


def line(points: Points, tension: float = 0.5) -> skia.Path:
    """Smooth open path through the points."""
    return outline(points, closed=False, tension=tension)


def box(left: float, top: float, right: float, bottom: float, radius: float = 0.0) -> skia.Path:
    """Rectangle with rounded corners."""
    path = skia.Path()
    path.addRoundRect(skia.Rect.MakeLTRB(left, top, right, bottom), radius, radius)
    return path


def ellipse(x: float, y: float, rx: float, ry: float | None = None) -> skia.Path:
    """Ellipse around a centre; a circle without ``ry``."""
    ry = rx if ry is None else ry
    path = skia.Path()
    path.addOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry))
    return path


def ribbon(points: Points, width: float | Sequence[float]) -> skia.Path:
    """Closed band along a smooth centre line; ``width`` is its full width, one number or one per point."""
    samples, share = sample(line(points), 40)
    widths = np.interp(share, np.linspace(0, 1, np.size(width)), np.atleast_1d(width)) / 2
    tangent = np.gradient(samples, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True) + 1e-9
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1) * widths[:, None]
    edge = np.concatenate([samples + normal, (samples - normal)[::-1]])
    path = skia.Path()
    path.addPoly([skia.Point(float(x), float(y)) for x, y in edge], True)
    return path


def sample(path: skia.Path, count: int) -> tuple[np.ndarray, np.ndarray]:
    """``count`` points (count, 2) evenly along the first contour, and their share of its length (count,)."""
    measure = skia.PathMeasure(path, False)
    share = np.linspace(0, 1, count)
    points = []
    for part in share:
        position, tangent = skia.Point(0, 0), skia.Point(0, 0)
        found = measure.getPosTan(float(part * measure.getLength()))
        position, tangent = found if found is not None else (position, tangent)
        points.append((position.x(), position.y()))
    return np.array(points), share


def cut(path: skia.Path, other: skia.Path) -> skia.Path:
    """The path without the other one."""
    return skia.Op(path, other, skia.PathOp.kDifference_PathOp)


def overlap(path: skia.Path, other: skia.Path) -> skia.Path:
    """Where both paths are."""
    return skia.Op(path, other, skia.PathOp.kIntersect_PathOp)


def turned(path: skia.Path, degrees: float, x: float = WIDTH / 2, y: float = HEIGHT / 2) -> skia.Path:
    """The path rotated about a point."""
    matrix = skia.Matrix()
    matrix.setRotate(float(degrees), float(x), float(y))
    result = skia.Path()
    path.transform(matrix, result)
    return result


# ---------------------------------------------------------------------------------------------- folds


@dataclass
class Fold:
    """A ridge (``depth`` > 0) or a valley (``depth`` < 0) along a smooth line.

    ``width`` is the gaussian sigma in pixels, ``depth`` the height in pixels; the fold fades out at both
    ends, or only at its end if ``rooted`` (it springs from a seam).
    """

    points: Sequence[Point]
    width: float = 8.0
    depth: float = 4.0
    rooted: bool = False


def drape(
    look: Look,
    area: tuple[float, float, float, float],
    count: int,
    slant: float = 0.0,
    length: float = 0.7,
    width: float = 9.0,
    depth: float = 4.0,
) -> list[Fold]:
    """Hanging folds inside ``area`` (left, top, right, bottom), mostly downwards.

    ``slant`` is the sideways run per pixel downwards, ``length`` the mean share of the area's height.
    """
    left, top, right, bottom = area
    folds = []
    for _ in range(count):
        run = (bottom - top) * length * look.span(0.6, 1.3)
        x, y = look.span(min(left, right), max(left, right)), look.span(top, max(top + 1, bottom - run))
        lean = slant + look.span(-0.15, 0.15)
        bend = look.span(-0.06, 0.06) * run
        points = [(x, y), (x + lean * run / 2 + bend, y + run / 2), (x + lean * run, y + run)]
        folds.append(Fold(points, width * look.span(0.6, 1.4), depth * look.span(-1.0, 1.3)))
    return folds


def rays(
    look: Look,
    origin: Point,
    angles: tuple[float, float],
    count: int,
    length: float,
    width: float = 7.0,
    depth: float = 4.0,
) -> list[Fold]:
    """Pull folds that fan out from a point (armpit, crotch, strap); angles in degrees, 0 right, 90 down."""
    folds = []
    for i in range(count):
        share = (i + look.span(0.2, 0.8)) / count
        angle = np.radians(angles[0] + (angles[1] - angles[0]) * share)
        run = length * look.span(0.6, 1.2)
        bend = look.span(-0.12, 0.12) * run
        step = np.array([np.cos(angle), np.sin(angle)])
        side = np.array([-step[1], step[0]])
        start = np.array(origin) + step * run * look.span(0.02, 0.15)
        middle, end = start + step * run / 2 + side * bend, start + step * run
        points = [tuple(start), tuple(middle), tuple(end)]
        folds.append(Fold(points, width * look.span(0.7, 1.3), depth * look.pick(1, -1) * look.span(0.6, 1.2), True))
    return folds


def rings(
    look: Look, start: Point, end: Point, half: float, count: int, width: float = 7.0, depth: float = 4.0
) -> list[Fold]:
    """Short cross folds along a limb from ``start`` to ``end`` (crook of a sleeve, knee, ankle)."""
    first, last = np.array(start, float), np.array(end, float)
    along = (last - first) / (np.linalg.norm(last - first) + 1e-9)
    side = np.array([-along[1], along[0]])
    folds = []
    for _ in range(count):
        centre = first + (last - first) * look.span(0, 1) + side * half * look.span(-0.5, 0.5)
        reach = half * look.span(0.4, 1.0)
        tilt = along * reach * look.span(-0.5, 0.5)
        bulge = along * reach * look.span(-0.25, 0.25)
        points = [
            tuple(centre - side * reach - tilt),
            tuple(centre + bulge),
            tuple(centre + side * reach + tilt),
        ]
        folds.append(Fold(points, width * look.span(0.6, 1.3), depth * look.span(-1.1, 1.1)))
    return folds


def _fold_field(folds: Iterable[Fold], shape: tuple[int, int], corner: Point, scale: float) -> np.ndarray:
    """Height (H, W) of the folds on a grid with ``scale`` cells per pixel whose corner is at ``corner``."""
    height = np.zeros(shape)
    by_width: dict[int, np.ndarray] = {}
    for fold in folds:
        samples, share = sample(line(fold.points), 60)
        step = np.linalg.norm(np.diff(samples, axis=0), axis=1).sum() / 59 * scale
        fade = np.cos(share * np.pi / 2) ** 1.2 if fold.rooted else np.sin(share * np.pi) ** 0.8
        sigma = max(1, round(fold.width * scale))
        layer = by_width.setdefault(sigma, np.zeros(shape))
        column = np.round((samples[:, 0] - corner[0]) * scale).astype(int)
        row = np.round((samples[:, 1] - corner[1]) * scale).astype(int)
        inside = (column >= 0) & (column < shape[1]) & (row >= 0) & (row < shape[0])
        weight = fold.depth * fade * step * np.sqrt(2 * np.pi) * sigma
        np.add.at(layer, (row[inside], column[inside]), weight[inside])
    for sigma in sorted(by_width):
        height += gaussian_filter(by_width[sigma], sigma, truncate=3)
    return height


# --------------------------------------------------------------------------------------------- fabrics


def cloud(rng: np.random.Generator, shape: tuple[int, int], sigma: float | tuple[float, float]) -> np.ndarray:
    """Smooth noise (H, W) of about unit spread; ``sigma`` is its grain in cells (rows, columns)."""
    noise = gaussian_filter(rng.standard_normal(shape), sigma, mode="wrap", truncate=3)
    grain = np.prod(np.broadcast_to(sigma, 2))
    return (noise - noise.mean()) * np.sqrt(4 * np.pi * max(grain, 0.3))


Relief = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]


@dataclass
class Fabric:
    """How a material looks close up.

    ``relief(u, v, rng)`` gives fine heights (H, W) of about -1..1; ``tone`` is how much they darken
    or lighten the colour, ``bump`` how much they tilt the surface; ``gloss``/``tight`` are strength and
    exponent of the highlight, ``sheen`` a soft brightening of dark cloth facing the light.
    """

    relief: Relief
    tone: float = 0.03
    bump: float = 0.1
    gloss: float = 0.0
    tight: float = 12.0
    sheen: float = 0.02


def _weave(u: np.ndarray, v: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    threads = np.sin(u * 2 * np.pi / 5) * np.sin(v * 2 * np.pi / 5)
    return 0.5 * threads + 0.5 * cloud(rng, u.shape, (1.2, 1.2))


def _twill(u: np.ndarray, v: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return 0.6 * np.sin((u + v) * 2 * np.pi / 6) + 0.5 * cloud(rng, u.shape, (1.5, 1.5))


def _denim(u: np.ndarray, v: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    slub = cloud(rng, u.shape, (9, 0.8))
    worn = cloud(rng, u.shape, (30, 22))
    return 0.35 * np.sin((u + v) * 2 * np.pi / 6) + 0.55 * slub + 0.5 * cloud(rng, u.shape, 1) + 0.5 * worn


def _knit(u: np.ndarray, v: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    loops = np.sin(v * 2 * np.pi / 8 + 1.6 * np.abs(np.sin(u * np.pi / 9)))
    return 0.7 * loops * np.abs(np.sin(u * np.pi / 9)) + 0.3 * cloud(rng, u.shape, 1.5)


def _rib(u: np.ndarray, v: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.sin(u * 2 * np.pi / 9) + 0.2 * cloud(rng, u.shape, 1.5)


def _jersey(u: np.ndarray, v: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return 0.6 * cloud(rng, u.shape, (2.5, 0.8)) + 0.5 * cloud(rng, u.shape, 1)


def _leather(u: np.ndarray, v: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    grain = np.abs(cloud(rng, u.shape, 2.2)) - 0.8
    return -0.6 * grain + 0.5 * cloud(rng, u.shape, 25)


def _suede(u: np.ndarray, v: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return 0.5 * cloud(rng, u.shape, 1.2) + 0.7 * cloud(rng, u.shape, (14, 9))


def _canvas(u: np.ndarray, v: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return 0.7 * np.sin(u * 2 * np.pi / 6) * np.sin(v * 2 * np.pi / 6) + 0.4 * cloud(rng, u.shape, 1)


def _mesh(u: np.ndarray, v: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    holes = np.cos(u * 2 * np.pi / 9) + np.cos((u * 0.5 + v * 0.87) * 2 * np.pi / 9)
    return np.clip(holes, -1.6, 0.3)


def _fleece(u: np.ndarray, v: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return 0.6 * cloud(rng, u.shape, 2.0) + 0.5 * cloud(rng, u.shape, 5)


def _brushed(u: np.ndarray, v: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return 0.6 * cloud(rng, u.shape, (0.7, 14))


def _plain(u: np.ndarray, v: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return 0.3 * cloud(rng, u.shape, 1)


FABRICS: dict[str, Fabric] = {
    "weave": Fabric(_weave, tone=0.025, bump=0.06, sheen=0.02),
    "twill": Fabric(_twill, tone=0.03, bump=0.07, sheen=0.02),
    "denim": Fabric(_denim, tone=0.075, bump=0.08, sheen=0.015),
    "knit": Fabric(_knit, tone=0.05, bump=0.22, sheen=0.02),
    "rib": Fabric(_rib, tone=0.05, bump=0.30, sheen=0.02),
    "jersey": Fabric(_jersey, tone=0.02, bump=0.05, sheen=0.02),
    "leather": Fabric(_leather, tone=0.035, bump=0.12, gloss=0.20, tight=18, sheen=0.02),
    "patent": Fabric(_plain, tone=0.01, bump=0.02, gloss=0.55, tight=40, sheen=0.02),
    "suede": Fabric(_suede, tone=0.05, bump=0.06, sheen=0.03),
    "canvas": Fabric(_canvas, tone=0.04, bump=0.12, sheen=0.02),
    "mesh": Fabric(_mesh, tone=0.08, bump=0.12, sheen=0.02),
    "fleece": Fabric(_fleece, tone=0.04, bump=0.14, sheen=0.03),
    "satin": Fabric(_plain, tone=0.01, bump=0.02, gloss=0.10, tight=8, sheen=0.04),
    "nylon": Fabric(_plain, tone=0.015, bump=0.03, gloss=0.05, tight=10, sheen=0.03),
    "metal": Fabric(_brushed, tone=0.04, bump=0.04, gloss=0.75, tight=26, sheen=0.05),
    "rubber": Fabric(_plain, tone=0.015, bump=0.03, gloss=0.08, tight=10, sheen=0.02),
    "glass": Fabric(lambda u, v, rng: np.zeros(u.shape), tone=0.0, bump=0.0, gloss=0.6, tight=60, sheen=0.03),
    "plain": Fabric(_plain, tone=0.015, bump=0.03, sheen=0.02),
}


# ----------------------------------------------------------------------------------------------- fills


def _blend(weight: np.ndarray, first: Colour, second: Colour) -> np.ndarray:
    weight = np.clip(weight, 0, 1)[..., None]
    return np.array(first) * (1 - weight) + np.array(second) * weight


def _bars(position: np.ndarray, period: float, share: float, soft: float = 1.2) -> np.ndarray:
    """Weight 0..1 of bars that take ``share`` of each period, with soft edges of ``soft`` pixels."""
    phase = np.abs((position / period) % 1 - 0.5) * period
    return np.clip((phase - period * (1 - share) / 2) / soft + 0.5, 0, 1)


def solid(colour: Colour) -> Fill:
    """One colour."""
    return lambda u, v: np.broadcast_to(np.array(colour), (*u.shape, 3)).copy()


def stripes(base: Colour, bar: Colour, period: float = 24, share: float = 0.4, degrees: float = 0) -> Fill:
    """Bars of a second colour; 0 degrees gives level stripes, 90 upright ones."""
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    return lambda u, v: _blend(_bars(u * sine + v * cosine, period, share), base, bar)


def checks(base: Colour, bars: Sequence[Colour], period: float = 60) -> Fill:
    """Tartan: crossing translucent bars of different widths."""

    def fill(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        colour = np.broadcast_to(np.array(base), (*u.shape, 3)).copy()
        for i, bar in enumerate(bars):
            share, shift = (0.36, 0.11, 0.06)[i % 3], i * period * 0.31
            weight = (_bars(u + shift, period, share) + _bars(v + shift, period, share)) * 0.42
            colour += (np.array(bar) - colour) * weight[..., None]
        return colour

    return fill


def gingham(base: Colour, bar: Colour, period: float = 28) -> Fill:
    """Small even checks of two colours and their half tone."""
    return lambda u, v: _blend((_bars(u, period, 0.5) + _bars(v, period, 0.5)) / 2, base, bar)


def dots(base: Colour, dot: Colour, period: float = 30, size: float = 0.22) -> Fill:
    """Dots of radius ``size`` periods on a staggered grid."""

    def fill(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        row = np.floor(v / period)
        across = (u / period + 0.5 * (row % 2)) % 1 - 0.5
        down = (v / period) % 1 - 0.5
        return _blend((size - np.hypot(across, down)) * period / 1.5 + 0.5, base, dot)

    return fill


def blocks(colours: Sequence[Colour], edges: Sequence[float], upright: bool = False) -> Fill:
    """Colour blocks: ``colours[i + 1]`` starts at pixel ``edges[i]`` downwards (or rightwards)."""

    def fill(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        position = u if upright else v
        colour = np.broadcast_to(np.array(colours[0]), (*u.shape, 3)).copy()
        for edge, following in zip(edges, colours[1:], strict=True):
            weight = np.clip(position - edge + 0.5, 0, 1)[..., None]
            colour += (np.array(following) - colour) * weight
        return colour

    return fill


def fade(first: Colour, second: Colour, start: float, end: float) -> Fill:
    """Smooth change of colour downwards between two heights."""
    return lambda u, v: _blend((v - start) / (end - start), first, second)


def tiled(tile: np.ndarray, scale: float = 1.0) -> Fill:
    """A repeating print: ``tile`` is an (h, w, 3) array of colours in 0..1."""

    def fill(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        where = [(v / scale) % tile.shape[0], (u / scale) % tile.shape[1]]
        return np.stack([map_coordinates(tile[..., k], where, order=1, mode="grid-wrap") for k in range(3)], -1)

    return fill


def paint_tile(size: int, ground: Colour, marks: Sequence[tuple[skia.Path, Colour]]) -> np.ndarray:
    """Repeating tile (size, size, 3) with marks that wrap around its edges."""
    surface = skia.Surface(size, size)
    canvas = surface.getCanvas()
    canvas.clear(skia_colour(ground))
    for path, colour in marks:
        paint = skia.Paint(AntiAlias=True, Color=skia_colour(colour))
        for dx in (-size, 0, size):
            for dy in (-size, 0, size):
                canvas.save()
                canvas.translate(dx, dy)
                canvas.drawPath(path, paint)
                canvas.restore()
    return _surface_rgba(surface)[..., :3]


def floral(
    look: Look, ground: Colour, petals: Sequence[Colour], leaf: Colour, size: int = 190, flowers: int = 9
) -> Fill:
    """All-over flower print."""
    marks = []
    for i in range(flowers * 3):
        x, y, turn = look.span(0, size), look.span(0, size), look.span(0, 360)
        marks.append(
            (
                turned(outline([(x - 12, y), (x, y - 4), (x + 12, y), (x, y + 4)]), turn, x, y),
                mix(leaf, ground, look.span(0, 0.5)),
            )
        )
        if i % 3:
            continue
        radius, colour, count = look.span(8, 19), look.pick(*petals), look.pick(5, 5, 6)
        for k in range(count):
            petal = ellipse(x, y - radius * 0.62, radius * 0.40, radius * 0.58)
            tone = mix(colour, ground, 0.25 * (k % 2))
            marks.append((turned(petal, turn + 360 * k / count, x, y), tone))
        marks.append((ellipse(x, y, radius * 0.24), darker(colour, 0.35)))
    return tiled(paint_tile(size, ground, marks))


def motif(look: Look, ground: Colour, ink: Colour, size: int = 64) -> Fill:
    """Small geometric repeat such as on ties, scarves and printed shirts."""
    half, radius = size / 2, size * look.span(0.12, 0.2)
    kind = look.pick("diamond", "ring", "drop", "cross")
    marks = []
    for x, y in ((half / 2, half / 2), (half * 1.5, half * 1.5)):
        if kind == "diamond":
            corners = [(x, y - radius, "c"), (x + radius, y, "c"), (x, y + radius, "c"), (x - radius, y, "c")]
            marks.append((outline(corners), ink))
        elif kind == "ring":
            marks.append((cut(ellipse(x, y, radius), ellipse(x, y, radius * 0.5)), ink))
        elif kind == "drop":
            marks.append(
                (
                    outline(
                        [
                            (x, y - radius * 1.2, "c"),
                            (x + radius * 0.7, y + radius * 0.4),
                            (x, y + radius),
                            (x - radius * 0.7, y + radius * 0.4),
                        ]
                    ),
                    ink,
                )
            )
        else:
            marks.append((box(x - radius, y - radius / 4, x + radius, y + radius / 4), ink))
            marks.append((box(x - radius / 4, y - radius, x + radius / 4, y + radius), ink))
    return tiled(paint_tile(size, ground, marks))


def _surface_rgba(surface: skia.Surface) -> np.ndarray:
    """Unpremultiplied RGBA floats (H, W, 4) of a surface."""
    image = surface.makeImageSnapshot()
    return image.toarray(colorType=skia.kRGBA_8888_ColorType).astype(np.float32) / 255


# ----------------------------------------------------------------------------------------------- scene

_KEY_LIGHT = np.array([-0.50, -0.58, 0.62]) / np.linalg.norm([-0.50, -0.58, 0.62])
_FILL_LIGHT = np.array([0.65, -0.10, 0.75]) / np.linalg.norm([0.65, -0.10, 0.75])
_VIEW = np.array([0.0, 0.0, 1.0])
_HALF_VECTOR = (_KEY_LIGHT + _VIEW) / np.linalg.norm(_KEY_LIGHT + _VIEW)
_AMBIENT, _KEY, _FILL = 0.20, 0.80, 0.20
_FLAT = _AMBIENT + _KEY * _KEY_LIGHT[2] + _FILL * _FILL_LIGHT[2]
_INSIDE_TONE = 0.7  # pieces with less light are the inside of a garment
_RAKE = 1.8  # exaggerates the slopes of folds, as a low light does


def _doubled(values: np.ndarray) -> np.ndarray:
    """A field on the half-resolution grid, (2 H, 2 W)."""
    return zoom(values, 2, order=1, grid_mode=True, mode="nearest")


def _mask(
    path: skia.Path, scale: float = 1.0, corner: Point = (0, 0), shape: tuple[int, int] | None = None
) -> np.ndarray:
    """Anti-aliased coverage (H, W) in 0..1 of a path."""
    rows, columns = shape or (int(HEIGHT * scale), int(WIDTH * scale))
    surface = skia.Surface(columns, rows)
    canvas = surface.getCanvas()
    canvas.scale(scale, scale)
    canvas.translate(-float(corner[0]), -float(corner[1]))
    canvas.drawPath(path, skia.Paint(AntiAlias=True, Color=skia.ColorWHITE))
    return _surface_rgba(surface)[..., 3]


class Scene:
    """One picture in the making: premultiplied colour, coverage and light, all (HEIGHT, WIDTH[, 3])."""

    def __init__(self, look: Look):
        self.look = look
        self.colour = np.zeros((HEIGHT, WIDTH, 3), np.float32)
        self.alpha = np.zeros((HEIGHT, WIDTH), np.float32)
        self.light = np.ones((HEIGHT, WIDTH), np.float32)
        self.inside = np.zeros((HEIGHT, WIDTH), np.float32)
        self.measures: Any = None
        self.ends: list[list[Point]] = []

    def part(
        self,
        path: skia.Path,
        fill: Fill,
        *,
        fabric: str = "weave",
        puff: float = 60,
        lift: float = 0.35,
        folds: Iterable[Fold] = (),
        crumple: float = 0.0,
        grain: float = 0.0,
        cast: float = 0.35,
        reach: float = 7.0,
        tone: float = 1.0,
        opacity: float = 1.0,
        hanging: bool = False,
    ) -> None:
        """Lay one piece on the picture.

        ``puff`` is the width in pixels over which the edge curves away and ``lift`` the height of that curve
        as a share of it (0 flat, 0.35 soft cloth, 1 a tube); ``crumple`` the height in pixels of random
        creases; ``grain`` turns weave and pattern, in degrees; ``cast``/``reach`` are strength and softness
        of the shadow on the pieces below; ``tone`` scales the light (inside of a neck: about 0.6);
        ``hanging`` leaves the lower edge uncurved, as an open hem is.
        """
        bounds = path.computeTightBounds()
        left, top = max(0, int(bounds.left()) - 4) // 2 * 2, max(0, int(bounds.top()) - 4) // 2 * 2
        right, bottom = min(WIDTH, int(bounds.right()) + 6), min(HEIGHT, int(bounds.bottom()) + 6)
        rows, columns = (bottom - top) // 2 * 2, (right - left) // 2 * 2
        if rows < 4 or columns < 4:
            return
        window = (slice(top, top + rows), slice(left, left + columns))
        coverage = _mask(path, 1.0, (left, top), (rows, columns)) * opacity
        self._cast_shadow(path, cast, reach)

        material = FABRICS[fabric]
        height = self._height(path, (left, top), (rows // 2, columns // 2), puff, lift, folds, crumple, hanging)
        slope_y, slope_x = (_doubled(slope) for slope in np.gradient(height, 2.0))
        hollow = _doubled(gaussian_filter(height, 7) - height)

        v, u = np.mgrid[top : top + rows, left : left + columns].astype(np.float32)
        u, v = u + np.clip(slope_x, -1, 1) * 5 - WIDTH / 2, v + np.clip(slope_y, -1, 1) * 5
        angle = np.radians(grain)
        u, v = u * np.cos(angle) + v * np.sin(angle), v * np.cos(angle) - u * np.sin(angle)
        relief = material.relief(u, v, self.look.rng)
        bump_y, bump_x = np.gradient(relief * material.bump)
        shade, highlight = _shine(_RAKE * slope_x + bump_x, _RAKE * slope_y + bump_y, material)
        shade = shade * np.clip(1 - 0.045 * hollow, 0.72, 1.06) * tone

        albedo = np.clip(fill(u, v) * (1 + material.tone * relief)[..., None], 0, 1)
        linear = albedo**2.2 * shade[..., None] + (highlight * tone)[..., None]
        linear += material.sheen * np.maximum(shade - 0.75, 0)[..., None] * (1 - albedo)
        rgb = np.clip(linear, 0, 1) ** (1 / 2.2)

        keep = (1 - coverage)[..., None]
        self.colour[window] = self.colour[window] * keep + rgb * coverage[..., None]
        self.light[window] = self.light[window] * (1 - coverage) + shade * coverage
        self.alpha[window] = self.alpha[window] * (1 - coverage) + coverage
        self.inside[window] = self.inside[window] * (1 - coverage) + coverage * (tone < _INSIDE_TONE)

    def _height(
        self,
        path: skia.Path,
        corner: Point,
        shape: tuple[int, int],
        puff: float,
        lift: float,
        folds: Iterable[Fold],
        crumple: float,
        hanging: bool,
    ) -> np.ndarray:
        """Height field (H, W) in pixels on a grid of half resolution."""
        inside = _mask(path, 0.5, corner, shape)
        solid_below = np.pad(inside > 0.5, 1)
        if hanging:
            solid_below = _swept_down(np.pad(solid_below, ((0, int(puff / 2)), (0, 0))))
        depth = distance_transform_edt(solid_below)[1 : shape[0] + 1, 1:-1] * 2
        rise = 1 - np.clip(depth / max(puff, 1), 0, 1)
        height = puff * lift * np.sqrt(np.clip(1 - rise**2, 0, 1))
        height = gaussian_filter(height, max(0.8, min(puff * 0.06, 5)), truncate=3)
        if crumple:
            broad = cloud(self.look.rng, shape, (26, 15))
            creases = 1 - np.abs(cloud(self.look.rng, shape, (15, 9)))
            height = height + gaussian_filter(crumple * (0.9 * broad + 0.8 * creases), 2)
        folds = list(folds)
        return height + _fold_field(folds, shape, corner, 0.5) if folds else height

    def _cast_shadow(self, path: skia.Path, strength: float, reach: float) -> None:
        """Darken what lies under a piece, a little below and to the right of it."""
        if strength <= 0 or not self.alpha.any():
            return
        shifted = skia.Path(path)
        shifted.offset(reach * 0.35, reach * 0.6)
        blurred = _doubled(gaussian_filter(_mask(shifted, 0.5), reach / 2, truncate=3))
        self.colour *= (1 - strength * blurred)[..., None]

    @contextmanager
    def ink(self, within: skia.Path | None = None, shaded: bool = True, strength: float = 1.0) -> Iterator[Any]:
        """A skia canvas (canvas pixels) whose drawing is laid flat on the picture.

        It takes the light of the cloth below if ``shaded``, shows only on existing pieces, and only inside
        ``within`` where that is given.
        """
        surface = skia.Surface(WIDTH, HEIGHT)
        canvas = surface.getCanvas()
        if within is not None:
            canvas.clipPath(within, doAntiAlias=True)
        yield canvas
        rgba = _surface_rgba(surface)
        coverage = rgba[..., 3] * self.alpha * strength
        light = self.light if shaded else np.ones_like(self.light)
        rgb = np.clip(rgba[..., :3] ** 2.2 * light[..., None], 0, 1) ** (1 / 2.2)
        self.colour = self.colour * (1 - coverage)[..., None] + rgb * coverage[..., None]

    def stroke(
        self,
        path: skia.Path,
        colour: Colour,
        width: float = 2.0,
        alpha: float = 1.0,
        dash: Sequence[float] | None = None,
        blur: float = 0.0,
        within: skia.Path | None = None,
    ) -> None:
        """Draw a line on the cloth."""
        paint = skia.Paint(
            AntiAlias=True,
            Color=skia_colour(colour, alpha),
            StrokeWidth=width,
            Style=skia.Paint.kStroke_Style,
            StrokeCap=skia.Paint.kRound_Cap,
        )
        if dash:
            paint.setPathEffect(skia.DashPathEffect.Make(list(map(float, dash)), 0.0))
        if blur:
            paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
        with self.ink(within) as canvas:
            canvas.drawPath(path, paint)

    def seam(
        self, points: skia.Path | Points, depth: float = 0.35, width: float = 2.0, within: skia.Path | None = None
    ) -> None:
        """A sewn seam: dark groove with a faint light edge.  ``points`` is a list of points or a path."""
        path = points if isinstance(points, skia.Path) else line(points)
        light_edge = skia.Path(path)
        light_edge.offset(1.4, 1.8)
        with self.ink(within) as canvas:
            for drawn, colour, alpha, size, blur in (
                (path, skia.ColorBLACK, depth * 0.5, width * 2.6, 2.2),
                (light_edge, skia.ColorWHITE, depth * 0.28, width, 0.8),
                (path, skia.ColorBLACK, depth, width * 0.8, 0.4),
            ):
                paint = skia.Paint(AntiAlias=True, Color=colour, StrokeWidth=size, Style=skia.Paint.kStroke_Style)
                paint.setAlphaf(float(alpha))
                paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
                canvas.drawPath(drawn, paint)

    def stitches(
        self,
        points: skia.Path | Points,
        colour: Colour | None = None,
        width: float = 1.6,
        within: skia.Path | None = None,
        alpha: float = 0.8,
    ) -> None:
        """Top stitching; by default in a slightly lighter tone of the item's colour."""
        path = points if isinstance(points, skia.Path) else line(points)
        colour = colour or lighter(self.look.rgb, 0.22)
        below = skia.Path(path)
        below.offset(0.8, 1.2)
        self.stroke(below, (0, 0, 0), width, 0.25, within=within)
        self.stroke(path, colour, width, alpha, dash=(5, 3), within=within)

    def button(self, x: float, y: float, radius: float = 5.5, colour: Colour | None = None) -> None:
        """A sewn button with four holes."""
        colour = colour or lighter(self.look.rgb, 0.45)
        self.part(ellipse(x, y, radius), solid(colour), fabric="rubber", puff=radius, lift=0.35, cast=0.5, reach=4)
        with self.ink() as canvas:
            hole = skia.Paint(AntiAlias=True, Color=skia_colour(darker(colour, 0.6)))
            for dx, dy in ((-1, -1), (1, -1), (-1, 1), (1, 1)):
                canvas.drawCircle(x + dx * radius * 0.26, y + dy * radius * 0.26, max(0.7, radius * 0.13), hole)

    def rivet(self, x: float, y: float, radius: float = 3.5, colour: Colour = (0.72, 0.55, 0.32)) -> None:
        """A small metal stud."""
        self.part(ellipse(x, y, radius), solid(colour), fabric="metal", puff=radius, lift=0.8, cast=0.5, reach=3)

    def zip_line(
        self,
        points: Points,
        colour: Colour = (0.62, 0.62, 0.64),
        tape: Colour | None = None,
        width: float = 5.0,
        pull: bool = True,
    ) -> None:
        """A zip along the points: tape, teeth and, at the first point, the puller."""
        path = line(points)
        self.stroke(path, tape or darker(self.look.rgb, 0.35), width * 2.2)
        self.stroke(path, colour, width, dash=(2.5, 2.5))
        self.seam(path, 0.4, 1.2)
        if pull:
            x, y = points[0][:2]
            self.part(box(x - 3.5, y - 2, x + 3.5, y + 8, 2), solid(colour), fabric="metal", puff=4, lift=0.6)
            self.part(box(x - 2.5, y + 7, x + 2.5, y + 24, 2), solid(colour), fabric="metal", puff=3, lift=0.5)

    def label(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        colour: Colour,
        ink: Colour,
        fabric: str = "satin",
    ) -> None:
        """A woven or leather label with lines that read as small lettering, its centre at (x, y)."""
        left, top = x - width / 2, y - height / 2
        self.part(
            box(left, top, left + width, top + height, 1.5),
            solid(colour),
            fabric=fabric,
            puff=3,
            lift=0.3,
            cast=0.4,
            reach=3,
        )
        with self.ink() as canvas:
            paint = skia.Paint(AntiAlias=True, Color=skia_colour(ink))
            cursor, right = left + width * 0.15, left + width * 0.85
            while cursor < right:
                letter = min(height * self.look.span(0.12, 0.28), right - cursor)
                canvas.drawRect(skia.Rect.MakeXYWH(cursor, y - height * 0.18, letter * 0.7, height * 0.36), paint)
                cursor += letter + height * 0.1

    def finish(
        self,
        shadow: str = "wall",
        turn: float = 2.0,
        sizes: tuple[float, float] = (0.92, 1.12),
        shift: float = 8.0,
    ) -> Image.Image:
        """The finished 300 x 400 picture on white.

        ``shadow``: "wall" (lying flat or hung before white), "floor" (standing; dark contact at the bottom)
        or "none".  ``turn`` is the largest rotation in degrees, ``sizes`` the range of scale, ``shift`` the
        largest displacement in pixels; all three are drawn at random.
        """
        look = self.look
        layers = np.dstack([self.colour, self.alpha, self._ground_shadow(shadow)])
        layers = _placed(
            layers,
            look.span(-turn, turn),
            look.span(*sizes),
            (look.span(-shift, shift), look.span(-shift, shift)),
        )
        colour, alpha, dark = layers[..., :3], layers[..., 3:4], layers[..., 4:5]
        backdrop = (1 - np.clip(dark, 0, 0.9)) * np.array([1.0, 1.0, 1.0])
        picture = colour + backdrop * (1 - alpha)
        picture = picture * (1 + look.span(-0.025, 0.02) * alpha)
        picture += look.rng.normal(0, 0.004, picture.shape) * alpha
        drawn = Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))
        drawn.info["cutout"] = Cutout(cut_out(self.colour, self.alpha), self.inside, self.measures, self.ends)
        return drawn

    def _ground_shadow(self, kind: str) -> np.ndarray:
        """Darkness (HEIGHT, WIDTH) of the shadow on the white ground."""
        small = self.alpha[::2, ::2]
        if kind == "none":
            return np.zeros_like(self.alpha)
        if kind == "wall":
            moved = np.roll(small, (5, 3), (0, 1))
            dark = 0.17 * gaussian_filter(moved, 6) + 0.10 * gaussian_filter(np.roll(moved, 6, 0), 16)
            return _doubled(dark * _fading_border(dark.shape, 24))
        rows = np.flatnonzero(small.max(axis=1) > 0.5)
        floor = rows[-1] if rows.size else small.shape[0] - 1
        near = np.arange(small.shape[0])[:, None]
        weight = np.exp(-((floor - near) / 14.0)) * (near <= floor)
        profile = (small * weight).max(axis=0)
        contact = np.zeros_like(small)
        contact[max(0, floor - 2) : floor + 3] = profile
        tight, wide = gaussian_filter(contact, (2.2, 3)), gaussian_filter(contact, (8, 16))
        dark = 0.55 * tight / (tight.max() + 1e-6) + 0.22 * wide / (wide.max() + 1e-6)
        return _doubled(dark * _fading_border(dark.shape, 24))


def _fading_border(shape: tuple[int, int], width: int) -> np.ndarray:
    """Weights (H, W) that fall to 0 at the border of the picture."""
    rows, columns = (np.clip(np.minimum(np.arange(n), n - 1 - np.arange(n)) / width, 0, 1) for n in shape)
    return rows[:, None] * columns


def _swept_down(inside: np.ndarray) -> np.ndarray:
    """The mask (H, W) together with its copies up to 63 rows further down."""
    for step in (1, 2, 4, 8, 16, 32):
        inside[step:] = inside[step:] | inside[:-step].copy()
    return inside


def photographed(picture: Image.Image, item_id: int) -> Image.Image:
    """The picture as another camera sees it: exposure and white balance differ, pure white stays white."""
    digest = hashlib.sha256(f"demo-camera/{item_id}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "little"))
    exponents = np.exp(rng.uniform(-0.20, 0.20) + rng.normal(0, 0.015, 3))
    levels = np.round(255 * (np.arange(256) / 255)[:, None] ** exponents).astype(np.uint8)
    return picture.point([int(level) for channel in levels.T for level in channel])


def _shine(slope_x: np.ndarray, slope_y: np.ndarray, material: Fabric) -> tuple[np.ndarray, np.ndarray]:
    """Diffuse light (1 on a flat piece) and highlight, both (H, W), of a surface with the given slopes."""
    normal = np.stack([-slope_x, -slope_y, np.ones_like(slope_x)], -1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    key, fill = np.maximum(normal @ _KEY_LIGHT, 0), np.maximum(normal @ _FILL_LIGHT, 0)
    shade = (_AMBIENT + _KEY * key + _FILL * fill) / _FLAT
    highlight = material.gloss * np.maximum(normal @ _HALF_VECTOR, 0) ** material.tight
    flat = material.gloss * _HALF_VECTOR[2] ** material.tight
    return shade.astype(np.float32), np.maximum(highlight - flat * 0.6, 0) * 0.6


def _placed(layers: np.ndarray, degrees: float, size: float, move: Point) -> np.ndarray:
    """All layers (H, W, K) rotated, scaled, moved and reduced to the output size."""
    angle = np.radians(degrees)
    cosine, sine = np.cos(angle) / size, np.sin(angle) / size
    cx, cy = WIDTH / 2 + move[0], HEIGHT / 2 + move[1]
    inverse = (
        cosine,
        sine,
        WIDTH / 2 - cosine * cx - sine * cy,
        -sine,
        cosine,
        HEIGHT / 2 + sine * cx - cosine * cy,
    )
    result = []
    for k in range(layers.shape[2]):
        image = Image.fromarray(layers[..., k].astype(np.float32), mode="F")
        image = image.transform((WIDTH, HEIGHT), Image.Transform.AFFINE, inverse, Image.Resampling.BILINEAR)
        result.append(np.asarray(image.resize(OUTPUT_SIZE, Image.Resampling.BOX)))
    return np.dstack(result)
