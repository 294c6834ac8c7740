"""Garments of the upper body, as worn by an invisible mannequin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import skia
from PIL import Image

from tools.demo_catalog.cloth import embroidery, graphic, pattern
from tools.demo_catalog.studio import (
    Colour,
    Fill,
    Fold,
    Look,
    Scene,
    box,
    cut,
    darker,
    drape,
    flip,
    line,
    mirrored,
    mix,
    outline,
    rays,
    ribbon,
    rings,
    solid,
)

CX = 300.0


@dataclass
class Torso:
    """Measures of a garment's body: half widths from the centre line, heights from the top, in pixels."""

    neck: float = 54
    top: float = 132
    drop: float = 44
    shoulder: float = 146
    slope: float = 42
    chest: float = 140
    armpit: float = 300
    waist: float = 132
    waist_y: float = 470
    hem: float = 138
    hem_y: float = 672
    sag: float = 10
    armhole: float = 16

    @property
    def tip(self) -> float:
        """Height of the shoulder tip."""
        return self.top + self.slope


def torso(look: Look, **fixed: float) -> Torso:
    """Measures with the small differences between one cut and another."""
    cut_ = Torso(**fixed)
    wide, long = look.span(0.94, 1.05), look.span(0.95, 1.04)
    for name in ("shoulder", "chest", "waist", "hem"):
        setattr(cut_, name, getattr(cut_, name) * wide)
    cut_.hem_y = cut_.top + (cut_.hem_y - cut_.top) * long
    cut_.waist *= look.span(0.96, 1.02)
    cut_.neck *= look.span(0.93, 1.07)
    return cut_


def neckline(t: Torso, kind: str) -> list[Any]:
    """Right half of the front neckline from the centre up to the shoulder."""
    side = (CX + t.neck, t.top, "c")
    if kind == "v":
        return [(CX, t.top + t.drop, "c"), (CX + t.neck * 0.55, t.top + t.drop * 0.5), side]
    if kind == "square":
        return [(CX, t.top + t.drop), (CX + t.neck * 0.86, t.top + t.drop - 2, "c"), side]
    return [
        (CX, t.top + t.drop),
        (CX + t.neck * 0.62, t.top + t.drop * 0.72),
        (CX + t.neck * 0.93, t.top + t.drop * 0.3),
        side,
    ]


def body(t: Torso, kind: str = "crew") -> skia.Path:
    """Outline of the front."""
    right = [
        *neckline(t, kind),
        (CX + t.shoulder, t.tip, "c"),
        (CX + t.shoulder - t.armhole, t.tip + (t.armpit - t.tip) * 0.5),
        (CX + t.chest, t.armpit, "c"),
        (CX + (t.chest + t.waist) / 2 - 1, (t.armpit + t.waist_y) / 2),
        (CX + t.waist, t.waist_y),
        (CX + (t.hem + t.waist) / 2 + 1, (t.hem_y + t.waist_y) / 2),
        (CX + t.hem, t.hem_y, "c"),
        (CX + t.hem * 0.5, t.hem_y + t.sag * 0.85),
        (CX, t.hem_y + t.sag),
    ]
    return outline(mirrored(right))


def body_folds(look: Look, t: Torso, count: int = 7, depth: float = 6.0) -> list[Fold]:
    """Pull folds from the armpits and hanging folds below the chest."""
    folds = drape(look, (CX - t.waist * 0.9, t.armpit, CX + t.waist * 0.9, t.hem_y), count, 0.0, 0.6, 11, depth)
    for side in (1, -1):
        origin = (CX + side * (t.chest - 4), t.armpit + 6)
        angles = (110, 185) if side == 1 else (70, -5)
        folds += rays(look, origin, angles, look.pick(3, 4), 130, 8, depth * 0.9)
        waist = (CX + side * t.waist, t.waist_y + look.span(-40, 40))
        folds += rays(look, waist, (165, 215) if side == 1 else (15, -35), 2, 110, 9, depth * 0.7)
    return folds


