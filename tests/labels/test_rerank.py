import numpy as np
import pytest

from fashion_search.catalog import PROTOCOLS, Protocol, draw_split
from fashion_search.encoders import ORDERS, Order, order_of
from fashion_search.evaluation.rankings import rank
from fashion_search.labels.rerank import RerankedLibrary
from fashion_search.scored import SCORE_STEPS
from tests.labels.shop import posterior, relabelled, shop

LIBRARY = shop()
EVERYTHING = np.ones(40, dtype=bool)
TWO = order_of("resnet18~varied-2")
EVERY_ORDER = [*ORDERS.values(), TWO]


def under(order: Order) -> RerankedLibrary:
    return RerankedLibrary.of(posterior(LIBRARY), order)


def naive(order: Order, row: int, gallery: np.ndarray) -> list[int]:
    """Rows in order, item by item."""
    made, catalog = posterior(LIBRARY), LIBRARY.catalog
    vectors = LIBRARY.vectors.astype(np.float64)
    shares = made.of_query(LIBRARY.vectors[row], row, gallery)
    others = [other for other in range(len(vectors)) if gallery[other] and other != row]
    nearest = sorted(others, key=lambda other: (-round(float(vectors[row] @ vectors[other]) * SCORE_STEPS), other))
    met: dict[int, int] = {}
    scores = {}
    for other in nearest:
        group = int(catalog.group_of[other])
        place = met.get(group, 0)
        met[group] = place + 1
        by_labels = np.log(shares[group]) + (order.first if place == 0 else 0)
        score = (1 - order.share) * (vectors[row] @ vectors[other]) + order.share * made.temperature * by_labels
        scores[other] = score - (1000 if order.most and place >= order.most else 0)
    return sorted(others, key=lambda other: (-round(float(scores[other]) * SCORE_STEPS), other))


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
@pytest.mark.parametrize("order", EVERY_ORDER, ids=lambda order: order.name)
def test_an_order_is_its_formula(order: Order, protocol: Protocol) -> None:
    split = draw_split(LIBRARY.catalog, protocol)
    library = under(order)
    for row in split.queries.tolist():
        hits = library.search(np.array([row]), 40, split.gallery)
        expected = naive(order, row, split.gallery)
        assert hits.rows[0][: len(expected)].tolist() == expected
        assert (hits.rows[0][len(expected) :] == -1).all()


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
@pytest.mark.parametrize("order", EVERY_ORDER, ids=lambda order: order.name)
def test_the_querys_own_labels_are_never_looked_at(order: Order, protocol: Protocol) -> None:
    split = draw_split(LIBRARY.catalog, protocol)
    for row in split.queries.tolist():
        before = under(order).search(np.array([row]), 40, split.gallery)
        for labels in (("Ties", "White"), ("Shirts", "Red"), ("Hats", "Green")):
            other = RerankedLibrary.of(posterior(relabelled(LIBRARY, row, labels)), order)
            after = other.search(np.array([row]), 40, split.gallery)
            assert after.rows.tolist() == before.rows.tolist()


@pytest.mark.parametrize("order", EVERY_ORDER, ids=lambda order: order.name)
def test_one_query_alone_is_ordered_as_among_others(order: Order) -> None:
    split = draw_split(LIBRARY.catalog, Protocol.LEAVE_ONE_OUT)
    rankings = rank(under(order), split, depth=40)
    for place, row in enumerate(rankings.queries.tolist()):
        alone = under(order).search(np.array([row]), 40, split.gallery)
        assert rankings.rows[place].tolist() == alone.rows[0].tolist()


@pytest.mark.parametrize("order", [ORDERS["varied"], TWO], ids=lambda order: order.name)
def test_varied_returns_at_most_so_many_of_a_style_group_first(order: Order) -> None:
    groups = LIBRARY.catalog.group_of
    for row in range(40):
        rows = under(order).search(np.array([row]), 40, EVERYTHING).rows[0][:39]
        left = np.delete(groups, row)
        first = int(np.minimum(np.bincount(left), order.most).sum())
        assert np.bincount(groups[rows[:first]]).max() <= order.most
        assert sorted(rows.tolist()) == [other for other in range(40) if other != row]


def test_what_a_person_said_comes_first() -> None:
    library = under(ORDERS["style"]).given((None, "Red"))
    rows = library.search_vectors(LIBRARY.vectors[:1], np.array([-1]), 40, EVERYTHING).rows[0]
    red = [item.labels[1] == "Red" for item in LIBRARY.catalog.items]
    assert all(red[row] for row in rows[: sum(red)])


def test_a_filter_keeps_everything_else_out() -> None:
    gallery = np.array([item.labels[0] == "Shirts" for item in LIBRARY.catalog.items])
    rows = under(ORDERS["balanced"]).search(np.array([0]), 40, gallery).rows[0]
    found = rows[rows >= 0]
    assert sorted(found.tolist()) == [row for row in np.flatnonzero(gallery) if row != 0]


def test_orders_have_fingerprints_of_their_own_and_the_vectors_one_maker() -> None:
    libraries = [under(order) for order in EVERY_ORDER]
    assert len({one.fingerprint.digest for one in [LIBRARY, *libraries]}) == len(EVERY_ORDER) + 1
    assert {one.made_by.digest for one in libraries} == {LIBRARY.fingerprint.digest}
    assert libraries[1].method == "resnet18~balanced"
