"""What people bring that is not quite what is asked for: each is read rightly, or one sentence says what it is."""

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from fashion_search.catalog.source import GALLERY, QUERY, TRAINING, Options, Source
from fashion_search.catalog.sources import open_source
from fashion_search.errors import SourceError, UnlabelledError
from tests.samples import HEADER, encoded, lines, noise, shop_files, table, write_folder, write_zip


def pictures(*names: str, file_format: str = "PNG") -> dict[str, bytes]:
    """A picture of its own content for each name."""
    return {name: encoded(noise(seed), file_format) for seed, name in enumerate(names)}


def listed(source: Source) -> list[tuple[str, str]]:
    return sorted((row.id, row.reason) for row in source.excluded)


COATS = ("coats/1.png", "coats/2.png", "hats/1.png", "hats/2.png")


def test_two_pictures_of_one_stem_are_two_items(tmp_path: Path) -> None:
    names = ("a/1.jpg", "a/1.png", "a/1.jpg.png", "a/2.png")
    source = open_source(write_folder(tmp_path / "own", pictures(*names)))
    assert {row.image: row.id for row in source.rows} == {
        "a/1.jpg": "a/1.jpg",
        "a/1.png": "a/1.png",
        "a/1.jpg.png": "a/1.jpg.png",
        "a/2.png": "a/2",
    }


def test_a_catalog_is_the_searched_part_of_a_divided_data_set(tmp_path: Path) -> None:
    whole = open_source(write_folder(tmp_path / "own", pictures(*COATS)))
    parts = dict(zip(COATS, (TRAINING, QUERY, GALLERY, ""), strict=True))
    divided = replace(whole, rows=tuple(replace(row, part=parts[row.image]) for row in whole.rows), smallest=1)
    catalog, excluded = divided.catalog("own", "Own")
    assert [item.image for item in catalog.items] == ["hats/1.png", "hats/2.png"]
    assert {row.id: row.reason for row in excluded} == {
        "coats/1": "training part of the data set",
        "coats/2": "query part of the data set",
    }
    assert [item.image for item in replace(divided, searched=QUERY).catalog("own", "Own")[0].items] == [
        "coats/2.png",
        "hats/2.png",
    ]


def test_pictures_are_told_by_their_content(tmp_path: Path) -> None:
    jpegs = pictures("a/1.jfif", "a/2.jpe", "a/3", "a/4.heic", file_format="JPEG")
    others = {"a/5.jpg": b"<!doctype html>", "a/6.png": b"version https://git-lfs.github.com/spec/v1\n"}
    source = open_source(write_folder(tmp_path / "own", jpegs | others))
    assert sorted(row.image for row in source.rows) == sorted(jpegs)
    assert listed(source) == [
        ("a/5.jpg", "not a picture"),
        ("a/6.png", "Git LFS pointer instead of the picture: run git lfs pull"),
    ]
    assert source.n_rows == 6


def test_kaggles_pictures_may_have_any_suffix(tmp_path: Path) -> None:
    files = shop_files(lines())
    files["images/1.jfif"] = files.pop("images/1.jpg")
    files["images/2"] = files.pop("images/2.jpg")
    assert {row.image for row in open_source(write_folder(tmp_path / "a", files)).rows} >= {"images/1.jfif", "images/2"}


@pytest.mark.parametrize("root", ["", "data/"])
def test_splits_are_merged_and_said(tmp_path: Path, root: str) -> None:
    names = ("train/coats/1.png", "Test/coats/1.png", "valid/hats/1.png", "train/hats/1.png")
    source = open_source(write_folder(tmp_path / "own", pictures(*(root + name for name in names))))
    catalog, _ = source.catalog("own", "Own")
    assert [group.labels for group in catalog.groups] == [("coats",), ("hats",)]
    assert len(catalog.items) == 4
    assert "The splits Test, train, valid were merged" in source.notes[0]


def test_a_class_that_is_called_like_a_split_stays_one(tmp_path: Path) -> None:
    source = open_source(write_folder(tmp_path / "own", pictures("train/1.png", "train/2.png", "plane/1.png")))
    assert {row.labels for row in source.rows} == {("train",), ("plane",)}
    assert source.notes == ()


@pytest.mark.parametrize("write", [write_folder, write_zip])
def test_a_table_beside_a_single_folder_of_pictures_is_read(tmp_path: Path, write: object) -> None:
    names = [f"images/{number}.png" for number in range(4)]
    rows = [[name, "coat" if place < 2 else "hat"] for place, name in enumerate(names)]
    files = pictures(*names) | {"items.csv": table(rows, ["image", "kind"])}
    source = open_source(write(tmp_path / "shop.zip", files))
    assert [row.labels[0] for row in source.rows] == ["coat", "coat", "hat", "hat"]
    assert "items.csv says what the pictures are" in source.notes[0]
    assert source.tree.read(source.rows[1].image) == files[names[1]]


