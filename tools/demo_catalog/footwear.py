"""Studio shots of shoes: side views (single or as a pair) and flat sandals from above."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from .footwear_open import draw_flip_flop, draw_heels, draw_sandals
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
    brightness,
    mix,
    shade,
    stroke_outline,
)
from .studio import HEIGHT, WIDTH, Look

WHITE = (0.93, 0.93, 0.92)
OFF_WHITE = (0.90, 0.88, 0.83)
BLACK = (0.11, 0.11, 0.12)
GUM = (0.62, 0.42, 0.26)
SOLE_BROWN = (0.24, 0.16, 0.12)
TAN_LINING = (0.72, 0.58, 0.44)
GOLD = (0.80, 0.64, 0.34)
SILVER = (0.64, 0.65, 0.67)

Drawer = Callable[[Frame, np.random.Generator, Colour, str], Scene]

# Uppers, toe to the left, one unit long; the sole covers their lower edge.
LOW_UPPER: Points = [
    (0.015, 0.10),
    (0.05, 0.165),
    (0.14, 0.205),
    (0.24, 0.225),
    (0.36, 0.285),
    (0.50, 0.375),
    (0.575, 0.43),
    (0.60, 0.45, 1),
    (0.66, 0.435, 1),
    (0.72, 0.385),
    (0.80, 0.355),
    (0.89, 0.375),
    (0.955, 0.425),
    (0.985, 0.41),
    (0.975, 0.33),
    (0.965, 0.22),
    (0.985, 0.10),
    (0.99, 0.04, 1),
    (0.02, 0.04, 1),
]
HIGH_UPPER: Points = [
    (0.015, 0.10),
    (0.05, 0.165),
    (0.14, 0.205),
    (0.24, 0.225),
    (0.36, 0.285),
    (0.48, 0.38),
    (0.55, 0.50),
    (0.59, 0.63),
    (0.60, 0.665, 1),
    (0.72, 0.655),
    (0.86, 0.655),
    (0.965, 0.665, 1),
    (0.975, 0.60),
    (0.965, 0.48),
    (0.955, 0.36),
    (0.965, 0.22),
    (0.985, 0.10),
    (0.99, 0.04, 1),
    (0.02, 0.04, 1),
]
FORMAL_UPPER: Points = [
    (0.01, 0.07),
    (0.03, 0.115),
    (0.11, 0.155),
    (0.23, 0.185),
    (0.34, 0.24),
    (0.46, 0.335),
    (0.545, 0.405),
    (0.60, 0.435, 1),
    (0.645, 0.425, 1),
    (0.73, 0.36),
    (0.82, 0.345),
    (0.91, 0.375),
    (0.965, 0.415),
    (0.983, 0.395),
    (0.975, 0.30),
    (0.962, 0.18),
    (0.982, 0.09),
    (0.985, 0.045, 1),
    (0.01, 0.045, 1),
]
LOAFER_UPPER: Points = [
    (0.01, 0.07),
    (0.035, 0.13),
    (0.12, 0.175),
    (0.23, 0.205),
    (0.33, 0.255),
    (0.405, 0.315),
    (0.435, 0.335, 1),
    (0.47, 0.325),
    (0.56, 0.285),
    (0.70, 0.265),
    (0.83, 0.285),
    (0.93, 0.335),
    (0.972, 0.355),
    (0.985, 0.33),
    (0.975, 0.25),
    (0.962, 0.16),
    (0.982, 0.09),
    (0.985, 0.045, 1),
    (0.01, 0.045, 1),
]
CUP_SOLE: Points = [
    (0.005, 0.085),
    (0.10, 0.075),
    (0.35, 0.06),
    (0.6, 0.065),
    (0.85, 0.085),
    (0.99, 0.105, 1),
    (1.005, 0.06),
    (0.99, 0.012),
    (0.93, 0),
    (0.6, 0),
    (0.3, 0),
    (0.12, 0.004),
    (0.04, 0.02),
    (0, 0.05),
]
RUNNER_SOLE: Points = [
    (-0.01, 0.115),
    (0.08, 0.085),
    (0.25, 0.07),
    (0.45, 0.085),
    (0.6, 0.125),
    (0.78, 0.135),
    (0.92, 0.145),
    (1.0, 0.175, 1),
    (1.03, 0.12),
    (1.035, 0.06),
    (0.99, 0.012),
    (0.92, 0),
    (0.72, 0),
    (0.60, 0.012),
    (0.52, 0.012),
    (0.40, 0),
    (0.22, 0),
    (0.10, 0.018),
    (0.02, 0.055),
    (-0.015, 0.09),
]
DRESS_SOLE: Points = [
    (-0.005, 0.055),
    (0.05, 0.06),
    (0.3, 0.045),
    (0.5, 0.055),
    (0.7, 0.07),
    (0.99, 0.07, 1),
    (0.995, 0.045),
    (0.99, 0, 1),
    (0.735, 0, 1),
    (0.725, 0.038, 1),
    (0.6, 0.03),
    (0.45, 0.008),
    (0.3, 0),
    (0.15, 0.006),
    (0.04, 0.025),
    (-0.005, 0.04),
]


def _accent(rng: np.random.Generator, colour: Colour) -> Colour:
    """A second colour that sets itself off from the first."""
    dark_base = brightness(colour) < 0.45
    options = [
        WHITE,
        (0.74, 0.75, 0.77),
        (0.78, 0.16, 0.18),
        (0.95, 0.55, 0.12),
        (0.25, 0.45, 0.72),
        (0.62, 0.78, 0.18),
    ]
    if not dark_base:
        options = [
            BLACK,
            (0.33, 0.34, 0.37),
            (0.16, 0.21, 0.36),
            (0.70, 0.15, 0.17),
            (0.22, 0.38, 0.62),
            WHITE,
        ]
    return options[int(rng.integers(len(options)))]


def _thread(colour: Colour) -> Colour:
    """A stitch colour visible on the given colour."""
    return mix(colour, WHITE, 0.55) if brightness(colour) < 0.5 else shade(colour, 0.72)


def _weave(piece: Piece, period: float = 3.2) -> np.ndarray:
    """A canvas weave over the piece."""
    xs, ys = piece.grid()
    return np.sin(xs * 6.283 / period) * np.sin(ys * 6.283 / period)


def _mesh(piece: Piece, period: float = 7.0) -> np.ndarray:
    """Sports mesh: staggered small holes."""
    xs, ys = piece.grid()
    row = np.floor(ys / period * 1.6)
    return np.cos((xs / period + 0.5 * (row % 2)) * 6.283) * np.cos((ys / period * 1.6 - row - 0.5) * 3.1416)


def _tongue(scene: Scene, frame: Frame, colour: Colour, finish: Finish, reach: float = 0.0) -> None:
    """The tongue behind the lacing of a low shoe."""
    outline = frame.shape(
        [
            (0.29, 0.235),
            (0.42, 0.335),
            (0.55, 0.445),
            (0.595 + reach * 0.3, 0.51 + reach),
            (0.655 + reach * 0.4, 0.495 + reach),
            (0.645, 0.43),
            (0.52, 0.33),
            (0.4, 0.25),
        ]
    )
    piece = Piece(outline, colour, finish, bulge=14)
    piece.stitch(frame.line([(0.34, 0.285), (0.45, 0.37), (0.56, 0.455), (0.60, 0.495 + reach)]), _thread(colour))
    scene.put(piece, 0)


def _laces(
    scene: Scene,
    frame: Frame,
    start: tuple[float, float],
    end: tuple[float, float],
    count: int,
    colour: Colour,
) -> None:
    """Laces across the throat line between two points, each ending in its eyelet."""
    angle = math.degrees(math.atan2(end[1] - start[1], end[0] - start[0])) - 31
    for share in np.linspace(0, 1, count):
        x, y = start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
        local = Frame(*frame.at(x, y), frame.unit, frame.degrees + (-angle if frame.flip else angle), frame.flip)
        scene.put(Piece(local.oval(0.058, -0.026, 0.0085), (0.08, 0.08, 0.08), FABRIC, bulge=2, depth=-2), 0)
        lace = Piece(
            local.shape(
                [
                    (-0.026, 0.024),
                    (-0.004, 0.038),
                    (0.042, 0.004),
                    (0.062, -0.020),
                    (0.052, -0.031),
                    (0.030, -0.008),
                ]
            ),
            colour,
            FABRIC,
            bulge=6,
            depth=5,
        )
        lace.emboss(_weave(lace, 3.0), 0.35)
        scene.put(lace, 0.5, (1, 3), 2)


def _bow(scene: Scene, frame: Frame, x: float, y: float, colour: Colour) -> None:
    """The tied bow hanging at the top of the lacing."""
    for loop in (
        [
            (x, y),
            (x + 0.05, y + 0.02),
            (x + 0.085, y - 0.03),
            (x + 0.06, y - 0.055),
            (x + 0.02, y - 0.025),
            (x, y),
        ],
        [(x, y), (x + 0.02, y - 0.04), (x + 0.05, y - 0.10), (x + 0.045, y - 0.135)],
    ):
        path = stroke_outline(frame.line(loop), 0.016 * frame.unit)
        scene.put(Piece(path, colour, FABRIC, bulge=4, depth=4), 0.4, (1, 3), 2)
    scene.put(Piece(frame.oval(x + 0.004, y, 0.016, 0.013), colour, FABRIC, bulge=5), 0.4, (1, 2), 2)


def _side_mark(rng: np.random.Generator, frame: Frame) -> list[Any]:
    """The shapes of an invented side mark."""
    kind = int(rng.integers(6))
    if kind == 0:
        return [frame.shape([(0.50, 0.08, 1), (0.62, 0.25), (0.72, 0.29, 1), (0.645, 0.18), (0.59, 0.08, 1)])]
    if kind == 1:
        return [
            frame.polygon([(x, 0.07), (x + wide, 0.07), (x + wide - 0.07, 0.27), (x - 0.07, 0.275)])
            for x, wide in ((0.60, 0.07), (0.70, 0.025))
        ]
    if kind == 2:
        return [
            frame.polygon(
                [
                    (x, 0.10),
                    (x + 0.05, 0.18),
                    (x, 0.26),
                    (x + 0.035, 0.26),
                    (x + 0.085, 0.18),
                    (x + 0.035, 0.10),
                ]
            )
            for x in (0.53, 0.61)
        ]
    if kind == 3:
        return [
            frame.shape([(0.50, 0.25, 1), (0.62, 0.23), (0.74, 0.13), (0.79, 0.06, 1), (0.70, 0.06, 1), (0.60, 0.16)])
        ]
    if kind == 4:
        return [
            frame.polygon([(0.54, 0.12), (0.66, 0.12), (0.63, 0.165), (0.60, 0.165)]),
            frame.polygon([(0.57, 0.19), (0.61, 0.19), (0.69, 0.27), (0.65, 0.275)]),
        ]
    return [frame.shape([(0.57, 0.12), (0.66, 0.13), (0.70, 0.19), (0.64, 0.24), (0.57, 0.21), (0.555, 0.16)])]


def _vulcanised_sole(scene: Scene, frame: Frame, rng: np.random.Generator, rubber: Colour, stripe: Colour) -> None:
    """A flat rubber sole with a line around it and a thin tread."""
    sole = Piece(frame.shape(CUP_SOLE), rubber, RUBBER, bulge=12, depth=8)
    sole.carve(
        frame.line([(0, 0.062), (0.1, 0.054), (0.35, 0.042), (0.6, 0.045), (0.85, 0.064), (1.01, 0.08)]),
        3,
        1.5,
    )
    if rng.random() < 0.6:
        sole.paint(
            sole.raster(
                frame.line([(-0.01, 0.05), (0.1, 0.042), (0.35, 0.03), (0.6, 0.033), (0.85, 0.048), (1.02, 0.06)]),
                0.009 * frame.unit,
            ),
            stripe,
        )
    tread = frame.shape(
        [
            (0, 0.022),
            (0.05, 0.015),
            (0.12, 0.010),
            (0.6, 0.009),
            (0.93, 0.010),
            (1.01, 0.022),
            (1.02, -0.1, 1),
            (-0.02, -0.1, 1),
        ]
    )
    sole.panel(tread, GUM if rng.random() < 0.4 else shade(rubber, 0.8), 1.5)
    scene.put(sole, 0.45, (0, -3), 4)


def _sneaker(frame: Frame, rng: np.random.Generator, colour: Colour, usage: str) -> Scene:
    """A canvas or leather casual sneaker, low or high, laced or slip-on."""
    scene = Scene()
    leather = rng.random() < 0.5
    high = rng.random() < 0.22
    slip_on = not high and rng.random() < 0.25
    toe_cap = not leather and rng.random() < 0.6
    accent = mix(_accent(rng, colour), colour, float(rng.choice([0, 0, 0.6, 0.85])))
    rubber = [WHITE, WHITE, OFF_WHITE, BLACK, GUM][int(rng.integers(5))]
    laces = WHITE if rng.random() < 0.6 else mix(colour, WHITE, 0.15)
    finish = LEATHER if leather else FABRIC
    inside = mix(colour, WHITE, 0.6) if brightness(colour) < 0.6 else shade(colour, 0.8)
    if high:
        scene.put(
            Piece(
                frame.shape([(0.60, 0.66), (0.70, 0.69), (0.86, 0.69), (0.965, 0.665), (0.80, 0.62)]),
                shade(inside, 0.75),
                FABRIC,
                bulge=8,
            ),
            0,
        )
    else:
        scene.put(
            Piece(
                frame.shape([(0.62, 0.44), (0.74, 0.415), (0.88, 0.425), (0.965, 0.42), (0.9, 0.33), (0.74, 0.33)]),
                shade(inside, 0.62),
                FABRIC,
                bulge=10,
            ),
            0,
        )
    if not slip_on:
        _tongue(scene, frame, mix(colour, accent, 0.25), finish, 0.17 if high else 0)
    upper = Piece(frame.shape(HIGH_UPPER if high else LOW_UPPER), colour, finish, bulge=60, depth=34)
    if leather:
        upper.emboss(upper.noise(rng, 1.6), 0.10)
    else:
        upper.emboss(_weave(upper), 0.35)
        upper.tint(upper.noise(rng, 1.2), 0.03)
    thread = _thread(colour)
    if slip_on:
        gore = frame.shape(
            [(0.50, 0.385), (0.575, 0.445, 1), (0.63, 0.46, 1), (0.66, 0.40), (0.61, 0.27), (0.56, 0.30)]
        )
        upper.panel(gore, shade(colour, 0.55), -1.5)
        ribs = upper.grid()
        upper.emboss(np.sin(ribs[0] * 1.2), 0.5, gore)
        upper.stitch(frame.line([(0.20, 0.05), (0.27, 0.14), (0.40, 0.21), (0.53, 0.27)]), thread)
    else:
        tail = (
            [(0.54, 0.36), (0.60, 0.46), (0.655, 0.66, 1), (0.58, 0.67, 1), (0.53, 0.50)]
            if high
            else [(0.58, 0.36), (0.66, 0.37), (0.72, 0.5, 1), (0.58, 0.60, 1)]
        )
        stay = frame.shape(
            [(0.27, 0.215, 1), (0.32, 0.20), (0.37, 0.225), (0.46, 0.29), *tail, (0.46, 0.40), (0.34, 0.30)]
        )
        upper.panel(stay, mix(colour, accent, 0.8), 1.8)
        upper.stitch(frame.line([(0.30, 0.208), (0.37, 0.238), (0.46, 0.305), (0.53 if high else 0.58, 0.374)]), thread)
        quarter = [(0.36, 0.21), (0.39, 0.13), (0.40, 0.04)]
        upper.carve(frame.line(quarter), 3, 1.2)
        upper.stitch(frame.line([(x + 0.013, y) for x, y in quarter]), thread)
    counter = frame.shape([(0.82, 0, 1), (0.835, 0.13), (0.87, 0.24), (0.93, 0.30), (1.1, 0.32, 1), (1.1, 0, 1)])
    upper.panel(counter, mix(colour, accent, 0.9), 2.2)
    upper.stitch(frame.line([(0.828, 0.02), (0.845, 0.13), (0.88, 0.235), (0.935, 0.288), (1, 0.305)]), thread)
    if high:
        collar = [(0.58, 0.635), (0.72, 0.62), (0.86, 0.62), (0.99, 0.635)]
        if rng.random() < 0.6:
            upper.panel(frame.oval(0.80, 0.47, 0.058), WHITE, 1.6)
            upper.carve(frame.oval(0.80, 0.47, 0.040), 2.5, 0.8)
    else:
        collar = [(0.64, 0.425), (0.70, 0.372), (0.80, 0.335), (0.89, 0.352), (0.98, 0.40)]
    upper.carve(frame.line(collar), 3, 1.6)
    upper.stitch(frame.line([(x, y - 0.018) for x, y in collar]), thread)
    if leather and rng.random() < 0.75:
        for mark in _side_mark(rng, frame):
            upper.panel(mark, accent, 1.6)
    if toe_cap:
        cap = frame.shape(
            [
                (-0.05, 0.02, 1),
                (-0.05, 0.3, 1),
                (0.10, 0.24, 1),
                (0.145, 0.18),
                (0.155, 0.12),
                (0.13, 0.04, 1),
            ]
        )
        upper.panel(cap, rubber if rubber != GUM else OFF_WHITE, 3.0, gloss=0.16)
    scene.put(upper, 0.4)
    if not slip_on:
        end = (0.53, 0.565) if high else (0.535, 0.375)
        _laces(scene, frame, (0.305, 0.235), (0.52, 0.375), 5, laces)
        if high:
            _laces(scene, frame, (0.532, 0.44), end, 3, laces)
        elif rng.random() < 0.6:
            _bow(scene, frame, 0.545, 0.425, laces)
    _vulcanised_sole(scene, frame, rng, rubber, accent)
    return scene


def _runner(frame: Frame, rng: np.random.Generator, colour: Colour, usage: str) -> Scene:
    """A running or training shoe: mesh, overlays, shaped midsole and tread."""
    scene = Scene()
    accent = _accent(rng, colour)
    overlay = mix(colour, accent, float(rng.choice([0.12, 0.5, 1.0])))
    pop = _accent(rng, colour)
    lifted = Frame(*frame.at(0, 0.03), frame.unit, frame.degrees, frame.flip, frame.squeeze, frame.rise)
    inside = mix(pop, (0.5, 0.5, 0.5), 0.4)
    scene.put(
        Piece(
            lifted.shape([(0.62, 0.44), (0.74, 0.42), (0.88, 0.44), (0.965, 0.44), (0.9, 0.33), (0.74, 0.33)]),
            shade(inside, 0.6),
            FABRIC,
            bulge=10,
        ),
        0,
    )
    _tongue(scene, lifted, mix(colour, accent, 0.4), FABRIC, 0.02)
    upper = Piece(lifted.shape(LOW_UPPER), colour, FABRIC, bulge=60, depth=34)
    holes = _mesh(upper, float(rng.uniform(6, 9)))
    upper.emboss(holes, 0.55)
    upper.tint(np.minimum(holes, 0), 0.16)
    thread = _thread(overlay)
    toe = [
        [
            (-0.05, 0.02, 1),
            (-0.05, 0.25, 1),
            (0.06, 0.24, 1),
            (0.10, 0.18),
            (0.13, 0.13),
            (0.20, 0.085),
            (0.32, 0.06),
            (0.36, 0, 1),
        ],
        [
            (-0.05, 0.02, 1),
            (-0.05, 0.16, 1),
            (0.02, 0.15),
            (0.12, 0.12),
            (0.28, 0.11),
            (0.42, 0.10),
            (0.5, 0, 1),
        ],
    ]
    upper.panel(lifted.shape(toe[int(rng.integers(2))]), overlay, 2.5, gloss=0.14)
    saddle = [
        (0.44, 0, 1),
        (0.46, 0.09),
        (0.48, 0.17),
        (0.53, 0.24),
        (0.60, 0.30),
        (0.66, 0.33),
        (0.70, 0.5, 1),
        (0.60, 0.5, 1),
        (0.50, 0.39),
        (0.36, 0.30),
        (0.27, 0.245),
        (0.245, 0.215),
        (0.30, 0.205),
        (0.38, 0.24),
        (0.42, 0.2),
        (0.40, 0.12),
        (0.36, 0.02, 1),
    ]
    upper.panel(lifted.shape(saddle), overlay, 2.5, gloss=0.14)
    upper.stitch(lifted.line([(0.475, 0.09), (0.495, 0.165), (0.54, 0.228), (0.605, 0.285), (0.665, 0.315)]), thread)
    heel = lifted.shape([(0.78, 0, 1), (0.80, 0.13), (0.85, 0.25), (0.90, 0.32), (1.1, 0.36, 1), (1.1, 0, 1)])
    upper.panel(heel, mix(overlay, pop, 0.5 if rng.random() < 0.4 else 0), 2.8, gloss=0.2)
    upper.stitch(lifted.line([(0.79, 0.02), (0.81, 0.13), (0.86, 0.245), (0.91, 0.31), (1, 0.335)]), thread)
    ribbed = rng.random() < 0.35
    for offset in (0, 0.035, 0.07) if ribbed else ():
        rib = lifted.line([(0.55 + offset, 0.08), (0.63 + offset, 0.2), (0.70 + offset, 0.30)])
        upper.panel(upper.raster(rib, 0.014 * frame.unit), pop, 1.8)
    collar = lifted.shape(
        [
            (0.60, 0.45),
            (0.66, 0.42),
            (0.72, 0.37),
            (0.80, 0.34),
            (0.89, 0.36),
            (0.95, 0.40),
            (1.0, 0.42),
            (1, 0.37),
            (0.9, 0.325),
            (0.8, 0.30),
            (0.71, 0.33),
            (0.66, 0.375),
        ]
    )
    upper.panel(collar, shade(mix(colour, pop, 0.35), 0.85), 5, soften=3.5)
    for mark in () if ribbed else _side_mark(rng, lifted):
        upper.panel(mark, pop if rng.random() < 0.5 else accent, 2.0, gloss=0.25)
    scene.put(upper, 0.4)
    laces = [WHITE, pop, BLACK][int(rng.integers(3))]
    _laces(scene, lifted, (0.315, 0.245), (0.54, 0.385), 6, laces)
    _runner_sole(scene, frame, rng, pop, accent)
    return scene


def _runner_sole(scene: Scene, frame: Frame, rng: np.random.Generator, pop: Colour, accent: Colour) -> None:
    """A foam midsole with sculpted lines, an insert at the heel and a lugged outsole."""
    foam = [WHITE, WHITE, (0.80, 0.81, 0.83), BLACK][int(rng.integers(4))]
    sole = Piece(frame.shape(RUNNER_SOLE), foam, RUBBER, bulge=20, depth=12)
    for lift in (0.0, 0.035) if rng.random() < 0.6 else (0.02,):
        groove = [
            (0.02, 0.075),
            (0.2, 0.045),
            (0.42, 0.05),
            (0.6, 0.075 + lift),
            (0.8, 0.07 + lift),
            (1.03, 0.10 + lift),
        ]
        sole.carve(frame.line(groove), 4, 2.2)
    if rng.random() < 0.6:
        insert = frame.shape([(0.62, 0.045), (0.68, 0.03), (0.90, 0.03), (0.985, 0.06), (0.93, 0.085), (0.75, 0.085)])
        sole.panel(insert, pop, -2.0, gloss=0.3)
        for x in np.linspace(0.68, 0.92, int(rng.integers(3, 6))):
            sole.carve(frame.line([(x, 0.03), (x + 0.02, 0.085)]), 5, -2.0, 0)
    tread = frame.shape(
        [
            (-0.02, 0.09),
            (0.02, 0.045),
            (0.10, 0.02),
            (0.22, 0.014),
            (0.40, 0.014),
            (0.52, 0.022),
            (0.60, 0.022),
            (0.72, 0.014),
            (0.92, 0.014),
            (1.0, 0.022),
            (1.06, 0.05),
            (1.1, -0.1, 1),
            (-0.1, -0.1, 1),
        ]
    )
    sole.panel(tread, shade(accent, 0.55) if brightness(accent) < 0.8 else BLACK, 2.0)
    for x in np.arange(0.08, 1.0, float(rng.uniform(0.03, 0.05))):
        sole.carve(frame.line([(x, -0.01), (x + 0.006, 0.018)]), 4, 2.5, 0.5)
    scene.put(sole, 0.45, (0, -3), 4)


def _dress_sole(scene: Scene, frame: Frame, colour: Colour, welt: Colour) -> None:
    """A thin leather sole with a stitched welt and a stacked heel."""
    sole = Piece(frame.shape(DRESS_SOLE), colour, LEATHER, bulge=9, depth=5)
    edge = [(-0.005, 0.047), (0.05, 0.048), (0.3, 0.033), (0.5, 0.042), (0.7, 0.056), (0.995, 0.057)]
    sole.panel(sole.raster(frame.line(edge), 0.018 * frame.unit), welt, 1.5)
    sole.carve(frame.line([(x, y - 0.016) for x, y in edge]), 2, 1, 0.35)
    sole.stitch(frame.line([(x, y + 0.002) for x, y in edge]), mix(welt, WHITE, 0.45), 1.6, (3.5, 2.5))
    for y in (0.014, 0.027):
        sole.carve(frame.line([(0.73, y), (0.99, y)]), 1.6, 0.8, 0.35)
    scene.put(sole, 0.45, (0, -2), 3)


def _formal(frame: Frame, rng: np.random.Generator, colour: Colour, usage: str) -> Scene:
    """A polished dress shoe: oxford, derby, monk strap or loafer."""
    cut = ["oxford", "derby", "monk", "loafer"][int(rng.integers(4))]
    if cut == "loafer":
        return _loafer(frame, rng, colour, "Formal")
    scene = Scene()
    polish = PATENT if rng.random() < 0.25 else Finish(0.32, 34, 0.26)
    thread = mix(colour, (0.05, 0.05, 0.05), 0.35) if brightness(colour) > 0.3 else mix(colour, WHITE, 0.22)
    scene.put(
        Piece(
            frame.shape([(0.62, 0.43), (0.74, 0.41), (0.88, 0.42), (0.965, 0.41), (0.9, 0.33), (0.74, 0.33)]),
            TAN_LINING,
            LEATHER,
            bulge=10,
        ).darken(frame.oval(0.8, 0.34, 0.15, 0.06), 0.5, 6),
        0,
    )
    _tongue(scene, frame, shade(colour, 0.92), polish, -0.02)
    upper = Piece(frame.shape(FORMAL_UPPER), colour, polish, bulge=62, depth=34)
    upper.emboss(upper.noise(rng, 1.4), 0.05)
    facing = {
        "oxford": [
            (0.27, 0.205, 1),
            (0.315, 0.185),
            (0.38, 0.205),
            (0.47, 0.265),
            (0.55, 0.30),
            (0.60, 0.27),
            (0.58, 0.16),
            (0.50, 0.04, 1),
        ],
        "derby": [
            (0.34, 0.25, 1),
            (0.335, 0.20),
            (0.40, 0.17),
            (0.50, 0.20),
            (0.56, 0.17),
            (0.53, 0.10),
            (0.47, 0.03, 1),
        ],
        "monk": [(0.31, 0.23, 1), (0.33, 0.17), (0.42, 0.13), (0.50, 0.09), (0.52, 0.02, 1)],
    }[cut]
    quarter = frame.shape([*facing, (1.1, 0, 1), (1.1, 0.6, 1), (0.55, 0.6, 1), (0.42, 0.36, 1)])
    upper.panel(quarter, shade(colour, 0.97), 2.2)
    inset = [(p[0] + 0.014, p[1] - 0.004) for p in facing[1:]]
    upper.stitch(frame.line(inset), thread, 1.6, (3.5, 2.5))
    upper.stitch(frame.line([(x + 0.012, y - 0.004) for x, y in inset]), thread, 1.6, (3.5, 2.5))
    counter = [(0.80, 0.03), (0.82, 0.12), (0.86, 0.20), (0.92, 0.25), (1.0, 0.265)]
    upper.carve(frame.line(counter), 2.5, 1.2)
    upper.stitch(frame.line([(x + 0.012, y - 0.008) for x, y in counter]), thread, 1.6, (3.5, 2.5))
    upper.carve(frame.line([(0.64, 0.41), (0.735, 0.345), (0.82, 0.33), (0.91, 0.36), (0.98, 0.40)]), 2.5, 1.2)
    if rng.random() < 0.7:
        _toe_cap(upper, frame, rng, colour, thread)
    for crease in ((0.25, 0.19, 0.29, 0.12), (0.29, 0.205, 0.335, 0.13)):
        upper.carve(
            frame.line([(crease[0], crease[1]), (crease[0] + 0.012, 0.16), (crease[2], crease[3])]),
            7,
            0.9,
            0.05,
        )
    scene.put(upper, 0.35)
    if cut == "monk":
        _monk_strap(scene, frame, colour, polish, thread, GOLD if rng.random() < 0.5 else SILVER)
    else:
        first, last = ((0.325, 0.235), (0.53, 0.37)) if cut == "oxford" else ((0.37, 0.265), (0.53, 0.37))
        _laces(scene, frame, first, last, 5 if cut == "oxford" else 4, shade(colour, 0.7))
    edge = SOLE_BROWN if brightness(colour) > 0.15 else BLACK
    _dress_sole(scene, frame, edge, shade(edge, 1.08))
    return scene


def _toe_cap(upper: Piece, frame: Frame, rng: np.random.Generator, colour: Colour, thread: Colour) -> None:
    """A straight or wing toe cap, sometimes with brogue holes."""
    if rng.random() < 0.4:
        seam = [(0.20, 0.24), (0.215, 0.17), (0.28, 0.13), (0.36, 0.09), (0.44, 0.045)]
    else:
        seam = [(0.165, 0.24), (0.185, 0.165), (0.19, 0.10), (0.18, 0.03)]
    upper.panel(frame.shape([*seam, (-0.1, 0, 1), (-0.1, 0.3, 1)]), shade(colour, 0.96), 1.8)
    upper.stitch(frame.line([(x - 0.012, y) for x, y in seam]), thread, 1.6, (3.5, 2.5))
    if rng.random() < 0.5:
        holes = frame.line([(x - 0.030, y) for x, y in seam])
        upper.carve(holes, 1.0, 0.5, 0.1)
        dots = upper.raster(holes, 5.0, (4.5, 6.0))
        upper.panel(dots, shade(colour, 0.25), -2.0, soften=0.6, seat=0)


def _monk_strap(scene: Scene, frame: Frame, colour: Colour, finish: Finish, thread: Colour, metal: Colour) -> None:
    """The buckled strap over the instep."""
    strap = Piece(
        frame.shape(
            [
                (0.37, 0.29, 1),
                (0.43, 0.345, 1),
                (0.52, 0.30),
                (0.60, 0.24),
                (0.655, 0.205),
                (0.665, 0.18),
                (0.635, 0.165),
                (0.56, 0.19),
                (0.46, 0.245),
            ]
        ),
        colour,
        finish,
        bulge=12,
        depth=7,
    )
    strap.stitch(frame.line([(0.40, 0.285), (0.48, 0.245), (0.57, 0.20), (0.635, 0.178)]), thread, 1.6, (3.5, 2.5))
    scene.put(strap, 0.5, (2, 5), 3)
    _buckle(scene, frame, 0.585, 0.225, 0.034, 0.046, -32, metal)


def _buckle(
    scene: Scene, frame: Frame, x: float, y: float, rx: float, ry: float, degrees: float, metal: Colour
) -> None:
    """A small metal frame buckle with its tongue."""
    local = Frame(*frame.at(x, y), frame.unit, frame.degrees + (-degrees if frame.flip else degrees), frame.flip)
    ring = stroke_outline(local.box(-rx, -ry, rx, ry, rx * 0.4), 0.012 * frame.unit)
    scene.put(Piece(ring, metal, METAL, bulge=3, depth=3, soften=0.7), 0.5, (1, 3), 2)
    pin = stroke_outline(local.line([(-rx, 0), (rx, 0)]), 0.008 * frame.unit)
    scene.put(Piece(pin, metal, METAL, bulge=2, depth=2, soften=0.6), 0.4, (1, 2), 1.5)


def _loafer(frame: Frame, rng: np.random.Generator, colour: Colour, usage: str) -> Scene:
    """A slip-on loafer with apron seam: penny strap, tassel, bit or plain; suede when casual."""
    scene = Scene()
    formal = usage == "Formal"
    finish = Finish(0.30, 34, 0.24) if formal else (SUEDE if rng.random() < 0.55 else LEATHER)
    contrast = mix(colour, (0.05, 0.04, 0.03), 0.4) if formal or brightness(colour) > 0.5 else _thread(colour)
    lining = Piece(
        frame.shape(
            [
                (0.42, 0.33),
                (0.56, 0.335),
                (0.74, 0.33),
                (0.90, 0.36),
                (0.972, 0.355),
                (0.9, 0.25),
                (0.6, 0.24),
            ]
        ),
        TAN_LINING,
        LEATHER,
        bulge=8,
    ).darken(frame.oval(0.7, 0.27, 0.25, 0.05), 0.55, 8)
    scene.put(lining, 0)
    upper = Piece(frame.shape(LOAFER_UPPER), colour, finish, bulge=58, depth=34)
    upper.emboss(upper.noise(rng, 1.0), 0.16 if finish is SUEDE else 0.06)
    if finish is SUEDE:
        upper.tint(upper.noise(rng, 5, 2), 0.035)
    apron = [(0.06, 0.13), (0.10, 0.145), (0.22, 0.155), (0.32, 0.19), (0.40, 0.25), (0.44, 0.30)]
    top = frame.shape([*apron, (0.44, 0.5, 1), (0.0, 0.4, 1)])
    upper.panel(top, shade(colour, 1.02), -1.6, soften=1.6)
    upper.carve(frame.line(apron), 6, -2.6, 0)
    upper.stitch(frame.line([(x, y - 0.016) for x, y in apron]), contrast, 2.2, (4, 5))
    trim = [(0.445, 0.315), (0.56, 0.27), (0.70, 0.25), (0.83, 0.27), (0.93, 0.318), (0.99, 0.345)]
    upper.carve(frame.line(trim), 3, 1.2)
    seam = [(0.83, 0.03), (0.835, 0.14), (0.85, 0.27)]
    upper.carve(frame.line(seam), 2.5, 1.2)
    upper.stitch(frame.line([(x + 0.012, y) for x, y in seam]), contrast, 1.6, (4, 3))
    scene.put(upper, 0.35)
    _loafer_trim(scene, frame, rng, colour, finish, contrast)
    if formal or rng.random() < 0.3:
        _dress_sole(scene, frame, SOLE_BROWN if brightness(colour) > 0.15 else BLACK, SOLE_BROWN)
    else:
        low = Frame(frame.x, frame.y, frame.unit, frame.degrees, frame.flip, frame.squeeze, frame.rise * 0.72)
        _vulcanised_sole(scene, low, rng, [GUM, OFF_WHITE, SOLE_BROWN][int(rng.integers(3))], colour)
    return scene


def _loafer_trim(
    scene: Scene, frame: Frame, rng: np.random.Generator, colour: Colour, finish: Finish, thread: Colour
) -> None:
    """What crosses the vamp of a loafer."""
    kind = int(rng.integers(4))
    if kind == 3:
        return
    saddle = Piece(
        frame.shape(
            [
                (0.30, 0.25, 1),
                (0.375, 0.30, 1),
                (0.42, 0.255),
                (0.47, 0.17),
                (0.50, 0.09),
                (0.44, 0.085),
                (0.40, 0.15),
                (0.36, 0.205),
            ]
        ),
        shade(colour, 0.97),
        finish,
        bulge=10,
        depth=5,
    )
    saddle.stitch(frame.line([(0.33, 0.245), (0.375, 0.205), (0.415, 0.15), (0.45, 0.095)]), thread, 1.6, (4, 3))
    saddle.stitch(frame.line([(0.375, 0.285), (0.41, 0.245), (0.455, 0.17), (0.485, 0.095)]), thread, 1.6, (4, 3))
    if kind == 0:
        saddle.panel(
            frame.shape([(0.355, 0.262), (0.385, 0.272), (0.405, 0.235), (0.375, 0.225)]),
            shade(colour, 0.35),
            -2,
        )
    scene.put(saddle, 0.4, (1, 4), 3)
    if kind == 1:
        metal = GOLD if rng.random() < 0.5 else SILVER
        bar = stroke_outline(frame.line([(0.335, 0.265), (0.37, 0.245), (0.405, 0.205)]), 0.016 * frame.unit)
        scene.put(Piece(bar, metal, METAL, bulge=4, depth=4, soften=0.6), 0.5, (1, 3), 2)
        for x, y in ((0.338, 0.262), (0.405, 0.205)):
            ring = stroke_outline(frame.oval(x, y, 0.020), 0.010 * frame.unit)
            scene.put(Piece(ring, metal, METAL, bulge=3, depth=3, soften=0.6), 0.5, (1, 2), 2)
    elif kind == 2:
        for lean in (-0.012, 0.026):
            x, y = 0.335 + lean, 0.235 - abs(lean) * 0.4
            tassel = Piece(
                frame.shape([(x, y), (x + 0.014, y), (x + 0.024, y - 0.065, 1), (x - 0.014, y - 0.065, 1)]),
                colour,
                finish,
                bulge=6,
                depth=5,
            )
            tassel.emboss(np.sin(tassel.grid()[0] * 2.0), 0.9)
            scene.put(tassel, 0.5, (1, 3), 2)


def _casual(frame: Frame, rng: np.random.Generator, colour: Colour, usage: str) -> Scene:
    """A casual shoe: mostly sneakers, some loafers."""
    return _loafer(frame, rng, colour, usage) if rng.random() < 0.25 else _sneaker(frame, rng, colour, usage)


RISE = {
    "Casual Shoes": (0.80, 0.93),
    "Sports Shoes": (0.82, 0.93),
    "Formal Shoes": (0.76, 0.86),
    "Heels": (0.95, 1.08),
    "Sandals": (0.9, 1.05),
}
SIDE_VIEWS: dict[str, Drawer] = {
    "Casual Shoes": _casual,
    "Sports Shoes": _runner,
    "Formal Shoes": _formal,
    "Heels": draw_heels,
    "Sandals": draw_sandals,
}


def _side_view(look: Look) -> Image.Image:
    """One shoe, or a pair one behind the other, standing on the ground."""
    rng = look.rng
    draw = SIDE_VIEWS[look.article]
    seed = int(rng.integers(2**32))
    pair = rng.random() < 0.4
    flip = rng.random() < 0.15
    unit = float(rng.uniform(480, 525)) * (0.88 if pair else 1)
    if look.article == "Heels":
        unit *= 0.9
    rise = float(rng.uniform(*RISE[look.article]))
    tilt = float(rng.uniform(-1.2, 1.2))
    margin = (WIDTH - unit) / 2
    ground = HEIGHT / 2 + float(rng.uniform(95, 125)) + (25 if pair or look.article == "Heels" else 0)
    scene = Scene()
    for across, up, size in [(30, -62, 0.97), (-26, 0, 1.0)] if pair else [(0, 0, 1.0)]:
        left = margin + across
        frame = Frame(WIDTH - left if flip else left, ground + up, unit * size, tilt, flip, rise=rise)
        shoe = draw(frame, np.random.default_rng(seed), look.rgb, look.usage)
        scene.absorb(shoe.stand(ground + up, 0.9))
    return scene.image()


def _top_view(look: Look) -> Image.Image:
    """A pair of open shoes seen from above."""
    rng = look.rng
    seed = int(rng.integers(2**32))
    unit = float(rng.uniform(490, 545))
    splay = float(rng.uniform(0, 4))
    gap = float(rng.uniform(0.232, 0.245)) * unit
    tilt = float(rng.uniform(-2.5, 2.5))
    scene = Scene()
    for side in (-1, 1):
        frame = Frame(WIDTH / 2 + side * gap, HEIGHT / 2 + unit / 2, unit, tilt - side * splay, side < 0)
        scene.absorb(draw_flip_flop(frame, np.random.default_rng(seed), look.rgb, look.usage).lie())
    return scene.image()


def _sandals(look: Look) -> Image.Image:
    """Sandals: mostly from the side, some slides from above."""
    return _side_view(look) if look.chance(0.8) else _top_view(look)


DRAW: dict[str, Callable[[Look], Image.Image]] = {
    "Casual Shoes": _side_view,
    "Sports Shoes": _side_view,
    "Formal Shoes": _side_view,
    "Heels": _side_view,
    "Sandals": _sandals,
    "Flip Flops": _top_view,
}
