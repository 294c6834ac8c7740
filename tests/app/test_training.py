"""The Training page: how runs go and compare, what each one used, and how to start another."""

import base64
import io
import json
import math
import re
import shlex
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
import torch
from filelock import FileLock
from msgspec.structs import replace
from PIL import Image

from fashion_search.charts import training as charts
from fashion_search.training import reconstructions
from fashion_search.training import record as run
from fashion_search.training.recipe import Recipe, open_recipe, recipe_names
from fashion_search.training.record import Metrics, Run, write_run, write_table
from fashion_search.ui.training import details
from tests import samples
from tests.app import screen, shops
from tests.app.test_markup import assert_no_markup
from tests.builds import build
from tests.catalog import layouts

FINAL = {"precision": 0.431, "recall": 0.229, "hit": 0.802, "queries": 6217, "protocol": "leave-one-out"}
HOSTILE = "<b>Bold</b> & *stars* [link](https://example.org)"


def a_run(name: str, state: str = "done", epochs: int = 4, recipe: str = "fashion", **fields: Any) -> Run:
    """A run after ``epochs`` epochs of a hundred pictures and a minute each."""
    taken = open_recipe(recipe)
    made = Run(
        name=name,
        catalog="trial",
        recipe=taken,
        seed=3,
        limit=0,
        precision="half",
        device="cpu",
        threads=2,
        data={
            "title": "Trial shop",
            "fingerprint": "0123456789abcdef" * 4,
            "evaluated": {"groups": 15, "pictures": 99},
            "training": 1234,
            "validation": 56,
            "left_out": {"image cannot be read": 7},
        },
        versions={"torch": "2.15.0"},
        started="2026-11-20T10:00:00+00:00",
        state=state,
        step=25 * epochs,
        seen=100 * epochs,
        total=100 * taken.optimisation.epochs,
        seconds=60.0 * epochs,
        seconds_left=61.0,
        best={"epoch": 4, "precision": 0.321, "recall": 0.2, "hit": 0.654} if epochs else {},
    )
    return replace(made, **fields)


def losses(epochs: int) -> list[Metrics]:
    """One row per epoch; the colour's loss is a quarter of the whole."""
    return [
        {
            "step": 25.0 * n,
            "epoch": n,
            "seconds": 60 * n,
            "rate": 1.7,
            "learning_rate": 0.1,
            "loss": 8 / n,
            "base_colour": 2 / n,
        }
        for n in range(1, epochs + 1)
    ]


def validations(epochs: int) -> list[Metrics]:
    return [
        {"step": 25.0 * n, "epoch": n, "seconds": 60 * n, "precision": n / 100, "recall": n / 200, "hit": n / 50}
        for n in range(1, epochs + 1)
    ]


def keep(kept: Run, epochs: int = 4, folder: Path | None = None) -> Path:
    """Write a run and its tables as training does; the later, the newer."""
    folder = (folder or run.runs_folder()) / kept.name
    folder.mkdir(parents=True, exist_ok=True)
    if epochs:
        write_table(folder / run.LOSSES, losses(epochs))
        write_table(folder / run.VALIDATION, validations(epochs))
    write_run(folder, kept)
    return folder


@contextmanager
def alive(folder: Path) -> Iterator[None]:
    """A process trains here."""
    with FileLock(folder / run.LOCK):
        yield


