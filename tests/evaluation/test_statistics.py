import doctest
import math
from dataclasses import astuple

import numpy as np
import pytest
from scipy import stats

from fashion_search.evaluation import statistics
from fashion_search.evaluation.statistics import Comparison, GroupedQueries, Interval, compare, holm


def test_the_examples_in_the_documentation_hold() -> None:
    result = doctest.testmod(statistics)
    assert (result.attempted > 0, result.failed) == (True, 0)


def queries_of(sizes: list[int], seed: int = 0) -> tuple[GroupedQueries, np.ndarray, np.ndarray]:
    """Groups of these sizes with their queries in any order; values that are alike within a group; the groups."""
    generator = np.random.default_rng(seed)
    groups = generator.permutation(np.repeat(np.arange(len(sizes)) * 10 + 3, sizes))
    of_group = generator.random(max(groups, default=0) + 1)
    return GroupedQueries(groups), of_group[groups] + generator.normal(0, 0.1, len(groups)), groups


SIZES = [1, 2, 3, 5, 8, 13, 2, 2, 4, 7, 9, 1, 1, 6, 3, 3, 10, 4, 4, 5]


def test_values_are_added_up_by_group() -> None:
    queries, values, groups = queries_of(SIZES)
    expected = [[values[groups == group].sum(), (groups == group).sum()] for group in np.unique(groups)]
    np.testing.assert_allclose(queries.sums(np.stack([values, np.ones(len(values))], axis=1)), expected)
    assert queries.sizes.tolist() == SIZES


# Intervals -------------------------------------------------------------------------------------------------------


def test_intervals_are_those_of_a_cluster_bootstrap() -> None:
    """scipy draws pairs of a group's sum and size, with the ratio of their totals."""
    queries, values, _ = queries_of(SIZES)
    sums = queries.sums(values[:, None])[:, 0]
    theirs = stats.bootstrap(
        (sums, queries.sizes),
        lambda some, sizes, axis: some.sum(axis) / sizes.sum(axis),
        paired=True,
        method="percentile",
        n_resamples=20_000,
        random_state=np.random.default_rng(1),
    )
    found = queries.interval(values)
    assert found.value == pytest.approx(values.mean(), rel=1e-12)
    width = theirs.confidence_interval.high - theirs.confidence_interval.low
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval), abs=0.05 * width)


def test_each_draw_takes_as_many_groups_as_there_are() -> None:
    queries, _, _ = queries_of(SIZES)
    draws = queries._draws
    assert (draws.sum(axis=1) == len(SIZES)).all()
    np.testing.assert_allclose(draws.mean(axis=0), 1, atol=0.12)  # no group is preferred
    np.testing.assert_allclose(draws.var(axis=0), 1 - 1 / len(SIZES), atol=0.2)


@pytest.mark.parametrize("size", [1, 4, 9, 16])
def test_queries_that_only_repeat_each_other_narrow_nothing(size: int) -> None:
    """Where all queries of a group have one value, taking them for independent is wrong by the root of its size."""
    of_group = np.random.default_rng(size).normal(size=200)
    groups, values = np.repeat(np.arange(200), size), np.repeat(of_group, size)
    by_group = GroupedQueries(groups).interval(values)
    as_if_alone = GroupedQueries(np.arange(len(values))).interval(values)
    ratio = (by_group.high - by_group.low) / (as_if_alone.high - as_if_alone.low)
    assert ratio == pytest.approx(math.sqrt(size), rel=0.12)
    assert astuple(GroupedQueries(np.arange(200)).interval(of_group)) == pytest.approx(astuple(by_group))


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """600 made-up evaluations of 60 groups of 9 queries that agree; the true mean is .3."""
    values = np.repeat(np.random.default_rng(0).random((60, 600)) < 0.3, 9, axis=0).astype(float)

    def coverage(queries: GroupedQueries) -> float:
        return float(np.mean([one.low <= 0.3 <= one.high for one in queries.intervals(values)]))

    assert 0.91 < coverage(GroupedQueries(np.repeat(np.arange(60), 9))) < 0.98
    assert coverage(GroupedQueries(np.arange(540))) < 0.65


