"""A visitor of the app over its own websocket, as a browser speaks it: clicks, pages, uploads, reloads."""

import asyncio
import http.client
import secrets
import time
from typing import Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

_LONGEST = 120.0  # s to wait for a page
_WRONG = "Something went wrong"  # what a page says of an error that nobody foresaw


class LostError(Exception):
    """The app went away, did not answer, or showed an exception."""


class Session:
    """One visitor; ``async with`` opens and closes the connection.

    Attributes:
        buttons: what can be clicked, by the key that the page gave it; of the newest page drawn.
        query: the address after ``?``, as the page set it.
    """

    def __init__(self, port: int, query: str = ""):
        self.port = port
        self.query = query
        self.buttons: dict[str, str] = {}
        self.uploaders: list[str] = []
        self._name = self._page = ""  # of the page, and its digest once the app has told it
        self._id = ""
        self._cached: dict[str, bytes] = {}
        self._connection: ClientConnection | None = None

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def open(self) -> float:
        """Open the address; seconds until the page is drawn."""
        started = time.perf_counter()
        self._cached.clear()
        self._connection = await connect(
            f"ws://127.0.0.1:{self.port}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            origin=f"http://127.0.0.1:{self.port}",  # type: ignore[arg-type]
            max_size=None,
            compression=None,
            open_timeout=_LONGEST,
        )
        await self._rerun()
        return time.perf_counter() - started

    async def close(self) -> None:
        """Leave, as a closed tab does."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def click(self, key: str) -> float:
        """Click a button; seconds until the page is drawn again."""
        return await self._rerun(WidgetState(id=self.buttons[key], trigger_value=True))

    async def go(self, query: str) -> float:
        """Open another address on this page, as a link does; seconds until it is drawn."""
        self.query = query
        return await self._rerun()

    async def turn_to(self, page: str, query: str = "") -> float:
        """Another page, by its name, such as ``Metrics``, or ``""`` for Search; seconds until it is drawn."""
        self._name, self._page, self.query = page, "", query
        return await self._rerun()

    async def upload(self, data: bytes, name: str) -> float:
        """Drop a picture on the page; seconds until it is drawn again."""
        started = time.perf_counter()
        request = BackMsg()
        request.file_urls_request.request_id = secrets.token_hex(8)
        request.file_urls_request.file_names.append(name)
        request.file_urls_request.session_id = self._id
        await self._send(request)
        while True:
            message = await self._receive()
            if message.WhichOneof("type") == "file_urls_response":
                break
        (urls,) = message.file_urls_response.file_urls
        await asyncio.to_thread(_put, self.port, urls, data, name)
        chosen = WidgetState(id=self.uploaders[0])
        chosen.file_uploader_state_value.uploaded_file_info.add(
            name=name, size=len(data), file_id=urls.file_id, file_urls=urls
        )
        await self._rerun(chosen)
        return time.perf_counter() - started

    async def _rerun(self, widget: WidgetState | None = None) -> float:
        started = time.perf_counter()
        asked = BackMsg()
        state = asked.rerun_script
        state.query_string = self.query
        state.page_name, state.page_script_hash = self._name, self._page
        state.cached_message_hashes.extend(self._cached)
        if widget is not None:
            state.widget_states.widgets.append(widget)
        await self._send(asked)
        await self._drawn()
        return time.perf_counter() - started

    async def _drawn(self) -> None:
        """Wait until the page's script is over."""
        while True:
            message = await self._receive()
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self._begin(message)
            elif kind == "page_info_changed":
                self.query = message.page_info_changed.query_string
            elif kind == "delta":
                self._note(message)
            elif kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return

    def _begin(self, message: ForwardMsg) -> None:
        new = message.new_session
        self._id = new.initialize.session_id or self._id
        self._page = new.page_script_hash
        self.buttons, self.uploaders = {}, []

    def _note(self, message: ForwardMsg) -> None:
        if message.delta.WhichOneof("type") != "new_element":
            return
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "button":
            self.buttons[element.button.id.split("-", 2)[-1]] = element.button.id  # $$ID-digest-key
        elif kind == "file_uploader":
            self.uploaders.append(element.file_uploader.id)
        elif kind == "alert" and _WRONG in element.alert.body:
            raise LostError(f"The page says: {element.alert.body}")
        elif kind == "exception":
            raise LostError(f"The page shows an exception: {element.exception.message or element.exception.type}")

    async def _send(self, message: BackMsg) -> None:
        assert self._connection is not None
        await self._connection.send(message.SerializeToString())

    async def _receive(self) -> ForwardMsg:
        assert self._connection is not None
        async with asyncio.timeout(_LONGEST):
            data = await self._connection.recv(decode=False)
        message: ForwardMsg = ForwardMsg.FromString(data)
        if message.WhichOneof("type") == "ref_hash":
            message = ForwardMsg.FromString(self._cached[message.ref_hash])
        if message.metadata.cacheable:
            self._cached[message.hash] = data
        return message


def _put(port: int, urls: FileURLs, data: bytes, name: str) -> None:
    """Send a file to where the app takes it."""
    boundary, token = secrets.token_hex(16), _token(port)
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
    headers = {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Cookie": f"_streamlit_xsrf={token}",
        "X-Xsrftoken": token,
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_LONGEST)
    try:
        connection.request("PUT", urls.upload_url, body, headers)
        status = connection.getresponse().status
    finally:
        connection.close()
    if status not in (200, 204):
        raise LostError(f"The app refused a file with status {status}.")


def _token(port: int) -> str:
    """What the app gives a browser so that no other site can upload in its name."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_LONGEST)
    try:
        connection.request("GET", "/_stcore/health")
        cookie = connection.getresponse().getheader("Set-Cookie") or ""
    finally:
        connection.close()
    return cookie.partition("_streamlit_xsrf=")[2].partition(";")[0]
