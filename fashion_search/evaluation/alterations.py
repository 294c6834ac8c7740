"""What happens to a picture outside the studio, one alteration at a time and all at once: small, and seeded.

Each alteration takes an RGB picture and random numbers and gives an RGB picture. Figures under an alteration are those
of altered queries against the catalog as it is.
"""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from fashion_search.ground import border_colour, cut_out

Alter = Callable[[Image.Image, np.random.Generator], Image.Image]

LARGEST = 480
"""Pixels of the longer side that are altered: more than any method looks at."""


@dataclass(frozen=True)
class Alteration:
    """One entry of the list: what it is called, what it does, and the function that does it."""

    name: str
    title: str
    summary: str
    apply: Alter


def altered(image: Image.Image, alteration: Alteration, key: str, seed: int = 0) -> Image.Image:
    """An RGB picture as an alteration makes it: the same for the same key and seed, on every machine.

    Args:
        image: RGB.
        alteration: one of ``ALTERATIONS``.
        key: what the numbers are drawn by: an item's ``checksum``, which keeps figures comparable with earlier ones.
        seed: another one draws other numbers.
    """
    digest = hashlib.sha256(f"{alteration.name}/{seed}/{key}".encode()).digest()
    small = image.copy()
    small.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
    return alteration.apply(small, np.random.default_rng(int.from_bytes(digest[:8], "little")))


def _crop(image: Image.Image, random: np.random.Generator) -> Image.Image:
    share = random.uniform(0.7, 0.9)
    width, height = image.size[0] * share, image.size[1] * share
    left, top = random.uniform(0, image.size[0] - width), random.uniform(0, image.size[1] - height)
    box = (left, top, left + width, top + height)
    size = max(round(width), 1), max(round(height), 1)
    return image.resize(size, Image.Resampling.BICUBIC, box=box)


def _turn(image: Image.Image, random: np.random.Generator) -> Image.Image:
    fill = tuple(int(value) for value in border_colour(np.asarray(image)))
    return image.rotate(random.uniform(-20, 20), Image.Resampling.BICUBIC, fillcolor=fill)


def _compress(image: Image.Image, random: np.random.Generator) -> Image.Image:
    blurred = image.filter(ImageFilter.GaussianBlur(max(image.size) * random.uniform(0.005, 0.0125)))
    out = io.BytesIO()
    blurred.save(out, "JPEG", quality=25)
    return Image.open(out).convert("RGB")


def _light(image: Image.Image, random: np.random.Generator) -> Image.Image:
    gains = random.uniform(0.6, 1.15) * random.uniform(0.88, 1.12, 3)
    return Image.fromarray(np.rint(np.clip(np.asarray(image) * gains, 0, 255)).astype(np.uint8))


def _texture(size: tuple[int, int], random: np.random.Generator) -> Image.Image:
    """A soft texture between two colours: noise of a coarse and a fine grain."""
    first, second = random.uniform(20, 235, 3), random.uniform(20, 235, 3)
    share = np.zeros((size[1], size[0]), dtype=np.float32)
    for cells, weight in ((random.integers(3, 7), 0.7), (random.integers(10, 24), 0.3)):
        grain = Image.fromarray(random.random((cells * 4 // 3, cells)).astype(np.float32))
        share += weight * np.asarray(grain.resize(size, Image.Resampling.BICUBIC))
    return Image.fromarray(np.clip(first + share[..., None] * (second - first), 0, 255).astype(np.uint8))


def _on_texture(image: Image.Image, random: np.random.Generator) -> Image.Image:
    ground = _texture(image.size, random)
    thing = cut_out(image)
    ground.paste(thing, mask=thing.getchannel("A"))
    return ground


def _card(image: Image.Image, random: np.random.Generator) -> Image.Image:
    share = random.uniform(0.45, 0.7)
    size = max(round(image.width * share), 1), max(round(image.height * share), 1)
    ground = Image.new("RGB", image.size, tuple(int(value) for value in random.integers(20, 236, 3)))
    place = random.integers(0, image.width - size[0] + 1), random.integers(0, image.height - size[1] + 1)
    ground.paste(image.resize(size, Image.Resampling.LANCZOS), (int(place[0]), int(place[1])))
    return ground


def _photo(image: Image.Image, random: np.random.Generator) -> Image.Image:
    thing = cut_out(image).rotate(random.uniform(-20, 20), Image.Resampling.BICUBIC)
    ground = _texture(image.size, random)
    ground.paste(thing, mask=thing.getchannel("A"))
    dimmed = _light(ground, random)
    return dimmed.filter(ImageFilter.GaussianBlur(max(image.size) * random.uniform(0.004, 0.01)))


ALL_TOGETHER = Alteration("photo", "All together", "rotated, on a texture, dimmed, tinted and blurred", _photo)

ALTERATIONS = (
    Alteration("crop", "Cut off", "70 to 90 % of its width and height, anywhere in it", _crop),
    Alteration("turn", "Turned", "rotated by up to 20°", _turn),
    Alteration("compress", "Blurred", "blurred, and saved as a JPEG of quality 25", _compress),
    Alteration("light", "Other light", "brightness × 0.6 to 1.15, each colour channel up to 12 % more or less", _light),
    Alteration("ground", "Other background", "its plain background replaced by a soft texture", _on_texture),
    Alteration("card", "Small on a plain colour", "at 45 to 70 % of its size on a background of one colour", _card),
    ALL_TOGETHER,
)
"""The list under which methods are measured. A new one is a function and an entry."""
