"""Stages of what is worn with clothes: shoes on feet, bags and small things in hands, watches, scarves, sunglasses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tools.demo_catalog import photo_laid as unworn
from tools.demo_catalog.photo_people import CX, Person, fist, limb
from tools.demo_catalog.photo_stages import (
    Shown,
    behind,
    floor_before_a_wall,
    folded,
    hanging,
    lying_down,
    on_the_floor,
    placed,
    worn,
)
from tools.demo_catalog.photo_worn import wear_top
from tools.demo_catalog.scenes_view import View, box, darker, lighter

# --------------------------------------------------------------------------------------- on feet and hands


def on_feet(view: View, shown: Shown, place: str) -> None:
    """A shoe on a foot, from low down."""
    base = floor_before_a_wall(view, place) + 10
    left, _, right, bottom = unworn.bounds(shown.cut.rgba)
    size = view.span(170, 200) / (right - left)
    person = Person.of(view, shown.woman)
    bare = shown.article in ("Heels", "Sandals")
    with placed(view, (120 + view.span(-10, 10), base), ((left + right) / 2, bottom), size, 0, view.chance(0.5)):
        unworn.shod(view, shown.cut, person, bare=bare)


def held(view: View, shown: Shown, place: str) -> None:
    """A hand holds it before a room or street; bags hang from it."""
    behind(view, place, view.span(2.2, 3.6))
    person = Person.of(view, shown.woman)
    left, top, right, bottom = unworn.bounds(shown.cut.rgba)
    if shown.article in ("Handbags", "Backpacks"):
        size = min(190 / (bottom - top), 185 / (right - left))
        x = 120 + view.span(-12, 12)
        with placed(view, (x, 300), ((left + right) / 2, bottom), size):
            cm = 1 / size * 3.1
            grip = (float((left + right) / 2), top + 4.0)
            cloth = view.textile()
            limb(
                view,
                [(grip[0] + 70, top - 190 / size * 1.2), (grip[0] + 30, top - 20 * cm), (grip[0], top - 2 * cm)],
                [11 * cm, 10 * cm, 6 * cm],
                person.skin,
            )
            limb(
                view, [(grip[0] + 80, top - 190 / size * 1.3), (grip[0] + 40, top - 22 * cm)], [17 * cm, 14 * cm], cloth
            )
            unworn.shadowed(view, shown.cut.rgba, 0.3, 16, (10, 18))
            fist(view, grip, 1, cm * 0.95, person.skin)
        return
    size = min(118 / (bottom - top), 150 / (right - left))
    with placed(
        view, (120 + view.span(-10, 10), 150), ((left + right) / 2, (top + bottom) / 2), size, view.span(-9, 9)
    ):
        unworn.in_a_hand(view, shown.cut, person, (right - left) / WIDE.get(shown.article, 20))


WIDE = {"Wallets": 12.0, "Sunglasses": 14.5, "Caps": 25.0}  # centimetres


def at_the_wrist(view: View, shown: Shown, place: str) -> None:
    """A watch on a wrist."""
    behind(view, place, view.span(2.5, 4))
    with placed(view, (112, 165), (CX, 400), view.span(0.25, 0.29), view.span(-24, -8), view.chance(0.4)):
        unworn.at_a_wrist(view, shown.cut, Person.of(view, shown.woman))


def on_a_back(view: View, shown: Shown, place: str) -> None:
    """A backpack on someone's back, in the street."""
    person = Person.of(view, shown.woman)
    behind(view, place, view.span(1.2, 2.4))
    other = shown.other
    if other is None:
        raise ValueError("a backpack needs someone's top")
    t, cm = other.measures, 7.0
    top, low = t.top - 30 * cm, t.hem_y + 10 * cm
    with placed(
        view, (120 + view.span(-10, 10), 160), (CX, (top + low) / 2), 320 / (low - top) * 1.02, view.span(-2, 2)
    ):
        wear_top(view, other, "Tshirts", person, below=None, arms="down")
        back_of_head(view, person, t.top - 4.5 * cm, cm)
        with placed(view, (CX, t.tip + 20), (CX, unworn.bounds(shown.cut.rgba)[1] + 40.0), 0.62):
            unworn.shadowed(view, shown.cut.rgba, 0.5, 14, (6, 14))


