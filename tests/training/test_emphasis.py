"""Choosing the emphasis of colours: what is measured is the encoder that a run would have by its recipe."""

import functools
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from fashion_search.catalog import Catalog, Item
from fashion_search.encoders import ENCODERS
from fashion_search.encoders.fashion import WEIGHT
from fashion_search.encoders.fusion import fuse
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.errors import TrainingError
from fashion_search.store import Store
from fashion_search.training import runner
from fashion_search.training.data import read_data
from fashion_search.training.recipe import open_recipe
from fashion_search.training.run import write_run
from fashion_search.training.runner import Plan, read_plan_data, train
from tests.training.test_runner import content, folder_of, method_file
from tools import emphasis
from tools.emphasis import AMOUNTS, CUT, Line, choose, draws, main


def naive(vectors: NDArray[np.float32], labels: NDArray[np.str_]) -> list[float]:
    """Precision@5, hit@5 and the share that is wrong in colour alone, each picture a query that has another right."""
    n_hit, n_right, n_alone, n_queries = 0, 0, 0, 0
    for query, own in enumerate(labels):
        others = [row for row in range(len(labels)) if row != query]
        if not any((labels[row] == own).all() for row in others):
            continue
        first = sorted(others, key=lambda row: -float(vectors[row] @ vectors[query]))[:5]
        differs = [tuple(labels[row] != own) for row in first]  # type, colour, usage
        n_queries += 1
        n_right += differs.count((False, False, False))
        n_hit += (False, False, False) in differs
        n_alone += differs.count((False, True, False))
    return [n_right / n_queries / 5, n_hit / n_queries, n_alone / n_queries / 5]


def test_each_amount_is_measured_as_the_encoder_that_its_recipe_makes(
    plan: Plan, store: Store, random_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "read_data", functools.partial(read_data, share=0.3))  # enough to validate on
    monkeypatch.setenv(FOLDER_VARIABLE, str(random_weights))
    monkeypatch.setattr(emphasis, "MOST", 100)  # chance decides what a tiny run makes of colours
    run = train(plan)
    kept, method = content(folder_of(plan)), method_file(plan).read_bytes()
    assert main(["mine", "--report", str(tmp_path / "report.md")]) == 0
    assert (content(folder_of(plan)), method_file(plan).read_bytes()) == (kept, method)

    report = (tmp_path / "report.md").read_text("utf-8")
    rows = {
        float(amount): [float(cell) for cell in cells.split(" | ")]
        for amount, cells in re.findall(r"^\| (\d[\d.]*)(?: \(chosen\))? \| (.*) \|$", report, re.MULTILINE)
    }
    assert tuple(rows) == AMOUNTS
    assert "**Chosen: 0.**" in report
    assert f"The {run.data['validation']:,} validation pictures" in report

    more = plan.recipe.with_settings({"network.emphasis": "{ base_colour = 1.0 }"})
    train(replace(plan, recipe=more, name="more"))
    data = read_plan_data(plan, store)
    pictures = [Image.fromarray(one) for one in data.pixels[data.n_training :]]
    labels = np.array([picture.row.labels for picture in data.division.validation])
    vectors, histograms = (ENCODERS[name].load().encode(pictures) for name in ("more", "histogram"))
    expected = [*naive(vectors, labels), *naive(fuse(vectors, histograms, WEIGHT), labels)]
    assert rows[1.0] == pytest.approx(expected, abs=1e-4)
    assert rows[1.0] != rows[0.0]


def test_large_groups_are_cut_and_small_ones_kept() -> None:
    sizes = {"large": 30, "small": 3, "equal": CUT}
    items = [Item(f"{group}{n}", "", (group,), "", "") for group, size in sizes.items() for n in range(size)]
    catalog = Catalog("cut", "Cut", ("group",), tuple(items))
    drawn = [[items[row].id for row in rows] for rows in draws(catalog)]
    for ids in drawn:
        assert len(set(ids)) == len(ids)
        left = Counter(name.rstrip("0123456789") for name in ids)
        assert left == {"large": CUT, "small": 3, "equal": CUT}
    assert len({tuple(ids) for ids in drawn}) == len(drawn)


def line(amount: float, colour_alone: float) -> Line:
    return Line(amount, {"colour_alone": 0.9}, {"colour_alone": colour_alone})


def test_the_smallest_amount_that_suffices_is_chosen() -> None:
    assert choose([line(0, 0.3), line(1, 0.21), line(2, 0.2), line(3, 0.19)], 0.2) == 2
    with pytest.raises(TrainingError, match=r"Under no emphasis are only 0\.1000"):
        choose([line(0, 0.3), line(1, 0.21)], 0.1)


def test_a_run_that_is_not_done_is_refused(plan: Plan, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_run(folder_of(plan), replace(train(plan), state="stopped"))
    assert main(["mine", "--report", str(tmp_path / "report.md")]) == 1
    assert "is not done, but stopped" in capsys.readouterr().err
    assert not (tmp_path / "report.md").exists()


def test_a_run_without_its_checkpoint_is_refused(
    plan: Plan,
    random_weights: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(random_weights))
    train(plan)
    for path in folder_of(plan).glob("checkpoint*"):
        path.unlink()
    assert main(["mine", "--report", str(tmp_path / "report.md")]) == 1
    assert "has no checkpoint" in capsys.readouterr().err


def test_the_recipe_has_what_was_chosen() -> None:
    [chosen] = re.findall(r"\*\*Chosen: ([\d.]+)\.\*\*", emphasis.REPORT.read_text("utf-8"))
    assert open_recipe("fashion").network.emphasis == {emphasis.COLUMN: float(chosen)}
