"""DeepFashion's In-Shop layout, whole and damaged."""

from collections import Counter
from pathlib import Path

import pytest

from fashion_search.catalog.source import GALLERY, QUERY, TRAINING, Options, Source
from fashion_search.catalog.sources import open_pictures, open_source
from fashion_search.errors import SourceError
from fashion_search.images import open_image
from tests.catalog.layouts import (
    IN_SHOP_BOX_COLUMNS,
    IN_SHOP_COLUMNS,
    IN_SHOP_LINES,
    PARTITION,
    WRITERS,
    Files,
    Write,
    in_shop,
    in_shop_files,
    picture,
    published,
)
from tests.samples import write_folder

KINDS = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS.keys())
BOXES = "Anno/list_bbox_inshop.txt"
FIRST = "img/WOMEN/Dresses/id_00000001/01_1_front.jpg"


def reasons(source: Source) -> dict[str, str]:
    return {row.id: row.reason for row in source.excluded}


@KINDS
@pytest.mark.parametrize("root", ["", "In-shop Clothes Retrieval Benchmark/"])
@pytest.mark.parametrize("images", ["img/", "Img/img/"])
def test_rows_have_product_part_and_category(tmp_path: Path, write: Write, root: str, images: str) -> None:
    source = open_source(write(tmp_path, in_shop_files(images=images, root=root)))
    assert (source.kind, source.n_rows, source.notes, source.excluded) == ("in-shop", 11, (), ())
    assert Counter(row.part for row in source.rows) == {TRAINING: 5, QUERY: 2, GALLERY: 4}
    row = source.rows[3]
    assert (row.id, row.name, row.product) == (
        "img/MEN/Tees_Tanks/id_00000002/01_1_front.jpg",
        "Tees Tanks id_00000002",
        "id_00000002",
    )
    assert row.labels == ("MEN/Tees Tanks", "id_00000002")
    assert row.attributes == {"category": "MEN/Tees Tanks", "product": "id_00000002"}
    assert source.tree.read_image(row.image) == picture(3)


def test_the_gallery_is_the_catalog_products_of_one_picture_too(tmp_path: Path) -> None:
    catalog, excluded = open_source(in_shop(tmp_path)).catalog("shop", "Shop")
    assert catalog.columns == ("category", "product")
    assert [(group.labels[1], len(group.rows)) for group in catalog.groups] == [
        ("id_00000004", 1),
        ("id_00000003", 2),
        ("id_00000005", 1),
    ]
    assert {item.product for item in catalog.items} == {"id_00000003", "id_00000004", "id_00000005"}
    assert Counter(row.reason for row in excluded) == {
        "training part of the data set": 5,
        "query part of the data set": 2,
    }


def test_grouped_by_category_alone(tmp_path: Path) -> None:
    source = open_source(in_shop(tmp_path), Options(group_by=("Category",), smallest=2))
    assert len(source.catalog("shop", "Shop")[0].groups) == 1
    with pytest.raises(SourceError, match="has no column colour; it has category, product"):
        open_source(tmp_path, Options(group_by=("colour",)))


@KINDS
def test_written_on_windows(tmp_path: Path, write: Write) -> None:
    files = in_shop_files()
    lines = [line.replace("/", "\\") for line in IN_SHOP_LINES]
    files[PARTITION] = b"\xef\xbb\xbf" + published(IN_SHOP_COLUMNS, lines, end="\r\n")
    source = open_source(write(tmp_path, files))
    assert [row.id for row in source.rows] == [line.split()[0] for line in IN_SHOP_LINES]
    assert (source.excluded, source.notes) == ((), ())


def test_columns_in_another_order_and_padded(tmp_path: Path) -> None:
    files = in_shop_files()
    lines = ["   ".join(reversed(line.split())) + " " for line in IN_SHOP_LINES]
    files[PARTITION] = published("evaluation_status  item_id    image_name", [*lines, "", " "], count=11)
    assert [row.product for row in open_source(write_folder(tmp_path, files)).rows[:4:3]] == [
        "id_00000001",
        "id_00000002",
    ]