@pytest.fixture
def refreshed(monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """How often each part that can refresh itself does, in seconds."""
    every: list[float | None] = []
    fragment = st.fragment

    def record(function: Callable[..., Any], *, run_every: float | None = None) -> Any:
        every.append(run_every)
        return fragment(function, run_every=run_every)

    monkeypatch.setattr(st, "fragment", record)
    return every


def opened(**params: str) -> screen.AppTest:
    return screen.opened("Training", **params)


def lines(app: screen.AppTest, key: str) -> dict[str, dict[str, Any]]:
    """A chart's lines by their names."""
    return {line["name"]: line for line in screen.chart(app, key)["data"]}


def table(app: screen.AppTest) -> dict[str, dict[str, Any]]:
    [found] = app.dataframe
    return {row["Run"]: row for row in found.value.to_dict("records")}


def codes(app: screen.AppTest) -> list[str]:
    return [code.value for code in app.code]


# -- without a run ----------------------------------------------------------------------------------------


def test_without_a_run_the_page_says_what_training_is_and_how_to_start() -> None:
    app = opened()

    said = screen.text(app)
    assert "There is no run on this machine yet." in said
    assert "never from the style groups on which methods are evaluated" in said
    assert [name for name in recipe_names() if open_recipe(name).title in said] == recipe_names()
    assert [name for name in recipe_names() if open_recipe(name).summary in said] == recipe_names()
    assert codes(app) == ["python -m fashion_search train CATALOG --recipe fashion"]
    assert "“Demo shop (synthetic)” leaves nothing to learn from" in said
    assert not app.get("plotly_chart")


def test_the_command_is_for_the_recipe_that_is_chosen() -> None:
    app = opened(recipe="dense")
    screen.ran(app.selectbox(key="recipe").select("siamese").run())

    assert codes(app) == ["python -m fashion_search train CATALOG --recipe siamese"]
    assert screen.url(app)["recipe"] == "siamese"


def test_what_a_recipe_lacks_on_this_machine_is_said_beside_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "It cannot start yet. The recipe starts from the method 'photo'" in screen.text(opened())
    assert "It cannot start yet" not in screen.text(opened(recipe="tune"))
    monkeypatch.setitem(sys.modules, "pytorch_metric_learning", None)
    assert "It cannot start yet. The loss 'contrastive'" in screen.text(opened(recipe="tune"))


@pytest.mark.usefixtures("trial")
def test_a_catalog_without_a_group_beyond_the_bounds_leaves_nothing_to_learn_from() -> None:
    app = opened(catalog=shops.CATALOG)  # it left out a row without a picture only

    assert codes(app) == ["python -m fashion_search train CATALOG --recipe fashion"]


@pytest.mark.parametrize("layout", [layouts.in_shop, layouts.category_prediction])
def test_a_data_set_with_a_part_to_learn_from_can_be_trained_on(tmp_path: Path, layout: Callable[[Path], Path]) -> None:
    build(layout(tmp_path / "shop"), methods=["histogram"])
    app = opened(catalog="shop")

    assert codes(app) == ["python -m fashion_search train shop --recipe fashion"]
    assert "Of a data set with a training part it learns from that." in screen.text(app)


def test_a_catalog_that_leaves_groups_out_can_be_trained_on(tmp_path: Path) -> None:
    groups = {("Caps", "Red", "Casual"): 4, ("Ties", "Red", "Casual"): 2}
    shop = samples.write_folder(tmp_path / "shop", samples.shop_files(samples.lines(groups)))
    build(shop, methods=["histogram"])
    app = opened(catalog="shop")

    assert codes(app) == ["python -m fashion_search train shop --recipe fashion"]
    assert "leaves nothing to learn from" not in screen.text(app)


def test_with_runs_the_recipes_are_folded_away() -> None:
    keep(a_run("one"))
    app = opened()

    [section] = [one for one in app.expander if one.label == "Recipes, and how to start a run"]
    said = "\n".join(screen.read(one.value) for one in section.markdown)
    assert all(open_recipe(name).summary in said for name in recipe_names())


# -- comparing --------------------------------------------------------------------------------------------


def test_the_newest_runs_are_compared_at_first() -> None:
    for number in range(6):
        keep(a_run(f"run-{number}", started=f"2026-11-2{number}T10:00:00+00:00"))
    app = opened()

    assert app.multiselect(key="runs").value == ["run-5", "run-4", "run-3", "run-2"]
    assert list(lines(app, "validations")) == ["run-5", "run-4", "run-3", "run-2"]
    assert [name for name, row in table(app).items() if row[""]] == ["run-5", "run-4", "run-3", "run-2"]
    assert list(table(app))[-1] == "run-0"


def test_runs_that_go_on_come_first() -> None:
    keep(a_run("done", started="2026-11-21T10:00:00+00:00"))
    keep(a_run("stopped", "running", started="2026-11-20T10:00:00+00:00"))
    with alive(keep(a_run("resumed", "running", started="2026-11-19T10:00:00+00:00"))):
        assert list(table(opened())) == ["resumed", "done", "stopped"]


def test_a_choice_of_runs_is_in_the_address_and_keeps_their_colours() -> None:
    for number in range(3):
        keep(a_run(f"run-{number}", started=f"2026-11-2{number}T10:00:00+00:00"))
    app = opened()
    colours = {name: line["line"]["color"] for name, line in lines(app, "validations").items()}
    screen.ran(app.multiselect(key="runs").set_value(["run-1"]).run())

    assert screen.url(app)["runs"] == "run-1"
    assert lines(app, "validations")["run-1"]["line"]["color"] == colours["run-1"]
    assert lines(app, "losses")["run-1"]["line"]["color"] == colours["run-1"]
    assert len(set(colours.values())) == 3
    keep(a_run("run-3", started="2026-11-23T10:00:00+00:00"))
    app = opened(runs="run-3,run-1")
    assert list(lines(app, "losses")) == ["run-3", "run-1"]
    assert lines(app, "losses")["run-1"]["line"]["color"] == colours["run-1"]


def test_an_address_with_what_there_is_not_says_so() -> None:
    keep(a_run("one"))
    app = opened(runs="one,gone", run="nobody", measure="speed", loss="usage", axis="moon")

    said = "\n".join(screen.complaints(app))
    for word in ("no run “gone”", "no run “nobody”", "no measure “speed”", "no loss “usage”", "no axis “moon”"):
        assert word in said, word
    assert list(lines(app, "validations")) == ["one"]


def test_the_charts_show_the_values_of_the_tables() -> None:
    keep(a_run("one"))
    app = opened()
    assert lines(app, "validations")["one"]["x"] == [1, 2, 3, 4]
    assert lines(app, "validations")["one"]["y"] == [0.01, 0.02, 0.03, 0.04]
    assert lines(app, "losses")["one"]["y"] == [8, 4, pytest.approx(8 / 3, abs=0.001), 2]
    assert screen.chart(app, "losses")["layout"]["yaxis"]["type"] == "log"

    screen.chosen(app, "measure", "hit")
    screen.chosen(app, "axis", "seconds")
    screen.ran(app.selectbox(key="loss").select("base_colour").run())
    screen.ran(app.toggle(key="linear").set_value(True).run())

    assert {"measure": "hit", "axis": "seconds", "loss": "base_colour", "linear": "1"}.items() <= screen.url(
        app
    ).items()
    assert lines(app, "validations")["one"]["x"] == [1, 2, 3, 4]  # minutes
    assert lines(app, "validations")["one"]["y"] == [0.02, 0.04, 0.06, 0.08]
    assert lines(app, "losses")["one"]["y"][0] == 2
    assert screen.chart(app, "losses")["layout"]["yaxis"].get("type") != "log"
    assert {"Validation Hit@5", "Training loss: base colour"} <= set(screen.subheads(app))
    assert app.selectbox(key="loss").options == ["Total", "Base colour"]


def test_runs_on_other_pictures_are_compared_with_a_warning() -> None:
    kept = a_run("one")
    keep(kept)
    keep(a_run("other"))
    keep(replace(kept, name="limited", data=kept.data | {"fingerprint": "f" * 64}))
    warning = "These runs did not have the same pictures"

    assert warning in screen.text(opened())
    assert warning not in screen.text(opened(runs="one,other"))


def test_before_the_first_validation_the_charts_say_so() -> None:
    keep(a_run("one", epochs=0), epochs=0)
    app = opened()

    for key, said in (("validations", "No validation yet"), ("losses", "No loss yet")):
        chart = screen.chart(app, key)
        assert not chart["data"]
        assert [one["text"] for one in chart["layout"]["annotations"]] == [said]
    assert table(app)["one"]["Validation P@5"] == "–"


def test_more_runs_than_colours_differ_in_their_dashes() -> None:
    drawn = [charts.Line(str(place), place, validations(3)) for place in range(2 * len(charts.PALETTE))]
    signs = {
        (line["line"]["color"], line["line"]["dash"])
        for line in charts.validations(drawn, "hit", "epoch").to_dict()["data"]
    }
    assert len(signs) == len(drawn)


def test_validations_are_not_pressed_together_by_an_axis_from_zero() -> None:
    axis = charts.validations([charts.Line("one", 0, validations(3))], "hit", "epoch").to_dict()["layout"]["yaxis"]
    assert (axis.get("rangemode", "normal"), axis.get("range")) == ("normal", None)  # Plotly's own, around the values


def test_a_loss_within_a_decade_has_enough_ticks() -> None:
    flat = [row | {"loss": 1 + row["loss"]} for row in losses(4)]
    for rows, ticks in ((flat, "D1"), ([*flat, flat[0] | {"loss": 0.01}], "D2"), ([], "D2")):
        axis = charts.losses([charts.Line("one", 0, rows)], charts.TOTAL, "epoch").to_dict()["layout"]["yaxis"]
        assert axis["dtick"] == ticks


def test_the_table_says_how_each_run_went() -> None:
    keep(a_run("one", epochs=4, final=FINAL))
    keep(a_run("other", "failed", epochs=2, recipe="dense"))
    rows = table(opened(runs="one"))

    one = rows["one"]
    assert (one["Recipe"], one["Catalog"], one["State"]) == ("Fashion", "Trial shop", "✓ done")
    assert (one["Epochs"], one["Pictures"]) == (f"4 of {open_recipe('fashion').optimisation.epochs}", 1234)
    assert (one["Validation P@5"], one["Validation Hit@5"]) == (".321", ".654")
    assert (one["Final P@5"], one["Final R@5"], one["Final Hit@5"]) == (".431", ".229", ".802")
    assert (one["Images/s"], one["Minutes"]) == (2, 4)
    assert (rows["other"]["State"], rows["other"]["Final P@5"], rows["other"][""]) == ("✗ failed", "–", "")
    assert "looked at once, at the end" in screen.text(opened())


# -- as it goes on ----------------------------------------------------------------------------------------


def progress(app: screen.AppTest) -> list[tuple[int, str]]:
    return [(bar.proto.value, screen.read(bar.proto.text)) for bar in app.get("progress")]


def test_a_run_that_goes_on_shows_its_progress_and_refreshes(refreshed: list[float | None]) -> None:
    epochs = open_recipe("fashion").optimisation.epochs
    kept = a_run("one", "running")
    with alive(keep(kept)):
        app = opened()

    assert progress(app) == [(math.floor(100 * 4 / epochs), f"**one** · {kept.sentence}")]
    assert "1:01 left" in kept.sentence
    assert refreshed == [2.0, 2.0]
    assert table(app)["one"]["State"] == "▶ running"


def test_a_run_that_reads_its_pictures_is_named_before_it_is_among_the_others(refreshed: list[float | None]) -> None:
    folder = run.runs_folder() / "new"
    folder.mkdir(parents=True)
    with alive(folder):
        app = opened()
        assert [screen.read(one.value) for one in app.info] == ["“new” reads its pictures; the first steps come next."]
        assert refreshed == [2.0]
        with alive(keep(a_run("one", "stopped"))):
            said = [screen.read(one.value) for one in opened().info]
        assert said == [f"“{name}” reads its pictures; the first steps come next." for name in ("new", "one")]
    assert not any("reads its pictures" in one.value for one in opened().info)


def test_before_its_first_step_a_run_says_what_it_does() -> None:
    with alive(keep(a_run("one", "running", epochs=0), epochs=0)):
        app = opened()

    assert progress(app) == [(0, "**one** · its pictures are read; the first steps come next")]


def test_after_its_last_step_a_run_does_not_promise_a_time() -> None:
    kept = a_run("one", "running")
    with alive(keep(replace(kept, seen=kept.total))):
        app = opened()

    assert progress(app) == [(100, "**one** · trained; its last steps follow")]


def test_where_nothing_goes_on_nothing_refreshes(refreshed: list[float | None]) -> None:
    keep(a_run("one"))
    with alive(keep(a_run("other", "running"))):
        app = opened(runs="one", run="one")

    assert refreshed == [None, None]
    assert progress(app) == []


def test_a_run_whose_process_is_gone_is_stopped_and_says_how_to_go_on(refreshed: list[float | None]) -> None:
    keep(a_run("one", "running", limit=500))
    app = opened()

    assert refreshed == [None, None]
    assert progress(app) == []
    assert "The run was stopped." in "\n".join(screen.complaints(app))
    command = "python -m fashion_search train trial --recipe fashion --name one --seed 3 --limit 500 --precision half"
    assert codes(app)[0] == command
    assert "goes on from the last state" in screen.text(app)


def test_when_a_run_ends_the_page_is_drawn_anew(refreshed: list[float | None]) -> None:
    folder = keep(a_run("one", "running"))
    with alive(folder):
        app = opened()
    keep(a_run("one", final=FINAL))
    refreshed.clear()
    screen.ran(app.run())

    assert refreshed == [None, None]
    assert [metric.value for metric in app.metric] == [".321", ".431", ".229", ".802"]


# -- one run ----------------------------------------------------------------------------------------------


def test_a_run_says_what_it_used() -> None:
    keep(a_run("one", final=FINAL, notes=("The batch is 64 from here.",)))
    app = opened()

    facts = re.sub("<[^>]*>", " ", screen.all_html(app))
    for name, value in {
        "Seed": "3",
        "Device": "cpu",
        "Precision": "half",
        "Threads": "2",
        "Pictures at most": "all",
        "Catalog": "Trial shop",
        "Fingerprint": "0123456789ab",
        "Training pictures": "1,234",
        "Validation pictures": "56",
        "Evaluated: pictures": "99",
        "Left out: image cannot be read": "7",
        "torch": "2.15.0",
    }.items():
        assert re.search(rf"{re.escape(name)}\s+{re.escape(value)}\s", facts), name
    assert "0123456789abc" not in facts
    assert "The batch is 64 from here." in screen.text(app)
    assert "looked at once, at the end · 6,217 queries · leave-one-out." in screen.text(app)
    assert [metric.value for metric in app.metric] == [".321", ".431", ".229", ".802"]


def test_a_run_says_which_encoder_it_started_from() -> None:
    keep(a_run("plain"))
    keep(a_run("tuned", start={"method": "fashion", "weights": "5a88b4aa" * 8, "training": {}}))
    for name, said in {"tuned": True, "plain": False}.items():
        facts = re.sub("<[^>]*>", " ", screen.all_html(opened(run=name)))
        assert bool(re.search(r"Started from\s+fashion \(5a88b4aa…\)", facts)) is said


def test_another_run_is_chosen_in_the_box() -> None:
    keep(a_run("one"))
    keep(a_run("other", "failed", message="The loss is not a number at step 7."))
    app = opened(run="one")
    assert not app.error
    screen.ran(app.selectbox(key="run").select("other").run())

    assert [screen.read(error.value) for error in app.error] == ["The run failed. The loss is not a number at step 7."]
    assert app.selectbox(key="run").value == "other"
    assert "run" not in screen.url(app)  # the newest is shown without being named


def test_a_run_that_did_not_look_says_so() -> None:
    keep(a_run("one", looks=False))
    assert "this run does not look at the evaluated style groups" in screen.text(opened())


@pytest.mark.usefixtures("trial")
def test_a_finished_run_leads_to_its_results() -> None:
    keep(a_run("one", final=FINAL))
    app = opened()

    assert screen.linked(app, "Search with it") == [{"catalog": "trial", "methods": "one"}]
    assert screen.linked(app, "Its metrics") == [{"catalog": "trial", "a": "one"}]


def test_the_files_of_a_run_can_be_downloaded(downloads: dict[str, Any]) -> None:
    folder = keep(a_run("one"))
    opened()

    assert downloads == {f"one-{name}": (folder / name).read_bytes() for name in (run.LOSSES, run.VALIDATION, run.RUN)}


def test_files_that_are_not_there_are_not_offered(downloads: dict[str, Any]) -> None:
    keep(a_run("one", epochs=0), epochs=0)
    opened()

    assert list(downloads) == ["one-run.json"]


@pytest.mark.parametrize("name", recipe_names())
def test_the_recipe_is_shown_as_the_file_that_it_is(name: str) -> None:
    keep(a_run("one", recipe=name))
    app = opened()

    [shown] = [code.value for code in app.code if code.language == "toml"]
    assert Recipe.from_json(tomllib.loads(shown)) == open_recipe(name)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"optimisation.epochs": "5"},
        {"similarity": "none", "classification.attributes": "{ base_colour = 0.5 }", "optimisation.balance": "0.5"},
        {"network.widths": "[16, 32]", "category": "usage", "augmentation.flip": "0"},
    ],
)
def test_the_command_of_a_run_says_all_that_was_changed(settings: dict[str, str]) -> None:
    recipe = open_recipe("fashion").with_settings(settings)
    command, remark = details.command_of("one", replace(a_run("one"), recipe=recipe))

    words = shlex.split(command)
    given = dict(word.split("=", 1) for at, word in enumerate(words) if words[at - 1] == "--set")
    if "--epochs" in words:
        given["optimisation.epochs"] = words[words.index("--epochs") + 1]
    assert open_recipe(words[words.index("--recipe") + 1]).with_settings(given) == recipe
    assert remark == ""


