import math

import numpy as np
import pytest

from fashion_search.catalog import PROTOCOLS, Protocol, draw_split
from fashion_search.catalog.relevance import Applied
from fashion_search.evaluation.measures import KS, MEASURES
from fashion_search.evaluation.rankings import rank
from fashion_search.evaluation.scores import (
    PAPER,
    PAPER_K,
    SEEDS,
    Figure,
    SeedScores,
    figures,
    grouped,
    is_papers_data,
    seed_scores,
)
from fashion_search.evaluation.statistics import Interval
from tests import samples
from tests.evaluation.test_rankings import naive


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("k", [1, 5, 50])  # 50: more than the gallery of one per group holds
def test_the_papers_measures_against_a_naive_version(protocol: Protocol, k: int) -> None:
    library = samples.library([4, 20, 9, 5, 7], levels=2)
    split = draw_split(library.catalog, protocol, seed=3)
    rankings = rank(library, split)
    found = figures(rankings, grouped(library.catalog, rankings), k)
    each = [(sum(one.relevant[:k]), one.total) for one in naive(library, split)]
    assert found["precision"].macro.value == pytest.approx(np.mean([correct / k for correct, _ in each]))
    assert found["recall"].macro.value == pytest.approx(np.mean([correct / total for correct, total in each]))
    assert found["hit"].macro.value == pytest.approx(np.mean([correct > 0 for correct, _ in each]))


def test_by_hand() -> None:
    """``a a b b b`` on a line, each a step from the next; the first two results, nearer rows first.

    Results: a b | a b | a b (of the first b) | b b | b b. Right answers of the queries: 1 1 2 2 2.
    """
    made = samples.labelled([("a",), ("a",), ("b",), ("b",), ("b",)], ("group",))
    library = samples.on_a_line(made, [0, 0.1, 0.21, 0.33, 0.46])
    rankings = rank(library, draw_split(made, Protocol.LEAVE_ONE_OUT))
    assert rankings.rows[:, :2].tolist() == [[1, 2], [0, 2], [1, 3], [2, 4], [3, 2]]
    found = figures(rankings, grouped(made, rankings), 2)
    assert list(found) == list(MEASURES)

    def check(name: str, each: list[float], chance: list[float], ceiling: list[float]) -> None:
        figure = found[name]
        assert figure.macro.value == pytest.approx(np.mean(each))
        assert figure.micro == pytest.approx(np.average(each, weights=[1, 1, 2, 2, 2]))
        assert figure.chance == pytest.approx(np.mean(chance))
        assert figure.ceiling == pytest.approx(np.mean(ceiling))
        assert figure.lift == pytest.approx(np.mean(each) / np.mean(chance))
        assert figure.macro.low <= figure.macro.value <= figure.macro.high

    ones = [1.0] * 5
    check("precision", [0.5, 0.5, 0.5, 1, 1], [1 / 4, 1 / 4, 2 / 4, 2 / 4, 2 / 4], [0.5, 0.5, 1, 1, 1])
    check("recall", [1, 1, 0.5, 1, 1], [2 / 4] * 5, ones)
    check("hit", ones, [0.5, 0.5, 5 / 6, 5 / 6, 5 / 6], ones)
    check("map", [1, 1, 0.25, 1, 1], [3 / 8, 3 / 8, 5 / 12, 5 / 12, 5 / 12], ones)
    check("mrr", [1, 1, 0.5, 1, 1], [25 / 48, 25 / 48, 13 / 18, 13 / 18, 13 / 18], ones)
    check("r_precision", [1, 1, 0.5, 1, 1], [1 / 4, 1 / 4, 2 / 4, 2 / 4, 2 / 4], ones)


def test_micro_weighs_queries_by_their_right_answers() -> None:
    library = samples.library([4, 20, 9], levels=4)
    rankings = rank(library, draw_split(library.catalog, Protocol.LEAVE_ONE_OUT))
    precision = rankings.relevant[:, :5].mean(axis=1)
    found = figures(rankings, grouped(library.catalog, rankings), 5)["precision"]
    assert found.micro == pytest.approx((precision * rankings.totals).sum() / rankings.totals.sum())
    assert found.micro != pytest.approx(found.macro.value)


