from dataclasses import dataclass, fields, replace

import numpy as np
import pytest

from fashion_search import library as library_module
from fashion_search.catalog import EVERYTHING, PROTOCOLS, Catalog, Protocol, Split, draw_split
from fashion_search.catalog.query_sets import with_queries
from fashion_search.catalog.relevance import NO_VERDICTS, Applied, label_codes
from fashion_search.evaluation import rankings as rankings_module
from fashion_search.evaluation.measures import MEASURES
from fashion_search.evaluation.rankings import DEPTH, Rankings, rank
from fashion_search.library import Library
from fashion_search.scored import SCORE_STEPS
from tests import samples
from tests.evaluation.test_metrics import judged


def verdicts(pairs: list[tuple[int, int]], removed: list[int]) -> Applied:
    """Pairs of rows that a person accepted, and rows that were removed."""
    return Applied(np.array(pairs, dtype=np.intp).reshape(-1, 2), np.array(removed, dtype=np.intp))


# Query by query --------------------------------------------------------------------------------------------------


@dataclass
class Naive:
    """One query: its whole gallery, best first, with scores and gains."""

    row: int
    rows: list[int]
    scores: list[float]
    gains: list[int]
    most: int

    @property
    def relevant(self) -> list[bool]:
        return [gain == self.most for gain in self.gains]

    @property
    def total(self) -> int:
        return sum(self.relevant)


def naive(library: Library, split: Split, given: Applied = NO_VERDICTS) -> list[Naive]:
    """Sort the gallery of each query by rounded score, then by row; count the labels that agree."""
    vectors = library.vectors.astype(np.float64)
    labels = [item.labels for item in library.catalog.items]
    accepted = {frozenset(pair) for pair in given.pairs.tolist()}
    removed = set(given.removed.tolist())
    most = len(library.catalog.columns)

    def gain(query: int, row: int) -> int:
        if frozenset((query, row)) in accepted:
            return most
        return sum(one == other for one, other in zip(labels[query], labels[row], strict=True))

    found = []
    for query in split.queries.tolist():
        if query in removed:
            continue
        steps = np.rint(vectors @ vectors[query] * SCORE_STEPS).tolist()
        gallery = [row for row in np.flatnonzero(split.gallery).tolist() if row != query and row not in removed]
        order = sorted(gallery, key=lambda row: (-steps[row], row))
        gains = [gain(query, row) for row in order]
        found.append(Naive(query, order, [steps[row] / SCORE_STEPS for row in order], gains, most))
    return found


def check(made: Rankings, expected: list[Naive], depth: int = DEPTH) -> None:
    """Every field against the naive version."""
    asked = [one for one in expected if one.total]
    assert made.left_out.tolist() == [one.row for one in expected if not one.total]
    assert made.queries.tolist() == [one.row for one in asked]
    assert made.depth == depth
    for place, one in enumerate(asked):
        beyond = max(depth - len(one.rows), 0)
        assert made.rows[place].tolist() == one.rows[:depth] + [-1] * beyond
        assert made.scores[place].tolist() == np.float32(one.scores[:depth] + [-np.inf] * beyond).tolist()
        assert made.gains[place].tolist() == one.gains[:depth] + [0] * beyond
        assert made.relevant[place].tolist() == one.relevant[:depth] + [False] * beyond
        assert made.n[place] == len(one.rows)
        assert made.totals[place] == one.total
        assert made.grades[place].tolist() == [one.gains.count(gain) for gain in range(one.most + 1)]
        assert made.first[place] == one.relevant.index(True) + 1
        assert made.r_precision[place] == sum(one.relevant[: one.total]) / one.total


CATALOGS = {
    "paper-like": samples.catalog([4, 20, 9, 5, 7]),
    "larger than the depth": samples.catalog([70, 4, 60]),
    "smaller than k": samples.catalog([2, 1]),
    "groups of one among others": samples.catalog([1, 3, 1, 4]),
    "one group": samples.catalog([9]),
    "three columns": samples.mixed_catalog(90),
    "three columns, few items": samples.mixed_catalog(12, seed=1),
}