def test_words_of_a_recipe_that_were_changed_since_do_not_matter() -> None:
    recipe = replace(open_recipe("fashion"), note="As it was.", summary="Compares.")
    command, remark = details.command_of("one", replace(a_run("one"), recipe=recipe))
    assert "--recipe fashion --name" in command
    assert "--set" not in command
    assert remark == ""


def test_a_run_on_pictures_of_another_seed_says_that_no_command_repeats_it() -> None:
    run = a_run("one")
    for seed, remark in ((3, ""), (0, "It shared its pictures with runs of another seed")):
        _, said = details.command_of("one", replace(run, data={**run.data, "seed": seed}))
        assert said.startswith(remark)
        assert bool(said) == bool(remark)


def test_a_recipe_of_ones_own_is_a_file() -> None:
    recipe = replace(open_recipe("fashion"), name="mine")
    command, remark = details.command_of("one", replace(a_run("one"), recipe=recipe))

    assert "--recipe mine.toml" in command
    assert "give the path of its file" in remark


# -- reconstructions --------------------------------------------------------------------------------------


def an_autoencoder(n: int = 3) -> Path:
    """A run that drew ``n`` held-out pictures of 4 × 6 pixels in plain colours; their reconstructions are grey."""
    folder = run.runs_folder() / "one"
    pixels = np.repeat(np.arange(n, dtype=np.uint8)[:, None, None, None] * 40, 6, 1).repeat(4, 2).repeat(3, 3)
    grey = torch.nn.Identity()
    grey.forward = lambda latent: torch.full_like(latent, 0.5)  # type: ignore[method-assign]

    class AsItIs(torch.nn.Linear):
        def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:  # type: ignore[override]
            return pixels, pixels

    drawn = reconstructions.keep(folder, pixels, AsItIs(1, 1), grey)
    return keep(a_run("one", recipe="autoencoder", reconstructions=drawn))


