"""Patterns and prints shared by the apparel drawings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import skia

from tools.demo_catalog.studio import (
    Colour,
    Fill,
    Look,
    Points,
    Scene,
    blocks,
    box,
    checks,
    cloud,
    cut,
    darker,
    dots,
    ellipse,
    floral,
    gingham,
    lighter,
    line,
    luminance,
    mix,
    motif,
    outline,
    sample,
    skia_colour,
    solid,
    stripes,
    turned,
)

# Strokes of capitals and digits on a grid 2 wide and 4 high.
_LETTERS = {
    "A": "04 11 10 20 22 24|12 22",
    "B": "00 20 22 02|22 24 04 00",
    "C": "20 00 04 24",
    "D": "00 10 21 23 14 04 00",
    "E": "20 00 04 24|02 12",
    "H": "00 04|20 24|02 22",
    "I": "10 14",
    "K": "00 04|20 02 24",
    "L": "00 04 24",
    "M": "04 00 12 20 24",
    "N": "04 00 24 20",
    "O": "00 20 24 04 00",
    "R": "04 00 20 22 02|12 24",
    "S": "20 00 02 22 24 04",
    "T": "00 20|10 14",
    "U": "00 04 24 20",
    "V": "00 14 20",
    "W": "00 04 12 24 20",
    "0": "00 20 24 04 00",
    "1": "01 10 14",
    "2": "00 20 22 02 04 24",
    "4": "00 02 22|20 24",
    "7": "00 20 14",
    "8": "02 00 20 24 04 02 22",
    "9": "22 02 00 20 24 04",
}
_WORDS = ("NORTH", "WILD", "COAST", "RIDER", "LAKE", "STATE", "TRAIL", "SUN", "WAVE", "ROAD", "CLUB", "HILL")


def lettering(word: str, left: float, top: float, height: float) -> skia.Path:
    """Centre lines of a word in block capitals."""
    path, unit = skia.Path(), height / 4
    for number, letter in enumerate(word):
        for strand in _LETTERS.get(letter, "00 24").split("|"):
            for i, place in enumerate(strand.split()):
                x, y = left + (number * 3.1 + int(place[0])) * unit, top + int(place[1]) * unit
                path.lineTo(x, y) if i else path.moveTo(x, y)
    return path


def pattern(look: Look, kinds: Sequence[str], scale: float = 1.0) -> Fill:
    """A cloth pattern of one of the given kinds in the item's colour."""
    base, kind = look.rgb, look.pick(*kinds)
    pale = luminance(base) > 0.55
    near = darker(base, look.span(0.18, 0.4)) if pale else lighter(base, look.span(0.18, 0.4))
    other = mix(look.contrast(), base, look.span(0.05, 0.3))
    if kind == "stripes":
        period = look.span(16, 46) * scale
        return stripes(base, look.pick(near, other), period, look.span(0.2, 0.5), 0)
    if kind == "upright":
        return stripes(base, look.pick(near, other), look.span(9, 26) * scale, look.span(0.15, 0.4), 90)
    if kind == "pin":
        return stripes(base, near, look.span(10, 16) * scale, 0.14, 90)
    if kind == "checks":
        return checks(base, (near, other, lighter(other, 0.4)), look.span(44, 84) * scale)
    if kind == "gingham":
        return gingham(base, mix(near, (0.95, 0.95, 0.94), 0.6), look.span(14, 30) * scale)
    if kind == "dots":
        return dots(base, other, look.span(17, 34) * scale, look.span(0.14, 0.26))
    if kind == "floral":
        petals = (other, look.shade(look.pick("Red", "Pink", "Yellow", "White", "Orange")), near)
        return floral(look, base, petals, look.shade("Green"), int(look.span(150, 230) * scale))
    if kind == "motif":
        return motif(look, base, look.pick(near, other), int(look.span(30, 60) * scale))
    if kind == "blocks":
        edge = look.span(280, 420)
        return blocks((other, base), (edge,)) if look.chance(0.4) else blocks((base, other, base), (edge, edge + 70))
    if kind == "marl":
        return marl(look, base, near)
    return solid(base)


