"""Grounds: rooms and streets as they are behind a garment in a phone picture.

``draw(seed)`` draws one of ``SCENES``; ``python -m tools.demo_catalog.scenes [OUT] [--check]`` writes or checks the
sheet that is shipped, 20 columns and 12 rows of pictures of 96 x 128 pixels.  Rooms are painted in ``scenes_rooms``,
streets in ``scenes_street``, parks, stages and surfaces close up in ``scenes_open``; ``scenes_view`` is the camera.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tools.demo_catalog.scenes_open import OPEN
from tools.demo_catalog.scenes_rooms import ROOMS
from tools.demo_catalog.scenes_street import STREETS
from tools.demo_catalog.scenes_view import HEIGHT, WIDTH, View

COLUMNS, ROWS = 20, 12
TILE = (96, 128)
SHEET = Path(__file__).resolve().parents[2] / "assets/scenes.webp"
QUALITY = 85
TOLERANCE = 9.0  # mean difference of a tile in grey levels; WebP itself loses up to 7


def _scene(paint: Callable[[View], None], **optics: Any) -> Callable[..., Image.Image]:
    """The function that draws a painter's scene from random numbers, by default at 240 x 320 pixels."""

    def scene(rng: np.random.Generator, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
        view = View(rng, size)
        paint(view)
        return view.finish(**optics)

    scene.__doc__ = paint.__doc__
    return scene


_INSIDE = {"blur": (0.55, 0.33, 0.12)}
_OUTSIDE = {"blur": (0.4, 0.35, 0.25)}
_ELSEWHERE = {**STREETS, **OPEN}
_OPTICS: dict[str, dict[str, Any]] = {
    "lamp": {"sun": 0.0, "dark": 0.3},
    "night": {"blur": (0.2, 0.5, 0.3), "sun": 0.0},
    "stage": {"blur": (0.3, 0.4, 0.3), "sun": 0.0},
    "crowd": {"blur": (0.2, 0.4, 0.4)},
}
SCENES: dict[str, Callable[..., Image.Image]] = {
    **{name: _scene(paint, **{**_INSIDE, **_OPTICS.get(name, {})}) for name, paint in ROOMS.items()},
    **{name: _scene(paint, **{**_OUTSIDE, **_OPTICS.get(name, {})}) for name, paint in _ELSEWHERE.items()},
}


def kind_of(seed: int) -> str:
    """The kind of scene that a seed draws: a room for even seeds, another place for odd ones."""
    names = list(_ELSEWHERE if seed % 2 else ROOMS)
    return names[seed // 2 % len(names)]


def draw(seed: int, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """The scene of a seed as an RGB picture of ``size`` (width, height); the same seed gives the same pixels."""
    digest = hashlib.sha256(f"demo-scene/{seed}".encode()).digest()
    return SCENES[kind_of(seed)](np.random.default_rng(int.from_bytes(digest[:8], "little")), size)


def sheet(count: int = COLUMNS * ROWS) -> Image.Image:
    """The scenes of the seeds 0, 1, ... row by row."""
    width, height = TILE
    page = Image.new("RGB", (COLUMNS * width, -(-count // COLUMNS) * height))
    for seed in range(count):
        page.paste(draw(seed, TILE), (seed % COLUMNS * width, seed // COLUMNS * height))
    return page


def tile(page: Image.Image, number: int) -> Image.Image:
    """One picture of a sheet."""
    left, top = number % COLUMNS * TILE[0], number // COLUMNS * TILE[1]
    return page.crop((left, top, left + TILE[0], top + TILE[1]))


def differs(drawn: Image.Image, shipped: Image.Image) -> bool:
    """Whether two pictures differ by more than the loss of the file format."""
    if drawn.size != shipped.size:
        return True
    gap = np.abs(np.asarray(drawn, int) - np.asarray(shipped.convert("RGB"), int))
    return bool(gap.mean() > TOLERANCE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.demo_catalog.scenes", description="Draw rooms and streets.")
    parser.add_argument("out", type=Path, nargs="?", default=SHEET, help="the sheet to write (WebP)")
    parser.add_argument("--check", action="store_true", help="compare OUT with what would be drawn; 1 if it differs")
    options = parser.parse_args(arguments)
    if not options.check:
        sheet().save(options.out, "WEBP", quality=QUALITY, method=6)
        print(f"{COLUMNS * ROWS} scenes, {options.out.stat().st_size / 1000:.0f} kB")
        return 0
    if not options.out.is_file():
        parser.error(f"{options.out} is missing; write it without --check")
    with Image.open(options.out) as shipped:
        if shipped.size != (COLUMNS * TILE[0], ROWS * TILE[1]):
            print(f"{options.out}: {shipped.size[0]} x {shipped.size[1]} pixels is not the size of the sheet")
            return 1
        wrong = [n for n in range(COLUMNS * ROWS) if differs(draw(n, TILE), tile(shipped, n))]
    for number in wrong:
        print(f"scene {number} ({kind_of(number)}) is drawn differently now")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
