"""Many methods at once: which are drawn, and how every two compare."""

import numpy as np
import pytest

from fashion_search.evaluation.many import MOST_DRAWN, Matrix, by_quality, few, told
from fashion_search.evaluation.statistics import Comparison, GroupedQueries, Interval, compare, holm

MEANS = {"a": 0.1, "b": 0.5, "fashion": 0.2, "c": 0.3, "d": 0.3, "e": 0.05, "f": 0.04}


def test_of_many_the_best_ours_and_the_chosen_are_drawn_in_their_own_order() -> None:
    assert len(MEANS) > MOST_DRAWN
    assert few(MEANS) == ("b", "fashion")
    assert few(MEANS, ["a", "d"]) == ("a", "b", "fashion", "d")
    assert few(MEANS, ["unknown"]) == ("b", "fashion")
    all_of_them = dict(list(MEANS.items())[:MOST_DRAWN])
    assert few(all_of_them) == tuple(all_of_them)


def test_the_matrix_falls_in_quality_and_has_every_pair_once() -> None:
    generator = np.random.default_rng(0)
    queries = GroupedQueries(np.repeat(np.arange(20), 5))
    values = {name: (generator.random(100) < mean).astype(float) for name, mean in MEANS.items()}
    values["d"] = values["c"]  # as good as each other
    means = {name: float(one.mean()) for name, one in values.items()}
    matrix = Matrix.of(compare(values, queries), means)
    assert list(matrix.methods) == by_quality(means)
    places = {name: place for place, name in enumerate(matrix.methods)}
    assert len(matrix.cells) == 21
    assert all(places[row] < places[column] for row, column in matrix.cells)
    assert [one.second for one in matrix.against_best()] == list(matrix.methods[1:])
    assert told(matrix.cells["c", "d"]).startswith(".00 [.00, .00], p = 1") or "p =" in told(matrix.cells["c", "d"])


def test_all_pairs_at_once_are_those_compared_one_by_one() -> None:
    generator = np.random.default_rng(1)
    queries = GroupedQueries(np.repeat(np.arange(30), 4))
    values = {str(place): generator.random(120) + 0.05 * place for place in range(4)}
    found = compare(values, queries)
    p_values = [queries.p_value(values[one.first] - values[one.second]) for one in found]
    assert [one.p for one in found] == pytest.approx(holm(p_values))
    for one in found:
        alone = queries.interval(values[one.first] - values[one.second])
        assert (one.difference.low, one.difference.high) == pytest.approx((alone.low, alone.high))
        assert one.difference.value >= 0
    assert compare({"alone": np.ones(120)}, queries) == []


def test_what_cannot_be_compared_is_a_dash() -> None:
    nothing = float("nan")
    assert told(Comparison("a", "b", Interval(nothing, nothing, nothing), nothing, 0, 0, 0)) == "–"
