"""The wheel, installed into an environment of its own where no checkout is in sight."""

import json
import os
import subprocess
import sys
import sysconfig
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.ports import free_port
from fashion_search.catalog.demo import DEMO_STORE
from fashion_search.home import HOME_VARIABLE
from fashion_search.store import Store

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[1]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
EVERY_PAGE = """
from streamlit.testing.v1 import AppTest
from fashion_search.home import shipped
app = AppTest.from_file(shipped("app.py"), default_timeout=60).run()
shown = [app]
for page in sorted(shipped("pages").glob("*.py")):
    shown.append(app.switch_page(f"pages/{page.name}").run())
    assert [error.value for error in app.exception] == [], page
print(len(shown))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([*PIP, "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT)], check=True)
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of ``python`` and ``fashion-search`` of a new environment that sees our dependencies, and no more."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    programs = Path(sysconfig.get_path("scripts", "venv", {"base": str(folder)}))
    python = str(programs / "python")
    subprocess.run([*PIP, "--python", python, "install", "--no-deps", "--no-index", str(wheel)], check=True)
    own = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder)}))
    dependencies = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (own / "dependencies.pth").write_text("\n".join(dependencies), "utf-8")  # their own .pth files are not read
    return programs


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """Without what would lead to the checkout, and without a window."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return kept | {HOME_VARIABLE: str(home), "STREAMLIT_SERVER_HEADLESS": "true"}


def test_it_holds_what_the_program_needs_and_no_more(wheel: Path) -> None:
    def files(folder: str) -> set[str]:
        paths = (path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        return {path.relative_to(ROOT).as_posix() for path in paths}

    beside = {"app.py"} | files("pages") | files("assets") | files(".streamlit")
    beside -= files("assets/screenshots")
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
        licence = [name for name in archive.namelist() if name.endswith("licenses/LICENSE")]
    assert held == files("fashion_search") | {f"fashion_search/shipped/{path}" for path in beside}
    assert len(licence) == 1


def hits(result: bytes) -> dict[str, list[dict[str, object]]]:
    return {method: found["hits"] for method, found in json.loads(result)["methods"].items()}


def test_the_demo_is_searched_as_in_the_checkout(programs: Path, environment: dict[str, str], tmp_path: Path) -> None:
    [item, *_] = Store(DEMO_STORE).catalog.items
    command = ["search", item.id, "--catalog", "demo", "--json"]
    installed, here = (
        hits(subprocess.run([*program, *command], cwd=folder, env=environment, capture_output=True, check=True).stdout)
        for program, folder in (
            ([programs / "fashion-search"], tmp_path),
            ([sys.executable, "-m", "fashion_search"], ROOT),
        )
    )
    assert installed == here
    assert {len(found) for found in installed.values()} == {5}
    told = "import fashion_search; print(fashion_search.__file__)"
    found = subprocess.run(
        [programs / "python", "-c", told], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert programs.parent in Path(found.stdout.strip()).parents


def test_every_page_is_drawn(programs: Path, environment: dict[str, str], tmp_path: Path) -> None:
    drawn = subprocess.run(
        [programs / "python", "-c", EVERY_PAGE],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert drawn.returncode == 0, drawn.stderr
    assert int(drawn.stdout) == 1 + len(list((ROOT / "pages").glob("*.py")))


@pytest.fixture
def address(programs: Path, environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """Where ``fashion-search app`` serves, started in a folder that has nothing to do with it."""
    port = free_port()
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [programs / "fashion-search", "app", "--port", str(port)],
            cwd=tmp_path,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        end = time.monotonic() + 60
        while "http://" not in (said := log.read_text("utf-8")):
            assert process.poll() is None, said
            assert time.monotonic() < end, said
            time.sleep(0.1)
        said = log.read_text("utf-8")
        assert f"URL: http://127.0.0.1:{port}" in said  # by the project's settings; else localhost, and the network's
        assert "Network URL" not in said
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def test_the_app_is_served_with_the_projects_settings(address: str) -> None:
    for page in ("", "/Metrics"):
        with urllib.request.urlopen(address + page, timeout=10) as answer:
            assert answer.status == 200
    with urllib.request.urlopen(f"{address}/_stcore/health", timeout=10) as answer:
        assert answer.read() == b"ok"
