"""``make`` sets up again after whatever became of it before."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(sys.platform == "win32" or shutil.which("make") is None, reason="no make")

PYTHON = """#!/bin/sh
# Stands for Python: makes an environment that holds itself, and for pip does what the file "pip" says.
case "$1 $2" in
"-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
"-m pip") . ./pip ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout as far as ``make`` looks at it."""
    (tmp_path / "requirements").mkdir()
    for name in ("Makefile", "pyproject.toml", "requirements/run.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    python = tmp_path / "a python"
    python.write_text(PYTHON, "utf-8")
    python.chmod(0o755)
    return tmp_path


def make(checkout: Path, pip: str) -> "subprocess.Popen[str]":
    (checkout / "pip").write_text(f"{pip}\n", "utf-8")
    return subprocess.Popen(
        ["make", ".venv/.installed", "PYTHON='./a python'"],
        cwd=checkout,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def half_done(checkout: Path) -> "subprocess.Popen[str]":
    """A ``make`` whose pip has written half a package and goes on for long."""
    begun = make(checkout, "echo half > .venv/package; sleep 60")
    end = time.monotonic() + 20
    while not (checkout / ".venv/package").exists() and time.monotonic() < end:
        time.sleep(0.02)
    assert (checkout / ".venv/package").exists()
    return begun


def killed(begun: "subprocess.Popen[str]") -> None:
    os.killpg(begun.pid, signal.SIGKILL)
    begun.communicate()


def test_an_installation_that_was_killed_begins_anew(checkout: Path) -> None:
    killed(half_done(checkout))
    again = make(checkout, ": installs")
    said, _ = again.communicate(timeout=30)
    assert again.returncode == 0, said
    assert "The last installation was stopped: it begins anew." in said
    assert sorted(path.name for path in (checkout / ".venv").iterdir()) == [".installed", "bin"]


def test_one_that_failed_goes_on_with_what_it_has(checkout: Path) -> None:
    failed = make(checkout, "echo whole > .venv/package; exit 1")
    said, _ = failed.communicate(timeout=30)
    assert failed.returncode != 0
    assert "The packages could not be installed" in said
    again = make(checkout, ": installs")
    assert "begins anew" not in again.communicate(timeout=30)[0]
    assert sorted(path.name for path in (checkout / ".venv").iterdir()) == [".installed", "bin", "package"]


def test_two_at_once_do_not_harm_each_other(checkout: Path) -> None:
    first = half_done(checkout)
    try:
        second = make(checkout, ": installs")
        said, _ = second.communicate(timeout=30)
        assert second.returncode != 0
        assert "Another make installs here just now." in said
        assert (checkout / ".venv/package").exists()
    finally:
        killed(first)
