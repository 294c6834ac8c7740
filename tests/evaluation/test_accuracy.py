"""Top-k accuracy: against a count by hand, under every protocol, and its words."""

import math
from dataclasses import replace

import numpy as np
import pytest

from fashion_search.catalog import PROTOCOLS, Protocol, draw_split
from fashion_search.catalog.query_sets import with_queries
from fashion_search.evaluation import accuracy
from fashion_search.evaluation.accuracy import KS, TopK, top_k_accuracy
from fashion_search.evaluation.measures import MEASURES
from fashion_search.evaluation.rankings import Rankings, rank
from fashion_search.evaluation.scores import grouped
from fashion_search.evaluation.statistics import GroupedQueries, Interval
from tests import samples
from tests.evaluation.test_rankings import naive


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_against_a_naive_version(protocol: Protocol) -> None:
    library = samples.library([4, 20, 9, 5, 7], levels=2)
    split = draw_split(library.catalog, protocol, seed=3)
    rankings = rank(library, split)
    found = top_k_accuracy(rankings, grouped(library.catalog, rankings))
    assert tuple(found) == KS
    for k, one in found.items():
        assert one.share.value == pytest.approx(np.mean([any(query.relevant[:k]) for query in naive(library, split)]))
        assert one.share.low <= one.share.value <= one.share.high
        assert one.chance == pytest.approx(MEASURES["hit"].chance(rankings, k).mean())
    assert found[1].share.value < found[10].share.value


def test_it_is_hit_at_k_however_few_results_are_kept() -> None:
    library = samples.library([4, 20, 9, 5, 7], levels=2)
    split = draw_split(library.catalog, Protocol.LEAVE_ONE_OUT)
    queries = grouped(library.catalog, rank(library, split))
    shallow, deep = (top_k_accuracy(rank(library, split, depth=depth), queries) for depth in (2, 50))
    assert shallow == deep
    hits = MEASURES["hit"].of(rank(library, split), 20)
    assert deep[20].share == queries.interval(hits)


def test_intervals_draw_what_belongs_together() -> None:
    """Ten queries of one group count as one draw: the interval is wider than that of ten groups."""
    library = samples.library([10, 10], levels=2)
    rankings = rank(library, draw_split(library.catalog, Protocol.LEAVE_ONE_OUT))
    half = replace(rankings, first=np.where(library.catalog.group_of == 0, 1, 7))
    together = top_k_accuracy(half, grouped(library.catalog, half))[5].share
    apart = top_k_accuracy(half, GroupedQueries(np.arange(20)))[5].share
    assert together.value == apart.value == 0.5
    assert (together.low, together.high) == (0, 1)
    assert 0 < apart.low < apart.high < 1


def made_of_products() -> Rankings:
    """One query on a line with three pictures of another product nearer than its own."""
    shop = samples.labelled([("b",), ("b",), ("b",), ("a",), ("c",)], ("group",))
    products = ("two", "two", "two", "one", "three")
    items = tuple(replace(item, product=product) for item, product in zip(shop.items, products, strict=True))
    asked = samples.labelled([("a",)], ("group",))
    both = with_queries(replace(shop, items=items), replace(asked, name="asked"))
    library = samples.on_a_line(both, [0.1, 0.11, 0.12, 0.2, 0.9, 0])
    return rank(library, draw_split(both, Protocol.of_queries("asked")), per_product=True)


def test_a_product_counts_once() -> None:
    found = top_k_accuracy(made_of_products(), GroupedQueries(np.zeros(1, np.intp)), (1, 2))
    assert [one.share.value for one in found.values()] == [0, 1]
    assert [one.chance for one in found.values()] == pytest.approx([1 / 3, 2 / 3])


def test_without_queries_nothing_is_known() -> None:
    library = samples.library([1, 1])
    rankings = rank(library, draw_split(library.catalog, Protocol.LEAVE_ONE_OUT))
    for one in top_k_accuracy(rankings, grouped(library.catalog, rankings)).values():
        assert math.isnan(one.share.value)
        assert math.isnan(one.chance)


def test_the_headline_tells_the_first_and_the_first_k() -> None:
    found = {k: TopK(Interval(value, 0, 1), 0.1) for k, value in ((1, 0.314), (5, 0.625))}
    told = "Fashion: the first result is right for 31% of the queries"
    assert accuracy.headline("Fashion", found, 1) == told
    assert accuracy.headline("Fashion", found, 5) == f"{told}, one of the first 5 for 62%"
    of_products = accuracy.headline("Fashion", found, 5, per_product=True)
    assert of_products == "Fashion: the first product is right for 31% of the queries, one of the first 5 for 62%"


def test_of_equally_good_methods_the_best_is_right_first() -> None:
    def made(first: float, fifth: float) -> dict[int, TopK]:
        return {k: TopK(Interval(value, 0, 1), 0.1) for k, value in ((1, first), (5, fifth))}

    found = {"one": made(0.3, 0.6), "two": made(0.4, 0.6), "three": made(0.5, 0.5)}
    assert accuracy.best(found, 5) == "two"
    assert accuracy.best(found, 1) == "three"