def test_an_autoencoders_run_shows_pictures_above_their_reconstructions() -> None:
    an_autoencoder()
    keep(a_run("two"))
    app = opened(run="one")

    shown = [one.value for one in app.get("html") if 'class="fs-reconstructions"' in one.value]
    assert len(shown) == 1
    alternatives = re.findall(r'alt="([^"]+)"', shown[0])
    assert alternatives == [f"{what} {n}" for n in (1, 2, 3) for what in ("Picture", "Reconstruction")]
    sources = re.findall(r"base64,([^\"]+)", shown[0])
    pictures = [Image.open(io.BytesIO(base64.b64decode(source))).convert("RGB") for source in sources]
    assert [one.size for one in pictures] == [(4, 6)] * 6
    assert [one.getpixel((1, 1))[0] for one in pictures] == pytest.approx([0, 128, 40, 128, 80, 128], abs=4)
    said = screen.text(app)
    assert "below, what its decoder draws from their 128 numbers alone" in said
    assert "values from 0 to 255 differ by 93 (root mean square)" in said


def test_other_runs_show_none() -> None:
    an_autoencoder()
    keep(a_run("two"))
    app = opened(run="two")
    assert not app.warning
    assert 'class="fs-reconstructions"' not in screen.all_html(app)
    assert "what its decoder draws" not in screen.text(app)


