"""Things and surfaces that the scenes share: floors, walls, clutter, clothes, plants.

Every painter takes the view first.  *Standing* things have their foot at (x, y), *lying* ones are seen from above
with their centre there, *hanging* ones hang from there; ``size`` is the height or the diameter in units.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tools.demo_catalog.scenes_view import (
    FAR,
    WIDTH,
    Box,
    Colour,
    Point,
    View,
    box,
    darker,
    lighter,
    mix,
    outline,
    polygon,
    shade_of,
)
from tools.demo_catalog.studio import ellipse, ribbon, turned

# --------------------------------------------------------------------------------------------- surfaces


def boards(view: View, quad: Sequence[Point], across: int | None = None, colour: Colour | None = None) -> None:
    """Floorboards or planks that run along the quad's second direction."""
    colour, across = colour or view.wood(), across or view.count(4, 14)
    spread, gap = view.span(0.02, 0.11), view.span(0.2, 0.9)
    with view.plane(quad):
        view.fill((0, 0, 100, 100), darker(colour, view.span(0.4, 0.8)))
        width = 100 / across
        for i in range(across):
            y = -view.span(0, 60)
            while y < 100:
                length = view.span(25, 80)
                view.fill((i * width, y, (i + 1) * width - gap, y + length - 0.5), view.near(colour, spread))
                y += length
        view.canvas.rotate(90)
        view.grain((0, -100, 100, 0), "fibre", (0.8, max(width, 9) / 40), view.span(0.1, 0.45))


def parquet(view: View, quad: Sequence[Point], number: int | None = None) -> None:
    """Herringbone or basket-weave parquet."""
    colour, spread = view.wood(), view.span(0.03, 0.13)
    number = number or view.count(5, 11)
    cell = 100 / number
    strips, herringbone = view.count(3, 5), view.chance(0.5)
    with view.plane(quad):
        view.fill((0, 0, 100, 100), darker(colour, 0.5))
        if herringbone:
            view.canvas.rotate(45)
            view.canvas.scale(1.45, 1.45)
        for i in range(-1, number + 1):
            for k in range(-number if herringbone else 0, number + 1):
                upright = (i + k) % 2
                for j in range(strips):
                    a, b = j * cell / strips, (j + 1) * cell / strips - 0.25
                    piece = (a, 0.0, b, cell - 0.25) if upright else (0.0, a, cell - 0.25, b)
                    x, y = i * cell, k * cell
                    view.fill((piece[0] + x, piece[1] + y, piece[2] + x, piece[3] + y), view.near(colour, spread))
        view.grain((-100, -100, 200, 200), "fibre", (0.5, 0.3), view.span(0.1, 0.4))


def tiles(
    view: View,
    quad: Sequence[Point],
    across: int | None = None,
    down: int | None = None,
    colour: Colour | None = None,
    staggered: bool | None = None,
) -> None:
    """Ceramic tiles, slabs or blocks with joints, at times in two colours."""
    across = across or view.count(3, 12)
    down = down or max(2, round(across * view.span(0.7, 1.3)))
    colour = colour or (view.neutral() if view.chance(0.85) else view.paint())
    second = view.near(view.neutral(), 0.1) if view.chance(0.2) else colour
    joint = view.pick(darker(colour, view.span(0.15, 0.5)), lighter(colour, view.span(0.2, 0.6)))
    width, height, gap = 100 / across, 100 / down, view.span(0.3, 1.1)
    staggered = view.chance(0.3) if staggered is None else staggered
    spread = view.span(0.005, 0.06)
    with view.plane(quad):
        view.fill((0, 0, 100, 100), joint)
        for k in range(down):
            shift = width / 2 * (k % 2) if staggered else 0
            for i in range(across + bool(shift)):
                x, y = i * width - shift, k * height
                tone = view.near(colour if (i + k) % 2 else second, spread)
                view.fill((x, y, x + width - gap, y + height - gap * width / height), tone)
        view.grain((0, 0, 100, 100), view.pick("cloudy", "fine"), (view.span(0.3, 1), 0.5), view.span(0.1, 0.5))
        if view.chance(0.4):  # a gleam on the glaze
            x = view.span(0, 100)
            view.fill(polygon([(x, 0), (x + 12, 0), (x + 30, 100), (x + 5, 100)]), (1, 1, 1), 0.25, 6)


def carpet(view: View, quad: Sequence[Point], colour: Colour | None = None) -> None:
    """A plain or patterned carpet, to the edges of the quad."""
    colour = colour or view.textile()
    with view.plane(quad):
        view.fill((0, 0, 100, 100), colour)
        pattern(view, (0, 0, 100, 100), colour, 0.5)
        view.grain((0, 0, 100, 100), view.pick("fine", "fine", "blotch"), (0.25, 0.25), view.span(0.15, 0.5))
        view.grain((0, 0, 100, 100), "cloudy", (1, 1), 0.3)


