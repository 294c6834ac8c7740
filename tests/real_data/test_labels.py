"""What the catalog's labels bring on the real data; nothing of it was fitted there."""

import numpy as np
import pytest

from fashion_search.catalog import PROTOCOLS, Protocol, draw_split
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.measures import MEASURES
from fashion_search.evaluation.reliability import Reliability, reliability
from fashion_search.store import Store
from tests.real_data.conftest import Ranked

LEAVE_ONE_OUT, ONE_PER_GROUP = PROTOCOLS


def means(rankings: Ranked, method: str, protocol: Protocol = LEAVE_ONE_OUT) -> tuple[float, float]:
    """Precision@5 and Hit@5."""
    found = rankings(method, protocol)
    return tuple(float(MEASURES[name].of(found, 5).mean()) for name in ("precision", "hit"))  # type: ignore[return-value]


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
@pytest.mark.parametrize("method", ["resnet18", "fusion", "fashion"])
def test_labels_bring_more_right_results(rankings: Ranked, method: str, protocol: Protocol) -> None:
    plain, balanced, style = (means(rankings, f"{method}{order}", protocol) for order in ("", "~balanced", "~style"))
    assert plain[0] < balanced[0] < style[0]
    assert style[1] < balanced[1]


@pytest.mark.parametrize("method", ["resnet18", "fusion", "fashion"])
def test_varied_finds_something_right_more_often(rankings: Ranked, method: str) -> None:
    assert means(rankings, f"{method}~varied")[1] > means(rankings, method)[1]


@pytest.fixture(scope="module")
def trust(store: Store, rankings: Ranked) -> Reliability:
    split = draw_split(store.catalog, LEAVE_ONE_OUT)
    return reliability(store.posterior("fashion"), rankings("fashion", LEAVE_ONE_OUT), split, 5)


def test_predicted_labels_are_calibrated(trust: Reliability) -> None:
    for said in trust.labels.values():
        assert said.error < 0.05


def test_one_query_is_ordered_as_in_the_evaluation(store: Store, rankings: Ranked) -> None:
    found = rankings("fashion~balanced", LEAVE_ONE_OUT)
    library, gallery = store.library("fashion~balanced"), np.ones(len(store.catalog.items), dtype=bool)
    for place in range(0, len(found.queries), 311):
        alone = library.search(found.queries[[place]], 50, gallery)
        np.testing.assert_array_equal(alone.rows[0], found.rows[place])


def test_the_difference_to_the_plain_method_is_decisive(store: Store) -> None:
    [comparison] = Evaluation.of(store, ["fashion", "fashion~balanced"]).compared("precision")
    assert (comparison.first, comparison.verdict) == ("fashion~balanced", "decisive")