def back_neck(scene: Scene, look: Look, t: Torso, fill: Fill, fabric: str, rise: float = 9, label: bool = True) -> None:
    """Inside of the back, seen through the neckline."""
    scene.measures = t
    points = [
        (CX, t.top - rise),
        (CX + t.neck * 0.6, t.top - rise * 0.8),
        (CX + t.neck + 3, t.top, "c"),
        (CX + t.neck, t.top + t.drop + 14),
        (CX, t.top + t.drop + 26),
    ]
    scene.part(outline(mirrored(points)), fill, fabric=fabric, puff=10, lift=0.2, tone=0.62)
    scene.seam([(CX - t.neck * 0.9, t.top + 3), (CX, t.top + 6), (CX + t.neck * 0.9, t.top + 3)], 0.3)
    if label:
        ground = look.pick((0.9, 0.9, 0.88), (0.12, 0.12, 0.13))
        ink = (0.15, 0.15, 0.15) if ground[0] > 0.5 else (0.85, 0.85, 0.85)
        scene.label(CX, t.top + 13, 30, 14, ground, ink)


def sleeve_points(t: Torso, kind: str, width: float = 1.0, out: float = 0.0) -> list[Any]:
    """Right sleeve; ``out`` moves its end sideways in pixels."""
    sx, sy = CX + t.shoulder, t.tip
    if kind == "cap":
        end = [(sx + 26 + out, sy + 62, "c"), (sx - 6 + out, sy + 84), (CX + t.chest - 8, t.armpit - 22, "c")]
        return [(sx - 14, sy - 4), (sx + 10, sy + 22), *end, (CX + t.chest - 60, sy + 60)]
    if kind == "short":
        end = [
            (sx + 58 * width + out, sy + 134, "c"),
            (sx + 24 + out, sy + 154),
            (CX + t.chest - 4 + out * 0.3, t.armpit + 28, "c"),
        ]
        return [
            (sx - 18, sy - 6),
            (sx + 14 * width, sy + 18),
            (sx + 38 * width, sy + 70),
            *end,
            (CX + t.chest - 26, t.armpit - 14),
            (CX + t.chest - 70, sy + 60),
        ]
    length = {"elbow": 0.52, "three": 0.74, "long": 1.0}[kind]
    down, armpit = 412 * length, t.armpit - t.tip

    def outer(y: float) -> float:
        return sx + np.interp(y, (14, 70, 206, 412), (12, 31, 68, 82)) + 30 * (width - 1) + out * y / 412

    def inner(y: float) -> float:
        return sx + np.interp(y, (120, 214, 412), (-18, 4, 31)) - 12 * (width - 1) + out * y / 412

    half, low = down * 0.5, (down + armpit + 20) / 2
    return [
        (sx - 20, sy - 5),
        (sx + 12, sy + 14),
        (outer(70), sy + 70),
        (outer(half), sy + half),
        (outer(down), sy + down, "c"),
        ((outer(down) + inner(down)) / 2, sy + down + 5),
        (inner(down), sy + down, "c"),
        (inner(low), sy + low),
        (CX + t.chest - 14, t.armpit + 4),
        (CX + t.chest - 70, sy + 60),
    ]


def sleeves(
    scene: Scene,
    look: Look,
    t: Torso,
    kind: str,
    fill: Fill,
    fabric: str,
    *,
    width: float = 1.0,
    depth: float = 6.0,
    cuff: str = "hem",
    trim: Colour | None = None,
) -> None:
    """Both sleeves; ``cuff`` is "hem", "shirt", "rib" or "none"."""
    out = look.span(-8, 14)
    for side in (1, -1):
        points = sleeve_points(t, kind, width, out + look.span(-4, 4))
        start = (CX + t.shoulder + 6, t.tip + 40)
        end = (points[4][0] - 22, points[4][1]) if len(points) > 8 else (points[3][0] - 16, points[3][1])
        long = kind in ("long", "three", "elbow")
        folds = rings(look, start, end, 34, 9 if long else 3, 8, depth * (1.1 if long else 0.8))
        folds += drape(look, (start[0] - 22, start[1], end[0] + 12, end[1]), 3, 0.12, 0.6, 8, depth)
        if side == -1:
            points = flip(points)
            for fold in folds:
                fold.points = flip(fold.points)
        scene.part(
            outline(points),
            fill,
            fabric=fabric,
            puff=38,
            lift=0.42,
            hanging=True,
            folds=folds,
            grain=-9 * side,
            cast=0.25,
        )
        _sleeve_end(scene, look, points, cuff, fill, fabric, trim, long)


