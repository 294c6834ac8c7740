"""Small inputs that tests are made of: pictures, shops in Kaggle's layout, libraries of plain numbers."""

import csv
import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from PIL import Image

from fashion_search.catalog import Catalog, Item
from fashion_search.encoders import Fingerprint
from fashion_search.files import write_named_by_checksum
from fashion_search.library import Library
from fashion_search.store import Store

HEADER = (
    "id",
    "gender",
    "masterCategory",
    "subCategory",
    "articleType",
    "baseColour",
    "season",
    "year",
    "usage",
    "productDisplayName",
)
GROUPS = {("Shirts", "Blue", "Casual"): 5, ("Shirts", "Red", "Formal"): 4, ("Caps", "Navy Blue", "NA"): 6}
"""Style groups of the sample shop and how many images each has: 15 items in all."""

COLUMNS = ("article_type", "base_colour", "usage")

Line = list[str]  # of styles.csv


def noise(seed: int, size: tuple[int, int] = (12, 16)) -> Image.Image:
    """A picture that no other seed has: a colour of its own, with noise on it."""
    generator = np.random.default_rng(seed)
    pixels = generator.integers(0, 180, 3) + generator.integers(0, 75, (size[1], size[0], 3))
    return Image.fromarray(pixels.astype(np.uint8))


def encoded(image: Image.Image, file_format: str = "PNG", **options: object) -> bytes:
    """An image as a file's content."""
    out = io.BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()


