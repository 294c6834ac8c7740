"""Grounds in the open, close up or on a stage: parks, sky, night lights, paper rolls, stone, grass, pavement."""

from __future__ import annotations

from typing import Any

import numpy as np

from tools.demo_catalog.scenes_things import (
    about,
    boards,
    outline_of_someone,
    tiles,
)
from tools.demo_catalog.scenes_view import (
    FAR,
    Box,
    Colour,
    View,
    box,
    corners,
    darker,
    lighter,
    mix,
    outline,
    polygon,
    shade_of,
)
from tools.demo_catalog.studio import Point, ellipse


def masonry(view: View) -> Colour:
    """Plaster, brick or stone colour of a house."""
    return view.pick(
        view.neutral(),
        view.neutral(),
        view.white(),
        shade_of(view.span(0.01, 0.06), view.span(0.2, 0.5), view.span(0.3, 0.55)),
        shade_of(view.span(0.05, 0.15), view.span(0.2, 0.55), view.span(0.55, 0.8)),
    )


def sky(view: View, bottom: float = 560) -> None:
    """Blue, white, grey or evening sky with clouds, down to a height."""
    high, low = view.pick(
        ((0.35, 0.55, 0.82), (0.75, 0.85, 0.93)),
        ((0.82, 0.85, 0.88), (0.93, 0.94, 0.94)),
        ((0.6, 0.64, 0.69), (0.8, 0.82, 0.83)),
        ((0.55, 0.68, 0.85), (0.9, 0.91, 0.9)),
        ((0.36, 0.4, 0.56), (0.95, 0.72, 0.55)),
        ((0.9, 0.92, 0.94), (0.97, 0.97, 0.96)),
    )
    view.blend((-240, -240, 480, bottom), view.near(high, 0.06), view.near(low, 0.04), (0, -40), (0, min(bottom, 320)))
    for _ in range(view.pick(0, 0, 3, 8)):
        x, y = view.span(-40, 280), view.span(-40, min(bottom, 320))
        for _ in range(view.count(2, 7)):
            tone = view.pick((1, 1, 1), (0.97, 0.97, 0.97), (0.72, 0.74, 0.78))
            view.fill(
                ellipse(x + view.span(-35, 35), y + view.span(-9, 9), view.span(10, 42), view.span(4, 16)),
                tone,
                0.45,
                7,
            )


def street(view: View, edge: float) -> None:
    """Pavement and road below the height ``edge``."""
    kind = view.rng.random()
    quad = [(-160, edge), (400, edge), (700, 600), (-460, 600)]
    if kind < 0.45:
        tiles(view, quad, view.count(6, 22), view.count(8, 26), view.neutral())
    else:
        tone = shade_of(view.pick(0.1, 0.6), view.span(0, 0.06), view.span(0.25, 0.6))
        view.blend((-240, edge, 480, 560), lighter(tone, 0.1), darker(tone, 0.1), (0, edge), (0, 400))
        view.grain((-240, edge, 480, 560), "fine", (0.6, 0.4), 0.4)
        view.grain((-240, edge, 480, 560), "cloudy", (3, 0.8), 0.35)
    if view.chance(0.5):
        y = edge + view.span(15, 80)
        drop, kerb = view.span(-30, 30), shade_of(0.1, 0.05, view.span(0.5, 0.75))
        asphalt = shade_of(0.6, 0.03, view.span(0.18, 0.4))
        view.fill(polygon([(-240, y), (480, y + drop), (480, 600), (-240, 600)]), asphalt)
        view.fill(polygon([(-240, y), (480, y + drop), (480, y + drop + 7), (-240, y + 7)]), kerb)
        view.fill(
            polygon([(-240, y + 7), (480, y + drop + 7), (480, y + drop + 11), (-240, y + 11)]), darker(kerb, 0.6)
        )
        if view.chance(0.5):
            view.fill(
                polygon([(-240, y + 45), (480, y + drop + 45), (480, y + drop + 51), (-240, y + 51)]),
                (0.9, 0.9, 0.86),
                0.8,
            )