def _sleeve_end(
    scene: Scene,
    look: Look,
    points: list[Any],
    cuff: str,
    fill: Fill,
    fabric: str,
    trim: Colour | None,
    long: bool,
) -> None:
    """Hem, cuff or rib at the end of one sleeve."""
    where = 4 if long else next(i for i, p in enumerate(points) if len(p) > 2)
    outer, middle, inner = (points[where + k][:2] for k in range(3))
    scene.ends.append([outer, middle, inner])

    def above(offset: float) -> list[Any]:
        return [(x - (x - CX) * 0.00055 * offset, y - offset) for x, y in (outer, middle, inner)]

    if cuff == "hem":
        scene.stitches(above(11))
        scene.seam(above(12), 0.18, 1.4)
    elif cuff in ("shirt", "rib"):
        tall = 40 if cuff == "shirt" else 34
        high = above(tall)
        edge = [(*p, "c") if i != 1 else p for i, p in enumerate((outer, middle, inner))]
        shape = outline([*edge, *[(*p, "c") if i != 1 else p for i, p in enumerate(reversed(high))]])
        colour = solid(trim) if trim else fill
        scene.part(shape, colour, fabric="rib" if cuff == "rib" else fabric, puff=14, lift=0.4, cast=0.3, reach=4)
        if cuff == "shirt":
            x, y = above(tall / 2)[0]
            scene.button(x - 11 if outer[0] > CX else x + 11, y, 4)


def armhole_seams(scene: Scene, t: Torso, stitched: bool = False) -> None:
    """Seams between sleeves and front."""
    for side in (1, -1):
        points = [
            (CX + t.shoulder, t.tip),
            (CX + t.shoulder - t.armhole, t.tip + (t.armpit - t.tip) * 0.5),
            (CX + t.chest, t.armpit),
        ]
        points = points if side == 1 else flip(points)
        scene.seam(points, 0.28, 1.8)
        if stitched:
            scene.stitches([(x - side * 5, y) for x, y in points])


def hem_stitches(scene: Scene, t: Torso, rise: float = 12, inset: float = 4) -> None:
    """Double stitching along the hem."""
    for offset in (rise, rise + 4):
        scene.stitches(
            [
                (CX - t.hem + inset, t.hem_y - offset),
                (CX, t.hem_y + t.sag - offset),
                (CX + t.hem - inset, t.hem_y - offset),
            ]
        )


def neck_band(scene: Scene, look: Look, t: Torso, kind: str, colour: Colour, width: float = 13) -> None:
    """Ribbed band around the neckline."""
    half = [p[:2] for p in neckline(t, kind)]
    points = [*[(2 * CX - x, y) for x, y in reversed(half[1:])], *half]
    if kind == "v":
        for part in (points[: len(half)], points[len(half) - 1 :]):
            scene.part(ribbon(part, width), solid(colour), fabric="rib", puff=width / 2, lift=0.3, cast=0.3, reach=3)
        return
    scene.part(ribbon(points, width), solid(colour), fabric="rib", puff=width / 2, lift=0.3, cast=0.3, reach=3)


