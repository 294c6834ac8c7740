"""Studio shots of belts, watches and sunglasses; the soft accessories come from `soft_accessories`."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import Image

from . import soft_accessories
from .relief import (
    FABRIC,
    LEATHER,
    METAL,
    PLASTIC,
    RUBBER,
    SUEDE,
    Colour,
    Finish,
    Frame,
    Piece,
    Points,
    Scene,
    brightness,
    mix,
    shade,
    stroke_outline,
)
from .studio import HEIGHT, WIDTH, Look

WHITE = (0.93, 0.93, 0.92)
BLACK = (0.10, 0.10, 0.11)
GOLD = (0.82, 0.66, 0.36)
ROSE = (0.80, 0.58, 0.48)
SILVER = (0.64, 0.65, 0.67)
GUNMETAL = (0.34, 0.34, 0.36)
GLASS = Finish(0.5, 70, 0.45)


def _thread(colour: Colour) -> Colour:
    """A stitch colour visible on the given colour."""
    return mix(colour, WHITE, 0.45) if brightness(colour) < 0.5 else shade(colour, 0.72)


# ----------------------------------------------------------------------------------------------- belts


def _belt(look: Look) -> Image.Image:
    """A belt: coiled with the buckle in front, or hanging doubled from its buckle."""
    formal = look.usage == "Formal"
    finish = Finish(0.32, 34, 0.28) if formal else look.pick(LEATHER, LEATHER, SUEDE, FABRIC)
    metal = look.pick(SILVER, SILVER, GOLD) if formal else look.pick(SILVER, GUNMETAL, (0.58, 0.47, 0.30))
    return (_coiled_belt if look.chance(0.72) else _hanging_belt)(look, finish, metal)


def _ring_line(radius: float, depth: float, lift: float, start: float, stop: float) -> Points:
    """Part of a level circle seen from slightly above; angles in degrees, 270 is the nearest point."""
    return [
        (radius * math.cos(math.radians(turn)), depth * math.sin(math.radians(turn)) + lift)
        for turn in np.linspace(start, stop, 15)
    ]


def _ring_wall(
    frame: Frame, radius: float, depth: float, height: float, front: bool, colour: Colour, finish: Finish
) -> Piece:
    """The near outside or far inside of a standing leather ring."""
    turns = (180, 360) if front else (0, 180)
    low, high = _ring_line(radius, depth, 0, *turns), _ring_line(radius, depth, height, *turns)
    ends = [(*point, True) for point in (low[0], low[-1])]
    outline = [ends[0], *low[1:-1], ends[1], (*high[-1], True), *high[-2:0:-1], (*high[0], True)]
    piece = Piece(frame.shape(outline), colour, finish, bulge=4, depth=3)
    xs, _ = piece.grid()
    across = np.clip((xs - frame.x) / (radius * frame.unit), -1, 1)
    round_form = np.sqrt(1.02 - across**2) * radius * frame.unit * 0.8
    return piece.emboss(round_form.astype(np.float32), 1.0 if front else -0.6)


def _coiled_belt(look: Look, finish: Finish, metal: Colour) -> Image.Image:
    """A belt rolled into a standing coil."""
    frame = Frame(WIDTH / 2, HEIGHT / 2 + look.span(70, 95), look.span(540, 580), look.span(-2, 2))
    colour, rng = look.rgb, look.rng
    lining = look.pick(shade(colour, 0.55), (0.50, 0.36, 0.24), (0.20, 0.17, 0.15))
    radius, height = (
        look.span(0.36, 0.40),
        look.span(0.150, 0.185) if look.usage != "Formal" else look.span(0.13, 0.15),
    )
    depth = radius * look.span(0.26, 0.36)
    turns = int(rng.integers(2, 4))
    scene = Scene()
    sizes = [1 - 0.085 * step for step in range(turns)]
    for size in sizes:
        wall = _ring_wall(frame, radius * size, depth * size, height, False, lining, finish)
        wall.darken(frame.oval(0, 0, radius, depth), 0.45, 20)
        scene.put(wall, 0.4, (0, 4), 5)
        rim = stroke_outline(frame.line(_ring_line(radius * size, depth * size, height, 0, 180)), 5)
        scene.put(Piece(rim, shade(colour, 0.8), finish, bulge=2.5), 0)
    for size in reversed(sizes):
        wall = _ring_wall(frame, radius * size, depth * size, height, True, colour, finish)
        wall.emboss(wall.noise(rng, 1.5), 0.10 if finish is not FABRIC else 0.3)
        if look.usage != "Formal" or size == 1:
            for lift in (0.014, height - 0.014):
                wall.stitch(frame.line(_ring_line(radius, depth, lift, 183, 357)), _thread(colour), 1.7, (5, 3.5))
        scene.put(wall, 0.45, (0, -4), 5)
    _belt_front(scene, frame, look, finish, metal, radius, depth, height)
    return scene.stand(frame.at(0, -depth)[1], 1.0).image()


def _belt_front(
    scene: Scene,
    frame: Frame,
    look: Look,
    finish: Finish,
    metal: Colour,
    radius: float,
    depth: float,
    height: float,
) -> None:
    """Buckle, keeper and the end of the strap on the front of the coil."""
    x, colour = look.span(-0.16, -0.04), look.rgb
    middle = -depth * math.sqrt(1 - (x / radius) ** 2) + height / 2
    tip = min(x + look.span(0.26, 0.34), radius * 0.86)
    half = height / 2 - 0.004
    drop = -depth * math.sqrt(1 - (tip / radius) ** 2) + height / 2
    end = Piece(
        frame.shape(
            [
                (x - 0.03, middle - half, 1),
                (tip - 0.04, drop - half),
                (tip, drop - half * 0.55),
                (tip + 0.012, drop),
                (tip, drop + half * 0.55),
                (tip - 0.04, drop + half),
                (x - 0.03, middle + half, 1),
            ]
        ),
        shade(colour, 1.02),
        finish,
        bulge=6,
        depth=5,
    )
    end.emboss(end.noise(look.rng, 1.5), 0.08)
    if look.usage != "Formal" or look.chance(0.5):
        for side in (-0.8, 0.8):
            end.stitch(
                frame.line([(x, middle + side * half), (tip - 0.03, drop + side * half)]),
                _thread(colour),
                1.7,
                (5, 3.5),
            )
    for step in range(3):
        share = (step + 1.0) / 4.2
        hole = frame.oval(x + 0.09 + (tip - x - 0.09) * share, middle + (drop - middle) * (share + 0.25), 0.0075)
        end.panel(hole, (0.05, 0.04, 0.04), -2, soften=0.6, seat=0.4)
    scene.put(end, 0.5, (3, 5), 5)
    keeper = Piece(
        frame.box(x + 0.075, middle - half - 0.012, x + 0.108, middle + half + 0.010, 0.006),
        shade(colour, 0.9),
        finish,
        6,
        5,
    )
    scene.put(keeper, 0.5, (2, 4), 3)
    _belt_buckle(scene, frame, look, x, middle, half, metal)


def _belt_buckle(scene: Scene, frame: Frame, look: Look, x: float, y: float, half: float, metal: Colour) -> None:
    """A frame buckle with a prong, or a solid plate."""
    width, tall = look.span(0.060, 0.080), half + look.span(0.024, 0.034)
    if look.usage == "Formal" and look.chance(0.4):
        plate = Piece(
            frame.box(x - width, y - tall, x + width, y + tall, 0.014),
            metal,
            METAL,
            bulge=7,
            depth=4,
            soften=0.8,
        )
        plate.carve(
            frame.box(x - width + 0.016, y - tall + 0.016, x + width - 0.016, y + tall - 0.016, 0.008),
            2.5,
            1.5,
        )
        scene.put(plate, 0.55, (3, 6), 5)
        return
    corner = look.pick(0.012, 0.03, 0.055)
    bar = look.span(0.014, 0.022) * frame.unit
    ring = stroke_outline(frame.box(x - width, y - tall, x + width, y + tall, corner), bar)
    scene.put(Piece(ring, metal, METAL, bulge=bar / 2, depth=bar * 0.4, soften=0.8), 0.55, (3, 6), 4)
    prong = stroke_outline(frame.line([(x - width, y), (x + width + 0.004, y + 0.002)]), bar * 0.75)
    scene.put(Piece(prong, metal, METAL, bulge=4, depth=4, soften=0.7), 0.5, (2, 4), 3)


def _hanging_belt(look: Look, finish: Finish, metal: Colour) -> Image.Image:
    """A belt hanging in a long loop from its buckle."""
    frame = Frame(WIDTH / 2, HEIGHT / 2 + 330, 560, look.span(-1.5, 1.5))
    colour, half = look.rgb, look.span(0.050, 0.060)
    scene = Scene()
    gap = look.span(0.10, 0.14)
    loop = [
        (-gap, 1.10),
        (-gap - 0.005, 0.6),
        (-gap * 1.02, 0.25),
        (-gap * 0.8, 0.07),
        (0, 0.0),
        (gap * 0.8, 0.07),
        (gap * 1.02, 0.25),
        (gap, 0.6),
        (gap * 0.9, 0.95),
    ]
    strap = Piece(
        stroke_outline(frame.line(loop), 2 * half * frame.unit, round_ends=False),
        colour,
        finish,
        bulge=7,
        depth=5,
    )
    strap.emboss(strap.noise(look.rng, 1.5), 0.10)
    if look.usage != "Formal" or look.chance(0.5):
        edge = stroke_outline(frame.line(loop), (2 * half - 0.026) * frame.unit, round_ends=False)
        strap.stitch(edge, _thread(colour), 1.7, (5, 3.5))
    strap.darken(frame.box(-gap * 1.2, -0.08, gap * 1.2, 0.08), 0.30, 22)
    scene.put(strap, 0)
    tail = Piece(
        frame.shape(
            [
                (gap * 0.9 - half, 0.75, 1),
                (gap * 0.9 - half, 1.10),
                (gap * 0.9 - half * 0.6, 1.15),
                (gap * 0.9, 1.175),
                (gap * 0.9 + half * 0.6, 1.15),
                (gap * 0.9 + half, 1.10),
                (gap * 0.9 + half, 0.75, 1),
            ]
        ),
        colour,
        finish,
        7,
        5,
    )
    for step in range(5):
        tail.panel(frame.oval(gap * 0.9, 0.88 + step * 0.05, 0.0075), (0.05, 0.04, 0.04), -2, soften=0.6, seat=0.4)
    tail.emboss(tail.noise(look.rng, 1.5), 0.10)
    scene.put(tail, 0)
    for y in (0.98, 0.90):
        keeper = Piece(
            frame.box(-gap - half - 0.010, y, -gap + half + 0.010, y + 0.028, 0.006),
            shade(colour, 0.9),
            finish,
            6,
            5,
        )
        scene.put(keeper, 0.5, (2, 4), 3)
    upright = Frame(*frame.at(-gap, 1.11), frame.unit, frame.degrees + 90)
    _belt_buckle(scene, upright, look, 0, 0, half, metal)
    return scene.lie(0.36, (5, 10), 9).image()


# --------------------------------------------------------------------------------------------- watches


def _watch(look: Look) -> Image.Image:
    """A wrist watch from the front: dress, chronograph, bracelet or digital sports watch."""
    frame = Frame(WIDTH / 2 + look.span(-6, 6), HEIGHT / 2, look.span(525, 550), look.span(-2.5, 2.5))
    scene = Scene()
    if look.usage == "Sports" and look.chance(0.65):
        _digital(scene, frame, look)
    else:
        _analogue(scene, frame, look)
    return scene.lie(0.36, (5, 10), 9).image()


def _analogue(scene: Scene, frame: Frame, look: Look) -> None:
    """Strap or bracelet, case, dial, markers and hands."""
    metallic = look.colour in ("Silver", "Gold", "Grey") or look.chance(0.15)
    case = (
        look.rgb
        if look.colour in ("Gold", "Silver")
        else look.pick(SILVER, SILVER, ROSE, GUNMETAL if not metallic else SILVER)
    )
    strap = look.rgb if not metallic else case
    light_dial = look.chance(0.4)
    dial = (
        look.pick(WHITE, (0.88, 0.85, 0.78)) if light_dial else look.pick(BLACK, (0.10, 0.14, 0.25), shade(strap, 0.45))
    )
    if metallic and look.colour not in ("Silver", "Gold", "Grey", "White"):
        dial = shade(look.rgb, 0.8)
    radius = look.span(0.185, 0.225) if look.gender != "Women" else look.span(0.145, 0.175)
    wide = radius * look.span(0.50, 0.60)
    if metallic:
        _bracelet(scene, frame, look, wide, radius, strap)
    else:
        _strap(scene, frame, look, wide, radius, strap, case)
    square = look.chance(0.15)
    _lugs(scene, frame, wide, radius, case)
    crown = Piece(frame.box(radius + 0.010, -0.022, radius + 0.048, 0.022, 0.008), case, METAL, bulge=8, soften=0.7)
    crown.emboss(np.sin(crown.grid()[1] * 1.8), 0.8)
    scene.put(crown, 0.4)
    chrono = look.chance(0.4)
    if chrono:
        for y in (0.085, -0.085):
            scene.put(
                Piece(
                    frame.box(radius - 0.02, y - 0.014, radius + 0.036, y + 0.014, 0.006),
                    case,
                    METAL,
                    bulge=6,
                    soften=0.7,
                ),
                0.4,
            )

    def disc(size: float) -> object:
        return frame.box(-size, -size, size, size, size * 0.25) if square else frame.oval(0, 0, size)

    body = Piece(disc(radius + 0.020), case, METAL, bulge=9, depth=9, soften=0.9)
    scene.put(body, 0.5, (4, 8), 7)
    bezel = Piece(disc(radius), BLACK if look.chance(0.25) else shade(case, 0.95), METAL, bulge=8, depth=6, soften=0.9)
    scene.put(bezel, 0.3, (1, 2), 2)
    inner = radius * 0.865
    face = Piece(disc(inner), dial, Finish(0.10, 20, 0.05), bulge=5, depth=-5, soften=1.2)
    xs, ys = face.grid()
    turn = np.arctan2(ys - frame.y, xs - frame.x)
    face.tint(np.cos(turn * 2 - 0.8), 0.06 if light_dial else 0.22)
    face.darken(face.mask - face.raster(disc(inner * 0.95)), 0.35, 4)
    scene.put(face, 0)
    ink = BLACK if brightness(dial) > 0.5 else WHITE
    _dial_marks(scene, frame, look, inner, ink, case)
    if chrono:
        _sub_dials(scene, frame, inner, dial, ink)
    _hands(scene, frame, look, inner, case if not light_dial or look.chance(0.5) else BLACK)
    sheen = Piece(
        frame.shape(
            [
                (-inner * 0.8, inner * 0.25),
                (-inner * 0.3, inner * 0.85),
                (inner * 0.25, inner * 0.9),
                (-inner * 0.85, -inner * 0.25),
            ]
        ),
        WHITE,
        Finish(0, 5),
        bulge=4,
        depth=0,
    )
    scene.put(sheen, 0, opacity=0.06)


def _strap(scene: Scene, frame: Frame, look: Look, wide: float, radius: float, colour: Colour, metal: Colour) -> None:
    """Leather or rubber strap above and below the case."""
    finish = look.pick(LEATHER, LEATHER, RUBBER)
    taper = look.span(0.74, 0.88)
    for side in (-1, 1):
        far = side * (0.64 if side > 0 else 0.60)
        near = side * radius * 0.7
        end = (
            [
                (wide * taper, far, 1),
                (wide * taper * 0.6, far + side * 0.03),
                (0, far + side * 0.035),
                (-wide * taper * 0.6, far + side * 0.03),
                (-wide * taper, far, 1),
            ]
            if side < 0
            else [(wide * taper, far, 1), (-wide * taper, far, 1)]
        )
        band = Piece(frame.shape([(-wide, near, 1), (wide, near, 1), *end]), colour, finish, bulge=14, depth=8)
        band.emboss(band.noise(look.rng, 1.6), 0.12 if finish is LEATHER else 0.02)
        _, ys = band.grid()
        away = np.clip((np.abs(ys - frame.y) / frame.unit - 0.30) / 0.36, 0, 1)
        band.occlusion *= 1 - 0.32 * away**2
        for edge in (-1, 1):
            stitch = frame.line([(edge * (wide - 0.016), near), (edge * (wide * taper - 0.016), far - side * 0.02)])
            if finish is LEATHER:
                band.stitch(stitch, _thread(colour), 1.7, (5, 3.5))
        if side < 0:
            for step in range(4):
                band.panel(
                    frame.oval(0, far + 0.05 + step * 0.055, 0.0095),
                    (0.05, 0.04, 0.04),
                    -2,
                    soften=0.6,
                    seat=0.4,
                )
        scene.put(band, 0.4)
        if side > 0:
            ring = stroke_outline(
                frame.box(-wide * taper - 0.03, far - 0.025, wide * taper + 0.03, far + 0.045, 0.012),
                0.014 * frame.unit,
            )
            scene.put(Piece(ring, metal, METAL, bulge=4, depth=4, soften=0.7), 0.5, (2, 4), 3)
            keeper = Piece(
                frame.box(-wide * taper - 0.012, far - 0.09, wide * taper + 0.012, far - 0.06, 0.006),
                shade(colour, 0.92),
                finish,
                6,
                5,
            )
            scene.put(keeper, 0.45, (2, 4), 3)


def _bracelet(scene: Scene, frame: Frame, look: Look, wide: float, radius: float, colour: Colour) -> None:
    """A metal bracelet of rows of links."""
    step = look.span(0.050, 0.064)
    middle = look.pick(0.34, 0.5)
    two_tone = look.chance(0.25)
    for side in (-1, 1):
        for row in range(int((0.66 - radius * 0.75) / step)):
            y = side * (radius * 0.75 + row * step)
            narrow = wide * (1 - 0.018 * row)
            fade = 1 - 0.028 * max(0, row - 3)
            for x0, x1, tone in (
                (-narrow, -narrow * middle, 1),
                (narrow * middle, narrow, 1),
                (-narrow * middle, narrow * middle, 1.08),
            ):
                low, high = sorted((y, y + side * (step - 0.003)))
                link_colour = GOLD if two_tone and tone > 1 else colour
                link = Piece(
                    frame.box(x0 + 0.002, low, x1 - 0.002, high, 0.008),
                    shade(link_colour, fade),
                    METAL,
                    bulge=7,
                    depth=5,
                    soften=0.8,
                )
                scene.put(link, 0.35, (0, 3), 2)


def _lugs(scene: Scene, frame: Frame, wide: float, radius: float, metal: Colour) -> None:
    """The four horns that hold the strap."""
    for across in (-1, 1):
        for up in (-1, 1):
            horn = frame.shape(
                [
                    (across * (wide - 0.004), up * radius * 0.6, 1),
                    (across * (wide + 0.036), up * radius * 0.6, 1),
                    (across * (wide + 0.030), up * (radius + 0.03)),
                    (across * (wide + 0.016), up * (radius + 0.045)),
                    (across * (wide + 0.002), up * (radius + 0.035)),
                ]
            )
            scene.put(Piece(horn, metal, METAL, bulge=7, depth=6, soften=0.8), 0.4, (2, 4), 3)


def _dial_marks(scene: Scene, frame: Frame, look: Look, inner: float, ink: Colour, metal: Colour) -> None:
    """Hour markers, minute track and a small emblem."""
    style = look.pick("bars", "dots", "bars", "romanish")
    colour = metal if look.chance(0.4) else ink
    for hour in range(12):
        local = Frame(*frame.at(0, 0), frame.unit, frame.degrees + 30 * hour)
        major = hour % 3 == 0
        if style == "dots":
            mark = local.oval(0, inner * 0.80, inner * (0.055 if major else 0.04))
        elif style == "bars":
            mark = local.box(-inner * 0.022, inner * (0.66 if major else 0.72), inner * 0.022, inner * 0.88)
        else:
            mark = local.polygon(
                [
                    (-inner * 0.035, inner * 0.88),
                    (inner * 0.035, inner * 0.88),
                    (inner * 0.012, inner * 0.66),
                    (-inner * 0.012, inner * 0.66),
                ]
            )
        scene.put(Piece(mark, colour, METAL, bulge=3, depth=2, soften=0.5), 0.4, (1, 1), 1)
    for minute in range(60):
        local = Frame(*frame.at(0, 0), frame.unit, frame.degrees + 6 * minute)
        scene.put(
            Piece(local.box(-inner * 0.006, inner * 0.92, inner * 0.006, inner * 0.97), ink, FABRIC, bulge=1),
            0,
            opacity=0.8,
        )
    scene.put(
        Piece(frame.box(-inner * 0.16, inner * 0.40, inner * 0.16, inner * 0.435), ink, FABRIC, bulge=1),
        0,
        opacity=0.7,
    )
    if look.chance(0.5):
        window = frame.box(inner * 0.52, -inner * 0.09, inner * 0.76, inner * 0.09, 0.004)
        scene.put(Piece(window, WHITE, FABRIC, bulge=2, depth=-2), 0)
        scene.put(
            Piece(frame.box(inner * 0.61, -inner * 0.055, inner * 0.67, inner * 0.055), BLACK, FABRIC, bulge=1),
            0,
        )


def _sub_dials(scene: Scene, frame: Frame, inner: float, dial: Colour, ink: Colour) -> None:
    """Three small counters."""
    for x, y in ((-0.42, 0), (0.42, 0), (0, -0.42)):
        ring = Piece(
            frame.oval(x * inner, y * inner, inner * 0.20),
            shade(dial, 0.8) if brightness(dial) > 0.5 else mix(dial, WHITE, 0.16),
            Finish(0.08, 20),
            bulge=4,
            depth=-3,
        )
        ring.paint(stroke_outline(frame.oval(x * inner, y * inner, inner * 0.185), 1.4), ink, 0.7)
        scene.put(ring, 0)
        needle = stroke_outline(
            frame.line([(x * inner, y * inner), (x * inner + 0.08 * inner, y * inner + 0.13 * inner)]), 2.2
        )
        scene.put(Piece(needle, ink, FABRIC, bulge=1), 0.4, (1, 1), 1)


def _hands(scene: Scene, frame: Frame, look: Look, inner: float, colour: Colour) -> None:
    """Hour, minute and second hand near the usual ten past ten."""
    minute = look.span(7, 12)
    hour = 10 + minute / 60
    for turn, length, thick in ((hour * 30, 0.52, 0.055), (minute * 6, 0.78, 0.042)):
        local = Frame(*frame.at(0, 0), frame.unit, frame.degrees - turn)
        hand = local.shape(
            [
                (-inner * thick * 0.6, -inner * 0.12, 1),
                (inner * thick * 0.6, -inner * 0.12, 1),
                (inner * thick, inner * length * 0.6),
                (inner * 0.008, inner * length, 1),
                (-inner * 0.008, inner * length, 1),
                (-inner * thick, inner * length * 0.6),
            ]
        )
        scene.put(Piece(hand, colour, METAL, bulge=3, depth=2.5, soften=0.6), 0.5, (2, 3), 2)
    local = Frame(*frame.at(0, 0), frame.unit, frame.degrees - look.span(180, 300))
    second = stroke_outline(local.line([(0, -inner * 0.22), (0, inner * 0.84)]), 2.2)
    scene.put(Piece(second, look.pick((0.75, 0.15, 0.13), colour, colour), FABRIC, bulge=1), 0.4, (2, 3), 2)
    scene.put(Piece(frame.oval(0, 0, inner * 0.055), colour, METAL, bulge=4, soften=0.6), 0.4, (1, 2), 2)


SEGMENTS = {
    "0": "abcdef",
    "1": "bc",
    "2": "abged",
    "3": "abgcd",
    "4": "fgbc",
    "5": "afgcd",
    "8": "abcdefg",
    "9": "abfgcd",
}
SEGMENT_LINES = {
    "a": ((0, 2), (1, 2)),
    "b": ((1, 2), (1, 1)),
    "c": ((1, 1), (1, 0)),
    "d": ((0, 0), (1, 0)),
    "e": ((0, 1), (0, 0)),
    "f": ((0, 2), (0, 1)),
    "g": ((0, 1), (1, 1)),
}


def _digital(scene: Scene, frame: Frame, look: Look) -> None:
    """A resin sports watch with a segment display."""
    colour = look.rgb
    accent = look.pick((0.85, 0.32, 0.12), (0.75, 0.78, 0.16), WHITE, (0.25, 0.5, 0.8), (0.6, 0.6, 0.62))
    wide = 0.135
    for side in (-1, 1):
        far = side * 0.64
        band = Piece(
            frame.shape(
                [
                    (-wide, side * 0.16, 1),
                    (wide, side * 0.16, 1),
                    (wide * 0.78, far, 1),
                    (0, far + side * 0.02),
                    (-wide * 0.78, far, 1),
                ]
            ),
            colour,
            RUBBER,
            bulge=16,
            depth=10,
        )
        _, ys = band.grid()
        band.occlusion *= 1 - 0.32 * np.clip((np.abs(ys - frame.y) / frame.unit - 0.30) / 0.36, 0, 1) ** 2
        for step in range(5):
            y = side * (0.31 + step * 0.062)
            band.carve(frame.line([(-wide * 0.5, y), (wide * 0.5, y)]), 6, 3, 0.3)
        scene.put(band, 0.35)
    body = [(-0.10, 0.24), (-0.195, 0.19), (-0.225, 0.08), (-0.225, -0.08), (-0.195, -0.19), (-0.10, -0.24)]
    case = Piece(frame.shape([*body, *[(-x, y) for x, y in reversed(body)]]), colour, PLASTIC, bulge=30, depth=18)
    for y in (-0.1, 0.1):
        for x in (-1, 1):
            scene.put(
                Piece(
                    frame.box(x * 0.20, y - 0.03, x * 0.25, y + 0.03, 0.012),
                    shade(accent, 0.9),
                    PLASTIC,
                    bulge=6,
                ),
                0.35,
            )
    case.carve(stroke_outline(frame.box(-0.165, -0.175, 0.165, 0.175, 0.06), 2), 3, 2)
    scene.put(case, 0.5, (4, 8), 7)
    ring = Piece(frame.box(-0.155, -0.150, 0.155, 0.150, 0.05), mix(BLACK, accent, 0.12), PLASTIC, bulge=6, depth=-3)
    ring.paint(stroke_outline(frame.box(-0.145, -0.140, 0.145, 0.140, 0.045), 3), accent, 0.9)
    scene.put(ring, 0)
    glass = Piece(
        frame.box(-0.122, -0.085, 0.122, 0.085, 0.02),
        (0.66, 0.69, 0.60),
        Finish(0.2, 40, 0.10),
        bulge=5,
        depth=-4,
    )
    scene.put(glass, 0)
    digits = look.pick("1058", "1024", "0945", "1250", "0832")
    for index, digit in enumerate(digits):
        left = -0.098 + index * 0.048 + (0.012 if index > 1 else 0)
        for name in SEGMENTS[digit]:
            points = [(left + 0.028 * x, -0.045 + 0.045 * y) for x, y in SEGMENT_LINES[name]]
            scene.put(
                Piece(stroke_outline(frame.line(points), 4.0), (0.10, 0.11, 0.10), FABRIC, bulge=1),
                0.25,
                (1, 2),
                1,
            )
    for y in (-0.018, 0.020):
        scene.put(Piece(frame.oval(-0.003, y, 0.0055), (0.10, 0.11, 0.10), FABRIC, bulge=1), 0)
    for x0, x1 in ((-0.10, -0.05), (0.03, 0.10)):
        scene.put(Piece(frame.box(x0, 0.060, x1, 0.070), (0.10, 0.11, 0.10), FABRIC, bulge=1), 0, opacity=0.8)


# ------------------------------------------------------------------------------------------ sunglasses

LENSES: dict[str, Points] = {
    "aviator": [
        (0.055, 0.075),
        (0.16, 0.105),
        (0.32, 0.10),
        (0.435, 0.065),
        (0.45, -0.02),
        (0.39, -0.13),
        (0.27, -0.185),
        (0.15, -0.15),
        (0.08, -0.05),
    ],
    "wayfarer": [
        (0.065, 0.08),
        (0.17, 0.105),
        (0.32, 0.115),
        (0.445, 0.115),
        (0.455, 0.05),
        (0.425, -0.07),
        (0.34, -0.125),
        (0.19, -0.125),
        (0.10, -0.065),
    ],
    "round": [
        (0.075, 0.03),
        (0.13, 0.115),
        (0.245, 0.15),
        (0.36, 0.115),
        (0.415, 0.01),
        (0.375, -0.105),
        (0.25, -0.155),
        (0.125, -0.105),
    ],
    "square": [
        (0.06, 0.07),
        (0.12, 0.105),
        (0.26, 0.11),
        (0.41, 0.105),
        (0.455, 0.06),
        (0.45, -0.06),
        (0.40, -0.12),
        (0.26, -0.13),
        (0.12, -0.12),
        (0.07, -0.06),
    ],
    "cat": [
        (0.07, 0.06),
        (0.18, 0.095),
        (0.33, 0.125),
        (0.475, 0.165),
        (0.465, 0.06),
        (0.41, -0.07),
        (0.31, -0.125),
        (0.18, -0.12),
        (0.09, -0.045),
    ],
    "wrap": [
        (0.04, 0.06),
        (0.16, 0.095),
        (0.32, 0.09),
        (0.47, 0.045),
        (0.475, -0.01),
        (0.40, -0.085),
        (0.27, -0.12),
        (0.14, -0.095),
        (0.065, -0.02),
    ],
}


def _sunglasses(look: Look) -> Image.Image:
    """Sunglasses from the front and slightly above, arms folded out behind."""
    style = (
        "wrap"
        if look.usage == "Sports"
        else look.pick(
            "aviator",
            "wayfarer",
            "wayfarer",
            "round",
            "square",
            "cat" if look.gender == "Women" else "aviator",
        )
    )
    frame = Frame(
        WIDTH / 2,
        HEIGHT / 2 + look.span(5, 40),
        look.span(545, 575),
        look.span(-3, 3),
        rise=look.span(0.94, 1.1),
    )
    wire = style == "aviator" or (style == "round" and look.chance(0.6))
    metal = look.rgb if look.colour in ("Gold", "Silver") else look.pick(GOLD, SILVER, GUNMETAL)
    rim_colour = metal if wire else look.rgb
    lens_colour = _lens_colour(look)
    scene = Scene()
    _arms(scene, frame, style, rim_colour, METAL if wire else PLASTIC, 0.016 if wire else 0.042)
    for side in (-1, 1):
        points = [(side * x, y) for x, y in LENSES[style]]
        outline = frame.shape(points)
        _lens(scene, frame, outline, lens_colour, look, side)
        thick = (0.013 if wire else look.span(0.032, 0.046)) * frame.unit
        if style == "wrap":
            thick *= 0.55
        rim = Piece(
            stroke_outline(outline, thick),
            rim_colour,
            METAL if wire else PLASTIC,
            bulge=thick / 2,
            depth=thick * 0.42,
            soften=0.9,
        )
        if not wire and look.colour == "Brown":
            rim.tint(rim.noise(np.random.default_rng(look.item_id), 9, 2), 0.35)
        scene.put(rim, 0.4, (1, 3), 3)
    _bridge(scene, frame, style, rim_colour, wire)
    return scene.lie(0.22, (3, 26), 12).image()


def _lens_colour(look: Look) -> Colour:
    """Smoke, brown, green or the item's own tint."""
    if look.colour in ("Black", "Silver", "Grey"):
        return look.pick((0.10, 0.10, 0.11), (0.14, 0.15, 0.16), (0.10, 0.14, 0.13))
    if look.colour in ("Brown", "Gold", "Tan"):
        return look.pick((0.24, 0.14, 0.07), (0.30, 0.18, 0.08), (0.14, 0.14, 0.12))
    return look.pick((0.12, 0.12, 0.13), mix(look.rgb, BLACK, 0.55))