def rug(view: View, quad: Sequence[Point]) -> None:
    """A rug with borders, a field and fringes."""
    ground, ink = view.textile(), view.textile()
    with view.plane(quad):
        view.fill((0, 0, 100, 100), darker(ground, 0.2))
        inset = 0.0
        for _ in range(view.count(1, 4)):
            inset += view.span(2, 7)
            view.fill(
                (inset, inset, 100 - inset, 100 - inset), view.near(view.pick(ground, ink, mix(ground, ink, 0.5)), 0.06)
            )
        pattern(view, (inset, inset, 100 - inset, 100 - inset), ground, 0.7)
        if view.chance(0.3):
            view.fill(ellipse(50, 50, view.span(10, 30), view.span(15, 35)), ink)
            view.fill(ellipse(50, 50, view.span(4, 15), view.span(5, 18)), lighter(ground, 0.3))
        view.grain((0, 0, 100, 100), "fine", (0.4, 0.4), 0.6)


def pattern(view: View, area: Box, colour: Colour, share: float = 1.0) -> None:
    """A woven or printed pattern on the area, with the given probability."""
    if not view.chance(share):
        return
    left, top, right, bottom = area
    ink = mix(view.textile(), colour, view.span(0, 0.6))
    step = (right - left) / view.count(4, 16)
    kind = view.pick("stripes", "upright", "grid", "dots", "blots", "zigzag")
    with view.within(box(*area)):
        if kind in ("stripes", "grid"):
            for y in np.arange(top, bottom, step):
                view.fill((left, y, right, y + step * 0.45), ink, 0.6 if kind == "grid" else 1)
        if kind in ("upright", "grid"):
            for x in np.arange(left, right, step):
                view.fill((x, top, x + step * 0.4, bottom), ink, 0.6 if kind == "grid" else 1)
        if kind == "dots":
            for k, y in enumerate(np.arange(top, bottom + step, max(step, (bottom - top) / 16))):
                for x in np.arange(left + step / 2 * (k % 2), right + step, max(step, (right - left) / 12)):
                    view.fill(ellipse(x, y, step * 0.25), ink)
        if kind == "blots":
            for _ in range(60):
                x, y, r = view.span(left, right), view.span(top, bottom), step * view.span(0.1, 0.5)
                view.fill(ellipse(x, y, r, r * view.span(0.4, 1)), mix(ink, colour, view.span(0, 0.7)))
        if kind == "zigzag":
            for y in np.arange(top - step, bottom + step, max(step, (bottom - top) / 12)):
                xs = np.arange(left, right + step, step)
                view.stroke([(x, y + step * 0.5 * (i % 2), "c") for i, x in enumerate(xs)], ink, step * 0.25)


def floor(view: View, quad: Sequence[Point]) -> None:
    """A floor of any kind, seen as the quad (far edge first)."""
    kind = view.rng.random()
    if kind < 0.4:
        boards(view, quad)
    elif kind < 0.55:
        parquet(view, quad)
    elif kind < 0.75:
        tiles(view, quad)
    elif kind < 0.93:
        carpet(view, quad)
    else:
        with view.plane(quad):
            view.fill((0, 0, 100, 100), view.neutral())
            view.grain((0, 0, 100, 100), "cloudy", (0.6, 0.6), 0.8)
            view.grain((0, 0, 100, 100), "fine", (0.3, 0.3), 0.3)


def wall(view: View, area: Box = FAR, colour: Colour | None = None) -> Colour:
    """Plaster, wallpaper or panels; returns the colour."""
    colour = colour or view.paint()
    left, top, right, bottom = area
    view.blend(area, view.near(colour, 0.05), darker(colour, view.span(0, 0.22)), (left, top), (right, bottom))
    kind = view.rng.random()
    if kind < 0.12:
        ink, step = mix(colour, view.textile(), view.span(0.06, 0.35)), view.span(6, 26)
        for x in np.arange(left, right, step):
            view.fill((x, top, x + step * 0.5, bottom), ink)
    elif kind < 0.2:
        ink, step = mix(colour, view.textile(), view.span(0.1, 0.5)), view.span(14, 34)
        for k, y in enumerate(np.arange(max(top, -60), min(bottom, 380), step)):
            for x in np.arange(-60 + step / 2 * (k % 2), 300, step):
                leaf = outline(
                    [(x - step * 0.3, y, "c"), (x, y - step * 0.12), (x + step * 0.3, y, "c"), (x, y + step * 0.12)]
                )
                view.fill(turned(leaf, 40 if k % 2 else -40, x, y), ink)
    elif kind < 0.27:
        for y in np.arange(top, bottom, view.span(12, 30)):
            view.fill((left, y, right, y + 0.8), darker(colour, 0.3))
            view.fill((left, y + 0.8, right, y + 1.6), lighter(colour, 0.3))
    view.grain(area, "cloudy", (view.span(1, 4), view.span(1, 4)), view.span(0.05, 0.35))
    view.grain(area, "fine", (0.8, 0.8), view.span(0, 0.2))
    return colour


