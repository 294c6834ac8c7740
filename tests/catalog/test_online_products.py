"""The layout of Stanford Online Products, whole and damaged."""

from collections import Counter
from pathlib import Path

import pytest

from fashion_search.catalog.source import GALLERY, TRAINING, Options
from fashion_search.catalog.sources import open_source
from fashion_search.errors import SourceError
from tests.catalog.layouts import WRITERS, Write, online_products, online_products_files, picture
from tests.samples import write_folder

KINDS = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS.keys())
PAGE = r"https://cvgl\.stanford\.edu/projects/lifted_struct/"


@KINDS
@pytest.mark.parametrize("root", ["", "Stanford_Online_Products/"])
def test_classes_are_products_and_test_is_the_catalog(tmp_path: Path, write: Write, root: str) -> None:
    source = open_source(write(tmp_path, online_products_files(root)))
    assert (source.kind, source.n_rows, source.notes, source.excluded) == ("online-products", 8, (), ())
    assert Counter(row.part for row in source.rows) == {TRAINING: 3, GALLERY: 5}
    row = source.rows[2]
    assert (row.id, row.name, row.product, row.labels) == (
        "coffee_maker_final/111265328556_0.JPG",
        "coffee maker 2",
        "2",
        ("coffee maker", "2"),
    )
    assert source.tree.read_image(row.image) == picture(2)
    catalog, excluded = source.catalog("shop", "Shop")
    assert [group.title for group in catalog.groups] == ["bicycle · 11319", "coffee maker · 11320"]
    assert Counter(row.reason for row in excluded) == {
        "training part of the data set": 3,
        "style group has fewer than 2 images": 1,
    }


def test_grouped_by_super_class(tmp_path: Path) -> None:
    source = open_source(online_products(tmp_path), Options(group_by=("super_class",)))
    assert [len(group.rows) for group in source.catalog("shop", "Shop")[0].groups] == [2, 3]


@KINDS
def test_written_on_windows(tmp_path: Path, write: Write) -> None:
    files = online_products_files()
    for name in ("Ebay_train.txt", "Ebay_test.txt"):
        files[name] = b"\xef\xbb\xbf" + files[name].replace(b"/", b"\\").replace(b"\n", b"\r\n")
    source = open_source(write(tmp_path, files))
    assert (len(source.rows), source.excluded) == (8, ())


def test_lines_that_cannot_be_used_are_listed(tmp_path: Path) -> None:
    files = online_products_files()
    files["Ebay_test.txt"] += (
        b"9 11322 9 coffee_maker_final/absent.JPG\n"
        b"10 11322 9\n"
        b"11 11322 9 coffee_maker_final/111265328556_0.JPG\n"  # a training picture
        b"12 11322 9 /etc/passwd\n"
    )
    source = open_source(write_folder(tmp_path, files))
    assert {row.id: row.reason for row in source.excluded} == {
        "Ebay_test.txt, line 8": "number of fields is not the header's",
        "coffee_maker_final/absent.JPG": "no image",
        "coffee_maker_final/111265328556_0.JPG": "id appears before",
        "/etc/passwd": "image path leads out of the folder",
    }
    assert (source.n_rows, len(source.rows)) == (12, 8)


def test_what_is_missing_is_said_with_the_page(tmp_path: Path) -> None:
    files = online_products_files("sop/")
    lists = {name: data for name, data in files.items() if name.endswith(".txt")}
    with pytest.raises(SourceError, match=f"none of the 8 pictures that Ebay_train.txt or .* from {PAGE} and unpack"):
        open_source(write_folder(tmp_path / "a", lists))
    for name, other in (("Ebay_train.txt", "Ebay_test.txt"), ("Ebay_test.txt", "Ebay_train.txt")):
        without = {file: data for file, data in files.items() if file != f"sop/{name}"}
        with pytest.raises(SourceError, match=rf"has sop/{other} and no sop/{name} beside it.* {PAGE}\.$"):
            open_source(write_folder(tmp_path / name, without))
    empty = files | {"sop/Ebay_test.txt": b""}
    with pytest.raises(SourceError, match=r"Ebay_test\.txt is empty"):
        open_source(write_folder(tmp_path / "b", empty))
    with pytest.raises(SourceError, match="gives boxes"):
        open_source(online_products(tmp_path / "c"), Options(boxes=True))
    with pytest.raises(SourceError, match=f"Give the folder that holds all of it: {tmp_path / 'c'}"):
        open_source(tmp_path / "c/Ebay_test.txt")
