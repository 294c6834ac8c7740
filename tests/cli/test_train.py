"""``python -m fashion_search train``, from its arguments to the method that it makes."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock

from fashion_search import files
from fashion_search.cli import main
from fashion_search.encoders import encoder_spec
from fashion_search.encoders.trained import methods_folder
from fashion_search.store import open_store
from fashion_search.training.loop import Trainer
from fashion_search.training.record import LOCK, RUN, losses_of, read_run, runs_folder, validations_of
from tests import samples
from tests.builds import build

ROOT = Path(__file__).resolve().parents[2]
Captured = pytest.CaptureFixture[str]
pytestmark = [pytest.mark.training, pytest.mark.usefixtures("torch_threads")]

RECIPE = """
title = "Tiny"
summary = "Compares little."

[network]
backbone = "compact"
height = 16
width = 16
widths = [4, 8]
blocks = 1
dimensions = 8

[classification]
attributes = { article_type = 1.0, base_colour = 1.0 }
relaxation = true

[augmentation]
shift = 0.1
erase = 0.5

[optimisation]
epochs = 2
batch = 16
rate = 0.01
average = 0.9
"""


@pytest.fixture
def recipe(tmp_path: Path) -> str:
    path = tmp_path / "tiny.toml"
    path.write_text(RECIPE)
    return str(path)


@pytest.fixture
def training_shop(tmp_path: Path) -> Path:
    """A shop with the catalog ``shop``: 15 pictures are evaluated, 68 may be trained on."""
    folder = samples.write_folder(tmp_path / "shop", samples.training_files())
    build(folder, methods=["histogram"])
    return folder


@pytest.fixture
def command(training_shop: Path, recipe: str) -> list[str]:
    options = ["--recipe", recipe, "--name", "mine", "--threads", "1", "--precision", "full", "--no-final"]
    return ["train", "shop", *options]


def fail(capsys: Captured, arguments: list[str]) -> str:
    """Run a command that fails; its reason, which is the last line on stderr."""
    capsys.readouterr()
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    last = err.rstrip("\n").rsplit("\n", 1)[-1]
    assert last.startswith("fashion_search: ")
    return last


def stop_after_an_epoch(monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    """Press Ctrl-C in the second epoch."""
    original = Trainer._step

    def stopping(self: Trainer, *arguments: Any) -> dict[str, float]:
        if self.epoch == 1:
            raise KeyboardInterrupt
        return original(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_step", stopping)
        assert main(command) == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "required: catalog"),
        (["shop", "--epochs", "0"], "--epochs: '0' is not a whole number of at least 1"),
        (["shop", "--limit", "few"], "--limit: 'few' is not a whole number"),
        (["shop", "--seed", "-1"], "--seed"),
        (["shop", "--threads", "0"], "--threads: '0' is not a whole number of at least 1"),
        (["shop", "--precision", "double"], "invalid choice: 'double'"),
    ],
)
def test_wrong_usage(arguments: list[str], reason: str, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as exit:
        main(["train", *arguments])
    assert exit.value.code == 2
    assert reason in capsys.readouterr().err


def test_after_a_run_without_a_last_look_the_command_to_search_with_it_works(
    training_shop: Path, recipe: str, capsys: Captured
) -> None:
    assert main(["train", "shop", "--recipe", recipe, "--threads", "1", "--no-final"]) == 0
    offer = capsys.readouterr().out.splitlines()[-1]
    assert offer.startswith("To search with it: python -m fashion_search build ")
    assert list(open_store("shop").methods) == ["histogram"]
    _, _, _, *arguments = shlex.split(offer.removeprefix("To search with it: "))
    assert main(arguments) == 0
    assert list(open_store("shop").methods) == ["histogram", "tiny-shop"]


def test_a_run_in_words(training_shop: Path, recipe: str, capsys: Captured) -> None:
    assert main(["train", "shop", "--recipe", recipe, "--threads", "1"]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0].startswith("Run tiny-shop: Tiny, seed 0, ")
    assert lines[0].endswith(" images/s.")
    data = read_run(runs_folder() / "tiny-shop").data
    assert lines[1] == (
        f"{data['training']} pictures to train on, {data['validation']} in {data['validation_groups']} style groups to "
        "validate, 15 evaluated and not learned from."
    )
    assert data["training"] + data["validation"] == 68
    assert lines[2].startswith("Best validation, epoch ")
    assert lines[-2].startswith("Evaluated groups, leave-one-out, 15 queries: Precision@5 0.")
    assert lines[-1] == "It is the method 'tiny-shop' now."
    assert err.count("validation: Precision@5 ") == 2
    assert "of 2 · " in err
    assert "left" in err
    assert list(open_store("shop").methods) == ["histogram", "tiny-shop"]
    for arguments in (
        ["search", "1", "--catalog", "shop", "--method", "tiny-shop"],
        ["evaluate", "--catalog", "shop", "--method", "tiny-shop"],
        ["list"],
    ):
        assert main(arguments) == 0
        assert "iny shop" in (told := capsys.readouterr().out) or "tiny-shop" in told


def test_a_run_for_machines_with_every_option(command: list[str], capsys: Captured) -> None:
    capsys.readouterr()
    options = ["--epochs", "3", "--seed", "7", "--limit", "40", "--set", "optimisation.rate=0.002"]
    assert main([*command, *options, "--set", "title = Two words", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["name"], result["state"], result["seed"], result["limit"]) == ("mine", "done", 7, 40)
    assert (result["threads"], result["precision"], result["final"]) == (1, "full", {})
    assert result["recipe"]["optimisation"]["epochs"] == 3
    assert result["recipe"]["optimisation"]["rate"] == 0.002
    assert result["recipe"]["title"] == "Two words"
    assert result["data"]["training"] == 40
    assert len(validations_of("mine")) == 3


def test_settings_and_recipes_that_do_not_fit(command: list[str], tmp_path: Path, capsys: Captured) -> None:
    assert "--set 'epochs' is not FIELD=VALUE" in fail(capsys, [*command, "--set", "epochs"])
    assert "There is no optimisation.epoch" in fail(capsys, [*command, "--set", "optimisation.epoch=3"])
    assert "must be a whole number" in fail(capsys, [*command, "--set", "optimisation.batch=many"])
    assert "There is no recipe 'nosuch'" in fail(capsys, [*command, "--recipe", "nosuch"])
    assert "gone.toml cannot be read" in fail(capsys, [*command, "--recipe", str(tmp_path / "gone.toml")])
    (tmp_path / "bad.toml").write_text("title = ")
    assert "bad.toml is not TOML" in fail(capsys, [*command, "--recipe", str(tmp_path / "bad.toml")])
    assert not runs_folder().exists()


def test_names_that_cannot_be(command: list[str], capsys: Captured) -> None:
    assert "has a method 'histogram' already" in fail(capsys, [*command, "--name", "Histogram"])
    assert "needs a name with letters or digits" in fail(capsys, [*command, "--name", "!"])
    unknown = ["train", "nosuch", *command[2:]]
    assert "There is no catalog 'nosuch'" in fail(capsys, unknown)


def test_a_stopped_run_goes_on_and_a_finished_one_is_kept(
    command: list[str], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_after_an_epoch(monkeypatch, command)
    assert "the same command goes on from there" in capsys.readouterr().err
    assert read_run(runs_folder() / "mine").state == "stopped"
    assert main(command) == 0
    assert [row["epoch"] for row in validations_of("mine")] == [1, 2]
    assert "The run “mine” is done; its method is 'mine'" in fail(capsys, command)
    assert main([*command, "--restart"]) == 0


def test_what_a_stopped_run_does_not_go_on_with(
    command: list[str], training_shop: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_after_an_epoch(monkeypatch, command)
    folder = runs_folder() / "mine"
    kept = {path: path.read_bytes() for path in folder.iterdir() if path.name != LOCK}
    (tensors,) = folder.glob("checkpoint-*")

    def intact() -> bool:
        return kept == {path: path.read_bytes() for path in folder.iterdir() if path.name != LOCK}

    assert "with another recipe" in fail(capsys, [*command, "--epochs", "5"])
    assert "with another seed" in fail(capsys, [*command, "--seed", "5"])
    assert intact()

    picture = next(
        training_shop / image for image in ("images/30.png", "images/45.png") if (training_shop / image).exists()
    )
    before = picture.read_bytes()
    picture.write_bytes(samples.encoded(samples.noise(1)))
    assert "with another catalog" in fail(capsys, command)
    picture.write_bytes(before)
    assert intact()

    with FileLock(folder / LOCK):
        assert "is being trained by another process" in fail(capsys, command)
    assert intact()

    for damaged in (kept[tensors][:-9], bytes([kept[tensors][0] ^ 1]) + kept[tensors][1:]):
        monkeypatch.setattr(files, "_verified", set())
        tensors.write_bytes(damaged)
        assert "The checkpoint is incomplete" in fail(capsys, command)
    tensors.write_bytes(kept[tensors])

    (folder / RUN).write_bytes(b"{")
    assert "run.json is damaged" in fail(capsys, command)
    (folder / RUN).write_bytes(kept[folder / RUN])
    assert intact()
    assert main(command) == 0


def test_data_that_cannot_be_trained_on(command: list[str], training_shop: Path, capsys: Captured) -> None:
    constant = ["--set", "classification.attributes={season = 1}"]
    assert "same season; there is nothing to learn" in fail(capsys, [*command, *constant])
    build(training_shop, name="all", methods=["histogram"], options=_all_groups())
    assert "No style group can be held out" in fail(capsys, ["train", "all", *command[2:]])
    (training_shop / "images/1.png").unlink()
    assert "is no longer what “shop” was built from" in fail(capsys, command)


def _all_groups() -> Any:
    from fashion_search.catalog.source import Options

    return Options(smallest=2, largest=0)


def test_a_loss_that_is_no_number(command: list[str], capsys: Captured) -> None:
    rate = ["--set", "optimisation.rate=1e30", "--set", "optimisation.schedule=constant"]
    reason = fail(capsys, [*command, *rate, "--epochs", "20"])
    assert "The loss or its gradient is not a number at step " in reason
    assert "lower optimisation.rate" in reason
    assert read_run(runs_folder() / "mine").state == "failed"
    assert not methods_folder().exists()


def test_memory_for_no_batch(command: list[str], capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_much(*arguments: Any) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.")

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_step", too_much)
        assert "Memory does not suffice for 8 pictures" in fail(capsys, command)
    assert main(command) == 0


def wait_for(path: Path, process: "subprocess.Popen[bytes]") -> None:
    """Until a file is there."""
    until = time.monotonic() + 300
    while not path.exists():
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < until
        time.sleep(0.005)


def test_a_killed_process_goes_on_exactly(command: list[str], capsys: Captured) -> None:
    """What kill -9 leaves behind is enough to end with the same network, bit for bit."""
    command += ["--epochs", "30"]
    process = subprocess.Popen(
        [sys.executable, "-m", "fashion_search", *command],
        cwd=ROOT,
        env={**os.environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    folder = runs_folder() / "mine"
    try:
        wait_for(folder / "checkpoint.json", process)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    stopped = read_run(folder)
    assert stopped.state == "stopped"
    assert 0 < stopped.step < 30 * 4
    assert main(command) == 0
    assert main([*command, "--name", "whole"]) == 0

    def told(name: str) -> list[Any]:
        tables = losses_of(name), validations_of(name)
        return [[{k: v for k, v in row.items() if k not in ("seconds", "rate")} for row in rows] for rows in tables]

    assert told("mine") == told("whole")
    images = [samples.noise(seed) for seed in range(3)]
    one, other = (encoder_spec(name).load().encode(images) for name in ("mine", "whole"))
    np.testing.assert_array_equal(one, other)
