"""Runs that start from an encoder which was trained before."""

import json
from dataclasses import replace

import numpy as np
import pytest

from fashion_search.encoders import mark, trained
from fashion_search.encoders.trained import methods_folder, read_account, seen_by
from fashion_search.errors import RecipeError, TrainingError
from fashion_search.store import Store
from fashion_search.training.data import Data
from fashion_search.training.lineage import find_lineage, notes_on
from fashion_search.training.plan import Plan
from fashion_search.training.recipe import Recipe, open_recipe
from fashion_search.training.record import RUN, runs_folder
from fashion_search.training.train import Listener, train
from tests.training.conftest import MakeTrainer
from tests.training.test_loop import fail_at


@pytest.fixture
def base(plan: Plan) -> Plan:
    """A finished run."""
    made = replace(plan, name="base")
    train(made)
    return made


@pytest.fixture
def tuned(plan: Plan, tiny: Recipe, base: Plan) -> Plan:
    """A run that starts from it."""
    return replace(plan, recipe=tiny.with_settings({"network.start": "base"}), name="tuned")


def test_it_starts_as_the_encoder_is(tuned: Plan, store: Store, data: Data, trainer: MakeTrainer) -> None:
    lineage = find_lineage(tuned.recipe, store.catalog)
    assert lineage.start is not None
    begun = trainer(tuned.recipe, lineage=lineage)
    encoder = trained.load(lineage.start.path)
    found = begun.encode(begun.network, data.pixels)
    np.testing.assert_allclose(found, encoder.embed(np.array(data.pixels)), atol=2e-3)
    random = trainer(tuned.recipe)
    assert np.abs(found - random.encode(random.network, data.pixels)).max() > 0.1


def test_what_it_started_from_is_written_beside_its_weights(tuned: Plan, base: Plan) -> None:
    path = methods_folder() / "base.safetensors"
    run = train(tuned)
    account = read_account(methods_folder() / "tuned.safetensors")
    for start in (
        run.start,
        account.training["start"],
        json.loads((runs_folder() / "tuned" / RUN).read_text())["start"],
    ):
        assert start["method"] == "base"
        assert start["weights"] == trained.fingerprint_of(path).weights
        assert Recipe.from_json(start["training"]["recipe"]) == base.recipe
    assert [one["recipe"]["network"]["start"] for one in account.trainings] == ["", "base"]


def test_it_has_seen_what_its_start_saw(tuned: Plan) -> None:
    base = methods_folder() / "base.safetensors"
    more = [*seen_by(base).tolist(), mark("of another catalog")]
    account = replace(read_account(base), attributes={})
    trained.write(base, account, trained.read_state(base, trained.fingerprint_of(base).weights), more)
    train(tuned)
    assert mark("of another catalog") in seen_by(methods_folder() / "tuned.safetensors")


def test_a_start_that_saw_evaluated_pictures_is_refused(tuned: Plan, store: Store) -> None:
    base = methods_folder() / "base.safetensors"
    state = trained.read_state(base, trained.fingerprint_of(base).weights)
    account = replace(read_account(base), attributes={})
    trained.write(base, account, state, [mark(item.digest) for item in store.catalog.items[:2]])
    read: list[int] = []
    listener = Listener(reading=lambda done, total: read.append(done))
    with pytest.raises(TrainingError, match="trained on 2 of the pictures that this catalog is evaluated on"):
        train(tuned, listener)
    assert read == []  # before anything takes long
    assert not (runs_folder() / "tuned" / RUN).exists()


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"network.start": "gone"}, "No method of that name was trained by this program; there are .*base"),
        ({"network.start": "resnet18"}, "No method of that name was trained by this program"),
        ({"network.dimensions": "6"}, "has dimensions = 8; the recipe's has 6"),
        ({"network.widths": "[4, 8, 8]"}, r"has widths = \(4, 8\); the recipe's has \(4, 8, 8\)"),
    ],
)
def test_a_start_that_does_not_fit_is_refused(tuned: Plan, settings: dict[str, str], reason: str) -> None:
    with pytest.raises(TrainingError, match=reason):
        train(replace(tuned, recipe=tuned.recipe.with_settings(settings)))


def test_the_recipe_tune_fits_the_encoder_that_comes_with_the_program(store: Store) -> None:
    start = find_lineage(open_recipe("tune"), store.catalog).start
    assert start is not None
    assert start.account.name == "fashion"


def test_another_input_than_the_starts_is_no_matter(tuned: Plan) -> None:
    larger = tuned.recipe.with_settings({"network.height": "24", "network.mirror": "true"})
    assert train(replace(tuned, recipe=larger)).state == "done"


def test_a_damaged_start_is_refused(tuned: Plan) -> None:
    path = methods_folder() / "base.safetensors"
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(TrainingError, match=r"'base': .*is damaged"):
        train(tuned)


def test_a_run_does_not_go_on_from_another_start(tuned: Plan, base: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        fail_at(patch, 5, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            train(tuned)
    train(replace(base, seed=1, restart=True))
    with pytest.raises(TrainingError, match="begun with another encoder to start from"):
        train(tuned)


def test_validation_pictures_that_the_start_saw_are_said(tuned: Plan, store: Store, data: Data) -> None:
    lineage = find_lineage(tuned.recipe, store.catalog)
    [note] = notes_on(lineage, data.division, store.catalog)  # drawn with another share than the start's
    n = len(data.division.validation)
    assert f"saw {n} of its {n} validation pictures before" in note


def test_nothing_is_said_where_the_start_was_validated_on_the_same_pictures(tuned: Plan) -> None:
    larger = tuned.recipe.with_settings({"network.height": "24"})
    assert not any("validation pictures before" in note for note in train(replace(tuned, recipe=larger)).notes)
    drawn = replace(tuned, name="other", seed=1)
    assert any("validation pictures before" in note for note in train(drawn).notes)


def test_there_is_one_start(tiny: Recipe) -> None:
    settings = {"network.backbone": "resnet18", "network.widths": "[]", "network.pretrained": "true"}
    with pytest.raises(RecipeError, match=r"from ImageNet weights .* or from a method's"):
        tiny.with_settings(settings | {"network.start": "base"})
