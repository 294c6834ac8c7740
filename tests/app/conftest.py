"""Fixtures of the page tests: a built trial shop, and a home that holds a copy of it."""

import functools
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner

from fashion_search import logs
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.evaluation import saved
from fashion_search.ui import work
from fashion_search.work import Works
from tests.app import shops


@pytest.fixture(autouse=True, scope="session")
def _components_looked_for_once() -> Iterator[None]:
    """AppTest reads the metadata of every installed package at each run: longer than most pages take."""
    with pytest.MonkeyPatch.context() as patch:
        found = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", found)
        yield


@pytest.fixture(autouse=True)
def fresh_caches() -> None:
    """What Streamlit keeps per process belongs to the homes of other tests."""
    st.cache_resource.clear()
    st.cache_data.clear()
    work.WORKS = Works()


@pytest.fixture(autouse=True)
def defects() -> Iterator[list[str]]:
    """The ids of errors that nobody foresaw, which pages only say in a sentence: a test that expects some clears it."""
    met: list[str] = []

    class Watch(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.ERROR:
                met.append(record.fields["id"])  # type: ignore[attr-defined]

    handler = Watch()
    logs.LOGGER.addHandler(handler)
    yield met
    logs.LOGGER.removeHandler(handler)
    assert met == []


@pytest.fixture(scope="session")
def shop_folder(shared: Path, random_weights: Path) -> Path:
    """The trial shop's pictures and table."""
    return shops.built(shared, random_weights)[0]


@pytest.fixture(scope="session")
def trial_store(shared: Path, random_weights: Path) -> Path:
    """The trial shop, built with the paper's two methods; its ResNet-18 has learned nothing. Copy it to change it."""
    return shops.built(shared, random_weights)[1]


@pytest.fixture
def trial(home: Path, trial_store: Path) -> Path:
    """A home that holds the trial shop; returns the shop's folder in it."""
    return Path(shutil.copytree(trial_store, home / shops.CATALOG))


@pytest.fixture
def weights(random_weights: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The weights that made the trial shop's ResNet-18 library are at hand."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(random_weights))
    return random_weights


@pytest.fixture
def other_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Weights that are not those of the trial shop's library are at hand."""
    import torch
    from torchvision.models import resnet18

    torch.manual_seed(1)
    folder = tmp_path / "other-weights"
    folder.mkdir()
    torch.save({name: value.half() for name, value in resnet18().state_dict().items()}, folder / "resnet18.pth")
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the pages offer as files: name → content, made as if each were asked for."""
    offered: dict[str, str] = {}
    button = st.download_button

    def record(label: str, data: Any, file_name: str, *arguments: Any, **options: Any) -> Any:
        offered[file_name] = data() if callable(data) else data
        return button(label, data, file_name, *arguments, **options)

    monkeypatch.setattr(st, "download_button", record)
    return offered


@pytest.fixture
def never_evaluated(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Forget what this process keeps; from then on, ranking anything anew fails the test."""

    def begin() -> None:
        def fail(*arguments: object, **options: object) -> None:
            raise AssertionError("evaluated again")

        st.cache_resource.clear()
        st.cache_data.clear()
        for name in ("rank", "seed_scores"):
            monkeypatch.setattr(saved, name, fail)

    return begin
