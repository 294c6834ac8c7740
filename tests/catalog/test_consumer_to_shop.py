"""DeepFashion's Consumer-to-Shop layout, whole and damaged."""

from collections import Counter
from pathlib import Path

import pytest

from fashion_search.catalog.source import GALLERY, QUERY, TRAINING, VALIDATION, Options
from fashion_search.catalog.sources import open_source
from fashion_search.errors import SourceError
from tests.catalog.layouts import (
    PAIR_COLUMNS,
    PAIR_LINES,
    PARTITION,
    WRITERS,
    Write,
    consumer_to_shop,
    consumer_to_shop_files,
    picture,
    published,
)
from tests.samples import write_folder

KINDS = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS.keys())


@KINDS
@pytest.mark.parametrize("root", ["", "Consumer_to_shop/"])
@pytest.mark.parametrize("images", ["img/", "Img/img/"])
def test_each_picture_is_a_row_however_many_pairs_it_is_in(
    tmp_path: Path, write: Write, root: str, images: str
) -> None:
    source = open_source(write(tmp_path, consumer_to_shop_files(images=images, root=root)))
    assert (source.kind, source.n_rows, source.notes, source.excluded) == ("consumer-to-shop", 12, (), ())
    parts = Counter((row.attributes["taken_by"], row.part) for row in source.rows)
    assert parts == {
        ("consumer", TRAINING): 2,
        ("shop", TRAINING): 1,
        ("consumer", VALIDATION): 1,
        ("shop", GALLERY): 5,  # of validation and test
        ("consumer", QUERY): 3,
    }
    row = source.rows[1]
    assert (row.id, row.name, row.product) == (
        "img/DRESSES/Dress/id_00000001/shop_01.jpg",
        "Dress id_00000001",
        "id_00000001",
    )
    assert row.labels == ("DRESSES/Dress", "id_00000001")
    assert source.tree.read_image(row.image) == picture(1)


def test_shops_pictures_of_validation_and_test_are_the_catalog(tmp_path: Path) -> None:
    catalog, excluded = open_source(consumer_to_shop(tmp_path)).catalog("shop", "Shop")
    assert [(item.product, item.id[-11:]) for item in catalog.items] == [
        ("id_00000003", "shop_01.jpg"),
        ("id_00000003", "shop_02.jpg"),
        ("id_00000002", "shop_01.jpg"),
        ("id_00000002", "shop_02.jpg"),
        ("id_00000004", "shop_01.jpg"),
    ]
    assert len(catalog.items) + len(excluded) == 12


def test_pairs_that_contradict_each_other_are_listed(tmp_path: Path) -> None:
    consumer, shop = PAIR_LINES[0].split()[:2]
    lines = [
        *PAIR_LINES,
        f"{consumer} {shop} id_00000004 train",  # another item
        f"{consumer} img/TOPS/T_Shirt/id_00000004/shop_01.jpg id_00000001 test",  # another part, and another item
        f"{shop} {consumer} id_00000001 train",  # the shop's as a consumer's, and the other way round
        f"{consumer} {shop} id_00000001",
        "img/a/b/c.jpg img/a/b/d.jpg id_00000005 query",
    ]
    files = consumer_to_shop_files() | {PARTITION: published(PAIR_COLUMNS, lines)}
    source = open_source(write_folder(tmp_path, files))
    assert len(source.rows) == 12
    assert source.notes == ()
    assert Counter(row.reason for row in source.excluded) == {
        "an earlier pair says otherwise of it": 6,
        "number of fields is not the header's": 1,
        "evaluation status is none of train, val, test": 2,
    }
    assert source.n_rows == 12 + 9
    assert source.rows[0].product == "id_00000001"


@pytest.mark.parametrize(("count", "notes"), [(9, 0), (12, 0), (195540, 1)])
def test_the_count_is_that_of_pairs_or_of_pictures(tmp_path: Path, count: int, notes: int) -> None:
    files = consumer_to_shop_files() | {PARTITION: published(PAIR_COLUMNS, PAIR_LINES, count)}
    assert len(open_source(write_folder(tmp_path, files)).notes) == notes


@KINDS
def test_cropped_to_boxes(tmp_path: Path, write: Write) -> None:
    source = open_source(write(tmp_path, consumer_to_shop_files()), Options(boxes=True))
    assert all(row.image.endswith("#2,3,10,14") for row in source.rows)
    assert len(source.rows) == 12


def test_what_is_missing_is_said_with_the_page(tmp_path: Path) -> None:
    page = r"https://mmlab\.ie\.cuhk\.edu\.hk/projects/DeepFashion/Consumer2ShopRetrieval\.html"
    files = consumer_to_shop_files()
    lists = {name: data for name, data in files.items() if name.endswith(".txt")}
    with pytest.raises(SourceError, match=f"none of the 12 pictures that .* {page} and unpack"):
        open_source(write_folder(tmp_path / "a", lists))
    del lists[PARTITION]
    with pytest.raises(SourceError, match=rf"has no list_eval_partition\.txt.* {page}\.$"):
        open_source(write_folder(tmp_path / "b", lists))
    files.pop("Anno/list_bbox_consumer2shop.txt")
    with pytest.raises(SourceError, match=rf"has no list_bbox_consumer2shop\.txt, .* {page}"):
        open_source(write_folder(tmp_path / "c", files), Options(boxes=True))