def test_high_resolution_pictures_are_read_and_said(tmp_path: Path) -> None:
    path = write_folder(tmp_path, in_shop_files(images="img_highres/"))
    source = open_source(path)
    assert len(source.rows) == 11
    assert source.notes == ("The pictures are those of img_highres; the benchmark's own are those of img.zip.",)
    with pytest.raises(SourceError, match=r"those of the pictures in img\.zip, not of those in img_highres\. Get"):
        open_source(path, Options(boxes=True))


# Damaged layouts: one sentence, or the line is listed.


def written(tmp_path: Path, files: Files, **changed: bytes | None) -> Path:
    """The files with some replaced, or taken away by None."""
    names = {"partition": PARTITION, "boxes": BOXES}
    for key, data in changed.items():
        files[names[key]] = data or b""
        if data is None:
            del files[names[key]]
    return write_folder(tmp_path, files)


@pytest.mark.parametrize(
    ("partition", "says"),
    [
        (None, "has no list_eval_partition.txt, which says what is trained on"),
        (b"", "list_eval_partition.txt is empty. Its columns should be image_name item_id evaluation_status"),
        (b"11\n", "list_eval_partition.txt is empty"),
        (b"0\nimage_name item_id evaluation_status\n", "has no lines below the names of its columns"),
        (b"2\nimage_name item_id\na.jpg b\n", "instead there is 'image_name item_id'"),
        (b"2\na.jpg id_1 train\nb.jpg id_1 train\n", "instead there is 'a.jpg id_1 train'"),
        (b"1\nimage_name item_id evaluation_status\nimg/a.jpg id_1\n", "can be used: number of fields is not the"),
        (
            b"1\nimage_name item_id evaluation_status\nimg/a.jpg id_1 test\n",
            "can be used: evaluation status is none of train, query, gallery",
        ),
    ],
)
def test_a_partition_that_is_none(tmp_path: Path, partition: bytes | None, says: str) -> None:
    path = written(tmp_path, in_shop_files(), partition=partition)
    with pytest.raises(SourceError) as refused:
        open_source(path)
    message = str(refused.value)
    assert says in message
    assert str(path) in message
    assert "https://mmlab" in message or "can be used" in message
    assert message.endswith(".")
    assert "\n" not in message


def test_lines_that_cannot_be_used_are_listed(tmp_path: Path) -> None:
    lines = [
        *IN_SHOP_LINES,
        "img/WOMEN/Dresses/id_00000009/01_1_front.jpg id_00000009",
        "img/WOMEN/Dresses/id_00000009/01_1_front.jpg id_00000009 gallery too",
        f"{FIRST} id_00000004 gallery",
        "img/WOMEN/Dresses/id_00000003/09_1_front.jpg id_00000003 test",
        "img/WOMEN/Dresses/id_00000003/10_1_front.jpg id_00000003 gallery",
        "../secret.jpg id_00000003 gallery",
        "img/WOMEN/../MEN/Tees_Tanks/id_00000002/01_1_front.jpg id_00000003 gallery",
        "img/women/dresses/id_00000001/01_1_front.jpg id_00000003 gallery",
    ]
    source = open_source(written(tmp_path, in_shop_files(), partition=published(IN_SHOP_COLUMNS, lines)))
    assert (source.n_rows, len(source.rows), source.notes) == (19, 11, ())
    assert reasons(source) == {
        f"{PARTITION}, line 14": "number of fields is not the header's",
        f"{PARTITION}, line 15": "number of fields is not the header's",
        FIRST: "id appears before",
        "img/WOMEN/Dresses/id_00000003/09_1_front.jpg": "evaluation status is none of train, query, gallery",
        "img/WOMEN/Dresses/id_00000003/10_1_front.jpg": "no image",
        "../secret.jpg": "image path leads out of the folder",
        "img/WOMEN/../MEN/Tees_Tanks/id_00000002/01_1_front.jpg": "image path leads out of the folder",
        "img/women/dresses/id_00000001/01_1_front.jpg": "no image of exactly this name",
    }
    assert next(row for row in source.rows if row.id == FIRST).product == "id_00000001"
    assert len({len(row.labels) for row in source.excluded}) == 1


