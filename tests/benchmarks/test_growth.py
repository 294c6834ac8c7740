"""Growth: points are kept as they are measured, and measured once."""

from pathlib import Path

import pytest

from benchmarks import growth
from benchmarks.growth import Point
from benchmarks.measured import KeptFiguresError


def test_points_are_measured_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []

    def made(name: str, exact: object) -> Point:
        asked.append((name, len(exact.vectors)))  # type: ignore[attr-defined]
        return Point(name, len(exact.vectors), 1.0, 10, 1.0, 0.0)  # type: ignore[attr-defined]

    monkeypatch.setattr(growth, "measured", made)
    growth.write([Point("hnsw", 1_000, 1.0, 10, 1.0, 0.0)], tmp_path / "growth.json")
    points = growth.grow(1_000, tmp_path / "growth.json")
    assert ("exact", 1_000) in asked
    assert not {("hnsw", 1_000), ("milvus", 1_000)} & set(asked)
    assert growth.read(tmp_path / "growth.json") == points
    asked.clear()
    assert growth.grow(1_000, tmp_path / "growth.json") == points
    assert not asked


def test_an_exact_point_has_all_of_the_first_ten() -> None:
    from benchmarks.indexing import clustered
    from benchmarks.searching import library_of

    point = growth.measured("exact", library_of(clustered(1_000)))
    assert (point.index, point.items, point.n_bytes, point.recall) == ("exact", 1_000, 1_000 * 128 * 4, 1.0)
    assert point.milliseconds > 0


def test_the_chart_has_both_axes_logarithmic_and_a_line_an_index() -> None:
    points = [Point(name, items, 1.0, 10**6, 1.0, 0.0) for name in ("exact", "hnsw") for items in (1_000, 10_000)]
    drawn = growth.chart(points)
    assert [line.name for line in drawn.data if line.showlegend is None] == ["exact", "hnsw"]
    assert {
        axis.type for axis in (drawn.layout.xaxis, drawn.layout.xaxis2, drawn.layout.yaxis, drawn.layout.yaxis2)
    } == {"log"}


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "growth.json").write_text("{}", "utf-8")
    with pytest.raises(KeptFiguresError, match="holds no points"):
        growth.read(tmp_path / "growth.json")
