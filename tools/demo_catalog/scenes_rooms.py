"""Rooms behind a garment: walls, floors, beds, furniture, tables from above, and cloth close up."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import skia

from tools.demo_catalog.scenes_things import (
    about,
    bag,
    boards,
    bottle,
    cable,
    carpet,
    carton,
    curtain,
    floor,
    frame,
    garment,
    heap,
    lamp,
    lying,
    outdoors,
    outline_of_someone,
    parquet,
    pattern,
    plant,
    room,
    row_of_clothes,
    rug,
    screen,
    shoes,
    socket,
    stack,
    standing,
    tiles,
    wall,
)
from tools.demo_catalog.scenes_view import FAR, Box, Colour, View, box, corners, darker, lighter, outline, polygon
from tools.demo_catalog.studio import Point, ellipse


def corner_of_a_room(view: View) -> None:
    """Wall and floor with a rug, pictures, a socket and things that stand about."""
    view.camera()
    edge = room(view)
    if view.chance(0.35):
        middle, half, near = view.span(60, 180), view.span(50, 120), edge + view.span(10, 30)
        rug(
            view,
            [
                (middle - half, near),
                (middle + half, near),
                (middle + half * 1.7, near + 90),
                (middle - half * 1.7, near + 90),
            ],
        )
    for _ in range(view.pick(0, 0, 1, 1, 2, 4)):
        frame(view, view.span(0, 240), view.span(20, edge - 80), view.span(30, 90))
    if view.chance(0.5):
        socket(view, view.span(10, 230), edge - view.span(20, 60))
    for _ in range(view.pick(0, 1, 1, 2, 4)):
        standing(view, view.pick(view.span(-10, 60), view.span(180, 250)), edge + view.span(0, 30), view.span(30, 130))
    if view.chance(0.3):
        cable(view, view.span(40, 200), edge + view.span(5, 50), 25)


def bare_wall(view: View) -> None:
    """A wall from nearby: uneven paint, a switch, hooks, the edge of a door frame."""
    view.camera(tilt=8, zoom=(1.0, 2.2))
    colour = wall(view)
    if view.chance(0.35):
        x, width = view.pick(view.span(-10, 30), view.span(200, 240)), view.span(8, 26)
        view.piece((x, -240, x + width, 560), view.pick(view.white(), view.wood()), 0.35, 4, 0.1)
    for _ in range(view.pick(0, 1, 2)):
        socket(view, view.span(20, 220), view.span(30, 300))
    for _ in range(view.count(0, 5)):
        x, y, r = view.span(0, 240), view.span(0, 320), view.span(0.5, 2)
        view.fill(ellipse(x, y, r), darker(colour, 0.4), 0.7, 0.4)
    if view.chance(0.25):
        view.stroke(
            [(view.span(0, 240), -20), (view.span(0, 240), 150), (view.span(0, 240), 340)], darker(colour, 0.3), 0.6
        )
    if view.chance(0.3):
        frame(view, view.span(0, 240), view.span(0, 120), view.span(40, 110))


def wallpaper(view: View) -> None:
    """A patterned wall above a panel or a chest of drawers."""
    view.camera()
    colour = view.paint()
    view.fill(FAR, colour)
    pattern(view, (-60, -80, 300, 400), colour)
    view.grain(FAR, "fine", (0.8, 0.8), 0.15)
    if view.chance(0.6):
        top, tone = view.span(190, 290), view.pick(view.white(), view.wood(), view.paint())
        view.piece((-240, top, 480, 560), tone, 0.4, 5, 0.1)
        view.fill((-240, top, 480, top + 4), lighter(tone, 0.4))
        width = view.span(30, 130)
        for x in np.arange(-200, 440, width):
            view.stroke(box(x + 6, top + 14, x + width - 6, top + 110), darker(tone, 0.3), 1.4)
        for _ in range(view.pick(0, 1, 3)):
            standing(view, view.span(0, 240), top, view.span(20, 80))


def bed(view: View) -> None:
    """A bed from its foot: crumpled duvet, pillows, head board, at times clothes on it."""
    view.camera(tilt=12, zoom=(1.0, 1.6))
    wall(view)
    head = view.span(30, 130)
    left, right = view.span(-60, 30), view.span(210, 300)
    if view.chance(0.7):
        view.piece(
            box(left, head - view.span(20, 70), right, head + 30, view.span(0, 20)),
            view.pick(view.wood(), view.textile()),
            0.4,
            6,
            0.2,
        )
    cloth = view.white() if view.chance(0.45) else view.textile()
    foot = view.span(10, 70)
    top = [(left, head), (right, head), (right + foot, 420), (left - foot, 420)]
    floor(view, [(-200, head + 20), (440, head + 20), (700, 600), (-460, 600)])
    view.shadow(polygon(top), 0.5, 10)
    sheet(view, polygon(top), (left - foot, head, right + foot, 420), cloth)
    for i in range(view.pick(1, 2, 2, 3)):
        x, y = left + (right - left) * (i + 0.5) / 2.4, head + view.span(-12, 20)
        cushion(view, x + 10, y, view.span(35, 55), view.pick(cloth, view.white(), view.textile()))
    start = head + view.span(30, 130)
    duvet = view.pick(cloth, view.textile(), view.white())
    ridge = [(x, start + view.span(-10, 14)) for x in np.linspace(left - 8, right + 8, 6)]
    cover = outline(
        [
            *((*p, "c") if i in (0, 5) else p for i, p in enumerate(ridge)),
            (right + foot + 8, 430, "c"),
            (left - foot - 8, 430, "c"),
        ]
    )
    view.shadow(cover, 0.35, 5, (0, -2))
    sheet(view, cover, (left - foot - 10, start - 20, right + foot + 10, 430), duvet)
    for _ in range(view.pick(0, 0, 1, 2)):
        heap(view, view.span(20, 220), view.span(start, 320), view.span(40, 110))


def sheet(view: View, path: skia.Path | Box, area: Box, colour: Colour) -> None:
    """Crumpled cloth on an area, at times with a print."""
    view.fill(path, colour)
    with view.within(path):
        pattern(view, area, colour, 0.25)
    view.crumple(path, area, view.span(12, 50), view.span(0.5, 1.2), view.pick(0.6, 1, 1, 2))
    view.grain(path, "fine", (0.5, 0.5), view.span(0, 0.2))


def cushion(view: View, x: float, y: float, size: float, colour: Colour) -> None:
    """A pillow, seen from the front."""
    a, b = size, size * view.span(0.55, 0.9)
    shape = outline(
        [
            (x - a, y - b, "c"),
            (x, y - b * 0.85),
            (x + a, y - b, "c"),
            (x + a * 0.88, y),
            (x + a, y + b, "c"),
            (x, y + b * 0.85),
            (x - a, y + b, "c"),
            (x - a * 0.88, y),
        ]
    )
    view.piece(shape, colour, 0.4, 6, 0.15)
    with view.within(shape):
        pattern(view, (x - a, y - b, x + a, y + b), colour, 0.3)
    view.crumple(shape, (x - a, y - b, x + a, y + b), size * 0.45, 0.8)


def crumpled_sheet(view: View) -> None:
    """A bed sheet, blanket or towel close up, from above."""
    view.camera(tilt=180, zoom=(1.2, 1.6), skew=25)
    sheet(view, box(-90, -60, 330, 380), (-90, -60, 330, 380), view.white() if view.chance(0.4) else view.textile())
    if view.chance(0.3):
        cushion(view, view.span(0, 240), view.span(-20, 50), view.span(50, 90), view.textile())
    if view.chance(0.3):
        edge = [
            (-100, view.span(150, 320), "c"),
            (60, view.span(150, 320)),
            (180, view.span(150, 320)),
            (340, view.span(150, 320), "c"),
        ]
        second = outline([*edge, (340, 420, "c"), (-100, 420, "c")])
        view.shadow(second, 0.4, 5, (0, -3))
        sheet(view, second, (-100, 140, 340, 420), view.textile())


def sofa(view: View) -> None:
    """Back, seat and cushions of a sofa."""
    view.camera(zoom=(1.0, 1.6))
    edge = room(view, view.span(120, 260))
    colour, back = view.textile(), edge - view.span(60, 130)
    left, right, seat = view.span(-120, 40), view.span(200, 360), edge - view.span(-20, 40)
    deep = view.span(40, 90)
    whole = box(left, back, right, seat + deep + 50, 14)
    view.shadow(whole, 0.5, 9, (0, 6))
    view.fill(whole, darker(colour, 0.15))
    seats = view.pick(1, 2, 2, 3)
    width, edges = (right - left) / seats, view.span(3, 12)
    for k, (top, bottom) in enumerate(((back + 4, seat + 6), (seat, seat + deep))):
        for i in range(seats):
            area = (left + i * width + 2, top, left + (i + 1) * width - 2, bottom)
            part = box(*area, edges)
            view.shadow(part, 0.35, 4)
            tone = lighter(colour, 0.06 * k)
            view.blend(part, lighter(tone, 0.08), darker(tone, 0.2), (0, top), (0, bottom))
            with view.within(part):
                pattern(view, area, colour, 0.12)
            view.crumple(part, area, view.span(25, 60), view.span(0.3, 0.9))
    view.blend(
        (left, seat + deep, right, seat + deep + 50),
        darker(colour, 0.1),
        darker(colour, 0.45),
        (0, seat + deep),
        (0, seat + deep + 50),
    )
    view.grain(whole, "fine", (0.5, 0.5), view.span(0.1, 0.4))
    for _ in range(view.count(0, 3)):
        cushion(view, view.span(left, right), seat - view.span(5, 25), view.span(22, 42), view.textile())
    if view.chance(0.35):
        heap(view, view.span(40, 200), seat + view.span(0, 30), view.span(50, 110))


def chair(view: View) -> None:
    """Seat and back of a chair before a wall."""
    view.camera(zoom=(1.0, 1.7))
    room(view, view.span(170, 260))
    colour, x, half = view.pick(view.wood(), view.textile()), view.span(70, 170), view.span(38, 75)
    seat, leg = view.span(180, 260), view.span(60, 130)
    cloth = view.textile() if view.chance(0.5) else colour
    for side in (-1, 1):
        view.shadow((x + side * half * 0.9 - 3, seat, x + side * half * 0.9 + 3, seat + leg), 0.3, 4)
        view.fill(
            polygon(
                [
                    (x + side * half * 0.85, seat),
                    (x + side * half, seat),
                    (x + side * half * 1.06, seat + leg),
                    (x + side * half, seat + leg),
                ]
            ),
            darker(colour, 0.2),
        )
    top = seat - view.span(80, 150)
    if view.chance(0.5):
        part = box(x - half, top, x + half, seat - 10, view.span(2, 25))
        view.piece(part, cloth, 0.4, 6, 0.2)
        view.crumple(part, (x - half, top, x + half, seat), 40, 0.4)
    else:
        for side in (-1, 1):
            view.piece((x + side * half - 4, top, x + side * half + 4, seat), colour, 0.35, 4, 0.3)
        bars = view.count(2, 7)
        for i in range(bars):
            y = top + (seat - top) * i / bars
            view.piece((x - half, y, x + half, y + view.span(4, 14)), colour, 0.3, 3, 0.2)
    deep = view.span(14, 45)
    part = polygon([(x - half, seat), (x + half, seat), (x + half * 1.25, seat + deep), (x - half * 1.25, seat + deep)])
    view.piece(part, cloth, 0.4, 5, 0.2)
    view.fill((x - half * 1.25, seat + deep, x + half * 1.25, seat + deep + 8), darker(cloth, 0.4))
    if view.chance(0.4):
        heap(view, x, seat + 5, half * 1.4)


def wardrobe(view: View) -> None:
    """Doors of a wardrobe: panels, louvres, mirrors or drawers; at times one is open."""
    view.camera(zoom=(1.0, 1.8))
    colour = view.pick(view.wood(), view.white(), view.neutral())
    bottom = view.span(270, 420)
    wall(view)
    floor(view, [(-240, bottom), (480, bottom), (700, 600), (-460, 600)])
    view.fill((-240, -240, 480, bottom), darker(colour, 0.6))
    width, kind = view.span(55, 130), view.pick("panel", "plain", "louvre", "two", "drawers")
    start = view.span(-200, -100)
    opened = view.count(0, 5) if view.chance(0.25) else -1
    for i, x in enumerate(np.arange(start, 420, width)):
        if i == opened + 1 and opened >= 0:
            view.fill((x, -240, x + width, bottom - 8), darker(colour, 0.75))
            row_of_clothes(view, x, x + width, view.span(10, 50), view.span(150, 240))
            continue
        view.blend(
            (x + 0.8, -240, x + width - 0.8, bottom - 8),
            view.near(colour, 0.02),
            darker(colour, 0.1),
            (x, 0),
            (x + width, 300),
        )
        inset = width * 0.14
        if kind == "panel":
            for top, low in ((-60, 110), (125, bottom - 25)):
                view.fill((x + inset, top, x + width - inset, low), darker(colour, 0.22))
                view.fill((x + inset + 1.5, top + 2, x + width - inset, low), view.near(colour, 0.02))
        if kind == "louvre":
            for y in np.arange(-80, bottom - 25, 7):
                view.blend(
                    (x + inset, y, x + width - inset, y + 6),
                    lighter(colour, 0.15),
                    darker(colour, 0.35),
                    (0, y),
                    (0, y + 6),
                )
        if kind == "drawers":
            for y in np.arange(-60, bottom, 60):
                view.fill((x, y, x + width, y + 1.5), darker(colour, 0.6))
                view.piece(box(x + width * 0.4, y + 26, x + width * 0.6, y + 30, 1), view.metal(), 0.4, 2)
        elif view.chance(0.9):
            at = x + width - 8 if i % 2 else x + 8
            view.piece(box(at - 1.5, 130, at + 1.5, 130 + view.pick(4, 30, 60), 1), view.metal(), 0.4, 2)
    view.canvas.save()
    view.canvas.rotate(90)
    view.grain((-240, -480, bottom, 240), "fibre", (1.6, view.span(0.2, 0.5)), view.span(0, 0.3))
    view.canvas.restore()


def shelf(view: View) -> None:
    """Shelves with books, boxes and folded clothes."""
    view.camera(zoom=(1.0, 1.7))
    colour = view.pick(view.wood(), view.white(), (0.1, 0.1, 0.1))
    back = view.pick(darker(colour, view.span(0.2, 0.6)), view.paint())
    view.fill(FAR, back)
    y, thick = view.span(-60, -20), view.span(3, 8)
    bay = view.span(70, 260)
    while y < 400:
        high = view.span(50, 110)
        below = y + high
        view.fill((-240, y, 480, y + 14), (0, 0, 0), 0.35, 7)
        x = -70.0
        while x < 310:
            x += _on_a_shelf(view, x, below, high)
        view.piece((-240, below, 480, below + thick), colour, 0.4, 4, 0.12)
        y = below + thick
    for x in np.arange(view.span(-100, 0), 400, bay):
        view.piece((x, -240, x + thick, 560), colour, 0.4, 5, 0.15)


def _on_a_shelf(view: View, x: float, y: float, high: float) -> float:
    """Something on a shelf; returns the width it takes."""
    kind = view.rng.random()
    if kind < 0.5:
        width, palette = 0.0, [view.textile() if view.chance(0.6) else view.bright() for _ in range(5)]
        for _ in range(view.count(3, 12)):
            thick, tall = view.span(3, 10), high * view.span(0.5, 0.85)
            colour = view.near(view.pick(*palette), 0.08)
            view.blend(
                (x + width, y - tall, x + width + thick - 0.5, y),
                lighter(colour, 0.1),
                darker(colour, 0.3),
                (x + width, 0),
                (x + width + thick, 0),
            )
            view.fill(
                (x + width + thick * 0.25, y - tall * 0.8, x + width + thick * 0.7, y - tall * 0.4), view.thing(), 0.5
            )
            width += thick
        return width
    if kind < 0.8:
        size = high * view.span(0.35, 0.7)
        view.pick(carton, stack, bottle, plant, bag)(view, x + 24, y, size)
        return 50
    return view.span(5, 50)


def rail(view: View) -> None:
    """A rail with hangers and other clothes before a wall."""
    view.camera(zoom=(1.0, 1.5))
    edge = room(view, view.span(240, 340))
    y = view.span(-20, 70)
    for x in (view.span(-30, 10), view.span(230, 270)):
        view.fill((x - 1.5, y, x + 1.5, edge + 12), view.metal())
    if view.chance(0.7):
        row_of_clothes(view, view.span(-60, 60), view.span(150, 300), y, view.span(140, 250))
    else:
        view.fill((-60, y - 1.2, 300, y + 1.2), view.metal())
        for x in np.arange(view.span(-20, 20), 250, view.span(40, 90)):
            garment(view, x, y, view.span(130, 220))
    for _ in range(view.pick(0, 1, 3)):
        view.pick(shoes, carton, bag)(view, view.span(0, 220), edge + view.span(5, 30), view.span(22, 50))


def door(view: View) -> None:
    """A room door with frame, handle, and hooks with clothes."""
    view.camera(zoom=(1.0, 1.7))
    edge = room(view, view.span(280, 380))
    colour = view.pick(view.white(), view.white(), view.wood(), view.paint())
    left, width, top = view.span(-20, 70), view.span(120, 190), view.span(-60, 20)
    trim = view.pick(colour, view.white())
    view.piece((left - 12, top - 12, left + width + 12, edge), trim, 0.35, 4, 0.05)
    view.fill((left - 1, top - 1, left + width + 1, edge), darker(colour, 0.6))
    view.blend((left, top, left + width, edge), colour, darker(colour, 0.15), (left, top), (left + width, edge))
    columns, rows, inset = view.pick(1, 2, 2), view.pick(1, 2, 3), width * 0.1
    for i in range(columns if view.chance(0.75) else 0):
        for k in range(rows):
            a = left + inset + i * (width - inset) / columns
            b = top + inset + k * (edge - top - inset) / rows
            area = (a, b, a + (width - inset) / columns - inset, b + (edge - top - inset) / rows - inset)
            view.fill(area, darker(colour, 0.25))
            view.fill((area[0] + 1.5, area[1] + 2, area[2], area[3]), darker(colour, 0.06))
    knob, y = view.metal(), view.span(150, 220)
    side = left + (9 if view.chance(0.5) else width - 9)
    view.piece(ellipse(side, y, 4), knob, 0.4, 2)
    view.stroke([(side, y), (side + (14 if side < left + 20 else -14), y)], knob, 3)
    if view.chance(0.5):
        high = top + view.span(20, 50)
        view.piece((left + 25, high - 4, left + width - 25, high + 4), view.pick(view.wood(), knob), 0.3, 3, 0.1)
        for x in np.linspace(left + 35, left + width - 35, view.count(2, 4)):
            view.fill(ellipse(x, high + 2, 2.5), knob)
            if view.chance(0.6):
                view.pick(garment, garment, bag)(view, x, high + view.span(2, 10), view.span(60, 150))


def window(view: View) -> None:
    """Daylight or night in a window, with frame, sill and curtains."""
    view.camera(zoom=(1.0, 1.5))
    colour = wall(view)
    view.fill(FAR, darker(colour, 0.5), view.span(0, 0.5))
    left, right, top, bottom = view.span(-10, 70), view.span(170, 250), view.span(-40, 40), view.span(170, 300)
    trim = view.pick(view.white(), view.white(), view.wood())
    view.piece((left - 7, top - 7, right + 7, bottom + 7), trim, 0.3, 4, 0.05)
    outdoors(view, (left, top, right, bottom))
    for x in np.linspace(left, right, view.count(2, 4)):
        view.fill((x - 3, top, x + 3, bottom), darker(trim, 0.25))
    if view.chance(0.5):
        y = view.span(top + 20, bottom - 40)
        view.fill((left, y - 2.5, right, y + 2.5), darker(trim, 0.25))
    if view.chance(0.25):
        for y in np.arange(top, top + (bottom - top) * view.span(0.3, 1), 6):
            view.fill((left, y, right, y + 4), darker(trim, 0.15), 0.9)
    view.piece((left - 18, bottom + 5, right + 18, bottom + 14), trim, 0.4, 5, 0.1)
    for _ in range(view.count(0, 3)):
        view.pick(plant, bottle, lamp, stack, carton)(view, view.span(left, right), bottom + 7, view.span(20, 70))
    cloth = view.pick(view.white(), view.textile())
    if view.chance(0.65):
        wide, low = view.span(20, 70), view.span(250, 400)
        curtain(view, (left - 30, -240, left - 30 + wide, low), cloth)
        curtain(view, (right + 30 - wide, -240, right + 30, low), cloth)
    if view.chance(0.3):
        y = bottom + view.span(25, 40)
        for x in np.arange(left, right, 9):
            view.piece(box(x, y, x + 7.5, y + 130, 2), (0.86, 0.86, 0.84), 0.2, 2, 0.15)


def drapes(view: View) -> None:
    """A closed curtain, a screen of cloth or a changing cubicle."""
    view.camera(zoom=(1.0, 1.9), tilt=6)
    room(view, view.span(250, 360))
    colour = view.textile()
    curtain(view, (-240, -240, 480, view.span(250, 420)), colour, view.count(18, 70))
    if view.chance(0.4):
        curtain(view, (view.pick(-240, 150), -240, view.span(200, 480), 400), view.near(colour, 0.1))
    view.grain(FAR, "fine", (0.6, 0.6), view.span(0, 0.25))


def table(view: View) -> None:
    """A table or desk top from above with what lies on it."""
    view.camera(tilt=180, zoom=(1.0, 1.4), skew=22)
    kind = view.rng.random()
    if kind < 0.5:
        boards(view, corners((-150, -150, 390, 470)), view.count(2, 8))
    else:
        colour = view.neutral() if kind < 0.8 else view.textile()
        view.blend(FAR, colour, darker(colour, 0.15), (0, 0), (240, 320))
        pattern(view, (-100, -100, 340, 420), colour, 0.25)
        view.grain(FAR, view.pick("cloudy", "fine", "fibre"), (0.8, 0.8), view.span(0.1, 0.5))
    if view.chance(0.4):
        x = view.span(150, 240)
        view.fill((x, -240, x + 240, 560), (0, 0, 0), 0.6, 8)
        floor(view, corners((x + 3, -240, 480, 560)))
    for x, y in about(view, view.count(0, 9), 0.7):
        lying(view, x, y, view.span(25, 80))


def floor_from_above(view: View) -> None:
    """A floor from above with clutter, cables, shoes and the edge of a rug."""
    view.camera(tilt=180, zoom=(1.0, 1.5), skew=25)
    grounds: list[Callable[[View, list[Point]], None]] = [boards, boards, parquet, tiles, carpet]
    view.pick(*grounds)(view, corners((-150, -130, 390, 450)))
    if view.chance(0.35):
        x = view.span(60, 200)
        view.shadow((x, -200, 480, 520), 0.35, 4, (-1, 0))
        rug(view, corners((x, view.span(-150, 40), x + 300, view.span(260, 480))))
    for x, y in about(view, view.count(0, 8), 0.6):
        lying(view, x, y, view.span(25, 75))


def wood(view: View) -> None:
    """Wood or laminate close up."""
    view.camera(tilt=180, zoom=(1.0, 2.5), skew=20)
    boards(view, corners((-130, -110, 370, 430)), view.count(1, 7))
    for _ in range(view.count(0, 5)):
        x, y, r = view.span(0, 240), view.span(0, 320), view.span(1.5, 5)
        view.fill(ellipse(x, y, r, r * 1.5), (0.15, 0.08, 0.03), 0.5, 1)
    if view.chance(0.3):
        view.fill(ellipse(view.span(0, 240), view.span(0, 320), 90, 40), (1, 1, 1), 0.3, 25)


def carpet_close_up(view: View) -> None:
    """Carpet or rug from above."""
    view.camera(tilt=180, zoom=(1.0, 2.2), skew=25)
    if view.chance(0.5):
        carpet(view, corners((-150, -130, 390, 450)))
    else:
        floor(view, corners((-150, -130, 390, 450)))
        rug(view, corners((view.span(-120, 0), view.span(-100, 20), view.span(230, 360), view.span(300, 420))))
    for x, y in about(view, view.pick(0, 0, 1, 2), 0.8):
        lying(view, x, y, view.span(25, 60))


def tiled_wall(view: View) -> None:
    """Kitchen or bathroom: tiles above a worktop, taps, bottles, towels."""
    view.camera(zoom=(1.0, 1.8))
    tiles(view, corners((-120, -120, 360, view.span(320, 460))), view.count(8, 26), staggered=view.chance(0.4))
    top, tone = view.span(190, 330), view.pick(view.neutral(), view.wood(), view.white())
    if view.chance(0.75):
        for _ in range(view.count(0, 5)):
            standing(view, view.span(-10, 250), top + 4, view.span(18, 70))
        view.piece((-240, top, 480, top + 9), tone, 0.35, 5, 0.1)
        front = view.pick(view.white(), view.wood(), view.paint())
        view.blend((-240, top + 9, 480, 560), darker(front, 0.25), front, (0, top + 9), (0, top + 50))
        for x in np.arange(view.span(-100, 0), 340, view.span(60, 110)):
            view.fill((x, top + 9, x + 1.5, 560), darker(front, 0.5))
            view.piece(box(x + 20, top + 22, x + 45, top + 25, 1), view.metal(), 0.3, 2)
    if view.chance(0.35):
        high = view.span(20, 90)
        x = view.span(20, 160)
        view.fill((x - 10, high, x + 70, high + 2.5), view.metal())
        cloth, low = view.textile(), high + view.span(60, 130)
        view.piece((x, high, x + view.span(35, 60), low), cloth, 0.35, 4, 0.15)
    if view.chance(0.3):
        frame(view, view.span(40, 200), view.span(20, 90), view.span(70, 130))


def mirror(view: View) -> None:
    """A mirror that shows another part of the room and someone with a phone."""
    view.camera()
    edge = room(view, view.span(230, 330))
    left, right, top, low = view.span(0, 60), view.span(170, 250), view.span(-60, 40), edge + view.span(-60, 30)
    border = view.pick(view.wood(), (0.08, 0.08, 0.08), view.metal(), view.white())
    wide = view.span(2, 10)
    view.piece(box(left, top, right, low, view.pick(0, 4, 60)), border, 0.5, 7, 0.2)
    with view.within(box(left + wide, top + wide, right - wide, low - wide, view.pick(0, 3, 55))):
        inner = room(view, view.span(180, 260))
        if view.chance(0.6):
            outline_of_someone(view, view.span(left + 40, right - 40), inner + 40, view.span(190, 260))
        else:
            standing(view, view.span(left, right), inner + 10, view.span(50, 120))
        view.fill(
            polygon([(left, low), (left + 60, top), (left + 90, top), (left + 20, low)]),
            (1, 1, 1),
            view.span(0, 0.18),
            4,
        )


def beside_a_plant(view: View) -> None:
    """Plants, a lamp and little furniture before a wall."""
    view.camera()
    edge = room(view)
    if view.chance(0.6):
        top, half, x = edge - view.span(20, 80), view.span(40, 120), view.span(20, 220)
        tone = view.pick(view.wood(), view.white())
        view.piece((x - half, top, x + half, edge + 15), tone, 0.45, 7, 0.15)
        for y in np.arange(top + 5, edge + 10, view.span(18, 40)):
            view.fill((x - half, y, x + half, y + 1.2), darker(tone, 0.5))
        for _ in range(view.count(1, 4)):
            standing(view, x + view.span(-half, half), top + 2, view.span(18, 70))
    for _ in range(view.count(1, 3)):
        plant(view, view.pick(view.span(0, 70), view.span(170, 240)), edge + view.span(5, 40), view.span(60, 200))


def lamp_light(view: View) -> None:
    """An evening room in the light of a lamp."""
    view.camera()
    edge = room(view)
    view.fill(FAR, (0.08, 0.05, 0.04), view.span(0.2, 0.6))
    for _ in range(view.count(0, 2)):
        standing(view, view.span(0, 240), edge + view.span(0, 20), view.span(40, 110))
    for _ in range(view.count(1, 2)):
        x, y, size = view.span(0, 240), edge + view.span(-60, 20), view.span(70, 200)
        lamp(view, x, y, size)
        view.fill(ellipse(x, y - size * 0.7, size), (1, 0.8, 0.5), view.span(0.1, 0.35), size * 0.35)


def laundry(view: View) -> None:
    """Heaps of clothes on a bed, a floor or a chair, from above."""
    view.camera(tilt=180, zoom=(1.0, 1.5), skew=20)
    if view.chance(0.5):
        floor(view, corners((-150, -130, 390, 450)))
    else:
        sheet(view, box(-110, -90, 350, 410), (-110, -90, 350, 410), view.textile())
    for x, y in about(view, view.count(3, 9), 0.5):
        heap(view, x, y, view.span(60, 150))


def desk(view: View) -> None:
    """An office or a work place at home: desks, screens, chairs, ceiling lights."""
    view.camera()
    edge = room(view, view.span(120, 240))
    if view.chance(0.5):
        for i in range(view.count(1, 5)):
            y, half = -20.0 + i * 14, 70 - i * 11
            x = view.span(60, 180)
            view.fill(
                polygon([(x - half, y), (x + half, y), (x + half * 0.8, y + 6), (x - half * 0.8, y + 6)]),
                (0.98, 0.99, 1),
                1,
                1,
            )
    if view.chance(0.4):
        outdoors(view, (view.span(-40, 60), view.span(-30, 20), view.span(140, 260), edge - view.span(40, 70)))
    tone = view.pick(view.wood(), view.white(), view.neutral())
    for k in range(view.count(1, 3)):
        y, scale = edge - 25 + k * view.span(30, 60), 0.7 + 0.35 * k
        left, right = view.span(-80, 60), view.span(150, 320)
        for _ in range(view.count(1, 3)):
            view.pick(screen, screen, stack, bottle, lamp, plant)(
                view, view.span(left, right), y + 2, view.span(35, 70) * scale
            )
        view.piece((left, y, right, y + 6 * scale), tone, 0.4, 6, 0.1)
        for x in (left + 5, right - 10):
            view.fill((x, y + 6, x + 5 * scale, y + 70 * scale), view.metal())
        if view.chance(0.5):
            x = view.span(left, right)
            view.piece(
                box(x - 24 * scale, y - 30 * scale, x + 24 * scale, y + 25 * scale, 9), view.textile(), 0.4, 5, 0.2
            )


def storage(view: View) -> None:
    """Cartons, bags and baskets piled up before a wall."""
    view.camera()
    edge = room(view)
    for k in range(view.count(1, 3)):
        x = view.span(-40, 0)
        while x < 260:
            y, size = edge + 8 + k * 30, view.span(28, 75)
            for _ in range(view.count(1, 3)):
                view.pick(carton, carton, carton, bag, stack)(view, x + 20, y, size)
                y -= size * 0.98
            x += size * view.span(0.9, 2.2)


ROOMS = {
    "corner": corner_of_a_room,
    "wall": bare_wall,
    "wallpaper": wallpaper,
    "bed": bed,
    "sheet": crumpled_sheet,
    "sofa": sofa,
    "chair": chair,
    "wardrobe": wardrobe,
    "shelf": shelf,
    "rail": rail,
    "door": door,
    "window": window,
    "curtain": drapes,
    "table": table,
    "floor": floor_from_above,
    "wood": wood,
    "carpet": carpet_close_up,
    "tiled wall": tiled_wall,
    "mirror": mirror,
    "plants": beside_a_plant,
    "lamp": lamp_light,
    "laundry": laundry,
    "desk": desk,
    "storage": storage,
}
