"""Heels and open shoes: pumps and strappy heels, sandals from the side, slides and flip flops from above."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from .relief import (
    FABRIC,
    LEATHER,
    METAL,
    PATENT,
    RUBBER,
    SUEDE,
    Colour,
    Finish,
    Frame,
    Piece,
    Points,
    Scene,
    blur,
    brightness,
    mix,
    shade,
    stroke_outline,
)

GOLD = (0.80, 0.64, 0.34)
SILVER = (0.64, 0.65, 0.67)
SATIN = Finish(0.30, 14, 0.55)
GLITTER = Finish(0.55, 26, 0.45)
LININGS = ((0.78, 0.66, 0.53), (0.86, 0.80, 0.72), (0.30, 0.27, 0.26))
CORK = (0.66, 0.49, 0.32)


@dataclass(frozen=True)
class Last:
    """The line the foot rests on: flat under the ball, rising to the heel seat."""

    height: float
    platform: float = 0.0

    def at(self, x: float) -> float:
        """Height of the foot line at x, toe at 0 and heel at 1."""
        share = min(1.0, max(0.0, (x - 0.30) / 0.66))
        spring = 0.02 * max(0.0, (0.14 - x) / 0.14) ** 2
        return self.platform + spring + self.height * (1 - math.cos(math.pi * share**1.1 * 0.93)) / 1.976

    def above(self, start: float, stop: float, lift: float, count: int = 9) -> Points:
        """Points along the foot line, raised by lift."""
        return [(float(x), self.at(float(x)) + lift) for x in np.linspace(start, stop, count)]


def draw_heels(frame: Frame, rng: np.random.Generator, colour: Colour, usage: str) -> Scene:
    """A heeled shoe: pump, peep toe, slingback or strappy sandal on a stiletto, block or wedge."""
    scene = Scene()
    base = ["stiletto", "stiletto", "block", "wedge"][int(rng.integers(4))]
    tall = float(rng.uniform(0.24, 0.36)) if base != "block" else float(rng.uniform(0.16, 0.30))
    last = Last(tall, float(rng.uniform(0.03, 0.06)) if base == "wedge" or rng.random() < 0.3 else 0.0)
    finish = [PATENT, Finish(0.28, 30, 0.2), SUEDE, LEATHER][int(rng.integers(4))]
    lining = LININGS[int(rng.integers(3))]
    sole = (
        shade(colour, 0.55)
        if rng.random() < 0.5
        else ((0.62, 0.45, 0.30) if rng.random() < 0.5 else (0.12, 0.11, 0.11))
    )
    heel_colour = CORK if base == "wedge" and rng.random() < 0.5 else colour
    _heel_block(scene, frame, rng, last, base, heel_colour, finish)
    strappy = rng.random() < 0.4
    if not strappy:
        _pump_upper(scene, frame, rng, last, colour, finish, lining, rng.random() < 0.3)
    edge = [*last.above(0.0, 0.99, 0.0, 14)]
    width = 0.020 * frame.unit
    if strappy:
        bed = Piece(stroke_outline(frame.line([(x, y + 0.012) for x, y in edge]), width * 1.2), lining, LEATHER, 5, 4)
        scene.put(bed, 0)
    rand = Piece(stroke_outline(frame.line(edge), width * 0.75), sole, LEATHER, bulge=4, depth=3)
    scene.put(rand, 0.3, (0, -2), 2)
    if last.platform and base != "wedge":
        lip = [
            (0, last.at(0)),
            (0.2, last.platform),
            (0.42, last.platform + 0.004),
            (0.40, 0.01),
            (0.30, 0),
            (0.12, 0),
            (0.03, 0.012),
        ]
        scene.put(Piece(frame.shape(lip), colour, finish, bulge=10, depth=7), 0.2, (0, -2), 2)
    if strappy:
        _heel_straps(scene, frame, rng, last, colour, finish, lining)
    return scene


def _heel_block(
    scene: Scene,
    frame: Frame,
    rng: np.random.Generator,
    last: Last,
    base: str,
    colour: Colour,
    finish: Finish,
) -> None:
    """What carries the heel seat."""
    top = last.at(0.985)
    if base == "wedge":
        outline = [
            *last.above(0.0, 0.99, 0, 12),
            (0.985, top * 0.5),
            (0.975, 0, 1),
            (0.6, 0),
            (0.3, 0),
            (0.10, 0.003),
            (0.02, 0.02),
        ]
        piece = Piece(frame.shape(outline), colour, SUEDE if colour == CORK else finish, bulge=16, depth=10)
        if colour == CORK:
            piece.tint(piece.noise(rng, 1.4), 0.13)
            if rng.random() < 0.6:
                _, ys = piece.grid()
                piece.emboss(np.abs(np.sin(ys * 0.33)), 2.2)
    else:
        if base == "block":
            front, foot = 0.79, (0.825, 0.965)
        else:
            front, foot = 0.85, (0.945, 0.968)
        lower = 0.045 if base == "block" else 0.10
        outline = [
            (front, last.at(front), 1),
            (0.93, last.at(0.93)),
            (1.0, top, 1),
            (0.995, top * 0.75),
            (foot[1] + 0.012, lower),
            (foot[1], 0, 1),
            (foot[0], 0, 1),
            (foot[0] - 0.006, lower),
            (foot[0] - (0.03 if base == "stiletto" else 0.008), top * 0.68),
        ]
        piece = Piece(frame.shape(outline), shade(colour, 0.95), finish, bulge=12 if base == "block" else 9)
        tip = frame.box(foot[0] - 0.02, -0.01, foot[1] + 0.02, 0.012)
        piece.panel(tip, (0.10, 0.09, 0.09), -0.5)
    scene.put(piece, 0)


def _pump_upper(
    scene: Scene,
    frame: Frame,
    rng: np.random.Generator,
    last: Last,
    colour: Colour,
    finish: Finish,
    lining: Colour,
    sling: bool,
) -> None:
    """A closed or peep-toe upper with its topline, inside and trim."""
    vamp = float(rng.uniform(0.19, 0.27))
    peep = rng.random() < 0.3
    side = float(rng.uniform(0.075, 0.10))
    back = 0.52 if sling else 1.0
    topline = [(x, last.at(x) + side + 0.085 * max(0.0, x - 0.5) ** 1.3 * 2) for x in np.linspace(vamp + 0.11, 0.94, 6)]
    toe_top = [
        (0.035 if peep else 0.03, last.at(0) + 0.07),
        (0.11, last.at(0.1) + 0.108),
        (vamp, last.at(vamp) + 0.142, 1),
    ]
    far = [(vamp - 0.01, last.at(vamp) + 0.130), *[(x - 0.01, y + 0.026) for x, y in topline if x < back]]
    if sling:
        far_strap = [(0.58, last.at(0.58) + 0.13), (0.80, last.at(0.80) + 0.20), (1.0, last.at(1) + 0.155)]
        band = stroke_outline(frame.line(far_strap), 0.020 * frame.unit)
        scene.put(Piece(band, shade(colour, 0.6), finish, bulge=5, depth=4), 0)
        rim = [*far, (0.56, last.at(0.56) + 0.03)]
    else:
        rim = [*far, (0.985, last.at(0.985) + 0.175), (0.96, last.at(0.95) + 0.08)]
    inside = [*rim, *reversed(last.above(vamp + 0.05, min(back, 0.96) - 0.04, 0.025, 6))]
    scene.put(Piece(frame.shape(inside), shade(lining, 0.9), LEATHER, bulge=8, depth=4), 0)
    outline: list[Any] = [(0.0, last.at(0) + 0.025), *toe_top]
    if sling:
        outline += [(x, y) for x, y in topline if x < 0.5] + [
            (0.545, last.at(0.55) + 0.10, 1),
            (0.60, last.at(0.60) + 0.005, 1),
        ]
        outline.extend(reversed(last.above(0.03, 0.56, -0.004, 7)))
    else:
        outline += [
            *topline,
            (0.975, last.at(0.985) + 0.165, 1),
            (1.004, last.at(1) + 0.12),
            (1.01, last.at(1) + 0.06),
        ]
        outline += list(reversed(last.above(0.03, 0.995, -0.004, 11)))
    upper = Piece(frame.shape(outline), colour, finish, bulge=44, depth=26)
    upper.emboss(upper.noise(rng, 1.2), 0.12 if finish is SUEDE else 0.04)
    trim = [toe_top[-1], *[(x, y) for x, y in topline]]
    upper.carve(frame.line([(p[0], p[1] - 0.013) for p in trim]), 2, 0.9, 0.2)
    if not sling and rng.random() < 0.4:
        upper.carve(
            frame.line([(0.70, last.at(0.70)), (0.715, last.at(0.71) + 0.06), (0.74, last.at(0.74) + 0.13)]),
            2.2,
            1.0,
        )
    if peep:
        upper.panel(frame.oval(0.0, last.at(0) + 0.035, 0.045, 0.028), shade(lining, 0.45), -3, soften=2)
    scene.put(upper, 0.3)
    if sling:
        strap = frame.line(
            [
                (0.52, last.at(0.52) + 0.09),
                (0.72, last.at(0.72) + 0.125),
                (0.90, last.at(0.90) + 0.17),
                (1.0, last.at(1) + 0.155),
            ]
        )
        scene.put(Piece(stroke_outline(strap, 0.022 * frame.unit), colour, finish, bulge=5, depth=4), 0.4, (1, 3), 2)
        _small_buckle(scene, frame, 0.70, last.at(0.70) + 0.122, GOLD)
    elif rng.random() < 0.3:
        _ankle_strap(scene, frame, last, colour, finish)
    _vamp_trim(scene, frame, rng, vamp - 0.02, last.at(vamp) + 0.125, colour, finish)


def _vamp_trim(
    scene: Scene, frame: Frame, rng: np.random.Generator, x: float, y: float, colour: Colour, finish: Finish
) -> None:
    """A bow, a metal bar or nothing on the vamp."""
    kind = int(rng.integers(4))
    if kind == 0:
        for points in (
            [(x, y), (x - 0.05, y + 0.035), (x - 0.065, y), (x - 0.055, y - 0.025)],
            [(x, y), (x + 0.055, y + 0.03), (x + 0.065, y - 0.01), (x + 0.05, y - 0.03)],
        ):
            scene.put(Piece(frame.shape(points), colour, finish, bulge=9, depth=7), 0.45, (1, 3), 3)
        scene.put(Piece(frame.oval(x, y, 0.014, 0.018), shade(colour, 0.9), finish, bulge=6), 0.5, (1, 2), 2)
    elif kind == 1:
        bar = stroke_outline(
            frame.line([(x - 0.05, y - 0.03), (x, y - 0.022), (x + 0.03, y - 0.05)]), 0.020 * frame.unit
        )
        scene.put(
            Piece(bar, GOLD if rng.random() < 0.6 else SILVER, METAL, bulge=5, depth=4, soften=0.6),
            0.4,
            (1, 3),
            2,
        )


def _band(
    scene: Scene,
    frame: Frame,
    points: Points,
    width: float,
    colour: Colour,
    finish: Finish,
    stitched: bool = False,
) -> Piece:
    """A strap of constant width along a line."""
    line = frame.line(points)
    piece = Piece(
        stroke_outline(line, width * frame.unit, round_ends=False),
        colour,
        finish,
        bulge=max(3.0, width * frame.unit * 0.3),
        depth=max(2.5, width * frame.unit * 0.10),
    )
    if stitched:
        thread = mix(colour, (1, 1, 1), 0.35) if brightness(colour) < 0.5 else shade(colour, 0.7)
        shape_line = stroke_outline(line, (width - 0.014) * frame.unit, round_ends=False)
        piece.stitch(shape_line, thread, 1.5, (4, 3))
    scene.put(piece, 0.42, (1, 4), 3)
    return piece


def _arch(
    scene: Scene,
    frame: Frame,
    last: Last,
    x: float,
    width: float,
    tall: float,
    colour: Colour,
    finish: Finish,
    stitched: bool = False,
) -> None:
    """A band over the foot as seen from its side: upright at the sole, curving away over the top."""
    y = last.at(x + width / 2) - 0.012
    outline = [
        (x, y, 1),
        (x + 0.012, y + tall * 0.55),
        (x + 0.034, y + tall * 0.90),
        (x + 0.052, y + tall, 1),
        (x + 0.040 + width, y + tall * 1.04, 1),
        (x + 0.026 + width, y + tall * 0.72),
        (x + 0.006 + width, y + tall * 0.3),
        (x + width, y, 1),
    ]
    piece = Piece(frame.shape(outline), colour, finish, bulge=8, depth=3)
    top = piece.raster(frame.line([(x, y + tall * 1.06), (x + 0.1 + width, y + tall * 1.06)]), tall * 0.5 * frame.unit)
    piece.height -= 9 * blur(top, tall * 0.16 * frame.unit)
    if stitched:
        thread = mix(colour, (1, 1, 1), 0.35) if brightness(colour) < 0.5 else shade(colour, 0.7)
        piece.stitch(frame.line([(p[0] + 0.011, p[1]) for p in outline[:4]]), thread, 1.5, (4, 3))
        piece.stitch(frame.line([(p[0] - 0.011, p[1]) for p in outline[4:]]), thread, 1.5, (4, 3))
    scene.put(piece, 0.4, (1, 4), 3)


def _small_buckle(scene: Scene, frame: Frame, x: float, y: float, metal: Colour, size: float = 0.020) -> None:
    """A little square buckle on a strap."""
    ring = stroke_outline(frame.box(x - size, y - size, x + size, y + size, size * 0.4), 0.009 * frame.unit)
    scene.put(Piece(ring, metal, METAL, bulge=2.5, depth=2.5, soften=0.6), 0.5, (1, 2), 2)


def _ankle_strap(scene: Scene, frame: Frame, last: Last, colour: Colour, finish: Finish) -> None:
    """A thin strap around the ankle, with its far half seen inside."""
    top = last.at(0.9) + 0.26
    back = [(0.99, last.at(1) + 0.13), (1.005, last.at(1) + 0.2), (0.985, top + 0.01)]
    far = [(0.985, top), (0.90, top + 0.055), (0.78, top + 0.045), (0.715, top - 0.005)]
    near = [(0.985, top), (0.90, top - 0.015), (0.78, top - 0.03), (0.715, top - 0.005)]
    _band(scene, frame, far, 0.020, shade(colour, 0.7), finish)
    _band(scene, frame, back, 0.030, colour, finish)
    _band(scene, frame, near, 0.022, colour, finish)
    _small_buckle(scene, frame, 0.83, top - 0.026, GOLD)


def _heel_straps(
    scene: Scene,
    frame: Frame,
    rng: np.random.Generator,
    last: Last,
    colour: Colour,
    finish: Finish,
    lining: Colour,
) -> None:
    """The straps of a heeled sandal: over the toes, a heel cup and around the ankle."""
    wide = rng.random() < 0.5
    spots = [0.14] if wide else [float(x) for x in (0.10, 0.18, 0.27)[: int(rng.integers(2, 4))]]
    for x in spots:
        width = float(rng.uniform(0.11, 0.15)) if wide else 0.045
        _arch(scene, frame, last, x, width, 0.115 + 0.10 * x, colour, finish)
    cup = [
        (0.84, last.at(0.84)),
        (0.87, last.at(0.87) + 0.09),
        (0.95, last.at(0.95) + 0.155),
        (1.0, last.at(1) + 0.15),
        (1.01, last.at(1) + 0.07),
        (0.99, last.at(1) - 0.002, 1),
        *reversed(last.above(0.86, 0.97, -0.002, 4)),
    ]
    scene.put(Piece(frame.shape(cup), colour, finish, bulge=24, depth=14), 0.3)
    _ankle_strap(scene, frame, last, colour, finish)


def draw_sandals(frame: Frame, rng: np.random.Generator, colour: Colour, usage: str) -> Scene:
    """A flat or sporty sandal from the side."""
    scene = Scene()
    sporty = usage == "Sports" or rng.random() < 0.35
    thick = float(rng.uniform(0.075, 0.10)) if sporty else float(rng.uniform(0.055, 0.08))
    last = Last(float(rng.uniform(0.02, 0.05)), thick)
    finish = FABRIC if sporty and rng.random() < 0.6 else [LEATHER, SUEDE][int(rng.integers(2))]
    bed = (
        (0.20, 0.19, 0.19)
        if sporty
        else [(0.55, 0.38, 0.25), (0.74, 0.58, 0.42), (0.35, 0.23, 0.16)][int(rng.integers(3))]
    )
    metal = GOLD if rng.random() < 0.4 else SILVER
    _sandal_straps(scene, frame, rng, last, colour, finish, sporty, metal, far=True)
    sole_colour = (0.15, 0.15, 0.16) if sporty else [(0.20, 0.15, 0.12), CORK, (0.86, 0.83, 0.77)][int(rng.integers(3))]
    outline = [
        *last.above(-0.005, 1.0, 0, 12),
        (1.01, thick * 0.6),
        (0.985, 0, 1),
        (0.6, 0),
        (0.3, 0),
        (0.12, 0.004),
        (0.03, 0.018),
        (-0.008, last.at(0) - 0.022),
    ]
    sole = Piece(frame.shape(outline), sole_colour, RUBBER, bulge=10, depth=6)
    if sole_colour == CORK:
        sole.tint(sole.noise(rng, 1.3), 0.14)
    sole.panel(sole.raster(frame.line(last.above(-0.02, 1.02, -0.004)), 0.020 * frame.unit), bed, 1.2)
    if sporty:
        sole.carve(frame.line(last.above(-0.02, 1.02, -thick * 0.5)), 3.5, 2)
        for x in np.arange(0.05, 1.0, 0.045):
            sole.carve(frame.line([(float(x), -0.01), (float(x) + 0.008, 0.02)]), 4, 2.5, 0.5)
    else:
        sole.stitch(frame.line(last.above(0.0, 1.0, -0.018)), mix(sole_colour, (1, 1, 1), 0.5), 1.5, (4, 3))
    scene.put(sole, 0)
    _sandal_straps(scene, frame, rng, last, colour, finish, sporty, metal, far=False)
    return scene


def _sandal_straps(
    scene: Scene,
    frame: Frame,
    rng: np.random.Generator,
    last: Last,
    colour: Colour,
    finish: Finish,
    sporty: bool,
    metal: Colour,
    far: bool,
) -> None:
    """Straps over toes and instep and around the heel; the far halves are drawn first, behind the sole."""
    width = 0.105 if sporty else 0.072
    if far:
        _band(
            scene,
            frame,
            [(0.56, last.at(0.56) + 0.19), (0.76, last.at(0.8) + 0.235), (0.965, last.at(1) + 0.20)],
            0.05,
            shade(colour, 0.45),
            finish,
        )
        return
    heel = [
        (0.50, last.at(0.5) + 0.165),
        (0.66, last.at(0.6) + 0.165),
        (0.84, last.at(0.84) + 0.175),
        (0.975, last.at(1) + 0.20),
    ]
    _band(scene, frame, heel, width * 0.72, shade(colour, 0.96), finish, True)
    _band(
        scene,
        frame,
        [(0.86, last.at(0.86) - 0.012), (0.90, last.at(0.9) + 0.07), (0.962, last.at(1) + 0.205)],
        width * 0.8,
        colour,
        finish,
        True,
    )
    for x, tall in ((0.13, 0.17), (0.445, 0.255)):
        _arch(scene, frame, last, x, width * 1.25, tall, colour, finish, True)
        if sporty:
            tab = frame.box(x + 0.028, last.at(x) + tall * 0.38, x + width + 0.065, last.at(x) + tall * 0.66, 0.015)
            piece = Piece(tab, mix(colour, (0.5, 0.5, 0.5), 0.3), FABRIC, bulge=6, depth=3)
            scene.put(piece, 0.4, (1, 3), 3)
    if not sporty:
        _small_buckle(scene, frame, 0.68, last.at(0.66) + 0.165, metal, 0.026)
        if rng.random() < 0.5:
            _small_buckle(scene, frame, 0.525, last.at(0.5) + 0.12, metal, 0.028)


FOOTBED: Points = [
    (0.02, 1.0),
    (0.12, 0.985),
    (0.195, 0.90),
    (0.205, 0.76),
    (0.175, 0.60),
    (0.135, 0.45),
    (0.140, 0.28),
    (0.145, 0.13),
    (0.09, 0.02),
    (0, 0),
    (-0.09, 0.02),
    (-0.145, 0.13),
    (-0.155, 0.28),
    (-0.165, 0.45),
    (-0.195, 0.62),
    (-0.205, 0.76),
    (-0.175, 0.89),
    (-0.09, 0.975),
]


def _footbed(scene: Scene, frame: Frame, rng: np.random.Generator, bed: Colour, sole: Colour, texture: int) -> None:
    """The sole of an open shoe from above, with a visible edge and a textured footbed."""
    lower = Frame(frame.x + 4, frame.y + 9, frame.unit, frame.degrees, frame.flip)
    scene.put(Piece(lower.shape(FOOTBED), shade(sole, 0.75), RUBBER, bulge=10, depth=6), 0)
    slab = Piece(frame.shape(FOOTBED), sole, RUBBER, bulge=9, depth=5)
    inner = frame.shape([(x * 0.90, 0.03 + y * 0.94) for x, y in FOOTBED])
    slab.panel(inner, bed, -1.2, soften=2.0)
    xs, ys = slab.grid()
    patterns = (
        np.sin(xs * 0.9) * np.sin(ys * 0.9),
        np.sin((ys + 6 * np.sin(xs * 0.09)) * 0.55),
        slab.noise(rng, 1.2),
    )
    slab.emboss(patterns[texture], 0.55, inner)
    slab.darken(frame.oval(0.0, 0.74, 0.13, 0.16), 0.10, 14)
    slab.darken(frame.oval(-0.005, 0.15, 0.09, 0.09), 0.10, 12)
    scene.put(slab, 0.2)


def draw_flip_flop(frame: Frame, rng: np.random.Generator, colour: Colour, usage: str) -> Scene:
    """A flip flop or slide from above, for the right foot (a flipped frame gives the left one)."""
    scene = Scene()
    dark = brightness(colour) < 0.5
    accent = [(0.92, 0.91, 0.88), (0.13, 0.13, 0.14), (0.78, 0.22, 0.20), (0.25, 0.42, 0.66)][int(rng.integers(4))]
    bed = [mix(colour, (1, 1, 1), 0.12), shade(colour, 0.55), (0.16, 0.16, 0.17), (0.66, 0.50, 0.36)][
        int(rng.integers(4))
    ]
    sole = [shade(bed, 0.6), accent, bed][int(rng.integers(3))]
    _footbed(scene, frame, rng, bed, sole, int(rng.integers(3)))
    strap = colour if brightness(bed) > 0.3 or not dark else mix(colour, (1, 1, 1), 0.2)
    if rng.random() < 0.3:
        band = Piece(
            frame.shape(
                [
                    (-0.235, 0.50, 1),
                    (-0.10, 0.545),
                    (0.09, 0.55),
                    (0.205, 0.53, 1),
                    (0.235, 0.62),
                    (0.225, 0.76, 1),
                    (0.09, 0.83),
                    (-0.09, 0.825),
                    (-0.222, 0.76, 1),
                    (-0.245, 0.63),
                ]
            ),
            strap,
            LEATHER,
            70,
            40,
        )
        band.emboss(band.noise(rng, 1.2), 0.08)
        band.stitch(
            frame.line([(-0.235, 0.53), (-0.10, 0.57), (0.09, 0.575), (0.21, 0.555)]),
            mix(strap, accent, 0.6),
            1.8,
        )
        band.stitch(
            frame.line([(-0.225, 0.735), (-0.09, 0.80), (0.09, 0.805), (0.225, 0.735)]),
            mix(strap, accent, 0.6),
            1.8,
        )
        band.panel(frame.box(-0.07, 0.64, 0.07, 0.715, 0.02), accent, 1.6)
        scene.put(band, 0.55, (4, 10), 8)
        return scene
    hub = (-0.055, 0.80)
    for end, bend in (((-0.135, 0.45), (-0.155, 0.66)), ((0.115, 0.45), (0.095, 0.68))):
        points = [hub, ((hub[0] + bend[0]) / 2, 0.75), bend, end]
        thick = 0.052 * frame.unit
        arm = Piece(
            stroke_outline(frame.line(points), thick),
            strap,
            RUBBER if rng.random() < 0.6 else LEATHER,
            14,
            11,
        )
        arm.carve(frame.line(points), 3, 1.2, 0.12)
        scene.put(arm, 0.55, (4, 9), 6)
    scene.put(Piece(frame.oval(*hub, 0.030), strap, RUBBER, bulge=12, depth=9), 0.45, (2, 5), 4)
    if rng.random() < 0.4:
        scene.put(
            Piece(frame.oval(*hub, 0.022), GOLD if rng.random() < 0.5 else accent, METAL, bulge=9, depth=5),
            0.4,
            (1, 3),
            2,
        )
    return scene
