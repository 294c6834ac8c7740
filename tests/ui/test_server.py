"""The loop that serves, and sessions that were left."""

import gc
import sys
import time
import weakref
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.session_manager import SessionInfo
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from fashion_search.ui.server import forget_who_left


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop is not for Windows")
def test_the_server_takes_the_faster_loop() -> None:
    loop = uvicorn.Config("nothing:here").get_loop_factory()
    assert loop is not None
    assert loop.__module__.partition(".")[0] == "uvloop"


class Left(SimpleNamespace):
    """A session with something of its person."""


def test_who_does_not_come_back_is_forgotten_though_nobody_else_comes() -> None:
    kept = MemorySessionStorage(ttl_seconds=1)
    nothing: Any = None
    sessions = WebsocketSessionManager(kept, nothing, nothing, nothing)
    left: Any = Left(id="left")
    kept.save(SessionInfo(client=None, session=left))
    gone = weakref.ref(left)
    del left

    forget_who_left(sessions)
    assert gone() is not None  # it may come back
    time.sleep(1.1)
    gc.collect()
    assert gone() is not None
    forget_who_left(sessions)
    assert gone() is None
