"""A small data set in the published layout of DeepFashion's In-Shop benchmark, drawn: ``… inshop OUT``.

Sixty products in five pictures each: from the front, turned to the side, from behind, worn and far away, and a detail;
before plain grounds and in rooms and streets. Half of the products are for training, the other half is divided into
query and gallery, as there. It is drawn on demand and not shipped; the same pixels each time.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from fashion_search.ground import plain_ground
from tools.demo_catalog import apparel, scenes
from tools.demo_catalog.studio import Look

SIDE = 256
"""Pixels, in each direction, as in the benchmark's ``img.zip``."""

JPEG_QUALITY = 85
POSES = ("1_front", "2_side", "3_back", "4_full", "7_additional")
"""As the benchmark's file names say them; their numbers as ``pose_type`` are one to five here."""

PER_CATEGORY = 6
QUERIES = 2  # pictures of a test product; the other three are in the gallery
_SHADOW, _GREY = 195, 10  # of 255: the shadow on the white ground is no darker, and has no colour
_FIRST_ID = 700_000  # of the generator's items: none is the demo's
_KINDS: dict[str, tuple[str, str, str, int, tuple[str, ...]]] = {
    # category: article, gender, usage, clothes_type, colours
    "MEN/Shirts_Polos": ("Shirts", "Men", "Casual", 1, ("Blue", "Red", "Green")),
    "MEN/Tees_Tanks": ("Tshirts", "Men", "Casual", 1, ("Grey", "Blue", "Green")),
    "MEN/Jackets_Vests": ("Jackets", "Men", "Casual", 1, ("Black", "Brown", "Olive")),
    "MEN/Sweaters": ("Sweaters", "Men", "Casual", 1, ("Grey", "Navy Blue", "Maroon")),
    "MEN/Pants": ("Trousers", "Men", "Casual", 2, ("Khaki", "Grey", "Black")),
    "WOMEN/Blouses_Shirts": ("Tops", "Women", "Casual", 1, ("Pink", "Black", "Teal")),
    "WOMEN/Denim": ("Jeans", "Women", "Casual", 2, ("Blue", "Navy Blue", "Black")),
    "WOMEN/Dresses": ("Dresses", "Women", "Casual", 3, ("Blue", "Pink", "Black")),
    "WOMEN/Shorts": ("Shorts", "Women", "Casual", 2, ("Navy Blue", "Khaki", "Black")),
    "WOMEN/Skirts": ("Skirts", "Women", "Casual", 2, ("Black", "Blue", "Red")),
}


@dataclass(frozen=True)
class Product:
    """One product: its number, and what the generator draws of it."""

    number: int
    category: str
    colour: str

    @property
    def id(self) -> str:
        """For example ``id_00000007``."""
        return f"id_{self.number:08d}"

    @property
    def is_trained_on(self) -> bool:
        """Whether it is of the training half."""
        return self.number % 2 == 1

    def image(self, pose: int) -> str:
        """The name of a picture in the lists."""
        return f"img/{self.category}/{self.id}/01_{POSES[pose]}.jpg"

    def random(self, what: str) -> np.random.Generator:
        """Random numbers of its own for a purpose."""
        digest = hashlib.sha256(f"demo-in-shop/{self.number}/{what}".encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:8], "little"))

    def status(self, pose: int) -> str:
        """``train``, ``query`` or ``gallery``."""
        if self.is_trained_on:
            return "train"
        return "query" if pose in self.random("parts").permutation(len(POSES))[:QUERIES] else "gallery"