def room(view: View, horizon: float | None = None) -> float:
    """Wall and floor with a skirting board, at times a second wall; returns the height of the floor's far edge."""
    edge = horizon if horizon is not None else view.span(150, 300)
    if view.chance(0.12):
        edge = view.span(90, 150)
    colour = wall(view, (FAR[0], FAR[1], FAR[2], edge))
    corner = view.span(10, 230) if view.chance(0.35) else None
    slope = view.span(0.15, 0.5)
    wide = view.span(60, 260)
    floor(view, [(-wide, edge), (WIDTH + wide, edge), (900, 600), (-660, 600)])
    height = view.span(4, 16)
    trim = view.pick(view.white(), view.white(), darker(colour, 0.2), view.wood())
    if corner is not None:
        side = darker(colour, view.span(0.08, 0.3))
        drop = (300 - corner) * slope
        view.fill(polygon([(corner, -240), (500, -240), (500, edge + (500 - corner) * slope), (corner, edge)]), side)
        view.shadow(polygon([(corner, edge), (300, edge + drop), (300, edge + drop + 8), (corner, edge + 5)]), 0.4, 4)
        view.fill(
            polygon(
                [
                    (corner, edge - height),
                    (500, edge - height * 1.4 + (500 - corner) * slope),
                    (500, edge + (500 - corner) * slope),
                    (corner, edge),
                ]
            ),
            darker(trim, 0.15),
        )
        view.fill((-240, edge - height, corner, edge), trim)
    elif view.chance(0.85):
        view.shadow((-240, edge - height, 480, edge), 0.3, 2, (0, 1))
        view.fill((-240, edge - height, 480, edge), trim)
        view.fill((-240, edge - height, 480, edge - height + 1), lighter(trim, 0.4))
    view.fill((-240, edge - 2, 480, edge + 4), (0.02, 0.02, 0.02), 0.35, 3)
    return edge


# ----------------------------------------------------------------------------------------------- standing


def bottle(view: View, x: float, y: float, size: float) -> None:
    """A bottle, flask or spray can."""
    colour, half = view.thing(), size * view.span(0.12, 0.2)
    body = outline(
        [
            (x - half, y, "c"),
            (x - half, y - size * 0.6),
            (x - half * 0.35, y - size * 0.78),
            (x - half * 0.35, y - size, "c"),
            (x + half * 0.35, y - size, "c"),
            (x + half * 0.35, y - size * 0.78),
            (x + half, y - size * 0.6),
            (x + half, y, "c"),
        ]
    )
    view.piece(body, colour, 0.3, 2, 0.4)
    view.fill((x - half, y - size * 0.5, x + half, y - size * 0.2), view.thing())


def carton(view: View, x: float, y: float, size: float) -> None:
    """A cardboard, shoe or storage box."""
    colour = shade_of(0.085, view.span(0.2, 0.45), view.span(0.45, 0.65)) if view.chance(0.5) else view.thing()
    half = size * view.span(0.4, 0.9)
    view.piece((x - half, y - size, x + half, y), colour, 0.4, 4, 0.12)
    if view.chance(0.5):
        depth = size * view.span(0.1, 0.4)
        view.fill(
            polygon(
                [
                    (x - half, y - size),
                    (x + half, y - size),
                    (x + half * 0.8, y - size - depth),
                    (x - half * 0.8, y - size - depth),
                ]
            ),
            lighter(colour, 0.2),
        )
    mark = view.pick("tape", "label", "lid")
    if mark == "tape":
        view.fill((x - size * 0.07, y - size, x + size * 0.07, y), lighter(colour, 0.3), 0.7)
    elif mark == "label":
        view.fill((x - half * 0.6, y - size * 0.7, x - half * 0.05, y - size * 0.4), view.white())
        view.fill((x - half * 0.5, y - size * 0.6, x - half * 0.2, y - size * 0.55), (0.1, 0.1, 0.1))
    else:
        view.fill((x - half * 1.03, y - size, x + half * 1.03, y - size * 0.8), darker(colour, 0.15))


