"""Studio shots of caps, ties, scarves and socks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from .relief import (
    FABRIC,
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
from .studio import HEIGHT, WIDTH, Fill, Look, checks, dots, motif, solid, stripes

WHITE = (0.93, 0.93, 0.92)
BLACK = (0.11, 0.11, 0.12)
SATIN = Finish(0.16, 9, 0.04)


def _thread(colour: Colour) -> Colour:
    """A stitch colour visible on the given colour."""
    return mix(colour, WHITE, 0.40) if brightness(colour) < 0.5 else shade(colour, 0.75)


def _twill(piece: Piece, rng: np.random.Generator, period: float = 4.0) -> None:
    """Diagonal twill ribs with a little yarn unevenness."""
    xs, ys = piece.grid()
    piece.emboss(np.sin((xs + ys) * 6.283 / period), 0.20)
    piece.tint(piece.noise(rng, 1.1), 0.025)


def _mirrored(half: Points) -> list[Any]:
    """A closed outline from its right half, given from top to bottom."""
    return [*half, *[(-p[0], *p[1:]) for p in reversed(half) if abs(p[0]) > 1e-6]]


# ------------------------------------------------------------------------------------------------ caps


def _cap(look: Look) -> Image.Image:
    """A baseball cap in three-quarter view, peak to the front left or right."""
    rng, colour = look.rng, look.rgb
    flip = look.chance(0.3)
    shift = -35 if flip else 35
    frame = Frame(
        WIDTH / 2 + shift,
        HEIGHT / 2 + 80,
        look.span(520, 555),
        look.span(-2, 2),
        flip,
        rise=look.span(0.95, 1.08),
    )
    second = look.pick(colour, colour, shade(colour, 0.6), look.contrast())
    scene = Scene()
    crown = [
        (-0.36, 0.0),
        (-0.375, 0.15),
        (-0.32, 0.32),
        (-0.20, 0.43),
        (-0.03, 0.475),
        (0.16, 0.45),
        (0.31, 0.34),
        (0.385, 0.17),
        (0.40, 0.0),
        (0.385, -0.075),
        (0.25, -0.10),
        (0.05, -0.085),
        (-0.15, -0.035),
        (-0.30, 0.015),
    ]
    dome = Piece(frame.shape(crown), colour, FABRIC, bulge=150, depth=84)
    _twill(dome, rng)
    dome.emboss(dome.noise(rng, 22), 1.6)
    if look.chance(0.35):
        dome.paint(
            frame.shape(
                [
                    (-0.045, 0.6, 1),
                    (-0.045, 0.47),
                    (0.06, 0.30),
                    (0.11, 0.10),
                    (0.12, -0.2, 1),
                    (0.6, -0.2, 1),
                    (0.6, 0.6, 1),
                ]
            ),
            second,
        )
    seams = (
        [(-0.03, 0.475), (-0.17, 0.34), (-0.215, 0.15), (-0.20, -0.02)],
        [(-0.03, 0.475), (0.07, 0.32), (0.12, 0.12), (0.12, -0.1)],
        [(-0.03, 0.475), (0.20, 0.36), (0.31, 0.18), (0.335, -0.1)],
    )
    for seam in seams:
        dome.carve(frame.line(seam), 3, 1.8)
        for side in (-0.012, 0.012):
            dome.stitch(frame.line([(x + side, y) for x, y in seam]), _thread(colour), 1.4, (4, 3))
    for x, y in ((-0.075, 0.30), (0.19, 0.27), (-0.27, 0.26)):
        dome.panel(stroke_outline(frame.oval(x, y, 0.011), 4), second, 1.2)
        dome.panel(frame.oval(x, y, 0.006), BLACK, -1.5, seat=0)
    scene.put(dome, 0.3)
    _cap_emblem(scene, frame, look, second)
    scene.put(Piece(frame.oval(-0.03, 0.478, 0.026, 0.015), second, FABRIC, bulge=7, depth=5), 0.3, (1, 2), 2)
    under = [
        (-0.37, -0.005),
        (-0.52, -0.10),
        (-0.575, -0.185),
        (-0.50, -0.235),
        (-0.33, -0.225),
        (-0.12, -0.175),
        (0.02, -0.115),
    ]
    scene.put(Piece(frame.shape(under), shade(second, 0.45), FABRIC, bulge=10), 0.3)
    peak = [
        (-0.365, 0.035),
        (-0.50, -0.05),
        (-0.575, -0.145),
        (-0.585, -0.18),
        (-0.51, -0.205),
        (-0.34, -0.195),
        (-0.13, -0.150),
        (0.03, -0.105),
        (0.13, -0.085, 1),
        (0.02, -0.068),
        (-0.13, -0.028),
        (-0.27, 0.025),
    ]
    brim = Piece(frame.shape(peak), second, FABRIC, bulge=60, depth=26)
    _twill(brim, rng)
    outer = [
        (-0.50, -0.05),
        (-0.565, -0.145),
        (-0.50, -0.19),
        (-0.34, -0.18),
        (-0.13, -0.135),
        (0.06, -0.085),
    ]
    for share in (0, 0.16, 0.32, 0.48, 0.64):
        row = [(x + (-0.10 - x) * share * 0.75, y + (0.01 - y) * share) for x, y in outer]
        brim.stitch(frame.line(row), _thread(second), 1.3, (4, 3))
    scene.put(brim, 0.45, (0, 4), 6)
    return scene.stand(frame.at(0, -0.20)[1], 0.8).image()


def _cap_emblem(scene: Scene, frame: Frame, look: Look, second: Colour) -> None:
    """An embroidered invented sign on the front panels."""
    ink: Colour = WHITE if brightness(look.rgb) < 0.5 else BLACK
    if brightness(second) > 0.5 > brightness(look.rgb):
        ink = second
    x, y = -0.10, 0.155
    kind = look.pick("peak", "ring", "bars", "none", "patch")
    if kind == "none":
        return
    if kind == "peak":
        shapes = [
            frame.polygon(
                [
                    (x - 0.08, y - 0.05),
                    (x - 0.025, y + 0.055),
                    (x + 0.005, y),
                    (x + 0.03, y + 0.03),
                    (x + 0.075, y - 0.055),
                ]
            )
        ]
    elif kind == "ring":
        shapes = [stroke_outline(frame.oval(x, y, 0.058), 11), frame.oval(x, y, 0.022)]
    elif kind == "bars":
        shapes = [
            frame.polygon(
                [
                    (x - 0.06 + d, y - 0.055),
                    (x - 0.03 + d, y - 0.055),
                    (x + d, y + 0.05),
                    (x - 0.03 + d, y + 0.05),
                ]
            )
            for d in (0, 0.05, 0.10)
        ]
    else:
        shapes = [frame.box(x - 0.075, y - 0.045, x + 0.075, y + 0.05, 0.015)]
    for shape in shapes:
        mark = Piece(shape, ink, FABRIC, bulge=5, depth=3)
        xs, ys = mark.grid()
        mark.emboss(np.sin((xs - ys) * 1.9), 0.45)
        if kind == "patch":
            mark.stitch(frame.box(x - 0.064, y - 0.035, x + 0.064, y + 0.04, 0.01), shade(look.rgb, 0.9), 1.6, (4, 3))
            mark.paint(frame.box(x - 0.04, y - 0.006, x + 0.04, y + 0.012), look.rgb)
        scene.put(mark, 0.35, (1, 2), 2)


# ------------------------------------------------------------------------------------------------ ties


def _tie_pattern(look: Look) -> tuple[Fill, float]:
    """A regimental stripe, dots, small motif, check or plain weave, and how it is turned."""
    base, accent = look.rgb, look.contrast()
    kind = look.pick("stripe", "stripe", "fine", "dots", "motif", "plain", "check")
    if kind == "stripe":
        return stripes(
            base, mix(accent, base, look.span(0, 0.3)), look.span(34, 80), look.span(0.12, 0.45), 0
        ), look.pick(-38, 38)
    if kind == "fine":
        return stripes(base, mix(accent, base, 0.35), look.span(12, 20), 0.22, 0), look.pick(-38, 38)
    if kind == "dots":
        return dots(base, mix(accent, base, 0.1), look.span(17, 28), look.span(0.10, 0.17)), 0.0
    if kind == "motif":
        return motif(look, base, mix(accent, base, 0.2), int(look.span(34, 50))), 0.0
    if kind == "check":
        return checks(base, [mix(accent, base, 0.35), shade(base, 0.55)], look.span(46, 70)), 45.0
    return solid(base), 0.0


def _tie(look: Look) -> Image.Image:
    """A knotted tie hanging straight, with the loop of the neck band above."""
    frame = Frame(WIDTH / 2, HEIGHT / 2 + 350, 700, look.span(-1.5, 1.5))
    fill, turn = _tie_pattern(look)
    slim = look.span(0.082, 0.112)
    scene = Scene()

    def silk(path: object, degrees: float, bulge: float = 26, depth: float = 9) -> Piece:
        piece = Piece(path, look.rgb, SATIN, bulge=bulge, depth=depth)
        piece.cover(fill, degrees)
        xs, ys = piece.grid()
        return piece.emboss(np.sin((xs + ys) * 2.1), 0.08)

    back = [
        (-0.055, 0.86),
        (-0.088, 0.93),
        (-0.07, 0.985),
        (0, 1.0),
        (0.07, 0.985),
        (0.088, 0.93),
        (0.055, 0.86),
    ]
    scene.put(
        silk(stroke_outline(frame.line(back), 0.040 * frame.unit), turn + 50, 10, 6).darken(
            frame.box(-0.1, 0.96, 0.1, 1.05), 0.35, 8
        ),
        0,
    )
    tail = frame.shape(
        [
            (-0.01, 0.80, 1),
            (0.045, 0.80, 1),
            (slim * 0.60 + 0.012, 0.17, 1),
            (slim * 0.25 + 0.012, 0.12, 1),
            (-0.02, 0.17, 1),
        ]
    )
    scene.put(silk(tail, turn).darken(frame.box(-0.2, 0.1, 0.2, 0.9), 0.18), 0.3)
    blade = frame.shape(
        [
            (-0.036, 0.825, 1),
            (0.036, 0.825, 1),
            (slim * 0.80, 0.42),
            (slim, 0.10, 1),
            (0, 0.0, 1),
            (-slim, 0.10, 1),
            (-slim * 0.80, 0.42),
        ]
    )
    main = silk(blade, turn, 30, 9)
    dimple = frame.line([(0.004, 0.83), (-0.004, 0.74), (0.0, 0.60)])
    main.emboss(main.soft_line(dimple, 8, 5), -3.5)
    for side in (-0.016, 0.018):
        fold = frame.line([(side, 0.82), (side * 1.4, 0.70), (side * 1.8, 0.52)])
        main.emboss(main.soft_line(fold, 7, 6), 2.4)
    scene.put(main, 0.5, (4, 6), 6)
    knot = frame.shape(
        [
            (-0.062, 0.915, 1),
            (0, 0.925),
            (0.062, 0.915, 1),
            (0.050, 0.86),
            (0.034, 0.818, 1),
            (0, 0.812),
            (-0.034, 0.818, 1),
            (-0.050, 0.86),
        ]
    )
    scene.put(silk(knot, turn - 70, 26, 14), 0.55, (2, 7), 6)
    return scene.lie(0.32, (5, 9), 9).image()


# --------------------------------------------------------------------------------------------- scarves


def _scarf_pattern(look: Look) -> Fill:
    """Check, stripes, print or plain."""
    base, accent = look.rgb, look.contrast()
    kind = look.pick("check", "check", "stripe", "plain", "motif", "dots")
    if kind == "check":
        return checks(base, [mix(accent, base, 0.2), shade(base, 0.55), WHITE], look.span(80, 150))
    if kind == "stripe":
        return stripes(base, mix(accent, base, 0.25), look.span(46, 110), look.span(0.2, 0.5))
    if kind == "motif":
        return motif(look, base, mix(accent, base, 0.25), int(look.span(54, 80)))
    if kind == "dots":
        return dots(base, mix(accent, base, 0.15), look.span(34, 54), 0.16)
    return solid(base)


def _scarf(look: Look) -> Image.Image:
    """A scarf looped once as around a neck, both ends hanging with fringes."""
    frame = Frame(WIDTH / 2, HEIGHT / 2 + 330, 640, look.span(-1.5, 1.5))
    fill = _scarf_pattern(look)
    knitted = look.chance(0.4)
    scene = Scene()

    def cloth(path: object, degrees: float, bulge: float, depth: float) -> Piece:
        piece = Piece(path, look.rgb, FABRIC, bulge=bulge, depth=depth)
        piece.cover(fill, degrees)
        xs, ys = piece.grid()
        weave = (
            np.abs(np.sin(xs * 0.55)) * np.cos(ys * 0.7 + np.abs(np.sin(xs * 0.55)))
            if knitted
            else np.sin(xs * 2) * np.sin(ys * 2)
        )
        return piece.emboss(weave, 0.9 if knitted else 0.25)

    inner = frame.shape(
        [(-0.24, 0.80), (-0.14, 0.93), (0, 0.96), (0.14, 0.93), (0.24, 0.80), (0.13, 0.70), (-0.13, 0.70)]
    )
    scene.put(cloth(inner, 20, 40, 20).darken(frame.oval(0, 0.80, 0.20, 0.10), 0.55, 14), 0)
    for x, foot, low in ((-0.10, -0.15, look.span(0.02, 0.16)), (0.09, 0.13, look.span(0.02, 0.10))):
        half = look.span(0.105, 0.125)
        tail = frame.shape(
            [
                (x - half * 0.72, 0.72, 1),
                (x + half * 0.72, 0.72, 1),
                (foot + half, 0.40),
                (foot + half * 1.04, low + 0.06, 1),
                (foot, low + 0.052),
                (foot - half * 1.04, low + 0.06, 1),
                (foot - half, 0.40),
            ]
        )
        _fringe(scene, frame, look, foot, half, low)
        piece = cloth(tail, (foot - x) * 40, 34, 14)
        for _ in range(5):
            start = look.span(-0.7, 0.7)
            fold = [
                (x + start * half * 0.7, 0.72),
                (x + (foot - x) * 0.5 + start * half * 0.9, 0.45),
                (foot + start * half, look.span(0.10, 0.3)),
            ]
            piece.emboss(piece.soft_line(frame.line(fold), 14, 9), look.span(-9, 9))
        scene.put(piece, 0.5, (4, 8), 8)
    wrap = frame.shape(
        [
            (-0.27, 0.80),
            (-0.22, 0.72),
            (-0.10, 0.625),
            (0.02, 0.60),
            (0.14, 0.635),
            (0.235, 0.72),
            (0.27, 0.81),
            (0.245, 0.875),
            (0.17, 0.815),
            (0.06, 0.755),
            (-0.05, 0.755),
            (-0.16, 0.81),
            (-0.24, 0.88),
        ]
    )
    loop = cloth(wrap, -8, 48, 30)
    for level in np.linspace(0.15, 0.85, 5):
        y = 0.60 + level * 0.15
        fold = [
            (-0.26, y + 0.13 + look.span(-0.02, 0.02)),
            (-0.10, y + 0.02),
            (0.04, y + look.span(-0.01, 0.01)),
            (0.15, y + 0.04),
            (0.26, y + 0.15),
        ]
        loop.emboss(loop.soft_line(frame.line(fold), 10, 6), look.span(-10, 6))
    scene.put(loop, 0.6, (3, 10), 9)
    return scene.lie(0.32, (5, 10), 10).image()


def _fringe(scene: Scene, frame: Frame, look: Look, x: float, half: float, low: float) -> None:
    """Twisted threads at the end of a scarf."""
    for share in np.linspace(-0.97, 0.97, 22):
        top = x + share * half
        sway = look.span(-0.010, 0.010)
        line = frame.line(
            [
                (top, low + 0.066),
                (top + sway, low + 0.02),
                (top + sway * 1.6, low - 0.028 + look.span(-0.008, 0.008)),
            ]
        )
        scene.put(
            Piece(stroke_outline(line, 5.5), shade(look.rgb, look.span(0.8, 1.08)), FABRIC, bulge=3, depth=3),
            0.3,
            (1, 2),
            2,
        )


# ----------------------------------------------------------------------------------------------- socks


SOCK: Points = [
    (-0.115, 0.96, 1),
    (0, 0.968),
    (0.115, 0.96, 1),
    (0.120, 0.70),
    (0.112, 0.45),
    (0.125, 0.30),
    (0.118, 0.17),
    (0.05, 0.085),
    (-0.08, 0.045),
    (-0.26, 0.015),
    (-0.39, 0.012),
    (-0.465, 0.06),
    (-0.47, 0.125),
    (-0.41, 0.175),
    (-0.28, 0.205),
    (-0.17, 0.26),
    (-0.118, 0.36),
    (-0.105, 0.50),
    (-0.117, 0.72),
]


def _sock(
    frame: Frame, rng: np.random.Generator, look: Look, fill: Fill, trim: Colour, rings: int, patches: bool
) -> Scene:
    """One sock from its side, toe to the left."""
    scene = Scene()
    sock = Piece(frame.shape(SOCK), look.rgb, FABRIC, bulge=44, depth=20)
    sock.cover(fill)
    xs, ys = sock.grid()
    sock.emboss(np.abs(np.sin(xs * 0.75)), 0.7)
    sock.emboss(np.sin(ys * 1.6), 0.18)
    if patches:
        heel = frame.shape([(0.2, 0.36, 1), (0.09, 0.30), (-0.01, 0.20), (0.02, 0.10), (0.06, 0.0, 1), (0.2, 0.0, 1)])
        toe = frame.shape(
            [
                (-0.34, -0.1, 1),
                (-0.325, 0.06),
                (-0.35, 0.20),
                (-0.36, 0.3, 1),
                (-0.6, 0.3, 1),
                (-0.6, -0.1, 1),
            ]
        )
        for patch in (heel, toe):
            sock.panel(patch, trim, 0.8, soften=2, seat=0.2)
    cuff = frame.shape([(-0.3, 1.1, 1), (-0.3, 0.845, 1), (0, 0.853), (0.3, 0.845, 1), (0.3, 1.1, 1)])
    sock.panel(cuff, None, 2.5, soften=2)
    sock.emboss(np.sin(xs * 1.15), 1.3, cuff)
    for ring in range(rings):
        y = 0.80 - ring * 0.052
        band = stroke_outline(frame.line([(-0.2, y), (0, y + 0.006), (0.2, y)]), 0.026 * frame.unit)
        sock.paint(band, trim)
    for x, y, lean in ((-0.10, 0.23, 0.05), (-0.06, 0.27, 0.06), (0.02, 0.33, 0.05)):
        fold = frame.line([(x - 0.07, y + 0.03), (x, y), (x + lean, y - 0.03)])
        sock.emboss(sock.soft_line(fold, 7, 5), float(rng.uniform(-4, -1)))
    scene.put(sock, 0)
    return scene


def _socks(look: Look) -> Image.Image:
    """A pair of socks lying one over the other."""
    sports = look.usage == "Sports"
    accent = look.contrast()
    trim = mix(accent, look.rgb, look.span(0, 0.35))
    kind = "plain" if sports else look.pick("plain", "stripe", "dots", "check")
    fill = {
        "plain": lambda: solid(look.rgb),
        "stripe": lambda: stripes(look.rgb, trim, look.span(22, 54), look.span(0.2, 0.5)),
        "dots": lambda: dots(look.rgb, trim, look.span(26, 40), 0.17),
        "check": lambda: checks(look.rgb, [trim, mix(trim, WHITE, 0.4)], look.span(54, 80)),
    }[kind]()
    rings = look.pick(1, 2, 2, 3) if sports or look.chance(0.3) else 0
    patches = look.chance(0.6)
    seed = int(look.rng.integers(2**32))
    unit, rise, tilt = look.span(560, 600), look.span(0.80, 1.0), look.span(-4, 3)
    if sports and look.chance(0.5):
        rise *= 0.85
    scene = Scene()
    base = HEIGHT / 2 + unit * rise * 0.48
    for across, up, lean in ((70, -34, 5), (112, 10, 0)):
        frame = Frame(WIDTH / 2 + across, base + up, unit, tilt - lean, rise=rise)
        scene.absorb(
            _sock(frame, np.random.default_rng(seed), look, fill, trim, rings, patches).lie(0.28),
            0.45,
            (4, 8),
            9,
        )
    return scene.image()


DRAW: dict[str, Callable[[Look], Image.Image]] = {
    "Caps": _cap,
    "Ties": _tie,
    "Scarves": _scarf,
    "Socks": _socks,
}