def marl(look: Look, base: Colour, other: Colour) -> Fill:
    """Two yarns mixed: fine level flecks."""
    rng = np.random.default_rng(int(look.rng.integers(2**32)))

    def fill(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        share = np.clip(0.4 + 0.2 * cloud(rng, u.shape, (1.0, 3.5)), 0, 1)[..., None]
        return np.array(base) * (1 - share) + np.array(other) * share

    return fill


def graphic(scene: Scene, look: Look, x: float, y: float, size: float, ink: Colour | None = None) -> None:
    """A chest print: an emblem, a slogan, a number or a landscape, somewhat worn."""
    ink, second = (
        ink or look.contrast(),
        look.shade(look.pick("Red", "Yellow", "Orange", "Teal", "Grey", "White")),
    )
    kind = look.pick("slogan", "number", "sun", "peaks", "badge", "bars")
    with scene.ink(strength=look.span(0.8, 0.95)) as canvas:
        fill = skia.Paint(AntiAlias=True, Color=skia_colour(ink))
        extra = skia.Paint(AntiAlias=True, Color=skia_colour(second))
        if kind == "slogan":
            _slogan(canvas, look, x, y, size, ink, second)
        elif kind == "number":
            _write(
                canvas,
                f"{look.pick(1, 2, 4, 7, 8, 9)}{look.pick(0, 2, 4, 7, 9)}",
                x,
                y,
                size * 0.75,
                ink,
                0.30,
            )
            _write(canvas, look.pick(*_WORDS), x, y - size * 0.58, size * 0.16, second, 0.26)
        elif kind == "sun":
            canvas.drawPath(ellipse(x, y, size * 0.42), extra)
            clear = skia.Paint(BlendMode=skia.BlendMode.kClear)
            for i in range(5):
                top = y + size * (0.02 + 0.085 * i)
                canvas.drawRect(skia.Rect.MakeXYWH(x - size, top, size * 2, size * (0.012 + 0.011 * i)), clear)
            _write(canvas, look.pick(*_WORDS), x, y + size * 0.62, size * 0.17, ink, 0.26)
        elif kind == "peaks":
            for shift, height, paint in ((0.24, 0.42, extra), (-0.12, 0.62, fill)):
                canvas.drawPath(_triangle(x + shift * size, y + size * 0.28, size * 0.42, size * height), paint)
            canvas.drawPath(_triangle(x - 0.12 * size, y - size * 0.145, size * 0.135, size * 0.195), extra)
            _write(canvas, look.pick(*_WORDS), x, y + size * 0.5, size * 0.17, ink, 0.26)
        elif kind == "badge":
            canvas.drawPath(cut(ellipse(x, y, size * 0.5), ellipse(x, y, size * 0.45)), fill)
            canvas.drawPath(_star(x, y - size * 0.12, size * 0.19), extra)
            _write(canvas, look.pick(*_WORDS), x, y + size * 0.2, size * 0.14, ink, 0.26)
        else:
            for i in range(look.pick(3, 4, 5)):
                bar = box(
                    x - size * 0.5,
                    y - size * 0.3 + i * size * 0.14,
                    x + size * 0.5,
                    y - size * 0.21 + i * size * 0.14,
                )
                canvas.drawPath(turned(bar, -12, x, y), extra if i % 2 else fill)


def _write(canvas: skia.Canvas, word: str, x: float, y: float, height: float, colour: Colour, weight: float) -> None:
    """Block lettering centred at (x, y)."""
    width = (len(word) * 3.1 - 1.1) * height / 4
    paint = skia.Paint(
        AntiAlias=True,
        Color=skia_colour(colour),
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=height * weight,
        StrokeCap=skia.Paint.kSquare_Cap,
    )
    canvas.drawPath(lettering(word, x - width / 2, y - height / 2, height), paint)


def _slogan(canvas: skia.Canvas, look: Look, x: float, y: float, size: float, ink: Colour, second: Colour) -> None:
    """Two or three words below each other."""
    for i in range(look.pick(2, 3)):
        word = look.pick(*_WORDS)
        height = min(size * 0.3, size * 1.1 * 4 / (len(word) * 3.1))
        _write(canvas, word, x, y - size * 0.35 + i * size * 0.4, height, second if i == 1 else ink, 0.26)


def _triangle(x: float, base: float, half: float, height: float) -> skia.Path:
    return outline([(x - half, base, "c"), (x, base - height, "c"), (x + half, base, "c")])


def _star(x: float, y: float, radius: float) -> skia.Path:
    angles = np.arange(10) * np.pi / 5 - np.pi / 2
    reach = np.where(np.arange(10) % 2 == 0, radius, radius * 0.42)
    return outline([(x + r * np.cos(a), y + r * np.sin(a), "c") for a, r in zip(angles, reach, strict=True)])


def embroidery(scene: Scene, look: Look, points: Points, colour: Colour, size: float = 7.0) -> None:
    """A band of small stitched leaves and knots along a line."""
    path = line(points)
    length = skia.PathMeasure(path, False).getLength()
    places, _ = sample(path, max(3, int(length / size / 1.5)))
    headings = np.degrees(np.arctan2(*np.gradient(places, axis=0).T[::-1]))
    with scene.ink() as canvas:
        for i, ((x, y), heading) in enumerate(zip(places, headings, strict=True)):
            paint = skia.Paint(AntiAlias=True, Color=skia_colour(mix(colour, (1, 1, 1), 0.25 * (i % 2))))
            leaf = outline(
                [(x - size * 0.6, y, "c"), (x, y - size * 0.3), (x + size * 0.6, y, "c"), (x, y + size * 0.3)]
            )
            canvas.drawPath(turned(leaf, float(heading) + (50 if i % 2 else -50), x, y), paint)
            if i % 3 == 0:
                canvas.drawCircle(float(x), float(y), size * 0.28, paint)
