"""Where a customer's photo is taken: a stage paints the ground and puts the garment on it; here those of clothes.

A stage takes the view, the garment and the photo's touches, and draws both; coordinates are scene units (240 x 320).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import skia

from tools.demo_catalog import photo_laid as unworn
from tools.demo_catalog.photo_camera import ground
from tools.demo_catalog.photo_people import CX, Person
from tools.demo_catalog.photo_worn import centimetre, wear_bottom, wear_top
from tools.demo_catalog.scenes_open import OPEN
from tools.demo_catalog.scenes_rooms import ROOMS, sheet
from tools.demo_catalog.scenes_street import STREETS
from tools.demo_catalog.scenes_things import (
    boards,
    carpet,
    frame,
    lying,
    mug,
    parquet,
    phone,
    plant,
    room,
    rug,
    standing,
    tiles,
)
from tools.demo_catalog.scenes_view import View, box, corners, darker, polygon
from tools.demo_catalog.studio import Cutout, Point, ellipse

PLACES: dict[str, tuple[str, ...]] = {
    "street": ("road", "facade", "shop", "cars", "brick", "market"),
    "park": ("park", "park", "hedge"),
    "street, whole": ("road", "cars", "yard"),
    "park, whole": ("park",),
    "room": ("door", "wardrobe", "shelf", "curtain", "window", "wallpaper"),
}
PAINTERS = {**ROOMS, **STREETS, **OPEN}


@dataclass(frozen=True)
class Shown:
    """The garment of a photo, and what else its wearer has on."""

    cut: Cutout
    article: str
    woman: bool
    other: Cutout | None
    touches: tuple[str, ...]

    def has(self, touch: str) -> bool:
        """Whether the photo has this touch."""
        return touch in self.touches


@contextmanager
def placed(view: View, at: Point, own: Point, size: float, turn: float = 0.0, mirror: bool = False) -> Iterator[None]:
    """Draw in a cut-out's pixels; its point ``own`` comes to ``at``, ``size`` scene units a pixel."""
    view.canvas.save()
    view.canvas.translate(*map(float, at))
    view.canvas.rotate(float(turn))
    view.canvas.scale(-size if mirror else size, size)
    view.canvas.translate(-own[0], -own[1])
    yield
    view.canvas.restore()


@contextmanager
def leaning(view: View, size: float, at: Point, own: Point, turn: float, depth: float) -> Iterator[None]:
    """Draw in a cut-out's pixels on a level surface seen at an angle; ``depth`` is the share its far side shrinks."""
    half_x, half_y = 300 * size, 400 * size
    far, low = half_x * (1 - depth), half_y * (1 - 0.5 * depth)
    matrix = skia.Matrix()
    source = [skia.Point(*map(float, p)) for p in corners((-half_x, -half_y, half_x, half_y))]
    target = [skia.Point(float(x), float(y)) for x, y in ((-far, -low), (far, -low), (half_x, low), (-half_x, low))]
    matrix.setPolyToPoly(source, target)
    view.canvas.save()
    view.canvas.translate(*map(float, at))
    view.canvas.concat(matrix)
    view.canvas.rotate(float(turn))
    view.canvas.scale(size, size)
    view.canvas.translate(-own[0], -own[1])
    yield
    view.canvas.restore()


# ------------------------------------------------------------------------------------------------- grounds


def behind(view: View, place: str, blur: float, *, whole: bool = False) -> float:
    """A room or street behind someone, whose feet are seen if ``whole``; returns where the floor begins."""
    if place == "room" and (view.chance(0.6) or whole):
        edge = view.span(225, 265)

        def paint(view: View) -> None:
            room(view, edge)
            for _ in range(view.count(1, 3)):
                frame(view, view.pick(view.span(5, 60), view.span(180, 235)), view.span(20, 130), view.span(30, 70))
            for _ in range(view.count(1, 3)):
                standing(
                    view, view.pick(view.span(-5, 45), view.span(195, 245)), edge + view.span(2, 25), view.span(50, 120)
                )

        ground(view, paint, blur)
        return edge
    ground(view, PAINTERS[view.pick(*PLACES[f"{place}, whole" if whole else place])], blur)
    return 250.0


def from_above(view: View, place: str) -> None:
    """A surface that something lies on: bed, floor, table, carpet."""
    quad = corners((-150, -130, 390, 450))

    def paint(view: View) -> None:
        view.camera(tilt=180 if place != "bed" else 12, zoom=(1.0, 1.2), skew=16)
        if place == "bed":
            colour = view.white() if view.chance(0.5) else view.textile()
            sheet(view, box(-90, -60, 330, 380), (-90, -60, 330, 380), colour)
        elif place == "table":
            boards(view, quad, view.count(4, 9))
        elif place == "carpet":
            carpet(view, quad)
        elif place == "pavement":
            tiles(view, quad, view.count(3, 6))
        else:
            (boards if view.chance(0.67) else parquet)(view, quad)
            if view.chance(0.4):
                x = view.pick(view.span(-210, -150), view.span(170, 210))
                rug(view, corners((x, -60, x + 240, 300)))

    ground(view, paint, 0.25)


