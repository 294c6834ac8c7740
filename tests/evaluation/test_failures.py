from typing import Any

import numpy as np
import pytest

from fashion_search.catalog import PROTOCOLS, Protocol, Split, draw_split
from fashion_search.catalog.relevance import Applied
from fashion_search.encoders import ENCODERS
from fashion_search.evaluation.failures import PAPERS_CASES, PAPERS_METHODS, Duel, Outcome, Suspect, suspects
from fashion_search.evaluation.rankings import Rankings, rank
from tests import samples


def rankings(relevant: list[list[int]], first: list[int], **others: Any) -> Rankings:
    """Of queries 10, 11, …: whether each of the first results is relevant, and the rank of the first that is."""
    mask = np.array(relevant, dtype=bool)
    q = len(mask)
    nothing = np.zeros(0, dtype=np.intp)
    given = {"queries": np.arange(10, 10 + q), "rows": np.zeros(mask.shape, np.intp)} | others
    return Rankings(
        left_out=nothing, n=nothing, totals=nothing, grades=nothing, scores=np.zeros(mask.shape, np.float32),
        relevant=mask, gains=mask.astype(np.uint8), first=np.array(first), r_precision=np.zeros(q), **given,
    )  # fmt: skip


FIRST = rankings([[1, 1, 0], [0, 0, 1], [0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0]], [1, 3, 9, 1, 2, 30])
SECOND = rankings([[1, 0, 0], [0, 0, 0], [0, 0, 0], [1, 0, 0], [0, 0, 1], [1, 1, 1]], [1, 7, 900, 1, 3, 1])


def test_outcomes_by_hand() -> None:
    duel = Duel(FIRST, SECOND, 3)
    assert duel.queries.tolist() == [10, 11, 12, 13, 14, 15]
    assert duel.correct.tolist() == [[2, 1, 0, 1, 1, 0], [1, 0, 0, 1, 1, 3]]
    assert duel.gaps.tolist() == [-1, -1, 0, 0, 0, 3]
    assert duel.outcomes.tolist() == ["both", "only-first", "neither", "both", "both", "only-second"]


