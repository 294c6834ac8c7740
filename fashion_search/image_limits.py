"""What a picture may cost: limits on bytes, pixels, frames and pieces, looked at before anything is decoded.

A decoder cannot be interrupted, so what would keep one busy is told by the file's structure. Pillow's own limits are
set here, too.
"""

import re
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

from PIL import Image, PngImagePlugin, TiffImagePlugin

from fashion_search.errors import ImageError
from fashion_search.settings import settings

_MEGA = 1_000_000
_COSTS = {"WEBP": 3, "AVIF": 2, "HEIF": 2}  # times the memory a pixel of other formats, while it is decoded
_PIECES = 100_000  # chunks of a PNG, segments of a JPEG: more than any program writes
_BLOCKS = 1_000_000  # of at most 255 bytes, of a GIF
_MOST_TAGS = 65_535  # of a TIFF's directory
_MOST_PARTS = 2**18  # strips or tiles of a TIFF: 50 million pixels in tiles of 16 × 16 are fewer
_PASSES = 12  # over the largest JPEG that is read in passes; smaller ones may have more
_PARTS = (273, 324)  # TIFF tags: where strips and tiles begin
_NO_PIXELS = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # a marker that ends a pass
_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

PngImagePlugin.MAX_TEXT_CHUNK = 16 * 2**20  # the largest colour profiles stay far below; texts beyond are left out
PngImagePlugin.MAX_TEXT_MEMORY = 64 * 2**20
Image.MAX_IMAGE_PIXELS = 200 * _MEGA  # Pillow refuses twice as many; the limits here are checked before decoding


def most_bytes() -> int:
    """Of a picture's file."""
    return settings().image_mb * 2**20


def in_words(most_mb: int) -> str:
    """The limits, for a page that takes files of so many MB."""
    now = settings()
    return (
        f"At most {most_mb} MB and {now.image_megapixels} megapixels (JPEG {now.jpeg_megapixels}, WebP "
        f"{now.image_megapixels // 3}, AVIF and HEIC {now.image_megapixels // 2}), opened within "
        f"{now.image_seconds:g} s; of an animation, the first of at most {now.image_frames:,} frames."
    )


def refuse_structure(data: bytes) -> None:
    """See to it that a file has no more bytes, pieces and frames than a picture has.

    Raises:
        ImageError: it is empty, or has more.
    """
    if not data:
        raise ImageError("The file is empty. Choose another picture.")
    if len(data) > most_bytes():
        raise ImageError(f"The file is larger than {settings().image_mb} MB. Save the picture smaller.")
    most = settings().image_frames
    if data.startswith(b"\x89PNG") and _more_than(_PIECES, _png_chunks(data)):
        raise _too_many_pieces()
    if data.startswith(b"GIF8") and _more_than(most, _gif_frames(data)):
        raise _too_many_frames(most)
    if data.startswith(_TIFF_STARTS) and _more_than(most, _tiff_frames(data)):
        raise _too_many_frames(most)


def refuse_image(image: Image.Image, data: bytes) -> None:
    """See to it that a picture that was opened, and not decoded, can be.

    Raises:
        ImageError: it has too many pixels or frames, or is made of too many passes.
    """
    whole = settings().image_megapixels
    passes = sum(1 for _ in _jpeg_passes(data)) if image.format in ("JPEG", "MPO") else 0
    if passes > 1 or image.info.get("progressive"):  # all parts are kept until the last one is there, at full size
        most = whole if image.mode == "L" else whole * 2 // 3
    else:
        most = settings().jpeg_megapixels if passes else whole // _COSTS.get(image.format or "", 1)
    pixels = image.width * image.height
    if pixels > most * _MEGA:
        other_way = ", or as a JPEG" if not passes and pixels <= settings().jpeg_megapixels * _MEGA else ""
        raise ImageError(
            f"The picture has {image.width:,} × {image.height:,} pixels; at most {most} million can be used. Save it "
            f"smaller{other_way}."
        )
    if passes > 1 and passes * pixels > _PASSES * whole * _MEGA:
        raise ImageError("The picture is stored in far too many passes. Open it in another program and save it again.")
    # Of the others Pillow would go through all; they were counted before.
    if image.format not in ("GIF", "TIFF") and getattr(image, "n_frames", 1) > settings().image_frames:
        raise _too_many_frames(settings().image_frames)


def _too_many_frames(most: int) -> ImageError:
    return ImageError(f"The file has more than {most:,} frames. Save one of them as a picture.")


def _more_than(most: int, pieces: Iterator[int]) -> bool:
    return any(count >= most for count, _ in enumerate(pieces))


