import doctest

import numpy as np
import pytest

from fashion_search.evaluation import metrics


def test_the_examples_in_the_documentation_hold() -> None:
    result = doctest.testmod(metrics, extraglobs={"np": np})
    assert result.attempted >= 3
    assert result.failed == 0


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


@pytest.mark.parametrize("k", [1, 5, 20])
def test_against_naive_versions(k: int) -> None:
    generator = np.random.default_rng(k)
    relevant = generator.random((50, k)) < 0.2
    totals = relevant.sum(axis=1) + generator.integers(1, 9, 50)
    for row, total, precision, recall, hit in zip(
        relevant,
        totals,
        metrics.precision(relevant),
        metrics.recall(relevant, totals),
        metrics.hit(relevant),
        strict=True,
    ):
        correct = sum(1 for one in row if one)
        assert (precision, recall, hit) == (correct / k, correct / total, float(correct > 0))
