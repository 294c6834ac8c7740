"""A package that brings a method: the example of CONTRIBUTING.md, installed and run."""

import re
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from fashion_search.encoders import ENCODERS, all_methods, encoder_spec, plugins, problems
from fashion_search.errors import UnknownNameError

ROOT = Path(__file__).resolve().parents[2]


def example() -> dict[str, str]:
    """The files of the example in CONTRIBUTING.md by name."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    found = re.findall(r"`([\w.]+)`:\n\n```(?:python|toml)\n(.*?)```", text, re.DOTALL)
    return {name: code for name, code in found if "my_method" in name + code}


@pytest.fixture(autouse=True)
def looked_up_anew() -> None:
    plugins._loaded.cache_clear()


def test_the_example_is_installed_built_and_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = example()
    assert files.keys() == {"pyproject.toml", "my_method.py"}
    assert sum(map(bool, files["my_method.py"].splitlines())) <= 10
    package, target = tmp_path / "package", tmp_path / "installed"
    package.mkdir()
    for name, text in files.items():
        (package / name).write_text(text)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(target), str(package)], check=True)

    home = tmp_path / "home"
    monkeypatch.setenv("PYTHONPATH", str(target))
    monkeypatch.setenv("FASHION_SEARCH_HOME", str(home))

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "fashion_search", *words]
        return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout

    assert "mean-colour" in run("list")
    run("build", "demo", "--method", "mean-colour", "--quick")
    assert "Mean colour" in run("evaluate", "--method", "mean-colour", "-k", "1")


def install(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    """As if packages had these entry points."""
    points = tuple(EntryPoint(name, value, plugins.GROUP) for name, value in values.items())
    monkeypatch.setattr(plugins, "_points", lambda: points)


SPEC = ENCODERS["histogram"]


def test_what_is_wrong_with_one_is_said_and_the_others_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    here = "tests.encoders.test_plugins"
    install(monkeypatch, gone="no.such.module:SPEC", other=f"{here}:ROOT", twice=f"{here}:SPEC")
    assert list(all_methods()) == list(ENCODERS)
    said = problems()
    assert "no.such.module:SPEC could not be loaded (ModuleNotFoundError" in said["gone"]
    assert "not an EncoderSpec" in said["other"]
    assert "there is a method 'histogram' already" in said["twice"]


@pytest.mark.parametrize("name", ["a+b", "a~b", "a@b", "a,b", "", "timm:x"])
def test_a_name_that_means_something_else_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    monkeypatch.setattr("tests.encoders.test_plugins.SPEC", replace(SPEC, name=name))
    install(monkeypatch, one="tests.encoders.test_plugins:SPEC")
    assert "cannot name a method" in problems()["one"]


def test_one_is_a_method_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    with pytest.raises(UnknownNameError):
        encoder_spec("ours")
    monkeypatch.setattr("tests.encoders.test_plugins.SPEC", replace(SPEC, name="ours"))
    install(monkeypatch, one="tests.encoders.test_plugins:SPEC")
    assert encoder_spec("ours").title == SPEC.title
    assert list(all_methods()) == [*ENCODERS, "ours"]
