"""The layout of Caltech-101, whole and damaged."""

from collections import Counter
from pathlib import Path

import pytest

from fashion_search.catalog.source import Options
from fashion_search.catalog.sources import open_source
from fashion_search.errors import SourceError
from tests.catalog.layouts import WRITERS, Write, caltech, caltech_files, picture
from tests.samples import write_folder, write_zip

KINDS = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS.keys())
TOP = "101_ObjectCategories"


@KINDS
@pytest.mark.parametrize("root", ["", "caltech-101/"])
def test_folders_are_categories_without_the_background(tmp_path: Path, write: Write, root: str) -> None:
    source = open_source(write(tmp_path, caltech_files(root)))
    assert (source.kind, source.columns, source.n_rows) == ("caltech-101", ("category",), 13)
    catalog, excluded = source.catalog("c", "C")
    assert [(group.title, len(group.rows)) for group in catalog.groups] == [
        ("Faces", 2),
        ("Faces easy", 2),
        ("ant", 2),
        ("ceiling fan", 3),
    ]
    assert Counter(row.reason for row in excluded) == {
        "BACKGROUND_Google shows no category": 3,
        "not a picture": 1,
    }
    row = next(row for row in source.rows if row.labels == ("ceiling fan",))
    assert (row.id, row.name) == ("ceiling_fan/image_0001.jpg", "ceiling fan image 0001")
    assert source.tree.read_image(row.image) == picture(7)


@pytest.mark.parametrize("as_zip", [True, False])
def test_the_folder_of_categories_itself(tmp_path: Path, as_zip: bool) -> None:
    files = {name.removeprefix(f"{TOP}/"): data for name, data in caltech_files().items() if name.startswith(TOP)}
    path = write_zip(tmp_path / f"{TOP}.zip", files) if as_zip else write_folder(tmp_path / TOP, files)
    source = open_source(path)
    assert (source.kind, len(source.rows), len(source.excluded)) == ("caltech-101", 9, 3)


def test_pictures_elsewhere_are_listed(tmp_path: Path) -> None:
    more = {"cover.jpg": picture(50), f"{TOP}/readme.jpg": picture(51), f"{TOP}/ant/old/image_0001.jpg": picture(52)}
    source = open_source(write_folder(tmp_path, caltech_files() | more))
    assert {row.id for row in source.excluded if row.reason == f"not in a folder of {TOP}"} == set(more)
    assert (source.n_rows, len(source.rows)) == (16, 9)


@KINDS
def test_what_is_packed_or_empty_is_said(tmp_path: Path, write: Write) -> None:
    packed = write(tmp_path / "a", {f"caltech-101/{TOP}.tar.gz": b"\x1f\x8b", "caltech-101/Annotations.tar": b""})
    with pytest.raises(
        SourceError, match=rf"holds caltech-101/{TOP}\.tar\.gz, an archive of another kind .* folder {TOP}"
    ):
        open_source(packed)
    empty = write(
        tmp_path / "b", {f"{TOP}/ant/image_0001.jpg": b"no picture", f"{TOP}/BACKGROUND_Google/a.jpg": picture(1)}
    )
    with pytest.raises(
        SourceError, match=r"has no pictures in the folders .* https://data\.caltech\.edu/records/mzrjq"
    ):
        open_source(empty)
    with pytest.raises(SourceError, match="has no column parent; it has category"):
        open_source(caltech(tmp_path / "c"), Options(group_by=("parent",)))