def test_damaged_reconstructions_are_named_and_the_rest_of_the_run_is_shown() -> None:
    folder = an_autoencoder()
    [path] = folder.glob("reconstructions-*.png")
    path.write_bytes(path.read_bytes()[:-9])
    app = opened(run="one")
    assert any("are gone or damaged" in screen.read(one.value) for one in app.warning)
    assert 'class="fs-reconstructions"' not in screen.all_html(app)
    assert "Versions" in screen.text(app)


# -- damaged ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"name": "bad", "cat', "run.json is damaged"),
        ("[]", "run.json is damaged"),
        ("\xff\xfe", "run.json is damaged"),
        ({"recipe": {}}, "run.json is damaged"),
        ({"seconds": "long"}, "seconds must be a number, not 'long'"),
        ({"data": None}, "data must be a table, not None"),
        ({"seconds_left": math.nan}, "seconds_left must be a number, not nan"),
        ({"best": []}, "best must be a table, not []"),
    ],
)
def test_a_damaged_run_is_named_and_the_others_are_shown(content: Any, reason: str) -> None:
    keep(a_run("good"))
    folder = keep(a_run("bad"))
    if isinstance(content, dict):
        kept = json.loads((folder / run.RUN).read_text("utf-8"))
        del kept["checksum"]  # as an earlier version wrote it
        content = json.dumps(kept | content)
    (folder / run.RUN).write_bytes(content.encode("latin-1"))
    app = opened()

    [said] = screen.complaints(app)
    assert said.startswith("The run “bad” cannot be shown.")
    assert reason in said
    assert "--restart" in said
    assert list(lines(app, "validations")) == ["good"]
    assert list(table(app)) == ["good"]


