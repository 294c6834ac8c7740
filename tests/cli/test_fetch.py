import sys

import pytest

from tests.cli.command import Captured, fail


def test_fetch_without_the_package(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    assert "Download it by hand from https://www.kaggle.com/datasets/" in fail(capsys, "fetch")