def plant(view: View, x: float, y: float, size: float) -> None:
    """A plant in a pot."""
    pot, half = view.thing(), size * view.span(0.13, 0.2)
    high, green = size * view.span(0.22, 0.34), view.leaf()
    broad, slim = view.span(0.3, 0.75), view.chance(0.4)
    for i in range(view.count(10, 26)):
        angle, reach = view.span(-1.35, 1.35), size * view.span(0.3, 0.75)
        tip = (x + np.sin(angle) * reach * broad * 1.3, y - high - np.cos(angle) * reach)
        tone = mix(darker(green, view.span(0, 0.6)), lighter(green, 0.35), i / 40)
        stem = [(x, y - high), ((x + tip[0]) / 2 + view.span(-4, 4), (y - high + tip[1]) / 2 - size * 0.06), tip]
        if slim:
            view.fill(ribbon(stem, [2.0, size * 0.06, 0.4]), tone)
        else:
            view.stroke(stem, darker(green, 0.4), 1)
            length = size * view.span(0.08, 0.2)
            view.fill(turned(ellipse(tip[0], tip[1], length, length * 0.5), view.span(-80, 80), *tip), tone)
    view.piece(
        polygon([(x - half, y - high), (x + half, y - high), (x + half * 0.75, y), (x - half * 0.75, y)]),
        pot,
        0.35,
        4,
        0.35,
    )


def lamp(view: View, x: float, y: float, size: float) -> None:
    """A table or floor lamp with its light."""
    half, lit = size * view.span(0.14, 0.3), view.chance(0.75)
    shade = shade_of(0.11, 0.5, 0.8) if lit else view.textile()
    top = y - size
    if lit:
        glow = view.span(0.25, 0.6)
        view.fill(ellipse(x, top + size * 0.15, size * 0.6), (1, 0.88, 0.62), glow * 0.8, size * 0.25)
        view.fill(
            polygon(
                [
                    (x - half, top),
                    (x + half, top),
                    (x + half * 2.6, top - size * 0.9),
                    (x - half * 2.6, top - size * 0.9),
                ]
            ),
            (1, 0.92, 0.7),
            glow * 0.5,
            8,
        )
        view.fill(
            polygon([(x - half, top + size * 0.3), (x + half, top + size * 0.3), (x + half * 3, y), (x - half * 3, y)]),
            (1, 0.9, 0.66),
            glow,
            8,
        )
    view.fill((x - 1.2, top, x + 1.2, y), view.metal())
    view.fill(ellipse(x, y, half * 0.8, half * 0.15), view.metal())
    view.piece(
        polygon(
            [(x - half * 0.7, top), (x + half * 0.7, top), (x + half, top + size * 0.3), (x - half, top + size * 0.3)]
        ),
        shade,
        0,
        0,
        0.1,
    )


def stack(view: View, x: float, y: float, size: float) -> None:
    """Books, papers or folded clothes on top of each other."""
    soft = view.chance(0.5)
    while size > 2:
        height = min(view.span(2.5, 7), size)
        half, shift = view.span(12, 22), view.span(-3, 3)
        view.piece(
            box(x + shift - half, y - height, x + shift + half, y, height * 0.45 if soft else 0.5),
            view.textile() if soft else view.thing(),
            0.3,
            2,
            0.2,
        )
        y, size = y - height, size - height


def shoes(view: View, x: float, y: float, size: float) -> None:
    """A pair of shoes side by side."""
    colour, sole = view.textile(), view.neutral()
    for shift in (0, size * view.span(0.3, 0.8)):
        a = x + shift
        body = outline(
            [
                (a - size / 2, y, "c"),
                (a - size / 2, y - size * 0.38),
                (a - size * 0.2, y - size * 0.4),
                (a + size * 0.15, y - size * 0.2),
                (a + size * 0.5, y - size * 0.13),
                (a + size * 0.5, y, "c"),
            ]
        )
        view.piece(body, colour, 0.4, 3, 0.3)
        view.fill((a - size / 2, y - size * 0.06, a + size / 2, y), sole)


def bag(view: View, x: float, y: float, size: float) -> None:
    """A bag, a rucksack or a full sack."""
    half, colour = size * view.span(0.3, 0.55), view.textile()
    view.stroke(
        [(x - half * 0.4, y - size * 0.8), (x, y - size * 1.15), (x + half * 0.4, y - size * 0.8)],
        darker(colour, 0.3),
        size * 0.05,
    )
    body = outline(
        [
            (x - half, y - size * 0.1),
            (x - half * 0.9, y - size * 0.8),
            (x, y - size * view.span(0.85, 1)),
            (x + half * 0.9, y - size * 0.8),
            (x + half, y - size * 0.1),
            (x, y),
        ]
    )
    view.piece(body, colour, 0.4, 4, 0.35)
    view.crumple(body, (x - half, y - size, x + half, y), size * 0.25, 0.7)
    if view.chance(0.5):
        view.fill(box(x - half * 0.6, y - size * 0.45, x + half * 0.6, y - size * 0.1, 3), darker(colour, 0.2))


