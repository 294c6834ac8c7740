"""DeepFashion's Category and Attribute Prediction layout, whole and damaged."""

from collections import Counter
from pathlib import Path

import pytest

from fashion_search.catalog.source import QUERY, TRAINING, VALIDATION, Options
from fashion_search.catalog.sources import open_source
from fashion_search.errors import SourceError
from tests.catalog.layouts import (
    CATEGORY_COLUMNS,
    CATEGORY_LINES,
    PARTITION,
    WRITERS,
    Write,
    category_files,
    category_prediction,
    picture,
    published,
)
from tests.samples import write_folder

KINDS = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS.keys())
NAMES = "Anno_coarse/list_category_cloth.txt"
LABELS = "Anno_coarse/list_category_img.txt"
NAME_COLUMNS, LABEL_COLUMNS = "category_name category_type", "image_name category_label"
PAGE = r"https://mmlab\.ie\.cuhk\.edu\.hk/projects/DeepFashion/AttributePrediction\.html"


@KINDS
@pytest.mark.parametrize("root", ["", "Category and Attribute Prediction Benchmark/"])
@pytest.mark.parametrize("images", ["img/", "Img/img/"])
def test_training_pictures_are_the_catalog_by_category(tmp_path: Path, write: Write, root: str, images: str) -> None:
    source = open_source(write(tmp_path, category_files(images=images, root=root)))
    assert (source.kind, source.n_rows, source.notes, source.excluded) == ("category-prediction", 12, (), ())
    assert Counter(row.part for row in source.rows) == {TRAINING: 6, VALIDATION: 2, QUERY: 4}
    row = source.rows[4]
    assert (row.id, row.name, row.labels, row.product) == (
        "img/Distressed_Skinny_Jeans/img_00000001.jpg",
        "Distressed Skinny Jeans",
        ("Jeans",),
        "",
    )
    assert row.attributes == {"category": "Jeans", "category_type": "lower body"}
    assert source.tree.read_image(row.image) == picture(4)
    catalog, excluded = source.catalog("shop", "Shop")
    assert [(group.title, len(group.rows)) for group in catalog.groups] == [("Blazer", 2), ("Dress", 1), ("Jeans", 3)]
    assert len(excluded) == 6


def test_grouped_by_type_of_category(tmp_path: Path) -> None:
    source = open_source(category_prediction(tmp_path), Options(group_by=("category_type",)))
    assert {row.labels[0] for row in source.rows} == {"upper body", "lower body", "full body"}


def test_categories_are_those_of_the_list_beside_the_labels(tmp_path: Path) -> None:
    other = {f"{folder}list_category_cloth.txt": published(NAME_COLUMNS, ["Hat 1"] * 5) for folder in ("", "Anno/")}
    source = open_source(write_folder(tmp_path, category_files() | other))
    assert {row.labels[0] for row in source.rows} == {"Blazer", "Jeans", "Dress"}


def test_lines_that_do_not_fit_together_are_listed(tmp_path: Path) -> None:
    fields = [line.split() for line in CATEGORY_LINES]
    labels = [f"{name} {label}" for name, label, _ in fields[1:]]
    labels += [f"{fields[1][0]} 4", f"{fields[2][0]} {fields[2][1]}", "img/in/no/part.jpg 2", "img/a.jpg"]
    labels[3], labels[4] = f"{fields[4][0]} 6", f"{fields[5][0]} Jeans"
    partition = [f"{name} {status}" for name, _, status in fields[:-1]]
    partition += [f"{fields[-1][0]} gallery", "img/a.jpg", f"{fields[-2][0]} test"]
    files = category_files() | {
        LABELS: published(LABEL_COLUMNS, labels),
        PARTITION: published(CATEGORY_COLUMNS, partition),
    }
    source = open_source(write_folder(tmp_path, files))
    assert [(row.id, row.reason) for row in source.excluded] == [
        (f"{PARTITION}, line 15", "number of fields is not the header's"),
        (f"{LABELS}, line 17", "number of fields is not the header's"),
        (fields[0][0], f"no category in {LABELS}"),
        (fields[1][0], f"two categories in {LABELS}"),
        (fields[4][0], "category is none of list_category_cloth.txt"),
        (fields[5][0], "category is none of list_category_cloth.txt"),
        (fields[-1][0], "evaluation status is none of train, val, test"),
        ("img/in/no/part.jpg", f"not in {PARTITION}"),
        (fields[-2][0], "id appears before"),
    ]
    assert source.n_rows == len(source.rows) + 9
    assert source.notes == ()


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        (PARTITION, None, "has no list_eval_partition.txt"),
        (LABELS, None, "has no list_category_img.txt, which says what pictures show. Get it from"),
        (LABELS, b"", f"{LABELS} is empty"),
        (LABELS, b"1\nimage_name\na.jpg\n", f"{LABELS} should name the columns image_name category_label"),
        (NAMES, None, "has no list_category_cloth.txt, which says"),
        (NAMES, published(NAME_COLUMNS, ["Anorak 1", "Blazer"]), "list_category_cloth.txt is damaged (line 4), and"),
        (NAMES, published(NAME_COLUMNS, ["Anorak 1"], count=50), "list_category_cloth.txt is damaged (its first line)"),
    ],
)
def test_lists_that_are_none(tmp_path: Path, name: str, data: bytes | None, says: str) -> None:
    files = category_files()
    files.pop("Anno_fine/list_category_cloth.txt")
    if data is None:
        del files[name]
    else:
        files[name] = data
    with pytest.raises(SourceError) as refused:
        open_source(write_folder(tmp_path, files))
    message = str(refused.value)
    assert says in message
    assert message.endswith(".")
    assert "\n" not in message


def test_pictures_and_boxes_that_are_absent(tmp_path: Path) -> None:
    files = category_files()
    lists = {name: data for name, data in files.items() if name.endswith(".txt")}
    with pytest.raises(SourceError, match=f"none of the 12 pictures that .* {PAGE} and unpack them there"):
        open_source(write_folder(tmp_path / "a", lists))
    boxed = open_source(write_folder(tmp_path / "b", files), Options(boxes=True))
    assert {row.image.rpartition("#")[2] for row in boxed.rows} == {"2,3,10,14"}
    (tmp_path / "b/Anno_coarse/list_bbox.txt").unlink()
    with pytest.raises(SourceError, match=rf"has no list_bbox\.txt, and boxes were asked for\. .*{PAGE}"):
        open_source(tmp_path / "b", Options(boxes=True))