def _lens(scene: Scene, frame: Frame, outline: object, colour: Colour, look: Look, side: int) -> None:
    """A tinted lens, paler towards its lower edge, with a soft window reflection."""
    lens = Piece(outline, colour, Finish(0.3, 60, 0), bulge=60, depth=10, soften=3)
    _, ys = lens.grid()
    low = np.clip((ys - frame.y) / (0.3 * frame.unit) + 0.35, 0, 1)
    pale = np.array(mix(colour, (0.80, 0.76, 0.72), 0.55 if look.item_id % 2 else 0.2)) ** 2.2
    lens.albedo += (pale - lens.albedo) * (low**1.6)[..., None]
    x = 0.13 if side > 0 else -0.36
    streak = lens.raster(frame.polygon([(x, -0.2), (x + 0.07, -0.2), (x + 0.19, 0.2), (x + 0.10, 0.2)]))
    lens.paint(
        lens.raster(frame.polygon([(x + 0.10, -0.2), (x + 0.125, -0.2), (x + 0.245, 0.2), (x + 0.215, 0.2)])),
        WHITE,
        0.03,
    )
    lens.paint(streak, WHITE, 0.045)
    scene.put(lens, 0, opacity=0.93)


def _arms(scene: Scene, frame: Frame, style: str, colour: Colour, finish: Finish, width: float) -> None:
    """The arms, running back from the hinges."""
    outer = max(x for x, _ in LENSES[style])
    top = max(y for x, y in LENSES[style] if x > 0.38) - 0.02
    for side in (-1, 1):
        back = [
            (side * (outer + 0.012), top),
            (side * (outer - 0.02), top + 0.13),
            (side * (outer - 0.075), top + 0.23),
            (side * (outer - 0.125), top + 0.235),
        ]
        arm = Piece(
            stroke_outline(frame.line(back), width * frame.unit * 0.8),
            shade(colour, 0.82),
            finish,
            bulge=8,
            depth=6,
        )
        scene.put(arm, 0.2)