def screen(view: View, x: float, y: float, size: float) -> None:
    """A monitor or television, on or off."""
    half, case = size * view.span(0.6, 0.95), view.pick((0.06, 0.06, 0.07), (0.75, 0.75, 0.76))
    view.fill((x - size * 0.06, y - size * 0.3, x + size * 0.06, y), darker(case, 0.2))
    view.fill(ellipse(x, y, half * 0.4, size * 0.04), case)
    view.piece((x - half, y - size, x + half, y - size * 0.22), case, 0.35, 4, 0.1)
    inner = (x - half * 0.95, y - size * 0.96, x + half * 0.95, y - size * 0.27)
    if view.chance(0.35):
        view.blend(inner, (0.04, 0.04, 0.05), (0.16, 0.17, 0.2), inner[:2], inner[2:])
        return
    view.fill(inner, view.pick((0.9, 0.92, 0.95), (0.12, 0.14, 0.18), view.bright()))
    with view.within(box(*inner)):
        for _ in range(view.count(4, 14)):
            a, b = view.span(inner[0], inner[2]), view.span(inner[1], inner[3])
            view.fill((a, b, a + view.span(2, half), b + view.span(1, size * 0.2)), view.thing(), 0.8)


def basket(view: View, x: float, y: float, size: float) -> None:
    """A bin or a laundry basket, at times with clothes in it."""
    half, colour = size * view.span(0.35, 0.6), view.pick(view.wood(), view.thing())
    if view.chance(0.5):
        heap(view, x, y - size * 0.95, half * 1.6)
    body = polygon([(x - half, y - size), (x + half, y - size), (x + half * 0.8, y), (x - half * 0.8, y)])
    view.piece(body, colour, 0.4, 4, 0.35)
    if view.chance(0.6):
        for k in np.arange(0.1, 0.95, view.span(0.08, 0.2)):
            view.fill((x - half, y - size * k, x + half, y - size * k + size * 0.03), darker(colour, 0.35), 0.6)


STANDING = (bottle, carton, plant, lamp, stack, shoes, bag, screen, basket, carton, stack)


def standing(view: View, x: float, y: float, size: float) -> None:
    """Any standing thing."""
    view.fill(ellipse(x, y, size * 0.45, size * 0.08), (0.02, 0.02, 0.02), 0.35, 3)
    view.pick(*STANDING)(view, x, y, size)


# -------------------------------------------------------------------------------------------------- lying


def heap(view: View, x: float, y: float, size: float) -> None:
    """A dropped piece of clothing."""
    colour, count = view.textile(), view.count(8, 13)
    turn, squash, lean = view.span(0, 6), view.span(0.55, 1), view.span(0, 180)
    rim = []
    for i in range(count):
        reach, angle = size / 2 * view.span(0.45, 1.05), turn + 2 * np.pi * i / count
        place = (x + np.cos(angle) * reach, y + np.sin(angle) * reach * squash)
        rim.append((*place, "c") if view.chance(0.35) else place)
    shapes = [turned(outline(rim), lean, x, y)]
    for _ in range(view.pick(0, 1, 2, 2)):  # sleeves or legs
        angle, reach = view.span(0, 2 * np.pi), size * view.span(0.55, 0.95)
        elbow = (x + np.cos(angle) * reach * 0.6, y + np.sin(angle) * reach * 0.6)
        bend = angle + view.span(-1, 1)
        end = (elbow[0] + np.cos(bend) * reach * 0.45, elbow[1] + np.sin(bend) * reach * 0.45)
        shapes.insert(0, ribbon([(x, y), elbow, end], [size * 0.34, size * 0.28, size * view.span(0.14, 0.24)]))
    for shape in shapes:
        view.shadow(shape, 0.4, 4)
        view.fill(shape, colour)
        with view.within(shape):
            pattern(view, (x - size, y - size, x + size, y + size), colour, 0.15)
    for shape in shapes[:-1]:
        shapes[-1].addPath(shape)
    area = (x - size * 0.8, y - size * 0.8, x + size * 0.8, y + size * 0.8)
    view.crumple(shapes[-1], area, size * view.span(0.15, 0.3), view.span(0.9, 1.4))


def mug(view: View, x: float, y: float, size: float) -> None:
    """A cup, bowl or plate from above."""
    colour = view.pick(view.white(), view.thing())
    radius = size * view.span(0.3, 0.55)
    view.piece(ellipse(x, y, radius), colour, 0.4, 3, 0.2)
    view.fill(ellipse(x, y, radius * 0.85), darker(colour, 0.12))
    view.fill(
        ellipse(x, y, radius * view.span(0.5, 0.8)), view.pick((0.2, 0.1, 0.05), lighter(colour, 0.2), view.thing())
    )


