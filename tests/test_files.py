from pathlib import Path

import pytest

from fashion_search import files
from fashion_search.errors import StoreError
from fashion_search.files import stem_of
from fashion_search.home import user_path


def test_a_failed_write_leaves_the_previous_file_and_no_rest(tmp_path: Path) -> None:
    path = tmp_path / "file"
    files.write_atomically(path, lambda file: file.write(b"old"))

    def fail(file: object) -> None:
        file.write(b"half of the ne")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        files.write_atomically(path, fail)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_files_are_named_by_checksum_and_verified_once(tmp_path: Path) -> None:
    entry = files.write_named_by_checksum(tmp_path, "items", ".csv", lambda file: file.write(b"content"))
    assert entry == files.write_named_by_checksum(tmp_path, "items", ".csv", lambda file: file.write(b"content"))
    path = files.verified(tmp_path, entry)
    assert [path] == list(tmp_path.iterdir())
    assert path.name == f"items-{entry['sha256'][:16]}.csv"
    path.write_bytes(b"damaged")
    assert files.verified(tmp_path, entry) == path
    files._verified.clear()
    with pytest.raises(StoreError, match="is damaged: its checksum is not the manifest's"):
        files.verified(tmp_path, entry)
    assert files.write_named_by_checksum(tmp_path, "items", ".csv", lambda file: file.write(b"content")) == entry
    assert files.verified(tmp_path, entry).read_bytes() == b"content"


@pytest.mark.parametrize("name", ["../outside", "sub/file", "/etc/passwd"])
def test_a_manifest_cannot_name_files_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match="names a file outside its own folder"):
        files.verified(tmp_path, {"file": name, "sha256": ""})


def test_what_cannot_be_listed_is_not_taken_for_empty(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.json").touch()
    (tmp_path / "c").touch()
    assert [path.name for path in files.listed(tmp_path)] == ["a", "b", "c"]
    assert files.listed(tmp_path / "none") == []
    assert [path.name for path in files.folders_with(tmp_path, "*.json")] == ["a", "b"]
    assert files.folders_with(tmp_path, "y.json") == []
    with pytest.raises(StoreError, match=r"c cannot be read: Not a directory"):
        files.folders_with(tmp_path / "c", "*")


def test_whether_something_is_there(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert files.is_there(tmp_path / "a")
    for absent in ("b", "a/b", "b/c", "null\0"):
        assert not files.is_there(tmp_path / absent)
    with pytest.raises(OSError, match="File name too long"):
        files.is_there(tmp_path / ("x" * 5000))


def test_a_tilde_that_is_nobodys_home_is_taken_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert user_path("~/shop") == tmp_path / "shop"
    assert user_path("~nobody-of-this-name/shop") == tmp_path / "~nobody-of-this-name/shop"


def test_the_name_of_a_method_becomes_part_of_a_files_name() -> None:
    for name in ("fashion", "resnet18~balanced", "fashion@hnsw", "vit_base.openai"):
        assert stem_of(name) == name
    hub, other = stem_of("open_clip:ViT-B-32/openai"), stem_of("open_clip:ViT-B-32_openai")
    assert hub.startswith("open_clip_ViT-B-32_openai-")
    assert hub != other
    assert not set(stem_of("onnx:/tmp/a[1]*?.onnx")) & set("/:[]*?")
    assert len(stem_of("x" * 500)) < 100
