import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from fashion_search.cli import COMMANDS, main
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.store import Store
from tests.builds import build
from tests.cli.command import Captured, fail, succeed
from tests.samples import encoded, noise

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_help_shows_an_example(command: str, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as exit:
        main([command, "--help"])
    assert exit.value.code == 0
    assert f"example:\n  python -m fashion_search {command}" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], []])
def test_no_command_is_imported_but_the_one_that_is_asked_for(arguments: list[str]) -> None:
    code = (
        "import sys; from fashion_search.cli import main\n"
        f"try: main({arguments!r})\n"
        "except SystemExit: print([name for name in sys.modules if name.split('.')[0] in ('fashion_search', 'numpy')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "['fashion_search', 'fashion_search.errors', 'fashion_search.cli']"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "required: COMMAND"),
        (["paint"], "invalid choice: 'paint'"),
        (["search"], "required: IMAGE|ITEM-ID"),
        (["search", "1", "-k", "0"], "-k: '0' is not a whole number of at least 1"),
        (["search", "1", "-k", "many"], "-k: 'many' is not a whole number"),
        (["search", "1", "--protocol", "x"], "'x' is neither leave-one-out, one-per-group nor query-set:NAME"),
        (["evaluate", "--seed", "x"], "--seed"),
        (["fetch", "--size", "medium"], "invalid choice: 'medium'"),
        (["build"], "required: source"),
    ],
)
def test_wrong_usage(arguments: list[str], reason: str, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as exit:
        main(arguments)
    assert exit.value.code == 2
    assert reason in capsys.readouterr().err


def test_a_fusion_is_built_listed_and_searched_like_any_method(
    shop: Path, random_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    import torch

    monkeypatch.setenv(FOLDER_VARIABLE, str(random_weights))
    missing = build(shop, methods=["histogram"]).manifest.rebuild("fusion")
    assert f"Build it: {missing.command}" in fail(capsys, "search", "7", "--catalog", "shop", "--method", "fusion")
    assert main(shlex.split(missing.command)[3:]) == 0
    out = capsys.readouterr().out
    assert "histogram: 0 images encoded" in out
    assert "resnet18: 15 images encoded" in out
    assert "fusion: made of resnet18 and histogram; nothing is encoded for it." in out
    listed = succeed(capsys, "list")
    [weights] = [one["methods"] for one in listed["catalogs"] if one["name"] == "shop"]
    assert list(weights) == ["histogram", "resnet18", "fusion"]
    assert weights["fusion"] == weights["resnet18"] != "none"
    ready = {method["name"] for method in listed["methods"] if method["ready"]}
    assert ready >= {"histogram", "resnet18", "fusion"}

    picture, here = str(shop / "images/7.jpg"), ["--catalog", "shop", "--method", "fusion"]
    best = succeed(capsys, "search", picture, *here)["methods"]["fusion"]["hits"][0]
    assert (best["id"], best["score"]) == ("7", pytest.approx(1, abs=2e-6))

    state = torch.load(random_weights / "resnet18.pth", weights_only=True)
    state["conv1.weight"] *= 2
    (tmp_path / "others").mkdir()
    torch.save(state, tmp_path / "others/resnet18.pth")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "others"))
    reason = fail(capsys, "search", picture, *here)
    assert "the library was made with resnet18.pth" in reason
    assert missing.command in reason
    assert main(["search", "7", *here]) == 0


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fashion_search", *arguments]
    environment = os.environ | environment
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)


def test_as_a_program(built: Store, tmp_path: Path) -> None:
    (tmp_path / "query.png").write_bytes(encoded(noise(1)))
    good = run("search", str(tmp_path / "query.png"), "--catalog", "shop", "--method", "histogram", "--json")
    assert (good.returncode, good.stderr) == (0, "")
    assert json.loads(good.stdout)["catalog"] == "shop"
    failed = run("search", "99", "--catalog", "shop")
    assert (failed.returncode, failed.stdout, failed.stderr.count("\n")) == (1, "", 1)
    assert run("paint").returncode == 2


def test_a_console_that_lacks_letters(built: Store) -> None:
    shown = run("search", "10", "--catalog", "shop", "--method", "histogram", PYTHONIOENCODING="ascii")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith("10: Caps ? Navy Blue ? NA in shop")


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    """As ``list | head -1`` is, whose reader closes the pipe."""
    command = [sys.executable, "-m", "fashion_search", "list"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.wait()