def sheet_of_paper(view: View, x: float, y: float, size: float) -> None:
    """Paper, a magazine or an open book."""
    colour, turn = view.pick(view.white(), view.white(), view.thing()), view.span(0, 180)
    a, b = size * 0.36, size * 0.5
    view.piece(turned(box(x - a, y - b, x + a, y + b), turn, x, y), colour, 0.3, 2, 0.06)
    ink, left = mix(colour, (0.1, 0.1, 0.12), 0.6), view.chance(0.7)
    for k in range(8 if left else 0):
        high = y - b * 0.8 + k * b * 0.2
        view.fill(turned(box(x - a * 0.8, high, x + a * view.span(0.2, 0.8), high + b * 0.06), turn, x, y), ink, 0.7)
    if view.chance(0.4):
        view.fill(turned(box(x - a * 0.7, y, x + a * 0.7, y + b * 0.8), turn, x, y), view.thing())


def phone(view: View, x: float, y: float, size: float) -> None:
    """A phone, a tablet, a laptop or a keyboard."""
    case, turn = view.pick((0.07, 0.07, 0.08), (0.7, 0.71, 0.73)), view.span(0, 180)
    a, b = size * view.pick(0.22, 0.35, 0.5), size * 0.45
    view.piece(turned(box(x - a, y - b, x + a, y + b, size * 0.05), turn, x, y), case, 0.4, 3, 0.1)
    if view.chance(0.5):
        view.fill(
            turned(box(x - a * 0.9, y - b * 0.92, x + a * 0.9, y + b * 0.92), turn, x, y),
            view.pick((0.03, 0.03, 0.04), view.thing()),
        )
        return
    for i in range(5):
        for k in range(8):
            cx, cy = x - a * 0.75 + i * a * 0.38, y - b * 0.8 + k * b * 0.23
            view.fill(
                turned(box(cx - a * 0.15, cy - b * 0.09, cx + a * 0.15, cy + b * 0.09), turn, x, y), lighter(case, 0.12)
            )


def cable(view: View, x: float, y: float, size: float) -> None:
    """A cable or a belt that lies about."""
    points = [(x + view.span(-size, size) * 1.6, y + view.span(-size, size)) for _ in range(view.count(4, 8))]
    width, colour = view.span(0.8, 2.5), view.pick((0.05, 0.05, 0.05), (0.9, 0.9, 0.88), view.thing())
    view.stroke([(a + 1, b + 1.5) for a, b in points], (0, 0, 0), width * 1.5, 0.3, 1)
    view.stroke(points, colour, width)
    view.fill(
        turned(box(points[-1][0] - 3, points[-1][1] - 5, points[-1][0] + 3, points[-1][1] + 5, 1), 30, *points[-1]),
        colour,
    )


def trifle(view: View, x: float, y: float, size: float) -> None:
    """Pens, blocks, coins, toys: a few small things."""
    for _ in range(view.count(1, 6)):
        a, b, r = x + view.span(-size, size), y + view.span(-size, size), size * view.span(0.06, 0.2)
        shape = (
            ellipse(a, b, r)
            if view.chance(0.4)
            else turned(box(a - r, b - r * view.span(0.2, 2), a + r, b + r), view.span(0, 180), a, b)
        )
        view.piece(shape, view.thing(), 0.35, 2, 0.2)


def slipper(view: View, x: float, y: float, size: float) -> None:
    """A pair of shoes from above."""
    colour, turn = view.textile(), view.span(0, 360)
    for shift in (-0.2, 0.2 + view.span(0, 0.1)):
        a = x + shift * size
        sole = outline(
            [
                (a, y - size * 0.5),
                (a + size * 0.17, y - size * 0.25),
                (a + size * 0.12, y + size * 0.2),
                (a, y + size * 0.45),
                (a - size * 0.12, y + size * 0.2),
                (a - size * 0.17, y - size * 0.25),
            ]
        )
        view.piece(turned(sole, turn, x, y), colour, 0.4, 3, 0.2)
        view.fill(turned(ellipse(a, y + size * 0.22, size * 0.09, size * 0.17), turn, x, y), darker(colour, 0.6))


LYING = (heap, mug, sheet_of_paper, phone, cable, trifle, slipper, heap)


def lying(view: View, x: float, y: float, size: float) -> None:
    """Any lying thing."""
    view.pick(*LYING)(view, x, y, size)


def about(view: View, number: int, clear: float = 0.4) -> list[Point]:
    """Places for things; with probability ``clear`` a place is near the border of the picture."""
    places = []
    for _ in range(number):
        x, y = view.span(0, 240), view.span(0, 320)
        if view.chance(clear):
            x = view.pick(view.span(-10, 50), view.span(190, 250))
        places.append((x, y))
    return places


# ------------------------------------------------------------------------------------------------ hanging


