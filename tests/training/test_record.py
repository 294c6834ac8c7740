import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from msgspec.structs import replace

from fashion_search.errors import TrainingError
from fashion_search.training import record as run_module
from fashion_search.training.recipe import Recipe
from fashion_search.training.record import (
    LOCK,
    RUN,
    Run,
    is_locked,
    losses_of,
    read_run,
    read_table,
    run_names,
    runs_folder,
    validations_of,
    write_run,
    write_table,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(tiny: Recipe) -> Run:
    return Run(
        name="mine",
        catalog="shop",
        recipe=tiny,
        seed=3,
        limit=0,
        precision="full",
        device="cpu",
        threads=2,
        data={"title": "Größe", "fingerprint": "ab", "left_out": {"x": 1}},
        versions={"torch": "2.4"},
        started="2026-11-20T10:00:00+00:00",
        step=7,
        seen=30,
        total=80,
        seconds=10.0,
        seconds_left=125.4,
        best={"epoch": 1, "precision": 0.3},
        notes=("One.", "Two."),
    )


def test_round_trip(run: Run, tmp_path: Path) -> None:
    done = replace(run, state="done", final={"precision": 0.4, "queries": 5})
    write_run(tmp_path, done)
    assert read_run(tmp_path) == done


def test_how_it_goes(run: Run) -> None:
    assert run.rate == 3
    assert run.epoch == 0.75  # of 2
    assert run.sentence == "epoch 0.8 of 2 · 3 images/s · 2:05 left"
    begun = replace(run, seen=0, total=0, seconds=0.0)
    assert (begun.rate, begun.epoch) == (0, 0)


def test_a_running_run_without_a_process_is_stopped(run: Run, tmp_path: Path) -> None:
    write_run(tmp_path, run)
    found = read_run(tmp_path)
    assert (found.state, "goes on from its last state" in found.message) == ("stopped", True)
    (tmp_path / LOCK).touch()  # is left behind by a process that ended
    assert not is_locked(tmp_path)
    assert read_run(tmp_path).state == "stopped"
    with FileLock(tmp_path / LOCK):
        assert is_locked(tmp_path)
        assert read_run(tmp_path) == run
    assert read_run(tmp_path).state == "stopped"


def test_other_states_stay_what_they_are(run: Run, tmp_path: Path) -> None:
    for state in ("done", "failed", "stopped"):
        write_run(tmp_path, replace(run, state=state))
        assert read_run(tmp_path).state == state


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "{}", '{"recipe": {}}', "\xff"])
def test_a_damaged_record_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / RUN).write_text(content, "latin-1")
    with pytest.raises(TrainingError, match=r"run\.json is damaged: .+\. Start .* --restart, or delete its folder"):
        read_run(tmp_path)


def test_a_record_with_an_unknown_field_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / RUN).write_text(json.dumps(run.to_json() | {"colour": "red"}))
    with pytest.raises(TrainingError, match="is damaged"):
        read_run(tmp_path)


def test_a_record_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"run\.json cannot be read: No such file"):
        read_run(tmp_path)


def test_runs_by_age(run: Run) -> None:
    assert run_names() == []
    for place, name in enumerate(("b", "c", "a")):
        write_run(runs_folder() / name, run)
        os.utime(runs_folder() / name / RUN, (place, place))
    (runs_folder() / "unfinished").mkdir()
    assert run_names() == ["a", "c", "b"]


def test_tables(run: Run) -> None:
    assert losses_of("mine") == []
    assert validations_of("mine") == []
    rows = [{"step": 25.0, "loss": 0.123456789}, {"step": 50.0, "loss": 1e-7, "similarity": 3.0}]
    write_table(runs_folder() / "mine" / run_module.LOSSES, rows)
    assert losses_of("mine") == rows
    assert (runs_folder() / "mine/losses.csv").read_text().splitlines()[0] == "step,loss,similarity"


@pytest.mark.parametrize("content", [b"step,loss\n1,high\n", b"\xff\xfe", b"step\n1,2,3\n"])
def test_a_table_of_something_else(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "losses.csv").write_bytes(content)
    with pytest.raises(TrainingError, match=r"losses\.csv is not a table of numbers"):
        read_table(tmp_path / "losses.csv")


def test_a_table_that_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="cannot be read"):
        read_table(tmp_path)


def test_reading_runs_imports_no_torch(run: Run) -> None:
    write_run(runs_folder() / "mine", run)
    code = (
        "import sys; from fashion_search.training.record import *; "
        "print(run_names(), read_run(runs_folder() / 'mine').state, 'torch' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout == "['mine'] stopped False\n"
