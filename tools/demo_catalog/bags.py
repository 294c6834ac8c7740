"""Studio shots of bags: backpacks and handbags standing, wallets lying."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import Image

from .relief import (
    FABRIC,
    LEATHER,
    METAL,
    PATENT,
    PLASTIC,
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
BLACK = (0.12, 0.12, 0.13)
TAN = (0.58, 0.38, 0.22)
GOLD = (0.82, 0.66, 0.36)
SILVER = (0.64, 0.65, 0.67)
GUNMETAL = (0.36, 0.36, 0.38)
NYLON = Finish(0.10, 14, 0.03)


def _thread(colour: Colour) -> Colour:
    """A stitch colour visible on the given colour."""
    return mix(colour, WHITE, 0.45) if brightness(colour) < 0.5 else shade(colour, 0.72)


def _cloth(piece: Piece, rng: np.random.Generator, finish: Finish) -> None:
    """Surface of a bag: canvas weave, leather grain or smooth nylon, with soft dents."""
    xs, ys = piece.grid()
    piece.emboss(piece.noise(rng, 38), 1.6 if finish is FABRIC else 1.0)
    if finish is FABRIC:
        piece.emboss(np.sin(xs * 2.0) * np.sin(ys * 2.0), 0.30)
        piece.tint(piece.noise(rng, 1.1), 0.03)
    elif finish is NYLON:
        piece.emboss(np.sin((xs + ys) * 1.3), 0.10)
    else:
        piece.emboss(piece.noise(rng, 1.7), 0.13 if finish is not PATENT else 0.02)


def _zip(scene: Scene, frame: Frame, points: Points, metal: Colour, tape: Colour, pull: float = 0.12) -> None:
    """A zip along a line: recessed tape, teeth and a slider hanging at the first point."""
    line = frame.line(points)
    tape_piece = Piece(stroke_outline(line, 0.034 * frame.unit), tape, FABRIC, bulge=4, depth=-2)
    teeth = tape_piece.raster(line, 0.014 * frame.unit, (2.5, 1.8))
    tape_piece.panel(teeth, metal, 2.0, gloss=0.5, soften=0.5, seat=0.3)
    scene.put(tape_piece, 0)
    x, y = points[0][:2]
    slider = Piece(frame.box(x - 0.012, y - 0.02, x + 0.012, y + 0.016, 0.006), metal, METAL, bulge=4, soften=0.7)
    scene.put(slider, 0.5, (1, 3), 2)
    tab = Piece(
        frame.box(x - 0.011, y - 0.02 - pull * 0.6, x + 0.011, y - 0.014, 0.008),
        metal,
        METAL,
        bulge=4,
        soften=0.7,
    )
    scene.put(tab, 0.5, (2, 4), 2)


def _patch(scene: Scene, frame: Frame, rng: np.random.Generator, x: float, y: float, colour: Colour) -> None:
    """A small sewn or moulded patch with an invented emblem."""
    width, height = float(rng.uniform(0.05, 0.09)), float(rng.uniform(0.028, 0.05))
    badge = Piece(frame.box(x - width, y - height, x + width, y + height, 0.012), colour, LEATHER, bulge=5, depth=3)
    ink = WHITE if brightness(colour) < 0.5 else BLACK
    kind = int(rng.integers(3))
    if kind == 0:
        marks = [frame.polygon([(x - 0.03, y - 0.016), (x, y + 0.022), (x + 0.03, y - 0.016)])]
    elif kind == 1:
        marks = [frame.box(x - width * 0.6, y + dy, x + width * 0.6, y + dy + 0.008) for dy in (-0.014, 0.006)]
    else:
        marks = [stroke_outline(frame.oval(x, y, 0.018), 0.007 * frame.unit)]
    for mark in marks:
        badge.panel(mark, mix(colour, ink, 0.8), -0.5, soften=0.5, seat=0)
    scene.put(badge, 0.4, (1, 3), 2)


# ------------------------------------------------------------------------------------------- backpacks


def _backpack(look: Look) -> Image.Image:
    """A backpack from the front: body, front pocket, side pockets, top handle and straps behind."""
    rng, colour = look.rng, look.rgb
    frame = Frame(WIDTH / 2 + look.span(-6, 6), 735, look.span(565, 605), look.span(-1.2, 1.2))
    scene = Scene()
    leather = look.usage == "Formal" and look.chance(0.5)
    finish = LEATHER if leather else (NYLON if look.usage == "Sports" or look.chance(0.55) else FABRIC)
    second = look.pick(colour, colour, shade(colour, 0.6), mix(colour, BLACK, 0.75), look.contrast())
    metal = look.pick(SILVER, GUNMETAL, BLACK if not leather else GOLD)
    wide, tall = look.span(0.30, 0.345), look.span(0.92, 1.0)
    _shoulder_straps(scene, frame, wide, tall, shade(second, 0.75))
    handle = stroke_outline(
        frame.line(
            [
                (-0.085, tall - 0.03),
                (-0.07, tall + 0.055),
                (0, tall + 0.075),
                (0.07, tall + 0.055),
                (0.085, tall - 0.03),
            ]
        ),
        0.036 * frame.unit,
    )
    scene.put(Piece(handle, shade(second, 0.9), finish, bulge=9, depth=7), 0.3)
    rounded = look.span(0.5, 1.0)
    for side in (-1, 1):
        pocket = frame.shape(
            [
                (side * wide * 0.86, 0.02, 1),
                (side * (wide + 0.055), 0.045),
                (side * (wide + 0.06), 0.20),
                (side * (wide + 0.045), 0.345, 1),
                (side * wide * 0.9, 0.37, 1),
            ]
        )
        scene.put(Piece(pocket, shade(second, 0.85), NYLON, bulge=26, depth=14), 0.3)
    body = [
        (-wide * 0.9, 0.0, 1),
        (-wide - 0.012, 0.05),
        (-wide - 0.02, 0.35),
        (-wide, 0.68),
        (-wide * (0.94 - 0.05 * rounded), tall - 0.12 * rounded),
        (-wide * 0.55, tall - 0.012),
        (0, tall),
    ]
    outline = frame.shape([*body, *[(-x, y, *c) for x, y, *c in reversed(body[:-1])]])
    main = Piece(outline, colour, finish, bulge=85, depth=48)
    _cloth(main, rng, finish)
    rim = [
        (-wide * 0.98, 0.06),
        (-wide - 0.0, 0.35),
        (-wide * 0.97, 0.66),
        (-wide * (0.88 - 0.05 * rounded), tall - 0.16 * rounded),
        (-wide * 0.50, tall - 0.055),
        (0, tall - 0.042),
    ]
    rim += [(-x, y) for x, y in reversed(rim[:-1])]
    main.carve(frame.line(rim), 4, -2.2, 0.05)
    scene.put(main, 0.35)
    _zip(scene, frame, [(x * 0.88, y - 0.028) for x, y in rim[3:-2]], metal, shade(colour, 0.45))
    style = look.pick("pocket", "pocket", "two", "flap")
    if style == "flap":
        _flap(scene, frame, look, wide, tall, second, finish, metal)
    else:
        _front_pocket(scene, frame, look, wide, 0.46 if style == "pocket" else 0.36, second, finish, metal)
        if style == "two":
            _small_pocket(scene, frame, look, wide, second, finish, metal)
    if look.chance(0.4) and style != "flap":
        for y in (tall * 0.42, tall * 0.68):
            _compression_strap(scene, frame, wide, y, shade(second, 0.6))
    return scene.stand(frame.y, 0.9).image()


def _shoulder_straps(scene: Scene, frame: Frame, wide: float, tall: float, colour: Colour) -> None:
    """The shoulder straps that show left and right of the body."""
    for side in (-1, 1):
        points = [
            (side * wide * 0.3, tall - 0.02),
            (side * (wide + 0.02), tall - 0.16),
            (side * (wide + 0.085), 0.55),
            (side * (wide + 0.065), 0.25),
            (side * wide * 0.9, 0.06),
        ]
        strap = Piece(stroke_outline(frame.line(points), 0.075 * frame.unit), colour, FABRIC, bulge=20, depth=12)
        strap.stitch(stroke_outline(frame.line(points), 0.05 * frame.unit), _thread(colour), 1.5, (4, 3))
        scene.put(strap, 0)


def _front_pocket(
    scene: Scene,
    frame: Frame,
    look: Look,
    wide: float,
    height: float,
    colour: Colour,
    finish: Finish,
    metal: Colour,
) -> None:
    """The large bulging pocket with a curved zip."""
    w = wide * look.span(0.80, 0.90)
    half = [
        (-w * 0.93, 0.035, 1),
        (-w, 0.08),
        (-w, height * 0.7),
        (-w * 0.92, height - 0.03),
        (-w * 0.6, height),
        (0, height + 0.008),
    ]
    pocket = Piece(frame.shape([*half, *[(-x, y, *c) for x, y, *c in reversed(half[:-1])]]), colour, finish, 55, 30)
    _cloth(pocket, look.rng, finish)
    pocket.stitch(frame.line([(-w * 0.97, 0.07), (-w * 0.97, height * 0.45)]), _thread(colour), 1.6, (5, 3))
    scene.put(pocket, 0.5, (3, 8), 8)
    arc = [
        (-w * 0.93, height * 0.60),
        (-w * 0.86, height - 0.065),
        (-w * 0.5, height - 0.042),
        (w * 0.5, height - 0.042),
        (w * 0.86, height - 0.065),
        (w * 0.93, height * 0.60),
    ]
    _zip(scene, frame, arc[::-1] if look.chance(0.5) else arc, metal, shade(colour, 0.45))
    _patch(
        scene,
        frame,
        look.rng,
        0,
        height * look.span(0.45, 0.6),
        look.pick(BLACK, shade(colour, 0.7), WHITE, TAN),
    )


def _small_pocket(
    scene: Scene, frame: Frame, look: Look, wide: float, colour: Colour, finish: Finish, metal: Colour
) -> None:
    """A flatter second pocket above the first."""
    w = wide * 0.74
    pocket = Piece(frame.box(-w, 0.42, w, 0.70, 0.06), colour, finish, bulge=30, depth=14)
    _cloth(pocket, look.rng, finish)
    scene.put(pocket, 0.45, (3, 7), 7)
    _zip(scene, frame, [(-w * 0.85, 0.655), (0, 0.662), (w * 0.85, 0.655)], metal, shade(colour, 0.45))


def _compression_strap(scene: Scene, frame: Frame, wide: float, y: float, colour: Colour) -> None:
    """Side straps with ladder buckles."""
    for side in (-1, 1):
        band = Piece(frame.box(side * wide * 0.62, y - 0.017, side * (wide + 0.015), y + 0.017), colour, FABRIC, 5, 3)
        scene.put(band, 0.4, (1, 3), 3)
        clip = Piece(
            frame.box(side * wide * 0.60, y - 0.026, side * wide * 0.74, y + 0.026, 0.01),
            BLACK,
            PLASTIC,
            6,
            5,
        )
        scene.put(clip, 0.45, (1, 3), 3)


def _flap(
    scene: Scene,
    frame: Frame,
    look: Look,
    wide: float,
    tall: float,
    colour: Colour,
    finish: Finish,
    metal: Colour,
) -> None:
    """A rucksack flap held by two buckled leather straps over a front pocket."""
    w = wide * 0.74
    pocket = Piece(frame.box(-w, 0.06, w, 0.36, 0.05), colour, finish, bulge=40, depth=20)
    _cloth(pocket, look.rng, finish)
    scene.put(pocket, 0.45, (3, 7), 7)
    top = wide * 1.03
    half = [
        (0, tall + 0.008),
        (-top * 0.7, tall - 0.01),
        (-top * 0.98, tall - 0.12),
        (-top, tall * 0.62),
        (-top * 0.93, tall * 0.50),
        (-top * 0.6, tall * 0.47),
        (0, tall * 0.465),
    ]
    lid = Piece(frame.shape([*half, *[(-x, y) for x, y in reversed(half[1:-1])]]), colour, finish, bulge=60, depth=30)
    _cloth(lid, look.rng, finish)
    hem = [
        (-top * 0.96, tall * 0.64),
        (-top * 0.89, tall * 0.52),
        (-top * 0.6, tall * 0.49),
        (0, tall * 0.486),
    ]
    lid.stitch(frame.line([*hem, *[(-x, y) for x, y in reversed(hem[:-1])]]), _thread(colour), 1.8, (5, 3))
    scene.put(lid, 0.55, (3, 10), 9)
    strap_colour = look.pick(TAN, BLACK, (0.30, 0.19, 0.13))
    for side in (-1, 1):
        x = side * wide * 0.48
        strap = Piece(
            frame.box(x - 0.028, 0.24, x + 0.028, tall * 0.62, 0.012), strap_colour, LEATHER, bulge=7, depth=4
        )
        strap.stitch(frame.box(x - 0.020, 0.25, x + 0.020, tall * 0.612, 0.01), _thread(strap_colour), 1.4, (4, 3))
        scene.put(strap, 0.45, (2, 5), 4)
        ring = stroke_outline(frame.box(x - 0.042, 0.375, x + 0.042, 0.445, 0.01), 0.012 * frame.unit)
        scene.put(Piece(ring, metal, METAL, bulge=3, depth=3, soften=0.7), 0.5, (1, 3), 2)


# -------------------------------------------------------------------------------------------- handbags


def _handbag(look: Look) -> Image.Image:
    """A handbag from the front: tote, satchel, hobo, bucket, clutch or quilted shoulder bag."""
    style = look.pick("tote", "tote", "satchel", "hobo", "quilted", "clutch")
    frame = Frame(WIDTH / 2 + look.span(-6, 6), 690, look.span(505, 545), look.span(-1.0, 1.0))
    finish = look.pick(LEATHER, Finish(0.26, 26, 0.16), LEATHER, SUEDE if style in ("hobo", "tote") else PATENT)
    metal = look.pick(GOLD, GOLD, SILVER)
    scene = Scene()
    {"tote": _tote, "satchel": _satchel, "hobo": _hobo, "quilted": _quilted, "clutch": _clutch}[style](
        scene, frame, look, finish, metal
    )
    return scene.stand(frame.y, 0.9).image()


def _handle(
    scene: Scene,
    frame: Frame,
    x: float,
    y: float,
    drop: float,
    colour: Colour,
    finish: Finish,
    lift: float = 0.0,
) -> None:
    """A rolled arched handle between -x and x."""
    arc = [
        (-x, y),
        (-x * 0.97, y + drop * 0.5),
        (-x * 0.66, y + drop * 0.93 + lift),
        (0, y + drop * 1.04 + lift),
        (x * 0.66, y + drop * 0.93 + lift),
        (x * 0.97, y + drop * 0.5),
        (x, y),
    ]
    piece = Piece(stroke_outline(frame.line(arc), 0.036 * frame.unit), colour, finish, bulge=9, depth=8)
    piece.stitch(frame.line(arc), _thread(colour), 1.4, (4, 3))
    scene.put(piece, 0.35, (2, 5), 4)


def _ring_tab(scene: Scene, frame: Frame, x: float, y: float, colour: Colour, finish: Finish, metal: Colour) -> None:
    """The ring of a handle and the sewn tab that holds it."""
    tab = Piece(frame.box(x - 0.024, y - 0.115, x + 0.024, y + 0.005, 0.016), colour, finish, bulge=6, depth=4)
    tab.stitch(frame.box(x - 0.017, y - 0.108, x + 0.017, y, 0.012), _thread(colour), 1.4, (4, 3))
    scene.put(tab, 0.45, (1, 4), 3)
    ring = stroke_outline(frame.oval(x, y + 0.012, 0.030), 0.011 * frame.unit)
    scene.put(Piece(ring, metal, METAL, bulge=3, depth=3, soften=0.7), 0.5, (1, 3), 2)
    scene.put(Piece(frame.oval(x, y - 0.085, 0.010), metal, METAL, bulge=4, soften=0.6), 0.5, (1, 2), 2)


def _tote(scene: Scene, frame: Frame, look: Look, finish: Finish, metal: Colour) -> None:
    """An open-topped tote with two handles."""
    colour = look.rgb
    top, bottom, tall = look.span(0.43, 0.47), look.span(0.35, 0.43), look.span(0.60, 0.72)
    second = look.pick(colour, colour, TAN, shade(colour, 0.6))
    drop = look.span(0.26, 0.36)
    _handle(scene, frame, top * 0.46, tall - 0.02, drop, shade(second, 0.7), finish, 0.035)
    inside = frame.shape([(-top, tall, 1), (0, tall + 0.035), (top, tall, 1), (0, tall - 0.04)])
    scene.put(Piece(inside, shade(mix(colour, (0.6, 0.5, 0.4), 0.5), 0.55), FABRIC, bulge=8), 0)
    body = Piece(
        frame.shape(
            [
                (-bottom * 0.96, 0, 1),
                (-bottom, 0.03),
                (-top, tall, 1),
                (0, tall - 0.022),
                (top, tall, 1),
                (bottom, 0.03),
                (bottom * 0.96, 0, 1),
            ]
        ),
        colour,
        finish,
        bulge=70,
        depth=34,
    )
    _cloth(body, look.rng, finish)
    if look.chance(0.5):
        base = frame.polygon([(-0.6, -0.05), (0.6, -0.05), (0.6, tall * 0.26), (-0.6, tall * 0.26)])
        body.panel(base, second if second != colour else shade(colour, 0.82), 2.4)
        body.stitch(frame.line([(-0.5, tall * 0.26 - 0.014), (0.5, tall * 0.26 - 0.014)]), _thread(second), 1.8)
    hem = [(-top * 0.98, tall - 0.035), (0, tall - 0.057), (top * 0.98, tall - 0.035)]
    body.carve(frame.line(hem), 3, 1.2)
    body.stitch(frame.line([(x, y - 0.010) for x, y in hem]), _thread(colour), 1.6, (5, 3))
    for side in (-1, 1):
        body.emboss(body.raster(frame.line([(side * top * 0.8, tall), (side * bottom * 0.78, 0.03)]), 18), -1.2)
    scene.put(body, 0.35)
    for side in (-1, 1):
        _ring_tab(scene, frame, side * top * 0.46, tall - 0.06, second, finish, metal)
    _handle(scene, frame, top * 0.46, tall - 0.045, drop, second, finish)
    if look.chance(0.55):
        _charm(scene, frame, look, top * 0.46, tall - 0.07, second, metal)
    else:
        _plate(scene, frame, 0, tall * 0.72, metal)


def _plate(scene: Scene, frame: Frame, x: float, y: float, metal: Colour) -> None:
    """A small metal name plate without a name."""
    plate = Piece(
        frame.box(x - 0.055, y - 0.014, x + 0.055, y + 0.014, 0.008),
        metal,
        METAL,
        bulge=4,
        depth=2.5,
        soften=0.7,
    )
    scene.put(plate, 0.45, (1, 2), 2)


def _charm(scene: Scene, frame: Frame, look: Look, x: float, y: float, colour: Colour, metal: Colour) -> None:
    """A tassel hanging from a handle ring."""
    cord = stroke_outline(frame.line([(x, y + 0.05), (x + 0.025, y - 0.01), (x + 0.02, y - 0.07)]), 0.010 * frame.unit)
    scene.put(Piece(cord, shade(colour, 0.8), LEATHER, bulge=3), 0.4, (1, 3), 2)
    scene.put(
        Piece(frame.box(x + 0.005, y - 0.10, x + 0.036, y - 0.065, 0.008), metal, METAL, bulge=5, soften=0.7),
        0.4,
        (1, 3),
        2,
    )
    tassel = Piece(
        frame.shape(
            [
                (x + 0.008, y - 0.10, 1),
                (x + 0.033, y - 0.10, 1),
                (x + 0.046, y - 0.23, 1),
                (x - 0.006, y - 0.23, 1),
            ]
        ),
        colour,
        LEATHER,
        bulge=8,
        depth=6,
    )
    tassel.emboss(np.sin(tassel.grid()[0] * 1.6), 1.2)
    scene.put(tassel, 0.45, (2, 5), 3)


def _satchel(scene: Scene, frame: Frame, look: Look, finish: Finish, metal: Colour) -> None:
    """A structured satchel with zip, side gussets, handles and front pocket or flap."""
    colour = look.rgb
    wide, tall = look.span(0.42, 0.47), look.span(0.48, 0.58)
    second = look.pick(colour, shade(colour, 0.65), TAN, colour)
    drop = look.span(0.22, 0.30)
    _handle(scene, frame, wide * 0.45, tall - 0.05, drop, shade(second, 0.7), finish, 0.03)
    half = [
        (-wide * 0.97, 0, 1),
        (-wide - 0.01, 0.06),
        (-wide, tall * 0.6),
        (-wide * 0.86, tall - 0.03),
        (-wide * 0.6, tall),
        (0, tall + 0.01),
    ]
    body = Piece(
        frame.shape([*half, *[(-x, y, *c) for x, y, *c in reversed(half[:-1])]]),
        colour,
        finish,
        bulge=60,
        depth=34,
    )
    _cloth(body, look.rng, finish)
    for side in (-1, 1):
        gusset = frame.shape(
            [
                (side * wide * 0.80, -0.02, 1),
                (side * wide * 0.82, tall * 0.5),
                (side * wide * 0.74, tall + 0.05, 1),
                (side * 0.7, tall, 1),
                (side * 0.7, -0.02, 1),
            ]
        )
        body.panel(gusset, second if look.chance(0.5) else shade(colour, 0.9), -2, soften=2)
        body.stitch(
            frame.line(
                [
                    (side * wide * 0.785, 0.01),
                    (side * wide * 0.80, tall * 0.5),
                    (side * wide * 0.73, tall - 0.02),
                ]
            ),
            _thread(colour),
            1.6,
            (5, 3),
        )
    scene.put(body, 0.35)
    if look.chance(0.5):
        w = wide * 0.80
        lid = [
            (-w, tall - 0.03, 1),
            (-w * 1.02, tall * 0.55),
            (-w * 0.92, tall * 0.36),
            (-w * 0.5, tall * 0.31),
            (0, tall * 0.30),
        ]
        flap = Piece(
            frame.shape([*lid, *[(-x, y, *c) for x, y, *c in reversed(lid[:-1])], (0, tall + 0.012)]),
            second,
            finish,
            36,
            18,
        )
        _cloth(flap, look.rng, finish)
        hem = [
            (-w * 0.985, tall * 0.55),
            (-w * 0.89, tall * 0.385),
            (-w * 0.5, tall * 0.335),
            (0, tall * 0.325),
        ]
        flap.stitch(frame.line([*hem, *[(-x, y) for x, y in reversed(hem[:-1])]]), _thread(second), 1.6, (5, 3))
        scene.put(flap, 0.5, (3, 8), 7)
        _turn_lock(scene, frame, 0, tall * 0.37, metal)
    else:
        _zip(
            scene,
            frame,
            [(-wide * 0.62, tall - 0.045), (0, tall - 0.035), (wide * 0.62, tall - 0.045)],
            metal,
            shade(colour, 0.5),
        )
        pocket = Piece(
            frame.box(-wide * 0.62, 0.06, wide * 0.62, tall * 0.56, 0.05), second, finish, bulge=30, depth=14
        )
        _cloth(pocket, look.rng, finish)
        pocket.stitch(
            frame.box(-wide * 0.60, 0.075, wide * 0.60, tall * 0.56 - 0.015, 0.045),
            _thread(second),
            1.6,
            (5, 3),
        )
        scene.put(pocket, 0.45, (3, 7), 6)
        _plate(scene, frame, 0, tall * 0.40, metal)
    for side in (-1, 1):
        _ring_tab(scene, frame, side * wide * 0.45, tall - 0.06, second, finish, metal)
    _handle(scene, frame, wide * 0.45, tall - 0.045, drop, second, finish)


def _turn_lock(scene: Scene, frame: Frame, x: float, y: float, metal: Colour) -> None:
    """A turn lock: oval plate with a bar."""
    scene.put(Piece(frame.oval(x, y, 0.042, 0.030), metal, METAL, bulge=8, depth=3, soften=0.8), 0.5, (1, 4), 3)
    scene.put(
        Piece(frame.box(x - 0.009, y - 0.022, x + 0.009, y + 0.022, 0.008), metal, METAL, bulge=5, depth=6),
        0.6,
        (2, 3),
        2,
    )


def _hobo(scene: Scene, frame: Frame, look: Look, finish: Finish, metal: Colour) -> None:
    """A slouchy crescent with one wide strap."""
    colour = look.rgb
    wide, sag, tall = look.span(0.43, 0.48), look.span(0.10, 0.16), look.span(0.52, 0.60)
    strap = [
        (-wide * 0.82, tall * 0.90),
        (-wide * 0.62, tall * 1.28),
        (0, tall * 1.62),
        (wide * 0.62, tall * 1.28),
        (wide * 0.82, tall * 0.90),
    ]
    band = Piece(stroke_outline(frame.line(strap), 0.062 * frame.unit), shade(colour, 0.92), finish, bulge=14, depth=8)
    band.stitch(stroke_outline(frame.line(strap), 0.044 * frame.unit), _thread(colour), 1.5, (4, 3))
    scene.put(band, 0.2)
    half = [
        (0, tall - sag),
        (-wide * 0.45, tall - sag * 0.75),
        (-wide * 0.80, tall * 0.97),
        (-wide * 0.92, tall * 0.97),
        (-wide * 1.02, tall * 0.62),
        (-wide * 0.98, tall * 0.25),
        (-wide * 0.72, 0.03),
        (-wide * 0.35, 0),
        (0, 0),
    ]
    body = Piece(frame.shape([*half, *[(-x, y) for x, y in reversed(half[1:-1])]]), colour, finish, bulge=90, depth=52)
    _cloth(body, look.rng, finish)
    for _ in range(7):
        x = look.span(-0.75, 0.75) * wide
        fold = [
            (x, tall - sag),
            (x * 1.05 + look.span(-0.02, 0.02), tall * 0.6),
            (x * 0.9 + look.span(-0.05, 0.05), tall * look.span(0.25, 0.45)),
        ]
        body.emboss(body.soft_line(frame.line(fold), 14, 7), look.span(-4, 4))
    scene.put(body, 0.3)
    rim = [
        (-wide * 0.74, tall * 0.945),
        (-wide * 0.42, tall - sag * 0.75 - 0.03),
        (0, tall - sag - 0.03),
        (wide * 0.42, tall - sag * 0.75 - 0.03),
        (wide * 0.74, tall * 0.945),
    ]
    _zip(scene, frame, rim, metal, shade(colour, 0.5))
    for side in (-1, 1):
        ring = stroke_outline(frame.oval(side * wide * 0.84, tall * 0.93, 0.034), 0.012 * frame.unit)
        scene.put(Piece(ring, metal, METAL, bulge=3, depth=3, soften=0.7), 0.5, (1, 3), 2)
    if look.chance(0.5):
        _charm(scene, frame, look, -wide * 0.84, tall * 0.90, colour, metal)


def _chain(scene: Scene, frame: Frame, points: Points, metal: Colour, count: int) -> None:
    """A chain of oval links along a line of design points."""
    spots = np.array(points, float)
    reach = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(spots, axis=0).T))])
    places = np.linspace(0, reach[-1], count)
    xs, ys = np.interp(places, reach, spots[:, 0]), np.interp(places, reach, spots[:, 1])
    for index in range(count - 1):
        turn = math.degrees(math.atan2(ys[index + 1] - ys[index], xs[index + 1] - xs[index]))
        local = Frame(*frame.at(xs[index], ys[index]), frame.unit, frame.degrees + turn)
        thin = 0.010 if index % 2 else 0.005
        ring = stroke_outline(local.oval(0, 0, 0.021, thin), 0.0075 * frame.unit)
        scene.put(Piece(ring, metal, METAL, bulge=2.5, depth=2.5, soften=0.6), 0.35, (1, 2), 2)


def _quilted(scene: Scene, frame: Frame, look: Look, finish: Finish, metal: Colour) -> None:
    """A quilted flap bag on a chain."""
    colour = look.rgb
    wide, tall = look.span(0.40, 0.46), look.span(0.46, 0.54)
    arc = [
        (wide * math.sin(t) * 0.86, tall - 0.06 + look_up * 0.62)
        for t, look_up in ((t, math.cos(t) ** 0.9) for t in np.linspace(-1.5, 1.5, 40))
    ]
    _chain(scene, frame, arc, metal, 62)
    body = Piece(frame.box(-wide, 0, wide, tall, 0.05), colour, finish, bulge=50, depth=28)
    _quilt(body, frame, look)
    scene.put(body, 0.3)
    w, low = wide * 1.01, tall * look.span(0.34, 0.44)
    half = [
        (0, tall + 0.012),
        (-w * 0.93, tall + 0.008),
        (-w, tall - 0.05),
        (-w, low + 0.10),
        (-w * 0.93, low + 0.02),
        (-w * 0.6, low),
        (0, low),
    ]
    flap = Piece(frame.shape([*half, *[(-x, y) for x, y in reversed(half[1:-1])]]), colour, finish, bulge=34, depth=18)
    _quilt(flap, frame, look)
    scene.put(flap, 0.55, (3, 9), 8)
    _turn_lock(scene, frame, 0, low + 0.06, metal)


def _quilt(piece: Piece, frame: Frame, look: Look) -> None:
    """Diamond quilting: cushions between crossed stitch lines."""
    xs, ys = piece.grid()
    step = 0.105 * frame.unit
    u, v = (xs - frame.x + ys - frame.y) / step, (xs - frame.x - ys + frame.y) / step
    cushion = np.sqrt(np.abs(np.sin(u * math.pi / 1.4) * np.sin(v * math.pi / 1.4)))
    piece.emboss(cushion, 6.0)
    piece.occlusion *= 1 - 0.30 * np.exp(-((cushion / 0.22) ** 2))
    piece.emboss(piece.noise(look.rng, 1.5), 0.06)


def _clutch(scene: Scene, frame: Frame, look: Look, finish: Finish, metal: Colour) -> None:
    """An envelope or frame clutch with a wrist strap."""
    colour = look.rgb
    wide, tall = look.span(0.46, 0.50), look.span(0.36, 0.44)
    frame = Frame(frame.x, frame.y - 110, frame.unit, frame.degrees)
    if look.chance(0.6):
        loop = [
            (wide * 0.90, tall * 0.75),
            (wide * 1.02, tall * 0.5),
            (wide * 1.04, 0.10),
            (wide * 0.98, -0.08),
            (wide * 0.93, 0.1),
            (wide * 0.9, tall * 0.7),
        ]
        scene.put(
            Piece(
                stroke_outline(frame.line(loop), 0.024 * frame.unit),
                shade(colour, 0.9),
                finish,
                bulge=6,
                depth=5,
            ),
            0,
        )
    body = Piece(frame.box(-wide, 0, wide, tall, 0.035), colour, finish, bulge=34, depth=20)
    _cloth(body, look.rng, finish)
    scene.put(body, 0.3)
    if look.chance(0.65):
        peak = look.span(0.04, 0.18)
        lid = [
            (-wide * 1.005, tall * 0.97, 1),
            (-wide * 0.98, tall * 0.6, 1),
            (-0.05, peak + 0.015),
            (0.05, peak + 0.015),
            (wide * 0.98, tall * 0.6, 1),
            (wide * 1.005, tall * 0.97, 1),
            (0, tall + 0.012),
        ]
        flap = Piece(frame.shape(lid), colour, finish, bulge=16, depth=7)
        _cloth(flap, look.rng, finish)
        flap.stitch(
            frame.line([(-wide * 0.95, tall * 0.61), (0, peak + 0.035), (wide * 0.95, tall * 0.61)]),
            _thread(colour),
            1.5,
            (5, 3),
        )
        scene.put(flap, 0.5, (3, 8), 7)
        _turn_lock(scene, frame, 0, peak + 0.07, metal)
    else:
        bar = Piece(
            frame.box(-wide * 0.98, tall - 0.022, wide * 0.98, tall + 0.014, 0.015),
            metal,
            METAL,
            bulge=8,
            depth=6,
        )
        scene.put(bar, 0.45, (2, 5), 4)
        for x in (-0.016, 0.016):
            scene.put(Piece(frame.oval(x, tall + 0.03, 0.020), metal, METAL, bulge=10, depth=8), 0.4, (2, 3), 2)
    scene.lie(0.12)


# --------------------------------------------------------------------------------------------- wallets


def _wallet(look: Look) -> Image.Image:
    """A wallet: folded upright or wide, with stitching, emblem and clasp by usage."""
    style = (
        look.pick("bifold", "bifold", "open", "long") if look.gender != "Women" else look.pick("long", "long", "bifold")
    )
    frame = Frame(WIDTH / 2 + look.span(-8, 8), HEIGHT / 2 + look.span(-10, 10), look.span(505, 540), look.span(-5, 5))
    formal = look.usage == "Formal"
    finish = Finish(0.30, 30, 0.22) if formal else look.pick(LEATHER, LEATHER, FABRIC)
    scene = Scene()
    {"bifold": _bifold, "open": _open_wallet, "long": _long_wallet}[style](scene, frame, look, finish)
    return scene.lie(0.36, (5, 10), 9).image()


def _leaf(
    frame: Frame,
    look: Look,
    bounds: tuple[float, float, float, float],
    colour: Colour,
    finish: Finish,
    corner: float = 0.03,
) -> Piece:
    """One stitched leather leaf of a wallet."""
    x0, y0, x1, y1 = bounds
    leaf = Piece(frame.box(x0, y0, x1, y1, corner), colour, finish, bulge=14, depth=7)
    _cloth(leaf, look.rng, finish)
    inset = 0.018
    leaf.stitch(frame.box(x0 + inset, y0 + inset, x1 - inset, y1 - inset, corner), _thread(colour), 1.7, (5, 3.5))
    return leaf


def _bifold(scene: Scene, frame: Frame, look: Look, finish: Finish) -> None:
    """A closed bifold seen from the front, its leaves slightly apart at the opening."""
    colour = look.rgb
    wide, tall = look.span(0.40, 0.45), look.span(0.30, 0.35)
    for step, tone in ((3, 0.55), (2, 0.85), (1, 0.6)):
        shift = step * 0.010
        leaf = Piece(
            frame.box(-wide + 0.03, -tall - shift, wide + shift * 0.6, tall - 0.02, 0.03),
            shade(colour, tone),
            finish,
            6,
            4,
        )
        scene.put(leaf, 0.4, (1, 3), 3)
    cover = _leaf(frame, look, (-wide, -tall, wide, tall), colour, finish)
    cover.emboss(cover.soft_line(frame.line([(-wide, -tall), (-wide, tall)]), 26, 9), -5)
    if look.chance(0.35):
        band = look.contrast() if look.usage != "Formal" else shade(colour, 0.75)
        cover.panel(
            frame.box(-1, -0.06, 1, 0.06) if look.chance(0.5) else frame.box(wide * 0.45, -1, wide * 0.62, 1),
            band,
            1.0,
        )
    scene.put(cover, 0.5, (2, 5), 4)
    _emblem(scene, frame, look, wide * look.pick(0.62, 0, 0.62), -tall * look.pick(0.62, 0, 0.62))


def _emblem(scene: Scene, frame: Frame, look: Look, x: float, y: float) -> None:
    """A debossed, metal or no emblem."""
    kind = look.pick("metal", "patch", "none", "metal")
    if kind == "metal":
        _plate(scene, frame, x, y, look.pick(GOLD, SILVER, GUNMETAL))
    elif kind == "patch":
        _patch(scene, frame, look.rng, x, y, shade(look.rgb, 0.7))


def _open_wallet(scene: Scene, frame: Frame, look: Look, finish: Finish) -> None:
    """A bifold lying open: card slots on one side, a note compartment behind."""
    colour = look.rgb
    wide, tall = 0.50, look.span(0.235, 0.27)
    scene.put(_leaf(frame, look, (-wide, -tall, wide, tall + 0.018), shade(colour, 0.8), finish), 0.4)
    scene.put(_leaf(frame, look, (-wide, -tall, wide, tall - 0.02), colour, finish), 0.45, (1, 3), 3)
    for side in (-1, 1):
        count = 3 if side > 0 or look.chance(0.5) else 1
        for index in range(count):
            top = tall - 0.075 - index * 0.085
            x0, x1 = sorted((side * 0.035, side * (wide - 0.03)))
            slot = Piece(frame.box(x0, -tall + 0.028, x1, top, 0.018), shade(colour, 0.97), finish, bulge=7, depth=3.5)
            _cloth(slot, look.rng, finish)
            slot.stitch(
                frame.line([(x0 + 0.012, top - 0.014), (x1 - 0.012, top - 0.014)]),
                _thread(colour),
                1.4,
                (5, 3.5),
            )
            scene.put(slot, 0.55, (0, -3), 3)
    spine = Piece(
        frame.box(-0.022, -tall + 0.004, 0.022, tall - 0.022), shade(colour, 0.92), finish, bulge=12, depth=-4
    )
    scene.put(spine, 0.2)


def _long_wallet(scene: Scene, frame: Frame, look: Look, finish: Finish) -> None:
    """A long purse with a flap and clasp, or zipped around."""
    colour = look.rgb
    wide, tall = 0.50, look.span(0.25, 0.29)
    metal = look.pick(GOLD, GOLD, SILVER)
    back = Piece(frame.box(-wide + 0.01, -tall - 0.022, wide - 0.004, tall, 0.03), shade(colour, 0.6), finish, bulge=8)
    scene.put(back, 0)
    body = _leaf(frame, look, (-wide, -tall, wide, tall), colour, finish)
    if look.chance(0.25):
        _quilt(body, frame, look)
    scene.put(body, 0.5, (1, 4), 3)
    if look.chance(0.6):
        low = look.span(-0.10, 0.02)
        flap = _leaf(
            frame,
            look,
            (-wide * 1.004, low, wide * 1.004, tall + 0.006),
            colour,
            finish,
            look.span(0.03, 0.1),
        )
        scene.put(flap, 0.5, (2, 7), 6)
        if look.chance(0.5):
            _turn_lock(scene, frame, 0, low + 0.055, metal)
        else:
            tab = Piece(
                frame.box(-0.045, low - 0.05, 0.045, low + 0.09, 0.03),
                shade(colour, 0.92),
                finish,
                bulge=10,
                depth=5,
            )
            scene.put(tab, 0.5, (2, 5), 4)
            scene.put(Piece(frame.oval(0, low - 0.012, 0.017), metal, METAL, bulge=7), 0.5, (1, 3), 2)
    else:
        _zip(
            scene,
            frame,
            [(wide * 0.93, tall - 0.04), (0, tall - 0.04), (-wide * 0.93, tall - 0.04)],
            metal,
            shade(colour, 0.5),
        )
        _emblem(scene, frame, look, 0, -tall * 0.3)


DRAW: dict[str, Callable[[Look], Image.Image]] = {
    "Backpacks": _backpack,
    "Handbags": _handbag,
    "Wallets": _wallet,
}
