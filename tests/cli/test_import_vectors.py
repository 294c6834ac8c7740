from pathlib import Path

import numpy as np
import pytest

from fashion_search.store import Store, open_store
from tests.cli.command import Captured, fail, succeed
from tests.importing.made import array, lines
from tests.importing.test_fitting import ids_of, rows_of


@pytest.fixture
def files(built: Store, tmp_path: Path) -> list[str]:
    """Vectors of the shop's items and their ids, backwards."""
    vectors, ids = tmp_path / "mine.npy", tmp_path / "ids.txt"
    vectors.write_bytes(array(rows_of(built)[::-1]))
    ids.write_bytes(lines(ids_of(built)[::-1]))
    return [str(vectors), "--ids", str(ids)]


def test_vectors_become_a_method_that_is_evaluated(built: Store, files: list[str], capsys: Captured) -> None:
    result = succeed(capsys, "import-vectors", "shop", *files, "--name", "mine", "--title", "My model")
    weights = result.pop("weights")
    assert result == {
        "catalog": "shop",
        "part_of": "",
        "method": "mine",
        "title": "My model",
        "images": 15,
        "dimensions": 4,
        "scaled": 15,
        "unused": 0,
    }
    assert weights == open_store("shop").methods["mine"].weights_label
    assert list((built.folder / "evaluations").glob("rankings-mine-*"))
    table = succeed(capsys, "evaluate", "--catalog", "shop", "--method", "mine", "--method", "histogram")
    assert table
    found = succeed(capsys, "search", "3", "--catalog", "shop", "--method", "mine")
    assert len(found["methods"]["mine"]["hits"]) == 5


def test_quick_leaves_the_evaluation(built: Store, files: list[str], capsys: Captured) -> None:
    succeed(capsys, "import-vectors", "shop", *files, "--name", "mine", "--quick")
    assert not (built.folder / "evaluations").exists()


def test_what_is_refused_is_one_line_with_the_flag_that_helps(
    built: Store, files: list[str], tmp_path: Path, capsys: Captured
) -> None:
    assert "(--ids)" in fail(capsys, "import-vectors", "shop", files[0], "--name", "mine")
    assert "mine.txt cannot be read: No such file" in fail(
        capsys, "import-vectors", "shop", files[0], "--ids", str(tmp_path / "mine.txt"), "--name", "mine"
    )
    few = tmp_path / "few.npz"
    np.savez(few, vectors=rows_of(built)[:9], ids=np.array(ids_of(built)[:9]))
    assert "9 of the 15 items" in (said := fail(capsys, "import-vectors", "shop", str(few), "--name", "mine"))
    assert said.endswith("(--subset).\n")
    result = succeed(capsys, "import-vectors", "shop", str(few), "--name", "mine", "--subset", "part")
    assert (result["catalog"], result["part_of"], result["images"]) == ("part", "shop", 9)
    succeed(capsys, "import-vectors", "shop", *files, "--name", "mine", "--quick")
    succeed(capsys, "import-vectors", "shop", *files, "--name", "mine", "--quick")  # the same ones once more
    np.save(files[0], -rows_of(built))
    again = fail(capsys, "import-vectors", "shop", *files, "--name", "mine")
    assert again.endswith("Choose another name, or replace them (--name or --replace).\n")


def test_a_picture_from_outside_cannot_be_searched_by_it(
    built: Store, files: list[str], shop: Path, capsys: Captured
) -> None:
    succeed(capsys, "import-vectors", "shop", *files, "--name", "mine", "--quick")
    said = fail(capsys, "search", str(shop / "images/3.jpg"), "--catalog", "shop", "--method", "mine")
    assert "imported as vectors (mine.npy): there is no encoder" in said
    listed = succeed(capsys, "list")
    mine = next(method for method in listed["methods"] if method["name"] == "mine")
    assert (mine["ready"], mine["family"]) == (False, "imported")
