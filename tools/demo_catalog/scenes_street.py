"""Streets and public places behind a garment: house fronts, shops, cars, markets, stations, walls."""

from __future__ import annotations

import numpy as np

from tools.demo_catalog.scenes_open import crown, foliage, masonry, sky, street
from tools.demo_catalog.scenes_things import (
    carton,
    garment,
    outdoors,
    outline_of_someone,
    plant,
    row_of_clothes,
    standing,
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
    outline,
    polygon,
    shade_of,
)
from tools.demo_catalog.studio import ellipse


def bricks(view: View, area: Box, colour: Colour | None = None, height: float | None = None) -> None:
    """A brick wall on the area."""
    colour = colour or view.pick(
        shade_of(view.span(0.01, 0.05), view.span(0.3, 0.55), view.span(0.25, 0.5)), view.white(), view.neutral()
    )
    left, top, right, bottom = area
    height = height or view.span(7, 18)
    width, gap = height * view.span(2, 3.2), height * view.span(0.08, 0.2)
    spread = view.span(0.03, 0.16)
    view.fill(area, view.pick(darker(colour, 0.4), lighter(colour, 0.4), (0.6, 0.58, 0.55)))
    with view.within(box(*area)):
        for k, y in enumerate(np.arange(max(top, -90), min(bottom, 410), height)):
            for x in np.arange(max(left, -90) - width / 2 * (k % 2), min(right, 330), width):
                view.fill((x, y, x + width - gap, y + height - gap), view.near(colour, spread))
        view.grain(area, "fine", (0.5, 0.5), view.span(0.2, 0.6))
        view.grain(area, "cloudy", (1.5, 1.5), view.span(0.1, 0.5))


def opening(view: View, area: Box, trim: Colour, rows: int = 2) -> None:
    """A window of a house, seen from outside."""
    left, top, right, bottom = area
    view.piece((left - 3, top - 3, right + 3, bottom + 4), trim, 0.3, 3, 0.05)
    glass = view.pick((0.1, 0.12, 0.15), (0.35, 0.42, 0.5), (0.55, 0.62, 0.68), (0.2, 0.2, 0.2), (0.85, 0.7, 0.4))
    view.blend(area, view.near(glass, 0.1), darker(glass, view.span(0, 0.5)), (left, top), (right, bottom))
    if view.chance(0.3):
        view.fill((left, top, right, top + (bottom - top) * view.span(0.2, 1)), view.white(), 0.7)
    view.fill(((left + right) / 2 - 1.2, top, (left + right) / 2 + 1.2, bottom), trim)
    for k in range(1, rows):
        y = top + (bottom - top) * k / rows
        view.fill((left, y - 1, right, y + 1), trim)


def facade(view: View) -> None:
    """A house front with windows, doors, cornices and pavement before it."""
    view.camera(skew=22, zoom=(1.0, 1.7))
    colour = masonry(view)
    edge = view.span(220, 340)
    if view.chance(0.3):
        bricks(view, (-240, -240, 480, edge), colour, view.span(4, 8))
    else:
        view.blend((-240, -240, 480, edge), colour, darker(colour, 0.2), (0, 0), (view.span(-100, 340), edge))
        view.grain((-240, -240, 480, edge), view.pick("fine", "cloudy"), (1, 1), view.span(0.1, 0.4))
    trim = view.pick(view.white(), darker(colour, 0.4), lighter(colour, 0.4), view.wood())
    step, storey = view.span(45, 100), view.span(70, 130)
    width, height = step * view.span(0.4, 0.7), storey * view.span(0.45, 0.7)
    entrance = view.count(0, 6)
    for k, y in enumerate(np.arange(edge - storey, -160, -storey)):
        for i, x in enumerate(np.arange(view.span(-100, -60), 320, step)):
            if k == 0 and i == entrance:
                leaf = view.pick(view.wood(), view.paint(), (0.15, 0.2, 0.17))
                view.piece((x - 2, edge - storey * 0.85, x + width + 2, edge), trim, 0.3, 3, 0)
                view.piece((x, edge - storey * 0.82, x + width, edge), leaf, 0.2, 2, 0.15)
                view.stroke(box(x + 4, edge - storey * 0.7, x + width - 4, edge - 8), darker(leaf, 0.4), 1)
            else:
                opening(view, (x, y + storey * 0.15, x + width, y + storey * 0.15 + height), trim, view.pick(1, 2, 3))
                if view.chance(0.12):
                    view.piece(
                        (x - 4, y + storey * 0.15 + height * 0.7, x + width + 4, y + storey * 0.2 + height),
                        view.metal(),
                        0.4,
                        3,
                    )
        if view.chance(0.5):
            view.piece((-240, y - 2, 480, y + 3), lighter(colour, 0.2), 0.35, 3, 0)
    street(view, edge)
    _passers(view, edge)


