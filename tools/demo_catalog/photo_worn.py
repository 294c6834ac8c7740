"""Garments as they are worn: a drawn figure in a garment's cut-out, from the head to the feet."""

from __future__ import annotations

import numpy as np
import skia

from tools.demo_catalog.photo_people import (
    CX,
    SMOOTH,
    Person,
    cup,
    fist,
    hair_behind,
    halves,
    hand_down,
    head,
    lay,
    leg,
    limb,
    neck,
    phone,
    picture,
    region,
    shoe_from_front,
    shoulders,
    with_alpha,
)
from tools.demo_catalog.scenes_view import Point, View, box, darker, lighter, polygon
from tools.demo_catalog.studio import Cutout, ellipse, ribbon
from tools.demo_catalog.topwear import Torso

CENTIMETRE = {"Dresses": 6.1, "Kurtas": 6.1, "Tops": 7.2}  # pixels of a cut-out; other tops have 7


def centimetre(article: str) -> float:
    """How many pixels of its cut-out a centimetre is."""
    return CENTIMETRE.get(article, 7.0)


def wear_top(view: View, cut: Cutout, article: str, person: Person, *, below: Cutout | None, arms: str) -> None:
    """Someone in a top or dress; ``below`` is what they wear with it, else legs are bare.

    ``arms`` is "down", "phone", "cup" or "bag" (a bag across the body).
    """
    t: Torso = cut.measures
    cm = centimetre(article)
    waist, feet = t.waist_y, t.waist_y + 104 * cm
    inner, outer = halves(cut)
    hair_behind(view, person, t.top - 4.5 * cm, cm)
    lay(view, inner)
    if below is None:
        dark = darker(person.skin, 0.1)
        for side in (-1.0, 1.0):
            leg(view, side, waist + 16 * cm, feet - 9 * cm, cm, dark, person.build)
    else:
        _trousers(view, below, waist + 7 * cm, feet - 6 * cm, cm)
    colour = view.pick((0.93, 0.93, 0.92), (0.1, 0.1, 0.11), (0.3, 0.2, 0.14), (0.2, 0.25, 0.38))
    for side in (-1.0, 1.0):
        shoe_from_front(view, CX + side * 8.7 * cm, feet - 8 * cm, side, cm, colour)
    if not cut.ends:
        shoulders(view, person, t.top, t.armpit, t.chest, cm)
    neck(view, person, t.top, cm, t.drop, t.neck)
    bent = {"phone": (1.0,), "cup": (-1.0,)}.get(arms, ())
    sides = {side: Arm(cut, t, side, cm) for side in (-1.0, 1.0)}
    for side, arm in sides.items():
        if side in bent:
            if not arm.sleeved:
                limb(view, [arm.shoulder, arm.elbow], [11 * cm * person.build, 9.4 * cm * person.build], person.skin)
            outer = with_alpha(outer, 1 - arm.below_the_elbow(outer.shape[:2], 0.8))
        else:
            arm.draw(view, person)
            hand_down(view, arm.wrist, side, cm * person.build, person.skin)
    if not bent or arms != "phone":
        head(view, person, t.top - 4.5 * cm, cm)
    _shaded_hem(view, outer, t)
    lay(view, outer)
    if arms == "bag":
        bag_across(view, t, cm)
    for side in bent:
        if arms == "phone":
            head(view, person, t.top - 4.5 * cm, cm)
            hold: Point = (CX + 4 * cm, t.top - 9 * cm)
            phone(view, (CX - 0.5 * cm, t.top - 15 * cm), cm)
        else:
            hold = (CX + side * 5 * cm, t.armpit + 6 * cm)
            cup(view, (hold[0], hold[1] - 2 * cm), cm)
        sides[side].bend(view, cut, hold, person)
        fist(view, hold, side, cm * person.build, person.skin)


