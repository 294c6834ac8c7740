"""Visitors over the app's own websocket, a few of them and for seconds."""

import asyncio
from pathlib import Path

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tools.resilience import crowd
from tools.resilience.session import LostError, Session
from tools.resilience.trial import Outcome

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_SEARCH_HOME", str(tmp_path))


def test_visitors_pick_upload_turn_pages_and_reload_without_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "_IN_CHROMIUM", 0)
    monkeypatch.setattr(crowd, "_DEEDS", {"pick": 1, "upload": 1, "page": 1, "reload": 1})
    monkeypatch.setattr(crowd, "_PAUSE", (0.0, 0.1))
    monkeypatch.setattr(crowd, "_P95", 120.0)  # how long it takes is not tested
    monkeypatch.setattr(crowd, "_GROWTH", 3.0)
    found = crowd.crowd(4, seed=0, seconds=6.0)
    assert not found.broken
    assert {"pick", "upload", "page", "reload"} <= found.figures.keys()


def test_what_a_visitor_should_not_see_breaks_the_promise() -> None:
    async def visit() -> None:
        shown = ForwardMsg()
        shown.delta.new_element.exception.message = "division by zero"
        Session(0)._note(shown)

    with pytest.raises(LostError, match="division by zero"):
        asyncio.run(visit())


def test_growing_memory_and_long_waits_break_the_promise() -> None:
    kept, broken = Outcome(), Outcome()
    crowd.judge(kept, {"pick": [0.1] * 99 + [60.0]}, 10.0, 100, 105)
    assert not kept.broken
    assert kept.figures["pick"] == "100, p50 0.10 s, p95 0.10 s, longest 60.00 s"
    crowd.judge(broken, {"pick": [0.1] * 90 + [3.5] * 10}, 10.0, 100, 120)
    assert broken.broken == ["One in twenty waited longer than 3 s.", "Memory grew by 20%."]
