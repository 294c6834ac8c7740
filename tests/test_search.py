"""From a query to a judged ranking, by whichever way it came."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fashion_search.catalog import EVERYTHING, Protocol, draw_split
from fashion_search.catalog.relevance import Applied
from fashion_search.errors import ForeignVectorsError
from fashion_search.library import Library
from fashion_search.search import Query, encoder_of, nearest
from fashion_search.store import Store, open_store
from tests import samples
from tests.builds import build
from tests.conftest import FakeMethod


@pytest.fixture
def library() -> Library:
    """``a a b b b`` on a line, each a step from the next."""
    made = samples.labelled([("a",), ("a",), ("b",), ("b",), ("b",)], ("group",))
    return samples.on_a_line(made, [0, 0.1, 0.21, 0.33, 0.46])


def everything(library: Library) -> np.ndarray:
    return np.ones(len(library.catalog.items), dtype=bool)


def test_an_item_finds_the_others_in_order_and_each_is_right_or_wrong(library: Library) -> None:
    ranking = nearest(Query.of_item(library.catalog, 1), library, everything(library))
    assert ranking.rows.tolist() == [0, 2, 3, 4]
    assert ranking.relevant is not None
    assert ranking.relevant.tolist() == [True, False, False, False]
    assert ranking.first_relevant == 1
    assert [ranking.rank(row) for row in range(5)] == [1, None, 2, 3, 4]
    assert ranking.n == 4
    assert ranking.scores.tolist() == sorted(ranking.scores.tolist(), reverse=True)


@pytest.mark.parametrize("k", [1, 2, 3, 20])
@pytest.mark.parametrize("seed", range(3))
def test_places_beyond_the_first_results_are_those_of_the_whole_order(k: int, seed: int) -> None:
    library = samples.library([6, 7, 9], levels=3, seed=seed)
    catalog = library.catalog
    gallery = np.random.default_rng(seed).random(22) < 0.8
    said = Applied(np.array([[2, 15]]), np.array([4]))
    query = Query.of_item(catalog, 2)
    whole, few = (nearest(query, library, gallery, size, said) for size in (None, k))
    assert few.rows.tolist() == whole.rows[:k].tolist()
    assert few.n == len(whole.rows) == whole.n
    assert whole.relevant is not None
    right = whole.rows[whole.relevant].tolist()
    assert sorted(few.answers.tolist()) == sorted(right)
    assert few.missed(k) == [row for row in right if row not in whole.rows[:k]]
    places = {row: place for place, row in enumerate(whole.rows.tolist(), start=1)}
    assert [few.rank(row) for row in range(22)] == [places.get(row) for row in range(22)]
    assert few.first_relevant == min(places[row] for row in right)


def test_what_may_not_be_returned_leaves_before_the_first_k(library: Library) -> None:
    gallery = everything(library)
    gallery[0] = False
    removed = Applied(np.empty((0, 2), np.intp), np.array([2]))
    ranking = nearest(Query.of_item(library.catalog, 1), library, gallery, 2, removed)
    assert ranking.rows.tolist() == [3, 4]
    assert gallery.tolist() == [False, True, True, True, True]  # the caller's own


def test_an_accepted_pair_is_right_in_both_directions(library: Library) -> None:
    said = Applied(np.array([[1, 3]]), np.empty(0, np.intp))
    for query, other in ((1, 3), (3, 1)):
        ranking = nearest(Query.of_item(library.catalog, query), library, everything(library), verdicts=said)
        assert ranking.relevant is not None
        assert bool(ranking.relevant[(ranking.rank(other) or 0) - 1])


def test_under_one_query_per_group_only_the_gallery_is_returned(library: Library) -> None:
    split = draw_split(library.catalog, Protocol.ONE_PER_GROUP)
    ranking = nearest(Query.of_item(library.catalog, int(split.queries[0])), library, split.gallery)
    assert sorted(ranking.rows.tolist()) == np.flatnonzero(split.gallery).tolist()


def test_a_picture_is_marked_only_if_it_is_known_what_it_shows(shop: Path, fake: FakeMethod) -> None:
    build(shop, methods=["fake"])
    store = open_store("shop")
    library = store.library("fake")
    picture = Image.open(shop / "images/7.jpg").convert("RGB")
    gallery = everything(library)
    encoder = encoder_of(library)
    unknown = nearest(Query(picture=picture), library, gallery, 3, encoder=encoder)
    assert unknown.relevant is None
    assert unknown.first_relevant is None
    assert unknown.missed(3) == []
    row = store.catalog.row("7")
    assert unknown.rows[0] == row
    labels = store.catalog.items[row].labels
    known = nearest(Query(picture=picture, labels=labels), library, gallery, encoder=encoder)
    assert known.relevant is not None
    group = store.catalog.groups[store.catalog.group_of[row]].rows
    assert sorted(known.rows[known.relevant].tolist()) == group.tolist()
    nobody = nearest(Query(picture=picture, labels=("?", "?", "?")), library, gallery, encoder=encoder)
    assert nobody.relevant is not None
    assert not nobody.relevant.any()


def test_items_without_labels_are_neither_right_nor_wrong(library: Library) -> None:
    catalog = samples.labelled([(), (), ()], ())
    bare = samples.on_a_line(catalog, [0, 0.1, 0.3])
    ranking = nearest(Query.of_item(catalog, 0), bare, everything(bare))
    assert ranking.rows.tolist() == [1, 2]
    assert ranking.relevant is None


def test_other_weights_are_refused(built: Store, shop: Path, fake: FakeMethod) -> None:
    build(shop, methods=["histogram", "fake"])
    fake.version = "2"
    with pytest.raises(ForeignVectorsError, match=r"Fake: the library was made with .*\. Build it again first\."):
        encoder_of(open_store("shop").library("fake"))


def test_a_query_is_an_item_or_a_picture() -> None:
    for options in ({}, {"row": 1, "picture": samples.noise(1)}):
        with pytest.raises(ValueError, match="one of the two"):
            Query(**options)


@pytest.mark.parametrize("is_picture", [False, True], ids=["item", "picture"])
def test_a_filtered_search_is_the_whole_one_without_what_does_not_pass(
    shop: Path, fake: FakeMethod, is_picture: bool
) -> None:
    build(shop, methods=["fake"])
    library = open_store("shop").library("fake")
    catalog, encoder = library.catalog, encoder_of(library)
    query = Query.of_item(catalog, 6)
    if is_picture:
        query = Query(picture=Image.open(shop / "images/7.jpg").convert("RGB"))
    whole = nearest(query, library, everything(library), encoder=encoder)
    for chosen in (EVERYTHING.where("article_type", ["Caps"]), EVERYTHING.where("base_colour", ["Blue", "Red"], True)):
        passing = [row for row in whole.rows.tolist() if chosen.mask(catalog)[row]]
        split = draw_split(catalog, Protocol.LEAVE_ONE_OUT, filter=chosen)
        found = nearest(query, library, split.gallery, 3, encoder=encoder)
        assert found.rows.tolist() == passing[:3]
        assert found.rows.tolist() != whole.rows[:3].tolist()
