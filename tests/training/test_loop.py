import dataclasses
import itertools
import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from numpy.typing import NDArray
from torch import Tensor

from fashion_search.catalog.sources import open_source
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.errors import TrainingError
from fashion_search.evaluation.measures import MEASURES
from fashion_search.store import Store
from fashion_search.training import checkpoint, loop, validation
from fashion_search.training.data import Data, read_data
from fashion_search.training.loop import Trainer
from fashion_search.training.recipe import Recipe
from fashion_search.training.record import Run, losses_of, read_run, refuse_other_run, validations_of
from tests import samples
from tests.builds import build
from tests.training.conftest import MakeTrainer

CLOCK = {"seconds", "rate"}
"""Columns that tell how long something took."""


class Killed(BaseException):
    """What stands for the end of the process."""


def fail_at(monkeypatch: pytest.MonkeyPatch, step: int, error: BaseException, times: int = 1) -> None:
    """Let a step (from 1, the n-th that is tried) fail, when its weights have moved already."""
    tried = itertools.count(1)
    original = Trainer._step

    def failing(self: Trainer, chosen: NDArray[np.intp], progress: float) -> dict[str, float]:
        found = original(self, chosen, progress)
        if step <= next(tried) < step + times:
            raise error
        return found

    monkeypatch.setattr(Trainer, "_step", failing)


def equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    """Whether all weights are the same, bit for bit."""
    assert one.keys() == other.keys()
    assert one
    return all(torch.equal(one[name], other[name]) for name in one)


def told(name: str) -> list[list[dict[str, float]]]:
    """Losses and validations on disk, without times."""
    return [
        [{key: value for key, value in row.items() if key not in CLOCK} for row in table]
        for table in (losses_of(name), validations_of(name))
    ]


def saved_after_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "_SAVE_EVERY", -1.0)


# -- it learns ----------------------------------------------------------------------------------------------


def test_it_learns(tiny: Recipe, trainer: MakeTrainer, store: Store, tmp_path: Path) -> None:
    groups = {(kind, colour, "Casual"): 3 for kind in samples.KINDS for colour in samples.PAINTS}
    groups |= {(kind, colour, "Formal"): 3 for kind, colour, _ in groups}
    groups[("Shirts", "Red", "NA")] = 4
    easy = samples.write_folder(tmp_path / "easy", samples.training_files(groups))
    evaluated = Store(build(easy, methods=["histogram"]).folder).catalog
    recipe = tiny.with_settings({"optimisation.epochs": "6", "network.widths": "[8, 16]"})
    data = read_data(open_source(easy), evaluated, recipe.network.architecture, share=0.3)
    one = trainer(recipe, data=data)
    before = trainer(recipe, "before", data=data).validate()
    run = one.train()
    assert run.best["precision"] > before["precision"] + 0.1
    assert run.best["recall"] > before["recall"] + 0.1
    assert run.best["hit"] > before["hit"]
    losses = [row["loss"] for row in losses_of("mine")]
    assert np.mean(losses[-3:]) < 0.8 * np.mean(losses[:3])


def test_the_best_validation_is_what_is_kept(everything: Recipe, trainer: MakeTrainer, data: Data) -> None:
    one = trainer(everything.with_settings({"optimisation.epochs": "5"}))
    states: list[dict[str, Tensor]] = []

    def keep(run: Run) -> None:
        if len(validations_of("mine")) > len(states):
            assert one.averaged is not None
            states.append({name: value.clone() for name, value in one.averaged.module.state_dict().items()})

    one.watch = keep
    run = one.train()
    both = [row["precision"] + row["photos"] for row in validations_of("mine")]  # it learns photos too
    assert len(states) == 5
    place = both.index(max(both))
    assert run.best == {key: pytest.approx(value) for key, value in validations_of("mine")[place].items()}
    assert run.best["epoch"] == place + 1
    assert run.latest["epoch"] == 5
    assert equal(one.best_state, states[place])


def test_best_vectors_are_those_of_the_network_that_is_kept(tiny: Recipe, trainer: MakeTrainer, data: Data) -> None:
    """Of the training pictures alone, in their order; what is being trained stays as it is."""
    one = trainer(tiny.with_settings({"optimisation.epochs": "1"}))
    one.train()
    pixels = np.asarray(data.pixels[: data.n_training])
    best = one.encode(one.network, pixels)
    with torch.no_grad():
        for value in one.network.parameters():
            value.add_(0.1)
    now = one.encode(one.network, pixels)
    assert not np.allclose(now, best, atol=1e-3)
    np.testing.assert_array_equal(one.best_vectors(), best)
    np.testing.assert_array_equal(one.encode(one.network, pixels), now)


