"""A catalog together with a query set: a query of it finds what a search with its picture finds."""

from pathlib import Path

import numpy as np
import pytest

from fashion_search.build import run
from fashion_search.catalog import Protocol, draw_split
from fashion_search.catalog.request import Request
from fashion_search.encoders import RERANKED, reranked
from fashion_search.errors import ForeignVectorsError, StoreError, UnknownNameError
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.images import open_image
from fashion_search.query_store import StoreWithQueries, left_out, under
from fashion_search.search import Query, nearest
from fashion_search.store import Store, open_queries, open_store, query_sets
from tests.builds import add_queries, build
from tests.conftest import FakeMethod
from tests.samples import encoded, noise, table, write_folder

PHOTOS = Protocol.of_queries("photos")
LABELS = [
    ("Shirts", "Blue", "Casual"),
    ("Caps", "Navy Blue", "NA"),
    ("Caps", "Pink", "NA"),
    ("Shirts", "Red", "Formal"),
]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Four pictures that no catalog has; one is of a style group that the sample shop lacks."""
    names = [f"{place}.png" for place in range(len(LABELS))]
    shown = {name: encoded(noise(100 + place)) for place, name in enumerate(names)}
    rows = [[name, *labels] for name, labels in zip(names, LABELS, strict=True)]
    text = table(rows, ["image", "article_type", "base_colour", "usage"])
    return write_folder(tmp_path / "photos", shown | {"photos.csv": text}) / "photos.csv"


@pytest.fixture
def together(shop: Path, photos: Path, fake: FakeMethod) -> StoreWithQueries:
    build(shop, methods=["fake", "histogram"])
    add_queries("shop", photos, methods=["fake", "histogram"])
    store = under(open_store("shop"), PHOTOS)
    assert isinstance(store, StoreWithQueries)
    return store


@pytest.mark.parametrize("method", ["fake", "histogram", *(reranked("fake", order) for order in RERANKED)])
def test_a_query_finds_what_its_picture_finds(together: StoreWithQueries, photos: Path, method: str) -> None:
    """The query set changes nothing for what is found: neither its vectors nor its labels are looked at."""
    catalog, plain = together.catalog, together.plain
    split = draw_split(catalog, PHOTOS)
    everything = np.ones(plain.catalog.n_items, dtype=bool)
    assert [catalog.items[row].id for row in split.queries] == ["photos/0.png", "photos/1.png", "photos/3.png"]
    rankings = Evaluation.of(together, [method], PHOTOS).rankings_of(method)
    for place, row in enumerate(split.queries.tolist()):
        library = plain.library(method)
        vector = together.library(method).vectors[row]
        picture = open_image((photos.parent / catalog.items[row].image).read_bytes())
        expected = nearest(Query(picture=picture), library, everything, vector=vector)
        found = nearest(Query.of_item(catalog, row), together.library(method), split.gallery)
        assert found.rows.tolist() == expected.rows.tolist() == rankings.rows[place, :15].tolist()
        assert found.scores.tolist() == expected.scores.tolist()
        labels = catalog.items[row].labels
        assert found.relevant is not None
        assert found.relevant.tolist() == [plain.catalog.items[one].labels == labels for one in expected.rows.tolist()]
        told = together.confidence(found, split.gallery, 5)
        assert told == plain.confidence(expected, everything, 5)


def test_an_index_of_the_catalog_lists_items_for_queries(shop: Path, photos: Path, fake: FakeMethod) -> None:
    run.build(Request(str(shop), "shop", ("fake",), quick=True, indexes=("kd-tree",)))
    add_queries("shop", photos)
    exact, listed = Evaluation.of(open_store("shop"), ["fake", "fake@kd-tree"], PHOTOS).rankings.values()
    assert listed.rows.tolist() == exact.rows.tolist()
    assert listed.scores.tolist() == exact.scores.tolist()


def test_pictures_are_the_catalogs_and_the_query_sets_own(together: StoreWithQueries, photos: Path, shop: Path) -> None:
    n, tree = together.catalog.n_items, together.tree()
    assert together.original(n + 2, tree) == (photos.parent / "3.png").read_bytes()
    assert together.original(0, tree) == (shop / "images/1.jpg").read_bytes()
    assert together.thumbnail(n + 2) == together.queries.thumbnail(3)
    assert together.thumbnail(4) == together.plain.thumbnail(4)


def test_what_is_left_out_is_counted(together: StoreWithQueries) -> None:
    assert dict(left_out(together)) == {"style group that the catalog lacks": 1}
    assert not left_out(together.plain)


def test_a_protocol_chooses_its_store(together: StoreWithQueries) -> None:
    assert under(together, PHOTOS) is together
    assert under(together, Protocol.LEAVE_ONE_OUT) is together.plain
    assert Evaluation.of(together, ["fake"]).store is together.plain
    assert Evaluation.of(together.plain, ["fake"], PHOTOS).store.catalog.fingerprint == together.catalog.fingerprint
    assert together.state != together.plain.state
    with pytest.raises(UnknownNameError, match=r"“shop” has no query set 'nosuch'\. Its query sets: photos\."):
        under(together, Protocol.of_queries("nosuch"))
    assert list(query_sets(together)) == ["photos"]


def test_a_method_that_did_not_encode_the_query_set_is_not_searched(shop: Path, photos: Path, fake: FakeMethod) -> None:
    build(shop, methods=["fake", "histogram"])
    add_queries("shop", photos, methods=["histogram"])
    store = under(open_store("shop"), PHOTOS)
    assert isinstance(store, StoreWithQueries)
    assert (list(store.methods), store.lacking) == (["histogram"], ["fake"])
    with pytest.raises(UnknownNameError, match=r"“photos” is not encoded by Fake yet\. Encode it: .* queries shop "):
        store.library("fake")
    with pytest.raises(UnknownNameError, match=r"has no library of 'resnet18'\. Build it: .* build "):
        store.library("resnet18")


def test_vectors_of_other_weights_are_not_compared(shop: Path, photos: Path, fake: FakeMethod) -> None:
    build(shop, methods=["fake", "histogram"])
    add_queries("shop", photos, methods=["fake", "histogram"])
    fake.version = "2"
    build(shop, methods=["fake"])
    files = open_queries(open_store("shop"), "photos")
    assert files.manifest.libraries["fake"].fingerprint == fake.fingerprint  # the build brought it up to date
    fake.version = "3"
    add_queries("shop", photos, methods=["fake"])
    store = under(open_store("shop"), PHOTOS)
    assert list(store.methods) == ["histogram"]
    with pytest.raises(ForeignVectorsError, match="was encoded by Fake with other weights than the catalog"):
        store.library("fake")


def test_a_damaged_query_set_is_refused_and_the_catalog_serves_on(together: StoreWithQueries) -> None:
    (together.queries.folder / "manifest.json").write_text("{}")
    store = open_store("shop")
    assert Evaluation.of(store, ["fake"]).has_queries
    with pytest.raises(StoreError, match=r"manifest\.json is damaged"):
        under(store, PHOTOS)


def test_products_are_looked_for_where_the_query_set_names_them(shop: Path, tmp_path: Path, fake: FakeMethod) -> None:
    build(shop, methods=["fake"])
    shown = {f"{place}.png": encoded(noise(100 + place)) for place in range(3)}
    text = table([["0.png", "7"], ["1.png", "12"], ["2.png", "99"]], ["image", "product"])
    source = write_folder(tmp_path / "photos", shown | {"photos.csv": text}) / "photos.csv"
    add_queries("shop", source)
    evaluation = Evaluation.of(open_store("shop"), ["fake"], PHOTOS)
    assert evaluation.split.name == "Query set photos, relevant: same product"
    assert evaluation.rankings_of("fake").totals.tolist() == [1, 1]
    assert [evaluation.store.catalog.items[row].labels[-1] for row in evaluation.split.queries] == ["7", "12"]
    assert dict(left_out(evaluation.store)) == {"product that the catalog lacks": 1}
    assert not evaluation.counts_products  # each product has one picture


def test_a_query_set_without_its_catalog_is_nothing(built: Store) -> None:
    assert query_sets(built) == {}
    with pytest.raises(UnknownNameError, match="It has none"):
        open_queries(built, "photos")