def test_a_count_that_lies_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, in_shop_files(), partition=published(IN_SHOP_COLUMNS, IN_SHOP_LINES, count=52712))
    (note,) = open_source(path).notes
    assert note.startswith(f"{PARTITION} announces 52,712 lines and has 11, which were all read.")


def test_a_list_without_its_count_is_read(tmp_path: Path) -> None:
    partition = published(IN_SHOP_COLUMNS, IN_SHOP_LINES).partition(b"\n")[2]
    source = open_source(written(tmp_path, in_shop_files(), partition=partition))
    assert (len(source.rows), source.notes) == (11, ())


@KINDS
def test_pictures_that_are_all_absent(tmp_path: Path, write: Write) -> None:
    files = {name: data for name, data in in_shop_files().items() if not name.endswith(".jpg")}
    with pytest.raises(SourceError, match=rf"none of the 11 pictures that .* names is there, such as {FIRST}\. Get"):
        open_source(write(tmp_path, files))
    packed = write(tmp_path / "packed", files | {"Img/img.zip": b"PK"})
    with pytest.raises(SourceError, match=r"They are packed in Img/img\.zip: unpack it there\.$"):
        open_source(packed)


def test_the_page_of_the_data_set_is_named(tmp_path: Path) -> None:
    page = "https://mmlab.ie.cuhk.edu.hk/projects/DeepFashion/InShopRetrieval.html"
    for files in ({PARTITION: in_shop_files()[PARTITION]}, {BOXES: in_shop_files()[BOXES]}):
        with pytest.raises(SourceError, match=page):
            open_source(write_folder(tmp_path / str(len(list(tmp_path.iterdir()))), files))


def test_pictures_behind_a_link_that_leads_out(tmp_path: Path) -> None:
    files = in_shop_files()
    elsewhere = write_folder(tmp_path / "else", {name: files.pop(name) for name in list(files) if "img/" in name})
    path = write_folder(tmp_path / "made", files)
    (path / "img").symlink_to(elsewhere / "img", target_is_directory=True)
    with pytest.raises(SourceError, match=r"such as img \(link out of the folder, not followed\)\.$"):
        open_source(path)


def test_a_picture_behind_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    path = in_shop(tmp_path)
    (path / FIRST).unlink()
    (path / FIRST).symlink_to(tmp_path / "nothing")
    source = open_source(path)
    assert reasons(source) == {FIRST: "link to nothing"}
    assert source.notes == (f"Passed over beside the pictures: 1, such as {FIRST} (link to nothing).",)


def test_several_data_sets_and_a_list_alone_are_refused(tmp_path: Path) -> None:
    write_folder(tmp_path, in_shop_files(root="In-shop/") | in_shop_files(root="Other/"))
    with pytest.raises(SourceError, match=r"holds several data sets: In-shop/, Other/\. Give the folder of one"):
        open_source(tmp_path)
    for name in (PARTITION, BOXES):
        with pytest.raises(SourceError, match=f"Give the folder that holds all of it: {tmp_path / 'In-shop'}"):
            open_source(tmp_path / "In-shop" / name)


# Boxes


