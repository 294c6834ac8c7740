"""What all layouts of published data sets have in common: nothing else is taken for one; absent archives; lists."""

from pathlib import Path

import pytest

from fashion_search.catalog.sources import PUBLISHED, open_source
from fashion_search.catalog.sources.deepfashion import IN_SHOP_DATA
from fashion_search.catalog.sources.published import read_list
from fashion_search.catalog.tree import FolderTree
from fashion_search.errors import SourceError
from tests.catalog.layouts import (
    WRITERS,
    Write,
    caltech_files,
    in_shop_files,
    online_products_files,
    picture,
    published,
)
from tests.samples import lines, shop_files, write_folder

KINDS = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS.keys())


@KINDS
@pytest.mark.parametrize(
    "name",
    [
        "eval_partition.txt",
        "list_eval_partition.csv",
        "list_eval_partition.txt.bak",
        "my_list_eval_partition.txt",
        "LIST_BBOX_INSHOP.TXT",
        "list_bbox.txt",
        "list_category_cloth.txt",
        "Ebay_final.txt",
        "ebay_test.txt",
        "101_objectcategories/a.txt",
        "101_ObjectCategories_old/a.txt",
        "Eval/notes.txt",
    ],
)
def test_only_files_of_these_exact_names_make_a_layout(tmp_path: Path, write: Write, name: str) -> None:
    files = {f"{group}/{number}.png": picture(number) for group in ("a", "b") for number in range(2)}
    listed = published("image_name item_id evaluation_status", ["a/0.png id_1 query"])
    assert open_source(write(tmp_path, files | {name: listed})).kind == "folder"


@KINDS
@pytest.mark.parametrize("files", [in_shop_files(), online_products_files(), caltech_files()])
def test_kaggles_layout_is_asked_for_first(tmp_path: Path, write: Write, files: dict[str, bytes]) -> None:
    assert open_source(write(tmp_path, shop_files(lines()) | files)).kind == "kaggle"


def test_tables_are_read_as_before(tmp_path: Path) -> None:
    files = {"items.txt": b"image,kind\na.png,x\nb.png,x\n", "a.png": picture(1), "b.png": picture(2)}
    assert open_source(write_folder(tmp_path, files) / "items.txt").kind == "csv"
    assert open_source(tmp_path).kind == "csv"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("In-shop Clothes Retrieval Benchmark.zip", "In-Shop"),
        ("DeepFashion_InShop", "In-Shop"),
        ("Consumer-to-shop Clothes Retrieval Benchmark", "Consumer-to-Shop"),
        ("Category and Attribute Prediction Benchmark", "Category and Attribute"),
        ("Stanford_Online_Products.zip", "Stanford Online Products"),
        ("caltech-101.zip", "Caltech-101"),
        ("101_ObjectCategories", "Caltech-101"),
    ],
)
def test_an_archive_that_is_not_there(tmp_path: Path, name: str, title: str) -> None:
    (page,) = [data_set.page for data_set in PUBLISHED if title in data_set.title]
    with pytest.raises(SourceError) as refused:
        open_source(tmp_path / name)
    message = str(refused.value)
    assert message.startswith(f"There is no file or folder {tmp_path / name}. Check the path, or get ")
    assert title in message
    assert message.endswith(f" from {page}.")


@pytest.mark.parametrize("name", ["shop.zip", "n" * 300])
def test_any_other_path_that_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError) as refused:
        open_source(tmp_path / name)
    assert "http" not in str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_lists_in_any_unicode(tmp_path: Path, encoding: str) -> None:
    path = write_folder(tmp_path, {"list.txt": published("a b", ["é 1", "漢 2"]).decode().encode(encoding)})
    assert [line.values for line in read_list(IN_SHOP_DATA, FolderTree(path), "list.txt", ("a", "b")).lines] == [
        {"a": "é", "b": "1"},
        {"a": "漢", "b": "2"},
    ]


def test_a_list_in_another_encoding(tmp_path: Path) -> None:
    tree = FolderTree(write_folder(tmp_path, {"list.txt": published("a b", ["р 1"]).decode().encode("cp1251")}))
    assert [line.values["a"] for line in read_list(IN_SHOP_DATA, tree, "list.txt", ("a", "b"), "cp1251").lines] == ["р"]
    assert "was read as Windows-1252" in read_list(IN_SHOP_DATA, tree, "list.txt", ("a", "b")).notes[0]
    with pytest.raises(SourceError, match="is not text in utf-8"):
        read_list(IN_SHOP_DATA, tree, "list.txt", ("a", "b"), "utf-8")
