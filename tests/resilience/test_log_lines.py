"""The trial of the log's lines."""

import logging

import pytest

from fashion_search import logs
from tools.resilience import log_lines


def test_hostile_names_end_no_line() -> None:
    assert not log_lines.logged(300, 0).broken


def test_lines_that_are_written_as_they_come_break_the_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_quoted", str)
    assert any("records are" in one for one in log_lines.logged(100, 0).broken)
    monkeypatch.undo()
    monkeypatch.setattr(logs, "_harmless", str)
    assert any("a terminal obeys" in one for one in log_lines.logged(100, 0).broken)


def test_the_log_is_afterwards_as_it_was() -> None:
    before = logs.LOGGER.handlers[:]
    log_lines.logged(10, 0)
    assert logs.LOGGER.handlers == before
    assert logging.getLogger("fashion_search") is logs.LOGGER