def _png_chunks(data: bytes) -> Iterator[int]:
    """Where each chunk begins."""
    place = 8
    while place + 12 <= len(data):
        yield place
        place += 12 + int.from_bytes(data[place : place + 4], "big")


def _jpeg_passes(data: bytes) -> Iterator[int]:
    """Where each pass over the pixels begins, up to the end of the first picture of the file.

    Raises:
        ImageError: there are more segments than in any JPEG.
    """
    place = 2
    for _ in range(_PIECES):
        place = data.find(b"\xff", place)
        if not 0 <= place < len(data) - 3 or data[place + 1] == 0xD9:  # the end of the file, or of the picture
            return
        marker = data[place + 1]
        if marker == 0xFF or marker in range(0xD0, 0xD9) or marker < 2:  # what fills, and what has no content
            place += 1 if marker == 0xFF else 2
            continue
        if marker == 0xDA:
            yield place
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        if marker == 0xDA:
            found = _NO_PIXELS.search(data, place)
            place = found.start() if found else len(data)
    raise _too_many_pieces()


def _too_many_pieces() -> ImageError:
    return ImageError("The picture consists of far too many pieces. Open it in another program and save it again.")


def _gif_frames(data: bytes) -> Iterator[int]:
    """Where each frame begins.

    Raises:
        ImageError: there are more blocks than in any GIF.
    """
    place, blocks = 13 + _table_bytes(data, 10), 0
    while place + 1 < len(data):
        if data[place] == 0x2C:
            yield place
            place += 11 + _table_bytes(data, place + 9)
        elif data[place] == 0x21:
            place += 2
        else:  # its end, or something that Pillow passes over
            place += 1
            blocks += 1
            if data[place - 1] == 0x3B:
                return
            continue
        while place < len(data) and data[place]:
            place += 1 + data[place]
            blocks += 1
            if blocks > _BLOCKS:
                raise _too_many_pieces()
        place += 1


def _table_bytes(data: bytes, flags: int) -> int:
    """Bytes of the table of colours that a GIF's flags, at this place, announce."""
    known = data[flags] if flags < len(data) else 0
    return 3 << (known % 8 + 1) if known & 0x80 else 0


def _tiff_frames(data: bytes) -> Iterator[int]:
    """Where each directory begins; one after another, as often as they are named."""
    order = "<" if data.startswith(b"II") else ">"
    is_big = data[2:4] in (b"+\0", b"\0+")
    count, link, entry = (f"{order}Q", f"{order}Q", 20) if is_big else (f"{order}H", f"{order}L", 12)
    known: set[int] = set()
    try:
        (place,) = struct.unpack_from(link, data, 8 if is_big else 4)
        while place and place not in known:
            known.add(place)
            yield place
            (entries,) = struct.unpack_from(count, data, place)
            (place,) = struct.unpack_from(link, data, place + struct.calcsize(count) + entries * entry)
    except struct.error:  # it is cut, or lies
        return


# -- the directories of tags, in TIFF files and in EXIF -------------------------------------------------------

_load = TiffImagePlugin.ImageFileDirectory_v2.load


def _bounded_load(directory: Any, file: BinaryIO) -> None:
    """Pillow's reading of a directory, unless its tags name the same bytes over and over: each would be copied."""
    start = file.tell()
    size = file.seek(0, 2)
    file.seek(start)
    order, is_big = directory._endian, directory._bigtiff
    count, entry = (f"{order}Q", f"{order}HHQ8s") if is_big else (f"{order}H", f"{order}HHL4s")
    head = file.read(struct.calcsize(count))
    (tags,) = struct.unpack(count, head)
    entries = file.read(min(tags, _MOST_TAGS + 1) * struct.calcsize(entry))
    file.seek(start)
    whole = entries[: len(entries) // struct.calcsize(entry) * struct.calcsize(entry)]
    claimed = 0
    for tag, kind, values, _ in struct.iter_unpack(entry, whole):
        n_bytes = values * directory._load_dispatch.get(kind, (0,))[0]
        claimed += n_bytes if n_bytes <= size else 0  # a tag larger than the file is passed over
        if tag in _PARTS and values > _MOST_PARTS:
            raise SyntaxError("too many strips or tiles")
    if tags > _MOST_TAGS or claimed > 4 * size + 2**20:
        raise SyntaxError("tags do not fit into the file")
    _load(directory, file)


TiffImagePlugin.ImageFileDirectory_v2.load = _bounded_load  # type: ignore[method-assign, assignment]
