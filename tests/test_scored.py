import numpy as np
import pytest
from numpy.typing import NDArray

from fashion_search.scored import SCORE_STEPS, Columns, Scored


def naive_top_k(scores: NDArray[np.float64], own: int, k: int, gallery: NDArray[np.bool_]) -> list[tuple[int, float]]:
    """One query: best score first, equal scores by row, its own row and what is masked never; filled up with -1."""
    allowed = [row for row in range(len(scores)) if gallery[row] and row != own]
    ranked = sorted(allowed, key=lambda row: (-round(scores[row] * SCORE_STEPS), row))[:k]
    found = [(row, round(scores[row] * SCORE_STEPS) / SCORE_STEPS) for row in ranked]
    return found + [(-1, -np.inf)] * (k - len(found))


@pytest.mark.parametrize("levels", [2, 5, 10**9])  # equal scores: nearly all, some, none
@pytest.mark.parametrize("k", [1, 5, 39, 40])
@pytest.mark.parametrize("share", [0.0, 0.05, 0.6, 1.0])  # of the rows that may be returned
def test_fast_top_k_is_the_naive_one(levels: int, k: int, share: float) -> None:
    generator = np.random.default_rng(levels % 97 + k)
    scores = generator.integers(-levels, levels + 1, (30, 40)) / levels
    own = generator.integers(-1, 40, 30)
    gallery = generator.random(40) < share
    hits = Scored.exactly(scores.copy(), own, gallery).first(k)[1]
    for query in range(30):
        expected = naive_top_k(scores[query], own[query], k, gallery)
        assert hits.rows[query].tolist() == [row for row, _ in expected]
        np.testing.assert_array_equal(hits.scores[query], np.float32([score for _, score in expected]))


def test_a_catalog_as_large_as_any_still_has_exact_keys() -> None:
    """With ten million items a key is near 10 ** 13: below 2 ** 53, above which neighbours would become equal."""
    n = 10**7
    scores = np.full((1, n), 1.0)
    smallest, hits = Scored.exactly(scores, np.array([-1]), np.ones(n, dtype=bool)).first(3)
    assert hits.rows.tolist() == [[0, 1, 2]]
    assert np.diff(smallest).tolist() == [[1, 1]]
    np.testing.assert_array_equal(hits.scores, np.ones((1, 3), np.float32))


@pytest.mark.parametrize("sign", [1, -1])
def test_the_keys_of_the_best_are_ascending_and_infinite_where_nothing_is_left(sign: int) -> None:
    scores = sign * np.array([[0.5, 0.25, 0.5, 0.125]])
    gallery = np.array([True, False, True, True])
    smallest, hits = Scored.exactly(scores, np.array([2]), gallery).first(4)
    assert hits.rows.tolist() == [[0, 3, -1, -1] if sign > 0 else [3, 0, -1, -1]]
    assert hits.scores.tolist() == [[0.5, 0.125, -np.inf, -np.inf] if sign > 0 else [-0.125, -0.5, -np.inf, -np.inf]]
    assert (smallest[0, :-1] <= smallest[0, 1:]).all()
    assert np.isinf(smallest[0, 2:]).all()


def uncertain(seed: int, q: int = 12, n: int = 300, levels: int = 40) -> tuple[NDArray[np.float64], Scored]:
    """Exact scores, many of them equal, and a ``Scored`` that knows each only to within a margin of .05."""
    generator = np.random.default_rng(seed)
    exact = generator.integers(-levels, levels + 1, (q, n)) / levels
    about = (exact + generator.uniform(-0.05, 0.05, exact.shape)).astype(np.float32)
    hidden = generator.random(exact.shape) < 0.2
    about[hidden] = -np.inf
    return np.where(hidden, -np.inf, exact), Scored(about, 0.051, lambda places, rows: exact[places, rows])


def ordered(scores: NDArray[np.float64]) -> list[int]:
    """All rows that may be returned, in order."""
    rows = [row for row in range(len(scores)) if np.isfinite(scores[row])]
    return sorted(rows, key=lambda row: (-round(scores[row] * SCORE_STEPS), row))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("k", [1, 3, 60, 300, 400])
def test_what_a_margin_leaves_open_is_decided_by_exact_scores(seed: int, k: int) -> None:
    exact, scored = uncertain(seed)
    keys, hits = scored.first(k)
    assert hits.rows.shape == keys.shape == (12, k)
    for place, scores in enumerate(exact):
        expected = ordered(scores)[:k]
        assert hits.rows[place].tolist() == expected + [-1] * (k - len(expected))
        assert (np.diff(keys[place][: len(expected)]) > 0).all()


@pytest.mark.parametrize("seed", range(5))
def test_what_comes_before_a_place_is_counted_as_if_all_were_sorted(seed: int) -> None:
    exact, scored = uncertain(seed)
    order = [ordered(scores) for scores in exact]
    assert scored.n_results.tolist() == [len(rows) for rows in order]
    for at in (0, 1, 7, 100, 200):
        rows = np.array([found[at] for found in order])
        assert scored.ahead(scored.keys(np.arange(12), rows)).tolist() == [at] * 12
    assert scored.ahead(np.full(12, np.inf)).tolist() == [len(rows) for rows in order]


@pytest.mark.parametrize("seed", range(5))
def test_what_belongs_together_counts_once_by_its_best(seed: int) -> None:
    exact, scored = uncertain(seed)
    codes = np.random.default_rng(seed).permutation(300) // 4
    together = Columns(codes)
    hits = scored.first(75, together)[1]
    for place, scores in enumerate(exact):
        best: list[int] = []
        for row in ordered(scores):
            if codes[row] not in codes[best]:
                best.append(row)
        assert hits.rows[place].tolist() == best + [-1] * (75 - len(best))
        one = scored.of(place)
        for at in (0, 5, 40):
            key = one.keys(np.array([0]), np.array([best[at]]))
            assert one.ahead(key, together).tolist() == [at]


def test_only_what_is_open_is_computed_exactly() -> None:
    asked: list[int] = []

    def exact(places: NDArray[np.intp], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        asked.extend(rows.tolist())
        return 1 - rows / 1e4

    about = (1 - np.arange(10_000) / 1e4).astype(np.float32)[None]
    scored = Scored(about, 1e-6, exact)
    assert scored.first(10)[1].rows.tolist() == [list(range(10))]
    assert len(asked) < 100  # a few chunks' highest, and not 10,000
    asked.clear()
    assert scored.ahead(scored.keys(np.array([0]), np.array([5000]))).tolist() == [5000]
    assert len(asked) < 10
