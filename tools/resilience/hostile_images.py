"""Pictures that want to harm whoever opens them, made by code: cut, altered, lying, and swollen."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
from PIL import Image, ImageCms

Make = Callable[..., bytes]
_MODES = ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB", "HSV")
_DEEP = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
_FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    "jpeg": ("JPEG", {"quality": 90}),
    "progressive jpeg": ("JPEG", {"progressive": True}),
    "png": ("PNG", {}),
    "webp": ("WEBP", {}),
    "lossless webp": ("WEBP", {"lossless": True}),
    "gif": ("GIF", {}),
    "bmp": ("BMP", {}),
    "tiff": ("TIFF", {}),
    "lzw tiff": ("TIFF", {"compression": "tiff_lzw"}),
    "deflate tiff": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    "jpeg tiff": ("TIFF", {"compression": "jpeg"}),
    "avif": ("AVIF", {"speed": 10}),
    "mpo": ("MPO", {}),
}
_CUTS, _FLIPS = 10, 10  # of each format


def saved(image: Image.Image, file_format: str = "PNG", **options: Any) -> bytes:
    """An image as a file's content."""
    out = io.BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()


@cache
def _noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(7).integers(0, 256, (96, 128, 3), dtype=np.uint8))


@cache
def _sample(name: str) -> bytes:
    file_format, options = _FORMATS[name]
    return saved(_noise(), file_format, **options)


def _profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def png(
    width: int, height: int, depth: int, kind: int, rows: bytes, *chunks: tuple[bytes, bytes], lace: int = 0
) -> bytes:
    """A PNG by hand. ``rows``: its pixels as they are compressed, each row with its filter byte."""
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, lace)
    every = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, every))