def back_of_head(view: View, person: Person, chin: float, cm: float) -> None:
    """A head from behind: hair over neck and head."""
    y = chin - 11.5 * cm
    low = chin + (14 * cm if person.woman else -1.5 * cm)
    view.fill(box(CX - 5.6 * cm, y, CX + 5.6 * cm, chin + 7.5 * cm, 2 * cm), darker(person.skin, 0.12))
    hair = box(CX - 8.2 * cm, y - 13 * cm, CX + 8.2 * cm, low, 7.6 * cm)
    view.fill(hair, person.hair)
    with view.within(hair):
        for k in range(15):
            x = CX + (-7.5 + 1.1 * k) * cm
            view.stroke(
                [(CX + (x - CX) * 0.3, y - 13 * cm), (x, y - 2 * cm), (x * 0.96 + CX * 0.04, low)],
                view.near(lighter(person.hair, 0.12), 0.12),
                0.5 * cm,
                0.5,
                0.3 * cm,
            )


def over_a_jacket(view: View, shown: Shown, place: str) -> None:
    """A scarf around a neck or a tie at a collar, over another garment."""
    person = Person.of(view, shown.woman)
    behind(view, place, view.span(1.2, 2.4))
    other = shown.other
    if other is None:
        raise ValueError("a scarf or tie needs a top")
    t, cm = other.measures, 7.0
    top, low = t.top - 13 * cm, t.waist_y + 24 * cm
    left, high, right, _ = unworn.bounds(shown.cut.rgba)
    with placed(view, (120 + view.span(-8, 8), 160), (CX, (top + low) / 2), 320 / (low - top), view.span(-2, 2)):
        wear_top(view, other, "Jackets", person, below=None, arms="down")
        if shown.article == "Ties":
            rgba = shown.cut.rgba.copy()
            rgba[: high + 88] = 0
            knot = rgba[: high + 170, :, 3]  # the loop beside it goes round the neck
            knot[:, np.abs(np.arange(knot.shape[1]) - (left + right) / 2) > 36] = 0
            with placed(view, (CX, t.top + 44), ((left + right) / 2, high + 100.0), 0.56):
                unworn.shadowed(view, rgba, 0.45, 9, (5, 9))
        else:
            wide = 34 * cm / (right - left) * 1.06
            with placed(view, (CX, t.top - 8.0 * cm), ((left + right) / 2, float(high)), wide):
                unworn.shadowed(view, shown.cut.rgba, 0.5, 14, (5, 14))


def on_a_face(view: View, shown: Shown, place: str) -> None:
    """Sunglasses on a face, in a picture that someone took of themselves."""
    person = Person.of(view, shown.woman)
    behind(view, place, view.span(2, 3.4))
    if shown.other is None:
        raise ValueError("sunglasses need someone's top")
    t, cm = shown.other.measures, 7.0
    chin = t.top - 4.5 * cm
    rgba = shown.cut.rgba.copy()
    left, _, right, bottom = unworn.bounds(rgba)
    rims = int(np.argmax((rgba[..., 3] > 90).sum(axis=1) > (right - left) * 0.42))
    rgba[: rims - 6] = 0
    with placed(view, (120 + view.span(-8, 8), 150), (CX, chin - 5 * cm), view.span(0.74, 0.86), view.span(-6, 6)):
        wear_top(view, shown.other, "Tshirts", person, below=None, arms="down")
        wide = 15.2 * cm / (right - left)
        with placed(view, (CX, chin - 12.2 * cm), ((left + right) / 2, rims + (bottom - rims) * 0.4), wide):
            unworn.shadowed(view, rgba, 0.4, 8, (3, 9))


STAGES: dict[str, Callable[[View, Shown, str], None]] = {
    "worn": worn,
    "lying": lying_down,
    "folded": folded,
    "hanging": hanging,
    "standing": on_the_floor,
    "on a foot": on_feet,
    "in a hand": held,
    "on a wrist": at_the_wrist,
    "on a back": on_a_back,
    "over a top": over_a_jacket,
    "on a face": on_a_face,
}
