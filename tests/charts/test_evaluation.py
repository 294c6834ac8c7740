"""Charts show the figures they are given, and react to light, dark, clicks and gaps."""

import math

import pytest

from fashion_search.catalog import Protocol, draw_split
from fashion_search.charts import evaluation as charts
from fashion_search.charts.style import colour_of
from fashion_search.encoders import ENCODERS
from fashion_search.encoders.base import GREY
from fashion_search.evaluation import mismatches
from fashion_search.evaluation.measures import MEASURES, PAPERS
from fashion_search.evaluation.rankings import rank
from fashion_search.evaluation.scores import Figure, figures, grouped
from fashion_search.evaluation.statistics import Interval
from tests import samples

COLUMNS = ("article_type", "base_colour", "usage")


def figures_at(k: int, sizes: tuple[int, ...] = (4, 5, 6, 4)) -> dict[str, dict[str, Figure]]:
    found = {}
    for seed, method in enumerate(("histogram", "resnet18")):
        library = samples.library(sizes, seed=seed)
        rankings = rank(library, draw_split(library.catalog, Protocol.LEAVE_ONE_OUT))
        found[method] = figures(rankings, grouped(library.catalog, rankings), k)
    return found


def traces(chart: object, kind: str, **wanted: object) -> list[dict[str, object]]:
    found = [trace for trace in chart.to_dict()["data"] if trace["type"] == kind]  # type: ignore[attr-defined]
    return [trace for trace in found if all(trace.get(name) == value for name, value in wanted.items())]


def test_every_method_has_a_colour_of_its_own() -> None:
    assert len({colour_of(method) for method in ENCODERS} - {GREY}) == len(ENCODERS)


def test_bars_show_values_intervals_and_what_was_clicked() -> None:
    found = figures_at(5)
    chart = charts.bars(found, 5, PAPERS)
    assert len(traces(chart, "bar")) == 2
    for method, bar in zip(found, traces(chart, "bar"), strict=True):
        intervals = [found[method][measure].macro for measure in PAPERS]
        assert list(bar["y"]) == [interval.value for interval in intervals]  # type: ignore[call-overload]
        assert bar["customdata"] == [[method, measure] for measure in PAPERS]
        error = bar["error_y"]
        for interval, up, down in zip(intervals, error["array"], error["arrayminus"], strict=True):  # type: ignore[index]
            assert interval.value + up == pytest.approx(interval.high)
            assert interval.value - down == pytest.approx(interval.low)
        assert bar["error_y"]["color"] == colour_of(method)  # type: ignore[index]
    ticks = chart.layout.xaxis.ticktext
    assert list(ticks) == ["Precision@5", "Recall@5", "Hit@5"]


def test_bars_show_ceiling_and_chance_of_each_measure() -> None:
    found = figures_at(5)
    chart = charts.bars(found, 5, PAPERS)
    for name, field in (("Ceiling", "ceiling"), ("Chance", "chance")):
        (level,) = traces(chart, "scatter", name=name)
        expected = [getattr(found["histogram"][measure], field) for measure in PAPERS]
        assert list(level["y"])[::3] == expected  # type: ignore[call-overload]


def test_the_papers_values_stand_on_the_bars_they_belong_to() -> None:
    paper = {"resnet18": {"precision": 0.2, "hit": 0.6}, "unknown": {"hit": 0.1}}
    chart = charts.bars(figures_at(5), 5, PAPERS, paper)
    (diamonds,) = traces(chart, "scatter", name="The paper")
    assert list(diamonds["y"]) == [0.2, 0.6]  # type: ignore[call-overload]
    bar = traces(chart, "bar")[1]
    assert list(diamonds["x"]) == [bar["x"][0], bar["x"][2]]  # type: ignore[call-overload, index]
    assert not traces(charts.bars(figures_at(5), 5, PAPERS), "scatter", name="The paper")