class Arm:
    """One arm of a top: where its joints are, and how its forearm is bent."""

    def __init__(self, cut: Cutout, t: Torso, side: float, cm: float):
        out = t.shoulder
        ends = [e for e in cut.ends if (e[1][0] - CX) * side > 0]
        self.side, self.cm, self.end = side, cm, ends[0] if ends else None
        if self.end is None:
            out = max(out, 15 * cm)
        self.shoulder: Point = (CX + side * (out - 4 * cm), t.tip + 4 * cm)
        self.elbow: Point = (CX + side * (out + 2.6 * cm), t.tip + 29 * cm)
        self.wrist: Point = (CX + side * (out + 5.5 * cm), t.tip + 55 * cm)
        self.long = self.end is not None and self.end[1][1] > self.elbow[1] + 12 * cm
        if self.end is not None and self.end[1][1] > self.elbow[1]:
            (x, y), reach = self.end[1], 412.0
            share = (y - t.tip) / reach
            self.elbow = (
                CX + side * (out - 4 * cm) + (x - CX - side * (out - 4 * cm)) * 0.5 / max(share, 0.5),
                t.tip + 29 * cm,
            )
            self.wrist = (x, y) if share > 0.9 else (x + side * cm, t.tip + 56 * cm)

    @property
    def sleeved(self) -> bool:
        """Whether the sleeve hides the elbow."""
        return self.end is not None and self.end[1][1] > self.elbow[1]

    def draw(self, view: View, person: Person) -> None:
        """What is seen of the arm that hangs down."""
        cm, build = self.cm, person.build
        if not self.sleeved or self.end is None:
            limb(view, [self.shoulder, self.elbow, self.wrist], [w * cm * build for w in (11, 8.6, 5.4)], person.skin)
            return
        (x, y), (wx, wy) = self.end[1], self.wrist
        if wy > y + 2:
            limb(
                view,
                [(x - self.side * 0.3 * cm, y - 3 * cm), ((x + wx) / 2, (y + wy) / 2), (wx, wy)],
                [w * cm * build for w in (7.2, 6.8, 5.4)],
                person.skin,
            )

    def below_the_elbow(self, shape: tuple[int, int], joint: float) -> np.ndarray:
        """Coverage of the sleeve's part below the elbow; ``joint`` is the share of a round joint that is left out."""
        if self.end is None or self.end[1][1] < self.elbow[1]:
            return np.zeros(shape, np.float32)
        (ox, oy), _, (ix, iy) = self.end
        side, (ex, ey), cm = self.side, self.elbow, self.cm
        points = [
            (ex - side * 5.2 * cm, ey),
            (ex + side * 30 * cm, ey),
            (ox + side * 30 * cm, oy + 4 * cm),
            (ix - side * 0.4 * cm, iy + 4 * cm),
        ]
        area = region(polygon(points), shape)
        if joint:
            area = area * (1 - region(ellipse(ex, ey, 6.5 * cm * joint), shape))
        return area

    def bend(self, view: View, cut: Cutout, hold: Point, person: Person) -> None:
        """The forearm from the elbow to a hand at ``hold``, over the body."""
        cm, build = self.cm, person.build
        (ex, ey), (hx, hy) = self.elbow, hold
        path = ribbon([(ex, ey), ((ex + hx) / 2, (ey + hy) / 2 + cm), (hx, hy)], [10 * cm, 10 * cm, 9 * cm])
        view.shadow(path, 0.4, 2.2 * cm, (-self.side * cm, 2.4 * cm))
        if self.sleeved:
            limb(
                view,
                [(ex * 0.4 + hx * 0.6, ey * 0.4 + hy * 0.6), (hx, hy)],
                [5.8 * cm * build, 5.4 * cm * build],
                person.skin,
            )
        else:
            middle: Point = ((ex + hx) / 2, (ey + hy) / 2 + 0.6 * cm)
            limb(view, [(ex, ey), middle, (hx, hy)], [w * cm * build for w in (9.0, 8.2, 5.6)], person.skin)
        if self.end is None or self.end[1][1] < self.elbow[1]:
            return
        area = self.below_the_elbow(cut.rgba.shape[:2], 0)
        area = np.maximum(area, region(ellipse(ex, ey, 7 * cm), area.shape))
        mx, my = self.end[1]
        was, now = np.arctan2(my - ey, mx - ex), np.arctan2(hy - ey, hx - ex)
        length, wanted = np.hypot(mx - ex, my - ey), np.hypot(hx - ex, hy - ey) - 3.2 * cm
        canvas = view.canvas
        canvas.save()
        canvas.translate(ex, ey)
        canvas.rotate(float(np.degrees(now)))
        canvas.scale(float(min(1.25, wanted / length) if self.long else 1.0), 1.0)
        canvas.rotate(float(-np.degrees(was)))
        canvas.translate(-ex, -ey)
        canvas.drawImage(picture(with_alpha(cut.rgba, area)), 0, 0, SMOOTH, skia.Paint(AntiAlias=True))
        canvas.restore()


def _shaded_hem(view: View, outer: np.ndarray, t: Torso) -> None:
    """The shadow that a top casts on what is worn below it."""
    paint = skia.Paint(AntiAlias=True, Color=skia.ColorBLACK)
    paint.setImageFilter(skia.ImageFilters.Blur(7, 7))
    paint.setColorFilter(skia.ColorFilters.Blend(0x70000000, skia.BlendMode.kSrcIn))
    view.canvas.save()
    view.canvas.clipRect(skia.Rect.MakeLTRB(CX - 160, t.waist_y, CX + 160, t.hem_y + 60))
    view.canvas.drawImage(picture(outer), 2, 9, SMOOTH, paint)
    view.canvas.restore()


