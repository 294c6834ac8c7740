import doctest
import itertools
import math
from collections.abc import Callable, Sequence

import ir_measures
import numpy as np
import pytest
from ir_measures import AP, RR, P, Qrel, R, Rprec, ScoredDoc, Success, nDCG
from numpy.typing import NDArray

from fashion_search.evaluation import metrics


def test_the_examples_in_the_documentation_hold() -> None:
    result = doctest.testmod(metrics, extraglobs={"np": np})
    assert result.attempted >= 9
    assert result.failed == 0


# One query at a time, from the definitions -----------------------------------------------------------------------


def naive(gains: list[int], grades: list[int], k: int) -> dict[str, float]:
    """Figures of one query whose whole gallery is ordered; what gains as many as there are columns is relevant."""
    most = len(grades) - 1
    total, relevant = grades[most], [gain == most for gain in gains]
    ranks = [rank for rank, right in enumerate(relevant, start=1) if right]
    within = [rank for rank in ranks if rank <= k]
    best = sorted((gain for gain, many in enumerate(grades) for _ in range(many)), reverse=True)

    def dcg(order: list[float]) -> float:
        return sum(gain / math.log2(1 + rank) for rank, gain in enumerate(order[:k], start=1))

    return {
        "precision": len(within) / k,
        "recall": len(within) / total,
        "hit": float(bool(within)),
        "map": sum(sum(other <= rank for other in ranks) / rank for rank in within) / total,
        "ndcg": dcg([float(right) for right in relevant]) / dcg([float(gain == most) for gain in best]),
        "graded_ndcg": dcg(list(map(float, gains))) / dcg(list(map(float, best))),
        "r_precision": sum(rank <= total for rank in ranks) / total,
        "mrr": 1 / ranks[0],
    }


def figures(gains: NDArray[np.intp], grades: NDArray[np.intp], k: int) -> dict[str, metrics.Values]:
    """The same by the module, for queries whose galleries are alike in size, shape (q, n)."""
    q, n = gains.shape
    most = grades.shape[1] - 1
    totals = grades[:, most]
    whole = gains == most
    first = np.zeros((q, k), dtype=np.intp)  # beyond the gallery nothing is relevant
    first[:, : min(k, n)] = gains[:, :k]
    relevant = first == most
    return {
        "precision": metrics.precision(relevant),
        "recall": metrics.recall(relevant, totals),
        "hit": metrics.hit(relevant),
        "map": metrics.average_precision(relevant, totals),
        "ndcg": metrics.ndcg(relevant, metrics.ideal_binary(totals, k)),
        "graded_ndcg": metrics.ndcg(first, metrics.ideal_graded(grades, k)),
        "r_precision": metrics.r_precision(whole, totals),
        "mrr": metrics.reciprocal_rank(whole.argmax(axis=1) + 1),
    }