def _bridge(scene: Scene, frame: Frame, style: str, colour: Colour, wire: bool) -> None:
    """Bridge, end pieces and nose pads."""
    inner = LENSES[style][0]
    width = (0.013 if wire else 0.040) * frame.unit
    finish = METAL if wire else PLASTIC
    arch = [
        (-inner[0] - 0.01, inner[1] - 0.01),
        (0, inner[1] + (0.0 if wire else 0.012)),
        (inner[0] + 0.01, inner[1] - 0.01),
    ]
    scene.put(
        Piece(
            stroke_outline(frame.line(arch), width),
            colour,
            finish,
            bulge=width / 2,
            depth=width * 0.42,
            soften=0.8,
        ),
        0.3,
        (1, 3),
        2,
    )
    if style == "aviator":
        bar = [(-0.13, 0.112), (0, 0.118), (0.13, 0.112)]
        scene.put(
            Piece(
                stroke_outline(frame.line(bar), width),
                colour,
                finish,
                bulge=width / 2,
                depth=width * 0.42,
                soften=0.8,
            ),
            0.3,
            (1, 3),
            2,
        )
    outer = max(LENSES[style], key=lambda point: point[0])
    top = max(y for x, y in LENSES[style] if x > 0.38) - 0.02
    for side in (-1, 1):
        if wire:
            pad = Piece(
                frame.shape(
                    [
                        (side * 0.045, -0.01),
                        (side * 0.062, -0.03),
                        (side * 0.060, -0.065),
                        (side * 0.040, -0.04),
                    ]
                ),
                (0.82, 0.80, 0.76),
                PLASTIC,
                5,
                4,
            )
            scene.put(pad, 0.3, (1, 2), 2)
        hinge = Piece(
            frame.box(side * (outer[0] - 0.012), top - 0.018, side * (outer[0] + 0.03), top + 0.018, 0.01),
            colour,
            finish,
            bulge=6,
            depth=4,
        )
        scene.put(hinge, 0.3, (1, 2), 2)
        if not wire:
            scene.put(
                Piece(frame.oval(side * (outer[0] - 0.004), top, 0.006), SILVER, METAL, bulge=3, soften=0.5),
                0.3,
                (1, 1),
                1,
            )


DRAW: dict[str, Callable[[Look], Image.Image]] = {
    "Belts": _belt,
    "Watches": _watch,
    "Sunglasses": _sunglasses,
    **soft_accessories.DRAW,
}
