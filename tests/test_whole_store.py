"""The whole shop: what the catalog leaves out is found and searched with; the catalog itself stays as it is."""

from pathlib import Path

import numpy as np
import pytest

from fashion_search.catalog import Filter, Protocol, draw_split
from fashion_search.cli import main
from fashion_search.encoders import RERANKED, reranked
from fashion_search.errors import ForeignVectorsError, StoreError, UnknownNameError
from fashion_search.query_store import under
from fashion_search.search import Query, nearest
from fashion_search.store import Store, open_store
from fashion_search.whole_store import WholeStore, about_rest, rest_folder, whole
from tests.app import screen
from tests.builds import build, build_whole, large_shop
from tests.conftest import FakeMethod


@pytest.fixture
def large(tmp_path: Path) -> Path:
    return large_shop(tmp_path / "shop")


@pytest.fixture
def shop_store(large: Path, fake: FakeMethod) -> WholeStore:
    build_whole(large, "fake", "histogram", indexes=("kd-tree",))
    return whole(open_store("shop"))


def test_items_of_the_catalog_come_first(shop_store: WholeStore, large: Path) -> None:
    catalog, plain = shop_store.catalog, shop_store.plain
    assert catalog.items[:15] == plain.catalog.items
    assert [item.id for item in catalog.items[15:]] == [str(number) for number in range(16, 40)]
    assert (catalog.n_items, catalog.n_queries) == (39, 0)
    assert [shop_store.is_evaluated(row) for row in (14, 15)] == [True, False]
    assert shop_store.thumbnail(14) == plain.thumbnail(14)
    assert shop_store.thumbnail(16) == shop_store.rest.thumbnail(1)
    assert shop_store.original(16, shop_store.tree()) == (large / "images/17.jpg").read_bytes()


def naive(store: Store, method: str, row: int) -> list[int]:
    """All other rows by falling cosine, equal ones by row."""
    vectors = store.library(method).vectors.astype(np.float64)
    scores = np.rint(vectors @ vectors[row] * 1e6)
    order = np.lexsort((np.arange(len(scores)), -scores)).tolist()
    return [one for one in order if one != row]


@pytest.mark.parametrize("method", ["fake", "histogram"])
@pytest.mark.parametrize("row", [3, 20])
def test_all_of_it_is_found_and_marked(shop_store: WholeStore, method: str, row: int) -> None:
    catalog = shop_store.catalog
    split = draw_split(catalog, Protocol.LEAVE_ONE_OUT)
    assert split.gallery.all()
    found = nearest(Query.of_item(catalog, row), shop_store.library(method), split.gallery)
    assert found.rows.tolist() == naive(shop_store, method, row)
    assert found.relevant is not None
    labels = catalog.items[row].labels
    assert found.relevant.tolist() == [catalog.items[one].labels == labels for one in found.rows.tolist()]
    assert found.relevant.sum() == {3: 4, 20: 21}[row]
    assert shop_store.confidence(found, split.gallery, 5) is None


@pytest.mark.parametrize("order", RERANKED)
def test_it_is_re_ranked_by_its_own_labels(shop_store: WholeStore, order: str) -> None:
    catalog = shop_store.catalog
    everything = np.ones(len(catalog.items), dtype=bool)
    found = nearest(Query.of_item(catalog, 20), shop_store.library(reranked("fake", order)), everything)
    assert sorted(found.rows.tolist()) == [row for row in range(39) if row != 20]


def test_fused_methods_and_filters_work_on_it(shop_store: WholeStore, fused: str) -> None:
    catalog = shop_store.catalog
    only = Filter.parse("article_type=Gloves").on(catalog)
    split = draw_split(catalog, Protocol.LEAVE_ONE_OUT, filter=only)
    found = nearest(Query.of_item(catalog, 0), shop_store.library(fused), split.gallery)
    assert [catalog.items[row].id for row in sorted(found.rows.tolist())] == ["38", "39"]


def test_an_index_lists_the_catalogs_items_alone(shop_store: WholeStore) -> None:
    assert list(shop_store.plain.indexed) == ["histogram@kd-tree", "fake@kd-tree"]
    assert not shop_store.indexed
    with pytest.raises(UnknownNameError, match=r"KD-tree.* lists the catalog’s items alone"):
        shop_store.library("fake@kd-tree")


def test_evaluations_are_of_the_catalog_alone(shop_store: WholeStore) -> None:
    for protocol in (Protocol.LEAVE_ONE_OUT, Protocol.ONE_PER_GROUP):
        assert under(shop_store, protocol) is shop_store.plain
    assert shop_store.state != shop_store.plain.state
    assert shop_store.catalog.fingerprint != shop_store.plain.catalog.fingerprint


def test_what_is_lacking_is_said_with_the_command(large: Path, fake: FakeMethod) -> None:
    build(large, methods=["fake"])
    with pytest.raises(UnknownNameError, match=r"not built. Build it: .*build .*--method fake .*--all-items"):
        whole(open_store("shop"))


def test_a_rest_of_other_weights_or_of_an_earlier_state_is_refused(
    shop_store: WholeStore, large: Path, fake: FakeMethod, home: Path, tmp_path: Path
) -> None:
    (home / "shop/rest").rename(tmp_path / "rest")
    fake.version = "2"
    build(large, methods=["fake"])
    (tmp_path / "rest").rename(home / "shop/rest")
    mixed = whole(open_store("shop"))
    assert list(mixed.methods) == ["histogram"]
    assert mixed.lacking == ["fake"]
    with pytest.raises(ForeignVectorsError, match=r"other weights than the catalog. Build it again: .*--all-items"):
        mixed.library("fake")
    (home / "shop/rest").rename(tmp_path / "rest")
    (large / "images/16.jpg").write_bytes((large / "images/17.jpg").read_bytes())
    text = (
        (large / "styles.csv")
        .read_text("utf-8")
        .replace("16,Men,Apparel,Topwear,Ties,Green", "16,Men,A,T,Caps,Navy Blue")
    )
    (large / "styles.csv").write_text(text.replace("2012,Casual,Ties no. 16", "2012,NA,Cap"), "utf-8")
    build(large, methods=["fake"])
    (tmp_path / "rest").rename(home / "shop/rest")
    with pytest.raises(StoreError, match=r"of an earlier state of the catalog. Build it again: .*--all-items"):
        assert whole(open_store("shop")).catalog


def test_a_rest_that_is_damaged_is_said_and_keeps_nobody_from_the_catalog(
    shop_store: WholeStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert about_rest(shop_store.plain) == (24, "")
    (rest_folder("shop") / "manifest.json").write_bytes(b"{")
    found, damage = about_rest(shop_store.plain)
    assert found is None
    assert damage.startswith("The rest of the shop cannot be read: ")
    assert main(["list"]) == 0
    out = capsys.readouterr().out
    assert "3 groups, 15 images" in out
    assert damage in out
    app = screen.opened("Catalog", catalog="shop")
    assert [warning.value for warning in app.warning if warning.value.startswith("The rest of the shop")]
    assert [metric.value for metric in app.metric]