def test_a_table_without_rows_is_no_table_of_other_fields(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_bytes(table([], ["image", "kind"]))
    with pytest.raises(SourceError, match="has a header and no rows"):
        open_source(tmp_path / "items.csv")


def test_a_table_beside_its_pictures_is_seen_wherever_its_beginning_ends(tmp_path: Path) -> None:
    names = [f"{number}.png" for number in range(4)]
    folder = write_folder(tmp_path, pictures(*names))
    for more in range(3):  # the first 1,024 bytes end after one, two and all three of a letter
        rows = [[name, "红" * 200] for name in names]
        (folder / "items.csv").write_bytes(b"\xef\xbb\xbf" + table(rows, ["image", "kind" + more * "x"]))
        assert open_source(folder).kind == "csv"


def test_a_table_beside_class_folders_is_offered(tmp_path: Path) -> None:
    files = pictures(*COATS) | {"items.csv": table([["coats/1.png", "x"]], ["image", "kind"])}
    source = open_source(write_folder(tmp_path / "own", files))
    assert {row.labels for row in source.rows} == {("coats",), ("hats",)}
    assert "items.csv lies beside the pictures and was not read" in source.notes[0]


def test_a_single_group_is_never_built_without_a_warning(tmp_path: Path) -> None:
    source = open_source(write_folder(tmp_path / "own", pictures("images/1.png", "images/2.png")))
    assert "All items are one style group" in source.remarks(source.catalog("own", "Own")[0])[0]


def test_pictures_without_labels_are_a_catalog_that_is_not_evaluated(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "own", pictures("1.png", "2.png"))
    beside = write_folder(tmp_path / "other", pictures("1.png", "2.png"))
    (beside / "items.csv").write_bytes(table([["1.png", "One"], ["2.png", "Two"]], ["image", "name"]))
    for path in (folder, beside / "items.csv"):
        source = open_source(path)
        catalog, excluded = source.catalog("own", "Own")
        assert (len(catalog.items), catalog.columns, catalog.groups, excluded) == (2, (), (), [])
        assert catalog.group_of.tolist() == [-1, -1]
        assert "can be searched, but not evaluated" in source.remarks(catalog)[0]
        with pytest.raises(UnlabelledError, match="have no labels"):
            catalog.require_labels()


def test_several_pictures_of_a_product_are_items_and_the_product_a_group(tmp_path: Path) -> None:
    names = [f"{product}-{view}.png" for product in ("A1", "B2") for view in range(3)]
    rows = [[name[:2], name, "coat"] for name in names]
    path = write_folder(tmp_path / "shop", pictures(*names) | {"p.csv": table(rows, ["id", "image", "kind"])}) / "p.csv"
    catalog, excluded = open_source(path).catalog("p", "P")
    assert ([item.id for item in catalog.items], excluded) == (names, [])
    assert "Several pictures share an id" in open_source(path).notes[0]
    by_product, _ = open_source(path, Options(group_by=("id",))).catalog("p", "P")
    assert [(group.labels, len(group.rows)) for group in by_product.groups] == [(("A1",), 3), (("B2",), 3)]


@pytest.mark.parametrize("kind", ["own", "kaggle"])
def test_a_blank_label_is_no_value(tmp_path: Path, kind: str) -> None:
    if kind == "kaggle":
        rows = lines({("Shirts", "Blue", "NA"): 4, ("Shirts", " ", "Casual"): 4, ("", "Blue", "Casual"): 1})
        source = open_source(write_folder(tmp_path / "a", shop_files(rows)))
        kept, reasons = 4, {"blank label: base_colour", "blank label: article_type"}
    else:
        names = [f"{number}.png" for number in range(5)]
        rows = [
            [name, "coat" if place < 2 else "", "red" if place < 3 else "\u00a0"] for place, name in enumerate(names)
        ]
        files = pictures(*names) | {"items.csv": table(rows, ["image", "kind", "colour"])}
        source = open_source(write_folder(tmp_path / "a", files) / "items.csv")
        kept, reasons = 2, {"blank label: kind", "blank label: kind, colour"}
    catalog, excluded = source.catalog("a", "A")
    assert len(catalog.items) == kept
    assert {row.reason for row in excluded} == reasons
    assert len(catalog.items) + len(excluded) == source.n_rows


def test_names_and_labels_are_compared_in_one_form(tmp_path: Path) -> None:
    names = [unicodedata.normalize("NFD", f"modèle {number}.png") for number in range(3)]
    labels = ["Café Crème", unicodedata.normalize("NFD", "Café Crème"), "Café\u00a0 Crème"]
    rows = [[unicodedata.normalize("NFC", name), label] for name, label in zip(names, labels, strict=True)]
    path = write_folder(tmp_path / "a", pictures(*names) | {"items.csv": table(rows, ["image", "kind"])}) / "items.csv"
    catalog, excluded = open_source(path).catalog("a", "A")
    assert ([group.title for group in catalog.groups], excluded) == (["Café Crème"], [])
    assert all(item.id == unicodedata.normalize("NFC", item.id) for item in catalog.items)


def test_labels_that_differ_by_case_alone_are_reported(tmp_path: Path) -> None:
    source = open_source(write_folder(tmp_path / "own", pictures("Red/1.png", "Red/2.png", "red/1.png", "red/2.png")))
    catalog, _ = source.catalog("own", "Own")
    assert len(catalog.groups) == 2
    assert "upper and lower case alone are different groups: “Red” and “red”" in source.remarks(catalog)[0]


def test_links_inside_a_source_are_followed_and_others_listed(tmp_path: Path) -> None:
    own = write_folder(tmp_path / "own", pictures("store/a/1.png", "store/a/2.png", "hats/1.png"))
    (tmp_path / "disk").mkdir()
    for name, target in {
        "coats": "store/a",
        "hats/2.png": "../store/a/1.png",
        "hats/round": "..",
        "bags": "../disk",
        "hats/gone.png": "nowhere.png",
        "hats/self.png": "self.png",
    }.items():
        (own / name).symlink_to(target)
    (tmp_path / "by-link").symlink_to(own)
    for path in (own, tmp_path / "by-link"):
        source = open_source(path)
        assert sorted(row.image for row in source.rows) == [
            "coats/1.png",
            "coats/2.png",
            "hats/1.png",
            "hats/2.png",
            "store/a/1.png",
            "store/a/2.png",
        ]
        assert listed(source) == [
            ("bags", "link out of the folder, not followed"),
            ("hats/gone.png", "link to nothing"),
            ("hats/round", "link to a folder that it lies in"),
            ("hats/self.png", "link in a circle"),
        ]


def test_kaggles_pictures_behind_a_link_are_said(tmp_path: Path) -> None:
    files = shop_files(lines())
    shop = write_folder(tmp_path / "shop", {"styles.csv": files["styles.csv"]})
    (shop / "images").symlink_to(write_folder(tmp_path / "disk", pictures("1.jpg")))
    with pytest.raises(SourceError, match=r"Links are not followed \(1, such as images\)"):
        open_source(shop)


def test_class_folders_in_an_archive_made_on_windows(tmp_path: Path) -> None:
    files = {name.replace("/", "\\"): data for name, data in pictures(*COATS).items()}
    source = open_source(write_zip(tmp_path / "own.zip", files))
    assert [row.labels[0] for row in source.rows] == ["coats", "coats", "hats", "hats"]
    shop = {name.replace("/", "\\"): data for name, data in shop_files(lines(), "d/").items()}
    assert len(open_source(write_zip(tmp_path / "shop.zip", shop)).rows) == 15


def test_class_folders_in_an_archive_whose_names_begin_with_a_dot(tmp_path: Path) -> None:
    files = {f"./{name}": data for name, data in pictures(*COATS).items()}
    source = open_source(write_zip(tmp_path / "own.zip", files))
    assert [row.image for row in source.rows] == [*COATS]
    assert source.tree.read("hats/2.png") == files["./hats/2.png"]


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        ("https://example.org/1.png", "they are web addresses. Download the pictures"),
        ("../other/1.png", "leads out of it. Put the table beside or above its pictures"),
        ("IMG/1.PNG", "for 'IMG/1.PNG' there is 'img/1.png'. Write the names as they are"),
        ("img/1", "for 'img/1' there is 'img/1.png'. Write the names as they are"),
        ("img/2.png", r"such as 'img/2.png' \(no image\)"),
    ],
)
def test_a_table_without_any_picture_says_why(tmp_path: Path, image: str, reason: str) -> None:
    folder = write_folder(tmp_path / "shop", pictures("img/1.png"))
    (folder / "items.csv").write_bytes(table([[image, "coat"]], ["image", "kind"]))
    with pytest.raises(SourceError, match=reason):
        open_source(folder / "items.csv")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("items.xlsx", b"PK\3\4", "is a spreadsheet. Save it as CSV"),
        ("shop.tar.gz", b"\x1f\x8b", "is an archive of another kind than ZIP. Unpack it"),
        ("coat.jpg", encoded(noise(1), "JPEG"), "is a picture, not a catalog. Give the folder"),
        ("about.pdf", b"%PDF-1.7", "is a PDF document, not a catalog"),
    ],
)
def test_a_file_of_another_kind_is_named(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=reason):
        open_source(tmp_path / name)


@pytest.mark.parametrize("quoted", ['"{}"', "'{}'", " “{}” "])
def test_a_path_in_quotation_marks_is_found(tmp_path: Path, quoted: str) -> None:
    folder = write_folder(tmp_path / "my own", pictures(*COATS))
    assert open_source(quoted.format(folder)).path == folder


@pytest.mark.parametrize("encoding", ["klingon", "idna", "utf\0"])
def test_an_unknown_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(SourceError, match="There is no encoding"):
        Options(encoding=encoding)


def test_kaggles_table_in_another_encoding(tmp_path: Path) -> None:
    rows = lines({("Рубашка", "Blue", "Casual"): 4})
    data = "\n".join(",".join(row) for row in [list(HEADER), *rows]).encode("cp1251")
    path = write_folder(tmp_path / "a", shop_files(rows) | {"styles.csv": data})
    assert "was read as Windows-1252" in open_source(path).notes[0]
    assert open_source(path, Options(encoding="cp1251")).rows[0].labels[0] == "Рубашка"