def _chunk(of: tuple[bytes, bytes]) -> bytes:
    kind, content = of
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def boundaries(name: str, data: bytes) -> list[int]:
    """Where the parts of a file begin, as its format divides it; some places within for those that are one piece."""
    found = []
    place = 8 if name == "png" else 2 if "jpeg" in name and "tiff" not in name else 12 if "webp" in name else 0
    while place + 8 < len(data):
        if name == "png":
            found.append(place)
            place += 12 + int.from_bytes(data[place : place + 4], "big")
        elif place and "webp" in name:
            found.append(place)
            place += 8 + -(-int.from_bytes(data[place + 4 : place + 8], "little") // 2) * 2
        elif place and data[place] == 0xFF:
            found.append(place)
            place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        elif name == "avif":
            found.append(place)
            place += max(int.from_bytes(data[place : place + 4], "big"), 8)
        else:
            break
    return found


def _cut() -> Iterator[tuple[str, Make]]:
    for name in _FORMATS:
        data = _sample(name)
        even = [len(data) * part // (_CUTS + 1) for part in range(1, _CUTS + 1)]
        for place in sorted({*even, *(at + more for at in boundaries(name, data) for more in (0, 5))}):
            yield f"{name} cut at {place}", lambda data=data, place=place: data[:place]


def _altered(seed: int) -> Iterator[tuple[str, Make]]:
    def flipped(data: bytes, number: int) -> bytes:
        chance = random.Random(f"{seed} {number}")
        known = bytearray(data)
        for _ in range(1 << number % 6):
            # the first bytes decide most
            place = int(len(known) * chance.random() ** (3 if number % 2 else 1))
            known[place] = chance.randrange(256)
        return bytes(known)

    for name in _FORMATS:
        for number in range(_FLIPS):
            yield f"{name} altered, {number}", lambda name=name, number=number: flipped(_sample(name), number)
    for number in range(_FLIPS):
        yield (
            f"profile altered, {number}",
            lambda number=number: saved(_noise(), icc_profile=flipped(_profile(), number)),
        )


def _put(data: bytes, place: int, content: bytes) -> bytes:
    return data[:place] + content + data[place + len(content) :]


def _lying() -> Iterator[tuple[str, Make]]:
    for side in (0, 1, 10_000, 0xFFFF):
        size = struct.pack("<HH", side, side)
        yield f"gif of {side}²", lambda size=size: _put(_sample("gif"), 6, size)
        yield (
            f"jpeg of {side}²",
            lambda side=side: _put(
                _sample("jpeg"), _sample("jpeg").index(b"\xff\xc0") + 5, struct.pack(">HH", side, side)
            ),
        )
        yield (
            f"webp of {side}²",
            lambda side=side: _put(_sample("webp"), 26, struct.pack("<HH", side & 0x3FFF, side & 0x3FFF)),
        )
    for width, height in ((0, 0), (2**31 - 1, 1), (1, 2**31 - 1), (65_000, 65_000), (2**32 - 1, 2**32 - 1)):
        yield f"png of {width} × {height}", lambda width=width, height=height: png(width, height, 8, 2, b"")
        yield (
            f"bmp of {width} × {height}",
            lambda width=width, height=height: _put(_sample("bmp"), 18, struct.pack("<II", width, height)),
        )
    for depth, kind in ((3, 0), (16, 3), (1, 2), (0, 0), (255, 255)):
        yield f"png of depth {depth}, kind {kind}", lambda depth=depth, kind=kind: png(8, 8, depth, kind, bytes(72))
    for place, what in ((10, "start"), (28, "depth"), (30, "compression"), (46, "colours")):
        yield f"bmp with a lying {what}", lambda place=place: _put(_sample("bmp"), place, b"\xff\xff\xff\x7f")
    yield "png whose chunk is 2 GB", lambda: _put(_sample("png"), 33, b"\x7f\xff\xff\xff")
    yield "tiff whose tags are far away", lambda: _put(_sample("tiff"), 4, b"\xff\xff\xff\x7f")


def _swollen() -> Iterator[tuple[str, Make]]:
    """At the limits, and beyond them."""
    kinds = {
        "grey": (0, 8, 1),
        "colours": (2, 8, 3),
        "see-through": (6, 8, 4),
        "16 bits": (0, 16, 2),
        "1 bit": (0, 1, 1),
    }
    kinds["16 bits of colours"] = (2, 16, 6)
    for what, (kind, depth, n_bytes) in kinds.items():
        row = 1 + (7_000 if depth > 1 else 875) * n_bytes
        yield (
            f"49 megapixels, {what}",
            lambda kind=kind, depth=depth, row=row: png(7_000, 7_000, depth, kind, bytes(row * 7_000)),
        )
    yield "49 megapixels, interlaced", lambda: png(7_000, 7_000, 8, 2, bytes(3 * 7_000 * 7_000 + 20_000), lace=1)
    yield "196 megapixels of PNG", lambda: png(14_000, 14_000, 8, 0, bytes(14_001 * 14_000))
    yield "16 megapixels of WebP", lambda: saved(Image.new("RGB", (4_000, 4_000), "red"), "WEBP", method=0)
    yield "24 megapixels of AVIF", lambda: saved(Image.new("RGB", (4_900, 4_900), "red"), "AVIF", speed=10)
    yield "49 megapixels of GIF", lambda: saved(Image.new("P", (7_000, 7_000)), "GIF")
    yield (
        "49 megapixels of TIFF",
        lambda: saved(Image.new("RGB", (7_000, 7_000)), "TIFF", compression="tiff_adobe_deflate"),
    )
    yield (
        "49 megapixels of TIFF, real numbers",
        lambda: saved(Image.new("F", (7_000, 7_000), 3.5), "TIFF", compression="tiff_adobe_deflate"),
    )
    yield "25 megapixels of BMP", lambda: saved(Image.new("RGB", (5_000, 5_000)), "BMP")
    yield "196 megapixels of JPEG", lambda: saved(Image.new("RGB", (14_000, 14_000)), "JPEG", quality=30)
    yield (
        "33 megapixels of progressive JPEG",
        lambda: saved(Image.new("RGB", (5_700, 5_700), "teal"), "JPEG", progressive=True, subsampling=0),
    )
    yield "progressive JPEG of 2,000 passes", _many_passes
    for width, height in ((1, 100_000), (100_000, 1), (1, 65_000), (65_000, 1)):
        for name in ("png", "bmp", "tiff", "lzw tiff", "jpeg", "gif", "webp"):
            if max(width, height) < 65_500 or name in ("png", "bmp", "tiff", "lzw tiff"):
                yield (
                    f"{name} of {width} × {height}",
                    lambda width=width, height=height, name=name: _long(width, height, name),
                )


def _long(width: int, height: int, name: str) -> bytes:
    file_format, options = _FORMATS[name]
    if file_format == "WEBP":  # has at most 16,383 pixels a side
        width, height = min(width, 16_383), min(height, 16_383)
    return saved(Image.new("RGB", (width, height), "navy"), file_format, **options)


def _many_passes() -> bytes:
    data = saved(Image.new("L", (5_000, 5_000), 90), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * 2_000 + data[-2:]


def _chunks() -> Iterator[tuple[str, Make]]:
    bomb = zlib.compress(bytes(100_000_000), 9)
    pixels = bytes(8 * 25)
    texts = {
        "zTXt": (b"zTXt", b"Comment\0\0" + bomb),
        "iTXt": (b"iTXt", b"Comment\0\1\0\0\0" + bomb),
        "iCCP": (b"iCCP", b"ICC Profile\0\0" + bomb),
        "tEXt": (b"tEXt", b"Comment\0" + bytes(50_000_000)),
        "eXIf": (b"eXIf", bytes(50_000_000)),
        "unknown": (b"prVt", bytes(50_000_000)),
        "acTL": (b"acTL", struct.pack(">II", 2**31 - 1, 0)),
    }
    for name, chunk in texts.items():
        yield f"png with a bomb in {name}", lambda chunk=chunk: png(8, 8, 8, 2, pixels, chunk)
        yield f"png with a damaged {name}", lambda chunk=chunk: png(8, 8, 8, 2, pixels, (chunk[0], chunk[1][:3]))
    yield "png with 60 bombs", lambda: png(8, 8, 8, 2, pixels, *[texts["zTXt"]] * 60)
    yield (
        "png with 15 MB of text, 60 times",
        lambda: png(8, 8, 8, 2, pixels, *[(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(15_000_000)))] * 60),
    )
    yield "png of a million chunks", lambda: _put_after(png(8, 8, 8, 2, pixels), 33, _chunk((b"prVt", b"")) * 1_000_000)
    yield "png of 99,000 chunks", lambda: _put_after(png(8, 8, 8, 2, pixels), 33, _chunk((b"tEXt", b"a\0b")) * 99_000)
    yield "jpeg of 90,000 segments", lambda: _put_after(_sample("jpeg"), 2, _segment(0xFE, b"") * 90_000)
    yield "jpeg of a million segments", lambda: _put_after(_sample("jpeg"), 2, _segment(0xFE, b"") * 1_000_000)
    yield (
        "jpeg with 255 parts of a profile",
        lambda: _put_after(
            _sample("jpeg"),
            2,
            b"".join(_segment(0xE2, b"ICC_PROFILE\0" + bytes([n, 255]) + bytes(65_000)) for n in range(1, 256)),
        ),
    )


def _put_after(data: bytes, place: int, content: bytes) -> bytes:
    return data[:place] + content + data[place:]


def directory(n_tags: int, count: int, big: int = 0) -> bytes:
    """A TIFF's directory whose tags all name the same bytes, after those of one grey pixel."""
    known = [(256, 3, 1, 1), (257, 3, 1, 1), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8)]
    tags = [*known, *((1_000 + number, 1, count, 8) for number in range(n_tags))]
    data = b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags))
    return data + b"".join(struct.pack("<HHLL", *tag) for tag in tags) + bytes(4 + big)