def collar(
    scene: Scene,
    look: Look,
    t: Torso,
    fill: Fill,
    fabric: str,
    length: float = 74,
    spread: float = 50,
    opening: float = 6,
) -> None:
    """Turned-down collar of a shirt."""
    scene.measures = t
    stand = [
        (CX, t.top - 26),
        (CX + t.neck * 0.7, t.top - 22),
        (CX + t.neck + 4, t.top - 4, "c"),
        (CX + t.neck * 0.5, t.top + 30),
        (CX + 2, t.top + 44),
    ]
    scene.part(outline(mirrored(stand)), fill, fabric=fabric, puff=12, lift=0.2, tone=0.66)
    scene.label(CX, t.top - 1, 32, 15, look.pick((0.92, 0.92, 0.9), (0.1, 0.1, 0.12)), (0.45, 0.45, 0.45))
    for side in (1, -1):
        leaf: list[Any] = [
            (CX + opening, t.top + 42, "c"),
            (CX + t.neck * 0.55, t.top + 22),
            (CX + t.neck - 8, t.top - 6),
            (CX + t.neck - 18, t.top - 24, "c"),
            (CX + t.neck + 10, t.top - 12),
            (CX + t.neck + 18, t.top + 14, "c"),
            (CX + spread + 8, t.top + 44),
            (CX + spread - 2, t.top + length + 6, "c"),
            (CX + spread * 0.5, t.top + length * 0.72),
        ]
        leaf = leaf if side == 1 else flip(leaf)
        scene.part(outline(leaf), fill, fabric=fabric, puff=16, lift=0.3, grain=24 * side, cast=0.55, reach=8)
        edge = [leaf[0], leaf[8], (leaf[7][0] - side * 3, leaf[7][1] - 7), leaf[6], leaf[5]]
        scene.stitches([((x - side * 2), y - 5) for x, y, *_ in edge])


def placket(
    scene: Scene,
    look: Look,
    t: Torso,
    fill: Fill,
    fabric: str,
    top: float,
    bottom: float,
    buttons: int,
    colour: Colour | None,
    width: float = 26,
) -> None:
    """Buttoned strip down the centre."""
    scene.part(
        box(CX - width / 2, top, CX + width / 2, bottom),
        fill,
        fabric=fabric,
        puff=5,
        lift=0.22,
        cast=0.3,
        reach=4,
        crumple=0.6,
    )
    for side in (-1, 1):
        scene.stitches([(CX + side * (width / 2 - 5), top + 4), (CX + side * (width / 2 - 5), bottom - 3)], alpha=0.5)
    first, last = top + 16, bottom - (46 if bottom - top > 300 else 18)
    for i in range(buttons):
        scene.button(CX, first + (last - first) * i / max(1, buttons - 1), 5, colour)


def patch_pocket(
    scene: Scene,
    look: Look,
    x: float,
    y: float,
    width: float,
    height: float,
    fill: Fill,
    fabric: str,
    flap: bool = False,
) -> None:
    """Sewn-on pocket with its upper edge centred at (x, y)."""
    half = width / 2
    shape = [
        (x - half, y, "c"),
        (x + half, y, "c"),
        (x + half, y + height - 12, "c"),
        (x, y + height, "c"),
        (x - half, y + height - 12, "c"),
    ]
    scene.part(outline(shape), fill, fabric=fabric, puff=5, lift=0.2, cast=0.28, reach=4, crumple=0.8)
    inner = [(px + (4 if px < x else -4 if px > x else 0), py + (4 if py == y else -4), "c") for px, py, _ in shape]
    scene.stitches(outline(inner), alpha=0.6)
    if flap:
        lid = [
            (x - half - 2, y - 6, "c"),
            (x + half + 2, y - 6, "c"),
            (x + half + 2, y + 16, "c"),
            (x, y + 28, "c"),
            (x - half - 2, y + 16, "c"),
        ]
        scene.part(outline(lid), fill, fabric=fabric, puff=6, lift=0.3, cast=0.4, reach=5)
        scene.button(x, y + 16, 4)
    else:
        scene.seam([(x - half, y + 13), (x + half, y + 13)], 0.2, 1.4)


# ---------------------------------------------------------------------------------------------- Shirts