def test_intervals_draw_whole_style_groups() -> None:
    library = samples.library([4, 20, 9])
    rankings = rank(library, draw_split(library.catalog, Protocol.LEAVE_ONE_OUT))
    assert grouped(library.catalog, rankings).sizes.tolist() == [4, 20, 9]


def test_lift_of_a_chance_of_nought_is_unknown() -> None:
    assert math.isnan(Figure(Interval(0.1, 0, 0.2), 0.1, 0, 1).lift)
    assert Figure(Interval(0.3, 0, 1), 0.1, 0.1, 1).lift == pytest.approx(3)


def test_no_query_with_a_relevant_item_has_no_figures() -> None:
    library = samples.library([1, 1])
    rankings = rank(library, draw_split(library.catalog, Protocol.LEAVE_ONE_OUT))
    found = figures(rankings, grouped(library.catalog, rankings), 5)
    assert list(found) == list(MEASURES)
    for figure in found.values():
        values = (figure.macro.value, figure.macro.low, figure.macro.high, figure.micro, figure.chance, figure.ceiling)
        assert np.isnan(values).all()
        assert math.isnan(figure.lift)
    assert np.isnan(seed_scores(library, seeds=[0, 1]).values).all()


# Over split seeds ------------------------------------------------------------------------------------------------


def test_mean_and_deviation_over_seeds() -> None:
    library = samples.library([4, 20, 9, 5, 7])
    spread = seed_scores(library, seeds=range(4), ks=(1, 5))
    each = [rank(library, draw_split(library.catalog, Protocol.ONE_PER_GROUP, seed)) for seed in range(4)]
    assert spread.seeds == 4
    for name, measure in MEASURES.items():
        for k in (1, 5):
            values = [float(measure.of(one, k).mean()) for one in each]
            mean = sum(values) / 4
            assert spread.mean(name, k) == pytest.approx(mean)
            deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / 3)
            assert spread.deviation(name, k) == pytest.approx(deviation)


def test_values_are_found_by_measure_and_k() -> None:
    values = np.arange(2 * len(MEASURES) * 3, dtype=float).reshape(2, len(MEASURES), 3)
    spread = SeedScores(values, (1, 5, 10))
    assert spread.mean("hit", 10) == (values[0, 2, 2] + values[1, 2, 2]) / 2
    assert spread.deviation("precision", 1) == pytest.approx(abs(values[0, 0, 0] - values[1, 0, 0]) / math.sqrt(2))


def test_seeds_ks_and_verdicts_as_they_are_asked_for() -> None:
    library = samples.library_of(samples.mixed_catalog(60))
    assert seed_scores(library).values.shape == (SEEDS, len(MEASURES), len(KS))
    assert (
        seed_scores(library, seeds=[5, 6]).values[1].tolist() == seed_scores(library, seeds=[6, 7]).values[0].tolist()
    )
    removed = Applied(np.empty((0, 2), np.intp), np.array([3]))
    assert (seed_scores(library, removed, range(2)).values != seed_scores(library, seeds=range(2)).values).any()


@pytest.mark.parametrize("seeds", [[], [3]])
def test_a_spread_needs_two_seeds(seeds: list[int]) -> None:
    with pytest.raises(ValueError, match="at least two seeds"):
        seed_scores(samples.library([4, 5]), seeds=seeds)


# The paper -------------------------------------------------------------------------------------------------------


def test_the_papers_table() -> None:
    assert PAPER == {
        "histogram": {"precision": 0.0993, "recall": 0.0516, "hit": 0.3305},
        "resnet18": {"precision": 0.2154, "recall": 0.1175, "hit": 0.5993},
    }
    assert PAPER_K in KS


@pytest.mark.parametrize(
    ("columns", "n_groups", "n_items", "is_it"),
    [
        (samples.COLUMNS, 697, 6217, True),
        (list(samples.COLUMNS), 697, 6217, True),
        (samples.COLUMNS, 697, 6216, False),
        (samples.COLUMNS, 696, 6217, False),
        (samples.COLUMNS[:2], 697, 6217, False),
        (samples.COLUMNS[::-1], 697, 6217, False),
    ],
)
def test_the_papers_data_are_known_by_grouping_and_counts(
    columns: list[str], n_groups: int, n_items: int, is_it: bool
) -> None:
    assert is_papers_data(columns, n_groups, n_items) is is_it
