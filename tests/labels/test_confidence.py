import numpy as np
import pytest
from numpy.typing import NDArray

from fashion_search.labels.calibration import Calibration
from fashion_search.labels.confidence import LIKELY, UNSURE, Confidence, Trust, confidence, features
from fashion_search.labels.posterior import StylePosterior, Told
from tests.labels.shop import posterior, shop

LIBRARY = shop()


def told(shares: NDArray[np.float64]) -> Told:
    """Of the first item, with these probabilities of style groups, shape (1, G)."""
    return Told(LIBRARY.vectors[:1], shares, np.array([0.9]))


def test_what_is_looked_at_is_told_without_the_querys_labels() -> None:
    made, catalog = posterior(LIBRARY), LIBRARY.catalog
    shares = np.full(len(catalog.groups), 0.1)
    rows = np.array([list(range(5))])
    groups = catalog.group_of[rows[0]]
    first, any_of = features(made, Told(LIBRARY.vectors[:1], shares[None], np.array([made.usual])), rows)
    distinct = len(set(groups.tolist()))
    expected = min(0.1 * distinct, 1)
    assert first[0].tolist() == pytest.approx([1, np.log(0.1 / 0.9), 0, (groups == groups[0]).mean(), 0])
    assert any_of[0, 1] == pytest.approx(np.log(expected / (1 - expected)))


def test_results_that_are_not_there_count_for_nothing() -> None:
    made = posterior(LIBRARY)
    shares = np.full((1, len(LIBRARY.catalog.groups)), 0.1)
    some, more = np.array([[0, 1, -1, -1, -1]]), np.array([[0, 1]])
    few, many = (features(made, told(shares), rows)[1] for rows in (some, more))
    assert few[0, 1] == many[0, 1]


def test_a_more_probable_style_group_is_trusted_more() -> None:
    made = posterior(LIBRARY)
    shares = np.full(len(LIBRARY.catalog.groups), 0.02)
    rows = np.arange(5)
    less = confidence(made, told(shares[None]), rows)
    shares[LIBRARY.catalog.group_of[0]] = 0.8
    more = confidence(made, told(shares[None]), rows)
    assert more.first > less.first
    assert more.any > less.any


def test_of_one_result_the_first_is_any() -> None:
    calibration = Calibration(0.7, {}, (0.0, 1.0, 0.5, 0.5, 0.1), (1.0, 0.3, 0.0, 0.0, 0.0))
    made, shares = StylePosterior(LIBRARY, calibration), np.full(len(LIBRARY.catalog.groups), 0.1)
    one, two = (confidence(made, told(shares[None]), np.arange(k)) for k in (1, 2))
    assert one.any == one.first
    assert two.any != two.first


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (1.0, Trust.LIKELY),
        (LIKELY, Trust.LIKELY),
        (LIKELY - 0.01, Trust.UNSURE),
        (UNSURE, Trust.UNSURE),
        (UNSURE - 0.01, Trust.ALTERNATIVES),
    ],
)
def test_trust_in_words(probability: float, said: Trust) -> None:
    assert Confidence(0.5, probability).trust is said