def foliage(view: View, area: Box, colour: Colour, leaf: float = 3.5) -> None:
    """Leaves of a hedge or a bush that fill the area; ``leaf`` is their size in units."""
    left, top, right, bottom = area
    view.fill((left, top + 4, right, bottom), darker(colour, 0.55), 1, 4)
    view.grain((left, top + 4, right, bottom), "blotch", (0.8, 0.8), 0.9)
    number = int(min(800, (right - left) * (bottom - top) / leaf**2 * 0.3))
    clumps = view.rng.uniform((left, top), (right, bottom), (max(6, number // 25), 2))
    yellow = view.span(0, 0.4)
    for share in (0.1, 0.3, 0.5, 0.7, 0.95):
        tone = mix(darker(colour, 0.6), lighter(mix(colour, (0.62, 0.66, 0.25), yellow), 0.3), share)
        places = view.rng.uniform((left, top), (right, bottom), (number, 2))
        gathered = view.rng.random(number) < share * 0.7
        places[gathered] = clumps[view.rng.integers(len(clumps), size=gathered.sum())]
        places[gathered] += view.rng.normal(0, leaf * 3, (gathered.sum(), 2))
        view.dots(places - np.array([share, 2 * share]) * leaf, tone, leaf * view.span(0.7, 1.3), 0.9)


def crown(view: View, x: float, y: float, size: float, colour: Colour | None = None) -> None:
    """A tree with its trunk at (x, y)."""
    colour = colour or (view.leaf() if view.chance(0.85) else shade_of(view.span(0.04, 0.12), 0.5, 0.4))
    bark, half = shade_of(0.07, 0.25, view.span(0.12, 0.35)), size * view.span(0.02, 0.05)
    trunk = [(x - half, y), (x - half * 0.6, y - size * 0.6), (x + half * 0.6, y - size * 0.6), (x + half, y)]
    view.fill(polygon(trunk), bark)
    spread = (size * view.span(0.13, 0.22), size * view.span(0.1, 0.16))
    boughs = view.rng.normal((x, y - size * 0.7), spread, (view.count(7, 16), 2))
    if view.chance(0.12):
        for a, b in boughs:
            view.stroke([(x, y - size * 0.4), ((x + a) / 2, (y - size * 0.6 + b) / 2), (a, b)], bark, size * 0.012)
            for _ in range(3):
                view.stroke([(a, b), (a + view.span(-0.1, 0.1) * size, b - view.span(0, 0.1) * size)], bark, 0.7)
        return
    leaf = max(1.6, size * view.span(0.02, 0.05))
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        tone = mix(darker(colour, 0.6), lighter(mix(colour, (0.6, 0.65, 0.25), 0.3), 0.25), share)
        number = int(min(260, 30 * len(boughs) * (1.2 - share * 0.6)))
        places = boughs[view.rng.integers(len(boughs), size=number)] + view.rng.normal(0, size * 0.055, (number, 2))
        places += np.array([(0.25 - share) * 0.03, (0.35 - share) * 0.09]) * size
        view.dots(places, tone, leaf * (1.7 - share), 0.9)


def park(view: View) -> None:
    """Lawn, path, trees and hedges."""
    view.camera()
    edge = view.span(110, 230)
    sky(view, edge)
    green = view.leaf()
    for _ in range(view.count(2, 10)):
        crown(view, view.span(-30, 270), edge + view.span(-6, 12), view.span(60, 210), view.near(green, 0.25))
    if view.chance(0.5):
        foliage(view, (-60, edge - view.span(10, 70), 300, edge + 6), view.near(green, 0.2))
    lawn = mix(view.leaf(), (0.5, 0.55, 0.25), view.span(0, 0.5))
    view.blend((-240, edge, 480, 560), lighter(lawn, 0.15), darker(lawn, 0.15), (0, edge), (0, 320))
    view.grain((-240, edge, 480, 560), "blotch", (1.0, 0.5), 0.7)
    if view.chance(0.7):
        x, sway, wide = view.span(40, 200), view.span(-90, 90), view.span(60, 240)
        gravel = shade_of(0.09, view.span(0.05, 0.25), view.span(0.5, 0.75))
        path = outline(
            [
                (x - 4, edge + 1, "c"),
                (x + sway * 0.4 - wide * 0.2, edge + 60),
                (x + sway - wide, 420, "c"),
                (x + sway + wide, 420, "c"),
                (x + sway * 0.4 + wide * 0.2, edge + 60),
                (x + 4, edge + 1, "c"),
            ]
        )
        view.fill(path, gravel, 1, 0.8)
        view.grain(path, "fine", (0.7, 0.4), 0.4)
    for _ in range(view.count(0, 5)):
        view.fill(
            ellipse(view.span(0, 240), view.span(edge + 20, 330), view.span(20, 80), view.span(3, 12)),
            (0.03, 0.05, 0.02),
            0.35,
            6,
        )
    for _ in range(view.pick(0, 0, 1, 3)):
        outline_of_someone(view, view.span(0, 240), edge + view.span(3, 25), view.span(25, 60))


def hedge(view: View) -> None:
    """A hedge, ivy or bushes from nearby, at times in flower."""
    view.camera(tilt=10, zoom=(1.0, 1.6))
    colour = view.leaf()
    view.fill(FAR, darker(colour, 0.75))
    foliage(view, (-50, -50, 290, 370), colour, view.span(4.5, 11))
    for _ in range(view.pick(0, 0, 0, 30)):
        view.fill(
            ellipse(view.span(0, 240), view.span(0, 320), view.span(1.5, 5)), view.pick(view.white(), view.bright())
        )
    if view.chance(0.5):
        edge = view.span(230, 310)
        view.fill((-240, edge - 5, 480, edge + 5), (0, 0, 0), 0.4, 5)
        street(view, edge)


def open_sky(view: View) -> None:
    """Sky above roofs, hills or the sea."""
    view.camera()
    sky(view)
    edge, kind = view.span(200, 330), view.pick("roofs", "hills", "sea", "sea", "none")
    if kind == "roofs":
        x = -60.0
        while x < 300:
            width, colour = view.span(25, 80), masonry(view)
            y = edge - view.span(0, 90)
            view.fill((x, y, x + width, 560), colour)
            if view.chance(0.5):
                view.fill(
                    polygon([(x - 3, y), (x + width / 2, y - view.span(15, 40)), (x + width + 3, y)]),
                    shade_of(0.03, 0.4, view.span(0.25, 0.45)),
                )
            for a in np.arange(x + 4, x + width - 6, 12):
                for b in np.arange(y + 8, 320, 18):
                    view.fill((a, b, a + 6, b + 9), (0.2, 0.22, 0.26))
            x += width
    if kind == "hills":
        for k in range(view.count(1, 4)):
            y = edge - 60 + 35 * k
            tone = mix((0.55, 0.65, 0.75), view.leaf(), (k + 1) / 4)
            ridge = [(a, y + view.span(-25, 25)) for a in np.linspace(-80, 320, 7)]
            view.fill(outline([(-80, 560, "c"), *ridge, (320, 560, "c")]), tone)
        view.grain((-240, edge - 60, 480, 560), "blotch", (1, 0.6), 0.3)
    if kind == "sea":
        water = shade_of(view.span(0.48, 0.6), view.span(0.15, 0.5), view.span(0.3, 0.6))
        edge = view.span(90, 200)
        view.blend((-240, edge, 480, 560), lighter(water, 0.2), darker(water, 0.1), (0, edge), (0, edge + 60))
        view.grain((-240, edge, 480, 560), "fibre", (1.0, 0.7), 0.5)
        if view.chance(0.8):
            beach = edge + view.span(20, 90)
            sand = shade_of(0.1, view.span(0.2, 0.45), view.span(0.6, 0.8))
            shore: list[Any] = [(-240, beach, "c"), (60, beach + 8), (160, beach - 5), (480, beach + 12, "c")]
            view.fill(
                outline([(p[0], p[1] - 5, *p[2:]) for p in shore] + [(480, 600, "c"), (-240, 600, "c")]),
                (0.95, 0.96, 0.95),
            )
            view.fill(outline([*shore, (480, 600, "c"), (-240, 600, "c")]), sand)
            view.grain((-240, beach, 480, 600), "fine", (0.7, 0.5), 0.35)
            view.grain((-240, beach, 480, 600), "cloudy", (2, 0.8), 0.3)


def night(view: View) -> None:
    """Lights of a town at night, far out of focus."""
    view.camera()
    base = view.pick((0.02, 0.03, 0.06), (0.05, 0.03, 0.03), (0.07, 0.07, 0.09), (0.1, 0.07, 0.05))
    view.blend(FAR, base, lighter(base, view.span(0.02, 0.2)), (0, 0), (view.span(-100, 100), 320))
    for _ in range(view.count(2, 8)):
        x = view.span(-20, 260)
        view.fill((x, view.span(0, 200), x + view.span(15, 70), 330), view.near(lighter(base, 0.08), 0.2), 0.8, 6)
    radius, tones = (
        view.span(3, 16),
        [
            view.pick(
                (1, 0.8, 0.45), (1, 0.65, 0.3), (0.95, 0.95, 0.9), (0.95, 0.25, 0.15), (0.3, 0.6, 1), (0.4, 0.9, 0.5)
            )
            for _ in range(3)
        ],
    )
    level = view.span(60, 260)
    for _ in range(view.count(12, 70)):
        x, y, r = view.span(-20, 260), view.rng.normal(level, 60), radius * view.span(0.5, 1.3)
        tone, strength = view.pick(*tones), view.span(0.2, 0.85)
        view.fill(ellipse(x, y, r), tone, strength * 0.7, 0.8)
        view.stroke(ellipse(x, y, r), tone, 1, strength * 0.6)
    if view.chance(0.5):
        view.blend((-240, 270, 480, 560), lighter(base, 0.08), darker(base, 0.5), (0, 270), (0, 320))


def stage(view: View) -> None:
    """A dark stage or club with spotlights."""
    view.camera()
    base = view.pick((0.02, 0.02, 0.03), (0.05, 0.02, 0.03), (0.03, 0.04, 0.08))
    view.fill(FAR, base)
    edge = view.span(200, 300)
    if view.chance(0.5):
        for x in np.arange(-60, 300, view.span(12, 30)):
            view.fill((x, -240, x + 7, edge), lighter(base, 0.07), 0.8, 3)
    boards(view, [(-80, edge), (320, edge), (560, 560), (-320, 560)], colour=(0.12, 0.1, 0.09))
    tones = [
        view.pick((1, 0.95, 0.85), (1, 0.6, 0.3), (0.4, 0.4, 1), (0.9, 0.25, 0.5), (0.3, 0.8, 0.9)) for _ in range(2)
    ]
    for _ in range(view.count(1, 5)):
        x, foot, wide, tone = view.span(0, 240), view.span(-20, 260), view.span(20, 70), view.pick(*tones)
        view.fill(
            polygon([(x - 3, -60), (x + 3, -60), (foot + wide, edge + 40), (foot - wide, edge + 40)]),
            tone,
            view.span(0.12, 0.4),
            6,
        )
        view.fill(ellipse(foot, edge + 40, wide * 1.2, wide * 0.35), tone, view.span(0.3, 0.7), 6)
        view.fill(ellipse(x, view.span(-5, 30), 4), (1, 1, 0.95), 1, 2)
    for _ in range(view.pick(0, 0, 6)):
        x, r = view.span(-10, 250), view.span(14, 24)
        view.fill(ellipse(x, 310, r, r * 1.2), (0.01, 0.01, 0.01))
        view.fill(box(x - r * 1.7, 310 + r * 0.8, x + r * 1.7, 400, 12), (0.01, 0.01, 0.01))


def studio_roll(view: View) -> None:
    """A roll of paper in a studio, a plain backdrop with soft light."""
    view.camera(tilt=2)
    tone = view.pick(view.neutral(), view.neutral(), view.white(), view.paint(), view.textile())
    bend = view.span(200, 300)
    view.blend((-240, -240, 480, bend), darker(tone, view.span(0, 0.35)), tone, (view.span(-60, 300), -20), (120, bend))
    view.blend((-240, bend, 480, 560), tone, lighter(tone, view.span(0, 0.3)), (0, bend), (0, 330))
    view.fill((-240, bend - 14, 480, bend + 10), darker(tone, 0.3), view.span(0, 0.4), 14)
    view.fill(ellipse(view.span(40, 200), view.span(60, 220), view.span(60, 140)), (1, 1, 1), view.span(0, 0.35), 50)
    if view.chance(0.25):
        view.grain(FAR, "cloudy", (3, 3), view.span(0.3, 0.8))
    if view.chance(0.3):
        x = view.pick(view.span(0, 25), view.span(215, 240))
        side = (-240, -240, x, 560) if x < 120 else (x, -240, 480, 560)
        view.fill(side, view.pick((0.1, 0.1, 0.1), (0.35, 0.33, 0.31)))
        view.fill((x - 1.5, -240, x + 1.5, 330), view.metal())
    if view.chance(0.3):
        view.crumple(box(*FAR), (0, 0, 240, 320), view.span(40, 90), 0.35)


def stone(view: View) -> None:
    """Stone slabs, concrete, marble or gravel close up."""
    view.camera(tilt=180, zoom=(1.0, 2.0), skew=30)
    colour = view.neutral()
    view.fill(FAR, colour)
    kind = view.pick("concrete", "marble", "gravel", "rubble")
    view.grain(FAR, "cloudy", (2, 2), view.span(0.3, 0.8))
    if kind == "marble":
        for _ in range(view.count(4, 14)):
            points: list[Point] = [(-60, view.span(-60, 380))]
            while points[-1][0] < 320:
                points.append((points[-1][0] + view.span(20, 60), points[-1][1] + view.span(-35, 45)))
            view.stroke(points, darker(colour, view.span(0.2, 0.6)), view.span(0.4, 3), view.span(0.2, 0.7), 0.8)
    elif kind in ("gravel", "rubble"):
        size = view.span(4, 9) if kind == "gravel" else view.span(14, 34)
        view.fill(FAR, darker(colour, 0.7))
        for y in np.arange(-30, 350, size * 1.1):
            for x in np.arange(-30, 270, size * 1.2):
                a, b = x + view.span(-0.4, 0.4) * size, y + view.span(-0.4, 0.4) * size
                view.fill(
                    ellipse(a, b, size * view.span(0.4, 0.75), size * view.span(0.35, 0.65)), view.near(colour, 0.14)
                )
    else:
        for _ in range(view.count(0, 4)):
            points = [(view.span(-20, 260), view.span(-20, 340)) for _ in range(4)]
            view.stroke(points, darker(colour, 0.5), 0.7, 0.7)
    view.grain(FAR, "fine", (0.5, 0.5), view.span(0.2, 0.6))


def grass(view: View) -> None:
    """Lawn, meadow, moss, fallen leaves or sand from above."""
    view.camera(tilt=180, zoom=(1.0, 1.7), skew=25)
    kind = view.pick("grass", "grass", "leaves", "earth")
    colour = (
        view.leaf()
        if kind == "grass"
        else shade_of(view.span(0.06, 0.12), view.span(0.15, 0.45), view.span(0.25, 0.65))
    )
    view.fill(FAR, colour)
    view.grain(FAR, "cloudy", (1.5, 1.5), 0.5)
    view.grain(FAR, "blotch", (0.5, 0.5), view.span(0.4, 0.9))
    if kind == "grass":
        for _ in range(380):
            x, y, reach = view.span(-40, 280), view.span(-40, 360), view.span(5, 16)
            tone = mix(darker(colour, 0.4), lighter(mix(colour, (0.6, 0.65, 0.2), 0.3), 0.3), view.span(0, 1))
            view.stroke([(x, y), (x + view.span(-8, 8), y - reach)], tone, view.span(0.7, 1.8))
    if kind == "leaves" or view.chance(0.15):
        for _ in range(view.count(30, 150)):
            x, y, r = view.span(-40, 280), view.span(-40, 360), view.span(4, 13)
            tone = shade_of(view.span(0.02, 0.16), view.span(0.3, 0.7), view.span(0.2, 0.55))
            view.fill(
                outline([(x - r, y, "c"), (x, y - r * 0.5), (x + r, y + view.span(-r, r), "c"), (x, y + r * 0.5)]), tone
            )


def asphalt(view: View) -> None:
    """A road surface from above: cracks, stains, markings, a drain cover."""
    view.camera(tilt=180, zoom=(1.0, 1.8), skew=30)
    tone = shade_of(view.pick(0.1, 0.6), view.span(0, 0.06), view.span(0.18, 0.5))
    view.fill(FAR, tone)
    view.grain(FAR, "fine", (0.7, 0.7), view.span(0.5, 0.9))
    view.grain(FAR, "cloudy", (2, 2), view.span(0.2, 0.6))
    for _ in range(view.count(0, 4)):
        points = [(view.span(-30, 270), view.span(-30, 350)) for _ in range(view.count(3, 6))]
        view.stroke(points, darker(tone, 0.6), view.span(0.5, 2), 0.8)
    for _ in range(view.pick(0, 1, 2)):
        x = view.span(0, 240)
        view.fill((x, -240, x + view.span(6, 30), 560), view.pick((0.88, 0.88, 0.85), (0.85, 0.7, 0.2)), 0.8, 0.6)
        view.grain((x, -240, x + 30, 560), "blotch", (0.8, 0.8), 0.5)
    if view.chance(0.2):
        x, y, r = view.span(40, 200), view.span(40, 280), view.span(25, 50)
        view.piece(ellipse(x, y, r), (0.25, 0.24, 0.23), 0.5, 2, 0.2)
        for k in np.arange(-r, r, 6):
            reach = np.sqrt(max(r * r - k * k, 0)) * 0.85
            view.fill((x - reach, y + k, x + reach, y + k + 2), (0.1, 0.1, 0.1))
    for _ in range(view.count(0, 12)):
        view.fill(
            ellipse(view.span(0, 240), view.span(0, 320), view.span(0.8, 3)),
            view.pick(view.neutral(), view.leaf(), (0.1, 0.1, 0.1)),
        )


def pavement(view: View) -> None:
    """Paving slabs, setts or terrace tiles from above or at a slant."""
    slanted = view.chance(0.4)
    view.camera(tilt=12 if slanted else 180, zoom=(1.0, 1.6), skew=25)
    quad = [(-60, -120), (300, -120), (560, 460), (-320, 460)] if slanted else corners((-150, -130, 390, 450))
    number = view.pick(view.count(4, 9), view.count(12, 26))
    tiles(view, quad, number, colour=shade_of(view.pick(0.08, 0.1, 0.6), view.span(0, 0.2), view.span(0.35, 0.75)))
    view.grain(FAR, "fine", (0.6, 0.6), view.span(0.3, 0.7))
    view.grain(FAR, "cloudy", (2, 2), view.span(0.2, 0.6))
    if view.chance(0.35):
        foliage(view, (-90, -90, view.span(-20, 50), 410), view.leaf(), 5)
    for x, y in about(view, view.count(0, 15), 0.3):
        view.fill(ellipse(x, y, view.span(1, 4), view.span(1, 3)), shade_of(view.span(0.05, 0.3), 0.4, 0.35))


OPEN = {
    "park": park,
    "hedge": hedge,
    "sky": open_sky,
    "night": night,
    "stage": stage,
    "studio": studio_roll,
    "stone": stone,
    "grass": grass,
    "asphalt": asphalt,
    "pavement": pavement,
}
