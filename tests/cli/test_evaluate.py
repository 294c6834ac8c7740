import itertools
import json
import re
import statistics
from pathlib import Path
from typing import Any

import pytest

from fashion_search.cli import main
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.verdict_file import open_verdicts
from fashion_search.evaluation.words import number
from fashion_search.store import Store
from tests.app import truth
from tests.builds import build
from tests.cli.command import Captured, fail, succeed
from tests.conftest import FakeMethod

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
    assert "nothing to evaluate" in capsys.readouterr().out


def test_a_file_of_verdicts_that_cannot_be_read_is_said(built: Store, capsys: Captured) -> None:
    path = open_verdicts("shop").path
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database" * 100)

    assert str(path) in fail(capsys, "evaluate", *ONE, "--verdicts")


def test_evaluate_part_of_a_catalog(built: Store, capsys: Captured) -> None:
    """Shirts, 5 and 4 of them, are what is searched; the six caps have nothing relevant left."""
    found = scores(capsys, "--where", "type=Shirts", "--protocol", "leave-one-out")
    row = found["leave-one-out", "precision"]

    assert (row["queries"], row["left_out"]) == (9, 6)
    sizes = [size for size in (5, 4) for _ in range(size)]
    assert row["chance"] == pytest.approx(sum(size - 1 for size in sizes) / 9 / 8, abs=1e-6)
    assert row["ceiling"] == pytest.approx(sum(min(size - 1, 5) for size in sizes) / 9 / 5, abs=1e-6)
    assert succeed(capsys, "evaluate", *ONE)["where"] is None
    assert main(["evaluate", *ONE, "--where", "type=Shirts", "--seeds", "2"]) == 0
    out = capsys.readouterr().out
    assert "Leave-one-out, only items whose article type is Shirts: 9 queries, 6 left out" in out
    assert "8 items in each gallery" in out
    assert "One query per group, split seed 0, only items whose article type is Shirts: 2 queries, 1 left out" in out
    assert "no usage “Party”" in fail(capsys, "evaluate", *ONE, "--where", "usage=Party")


def test_reranked_methods_have_rows_of_their_own(built: Store, capsys: Captured) -> None:
    here = [
        "evaluate",
        "--catalog",
        "shop",
        "--method",
        "histogram",
        "--protocol",
        "leave-one-out",
        "--rerank",
        "style",
    ]
    rows = succeed(capsys, *here)["scores"]
    for method in ("histogram", "histogram~style"):
        evaluation = Evaluation.of(built, [method])
        [row] = [one for one in rows if (one["method"], one["measure"]) == (method, "precision")]
        assert row["value"] == pytest.approx(evaluation.figures_of(method)["precision"].macro.value, abs=1e-6)
    assert main(here) == 0
    out = capsys.readouterr().out
    assert "  RGB histogram, re-ranked (same style), weights: none\n" in out
    assert "RGB histogram, re-ranked (same style)" in out.splitlines()[-1]  # the sentence against the plain method


def test_it_is_said_whether_trust_holds(built: Store, capsys: Captured) -> None:
    here = ["evaluate", "--catalog", "shop", "--method", "histogram", "--protocol", "leave-one-out"]
    found = Evaluation.of(built, ["histogram"]).reliability_of("histogram")
    rows = {row["what"]: row for row in succeed(capsys, *here)["trust"]}
    assert list(rows) == ["any", "first", "label-article_type", "label-base_colour", "label-usage"]
    assert rows["first"]["said"] == pytest.approx(found.first.mean, abs=1e-6)
    assert rows["any"]["right"] == pytest.approx(found.any.share, abs=1e-6)
    assert main(here) == 0
    said = f"the first is right: said {number(found.first.mean)}, is {number(found.first.share)}, calibration error"
    assert said in capsys.readouterr().out


def test_the_second_papers_tables_are_in_the_json_by_class_and_parent(
    built: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "parents.csv").write_text("class,parent\nCaps,Headwear\nShirts,Topwear\n", "utf-8")
    command = [
        "evaluate",
        "--catalog",
        "shop",
        "--protocol",
        "leave-one-out",
        "--parents",
        str(tmp_path / "parents.csv"),
    ]
    assert main([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["second_paper"]
    assert [(row["kind"], row["name"]) for row in found] == [
        ("method", "histogram"),
        ("class", "Caps"),
        ("class", "Shirts"),
        ("parent", "Headwear"),
        ("parent", "Topwear"),
    ]
    assert {"precision", "recall", "ndcg", "map", "search_ms", "query_ms", "recall_at_10"} <= found[0].keys()
    assert found[1]["precision"] == found[3]["precision"]
    assert main(command) == 0
    assert "RGB histogram by parent class" in capsys.readouterr().out
    assert main([*command[:-1], str(tmp_path / "none.csv")]) == 1
    assert "none.csv cannot be read" in capsys.readouterr().err
