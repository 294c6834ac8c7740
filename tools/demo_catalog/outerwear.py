"""Jackets and sweaters."""

from __future__ import annotations

from typing import Any

from PIL import Image

from tools.demo_catalog.cloth import marl
from tools.demo_catalog.studio import (
    Fill,
    Fold,
    Look,
    Scene,
    blocks,
    box,
    darker,
    flip,
    lighter,
    line,
    luminance,
    mirrored,
    outline,
    ribbon,
    solid,
    stripes,
)
from tools.demo_catalog.topwear import (
    CX,
    Torso,
    armhole_seams,
    back_neck,
    body,
    body_folds,
    hem_stitches,
    neck_band,
    placket,
    sleeves,
    stand_collar,
    torso,
)


def draw_jacket(look: Look) -> Image.Image:
    """Zipped jackets: bomber, biker, quilted and track tops."""
    scene = Scene(look)
    if look.usage == "Sports":
        style, fabric = "track", look.pick("nylon", "jersey", "fleece")
    elif look.colour == "Brown":
        style, fabric = look.pick("biker", "bomber"), look.pick("leather", "suede", "leather")
    else:
        style, fabric = (
            look.pick("biker", "bomber", "quilted", "hooded"),
            look.pick("leather", "nylon", "twill"),
        )
    t = torso(look, neck=54, drop=46, shoulder=158, chest=150, waist=142, hem=138, hem_y=look.span(610, 650), sag=6)
    fill, depth = solid(look.rgb), look.span(7, 10)
    if style == "track" and look.chance(0.4):
        fill = blocks((look.contrast(), look.rgb), (look.span(250, 330),))
    accent = look.contrast() if style == "track" else darker(look.rgb, 0.25)
    metal = look.pick((0.66, 0.66, 0.68), (0.62, 0.5, 0.3), (0.2, 0.2, 0.21))
    if style == "hooded":
        _hood(scene, look, t, fabric)
    lining = solid(look.pick(darker(look.rgb, 0.3), look.contrast()))
    back_neck(scene, look, t, lining, "nylon", rise=20)
    ribbed = style in ("bomber", "track", "quilted")
    sleeves(
        scene,
        look,
        t,
        "long",
        fill,
        fabric,
        width=1.18,
        depth=depth,
        cuff="rib" if ribbed else "hem",
        trim=darker(look.rgb, 0.15),
    )
    if style == "track":
        for side in (1, -1):
            stripe = [
                (CX + side * (t.shoulder + 8), t.tip + 12),
                (CX + side * (t.shoulder + 52), t.tip + 190),
                (CX + side * (t.shoulder + 76), t.tip + 370),
            ]
            scene.stroke(line(stripe), accent, 7)
    folds = body_folds(look, t, 6, depth)
    if style == "quilted":
        folds += [
            Fold([(CX - 160, y), (CX, y + 5), (CX + 160, y)], 7, -9) for y in range(int(t.tip) + 45, int(t.hem_y), 48)
        ]
    scene.part(body(t, "crew"), fill, fabric=fabric, puff=72, lift=0.4, folds=folds, crumple=look.span(2, 4))
    armhole_seams(scene, t, stitched=True)
    if style == "quilted":
        for y in range(int(t.tip) + 45, int(t.hem_y) - 30, 48):
            scene.seam([(CX - t.waist, y), (CX, y + 5), (CX + t.waist, y)], 0.4, 1.6)
    if ribbed:
        hem = box(CX - t.hem - 1, t.hem_y - 36, CX + t.hem + 1, t.hem_y + t.sag, 5)
        scene.part(hem, solid(darker(look.rgb, 0.15)), fabric="rib", puff=16, lift=0.35, cast=0.3, reach=4)
    else:
        hem_stitches(scene, t, 20)
    for side in (1, -1):
        pocket = [(CX + side * 62, t.waist_y - 8), (CX + side * 92, t.waist_y + 72)]
        if look.chance(0.7):
            scene.zip_line(pocket, metal, width=3.5, pull=True)
        else:
            scene.part(ribbon(pocket, 15), fill, fabric=fabric, puff=5, lift=0.3)
    front_x = CX + (16 if style == "biker" else 0)
    scene.zip_line([(front_x, t.top + t.drop + 4), (CX, t.waist_y), (CX, t.hem_y + 2)], metal, width=6)
    if style == "biker":
        _lapels(scene, look, t, fill, fabric)
        belt = box(CX - t.hem, t.hem_y - 40, CX + t.hem, t.hem_y - 14, 2)
        scene.part(belt, fill, fabric=fabric, puff=6, lift=0.3)
    else:
        stand_collar(scene, t, solid(accent) if style == "track" else fill, "rib" if ribbed else fabric, 36, lining)
    return scene.finish(sizes=(0.9, 1.05))


