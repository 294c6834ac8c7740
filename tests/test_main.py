import itertools
import json
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fashion_search.__main__ import main
from fashion_search.build import build
from fashion_search.catalog import Protocol, draw_split
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.evaluation.verdicts import open_verdicts
from fashion_search.images import MAX_BYTES
from fashion_search.store import Store
from tests.app import truth
from tests.conftest import FakeMethod
from tests.samples import encoded, noise, write_folder

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = ["build", "fetch", "search", "evaluate", "report", "list"]
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
    assert list(json.loads(out)["weights"]) == ["histogram", "fashion"]
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
    assert "large.jpg: The file is larger than 100 MB" in fail(capsys, "search", str(tmp_path / "large.jpg"), *here)
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


def test_a_fusion_is_built_listed_and_searched_like_any_method(
    shop: Path, random_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    import torch

    monkeypatch.setenv(FOLDER_VARIABLE, str(random_weights))
    missing = build(shop, methods=["histogram"]).manifest.rebuild("fusion")
    assert f"Build it: {missing.command}" in fail(capsys, "search", "7", "--catalog", "shop", "--method", "fusion")
    assert main(missing.arguments()) == 0
    out = capsys.readouterr().out
    assert "histogram: 0 images encoded" in out
    assert "resnet18: 15 images encoded" in out
    assert "fusion: made of resnet18 and histogram; nothing is encoded for it." in out
    listed = succeed(capsys, "list")
    [weights] = [one["methods"] for one in listed["catalogs"] if one["name"] == "shop"]
    assert list(weights) == ["histogram", "resnet18", "fusion"]
    assert weights["fusion"] == weights["resnet18"] != "none"
    assert all(method["ready"] for method in listed["methods"])

    picture, here = str(shop / "images/7.jpg"), ["--catalog", "shop", "--method", "fusion"]
    best = succeed(capsys, "search", picture, *here)["methods"]["fusion"]["hits"][0]
    assert (best["id"], best["score"]) == ("7", pytest.approx(1, abs=2e-6))

    state = torch.load(random_weights / "resnet18.pth", weights_only=True)
    state["conv1.weight"] *= 2
    (tmp_path / "others").mkdir()
    torch.save(state, tmp_path / "others/resnet18.pth")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "others"))
    reason = fail(capsys, "search", picture, *here)
    assert "The library was made with resnet18.pth" in reason
    assert missing.command in reason
    assert main(["search", "7", *here]) == 0


@pytest.mark.usefixtures("no_network")
def test_a_fusion_without_weights_says_what_is_missing(shop: Path, capsys: Captured) -> None:
    assert main(["build", str(shop), "--method", "fusion"]) == 1
    out, err = capsys.readouterr()
    assert "fashion_search: resnet18 was not built: " in err
    assert "histogram: 15 images encoded" in out
    assert "fusion: made of" not in out


ONE = ["--catalog", "shop", "--method", "histogram"]


def scores(capsys: Captured, *arguments: str) -> dict[tuple[str, str], dict[str, Any]]:
    """What ``evaluate`` says as JSON, by protocol and measure."""
    found = succeed(capsys, "evaluate", *ONE, *arguments)["scores"]
    return {(row["protocol"], row["measure"]): row for row in found}


def by_hand(built: Store, protocol: str, seed: int, k: int) -> tuple[float, float, float]:
    """Mean precision, recall and hit at k, counted from the files."""
    folder = built.folder
    return truth.means(truth.relevance(folder, "histogram", queries_of(folder, protocol, seed)), k)


def queries_of(folder: Path, protocol: str, seed: int) -> set[str] | None:
    return truth.drawn(folder, seed) if protocol == "one-per-group" else None


