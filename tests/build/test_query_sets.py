"""Query sets are built as catalogs are: only what is new is encoded, what is bad is listed, nothing is lost."""

from pathlib import Path

import pytest
from PIL import Image

from fashion_search.build.query_sets import NEARLY_EQUAL, copies, encoded_by
from fashion_search.catalog import Protocol
from fashion_search.catalog.demo import DEMO_PHOTOS, DEMO_SOURCE
from fashion_search.catalog.source import Options
from fashion_search.errors import SourceError, UnknownNameError
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.saved import folder_of
from fashion_search.home import home
from fashion_search.images import open_image
from fashion_search.manifest import MANIFEST
from fashion_search.query_store import under
from fashion_search.removal import remove_queries
from fashion_search.store import Store, open_queries, open_store
from tests.builds import add_queries, build, build_in_shop
from tests.conftest import FakeMethod
from tests.samples import encoded, noise, write_folder

BLUE, CAPS = "shirts_blue_casual", "caps_navy_blue_na"


@pytest.fixture
def catalog(shop: Path, fake: FakeMethod) -> Store:
    build(shop, methods=["fake"])
    fake.encoded = 0
    return open_store("shop")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    names = (f"{BLUE}/a.png", f"{BLUE}/b.png", f"{CAPS}/c.png")
    return write_folder(tmp_path / "photos", {name: encoded(noise(50 + n)) for n, name in enumerate(names)})


def ids(name: str = "photos") -> list[str]:
    return [item.id for item in open_queries(open_store("shop"), name).catalog.items]


def test_only_new_pictures_are_encoded(catalog: Store, photos: Path, fake: FakeMethod) -> None:
    assert add_queries("shop", photos).encoded == {"fake": 3}
    (photos / BLUE / "d.png").write_bytes(encoded(noise(60)))
    (photos / CAPS / "c.png").unlink()
    assert add_queries("shop", photos).encoded == {"fake": 1}
    assert fake.encoded == 4
    assert ids() == [f"{BLUE}/a", f"{BLUE}/b", f"{BLUE}/d"]


def test_the_catalog_is_not_touched(catalog: Store, photos: Path) -> None:
    before = {path.name: path.read_bytes() for path in catalog.folder.iterdir() if path.is_file()}
    add_queries("shop", photos)
    after = {path.name: path.read_bytes() for path in catalog.folder.iterdir() if path.is_file()}
    assert after == before
    assert [item.id for item in open_store("shop").catalog.items] == [item.id for item in catalog.catalog.items]


def test_one_that_was_killed_goes_on(catalog: Store, photos: Path, fake: FakeMethod) -> None:
    def kill(count: int) -> None:
        raise KeyboardInterrupt

    names = [f"{CAPS}/{n}.png" for n in range(60)]
    write_folder(photos, {name: encoded(noise(200 + n)) for n, name in enumerate(names)})
    fake.before_batch = lambda count: kill(count) if fake.encoded else None
    with pytest.raises(KeyboardInterrupt):
        add_queries("shop", photos)
    done = fake.encoded
    assert 0 < done < 63
    fake.before_batch = lambda count: None
    assert add_queries("shop", photos).encoded == {"fake": 63 - done}
    assert len(ids()) == 63


def test_bad_files_are_listed(catalog: Store, photos: Path) -> None:
    write_folder(photos, {f"{BLUE}/torn.png": encoded(noise(1))[:60], f"{BLUE}/page.jpg": b"<html>"})
    summary = add_queries("shop", photos)
    assert summary.manifest.excluded_by_reason == {"not a picture": 1, "image cannot be read": 1}
    assert len(ids()) == 3


def test_a_source_without_any_match_leaves_nothing_behind(catalog: Store, tmp_path: Path) -> None:
    source = write_folder(tmp_path / "cats", {"cats/a.png": encoded(noise(1))})
    with pytest.raises(SourceError, match="no picture can be matched with “shop”"):
        add_queries("shop", source, name="cats")
    assert not (home() / "shop/queries/cats").exists()


def test_another_source_under_the_same_name_is_refused(catalog: Store, photos: Path, tmp_path: Path) -> None:
    add_queries("shop", photos)
    other = write_folder(tmp_path / "other", {f"{CAPS}/x.png": encoded(noise(9))})
    with pytest.raises(SourceError, match="“photos” was built from"):
        add_queries("shop", other)
    assert len(ids()) == 3
    add_queries("shop", other, replace=True)
    assert ids() == [f"{CAPS}/x"]


def test_the_shipped_one_is_replaced_only_where_that_is_asked_for(tmp_path: Path) -> None:
    group = open_store("demo").catalog.groups[0].id
    own = write_folder(tmp_path / "photos", {f"{group}/{n}.png": encoded(noise(n)) for n in range(2)})
    with pytest.raises(SourceError, match=f"The query set “photos” was built from {DEMO_PHOTOS}"):
        add_queries("demo", own, methods=["histogram"])
    add_queries("demo", own, methods=["histogram"], replace=True)
    assert [item.id for item in open_queries(open_store("demo"), "photos").catalog.items] == [
        f"{group}/0",
        f"{group}/1",
    ]
    assert add_queries("demo", own, methods=["histogram"]).encoded == {"histogram": 0}
    remove_queries("demo", "photos")
    assert len(open_queries(open_store("demo"), "photos").catalog.items) > 2


