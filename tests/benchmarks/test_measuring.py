"""Values are taken in pairs, and their ratio is taken pair by pair."""

import pytest

from benchmarks.measuring import Goal, Ratio, Row, paired


def test_baseline_and_program_take_turns_after_a_warm_up_that_does_not_count() -> None:
    calls: list[str] = []

    def called(name: str) -> float:
        calls.append(name)
        return len(calls)

    pairs = paired(lambda: called("baseline"), lambda: called("ours"), 2, warm=1)
    assert calls == ["baseline", "ours"] * 3
    assert pairs == [(3, 4), (5, 6)]


def test_the_ratio_is_that_of_pairs_not_of_medians() -> None:
    row = Row.of("search", "product", [(1, 2), (10, 10), (3, 12)])  # medians: 3 and 10
    assert row.ratio == Ratio(2, 1.5, 3)
    assert (row.baseline, row.ours, row.pairs) == (3, 10, 3)


def test_of_a_speed_more_is_faster() -> None:
    assert Row.of("build", "loop", [(4, 2), (4, 2), (9, 3)], is_speed=True).ratio == Ratio(2, 2, 2.5)


def test_one_pair_has_no_spread() -> None:
    assert Row.of("memory", "empty", [(100, 250)], unit="MB").ratio == Ratio(2.5, 2.5, 2.5)


@pytest.mark.parametrize(
    ("goal", "is_met"),
    [
        (None, None),
        (Goal("≤", 1.5), True),
        (Goal("≤", 1.4), False),
        (Goal("≥", 1.5), True),
        (Goal("≥", 1.6), False),
        (Goal("≤", 3, "s"), True),  # the program's own seconds
        (Goal("≤", 2.9, "s"), False),
    ],
)
def test_a_goal_is_for_the_ratio_or_for_what_the_program_takes(goal: Goal | None, is_met: bool | None) -> None:
    assert Row.of("a", "b", [(2, 3)], goal=goal).is_met is is_met