def _lapels(scene: Scene, look: Look, t: Torso, fill: Fill, fabric: str) -> None:
    """Wide turned-back fronts with press studs."""
    for side in (1, -1):
        leaf: list[Any] = [
            (CX + 10, t.top + 120, "c"),
            (CX + 26, t.top + 60),
            (CX + t.neck - 12, t.top - 16, "c"),
            (CX + t.neck + 12, t.top - 2),
            (CX + t.neck + 34, t.top + 40, "c"),
            (CX + 72, t.top + 52, "c"),
            (CX + 92, t.top + 66, "c"),
            (CX + 56, t.top + 122),
        ]
        leaf = leaf if side == 1 else flip(leaf)
        scene.part(outline(leaf), fill, fabric=fabric, puff=16, lift=0.36, cast=0.5, reach=8)
        scene.stitches([(x - side * 4, y - 3) for x, y, *_ in (leaf[7], leaf[6], leaf[5], leaf[4])])
        scene.rivet(CX + side * 80, t.top + 64, 4, (0.7, 0.7, 0.72))


def _hood(scene: Scene, look: Look, t: Torso, fabric: str) -> None:
    """Hood hanging behind the neck."""
    shape = [
        (CX, t.top - 72),
        (CX + 66, t.top - 54),
        (CX + 92, t.top + 6),
        (CX + 78, t.top + 60),
        (CX, t.top + 80),
    ]
    scene.part(outline(mirrored(shape)), solid(look.rgb), fabric=fabric, puff=40, lift=0.5, crumple=4)
    inner = [(CX, t.top - 46), (CX + 48, t.top - 30), (CX + 58, t.top + 20), (CX, t.top + 76)]
    scene.part(outline(mirrored(inner)), solid(darker(look.rgb, 0.2)), fabric="jersey", puff=24, lift=0.3, tone=0.6)


def draw_sweater(look: Look) -> Image.Image:
    """Knitted pullovers and cardigans with ribbed edges."""
    scene, style = Scene(look), look.pick("crew", "v", "cardigan", "roll")
    t = torso(
        look,
        neck=56,
        drop=110 if style == "cardigan" else look.span(40, 84) if style == "v" else 38,
        shoulder=150,
        chest=146,
        waist=140,
        hem=134,
        hem_y=look.span(640, 670),
        sag=4,
    )
    near = darker(look.rgb, 0.2) if luminance(look.rgb) > 0.4 else lighter(look.rgb, 0.18)
    other = look.contrast()
    fill = look.pick(
        solid(look.rgb),
        marl(look, look.rgb, near),
        stripes(look.rgb, look.pick(near, other), 52, 0.4),
        blocks((look.rgb, other, look.rgb), (330, 372)),
    )
    fabric, depth = look.pick("knit", "knit", "fleece", "rib"), look.span(6, 9)
    kind = "v" if style in ("v", "cardigan") else "crew"
    back_neck(scene, look, t, solid(look.rgb), fabric, rise=14)
    sleeves(scene, look, t, "long", fill, fabric, width=1.12, depth=depth, cuff="rib", trim=look.rgb)
    scene.part(
        body(t, kind),
        fill,
        fabric=fabric,
        puff=74,
        lift=0.38,
        folds=body_folds(look, t, 5, depth),
        crumple=2.5,
    )
    armhole_seams(scene, t)
    if look.chance(0.4) and style != "cardigan":
        for side in (-1, 0, 1):
            cable(scene, fill, CX + side * 62, t.armpit - 60, t.hem_y - 44)
    scene.part(
        box(CX - t.hem - 1, t.hem_y - 42, CX + t.hem + 1, t.hem_y + t.sag, 5),
        solid(look.rgb),
        fabric="rib",
        puff=18,
        lift=0.36,
        cast=0.3,
        reach=4,
    )
    if style == "cardigan":
        placket(scene, look, t, solid(look.rgb), "rib", t.top + t.drop - 8, t.hem_y + t.sag, 5, None, 28)
    if style == "roll":
        shape = [
            (CX, t.top - 46),
            (CX + t.neck - 4, t.top - 40),
            (CX + t.neck + 4, t.top - 10),
            (CX + t.neck + 2, t.top + 8),
            (CX, t.top + 48),
        ]
        scene.part(outline(mirrored(shape)), solid(look.rgb), fabric="rib", puff=28, lift=0.5, cast=0.4)
        scene.part(
            ribbon([(CX - t.neck + 6, t.top - 40), (CX, t.top - 30), (CX + t.neck - 6, t.top - 40)], 10),
            solid(look.rgb),
            fabric="rib",
            puff=5,
            lift=0.4,
            tone=0.6,
        )
    else:
        neck_band(scene, look, t, kind, look.rgb, 18)
    return scene.finish()


def cable(scene: Scene, fill: Fill, x: float, top: float, bottom: float) -> None:
    """A twisted cable of the knit."""
    step = 26
    for row in range(int((bottom - top) / step)):
        y = top + row * step
        for lean in (1, -1):
            strand = [(x - lean * 10, y), (x, y + step * 0.55), (x + lean * 10, y + step * 1.1)]
            scene.part(ribbon(strand, 9), fill, fabric="jersey", puff=5, lift=0.7, cast=0.2, reach=3)


DRAW = {"Jackets": draw_jacket, "Sweaters": draw_sweater}