def _passers(view: View, edge: float) -> None:
    """Now and then people, cars or plants before a house."""
    for _ in range(view.pick(0, 0, 0, 1, 2)):
        outline_of_someone(view, view.span(0, 240), edge + view.span(5, 25), view.span(60, 120))
    if view.chance(0.2):
        car(view, view.span(0, 240), edge + view.span(10, 40), view.span(110, 190))
    if view.chance(0.25):
        plant(view, view.span(0, 240), edge + view.span(2, 12), view.span(40, 110))


def car(view: View, x: float, y: float, size: float) -> None:
    """A parked car from the side; its wheels stand at (x, y)."""
    colour = view.pick(
        (0.08, 0.08, 0.09), view.white(), (0.6, 0.61, 0.63), (0.32, 0.33, 0.35), view.bright(), (0.12, 0.17, 0.3)
    )
    half, high, rear = size / 2, size * view.span(0.28, 0.38), view.span(0.55, 0.95)
    view.fill(ellipse(x, y, half, size * 0.04), (0, 0, 0), 0.6, 3)
    body = outline(
        [
            (x - half, y - size * 0.06, "c"),
            (x - half, y - high * 0.5),
            (x - half * 0.6, y - high * 0.62, "c"),
            (x - half * 0.34, y - high * 0.98),
            (x + half * rear * 0.6, y - high),
            (x + half * rear, y - high * 0.64, "c"),
            (x + half * 0.95, y - high * 0.58),
            (x + half, y - size * 0.06, "c"),
        ]
    )
    view.blend(body, lighter(colour, 0.25), darker(colour, 0.35), (x, y - high), (x, y))
    glass = outline(
        [
            (x - half * 0.5, y - high * 0.62, "c"),
            (x - half * 0.31, y - high * 0.91, "c"),
            (x + half * rear * 0.58, y - high * 0.92, "c"),
            (x + half * rear * 0.88, y - high * 0.62, "c"),
        ]
    )
    view.blend(glass, (0.45, 0.52, 0.58), (0.08, 0.09, 0.11), (x, y - high), (x, y - high * 0.5))
    view.fill((x - 1, y - high, x + 1.5, y - high * 0.2), darker(colour, 0.3))
    for side in (-0.6, 0.6):
        view.fill(ellipse(x + side * half, y - size * 0.05, size * 0.085), (0.05, 0.05, 0.05))
        view.fill(ellipse(x + side * half, y - size * 0.05, size * 0.05), (0.6, 0.6, 0.62))
    view.fill((x + half * 0.9, y - high * 0.42, x + half, y - high * 0.3), (0.8, 0.2, 0.15))


def parked_cars(view: View) -> None:
    """Cars at a kerb, seen from nearby, before houses or trees."""
    view.camera(zoom=(1.0, 1.5))
    edge = view.span(170, 240)
    if view.chance(0.5):
        colour = masonry(view)
        view.blend((-240, -240, 480, edge), colour, darker(colour, 0.3), (0, 0), (240, edge))
        for x in np.arange(-80, 320, view.span(50, 110)):
            opening(view, (x, view.span(-20, 20), x + 36, view.span(70, 120)), view.white())
    else:
        sky(view, edge)
        for _ in range(view.count(2, 6)):
            crown(view, view.span(-20, 260), edge, view.span(100, 220))
    street(view, edge)
    x = view.span(-100, 0)
    while x < 320:
        size = view.span(170, 330)
        car(view, x + size / 2, edge + view.span(30, 60), size)
        x += size * view.span(1.02, 1.5)


