"""ZIP archives from elsewhere: opened and read within limits, whatever they claim of themselves."""

import bz2
import copy
import lzma
import os
import stat
import struct
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from fashion_search.settings import settings

_END = struct.Struct("<4s4H2LH")  # the record that ends an archive
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_MOST_ENTRY_BYTES = 512  # of an archive's directory, an entry, on average
_TOTAL_MATTERS = 2**30  # bytes; what holds less in all does no harm
_RATIO_MATTERS = 10 * 2**20  # bytes; smaller files may be packed as well as they can be
_UNIX = 3  # what made an entry
_UNBOUNDED = (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)  # by zipfile
_DICTIONARY = 2**28  # bytes that LZMA may need to unpack


class TooLargeError(Exception):
    """An archive has more than is read; the message is a part of a sentence: what it has, and what is read."""


def open_zip(source: Path | BinaryIO) -> zipfile.ZipFile:
    """Open an archive whose directory is of a size that can be read.

    Raises:
        TooLargeError: it has more files than are read, or these hold more.
        OSError, zipfile.BadZipFile, ValueError and others: as ``zipfile.ZipFile``.
    """
    if isinstance(source, Path):
        with source.open("rb") as file:
            size = _refuse_directory(file)
    else:
        size = _refuse_directory(source)
    archive = zipfile.ZipFile(source)
    try:
        _refuse_entries(archive.infolist(), size)
    except TooLargeError:
        archive.close()
        raise
    return archive


def _refuse_entries(entries: list[zipfile.ZipInfo], size: int) -> None:
    now = settings()
    total = sum(entry.file_size for entry in entries)
    if len(entries) > now.archive_entries:
        raise _too_many_entries(len(entries))
    if total > now.archive_gb * 2**30:
        raise TooLargeError(f"unpacks to {total / 2**30:,.0f} GB; at most {now.archive_gb:,} GB are read")
    if total > max(now.archive_ratio * size, _TOTAL_MATTERS):
        raise TooLargeError(f"unpacks to more than {now.archive_ratio} times its size, as no catalog does")


def _too_many_entries(count: int) -> TooLargeError:
    return TooLargeError(f"holds {count:,} files; at most {settings().archive_entries:,} are read")


def _refuse_directory(file: BinaryIO) -> int:
    """Look at the record at an archive's end, before all of its directory is read into memory; returns its size."""
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - _END.size - 2**16)
    file.seek(start)
    tail = file.read()
    is_last = tail[-_END.size :].startswith(b"PK\5\6") and tail.endswith(b"\0\0")
    place = len(tail) - _END.size if is_last else tail.rfind(b"PK\5\6")  # as zipfile looks for it
    most = settings().archive_entries
    if 0 <= place <= len(tail) - _END.size:
        *_, count, directory, _, _ = _END.unpack_from(tail, place)
        locator = place - _LOCATOR64.size
        if locator >= 0 and tail[locator:].startswith(b"PK\6\7"):
            file.seek(max(start + locator - _END64.size, 0))  # where zipfile looks for it, whatever the locator says
            data = file.read(_END64.size)
            if len(data) == _END64.size and data.startswith(b"PK\6\6"):
                *_, count, directory, _ = _END64.unpack(data)
        if count > most:
            raise _too_many_entries(count)
        if directory > max(most * _MOST_ENTRY_BYTES, 2**20):
            raise TooLargeError(f"has a list of files of {directory:,} bytes, more than {most:,} files need")
    file.seek(0)
    return size


def why_not_read(entry: zipfile.ZipInfo) -> str:
    """Why a file of an archive is not read, for a list of such; empty where it is."""
    if entry.flag_bits & 1:
        return "encrypted: pack it without a password"
    if entry.create_system == _UNIX and stat.S_ISLNK(entry.external_attr >> 16):
        return "link in an archive, not followed"
    if entry.file_size > _RATIO_MATTERS and entry.file_size > settings().archive_ratio * max(entry.compress_size, 1):
        return f"unpacks to more than {settings().archive_ratio} times its size"
    return ""


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int | None = None) -> bytes:
    """A file's content, or its beginning; never more than the archive says, though more may be packed there.

    ``most``: bytes that are wanted.

    Raises:
        zipfile.BadZipFile: it is not what the archive says, or is not read at all (``why_not_read``).
        OSError and others: as ``ZipFile.open``.
    """
    if reason := why_not_read(entry):
        raise zipfile.BadZipFile(reason)
    wanted = entry.file_size if most is None else min(most, entry.file_size)
    if entry.compress_type in _UNBOUNDED:
        data = _unpacked(archive, entry, wanted)
    else:
        with archive.open(entry) as file:
            data = file.read(wanted)  # without a number, all that is packed would be unpacked at once
    if len(data) < wanted:
        raise zipfile.BadZipFile(f"it holds {len(data):,} bytes instead of {entry.file_size:,}")
    return data


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, wanted: int) -> bytes:
    """So many bytes of a file that ``zipfile`` would unpack without any bound."""
    packed = copy.copy(entry)
    packed.compress_type, packed.file_size = zipfile.ZIP_STORED, entry.compress_size
    packed.CRC = None  # type: ignore[assignment]  # zipfile's way to say that it is not checked
    with archive.open(packed) as file:
        content = file.read(min(entry.compress_size, 2 * entry.file_size + 2**16))
    if entry.compress_type == zipfile.ZIP_BZIP2:
        data = bz2.BZ2Decompressor().decompress(content, wanted)
    else:  # its header is that of a file of its own, but for the length, which may be unknown
        alone = content[4:9] + b"\xff" * 8 + content[9:]
        data = lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_DICTIONARY).decompress(alone, wanted)
    if wanted == entry.file_size and zlib.crc32(data) != entry.CRC:
        raise zipfile.BadZipFile(f"its checksum is not that of {entry.filename!r}")
    return data