def garment(view: View, x: float, y: float, size: float, colour: Colour | None = None) -> None:
    """A garment on a hanger, seen from the front: shirt, dress, coat or trousers."""
    colour = colour or view.textile()
    view.stroke(
        [(x, y + size * 0.08), (x, y + size * 0.02), (x + size * 0.03, y - size * 0.02), (x, y - size * 0.04)],
        view.metal(),
        1,
    )
    top, wide = y + size * 0.08, size * view.span(0.2, 0.34)
    flare, length, sleeve = view.span(0.8, 1.5), size * view.span(0.6, 1.0), view.span(0, 0.75)
    body = outline(
        [
            (x - wide * 0.3, top, "c"),
            (x - wide, top + size * 0.1),
            (x - wide * 0.85, top + length * 0.5),
            (x - wide * flare, top + length, "c"),
            (x + wide * flare, top + length, "c"),
            (x + wide * 0.85, top + length * 0.5),
            (x + wide, top + size * 0.1),
            (x + wide * 0.3, top, "c"),
        ]
    )
    for side in (-1, 1):
        if sleeve > 0.15:
            arm = ribbon(
                [
                    (x + side * wide * 0.8, top + size * 0.1),
                    (x + side * wide * 1.25, top + length * sleeve * 0.6),
                    (x + side * wide * 1.2, top + length * sleeve),
                ],
                [wide * 0.55, wide * 0.5, wide * 0.4],
            )
            view.piece(arm, darker(colour, 0.08), 0.3, 3, 0.2)
    view.piece(body, colour, 0.35, 4, 0.15)
    with view.within(body):
        pattern(view, (x - wide * 1.6, top, x + wide * 1.6, top + length), colour, 0.3)
    view.crumple(body, (x - wide * 1.6, top, x + wide * 1.6, top + length), size * 0.12, 0.9, 3)
    if view.chance(0.5):
        view.fill((x - 0.5, top + size * 0.03, x + 0.5, top + length), darker(colour, 0.4))


def row_of_clothes(view: View, left: float, right: float, y: float, size: float) -> None:
    """Clothes packed on a rail, seen from the side."""
    rail = view.metal()
    view.shadow((left, y, right, y + 2), 0.3, 3, (3, 8))
    view.fill((left, y - 1.2, right, y + 1.2), rail)
    x = left + view.span(0, 10)
    palette = [view.textile() for _ in range(view.count(2, 9))]
    while x < right:
        colour, width = view.near(view.pick(*palette), 0.08), view.span(7, 30)
        length, droop = size * view.span(0.5, 1.0), view.span(2, 8)
        view.stroke([(x + width / 2, y + 7), (x + width / 2, y - 3), (x + width / 2 + 2, y - 3)], rail, 0.9)
        swing, waist = view.span(-4, 4), view.span(-2, 3)
        body = outline(
            [
                (x + width * 0.35, y + 5, "c"),
                (x + width * 0.65, y + 5, "c"),
                (x + width, y + 8 + droop * 1.6),
                (x + width - waist, y + length * 0.5),
                (x + width + swing + view.span(-2, 4), y + length - view.span(0, 9), "c"),
                (x + width / 2 + swing, y + length + view.span(0, 4)),
                (x + swing - view.span(-2, 4), y + length - view.span(0, 6), "c"),
                (x + waist, y + length * 0.5),
                (x, y + 8 + droop * 1.6),
            ]
        )
        view.piece(body, colour, 0.4, 3, 0.45)
        with view.within(body):
            pattern(view, (x - 5, y, x + width + 5, y + length), colour, 0.12)
            for _ in range(view.count(0, 4)):
                a = x + view.span(0, width)
                fold = polygon([(a, y + 14), (a + view.span(1, 3), y + 14), (a + view.span(-4, 6), y + length + 5)])
                view.fill(fold, view.pick(darker(colour, 0.5), lighter(colour, 0.3)), 0.6, 1)
        x += width * view.span(0.6, 1.25) + (view.span(5, 40) if view.chance(0.15) else 0)


def frame(view: View, x: float, y: float, size: float) -> None:
    """A picture, poster, clock or mirror on the wall, its centre at (x, y)."""
    a, b = size * view.span(0.3, 0.6), size * 0.5
    if view.chance(0.15):
        view.piece(ellipse(x, y, b), view.thing(), 0.4, 4, 0.1)
        view.fill(ellipse(x, y, b * 0.88), view.white())
        view.stroke([(x, y - b * 0.6), (x, y), (x + b * 0.4, y + b * 0.2)], (0.1, 0.1, 0.1), 1.5)
        return
    border = view.pick(view.wood(), view.white(), (0.08, 0.08, 0.08))
    view.piece((x - a, y - b, x + a, y + b), border, 0.4, 4, 0.1)
    inner = (x - a * 0.9, y - b * 0.92, x + a * 0.9, y + b * 0.92)
    view.fill(inner, view.white())
    inset = view.pick(0.0, 0.15, 0.25)
    art = (x - a * (0.9 - inset), y - b * (0.92 - inset), x + a * (0.9 - inset), y + b * (0.92 - inset))
    ground = view.thing()
    view.blend(art, ground, view.near(view.textile(), 0.1), art[:2], art[2:])
    with view.within(box(*art)):
        for _ in range(view.count(1, 8)):
            cx, cy, r = view.span(art[0], art[2]), view.span(art[1], art[3]), size * view.span(0.04, 0.25)
            view.fill(ellipse(cx, cy, r, r * view.span(0.3, 1.4)), view.thing(), view.span(0.5, 1))


