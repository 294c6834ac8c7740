"""Small shops that trials build, kill and damage: pictures without a network, made the same each time."""

import csv
import io
from pathlib import Path

import numpy as np
from PIL import Image

_HEADER = (
    *("id", "gender", "masterCategory", "subCategory", "articleType"),
    *("baseColour", "season", "year", "usage", "productDisplayName"),
)
_PAINTS = {"Red": (200, 30, 40), "Blue": (40, 70, 190), "Green": (40, 140, 60), "Black": (40, 40, 42)}
_STRIPES = {"Shirts": 2, "Caps": 3, "Belts": 5, "Ties": 7}

THEN = {("Shirts", "Red"): 5, ("Caps", "Blue"): 4, ("Belts", "Green"): 6}
"""Style groups of the shop that is built first, by type and colour, and how many pictures each has."""

NOW = THEN | {("Caps", "Red"): 5, ("Shirts", "Blue"): 23, ("Ties", "Black"): 22, ("Shirts", "Green"): 3}
"""Those of the shop that it becomes: three are left out for their size, to be trained on."""

RECIPE = """
title = "Tiny"
summary = "Compares little."

[network]
backbone = "compact"
height = 16
width = 16
widths = [16, 32]
blocks = 1
dimensions = 8

[classification]
attributes = { article_type = 1.0, base_colour = 1.0 }
relaxation = true

[augmentation]
shift = 0.1
erase = 0.5

[optimisation]
epochs = 3
batch = 16
rate = 0.01
average = 0.9
"""


def picture(kind: str, colour: str, seed: int) -> bytes:
    """A PNG of 16 × 16 pixels whose stripes are its type's and whose paint its colour's, with noise of its own."""
    generator = np.random.default_rng(seed)
    pixels = np.full((16, 16, 3), generator.integers(150, 256, 3), dtype=np.float64)
    pixels[2:-2, :: _STRIPES[kind]] = _PAINTS[colour]
    noisy = (pixels + generator.integers(-25, 26, pixels.shape)).clip(0, 255)
    out = io.BytesIO()
    Image.fromarray(noisy.astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


def write_shop(folder: Path, groups: dict[tuple[str, str], int], of_each: int = 1) -> Path:
    """A shop in Kaggle's layout; ``of_each``: how many times as many pictures of each group."""
    (folder / "images").mkdir(parents=True)
    labels = [label for label, size in groups.items() for _ in range(size * of_each)]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_HEADER)
    for number, (kind, colour) in enumerate(labels, start=1):
        gender = "Women" if number % 3 else "Men"
        name = f"{kind} no. {number}"
        writer.writerow([number, gender, "Apparel", "Topwear", kind, colour, "Summer", "2012", "Casual", name])
        (folder / f"images/{number}.png").write_bytes(picture(kind, colour, number))
    (folder / "styles.csv").write_text(text.getvalue())
    return folder


def write_photos(folder: Path) -> Path:
    """Labelled pictures from outside: a sub-folder for each of two style groups, three pictures in each."""
    for place, (kind, colour) in enumerate([("Shirts", "Red"), ("Caps", "Blue")]):
        group = folder / f"{kind}_{colour}_Casual".lower()
        group.mkdir(parents=True)
        for number in range(3):
            (group / f"{number}.png").write_bytes(picture(kind, colour, 1000 + 10 * place + number))
    return folder


def write_vectors(folder: Path, groups: dict[tuple[str, str], int], of_each: int = 1) -> Path:
    """Vectors and ids of the items of a shop that a catalog keeps: ``mine.npz``; and of some of them: ``few.npz``."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = np.arange(1, sum(groups.values()) * of_each + 1)
    vectors = np.random.default_rng(0).normal(size=(len(ids), 8)).astype(np.float32)
    np.savez(folder / "mine.npz", vectors=vectors, ids=ids)
    np.savez(folder / "few.npz", vectors=vectors[:9], ids=ids[:9])
    return folder


def write_all(folder: Path) -> Path:
    """Everything that the works take, in a new folder."""
    write_shop(folder / "then", THEN)
    write_shop(folder / "now", NOW)
    write_photos(folder / "photos")
    write_vectors(folder / "vectors", NOW)
    (folder / "tiny.toml").write_text(RECIPE)
    return folder
