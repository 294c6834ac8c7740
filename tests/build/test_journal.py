from pathlib import Path

import pytest

from fashion_search.build.journal import Journal

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