def things(view: View, count: int) -> None:
    """Other things that lie at the borders of a picture from above."""
    for k in range(count):
        x = view.pick(view.span(8, 40), view.span(200, 232))
        y = view.span(15, 70) if k % 2 else view.span(250, 305)
        view.pick(mug, phone, lying)(view, x, y, view.span(38, 62))


# --------------------------------------------------------------------------------------------------- worn


def worn(view: View, shown: Shown, place: str) -> None:
    """Someone wears it, in a room or in the street."""
    person = Person.of(view, shown.woman)
    article, cut = shown.article, shown.cut
    below = article in BOTTOMS
    whole = below or article in ("Dresses", "Kurtas")
    edge = behind(view, place, view.span(0.8, 1.5) if place == "room" else view.span(1.2, 2.6), whole=whole)
    cm = 7.0 if below else centimetre(article)
    arms = "bag" if shown.has("bag in front") else "down"
    if shown.has("phone in the mirror"):
        arms = "phone"
    if shown.has("arm in front"):
        arms = "cup"
    measures = shown.other.measures if below and shown.other else cut.measures
    if below:
        span = (measures.waist_y - 16 * cm, measures.waist_y + 112 * cm)
    elif whole:
        span = (measures.top - 32 * cm, measures.waist_y + 112 * cm)
    else:
        span = (
            measures.top - view.span(*((23, 31) if arms == "phone" else (9, 15.5))) * cm,
            measures.hem_y + view.span(4, 22) * cm,
        )
    size = 320 / (span[1] - span[0]) * view.span(0.94, 1.04)
    at = (120 + view.span(-14, 14), 160 + view.span(-5, 5))
    middle = (CX, (span[0] + span[1]) / 2)
    feet = (measures.waist_y + 104 * cm - middle[1]) * size + at[1]
    if feet < 330:
        view.fill(ellipse(at[0], feet, 62 * cm * size * 0.5, 7), (0, 0, 0), 0.5, 4)
    if place == "room" and edge:
        view.canvas.saveLayer(None, skia.Paint(ImageFilter=_wall_shadow(view)))
    else:
        view.canvas.saveLayer(None, None)
    lean = skia.Matrix()
    lean.setSkew(view.span(-0.05, 0.05), 0, *map(float, at))
    view.canvas.concat(lean)
    with placed(view, at, middle, size, view.span(-1.5, 1.5)):
        if below and shown.other is not None:
            wear_bottom(view, cut, person, above=shown.other, arms=arms)
        else:
            wear_top(view, cut, article, person, below=shown.other, arms=arms)
    view.canvas.restore()


BOTTOMS = ("Jeans", "Trousers", "Track Pants", "Capris", "Shorts", "Skirts")


def _wall_shadow(view: View) -> skia.ImageFilter:
    """The shadow of someone on the wall behind."""
    s = view.scale
    return skia.ImageFilters.DropShadow(view.pick(-1, 1) * view.span(5, 12) * s, 4 * s, 5 * s, 5 * s, 0x4A000000)


# ----------------------------------------------------------------------------------------- lying and folded


def lying_down(view: View, shown: Shown, place: str) -> None:
    """It lies on a bed, floor, carpet or table."""
    from_above(view, place)
    left, top, right, bottom = unworn.bounds(shown.cut.rgba)
    large = max((right - left) / 240, (bottom - top) / 320)
    small = shown.article in SMALL
    size = (view.span(0.56, 0.72) if small else view.span(0.74, 0.9)) / large
    turn = view.span(-40, 40) if small else view.span(-24, 24)
    if shown.has("another thing"):
        things(view, 3 if small else 2)
    middle = ((left + right) / 2, (top + bottom) / 2)
    with leaning(view, size, (120 + view.span(-10, 10), 160 + view.span(-12, 12)), middle, turn, view.span(0.05, 0.24)):
        unworn.laid(view, shown.cut, soft=shown.article in SOFT)


SMALL = ("Wallets", "Belts", "Watches", "Sunglasses", "Caps", "Socks")
SOFT = ("Shirts", "Tshirts", "Tops", "Kurtas", "Jackets", "Sweaters", "Dresses", "Skirts", "Scarves", "Socks", *BOTTOMS)