def draw_shirt(look: Look) -> Image.Image:
    """Buttoned shirt: formal ones plain or pinstriped with long sleeves, casual ones in checks and prints."""
    scene, formal = Scene(look), look.usage == "Formal"
    t = torso(
        look,
        neck=48,
        drop=40,
        sag=26 if look.chance(0.6) else 8,
        hem_y=654,
        shoulder=156,
        chest=156,
        waist=148,
        hem=152,
    )
    if formal:
        fill = pattern(look, ("solid", "solid", "pin", "pin", "upright", "gingham"), 0.7)
        kind, fabric = (
            look.pick("long", "long", "long", "long", "short"),
            look.pick("weave", "plain", "satin"),
        )
    else:
        fill = pattern(look, ("checks", "checks", "solid", "stripes", "upright", "gingham", "floral", "motif", "dots"))
        kind, fabric = look.pick("long", "long", "short"), look.pick("weave", "twill", "weave", "denim")
    depth = look.span(5, 8)
    button = look.pick(None, (0.93, 0.92, 0.88), darker(look.rgb, 0.4))
    plain = solid(look.pick(look.rgb, look.rgb, look.contrast())) if not formal and look.chance(0.2) else fill
    sleeves(scene, look, t, kind, fill, fabric, depth=depth, cuff="shirt" if kind == "long" else "hem")
    folds = body_folds(look, t, look.pick(5, 7, 9), depth)
    scene.part(
        body(t, "v"),
        fill,
        fabric=fabric,
        puff=70,
        lift=0.34,
        hanging=True,
        folds=folds,
        crumple=look.span(1.5, 3.5),
    )
    armhole_seams(scene, t, stitched=not formal)
    yoke = t.top + look.span(64, 76)
    for side in (1, -1):
        ends = [(CX + side * t.neck, t.top + 34), (CX + side * (t.shoulder - 10), yoke - 14)]
        scene.seam(ends, 0.16, 1.4)
    hem_stitches(scene, t)
    placket(
        scene,
        look,
        t,
        fill if look.chance(0.8) else plain,
        fabric,
        t.top + 42,
        t.hem_y + t.sag - 3,
        look.pick(6, 7),
        button,
    )
    pockets = look.pick((1,), (1,), ()) if formal else look.pick((1,), (1, -1), ())
    flap = not formal and look.chance(0.4)
    for side in pockets:
        patch_pocket(scene, look, CX + side * 70, t.top + 128, 62, 72, fill, fabric, flap)
    collar(scene, look, t, plain, fabric, look.span(66, 80), look.span(42, 58))
    scene.button(CX, t.top + 50, 4.5, button)
    return scene.finish()


# -------------------------------------------------------------------------------------------- T-shirts


def draw_tshirt(look: Look) -> Image.Image:
    """T-shirt or polo; sports ones with piping, panels and small logos."""
    scene, sports = Scene(look), look.usage == "Sports"
    women = look.gender == "Women"
    t = torso(
        look,
        drop=look.span(34, 58),
        hem_y=look.span(620, 655),
        waist=118 if women else 146,
        chest=130 if women else 154,
        shoulder=130 if women else 156,
        hem=134 if women else 150,
    )
    polo = not women and look.chance(0.28)
    kind = "v" if polo or look.chance(0.2) else "crew"
    if sports:
        fill, fabric = (
            pattern(look, ("solid", "solid", "marl", "blocks")),
            look.pick("mesh", "nylon", "jersey"),
        )
    else:
        fill = pattern(look, ("solid", "solid", "solid", "stripes", "stripes", "marl", "blocks", "motif"))
        fabric = "jersey"
    depth = look.span(5, 8)
    accent = look.contrast() if look.chance(0.7 if sports else 0.3) else None
    sleeve_fill = solid(accent) if accent and look.chance(0.5) else fill
    length = "long" if not sports and look.chance(0.14) else "cap" if women and look.chance(0.4) else "short"
    t.neck = 48 if polo else t.neck
    back_neck(scene, look, t, solid(look.rgb), fabric, label=look.chance(0.8))
    sleeves(
        scene,
        look,
        t,
        length,
        sleeve_fill,
        fabric,
        depth=depth,
        width=look.span(0.9, 1.15),
        cuff="rib" if polo and length == "short" else "hem",
        trim=accent,
    )
    scene.part(
        body(t, kind),
        fill,
        fabric=fabric,
        puff=72,
        lift=0.34,
        hanging=True,
        crumple=look.span(1.0, 3.0),
        folds=body_folds(look, t, look.pick(4, 6, 8), depth),
    )
    armhole_seams(scene, t, stitched=sports)
    hem_stitches(scene, t)
    if sports:
        _sport_trims(scene, look, t, accent or look.contrast())
    elif not polo and look.chance(0.62):
        graphic(scene, look, CX, t.armpit + look.span(-10, 70), look.span(95, 170))
    if polo:
        strip = solid(accent or look.rgb)
        placket(scene, look, t, strip, fabric, t.top + 40, t.top + 150, 3, None, 28)
        collar(scene, look, t, strip, "rib", 62, 52, 8)
    else:
        neck_band(scene, look, t, kind, accent or mix(look.rgb, darker(look.rgb), 0.25), look.span(10, 16))
    return scene.finish()


