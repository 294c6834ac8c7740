import math
from dataclasses import replace

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import roc_auc_score

from fashion_search.catalog import PROTOCOLS, Protocol, draw_split
from fashion_search.catalog.relevance import NO_VERDICTS, Applied
from fashion_search.encoders import ORDERS
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.rankings import rank
from fashion_search.evaluation.reliability import Reliability, Said, headline, reliability, subjects
from fashion_search.labels.confidence import confidence
from fashion_search.labels.posterior import Told
from fashion_search.labels.prediction import predicted
from fashion_search.labels.rerank import RerankedLibrary
from fashion_search.store import Store
from tests.labels.shop import posterior, shop

GENERATOR = np.random.default_rng(3)
PROBABILITY = GENERATOR.uniform(size=500)
SAID = Said(PROBABILITY, GENERATOR.uniform(size=500) < PROBABILITY**2)
NOTHING = Said(np.empty(0), np.empty(0, dtype=bool))


def test_bins_are_those_of_scikit_learn() -> None:
    right, said = calibration_curve(SAID.is_right, SAID.probability, n_bins=10)
    np.testing.assert_allclose(SAID.bins[:, 0], said)
    np.testing.assert_allclose(SAID.bins[:, 1], right)
    assert SAID.bins[:, 2].sum() == 500


def test_the_calibration_error_is_the_mean_gap_over_queries() -> None:
    naive = 0.0
    for low in range(10):
        inside = [at for at in range(500) if low / 10 <= PROBABILITY[at] < (low + 1) / 10]
        naive += abs(sum(PROBABILITY[at] - SAID.is_right[at] for at in inside))
    assert pytest.approx(naive / 500) == SAID.error
    assert Said(np.array([1.0, 0.0]), np.array([True, False])).error == 0


def test_auroc_is_that_of_scikit_learn() -> None:
    assert pytest.approx(roc_auc_score(SAID.is_right, SAID.probability)) == SAID.auroc
    assert math.isnan(Said(np.array([0.5, 0.7]), np.array([True, True])).auroc)


def test_risk_is_the_share_wrong_among_the_most_trusted() -> None:
    said = Said(np.array([0.2, 0.9, 0.6, 0.8]), np.array([False, True, True, False]))
    coverage, risk = said.risk
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1]
    assert risk.tolist() == pytest.approx([0, 1 / 2, 1 / 3, 2 / 4])


def test_without_queries_there_is_nothing_to_say() -> None:
    assert math.isnan(NOTHING.mean)
    assert math.isnan(NOTHING.share)
    assert math.isnan(NOTHING.error)
    assert math.isnan(NOTHING.auroc)
    assert len(NOTHING.bins) == len(NOTHING.risk[0]) == 0


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
@pytest.mark.parametrize("order", [None, "balanced"])
def test_it_is_what_pages_say_of_each_query(protocol: Protocol, order: str | None) -> None:
    library = shop()
    made = posterior(library)
    split = draw_split(library.catalog, protocol)
    ranked = rank(RerankedLibrary.of(made, ORDERS[order]) if order else library, split)
    found = reliability(made, ranked, split, 5)
    for place, row in enumerate(ranked.queries.tolist()):
        shares = made.of_query(library.vectors[row], row, split.gallery)
        others = split.gallery & (np.arange(40) != row)
        nearest = float((library.vectors @ library.vectors[row])[others].max())
        said = confidence(made, Told(library.vectors[[row]], shares[None], np.array([nearest])), ranked.rows[place, :5])
        assert found.first.probability[place] == pytest.approx(said.first, abs=1e-6)
        assert found.any.probability[place] == pytest.approx(said.any, abs=1e-6)
        assert found.any.is_right[place] == ranked.relevant[place, :5].any()
        labels = library.catalog.items[row].labels
        for one, value in zip(predicted(library.catalog, shares), labels, strict=True):
            assert found.labels[one.column].probability[place] == pytest.approx(one.values[0][1])
            assert found.labels[one.column].is_right[place] == (one.best == value)


def test_an_evaluation_measures_it_once(built: Store) -> None:
    evaluation = Evaluation.of(built, ["histogram"])
    found = evaluation.reliability_of("histogram")
    assert evaluation.reliability_of("histogram") is found
    assert evaluation.at(1).reliability_of("histogram") is not found
    assert len(found.any.probability) == len(evaluation.any_rankings.queries)
    assert set(found.labels) == set(built.catalog.columns)


def test_of_one_result_the_first_is_said_once() -> None:
    library = shop()
    made, split = posterior(library), draw_split(library.catalog, Protocol.LEAVE_ONE_OUT)
    found = reliability(made, rank(library, split), split, 1)
    np.testing.assert_array_equal(found.any.probability, found.first.probability)
    np.testing.assert_array_equal(found.any.is_right, found.first.is_right)
    words = {"label-article_type": "Article type predicted", "label-base_colour": "Base colour predicted"}
    assert subjects(library.catalog, 1) == {"any": "The first is right"} | words
    assert list(subjects(library.catalog, 5)) == ["any", "first", *words]


def test_where_there_is_one_style_group_all_is_right_and_nothing_told_apart() -> None:
    library = shop(8)
    items = tuple(replace(item, labels=("Ties", "Red")) for item in library.catalog.items)
    library = replace(library, catalog=replace(library.catalog, items=items))
    split = draw_split(library.catalog, Protocol.LEAVE_ONE_OUT)
    found = reliability(posterior(library), rank(library, split), split, 10)
    for said in (found.first, found.any, *found.labels.values()):
        assert said.share == 1
        assert math.isnan(said.auroc)
        assert said.risk[1].tolist() == [0] * 8
    assert all(said.mean == pytest.approx(1) for said in found.labels.values())


def test_wrong_labels_are_not_searched_and_accepted_pairs_are_right() -> None:
    library = shop()
    split = draw_split(library.catalog, Protocol.LEAVE_ONE_OUT)
    plain = rank(library, split)
    at = int(np.flatnonzero(~plain.relevant[:, 0])[0])
    query, first = int(plain.queries[at]), int(plain.rows[at, 0])
    accepted = Applied(np.array([sorted((query, first))]), NO_VERDICTS.removed)
    assert reliability(posterior(library), rank(library, split, accepted), split, 5, accepted).first.is_right[at]
    removed = Applied(NO_VERDICTS.pairs, np.array([first]))
    ranked = rank(library, split, removed)
    place = int(np.flatnonzero(ranked.queries == query)[0])
    gallery = split.gallery & (np.arange(len(library.catalog.items)) != first)
    shares = posterior(library).of_query(library.vectors[query], query, gallery)
    [label, _] = predicted(library.catalog, shares)
    found = reliability(posterior(library), ranked, split, 5, removed)
    assert found.labels[label.column].probability[place] == pytest.approx(label.values[0][1])


def test_the_headline_says_what_trust_is_worth() -> None:
    any_of = Said(np.array([0.9, 0.8, 0.75, 0.2]), np.array([True, True, False, False]))
    made = Reliability(any_of, any_of, {})
    assert headline(made, "Fashion", 5) == (
        "Fashion calls 75% of its rows likely right; in 67% of these one of its first 5 results is right, in 50% of all"
    )
    assert "its first result is right" in headline(made, "Fashion", 1)
    never = Said(np.array([0.2]), np.array([True]))
    assert headline(Reliability(never, never, {}), "A", 5) == "Nothing that A finds is called likely right"
