"""Skirts and dresses."""

from __future__ import annotations

import skia
from PIL import Image

from tools.demo_catalog.cloth import embroidery, pattern
from tools.demo_catalog.studio import (
    Colour,
    Fill,
    Look,
    Scene,
    darker,
    drape,
    lighter,
    mirrored,
    outline,
    rays,
    ribbon,
    solid,
)
from tools.demo_catalog.topwear import (
    CX,
    Torso,
    back_neck,
    body_folds,
    flare_folds,
    neckline,
    sleeves,
    torso,
    waist_tie,
)


def skirt_path(waist: float, hip: float, hem: float, top: float, bottom: float, sag: float) -> skia.Path:
    """Outline of a skirt with the given half widths."""
    right = [
        (CX, top + 7),
        (CX + waist, top, "c"),
        (CX + (waist + hip) / 2 + 4, top + (bottom - top) * 0.16),
        (CX + hip, top + (bottom - top) * 0.4),
        (CX + hem, bottom, "c"),
        (CX + hem * 0.55, bottom + sag * 0.8),
        (CX, bottom + sag),
    ]
    return outline(mirrored(right))


def draw_skirt(look: Look) -> Image.Image:
    """Pencil, flared, pleated, tiered and denim skirts."""
    scene, style = Scene(look), look.pick("pencil", "flared", "pleated", "tiered", "denim")
    top, waist = 190, look.span(92, 104)
    hip, hem, bottom = {
        "pencil": (138, 122, 640.0),
        "flared": (160, 216, 610.0),
        "pleated": (164, 220, 600.0),
        "tiered": (150, 206, 660.0),
        "denim": (146, 158, 520.0),
    }[style]
    bottom += look.span(-40, 40)
    fabric = "denim" if style == "denim" else look.pick("weave", "jersey", "twill")
    kinds = ("solid",) if style == "denim" else ("solid", "solid", "floral", "dots", "checks", "motif")
    fill, depth = pattern(look, kinds), look.span(7, 11)
    scene.part(
        outline(mirrored([(CX, top - 9), (CX + waist - 2, top + 1, "c"), (CX + waist - 5, top + 16), (CX, top + 24)])),
        fill,
        fabric=fabric,
        puff=8,
        lift=0.2,
        tone=0.6,
    )
    if style in ("pencil", "denim"):
        folds = drape(look, (CX - hip, top + 60, CX + hip, bottom), 6, 0, 0.5, 12, depth * 0.6)
        for side in (1, -1):
            folds += rays(
                look,
                (CX + side * hip, top + 150),
                (160, 200) if side == 1 else (20, -20),
                3,
                130,
                9,
                depth * 0.6,
            )
    else:
        folds = flare_folds(look, waist * 0.95, hem * 0.97, top + 14, bottom, 15 if style == "pleated" else 11, depth)
    scene.part(
        skirt_path(waist, hip, hem, top, bottom, look.span(6, 20)),
        fill,
        fabric=fabric,
        puff=66,
        lift=0.38,
        hanging=True,
        folds=folds,
        crumple=look.span(1, 3),
    )
    if style == "pleated":
        for i in range(1, 14):
            share = i / 7 - 1
            scene.seam(
                [
                    (CX + share * waist, top + 30),
                    (CX + share * hip * 1.02, top + (bottom - top) * 0.4),
                    (CX + share * hem, bottom + 10),
                ],
                0.4,
            )
    if style == "tiered":
        for share, half in ((0.36, hip * 0.98), (0.68, (hip + hem) / 2)):
            y = top + (bottom - top) * share
            scene.seam([(CX - half, y), (CX, y + 12), (CX + half, y)], 0.6, 3)
    band = [(CX, top + 7), (CX + waist, top, "c"), (CX + waist + 5, top + 26, "c"), (CX, top + 34)]
    scene.part(
        outline(mirrored(band)),
        fill if look.chance(0.6) else solid(darker(look.rgb, 0.2)),
        fabric=fabric,
        puff=9,
        lift=0.3,
        cast=0.35,
        reach=4,
    )
    if style == "denim":
        for i in range(6):
            scene.button(CX, top + 20 + i * (bottom - top - 30) / 6, 5.5, (0.68, 0.55, 0.34))
        scene.stitches([(CX - 15, top + 36), (CX - 15, bottom)], (0.75, 0.58, 0.35))
        scene.stitches([(CX + 15, top + 36), (CX + 15, bottom)], (0.75, 0.58, 0.35))
    elif style == "pencil" and look.chance(0.5):
        scene.seam([(CX + 50, bottom - 110), (CX + 52, bottom + 8)], 0.7, 2.5)
    elif look.chance(0.3):
        waist_tie(scene, look, waist + 3, top + 14, look.contrast())
    return scene.finish()


