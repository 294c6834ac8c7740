import math

import numpy as np
import pytest

from fashion_search.catalog import Protocol, Split, draw_split
from fashion_search.evaluation.scores import METRICS, PAPER, Scores, evaluate, evaluate_seeds
from fashion_search.library import Library
from tests import samples


def naive_evaluate(library: Library, split: Split, k: int) -> tuple[float, float, float, int]:
    """Query by query: rank all of the gallery, look at the first k."""
    labels = [item.labels for item in library.catalog.items]
    vectors = library.vectors.astype(np.float64)
    values = []
    for query in split.queries:
        gallery = [row for row in range(len(labels)) if split.gallery[row] and row != query]
        ranked = sorted(gallery, key=lambda row: (-round(float(vectors[query] @ vectors[row]) * 1e6), row))
        correct = sum(labels[row] == labels[query] for row in ranked[:k])
        total = sum(labels[row] == labels[query] for row in gallery)
        if total:
            values.append((correct / k, correct / total, float(correct > 0)))
    return (*np.mean(values, axis=0), len(values))


@pytest.mark.parametrize("protocol", Protocol)
@pytest.mark.parametrize("k", [1, 5, 200])  # 200: more than the gallery holds
def test_against_a_naive_version(protocol: Protocol, k: int) -> None:
    library = samples.library([4, 20, 9, 5, 7], levels=2)
    split = draw_split(library.catalog, protocol, seed=3)
    scores = evaluate(library, split, k)
    expected = naive_evaluate(library, split, k)
    assert (scores.precision, scores.recall, scores.hit, scores.n_queries) == pytest.approx(expected)
    assert (scores.k, scores.n_left_out) == (k, 0)


def test_by_hand() -> None:
    """Two groups of two; each item is nearest to its neighbour in the row, whatever its group."""
    made = samples.library([2, 2])
    labels = [item.labels[0] for item in made.catalog.items]
    angles = np.array([0.0, 0.1, 1.0, 1.1])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    scores = evaluate(
        Library(made.catalog, made.fingerprint, vectors), draw_split(made.catalog, Protocol.LEAVE_ONE_OUT), 1
    )
    share = np.mean([labels[row] == labels[near] for row, near in enumerate([1, 0, 3, 2])])
    assert (scores.precision, scores.recall, scores.hit) == (share, share, share)


def test_queries_without_a_relevant_item_are_left_out_and_counted() -> None:
    library = samples.library([1, 3, 1, 4])
    scores = evaluate(library, draw_split(library.catalog, Protocol.LEAVE_ONE_OUT), 8)
    assert (scores.n_queries, scores.n_left_out) == (7, 2)
    assert scores.recall == 1  # with all of the gallery returned


def test_no_query_with_a_relevant_item() -> None:
    library = samples.library([1, 1])
    scores = evaluate(library, draw_split(library.catalog, Protocol.LEAVE_ONE_OUT))
    assert (scores.n_queries, scores.n_left_out) == (0, 2)
    assert math.isnan(scores.precision)


def test_mean_and_deviation_over_seeds() -> None:
    library = samples.library([4, 20, 9, 5, 7])
    spread = evaluate_seeds(library, 5, range(4))
    each = [evaluate(library, draw_split(library.catalog, Protocol.ONE_PER_GROUP, seed), 5) for seed in range(4)]
    for metric in METRICS:
        values = [getattr(one, metric) for one in each]
        mean = sum(values) / 4
        assert getattr(spread.mean, metric) == pytest.approx(mean)
        deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / 3)
        assert getattr(spread.deviation, metric) == pytest.approx(deviation)
    assert spread.seeds == 4
    with pytest.raises(ValueError, match="at least two seeds"):
        evaluate_seeds(library, 5, [0])


def test_the_papers_table() -> None:
    assert PAPER["histogram"] == Scores(0.0993, 0.0516, 0.3305, 5, 697, 0)
    assert PAPER["resnet18"] == Scores(0.2154, 0.1175, 0.5993, 5, 697, 0)