def products() -> list[Product]:
    """All of them, in the order of their numbers: of each category, each colour is on both sides."""
    found: list[Product] = []
    for category, (*_, colours) in _KINDS.items():
        found += [Product(len(found) + place + 1, category, colours[place // 2]) for place in range(PER_CATEGORY)]
    return found


@lru_cache(maxsize=1)  # five pictures in a row are of one product
def _cut_out(product: Product) -> Image.Image:
    """The product without its ground and its shadow, RGBA; at most 300 × 400."""
    article, gender, usage, *_ = _KINDS[product.category]
    look = Look.of(_FIRST_ID + product.number, article, product.colour, usage, gender)
    drawn = apparel.DRAW[article](look).convert("RGB")
    pixels = np.asarray(drawn)
    shadow = (pixels.min(axis=2) > _SHADOW) & (np.ptp(pixels, axis=2) < _GREY)
    thing = Image.fromarray(~plain_ground(np.where(shadow[..., None], 255, pixels).astype(np.uint8)))
    alpha = thing.convert("L").filter(ImageFilter.MinFilter(3)).filter(ImageFilter.GaussianBlur(0.7))
    drawn.putalpha(alpha)
    return drawn.crop(alpha.getbbox())


def draw(product: Product, pose: int) -> tuple[Image.Image, tuple[int, int, int, int]]:
    """A picture of a product, RGB, ``SIDE`` × ``SIDE``, and the box of the product in it."""
    rng = product.random(POSES[pose])
    garment = _cut_out(product)
    if rng.random() < 0.3:
        garment = garment.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    garment = (_as_it_is, _turned, _from_behind, _as_it_is, _as_it_is)[pose](garment, rng)
    height = SIDE * (rng.uniform(0.5, 0.6) if pose == 3 else rng.uniform(0.78, 0.92))
    if pose == 4:
        height = SIDE * rng.uniform(1.7, 2.2)
    scale = min(height / garment.height, (3.0 if pose == 4 else 0.94) * SIDE / garment.width)
    garment = garment.resize((max(round(garment.width * scale), 1), max(round(garment.height * scale), 1)))
    garment = garment.rotate(rng.uniform(-4, 4), Image.Resampling.BICUBIC, expand=True)
    page = _ground(product, pose, rng)
    left, top = (SIDE - garment.width) / 2 + rng.uniform(-8, 8), (SIDE - garment.height) / 2 + rng.uniform(-6, 6)
    if pose == 4:  # a detail: anywhere on it but its edge
        left, top = (SIDE / 2 - size * rng.uniform(0.38, 0.62) for size in garment.size)
    place = round(left), round(top)
    if pose == 3:
        _figure(page, product, place, garment.size, rng)
    page.paste(garment, place, garment)
    box = garment.getchannel("A").getbbox() or (0, 0, *garment.size)
    within = tuple(int(np.clip(edge + place[axis % 2], 0, SIDE)) for axis, edge in enumerate(box))
    return _photographed(page, rng), (within[0], within[1], within[2], within[3])


def _as_it_is(garment: Image.Image, rng: np.random.Generator) -> Image.Image:
    return garment


def _turned(garment: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Turned about its own axis: narrower, the far edge smaller and darker."""
    width, height = garment.size
    narrow, far = width * rng.uniform(0.55, 0.72), height * rng.uniform(0.04, 0.08)
    target = [(0, 0), (narrow, far), (narrow, height - far), (0, height)]
    source = [(0, 0), (width, 0), (width, height), (0, height)]
    equations = []
    for (x, y), (u, v) in zip(target, source, strict=True):
        equations += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    solved = np.linalg.solve(np.array(equations), np.array(source, dtype=float).reshape(-1))
    size = round(narrow), height
    seen = garment.transform(size, Image.Transform.PERSPECTIVE, solved.tolist(), Image.Resampling.BICUBIC)
    light = np.linspace(1.05, rng.uniform(0.6, 0.8), size[0])[None, :, None]
    pixels = np.asarray(seen).astype(float)
    pixels[..., :3] = np.clip(pixels[..., :3] * light, 0, 255)
    seen = Image.fromarray(pixels.astype(np.uint8), "RGBA")
    return seen.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else seen


def _from_behind(garment: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Mirrored, and without the small things that only a front has."""
    back = garment.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    plain = back.convert("RGB").filter(ImageFilter.MedianFilter(9))
    plain.putalpha(back.getchannel("A"))
    return plain


def _ground(product: Product, pose: int, rng: np.random.Generator) -> Image.Image:
    """A room or a street where it is worn, sometimes elsewhere too; else a plain ground, lighter above."""
    if pose == 3 or rng.random() < 0.25:
        return scenes.draw(int(rng.integers(100_000)), (SIDE, SIDE)).convert("RGB")
    shade = np.array([rng.uniform(0.72, 0.97)] * 3) + rng.normal(0, 0.02, 3)
    fall = np.linspace(rng.uniform(0, 0.05), -rng.uniform(0, 0.08), SIDE)
    pixels = np.clip(shade[None, None, :] + fall[:, None, None], 0, 1) * np.ones((1, SIDE, 1))
    return Image.fromarray((255 * pixels).astype(np.uint8), "RGB")


def _figure(
    page: Image.Image, product: Product, place: tuple[int, int], size: tuple[int, int], rng: np.random.Generator
) -> None:
    """Someone behind a garment: head, arms and legs as far as it leaves them bare."""
    x, middle = place[0] + size[0] / 2, place[1] + size[1] / 2
    skin = tuple(int(value) for value in np.array([214, 168, 140]) * rng.uniform(0.45, 1.1))
    hair = tuple(int(value) for value in np.array([70, 48, 34]) * rng.uniform(0.3, 1.8))
    cloth = tuple(int(value) for value in rng.integers(30, 120, 3))
    is_lower = _KINDS[product.category][3] == 2
    pen = ImageDraw.Draw(page)
    unit = size[1] / 8
    if is_lower:
        pen.rounded_rectangle((x - 2.2 * unit, place[1] - 4.5 * unit, x + 2.2 * unit, middle), unit, fill=cloth)
        head = place[1] - 5.8 * unit
    else:
        for side in (-1, 1):
            inner, outer = sorted((x + side * 0.3 * unit, x + side * 1.5 * unit))
            pen.rectangle((inner, middle, outer, place[1] + size[1] + 4 * unit), skin)
        head = place[1] - 0.9 * unit
    for side in (-1, 1):
        wide = size[0] * (0.62 if is_lower else 0.44)
        pen.line((x + side * wide, place[1] + unit, x + side * wide * 1.05, place[1] + 5 * unit), skin, int(unit * 0.8))
    pen.ellipse((x - unit, head - 1.4 * unit, x + unit, head + 1.1 * unit), fill=hair)
    pen.ellipse((x - 0.8 * unit, head - 1.0 * unit, x + 0.8 * unit, head + 1.2 * unit), fill=skin)


def _photographed(page: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Under another exposure and white balance, a little soft, with noise."""
    soft = page.filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.8)))
    exponents = np.exp(rng.uniform(-0.3, 0.3) + rng.normal(0, 0.04, 3))
    pixels = 255 * (np.asarray(soft) / 255) ** exponents + rng.normal(0, rng.uniform(0.5, 3), (SIDE, SIDE, 1))
    return Image.fromarray(np.clip(pixels + 0.5, 0, 255).astype(np.uint8))


def _drawn(product: Product) -> list[tuple[bytes, tuple[int, int, int, int]]]:
    found = []
    for pose in range(len(POSES)):
        picture, box = draw(product, pose)
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=JPEG_QUALITY)
        found.append((buffer.getvalue(), box))
    return found


def write(folder: Path, chosen: Sequence[Product], workers: int = 1) -> int:
    """Write lists and pictures of products below a folder, as the benchmark is unpacked; how many pictures."""
    partition, boxes = [], []
    with ProcessPoolExecutor(workers) as pool:
        for product, pictures in zip(chosen, pool.map(_drawn, chosen), strict=True):
            for pose, (data, box) in enumerate(pictures):
                name = product.image(pose)
                path = folder / "Img" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
                partition.append(f"{name} {product.id} {product.status(pose)}")
                edges = " ".join(f"{edge:03d}" for edge in box)
                boxes.append(f"{name} {_KINDS[product.category][3]} {pose + 1} {edges}")
    for name, columns, lines in (
        ("Eval/list_eval_partition.txt", "image_name item_id evaluation_status", partition),
        ("Anno/list_bbox_inshop.txt", "image_name clothes_type pose_type x_1 y_1 x_2 y_2", boxes),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        text = "\n".join([str(len(lines)), columns, *lines]) + "\n"
        (folder / name).write_text(text, "utf-8", newline="\n")
    return len(partition)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.demo_catalog.inshop", description="Draw an In-Shop data set."
    )
    parser.add_argument("out", type=Path, help="the folder to write")
    parser.add_argument("--workers", type=int, default=2, help="parallel processes (no effect on the result)")
    options = parser.parse_args(arguments)
    chosen = products()
    print(f"{write(options.out, chosen, options.workers)} pictures of {len(chosen)} products: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