def test_where_photos_are_learned_they_count_as_much(tiny: Recipe, trainer: MakeTrainer, data: Data) -> None:
    one = trainer(tiny.with_settings({"augmentation.photo": "0.5"}))
    reached = iter([(0.6, 0.2), (0.5, 0.4), (0.55, 0.34)])

    def figures(*arguments: Any) -> dict[str, float]:
        clean = not figures.photos  # type: ignore[attr-defined]
        figures.photos = clean  # type: ignore[attr-defined]
        if clean:
            figures.now = next(reached)  # type: ignore[attr-defined]
        return {"precision": figures.now[not clean]}  # type: ignore[attr-defined]

    figures.photos = False  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation, "metrics", figures)
        rows = [one.validate() for _ in range(3)]
    assert [row["photos"] for row in rows] == [0.2, 0.4, 0.34]
    assert one.run.best == rows[1]
    assert one.worse == 1


def test_validation_figures_are_those_of_the_kept_network(tiny: Recipe, trainer: MakeTrainer, data: Data) -> None:
    one = trainer(tiny)
    row = one.validate()
    vectors = one.encode(one.network, data.pixels[data.n_training :])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    labels = [picture.row.labels for picture in data.division.validation]
    precisions, recalls, hits = [], [], []
    for query, label in enumerate(labels):
        scores = vectors @ vectors[query]
        scores[query] = -np.inf
        right = [labels[found] == label for found in np.argsort(-scores, kind="stable")[:5]]
        precisions.append(np.mean(right))
        recalls.append(sum(right) / (labels.count(label) - 1))
        hits.append(any(right))
    assert row["precision"] == pytest.approx(np.mean(precisions), abs=1e-5)
    assert row["recall"] == pytest.approx(np.mean(recalls), abs=1e-5)
    assert row["hit"] == pytest.approx(np.mean(hits), abs=1e-5)


def test_same_seed_same_network_and_another_seed_another(everything: Recipe, trainer: MakeTrainer) -> None:
    made = []
    for name, seed in (("one", 0), ("two", 0), ("three", 1)):
        made.append(trainer(everything, name, seed))
        made[-1].train()
        torch.rand(5)  # what came before does not count
    assert equal(made[0].network.state_dict(), made[1].network.state_dict())
    assert told("one") == told("two")
    assert not equal(made[0].network.state_dict(), made[2].network.state_dict())


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"optimisation.together": "2", "optimisation.balance": "1"},
        {"similarity": '{loss = "triplet", same = "category"}', "optimisation.together": "2"},
        {"similarity": '{loss = "triplet", same = "instance"}'},
        {"similarity": '{loss = "proxy", same = "group"}'},
        {"classification": "none", "similarity": '{loss = "triplet", same = "group"}', "optimisation.together": "4"},
        {"network.dimensions": "0", "optimisation.optimiser": "adam", "optimisation.schedule": "constant"},
        {"optimisation.schedule": "steps", "optimisation.milestones": "[1]", "optimisation.batch": "64"},
    ],
    ids=["plain", "balanced", "categories", "instances", "proxies", "triplets alone", "pooled", "steps"],
)
def test_whatever_a_recipe_asks_for_runs(tiny: Recipe, trainer: MakeTrainer, settings: dict[str, str]) -> None:
    data = {key: value for key, value in settings.items() if value != "none"}
    recipe = tiny.with_settings(data)
    if settings.get("classification") == "none":
        recipe = Recipe.from_json(recipe.to_json() | {"classification": None})
    run = trainer(recipe).train()
    assert run.step >= 2
    assert len(validations_of("mine")) == 2
    assert math.isfinite(run.best["precision"])


def test_instances_come_twice_each(tiny: Recipe, trainer: MakeTrainer, data: Data) -> None:
    one = trainer(tiny.with_settings({"similarity": '{loss = "triplet", same = "instance"}'}))
    order = one.order(0)
    assert len(order) == 2 * data.n_training
    np.testing.assert_array_equal(order[::2], order[1::2])
    np.testing.assert_array_equal(np.sort(order[::2]), np.arange(data.n_training))


