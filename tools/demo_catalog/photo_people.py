"""People who wear the demo's garments, drawn around a garment's cut-out: arms, hands, heads, legs.

Coordinates are those of the cut-out (600 x 800, x to the right, y downwards), which the caller has placed in a scene;
a body reaches far beyond them.  ``cm`` is the pixels of a centimetre.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import skia
from scipy.ndimage import binary_fill_holes, maximum_filter

from tools.demo_catalog.scenes_view import Colour, Point, View, box, darker, lighter, mix, outline, polygon
from tools.demo_catalog.studio import Cutout, ellipse, ribbon

CX = 300.0
SKINS: tuple[Colour, ...] = (
    (0.93, 0.76, 0.66),
    (0.87, 0.68, 0.56),
    (0.78, 0.57, 0.43),
    (0.62, 0.42, 0.30),
    (0.42, 0.27, 0.19),
)
HAIRS: tuple[Colour, ...] = ((0.09, 0.07, 0.06), (0.20, 0.13, 0.09), (0.38, 0.25, 0.14), (0.62, 0.47, 0.28))
SMOOTH = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)


@dataclass(frozen=True)
class Person:
    """Who wears it: skin, hair, and whether the body is a woman's."""

    skin: Colour
    hair: Colour
    woman: bool = False

    @classmethod
    def of(cls, view: View, woman: bool) -> Person:
        """Anyone."""
        skin = view.near(view.pick(*SKINS), 0.03)
        hairs = HAIRS if sum(skin) > 1.9 else HAIRS[:2]
        return cls(skin, view.near(view.pick(*hairs), 0.05), woman)

    @property
    def build(self) -> float:
        """How broad limbs are."""
        return 0.82 if self.woman else 1.0


def picture(rgba: np.ndarray) -> skia.Image:
    """An image to draw of RGBA bytes (H, W, 4), not premultiplied."""
    return skia.Image.fromarray(np.ascontiguousarray(rgba), skia.kRGBA_8888_ColorType, skia.kUnpremul_AlphaType)


def lay(view: View, rgba: np.ndarray, x: float = 0, y: float = 0) -> None:
    """Draw RGBA bytes with their corner at (x, y), a pixel a unit."""
    view.canvas.drawImage(picture(rgba), float(x), float(y), SMOOTH, skia.Paint(AntiAlias=True))


def with_alpha(rgba: np.ndarray, share: np.ndarray) -> np.ndarray:
    """The picture with its coverage scaled by ``share`` (H, W) in 0..1."""
    result = rgba.copy()
    result[..., 3] = (rgba[..., 3] * np.clip(share, 0, 1)).astype(np.uint8)
    return result


def halves(cut: Cutout) -> tuple[np.ndarray, np.ndarray]:
    """The garment's inside, which lies behind the wearer, and its outside."""
    inside = np.maximum(cut.inside, binary_fill_holes(cut.inside > 0.5))  # a label lies in it
    return with_alpha(cut.rgba, maximum_filter(inside, 7)), with_alpha(cut.rgba, 1 - inside)


def around(x: float, y: float, cm: float, *spots: tuple[Any, ...]) -> list[Any]:
    """Points given in centimetres from (x, y); a third value marks a corner."""
    return [(x + spot[0] * cm, y + spot[1] * cm, *spot[2:]) for spot in spots]


def region(path: skia.Path, shape: tuple[int, int]) -> np.ndarray:
    """Coverage (H, W) in 0..1 of a path, with soft edges."""
    surface = skia.Surface(shape[1], shape[0])
    surface.getCanvas().drawPath(path, skia.Paint(AntiAlias=True, Color=skia.ColorWHITE))
    alpha: np.ndarray = surface.makeImageSnapshot().toarray(colorType=skia.kRGBA_8888_ColorType)[..., 3]
    return alpha.astype(np.float32) / 255


# ------------------------------------------------------------------------------------------------ limbs


