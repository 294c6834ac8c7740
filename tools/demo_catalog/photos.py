"""Customer photos of the demo's items and of their near relatives: ``python -m tools.demo_catalog.photos [OUT]``.

Half of the photos show an item of the catalog, half a garment of one of its style groups that the catalog does not
have.  ``OUT`` gets ``photos.csv`` and ``images/``; the same pictures are drawn on every run.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from tools.demo_catalog import plan
from tools.demo_catalog.__main__ import DRAW
from tools.demo_catalog.photo_accessories import STAGES
from tools.demo_catalog.photo_camera import CANVAS, OUTPUT, Camera
from tools.demo_catalog.photo_plan import KIN, PHOTOS, Photo
from tools.demo_catalog.photo_stages import BOTTOMS, Shown
from tools.demo_catalog.scenes_view import HEIGHT, WIDTH, View
from tools.demo_catalog.studio import Cutout, Look

FOLDER = Path(__file__).resolve().parents[2] / "assets/demo_queries"
HEADER = ("image", "name", "article_type", "base_colour", "usage", "shows", "photo")
QUALITY = 80


def garment(article: str, colour: str, usage: str, number: int) -> tuple[Look, str]:
    """How the garment of a group looks, and for whom it is made; from ``KIN`` on it is no item of the catalog."""
    gender = next(g for c, u, g, _ in plan.GROUPS[article] if (c, u) == (colour, usage))
    if number < KIN:
        items = [i for i in plan.items() if (i.article, i.colour, i.usage) == (article, colour, usage)]
        return Look.of(items[number].item_id, article, colour, usage, gender), gender
    digest = hashlib.sha256(f"relative/{article}/{colour}/{usage}/{number}".encode()).digest()
    return Look.of(100_000 + int.from_bytes(digest[:4], "little"), article, colour, usage, gender), gender


def cutout(article: str, colour: str, usage: str, number: int) -> tuple[Cutout, str]:
    """The garment without its ground, and for whom it is made."""
    look, gender = garment(article, colour, usage, number)
    return Cutout.of(DRAW[article](look)), gender


def draw(photo: Photo) -> Image.Image:
    """The photo, 480 x 640 pixels in RGB."""
    digest = hashlib.sha256(f"demo-photo/{photo.name}/{photo.again}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "little"))
    cut, gender = cutout(photo.article, photo.colour, photo.usage, photo.number)
    view = View(rng, CANVAS)
    woman = gender == "Women" or (gender == "Unisex" and view.chance(0.5))
    shown = Shown(cut, photo.article, woman, _worn_with(view, photo, woman), photo.touches)
    STAGES[photo.way](view, shown, photo.place)
    return camera(view, photo).taken(view)


_WITH: dict[str, tuple[tuple[str, str, str], ...]] = {
    "Ties": (("Shirts", "White", "Formal"),),
    "Scarves": (("Jackets", "Black", "Casual"), ("Sweaters", "Grey", "Casual")),
    "Backpacks": (("Tshirts", "Grey", "Casual"), ("Tshirts", "White", "Casual"), ("Tshirts", "Green", "Casual")),
    "Sunglasses": (("Tshirts", "Grey", "Casual"), ("Tshirts", "White", "Casual"), ("Shirts", "White", "Casual")),
    "bottom, woman": (("Tops", "White", "Casual"), ("Tops", "Black", "Casual")),
    "bottom, man": (("Tshirts", "White", "Casual"), ("Tshirts", "Grey", "Casual"), ("Shirts", "White", "Formal")),
    "bottom, Sports": (("Tshirts", "Black", "Sports"), ("Tshirts", "Grey", "Casual")),
    "top, Sports": (("Track Pants", "Grey", "Sports"), ("Track Pants", "Black", "Sports")),
    "top, Formal": (("Trousers", "Grey", "Formal"), ("Trousers", "Black", "Formal")),
    "top": (("Jeans", "Blue", "Casual"), ("Jeans", "Black", "Casual"), ("Trousers", "Khaki", "Casual")),
}


def _worn_with(view: View, photo: Photo, woman: bool) -> Cutout | None:
    """What the wearer has on besides: no item of the catalog either."""
    number = KIN + 50 + view.count(0, 20)
    if photo.way in ("over a top", "on a back", "on a face"):
        kinds = _WITH[photo.article]
    elif photo.way != "worn" or photo.article == "Dresses":
        return None
    elif photo.article in BOTTOMS:
        kinds = _WITH.get(f"bottom, {photo.usage}") or _WITH["bottom, woman" if woman else "bottom, man"]
    else:
        kinds = _WITH.get(f"top, {photo.usage}") or _WITH["top"]
    return cutout(*view.pick(*kinds), number)[0]


def camera(view: View, photo: Photo) -> Camera:
    """The camera of a photo: by its touches, and a little by chance."""
    has = photo.touches.__contains__
    turn = view.pick(-1, 1) * view.span(9, 17) if has("askew") else view.span(-2.5, 2.5)
    size = view.span(0.8, 0.86) if has("askew") else view.span(0.92, 0.97)
    x, y = WIDTH / 2 + view.span(-4, 4), HEIGHT / 2 + view.span(-4, 4)
    if has("cropped"):
        size = view.span(0.54, 0.64)
        x, y = x + view.pick(-1, 1) * view.span(8, 30), y + view.span(-30, 30)
        y += 36 if photo.way in ("on a foot", "standing") else 0
    half_x, half_y = WIDTH / 2 * size, HEIGHT / 2 * size
    blurred = has("blurred")
    smeared = blurred and view.chance(0.6)
    return Camera(
        (x - half_x, y - half_y, x + half_x, y + half_y),
        turn,
        (view.span(-0.12, 0.12), view.span(-0.12, 0.12)) if has("askew") else (0.0, 0.0),
        view.span(1.15, 1.6) if has("dim") else view.span(-0.1, 0.2),
        view.span(0.1, 0.3) if has("dim") else view.span(-0.07, 0.12),
        view.span(9, 15) if smeared else 0.0,
        view.span(0, 180),
        view.span(2.4, 3.6) if blurred and not smeared else 0.0,
        view.span(0.02, 0.028) if has("dim") else view.span(0.003, 0.008),
        not has("dim") and view.chance(0.35),
    )


def encoded(photo: Photo) -> bytes:
    """The photo as the bytes of a WebP file."""
    buffer = io.BytesIO()
    draw(photo).save(buffer, "WEBP", quality=QUALITY, method=6)
    return buffer.getvalue()


def row(photo: Photo) -> list[str]:
    """The photo's line of ``photos.csv``."""
    return [
        f"images/{photo.name}.webp",
        photo.title,
        photo.article,
        photo.colour,
        photo.usage,
        photo.shows,
        photo.condition,
    ]


def write(folder: Path, workers: int) -> None:
    """Write ``photos.csv`` and ``images/``, and remove pictures that are no more."""
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    with (folder / "photos.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(HEADER)
        table.writerows(map(row, PHOTOS))
    for path in images.iterdir():
        if path.stem not in {photo.name for photo in PHOTOS}:
            path.unlink()
    total = 0
    with ProcessPoolExecutor(workers) as pool:
        for photo, data in zip(PHOTOS, pool.map(encoded, PHOTOS), strict=True):
            (images / f"{photo.name}.webp").write_bytes(data)
            total += len(data)
    print(f"{len(PHOTOS)} photos, {total / 1e6:.2f} MB")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.demo_catalog.photos", description="Draw customer photos.")
    parser.add_argument("out", type=Path, nargs="?", default=FOLDER, help="folder for photos.csv and images/")
    parser.add_argument("--workers", type=int, default=2, help="parallel processes (no effect on the result)")
    options = parser.parse_args(arguments)
    write(options.out, options.workers)
    return 0


__all__ = ["FOLDER", "HEADER", "OUTPUT", "PHOTOS", "Photo", "draw", "encoded", "row"]
if __name__ == "__main__":
    sys.exit(main())
