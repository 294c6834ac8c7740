"""The comparison of learned methods: what it trains, takes as it is, and writes down."""

import functools
import re
from pathlib import Path

import pytest

from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.store import Store, open_store
from fashion_search.training import train as training
from fashion_search.training.data import read_data
from fashion_search.training.recipe import Recipe
from fashion_search.training.record import read_run, runs_folder
from tests.training.conftest import TINY
from tools import learned

pytestmark = pytest.mark.training
TOKENS = {
    "backbone": "transformer",
    "height": 16,
    "width": 16,
    "widths": [32],
    "blocks": 1,
    "patch": 8,
    "dimensions": 8,
}
PIXELS = {"backbone": "autoencoder", "height": 16, "width": 16, "widths": [4], "dimensions": 4}
RECIPES = {
    "autoencoder": TINY | {"network": PIXELS, "reconstruction": {}, "classification": None},
    "vit": TINY | {"network": TOKENS},
    "vit-1.58b": TINY | {"network": TOKENS | {"ternary": True}},
}


@pytest.fixture(autouse=True)
def recipes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recipes of a moment, with enough pictures to validate on."""
    monkeypatch.setattr(training, "read_data", functools.partial(read_data, share=0.3))
    monkeypatch.setattr(learned, "open_recipe", lambda name: Recipe.from_json(RECIPES[name] | {"name": name}))


def compare(report: Path, *options: str) -> int:
    return learned.main(["shop", "--limit", "60", "--epochs", "1", "--report", str(report), *options])


def rows_of(report: Path) -> list[list[str]]:
    table = re.findall(r"^\| (`.*) \|$", report.read_text("utf-8"), re.MULTILINE)
    return [[cell.strip() for cell in row.split(" | ")] for row in table]


def test_every_recipe_is_trained_and_written_down(tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    assert compare(report) == 0
    rows = rows_of(report)
    assert [row[0] for row in rows] == ["`autoencoder`", "`vit`", "`vit-1.58b`"]
    for row, name in zip(rows, ("autoencoder", "vit", "vit-1-58b"), strict=True):
        run = read_run(runs_folder() / name)
        figure = Evaluation.of(open_store("shop"), [name]).figures_of(name)["hit"].macro
        assert row[1:3] == [f"{run.best['precision']:.4f}", f"{run.best['hit']:.4f}"]
        assert float(row[5].split(" ")[0]) == pytest.approx(figure.value, abs=0.006)
        assert "[" in row[5]
    said = report.read_text("utf-8")
    assert "weights have three values" in said
    assert "draws held-out pictures again with a root mean squared error of" in said
    assert re.search(r"\*\*The twins\.\*\* vit(-1-58b)? − vit(-1-58b)?, P@5 of the evaluated groups: ", said)


def test_a_second_call_trains_only_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tmp_path / "report.md"
    assert compare(report, "--only", "vit") == 0
    trained: list[str] = []
    really = learned.train
    monkeypatch.setattr(learned, "train", lambda plan: trained.append(plan.name) or really(plan))
    assert compare(report, "--only", "autoencoder", "vit") == 0
    assert trained == ["autoencoder"]
    assert [row[0] for row in rows_of(report)] == ["`autoencoder`", "`vit`"]
    assert "The twins" not in report.read_text("utf-8")


def test_a_run_of_another_length_is_not_taken_for_this(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.md"
    assert compare(report, "--only", "vit") == 0
    assert compare(report, "--only", "vit", "--epochs", "2") == 1
    assert "is of another recipe, seed or limit" in capsys.readouterr().err