def _metadata() -> Iterator[tuple[str, Make]]:
    def exif(n_tags: int = 5_000, count: int = 60_000) -> bytes:
        return b"Exif\0\0" + directory(n_tags, count)

    small = _noise()
    yield "tiff whose tags name the same megabyte", lambda: directory(60_000, 1_000_000, 1_000_000)
    yield "jpeg whose tags name the same bytes", lambda: _put_after(_sample("jpeg"), 2, _segment(0xE1, exif()))
    for name in ("PNG", "WEBP"):
        yield f"{name} whose tags name the same bytes", lambda name=name: saved(small, name, exif=exif())
    yield "tiff of 12 million strips", lambda: _strips(12_000_000)
    yield "tiff of 200,000 strips", lambda: _strips(200_000)
    loop = directory(0, 0)
    yield "tiff whose directory follows itself", lambda: loop[:-4] + struct.pack("<L", 8)
    for kind in range(14):
        yield (
            f"exif of kind {kind}",
            lambda kind=kind: _put_after(
                _sample("jpeg"),
                2,
                _segment(
                    0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\1" + struct.pack(">HHLL", 0x112, kind, 2**31, 2**31) + bytes(4)
                ),
            ),
        )


def _strips(count: int) -> bytes:
    sides = [(256, 3, 1, 1), (257, 4, 1, count), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (278, 3, 1, 1)]
    where = 8 + 2 + 12 * 8 + 4
    tags = [*sides[:5], (273, 4, count, where), (278, 3, 1, 1), (279, 4, count, where)]
    data = b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHLL", *tag) for tag in tags)
    return data + bytes(4 + 4 * count)


