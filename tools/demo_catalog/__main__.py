"""Command line of the generator: ``python -m tools.demo_catalog OUT [--check] [--sheet FILE]``."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from tools.demo_catalog import accessories, apparel, bags, footwear, plan
from tools.demo_catalog.studio import OUTPUT_SIZE, Look, photographed

DRAW: dict[str, Callable[[Look], Image.Image]] = {
    **apparel.DRAW,
    **footwear.DRAW,
    **bags.DRAW,
    **accessories.DRAW,
}
JPEG_QUALITY = 80


def encoded(item: plan.Item) -> bytes:
    """The item's picture as the bytes of a JPEG file."""
    look = Look.of(item.item_id, item.article, item.colour, item.usage, item.gender)
    buffer = io.BytesIO()
    picture = photographed(DRAW[item.article](look), item.item_id)
    picture.save(buffer, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return buffer.getvalue()


def _pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def write(folder: Path, chosen: Sequence[plan.Item], workers: int) -> None:
    """Write ``styles.csv`` and ``images/<id>.jpg``, and remove pictures of items that are no more."""
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    with (folder / "styles.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(plan.HEADER)
        table.writerows(item.row() for item in chosen)
    wanted = {f"{item.item_id}.jpg" for item in chosen}
    for path in images.glob("*.jpg"):
        if path.name not in wanted:
            path.unlink()
    total = 0
    with ProcessPoolExecutor(workers) as pool:
        for item, data in zip(chosen, pool.map(encoded, chosen, chunksize=4), strict=True):
            (images / f"{item.item_id}.jpg").write_bytes(data)
            total += len(data)
    print(f"{len(chosen)} pictures, {total / 1e6:.2f} MB, mean {total / len(chosen) / 1000:.1f} kB")


def check(folder: Path, chosen: Sequence[plan.Item], workers: int) -> int:
    """How many of the folder's files differ from what the generator draws now."""
    wrong = 0
    with (folder / "styles.csv").open(newline="", encoding="utf-8") as file:
        if list(csv.reader(file)) != [list(plan.HEADER), *(item.row() for item in chosen)]:
            print("styles.csv differs")
            wrong += 1
    names = {path.name for path in (folder / "images").glob("*")}
    for name in sorted(names ^ {f"{item.item_id}.jpg" for item in chosen}):
        print(f"{name}: on one side only")
        wrong += 1
    with ProcessPoolExecutor(workers) as pool:
        for item, data in zip(chosen, pool.map(encoded, chosen, chunksize=4), strict=True):
            path = folder / "images" / f"{item.item_id}.jpg"
            if path.exists() and not np.array_equal(_pixels(path.read_bytes()), _pixels(data)):
                print(f"{path.name}: {item.name} has other pixels")
                wrong += 1
    return wrong


def sheet(chosen: Sequence[plan.Item], workers: int, columns: int, size: float) -> Image.Image:
    """Contact sheet of the items, ordered by group."""
    ordered = sorted(chosen, key=lambda item: (item.article, item.colour, item.usage, item.item_id))
    width, height = (int(edge * size) for edge in OUTPUT_SIZE)
    rows = -(-len(ordered) // columns)
    page = Image.new("RGB", (columns * width, rows * height), "white")
    with ProcessPoolExecutor(workers) as pool:
        for i, data in enumerate(pool.map(encoded, ordered)):
            picture = Image.open(io.BytesIO(data)).resize((width, height), Image.Resampling.LANCZOS)
            page.paste(picture, (i % columns * width, i // columns * height))
    return page


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.demo_catalog", description="Draw the demo catalog.")
    parser.add_argument("out", type=Path, nargs="?", help="folder for styles.csv and images/")
    parser.add_argument("--check", action="store_true", help="compare OUT with what would be drawn; 1 if it differs")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="write a contact sheet instead of the catalog")
    parser.add_argument("--only", action="append", metavar="TYPE", help="for --sheet: only this article type")
    parser.add_argument("--columns", type=int, default=20, help="pictures per row of the sheet")
    parser.add_argument("--size", type=float, default=0.33, help="scale of the sheet's pictures")
    parser.add_argument("--workers", type=int, default=2, help="parallel processes (no effect on the result)")
    options = parser.parse_args(arguments)
    chosen = plan.items()
    if options.sheet:
        chosen = [item for item in chosen if not options.only or item.article in options.only]
        sheet(chosen, options.workers, options.columns, options.size).save(options.sheet)
    elif options.out is None:
        parser.error("OUT is missing")
    elif options.check:
        return 1 if check(options.out, chosen, options.workers) else 0
    else:
        write(options.out, chosen, options.workers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
