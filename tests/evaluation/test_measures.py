import numpy as np
import pytest

from fashion_search.catalog import PROTOCOLS, Protocol, draw_split
from fashion_search.evaluation.measures import KS, MEASURES, PAPERS, Measure
from fashion_search.evaluation.rankings import DEPTH, Rankings, rank
from tests import samples


def rankings_of(name: str, protocol: Protocol) -> Rankings:
    made = {
        "one column": samples.catalog([4, 20, 9, 5, 7]),
        "three columns": samples.mixed_catalog(90),
        "smaller than k": samples.catalog([2, 3]),
    }[name]
    library = samples.library_of(made, levels=3)
    return rank(library, draw_split(made, protocol))


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("catalog", ["one column", "three columns", "smaller than k"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("k", KS)
def test_no_measure_and_no_chance_is_below_nought_or_above_what_is_attainable(
    measure: str, catalog: str, protocol: Protocol, k: int
) -> None:
    rankings = rankings_of(catalog, protocol)
    this = MEASURES[measure]
    found, chance, ceiling = this.of(rankings, k), this.chance(rankings, k), this.ceiling(rankings, k)
    assert found.shape == chance.shape == ceiling.shape == rankings.queries.shape
    assert {values.dtype for values in (found, chance, ceiling)} == {np.dtype(np.float64)}
    assert (found >= 0).all()
    assert (chance > 0).all()
    assert (found <= ceiling + 1e-12).all()
    assert (chance <= ceiling + 1e-12).all()
    assert (ceiling <= 1).all()


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("k", [1, 5, 20])
def test_a_perfect_order_reaches_the_ceiling(measure: str, k: int) -> None:
    made = samples.labelled([(letter,) for letter in "aaaaaaabbbccccc"], ("group",))
    library = samples.on_a_line(made, [{"a": 0.0, "b": 1.0, "c": 2.0}[item.labels[0]] for item in made.items])
    rankings = rank(library, draw_split(made, Protocol.LEAVE_ONE_OUT))
    this = MEASURES[measure]
    np.testing.assert_allclose(this.of(rankings, k), this.ceiling(rankings, k), rtol=1e-12)


@pytest.mark.parametrize("measure", ["r_precision", "mrr"])
def test_measures_over_the_whole_gallery_know_no_k(measure: str) -> None:
    rankings = rankings_of("three columns", Protocol.LEAVE_ONE_OUT)
    this = MEASURES[measure]
    for part in (this.of, this.chance, this.ceiling):
        np.testing.assert_array_equal(part(rankings, 1), part(rankings, 50))


def test_graded_chance_is_the_mean_gain_of_the_querys_own_gallery() -> None:
    """One of four others gains 2, two gain 1, one nothing; k = 1, where the best gains 2."""
    made = samples.labelled([("a", "x"), ("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")], ("one", "two"))
    rankings = rank(samples.library_of(made), draw_split(made, Protocol.LEAVE_ONE_OUT))
    assert rankings.queries.tolist() == [0, 1]
    np.testing.assert_allclose(MEASURES["graded_ndcg"].chance(rankings, 1), (2 + 1 + 1 + 0) / 4 / 2)
    np.testing.assert_allclose(MEASURES["ndcg"].chance(rankings, 1), 1 / 4)


def test_with_one_column_graded_and_binary_are_alike() -> None:
    rankings = rankings_of("one column", Protocol.LEAVE_ONE_OUT)
    for part in ("of", "chance"):
        graded, binary = (getattr(MEASURES[name], part)(rankings, 5) for name in ("graded_ndcg", "ndcg"))
        np.testing.assert_allclose(graded, binary, rtol=1e-12)


def test_names_order_and_labels() -> None:
    assert {name: measure.label(5) for name, measure in MEASURES.items()} == {
        "precision": "Precision@5",
        "recall": "Recall@5",
        "hit": "Hit@5",
        "map": "MAP@5",
        "ndcg": "nDCG@5",
        "graded_ndcg": "Graded nDCG@5",
        "r_precision": "R-Precision",
        "mrr": "MRR",
    }
    assert list(MEASURES)[:3] == list(PAPERS)
    assert all(measure.name == name for name, measure in MEASURES.items())


def test_ks_are_within_the_depth_that_is_kept() -> None:
    assert list(KS) == sorted(KS)
    assert KS[-1] == DEPTH


@pytest.mark.parametrize("measure", MEASURES.values(), ids=list(MEASURES))
def test_each_measure_is_said_in_one_sentence(measure: Measure) -> None:
    assert measure.meaning.endswith(".")
    assert len(measure.meaning) < 130