def test_two_pictures_of_a_product_stand_together_where_there_are_two(
    tiny: Recipe, trainer: MakeTrainer, data: Data
) -> None:
    pictures = data.division.training
    products = [f"p{place // 3}" for place in range(len(pictures) - 1)] + [""]
    ours = tuple(
        dataclasses.replace(one, row=dataclasses.replace(one.row, product=its))
        for one, its in zip(pictures, products, strict=True)
    )
    divided = dataclasses.replace(data, division=dataclasses.replace(data.division, training=ours))
    recipe = tiny.with_settings({"similarity": '{loss = "triplet", same = "instance"}'})
    one = trainer(recipe, data=divided)
    pairs = np.concatenate([one.order(epoch).reshape(-1, 2) for epoch in range(50)])
    assert len(one.order(0)) == len(pictures) // 2 * 2  # as many as without a similarity loss
    sizes = Counter(products)
    for first, second in pairs.tolist():
        assert products[first] == products[second]
        assert (first == second) == (sizes[products[first]] == 1)
    assert set(pairs[:, 0].tolist()) == set(range(len(pictures)))
    assert one.batch % 2 == 0
    assert one.train().step >= 2


def test_companions_are_of_one_style_group_also_without_a_similarity_loss(
    tiny: Recipe, trainer: MakeTrainer, data: Data
) -> None:
    one = trainer(tiny.with_settings({"optimisation.together": "2"}))
    pairs = one.order(0).reshape(-1, 2)
    labels = [picture.row.labels for picture in data.division.training]
    assert all(labels[first] == labels[second] for first, second in pairs.tolist())