def test_every_column_has_its_own_interval_from_the_same_draws() -> None:
    queries, values, _ = queries_of(SIZES)
    both = queries.intervals(np.stack([values, 2 * values + 1], axis=1))
    alone = queries.interval(values)
    for bound in ("value", "low", "high"):
        assert getattr(both[0], bound) == pytest.approx(getattr(alone, bound), rel=1e-14)  # sums may round otherwise
        assert getattr(both[1], bound) == pytest.approx(2 * getattr(both[0], bound) + 1)


def test_large_groups_weigh_more() -> None:
    queries = GroupedQueries(np.array([5, 7, 7, 7]))
    assert queries.interval(np.array([1.0, 0, 0, 0])) == Interval(0.25, 0, 1)


# Permutation test ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_p_is_that_of_all_sign_changes(seed: int) -> None:
    queries, values, _ = queries_of([1, 4, 2, 7, 3, 3, 5, 2, 1], seed)
    differences = values - values.mean() + 0.15
    sums = queries.sums(differences[:, None])[:, 0]
    exact = stats.permutation_test((sums,), np.sum, permutation_type="samples", n_resamples=np.inf).pvalue
    assert queries.p_value(differences) == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize(
    "fifteenths", [[1, 2, 0, -3], [-4, 3, 3, 0, 2, -5, 1], [3, 3, -2, 5, -4, -4, -1], [0, 1, -4, -5, 1, 3, 4]]
)
def test_differences_that_cancel_out_are_none(fifteenths: list[int]) -> None:
    """Their sum is 0 but for rounding, so that every change of signs is at least as large."""
    differences = np.array(fifteenths) / 5 * (1 / 3)
    assert GroupedQueries(np.arange(len(fifteenths))).p_value(differences) == 1


@pytest.mark.parametrize("wins", [3, 5, 8])
def test_p_of_unanimous_groups_by_hand(wins: int) -> None:
    """Only two of all sign changes are as large: none, and all."""
    queries = GroupedQueries(np.repeat(np.arange(wins), 3))
    assert queries.p_value(np.full(3 * wins, 0.1)) == pytest.approx(2 / 2**wins, abs=0.012)


def test_p_is_never_nought() -> None:
    assert GroupedQueries(np.arange(100)).p_value(np.ones(100)) == 1 / (statistics.FLIPS + 1)


def test_p_is_uniform_where_nothing_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "FLIPS", 1_000)
    queries = GroupedQueries(np.repeat(np.arange(30), 4))
    generator = np.random.default_rng(0)
    noise = np.repeat(generator.normal(size=(300, 30)), 4, axis=1) + generator.normal(size=(300, 120))
    p_values = [queries.p_value(one) for one in noise]
    assert stats.kstest(p_values, "uniform").pvalue > 0.01
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=0.035)


def test_p_counts_groups_not_queries() -> None:
    """Two groups of 500 queries that agree are two cases, and prove nothing."""
    differences = np.full(1000, 0.2)
    assert GroupedQueries(np.repeat([0, 1], 500)).p_value(differences) == pytest.approx(0.5, abs=0.02)
    assert GroupedQueries(np.arange(1000)).p_value(differences) < 0.001


# Several comparisons ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p_values", "expected"),
    [
        ([], []),
        ([0.2], [0.2]),
        ([0.01, 0.04, 0.03], [0.03, 0.06, 0.06]),  # 3 × .01, 2 × .03, and .04 not below the one before
        ([0.5, 0.4, 0.9], [1, 1, 1]),
        ([0.01, 0.01, 0.01], [0.03, 0.03, 0.03]),
        ([0.0001, 0.2, 0.02, 0.011], [0.0004, 0.2, 0.04, 0.033]),
    ],
)
def test_holm_by_hand(p_values: list[float], expected: list[float]) -> None:
    assert holm(p_values) == pytest.approx(expected)