@pytest.mark.parametrize("name", [run.LOSSES, run.VALIDATION])
@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"step,epoch\n1,one\n", b"a,b\n1,2\n", b"<html>\n<body>\n"])
def test_a_damaged_table_is_named_and_other_curves_are_shown(name: str, content: bytes) -> None:
    keep(a_run("good"))
    (keep(a_run("bad")) / name).write_bytes(content)
    app = opened()

    [said] = screen.complaints(app)
    assert said.startswith("Of the run “bad” a curve is missing.")
    assert name in said
    drawn = {run.LOSSES: list(lines(app, "losses")), run.VALIDATION: list(lines(app, "validations"))}
    assert drawn.pop(name) == ["good"]
    assert [sorted(others) for others in drawn.values()] == [["bad", "good"]]


def test_where_every_run_is_damaged_the_page_does_not_say_there_is_none() -> None:
    (keep(a_run("bad")) / run.RUN).write_text("", "utf-8")
    app = opened()

    assert "The run “bad” cannot be shown." in screen.complaints(app)[0]
    assert "no run on this machine" not in screen.text(app)
    assert codes(app)


def test_a_run_that_was_deleted_is_gone_from_the_page() -> None:
    keep(a_run("one"))
    folder = keep(a_run("other"))
    app = opened()
    shutil.rmtree(folder)
    screen.ran(app.run())

    assert list(table(app)) == ["one"]


