"""Damaged files: the reason and a way to mend it, and everything else still works."""

import json
from pathlib import Path

import pytest

from fashion_search.catalog.request import Request
from fashion_search.home import HOME_VARIABLE
from fashion_search.ui import builds
from tests.app import screen, shops, truth


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """Builds that the page starts are written down and not run."""
    requests: list[Request] = []
    monkeypatch.setattr(builds, "start_build", requests.append)
    return requests


def spoil(path: Path) -> None:
    """Flip one byte in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize("method", ["histogram", "resnet18"])
@pytest.mark.usefixtures("weights")
def test_a_damaged_library_is_refused_and_rebuilt_on_request(trial: Path, started: list[Request], method: str) -> None:
    other = {"histogram": "resnet18", "resnet18": "histogram"}[method]
    spoil(trial / truth.manifest(trial)["libraries"][method]["vectors"]["file"])
    app = screen.opened(catalog=shops.CATALOG, query="1030")

    assert screen.methods_shown(app) == [other]
    assert [card.item_id for card in screen.results(app, other)] == truth.ranking(trial, other, "1030")[:5]
    said = [screen.read(error.value) for error in app.error]
    assert len(said) == 1
    assert "is damaged" in said[0]
    assert app.button(key=f"mend-{method}").label == "Build it again"

    screen.ran(app.button(key=f"mend-{method}").click().run())
    assert [(request.name, request.methods) for request in started] == [(shops.CATALOG, (method,))]


@pytest.mark.parametrize("part", ["items", "thumbnails"])
def test_other_damage_to_a_catalog_is_said_and_another_can_be_chosen(trial: Path, part: str) -> None:
    spoil(trial / truth.manifest(trial)[part]["file"])
    for page in ("", "Catalog"):
        app = screen.opened(page, catalog=shops.CATALOG)
        said = [screen.read(error.value) for error in app.error]
        assert said
        assert all("is damaged" in error for error in said)
        assert app.selectbox(key="catalog").options[-1:] == ["trial-shop"]


def test_a_damaged_manifest_is_said(trial: Path) -> None:
    (trial / "manifest.json").write_text("{}")
    for page in ("", "Metrics", "Methods", "Failures", "Catalog"):
        app = screen.opened(page, catalog=shops.CATALOG)
        said = [screen.read(error.value) for error in app.error]
        assert len(said) == 1
        assert "manifest.json is damaged" in said[0]


def test_a_manifest_that_nobody_can_read_is_said_and_other_catalogs_are_shown(trial: Path) -> None:
    manifest = trial / "manifest.json"
    manifest.unlink()
    manifest.symlink_to(manifest)
    for page in ("", "Metrics", "Methods", "Failures", "Catalog", "Training"):
        assert not screen.opened(page).error
    app = screen.opened(catalog=shops.CATALOG)
    assert app.selectbox(key="catalog").value == shops.CATALOG
    assert "manifest.json cannot be read (Too many levels of symbolic links)" in screen.read(app.error[0].value)


def test_a_home_that_nobody_can_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.touch()
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    for page in ("", "Metrics", "Methods", "Failures", "Catalog", "Training"):
        app = screen.opened(page)
        assert [screen.read(error.value) for error in app.error] == [f"{home} cannot be read: Not a directory."]
    home.unlink()
    assert not screen.ran(app.button(key="try-again").click().run()).error


def test_a_manifest_of_another_version_is_said(trial: Path) -> None:
    path = trial / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"format": 99}))
    app = screen.opened(catalog=shops.CATALOG)

    assert len(app.error) == 1
    assert "has format 99; this version reads 1" in screen.read(app.error[0].value)