def measured(seed: int = 0) -> tuple[GroupedQueries, dict[str, np.ndarray]]:
    """Three methods over the same queries; ``good`` is better than the others, which hardly differ."""
    queries, values, _ = queries_of(SIZES, seed)
    noise = np.random.default_rng(seed + 1).normal(0, 0.02, (2, len(values)))
    return queries, {"weak": values + noise[0], "good": values + 0.2, "poor": values - 0.001 + noise[1]}


def test_every_two_methods_are_compared_the_better_one_first() -> None:
    queries, values = measured()
    found = compare(values, queries)
    assert [(one.first, one.second) for one in found] == [("good", "weak"), ("weak", "poor"), ("good", "poor")]
    for one in found:
        gaps = values[one.first] - values[one.second]
        assert one.difference == queries.interval(gaps)
        assert one.difference.value == pytest.approx(gaps.mean())
        assert one.difference.value >= 0
    assert [one.p for one in found] == holm([queries.p_value(values[one.first] - values[one.second]) for one in found])
    assert [one.verdict for one in found] == ["decisive", "undecided", "decisive"]


def test_queries_are_won_tied_and_lost() -> None:
    values = {"one": np.array([0.0, 0.2, 0.4, 0.4, 1.0]), "other": np.array([0.0, 0.2, 0.6, 0.6, 0.8])}
    found = compare(values, GroupedQueries(np.arange(5)))[0]
    assert (found.first, found.second) == ("other", "one")
    assert (found.wins, found.ties, found.losses) == (2, 2, 1)


def test_a_method_does_not_differ_from_itself() -> None:
    queries, values = measured()
    found = compare({"a": values["weak"], "b": values["weak"]}, queries)[0]
    assert (found.first, found.difference, found.p) == ("a", Interval(0, 0, 0), 1)
    assert (found.wins, found.ties, found.losses) == (0, len(values["weak"]), 0)
    assert found.verdict == "undecided"


@pytest.mark.parametrize(
    ("interval", "p", "verdict"),
    [
        (Interval(0.1, 0.05, 0.15), 0.0009, "decisive"),
        (Interval(0.1, 0.05, 0.15), 0.001, "clear"),
        (Interval(0.1, 0.05, 0.15), 0.0499, "clear"),
        (Interval(0.1, 0.05, 0.15), 0.05, "undecided"),
        (Interval(0.1, -0.01, 0.21), 0.0001, "undecided"),  # the interval does not agree
        (Interval(0.1, 0.0, 0.2), 0.0001, "undecided"),
        (Interval(-0.1, -0.15, -0.05), 0.0001, "decisive"),
        (Interval(math.nan, math.nan, math.nan), math.nan, "undecided"),
    ],
)
def test_verdicts_in_words(interval: Interval, p: float, verdict: str) -> None:
    assert Comparison("a", "b", interval, p, 1, 1, 1).verdict == verdict


def test_one_method_is_compared_with_nothing() -> None:
    queries, values = measured()
    assert compare({"good": values["good"]}, queries) == []


def test_no_queries_have_no_figures() -> None:
    nothing = np.array([])
    queries = GroupedQueries(np.array([], dtype=np.intp))
    assert np.isnan([[one.value, one.low, one.high] for one in queries.intervals(np.empty((0, 2)))]).all()
    found = compare({"a": nothing, "b": nothing}, queries)[0]
    assert (math.isnan(found.p), found.verdict, found.wins) == (True, "undecided", 0)


def test_the_same_again_gives_the_same_to_the_last_digit() -> None:
    first, second = (compare(values, queries) for queries, values in (measured(), measured()))
    assert first == second


def test_one_group_alone_has_no_interval() -> None:
    queries = GroupedQueries(np.zeros(5, dtype=np.intp))
    interval = queries.interval(np.array([0.0, 0.2, 0.4, 0.6, 0.8]))
    assert interval.value == pytest.approx(0.4)
    assert math.isnan(interval.low)
    assert math.isnan(interval.high)