def folded(view: View, shown: Shown, place: str) -> None:
    """Folded as in a drawer or shop."""
    from_above(view, place)
    if shown.has("another thing"):
        things(view, 2)
    m = shown.cut.measures
    turn, depth = view.span(-18, 18), view.span(0.08, 0.26)
    if shown.article in BOTTOMS:
        with leaning(
            view, view.span(0.6, 0.68), (120 + view.span(-8, 8), 160), (CX + 60, (m.top + m.knee_y) / 2), turn, depth
        ):
            unworn.folded_bottom(view, shown.cut)
        return
    middle = (CX, (m.top + (m.hem_y - m.top) * 0.29))
    with leaning(view, view.span(0.52, 0.62), (120 + view.span(-8, 8), 160 + view.span(-8, 14)), middle, turn, depth):
        unworn.folded_top(view, shown.cut)


# --------------------------------------------------------------------------------------- hung and standing


def hanging(view: View, shown: Shown, place: str) -> None:
    """On a hanger at a door, wardrobe or wall."""
    ground(view, PAINTERS[view.pick("door", "wardrobe", "curtain", "wall")], 0.4)
    m = shown.cut.measures
    top, low = m.top - 110, m.hem_y + 30
    size = 320 / (low - top) * view.span(0.88, 0.98)
    with placed(
        view, (120 + view.span(-16, 16), 160 + view.span(-3, 10)), (CX, (top + low) / 2), size, view.span(-3, 3)
    ):
        unworn.hung(view, shown.cut)


def on_the_floor(view: View, shown: Shown, place: str) -> None:
    """It stands on a floor, a pavement, a chair or a table."""
    if place == "chair":
        base = _chair(view)
    elif place == "table":
        base = _table(view)
    else:
        base = floor_before_a_wall(view, place)
    left, top, right, bottom = unworn.bounds(shown.cut.rgba)
    size = min(view.span(165, 205) / (right - left), 190 / (bottom - top))
    if place == "chair":
        size = min(size, 128 / (right - left))
    if shown.has("another thing"):
        x = view.pick(view.span(12, 34), view.span(206, 230))
        standing(view, x, base - view.span(12, 26), view.span(60, 105))
    at = (120 + view.span(-14, 14), base)
    with placed(view, at, ((left + right) / 2, bottom), size, 0, view.chance(0.5)):
        unworn.stood(view, shown.cut.rgba)


def floor_before_a_wall(view: View, place: str) -> float:
    """A floor that begins high up; returns where things stand."""
    edge = view.span(60, 105)

    def paint(view: View) -> None:
        if place == "street":
            PAINTERS["brick"](view)
            view.canvas.resetMatrix()
            view.canvas.scale(view.scale, view.scale)
            tiles(view, [(-60, edge), (300, edge), (480, 420), (-240, 420)], view.count(4, 7), 7)
            view.fill((-240, edge - 2, 480, edge + 5), (0, 0, 0), 0.5, 4)
        else:
            room(view, edge)
            for _ in range(view.count(1, 2)):
                standing(
                    view, view.pick(view.span(-5, 40), view.span(200, 245)), edge + view.span(6, 20), view.span(50, 100)
                )

    ground(view, paint, 0.7)
    return view.span(228, 255)


def _table(view: View) -> float:
    """A table or shelf before a wall; returns the height of things on it."""
    edge = view.span(178, 205)

    def paint(view: View) -> None:
        room(view, 420)
        frame(view, view.span(20, 220), view.span(20, 80), view.span(50, 90))
        boards(view, [(-40, edge), (280, edge), (420, 400), (-180, 400)], view.count(4, 8))
        view.fill((-240, edge - 2, 480, edge + 5), (0, 0, 0), 0.4, 4)
        if view.chance(0.7):
            plant(view, view.pick(view.span(0, 30), view.span(212, 240)), edge + 14, view.span(90, 140))

    ground(view, paint, 0.8)
    return edge + view.span(45, 70)


def _chair(view: View) -> float:
    """A chair from the front; returns the height of things on its seat."""
    edge, seat = view.span(150, 175), view.span(222, 238)

    def paint(view: View) -> None:
        room(view, edge)
        frame(view, view.pick(view.span(0, 50), view.span(190, 240)), view.span(20, 60), view.span(40, 80))
        wood, cloth = view.wood(), view.textile()
        for side in (-1, 1):
            view.piece(
                polygon([(120 + side * 66, 40), (120 + side * 76, 40), (120 + side * 86, 420), (120 + side * 76, 420)]),
                wood,
                0.4,
                5,
                0.3,
            )
        for y in (46, 82, 118):
            view.piece(box(52, y, 188, y + 18, 5), wood, 0.4, 4, 0.2)
        part = polygon([(50, seat - 34), (190, seat - 34), (212, seat + 26), (28, seat + 26)])
        view.piece(part, cloth, 0.5, 6, 0.2)
        view.grain(part, "fine", (0.4, 0.4), 0.3)
        view.fill((28, seat + 26, 212, seat + 40), darker(cloth, 0.45))

    ground(view, paint, 0.4)
    return seat + 4
