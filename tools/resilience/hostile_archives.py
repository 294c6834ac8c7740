"""Archives and folders that want to harm whoever reads them, made by code."""

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.resilience.hostile_images import colour

GOOD = {f"{group}/{number}.png": colour(group, number) for group in ("red", "blue") for number in (1, 2)}
"""Two groups of two pictures, which are read whatever lies beside them."""

Write = Callable[[Path], None]


@dataclass(frozen=True)
class Case:
    """An archive, a folder or a table. ``write`` makes it at a path.

    ``items``: files that must be items, where it is not refused. ``told``: what must be in the list of what was left
    out. ``refused``: whether it must be refused as a whole; None where it may. ``megabytes``: that reading it may take.
    """

    name: str
    write: Write
    items: tuple[str, ...] = tuple(GOOD)
    told: tuple[str, ...] = ()
    refused: bool | None = False
    suffix: str = ".zip"
    megabytes: float = 300.0


def _zip(entries: list[tuple[zipfile.ZipInfo, bytes]], good: bool = True) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in GOOD.items() if good else ():
            archive.writestr(name, data)
        for entry, data in entries:
            archive.writestr(entry, data)
    return out.getvalue()


def _entry(name: str, packed: int = zipfile.ZIP_STORED) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("x")
    entry.filename, entry.compress_type = name, packed
    return entry


def _with(*names: str) -> Write:
    data = _zip([(_entry(name), colour("green", place)) for place, name in enumerate(names)])
    return lambda path: _put(path, data)


def _put(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _file(data: bytes) -> Write:
    return lambda path: _put(path, data)


def _altered(data: bytes, name: str, offset: int, content: bytes, local: int | None = None) -> bytes:
    """An archive whose directory says something else of a file; ``local``: where its own header says the same."""
    known = bytearray(data)
    place = data.rindex(name.encode()) - 46 + offset
    known[place : place + len(content)] = content
    if local is not None:
        place = data.index(name.encode()) - 30 + local
        known[place : place + len(content)] = content
    return bytes(known)


def _lying_size(packed: int, claimed: int, real: int) -> Write:
    """Says that a file is small, with the checksum of its beginning; it unpacks to far more."""

    def write(path: Path) -> None:
        data = _zip([(_entry("red/9.png", packed), bytes(real))])
        data = _altered(data, "red/9.png", 24, struct.pack("<L", claimed), 22)
        _put(path, _altered(data, "red/9.png", 16, struct.pack("<L", zlib.crc32(bytes(claimed))), 14))

    return write


def _doubled(path: Path) -> None:
    first = _zip([(_entry("red/3.png"), colour("red", 3))])
    with zipfile.ZipFile(io.BytesIO(first), "a") as archive:
        assert archive.fp is not None
        archive.writestr(_entry("red/4.png"), colour("red", 4))
        file = archive.fp
    assert isinstance(file, io.BytesIO)
    _put(path, file.getvalue().replace(b"red/4.png", b"red/3.png"))


def _link(path: Path) -> None:
    entry = _entry("red/link.png")
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    _put(path, _zip([(entry, b"/etc/passwd")]))


def _encrypted(path: Path) -> None:
    _put(path, _altered(_zip([(_entry("red/9.png"), colour("red", 9))]), "red/9.png", 8, b"\1", 6))


def many(count: int) -> Write:
    """An archive of so many empty files besides the pictures, written without its program, which would take hours."""

    def write(path: Path) -> None:
        good = _zip([])
        end = good.rindex(b"PK\5\6")
        start = struct.unpack_from("<L", good, end + 16)[0]
        local, directory = io.BytesIO(), io.BytesIO()
        for number in range(count):
            name = b"red/%d.txt" % number
            at = start + local.tell()
            local.write(struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 33, 0, 0, 0, len(name), 0) + name)
            head = (b"PK\1\2", 20, 20, 0, 0, 0, 33, 0, 0, 0, len(name), 0, 0, 0, 0, 0, at)
            directory.write(struct.pack("<4s6H3L5H2L", *head) + name)
        whole = good[start:end] + directory.getvalue()
        at, n_entries = start + local.tell(), count + len(GOOD)
        last = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, n_entries, n_entries, len(whole), at)
        last += struct.pack("<4sLQL", b"PK\6\7", 0, at + len(whole), 1)
        last += struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
        _put(path, good[:start] + local.getvalue() + whole + last)

    return write


def _overlapping(path: Path) -> None:
    """Many entries of one and the same packed megabytes."""
    name = "red/9.bin"
    data = _zip([(_entry(name, zipfile.ZIP_DEFLATED), bytes(9_000_000))])
    end, start = data.rindex(b"PK\5\6"), data.rindex(name.encode()) - 46
    entry = data[start:end]
    copies = b"".join(entry.replace(name.encode(), b"red/%5d" % number) for number in range(20_000))
    size = end + len(copies) - struct.unpack_from("<L", data, end + 16)[0]
    total = len(GOOD) + 1 + 20_000
    last = data[end : end + 8] + struct.pack("<HHL", total, total, size) + data[end + 16 :]
    _put(path, data[:end] + copies + last)