def random_orders(n: int, q: int = 60, columns: int = 3) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Gains of whole galleries in random order, and how many items gain what; each query has a relevant item."""
    generator = np.random.default_rng(n)
    gains = generator.choice(columns + 1, size=(q, n), p=[0.5, 0.25, 0.15, 0.1])
    gains[np.arange(q), generator.integers(0, n, q)] = columns
    grades = np.stack([(gains == gain).sum(axis=1) for gain in range(columns + 1)], axis=1)
    return gains, grades


@pytest.mark.parametrize("n", [1, 2, 7, 40])
@pytest.mark.parametrize("k", [1, 5, 20])
def test_against_naive_versions(n: int, k: int) -> None:
    gains, grades = random_orders(n)
    found = figures(gains, grades, k)
    for query in range(len(gains)):
        expected = naive(gains[query].tolist(), grades[query].tolist(), k)
        assert {name: values[query] for name, values in found.items()} == pytest.approx(expected, rel=1e-12)


# Against ir-measures, which calls trec_eval ----------------------------------------------------------------------


def judged(gains: Sequence[Sequence[int]], most: int, k: int) -> dict[str, list[float]]:
    """Figures of queries whose whole galleries are ordered; what gains ``most`` is relevant."""
    measures = {
        "precision": P(rel=most) @ k,
        "recall": R(rel=most) @ k,
        "hit": Success(rel=most) @ k,
        "map": AP(rel=most) @ k,
        "graded_ndcg": nDCG @ k,
        "r_precision": Rprec(rel=most),
        "mrr": RR(rel=most),
    }
    binary = nDCG(gains={gain: int(gain == most) for gain in range(most + 1)}) @ k
    places = [(query, rank, int(gain)) for query, order in enumerate(gains) for rank, gain in enumerate(order)]
    qrels = [Qrel(str(query), str(rank), gain) for query, rank, gain in places]
    run = [ScoredDoc(str(query), str(rank), float(-rank)) for query, rank, _ in places]  # strict: it breaks ties by id
    found = {
        (one.measure, int(one.query_id)): one.value
        for wanted in (list(measures.values()), [binary])  # in one call it may mix up the two kinds of nDCG
        for one in ir_measures.iter_calc(wanted, qrels, run)
    }
    measures["ndcg"] = binary
    return {name: [found[measure, query] for query in range(len(gains))] for name, measure in measures.items()}


@pytest.mark.parametrize("n", [3, 30, 300])
@pytest.mark.parametrize("k", [1, 5, 20])
def test_against_ir_measures(n: int, k: int) -> None:
    gains, grades = random_orders(n)
    theirs = judged(gains, 3, k)
    for name, values in figures(gains, grades, k).items():
        np.testing.assert_allclose(values, theirs[name], atol=1e-9, err_msg=name)


# By hand ---------------------------------------------------------------------------------------------------------

RELEVANT = np.array(
    [
        [True, False, True, False, False],
        [False, False, False, False, False],
        [True, True, True, True, True],
    ]
)
TOTALS = np.array([4, 3, 10])


def test_by_hand() -> None:
    np.testing.assert_allclose(metrics.precision(RELEVANT), [2 / 5, 0, 1])
    np.testing.assert_allclose(metrics.recall(RELEVANT, TOTALS), [2 / 4, 0, 5 / 10])
    np.testing.assert_allclose(metrics.hit(RELEVANT), [1, 0, 1])
    np.testing.assert_allclose(metrics.average_precision(RELEVANT, TOTALS), [(1 + 2 / 3) / 4, 0, 5 / 10])
    np.testing.assert_allclose(metrics.r_precision(RELEVANT, np.array([3, 3, 5])), [2 / 3, 0, 1])
    best = 1 + 1 / math.log2(3) + 1 / 2 + 1 / math.log2(5)
    np.testing.assert_allclose(metrics.ndcg(RELEVANT, metrics.ideal_binary(TOTALS, 5)), [1.5 / best, 0, 1])


def test_precision_is_divided_by_k_even_where_fewer_items_are_relevant() -> None:
    assert metrics.precision(np.array([[True, True, False, False, False]])) == [2 / 5]


def test_average_precision_is_divided_by_all_relevant_items_even_where_they_are_more_than_k() -> None:
    assert metrics.average_precision(np.array([[True, True]]), np.array([8])) == [2 / 8]


def test_gains_count_as_they_are() -> None:
    gains = np.array([[1, 3, 2]], dtype=np.uint8)
    expected = (1 + 3 / math.log2(3) + 2 / 2) / (3 + 2 / math.log2(3) + 1 / 2)
    np.testing.assert_allclose(metrics.ndcg(gains, np.array([[3, 2, 1]], dtype=np.uint8)), expected)


def test_without_anything_to_gain_ndcg_is_nought() -> None:
    assert metrics.ndcg(np.zeros((1, 3)), np.zeros((1, 3))) == [0]
    assert metrics.chance_ndcg(np.zeros(1), np.zeros((1, 3)), np.array([5])) == [0]


def test_ideal_gains_are_the_largest_of_the_gallery() -> None:
    _, grades = random_orders(9)
    for query, ideal in enumerate(metrics.ideal_graded(grades, 12)):
        gains = sorted((gain for gain in range(4) for _ in range(grades[query, gain])), reverse=True)
        assert ideal.tolist() == gains + [0] * 3
    np.testing.assert_array_equal(metrics.ideal_binary(np.array([0, 2, 9]), 3), [[0, 0, 0], [1, 1, 0], [1, 1, 1]])


# What chance gives, and what is attainable: over every order of a small gallery ----------------------------------

GALLERIES = [[3], [3, 0], [3, 3], [3, 2, 1, 0, 0], [3, 3, 1, 0, 0, 0], [3, 3, 3, 3, 2, 0], [2, 3, 0, 0, 0, 1, 1]]


def over_all_orders(gallery: list[int], k: int) -> tuple[metrics.Counts, metrics.Counts, dict[str, metrics.Values]]:
    """Items by gain, their number, and every figure of every order."""
    orders = np.array(list(itertools.permutations(gallery)))
    grades = np.bincount(gallery, minlength=4)[None]
    return grades, np.array([len(gallery)]), figures(orders, np.repeat(grades, len(orders), axis=0), k)


@pytest.mark.parametrize("gallery", GALLERIES, ids=str)
@pytest.mark.parametrize("k", [1, 2, 5, 6, 20])
def test_chance_is_the_mean_over_all_orders(gallery: list[int], k: int) -> None:
    grades, n, values = over_all_orders(gallery, k)
    totals, mean_gain = grades[:, -1], np.array([np.mean(gallery)])
    chance = {
        "precision": metrics.chance_precision(totals, n, k),
        "recall": metrics.chance_recall(n, k),
        "hit": metrics.chance_hit(totals, n, k),
        "map": metrics.chance_average_precision(totals, n, k),
        "ndcg": metrics.chance_ndcg(totals / n, metrics.ideal_binary(totals, k), n),
        "graded_ndcg": metrics.chance_ndcg(mean_gain, metrics.ideal_graded(grades, k), n),
        "r_precision": metrics.chance_r_precision(totals, n),
        "mrr": metrics.chance_reciprocal_rank(totals, n),
    }
    assert {name: one.item() for name, one in chance.items()} == pytest.approx(
        {name: of_orders.mean() for name, of_orders in values.items()}, abs=1e-12
    )


@pytest.mark.parametrize("gallery", GALLERIES, ids=str)
@pytest.mark.parametrize("k", [1, 2, 5, 6, 20])
def test_ceilings_are_those_of_the_best_order(gallery: list[int], k: int) -> None:
    grades, _, values = over_all_orders(gallery, k)
    totals = grades[:, -1]
    assert metrics.ceiling_precision(totals, k).item() == values["precision"].max()
    assert metrics.ceiling_recall(totals, k).item() == pytest.approx(values["recall"].max(), abs=1e-12)
    assert metrics.ceiling_recall(totals, k).item() == pytest.approx(values["map"].max(), abs=1e-12)
    for name in ("hit", "ndcg", "graded_ndcg", "r_precision", "mrr"):
        assert values[name].max() == pytest.approx(1, abs=1e-12)


CHANCES: dict[str, Callable[[metrics.Counts, metrics.Counts], metrics.Values]] = {
    "precision": lambda totals, n: metrics.chance_precision(totals, n, 5),
    "recall": lambda totals, n: metrics.chance_recall(n, 5),
    "hit": lambda totals, n: metrics.chance_hit(totals, n, 5),
    "map": lambda totals, n: metrics.chance_average_precision(totals, n, 5),
    "ndcg": lambda totals, n: metrics.chance_ndcg(totals / n, metrics.ideal_binary(totals, 5), n),
    "r_precision": metrics.chance_r_precision,
    "mrr": metrics.chance_reciprocal_rank,
}


@pytest.mark.parametrize("name", CHANCES)
def test_chance_of_many_queries_is_that_of_each(name: str) -> None:
    totals = np.array([3, 1, 3, 19, 3, 2])
    n = np.array([40, 40, 6216, 19, 40, 3])
    chance = CHANCES[name]
    one_by_one = [chance(totals[[query]], n[[query]]).item() for query in range(len(n))]
    np.testing.assert_allclose(chance(totals, n), one_by_one, rtol=1e-12)
    assert one_by_one[0] == one_by_one[4]


@pytest.mark.parametrize("name", CHANCES)
def test_chance_in_a_large_gallery(name: str) -> None:
    """As large as the paper's, where closed forms could lose digits: against 20,000 random orders."""
    n, total, draws = 6216, 19, 20_000
    generator = np.random.default_rng(0)
    ranks = np.sort(np.stack([generator.choice(n, total, replace=False) for _ in range(draws)]), axis=1)
    relevant = (ranks[:, :, None] == np.arange(5)).any(axis=1)
    totals = np.full(draws, total)
    drawn = {
        "precision": metrics.precision(relevant),
        "recall": metrics.recall(relevant, totals),
        "hit": metrics.hit(relevant),
        "map": metrics.average_precision(relevant, totals),
        "ndcg": metrics.ndcg(relevant, metrics.ideal_binary(totals, 5)),
        "r_precision": (ranks < total).sum(axis=1) / total,
        "mrr": metrics.reciprocal_rank(ranks[:, 0] + 1),
    }[name]
    error = drawn.std() / math.sqrt(draws)
    assert CHANCES[name](np.array([total]), np.array([n])).item() == pytest.approx(drawn.mean(), abs=4 * error)


@pytest.mark.parametrize("name", CHANCES)
def test_no_queries_give_no_values(name: str) -> None:
    nothing = np.array([], dtype=np.intp)
    assert CHANCES[name](nothing, nothing).shape == (0,)
    assert all(values.shape == (0,) for values in figures(np.empty((0, 3), int), np.empty((0, 4), int), 5).values())