def limb(view: View, points: list[Point], widths: list[float], colour: Colour, lit: float = -1) -> None:
    """A round limb along a line; ``lit`` is the side that the light comes from (-1 left, 1 right)."""
    path, broad = ribbon(points, widths), max(widths)
    view.fill(path, colour)
    for end in (0, -1):
        view.fill(ellipse(*points[end], widths[end] / 2), colour)
    with view.within(path):
        for side, tone, share in ((-lit, darker(colour, 0.55), 0.5), (lit, darker(colour, 0.4), 0.22)):
            edge = [(x + side * broad * 0.5, y) for x, y in points]
            view.stroke(edge, tone, broad * 0.34, share, broad * 0.16)
        view.stroke([(x + lit * broad * 0.14, y) for x, y in points], lighter(colour, 0.4), broad * 0.2, 0.2, broad / 8)


def hand_down(view: View, wrist: Point, side: float, cm: float, skin: Colour) -> None:
    """A hand that hangs beside the body, its back to us."""
    x, y = wrist
    cm *= 0.8
    s = cm * side
    view.fill(
        outline(
            [
                (x - 2.6 * s, y - cm, "c"),
                (x + 2.6 * s, y - cm, "c"),
                (x + 3.8 * s, y + 4 * cm),
                (x + 3.2 * s, y + 9.5 * cm),
                (x - 1.2 * s, y + 9.5 * cm),
                (x - 3.4 * s, y + 4 * cm),
            ]
        ),
        skin,
    )
    for k in range(4):
        at = x + (2.6 - 1.35 * k) * s
        tip = y + (15.5, 17, 16.6, 15)[k] * cm
        finger: list[Point] = [(at, y + 7 * cm), (at - 0.2 * s, y + 12 * cm), (at - 0.8 * s, tip)]
        view.stroke(finger, darker(skin, 0.22), 1.75 * cm)
        view.stroke([(a - 0.15 * cm, b) for a, b in finger], view.near(skin, 0.015), 1.4 * cm)
    thumb: list[Point] = [(x - 2.6 * s, y + 2.5 * cm), (x - 4.4 * s, y + 6.5 * cm), (x - 4.2 * s, y + 10 * cm)]
    view.stroke(thumb, darker(skin, 0.22), 2.1 * cm)
    view.stroke(thumb, skin, 1.7 * cm)


def fist(view: View, at: Point, side: float, cm: float, skin: Colour) -> None:
    """A hand closed around something upright, its fingers to us."""
    x, y = at
    view.fill(outline(around(x, y, cm, (-4, -3.6), (4, -3.8), (4.2, 4), (-3.8, 4.4))), darker(skin, 0.08))
    for k in range(4):
        b = y + (-3.1 + 2.05 * k) * cm
        finger: list[Point] = [
            (x - side * 3.4 * cm, b + 0.4 * cm),
            (x, b - 0.3 * cm),
            (x + side * 3.2 * cm, b + 0.3 * cm),
        ]
        view.stroke(finger, darker(skin, 0.3), 2.1 * cm)
        view.stroke([(p, q - 0.12 * cm) for p, q in finger], view.near(skin, 0.02), 1.75 * cm)


# ------------------------------------------------------------------------------------------- head and neck


def neck(view: View, person: Person, top: float, cm: float, depth: float, wide: float = 0.0) -> None:
    """The neck, from the chin into the neckline; skin is seen ``depth`` down and ``wide`` to each side (pixels)."""
    half = (5.0 if person.woman else 6.2) * cm
    skin, wide = person.skin, max(wide, half * 1.1)
    shape = outline(
        [
            (CX - half, top - 11 * cm, "c"),
            (CX + half, top - 11 * cm, "c"),
            (CX + half * 1.02, top - 2 * cm),
            (CX + wide, top + 1.0 * cm),
            (CX + wide, top + depth * 0.7),
            (CX, top + depth + 14),
            (CX - wide, top + depth * 0.7),
            (CX - wide, top + 1.0 * cm),
            (CX - half * 1.02, top - 2 * cm),
        ]
    )
    view.fill(shape, darker(skin, 0.06))
    with view.within(shape):
        view.fill(ellipse(CX, top - 8 * cm, half * 1.3, 5.5 * cm), darker(skin, 0.6), 0.55, 2 * cm)
        view.stroke([(CX + half, top - 10 * cm), (CX + half * 1.1, top + cm)], darker(skin, 0.5), 3 * cm, 0.4, cm)
        for side in (-1, 1):
            bone: list[Point] = [(CX + side * 1.2 * cm, top + 5 * cm), (CX + side * 5 * cm, top + 3.4 * cm)]
            view.stroke(bone, darker(skin, 0.35), 0.7 * cm, 0.4, 0.4 * cm)


