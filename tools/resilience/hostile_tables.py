"""Tables and files of vectors that want to harm whoever reads them, made by code."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tools.resilience.hostile_archives import GOOD, Case, Write

_HEAD = "image,kind\n"
_LINES = "".join(f"{name},{name.split('/')[0]}\n" for name in GOOD)


def _table(*parts: str | bytes, before: str = _HEAD) -> Write:
    data = b"".join(part.encode() if isinstance(part, str) else part for part in (before, _LINES, *parts))
    return lambda path: _beside(path, lambda file: file.write(data))


def _beside(path: Path, write: Callable[[BinaryIO], object]) -> None:
    for name, data in GOOD.items():
        (path.parent / name).parent.mkdir(parents=True, exist_ok=True)
        (path.parent / name).write_bytes(data)
    with path.open("wb") as file:
        write(file)


def _of(parts: Iterable[bytes]) -> Write:
    def write(file: BinaryIO) -> None:
        for part in parts:
            file.write(part)

    return lambda path: _beside(path, write)


def _sparse(size: int, start: bytes) -> Write:
    def write(file: BinaryIO) -> None:
        file.write(start)
        file.truncate(size)

    return lambda path: _beside(path, write)


def tables(size: int) -> Iterator[Case]:
    """All cases. ``size``: MB of the largest, of which most is nothing on disk."""
    block = b"x" * 2**20
    large = min(size, 250)
    yield Case("zeros among the letters", _table("red/1.png\0,\0red\n"), suffix=".csv")
    yield Case(
        "zeros alone", lambda path: _beside(path, lambda file: file.truncate(10_000)), refused=True, suffix=".csv"
    )
    yield Case(
        "10⁶ columns",
        _table(before="image,kind," + ",".join(map(str, range(10**6))) + "\n"),
        refused=True,
        suffix=".csv",
    )
    yield Case(
        "10⁶ fields in a line", _table("x" + ",x" * 10**6 + "\n"), told=(f"line {len(GOOD) + 2}",), suffix=".csv"
    )
    yield Case(
        f"a field of {size:,} MB, of zeros",
        _sparse(size * 2**20, _HEAD.encode() + b'red/1.png,"'),
        refused=True,
        suffix=".csv",
    )
    whole = {
        f"a field of {large} MB": [_HEAD.encode(), b'"', *[block] * large],
        f"{large} MB of line ends": [_HEAD.encode(), *[b"\n" * 2**20] * large],
        f"{large} MB of short lines": [_HEAD.encode(), *[b"a,b\n" * 2**18] * large],
        f"a header of {large} MB": [b"image,", *[block] * large],
    }
    for name, parts in whole.items():
        yield Case(name, _of(parts), refused=True, suffix=".csv", megabytes=1_000)
    yield Case("quotation marks that stay open", _table(('a,"b\n' + 'x,""\n' * 498) * 20), refused=None, suffix=".csv")
    yield Case("100,000 quotation marks", _table('"' * 100_000 + "\n"), refused=None, suffix=".csv")
    yield Case("a path out of the folder", _table("../../etc/passwd,red\n"), told=("../../etc/passwd",), suffix=".csv")
    yield Case("noise", _of([np.random.default_rng(1).bytes(300_000)]), refused=True, suffix=".csv")
    for mark in (b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\xef\xbb\xbf"):
        yield Case(
            f"a mark {mark.hex()} and noise",
            _of([mark, np.random.default_rng(2).bytes(10_001)]),
            refused=True,
            suffix=".csv",
        )
    yield from _vectors(size)


def _given(data: bytes) -> Write:
    def write(path: Path) -> None:
        path.with_name("ids.txt").write_bytes(b"1\n2\n3\n")
        path.write_bytes(data)

    return write


def _npy(shape: tuple[int, ...], kind: str = "<f4", data: bytes = b"") -> bytes:
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(out, {"descr": kind, "fortran_order": False, "shape": shape})
    return out.getvalue() + data


def _npz(data: bytes, claimed: int | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("vectors.npy", data)
    whole = bytearray(out.getvalue())
    if claimed is not None:
        for place in (whole.rindex(b"vectors.npy") - 46 + 24, whole.index(b"vectors.npy") - 30 + 22):
            whole[place : place + 4] = struct.pack("<L", claimed)
    return bytes(whole)


def _vectors(size: int) -> Iterator[Case]:
    def case(name: str, data: bytes, suffix: str) -> Case:
        return Case(f"vectors: {name}", _given(data), items=(), refused=True, suffix=suffix, megabytes=700)

    yield case("an array that says 2 GB and is short", _npy((3, 2**27)), ".npy")
    yield case("an array that says 2⁶² bytes", _npy((2**30, 2**30)), ".npy")
    yield case("an array of objects", _npy((3, 3), "|O", b"\x80\x04."), ".npy")
    yield case("an array of negative size", _npy((-3, 3)), ".npy")
    yield case("a packed bomb", _npz(_npy((3, size * 2**18), "<f4", bytes(size * 3 * 2**20))), ".npz")
    yield case("a lying packed bomb", _npz(_npy((3, 100), "<f4", bytes(size * 2**20)), 2_000), ".npz")
    yield case("10⁶ columns", b",".join(b"1.5" for _ in range(10**6)) + b"\n", ".csv".replace(".csv", "-vectors.csv"))
    yield case("zeros among the numbers", b"1,2\n\0,4\n5,6\n", "-vectors.csv")
    yield case("a field of 100 MB", b"1,2\n" + b"3" * 100 * 2**20 + b",4\n", "-vectors.csv")
    yield case("parquet that is none", b"PAR1" + bytes(10_000) + b"PAR1", ".parquet")