@pytest.mark.parametrize("k", [1, 5, 14, 20, 60])
def test_evaluate_counts_right_at_any_k(built: Store, capsys: Captured, k: int) -> None:
    found = scores(capsys, "-k", str(k), "--seed", "2")

    for protocol, queries in (("leave-one-out", 15), ("one-per-group", 3)):
        expected = by_hand(built, protocol, 2, k)
        for measure, value in zip(("precision", "recall", "hit"), expected, strict=True):
            row = found[protocol, measure]
            assert row["value"] == pytest.approx(value, abs=1e-6)
            assert row["low"] <= row["value"] <= row["high"]
            assert (row["queries"], row["left_out"], row["k"]) == (queries, 0, k)
            assert row["weights"] == "none"
        assert {row["seed"] for (name, _), row in found.items() if name == protocol} == {
            2 if protocol == "one-per-group" else None
        }


def test_evaluate_gives_chance_and_ceiling(built: Store, capsys: Captured) -> None:
    row = scores(capsys)["leave-one-out", "precision"]
    sizes = [size for size in (5, 4, 6) for _ in range(size)]

    assert row["chance"] == pytest.approx(sum(size - 1 for size in sizes) / 15 / 14, abs=1e-6)
    assert row["ceiling"] == pytest.approx(sum(min(size - 1, 5) for size in sizes) / 15 / 5, abs=1e-6)


def test_evaluate_averages_over_splits(built: Store, capsys: Captured) -> None:
    found = scores(capsys, "--seeds", "4")
    splits = [by_hand(built, "one-per-group", seed, 5) for seed in range(4)]

    for measure, values in zip(("precision", "recall", "hit"), zip(*splits, strict=True), strict=True):
        row = found["one-per-group", measure]
        assert (row["splits"], row["mean"]) == (4, pytest.approx(statistics.mean(values), abs=1e-6))
        assert row["deviation"] == pytest.approx(statistics.stdev(values), abs=1e-6)
    assert "splits" not in found["leave-one-out", "precision"]


def test_evaluate_one_protocol(built: Store, capsys: Captured) -> None:
    assert {protocol for protocol, _ in scores(capsys, "--protocol", "one-per-group")} == {"one-per-group"}


