import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from fashion_search.catalog import PROTOCOLS, Catalog, Protocol, draw_split
from fashion_search.evaluation.breakdown import (
    FEW,
    GROUP,
    Confusion,
    breakdown,
    confused,
    confusion,
    value_of_items,
)
from fashion_search.evaluation.measures import MEASURES
from fashion_search.evaluation.rankings import Rankings, rank
from tests import samples

CATALOG = samples.mixed_catalog(45)  # fewer than the results that are kept
SPLIT = draw_split(CATALOG, Protocol.LEAVE_ONE_OUT)
RANKINGS = {f"seed {seed}": rank(samples.library_of(CATALOG, seed=seed), SPLIT) for seed in (0, 1)}
ONE = RANKINGS["seed 0"]


def value(catalog: Catalog, row: int, by: str) -> str:
    if by == GROUP:
        return catalog.groups[catalog.group_of[row]].id
    return catalog.items[row].labels[catalog.columns.index(by)]


# Breakdown -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [GROUP, *samples.COLUMNS])
@pytest.mark.parametrize("measure", MEASURES)
def test_each_part_is_the_mean_over_its_queries(by: str, measure: str) -> None:
    parts = breakdown(CATALOG, by, RANKINGS, measure, 5)
    values = [value(CATALOG, row, by) for row in ONE.queries]
    assert [part.value for part in parts] == sorted(set(values))
    for part in parts:
        places = [place for place, one in enumerate(values) if one == part.value]
        assert part.places.tolist() == places
        assert part.n_images == sum(value(CATALOG, row, by) == part.value for row in range(45))
        expected = {name: MEASURES[measure].of(one, 5)[places].mean() for name, one in RANKINGS.items()}
        assert part.scores == pytest.approx(expected)
        assert part.is_small == (len(places) < 10 == FEW)


@pytest.mark.parametrize("by", [GROUP, *samples.COLUMNS])
def test_the_parts_make_up_the_whole(by: str) -> None:
    parts = breakdown(CATALOG, by, RANKINGS, "precision", 5)
    assert sorted(np.concatenate([part.places for part in parts]).tolist()) == list(range(len(ONE.queries)))
    whole = sum(part.scores["seed 0"] * len(part.places) for part in parts) / len(ONE.queries)
    assert whole == pytest.approx(MEASURES["precision"].of(ONE, 5).mean())


def test_values_without_a_query_are_left_out() -> None:
    assert len(ONE.left_out)
    parts = breakdown(CATALOG, GROUP, RANKINGS, "hit", 5)
    assert {part.value for part in parts}.isdisjoint(value(CATALOG, row, GROUP) for row in ONE.left_out)


def test_parts_are_titled_for_people() -> None:
    made = samples.labelled([("Caps", ""), ("Caps", "Red"), ("Caps", ""), ("Caps", "Red")], ("type", "colour"))
    rankings = {"m": rank(samples.library_of(made), draw_split(made, Protocol.LEAVE_ONE_OUT))}
    assert [part.title for part in breakdown(made, "colour", rankings, "hit", 1)] == ["(blank)", "Red"]
    assert [part.title for part in breakdown(made, GROUP, rankings, "hit", 1)] == ["Caps · (blank)", "Caps · Red"]


def test_without_queries_there_are_no_parts() -> None:
    made = samples.catalog([1, 1])
    nothing = rank(samples.library_of(made), draw_split(made, Protocol.LEAVE_ONE_OUT))
    assert breakdown(made, GROUP, {"m": nothing}, "hit", 5) == []
    assert confusion(made, "group", nothing, 5).shares.tolist() == []


def test_a_column_that_is_named_group_is_a_column() -> None:
    """A table of one's own may have one, beside others."""
    made = samples.labelled([("a", "x"), ("a", "y"), ("a", "x"), ("b", "y")], ("group", "size"))
    values, titles, of_item = value_of_items(made, "group")
    assert (values, titles, of_item.tolist()) == (["a", "b"], ["a", "b"], [0, 0, 0, 1])
    assert value_of_items(made, GROUP)[0] == ["a_x", "a_y", "b_y"]


@pytest.mark.parametrize("by", [GROUP, *samples.COLUMNS])
def test_values_of_items(by: str) -> None:
    values, titles, of_item = value_of_items(CATALOG, by)
    assert len(values) == len(titles) == len(set(values))
    assert [values[code] for code in of_item] == [value(CATALOG, row, by) for row in range(45)]


