"""What was measured is kept as JSON and read back as it was."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import measured
from benchmarks.measured import KeptFiguresError, Measured
from tests.benchmarks.made import CONDITIONS, ROW

MADE = Measured("exact", "Searching", True, 12.5, CONDITIONS, (ROW, replace(ROW, facts={"recall@10": 0.99})))


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    measured.write(tmp_path / "kept.json", [MADE])
    assert measured.read(tmp_path / "kept.json") == (MADE,)


def test_json_has_ratio_spread_and_conditions() -> None:
    [one] = json.loads(measured.as_json([MADE]))["measured"]
    assert one["rows"][0]["ratio"] == {"value": 1.25, "low": 1.125, "high": 1.375}
    assert one["rows"][0]["goal"] == {"sign": "≤", "limit": 1.3, "unit": ""}
    assert one["conditions"]["machine"] == CONDITIONS.machine


def test_where_nothing_was_kept_nothing_is_read(tmp_path: Path) -> None:
    assert measured.read(tmp_path / "none.json") == ()


@pytest.mark.parametrize("content", ["{", "[]", '{"measured": [{"name": 3}]}', '{"measured": [{"name": "exact"}]}'])
def test_another_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "kept.json"
    path.write_text(content, "utf-8")
    with pytest.raises(KeptFiguresError, match=r"kept.json holds no measurements \(.+\). Remove it and measure again."):
        measured.read(path)


def test_a_new_measurement_replaces_that_of_the_same_benchmark() -> None:
    other, again = replace(MADE, name="start"), replace(MADE, seconds=1.0)
    assert measured.with_new((MADE, other), again) == (other, again)