def _sport_trims(scene: Scene, look: Look, t: Torso, accent: Colour) -> None:
    """Side panels, piping or a chest stripe, and a small logo."""
    front = body(t)
    kind = look.pick("side", "piping", "chest", "raglan")
    for side in (1, -1):
        if kind == "side":
            panel = ribbon(
                [
                    (CX + side * t.chest, t.armpit),
                    (CX + side * (t.waist - 8), t.waist_y),
                    (CX + side * t.hem, t.hem_y + 10),
                ],
                (20, 46, 58),
            )
            with scene.ink(front) as canvas:
                canvas.drawPath(panel, skia.Paint(AntiAlias=True, Color=skia.Color4f(*accent, 1.0).toColor()))
        elif kind == "piping":
            scene.stroke(
                line(
                    [
                        (CX + side * t.shoulder * 0.9, t.tip + 6),
                        (CX + side * (t.chest - 44), t.armpit - 10),
                        (CX + side * (t.chest - 6), t.armpit + 80),
                    ]
                ),
                accent,
                5,
                within=front,
            )
        elif kind == "raglan":
            scene.stroke(
                line(
                    [
                        (CX + side * t.neck, t.top),
                        (CX + side * (t.chest - 26), t.armpit - 40),
                        (CX + side * t.chest, t.armpit),
                    ]
                ),
                accent,
                4,
                within=front,
            )
    if kind == "chest":
        for offset in (0, 22):
            scene.stroke(
                line([(CX - 160, t.armpit - 20 + offset), (CX + 160, t.armpit - 20 + offset)]),
                accent,
                12,
                within=front,
            )
    x, y = CX + look.pick(-66, 66), t.top + 96
    mark = look.contrast()
    for i in range(3):
        scene.stroke(line([(x - 9 + 9 * i, y + 5), (x - 9 + 9 * i, y - 1 - 4 * i)]), mark, 4.5)


# ------------------------------------------------------------------------------------------------ Tops


def draw_top(look: Look) -> Image.Image:
    """Women's tops: tanks, blouses, peplums and tunics."""
    scene, style = Scene(look), look.pick("tank", "blouse", "peplum", "tunic", "wrap")
    fill = pattern(look, ("solid", "solid", "floral", "dots", "stripes", "motif", "upright"))
    fabric = look.pick("weave", "twill", "jersey", "plain")
    t = torso(
        look,
        shoulder=112,
        chest=120,
        waist=104,
        hem=126,
        waist_y=450,
        hem_y=look.span(590, 640),
        neck=62,
        drop=look.span(60, 96),
        armpit=282,
        slope=30,
    )
    if style == "tank":
        t.shoulder, t.neck, t.armhole, t.slope = 92, 62, 2, 12
    if style in ("tunic", "blouse"):
        t.waist, t.hem = 116, 142
    kind = "v" if style == "wrap" else look.pick("scoop", "v", "square")
    depth = look.span(6, 9)
    back_neck(scene, look, t, fill, fabric)
    if style != "tank":
        length = {"blouse": "three", "wrap": "elbow", "tunic": "three"}.get(style, "cap")
        sleeves(scene, look, t, length, fill, fabric, depth=depth, width=look.span(0.95, 1.3))
    folds = body_folds(look, t, 8, depth)
    if style in ("tunic", "blouse", "peplum"):
        start = t.waist_y if style == "peplum" else t.armpit + 30
        folds += flare_folds(look, t.waist * 0.9, t.hem * 0.95, start, t.hem_y, 9, depth)
    scene.part(
        body(t, kind),
        fill,
        fabric=fabric,
        puff=62,
        lift=0.36,
        hanging=True,
        folds=folds,
        crumple=look.span(1, 2.5),
    )
    if style == "peplum":
        waist_tie(scene, look, t.waist, t.waist_y, look.pick(darker(look.rgb), look.contrast()))
    if style == "wrap":
        scene.seam(
            [(CX - t.neck * 0.2, t.top + t.drop), (CX + 40, t.waist_y - 60), (CX + t.waist - 8, t.waist_y)],
            0.5,
        )
        scene.seam([(CX + t.waist - 10, t.waist_y), (CX + 60, t.hem_y - 60), (CX + 50, t.hem_y + 6)], 0.4)
    if style == "blouse":
        placket(scene, look, t, fill, fabric, t.top + t.drop - 2, t.hem_y + t.sag - 4, 6, None, 20)
    if style == "tank" and look.chance(0.6):
        graphic(scene, look, CX, t.armpit + 60, 110)
    edge = solid(darker(look.rgb, 0.15))
    half = [p[:2] for p in neckline(t, kind)]
    rim = [*[(2 * CX - x, y) for x, y in reversed(half[1:])], *half]
    for part in (rim[: len(half)], rim[len(half) - 1 :]):
        scene.part(ribbon(part, 7), edge, fabric=fabric, puff=4, lift=0.4, cast=0.25, reach=3)
    hem_stitches(scene, t)
    return scene.finish(sizes=(1.0, 1.2))


