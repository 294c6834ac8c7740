"""What a run learns from its teachers."""

import shutil
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from fashion_search.encoders import mark, trained
from fashion_search.encoders.trained import methods_folder, read_account, seen_by
from fashion_search.errors import RecipeError, TrainingError
from fashion_search.store import Store
from fashion_search.training.data import Data
from fashion_search.training.lineage import find_lineage
from fashion_search.training.losses import distillation_losses
from fashion_search.training.plan import Plan
from fashion_search.training.recipe import Distillation, Recipe
from fashion_search.training.record import losses_of, read_run, runs_folder, validations_of
from fashion_search.training.teaching import taught_vectors
from fashion_search.training.train import Listener, train
from tests.training.conftest import MakeTrainer


@pytest.fixture
def teachers(plan: Plan) -> list[Plan]:
    """Two finished runs."""
    made = [replace(plan, name=name, seed=seed) for seed, name in enumerate(("one", "two"))]
    for each in made:
        train(each)
    return made


@pytest.fixture
def taught(plan: Plan, tiny: Recipe, teachers: list[Plan]) -> Plan:
    """A run that starts from the first and learns from both."""
    settings = {"network.start": "one", "distillation": '{ teachers = ["one", "two"], contrast = 0.5 }'}
    settings |= {"augmentation.photo": "0.5"}
    return replace(plan, name="taught", recipe=tiny.with_settings(settings))


def vectors_of(plan: Plan, data: Data) -> np.ndarray:
    """Of each picture and its mirror image, the mean."""
    encoder = trained.load(methods_folder() / f"{plan.name}.safetensors")
    pixels = np.array(data.pixels)
    both = encoder.embed(pixels) + encoder.embed(np.ascontiguousarray(pixels[:, :, ::-1]))
    return both / np.linalg.norm(both, axis=1, keepdims=True)


def test_one_teachers_products_are_kept_exactly(taught: Plan, store: Store, data: Data, teachers: list[Plan]) -> None:
    [one, _] = find_lineage(taught.recipe, store.catalog).teachers
    expected = vectors_of(teachers[0], data)
    found = taught_vectors([one], np.asarray(data.pixels), 8).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-5)
    wider = taught_vectors([one], np.asarray(data.pixels), 11).numpy()
    np.testing.assert_allclose(wider @ wider.T, expected @ expected.T, atol=1e-4)


def test_of_several_the_mean_of_their_products(taught: Plan, store: Store, data: Data, teachers: list[Plan]) -> None:
    both = find_lineage(taught.recipe, store.catalog).teachers
    mean = sum(vectors @ vectors.T for vectors in (vectors_of(plan, data) for plan in teachers)) / 2
    exact = taught_vectors(both, np.asarray(data.pixels), 16).numpy()
    np.testing.assert_allclose(exact @ exact.T, mean, atol=1e-4)
    nearly = taught_vectors(both, np.asarray(data.pixels), 8).numpy()
    np.testing.assert_allclose(np.linalg.norm(nearly, axis=1), 1, atol=1e-5)
    assert np.corrcoef((nearly @ nearly.T).ravel(), mean.ravel())[0, 1] > 0.95


def test_they_are_turned_towards_what_the_network_has(
    taught: Plan, store: Store, data: Data, teachers: list[Plan]
) -> None:
    [_, two] = find_lineage(taught.recipe, store.catalog).teachers
    own = vectors_of(teachers[0], data)
    free = taught_vectors([two], np.asarray(data.pixels), 8).numpy()
    turned = taught_vectors([two], np.asarray(data.pixels), 8, own).numpy()
    np.testing.assert_allclose(turned @ turned.T, free @ free.T, atol=1e-4)
    assert (turned * own).sum(1).mean() > (free * own).sum(1).mean()


def test_the_losses_are_what_they_say() -> None:
    embeddings = torch.tensor([[3.0, 0], [0, 2], [1, 1]])
    taught = torch.tensor([[1.0, 0], [0, -1], [0, 1]])
    found = distillation_losses(Distillation(("x",), weight=2.0, contrast=0.5, temperature=0.1), embeddings, taught)
    unit = embeddings / embeddings.norm(dim=1, keepdim=True)
    assert found["distillation"].item() == pytest.approx(2 * (0 + 2 + 1 - 2**-0.5) / 3)
    shares = (unit @ taught.T / 0.1).softmax(1)
    assert found["contrast"].item() == pytest.approx(-0.5 * shares.diag().log().mean().item(), rel=1e-5)
    assert set(distillation_losses(Distillation(("x",)), embeddings, taught)) == {"distillation"}


