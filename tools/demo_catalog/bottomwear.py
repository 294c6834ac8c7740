"""Trousers of all kinds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import skia
from PIL import Image

from tools.demo_catalog.cloth import pattern
from tools.demo_catalog.studio import (
    Colour,
    Fill,
    Fold,
    Look,
    Scene,
    box,
    darker,
    drape,
    lighter,
    line,
    mirrored,
    mix,
    outline,
    rays,
    ribbon,
    rings,
    solid,
)
from tools.demo_catalog.topwear import (
    CX,
)


@dataclass
class Legs:
    """Measures of trousers: half widths at the waist and hip, widths of one leg, heights, in pixels."""

    waist: float = 98
    hip: float = 122
    knee: float = 84
    hem: float = 74
    top: float = 82
    rise: float = 205
    knee_y: float = 470
    hem_y: float = 722
    gap: float = 16
    band: float = 30

    @property
    def crotch(self) -> float:
        """Height of the crotch."""
        return self.top + self.rise


def legs(look: Look, **fixed: float) -> Legs:
    """Measures with the small differences between one cut and another."""
    cut_ = Legs(**fixed)
    wide, leg = look.span(0.94, 1.06), look.span(0.88, 1.14)
    cut_.waist, cut_.hip = cut_.waist * wide, cut_.hip * wide
    cut_.knee, cut_.hem = cut_.knee * leg, cut_.hem * leg * look.span(0.92, 1.08)
    cut_.gap *= look.span(0.7, 1.6)
    return cut_


def front(m: Legs) -> skia.Path:
    """Outline of the trousers from the front."""
    knee_x, hem_x = CX + m.hip - m.knee * 0.42, CX + m.gap + m.hem / 2 + m.hip * 0.22
    right = [
        (CX, m.top + 11),
        (CX + m.waist * 0.6, m.top + 6),
        (CX + m.waist, m.top, "c"),
        (CX + m.waist + (m.hip - m.waist) * 0.7, m.top + m.rise * 0.42),
        (CX + m.hip, m.top + m.rise * 0.82),
        (knee_x + m.knee / 2 - 2, m.knee_y),
        (hem_x + m.hem / 2, m.hem_y, "c"),
        (hem_x, m.hem_y + 6),
        (hem_x - m.hem / 2, m.hem_y + 1, "c"),
        (max(CX + 3, knee_x - m.knee / 2 - 2), m.knee_y),
        (CX + 8, m.crotch + 34),
        (CX, m.crotch, "c"),
    ]
    return outline(mirrored(right))


def leg_folds(look: Look, m: Legs, depth: float) -> list[Fold]:
    """Pull folds at the crotch, creases behind the knee and above the hem."""
    folds = []
    for side in (1, -1):
        angles = (-30, 40) if side == 1 else (210, 140)
        folds += rays(look, (CX + side * 6, m.crotch - 14), angles, look.pick(4, 5), 100, 7, depth)
        middle = CX + side * (m.hip - m.knee * 0.42)
        half = m.knee * 0.5
        if m.hem_y > m.knee_y + 100:
            folds += rings(
                look, (middle, m.knee_y - 60), (middle, m.knee_y + 60), half, look.pick(4, 6), 8, depth * 0.9
            )
            hem_x = CX + side * (m.gap + m.hem / 2 + m.hip * 0.22)
            folds += rings(
                look, (hem_x, m.hem_y - 110), (hem_x, m.hem_y - 10), m.hem * 0.5, look.pick(3, 5, 6), 7, depth
            )
        folds += drape(look, (middle - half * 0.6, m.crotch + 10, middle + half * 0.6, m.hem_y), 3, 0, 0.6, 11, depth)
    return folds


def waist_inside(scene: Scene, m: Legs, fill: Fill, fabric: str) -> None:
    """Back of the waistband, seen from the inside."""
    scene.measures = m
    shape = [
        (CX, m.top - 10),
        (CX + m.waist * 0.6, m.top - 8),
        (CX + m.waist - 1, m.top + 1, "c"),
        (CX + m.waist - 5, m.top + 18),
        (CX, m.top + 26),
    ]
    scene.part(outline(mirrored(shape)), fill, fabric=fabric, puff=8, lift=0.2, tone=0.6)


def waistband(scene: Scene, m: Legs, fill: Fill, fabric: str, loops: bool = True) -> None:
    """Front waistband with belt loops."""
    spread = 1 + (m.hip - m.waist) / m.waist * 0.12
    shape = [
        (CX, m.top + 11),
        (CX + m.waist * 0.6, m.top + 6),
        (CX + m.waist, m.top, "c"),
        (CX + m.waist * spread, m.top + m.band, "c"),
        (CX + m.waist * 0.6, m.top + m.band + 7),
        (CX, m.top + m.band + 11),
    ]
    scene.part(outline(mirrored(shape)), fill, fabric=fabric, puff=8, lift=0.3, cast=0.35, reach=4, crumple=0.8)
    if not loops:
        return
    for share in (-0.86, -0.45, 0.45, 0.86):
        x, y = CX + m.waist * share, m.top + 10 * (1 - share**2)
        scene.part(
            box(x - 5, y - 4, x + 5, y + m.band + 7, 2),
            fill,
            fabric=fabric,
            puff=4,
            lift=0.5,
            cast=0.4,
            reach=4,
        )


def fly(scene: Scene, m: Legs, thread: Colour, closing: Colour) -> None:
    """Fly with its curved stitching and the closing button."""
    low = m.crotch - 34
    scene.seam([(CX, m.top + m.band + 10), (CX, m.crotch - 2)], 0.5, 2)
    for offset in (0, 5):
        scene.stitches(
            [
                (CX + 26 - offset, m.top + m.band + 12),
                (CX + 25 - offset, low - 30),
                (CX + 2, low + 8 - offset),
            ],
            thread,
        )
    scene.button(CX, m.top + m.band / 2 + 11, 6.5, closing)


def hems(scene: Scene, m: Legs, thread: Colour | None, rise: float = 14) -> None:
    """Stitched leg hems."""
    for side in (1, -1):
        x = CX + side * (m.gap + m.hem / 2 + m.hip * 0.22)
        scene.seam(
            [(x - m.hem / 2, m.hem_y - rise), (x, m.hem_y + 4 - rise), (x + m.hem / 2, m.hem_y - rise)],
            0.22,
            1.5,
        )
        scene.stitches(
            [(x - m.hem / 2, m.hem_y - rise), (x, m.hem_y + 4 - rise), (x + m.hem / 2, m.hem_y - rise)],
            thread,
        )


def scoop_pockets(scene: Scene, m: Legs, thread: Colour | None, rivets: bool) -> None:
    """Curved front pockets."""
    for side in (1, -1):
        edge = [
            (CX + side * m.waist * 0.5, m.top + m.band + 9),
            (CX + side * m.waist * 0.6, m.top + m.band + 48),
            (CX + side * (m.waist * 1.02 + 5), m.top + m.band + 62),
        ]
        scene.seam(edge, 0.55, 2.4)
        scene.stitches([(x - side * 4, y + 5) for x, y in edge], thread)
        if rivets:
            scene.rivet(edge[0][0] + side * 4, edge[0][1] + 6, 3)
            scene.rivet(edge[2][0] - side * 6, edge[2][1] + 3, 3)


def slant_pockets(scene: Scene, m: Legs, zipped: bool = False) -> None:
    """Straight pockets in the side seams."""
    for side in (1, -1):
        edge = [
            (CX + side * m.waist * 0.78, m.top + m.band + 9),
            (CX + side * (m.hip - 5), m.top + m.band + 105),
        ]
        if zipped:
            scene.zip_line([edge[0], edge[1]], (0.5, 0.5, 0.52), width=3)
        else:
            scene.seam(edge, 0.5, 2.2)
            scene.stitches([(x - side * 5, y) for x, y in edge])


# ----------------------------------------------------------------------------------------- Jeans, capris


def washed(look: Look, m: Legs, strength: float) -> Fill:
    """Denim that is worn pale on the thighs and knees, with whiskers at the hip."""
    pale = lighter(look.rgb, 0.55)
    spots = [(m.top + m.rise * 1.25, 130, 1.0), (m.knee_y, 60, 0.5)]
    centre = m.hip - m.knee * 0.46
    whiskers = [(m.crotch - look.span(0, 80), look.span(-0.35, 0.35), look.span(0.15, 0.4)) for _ in range(7)]

    def fill(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        across = np.abs(u) - centre
        share = sum(a * np.exp(-(((v - y) / s) ** 2)) for y, s, a in spots) * np.exp(-((across / (m.knee * 0.33)) ** 2))
        for y, lean, amount in whiskers:
            share = share + amount * np.exp(-(((v - y - lean * np.abs(u)) / 4.5) ** 2)) * np.exp(-((across / 46) ** 2))
        share = np.clip(share * strength, 0, 0.9)[..., None]
        return np.array(look.rgb) * (1 - share) + np.array(pale) * share

    return fill


def draw_jeans(look: Look) -> Image.Image:
    """Five-pocket denim trousers in skinny, straight and loose cuts."""
    scene, fitted = Scene(look), look.pick("skinny", "straight", "straight", "loose", "flared")
    knee, hem = {"skinny": (76, 56), "straight": (90, 80), "loose": (102, 94), "flared": (80, 104)}[fitted]
    m = legs(look, knee=knee, hem=hem, waist=94 if look.gender == "Women" else 102)
    fill = washed(look, m, look.span(0.1, 0.85) if look.colour != "Black" else look.span(0, 0.3))
    thread = look.pick((0.72, 0.52, 0.28), (0.80, 0.66, 0.42), lighter(look.rgb, 0.3))
    depth = look.span(6, 9)
    waist_inside(scene, m, solid(lighter(look.rgb, 0.15)), "denim")
    scene.label(CX, m.top + 6, 46, 18, (0.55, 0.36, 0.22), (0.25, 0.15, 0.1), "leather")
    scene.part(
        front(m),
        fill,
        fabric="denim",
        puff=58,
        lift=0.42,
        hanging=True,
        folds=leg_folds(look, m, depth),
        crumple=look.span(2, 4),
    )
    waistband(scene, m, solid(look.rgb), "denim")
    fly(scene, m, thread, look.pick((0.70, 0.52, 0.30), (0.62, 0.62, 0.64)))
    scoop_pockets(scene, m, thread, True)
    if look.chance(0.25):
        _tears(scene, look, m)
    if look.chance(0.2):
        turn_ups(scene, m, solid(lighter(look.rgb, 0.4)), "denim", 34)
    else:
        hems(scene, m, thread)
    return scene.finish(sizes=(0.92, 1.05))


def turn_ups(scene: Scene, m: Legs, fill: Fill, fabric: str, height: float) -> None:
    """Turned-up leg ends."""
    for side in (1, -1):
        x, half = CX + side * (m.gap + m.hem / 2 + m.hip * 0.22), m.hem / 2 + 4
        shape = [
            (x - half, m.hem_y - height, "c"),
            (x, m.hem_y - height + 4),
            (x + half, m.hem_y - height, "c"),
            (x + half - 1, m.hem_y + 2, "c"),
            (x, m.hem_y + 8),
            (x - half + 1, m.hem_y + 2, "c"),
        ]
        scene.part(outline(shape), fill, fabric=fabric, puff=24, lift=0.4, cast=0.35, reach=5)


def _tears(scene: Scene, look: Look, m: Legs) -> None:
    """Frayed tears on the thighs and knees."""
    threads = mix(look.rgb, (0.93, 0.93, 0.92), 0.8)
    for _ in range(look.pick(2, 3)):
        side = look.pick(1, -1)
        x, y = CX + side * (m.hip - m.knee * 0.45), look.span(m.crotch + 60, m.knee_y + 30)
        for _ in range(9):
            half, offset = look.span(8, 22), look.span(-11, 11)
            scene.stroke(
                line([(x - half, y + offset), (x, y + offset + 2), (x + half, y + offset)]),
                threads,
                1.8,
                0.75,
            )


def draw_capris(look: Look) -> Image.Image:
    """Three-quarter trousers that end at the calf."""
    scene, style = Scene(look), look.pick("denim", "denim", "cotton", "pull")
    m = legs(
        look,
        waist=112,
        hip=138,
        knee=104,
        hem=94,
        top=104,
        rise=208,
        knee_y=480,
        hem_y=look.span(620, 680),
        gap=12,
    )
    fabric = {"denim": "denim", "cotton": "twill", "pull": "jersey"}[style]
    fill = (
        washed(look, m, look.span(0.1, 0.4))
        if style == "denim"
        else pattern(look, ("solid", "solid", "dots", "upright"))
    )
    thread = lighter(look.rgb, 0.35) if style != "denim" else look.pick((0.75, 0.56, 0.32), lighter(look.rgb, 0.4))
    depth = look.span(6, 9)
    waist_inside(scene, m, fill, fabric)
    scene.part(
        front(m),
        fill,
        fabric=fabric,
        puff=58,
        lift=0.42,
        hanging=True,
        folds=leg_folds(look, m, depth),
        crumple=look.span(2, 4),
    )
    waistband(scene, m, fill, "rib" if style == "pull" else fabric, style != "pull")
    if style == "pull":
        drawstring(scene, look, m)
        slant_pockets(scene, m)
    else:
        fly(scene, m, thread, look.pick((0.7, 0.55, 0.32), lighter(look.rgb, 0.5)))
        scoop_pockets(scene, m, thread, style == "denim")
    if look.chance(0.45):
        turn_ups(scene, m, fill if look.chance(0.5) else solid(lighter(look.rgb, 0.25)), fabric, 38)
    else:
        hems(scene, m, thread, 20)
        for side in (1, -1):
            x = CX + side * (m.gap + m.hem + m.hip * 0.22 - 5)
            scene.seam([(x, m.hem_y - 58), (x, m.hem_y)], 0.6)
            for step in (14, 30):
                scene.button(x - side * 7, m.hem_y - 12 - step, 3.6, lighter(look.rgb, 0.6))
    return scene.finish(sizes=(0.92, 1.1))


def drawstring(scene: Scene, look: Look, m: Legs) -> None:
    """Two cord ends at the waist."""
    cord = look.pick((0.92, 0.92, 0.9), darker(look.rgb, 0.4), lighter(look.rgb, 0.5))
    for side in (1, -1):
        x, y = CX + side * 9, m.top + m.band / 2 + 12
        end = [
            (x, y),
            (x + side * look.span(2, 10), y + 45),
            (x + side * look.span(2, 14), y + look.span(70, 110)),
        ]
        scene.part(ribbon(end, 5), solid(cord), fabric="canvas", puff=3, lift=0.6, cast=0.4, reach=4)


# ----------------------------------------------------------------------- Trousers, track pants, shorts


def draw_trousers(look: Look) -> Image.Image:
    """Formal trousers with a pressed crease, or casual chinos and cargo trousers."""
    scene, formal = Scene(look), look.usage == "Formal"
    m = legs(look, knee=94, hem=80, waist=100, hip=120)
    fill = pattern(look, ("solid", "solid", "pin", "checks") if formal else ("solid",), 0.6)
    fabric, depth = "weave" if formal else "twill", look.span(3, 5) if formal else look.span(6, 9)
    folds = leg_folds(look, m, depth)
    if formal:
        for side in (1, -1):
            hem_x = CX + side * (m.gap + m.hem / 2 + m.hip * 0.22)
            knee_x = CX + side * (m.hip - m.knee * 0.42)
            folds.append(
                Fold(
                    [(CX + side * m.waist * 0.55, m.top + 30), (knee_x, m.knee_y), (hem_x, m.hem_y + 30)],
                    3.2,
                    4.5,
                )
            )
    waist_inside(scene, m, solid((0.85, 0.83, 0.78)) if formal else fill, fabric)
    scene.part(
        front(m),
        fill,
        fabric=fabric,
        puff=58,
        lift=0.40,
        hanging=True,
        folds=folds,
        crumple=look.span(1, 2) if formal else 3,
    )
    waistband(scene, m, fill, fabric)
    fly(scene, m, darker(look.rgb, 0.2), darker(look.rgb, 0.4) if formal else (0.45, 0.35, 0.25))
    slant_pockets(scene, m)
    if not formal and look.chance(0.45):
        for side in (1, -1):
            x, y = CX + side * (m.hip - 18), m.crotch + 70
            scene.part(box(x - 30, y, x + 26, y + 84, 5), fill, fabric=fabric, puff=8, lift=0.4, cast=0.35)
            scene.part(box(x - 32, y - 8, x + 28, y + 20, 3), fill, fabric=fabric, puff=6, lift=0.35, cast=0.4)
    if not formal:
        hems(scene, m, None)
    return scene.finish(sizes=(0.92, 1.05))


def draw_track_pants(look: Look) -> Image.Image:
    """Sports trousers with an elastic waist, side stripes and, often, ribbed cuffs."""
    scene, cuffed = Scene(look), look.chance(0.5)
    m = legs(look, knee=100, hem=58 if cuffed else 88, waist=100, hip=126, band=34)
    accent, fabric = look.contrast(), look.pick("fleece", "jersey", "nylon", "nylon")
    depth = look.span(7, 10)
    fill = pattern(look, ("solid", "solid", "solid", "marl"))
    waist_inside(scene, m, fill, "rib")
    shape = front(m)
    scene.part(
        shape,
        fill,
        fabric=fabric,
        puff=58,
        lift=0.42,
        hanging=True,
        folds=leg_folds(look, m, depth),
        crumple=look.span(3, 5),
    )
    style = look.pick("stripes", "panel", "piping", "plain")
    hem_x = m.gap + m.hem + m.hip * 0.22
    for side in (1, -1):
        for number in range({"stripes": 2, "panel": 1, "piping": 1, "plain": 0}[style]):
            inset = 12 + 15 * number
            run = [
                (CX + side * (m.waist - inset), m.top + 30),
                (CX + side * (m.hip - inset), m.top + m.rise * 0.82),
                (CX + side * (m.hip - m.knee * 0.42 + m.knee / 2 - inset), m.knee_y),
                (CX + side * (hem_x - inset), m.hem_y + 8),
            ]
            scene.stroke(line(run), accent, {"stripes": 7, "panel": 30, "piping": 4}[style], within=shape)
    scene.part(
        outline(
            mirrored(
                [
                    (CX, m.top + 11),
                    (CX + m.waist, m.top, "c"),
                    (CX + m.waist + 4, m.top + m.band, "c"),
                    (CX, m.top + m.band + 11),
                ]
            )
        ),
        solid(look.rgb),
        fabric="rib",
        puff=14,
        lift=0.4,
        cast=0.3,
    )
    drawstring(scene, look, m)
    slant_pockets(scene, m, zipped=look.chance(0.4))
    scene.seam([(CX, m.top + m.band + 10), (CX, m.crotch)], 0.4)
    if cuffed:
        for side in (1, -1):
            x, half = CX + side * (m.gap + m.hem / 2 + m.hip * 0.22), m.hem / 2 + 1
            scene.part(
                box(x - half, m.hem_y - 30, x + half, m.hem_y + 8, 5),
                solid(look.rgb),
                fabric="rib",
                puff=16,
                lift=0.5,
            )
    else:
        hems(scene, m, None)
    x, y = CX + look.pick(-1, 1) * m.waist * 0.62, m.top + m.rise * 0.62
    scene.stroke(line([(x - 9, y + 6), (x, y - 6), (x + 9, y + 6)], 0), accent, 3.5)
    return scene.finish(sizes=(0.92, 1.05))


def draw_shorts(look: Look) -> Image.Image:
    """Short trousers: chino and denim for casual wear, light ones with side vents for sports."""
    scene, sports = Scene(look), look.usage == "Sports"
    m = legs(
        look,
        waist=138,
        hip=176,
        knee=164,
        hem=166,
        top=190,
        rise=205,
        knee_y=500,
        hem_y=look.span(560, 610),
        gap=-22,
    )
    m.knee, m.hem = m.hip * 0.94, m.hip * look.span(0.92, 0.98)
    fabric = look.pick("nylon", "mesh", "jersey") if sports else look.pick("denim", "twill", "twill")
    fill = pattern(look, ("solid", "solid", "marl") if sports else ("solid", "checks", "solid", "upright", "floral"))
    waist_inside(scene, m, fill, fabric)
    shape = front(m)
    scene.part(
        shape,
        fill,
        fabric=fabric,
        puff=74,
        lift=0.4,
        hanging=True,
        folds=leg_folds(look, m, look.span(7, 10)),
        crumple=3.5,
    )
    waistband(scene, m, solid(look.rgb) if sports else fill, "rib" if sports else fabric, not sports)
    if sports:
        drawstring(scene, look, m)
        accent = look.contrast()
        for side in (1, -1):
            run = [
                (CX + side * (m.waist - 12), m.top + 30),
                (CX + side * (m.hip - 18), m.crotch),
                (CX + side * (m.hip + 6), m.hem_y + 5),
            ]
            scene.stroke(line(run), accent, look.pick(6, 14, 26), within=shape)
        slant_pockets(scene, m)
    else:
        fly(scene, m, lighter(look.rgb, 0.3), (0.6, 0.5, 0.35))
        slant_pockets(scene, m)
    hems(scene, m, None, 20)
    return scene.finish()


DRAW = {
    "Jeans": draw_jeans,
    "Capris": draw_capris,
    "Trousers": draw_trousers,
    "Track Pants": draw_track_pants,
    "Shorts": draw_shorts,
}