def draw_dress(look: Look) -> Image.Image:
    """Dresses: shift, fit and flare, wrap, long; party ones in satin, with sequins and straps."""
    scene, party = Scene(look), look.usage == "Party"
    style = look.pick("flare", "sheath", "straps", "long") if party else look.pick("shift", "flare", "wrap", "long")
    bottom = {"flare": 600, "sheath": 610, "straps": 590, "shift": 600, "wrap": 640, "long": 738}[style] + look.span(
        -25, 20
    )
    hem = {"flare": 186, "sheath": 96, "straps": 168, "shift": 132, "wrap": 158, "long": 176}[style] * look.span(
        0.92, 1.08
    )
    t = torso(
        look,
        top=74,
        neck=56,
        drop=look.span(58, 92),
        shoulder=98,
        slope=26,
        chest=98,
        armpit=196,
        waist=80,
        waist_y=318,
        hem=94,
        hem_y=bottom,
        armhole=10,
    )
    t.hem_y = bottom
    if style == "shift":
        t.waist = 94
    if style == "straps" or (party and look.chance(0.3)):
        t.shoulder, t.neck, t.slope, t.armhole = 66, 50, 3, -8
    fill = pattern(
        look,
        ("solid", "solid", "solid", "motif") if party else ("floral", "solid", "dots", "stripes", "floral", "checks"),
    )
    fabric = look.pick("satin", "satin", "knit", "weave") if party else look.pick("weave", "jersey", "plain")
    depth, kind = (
        look.span(7, 10),
        "v" if style == "wrap" or look.chance(0.3) else look.pick("scoop", "square"),
    )
    back_neck(scene, look, t, fill, fabric, label=look.chance(0.6))
    if t.slope > 10 and look.chance(0.7):
        sleeves(scene, look, t, look.pick("cap", "cap", "elbow", "three"), fill, fabric, depth=depth, width=0.85)
    folds = body_folds(look, t, 4, depth * 0.6)
    if style in ("sheath", "shift"):
        folds += drape(look, (CX - 90, t.waist_y, CX + 90, bottom), 6, 0, 0.5, 12, depth * 0.8)
    else:
        folds += flare_folds(look, t.waist * 0.95, hem * 0.95, t.waist_y + 4, bottom, 13, depth)
    scene.part(
        dress_path(t, kind, hem),
        fill,
        fabric=fabric,
        puff=56,
        lift=0.38,
        hanging=True,
        folds=folds,
        crumple=look.span(1, 2.5),
    )
    _dress_trims(scene, look, t, kind, fill, fabric, style, hem)
    return scene.finish(sizes=(0.92, 1.05))


def dress_path(t: Torso, kind: str, hem: float) -> skia.Path:
    """Outline of a dress: bodice to the waist, skirt to the half width ``hem``."""
    skirt = t.hem_y - t.waist_y
    right = [
        *neckline(t, kind),
        (CX + t.shoulder, t.tip, "c"),
        (CX + min(t.shoulder, t.chest) - abs(t.armhole), t.tip + (t.armpit - t.tip) * 0.55),
        (CX + t.chest, t.armpit, "c"),
        (CX + (t.chest + t.waist) / 2, (t.armpit + t.waist_y) / 2),
        (CX + t.waist, t.waist_y),
        (CX + t.waist + max(26, (hem - t.waist) * 0.36), t.waist_y + skirt * 0.30),
        (CX + hem, t.hem_y, "c"),
        (CX + hem * 0.55, t.hem_y + 12),
        (CX, t.hem_y + 15),
    ]
    return outline(mirrored(right))


def _dress_trims(
    scene: Scene, look: Look, t: Torso, kind: str, fill: Fill, fabric: str, style: str, hem: float
) -> None:
    """Neck edge, waist, sequins and seams of a dress."""
    half = [p[:2] for p in neckline(t, kind)]
    rim = [*[(2 * CX - x, y) for x, y in reversed(half[1:])], *half]
    for part in (rim[: len(half)], rim[len(half) - 1 :]):
        scene.part(
            ribbon(part, 7),
            solid(darker(look.rgb, 0.12)),
            fabric=fabric,
            puff=4,
            lift=0.4,
            cast=0.25,
            reach=3,
        )
    if look.usage == "Party" and look.chance(0.6):
        glitter = look.pick(look.shade("Silver"), look.shade("Gold"), lighter(look.rgb, 0.5))
        area = dress_path(t, kind, hem)
        limit = t.waist_y if look.chance(0.6) else t.hem_y
        _sequins(scene, look, area, t.top + 40, limit, glitter)
    if style in ("flare", "long", "wrap"):
        if look.chance(0.55):
            waist_tie(scene, look, t.waist, t.waist_y - 6, look.pick(darker(look.rgb, 0.3), look.contrast()))
        else:
            scene.seam([(CX - t.waist, t.waist_y), (CX, t.waist_y + 8), (CX + t.waist, t.waist_y)], 0.45, 2.4)
    if style == "wrap":
        scene.seam(
            [(CX - 20, t.top + t.drop - 10), (CX + 30, t.waist_y - 70), (CX + t.waist - 4, t.waist_y - 6)],
            0.5,
        )
        scene.seam(
            [
                (CX + t.waist * 0.6, t.waist_y + 8),
                (CX + 60, (t.waist_y + t.hem_y) / 2),
                (CX + 40, t.hem_y + 12),
            ],
            0.5,
        )
    if style == "shift" and look.chance(0.5):
        band = [(CX - hem + 6, t.hem_y - 34), (CX, t.hem_y - 20), (CX + hem - 6, t.hem_y - 34)]
        embroidery(scene, look, band, look.contrast(), 9)
    for rise in (12, 15):
        scene.stitches(
            [(CX - hem + 4, t.hem_y - rise), (CX, t.hem_y + 14 - rise), (CX + hem - 4, t.hem_y - rise)],
            alpha=0.5,
        )


def _sequins(scene: Scene, look: Look, within: skia.Path, top: float, bottom: float, colour: Colour) -> None:
    """Small glittering discs that thin out downwards."""
    with scene.ink(within) as canvas:
        for _ in range(int((bottom - top) * 4.5)):
            x, share = look.span(CX - 190, CX + 190), look.rng.random() ** 1.5
            bright = look.span(-0.4, 0.8)
            tone = lighter(colour, bright) if bright > 0 else darker(colour, -bright)
            paint = skia.Paint(AntiAlias=True, Color=skia.Color4f(*tone, 0.9).toColor())
            canvas.drawCircle(x, top + share * (bottom - top), look.span(1.2, 2.6), paint)


DRAW = {"Skirts": draw_skirt, "Dresses": draw_dress}
