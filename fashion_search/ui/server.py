"""The app's server, for the browser on this machine, or in open mode for those of others."""

import asyncio
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address
from socket import IPPROTO_TCP, TCP_NODELAY, socket
from threading import Thread
from typing import Any

import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from starlette.types import ASGIApp
from streamlit import runtime
from streamlit.runtime.caching.ttl_cache import TTLCache
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.session_manager import SessionManager

from fashion_search.errors import OpenModeError
from fashion_search.home import shipped
from fashion_search.settings import Settings, settings
from fashion_search.ui import defects, open_mode, ready
from fashion_search.ui.guard import LOCAL, Guard, Uploads
from fashion_search.ui.limits import Rate
from fashion_search.ui.login import Login

_PAUSE = 30.0  # s between two looks for sessions that were left


def serve(listening: socket) -> None:
    """Serve the pages until the program is stopped, and open them, with the settings that lie beside ``app.py``.

    As ``streamlit run`` does it, but without Nagle's algorithm, which Streamlit leaves on: nearly each of the 130 files
    of a first page, and of the messages after it, then waits 40 ms for an acknowledgement. And behind a guard, before
    which nothing answers.

    Raises:
        OpenModeError: others than this machine can reach it, and it is neither in open mode nor has a password.
        PasswordError, SettingError: what is set cannot be read.
    """
    listening.setsockopt(IPPROTO_TCP, TCP_NODELAY, True)  # what it accepts has it from it
    host, port = listening.getsockname()[:2]
    now = settings()

    @asynccontextmanager
    async def with_thread(app: st.App) -> AsyncIterator[None]:
        # Before the thread: two at once would meet in packages that import each other, as NumPy's do. And not before
        # Streamlit runs, which else complains of each cache.
        ready.import_page()
        Thread(target=ready.search, daemon=True).start()
        forgetting = asyncio.create_task(_forget_again_and_again())
        yield
        forgetting.cancel()

    def guarded(app: ASGIApp) -> Guard:  # called when the server begins
        return Guard(app, **guarding)

    app = st.App(shipped("app.py"), lifespan=with_thread, middleware=[Middleware(guarded)], on_script_error=defects.say)
    is_headless = st.get_option("server.headless")  # reads the settings, which uvicorn's own come after
    compresses = st.get_option("server.enableWebsocketCompression")
    password = open_mode.password()
    is_local = ip_address(host).is_loopback
    if not (is_local or now.public or password):
        raise OpenModeError(
            f"At {host} others could use the app, which reads paths of this machine and starts builds. Add --public, "
            "or set a password (docs/deploy.md); or leave --host out."
        )
    guarding: dict[str, Any] = {
        "login": Login(password, now.login_hours) if password else None,
        "hosts": LOCAL if is_local and not (now.public or now.behind_proxy or password) else None,
        "uploads": _uploads(now) if now.public else None,
        "sessions": now.sessions,
    }
    open_mode.prepare()
    open_mode.is_guarded()
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_level="warning",
            ws="websockets-sansio",
            ws_per_message_deflate=compresses,
            proxy_headers=now.behind_proxy,  # by default uvicorn believes what a proxy on this machine says
            server_header=False,
        )
    )
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    print(f"\n  You can now view the app in your browser.\n\n  URL: {url}", flush=True)
    for line in (*_about(now, password), *([] if is_local else [_UNENCRYPTED])):
        print(f"  {line}", flush=True)
    print(flush=True)
    if not is_headless:
        webbrowser.open(url)
    with suppress(KeyboardInterrupt):  # Ctrl+C is how it is stopped
        server.run(sockets=[listening])


async def _forget_again_and_again() -> None:
    while True:
        await asyncio.sleep(_PAUSE)
        forget_who_left(runtime.get_instance()._session_mgr)


def forget_who_left(sessions: SessionManager) -> None:
    """Let go of sessions, with their pictures, whose time to come back is over.

    Streamlit keeps those that were left for two minutes, and then until another one is left: overnight, perhaps.
    """
    kept = getattr(sessions, "_session_storage", None)  # Streamlit has no public way, and may change this one
    if isinstance(kept, MemorySessionStorage) and isinstance(kept._cache, TTLCache):
        kept._cache.expire()


_UNENCRYPTED = (
    "Others can reach it, and nothing is encrypted: put a proxy with TLS before it before it leaves a network that you "
    "trust (docs/deploy.md)."
)


def _about(now: Settings, password: str | None) -> list[str]:
    """What is special about how it is served."""
    about = ["Open mode: what reads or changes this machine is off."] if now.public else []
    return about + (["A password is asked for."] if password else [])


def _uploads(now: Settings) -> Uploads:
    # Twice what a page takes: it refuses in a sentence, this in a status
    rate = Rate(2 * now.uploads_a_minute, 2 * now.uploads_a_minute_all, 60.0)
    held_bytes = now.uploads_held_mb * 2**20
    return Uploads(now.uploads_at_once, rate, now.uploads_held, held_bytes, _unread, _is_open, open_mode.note_not_taken)


def _is_open(session: str) -> bool:
    return runtime.get_instance().is_active_session(session)


def _unread(session: str) -> tuple[int, int]:
    """Files of a session that Streamlit holds, and the bytes of all sessions."""
    held = runtime.get_instance().uploaded_file_mgr
    assert isinstance(held, MemoryUploadedFileManager)
    files = held.file_storage.get(session, {})  # without making an entry
    every = [file for one in list(held.file_storage.values()) for file in list(one.values())]
    return len(files), sum(len(file.data) for file in every)