def test_outcomes_are_those_at_k() -> None:
    duel = Duel(FIRST, SECOND, 2)
    assert duel.correct.tolist() == [[2, 0, 0, 1, 1, 0], [1, 0, 0, 1, 0, 2]]
    assert duel.outcomes.tolist() == ["both", "neither", "neither", "both", "only-first", "only-second"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("k", [1, 5, 50])
def test_every_query_has_one_outcome(protocol: Protocol, k: int) -> None:
    catalog = samples.mixed_catalog(90)
    split = draw_split(catalog, protocol)
    one, other = (rank(samples.library_of(catalog, seed=seed), split) for seed in (0, 1))
    duel = Duel(one, other, k)
    counts = {outcome: int((duel.outcomes == outcome).sum()) for outcome in Outcome}
    assert sum(counts.values()) == len(duel.queries)
    hits = [method.relevant[:, :k].any(axis=1).sum() for method in (one, other)]
    assert [
        counts[Outcome.BOTH] + counts[Outcome.ONLY_FIRST],
        counts[Outcome.BOTH] + counts[Outcome.ONLY_SECOND],
    ] == hits
    turned = Duel(other, one, k)
    assert (turned.gaps == -duel.gaps).all()
    assert turned.most_telling.tolist() == duel.most_telling.tolist()


def test_outcomes_in_words() -> None:
    assert [outcome.label("Histogram", "ResNet-18") for outcome in Outcome] == [
        "Both hit",
        "Only Histogram hits",
        "Only ResNet-18 hits",
        "Neither hits",
    ]


def test_the_most_telling_cases_come_first() -> None:
    """By the gap (3, 1, 1, 0, 0, 0); equal gaps by the ratio of first ranks: 7 / 3, 1 / 1; 900 / 9, 3 / 2, 1 / 1."""
    assert Duel(FIRST, SECOND, 3).most_telling.tolist() == [5, 1, 0, 2, 4, 3]


def test_equally_telling_cases_come_in_the_order_of_rows() -> None:
    same = rankings([[1, 0]] * 3, [1, 1, 1])
    assert Duel(same, same, 2).most_telling.tolist() == [0, 1, 2]
    turned = rankings([[1, 0]] * 3, [1, 1, 1], queries=np.array([12, 11, 10]))
    assert Duel(turned, turned, 2).most_telling.tolist() == [2, 1, 0]


@pytest.mark.parametrize("more", [(1, 400), (1, 4), (4, 1)])
def test_a_large_ratio_of_ranks_tells_more_than_30_against_40(more: tuple[int, int]) -> None:
    one, other = rankings([[0], [0]], [30, more[0]]), rankings([[0], [0]], [40, more[1]])
    assert Duel(one, other, 1).most_telling.tolist() == [1, 0]


def test_no_queries_no_cases() -> None:
    library = samples.library([1, 1])
    nothing = rank(library, draw_split(library.catalog, Protocol.LEAVE_ONE_OUT))
    duel = Duel(nothing, nothing, 5)
    assert (duel.outcomes.tolist(), duel.gaps.tolist(), duel.most_telling.tolist()) == ([], [], [])
    assert suspects(library.catalog, nothing, 0.5) == []


def test_the_papers_cases() -> None:
    assert {group: str(outcome) for group, outcome in PAPERS_CASES.items()} == {
        "backpacks_brown_casual": "only-first",
        "wallets_black_formal": "only-second",
        "capris_navy_blue_casual": "neither",
    }
    assert set(PAPERS_METHODS) <= set(ENCODERS)


# Suspect labels --------------------------------------------------------------------------------------------------

CATALOG = samples.labelled([("a",), ("b",), ("a",), ("b",), ("b",)], ("group",))
ANGLES = [0, 0.1, 0.3, 0.35, 1.2]
LINE = samples.on_a_line(CATALOG, ANGLES)
ALL = draw_split(CATALOG, Protocol.LEAVE_ONE_OUT)


def cosine(one: int, other: int) -> float:
    return float(np.cos(ANGLES[one] - ANGLES[other]))


def pairs(found: list[Suspect]) -> list[tuple[int, int]]:
    return [(one.one, one.other) for one in found]


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [
        (cosine(2, 3) + 1e-5, []),
        (cosine(2, 3) - 1e-5, [(2, 3)]),
        (cosine(0, 1) - 1e-5, [(2, 3), (0, 1)]),
        (cosine(1, 2) - 1e-5, [(2, 3), (0, 1), (1, 2)]),  # 1 and 3 are of one group
        (-1, [(2, 3), (0, 1), (1, 2), (0, 3), (2, 4), (0, 4)]),
    ],
)
def test_suspects_are_near_with_different_labels_the_nearest_first(
    threshold: float, expected: list[tuple[int, int]]
) -> None:
    found = suspects(CATALOG, rank(LINE, ALL), threshold)
    assert pairs(found) == expected
    for one in found:
        assert one.score == pytest.approx(cosine(one.one, one.other), abs=1e-6)


def test_each_pair_once_whichever_was_the_query() -> None:
    """One query per group: 0 and 3 are queries, so that a pair is found from one side, or not at all."""
    split = Split(Protocol.ONE_PER_GROUP, 0, np.array([0, 3]), np.array([False, True, True, False, True]))
    assert pairs(suspects(CATALOG, rank(LINE, split), -1)) == [(2, 3), (0, 1), (0, 4)]


def test_equal_scores_come_in_the_order_of_rows() -> None:
    library = samples.library_of(CATALOG, levels=1)
    assert pairs(suspects(CATALOG, rank(library, ALL), 0.9)) == [(0, 1), (0, 3), (0, 4), (1, 2), (2, 3), (2, 4)]


def test_a_pair_that_was_accepted_is_not_suspect() -> None:
    accepted = Applied(np.array([[2, 3]]), np.array([], dtype=np.intp))
    assert pairs(suspects(CATALOG, rank(LINE, ALL, accepted), 0.99)) == [(0, 1)]
