"""Classification by neighbours and by a classifier, against a plain second implementation and scikit-learn."""

import math
from collections import defaultdict

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, top_k_accuracy_score

from fashion_search.catalog import Protocol, draw_split
from fashion_search.errors import UnknownNameError
from fashion_search.evaluation.classification import Classification, by_classifier, by_neighbours
from fashion_search.evaluation.rankings import Rankings, rank
from fashion_search.evaluation.statistics import GroupedQueries
from tests import samples

MIXED = samples.mixed_catalog(120)


def ranked(seed: int = 0) -> Rankings:
    return rank(samples.library_of(MIXED, seed=seed), draw_split(MIXED, Protocol.LEAVE_ONE_OUT))


def naive(rankings: Rankings, query: int, place: int, k: int) -> list[str]:
    """The values that are named, the most votes first and among equal ones that of the nearer neighbour."""
    votes: dict[str, float] = defaultdict(float)
    rows = [row for row in rankings.rows[query, :k].tolist() if row >= 0]
    for rank_of, row in reversed(list(enumerate(rows))):
        votes[MIXED.items[row].labels[place]] += max(float(rankings.scores[query, rank_of]), 0.0)
    nearest = {MIXED.items[row].labels[place]: rank_of for rank_of, row in reversed(list(enumerate(rows)))}
    return sorted(votes, key=lambda value: (-votes[value], nearest[value]))


@pytest.mark.parametrize("k", [1, 4, 20])
@pytest.mark.parametrize("column", samples.COLUMNS)
def test_neighbours_vote_as_a_plain_count_has_it(column: str, k: int) -> None:
    rankings = ranked()
    found = by_neighbours(MIXED, rankings, column, k)
    place = samples.COLUMNS.index(column)
    assert found.values == tuple(MIXED.values(column))
    assert found.left_out == len(rankings.left_out) > 0
    for query, row in enumerate(rankings.queries.tolist()):
        named = [found.values[one] for one in found.order[query].tolist() if one >= 0]
        expected = naive(rankings, query, place, k)
        assert named == expected
        right = MIXED.items[row].labels[place]
        assert found.values[found.truth[query]] == right
        for top in (1, 2, 3):
            assert found.is_among(top)[query] == (right in expected[:top])


def test_the_nearer_neighbour_decides_among_equal_votes() -> None:
    made = samples.labelled([("a",), ("b",), ("a",), ("b",)], ("kind",))
    rankings = rank(samples.on_a_line(made, [0.0, 0.3, -0.5, 0.5]), draw_split(made, Protocol.LEAVE_ONE_OUT))
    found = by_neighbours(made, rankings, "kind", k=3)
    # Of the first item's neighbours b votes with 0.3 and 0.5 away; a with 0.5 alone.
    assert [found.values[one] for one in found.order[0]] == ["b", "a"]
    assert by_neighbours(made, rankings, "kind", k=1).order[0].tolist() == [1, -1]
    twins = samples.labelled([("a",), ("b",), ("a",), ("b",)], ("kind",))
    equal = rank(samples.on_a_line(twins, [0.0, 0.5, -0.5, 1.5]), draw_split(twins, Protocol.LEAVE_ONE_OUT))
    first = twins.items[equal.rows[0, 0]].labels[0]
    assert equal.scores[0, 0] == equal.scores[0, 1]
    assert (
        by_neighbours(twins, equal, "kind", k=2).values[by_neighbours(twins, equal, "kind", k=2).order[0, 0]] == first
    )


def test_neighbours_that_point_away_do_not_vote_against() -> None:
    made = samples.labelled([("a",), ("b",), ("a",), ("b",)], ("kind",))
    rankings = rank(samples.on_a_line(made, [0.0, 1.5, 1.55, 2.9]), draw_split(made, Protocol.LEAVE_ONE_OUT))
    found = by_neighbours(made, rankings, "kind", k=3)
    assert [found.values[one] for one in found.order[0]] == ["b", "a"]  # though one b is nearly opposite


def classified(seed: int = 0, n_values: int = 6) -> tuple[Classification, np.ndarray, np.ndarray]:
    """Random probabilities that are right more often than not; the truth and the probabilities."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, n_values, 200)
    values = [f"v{place}" for place in range(n_values)]
    made = samples.labelled([(values[code], str(row % 40)) for row, code in enumerate(truth)], ("kind", "shelf"))
    probabilities = generator.random((200, n_values)) + np.eye(n_values)[truth] * 0.5
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return by_classifier(made, np.arange(200), "kind", values, probabilities), truth, probabilities


def test_a_classifiers_accuracies_are_scikit_learns() -> None:
    found, truth, probabilities = classified()
    for k in (1, 3, 5):
        assert found.top(k).value == pytest.approx(top_k_accuracy_score(truth, probabilities, k=k))
    assert found.balanced.value == pytest.approx(balanced_accuracy_score(truth, probabilities.argmax(axis=1)))
    assert found.left_out == 0


def test_intervals_draw_whole_style_groups() -> None:
    found, truth, _ = classified()
    top, balanced = found.top(1), found.balanced
    assert top == found.grouped.interval(found.is_among(1).astype(float))
    assert top.low < top.value < top.high
    assert balanced.low < balanced.value < balanced.high
    draws = found.grouped._draws[:50]  # against scikit-learn on each draw's own queries
    right = np.array([found.order[:, 0]]).ravel()
    codes = found.grouped.codes
    with pytest.MonkeyPatch.context() as patch:
        fewer = GroupedQueries(found.groups)
        patch.setattr(fewer, "_draws", draws)
        means = []
        for draw in draws:
            weights = draw[codes]
            taken = weights > 0
            means.append(balanced_accuracy_score(truth[taken], right[taken], sample_weight=weights[taken]))
        interval = fewer.mean_of_classes(found.is_among(1).astype(float), found.truth)
    low, high = np.quantile(means, [0.025, 0.975])
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-6)


def test_values_are_in_order_of_their_names_and_decide_among_equals() -> None:
    made = samples.labelled([("b",), ("a",), ("c",)], ("kind",))
    found = by_classifier(made, np.arange(3), "kind", ["c", "b", "a"], np.full((3, 3), 1 / 3))
    assert found.values == ("a", "b", "c")
    assert found.order.tolist() == [[0, 1, 2]] * 3
    assert found.truth.tolist() == [1, 0, 2]


def test_queries_of_a_value_that_was_not_learned_are_left_out() -> None:
    made = samples.labelled([("a",), ("b",), ("z",)], ("kind",))
    found = by_classifier(made, np.arange(3), "kind", ["a", "b"], np.array([[0.9, 0.1], [0.8, 0.2], [0.5, 0.5]]))
    assert (found.queries.tolist(), found.left_out) == ([0, 1], 1)
    assert found.top(1).value == 0.5
    assert found.balanced.value == 0.5


def test_without_queries_there_is_no_figure() -> None:
    made = samples.labelled([("a",), ("b",)], ("kind",))
    found = by_classifier(made, np.arange(2), "kind", ["x", "y"], np.full((2, 2), 0.5))
    assert math.isnan(found.top(3).value)
    assert math.isnan(found.balanced.value)
    one = by_classifier(made, np.arange(1), "kind", ["a", "b"], np.array([[0.9, 0.1]])).balanced
    assert one.value == 1
    assert math.isnan(one.low)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="has no column 'season'; it has article_type, base_colour, usage"):
        by_neighbours(MIXED, ranked(), "season")
    with pytest.raises(ValueError, match="probabilities of 2 queries and 3 values"):
        by_classifier(MIXED, np.arange(2), "usage", ["a", "b", "c"], np.ones((2, 2)))
