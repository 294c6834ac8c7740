import hashlib
import random

import pytest

from fashion_search.catalog import Catalog, Item, Protocol, draw_split
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
    items = tuple(Item(id, "", value, "", "") for id, value in labels.items())
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
    catalog = Catalog("c", "C", ("group",), tuple(Item(id, "", ("a",), "", "") for id in "1234"))
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
