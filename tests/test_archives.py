"""ZIP archives are opened and read within limits, whatever they claim of themselves."""

import io
import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest

from fashion_search.archives import TooLargeError, open_zip, read_entry, why_not_read
from fashion_search.catalog.tree import open_tree
from fashion_search.errors import SourceError

METHODS = {
    "stored": zipfile.ZIP_STORED,
    "deflate": zipfile.ZIP_DEFLATED,
    "bzip2": zipfile.ZIP_BZIP2,
    "LZMA": zipfile.ZIP_LZMA,
}
TEXT = bytes(range(256)) * 40


def packed(data: bytes, method: int = zipfile.ZIP_DEFLATED, name: str = "a.bin") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr(name, data)
    return out.getvalue()


def lying(data: bytes, method: int, claimed: int) -> bytes:
    """Says that its file is small, with the checksum of its beginning."""
    whole = bytearray(packed(data, method))
    for place in (whole.rindex(b"a.bin") - 46 + 16, whole.index(b"a.bin") - 30 + 14):
        whole[place : place + 4] = struct.pack("<L", zlib.crc32(data[:claimed]))
        whole[place + 8 : place + 12] = struct.pack("<L", claimed)
    return bytes(whole)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS.keys())
def test_a_file_its_beginning_and_its_checksum(method: int) -> None:
    data = packed(TEXT, method)
    with open_zip(io.BytesIO(data)) as archive:
        entry = archive.getinfo("a.bin")
        assert read_entry(archive, entry) == TEXT
        assert read_entry(archive, entry, 100) == TEXT[:100]
        entry.CRC ^= 1
        with pytest.raises(zipfile.BadZipFile):
            read_entry(archive, entry)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_unpacks_to_more_than_it_says_takes_no_more_memory(method: int) -> None:
    data = lying(bytes(30_000_000), method, 1_000)
    with open_zip(io.BytesIO(data)) as archive:
        tracemalloc.start()
        try:
            assert read_entry(archive, archive.getinfo("a.bin")) == bytes(1_000)
            assert tracemalloc.get_traced_memory()[1] < 12_000_000  # LZMA's dictionary is 8 MB
        finally:
            tracemalloc.stop()


def test_what_is_not_read_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = zipfile.ZipInfo("a")
    assert why_not_read(entry) == ""
    entry.flag_bits = 1
    assert "password" in why_not_read(entry)
    link = zipfile.ZipInfo("a")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    assert "link" in why_not_read(link)
    bomb = zipfile.ZipInfo("a")
    bomb.file_size, bomb.compress_size = 11 * 2**20, 50_000
    assert "200 times" in why_not_read(bomb)
    monkeypatch.setenv("FASHION_SEARCH_ARCHIVE_RATIO", "500")
    assert why_not_read(bomb) == ""


def test_more_files_than_are_set_are_refused_before_they_are_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(4):
            archive.writestr(f"{number}", b"")
    monkeypatch.setenv("FASHION_SEARCH_ARCHIVE_ENTRIES", "3")
    with pytest.raises(SourceError, match=r"a\.zip holds 4 files; at most 3 are read\. Divide it"):
        open_tree(path)
    data = path.read_bytes().replace(b"\4\0\4\0", b"\1\0\1\0")  # it says that it has one
    with pytest.raises(TooLargeError, match="holds 4 files"):
        open_zip(io.BytesIO(data))


def test_a_list_of_files_that_is_far_too_long_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_SEARCH_ARCHIVE_ENTRIES", "3")
    data = packed(TEXT)
    end = data.rindex(b"PK\5\6")
    claimed = data[: end + 12] + struct.pack("<L", 2_000_000) + data[end + 16 :]
    with pytest.raises(TooLargeError, match="list of files of 2,000,000 bytes"):
        open_zip(io.BytesIO(claimed))


def test_more_in_all_than_is_set_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytearray(packed(TEXT, zipfile.ZIP_STORED))
    place = data.rindex(b"a.bin") - 46 + 24
    data[place : place + 4] = struct.pack("<L", 2**31)
    with pytest.raises(TooLargeError, match="unpacks to more than 200 times its size"):
        open_zip(io.BytesIO(data))
    monkeypatch.setenv("FASHION_SEARCH_ARCHIVE_GB", "1")
    with pytest.raises(TooLargeError, match="unpacks to 2 GB; at most 1 GB are read"):
        open_zip(io.BytesIO(data))