def carriage(view: View) -> None:
    """Inside a bus or train: seats, windows, poles, a bright ceiling."""
    view.camera(zoom=(1.0, 1.5))
    colour = view.pick(view.white(), view.neutral(), view.paint())
    view.blend(FAR, lighter(colour, 0.2), darker(colour, 0.3), (0, 0), (view.span(0, 240), 320))
    for x in np.arange(view.span(-80, -20), 300, view.span(110, 190)):
        area = (x, 30, x + view.span(80, 140), view.span(130, 170))
        view.piece(box(area[0] - 4, area[1] - 4, area[2] + 4, area[3] + 4, 8), view.metal(), 0.3, 3, 0.1)
        outdoors(view, area)
    for k in range(view.count(0, 3)):
        view.fill((-240, -30 + 18 * k, 480, -22 + 18 * k), (1, 1, 0.97), 0.9, 3)
    high = view.span(150, 210)
    tone, second = view.textile(), view.textile()
    view.fill((-240, 300, 480, 560), shade_of(0.6, 0.04, view.span(0.2, 0.5)))
    for x in np.arange(view.span(-80, -30), 300, view.span(58, 80)):
        for top, low in ((high, high + 75), (high + 70, high + 110)):
            part = box(x, top, x + 54, low, 9)
            view.piece(part, tone, 0.4, 5, 0.2)
            with view.within(part):
                for _ in range(view.pick(0, 12)):
                    a, b = view.span(x, x + 54), view.span(top, low)
                    view.fill((a, b, a + view.span(2, 9), b + view.span(2, 5)), second, 0.8)
    for _ in range(view.count(0, 3)):
        x = view.span(0, 240)
        view.piece((x, -240, x + 4, 560), view.pick(view.metal(), (0.85, 0.7, 0.15)), 0.4, 4, 0.5)


def shop(view: View) -> None:
    """A shop window with a sign, goods and reflections."""
    view.camera(skew=18, zoom=(1.0, 1.6))
    colour, edge = view.pick(masonry(view), view.thing(), view.wood()), view.span(240, 330)
    view.fill((-240, -240, 480, edge), colour)
    view.grain((-240, -240, 480, edge), "fine", (1, 1), 0.2)
    sign = view.thing()
    top = view.span(20, 90)
    if view.chance(0.8):
        view.piece((-240, top - view.span(25, 50), 480, top - 5), sign, 0.4, 5, 0.1)
        x = view.span(0, 80)
        for _ in range(view.count(3, 9)):
            width = view.span(5, 16)
            view.fill(
                (x, top - 22, x + width * 0.75, top - 10), lighter(sign, 0.7) if view.chance(0.9) else view.bright()
            )
            x += width
    x = view.span(-120, -40)
    while x < 260:
        width = view.span(70, 180)
        area = (x, top, x + width, edge - view.span(8, 40))
        inner = view.pick((0.12, 0.11, 0.1), (0.75, 0.68, 0.55), (0.3, 0.27, 0.24), (0.85, 0.85, 0.83))
        view.blend(area, lighter(inner, 0.2), darker(inner, 0.4), (x, top), (x, area[3]))
        with view.within(box(*area)):
            for _ in range(view.count(1, 7)):
                a = view.span(x, x + width)
                if view.chance(0.4):
                    garment(view, a, top + view.span(5, 40), view.span(80, 150))
                else:
                    standing(view, a, area[3], view.span(25, 90))
            for _ in range(view.count(0, 6)):
                view.fill(ellipse(view.span(x, x + width), top + view.span(4, 30), 2.5), (1, 0.95, 0.8), 1, 1.5)
            for _ in range(view.count(0, 3)):
                a = view.span(x, x + width)
                view.fill(polygon([(a, top), (a + 30, top), (a - 10, edge), (a - 50, edge)]), (0.9, 0.95, 1), 0.22, 3)
        view.stroke(box(*area), view.pick(view.metal(), view.wood(), view.white()), 4)
        x += width + view.span(6, 40)
    street(view, edge)
    _passers(view, edge)