def hair_behind(view: View, person: Person, chin: float, cm: float, x: float = CX) -> None:
    """The long hair of a woman behind her neck."""
    if not person.woman:
        return
    y, hair = chin - 11.5 * cm, person.hair
    locks = outline(
        [
            (x - 9.2 * cm, y + 2 * cm),
            (x - 8.5 * cm, y - 9 * cm),
            (x, y - 13.5 * cm),
            (x + 8.5 * cm, y - 9 * cm),
            (x + 9.2 * cm, y + 2 * cm),
            (x + 9.6 * cm, chin + 7 * cm),
            (x, chin + 9 * cm),
            (x - 9.6 * cm, chin + 7 * cm),
        ]
    )
    view.fill(locks, darker(hair, 0.3))
    with view.within(locks):
        for k in range(12):
            a = x + (-9 + 1.6 * k) * cm
            view.stroke(
                [(x + (a - x) * 0.6, y - 12 * cm), (a, y), (a, chin + 9 * cm)],
                view.near(lighter(hair, 0.08), 0.12),
                0.6 * cm,
                0.6,
                0.3 * cm,
            )


def shoulders(view: View, person: Person, top: float, armpit: float, chest: float, cm: float) -> None:
    """Bare shoulders and chest, where a garment has no sleeves."""
    reach, skin = (15.5 if person.woman else 18.5) * cm, darker(person.skin, 0.03)
    right: list[Point] = [
        (CX + 6 * cm, top - 2 * cm),
        (CX + reach * 0.8, top + 2.4 * cm),
        (CX + reach, top + 6 * cm),
        (CX + chest - cm, armpit),
    ]
    low = armpit + 9 * cm
    left = [(2 * CX - x, y) for x, y in reversed(right)]
    shape = outline([*right, (CX + chest - 2 * cm, low, "c"), (CX - chest + 2 * cm, low, "c"), *left])
    view.fill(shape, skin)
    with view.within(shape):
        view.stroke([(CX + reach, top + 2 * cm), (CX + chest, armpit)], darker(skin, 0.5), 5 * cm, 0.3, 2 * cm)
        view.stroke(
            [(CX - cm, top + 5 * cm), (CX - 9 * cm, top + 3.6 * cm)], darker(skin, 0.4), 0.8 * cm, 0.3, 0.4 * cm
        )
        view.stroke(
            [(CX + cm, top + 5 * cm), (CX + 9 * cm, top + 3.6 * cm)], darker(skin, 0.4), 0.8 * cm, 0.3, 0.4 * cm
        )


