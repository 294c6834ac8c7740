"""The trial shop: pictures whose right answers are known, on which the three patterns of the paper occur."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from PIL import Image, ImageDraw

from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.manifest import MANIFEST
from tests import samples
from tests.builds import build

CATALOG = "trial"
COLOURS = {"Red": (200, 30, 40), "Blue": (40, 70, 190), "Green": (40, 140, 60), "Black": (40, 40, 42)}
PINK = (250, 60, 170)
SHADES = ((250, 66, 170), (250, 60, 158), (250, 66, 158), (222, 60, 170), (222, 66, 158))
TYPES = ("Shirts", "Caps", "Ties")
HOSTILE_NAME = (
    '<b onmouseover="alert(1)">Bold</b> & *stars* [link](https://example.org) ![x](https://example.org/x.png)'
)
HOSTILE_USAGE = "<i>Smart</i> & *loud*"
HOSTILE_ID = "1000"


def lines() -> list[samples.Line]:
    """15 style groups of 4 to 20 items, one of them with markup in its names and labels; one row without a picture."""
    plain = [(kind, colour, "Casual") for kind in TYPES for colour in COLOURS]
    groups = {group: 4 + place % 5 for place, group in enumerate(plain)}
    groups |= {("Kurtas", "Pink", "Ethnic"): 4, ("Scarves", "Pink", "Formal"): 20, ("Socks", "Grey", HOSTILE_USAGE): 8}
    rows = samples.lines(groups, first_id=1000)
    rows[0][-1] = HOSTILE_NAME
    rows[-1][-1] = HOSTILE_NAME
    return [*rows, ["1999", "Men", "Apparel", "Topwear", "Caps", "Red", "Summer", "2012", "Casual", "Cap, no picture"]]


def picture(line: samples.Line) -> Image.Image:
    """A drawing of an item: most groups share form and colour, some only one of the two or neither."""
    generator = np.random.default_rng(int(line[0]))
    kind, colour = line[4], line[5]
    image = Image.new("RGB", (60, 80), "white")
    draw = ImageDraw.Draw(image)
    left, top = generator.integers(4, 14, 2).tolist()
    right, bottom = 60 - left, 80 - int(generator.integers(4, 14))
    fill = tuple(np.clip(np.array(COLOURS.get(colour, (128, 128, 128))) + generator.integers(-25, 26, 3), 0, 255))
    if kind == "Shirts":
        draw.rectangle((left, top, right, bottom), fill=fill)
    elif kind == "Caps":
        draw.ellipse((left, top + 20, right, bottom), fill=fill)
    elif kind == "Ties":
        draw.polygon(((30, top), (38, bottom - 8), (30, bottom), (22, bottom - 8)), fill=fill)
    elif kind in ("Kurtas", "Scarves"):  # a kurta's checks look like those of five scarves, which fall into other bins
        side, shade = (2, 8, 32, 112)[int(line[0]) % 4], SHADES[int(line[0]) // 4 % 5] if kind == "Scarves" else PINK
        odd = (np.indices((224, 224)) // side).sum(axis=0) % 2 == 1  # (224, 224)
        image = Image.fromarray(np.where(odd[..., None], shade, 255).astype(np.uint8))
    else:
        image = samples.noise(int(line[0]), (60, 80))
    return image


def write(folder: Path) -> Path:
    """The shop as a folder in Kaggle's layout."""
    rows = lines()
    pictures = {f"images/{row[0]}.png": samples.encoded(picture(row)) for row in rows[:-1]}
    return samples.write_folder(folder, {"styles.csv": samples.table(rows)} | pictures)


def labels(folder: Path) -> dict[str, tuple[str, str, str]]:
    """The ground truth, read from the shop's own table: item id → (type, colour, usage)."""
    text = (folder / "styles.csv").read_text("utf-8")
    return {
        row["id"]: (row["articleType"], row["baseColour"], row["usage"]) for row in csv.DictReader(io.StringIO(text))
    }


def built(shared: Path, weights: Path) -> tuple[Path, Path]:
    """The shop's folder, and its libraries of the paper's two methods, the latter's weights from a folder.

    Made by the first who asks, in a folder that the processes of a run share.
    """
    source, folder = shared / "source" / "trial-shop", shared / "built" / CATALOG
    with FileLock(shared / "trial.lock"), pytest.MonkeyPatch.context() as patch:
        if not (folder / MANIFEST).exists():
            patch.setenv(FOLDER_VARIABLE, str(weights))
            build(write(source), name=CATALOG, folder=folder, methods=["histogram", "resnet18"])
    return source, folder
