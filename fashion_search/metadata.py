"""A picture's file without its metadata, for files whose metadata keeps a decoder from reading the pixels."""

import struct
import zlib
from collections.abc import Iterator

_PNG = b"\x89PNG\r\n\x1a\n"
_NEEDED = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_WANTED = (b"eXIf", b"iCCP")  # orientation and colours, where they are whole
_JPEG = b"\xff\xd8"
_SCAN = 0xDA  # the marker of a JPEG before its compressed pixels
_APPLICATION = range(0xE0, 0xF0)
_KEPT = {0xE1: b"Exif\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}  # orientation, colours, how colours are coded
_SHORTEST_ADOBE = 12  # bytes


def without_metadata(data: bytes) -> bytes | None:
    """A PNG or JPEG with its pixels, and orientation and colour profile where they are whole; None if it is neither.

    Args:
        data: the file's content; it may be damaged.
    """
    if data.startswith(_PNG):
        return _PNG + b"".join(_chunks(data))
    if data.startswith(_JPEG):
        return _JPEG + b"".join(_segments(data))
    return None


def _chunks(data: bytes) -> Iterator[bytes]:
    place = len(_PNG)
    while place + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        chunk = data[place : place + 12 + length]
        is_whole = len(chunk) == 12 + length and chunk[-4:] == struct.pack(">I", zlib.crc32(chunk[4:-4]))
        if kind in _NEEDED or (kind in _WANTED and is_whole and length):
            yield chunk
        place += 12 + length


def _segments(data: bytes) -> Iterator[bytes]:
    place = len(_JPEG)
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if marker == _SCAN:
            break
        segment = data[place : place + 2 + length]
        if marker not in _APPLICATION or (
            segment[4:].startswith(_KEPT.get(marker, b"\xff")) and len(segment) - 4 >= _SHORTEST_ADOBE
        ):
            yield segment
        place += 2 + length
    yield data[place:]
