"""Quality against cost: which methods no other beats, and how points are told apart."""

import json

import pytest

from fashion_search.charts.tradeoff import Point, frontier, tradeoff
from fashion_search.evaluation.statistics import Interval


def point(method: str, cost: float, value: float, title: str = "") -> Point:
    return Point(method, title or method, cost, Interval(value, value - 0.02, value + 0.03))


def test_the_frontier_is_what_no_other_beats_at_its_cost() -> None:
    points = [point("slow", 100, 0.3), point("cheap", 1, 0.1), point("worse", 20, 0.1), point("good", 20, 0.3)]
    assert [one.method for one in frontier(points)] == ["cheap", "good"]
    assert [one.method for one in frontier([point("same", 1, 0.2), point("better", 1, 0.3)])] == ["better"]
    assert frontier([]) == []


def test_every_point_has_a_sign_its_interval_and_its_method() -> None:
    points = [point(f"fake{place}", 1.5**place, 0.01 * place) for place in range(20)]
    drawn = json.loads(tradeoff(points, "Search", "Precision@5", "ms", "fake3").to_json())
    line, *marks = drawn["data"]
    assert line["line"]["shape"] == "hv"
    assert [mark["customdata"] for mark in marks] == [[[f"fake{place}"]] for place in range(20)]
    assert len({mark["marker"]["symbol"] for mark in marks}) == 20
    assert marks[5]["error_y"]["array"] == [pytest.approx(0.03)]
    assert marks[5]["error_y"]["arrayminus"] == [pytest.approx(0.02)]
    assert [mark["marker"]["size"] for mark in marks].count(17) == 1
    assert marks[3]["marker"]["size"] == 17
    assert drawn["layout"]["xaxis"]["type"] == "log"
    assert drawn["layout"]["xaxis"]["title"]["text"] == "Search, ms (logarithmic)"


def test_names_that_have_no_room_are_left_out_and_are_in_the_legend() -> None:
    same = [point(f"fake{place}", 10, 0.2) for place in range(12)]
    drawn = json.loads(tradeoff(same, "Search", "Precision@5", "ms").to_json())
    named = [mark for mark in drawn["data"][1:] if "text" in mark["mode"]]
    assert 0 < len(named) < 12
    assert len({mark["textposition"] for mark in named}) == len(named)
    assert drawn["layout"]["showlegend"] is True


def test_titles_are_text() -> None:
    drawn = json.loads(tradeoff([point("own", 1, 0.2, "<a href='x'>Own</a>")], "Search", "Recall@5", "ms").to_json())
    assert "<a" not in drawn["data"][1]["hovertext"]
    assert "<a" not in drawn["data"][1]["text"][0]
    assert "&lt;a" in drawn["data"][1]["name"]
