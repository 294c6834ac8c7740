import zlib
from pathlib import Path

import pytest

from fashion_search.catalog.tree import FolderTree, ZipTree, identify, open_tree
from fashion_search.errors import ImageError, SourceError
from fashion_search.image_limits import most_bytes
from tests.samples import with_checksum, write_folder, write_zip

FILES = {"a/1.bin": b"first of two files", "a/2.bin": b"second of the two!"}


def test_a_file_is_known_by_its_content(tmp_path: Path) -> None:
    """FIPS 180-4 gives the SHA-256 of "abc"."""
    assert identify(b"abc").digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    folder = open_tree(write_folder(tmp_path / "folder", FILES))
    archive = open_tree(write_zip(tmp_path / "archive.zip", FILES))
    assert (type(folder), type(archive)) == (FolderTree, ZipTree)
    for name, data in FILES.items():
        assert folder.identity(name) == archive.identity(name) == identify(data)


def test_equal_size_and_checksum_are_no_identity(tmp_path: Path) -> None:
    first, second = FILES.values()
    twin = with_checksum(second, zlib.crc32(first))
    archive = open_tree(write_zip(tmp_path / "archive.zip", {"1": first, "2": twin}))
    one, other = archive.identity("1"), archive.identity("2")
    assert one.checksum == other.checksum == f"{zlib.crc32(first):08x}-{len(first)}"
    assert one.digest != other.digest


def test_what_is_too_large_or_gone_has_no_identity(tmp_path: Path) -> None:
    tree = open_tree(write_folder(tmp_path, {"gone.jpg": b""}))
    with (tmp_path / "huge.jpg").open("wb") as file:
        file.truncate(most_bytes() + 1)
    (tmp_path / "gone.jpg").unlink()
    with pytest.raises(ImageError, match=r"huge\.jpg is larger than 100 MB"):
        tree.identity("huge.jpg")
    with pytest.raises(SourceError, match=r"gone\.jpg cannot be read"):
        tree.identity("gone.jpg")


@pytest.mark.parametrize("as_zip", [True, False])
def test_files_of_a_name_in_any_folder_outermost_first(tmp_path: Path, as_zip: bool) -> None:
    files = dict.fromkeys(["a/b/list.txt", "b/list.txt", "z.txt", "a/list.txt.old", "c/my list.txt", "c/z.txt"], b"")
    made = open_tree(write_zip(tmp_path / "a.zip", files) if as_zip else write_folder(tmp_path / "a", files))
    assert made.named("list.txt", "z.txt") == ["z.txt", "b/list.txt", "c/z.txt", "a/b/list.txt"]