def test_markup_in_names_notes_and_messages_is_shown_as_it_is_written() -> None:
    name = "<b>x *loud* [a](b)"
    fields: dict[str, Any] = {"message": HOSTILE, "notes": (HOSTILE,), "device": "<i>Smart</i>", "catalog": "<i>Smart"}
    kept = a_run(name, "failed", **fields)
    kept = replace(kept, data=kept.data | {"title": HOSTILE, "<i>Smart": 1}, versions={"<i>Smart": "<i>Smart"})
    keep(kept)
    row = losses(3)
    write_table(run.runs_folder() / name / run.LOSSES, [one | {"<i>Smart": 1.0} for one in row])
    (run.runs_folder() / name / run.VALIDATION).write_text("bad\n1", "utf-8")
    app = opened(loss="<i>Smart")

    assert_no_markup(app)
    assert HOSTILE in screen.text(app)
    assert list(lines(app, "losses")) == ["&lt;b&gt;x *loud* [a](b)"]


@pytest.mark.usefixtures("trial")
def test_the_link_in_the_sidebar_leads_back_to_the_same_runs() -> None:
    keep(a_run("one"))
    keep(a_run("other"))
    app = opened(catalog=shops.CATALOG, runs="one", measure="hit")
    app.switch_page("pages/Catalog.py")
    screen.ran(app.run())

    [link] = [link.proto for link in app.sidebar.get("page_link") if link.proto.label == "Training"]
    assert link.query_string == f"runs=one&measure=hit&catalog={shops.CATALOG}"
