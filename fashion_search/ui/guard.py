"""What stands before Streamlit on the network: hosts and origins, the password, uploads in number, security headers."""

import asyncio
import hashlib
import re
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator, Callable, MutableMapping
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fashion_search.errors import TooManyError
from fashion_search.ui import login
from fashion_search.ui.limits import Rate, in_words
from fashion_search.ui.login import Login

_HEALTH = "/_stcore/health"  # says ok and nothing else, also to those who watch over the server
_STATISTICS = "/_stcore/metrics"  # of the process: nothing for strangers
_UPLOAD = "/_stcore/upload_file/"
_SAFE = ("GET", "HEAD", "OPTIONS")
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that a browser on this machine names."""

_WAITS = 20.0  # s that an upload waits for its turn
_RECEIVES = 120.0  # s that receiving one may take

_INLINE = re.compile(rb"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


@cache
def _headers() -> dict[str, str]:
    """Of every answer.

    The policy is that of Streamlit's own page: scripts of this server alone, and the few lines that its page brings,
    known by their digests; styles that they make; pictures that stand in the page. Nothing is loaded from, sent to or
    framed by another host, and no script that came in with a text runs. These scripts may compile code: Plotly does so
    to draw the map by WebGL.
    """
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()
    digests = [b64encode(hashlib.sha256(script).digest()).decode() for script in _INLINE.findall(page)]
    scripts = " ".join(["'self'", "'unsafe-eval'", *(f"'sha256-{digest}'" for digest in digests), "blob:"])
    return {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
        "Content-Security-Policy": (
            f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
            "font-src 'self' data:; connect-src 'self' data: blob:; worker-src 'self' blob:; media-src 'self' blob:; "
            "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
        ),
    }


_OF_LOGIN = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
}


class Uploads:
    """How many uploads are received at once, in a time, and are held unread; over all sessions and for each.

    Args:
        at_once: that are received; others wait for their turn.
        rate: how many may come in a time.
        held: files that a session may leave unread; those that are under way count.
        held_bytes: of all sessions.
        unread: tells the files of a session that are unread, and the bytes of all sessions.
        knows: whether there is such a session; or who makes up names could use up what all may bring.
        refused: told of a session why an upload of it was not taken, as its browser says only that.
    """

    def __init__(
        self,
        at_once: int,
        rate: Rate,
        held: int,
        held_bytes: int,
        unread: Callable[[str], tuple[int, int]],
        knows: Callable[[str], bool],
        refused: Callable[[str, str], None] = lambda session, why: None,
    ):
        self.knows, self.refused = knows, refused
        self._turn = asyncio.Semaphore(at_once)
        self._most_waiting = 8 * at_once
        self._rate, self._held, self._held_bytes, self._unread = rate, held, held_bytes, unread
        self._under_way: Counter[str] = Counter()

    @asynccontextmanager
    async def one(self, session: str) -> AsyncIterator[None]:
        """The turn of an upload of a session.

        Raises:
            TooManyError: there are too many; the message says when to try again.
        """
        files, held_bytes = self._unread(session)
        if files + self._under_way[session] >= self._held:
            raise TooManyError(f"At most {self._held} files can be sent at once. Try again {in_words(10)}.")
        if held_bytes >= self._held_bytes or self._under_way.total() >= self._most_waiting:
            raise TooManyError(f"Many people are sending pictures just now. Try again {in_words(20)}.")
        if wait := self._rate.take(session):
            raise TooManyError(f"Too many pictures were sent in a short time. Try again {in_words(wait)}.")
        self._under_way[session] += 1
        try:
            try:
                await asyncio.wait_for(self._turn.acquire(), _WAITS)
            except TimeoutError:
                raise TooManyError(f"Many people are sending pictures just now. Try again {in_words(20)}.") from None
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._under_way[session] -= 1
            if not self._under_way[session]:
                del self._under_way[session]


class Guard:
    """ASGI middleware, outermost: nothing of the app answers before it.

    Args:
        app: what it guards.
        login: where a password is asked for.
        hosts: those that a request may name; None for any. An app without a password that reads paths of this machine
            answers only as this machine's own, or another site could have its name lead here (DNS rebinding).
        uploads: the limits in open mode.
        sessions: WebSockets, one for each page in a browser, that are open at once; None for any number.
    """

    def __init__(
        self,
        app: ASGIApp,
        login: Login | None = None,
        hosts: frozenset[str] | None = None,
        uploads: Uploads | None = None,
        sessions: int | None = None,
    ):
        self._app, self._login, self._hosts, self._uploads = app, login, hosts, uploads
        self._sessions, self._open = sessions, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        messages, send = send, _with_headers(send)
        if (refusal := self._refusal(scope)) is not None:
            await _refuse(refusal, scope, receive, send)
        elif self._login is not None and scope["path"] == login.PATH and scope["type"] == "http":
            await (await self._log_in(Request(scope, receive)))(scope, receive, send)
        elif self._is_upload(scope):
            await self._receive(scope, receive, send)
        elif scope["type"] == "websocket":
            self._open += 1
            try:
                await self._app(scope, receive, messages)  # many, of which none has headers
            finally:
                self._open -= 1
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        """Why a request is answered here; None where it may go on."""
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if self._hosts is not None and _host_of(f"//{host}") not in self._hosts:
            return PlainTextResponse(f"This app answers to {', '.join(sorted(self._hosts))} alone.", 403)
        acts = scope["type"] == "websocket" or scope["method"] not in _SAFE
        if acts and origin is not None and not _is_of(origin, host):
            return PlainTextResponse("This request came from a page of another site.", 403)
        if self._uploads is not None and scope["path"] == _STATISTICS:
            return PlainTextResponse("There is nothing here.", 404)
        if scope["path"] in (_HEALTH, login.PATH):
            return None
        is_page = scope["type"] == "http" and scope["method"] == "GET" and "text/html" in headers.get("accept", "")
        if self._login is not None and not self._login.knows(_cookie(headers)):
            return _form(_target(scope), 401) if is_page else PlainTextResponse("Log in first.", 401)
        is_full = self._sessions is not None and self._open >= self._sessions
        return _full() if is_full and (is_page or scope["type"] == "websocket") else None

    async def _log_in(self, request: Request) -> Response:
        assert self._login is not None
        if request.method != "POST":
            return _form("/", 200)
        form = b""
        async for chunk in request.stream():
            form += chunk
            if len(form) > login.MOST_BYTES:
                return PlainTextResponse("This form is too long.", 413)
        target = login.inside(login.field(form, "next"))
        value, wait = self._login.enter(form, request.client.host if request.client else "")
        if value is not None:
            cookie = self._login.cookie(value, request.url.scheme == "https")
            return Response(status_code=303, headers={"Location": target, "Set-Cookie": cookie} | _OF_LOGIN)
        return _form(target, 429 if wait else 401, wait, was_wrong=True)

    def _is_upload(self, scope: Scope) -> bool:
        is_sent = scope["type"] == "http" and scope["method"] in ("PUT", "POST") and _UPLOAD in scope["path"]
        return self._uploads is not None and is_sent

    async def _receive(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._uploads is not None
        session = scope["path"].partition(_UPLOAD)[2].partition("/")[0]
        if not self._uploads.knows(session):
            await PlainTextResponse("There is no such session.", 400)(scope, receive, send)
            return
        try:
            async with self._uploads.one(session), asyncio.timeout(_RECEIVES):
                await self._app(scope, receive, send)
        except TooManyError as error:
            self._uploads.refused(session, str(error))
            await PlainTextResponse(str(error), 429)(scope, receive, send)
        except TimeoutError:
            await PlainTextResponse("The picture took too long to arrive.", 408)(scope, receive, send)


def _host_of(address: str) -> str | None:
    """The host that an address names, without its port; None where it is no address."""
    with suppress(ValueError):
        return urlsplit(address).hostname
    return None


def _is_of(origin: str, host: str) -> bool:
    """Whether a page's origin is the host, with its port, that was asked; not what is no address."""
    with suppress(ValueError):
        return bool(host) and urlsplit(origin).netloc.lower() == host.lower()
    return False


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            headers = MutableHeaders(scope=_with_list(message))
            for name, value in _headers().items():
                headers.setdefault(name, value)
        await send(message)

    return sending


def _with_list(message: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    message["headers"] = list(message.get("headers", ()))
    return message


async def _refuse(refusal: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()  # websocket.connect
        await send({"type": "websocket.close", "code": 1008, "reason": ""})  # before it is accepted: HTTP 403
        return
    await refusal(scope, receive, send)


def _cookie(headers: Headers) -> str | None:
    """The login's cookie: the first of that name, as browsers send it."""
    for part in headers.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == login.COOKIE:
            return value
    return None


def _full() -> Response:
    sentence = "Too many people use this app at the moment. Wait a little, then load this page again."
    return PlainTextResponse(sentence, 503, {"Retry-After": "30"})


def _form(target: str, status: int, wait: int = 0, was_wrong: bool = False) -> Response:
    headers = _OF_LOGIN | ({"Retry-After": str(wait)} if wait else {})
    return Response(login.page(target, wait, was_wrong), status, headers, "text/html; charset=utf-8")


def _target(scope: Scope) -> str:
    asked = scope["query_string"].decode("ascii", "replace")
    return quote(scope["path"]) + (f"?{asked}" if asked else "")
