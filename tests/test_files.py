from pathlib import Path

import pytest

from fashion_search import files
from fashion_search.errors import StoreError
from fashion_search.home import user_path
from fashion_search.journal import Journal


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


def test_a_tilde_that_is_nobodys_home_is_taken_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert user_path("~/shop") == tmp_path / "shop"
    assert user_path("~nobody-of-this-name/shop") == tmp_path / "~nobody-of-this-name/shop"


BATCHES = [{"a": b"1", "b": b""}, {"ffffffff-123456789": b"x" * 1000}]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    one = Journal(tmp_path / "new/journal.bin")
    for batch in BATCHES:
        one.add(batch)
    return one.path


def test_a_journal_holds_what_was_added(journal: Path) -> None:
    assert Journal(journal).entries == BATCHES[0] | BATCHES[1]


def test_a_torn_tail_is_dropped_wherever_it_was_torn(journal: Path) -> None:
    whole = journal.read_bytes()
    first = len(whole) - 1000 - 72  # where the last record starts
    for length in (first + 1, first + 71, first + 72, len(whole) - 1):
        journal.write_bytes(whole[:length])
        assert Journal(journal).entries == BATCHES[0]
        assert journal.stat().st_size == first
    Journal(journal).add(BATCHES[1])
    assert Journal(journal).entries == BATCHES[0] | BATCHES[1]


def test_a_damaged_record_and_what_follows_is_dropped(journal: Path) -> None:
    data = bytearray(journal.read_bytes())
    data[45] ^= 1
    journal.write_bytes(data)
    assert set(Journal(journal).entries) <= {"a"}
