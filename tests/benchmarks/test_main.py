"""The command: which rows it shows, as a table and as JSON."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks.measuring import Benchmark, Row, Setting
from fashion_search.errors import MissingPackageError
from tests.benchmarks.made import ROW


def one_row(setting: Setting) -> Iterator[Row]:
    """A row that says what it was given."""
    yield Row.of(f"{setting.catalog}, {setting.n} pairs", "nothing", [(1, 2)])
    yield ROW


def none(setting: Setting) -> Iterator[Row]:
    """What it needs is missing."""
    raise MissingPackageError("It needs faiss: pip install faiss-cpu")
    yield ROW


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = (Benchmark("one", "What one is about", one_row, "quick"), Benchmark("none", "None", none))
    monkeypatch.setattr(command, "chosen", lambda names, full: [one for one in entries if one.name in names])


@pytest.mark.usefixtures("made_up")
def test_the_table_begins_with_the_conditions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["one", "--home", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "numpy" in lines[1]
    assert "load" in lines[2]
    assert lines[5] == "What one is about (one)"
    assert lines[6].split("  ")[1] == "demo, 3 pairs"


@pytest.mark.usefixtures("made_up")
def test_json_takes_the_place_of_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["one", "--home", str(tmp_path), "-n", "4", "--json"]) == 0
    [one] = json.loads(capsys.readouterr().out)["measured"]
    assert [row["what"] for row in one["rows"]] == ["demo, 4 pairs", ROW.what]


@pytest.mark.usefixtures("made_up")
def test_json_is_written_beside_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "figures.json"
    assert command.main(["one", "--home", str(tmp_path), "--json", str(path)]) == 0
    assert json.loads(path.read_text("utf-8"))["measured"][0]["name"] == "one"
    assert "What one is about" in capsys.readouterr().out


@pytest.mark.usefixtures("made_up")
def test_what_cannot_be_measured_is_left_out_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["one", "none", "--home", str(tmp_path), "--json"]) == 1
    said = capsys.readouterr()
    assert [one["name"] for one in json.loads(said.out)["measured"]] == ["one"]
    assert said.err == "none was left out: It needs faiss: pip install faiss-cpu\n"


def test_an_unknown_name_ends_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["serach"])
    assert "there is no benchmark serach" in capsys.readouterr().err


def test_a_search_of_the_demo_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["search", "--home", str(tmp_path), "-n", "1", "--json"]) == 0
    [one] = json.loads(capsys.readouterr().out)["measured"]
    assert {"histogram", "resnet18", "fashion"} <= {row["what"].split(",")[0] for row in one["rows"]}
    assert all(row["ours"] > 0 and row["pairs"] == 20 for row in one["rows"])