def test_a_build_of_the_catalog_encodes_its_query_sets_by_what_is_new(
    catalog: Store, photos: Path, shop: Path, fake: FakeMethod
) -> None:
    add_queries("shop", photos)
    build(shop, methods=["histogram"])
    store = open_store("shop")
    assert set(under(store, Protocol.of_queries("photos")).methods) == {"fake", "histogram"}
    assert set(encoded_by(store)) == {"fake", "histogram"}


def test_pictures_that_are_gone_do_not_keep_a_catalog_from_being_built(
    catalog: Store, photos: Path, shop: Path, fake: FakeMethod
) -> None:
    add_queries("shop", photos)
    for path in photos.rglob("*.png"):
        path.unlink()
    summary = build(shop, methods=["histogram"])
    assert list(summary.problems) == ["photos"]
    assert "The query set “photos” was not brought up to date" in summary.problems["photos"]
    assert set(open_store("shop").methods) == {"fake", "histogram"}
    assert set(under(open_store("shop"), Protocol.of_queries("photos")).methods) == {"fake"}


def test_a_damaged_one_does_not_keep_a_catalog_from_being_built(catalog: Store, photos: Path, shop: Path) -> None:
    add_queries("shop", photos)
    (home() / "shop/queries/photos" / MANIFEST).write_text("{")
    problems = build(shop, methods=["fake"], quick=False).problems
    assert "The query set “photos” was not brought up to date" in problems["photos"]
    assert list(folder_of("shop").glob("rankings-fake-leave-one-out-*"))


def test_damaged_vectors_are_made_again_with_the_catalog(catalog: Store, photos: Path, shop: Path) -> None:
    add_queries("shop", photos)
    [vectors] = (home() / "shop/queries/photos").glob("fake-*.npy")
    vectors.write_bytes(b"torn")
    assert build(shop, methods=["fake"]).problems == {}
    assert len(under(open_store("shop"), Protocol.of_queries("photos")).library("fake").vectors) == 18


def test_one_that_no_longer_fits_does_not_keep_a_catalog_from_being_built(
    catalog: Store, photos: Path, shop: Path
) -> None:
    add_queries("shop", photos)
    problems = build(shop, methods=["fake"], options=Options(group_by=("articleType",)), quick=False).problems
    assert "but “shop” groups by article_type now. Add it again." in problems["photos"]
    assert list(folder_of("shop").glob("rankings-fake-leave-one-out-*"))


def test_it_is_done_when_it_is_evaluated(catalog: Store, photos: Path) -> None:
    add_queries("shop", photos, quick=False)
    [stored] = folder_of("shop").glob("rankings-fake-query-set-photos-0-*.npz")
    before = stored.stat().st_mtime_ns
    evaluation = Evaluation.of(open_store("shop"), ["fake"], Protocol.of_queries("photos"))
    assert evaluation.has_queries
    assert stored.stat().st_mtime_ns == before


def test_names_that_are_none_are_refused(catalog: Store, photos: Path) -> None:
    with pytest.raises(SourceError, match="cannot name a catalog"):
        add_queries("shop", photos, name="../evil")
    with pytest.raises(UnknownNameError, match="There is no catalog 'nosuch'"):
        add_queries("nosuch", photos)


@pytest.mark.usefixtures("fake")
def test_equal_and_nearly_equal_pictures_are_found_and_said(shop: Path, tmp_path: Path) -> None:
    drawn = open_image(next(iter(sorted(DEMO_SOURCE.glob("images/*")))).read_bytes())
    (shop / "images/12.jpg").write_bytes(encoded(drawn, "JPEG"))
    build(shop, methods=["fake"])
    catalog = open_store("shop")
    original = (shop / "images/3.jpg").read_bytes()
    again = drawn.resize((150, 200), Image.Resampling.BICUBIC)
    other = noise(77)
    files = {
        f"{BLUE}/same.jpg": original,
        f"{BLUE}/again.jpg": encoded(again, "JPEG", quality=60),
        f"{BLUE}/other.png": encoded(other),
    }
    summary = add_queries("shop", write_folder(tmp_path / "p", files))
    queries = open_queries(catalog, "photos")
    found = copies(catalog, queries.catalog, [queries.thumbnail(row) for row in range(3)])
    names = {queries.catalog.items[query].id: catalog.catalog.items[row].id for query, row in found}
    assert names == {f"{BLUE}/again": "12", f"{BLUE}/same": "3"}
    [note] = summary.manifest.notes
    assert note.startswith("2 pictures are in the catalog, too, equal or nearly equal: ")
    assert f"{BLUE}/same is item 3" in note
    assert NEARLY_EQUAL < 10


@pytest.mark.parametrize(
    ("of_catalog", "of_queries", "notes"),
    [
        (False, False, ()),
        (True, True, ()),
        (True, False, ("The catalog’s pictures are cropped to boxes, these are whole.",)),
        (False, True, ("These pictures are cropped to boxes, the catalog’s are whole.",)),
    ],
)
def test_pictures_that_are_cropped_on_one_side_alone_are_said(
    tmp_path: Path, of_catalog: bool, of_queries: bool, notes: tuple[str, ...]
) -> None:
    build_in_shop(tmp_path / "source", Options(boxes=of_catalog))
    summary = add_queries(
        "in-shop", tmp_path / "source", name="other", methods=["histogram"], options=Options(boxes=of_queries)
    )
    assert summary.manifest.notes == notes