def _frames() -> Iterator[tuple[str, Make]]:
    head = b"GIF89a" + struct.pack("<HHBBB", 8, 8, 0x80, 0, 0) + bytes(6)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 8, 8, 0) + b"\x02\x02\x4c\x01\0"
    for count in (900, 20_000, 2_000_000):
        yield f"gif of {count:,} frames", lambda count=count: head + frame * count + b"\x3b"
    yield "gif with blocks of one byte", lambda: head + b"\x21\xfe" + b"\1a" * 20_000_000 + b"\0" + frame + b"\x3b"
    yield "gif whose comment has no end", lambda: head + b"\x21\xfe" + (b"\xff" + bytes([97]) * 255) * 200_000
    yield "gif whose frame is larger than it", lambda: head + _put(frame, 5, b"\xff\xff\xff\xff") + b"\x3b"
    some = [Image.new("RGB", (8, 8), (n % 256, n // 256, 0)) for n in range(1_500)]
    for name in ("WEBP", "PNG", "GIF"):
        yield f"{name} of 1,500 frames", lambda name=name: saved(some[0], name, save_all=True, append_images=some[1:])
    page = directory(0, 0)
    yield "tiff of 50,000 frames", lambda: _pages(page, 50_000)
    yield "tiff of 900 frames", lambda: _pages(page, 900)


def _pages(page: bytes, count: int) -> bytes:
    body = page[8:-4]
    size = len(body) + 4
    following = [8 + size * number for number in range(1, count)] + [0]
    return page[:8] + b"".join(body + struct.pack("<L", place) for place in following)


def _polyglots() -> Iterator[tuple[str, Make]]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.txt", "a")
    others = {
        "html": b"<!doctype html><script>alert(1)</script>",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "pdf": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj",
        "zip": archive.getvalue(),
        "python": b"import os\nos.system('true')\n",
    }
    for what, other in others.items():
        yield f"{what} alone", lambda other=other: other
        for name in ("jpeg", "png", "gif", "bmp", "webp", "tiff"):
            yield f"{name}, then {what}", lambda name=name, other=other: _sample(name) + other
            yield f"{what}, then {name}", lambda name=name, other=other: other + _sample(name)
        yield f"jpeg with {what} in it", lambda other=other: _put_after(_sample("jpeg"), 2, _segment(0xFE, other))
        yield f"png with {what} in it", lambda other=other: png(8, 8, 8, 2, bytes(200), (b"tEXt", b"Comment\0" + other))


def _modes() -> Iterator[tuple[str, Make]]:
    for mode in (*_MODES, *_DEEP):
        for file_format in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"):
            try:
                data = saved(Image.new(mode, (40, 30)), file_format)
            except (OSError, ValueError, KeyError, SystemError):  # a format that has no such pictures
                continue
            yield f"{file_format} of mode {mode}", lambda data=data: data


def _nothing() -> Iterator[tuple[str, Make]]:
    yield "nothing", lambda: b""
    for start in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"II*\0", b"MM\0*", b"RIFF\0\0\0\0WEBP"):
        yield f"the beginning {start!r} alone", lambda start=start: start
        yield f"the beginning {start!r} and zeros", lambda start=start: start + bytes(10_000)
        yield f"the beginning {start!r} and noise", lambda start=start: start + random.Random(1).randbytes(10_000)
    for brand in (b"heic", b"avif", b"mif1", b"qt  "):
        yield f"a box of {brand.decode()}", lambda brand=brand: b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1" + brand


def corpus(seed: int) -> list[tuple[str, Make]]:
    """All of them: what each is, and what makes it; some are large."""
    parts = (_nothing(), _cut(), _altered(seed), _lying(), _swollen(), _chunks(), _metadata(), _frames(), _polyglots())
    return [one for part in (*parts, _modes()) for one in part]


def colour(name: str, number: int) -> bytes:
    """A small picture that no other number has."""
    image = Image.new("RGB", (16, 16), name)
    image.putpixel((number % 16, number // 16 % 16), (number % 256, 7, 9))
    return saved(image)