def test_pictures_are_smaller_in_the_first_part(
    tiny: Recipe, trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[tuple[int, int]] = []
    original = loop.augmented

    def seen(pixels: Tensor, augmentation: Any, size: tuple[int, int], *rest: Any) -> Tensor:
        sizes.append(size)
        return original(pixels, augmentation, size, *rest)

    monkeypatch.setattr(loop, "augmented", seen)
    trainer(tiny.with_settings({"optimisation.small_until": "0.5"})).train()
    assert sizes[0] == (12, 12)
    assert sizes[-1] == (16, 16)
    assert sizes == sorted(sizes)
    assert sizes.count((12, 12)) == len(sizes) / 2


def test_augmentation_grows_over_the_first_part(
    tiny: Recipe, trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[Any] = []
    original = loop.augmented

    def seen(pixels: Tensor, augmentation: Any, size: tuple[int, int], *rest: Any) -> Tensor:
        used.append(augmentation)
        return original(pixels, augmentation, size, *rest)

    monkeypatch.setattr(loop, "augmented", seen)
    recipe = tiny.with_settings({"augmentation": "{shift = 0.1, erase = 0.4, grow = 0.6}"})
    trainer(recipe).train()
    shifts = [one.shift for one in used]
    assert shifts[0] == 0
    assert shifts == sorted(shifts)
    assert 0.3 < shifts.count(0.1) / len(shifts) < 0.5
    assert {round(one.erase - 4 * one.shift, 9) for one in used} == {0}


# -- exact resume -------------------------------------------------------------------------------------------


def uninterrupted(trainer: MakeTrainer, recipe: Recipe) -> Trainer:
    one = trainer(recipe, "whole")
    one.train()
    return one


def in_a_validation(trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stop while the second validation encodes; each does so twice, pictures as they are and photos of them."""
    counted = itertools.count(1)
    original = Trainer.encode

    def stopping(self: Trainer, network: torch.nn.Module, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        if next(counted) == 3:
            raise KeyboardInterrupt
        return original(self, network, pixels)

    monkeypatch.setattr(Trainer, "encode", stopping)
    return {}


def in_the_last_validation(trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stop before anything was validated for the last time."""
    counted = itertools.count(1)
    original = Trainer.validate

    def stopping(self: Trainer) -> dict[str, float]:
        if next(counted) == 3:
            raise KeyboardInterrupt
        return original(self)

    monkeypatch.setattr(Trainer, "validate", stopping)
    return {}


def between_steps(trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stop from where progress is told, first of a loss."""

    def watch(run: Run) -> None:
        if run.step >= 4:
            raise KeyboardInterrupt

    return {"watch": watch}


def after_a_validation(trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stop from where a validation is told."""

    def watch(run: Run) -> None:
        if run.latest.get("epoch") == 2:
            raise KeyboardInterrupt

    return {"watch": watch}


def by_a_person_in_a_step(trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stop when a step's weights have moved, but it is not counted."""
    fail_at(monkeypatch, 5, KeyboardInterrupt())
    return {}


def by_a_kill_in_a_step(trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    saved_after_each_step(monkeypatch)
    fail_at(monkeypatch, 5, Killed())
    return {}


def by_a_kill_long_after_a_checkpoint(trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Losses of steps that will be repeated were written already."""
    fail_at(monkeypatch, 6, Killed())
    return {}


def before_any_checkpoint(trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    fail_at(monkeypatch, 2, Killed())
    return {}


STOPS: list[Callable[[MakeTrainer, pytest.MonkeyPatch], dict[str, Any]]] = [
    in_a_validation,
    in_the_last_validation,
    between_steps,
    after_a_validation,
    by_a_person_in_a_step,
    by_a_kill_in_a_step,
    by_a_kill_long_after_a_checkpoint,
    before_any_checkpoint,
]


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.__name__)
def test_a_stopped_run_goes_on_as_if_it_had_not_been(
    everything: Recipe,
    trainer: MakeTrainer,
    monkeypatch: pytest.MonkeyPatch,
    stop: Callable[[MakeTrainer, pytest.MonkeyPatch], dict[str, Any]],
) -> None:
    whole = uninterrupted(trainer, everything)
    assert whole.run.step == 9
    assert whole.targets.words
    with monkeypatch.context() as patch:
        first = trainer(everything, **stop(trainer, patch))
        with pytest.raises((KeyboardInterrupt, Killed)):
            first.train()
    torch.manual_seed(99)
    second = trainer(everything)
    assert second.restore() == (stop is not before_any_checkpoint)
    run = second.train()
    assert equal(second.network.state_dict(), whole.network.state_dict())
    assert equal(second.losses.state_dict(), whole.losses.state_dict())
    assert second.averaged is not None
    assert whole.averaged is not None
    assert equal(second.averaged.state_dict(), whole.averaged.state_dict())
    assert equal(second.best_state, whole.best_state)
    assert told("mine") == told("whole")
    assert (run.step, run.seen, run.total) == (whole.run.step, whole.run.seen, whole.run.total)
    assert {key: run.best[key] for key in run.best.keys() - CLOCK} == {
        key: whole.run.best[key] for key in whole.run.best.keys() - CLOCK
    }


def test_a_run_that_was_stopped_again_and_again(
    everything: Recipe, trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = uninterrupted(trainer, everything)
    saved_after_each_step(monkeypatch)
    for _ in range(9):
        with monkeypatch.context() as patch:
            fail_at(patch, 2, Killed())
            one = trainer(everything)
            one.restore()
            if one.run.step < 8:
                with pytest.raises(Killed):
                    one.train()
    one = trainer(everything)
    assert one.restore()
    assert one.run.step == 8
    one.train()
    assert equal(one.best_state, whole.best_state)
    assert equal(one.network.state_dict(), whole.network.state_dict())
    assert told("mine") == told("whole")


def test_time_adds_up_over_processes(tiny: Recipe, trainer: MakeTrainer) -> None:
    one = trainer(tiny)
    one.train()
    again = trainer(tiny)
    assert again.restore()
    assert again.run.seconds == pytest.approx(one.run.seconds, abs=0.5)
    assert again.run.seconds > 0


def test_a_finished_run_has_nothing_left_to_do(tiny: Recipe, trainer: MakeTrainer) -> None:
    one = trainer(tiny)
    one.train()
    again = trainer(tiny)
    again.restore()
    assert again.train().step == one.run.step
    assert equal(again.best_state, one.best_state)


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"seed": 1}, "seed"),
        ({"limit": 5}, "limit"),
        ({"precision": "half"}, "precision"),
        ({"data": {"fingerprint": "other"}}, "catalog"),
    ],
)
def test_a_run_goes_on_only_as_what_it_was_begun(
    tiny: Recipe, trainer: MakeTrainer, changed: dict[str, Any], word: str
) -> None:
    run = trainer(tiny).run
    refuse_other_run(run, replace(run, step=7, threads=9, device="mps", versions={}, started="later"))
    with pytest.raises(TrainingError, match=rf"was begun with another {word}, so it cannot go on.*--restart.*--name"):
        refuse_other_run(run, replace(run, **changed))


def test_a_checkpoint_of_a_recipe_that_this_version_does_not_know(tiny: Recipe, trainer: MakeTrainer) -> None:
    one = trainer(tiny)
    one.save()
    tensors, plain = checkpoint.read(one.folder) or ({}, {})
    plain["run"]["recipe"]["network"]["taste"] = 1
    checkpoint.write(one.folder, tensors, plain)
    with pytest.raises(TrainingError, match=r"does not fit this recipe.*--restart.*--name"):
        trainer(tiny).restore()


def test_all_that_differs_is_named(tiny: Recipe, trainer: MakeTrainer) -> None:
    run = trainer(tiny).run
    other = replace(run, seed=4, recipe=tiny.with_settings({"optimisation.epochs": "9"}))
    with pytest.raises(TrainingError, match="another recipe and another seed"):
        refuse_other_run(run, other)


# -- early stopping -----------------------------------------------------------------------------------------


def test_it_stops_when_validations_do_not_become_better(
    tiny: Recipe, trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = [0.1, 0.3, 0.2, 0.3, 0.29, 0.9]
    counted = itertools.count()
    original = Trainer.validate

    def scripted(self: Trainer) -> dict[str, float]:
        place = next(counted)
        precision = dataclasses.replace(MEASURES["hit"], of=lambda *_: np.array([figures[place]]))
        monkeypatch.setitem(MEASURES, "precision", precision)
        return original(self)

    monkeypatch.setattr(Trainer, "validate", scripted)
    one = trainer(tiny.with_settings({"optimisation.epochs": "9", "optimisation.patience": "3"}))
    run = one.train()
    assert [row["precision"] for row in validations_of("mine")] == figures[:5]
    assert run.best["epoch"] == 2
    assert run.latest["epoch"] == 5
    assert run.notes[-1] == "Stopped after epoch 5: 3 validations were not better."
    again = trainer(tiny.with_settings({"optimisation.epochs": "9", "optimisation.patience": "3"}))
    again.restore()
    assert again.train().step == run.step


def test_without_patience_it_goes_to_the_end(tiny: Recipe, trainer: MakeTrainer) -> None:
    recipe = tiny.with_settings({"optimisation.rate": "1e-12", "optimisation.epochs": "4"})
    assert trainer(recipe).train().latest["epoch"] == 4


def test_validations_may_be_rarer_than_epochs(tiny: Recipe, trainer: MakeTrainer) -> None:
    trainer(tiny.with_settings({"optimisation.epochs": "5", "optimisation.validate_every": "2"})).train()
    assert [row["epoch"] for row in validations_of("mine")] == [2, 4, 5]


# -- a loss that is no number -------------------------------------------------------------------------------


def poison(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """From this step (from 1) on pixels are no numbers."""
    counted = itertools.count(1)
    original = loop.augmented

    def poisoned(pixels: Tensor, augmentation: Any, size: tuple[int, int], *rest: Any) -> Tensor:
        found = original(pixels, augmentation, size, *rest)
        return found * math.nan if next(counted) >= step else found

    monkeypatch.setattr(loop, "augmented", poisoned)


def test_a_loss_that_is_no_number_stops_and_leaves_the_last_state(
    everything: Recipe, trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = uninterrupted(trainer, everything)
    one = trainer(everything)
    with monkeypatch.context() as patch:
        poison(patch, 5)
        with pytest.raises(
            TrainingError,
            match=r"not a number at step 5 \(epoch 2, learning rate .*\)\. The state of step 3 is kept\. .*"
            r"lower optimisation\.rate, and start the run again with --restart",
        ):
            one.train()
    found = checkpoint.read(one.folder)
    assert found is not None
    assert found[1]["run"]["step"] == 3
    assert all(value.isfinite().all() for value in found[0].values() if value.is_floating_point())
    again = trainer(everything)
    again.restore()
    again.train()
    assert equal(again.best_state, whole.best_state)


def test_a_loss_that_is_no_number_at_once(tiny: Recipe, trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch) -> None:
    poison(monkeypatch, 1)
    with pytest.raises(TrainingError, match=r"at step 1 \(epoch 1, .*No state was kept yet"):
        trainer(tiny).train()


def test_half_precision_is_named_as_a_reason(
    tiny: Recipe, trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison(monkeypatch, 1)
    one = trainer(tiny)
    one.run = replace(one.run, precision="half")
    with pytest.raises(TrainingError, match=r"lower optimisation\.rate, or use --precision full"):
        one.train()


def test_a_gradient_that_is_no_number_moves_nothing(
    tiny: Recipe, trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", lambda *_: torch.tensor(math.inf))
    one = trainer(tiny)
    before = {name: value.clone() for name, value in one.network.named_parameters()}
    with pytest.raises(TrainingError, match="The loss or its gradient is not a number at step 1"):
        one.train()
    assert equal(dict(one.network.named_parameters()), before)


# -- out of memory ------------------------------------------------------------------------------------------

MEMORY = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    RuntimeError("[enforce fail at alloc_cpu.cpp:119] DefaultCPUAllocator: can't allocate memory: you tried"),
    RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes."),
    RuntimeError("MPS backend out of memory"),
    MemoryError(),
]


@pytest.mark.parametrize("error", MEMORY, ids=lambda error: type(error).__name__)
def test_out_of_memory_halves_the_batch(
    tiny: Recipe, trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch, data: Data, error: Exception
) -> None:
    fail_at(monkeypatch, 2, error)
    one = trainer(tiny)
    run = one.train()
    assert one.batch == 8
    assert run.notes[-1] == "Memory ran out at step 2: the batch is 8 from here, not 16."
    first = 1 + (data.n_training - 16) // 8
    assert run.step == first + data.n_training // 8
    assert read_run(one.folder).notes == run.notes


def test_the_smaller_batch_outlives_a_stop(tiny: Recipe, trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        fail_at(patch, 1, MemoryError())
        trainer(tiny).train()
    again = trainer(tiny)
    again.restore()
    assert again.batch == 8
    assert any("Memory ran out" in note for note in again.run.notes)


def test_a_batch_keeps_companions_together_when_it_is_halved(
    tiny: Recipe, trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_at(monkeypatch, 1, MemoryError())
    one = trainer(tiny.with_settings({"optimisation.batch": "20", "optimisation.together": "4"}))
    one.train()
    assert one.batch == 8


def test_memory_for_not_even_the_least_batch(
    tiny: Recipe, trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        fail_at(patch, 5, MemoryError(), times=99)
        with pytest.raises(TrainingError, match=r"does not suffice for 8 pictures of 16 × 16 pixels.*smaller backbone"):
            trainer(tiny).train()
    again = trainer(tiny)
    assert again.restore()
    assert again.run.step == 3  # of the first epoch
    again.train()


def test_another_error_is_not_taken_for_memory(
    tiny: Recipe, trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_at(monkeypatch, 1, RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        trainer(tiny).train()


# -- a frozen backbone --------------------------------------------------------------------------------------


def test_a_frozen_backbone_stays_as_it_is_bit_for_bit(
    tiny: Recipe,
    trainer: MakeTrainer,
    random_weights: Path,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(random_weights))
    recipe = tiny.with_settings(
        {
            "network": '{backbone = "resnet18", pretrained = true, frozen = true, height = 32, width = 32, '
            "dimensions = 8}",
            "optimisation.epochs": "1",
            "optimisation.decay": "0.1",
            "optimisation.average": "0.5",
        }
    )
    architecture = recipe.network.architecture
    data = read_data(open_source(store.manifest.source_path), store.catalog, architecture, share=0.3, limit=32)
    one = trainer(recipe, data=data)
    before = {name: value.clone() for name, value in one.network.trunk.state_dict().items()}
    published = torch.load(random_weights / "resnet18.pth", weights_only=True)
    assert torch.equal(before["0.weight"], published["conv1.weight"].float())
    dense = one.network.projection.state_dict()["0.weight"].clone()
    one.train()
    assert equal(one.network.trunk.state_dict(), before)
    of_state = {
        name.removeprefix("trunk."): value for name, value in one.best_state.items() if name.startswith("trunk.")
    }
    assert equal(of_state, before)
    assert not torch.equal(one.network.projection.state_dict()["0.weight"], dense)


# -- learning rates -----------------------------------------------------------------------------------------


def test_the_rate_of_the_losses_is_that_of_the_steps(tiny: Recipe, trainer: MakeTrainer) -> None:
    one = trainer(tiny.with_settings({"optimisation.schedule": "steps", "optimisation.milestones": "[1]"}))
    one.train()
    assert [row["learning_rate"] for row in losses_of("mine")] == pytest.approx([0.01, 0.001])
    assert one.optimiser.param_groups[0]["lr"] == pytest.approx(0.001)