@pytest.mark.parametrize("name", CATALOGS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("levels", [1, 2, 5, 10**6])  # equal scores: all, nearly all, some, none
def test_against_a_naive_version(name: str, protocol: Protocol, levels: int) -> None:
    library = samples.library_of(CATALOGS[name], levels=levels)
    split = draw_split(library.catalog, protocol, seed=3)
    check(rank(library, split), naive(library, split))


def asked_from_outside(
    made: Catalog, queries: int = 25, seed: int = 5, products: int = 0, are_mixed: bool = False
) -> Library:
    """A catalog with a query set: items of the same kinds that are no items, and what answers only some of them.

    ``products``: of how many the items of a style group are pictures, if any; ``are_mixed``: those of all together.
    """
    outside = samples.mixed_catalog(queries, seed)
    if products:
        groups = ["" if are_mixed else "/".join(item.labels) for item in made.items]
        counted = [f"{group} {row % products}" for row, group in enumerate(groups)]
        items = tuple(replace(item, product=one) for item, one in zip(made.items, counted, strict=True))
        made = replace(made, items=items)
    return samples.library_of(with_queries(made, replace(outside, name="photos")), levels=3, seed=seed)


@pytest.mark.parametrize("depth", [3, 50, 200])
@pytest.mark.parametrize("name", ["three columns", "three columns, few items"])
def test_a_query_set_against_a_naive_version(name: str, depth: int) -> None:
    library = asked_from_outside(CATALOGS[name])
    n, protocol = library.catalog.n_items, Protocol.of_queries("photos")
    split = draw_split(library.catalog, protocol)
    assert split.queries.min() == n < len(library.catalog.items)
    check(rank(library, split, depth=depth), naive(library, split), depth)
    said = verdicts([(0, n), (3, n + 1), (1, 2)], [4, n + 2])
    check(rank(library, split, said, depth), naive(library, split, said), depth)
    only = draw_split(library.catalog, protocol, filter=EVERYTHING.where("usage", ["Casual"]))
    check(rank(library, only, depth=depth), naive(library, only), depth)


@pytest.mark.parametrize(("products", "are_mixed"), [(3, False), (12, True)])
@pytest.mark.parametrize("seed", range(3))
def test_a_product_counts_once_by_its_best_picture(seed: int, products: int, are_mixed: bool) -> None:
    """Each query's gallery is ranked, then all pictures of a product in a style group but the first are dropped."""
    library = asked_from_outside(CATALOGS["three columns"], seed=seed, products=products, are_mixed=are_mixed)
    catalog, protocol = library.catalog, Protocol.of_queries("photos")
    n = catalog.n_items
    split = draw_split(catalog, protocol)

    def once_each(one: Naive) -> Naive:
        seen: set[tuple[str, tuple[str, ...]]] = set()
        kept = []
        for place, row in enumerate(one.rows):
            product = (catalog.items[row].product, catalog.items[row].labels)
            if product not in seen:
                seen.add(product)
                kept.append(place)
        return Naive(
            one.row, *([values[place] for place in kept] for values in (one.rows, one.scores, one.gains)), one.most
        )

    assert len({item.product for item in catalog.items[:n]}) < n / 2
    whole = [once_each(one) for one in naive(library, split)]
    check(rank(library, split, per_product=True), whole)
    accepted = next(row for row in range(n) if catalog.group_of[row] != catalog.group_of[n])
    pictures = [row for row in range(n) if catalog.items[row].product == catalog.items[accepted].product]
    everywhere = verdicts([(row, n) for row in pictures], [])
    check(
        rank(library, split, verdicts([(accepted, n)], []), per_product=True),
        [once_each(one) for one in naive(library, split, everywhere)],
    )


@pytest.mark.parametrize("depth", [1, 5, 89, 90, 200])  # 90: more than the gallery of an item can hold
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_any_depth(depth: int, protocol: Protocol) -> None:
    library = samples.library_of(CATALOGS["three columns"], levels=2)
    split = draw_split(library.catalog, protocol)
    check(rank(library, split, depth=depth), naive(library, split), depth)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("is_negated", [False, True], ids=["is", "is not"])
def test_with_a_filter_against_a_naive_version(protocol: Protocol, seed: int, is_negated: bool) -> None:
    """All of the gallery is ranked, then what does not pass is dropped."""
    library = samples.library_of(CATALOGS["three columns"], levels=3)
    items = library.catalog.items
    chosen = EVERYTHING.where("base_colour", ["Blue", "Teal"], is_negated).where("usage", ["Casual"])
    whole, split = (draw_split(library.catalog, protocol, seed, filter=one) for one in (EVERYTHING, chosen))
    assert split.queries.tolist() == whole.queries.tolist()

    def passes(row: int) -> bool:
        _, colour, usage = items[row].labels
        return (colour in ("Blue", "Teal")) != is_negated and usage == "Casual"

    dropped = [
        replace(
            one,
            rows=[row for row in one.rows if passes(row)],
            scores=[score for row, score in zip(one.rows, one.scores, strict=True) if passes(row)],
            gains=[gain for row, gain in zip(one.rows, one.gains, strict=True) if passes(row)],
        )
        for one in naive(library, whole)
    ]
    made = rank(library, split)
    check(made, dropped)
    assert 0 < len(made.queries) < len(split.queries)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("seed", range(4))
def test_with_verdicts_against_a_naive_version(protocol: Protocol, seed: int) -> None:
    library = samples.library_of(CATALOGS["three columns"], levels=3)
    labels = [item.labels for item in library.catalog.items]
    split = draw_split(library.catalog, protocol, seed)
    generator = np.random.default_rng(seed)
    drawn = {tuple(sorted(pair)) for pair in generator.integers(0, 90, (150, 2)).tolist()}
    pairs = sorted((one, other) for one, other in drawn if labels[one] != labels[other])
    given = verdicts(pairs, generator.choice(90, 9, replace=False).tolist())
    made = rank(library, split, given)
    check(made, naive(library, split, given))
    assert (made.relevant != rank(library, split).relevant[: len(made.queries)]).any()


# What follows from it, one by one --------------------------------------------------------------------------------


def test_relevance_by_hand() -> None:
    """Six items on a line; the query is the first."""
    labels = [("Cap", "Blue"), ("Cap", "Red"), ("Bag", "Blue"), ("Bag", "Red"), ("Cap", "Blue"), ("Cap", "Blue")]
    catalog = samples.labelled(labels, ("type", "colour"))
    library = samples.on_a_line(catalog, [0, 0.1, 0.2, 0.3, 0.4, 0.5])
    made = rank(library, draw_split(catalog, Protocol.LEAVE_ONE_OUT), depth=7)
    assert made.queries.tolist() == [0, 4, 5]
    assert made.left_out.tolist() == [1, 2, 3]
    assert made.rows[0].tolist() == [1, 2, 3, 4, 5, -1, -1]
    assert made.gains[0].tolist() == [1, 1, 0, 2, 2, 0, 0]
    assert made.relevant[0].tolist() == [False, False, False, True, True, False, False]
    assert (made.n[0], made.totals[0], made.first[0], made.r_precision[0]) == (5, 2, 4, 0)
    assert made.grades[0].tolist() == [1, 2, 2]
    assert np.isneginf(made.scores[0, 5:]).all()
    assert made.rows[1].tolist() == [3, 5, 2, 1, 0, -1, -1]  # 3 and 5 are as near, so that the smaller row is first
    assert made.first.tolist() == [4, 2, 1]
    assert made.r_precision.tolist() == [0, 1 / 2, 1 / 2]


def test_an_accepted_pair_counts_as_relevant_from_both_sides() -> None:
    catalog = samples.labelled([("a", "x"), ("a", "y"), ("b", "z"), ("a", "x")], ("one", "two"))
    library = samples.on_a_line(catalog, [0, 0.1, 0.2, 0.3])
    made = rank(library, draw_split(catalog, Protocol.LEAVE_ONE_OUT), verdicts([(0, 2)], []), 3)
    assert made.queries.tolist() == [0, 2, 3]  # 2 has a relevant item by it
    assert made.left_out.tolist() == [1]
    assert made.totals.tolist() == [2, 1, 1]
    assert made.rows[0].tolist() == [1, 2, 3]
    assert made.gains[0].tolist() == [1, 2, 2]
    assert made.grades.tolist() == [[0, 1, 2], [2, 0, 1], [1, 1, 1]]


def test_accepted_pairs_reach_what_the_gallery_holds() -> None:
    """One query per group: of an accepted pair one may be a query, both, or neither."""
    catalog = samples.labelled([("a",), ("a",), ("b",), ("b",)], ("group",))
    library = samples.on_a_line(catalog, [0, 0.1, 0.2, 0.3])
    split = Split(Protocol.ONE_PER_GROUP, 0, np.array([0, 2]), np.array([False, True, False, True]))
    made = rank(library, split, verdicts([(0, 2), (0, 3), (1, 3)], []))
    assert made.totals.tolist() == [2, 1]  # 2 is no item of the gallery for 0, nor is 0 for 2
    assert made.relevant[:, :2].tolist() == [[True, True], [False, True]]
    assert made.first.tolist() == [1, 2]


def test_removed_items_are_neither_queries_nor_results() -> None:
    library = samples.library([3, 2, 4])
    split = draw_split(library.catalog, Protocol.LEAVE_ONE_OUT)
    gone = library.catalog.groups[1].rows[0]
    alone = library.catalog.groups[1].rows[1]
    made = rank(library, split, verdicts([], [int(gone)]))
    assert gone not in made.queries
    assert gone not in made.rows
    assert made.left_out.tolist() == [alone]  # its only right answer is gone
    assert set(made.n.tolist()) == {7}
    assert split.gallery[gone]  # the split itself is as it was


def test_nothing_but_removed_items() -> None:
    library = samples.library([3])
    made = rank(library, draw_split(library.catalog, Protocol.LEAVE_ONE_OUT), verdicts([], [0, 1, 2]))
    assert (len(made.queries), len(made.left_out)) == (0, 0)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_query_with_a_relevant_item(protocol: Protocol) -> None:
    library = samples.library([1, 1, 1])
    made = rank(library, draw_split(library.catalog, protocol))
    assert made.left_out.tolist() == [0, 1, 2]
    shapes = {field.name: getattr(made, field.name).shape for field in fields(made) if field.name != "left_out"}
    assert shapes.pop("grades") == (0, 2)
    assert {shapes.pop(name) for name in ("rows", "scores", "relevant", "gains")} == {(0, DEPTH)}
    assert set(shapes.values()) == {(0,)}
    for measure in MEASURES.values():
        assert [one(made, 5).shape for one in (measure.of, measure.chance, measure.ceiling)] == [(0,)] * 3


def test_r_precision_where_more_items_are_relevant_than_are_kept() -> None:
    """A group of 70 in the middle of a line, with 10 others on each side of it: 69 right answers, 50 kept."""
    catalog = samples.labelled([("b",)] * 10 + [("a",)] * 70 + [("b",)] * 10, ("group",))
    library = samples.on_a_line(catalog, np.linspace(0, 1, 90).tolist())
    made = rank(library, draw_split(catalog, Protocol.LEAVE_ONE_OUT))
    edge, middle = made.place(10), made.place(45)
    assert made.relevant.shape[1] == DEPTH < made.totals[middle] == 69
    assert made.r_precision[middle] == 1
    assert made.r_precision[edge] == 59 / 69  # the 10 before it are as near as the 10 after it


@pytest.mark.parametrize(("block", "cells"), [(1, 2**23), (7, 2**23), (512, 90), (512, 1000), (512, 10)])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_blocks_make_no_difference(block: int, cells: int, protocol: Protocol, monkeypatch: pytest.MonkeyPatch) -> None:
    library = samples.library_of(CATALOGS["three columns"], levels=4)
    split = draw_split(library.catalog, protocol)
    given = verdicts([(0, 80), (3, 4)], [7])
    whole = rank(library, split, given)
    monkeypatch.setattr(library_module, "_BLOCK", block)
    monkeypatch.setattr(library_module, "_CELLS", cells)
    monkeypatch.setattr(rankings_module, "_GROUPS", 3)
    parts = rank(library, split, given)
    for field in fields(Rankings):
        np.testing.assert_array_equal(getattr(parts, field.name), getattr(whole, field.name), err_msg=field.name)
        assert getattr(parts, field.name).dtype == getattr(whole, field.name).dtype


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_first_results_are_those_of_a_search(protocol: Protocol) -> None:
    library = samples.library_of(CATALOGS["three columns"])
    split = draw_split(library.catalog, protocol)
    made = rank(library, split, depth=12)
    hits = library.search(made.queries, 12, split.gallery)
    np.testing.assert_array_equal(made.rows, hits.rows)
    np.testing.assert_array_equal(made.scores, hits.scores)


@pytest.mark.parametrize("name", ["three columns", "paper-like"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("k", [1, 5, 50])
def test_every_measure_against_ir_measures(name: str, protocol: Protocol, k: int) -> None:
    library = samples.library_of(CATALOGS[name], levels=2)
    split = draw_split(library.catalog, protocol)
    made = rank(library, split)
    asked = [one for one in naive(library, split) if one.total]
    theirs = judged([one.gains for one in asked], asked[0].most, k)
    assert set(theirs) == set(MEASURES)
    for measure in MEASURES:
        np.testing.assert_allclose(MEASURES[measure].of(made, k), theirs[measure], atol=1e-9, err_msg=measure)


# The small ones --------------------------------------------------------------------------------------------------


def test_a_query_is_found_by_its_row() -> None:
    library = samples.library([1, 3, 1, 4])
    made = rank(library, draw_split(library.catalog, Protocol.LEAVE_ONE_OUT))
    for row in range(-1, 11):
        expected = made.queries.tolist().index(row) if row in made.queries else None
        assert made.place(row) == expected


@pytest.mark.parametrize("catalog", [samples.mixed_catalog(40), samples.catalog([3, 4])], ids=["three", "one"])
def test_labels_as_numbers(catalog: Catalog) -> None:
    codes = label_codes(catalog)
    assert codes.shape == (len(catalog.items), len(catalog.columns))
    for column in range(len(catalog.columns)):
        labels = np.array([item.labels[column] for item in catalog.items])
        np.testing.assert_array_equal(
            codes[:, column, None] == codes[None, :, column], labels[:, None] == labels[None, :]
        )


# Other vectors ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_queries_may_be_searched_with_other_vectors_than_their_own(protocol: Protocol) -> None:
    """What is returned is what a naive search of the gallery gives; the query itself never is."""
    library = samples.library([4, 3, 1, 5], levels=5)
    split = draw_split(library.catalog, protocol, 1)
    other = np.random.default_rng(2).normal(size=(len(split.queries), library.vectors.shape[1])).astype(np.float32)
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    made = rank(library, split, verdicts([], [0]), 4, vectors=other)
    gallery = set(np.flatnonzero(split.gallery).tolist()) - {0}
    for query, rows in zip(made.queries.tolist(), made.rows.tolist(), strict=True):
        scores = library.vectors.astype(np.float64) @ other[split.queries.tolist().index(query)].astype(np.float64)
        order = sorted(gallery - {query}, key=lambda row, s=scores: (-np.rint(s[row] * SCORE_STEPS), row))
        assert rows == order[:4]


def test_with_their_own_vectors_it_is_the_same_ranking() -> None:
    library = samples.library([4, 3, 5], levels=5)
    split = draw_split(library.catalog, Protocol.LEAVE_ONE_OUT)
    one, other = rank(library, split), rank(library, split, vectors=library.vectors[split.queries])
    for field in fields(Rankings):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name))
