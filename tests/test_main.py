import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fashion_search.__main__ import main
from fashion_search.catalog import Protocol, draw_split
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.images import MAX_BYTES
from fashion_search.store import Store
from tests.conftest import FakeMethod
from tests.samples import encoded, noise, write_folder

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = ["build", "fetch", "search", "evaluate", "list"]
Captured = pytest.CaptureFixture[str]


def succeed(capsys: Captured, *arguments: str) -> Any:
    """Run a command with ``--json``; its result."""
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def fail(capsys: Captured, *arguments: str) -> str:
    """Run a command that fails; its reason, which is one line on stderr."""
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("fashion_search: ")
    assert err.count("\n") == 1
    return err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(command: str, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as exit:
        main([command, "--help"])
    assert exit.value.code == 0
    assert f"example:\n  python -m fashion_search {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "required: COMMAND"),
        (["paint"], "invalid choice: 'paint'"),
        (["search"], "required: IMAGE|ITEM-ID"),
        (["search", "1", "-k", "0"], "-k: '0' is not a whole number of at least 1"),
        (["search", "1", "-k", "many"], "-k: 'many' is not a whole number"),
        (["search", "1", "--protocol", "x"], "--protocol: 'x' is neither leave-one-out nor one-per-group"),
        (["evaluate", "--seed", "x"], "--seed"),
        (["fetch", "--size", "medium"], "invalid choice: 'medium'"),
        (["build"], "required: source"),
    ],
)
def test_wrong_usage(arguments: list[str], reason: str, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as exit:
        main(arguments)
    assert exit.value.code == 2
    assert reason in capsys.readouterr().err


def test_build_prints_a_summary(shop: Path, capsys: Captured) -> None:
    (shop / "images/1.jpg").unlink()
    assert main(["build", str(shop), "--method", "histogram"]) == 0
    out = capsys.readouterr().out
    assert (
        "Catalog shop: 3 style groups, 14 images (4.67 per group), grouped by article_type, base_colour, usage." in out
    )
    assert "15 rows read; left out:\n        1  no image" in out
    assert "histogram: 14 images encoded; weights: none." in out


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
    assert list(json.loads(out)["weights"]) == ["histogram"]
    assert "fashion_search: resnet18 was not built: " in err
    assert "Traceback" not in err


def test_builds_that_cannot_be(shop: Path, tmp_path: Path, capsys: Captured) -> None:
    assert "There is no file or folder" in fail(capsys, "build", str(tmp_path / "gone.zip"))
    assert "at least 2 images" in fail(capsys, "build", str(shop), "--smallest", "1")
    assert "There is no method 'sift'" in fail(capsys, "build", str(shop), "--method", "sift")
    assert "There is no file or folder" in fail(capsys, "build", "~nobody-of-this-name/shop.zip")
    assert "cannot be read" in fail(capsys, "build", "x" * 5000)


def test_a_stopped_build_says_that_it_can_go_on(shop: Path, fake: FakeMethod, capsys: Captured) -> None:
    def stop(count: int) -> None:
        raise KeyboardInterrupt

    fake.before_batch = stop
    assert main(["build", str(shop), "--method", "fake"]) == 1
    assert "the same command goes on from there" in capsys.readouterr().err


def test_search_with_an_item(built: Store, capsys: Captured) -> None:
    result = succeed(capsys, "search", "10", "--catalog", "shop", "--method", "histogram", "-k", "14")
    assert (result["query"], result["group"], result["protocol"]) == ("10", "caps_navy_blue_na", "leave-one-out")
    hits = result["methods"]["histogram"]["hits"]
    assert [hit["rank"] for hit in hits] == list(range(1, 15))
    assert sorted(int(hit["id"]) for hit in hits) == [number for number in range(1, 16) if number != 10]
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert sum(hit["correct"] for hit in hits) == 5
    assert all(hit["correct"] == (hit["group"] == "caps_navy_blue_na") for hit in hits)


def test_search_in_words(built: Store, capsys: Captured) -> None:
    assert main(["search", "10", "--catalog", "shop", "--method", "histogram", "-k", "2"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("10: Caps · Navy Blue · NA in shop, Leave-one-out\nRGB histogram, weights: none, ")
    assert out.count("\n") == 4


def test_search_with_a_picture_has_no_ground_truth(built: Store, shop: Path, capsys: Captured) -> None:
    path = str(shop / "images/7.jpg")
    result = succeed(capsys, "search", path, "--catalog", "shop", "--method", "histogram")
    hits = result["methods"]["histogram"]["hits"]
    assert (hits[0]["id"], hits[0]["score"]) == ("7", 1.0)
    assert {hit["correct"] for hit in hits} == {None}
    assert len(hits) == 5


def test_search_under_one_per_group(built: Store, capsys: Captured) -> None:
    split = draw_split(built.catalog, Protocol.ONE_PER_GROUP, 3)
    options = ["--catalog", "shop", "--method", "histogram", "--protocol", "one-per-group", "--seed", "3"]
    query = built.catalog.items[split.queries[0]].id
    hits = succeed(capsys, "search", query, *options, "-k", "15")["methods"]["histogram"]["hits"]
    assert len(hits) == 12
    other = built.catalog.items[split.gallery.nonzero()[0][0]].id
    assert f"Item {other} is not a query of One query per group, split seed 3" in fail(
        capsys, "search", other, *options
    )


def test_searches_that_cannot_be(built: Store, tmp_path: Path, capsys: Captured) -> None:
    write_folder(tmp_path, {"page.jpg": b"<html>", "empty.jpg": b"", "large.jpg": b"\xff\xd8" + bytes(MAX_BYTES)})
    here = ["--catalog", "shop", "--method", "histogram"]
    assert "no catalog 'nosuch'. The catalogs are: demo, shop" in fail(capsys, "search", "1", "--catalog", "nosuch")
    assert "'99' is neither an item of “shop” nor a file" in fail(capsys, "search", "99", *here)
    assert "Is a directory" in fail(capsys, "search", str(tmp_path), *here)
    assert "page.jpg: This is a web page" in fail(capsys, "search", str(tmp_path / "page.jpg"), *here)
    assert "empty.jpg: The file is empty" in fail(capsys, "search", str(tmp_path / "empty.jpg"), *here)
    assert "large.jpg: The file is larger than 25 MB" in fail(capsys, "search", str(tmp_path / "large.jpg"), *here)
    both = ["--method", "histogram", "--method", "resnet18"]
    assert main(["search", "1", "--catalog", "shop", *both]) == 1
    out, err = capsys.readouterr()
    assert "RGB histogram" in out
    assert "resnet18 was not searched: “shop” has no library of 'resnet18'" in err
    assert "no method 'sift'" in fail(capsys, "search", "1", "--catalog", "shop", "--method", "sift")


def test_a_picture_is_never_compared_under_other_weights(
    shop: Path, random_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    import torch

    monkeypatch.setenv(FOLDER_VARIABLE, str(random_weights))
    assert main(["build", str(shop), "--method", "resnet18"]) == 0
    state = torch.load(random_weights / "resnet18.pth", weights_only=True)
    state["conv1.weight"] *= 2
    (tmp_path / "others").mkdir()
    torch.save(state, tmp_path / "others/resnet18.pth")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "others"))
    capsys.readouterr()
    picture = str(shop / "images/7.jpg")
    reason = fail(capsys, "search", picture, "--catalog", "shop", "--method", "resnet18")
    assert "The library was made with resnet18.pth" in reason
    assert f"python -m fashion_search build {shop} --method resnet18" in reason
    assert main(["search", "7", "--catalog", "shop", "--method", "resnet18"]) == 0


def test_evaluate(built: Store, capsys: Captured) -> None:
    result = succeed(capsys, "evaluate", "--catalog", "shop", "--method", "histogram", "-k", "3")
    assert [row["protocol"] for row in result["scores"]] == ["leave-one-out", "one-per-group"]
    assert [row["n_queries"] for row in result["scores"]] == [15, 3]
    assert {row["k"] for row in result["scores"]} == {3}
    averaged = succeed(
        capsys, "evaluate", "--catalog", "shop", "--method", "histogram", "--seeds", "4", "--protocol", "one-per-group"
    )
    assert averaged["scores"][0]["seeds"] == 4
    assert set(averaged["scores"][0]["deviation"]) >= {"precision", "recall", "hit"}


def test_evaluate_prints_table_1(built: Store, capsys: Captured) -> None:
    assert main(["evaluate", "--catalog", "shop", "--method", "histogram"]) == 0
    out = capsys.readouterr().out
    assert "Leave-one-out: 15 queries, 14 in the gallery" in out
    assert "One query per group, split seed 0: 3 queries, 12 in the gallery" in out
    assert "The paper's Table 1" not in out  # these are not its data


def test_a_method_that_was_not_asked_for_by_name_may_be_left_out(
    shop: Path, built: Store, no_network: None, capsys: Captured
) -> None:
    assert main(["search", str(shop / "images/7.jpg"), "--catalog", "shop", "--json"]) == 0
    out, err = capsys.readouterr()
    result = json.loads(out)
    assert result["methods"]["histogram"]["hits"][0]["id"] == "7"
    assert set(result["problems"]) == {"resnet18"}
    assert "resnet18 was not searched" in err


def test_list(built: Store, home: Path, capsys: Captured) -> None:
    write_folder(home, {"broken/manifest.json": b"{"})
    result = succeed(capsys, "list")
    found = {one["name"]: one for one in result["catalogs"]}
    assert found["shop"] == {
        "name": "shop",
        "title": "shop",
        "groups": 3,
        "images": 15,
        "methods": {"histogram": "none"},
    }
    assert "is damaged" in found["broken"]["error"]
    ready = {one["name"]: one["ready"] for one in result["methods"]}
    assert ready == {"histogram": True, "resnet18": False}
    assert result["home"] == str(home)
    assert main(["list"]) == 0
    assert "Built catalogs are in" in capsys.readouterr().out


def test_fetch_without_the_package(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    assert "Download it by hand from https://www.kaggle.com/datasets/" in fail(capsys, "fetch")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fashion_search", *arguments]
    environment = os.environ | environment
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)


def test_as_a_program(built: Store, tmp_path: Path) -> None:
    (tmp_path / "query.png").write_bytes(encoded(noise(1)))
    good = run("search", str(tmp_path / "query.png"), "--catalog", "shop", "--method", "histogram", "--json")
    assert (good.returncode, good.stderr) == (0, "")
    assert json.loads(good.stdout)["catalog"] == "shop"
    failed = run("search", "99", "--catalog", "shop")
    assert (failed.returncode, failed.stdout, failed.stderr.count("\n")) == (1, "", 1)
    assert run("paint").returncode == 2


def test_a_console_that_lacks_letters(built: Store) -> None:
    shown = run("search", "10", "--catalog", "shop", "--method", "histogram", PYTHONIOENCODING="ascii")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith("10: Caps ? Navy Blue ? NA in shop")
