"""RESULTS.md is written of what was kept: machine, table, growth, and what was tried."""

from dataclasses import replace

from benchmarks import results
from benchmarks.growth import Point
from benchmarks.measured import Measured
from tests.benchmarks.made import CONDITIONS, ROW

MADE = Measured("exact", "Searching", True, 12.5, CONDITIONS, (ROW,))
POINTS = (Point("hnsw", 1_000, 0.3, 600_000, 0.99, 1.5), Point("exact", 1_000, 0.1, 512_000, 1.0, 0.0))


def test_the_page_says_machine_versions_and_when_once() -> None:
    later = replace(CONDITIONS, load=3.0, date="2026-01-03T00:00Z")
    text = results.page([MADE, replace(MADE, name="start", conditions=later)], (), "## Tried\n\n- a thing\n")
    assert text.count("AMD EPYC, 2 cores, Linux x86_64 (AVX-512, bf16), 25 GB; Python 3.11.7, numpy 2.4.6.") == 1
    assert "| `exact` | 2 threads, load 0.2, 2026-01-02T03:04Z, commit abc1234 |" in text
    assert "| `start` | 2 threads, load 3.0, 2026-01-03T00:00Z, commit abc1234 (a busy machine) |" in text
    assert "| one query | NumPy | 4.0 ms | 5.0 ms | 1.25 × [1.12, 1.38] | ≤ 1.3, met |" in text
    assert text.endswith("\n\n## Tried\n\n- a thing\n")
    assert "## Growth" not in text


def test_growth_is_a_table_by_index_and_size() -> None:
    text = results.page([], POINTS, "")
    assert "| hnsw | 1,000 | 0.30 | 0.6 | 0.990 | 1.5 |\n| exact | 1,000 | 0.10 | 0.5 | 1.000 | 0.0 |" in text
    assert "## Conditions" not in text


def test_what_this_commit_measured_here_need_not_be_measured_again() -> None:
    assert results.is_kept([MADE], "exact", True, CONDITIONS)
    assert not results.is_kept([MADE], "exact", False, CONDITIONS)
    assert not results.is_kept([MADE], "start", True, CONDITIONS)
    assert not results.is_kept([MADE], "exact", True, replace(CONDITIONS, commit="other"))


def test_what_is_kept_stands_in_the_order_of_the_registry() -> None:
    kept = [replace(MADE, name=name) for name in ("memory", "gone", "start")]
    assert [one.name for one in results.in_order(kept)] == ["start", "memory"]