# Confusion -------------------------------------------------------------------------------------------------------


def naive_cell(rankings: Rankings, column: str, k: int, wanted: str, returned: str) -> list[tuple[int, int]]:
    """Place of the query and rank of each result behind a cell."""
    found = []
    for place, query in enumerate(rankings.queries):
        for at, row in enumerate(rankings.rows[place, :k]):
            if row >= 0 and value(CATALOG, query, column) == wanted and value(CATALOG, row, column) == returned:
                found.append((place, at))
    return sorted(found, key=lambda one: (one[1], one[0]))


def dense(made: Confusion) -> np.ndarray:
    """The counts with all zeros, shape (values, values), query by row."""
    counts = np.zeros((len(made.values), len(made.values)), dtype=np.intp)
    counts[made.wanted, made.returned] = made.counts
    assert (counts > 0).sum() == len(made.counts)  # no cell twice, and none that is 0
    return counts


@pytest.mark.parametrize("column", samples.COLUMNS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("k", [1, 5, 50])
def test_confusion_against_a_naive_version(column: str, protocol: Protocol, k: int) -> None:
    rankings = rank(samples.library_of(CATALOG), draw_split(CATALOG, protocol))
    made = confusion(CATALOG, column, rankings, k)
    assert list(made.values) == CATALOG.values(column)
    counts = dense(made)
    for row, wanted in enumerate(made.values):
        for place, returned in enumerate(made.values):
            cell = naive_cell(rankings, column, k, wanted, returned)
            assert counts[row, place] == len(cell)
            assert confused(CATALOG, column, rankings, k, wanted, returned) == cell
    assert made.counts.sum() == (rankings.rows[:, :k] >= 0).sum()


def test_rows_are_shares_of_all_results_for_queries_of_a_value() -> None:
    made = confusion(CATALOG, "base_colour", ONE, 5)
    np.testing.assert_allclose([made.shares[made.wanted == row].sum() for row in range(len(made.values))], 1)
    np.testing.assert_allclose(made.shares * made.totals[made.wanted], made.counts)


def test_many_values_take_no_more_than_the_cells_that_are_not_0() -> None:
    n = 4_000  # values × values would be 128 MB
    catalog = samples.labelled([(f"{row:06}",) for row in range(n)], ["product"])
    rows = (np.arange(n)[:, None] + np.arange(1, 3)) % n
    rankings = replace(ONE, queries=np.arange(n), rows=rows)
    tracemalloc.start()
    made = confusion(catalog, "product", rankings, 2)
    assert len(made.counts) == 2 * n
    assert made.largest(20).values == tuple(f"{row:06}" for row in range(20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10e6


COUNTS = np.array([[90, 2, 3, 4], [1, 50, 3, 0], [0, 0, 70, 1], [0, 0, 3, 30]])
HAND = Confusion(("a", "b", "c", "d"), *np.nonzero(COUNTS), COUNTS[COUNTS > 0], COUNTS.sum(axis=1))


@pytest.mark.parametrize(("most", "values"), [(0, ()), (1, ("a",)), (2, ("a", "c")), (3, ("a", "c", "d"))])
def test_the_largest_are_those_that_take_part_most_in_mistakes(most: int, values: tuple[str, ...]) -> None:
    """As what was wanted and as what was returned: a 9 + 1, b 4 + 2, c 1 + 9, d 3 + 5. Right answers do not count."""
    assert HAND.largest(most).values == values


def test_what_is_left_out_still_counts_in_the_whole() -> None:
    two = HAND.largest(2)
    assert dense(two).tolist() == [[90, 3], [0, 70]]
    assert two.totals.tolist() == [99, 71]
    np.testing.assert_allclose(two.shares, [90 / 99, 3 / 99, 70 / 71])


def test_all_of_them_is_the_same_again() -> None:
    whole = HAND.largest(9)
    assert whole.values == HAND.values
    np.testing.assert_array_equal(dense(whole), COUNTS)


@pytest.mark.parametrize(("wanted", "returned"), [("Blue", "Puce"), ("Puce", "Blue"), ("", "")])
def test_behind_a_cell_that_is_not_there_is_nothing(wanted: str, returned: str) -> None:
    assert confused(CATALOG, "base_colour", ONE, 5, wanted, returned) == []