def socket(view: View, x: float, y: float) -> None:
    """A socket or light switch."""
    colour = view.white()
    view.piece(box(x - 5, y - 5, x + 5, y + 5, 1.2), colour, 0.25, 2, 0.05)
    view.fill(ellipse(x, y, 3), darker(colour, 0.15))


def curtain(view: View, area: Box, colour: Colour | None = None, folds: int | None = None) -> None:
    """Cloth that hangs in folds."""
    left, top, right, bottom = area
    colour = colour or view.textile()
    view.shadow(area, 0.3, 5)
    view.fill(area, colour)
    with view.within(box(*area)):
        pattern(view, area, colour, 0.25)
        folds = folds or view.count(4, 14)
        width = (right - left) / folds
        for i in range(folds + 1):
            x, wide = left + (i + view.span(-0.3, 0.3)) * width, width * view.span(0.2, 0.5)
            lean = view.span(-0.3, 0.3) * width
            view.fill(
                polygon([(x, top), (x + wide, top), (x + wide + lean, bottom), (x + lean, bottom)]),
                (0, 0, 0),
                0.35,
                wide * 0.35,
            )
            view.fill(
                polygon(
                    [(x - wide, top), (x - wide * 0.4, top), (x - wide * 0.4 + lean, bottom), (x - wide + lean, bottom)]
                ),
                (1, 1, 1),
                0.22,
                wide * 0.3,
            )


def outdoors(view: View, area: Box) -> None:
    """What is seen through a window: bright sky, blurred green and houses, or night."""
    left, top, right, bottom = area
    mood = view.rng.random()
    with view.within(box(*area)):
        if mood < 0.2:
            view.fill(area, (0.03, 0.04, 0.08))
            for _ in range(view.count(0, 9)):
                view.fill(
                    ellipse(view.span(left, right), view.span(top, bottom), view.span(0.8, 3)), (1, 0.85, 0.55), 0.8, 1
                )
            return
        pale = view.pick((0.97, 0.98, 1), (0.85, 0.92, 0.99), (0.98, 0.97, 0.93))
        view.blend(area, pale, lighter(pale, 0.5), (left, top), (left, bottom))
        for _ in range(view.count(0, 12)):
            x, y = view.span(left, right), view.span((top + bottom) / 2, bottom)
            tone = lighter(view.pick(view.leaf(), view.neutral()), view.span(0.1, 0.6))
            view.fill(ellipse(x, y, view.span(8, 30), view.span(8, 40)), tone, 0.8, 5)


def outline_of_someone(view: View, x: float, y: float, size: float) -> None:
    """A standing figure without a face, as seen from far away or in shade; the feet are at (x, y)."""
    top, legs = view.textile(), view.pick(view.textile(), (0.12, 0.14, 0.22))
    skin = mix((0.85, 0.66, 0.54), (0.3, 0.19, 0.13), view.span(0, 1))
    half = size * view.span(0.1, 0.14)
    step = size * view.span(0.0, 0.06)
    for side in (-1, 1):
        view.fill(
            polygon(
                [
                    (x, y - size * 0.5),
                    (x + side * half * 0.9, y - size * 0.5),
                    (x + side * (half * 0.7 + step), y),
                    (x + side * step, y),
                ]
            ),
            legs,
        )
    view.fill(
        outline(
            [
                (x - half, y - size * 0.45, "c"),
                (x - half * 1.15, y - size * 0.8),
                (x, y - size * 0.86),
                (x + half * 1.15, y - size * 0.8),
                (x + half, y - size * 0.45, "c"),
            ]
        ),
        top,
    )
    for side in (-1, 1):
        view.stroke(
            [
                (x + side * half, y - size * 0.79),
                (x + side * half * view.span(1.1, 1.6), y - size * 0.6),
                (x + side * half * view.span(0.4, 1.5), y - size * view.span(0.45, 0.65)),
            ],
            view.pick(top, top, skin),
            size * 0.05,
        )
    view.fill(ellipse(x, y - size * 0.92, size * 0.055, size * 0.075), skin)
    view.fill(
        ellipse(x, y - size * 0.95, size * 0.06, size * 0.055), mix((0.06, 0.04, 0.03), view.wood(), view.span(0, 0.6))
    )