def _trousers(view: View, cut: Cutout, top: float, foot: float, cm: float) -> None:
    """Another garment below the one that is shown."""
    m = cut.measures
    view.canvas.save()
    view.canvas.translate(CX, top)
    view.canvas.scale(cm / 6.5, (foot - top) / (m.hem_y - m.top))
    view.canvas.translate(-CX, -m.top)
    lay(view, cut.rgba)
    view.canvas.restore()


def bag_across(view: View, t: Torso, cm: float) -> None:
    """A bag at the hip, its strap across the chest: it hides a part of what is worn."""
    side = view.pick(-1.0, 1.0)
    colour = view.near(view.pick((0.12, 0.12, 0.13), (0.36, 0.24, 0.16), (0.55, 0.47, 0.36), (0.2, 0.24, 0.2)))
    start, end = (CX - side * t.neck * 1.1, t.top - 4), (CX + side * (t.waist + 1.5 * cm), t.waist_y + 8 * cm)
    strap = ribbon([start, ((start[0] + end[0]) / 2 + side * 6, (start[1] + end[1]) / 2 + 8), end], 3.6 * cm)
    view.shadow(strap, 0.45, cm, (2, 5))
    view.piece(strap, darker(colour, 0.15), 0, 0, 0.2)
    view.stroke(
        [start, ((start[0] + end[0]) / 2 + side * 6, (start[1] + end[1]) / 2 + 8), end],
        lighter(colour, 0.2),
        2.6 * cm,
        0.25,
    )
    wide, tall = 24 * cm, 17 * cm
    x, y = CX + side * (t.waist - 4 * cm), t.waist_y + 6 * cm
    body = box(x - wide / 2, y, x + wide / 2, y + tall, 2.6 * cm)
    view.piece(body, colour, 0.5, 2 * cm, 0.3)
    view.crumple(body, (x - wide / 2, y, x + wide / 2, y + tall), 50, 0.5)
    flap = box(x - wide / 2 - 1, y - 1, x + wide / 2 + 1, y + tall * 0.52, 2.2 * cm)
    view.piece(flap, lighter(colour, 0.06), 0.35, cm, 0.2)
    view.stroke(flap, lighter(colour, 0.35), 1.6, 0.5)
    view.piece(box(x - 1.4 * cm, y + tall * 0.42, x + 1.4 * cm, y + tall * 0.6, 3), (0.75, 0.68, 0.5), 0.3, 2, 0.3)


def wear_bottom(view: View, cut: Cutout, person: Person, *, above: Cutout, arms: str) -> None:
    """Someone in trousers, shorts or a skirt, with another garment above."""
    t: Torso = above.measures
    cm = 7.0
    top = t.waist_y + 5 * cm
    measures = cut.measures
    start, own = (190.0, 6.6) if measures is None else (measures.top, 6.5)
    size = cm / own
    end = start + (640.0 if measures is None else measures.hem_y - start)
    feet = top + 100 * cm
    full = measures is not None and measures.hem_y > 690
    if not full:
        for side in (-1.0, 1.0):
            leg(view, side, top + 14 * cm, feet - 9 * cm, cm, darker(person.skin, 0.08), person.build)
    colour = view.pick((0.93, 0.93, 0.92), (0.1, 0.1, 0.11), (0.36, 0.24, 0.16))
    tall = (feet - 6 * cm - top) / (end - start) if full else size
    for side in (-1.0, 1.0):
        shoe_from_front(view, CX + side * 8.7 * cm, feet - 8 * cm, side, cm, colour)
    canvas = view.canvas
    canvas.save()
    canvas.translate(CX, top)
    canvas.scale(size * 1.04, tall)
    canvas.translate(-CX, -start)
    lay(view, cut.rgba)
    canvas.restore()
    inner, outer = halves(above)
    short = (top + 5 * cm - t.top) / (t.hem_y - t.top)
    canvas.save()
    canvas.translate(0, t.top)
    canvas.scale(1, short)
    canvas.translate(0, -t.top)
    lay(view, inner)
    canvas.restore()
    if not above.ends:
        shoulders(view, person, t.top, t.armpit, t.chest, cm)
    neck(view, person, t.top, cm, t.drop, t.neck)
    for side in (-1.0, 1.0):
        arm = Arm(above, t, side, cm)
        arm.draw(view, person)
        hand_down(view, arm.wrist, side, cm * person.build, person.skin)
    head(view, person, t.top - 4.5 * cm, cm)
    canvas.save()
    canvas.translate(0, t.top)
    canvas.scale(1, short)
    canvas.translate(0, -t.top)
    paint = skia.Paint(AntiAlias=True)
    paint.setImageFilter(skia.ImageFilters.DropShadow(2, 8, 6, 6, 0x70000000))
    canvas.drawImage(picture(outer), 0, 0, SMOOTH, paint)
    canvas.restore()
    if arms == "bag":
        bag_across(view, t, cm)