def road(view: View) -> None:
    """A street along its length: houses on both sides, cars, lamps, sky."""
    view.camera()
    edge, middle = view.span(130, 230), view.span(70, 170)
    sky(view, edge)
    for side in (-1, 1):
        x = 0.0
        tall, near = view.span(60, 220), 240.0
        while near > 12:
            far = near * view.span(0.5, 0.8)
            colour = masonry(view)
            a, b = middle + side * near, middle + side * far
            high_a, high_b = tall * near / 120, tall * far / 120
            front = [(a, edge - high_a), (b, edge - high_b), (b, edge + far * 0.12), (a, edge + near * 0.25)]
            view.blend(polygon(front), darker(colour, view.span(0, 0.4)), colour, (a, 0), (b, 0))
            with view.plane(front, 100, 100):
                columns, rows, glass = (
                    view.count(2, 4),
                    view.count(3, 7),
                    view.pick((0.15, 0.17, 0.2), (0.5, 0.57, 0.63)),
                )
                for i in range(columns):
                    for k in range(rows):
                        x, y = (i + 0.25) * 100 / columns, (k + 0.2) * 92 / rows
                        view.fill((x, y, x + 50 / columns, y + 55 / rows), view.near(glass, 0.15))
            tall, near = tall * view.span(0.75, 1.3), far
    tone = shade_of(0.6, 0.03, view.span(0.22, 0.5))
    view.blend((-240, edge, 480, 560), lighter(tone, 0.25), darker(tone, 0.1), (0, edge), (0, 340))
    for side in (-1, 1):
        path = polygon(
            [
                (middle + side * 8, edge),
                (middle + side * 14, edge),
                (middle + side * 420, 560),
                (middle + side * 200, 560),
            ]
        )
        view.fill(path, shade_of(0.1, 0.06, view.span(0.45, 0.7)))
    if view.chance(0.5):
        for k in range(6):
            a, b = edge + 4 * 1.8**k, edge + 4 * 1.8 ** (k + 0.5)
            view.fill(
                polygon(
                    [
                        (middle - (a - edge) * 0.02, a),
                        (middle + (a - edge) * 0.02, a),
                        (middle + (b - edge) * 0.02, b),
                        (middle - (b - edge) * 0.02, b),
                    ]
                ),
                (0.9, 0.9, 0.86),
            )
    view.grain((-240, edge, 480, 560), "fine", (0.6, 0.4), 0.35)
    for depth in sorted(view.span(6, 70) for _ in range(view.count(0, 6))):
        side = view.pick(-1, 1)
        if view.chance(0.6):
            car(view, middle + side * depth * 1.6, edge + depth, depth * 1.7 + 8)
        else:
            outline_of_someone(view, middle + side * depth * 2.2, edge + depth, depth * 1.4 + 10)
    for k in range(view.pick(0, 2, 3)):
        x, size = middle + view.pick(-1, 1) * (30 + 45 * k), 60 + 70 * k
        view.fill((x, edge - size, x + 1.5 + k, edge + 10 + 20 * k), (0.12, 0.13, 0.13))
        view.fill(ellipse(x, edge - size, 3 + k), (0.95, 0.93, 0.85))
    if view.chance(0.4):
        crown(view, middle + view.pick(-1, 1) * view.span(60, 110), edge + 10, view.span(90, 190))


def fence(view: View) -> None:
    """A fence of planks, wire or bars before a garden."""
    view.camera(zoom=(1.0, 1.6))
    edge = view.span(230, 340)
    sky(view, 200)
    foliage(view, (-60, view.span(-60, 160), 300, edge), view.leaf(), view.span(5, 10))
    street(view, edge)
    kind, top = view.pick("planks", "planks", "wire", "bars"), view.span(-80, 90)
    tone = view.pick(view.wood(), view.wood(), view.white(), view.metal())
    if kind == "planks":
        width, gap = view.span(10, 34), view.span(0.3, 6)
        level = view.chance(0.25)
        for x in np.arange(-90, 330 if not level else edge, width):
            area = (x, top, x + width - gap, edge + 3) if not level else (-240, x, 480, x + width - gap)
            view.piece(area, view.near(tone, 0.06), 0.3, 2, 0.12)
        view.canvas.save()
        view.canvas.rotate(0 if level else 90)
        view.grain(FAR, "fibre", (1.0, 0.5), 0.25)
        view.canvas.restore()
    elif kind == "wire":
        step = view.span(7, 16)
        for x in np.arange(-400, 640, step):
            view.stroke([(x, top), (x + 300, top + 300)], (0.5, 0.52, 0.52), 0.8)
            view.stroke([(x, top), (x - 300, top + 300)], (0.42, 0.44, 0.44), 0.8)
    else:
        for x in np.arange(-90, 330, view.span(9, 20)):
            view.fill((x, top, x + 2.5, edge + 3), tone)
        for y in (top + 8, edge - 12):
            view.fill((-240, y, 480, y + 3.5), tone)


