"""Pictures of what is no fashion, drawn from a seed: noise, landscapes, documents, faces, objects, rooms and scenes.

What tells such pictures from those of a catalog is fitted on these. They are drawings: how well it works is to be
measured on photos, never on these.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from fashion_search.home import shipped
from fashion_search.images import open_image

Rng = np.random.Generator
Size = tuple[int, int]  # px, width and height
Colour = tuple[int, int, int]

_SIDES = 140, 520  # px of the longer side, from and to
_RATIOS = 0.45, 2.2  # width by height
_TILE = 96, 128  # px of a drawn scene on its sheet
_WORDS = "the of and to in is that for it as was with on by at from order total page table street 2024 18.50 no."


def pictures(count: int, seed: int) -> Iterator[tuple[str, Image.Image]]:
    """So many RGB pictures of varied sizes, each with its kind; the kinds of ``KINDS`` take turns.

    A picture depends on ``seed`` and its place alone.
    """
    for place in range(count):
        rng = np.random.default_rng([seed, place])
        kind = list(KINDS)[place % len(KINDS)]
        longer, ratio = rng.integers(*_SIDES), np.exp(rng.uniform(*np.log(_RATIOS)))
        size = (max(int(longer * min(ratio, 1)), 48), max(int(longer / max(ratio, 1)), 48))
        yield kind, _as_taken(KINDS[kind](rng, size), rng)


def _as_taken(picture: Image.Image, rng: Rng) -> Image.Image:
    """As a camera might give it, half of the time: turned a little, unsharp, grainy, grey or in other light."""
    if rng.random() < 0.5:
        return picture
    if rng.random() < 0.4:
        picture = picture.rotate(rng.uniform(-12, 12), Image.Resampling.BICUBIC, fillcolor=_colour(rng))
    if rng.random() < 0.4:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 3)))
    pixels = np.asarray(picture, float) * rng.uniform(0.6, 1.2) * rng.uniform(0.85, 1.15, 3)
    if rng.random() < 0.25:
        pixels = np.repeat(pixels.mean(axis=2, keepdims=True), 3, axis=2)
    return _picture(pixels + rng.normal(size=pixels.shape) * rng.uniform(0, 14))


def _picture(pixels: NDArray[np.float64]) -> Image.Image:
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _colour(rng: Rng, least: int = 0, most: int = 256) -> Colour:
    red, green, blue = rng.integers(least, most, 3).tolist()
    return red, green, blue


def _shade(colour: Colour, rng: Rng, by: float = 0.3) -> Colour:
    """A darker or lighter one."""
    red, green, blue = np.clip(np.array(colour) * rng.uniform(1 - by, 1 + by), 0, 255).astype(int).tolist()
    return red, green, blue


def _graded(rng: Rng, size: Size, first: Colour, second: Colour) -> Image.Image:
    """From one colour at the top to another at the bottom."""
    share = np.linspace(0, 1, size[1])[:, None, None] ** rng.uniform(0.5, 2)
    return _picture(np.tile(np.array(first) * (1 - share) + np.array(second) * share, (1, size[0], 1)))


def _spectrum(rng: Rng, size: Size, power: float, channels: int) -> NDArray[np.float64]:
    """Noise whose amplitude falls with the frequency to that power, mean 0, deviation 1: (height, width, channels)."""
    width, height = size
    waves = np.fft.rfft2(rng.normal(size=(channels, height, width)))
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width) * rng.uniform(0.4, 2.5))
    frequency[0, 0] = np.inf if power else 1
    made = np.fft.irfft2(waves / frequency**power, s=(height, width)).transpose(1, 2, 0)
    return np.asarray((made - made.mean()) / made.std())


def _noise(rng: Rng, size: Size) -> Image.Image:
    made: NDArray[Any] = _spectrum(rng, size, rng.uniform(0, 2.2), int(rng.choice([1, 3])))
    if rng.random() < 0.3:  # a few levels: blots and grains
        levels = rng.integers(2, 5)
        made = np.rint(made * levels) / levels
    if rng.random() < 0.25:  # coarse cells
        cell = int(rng.integers(3, 40))
        made = np.kron(made[::cell, ::cell], np.ones((cell, cell, 1)))[: size[1], : size[0]]
    return _picture(np.array(_colour(rng)) + np.repeat(made, 3 // made.shape[2], axis=2) * rng.uniform(8, 90))


def _landscape(rng: Rng, size: Size) -> Image.Image:
    width, height = size
    natural = rng.random() < 0.6
    sky = _shade((95, 145, 205), rng, 0.5) if natural else _colour(rng, 40, 220)
    picture = _graded(rng, size, sky, _colour(rng, 150, 256) if natural else _colour(rng, 90, 256))
    clouds = np.clip(_spectrum(rng, size, 1.8, 1), 0, None) * rng.uniform(0, 50)
    picture = _picture(np.asarray(picture) + clouds)
    draw, horizon = ImageDraw.Draw(picture), int(height * rng.uniform(0.35, 0.75))
    if rng.random() < 0.6:
        _disc(draw, rng.uniform(0, width), rng.uniform(0, horizon), height * rng.uniform(0.03, 0.1), (255, 240, 200))
    ground = _shade((95, 105, 65), rng, 0.6) if natural else _colour(rng, 20, 170)
    for layer in range(rng.integers(1, 5)):  # hills, the nearer the lower
        across = np.linspace(0, rng.uniform(2, 9), 24)
        tops = np.sin(across + rng.uniform(0, 6)) + rng.uniform(0, 0.8) * np.sin(3.1 * across) + rng.normal(size=24) / 9
        tops = horizon + height * (0.09 * layer - 0.07 * tops)
        edge = list(zip(np.linspace(0, width, 24).tolist(), tops.tolist(), strict=True))
        ground = _shade(ground, rng)
        draw.polygon([(0, height), *edge, (width, height)], fill=ground)
    if rng.random() < 0.4:  # water
        draw.rectangle((0, horizon + height * 0.15, width, height), fill=_colour(rng, 60, 200))
        for y in rng.uniform(horizon + height * 0.15, height, 30):
            x = rng.uniform(0, width)
            draw.line((x, y, x + rng.uniform(5, width / 4), y), fill=_colour(rng, 120, 250))
    for _ in range(rng.integers(0, 14)):  # trees
        x, y, tall = rng.uniform(0, width), rng.uniform(horizon, height), height * rng.uniform(0.05, 0.25)
        draw.line((x, y, x, y - tall), fill=(60, 40, 25), width=max(int(tall / 12), 1))
        green = _shade((int(rng.integers(20, 120)), int(rng.integers(60, 140)), 40), rng)
        if rng.random() < 0.5:
            draw.polygon([(x - tall / 4, y - tall / 5), (x, y - tall), (x + tall / 4, y - tall / 5)], fill=green)
        else:
            _disc(draw, x, y - tall, tall / 3, green)
    return _picture(np.asarray(picture) + _spectrum(rng, size, 1, 1) * rng.uniform(0, 16))


def _disc(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, fill: Colour) -> None:
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)


def _document(rng: Rng, size: Size) -> Image.Image:
    width, height = size
    dark = rng.random() < 0.15
    picture = Image.new("RGB", size, _colour(rng, 15, 60) if dark else _colour(rng, 225, 256))
    draw, ink = ImageDraw.Draw(picture), _colour(rng, 190, 256) if dark else _colour(rng, 0, 90)
    letters, margin = float(rng.uniform(6, 26)), width * rng.uniform(0.02, 0.14)
    font, words, y = ImageFont.load_default(letters), _WORDS.split(), height * rng.uniform(0, 0.1)
    while y < height:
        part = rng.choice(["text", "text", "text", "title", "table", "chart"])
        block = height * rng.uniform(0.12, 0.35)
        if part == "title":
            big = ImageFont.load_default(letters * 2)
            draw.text((margin, y), " ".join(rng.choice(words, 3)).title(), font=big, fill=_colour(rng, 0, 200))
            block = letters * 3
        elif part == "table":
            rows, columns = int(rng.integers(2, 9)), int(rng.integers(2, 7))
            for place in range(rows * columns):
                x, top = margin + place % columns * (width - 2 * margin) / columns, y + place // columns * letters * 1.7
                draw.rectangle((x, top, x + (width - 2 * margin) / columns, top + letters * 1.7), outline=ink)
                draw.text((x + 2, top), str(rng.integers(0, 9999)), font=font, fill=ink)
            block = rows * letters * 1.7
        elif part == "chart":
            tint, bars = _colour(rng), int(rng.integers(3, 14))
            for place, tall in enumerate(rng.uniform(0, block, bars)):
                x = margin + place * (width - 2 * margin) / bars
                draw.rectangle((x, y + block - tall, x + (width - 2 * margin) / bars * 0.7, y + block), fill=tint)
        else:
            for line in np.arange(0, block, letters * 1.35):
                said = " ".join(rng.choice(words, int(width / letters / 2.5) + 1))
                draw.text((margin, y + line), said[: int((width - 2 * margin) / letters * 1.9)], font=font, fill=ink)
        y += block + letters
    return picture


def _face(rng: Rng, size: Size) -> Image.Image:
    width, height = size
    picture = _ground(rng, size)
    draw, tall = ImageDraw.Draw(picture), min(height, width * 1.3) * rng.uniform(0.3, 0.52)  # half a head's height
    wide, x, y = tall * rng.uniform(0.66, 0.85), width * rng.uniform(0.42, 0.58), height * rng.uniform(0.45, 0.58)
    skin = _shade((225, 172, 140), rng, 0.08) if rng.random() < 0.6 else _shade((135, 90, 65), rng, 0.35)
    hair, long = _shade((90, 60, 40), rng, 0.95), rng.uniform(0.2, 1.2)
    dark = _shade(skin, rng, 0.1)
    draw.ellipse((x - wide * 1.15, y - tall * 1.15, x + wide * 1.15, y + tall * long), fill=hair)
    draw.rectangle((x - wide * 0.45, y + tall * 0.6, x + wide * 0.45, height), fill=dark)  # the neck
    draw.ellipse((x - wide, y - tall * 0.95, x + wide, y + tall), fill=skin)
    draw.pieslice((x - wide, y - tall * 1.05, x + wide, y + tall * rng.uniform(-0.9, 0)), 180, 360, fill=hair)
    for side in (-1, 1):
        eye, level, broad = x + side * wide * 0.42, y - tall * 0.1, wide * rng.uniform(0.15, 0.24)
        draw.ellipse((eye - broad, level - broad / 2, eye + broad, level + broad / 2), fill=(245, 240, 235))
        _disc(draw, eye, level, broad / 2.2, _colour(rng, 10, 110))
        draw.arc((eye - broad * 1.4, level - broad * 1.7, eye + broad * 1.4, level), 200, 340, hair, int(tall / 25) + 1)
    draw.polygon([(x, y - tall * 0.05), (x - wide * 0.16, y + tall * 0.32), (x + wide * 0.16, y + tall * 0.32)], dark)
    lip = wide * rng.uniform(0.25, 0.42)
    draw.chord(
        (x - lip, y + tall * 0.4, x + lip, y + tall * rng.uniform(0.55, 0.72)), 0, 180, _shade((185, 80, 80), rng)
    )
    if rng.random() < 0.25:  # a beard
        draw.chord((x - wide * 0.8, y + tall * 0.3, x + wide * 0.8, y + tall), 15, 165, hair)
    light = np.linspace(rng.uniform(0.6, 1.1), rng.uniform(0.6, 1.1), width)[None, :, None]
    soft = picture.filter(ImageFilter.GaussianBlur(tall * rng.uniform(0.005, 0.05)))
    return _picture(np.asarray(soft) * light + _spectrum(rng, size, 1.4, 1) * rng.uniform(0, 9))


def _ground(rng: Rng, size: Size) -> Image.Image:
    """What something may stand before: one colour, two, soft noise or a landscape out of focus."""
    kind = rng.integers(4)
    if kind == 0:
        return Image.new("RGB", size, _colour(rng, 150, 256))
    if kind == 1:
        return _graded(rng, size, _colour(rng), _colour(rng))
    blurred = _landscape(rng, size) if kind == 2 else _noise(rng, size)
    return blurred.filter(ImageFilter.GaussianBlur(max(size) * rng.uniform(0.02, 0.06)))


def _food(rng: Rng, size: Size) -> Image.Image:
    """A plate or a bare table with round, blotted things on it."""
    picture = _ground(rng, size)
    draw, radius = ImageDraw.Draw(picture), min(size) * rng.uniform(0.3, 0.52)
    x, y = size[0] / 2, size[1] / 2
    if rng.random() < 0.7:
        plate = _colour(rng, 160, 256)
        for share, fill in ((1.0, plate), (0.78, _shade(plate, rng, 0.1))):
            _disc(draw, x, y, radius * share, fill)
    for _ in range(rng.integers(1, 26)):
        angle, away, part = rng.uniform(0, 6.3), radius * rng.uniform(0, 0.7), radius * rng.uniform(0.06, 0.35)
        fill, flat = _colour(rng), part * rng.uniform(0.4, 1)
        left, top = x + away * np.cos(angle), y + away * np.sin(angle)
        draw.ellipse((left - part, top - flat, left + part, top + flat), fill=fill, outline=_shade(fill, rng))
        _disc(draw, left - part / 3, top - flat / 3, flat / 5, _shade(fill, rng, 0.6))
    return _picture(np.asarray(picture) + _spectrum(rng, size, rng.uniform(0.6, 1.4), 1) * rng.uniform(4, 22))


def _pattern(rng: Rng, size: Size) -> Image.Image:
    """Waves, checks, rings or shapes all over, of two to five colours."""
    across, down = np.meshgrid(np.linspace(-1, 1, size[0]), np.linspace(-1, 1, size[1]) * size[1] / size[0])
    angle, often = rng.uniform(0, np.pi), rng.uniform(3, 45)
    first = across * np.cos(angle) + down * np.sin(angle)
    second = down * np.cos(angle) - across * np.sin(angle)
    bent = first + rng.uniform(0, 0.3) * np.sin(second * rng.uniform(2, 12))
    kind = rng.integers(4)
    turns = np.hypot(first - rng.uniform(-1, 1), second) if kind == 0 else bent
    value = np.sin(turns * often) * (np.sin(second * often * rng.uniform(0.5, 1.5)) if kind == 1 else 1)
    colours = rng.integers(0, 256, (rng.integers(2, 6), 3))
    drawn = colours[np.clip((value + 1) / 2 * len(colours), 0, len(colours) - 1).astype(int)]
    picture = _picture(drawn.astype(float))
    draw = ImageDraw.Draw(picture)
    for _ in range(rng.integers(5, 60) if kind == 2 else 0):
        corners = rng.uniform(-0.2, 0.2, (rng.integers(3, 8), 2)) * max(size) + rng.uniform(0, 1, 2) * size
        draw.polygon([(float(x), float(y)) for x, y in corners], fill=_colour(rng))
    return picture


def _vehicle(rng: Rng, size: Size) -> Image.Image:
    width, height = size
    picture = _landscape(rng, size) if rng.random() < 0.6 else _ground(rng, size)
    draw, body = ImageDraw.Draw(picture), _colour(rng)
    long, floor = width * rng.uniform(0.5, 0.95), height * rng.uniform(0.6, 0.92)
    tall, left = min(height * 0.5, long * rng.uniform(0.25, 0.5)), (width - long) / 2
    draw.rectangle((0, floor, width, height), fill=_shade((110, 110, 115), rng))
    draw.rounded_rectangle((left, floor - tall * 0.6, left + long, floor), tall * 0.12, fill=body)
    front, back = left + long * rng.uniform(0, 0.3), left + long * rng.uniform(0.6, 1)
    draw.polygon(
        [
            (front, floor - tall * 0.58),
            (front + long * 0.08, floor - tall),
            (back - long * 0.06, floor - tall),
            (back, floor - tall * 0.58),
        ],
        fill=_shade(body, rng),
    )
    panes = int(rng.integers(2, 6))
    for x in np.linspace(front + long * 0.07, back - long * 0.06, panes + 1)[:-1]:
        draw.rectangle(
            (x, floor - tall * 0.92, x + (back - front) / panes * 0.55, floor - tall * 0.65), fill=(170, 195, 210)
        )
    for x in np.linspace(left + long * 0.2, left + long * 0.8, rng.integers(2, 4)):
        _disc(draw, x, floor, tall * 0.24, (25, 25, 28))
        _disc(draw, x, floor, tall * 0.12, (160, 160, 165))
    return picture.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.5)))


def _screen(rng: Rng, size: Size) -> Image.Image:
    """A program's window or a phone's page: bars, panels, text and small pictures."""
    width, height = size
    picture = _document(rng, size)
    draw, bar = ImageDraw.Draw(picture), height * rng.uniform(0.05, 0.12)
    tint = _colour(rng)
    draw.rectangle((0, 0, width, bar), fill=tint)
    draw.text((6, bar / 5), "File  Edit  View  Help", font=ImageFont.load_default(bar * 0.6), fill=(250, 250, 250))
    if rng.random() < 0.7:
        draw.rectangle((0, bar, width * rng.uniform(0.1, 0.3), height), fill=_shade(tint, rng))
    for _ in range(rng.integers(1, 9)):
        part = (int(width * rng.uniform(0.1, 0.45)), int(height * rng.uniform(0.08, 0.35)))
        inside = (
            _landscape(rng, (max(part[0], 24), max(part[1], 24)))
            if rng.random() < 0.5
            else Image.new("RGB", part, _colour(rng))
        )
        picture.paste(inside, (int(rng.uniform(0, width - part[0])), int(rng.uniform(bar, height - part[1]))))
    return picture


def _scene(rng: Rng, size: Size) -> Image.Image:
    """A room, a street or another place, of those that are shipped."""
    sheet = _sheet()
    x, y = int(rng.integers(sheet.size[0] // _TILE[0])), int(rng.integers(sheet.size[1] // _TILE[1]))
    tile = sheet.crop((x * _TILE[0], y * _TILE[1], (x + 1) * _TILE[0], (y + 1) * _TILE[1]))
    return tile.resize(size, Image.Resampling.BICUBIC)


@cache
def _sheet() -> Image.Image:
    return open_image(shipped("assets/scenes.webp").read_bytes())


KINDS: dict[str, Callable[[Rng, Size], Image.Image]] = {
    "noise": _noise,
    "landscape": _landscape,
    "document": _document,
    "face": _face,
    "food": _food,
    "pattern": _pattern,
    "vehicle": _vehicle,
    "screen": _screen,
    "scene": _scene,
}
"""What draws each kind."""