def _end(offset: int, content: bytes) -> Write:
    data = _zip([])
    place = data.rindex(b"PK\5\6") + offset
    return lambda path: _put(path, data[:place] + content + data[place + len(content) :])


def _folder(alter: Callable[[Path], None]) -> Write:
    def write(path: Path) -> None:
        for name, data in GOOD.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(data)
        alter(path)

    return write


def _deep(path: Path) -> None:
    here = os.open(path, os.O_RDONLY)
    for _ in range(1_500):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)


def archives(n_entries: int) -> Iterator[Case]:
    """All cases; the largest archive has so many files."""
    slips = ("../slip.png", "a/../../slip.png", "/slip.png", "C:/slip.png", "..\\slip.png", "\\\\host\\slip.png")
    for name in slips:
        yield Case(f"a name that leads out: {name}", _with(name), told=(name.replace("\\", "/"),))
    yield Case("a link", _link, told=("red/link.png",))
    yield Case("an encrypted file", _encrypted, told=("red/9.png",))
    for packed, name in ((8, "deflate"), (12, "bzip2"), (14, "LZMA")):
        bomb = _zip([(_entry("red/9.png", packed), bytes(90_000_000))])
        yield Case(f"a bomb of {name}", _file(bomb), told=("red/9.png",))
        yield Case(
            f"a lying bomb of {name}",
            _lying_size(packed, 2_000, 400_000_000),
            told=("red/9.png",),
        )
    yield Case("20,000 times the same 9 MB", _overlapping, refused=True)
    yield Case("a name that stands twice", _doubled, items=("red/3.png",), told=("red/3.png",))
    yield Case("names that differ by case", _with("red/A.png", "red/a.png"), items=("red/A.png", "red/a.png"))
    yield Case(
        "names that differ by form",
        _with("red/\u00e9.png", "red/e\u0301.png"),
        items=("red/\u00e9.png", "red/e\u0301.png"),
    )
    odd = (
        "red/<img src=x onerror=alert(1)>.png",
        "red/a\nb.png",
        "red/=cmd.png",
        "red/" + "x" * 60_000 + ".png",
        "red/\x07.png",
    )
    yield Case("odd names", _with(*odd), items=odd)
    yield Case("a name with a zero", _with("red/a.png\0.txt"), refused=None)
    yield Case("folders 500 deep", _with("d/" * 500 + "1.png", "d/" * 500 + "2.png"), refused=None)
    yield Case("an archive in it", _file(_zip([(_entry("red/a.zip"), _zip([]))])), told=("red/a.zip",))
    for claimed in (0, 1, 0xFFFF):
        yield Case(f"a directory of {claimed} files", _end(10, struct.pack("<H", claimed)), refused=None)
    for claimed in (0, 10, 2**31, 2**32 - 1):
        yield Case(f"a directory of {claimed:,} bytes", _end(12, struct.pack("<L", claimed)), refused=None)
        yield Case(f"a directory at {claimed:,}", _end(16, struct.pack("<L", claimed)), refused=None)
    whole = _zip([])
    for part in range(1, 10):
        yield Case(f"{part} of 10 parts", _file(whole[: len(whole) * part // 10]), refused=True)
    for place in range(0, len(whole), max(len(whole) // 40, 1)):
        flipped = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        yield Case(f"byte {place} flipped", _file(flipped), items=(), refused=None)
    size = struct.pack("<L", 2**32 - 2)
    lying = _altered(_zip([(_entry("red/9.png"), colour("red", 9))]), "red/9.png", 24, size)
    yield Case("a picture of 4 GB, it says", _file(lying), refused=True)
    yield Case(f"{n_entries:,} files", many(n_entries - len(GOOD)), megabytes=2_500)
    yield Case("1,000,001 files", many(1_000_001 - len(GOOD)), refused=True)
    yield Case(
        "a folder with links out of it",
        _folder(lambda path: (path / "red/9.png").symlink_to("/etc/passwd")),
        told=("red/9.png",),
        suffix="",
    )
    yield Case(
        "a folder with a loop",
        _folder(lambda path: (path / "red/loop").symlink_to(path)),
        told=("red/loop",),
        suffix="",
    )
    yield Case(
        "a folder with a pipe", _folder(lambda path: os.mkfifo(path / "red/9.png")), told=("red/9.png",), suffix=""
    )
    yield Case("a folder 1,500 deep", _folder(_deep), told=("d/" * 101,), suffix="")
    yield Case("a pipe instead of an archive", lambda path: os.mkfifo(path), refused=True)
    yield Case("a device instead of a table", lambda path: path.symlink_to("/dev/zero"), refused=True, suffix=".csv")
