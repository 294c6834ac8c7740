"""The app's server, for the browser on this machine."""

import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from socket import IPPROTO_TCP, TCP_NODELAY, socket
from threading import Thread

import streamlit as st
import uvicorn

from fashion_search.home import shipped
from fashion_search.ui import defects, ready


def serve(listening: socket) -> None:
    """Serve the pages until the program is stopped, and open them, with the settings that lie beside ``app.py``.

    As ``streamlit run`` does it, but without Nagle's algorithm, which Streamlit leaves on: nearly each of the 130 files
    of a first page, and of the messages after it, then waits 40 ms for an acknowledgement.
    """
    listening.setsockopt(IPPROTO_TCP, TCP_NODELAY, True)  # what it accepts has it from it
    host, port = listening.getsockname()

    @asynccontextmanager
    async def with_thread(app: st.App) -> AsyncIterator[None]:
        # Before the thread: two at once would meet in packages that import each other, as NumPy's do. And not before
        # Streamlit runs, which else complains of each cache.
        ready.import_page()
        Thread(target=ready.search, daemon=True).start()
        yield

    app = st.App(shipped("app.py"), lifespan=with_thread, on_script_error=defects.say)
    is_headless = st.get_option("server.headless")  # reads the settings, which uvicorn's own come after
    compresses = st.get_option("server.enableWebsocketCompression")
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", ws="websockets-sansio", ws_per_message_deflate=compresses
    )
    server = uvicorn.Server(config)
    url = f"http://{host}:{port}"
    print(f"\n  You can now view the app in your browser.\n\n  URL: {url}\n", flush=True)
    if not is_headless:
        webbrowser.open(url)
    with suppress(KeyboardInterrupt):  # Ctrl+C is how it is stopped
        server.run(sockets=[listening])
