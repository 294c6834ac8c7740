"""Shipping a finished run's encoder: what is refused, and what the shipped file and its report say."""

import functools
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fashion_search.encoders import trained
from fashion_search.store import Store
from fashion_search.training import runner
from fashion_search.training.data import read_data
from fashion_search.training.recipe import Recipe
from fashion_search.training.run import write_run
from fashion_search.training.runner import Plan, read_plan_data, train
from tests.training.test_runner import folder_of, method_file
from tools import ship_encoder
from tools.fusion_weight import WEIGHTS

SHIPPED_BEFORE = b"what was shipped before"


@pytest.fixture
def shipped(tmp_path: Path, tiny: Recipe, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the encoder is shipped to, in place of the program's own file; the recipe is the tests'."""
    path = tmp_path / "shipped.safetensors"
    path.write_bytes(SHIPPED_BEFORE)
    monkeypatch.setattr(trained, "SHIPPED", path)
    monkeypatch.setattr(ship_encoder, "open_recipe", lambda name: tiny)
    return path


def ship(tmp_path: Path) -> int:
    return ship_encoder.main(["mine", "--report", str(tmp_path / "weight.md")])


def refused(shipped: Path, reason: str, said: str) -> None:
    """Nothing was shipped or reported, and why."""
    assert reason in said
    assert shipped.read_bytes() == SHIPPED_BEFORE
    assert not (shipped.parent / "weight.md").exists()


def test_the_shipped_file_is_the_runs_under_the_methods_name(
    plan: Plan, store: Store, shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "read_data", functools.partial(read_data, share=0.3))  # enough to validate on
    run = train(plan)
    assert ship(tmp_path) == 0
    account = trained.read_account(shipped)
    assert (account.name, account.title) == ("fashion", "Fashion")
    assert account.training == trained.read_account(method_file(plan)).training
    np.testing.assert_array_equal(trained.seen_by(shipped), trained.seen_by(method_file(plan)))
    report = (tmp_path / "weight.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d\.\d)(?: \(chosen\))? \| (\d\.\d{4}) ", report, re.MULTILINE)
    assert tuple(float(weight) for weight, _ in rows) == WEIGHTS
    assert f"The {run.data['validation']:,} validation pictures" in report
    data = read_plan_data(plan, store)
    vectors = trained.load(shipped).embed(data.pixels[data.n_training :])  # without colours beside it: the first row
    groups = data.validation_catalog().group_of
    scores = vectors @ vectors.T
    np.fill_diagonal(scores, -np.inf)
    right = groups[np.argsort(-scores, axis=1)[:, :5]] == groups[:, None]
    with_others = np.bincount(groups)[groups] > 1
    assert float(rows[0][1]) == pytest.approx(right[with_others].mean(), abs=1e-4)


def test_a_run_that_is_not_done_is_not_shipped(
    plan: Plan, shipped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_run(folder_of(plan), replace(train(plan), state="stopped"))
    assert ship(tmp_path) == 1
    refused(shipped, "is not done, but stopped", capsys.readouterr().err)


@pytest.mark.parametrize(
    "settings", [{"optimisation.rate": "0.02"}, {"network.emphasis": "{ base_colour = 0.5 }"}], ids=["rate", "emphasis"]
)
def test_a_run_by_another_recipe_is_not_shipped(
    settings: dict[str, str],
    plan: Plan,
    shipped: Path,
    tmp_path: Path,
    tiny: Recipe,
    capsys: pytest.CaptureFixture[str],
) -> None:
    train(replace(plan, recipe=tiny.with_settings(settings)))
    assert ship(tmp_path) == 1
    refused(shipped, "was not trained by the recipe 'tiny' as it is now", capsys.readouterr().err)


def test_an_encoder_that_is_too_large_is_not_shipped(
    plan: Plan, shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ship_encoder, "MOST_BYTES", 100)
    train(plan)
    assert ship(tmp_path) == 1
    refused(shipped, "at most 0 are shipped", capsys.readouterr().err)


def test_a_catalog_that_changed_since_is_refused(
    plan: Plan, store: Store, shipped: Path, training_shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train(plan)
    table = (training_shop / "styles.csv").read_text("utf-8").splitlines(keepends=True)
    (training_shop / "styles.csv").write_text("".join(table[:-1]), "utf-8")  # one picture fewer to learn from
    assert ship(tmp_path) == 1
    refused(shipped, "is no longer what the run “mine” was trained on", capsys.readouterr().err)