def flare_folds(
    look: Look, top_half: float, bottom_half: float, top: float, bottom: float, count: int, depth: float
) -> list[Fold]:
    """Folds of a flared piece, fanning out from its gathered top edge."""
    folds = []
    for i in range(count):
        share = (i + look.span(0.15, 0.85)) / count * 2 - 1
        reach = look.span(0.85, 1.25)
        x0, x1 = CX + share * top_half, CX + share * bottom_half
        y1 = top + (bottom - top) * reach
        middle = ((x0 + x1) / 2 + look.span(-6, 6), (top + y1) / 2)
        folds.append(
            Fold(
                [(x1, y1), middle, (x0, top)],
                look.span(8, 14),
                depth * look.pick(1, 1, -1) * look.span(0.8, 1.5),
                rooted=True,
            )
        )
    return folds


def waist_tie(scene: Scene, look: Look, half: float, y: float, colour: Colour) -> None:
    """Narrow belt with a buckle or a bow."""
    scene.part(
        ribbon([(CX - half - 2, y), (CX, y + 7), (CX + half + 2, y)], 22),
        solid(colour),
        fabric="satin",
        puff=11,
        lift=0.5,
        cast=0.35,
        reach=5,
    )
    if look.chance(0.5):
        scene.part(
            cut(box(CX - 16, y - 8, CX + 16, y + 22, 3), box(CX - 10, y - 2, CX + 10, y + 16, 2)),
            solid((0.78, 0.68, 0.42)),
            fabric="metal",
            puff=4,
            lift=0.7,
        )
        return
    for side in (1, -1):
        tail = [
            (CX, y + 6),
            (CX + side * 10, y + 45),
            (CX + side * look.span(14, 24), y + look.span(80, 110)),
        ]
        scene.part(ribbon(tail, (8, 14, 18)), solid(colour), fabric="satin", puff=8, lift=0.4)
        loop = [(CX, y + 6), (CX + side * 26, y - 8), (CX + side * 44, y + 2), (CX + side * 30, y + 18)]
        scene.part(outline(loop), solid(colour), fabric="satin", puff=10, lift=0.6)
    scene.part(box(CX - 8, y - 2, CX + 8, y + 15, 5), solid(colour), fabric="satin", puff=8, lift=0.6)


# ---------------------------------------------------------------------------------------------- Kurtas