def head(view: View, person: Person, chin: float, cm: float, x: float = CX) -> None:
    """A head from the front: hair, ears, eyes, nose and mouth."""
    skin, hair, y = person.skin, person.hair, chin - 11.5 * cm

    def spots(*places: tuple[Any, ...]) -> list[Any]:
        return around(x, y, cm, *places)

    def stroke(places: list[Any], tone: Colour, width: float, alpha: float, blur: float = 0.0) -> None:
        view.stroke(places, tone, width * cm, alpha, blur * cm)

    for side in (-1, 1):
        view.fill(ellipse(x + side * 7.4 * cm, y + 0.8 * cm, 1.3 * cm, 2.7 * cm), darker(skin, 0.15))
    jaw = 2.6 if person.woman else 3.4
    face = outline(
        spots(
            (0, -11),
            (6.5, -8),
            (7.3, 0),
            (6.3, 6),
            (jaw, 10.9),
            (0, 11.5),
            (-jaw, 10.9),
            (-6.3, 6),
            (-7.3, 0),
            (-6.5, -8),
        )
    )
    view.fill(face, skin)
    with view.within(face):
        stroke(spots((7.4, -8), (7.2, 5), (3, 11.5)), darker(skin, 0.5), 4, 0.4, 1.6)
        stroke(spots((-7.6, -6), (-7.0, 5), (-3, 11.5)), darker(skin, 0.4), 2.4, 0.3, 1)
        stroke(spots((-6, -8), (0, -9), (6, -8)), darker(skin, 0.5), 3, 0.3, 1.4)  # the shadow of the hair
        view.fill(ellipse(x - 2.2 * cm, y - 5 * cm, 3 * cm, 2 * cm), lighter(skin, 0.5), 0.25, 1.2 * cm)
        for side in (-1, 1):
            view.fill(ellipse(x + side * 3.9 * cm, y + 3 * cm, 2.2 * cm, 1.8 * cm), (0.85, 0.38, 0.32), 0.13, cm)
            view.fill(ellipse(x + side * 3.1 * cm, y - 1.3 * cm, 2.2 * cm, 1.5 * cm), darker(skin, 0.4), 0.28, 0.8 * cm)
            view.fill(
                ellipse(x + side * 3.1 * cm, y - 0.8 * cm, 1.25 * cm, 0.55 * cm), (0.93, 0.92, 0.9), 0.85, 0.15 * cm
            )
            view.fill(ellipse(x + side * 3.1 * cm, y - 0.8 * cm, 0.58 * cm), darker(hair, 0.4), 0.95)
            lid = spots((side * 1.8, -0.8), (side * 3.1, -1.45), (side * 4.5, -0.7))
            stroke(lid, darker(hair, 0.5), 0.3, 0.75)
            stroke(spots((side * 1.7, -3.3), (side * 3.3, -3.8), (side * 4.9, -3.0)), darker(hair, 0.2), 0.6, 0.6, 0.2)
        stroke(spots((0.9, -1.5), (1.2, 2.6)), darker(skin, 0.4), 1.1, 0.3, 0.5)
        stroke(spots((-0.3, -1), (-0.3, 2.4)), lighter(skin, 0.5), 0.8, 0.3, 0.4)
        stroke(spots((-1.4, 3.4), (0, 3.9), (1.4, 3.4)), darker(skin, 0.45), 0.6, 0.6, 0.25)
        stroke(spots((-1.6, 8.4), (0, 8.7), (1.6, 8.4)), darker(skin, 0.4), 0.8, 0.3, 0.4)
    lips = mix(skin, (0.62, 0.2, 0.2), 0.42 if person.woman else 0.25)
    view.fill(
        outline(spots((-2.4, 6.2), (-0.8, 5.7), (0, 5.9), (0.8, 5.7), (2.4, 6.2), (0, 7.4))), lips, 0.9, 0.12 * cm
    )
    stroke(spots((-2.3, 6.2), (0, 6.55), (2.3, 6.2)), darker(lips, 0.5), 0.22, 0.8)
    cap = outline(
        spots(
            (-7.8, 1),
            (-8, -7),
            (-4, -12.4),
            (3, -12.8),
            (8, -8),
            (7.8, 1),
            (6.9, -3.5),
            (4.6, -6.8),
            (-1, -7.4),
            (-5.6, -5.8),
            (-6.9, -2.5),
        )
    )
    view.fill(cap, hair)
    with view.within(cap):
        for k in range(9):
            a = -7 + 1.7 * k
            stroke(spots((a + 1.4, -13), (a, -8), (a - 1, -3)), view.near(lighter(hair, 0.14), 0.1), 0.5, 0.5, 0.3)


