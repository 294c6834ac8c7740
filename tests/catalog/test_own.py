import os
from pathlib import Path

import pytest

from fashion_search.catalog.source import Options
from fashion_search.catalog.sources import open_source
from fashion_search.errors import SourceError
from tests.samples import encoded, noise, table, write_folder, write_zip

PICTURES = {
    f"{group}/{name}.png": encoded(noise(seed))
    for seed, (group, name) in enumerate(
        [("red_shirts", "a"), ("red_shirts", "b"), ("caps/blue", "a"), ("caps/blue", "c")]
    )
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "own", PICTURES)


def test_each_sub_folder_is_a_group(folder: Path) -> None:
    catalog, excluded = open_source(folder).catalog("own", "Own")
    assert catalog.columns == ("group",)
    assert [(item.id, item.labels) for item in catalog.items] == [
        ("caps/blue/a", ("caps/blue",)),
        ("caps/blue/c", ("caps/blue",)),
        ("red_shirts/a", ("red shirts",)),
        ("red_shirts/b", ("red shirts",)),
    ]
    assert excluded == []


def test_what_is_left_out_of_a_folder_is_listed(folder: Path) -> None:
    picture = encoded(noise(9))
    write_folder(
        folder,
        {
            "loose.png": picture,
            "red_shirts/empty.jpg": b"",
            "alone/x.png": picture,
            "notes/readme.txt": b"About",
            ".hidden/h.png": picture,
        },
    )
    source = open_source(folder)
    catalog, excluded = source.catalog("own", "Own")
    assert sorted((row.id, row.reason) for row in excluded) == [
        ("alone/x", "style group has fewer than 2 images"),
        ("loose.png", "not in a sub-folder"),
        ("notes/readme.txt", "not a picture"),
        ("red_shirts/empty.jpg", "file is empty"),
    ]
    assert len(catalog.items) + len(excluded) == source.n_rows


def test_a_file_name_of_bytes_that_are_no_text_is_left_out(folder: Path) -> None:
    try:
        (folder / os.fsdecode(b"red_shirts/\xff.png")).write_bytes(b"")
    except OSError:
        pytest.skip("this system's names are always text")
    catalog, excluded = open_source(folder).catalog("own", "Own")
    assert [(row.id, row.reason) for row in excluded] == [("red_shirts/?.png", "file name is not text")]
    assert catalog.fingerprint


def test_groups_have_no_upper_bound_by_default(tmp_path: Path) -> None:
    files = {f"many/{number}.png": encoded(noise(number)) for number in range(30)}
    assert len(open_source(write_folder(tmp_path / "own", files)).catalog("own", "Own")[0].items) == 30


def write_csv(folder: Path, rows: list[list[str]], header: list[str]) -> Path:
    (folder / "items.csv").write_bytes(table(rows, header))
    return folder / "items.csv"


def test_a_csv_with_any_grouping_columns(folder: Path) -> None:
    header = ["Image", "Kind Of", "Fabric", "id", "name"]
    rows = [[name, "Kind", "wool", str(9 - number), f"N{number}"] for number, name in enumerate(PICTURES)]
    catalog, _ = open_source(write_csv(folder, rows, header)).catalog("own", "Own")
    assert (catalog.columns, [group.title for group in catalog.groups]) == (("kind_of", "fabric"), ["Kind · wool"])
    assert [(item.id, item.name) for item in catalog.items] == [("6", "N3"), ("7", "N2"), ("8", "N1"), ("9", "N0")]


def test_a_csv_without_ids_and_names_uses_paths(folder: Path) -> None:
    rows = [[name.replace("/", "\\"), "x"] for name in PICTURES]
    source = open_source(write_csv(folder, rows, ["file", "kind"]))
    assert (source.rows[0].id, source.rows[0].name) == ("red_shirts/a.png", "a")


def test_a_csv_under_chosen_columns(folder: Path) -> None:
    rows = [[name, "x", str(number)] for number, name in enumerate(PICTURES)]
    path = write_csv(folder, rows, ["picture", "kind", "number"])
    catalog, _ = open_source(path, Options(group_by=("kind",), image_column="picture")).catalog("own", "Own")
    assert (catalog.columns, len(catalog.items)) == (("kind",), 4)


def test_pictures_that_a_csv_may_not_name(folder: Path) -> None:
    outside = folder.parent / "secret.png"
    outside.write_bytes(encoded(noise(1)))
    names = [*PICTURES, "../secret.png", str(outside), "gone.png", "", "x" * 5000]
    source = open_source(write_csv(folder, [[name, "x"] for name in names], ["image", "kind"]))
    assert [row.reason for row in source.excluded] == [
        "image path leads out of the folder",
        "image path leads out of the folder",
        "no image",
        "no image",
        "no image",
    ]
    assert len(source.rows) == 4


@pytest.mark.parametrize(
    ("header", "options", "reason"),
    [
        (["photo", "kind"], {}, "no column named image or .* it has photo, kind. Name the column of the pictures."),
        (["image", "kind"], {"image_column": "photo"}, "has no column 'photo'"),
        (["image", "kind"], {"group_by": ("fabric",)}, "has no column fabric"),
    ],
)
def test_a_csv_without_the_columns_it_needs(
    folder: Path, header: list[str], options: dict[str, object], reason: str
) -> None:
    path = write_csv(folder, [[name, "x"] for name in PICTURES], header)
    with pytest.raises(SourceError, match=reason):
        open_source(path, Options(**options))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"image,kind\ngone.png,x\n", "none of the 1 pictures in column 'image'"),
        (b'image,kind\n"' + b"x" * 200_000 + b'",x\n', "line 2: a field is longer than 131,072 characters"),
    ],
)
def test_a_csv_that_cannot_be_used(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "items.csv"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=reason):
        open_source(path)


@pytest.mark.parametrize("header", [["image", "Colour", "colour"], ["image", "size (cm)", "size-cm"]])
def test_columns_that_would_have_one_name_are_refused(folder: Path, header: list[str]) -> None:
    path = write_csv(folder, [["a.jpg", "red", "blue"]], header)
    with pytest.raises(SourceError, match="Rename one of them"):
        open_source(path)


def test_a_name_that_stands_twice_in_the_header_is_refused(folder: Path) -> None:
    path = write_csv(folder, [["a.jpg", "red", "blue"]], ["image", "colour", "colour"])
    with pytest.raises(SourceError, match="two columns named colour"):
        open_source(path)


def test_a_csv_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"items\.csv cannot be read: No such file"):
        open_source(tmp_path / "items.csv")


@pytest.mark.parametrize("root", ["", "own/"])
def test_an_archive_of_sub_folders_is_read_like_the_folder(tmp_path: Path, root: str) -> None:
    files = {f"{root}{name}": data for name, data in PICTURES.items()} | {"__MACOSX/caps/._a.png": b"?"}
    source = open_source(write_zip(tmp_path / "own.zip", files))
    catalog, excluded = source.catalog("own", "Own")
    assert sorted(item.labels[0] for item in catalog.items) == ["caps/blue"] * 2 + ["red shirts"] * 2
    assert (excluded, source.n_rows) == ([], 4)