def test_evaluate_prints_table_1(built: Store, capsys: Captured) -> None:
    assert main(["evaluate", *ONE, "--seeds", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()

    start = next(place for place, line in enumerate(lines) if line.startswith("Leave-one-out: 15 queries"))
    second = next(place for place, line in enumerate(lines) if line.startswith("One query per group, split seed 0: 3 "))
    assert start < second
    tables = {"leave-one-out": lines[start:second], "one-per-group": lines[second:]}
    for protocol, table in tables.items():
        [line] = [line for line in table if "Precision@5" in line]
        figures = re.search(r"Precision@5 +([\d.]+) \[([\d.]+), ([\d.]+)\]", line)
        assert figures
        assert float(figures[1]) == pytest.approx(by_hand(built, protocol, 0, 5)[0], abs=0.0051)
        assert float(figures[2]) <= float(figures[1]) <= float(figures[3])
        assert "chance" in line
        assert "ceiling" in line
        assert ("2 splits" in line) == (protocol == "one-per-group")
    assert not any("The paper's Table 1" in line for line in lines)  # these are not its data


def test_evaluate_compares_two_methods_in_a_sentence(shop: Path, fake: FakeMethod, capsys: Captured) -> None:
    build(shop, methods=["histogram", "fake"])
    assert main(["evaluate", *ONE, "--method", "fake"]) == 0
    out = capsys.readouterr().out

    assert len(re.findall(r"(beats|No difference between) ", out)) == 2  # under each protocol


def test_evaluate_with_verdicts(built: Store, capsys: Captured) -> None:
    before = scores(capsys)
    verdicts = open_verdicts("shop")
    labels = truth.labels(built.folder)
    wrong = next(item for item in truth.ranking(built.folder, "histogram", "1") if labels[item] != labels["1"])
    verdicts.accept("1", wrong)
    verdicts.mark_wrong_label("15")
    assert scores(capsys) == before
    after = scores(capsys, "--verdicts")

    expected = [
        sum(labels[item] == labels[query] or {item, query} == {"1", wrong} for item in ranked[:5]) / 5
        for query in labels
        if query != "15"
        for ranked in [truth.ranking(built.folder, "histogram", query, {"15"})]
    ]
    row = after["leave-one-out", "precision"]
    assert (row["queries"], row["value"]) == (14, pytest.approx(statistics.mean(expected), abs=1e-6))
    assert main(["evaluate", *ONE, "--verdicts"]) == 0
    assert "With verdicts: 1 accepted pairs, 1 wrong labels left out" in capsys.readouterr().out


def test_evaluate_where_nothing_can_be_judged(built: Store, capsys: Captured) -> None:
    for items in itertools.groupby(truth.labels(built.folder).items(), lambda entry: entry[1]):
        for item, _ in list(items[1])[1:]:
            open_verdicts("shop").mark_wrong_label(item)
    found = scores(capsys, "--verdicts", "--seeds", "2")

    assert {row["queries"] for row in found.values()} == {0}
    assert {row["value"] for row in found.values()} == {None}
    assert main(["evaluate", *ONE, "--verdicts"]) == 0
    assert "nothing to judge" in capsys.readouterr().out


def test_a_file_of_verdicts_that_cannot_be_read_is_said(built: Store, capsys: Captured) -> None:
    path = open_verdicts("shop").path
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database" * 100)

    assert str(path) in fail(capsys, "evaluate", *ONE, "--verdicts")


def test_a_report_is_written(built: Store, tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "report.html"
    result = succeed(capsys, "report", *ONE, "--out", str(path), "-k", "10", "--protocol", "one-per-group")

    html = path.read_text("utf-8")
    assert result == {"report": str(path), "bytes": path.stat().st_size}
    assert "<html" in html
    assert "Precision@10" in html
    assert "One query per group" in html
    assert built.manifest.title in html


def test_a_report_is_called_by_its_catalog(
    built: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["report", "--catalog", "shop"]) == 0
    assert (tmp_path / "shop-report.html").exists()
    assert "shop-report.html (" in capsys.readouterr().out


def test_reports_that_cannot_be(built: Store, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert "file" in fail(capsys, "report", *ONE, "--out", str(tmp_path / "file" / "report.html"))
    assert str(tmp_path) in fail(capsys, "report", *ONE, "--out", str(tmp_path))
    assert "no library of 'resnet18'" in fail(capsys, "report", "--catalog", "shop", "--method", "resnet18")
    assert "no catalog 'nosuch'" in fail(capsys, "report", "--catalog", "nosuch")
    with pytest.raises(SystemExit):
        main(["report", *ONE, "-k", "51"])


def test_a_build_judges_unless_it_is_to_be_quick(shop: Path, home: Path, capsys: Captured) -> None:
    assert main(["build", str(shop), "--method", "histogram", "--quick"]) == 0
    assert not (home / "shop" / "evaluations").exists()
    assert main(["build", str(shop), "--method", "histogram"]) == 0
    assert "Evaluating RGB histogram" in capsys.readouterr().err

    stems = {re.split(r"-[0-9a-f]{16}", path.name)[0] for path in (home / "shop" / "evaluations").iterdir()}
    assert stems >= {"rankings-histogram-leave-one-out-0", "rankings-histogram-one-per-group-0", "spread-histogram"}
    assert {stem for stem in stems if "pca" in stem or "tsne" in stem}


def test_a_method_that_was_not_asked_for_by_name_may_be_left_out(
    shop: Path, built: Store, no_network: None, capsys: Captured
) -> None:
    assert main(["search", str(shop / "images/7.jpg"), "--catalog", "shop", "--json"]) == 0
    out, err = capsys.readouterr()
    result = json.loads(out)
    assert result["methods"]["histogram"]["hits"][0]["id"] == "7"
    assert set(result["problems"]) == {"resnet18", "fashion"}
    for method in ("resnet18", "fashion"):
        assert f"{method} was not searched" in err


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
    assert ready == {"histogram": True, "resnet18": False, "fusion": False, "fashion": True}
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