def phone(view: View, at: Point, cm: float) -> None:
    """The back of a phone held upright, its centre at a point."""
    x, y = at
    case = view.pick((0.07, 0.07, 0.08), (0.86, 0.86, 0.87), (0.16, 0.2, 0.32), (0.72, 0.28, 0.3))
    body = box(x - 3.8 * cm, y - 7.8 * cm, x + 3.8 * cm, y + 7.8 * cm, 1.1 * cm)
    view.piece(body, case, 0.45, 1.4 * cm, 0.12)
    view.fill(box(x - 3.1 * cm, y - 7.1 * cm, x - 0.3 * cm, y - 4.0 * cm, 0.6 * cm), darker(case, 0.35))
    for a, b in ((-2.4, -6.3), (-1.0, -4.9), (-2.4, -4.9)):
        view.fill(ellipse(x + a * cm, y + b * cm, 0.55 * cm), (0.03, 0.03, 0.04))
        view.fill(ellipse(x + (a - 0.12) * cm, y + (b - 0.12) * cm, 0.2 * cm), (0.35, 0.4, 0.5))


def cup(view: View, at: Point, cm: float) -> None:
    """A paper cup with a lid."""
    x, y = at
    colour = view.pick((0.93, 0.92, 0.9), (0.62, 0.45, 0.3), (0.2, 0.34, 0.28))
    view.piece(polygon(around(x, y, cm, (-4, -7), (4, -7), (2.9, 6), (-2.9, 6))), colour, 0.4, cm, 0.25)
    view.piece(
        box(x - 4.3 * cm, y - 8.2 * cm, x + 4.3 * cm, y - 6.6 * cm, 0.6 * cm), (0.1, 0.1, 0.1), 0.3, 0.6 * cm, 0.2
    )


# ---------------------------------------------------------------------------------------------- legs, feet


def leg(view: View, side: float, hip: float, foot: float, cm: float, colour: Colour, broad: float) -> None:
    """A leg from the hip to the ankle."""
    x, tall = CX + side * 8.5 * cm, foot - hip
    points: list[Point] = [
        (x, hip),
        (x + side * 0.4 * cm, hip + tall * 0.5),
        (x + side * 0.6 * cm, hip + tall * 0.68),
        (x, foot),
    ]
    limb(view, points, [15.5 * cm * broad, 11 * cm * broad, 10.5 * cm * broad, 6.2 * cm * broad], colour)


def shoe_from_front(view: View, x: float, foot: float, side: float, cm: float, colour: Colour) -> None:
    """A shoe from the front and above, its ankle at (x, foot)."""
    s = side * cm
    sole = lighter(colour, 0.75) if sum(colour) < 1.2 else (0.93, 0.93, 0.92)
    view.fill(ellipse(x + 0.6 * s, foot + 8.6 * cm, 6.4 * cm, 2 * cm), (0, 0, 0), 0.5, 1.2 * cm)
    view.fill(
        outline(
            [
                (x - 4.2 * cm, foot),
                (x + 4.2 * cm, foot),
                (x + 5 * cm + 0.8 * s, foot + 6 * cm),
                (x + 0.8 * s, foot + 9.4 * cm),
                (x - 5 * cm + 0.8 * s, foot + 6 * cm),
            ]
        ),
        sole,
    )
    upper = outline(
        [
            (x - 4 * cm, foot - 1.5 * cm),
            (x + 4 * cm, foot - 1.5 * cm),
            (x + 4.8 * cm + 0.7 * s, foot + 5 * cm),
            (x + 0.7 * s, foot + 8.2 * cm),
            (x - 4.8 * cm + 0.7 * s, foot + 5 * cm),
        ]
    )
    view.piece(upper, colour, 0.2, cm / 2, 0.25)
    for k in range(3):
        b = foot + (0.6 + 1.3 * k) * cm
        view.stroke(
            [(x - 1.8 * cm + 0.3 * s, b), (x + 1.8 * cm + 0.3 * s, b + 0.3 * cm)], lighter(colour, 0.6), 0.5 * cm, 0.9
        )