def draw_kurta(look: Look) -> Image.Image:
    """Long tunic with side slits, stand collar, short placket and embroidery."""
    scene, women = Scene(look), look.gender == "Women"
    t = torso(
        look,
        top=78,
        neck=40,
        drop=34,
        shoulder=112,
        slope=32,
        chest=108,
        armpit=206,
        waist=96 if women else 106,
        waist_y=350,
        hem=128 if women else 122,
        hem_y=look.span(690, 730),
        sag=6,
    )
    fill = pattern(look, ("solid", "solid", "motif", "floral", "upright", "dots"), 0.9)
    fabric, depth = look.pick("weave", "weave", "satin"), look.span(5, 8)
    thread = look.pick(look.shade("Gold"), look.shade("Cream"), look.contrast())
    round_neck = women and look.chance(0.6)
    if round_neck:
        t.neck, t.drop = 52, 58
    back_neck(scene, look, t, fill, fabric)
    length = look.pick("three", "long", "elbow") if women else "long"
    small = Torso(**{**vars(t), "shoulder": t.shoulder, "chest": t.chest})
    sleeves(scene, look, small, length, fill, fabric, depth=depth, width=0.86, cuff="none" if women else "hem")
    folds = body_folds(look, t, 9, depth) + flare_folds(look, t.waist * 0.8, t.hem * 0.9, t.waist_y, t.hem_y, 7, depth)
    front = body(t, "crew")
    scene.part(front, fill, fabric=fabric, puff=54, lift=0.36, hanging=True, folds=folds, crumple=look.span(1, 2.5))
    armhole_seams(scene, t)
    for side in (1, -1):
        slit = t.waist_y + (t.hem_y - t.waist_y) * 0.45
        scene.seam([(CX + side * (t.waist + 5), slit), (CX + side * (t.hem - 7), t.hem_y)], 0.45)
    bottom = t.top + look.span(170, 250)
    placket(
        scene,
        look,
        t,
        solid(mix(look.rgb, thread, 0.15)) if look.chance(0.5) else fill,
        fabric,
        t.top + t.drop - 2,
        bottom,
        look.pick(3, 4, 5),
        thread,
        24,
    )
    for side in (1, -1):
        embroidery(scene, look, [(CX + side * 19, t.top + t.drop + 8), (CX + side * 19, bottom)], thread, 6)
    if women or look.chance(0.3):
        for row in range(look.pick(1, 2, 3)):
            y = t.hem_y - 16 - row * 14
            embroidery(scene, look, [(CX - t.hem + 5, y), (CX, y + t.sag), (CX + t.hem - 5, y)], thread, 8)
    if women and look.chance(0.5):
        for row in range(3):
            y = t.top + t.drop + 16 + row * 15
            embroidery(scene, look, [(CX - 62, y - 16), (CX, y + 4), (CX + 62, y - 16)], thread, 7)
    if round_neck:
        neck_band(scene, look, t, "crew", mix(look.rgb, thread, 0.5), 10)
    else:
        stand_collar(scene, t, fill, fabric, 22, fill)
    return scene.finish(sizes=(0.95, 1.04))


def stand_collar(scene: Scene, t: Torso, fill: Fill, fabric: str, height: float, lining: Fill) -> None:
    """Upright band around the neck, open at the front."""
    back = [
        (CX, t.top - height - 7),
        (CX + t.neck * 0.6, t.top - height - 4),
        (CX + t.neck - 7, t.top - height + 5, "c"),
        (CX + t.neck, t.top + 6),
        (CX, t.top + t.drop - 4),
    ]
    scene.part(outline(mirrored(back)), lining, fabric=fabric, puff=10, lift=0.3, tone=0.6)
    for side in (1, -1):
        half = [
            (CX + 3, t.top + t.drop, "c"),
            (CX + t.neck * 0.6, t.top + t.drop * 0.66),
            (CX + t.neck + 2, t.top + 2, "c"),
            (CX + t.neck - 6, t.top - height + 4, "c"),
            (CX + t.neck * 0.55, t.top + t.drop * 0.66 - height),
            (CX + 5, t.top + t.drop - height, "c"),
        ]
        scene.part(outline(half if side == 1 else flip(half)), fill, fabric=fabric, puff=11, lift=0.4, cast=0.35)


DRAW = {"Shirts": draw_shirt, "Tshirts": draw_tshirt, "Tops": draw_top, "Kurtas": draw_kurta}