@KINDS
def test_pictures_are_whole_unless_boxes_are_asked_for(tmp_path: Path, write: Write) -> None:
    path = write(tmp_path, in_shop_files())
    whole, boxed = open_source(path), open_source(path, Options(boxes=True))
    assert {open_image(whole.tree.read_image(row.image)).size for row in whole.rows} == {(12, 16)}
    assert [row.image for row in boxed.rows] == [f"{row.image}#2,3,10,14" for row in whole.rows]
    for source, other in zip(whole.rows, boxed.rows, strict=True):
        image = open_image(boxed.tree.read_image(other.image))
        assert image.size == (8, 11)
        expected = open_image(whole.tree.read_image(source.image)).crop((2, 3, 10, 14))
        assert image.tobytes() == expected.tobytes()


@KINDS
def test_pictures_of_a_catalog_are_found_without_its_options(tmp_path: Path, write: Write) -> None:
    path = write(tmp_path, in_shop_files())
    catalogs = [open_source(path, Options(boxes=boxes)).catalog("shop", "Shop")[0] for boxes in (False, True)]
    assert not {item.digest for item in catalogs[0].items} & {item.digest for item in catalogs[1].items}
    tree = open_pictures("in-shop", str(path))
    for catalog in catalogs:
        for item in catalog.items:
            assert item.image in tree
            assert tree.identity(item.image) == (item.digest, item.checksum)
    assert "img/absent.jpg#1,2,3,4" not in tree
    tree.close()


@pytest.mark.parametrize(
    ("box", "reason"),
    [
        ("2 3 13 14", "box reaches out of the picture"),
        ("2 3 10 17", "box reaches out of the picture"),
        ("-1 3 10 14", "box reaches out of the picture"),
        ("10 3 2 14", "box is reversed or empty"),
        ("2 3 2 14", "box is reversed or empty"),
        ("2 14 10 3", "box is reversed or empty"),
        ("2 3 10 nan", "box is not four whole numbers"),
        ("2 3 10 14.5", "box is not four whole numbers"),
        ("2 3 10", "no box in the list of boxes"),
        ("0 0 12 16", ""),
    ],
)
def test_boxes_that_are_none(tmp_path: Path, box: str, reason: str) -> None:
    names = [line.split()[0] for line in IN_SHOP_LINES]
    lines = [f"{FIRST} 1 1 {box}", *(f"{name} 1 1 2 3 10 14" for name in names[1:])]
    path = written(tmp_path, in_shop_files(), boxes=published(IN_SHOP_BOX_COLUMNS, lines))
    source = open_source(path, Options(boxes=True))
    assert reasons(source) == ({FIRST: reason} if reason else {})
    assert (source.n_rows, len(source.rows)) == (11, 10 if reason else 11)


def test_two_boxes_and_pictures_that_cannot_be_opened(tmp_path: Path) -> None:
    names = [line.split()[0] for line in IN_SHOP_LINES]
    lines = [f"{name} 1 1 2 3 10 14" for name in [*names, names[1]]] + [f"{FIRST} 1 1 0 0 5 5"]
    files = in_shop_files() | {names[2]: b"no picture"}
    source = open_source(written(tmp_path, files, boxes=published(IN_SHOP_BOX_COLUMNS, lines)), Options(boxes=True))
    assert reasons(source) == {FIRST: "two boxes in the list of boxes", names[2]: "image cannot be read"}


def test_a_list_of_boxes_that_is_absent_or_none(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"has no list_bbox_inshop\.txt, and boxes were asked for\. Get it from"):
        open_source(written(tmp_path / "a", in_shop_files(), boxes=None), Options(boxes=True))
    path = written(tmp_path / "b", in_shop_files(), boxes=b"1\nimage_name x y\na b c\n")
    with pytest.raises(SourceError, match="should name the columns image_name x_1 y_1 x_2 y_2 above"):
        open_source(path, Options(boxes=True))
    assert len(open_source(path).rows) == 11


def test_other_sources_have_no_boxes(shop: Path) -> None:
    with pytest.raises(SourceError, match=r"is no published data set that gives boxes\. Build it without boxes"):
        open_source(shop, Options(boxes=True))
