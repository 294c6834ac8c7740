"""The trials of long work, with a few sessions and builds."""

from pathlib import Path

import pytest

from fashion_search.build import status
from tools.resilience import long_work

pytestmark = pytest.mark.slow
SLOW = "tests.resilience.slow_app"


def test_sessions_that_ask_for_the_same_share_it(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    found = long_work.twice(3, 0, SLOW)
    assert not found.broken
    assert found.figures["evaluations for all"] == 2
    assert found.figures["evaluations after a closed tab"] == 2


def test_an_app_that_computes_for_each_breaks_the_promise(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("WITHOUT_SHARING", "1")
    found = long_work.twice(2, 0, SLOW)
    assert "2 sessions asked for 2 pieces of work" in found.broken[0]


def test_builds_that_are_cancelled_go_on(home: Path) -> None:
    found = long_work.cancelled(1, 0)
    assert not found.broken


def test_a_cancel_that_loses_what_was_done_breaks_the_promise(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr(long_work, "_vectors", lambda name: {"histogram": name})
    monkeypatch.setattr(long_work, "start_build", lambda request: None)
    monkeypatch.setattr(long_work, "cancel_build", lambda name: None)
    monkeypatch.setattr(long_work, "_LONGEST", 0.0)
    monkeypatch.setattr(long_work, "read_status", lambda name: status.Status("failed", long_work._request(name)))
    found = long_work.cancelled(1, 0)
    assert "A build that was cancelled is failed." in found.broken
    assert len(found.broken) == 2