def market(view: View) -> None:
    """A market stall: awning, boxes with goods, clothes, people."""
    view.camera()
    view.fill(FAR, darker(masonry(view), view.span(0, 0.5)))
    view.grain(FAR, "cloudy", (3, 3), 0.4)
    for _ in range(view.count(0, 5)):
        outline_of_someone(view, view.span(0, 240), view.span(180, 230), view.span(90, 150))
    table_top = view.span(160, 240)
    if view.chance(0.4):
        row_of_clothes(view, view.span(-40, 60), view.span(160, 280), view.span(50, 90), view.span(90, 160))
    first, second, low = view.bright(), view.white(), view.span(20, 80)
    wide = view.span(12, 40)
    for i, x in enumerate(np.arange(-80, 320, wide)):
        tone = first if i % 2 else view.near(second, 0.01)
        view.fill(
            outline(
                [
                    (x, -240, "c"),
                    (x + wide, -240, "c"),
                    (x + wide, low, "c"),
                    (x + wide / 2, low + wide * 0.35),
                    (x, low, "c"),
                ]
            ),
            tone,
        )
    view.fill((-240, low, 480, low + 25), (0, 0, 0), 0.3, 9)
    for x in (view.span(-10, 50), view.span(190, 250)):
        view.fill((x, low - 20, x + 3.5, 330), view.metal())
    rows = view.count(1, 4)
    for k in range(rows):
        y = table_top + k * 26
        x = -60.0
        while x < 300:
            width, colour = view.span(24, 60), view.pick(view.bright(), view.thing(), view.leaf())
            view.piece((x, y, x + width - 2, y + 26), view.wood(), 0.3, 3, 0.2)
            radius = view.span(2, 6)
            for _ in range(view.count(8, 20)):
                view.piece(
                    ellipse(view.span(x + 3, x + width - 5), y + view.span(-6, 9), radius),
                    view.near(colour, 0.12),
                    0,
                    0,
                    0.4,
                )
            view.fill((x, y + 11, x + width - 2, y + 26), darker(view.wood(), 0.1))
            if view.chance(0.3):
                view.fill((x + 5, y - 12, x + 17, y - 3), view.white())
            x += width
    cloth = view.textile()
    view.blend((-240, table_top + rows * 26, 480, 560), cloth, darker(cloth, 0.4), (0, table_top + rows * 26), (0, 330))


def stairs(view: View) -> None:
    """Steps seen from below, with side walls or a hand rail."""
    view.camera(tilt=8, zoom=(1.0, 1.6))
    colour = view.pick(view.neutral(), view.neutral(), view.wood())
    if view.chance(0.4):
        bricks(view, FAR)
    else:
        side = masonry(view)
        view.blend(FAR, side, darker(side, 0.3), (0, 0), (240, 0))
        view.grain(FAR, "cloudy", (2, 2), 0.4)
    y, high, half = view.span(250, 400), view.span(16, 40), view.span(110, 330)
    middle = view.span(60, 180)
    while high > 2.5 and y > -80:
        rise = high * 0.6
        tread = polygon(
            [
                (middle - half, y),
                (middle + half, y),
                (middle + half * 0.97, y - high * 0.4),
                (middle - half * 0.97, y - high * 0.4),
            ]
        )
        view.blend(
            (middle - half, y, middle + half, y + rise),
            darker(colour, 0.25),
            darker(colour, 0.5),
            (0, y),
            (0, y + rise),
        )
        view.fill(tread, view.near(lighter(colour, 0.1), 0.03))
        view.fill((middle - half, y, middle + half, y + high * 0.06), lighter(colour, 0.4))
        y -= rise + high * 0.4
        high, half = high * 0.94, half * 0.97
    view.grain(FAR, "fine", (0.7, 0.7), 0.25)
    if view.chance(0.6):
        a, b = middle + view.pick(-1, 1) * view.span(90, 130), view.span(20, 120)
        view.stroke([(a, 330, "c"), (middle + (a - middle) * 0.5, b, "c")], view.metal(), 4)
        for k in np.linspace(0, 1, 7):
            x, top = a + (middle - a) * 0.5 * k, 330 + (b - 330) * k
            view.stroke([(x, top), (x, top + 80 * (1 - k * 0.6))], view.metal(), 1.6)


