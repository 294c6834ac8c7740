"""Running a command in this process."""

import json
from typing import Any

import pytest

from fashion_search.cli import main

Captured = pytest.CaptureFixture[str]


def succeed(capsys: Captured, *arguments: str) -> Any:
    """Run a command with ``--json``; its result."""
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def fail(capsys: Captured, *arguments: str) -> str:
    """Run a command that fails; its reason, which is one line on stderr."""
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("fashion_search: ")
    assert err.count("\n") == 1
    return err
