"""Homes that cannot be read or written: each command ends with a sentence on what, where and what to do."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.ports import free_port
from fashion_search.build.status import Status, read_status, write_status
from fashion_search.evaluation.verdict_file import open_verdicts
from fashion_search.store import Store, open_store
from tests.builds import build

ROOT = Path(__file__).resolve().parents[2]
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
BOUND = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if IS_ROOT else []
"""What binds root by permissions, too."""

pytestmark = pytest.mark.skipif(
    not hasattr(os, "geteuid") or (IS_ROOT and shutil.which("setpriv") is None),
    reason="permissions are of another kind here, or do not bind root",
)


@pytest.fixture
def open_folders(tmp_path: Path) -> Iterator[Path]:
    """The test's folder, whose folders can be deleted afterwards."""
    yield tmp_path
    for path in tmp_path.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)


def command(home: Path, *arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """A command in a process of its own, which permissions bind."""
    return subprocess.run(
        [*BOUND, sys.executable, "-P", "-m", "fashion_search", *arguments],
        env=os.environ | {"FASHION_SEARCH_HOME": str(home), "PYTHONPATH": str(ROOT), "HOME": str(cwd)},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def refused(found: "subprocess.CompletedProcess[str]") -> str:
    """The sentence that a command ended with."""
    assert found.returncode == 1, found
    assert "Traceback" not in found.stderr
    said = found.stderr.strip().splitlines()[-1]
    assert said.startswith("fashion_search: ")
    return said


def test_a_home_that_is_read_only(built: Store, shop: Path, home: Path, open_folders: Path) -> None:
    np.savez(open_folders / "mine.npz", vectors=np.eye(15), ids=np.arange(1, 16))
    open_verdicts("shop").accept("1", "2")
    for folder in (home, home / "shop"):
        folder.chmod(0o555)
    before = sorted(path.name for path in home.rglob("*"))
    assert "shop" in command(home, "list", cwd=open_folders).stdout
    for arguments in (
        ("build", str(shop), "--method", "histogram", "--quick"),
        ("import-vectors", "shop", str(open_folders / "mine.npz"), "--name", "mine"),
        ("remove", "shop", "--yes"),
    ):
        said = refused(command(home, *arguments, cwd=open_folders))
        assert "Permission denied" in said
        assert str(home / "shop") in said
    shown = command(home, "evaluate", "--catalog", "shop", "--verdicts", cwd=open_folders)
    assert shown.returncode == 0, shown.stderr  # what cannot be kept is used all the same
    assert sorted(path.name for path in home.rglob("*")) == before
    assert len(open_store("shop").library("histogram").vectors) == 15


def no_folder(place: Path) -> None:
    place.mkdir()
    place.chmod(0o000)


def a_file(place: Path) -> None:
    place.write_bytes(b"")


@pytest.mark.parametrize("make", [no_folder, a_file])
def test_a_home_that_is_none(make: Callable[[Path], None], shop: Path, open_folders: Path) -> None:
    place = open_folders / "no home"
    make(place)
    said = refused(command(place, "build", str(shop), "--method", "histogram", "--quick", cwd=open_folders))
    assert str(place) in said
    shown = command(place, "list", cwd=open_folders)
    assert shown.returncode == 0 or str(place) in refused(shown)
    assert "Traceback" not in shown.stderr


def test_what_lies_where_nobody_may_look_is_not_taken_for_absent(
    built: Store, shop: Path, home: Path, open_folders: Path
) -> None:
    """Python's own answer is that it is not there, from 3.14 on."""
    open_verdicts("shop").accept("1", "2")
    secrets = open_folders / ".streamlit/secrets.toml"
    secrets.parent.mkdir()
    secrets.write_text('password = "mine"\n', "utf-8")
    source = open_folders / "closed/shop"
    source.mkdir(parents=True)
    for folder in (open_verdicts("shop").path.parent, secrets.parent, source.parent):
        folder.chmod(0o000)
    for arguments, place in (
        (("evaluate", "--catalog", "shop", "--verdicts"), open_verdicts("shop").path),
        (("app", "--port", str(free_port())), secrets),
        (("build", str(source), "--method", "histogram"), source),
    ):
        said = refused(command(home, *arguments, cwd=open_folders))
        assert f"{place} cannot be read" in said
        assert "Permission denied" in said


def test_a_catalog_that_nobody_may_look_into(built: Store, shop: Path, home: Path, open_folders: Path) -> None:
    build(shop, methods=["histogram"], name="other")
    (home / "shop").chmod(0o000)
    try:
        shown = command(home, "list", cwd=open_folders).stdout
        assert f"{home / 'shop/manifest.json'} cannot be read (Permission denied). Give permission" in shown
        assert "other " in shown
        for arguments in (("evaluate", "--catalog", "shop"), ("remove", "shop", "--yes")):
            said = refused(command(home, *arguments, cwd=open_folders))
            assert str(home / "shop") in said
            assert "Permission denied" in said
        found = command(home, "doctor", cwd=open_folders)
        assert found.returncode == 1
        assert f"{home / 'shop/queries'} cannot be read: Permission denied" in found.stdout
        assert "ok     “other”" in found.stdout
    finally:
        (home / "shop").chmod(0o755)


@pytest.mark.parametrize("folder", ["", "methods", "training"])
def test_folders_of_the_home_that_nobody_may_look_into(folder: str, built: Store, home: Path) -> None:
    (home / folder).mkdir(exist_ok=True)
    (home / folder).chmod(0o000)
    try:
        found = command(home, "doctor", cwd=home.parent)
    finally:
        (home / folder).chmod(0o755)
    assert found.returncode == 1
    assert f"{home / folder} cannot be read: Permission denied. Give permission to read it." in found.stdout
    assert "could not be looked at" not in found.stdout


def test_a_report_where_nothing_can_be_written(built: Store, home: Path, open_folders: Path) -> None:
    out = open_folders / "missing/report.html"
    (open_folders / "missing").write_bytes(b"")
    said = refused(command(home, "report", "--catalog", "shop", "--out", str(out), cwd=open_folders))
    assert "report.html" in said


def test_a_clock_that_was_set_back(shop: Path, home: Path) -> None:
    summary = build(shop, methods=["histogram"])
    write_status(home / "shop", Status("starting", summary.manifest.rebuild("histogram")))
    later = time.time() + 7200
    os.utime(home / "shop/build.json", (later, later))
    assert read_status("shop").state == "failed"  # and not starting for two hours
    for path in home.rglob("*"):
        os.utime(path, (later, later))
    assert build(shop, methods=["histogram"]).encoded == {"histogram": 0}
    assert len(open_store("shop").library("histogram").vectors) == 15
