from pathlib import Path

import pytest

from fashion_search.catalog.cropped import CroppedTree, cropped_name, open_cropped
from fashion_search.errors import SourceError
from fashion_search.images import open_image
from tests.samples import encoded, noise, write_folder


def tree(folder: Path) -> CroppedTree:
    return CroppedTree(open_cropped(write_folder(folder, {"a.png": encoded(noise(1)), "b#1,2,3,4": b"a file"})))


def test_a_part_of_a_picture_has_a_name(tmp_path: Path) -> None:
    made = tree(tmp_path)
    name = cropped_name("a.png", (1, 2, 5, 9))
    assert name == "a.png#1,2,5,9"
    assert name in made
    assert open_image(made.read_image(name)).tobytes() == noise(1).crop((1, 2, 5, 9)).tobytes()
    assert made.read_image("a.png") == encoded(noise(1))
    assert made.size(name) == made.size("a.png")
    assert made.head(name) == made.head("a.png")


def test_files_whose_names_look_like_it_are_meant_themselves(tmp_path: Path) -> None:
    made = tree(tmp_path)
    assert (made.names, made.read("b#1,2,3,4"), made.skipped) == (["a.png", "b#1,2,3,4"], b"a file", [])


@pytest.mark.parametrize("name", ["c.png#1,2,3,4", "a.png#1,2,3", "a.png#1,2,3,-4", "a.png#", "../a.png#1,2,3,4"])
def test_names_of_nothing(tmp_path: Path, name: str) -> None:
    made = tree(tmp_path)
    assert name not in made
    with pytest.raises(SourceError):
        made.read(name)