def png(size: tuple[int, int], depth: int, colour_type: int, pixels: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG by hand, for what Pillow cannot write. ``pixels``: rows without their filter bytes."""
    width, height = size
    stride = len(pixels) // height if pixels else 0
    rows = b"".join(b"\0" + pixels[start : start + stride] for start in range(0, len(pixels), stride or 1))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    inner = b"".join(chunk(kind, data) for kind, data in chunks)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + inner
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def lines(groups: Mapping[tuple[str, str, str], int] = GROUPS, first_id: int = 1) -> list[Line]:
    """Rows of ``styles.csv`` for groups of (articleType, baseColour, usage); ids count up."""
    labels = [group for group, size in groups.items() for _ in range(size)]
    return [
        [str(number), "Men", "Apparel", "Topwear", kind, colour, "Summer", "2012", usage, f"{kind} no. {number}"]
        for number, (kind, colour, usage) in enumerate(labels, start=first_id)
    ]


def table(rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER) -> bytes:
    """A CSV file's content."""
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode()


def shop_files(rows: Sequence[Line], root: str = "") -> dict[str, bytes]:
    """Kaggle's layout below ``root`` (empty, or ending in a slash): the table and a picture for each row."""
    pictures = {f"{root}images/{row[0]}.jpg": encoded(noise(int(row[0])), "JPEG") for row in rows}
    return {f"{root}styles.csv": table(rows)} | pictures


def write_folder(path: Path, files: Mapping[str, bytes]) -> Path:
    """Files by their relative names, on disk."""
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def write_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    """Files by their names, in an archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def with_checksum(data: bytes, checksum: int) -> bytes:
    """The same bytes but for the last four, which are such that the CRC-32 is ``checksum``."""
    table = [0] * 256
    for place in range(256):
        value = place
        for _ in range(8):
            value = (value >> 1) ^ (0xEDB88320 if value & 1 else 0)
        table[place] = value
    place_of = {value >> 24: place for place, value in enumerate(table)}
    head = data[:-4]
    wanted = checksum ^ 0xFFFFFFFF
    for _ in range(4):
        place = place_of[wanted >> 24]
        wanted = ((wanted ^ table[place]) << 8 | place) & 0xFFFFFFFF
    return head + struct.pack("<I", wanted ^ zlib.crc32(head) ^ 0xFFFFFFFF)


def as_earlier_version(store: Store) -> Store:
    """Write a built catalog's items and manifest again as versions before format 2 did, and open it."""
    items = tuple(replace(item, digest=item.checksum) for item in store.catalog.items)
    catalog = replace(store.catalog, items=items)
    rows = [[item.id, item.name, item.image, item.digest, *item.labels] for item in items]
    data = table(rows, ["id", "name", "image", "digest", *catalog.columns])
    entry = write_named_by_checksum(store.folder, "items", ".csv", lambda file: file.write(data))
    content = asdict(store.manifest) | {"items": entry, "catalog_fingerprint": catalog.fingerprint}
    del content["format"]
    plain = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    outer = {"format": 1, "checksum": hashlib.sha256(plain.encode()).hexdigest(), "content": content}
    (store.folder / "manifest.json").write_text(json.dumps(outer))
    return Store(store.folder)


def catalog(group_sizes: Sequence[int]) -> Catalog:
    """A catalog without pictures: groups ``a``, ``b``, … of the given sizes, their items taking turns."""
    labels = sorted(place for place, size in enumerate(group_sizes) for _ in range(size))
    np.random.default_rng(0).shuffle(labels)
    items = [
        Item(str(row), f"item {row}", (chr(97 + label),), f"{row}.jpg", f"d{row}", f"c{row}")
        for row, label in enumerate(labels)
    ]
    return Catalog("sample", "Sample", ("group",), tuple(items))


def library(group_sizes: Sequence[int], dim: int = 6, seed: int = 0, levels: int = 3) -> Library:
    """A library of few distinct values, so that many scores are equal."""
    made = catalog(group_sizes)
    values = np.random.default_rng(seed).integers(1, levels + 1, (len(made.items), dim)).astype(np.float64)
    vectors = (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)
    return Library(made, Fingerprint("sample", "none"), vectors)


def labelled(labels: Sequence[tuple[str, ...]], columns: Sequence[str] = COLUMNS) -> Catalog:
    """A catalog without pictures: one item per tuple of labels, in that order."""
    items = (
        Item(str(row), f"item {row}", values, f"{row}.jpg", f"d{row}", f"c{row}") for row, values in enumerate(labels)
    )
    return Catalog("sample", "Sample", tuple(columns), tuple(items))


def mixed_catalog(n: int, seed: int = 0) -> Catalog:
    """Items of 3 types, 4 colours and 2 usages at random: style groups of many sizes, some of one item."""
    values = (("Shirts", "Caps", "Belts"), ("Blue", "Navy Blue", "Red", "Teal"), ("Casual", "Formal"))
    drawn = np.random.default_rng(seed).random((n, 3)) ** 2  # the first values are the most frequent
    return labelled([tuple(of[int(one * len(of))] for of, one in zip(values, row, strict=True)) for row in drawn])


def library_of(made: Catalog, dim: int = 6, seed: int = 0, levels: int = 3, method: str = "sample") -> Library:
    """Vectors of few distinct values for a catalog, so that many scores are equal."""
    values = np.random.default_rng(seed).integers(1, levels + 1, (len(made.items), dim)).astype(np.float64)
    vectors = (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)
    return Library(made, Fingerprint(method, f"seed {seed}"), vectors)


def on_a_line(made: Catalog, angles: Sequence[float]) -> Library:
    """Vectors at these angles (within half a turn): the smaller the difference of two, the more similar."""
    turned = np.asarray(angles, dtype=np.float64)
    vectors = np.stack([np.cos(turned), np.sin(turned)], axis=1).astype(np.float32)
    return Library(made, Fingerprint("line", "none"), vectors)


KINDS = {"Shirts": "square", "Caps": "stripes", "Belts": "band", "Ties": "cross"}
PAINTS = {"Red": (200, 30, 40), "Blue": (40, 70, 190), "Green": (40, 140, 60), "Black": (40, 40, 42)}
TRAINING_GROUPS = {
    ("Shirts", "Red", "Casual"): 6,
    ("Caps", "Blue", "Casual"): 5,
    ("Belts", "Green", "Casual"): 4,
    ("Shirts", "Blue", "Casual"): 23,
    ("Ties", "Black", "Casual"): 22,
    ("Shirts", "Green", "Casual"): 3,
    ("Shirts", "Black", "Formal"): 3,
    ("Caps", "Red", "Casual"): 3,
    ("Caps", "Green", "Formal"): 2,
    ("Caps", "Black", "Casual"): 3,
    ("Belts", "Red", "Casual"): 3,
    ("Belts", "Blue", "Formal"): 2,
    ("Ties", "Red", "Formal"): 3,
    ("Ties", "Blue", "Casual"): 1,
}
"""Style groups of the shop that is trained on: three that are evaluated, and eleven too large or too small for that."""


def garment(kind: str, colour: str, seed: int, size: tuple[int, int] = (16, 16)) -> Image.Image:
    """A picture whose form is its kind's and whose paint its colour's, somewhere on a ground of any colour."""
    generator = np.random.default_rng(seed)
    width, height = size
    pixels = np.empty((height, width, 3))
    pixels[:] = generator.integers(150, 256, 3)
    left, top = generator.integers(1, 4, 2)
    inside = np.zeros((height - 4, width - 4), dtype=bool)
    form = KINDS.get(kind, "square")
    if form == "square":
        inside[2:-2, 2:-2] = True
    elif form == "stripes":
        inside[:, ::3] = True
    elif form == "band":
        inside[4:7] = True
    else:
        inside[:, 5:7] = inside[5:7] = True
    paint = np.array(PAINTS.get(colour, (128, 128, 128)))
    pixels[top : top + height - 4, left : left + width - 4][inside] = paint
    noisy = pixels + generator.integers(-25, 26, pixels.shape)
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


def training_files(groups: Mapping[tuple[str, str, str], int] = TRAINING_GROUPS) -> dict[str, bytes]:
    """A shop in Kaggle's layout whose forms and colours can be learned; ids count up."""
    rows = lines(groups)
    for row in rows:
        row[1] = "Women" if int(row[0]) % 3 else "Men"
    pictures = {f"images/{row[0]}.png": encoded(garment(row[4], row[5], int(row[0]))) for row in rows}
    return {"styles.csv": table(rows)} | pictures
