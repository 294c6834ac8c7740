"""Garments and things that nobody wears: laid down, folded, hung up, standing about, or held in a hand."""

from __future__ import annotations

import numpy as np
import skia
from scipy.ndimage import distance_transform_edt, gaussian_filter, map_coordinates

from tools.demo_catalog.photo_people import CX, SMOOTH, Person, around, halves, lay, limb, picture, region, with_alpha
from tools.demo_catalog.scenes_view import Point, View, box, darker, lighter, outline
from tools.demo_catalog.studio import HEIGHT, WIDTH, Cutout, cloud, ellipse, ribbon


def bounds(rgba: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what a cut-out shows."""
    rows, columns = (np.flatnonzero((rgba[..., 3] > 60).any(axis=axis)) for axis in (1, 0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def shadowed(view: View, rgba: np.ndarray, strength: float = 0.5, soft: float = 9, move: Point = (4, 9)) -> None:
    """Draw a cut-out with its soft shadow (pixels of the cut-out)."""
    paint = skia.Paint(AntiAlias=True)
    for reach, share in ((soft, 0.6), (soft * 0.3, 0.7)):
        paint.setImageFilter(
            skia.ImageFilters.DropShadowOnly(
                float(move[0] * reach / soft),
                float(move[1] * reach / soft),
                reach,
                reach,
                int(255 * strength * share) << 24,
            )
        )
        view.canvas.drawImage(picture(rgba), 0, 0, SMOOTH, paint)
    lay(view, rgba)


def rumpled(rgba: np.ndarray, rng: np.random.Generator, bend: float = 9.0, depth: float = 0.16) -> np.ndarray:
    """Cloth that was put down carelessly: outlines bent by ``bend`` pixels, creases that shade by ``depth``."""
    shape = rgba.shape[:2]
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    move = [bend * cloud(rng, (shape[0] // 8, shape[1] // 8), 9) for _ in range(2)]
    big = [map_coordinates(m, [y / 8, x / 8], order=1, mode="nearest") for m in move]
    where = [y + big[0], x + big[1]]
    alpha = rgba[..., 3:].astype(np.float32) / 255
    bent = [map_coordinates(np.ascontiguousarray(c), where, order=1) for c in np.moveaxis(rgba[..., :3] * alpha, 2, 0)]
    cover = map_coordinates(np.ascontiguousarray(alpha[..., 0]), where, order=1)
    ridges = 1 - np.abs(cloud(rng, shape, (24, 17)))
    light = np.gradient(gaussian_filter(ridges, 3), axis=0) + 0.7 * np.gradient(gaussian_filter(ridges, 3), axis=1)
    light = np.tanh(light / (light.std() + 1e-6) * 0.7) * depth + 0.05 * cloud(rng, shape, 60)
    plain = np.stack(bent, -1) / np.maximum(cover, 1e-3)[..., None] * (1 + light)[..., None]
    return np.dstack([np.clip(plain, 0, 255), cover * 255]).astype(np.uint8)


def rounded(rgba: np.ndarray, width: float = 16, depth: float = 0.45) -> np.ndarray:
    """The cut-out with edges that turn away from the light, as folds do."""
    inside = distance_transform_edt(np.pad(rgba[..., 3] > 120, 1))[1:-1, 1:-1]
    result = rgba.astype(np.float32)
    result[..., :3] *= (1 - depth * np.exp(-inside / width))[..., None]
    return result.astype(np.uint8)


# ------------------------------------------------------------------------------------------- laid, folded


def laid(view: View, cut: Cutout, *, soft: bool) -> None:
    """It lies there, seen from above."""
    shadowed(view, rumpled(cut.rgba, view.rng) if soft else cut.rgba, 0.55, 8, (4, 8))


def folded_top(view: View, cut: Cutout) -> None:
    """A top folded as in a shop: sleeves behind, the lower half turned under."""
    t = cut.measures
    half, low = t.chest * view.span(0.74, 0.84), t.top + (t.hem_y - t.top) * view.span(0.54, 0.62)
    front = region(box(CX - half, -40, CX + half, low, 15), (HEIGHT, WIDTH))
    _layers(view, with_alpha(rumpled(cut.rgba, view.rng, 2.5, 0.1), front), 4)


def folded_bottom(view: View, cut: Cutout) -> None:
    """Trousers folded along their length and once across."""
    m = cut.measures
    low = m.knee_y if m.hem_y - m.knee_y > 120 else m.hem_y - 40
    low *= view.span(0.96, 1.02)
    slab = outline(
        [
            (CX + 20, m.top - 12, "c"),
            (CX + m.hip + 60, m.top - 12, "c"),
            (CX + m.hip + 60, low - 5),
            (CX + m.hip + 40, low, "c"),
            (CX + m.hip - m.knee * 0.5, low + 4),
            (CX + m.hip - m.knee * 0.8, low, "c"),
        ]
    )
    front = region(slab, (HEIGHT, WIDTH))
    _layers(view, with_alpha(rumpled(cut.rgba, view.rng, 2.5, 0.12), front), 7)


def _layers(view: View, rgba: np.ndarray, count: int) -> None:
    """A folded piece on the layers under it."""
    edge = rounded(rgba)
    under = edge.copy()
    under[..., :3] = (under[..., :3] * 0.6).astype(np.uint8)
    lean = view.pick(-1, 1) * view.span(1.0, 2.2)
    for k in range(count, 0, -1):
        view.canvas.save()
        view.canvas.translate(lean * k, 4.2 * k)
        tone = under.copy()
        tone[..., :3] = np.clip(tone[..., :3] * (1.0 if k % 2 else 1.35), 0, 255).astype(np.uint8)
        if k == count:
            shadowed(view, tone, 0.6, 9, (4, 8))
        else:
            lay(view, tone)
        view.canvas.restore()
    lay(view, edge)


# --------------------------------------------------------------------------------------------------- hung


def hung(view: View, cut: Cutout) -> None:
    """A top on a hanger, whose hook is above its neck."""
    t = cut.measures
    inner, outer = halves(cut)
    wood = view.pick(view.wood(), (0.1, 0.1, 0.1), (0.88, 0.87, 0.85))
    shadowed(view, cut.rgba, 0.45, 14, (12, 16))
    lay(view, inner)
    hook: list[Point] = [
        (CX, t.top - 4),
        (CX, t.top - 44),
        (CX + 4, t.top - 58),
        (CX + 24, t.top - 70),
        (CX + 14, t.top - 96),
        (CX - 12, t.top - 88),
    ]
    view.stroke([(x + 5, y + 8) for x, y in hook], (0, 0, 0), 7, 0.3, 4)
    view.stroke(hook, (0.55, 0.55, 0.57), 6)
    view.stroke([(x - 1, y - 1) for x, y in hook], (0.85, 0.85, 0.87), 2, 0.8)
    reach = min(t.shoulder - 14, t.neck + 60)
    view.stroke(
        [
            (CX - reach, t.top + t.slope * 0.5 + 4),
            (CX - 20, t.top - 2),
            (CX + 20, t.top - 2),
            (CX + reach, t.top + t.slope * 0.5 + 4),
        ],
        wood,
        15,
    )
    lay(view, outer)


# ----------------------------------------------------------------------------------------------- standing


def stood(view: View, rgba: np.ndarray, flat: float = 0.2) -> None:
    """It stands on a floor or table: a dark contact and a flat shadow beside it."""
    left, _, right, bottom = bounds(rgba)
    canvas = view.canvas
    view.fill(ellipse((left + right) / 2, bottom - 4, (right - left) * 0.5, 15), (0.02, 0.02, 0.02), 0.55, 7)
    paint = skia.Paint(AntiAlias=True)
    paint.setColorFilter(skia.ColorFilters.Blend(0x6A000000, skia.BlendMode.kSrcIn))
    paint.setImageFilter(skia.ImageFilters.Blur(12, 12))
    canvas.save()
    canvas.translate(0, bottom - 6)
    canvas.skew(view.pick(-0.9, 0.9, 1.3), 0)
    canvas.scale(1, flat)
    canvas.translate(0, -bottom)
    canvas.drawImage(picture(rgba), 0, 0, SMOOTH, paint)
    canvas.restore()
    lay(view, rgba)


# ------------------------------------------------------------------------------------------- feet, hands


def shod(view: View, cut: Cutout, person: Person, *, bare: bool) -> None:
    """A shoe on a foot: the leg of trousers, or a bare ankle, comes out of it."""
    rgba = cut.rgba
    left, _, right, _ = bounds(rgba)
    length = right - left
    cover = rgba[..., 3] > 120
    tops = np.where(cover.any(axis=0), cover.argmax(axis=0), HEIGHT)
    first, last = (np.min(tops[left + int(length * a) : left + int(length * b)]) for a, b in ((0.0, 0.3), (0.7, 1.0)))
    heel = -1 if first < last else 1
    end = left if heel < 0 else right
    x, y = end - heel * length * 0.19, float(min(first, last))
    stood(view, rgba, 0.16)
    lean = -heel * length * view.span(-0.04, 0.1)
    if bare:
        ankle: list[Point] = [
            (x + lean * 1.5, y - length * 1.9),
            (x + lean, y - length),
            (x, y - length * 0.2),
            (x, y + length * 0.09),
        ]
        limb(view, ankle, [length * w for w in (0.46, 0.40, 0.24, 0.27)], person.skin, -1)
        over = rgba.copy()
        over[: int(y + length * 0.03)] = 0
        lay(view, over)
        return
    cloth = view.near(
        view.pick((0.14, 0.18, 0.3), (0.11, 0.11, 0.12), (0.26, 0.33, 0.47), (0.6, 0.53, 0.4), (0.34, 0.35, 0.37))
    )
    w = length * view.span(0.185, 0.21)
    low = y + length * 0.11
    shape = outline(
        [
            (x + lean * 2 - w * 1.5, y - length * 2.2, "c"),
            (x + lean * 2 + w * 1.5, y - length * 2.2, "c"),
            (x + lean + w * 1.15, y - length * 0.9),
            (x + w * 0.94, y - length * 0.2),
            (x + w, low - 6, "c"),
            (x, low + 9),
            (x - w * 1.02, low, "c"),
            (x - w * 0.9, y - length * 0.25),
            (x + lean - w * 1.15, y - length * 0.9),
        ]
    )
    view.shadow(shape, 0.5, 9, (3, 7))
    view.fill(shape, lighter(cloth, 0.08))
    with view.within(shape):
        view.stroke(
            [(x + lean * 2 + w, y - length * 2.2), (x + lean + w, y - length), (x + w, low)],
            darker(cloth, 0.7),
            w * 0.9,
            0.7,
            w * 0.35,
        )
        view.stroke(
            [(x + lean * 2 - w, y - length * 2.2), (x + lean - w, y - length), (x - w, low)],
            darker(cloth, 0.5),
            w * 0.4,
            0.5,
            w * 0.2,
        )
        area = (x - 2 * w, y - length * 1.6, x + 2 * w, low + 10)
        view.crumple(shape, area, 34, 0.4, 0.7)
        view.grain(shape, "fine", (1.2, 1.2), 0.2)
        view.stroke([(x - w, low - 14), (x, low - 5), (x + w, low - 18)], darker(cloth, 0.5), 2.2, 0.8)


def in_a_hand(view: View, cut: Cutout, person: Person, cm: float) -> None:
    """A hand from below holds it up by its lower edge, the palm behind and the thumb in front."""
    left, _, right, bottom = bounds(cut.rgba)
    x, skin, cm = (left + right) / 2 + view.span(-0.06, 0.06) * (right - left), person.skin, cm * person.build
    y = bottom - 2.6 * cm
    limb(
        view,
        [(x + 5 * cm, y + 40 * cm), (x + 2 * cm, y + 22 * cm), (x, y + 10 * cm)],
        [9.5 * cm, 7.6 * cm, 6.2 * cm],
        skin,
    )
    palm = outline(
        around(x, y, cm, (-4.4, -1), (0, -3), (4.4, -1), (4.2, 6), (2.9, 12, "c"), (-2.9, 12, "c"), (-4.2, 6))
    )
    view.fill(palm, skin)
    with view.within(palm):
        view.stroke(
            [(x + 4.6 * cm, y), (x + 4.2 * cm, y + 6 * cm), (x + 2.6 * cm, y + 12 * cm)],
            darker(skin, 0.5),
            2.6 * cm,
            0.4,
            cm,
        )
        for line in ([(-3.4, 2.6), (0, 3.8), (3.2, 2.2)], [(-3.2, 5.4), (-0.6, 5.2), (2.0, 3.2)]):
            view.stroke([(x + a * cm, y + b * cm) for a, b in line], darker(skin, 0.35), 0.22 * cm, 0.6, 0.1 * cm)
    shadowed(view, cut.rgba, 0.5, 10, (6, 10))
    for k in range(2):
        a = x - (3.9 - 1.9 * k) * cm
        finger: list[Point] = [
            (a - 0.6 * cm, y + 4.2 * cm),
            (a - 0.5 * cm, y + 2.2 * cm),
            (a + 0.2 * cm, y + (0.5 - 0.3 * k) * cm),
        ]
        view.stroke(finger, darker(skin, 0.3), 1.9 * cm)
        view.stroke([(p - 0.06 * cm, q) for p, q in finger], view.near(skin, 0.02), 1.6 * cm)
    thumb: list[Point] = [(x + 3.6 * cm, y + 7 * cm), (x + 3.6 * cm, y + 3.4 * cm), (x + 1.9 * cm, y - 0.6 * cm)]
    view.stroke([(p + 0.3 * cm, q + 0.5 * cm) for p, q in thumb], (0.02, 0.02, 0.02), 2.3 * cm, 0.4, 0.5 * cm)
    for points, tone, width, alpha, blur in (
        (thumb, darker(skin, 0.3), 2.5, 1.0, 0.0),
        ([(p - 0.1 * cm, q - 0.05 * cm) for p, q in thumb], skin, 2.15, 1.0, 0.0),
        ([(p - 0.4 * cm, q) for p, q in thumb], lighter(skin, 0.4), 0.6, 0.3, 0.3),
    ):
        view.stroke(points, tone, width * cm, alpha, blur * cm)
    view.fill(ellipse(thumb[-1][0] - 0.2 * cm, thumb[-1][1] - 0.1 * cm, 0.62 * cm, 0.8 * cm), lighter(skin, 0.35), 0.7)


def at_a_wrist(view: View, cut: Cutout, person: Person) -> None:
    """A watch around a wrist: a sleeve on one side, the hand on the other; the strap ends at the arm's edges."""
    skin = person.skin
    y, half = HEIGHT / 2, 128 * person.build
    arm: list[Point] = [(-700, y + 40), (-200, y + 18), (150, y + 4), (CX + 60, y), (CX + 190, y)]
    widths = [half * w for w in (3.0, 2.75, 2.3, 2.05, 2.1)]
    limb(view, arm, widths, skin, -1)
    thumb: list[Point] = [
        (CX + 200, y + half * 0.55),
        (CX + 330, y + half * 1.15),
        (CX + 470, y + half * 1.5),
        (CX + 600, y + half * 1.55),
    ]
    limb(view, thumb, [half * w for w in (1.1, 0.95, 0.75, 0.7)], darker(skin, 0.04), -1)
    palm = outline(
        [
            (CX + 120, y - half * 1.02, "c"),
            (CX + 210, y - half * 1.04),
            (CX + 360, y - half * 1.3),
            (CX + 620, y - half * 1.4),
            (CX + 640, y + half * 1.25),
            (CX + 360, y + half * 1.12),
            (CX + 210, y + half * 1.04),
            (CX + 120, y + half * 1.02, "c"),
        ]
    )
    view.fill(palm, skin)
    with view.within(palm):
        for side, share in ((1, 0.5), (-1, 0.22)):
            edge: list[Point] = [
                (CX + 100, y + side * half * 1.02),
                (CX + 360, y + side * half * 1.24),
                (CX + 640, y + side * half * 1.4),
            ]
            view.stroke(edge, darker(skin, 0.55), half * 0.7, share, half * 0.3)
        for k in range(3):
            b = y + (k - 1.2) * half * 0.6
            view.stroke([(CX + 300, y + (k - 1) * half * 0.34), (CX + 620, b)], darker(skin, 0.3), 9, 0.3, 6)
            view.stroke(
                [(CX + 300, y + (k - 1) * half * 0.34 - 12), (CX + 620, b - 16)], lighter(skin, 0.3), 16, 0.25, 9
            )
    band = ribbon([(p[0], p[1]) for p in arm], [w + 7 for w in widths])
    strap = with_alpha(cut.rgba, region(band, (HEIGHT, WIDTH)))
    shadowed(view, strap, 0.5, 8, (8, 4))
    with view.within(band):
        for side in (-1, 1):
            rim: list[Point] = [(CX - 75, y + side * half * 1.02), (CX + 75, y + side * half * 1.02)]
            view.stroke(rim, (0.02, 0.02, 0.02), half * 0.42, 0.55, half * 0.14)
    cloth = view.near(view.pick((0.16, 0.2, 0.32), (0.5, 0.52, 0.55), (0.85, 0.84, 0.82), (0.13, 0.13, 0.14)))
    sleeve = outline(
        [
            (-900, y - half * 2.2, "c"),
            (-60, y - half * 1.5),
            (10, y - half * 1.42, "c"),
            (26, y),
            (10, y + half * 1.5, "c"),
            (-900, y + half * 2.4, "c"),
        ]
    )
    view.shadow(sleeve, 0.5, 14, (10, 6))
    view.blend(sleeve, lighter(cloth, 0.12), darker(cloth, 0.35), (0, y - half * 1.5), (0, y + half * 1.5))
    view.crumple(sleeve, (-600, y - half * 2.2, 40, y + half * 2.2), 60, 0.4)