def underground(view: View) -> None:
    """A station or subway: tiles, a coloured band, posters, lights, a platform."""
    view.camera(skew=20)
    edge = view.span(220, 310)
    tiles(
        view,
        corners((-120, -90, 360, edge)),
        view.count(12, 34),
        staggered=view.chance(0.6),
        colour=view.pick(view.white(), view.white(), view.neutral(), view.paint()),
    )
    band = view.bright()
    y = view.span(10, 120)
    view.fill((-240, y, 480, y + view.span(8, 35)), band, 0.95)
    view.fill((view.span(0, 100), y + 3, view.span(110, 200), y + 12), (0.96, 0.96, 0.95))
    for x in np.arange(view.span(-60, 0), 280, view.span(80, 140)):
        if view.chance(0.5):
            area = (x, y + 45, x + 60, y + 130)
            view.piece(area, (0.2, 0.2, 0.2), 0.3, 3)
            view.fill((x + 3, y + 48, x + 57, y + 127), view.thing())
            with view.within(box(*area)):
                for _ in range(6):
                    a, b = view.span(x, x + 60), view.span(y + 45, y + 130)
                    view.fill((a, b, a + view.span(5, 40), b + view.span(3, 30)), view.thing(), 0.8)
    view.fill((-240, edge - 4, 480, edge + 6), (0, 0, 0), 0.5, 4)
    tiles(
        view,
        [(-100, edge), (340, edge), (600, 560), (-360, 560)],
        view.count(8, 16),
        view.count(8, 16),
        view.neutral(),
        staggered=False,
    )
    if view.chance(0.4):
        view.fill(
            polygon([(-240, edge + 30), (480, edge + 30), (480, edge + 42), (-240, edge + 42)]), (0.85, 0.75, 0.2)
        )
    if view.chance(0.6):
        for k in range(3):
            view.fill((-240, -60 + 26 * k, 480, -54 + 26 * k), (1, 1, 0.97), 0.9, 3)
    if view.chance(0.4):
        outline_of_someone(view, view.span(0, 240), edge + 25, view.span(120, 190))


def crowd(view: View) -> None:
    """People far away on a square, in a hall or at a station."""
    view.camera()
    edge = view.span(90, 190)
    if view.chance(0.5):
        sky(view, edge)
        for x in np.arange(-60, 300, view.span(40, 100)):
            view.fill((x, edge - view.span(30, 120), x + view.span(40, 100), edge + 10), masonry(view))
    else:
        tone = view.neutral()
        view.blend(FAR, lighter(tone, 0.2), darker(tone, 0.3), (0, 0), (0, edge))
        for x in np.arange(-60, 300, view.span(30, 70)):
            view.fill((x, -240, x + 8, edge), darker(tone, 0.4))
            view.fill(ellipse(x + 20, view.span(0, 40), 5, 3), (1, 0.97, 0.9), 1, 2)
    street(view, edge)
    for depth in sorted(view.span(0, 1) ** 1.5 for _ in range(view.count(8, 24))):
        outline_of_someone(view, view.span(-20, 260), edge + 12 + depth * 130, 34 + depth * 130)


def brick_wall(view: View) -> None:
    """Brick, blocks or painted masonry, with a pavement, a pipe or paint on it."""
    view.camera(skew=20, zoom=(1.0, 2.0))
    bricks(view, FAR)
    if view.chance(0.3):
        tone = view.paint()
        view.fill((-240, view.span(120, 250), 480, 560), tone, 0.8)
    if view.chance(0.3):
        for _ in range(view.count(2, 6)):
            x, y = view.span(0, 240), view.span(60, 260)
            points = [(x + view.span(-50, 50), y + view.span(-35, 35)) for _ in range(5)]
            view.stroke(points, view.bright(), view.span(3, 12), 0.9, 0.5)
    if view.chance(0.3):
        x = view.span(10, 230)
        view.piece((x, -240, x + 7, 560), view.metal(), 0.5, 4, 0.4)
    if view.chance(0.5):
        street(view, view.span(230, 310))