def test_a_run_learns_what_its_teachers_say(taught: Plan, teachers: list[Plan]) -> None:
    longer = replace(taught, recipe=taught.recipe.with_settings({"optimisation.epochs": "40"}))
    encoded: list[tuple[int, int]] = []
    run = train(longer, Listener(teaching=lambda done, total: encoded.append((done, total))))
    both = 2 * run.data["training"]
    assert encoded == [(both // 2, both), (both, both)]
    rows = losses_of("taught")
    assert rows[-1]["distillation"] < 0.8 * rows[0]["distillation"]
    assert "contrast" in rows[0]
    assert {"precision", "photos"} <= validations_of("taught")[-1].keys()
    assert [one["method"] for one in run.teachers] == ["one", "two"]
    account = read_account(methods_folder() / "taught.safetensors")
    assert [one["weights"] for one in account.training["teachers"]] == [
        trained.fingerprint_of(methods_folder() / f"{plan.name}.safetensors").weights for plan in teachers
    ]
    assert read_run(runs_folder() / "taught").teachers == run.teachers


def test_it_has_seen_what_its_teachers_saw(taught: Plan) -> None:
    path = methods_folder() / "two.safetensors"
    account = read_account(path)
    state = trained.read_state(path, trained.fingerprint_of(path).weights)
    trained.write(path, account, state, [*seen_by(path).tolist(), mark("of another catalog")])
    train(taught)
    assert mark("of another catalog") in seen_by(methods_folder() / "taught.safetensors")


def test_a_teacher_that_saw_evaluated_pictures_is_refused(taught: Plan, store: Store) -> None:
    path = methods_folder() / "two.safetensors"
    account = read_account(path)
    state = trained.read_state(path, trained.fingerprint_of(path).weights)
    trained.write(path, account, state, [mark(item.digest) for item in store.catalog.items[:2]])
    with pytest.raises(TrainingError, match=r"is taught by 'two', which was trained on 2 of the pictures"):
        train(taught)


def test_a_teacher_that_is_not_there_is_named(plan: Plan, tiny: Recipe) -> None:
    recipe = tiny.with_settings({"distillation": '{ teachers = ["gone"] }'})
    with pytest.raises(TrainingError, match=r"is taught by the method 'gone': No method of that name"):
        train(replace(plan, recipe=recipe))


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ("{ teachers = [] }", r"distillation\.teachers needs at least one method"),
        ('{ teachers = ["one"], weight = 0.0 }', r"distillation\.weight must be above 0"),
        ('{ teachers = ["one"], contrast = -1.0 }', r"distillation\.contrast must be at least 0, not -1"),
        ('{ teachers = ["one"], temperature = 0.0 }', r"distillation\.temperature must be above 0"),
    ],
)
def test_what_cannot_be_taught(tiny: Recipe, settings: str, reason: str) -> None:
    with pytest.raises(RecipeError, match=reason):
        tiny.with_settings({"distillation": settings})


def test_a_run_is_not_gone_on_with_under_another_teacher(taught: Plan, teachers: list[Plan]) -> None:
    from tests.training.test_loop import fail_at

    with pytest.MonkeyPatch.context() as patch:
        fail_at(patch, 5, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            train(taught)
    train(replace(teachers[1], seed=7, restart=True))
    with pytest.raises(TrainingError, match="begun with another teacher"):
        train(taught)


def test_a_teacher_that_was_replaced_is_refused(taught: Plan, store: Store, data: Data, teachers: list[Plan]) -> None:
    [one, two] = find_lineage(taught.recipe, store.catalog).teachers
    shutil.copyfile(two.path, one.path)
    with pytest.raises(TrainingError, match=r"one\.safetensors was replaced"):
        taught_vectors([one], np.asarray(data.pixels), 8)


def test_a_stopped_run_goes_on_as_if_it_had_not_been(taught: Plan) -> None:
    from tests.training.test_loop import fail_at

    def made() -> dict[str, Any]:
        path = methods_folder() / "taught.safetensors"
        return trained.read_state(path, trained.fingerprint_of(path).weights)

    train(taught)
    whole = made()
    with pytest.MonkeyPatch.context() as patch:
        fail_at(patch, 5, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            train(replace(taught, restart=True))
    train(taught)
    gone_on = made()
    assert whole.keys() == gone_on.keys()
    assert all(torch.equal(value, gone_on[name]) for name, value in whole.items())


def test_teaching_alone_is_enough(plan: Plan, teachers: list[Plan], trainer: MakeTrainer, store: Store) -> None:
    settings = {"classification": "none", "distillation": '{ teachers = ["one"] }'}
    recipe = plan.recipe.with_settings(settings)
    run = train(replace(plan, name="alone", recipe=recipe))
    assert run.state == "done"
    heads = trained.heads_of(methods_folder() / "alone.safetensors")  # its vectors tell labels all the same
    assert list(heads) == list(store.catalog.columns)
