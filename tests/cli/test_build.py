import json
import re
from pathlib import Path

import pytest

from fashion_search.cli import main
from tests.builds import large_shop
from tests.cli.command import Captured, fail, succeed
from tests.conftest import FakeMethod


def test_build_prints_a_summary(shop: Path, capsys: Captured) -> None:
    (shop / "images/1.jpg").unlink()
    assert main(["build", str(shop), "--method", "histogram"]) == 0
    out = capsys.readouterr().out
    assert (
        "Catalog shop: 3 style groups, 14 images (4.67 per group), grouped by article_type, base_colour, usage." in out
    )
    assert "15 rows read; left out:\n        1  no image" in out
    assert "histogram: 14 images encoded; weights: none." in out


def test_a_build_counts_exact_copies(shop: Path, capsys: Captured) -> None:
    for copy, original in ((2, 1), (10, 9), (11, 1)):  # ids 1 to 5, 6 to 9 and 10 to 15 are groups
        (shop / f"images/{copy}.jpg").write_bytes((shop / f"images/{original}.jpg").read_bytes())
    result = succeed(capsys, "build", str(shop), "--method", "histogram", "--quick")
    assert result["copies"] == {"same_group": 2, "other_group": 5}
    assert main(["build", str(shop), "--method", "histogram", "--quick"]) == 0
    sentence = (
        "2 images have an exact copy in the same style group; 5 images have an exact copy in a different style group."
    )
    assert sentence in capsys.readouterr().out


def test_build_with_every_option(shop: Path, capsys: Captured) -> None:
    grouping = ["--group-by", "articleType", "--smallest", "2", "--largest", "9"]
    result = succeed(capsys, "build", str(shop), "--method", "histogram", "--name", "Mine", "--replace", *grouping)
    assert result["catalog"] == "mine"
    assert (result["rows"], result["groups"], result["images"]) == (15, 2, 15)
    assert (result["encoded"], result["problems"]) == ({"histogram": 15}, {})
    assert result["bytes"] > 0


@pytest.mark.usefixtures("no_network")
def test_a_build_without_weights_makes_the_rest_and_fails(shop: Path, capsys: Captured) -> None:
    assert main(["build", str(shop), "--json"]) == 1
    out, err = capsys.readouterr()
    assert list(json.loads(out)["weights"]) == ["histogram", "fashion"]
    assert "fashion_search: resnet18 was not built: " in err
    assert "Traceback" not in err


def test_builds_that_cannot_be(shop: Path, tmp_path: Path, capsys: Captured) -> None:
    assert "There is no file or folder" in fail(capsys, "build", str(tmp_path / "gone.zip"))
    assert "at least 2 images" in fail(capsys, "build", str(shop), "--smallest", "1")
    assert "There is no method 'gist'" in fail(capsys, "build", str(shop), "--method", "gist")
    assert "There is no file or folder" in fail(capsys, "build", "~nobody-of-this-name/shop.zip")
    assert "cannot be read" in fail(capsys, "build", "x" * 5000)


def test_a_stopped_build_says_that_it_can_go_on(shop: Path, fake: FakeMethod, capsys: Captured) -> None:
    def stop(count: int) -> None:
        raise KeyboardInterrupt

    fake.before_batch = stop
    assert main(["build", str(shop), "--method", "fake"]) == 1
    assert "the same command goes on from there" in capsys.readouterr().err


@pytest.mark.usefixtures("no_network")
def test_a_fusion_without_weights_says_what_is_missing(shop: Path, capsys: Captured) -> None:
    assert main(["build", str(shop), "--method", "fusion"]) == 1
    out, err = capsys.readouterr()
    assert "fashion_search: resnet18 was not built: " in err
    assert "histogram: 15 images encoded" in out
    assert "fusion: made of" not in out


def test_a_build_judges_unless_it_is_to_be_quick(shop: Path, home: Path, capsys: Captured) -> None:
    assert main(["build", str(shop), "--method", "histogram", "--quick"]) == 0
    assert not (home / "shop" / "evaluations").exists()
    assert main(["build", str(shop), "--method", "histogram"]) == 0
    assert "Evaluating RGB histogram" in capsys.readouterr().err

    stems = {re.split(r"-[0-9a-f]{16}", path.name)[0] for path in (home / "shop" / "evaluations").iterdir()}
    assert stems >= {"rankings-histogram-leave-one-out-0", "rankings-histogram-one-per-group-0", "spread-histogram"}
    assert {stem for stem in stems if "pca" in stem or "tsne" in stem}


def test_all_items_are_told_of(tmp_path: Path, capsys: Captured) -> None:
    large = large_shop(tmp_path / "shop")
    result = succeed(capsys, "build", str(large), "--method", "histogram", "--quick", "--all-items")
    assert (result["images"], result["rest"]) == (15, 24)
    assert main(["build", str(large), "--method", "histogram", "--quick"]) == 0
    assert "Whole shop: 24 of those left out can be searched too." in capsys.readouterr().out
    [shop] = [one for one in succeed(capsys, "list")["catalogs"] if one["name"] == "shop"]
    assert (shop["images"], shop["rest"]) == (15, 24)
