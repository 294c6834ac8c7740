import csv
import json
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock
from PIL import Image

from fashion_search import files
from fashion_search.catalog.source import Options
from fashion_search.encoders import all_methods, encoder_spec
from fashion_search.encoders.convolutional import ConvolutionalEncoder
from fashion_search.encoders.trained import heads_of, mark, methods_folder, read_account, seen_by
from fashion_search.errors import FashionSearchError, SourceError, TrainingError
from fashion_search.store import Store, open_store
from fashion_search.training import loop
from fashion_search.training import train as training
from fashion_search.training.loop import Trainer
from fashion_search.training.plan import Plan, run_name
from fashion_search.training.recipe import Recipe, open_recipe
from fashion_search.training.record import LOCK, RUN, read_run, runs_folder, validations_of
from fashion_search.training.train import Listener, read_plan_data, train
from tests import samples
from tests.builds import build
from tests.samples import TRAINING_GROUPS, encoded, lines, table, training_files, write_folder
from tests.training.test_loop import Killed, fail_at


def folder_of(plan: Plan) -> Path:
    return runs_folder() / plan.name


def content(folder: Path) -> dict[str, bytes]:
    """All that a run keeps, by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != LOCK}


def method_file(plan: Plan) -> Path:
    return methods_folder() / f"{plan.name}.safetensors"


def refused(plan: Plan, reason: str) -> None:
    """The run cannot start or go on, and nothing that was there is lost."""
    folder = folder_of(plan)
    before = content(folder) if folder.is_dir() else {}
    with pytest.raises(FashionSearchError, match=reason):
        train(plan)
    if before:
        assert content(folder) == before


@pytest.fixture
def stopped(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """A run that was stopped after its first epoch."""
    with monkeypatch.context() as patch:
        fail_at(patch, 5, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            train(plan)
    assert read_run(folder_of(plan)).state == "stopped"
    return plan


# -- a run from its start to a method -----------------------------------------------------------------------


def test_a_run_becomes_a_method_with_a_library_and_figures(plan: Plan, store: Store) -> None:
    reading: list[tuple[int, int]] = []
    building: list[int] = []
    states: list[str] = []
    listener = Listener(
        reading=lambda done, total: reading.append((done, total)),
        training=lambda run: states.append(run.state),
        building=lambda progress: building.append(progress.done),
    )
    run = train(replace(plan, final=True), listener)
    assert run.state == "done"
    assert read_run(folder_of(plan)) == run
    assert "mine" in all_methods()
    library = open_store("shop").library("mine")
    assert library.vectors.shape == (15, 8)
    assert run.final["queries"] == 15
    assert 0 < run.final["precision"] < 1
    assert run.final["protocol"] == "leave-one-out"
    assert reading[-1] == (68, 68)
    assert set(states) == {"running"}
    assert building[-1] == 15
    assert len(validations_of("mine")) == 2


@pytest.mark.parametrize("backbone", ["se-resnet50", "se-resnext50"])
def test_a_backbone_of_timms_is_trained_saved_and_loaded_again(
    plan: Plan, backbone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import timm

    made = timm.create_model  # with few channels, so that it takes a moment
    monkeypatch.setattr(timm, "create_model", lambda name, **more: made(name, **more, channels=(32, 32, 32, 32)))
    recipe = open_recipe("oc-is").with_settings(
        {
            "network": f'{{backbone = "{backbone}", height = 32, width = 32}}',
            "optimisation.epochs": "1",
            "optimisation.batch": "16",
        }
    )
    run = train(replace(plan, recipe=recipe, final=True))
    assert run.final["queries"] == 15
    assert read_account(method_file(plan)).architecture.backbone == backbone
    assert open_store("shop").library("mine").vectors.shape == (15, 128)


def test_without_a_final_look_the_evaluated_groups_are_not_encoded(plan: Plan) -> None:
    assert train(plan).final == {}
    assert "mine" in all_methods()
    assert list(open_store("shop").methods) == ["histogram"]


def test_what_a_run_used_is_written_beside_its_weights(plan: Plan, store: Store) -> None:
    run = train(replace(plan, seed=3, limit=40))
    account = read_account(method_file(plan))
    for about in (account.training, json.loads((folder_of(plan) / RUN).read_text())):
        assert Recipe.from_json(about["recipe"]) == plan.recipe
        assert (about["seed"], about["limit"], about["precision"]) == (3, 40, "full")
        assert about["data"] == run.data
        assert about["best"] == run.best
        assert {"torch", "numpy", "python", "fashion_search"} <= about["versions"].keys()
    assert run.data["training"] == 40
    assert run.data["evaluated"] == {"groups": 3, "pictures": 15}
    assert run.data["left_out"]["beyond the limit"] > 0
    assert len(run.data["fingerprint"]) == 64
    assert (account.name, account.dimensions) == ("mine", 8)
    assert "40 pictures of “shop”" in account.summary


def test_an_encoder_has_seen_what_it_was_trained_and_chosen_on_and_nothing_evaluated(plan: Plan, store: Store) -> None:
    division = read_plan_data(plan, store).division
    train(replace(plan, final=True))
    seen = seen_by(method_file(plan))
    assert seen.tolist() == sorted({mark(picture.digest) for picture in division.pictures})
    assert len(seen) == len(division.training) + len(division.validation) == 68
    assert not set(seen.tolist()) & {mark(item.digest) for item in store.catalog.items}


def test_training_never_opens_an_evaluated_picture_but_to_compare_namesakes(
    plan: Plan, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fashion_search.catalog.tree import FolderTree, identify

    opened: set[str] = set()
    original = FolderTree.read

    def reading(self: FolderTree, name: str) -> bytes:
        opened.add(name)
        return original(self, name)

    monkeypatch.setattr(FolderTree, "read", reading)
    monkeypatch.setattr(FolderTree, "identity", lambda self, name: identify(original(self, name)))  # that is compared
    train(plan)
    assert len(opened) == 69  # the table, and those that are trained on
    assert not opened & {item.image for item in store.catalog.items}


def test_the_same_plan_gives_the_same_file(plan: Plan) -> None:
    train(plan)
    first = seen_by(method_file(plan)), encoder_spec("mine").load().encode([samples.noise(1)])
    train(replace(plan, restart=True))
    again = seen_by(method_file(plan)), encoder_spec("mine").load().encode([samples.noise(1)])
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])


def test_the_encoder_computes_what_was_validated(plan: Plan, store: Store) -> None:
    """The vectors of its file are those of the network in memory, up to the rounding of half precision."""
    data = read_plan_data(plan, store)
    run = training.begin(plan, store, data.division)
    folder_of(plan).mkdir(parents=True)
    trainer = Trainer(run, data, folder_of(plan))
    trainer.train()
    trainer.network.load_state_dict(trainer.best_state)
    training.register(trainer)
    in_memory = trainer.encode(trainer.network, np.asarray(data.pixels[:10]))
    np.testing.assert_allclose(encoder_spec("mine").load().embed(np.asarray(data.pixels[:10])), in_memory, atol=5e-3)


def test_its_heads_tell_the_labels_of_its_training_pictures(plan: Plan, store: Store) -> None:
    """Values count alike, so that always telling the commonest is right for one value of all, as chance is."""
    train(replace(plan, recipe=plan.recipe.with_settings({"optimisation.epochs": "6"})))
    data = read_plan_data(plan, store)
    pictures = data.division.training
    vectors = encoder_spec("mine").load().embed(np.asarray(data.pixels[: len(pictures)]))
    heads = heads_of(method_file(plan))
    assert list(heads) == list(data.columns)
    for place, column in enumerate(data.columns):
        head = heads[column]
        labels = np.array([picture.row.labels[place] for picture in pictures])
        assert head.values == tuple(sorted(set(labels.tolist())))
        told = np.array(head.values)[(vectors @ head.weight.T + head.bias).argmax(axis=1)]
        shares = [(told[labels == value] == value).mean() for value in head.values]
        assert np.mean(shares) > 1 / len(head.values) + 0.2


@pytest.mark.parametrize("relaxation", ["true", "false"])
def test_it_classifies_as_it_was_trained_to(plan: Plan, store: Store, relaxation: str) -> None:
    settings = {
        "classification.relaxation": relaxation,
        "optimisation.epochs": "20",
        "optimisation.validate_every": "20",
    }
    recipe = plan.recipe.with_settings(settings)
    data = read_plan_data(plan, store)
    train(replace(plan, recipe=recipe))
    encoder = encoder_spec("mine").load()
    assert isinstance(encoder, ConvolutionalEncoder)
    images = [Image.fromarray(one) for one in data.pixels[: data.n_training]]
    found = encoder.classify(images)
    assert list(found) == ["article_type", "base_colour"]
    for column, classes in found.items():
        truth = [picture.row.attributes[column] for picture in data.division.training]
        named = [classes.values[place] for place in classes.probabilities.argmax(axis=1)]
        assert np.mean([one == other for one, other in zip(named, truth, strict=True)]) > 0.5, column


def test_a_method_trained_again_replaces_its_library(plan: Plan) -> None:
    train(replace(plan, final=True))
    before = np.array(open_store("shop").library("mine").vectors)
    train(replace(plan, final=True, restart=True, seed=5))
    store = open_store("shop")
    assert store.methods["mine"].digest == encoder_spec("mine").fingerprint().digest
    assert not np.allclose(store.library("mine").vectors, before)


# -- names --------------------------------------------------------------------------------------------------


def test_names(tiny: Recipe) -> None:
    assert run_name(None, tiny, "shop") == "tiny-shop"
    assert run_name("My Encoder 2", tiny, "shop") == "my-encoder-2"
    assert len(run_name("x" * 200, tiny, "shop")) <= 60


@pytest.mark.parametrize("name", ["histogram", "ResNet18", "fusion"])
def test_the_name_of_a_method_of_the_program(tiny: Recipe, name: str) -> None:
    with pytest.raises(TrainingError, match=rf"has a method '{name.lower()}' already\. Choose another name \(--name\)"):
        run_name(name, tiny, "shop")


@pytest.mark.parametrize("name", ["", "///", "..", "🙂"])
def test_a_name_of_nothing_usable(tiny: Recipe, name: str) -> None:
    with pytest.raises(TrainingError, match="needs a name with letters or digits"):
        run_name(name, tiny, "shop")


# -- stopping and going on ----------------------------------------------------------------------------------


def test_a_stopped_run_goes_on_with_the_same_command(stopped: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    run = read_run(folder_of(stopped))
    assert "The same command goes on" in run.message
    assert not method_file(stopped).exists()
    done = train(stopped)
    assert (done.state, done.message) == ("done", "")
    whole = train(replace(stopped, name="whole"))
    a, b = (encoder_spec(name).load().encode([samples.noise(1)]) for name in ("mine", "whole"))
    np.testing.assert_array_equal(a, b)
    assert done.step == whole.step
    assert done.started == run.started


def test_a_final_look_that_was_stopped_is_taken_by_the_same_command(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = replace(plan, final=True)

    def stop(*arguments: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(training, "look_once", stop)
        with pytest.raises(KeyboardInterrupt):
            train(plan)
    steps = read_run(folder_of(plan)).step
    best = json.dumps(read_account(method_file(plan)).training["best"])
    run = train(plan)
    assert run.step == steps
    assert run.final["queries"] == 15
    assert json.dumps(read_account(method_file(plan)).training["best"]) == best  # 1.0 is not 1 in a file


def test_a_failure_is_recorded(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_at(monkeypatch, 1, Killed())
    with pytest.raises(Killed):
        train(plan)
    run = read_run(folder_of(plan))
    assert (run.state, run.message) == ("failed", "Killed")


def test_a_loss_that_is_no_number_is_recorded_and_can_be_begun_again(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(loop, "normalised", lambda pixels: pixels * float("nan"))
        with pytest.raises(TrainingError, match="not a number at step 1"):
            train(plan)
    run = read_run(folder_of(plan))
    assert run.state == "failed"
    assert "not a number at step 1" in run.message
    assert train(replace(plan, restart=True)).state == "done"


def test_a_full_disk_is_named_and_nothing_is_lost(stopped: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    before = content(folder_of(stopped))

    def full(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "save", full)
        with pytest.raises(FashionSearchError, match=r"mine cannot be written: No space left.*start the same command"):
            train(stopped)
    after = content(folder_of(stopped))
    assert {name for name in before if name.startswith("checkpoint")} <= after.keys()
    assert train(stopped).state == "done"


# -- what cannot go on --------------------------------------------------------------------------------------


def test_a_run_that_is_done(plan: Plan) -> None:
    train(plan)
    weights = method_file(plan).read_bytes()
    refused(plan, r"The run “mine” is done; its method is 'mine'\. Train again with --restart, or .*--name")
    assert method_file(plan).read_bytes() == weights
    assert train(replace(plan, restart=True)).state == "done"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda plan: replace(plan, recipe=plan.recipe.with_settings({"optimisation.epochs": "9"})), "recipe"),
        (lambda plan: replace(plan, recipe=plan.recipe.with_settings({"network.widths": "[4, 16]"})), "recipe"),
        (lambda plan: replace(plan, seed=1), "seed"),
        (lambda plan: replace(plan, limit=20), "limit"),
        (lambda plan: replace(plan, precision="half"), "precision"),
    ],
    ids=["epochs", "network", "seed", "limit", "precision"],
)
def test_another_plan_under_the_name_of_a_stopped_run(stopped: Plan, change: Callable[[Plan], Plan], word: str) -> None:
    refused(change(stopped), rf"“mine” was begun with another .*{word}.*--restart.*--name")
    assert train(stopped).state == "done"


def test_a_catalog_that_changed_under_a_stopped_run(stopped: Plan, store: Store, training_shop: Path) -> None:
    taken = read_plan_data(stopped, store).division.training[0].row.image
    before = (training_shop / taken).read_bytes()
    (training_shop / taken).write_bytes(encoded(samples.noise(3)))
    refused(stopped, "“mine” was begun with another catalog, so it cannot go on with this")
    (training_shop / taken).write_bytes(before)
    assert train(stopped).state == "done"


def checkpoint_file(plan: Plan) -> Path:
    (found,) = folder_of(plan).glob("checkpoint-*.safetensors")
    return found


def test_a_truncated_checkpoint(stopped: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_verified", set())  # as in a new process
    path = checkpoint_file(stopped)
    path.write_bytes(path.read_bytes()[:-100])
    refused(stopped, r"The checkpoint is incomplete: .* Start the run again with --restart")
    assert train(replace(stopped, restart=True)).state == "done"


def test_a_checkpoint_with_a_flipped_bit(stopped: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_verified", set())
    path = checkpoint_file(stopped)
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 4
    path.write_bytes(damaged)
    refused(stopped, r"The checkpoint is incomplete: .*is damaged.* --restart")


def test_a_checkpoint_of_another_run(stopped: Plan) -> None:
    with pytest.MonkeyPatch.context() as patch:
        fail_at(patch, 5, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            train(replace(stopped, name="other", recipe=stopped.recipe.with_settings({"network.widths": "[8, 16]"})))
    theirs = runs_folder() / "other"
    for path in [*folder_of(stopped).glob("checkpoint*")]:
        path.unlink()
    for path in theirs.glob("checkpoint*"):
        shutil.copy(path, folder_of(stopped))
    refused(stopped, "was begun with another recipe")


def test_a_damaged_record(stopped: Plan) -> None:
    (folder_of(stopped) / RUN).write_bytes(b"{")
    refused(stopped, r"run\.json is damaged: .*--restart, or delete its folder")
    assert train(replace(stopped, restart=True)).state == "done"


def test_a_run_that_another_process_trains(stopped: Plan) -> None:
    with FileLock(folder_of(stopped) / LOCK):
        refused(stopped, "The run “mine” is being trained by another process")
        refused(replace(stopped, restart=True), "is being trained by another process")
    assert train(stopped).state == "done"


# -- what cannot be trained on ------------------------------------------------------------------------------


def built(folder: Path, groups: Mapping[tuple[str, str, str], int], options: Options | None = None) -> Path:
    write_folder(folder, training_files(groups))
    build(folder, methods=["histogram"], **({"options": options} if options else {}))
    return folder


def test_an_unknown_catalog(plan: Plan) -> None:
    refused(replace(plan, catalog="nosuch"), "There is no catalog 'nosuch'")
    assert not folder_of(plan).exists()


def test_an_evaluated_picture_that_changed_since_the_catalog_was_built(plan: Plan, training_shop: Path) -> None:
    (training_shop / "images/1.png").write_bytes(encoded(samples.noise(3)))
    refused(plan, r"is no longer what “shop” was built from\. .*python -m fashion_search build")
    build(training_shop)
    assert train(plan).state == "done"


def test_labels_that_changed_since_the_catalog_was_built(plan: Plan, training_shop: Path) -> None:
    rows = lines(TRAINING_GROUPS)
    rows[0][4] = "Ties"
    (training_shop / "styles.csv").write_bytes(table(rows))
    refused(plan, "is no longer what “shop” was built from")


def test_labels_that_would_bring_another_group_among_the_evaluated(
    plan: Plan, training_shop: Path, store: Store
) -> None:
    """A left-out group of three that has four now: the next build would evaluate what this run trains on."""
    rows = lines(TRAINING_GROUPS)
    kinds = [tuple(row[at] for at in (4, 5, 8)) for row in rows]
    sizes = Counter(kinds)
    three = next(kind for kind, size in sizes.items() if size == 3)
    single = next(at for at, kind in enumerate(kinds) if sizes[kind] == 1)
    for at, value in zip((4, 5, 8), three, strict=True):
        rows[single][at] = value
    (training_shop / "styles.csv").write_bytes(table(rows))
    refused(plan, "is no longer what “shop” was built from")
    build(training_shop)
    assert open_store("shop").manifest.n_groups == store.manifest.n_groups + 1
    assert train(plan).state == "done"


@pytest.mark.parametrize("how", ["source", "bounds"])
def test_groups_that_changed_while_a_run_trained_are_not_looked_at(
    how: str, plan: Plan, training_shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = training.register

    def changing(trainer: Trainer) -> Path:
        if how == "source":
            (training_shop / "images/1.png").write_bytes(encoded(samples.noise(3)))
        else:
            build(training_shop, options=Options(smallest=2, largest=20))
        return original(trainer)

    monkeypatch.setattr(training, "register", changing)
    reason = "is no longer what “shop” was built from" if how == "source" else "may have seen some of them.*is there"
    with pytest.raises(TrainingError, match=reason):
        train(replace(plan, final=True))
    run = read_run(folder_of(plan))
    assert (run.state, run.final) == ("failed", {})
    assert "mine" not in open_store("shop").methods
    assert open_store("shop").manifest.options.smallest == (None if how == "source" else 2)
    assert "mine" in all_methods()


@pytest.mark.parametrize("how", ["source", "nothing to learn"])
def test_a_run_that_cannot_be_begun_anew_stays_as_it_was(how: str, stopped: Plan, training_shop: Path) -> None:
    again = replace(stopped, restart=True)
    if how == "source":
        training_shop.rename(training_shop.with_name("moved"))
        refused(again, "There is no file or folder")
        training_shop.with_name("moved").rename(training_shop)
    else:
        recipe = stopped.recipe.with_settings({"classification.attributes": "{season = 1}"})
        refused(replace(again, recipe=recipe), "there is nothing to learn")
    assert train(stopped).state == "done"


def test_a_source_that_is_gone(plan: Plan, training_shop: Path) -> None:
    shutil.rmtree(training_shop)
    with pytest.raises(SourceError, match="There is no file or folder"):
        train(plan)


def test_a_catalog_that_evaluates_everything(plan: Plan, tmp_path: Path) -> None:
    built(tmp_path / "all", TRAINING_GROUPS, Options(smallest=2, largest=0))
    refused(replace(plan, catalog="all"), r"No style group can be held out for validation")
    groups = {group: size for group, size in TRAINING_GROUPS.items() if size > 1}
    built(tmp_path / "every", groups, Options(smallest=2, largest=0))
    refused(replace(plan, catalog="every"), r"All 82 pictures belong to style groups that are evaluated")


def test_no_validation_groups(plan: Plan, tmp_path: Path) -> None:
    built(tmp_path / "large", {("Shirts", "Red", "Casual"): 4, ("Caps", "Red", "Casual"): 30, ("Ties", "", ""): 1})
    refused(replace(plan, catalog="large"), "No style group can be held out for validation: of the 2 groups")


def test_pictures_that_are_all_equal(plan: Plan, training_shop: Path, store: Store) -> None:
    evaluated = {item.image for item in store.catalog.items}
    for number, path in enumerate(sorted((training_shop / "images").iterdir())):
        if f"images/{path.name}" not in evaluated:
            path.write_bytes(encoded(Image.new("RGB", (20 + number, 20), "teal")))
    refused(plan, r"training pictures are equal at 16 × 16 pixels; nothing can be learned")


def test_one_value_only_in_every_attribute(plan: Plan, tmp_path: Path) -> None:
    recipe = plan.recipe.with_settings({"classification.attributes": "{season = 1, year = 1}"})
    with pytest.raises(TrainingError, match="have the same season, year; there is nothing to learn"):
        train(replace(plan, recipe=recipe))
    assert not (folder_of(plan) / RUN).exists()  # it was refused before it began
    assert train(plan).state == "done"  # nothing of that stands in the way of another recipe


def test_a_class_with_one_picture(plan: Plan) -> None:
    recipe = plan.recipe.with_settings(
        {"similarity": '{loss = "triplet", same = "group"}', "optimisation.together": "2"}
    )
    run = train(replace(plan, recipe=recipe))
    assert run.state == "done"
    (note,) = run.notes
    assert "style groups have one picture; it is compared with itself, augmented again" in note
    assert note in read_account(method_file(plan)).training["notes"]


def test_unreadable_pictures_among_those_that_are_trained_on(plan: Plan, store: Store, training_shop: Path) -> None:
    division = read_plan_data(plan, store).division
    (training_shop / division.training[0].row.image).write_bytes(b"no picture")
    (training_shop / division.training[1].row.image).write_bytes(encoded(samples.noise(1))[:50])
    run = train(plan)
    assert run.data["left_out"] == {"image cannot be read": 2}
    assert run.data["training"] == len(division.training) - 2


def test_a_catalog_of_ones_own_without_the_recipes_columns(plan: Plan, tmp_path: Path) -> None:
    rows = []
    sizes = {"a": 4, "b": 30, "c": 3, "d": 3, "e": 2, "f": 5}
    for place, (group, size) in enumerate(sizes.items()):
        for number in range(size):
            name = f"{group}{number}.png"
            write_folder(tmp_path / "own", {name: encoded(samples.noise(100 * place + number))})
            rows.append([name, group])
    with (tmp_path / "own/items.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["image", "kind"], *rows])
    summary = build(tmp_path / "own/items.csv", methods=["histogram"], options=Options(smallest=4, largest=5))
    run = train(replace(plan, catalog=summary.name))
    assert run.state == "done"
    assert run.notes == ("The catalog has no article_type, base_colour; what is classified: kind.",)


def test_runs_on_the_same_pictures(plan: Plan, store: Store) -> None:
    data = read_plan_data(plan, store)
    before = np.array(data.pixels)
    one, other = (training.train_on(data, replace(plan, name=name), store) for name in ("one", "other"))
    assert one.best["precision"] == other.best["precision"]
    np.testing.assert_array_equal(data.pixels, before)
    assert train(plan).best["precision"] == one.best["precision"]
