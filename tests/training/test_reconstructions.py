"""What an autoencoder makes of held-out pictures: drawn at the best validation, kept with the run, read verified."""

import dataclasses
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from fashion_search.encoders import encoder_spec
from fashion_search.errors import TrainingError
from fashion_search.training import reconstructions
from fashion_search.training.loop import Trainer
from fashion_search.training.plan import Plan
from fashion_search.training.recipe import Recipe
from fashion_search.training.reconstructions import keep, read
from fashion_search.training.record import Run, read_run, runs_folder
from fashion_search.training.train import train
from tests.samples import noise
from tests.training.conftest import TINY, MakeTrainer

PIXELS = np.random.default_rng(0).integers(0, 256, (150, 6, 4, 3), dtype=np.uint8)


class Same(nn.Module):
    """Of a picture its own numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.anything = nn.Parameter(torch.zeros(1))

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        assert not self.training
        return pixels, pixels


class Back(nn.Module):
    """Normalised pixels to values 0 to 1, all darker by 0.1."""

    def forward(self, pixels: Tensor) -> Tensor:
        assert not self.training
        mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
        return pixels * deviation.view(3, 1, 1) + mean.view(3, 1, 1) - 0.1


@pytest.fixture
def autoencoder() -> Recipe:
    network = {"backbone": "autoencoder", "height": 16, "width": 16, "widths": [4, 8], "dimensions": 8}
    return Recipe.from_json(TINY | {"network": network, "classification": None, "reconstruction": {"weight": 2.0}})


def test_pictures_come_back_each_with_its_reconstruction(tmp_path: Path) -> None:
    entry = keep(tmp_path, PIXELS, Same(), Back())
    pairs = read(tmp_path, entry)
    places = [0, 21, 43, 64, 85, 106, 128, 149]
    assert entry["count"] == len(pairs) == len(places)
    for place, (picture, told) in zip(places, pairs, strict=True):
        np.testing.assert_array_equal(np.asarray(picture), PIXELS[place])
        darker = np.clip(PIXELS[place].astype(float) - 25.5, 0, 255)
        assert np.abs(np.asarray(told) - darker).max() <= 0.51
    assert entry["error"] == pytest.approx(25.5, abs=0.01)


def test_without_a_decoder_nothing_is_drawn(tmp_path: Path) -> None:
    assert keep(tmp_path, PIXELS, Same(), None) == {}
    assert not list(tmp_path.iterdir())


def test_fewer_pictures_than_are_shown(tmp_path: Path) -> None:
    entry = keep(tmp_path, PIXELS[:3], Same(), Back())
    assert [np.asarray(picture).tolist() for picture, _ in read(tmp_path, entry)] == PIXELS[:3].tolist()


def test_those_before_stay_until_the_record_names_the_new_ones(tmp_path: Path) -> None:
    entries = [keep(tmp_path, PIXELS[start:], Same(), Back()) for start in (0, 1, 2)]
    read(tmp_path, entries[1])
    assert {path.name for path in tmp_path.iterdir()} == {entry["file"] for entry in entries[1:]}


def damaged(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def another(path: Path) -> None:
    """A picture as good as any, of something else."""
    noise(0, (32, 12)).save(path)


@pytest.mark.parametrize("how", [damaged, another, Path.unlink, lambda path: path.write_bytes(b"")])
def test_a_file_that_is_damaged_or_gone(how: Any, tmp_path: Path) -> None:
    entry = keep(tmp_path, PIXELS, Same(), Back())
    how(tmp_path / entry["file"])
    with pytest.raises(TrainingError, match=r"The reconstructions in .* are gone or damaged.*--restart"):
        read(tmp_path, entry)


@pytest.mark.parametrize("change", [{"count": 0}, {"count": "many"}, {"file": "../run.json"}, {"file": None}])
def test_a_record_that_says_something_else(change: dict[str, Any], tmp_path: Path) -> None:
    entry = keep(tmp_path, PIXELS, Same(), Back()) | change
    with pytest.raises(TrainingError, match="gone or damaged"):
        read(tmp_path, entry)


@pytest.mark.training
def test_a_run_draws_those_of_its_best_validation(
    autoencoder: Recipe, trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = itertools.cycle([0.1, 0.3, 0.2])
    monkeypatch.setattr(reconstructions, "SHOWN", 4)
    one = trainer(autoencoder.with_settings({"optimisation.epochs": "3"}))
    drawn: list[dict[str, Any]] = []
    measured = one.validation.measure
    monkeypatch.setattr(one.validation, "measure", lambda encode: measured(encode) | {"precision": next(figures)})
    one.watch = lambda run: drawn.append(run.reconstructions)
    run = one.train()
    assert run.best["epoch"] == 2
    assert run.reconstructions == drawn[-1]
    assert len({entry["file"] for entry in drawn if entry}) == 2
    held_out = np.asarray(one.data.pixels[one.data.n_training :])
    pairs = read(one.folder, read_run(one.folder).reconstructions)
    np.testing.assert_array_equal(np.asarray(pairs[0][0]), held_out[0])
    np.testing.assert_array_equal(np.asarray(pairs[-1][0]), held_out[-1])
    assert len(pairs) == 4


@pytest.mark.training
def test_it_learns_to_draw_held_out_pictures(autoencoder: Recipe, trainer: MakeTrainer) -> None:
    one = trainer(autoencoder.with_settings({"optimisation.epochs": "12"}))
    held_out = one.data.pixels[one.data.n_training :]
    before = keep(one.folder, held_out, one.network, one.losses.decoder)
    one.train()
    after = keep(one.folder, held_out, one.network, one.losses.decoder)
    assert after["error"] < 0.8 * before["error"]
    assert [row.keys() >= {"loss", "reconstruction"} for row in one.rows] == [True] * len(one.rows)


@pytest.mark.training
def test_a_stopped_run_goes_on_with_its_decoder(
    autoencoder: Recipe, trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = autoencoder.with_settings({"optimisation.epochs": "3"})
    whole = trainer(recipe, "whole")
    whole.train()

    def stop(run: Run) -> None:
        if run.latest.get("epoch") == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trainer(recipe, watch=stop).train()
    second: Trainer = trainer(recipe)
    assert second.restore()
    assert read(second.folder, second.run.reconstructions)  # those of its last checkpoint
    run = second.train()
    assert run.reconstructions == whole.run.reconstructions != {}
    for name, value in whole.losses.state_dict().items():
        assert torch.equal(value, second.losses.state_dict()[name])


@pytest.mark.training
@pytest.mark.parametrize("recipe", ["autoencoder", "vit", "vit-1.58b"])
def test_from_a_plan_to_a_method(recipe: str, autoencoder: Recipe, tiny: Recipe, plan: Plan) -> None:
    tokens = {"backbone": "transformer", "height": 16, "width": 16, "widths": [32], "blocks": 1, "patch": 8}
    of_tokens = Recipe.from_json(TINY | {"network": tokens | {"ternary": recipe == "vit-1.58b", "dimensions": 8}})
    run = train(dataclasses.replace(plan, recipe=autoencoder if recipe == "autoencoder" else of_tokens))
    assert run.state == "done"
    assert bool(read_run(runs_folder() / "mine").reconstructions) == (recipe == "autoencoder")
    assert any("have three values" in note for note in run.notes) == (recipe == "vit-1.58b")
    spec = encoder_spec("mine")
    vectors = spec.load().encode([noise(0), noise(1)])
    assert vectors.shape == (2, 8) == (2, spec.dim)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert spec.family == "trained here"
