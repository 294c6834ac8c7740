"""Shipping a finished run's encoder: what is refused, and what the shipped file says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from fashion_search.encoders import trained
from fashion_search.training.plan import Plan
from fashion_search.training.recipe import Recipe
from fashion_search.training.record import write_run
from fashion_search.training.train import train
from tests import samples
from tests.training.test_train import folder_of, method_file
from tools import ship_encoder
from tools.ship_encoder import follows

SHIPPED_BEFORE = b"what was shipped before"


@pytest.fixture
def shipped(tmp_path: Path, tiny: Recipe, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the encoder is shipped to, in place of the program's own file; the recipe is the tests'."""
    path = tmp_path / "shipped.safetensors"
    path.write_bytes(SHIPPED_BEFORE)
    monkeypatch.setattr(trained, "SHIPPED", path)
    monkeypatch.setattr(ship_encoder, "open_recipe", lambda name: tiny)
    return path


def ship() -> int:
    return ship_encoder.main(["mine"])


def refused(shipped: Path, reason: str, said: str) -> None:
    """Nothing was shipped, and why."""
    assert reason in said
    assert shipped.read_bytes() == SHIPPED_BEFORE


def test_the_shipped_file_is_the_runs_under_the_methods_name(plan: Plan, shipped: Path) -> None:
    train(plan)
    assert ship() == 0
    account = trained.read_account(shipped)
    assert (account.name, account.title) == ("fashion", "Fashion")
    assert account.training == trained.read_account(method_file(plan)).training
    np.testing.assert_array_equal(trained.seen_by(shipped), trained.seen_by(method_file(plan)))
    pictures = [samples.noise(seed) for seed in range(3)]
    encoders = trained.load(shipped), trained.load(method_file(plan))
    np.testing.assert_array_equal(*(encoder.encode(pictures) for encoder in encoders))
    heads, theirs = trained.heads_of(shipped), trained.heads_of(method_file(plan))
    assert list(heads) == list(theirs) == ["article_type", "base_colour", "usage"]
    for column, head in heads.items():
        assert head.values == theirs[column].values
        np.testing.assert_array_equal(head.weight, theirs[column].weight)
        np.testing.assert_array_equal(head.bias, theirs[column].bias)


def test_another_start_than_the_recipes_is_no_matter(plan: Plan, shipped: Path) -> None:
    train(replace(plan, name="base"))
    settings = {"network.start": "base", "distillation": '{ teachers = ["base"] }'}
    assert not follows(plan.recipe.with_settings(settings), plan.recipe)  # which has no teachers
    assert follows(plan.recipe.with_settings({"network.start": "base"}), plan.recipe)
    train(replace(plan, recipe=plan.recipe.with_settings({"network.start": "base"})))
    assert ship() == 0


def test_a_run_that_is_not_done_is_not_shipped(
    plan: Plan, shipped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_run(folder_of(plan), structs.replace(train(plan), state="stopped"))
    assert ship() == 1
    refused(shipped, "is not done, but stopped", capsys.readouterr().err)


def test_a_run_by_another_recipe_is_not_shipped(
    plan: Plan,
    shipped: Path,
    tmp_path: Path,
    tiny: Recipe,
    capsys: pytest.CaptureFixture[str],
) -> None:
    train(replace(plan, recipe=tiny.with_settings({"optimisation.rate": "0.02"})))
    assert ship() == 1
    refused(shipped, "was not trained by the recipe 'tiny' as it is now", capsys.readouterr().err)


def test_an_encoder_that_is_too_large_is_not_shipped(
    plan: Plan, shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ship_encoder, "MOST_BYTES", 100)
    train(plan)
    assert ship() == 1
    refused(shipped, "at most 0 are shipped", capsys.readouterr().err)