def test_values_stand_above_whatever_reaches_highest() -> None:
    found = figures_at(5)
    chart = charts.bars(found, 5, PAPERS, {"resnet18": {"precision": 0.99, "recall": 0.01}})
    labels = traces(chart, "scatter", mode="markers+text")[1]
    highs = [found["resnet18"][measure].macro.high for measure in PAPERS]
    assert list(labels["y"]) == [0.99, *highs[1:]]  # type: ignore[call-overload]


def test_bars_of_nothing_say_so() -> None:
    nothing = Figure(Interval(math.nan, math.nan, math.nan), math.nan, math.nan, math.nan)
    chart = charts.bars({"histogram": dict.fromkeys(MEASURES, nothing)}, 5, PAPERS)
    assert "nan" not in chart.to_json().lower()
    (labels,) = traces(chart, "scatter", mode="markers+text")
    assert list(labels["text"]) == ["–", "–", "–"]  # type: ignore[call-overload]


def test_against_k_draws_a_line_and_a_band_per_method_and_the_ceiling() -> None:
    at = {k: figures_at(k) for k in (1, 5, 10)}
    chart = charts.against_k(at, "recall")
    lines = traces(chart, "scatter", mode="lines+markers")
    bands = traces(chart, "scatter", fill="toself")
    for method, line, band in zip(("histogram", "resnet18"), lines, bands, strict=True):
        intervals = [at[k][method]["recall"].macro for k in at]
        assert list(line["x"]) == ["1", "5", "10"]  # type: ignore[call-overload]
        assert list(line["y"]) == [interval.value for interval in intervals]  # type: ignore[call-overload]
        lows = [interval.low for interval in intervals]
        assert list(band["y"]) == [interval.high for interval in intervals] + lows[::-1]  # type: ignore[call-overload]
        assert line["line"]["color"] == colour_of(method)  # type: ignore[index]
    (ceiling,) = traces(chart, "scatter", name="Ceiling")
    assert list(ceiling["y"]) == [at[k]["histogram"]["recall"].ceiling for k in at]  # type: ignore[call-overload]


def test_mismatches_stack_correct_first_and_then_the_kinds_in_order() -> None:
    shares = {"histogram": {0: 0.25, 2: 0.5, 7: 0.25}, "resnet18": {0: 1.0}}
    pieces = traces(charts.mismatches(shares, COLUMNS), "bar")
    kinds = mismatches.kinds(COLUMNS)
    assert [piece["name"] for piece in pieces] == ["Correct", *(kind.label for kind in kinds)]
    assert pieces[0]["marker"]["color"] == charts.CORRECT  # type: ignore[index]
    for code, piece in zip([0, *(kind.code for kind in kinds)], pieces, strict=True):
        assert list(piece["x"]) == [shares[method].get(code, 0.0) for method in shares]  # type: ignore[call-overload]
    assert pieces[2]["customdata"] == [["histogram", "base_colour"], ["resnet18", "base_colour"]]
    assert sum(piece["x"][0] for piece in pieces) == pytest.approx(1)  # type: ignore[index]


@pytest.mark.parametrize("columns", [("group",), ("kind", "shade"), ("a", "b", "c", "d")])
def test_every_kind_of_mistake_has_a_colour_of_its_own(columns: tuple[str, ...]) -> None:
    pieces = traces(charts.mismatches({"histogram": {0: 1.0}}, columns), "bar")
    assert len({piece["marker"]["color"] for piece in pieces}) == 2 ** len(columns)  # type: ignore[index]


def test_charts_take_fonts_and_backgrounds_from_the_page() -> None:
    drawn = [
        charts.bars(figures_at(5), 5, PAPERS),
        charts.against_k({1: figures_at(1), 5: figures_at(5)}, "hit"),
        charts.mismatches({"histogram": {0: 1.0}}, COLUMNS),
    ]
    for chart in drawn:
        layout = chart.to_dict()["layout"]
        assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"
        assert "font" not in layout
        assert "title" not in layout
