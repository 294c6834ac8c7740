import hashlib
import random

import pytest

from fashion_search.catalog import EVERYTHING, PROTOCOLS, Catalog, Item, Protocol, draw_split
from tests import samples


def test_leave_one_out_asks_with_every_item() -> None:
    split = draw_split(samples.catalog([3, 2]), Protocol.LEAVE_ONE_OUT, seed=5)
    assert split.queries.tolist() == [0, 1, 2, 3, 4]
    assert split.gallery.all()
    assert split.label == "Leave-one-out"


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_one_per_group_draws_the_smallest_sha_256(seed: int) -> None:
    labels = {
        "1": ("Caps", "Navy Blue"),
        "2": ("Caps", "Navy Blue"),
        "x": ("Caps", "Navy Blue"),
        "3": ("A", ""),
        "4": ("A", ""),
    }
    items = tuple(Item(id, "", value, "", "", "") for id, value in labels.items())
    split = draw_split(Catalog("c", "C", ("kind", "colour"), items), Protocol.ONE_PER_GROUP, seed)

    def digest(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    caps = min(["1", "2", "x"], key=lambda id: digest(f"{seed}/caps_navy_blue/{id}"))
    blank = min(["3", "4"], key=lambda id: digest(f"{seed}/a_blank/{id}"))
    assert {items[row].id for row in split.queries} == {caps, blank}
    assert (~split.gallery).nonzero()[0].tolist() == split.queries.tolist()
    assert split.label == f"One query per group, split seed {seed}"


def test_a_known_draw_stays_the_same_for_ever() -> None:
    """``for id in 1 2 3 4; do printf 0/a/$id | sha256sum; done`` gives 699f…, 5bd1…, a00b… and f72a…."""
    catalog = Catalog("c", "C", ("group",), tuple(Item(id, "", ("a",), "", "", "") for id in "1234"))
    assert [catalog.items[row].id for row in draw_split(catalog, Protocol.ONE_PER_GROUP).queries] == ["2"]


def test_the_order_of_rows_does_not_matter() -> None:
    catalog = samples.catalog([4, 7, 5, 20])
    shuffled = list(catalog.items)
    random.Random(1).shuffle(shuffled)
    other = Catalog("c", "C", catalog.columns, tuple(shuffled))
    for seed in range(5):
        drawn = [
            {one.items[row].id for row in draw_split(one, Protocol.ONE_PER_GROUP, seed).queries}
            for one in (catalog, other)
        ]
        assert drawn[0] == drawn[1]
        assert len(drawn[0]) == 4


def test_seeds_differ() -> None:
    catalog = samples.catalog([20, 20, 20])
    assert len({tuple(draw_split(catalog, Protocol.ONE_PER_GROUP, seed).queries) for seed in range(5)}) == 5


def test_what_is_removed_is_neither_query_nor_gallery_and_its_group_draws_another() -> None:
    catalog = samples.catalog([4, 2, 1])
    drawn = draw_split(catalog, Protocol.ONE_PER_GROUP)
    removed = drawn.queries[[len(catalog.groups[code].rows) > 1 for code in catalog.group_of[drawn.queries]]]
    again = draw_split(catalog, Protocol.ONE_PER_GROUP, removed=removed)
    assert not set(removed) & set(again.queries)
    assert not again.gallery[removed].any()
    assert sorted(catalog.group_of[again.queries]) == [0, 1, 2]
    only = catalog.groups[2].rows
    assert sorted(catalog.group_of[draw_split(catalog, Protocol.ONE_PER_GROUP, removed=only).queries]) == [0, 1]
    everything_else = draw_split(catalog, Protocol.LEAVE_ONE_OUT, removed=only)
    assert set(everything_else.queries) == set(range(7)) - set(only)
    assert everything_else.gallery.sum() == 6


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_filter_reduces_the_gallery_and_not_the_queries(protocol: Protocol) -> None:
    catalog = samples.catalog([4, 2, 1])
    whole = draw_split(catalog, protocol)
    chosen = EVERYTHING.where("group", ["a", "c"])
    split = draw_split(catalog, protocol, filter=chosen)
    assert split.queries.tolist() == whole.queries.tolist()
    assert split.gallery.tolist() == (whole.gallery & chosen.mask(catalog)).tolist()
    assert split.gallery.sum() < whole.gallery.sum()
    assert split.label == f"{whole.label}, only items whose group is a or c"