def garage(view: View) -> None:
    """A garage door, shutter, container or corrugated wall."""
    view.camera(skew=18, zoom=(1.0, 1.8))
    colour = view.pick(view.neutral(), view.white(), view.paint(), view.bright())
    upright, step = view.chance(0.4), view.span(7, 30)
    view.fill(FAR, colour)
    for a in np.arange(-100, 420, step):
        area = (a, -240, a + step, 560) if upright else (-240, a, 480, a + step)
        ends = ((a, 0), (a + step, 0)) if upright else ((0, a), (0, a + step))
        view.blend(area, lighter(colour, 0.15), darker(colour, view.span(0.25, 0.35)), *ends)
    for _ in range(view.count(0, 10)):
        x, y = view.span(0, 240), view.span(0, 320)
        view.fill((x, y, x + view.span(1, 4), y + view.span(10, 90)), (0.4, 0.22, 0.1), 0.3, 2)
    view.grain(FAR, "cloudy", (2, 2), view.span(0.1, 0.5))
    if view.chance(0.6):
        street(view, view.span(240, 320))
    if view.chance(0.3):
        view.piece(box(view.span(20, 200), 150, view.span(205, 225), 158, 3), view.metal(), 0.4, 3)


def glass_hall(view: View) -> None:
    """An entrance or arcade of glass and steel with reflections."""
    view.camera(skew=18)
    edge, tone = view.span(220, 310), view.metal()
    view.fill(FAR, darker(view.neutral(), 0.3))
    step, rows = view.span(40, 110), view.span(60, 160)
    for x in np.arange(-120, 360, step):
        for y in np.arange(-120, edge, rows):
            area = (x, y, x + step, min(y + rows, edge))
            if view.chance(0.6):
                outdoors(view, area)
            view.blend(
                area,
                view.pick((0.3, 0.4, 0.45), (0.6, 0.68, 0.72), (0.12, 0.14, 0.17)),
                (0.5, 0.55, 0.58),
                area[:2],
                area[2:],
            ) if view.chance(0.5) else view.fill(area, (0.4, 0.5, 0.55), 0.4)
    for _ in range(view.count(2, 8)):
        x = view.span(-40, 280)
        view.fill(polygon([(x, -90), (x + view.span(5, 40), -90), (x - 60, edge), (x - 80, edge)]), (1, 1, 1), 0.15, 3)
    for x in np.arange(-120, 360, step):
        view.fill((x - 2, -240, x + 2, edge), tone)
    for y in np.arange(-120, edge, rows):
        view.fill((-240, y - 1.5, 480, y + 1.5), tone)
    street(view, edge)
    _passers(view, edge)


def backyard(view: View) -> None:
    """A yard with bins, cartons, pots and a wall."""
    view.camera()
    edge = view.span(170, 260)
    if view.chance(0.5):
        bricks(view, (-240, -240, 480, edge))
    else:
        tone = masonry(view)
        view.blend((-240, -240, 480, edge), tone, darker(tone, 0.25), (0, 0), (240, edge))
        view.grain((-240, -240, 480, edge), "cloudy", (2, 2), 0.6)
    if view.chance(0.4):
        opening(view, (60, 20, 130, 110), view.white())
    street(view, edge)
    for _ in range(view.count(1, 5)):
        x, y, size = view.span(-10, 250), edge + view.span(5, 40), view.span(40, 120)
        if view.chance(0.5):
            tone, half = view.pick((0.2, 0.3, 0.22), (0.15, 0.15, 0.16), (0.25, 0.25, 0.4), view.bright()), size * 0.35
            view.piece(
                polygon([(x - half, y - size), (x + half, y - size), (x + half * 0.85, y), (x - half * 0.85, y)]),
                tone,
                0.45,
                6,
                0.25,
            )
            view.fill((x - half * 1.1, y - size * 1.06, x + half * 1.1, y - size * 0.96), darker(tone, 0.3))
        else:
            view.pick(carton, plant)(view, x, y, size)


STREETS = {
    "facade": facade,
    "shop": shop,
    "road": road,
    "cars": parked_cars,
    "carriage": carriage,
    "fence": fence,
    "market": market,
    "stairs": stairs,
    "underground": underground,
    "crowd": crowd,
    "brick": brick_wall,
    "garage": garage,
    "glass": glass_hall,
    "yard": backyard,
}
