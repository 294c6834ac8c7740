"""The app as it is served, asked over real connections: what it refuses, and what every answer carries."""

import asyncio
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
import streamlit
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from benchmarks.ports import free_port
from fashion_search.errors import TooManyError
from fashion_search.home import HOME_VARIABLE
from fashion_search.ui import open_mode
from fashion_search.ui.guard import LOCAL, Guard, Uploads
from fashion_search.ui.limits import Rate
from fashion_search.ui.login import COOKIE, Login

pytestmark = pytest.mark.slow
PASSWORD = "a pass wörd"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class App:
    """A running app, and a person's cookies."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """One request; ``_`` in a header's name is a hyphen."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            sent.setdefault("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        connection.request(method, path, body or None, sent)
        answer = connection.getresponse()
        found = Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        for header in (value for name, value in answer.getheaders() if name.lower() == "set-cookie"):
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        return found

    def stream(self, token: str = "", **headers: str) -> ClientConnection:
        """Streamlit's WebSocket."""
        cookies = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        return connect(
            f"ws://127.0.0.1:{self.port}/_stcore/stream",
            additional_headers=(cookies if self.cookies else {}) | headers,
            subprotocols=["streamlit", token] if token else ["streamlit"],
            max_size=None,
        )


@contextmanager
def serving(home: Path, folder: Path, *options: str, **variables: str) -> Iterator[App]:
    port = free_port()
    environment = os.environ | {HOME_VARIABLE: str(home), "STREAMLIT_SERVER_HEADLESS": "true"}
    environment |= {"PYTHONPATH": str(Path(__file__).resolve().parents[2])} | variables
    command = [sys.executable, "-m", "fashion_search", "app", "--port", str(port), *options]
    log = folder / "log"
    with log.open("wb") as output, subprocess.Popen(command, cwd=folder, env=environment, stderr=output) as process:
        try:
            end = time.monotonic() + 60
            while process.poll() is None and time.monotonic() < end:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    if App(port).ask("GET", "/_stcore/health").status == 200:
                        break
                except OSError:
                    time.sleep(0.1)
            yield App(port)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """In open mode, without a password."""
    folder = tmp_path_factory.mktemp("public")
    with serving(folder / "home", folder, "--public", FASHION_SEARCH_UPLOAD_MB="1") as app:
        yield app


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """With a password."""
    folder = tmp_path_factory.mktemp("locked")
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit/secrets.toml").write_text(f'password = "{PASSWORD}"\n', "utf-8")
    with serving(folder / "home", folder) as app:
        yield app


def session(stream: ClientConnection) -> str:
    """A session's id, from the message that begins a run."""
    asked = BackMsg()
    asked.rerun_script.query_string = ""
    stream.send(asked.SerializeToString())
    while True:
        message = ForwardMsg()
        message.ParseFromString(stream.recv(60))
        if message.WhichOneof("type") == "new_session":
            return message.new_session.initialize.session_id


def multipart(content: bytes) -> tuple[bytes, dict[str, str]]:
    head = b'--xx\r\nContent-Disposition: form-data; name="f"; filename="f.png"\r\nContent-Type: image/png\r\n\r\n'
    return head + content + b"\r\n--xx--\r\n", {"Content_Type": "multipart/form-data; boundary=xx"}


# -- headers ------------------------------------------------------------------------------------------------


def test_every_answer_has_the_headers(public: App) -> None:
    for path in ("/", "/Metrics", "/_stcore/health", "/no-such-page", "/_stcore/metrics"):
        headers = public.ask("GET", path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "SAMEORIGIN"
        assert headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'self'" in headers["content-security-policy"]
        assert "server" not in headers


def test_the_policy_lets_no_script_in_that_is_not_the_servers_own(public: App) -> None:
    answer = public.ask("GET", "/")
    [scripts] = re.findall(r"script-src ([^;]*)", answer.headers["content-security-policy"])
    assert "unsafe-inline" not in scripts
    assert "http" not in scripts
    page = (Path(streamlit.__file__).parent / "static/index.html").read_bytes()
    inline = re.findall(rb"<script>(.*?)</script>", page, re.DOTALL)
    assert inline
    assert scripts.count("sha256-") >= len(inline)


# -- other sites --------------------------------------------------------------------------------------------


def test_an_upload_without_the_token_is_refused(public: App) -> None:
    person = App(public.port)
    person.ask("GET", "/_stcore/health")
    token = person.cookies["_streamlit_xsrf"].strip('"')
    with person.stream(token) as stream:
        path = f"/_stcore/upload_file/{session(stream)}/00000000-0000-0000-0000-000000000001"
        body, kind = multipart(b"picture")
        assert person.ask("PUT", path, body, **kind).status == 403
        assert person.ask("PUT", path, body, **kind, X_Xsrftoken="2|00000000|00|1").status == 403
        other = {"Origin": "http://elsewhere.invalid"}
        assert person.ask("PUT", path, body, **kind, **other, X_Xsrftoken=token).status == 403
        assert person.ask("PUT", path, body, **kind, X_Xsrftoken=token).status == 204
        assert person.ask("DELETE", path, X_Xsrftoken="").status == 403
        assert person.ask("DELETE", path, X_Xsrftoken=token).status == 204


@pytest.mark.parametrize("origin", ["http://elsewhere.invalid", "null", "http://127.0.0.1:1", "https://localhost"])
def test_a_websocket_from_another_site_is_refused(public: App, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        public.stream(Origin=origin)
    assert refused.value.response.status_code == 403


def test_a_websocket_from_its_own_page_is_taken(public: App) -> None:
    with public.stream(Origin=f"http://127.0.0.1:{public.port}") as stream:
        assert session(stream)


def asked(guard: Guard, scope: Scope | None = None, **headers: str) -> Message:
    """The first message that a guard sends to a request for a page."""
    sent: list[Message] = []

    async def keep(message: Message) -> None:
        sent.append(message)

    async def nothing() -> Message:
        return {"type": "http.request"}

    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = scope or {"type": "http", "method": "GET", "path": "/", "query_string": b""}
    asyncio.run(guard(scope | {"headers": pairs}, nothing, keep))
    return sent[0]


async def page(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})


def test_an_app_at_home_answers_under_its_own_name_alone() -> None:
    """Another site's name that leads here (DNS rebinding) would make its pages of the same origin."""
    guard = Guard(page, hosts=LOCAL)
    for host in ("127.0.0.1:8501", "localhost:8501", "LOCALHOST", "[::1]:8501"):
        assert asked(guard, host=host)["status"] == 200
    for host in ("elsewhere.invalid:8501", "127.0.0.1.elsewhere.invalid", "", "localhost@elsewhere.invalid", "[::1"):
        assert asked(guard, host=host)["status"] == 403
    assert asked(Guard(page), host="elsewhere.invalid")["status"] == 200


@pytest.mark.parametrize("origin", ["http://[", "http://elsewhere.invalid", "null", ""])
@pytest.mark.parametrize("host", ["here", "[", ""])
def test_an_origin_that_is_no_address_is_another_site(origin: str, host: str) -> None:
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b""}
    assert asked(Guard(page), scope, host=host, origin=origin)["status"] == 403


def test_more_pages_than_may_be_open_are_refused_until_one_is_closed(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("full")
    with serving(folder / "home", folder, FASHION_SEARCH_SESSIONS="2") as app:
        with app.stream() as one, app.stream():
            page = app.ask("GET", "/Metrics", Accept="text/html")
            assert page.status == 503
            assert page.body.startswith(b"Too many people use this app at the moment.")
            with pytest.raises(InvalidStatus):
                app.stream()
            assert app.ask("GET", "/_stcore/health").status == 200
            assert session(one)  # who is in, stays
        end = time.monotonic() + 20
        while app.ask("GET", "/", Accept="text/html").status != 200:
            assert time.monotonic() < end
        with app.stream() as again:
            assert session(again)


# -- uploads ------------------------------------------------------------------------------------------------


def test_uploads_are_bounded_in_size_and_number(public: App) -> None:
    person = App(public.port)
    person.ask("GET", "/_stcore/health")
    token = {"X_Xsrftoken": person.cookies["_streamlit_xsrf"].strip('"')}
    with person.stream(token["X_Xsrftoken"]) as stream:
        own = session(stream)
        body, kind = multipart(b"x" * (2**20 + 1))
        assert person.ask("PUT", f"/_stcore/upload_file/{own}/1", body, **kind, **token).status == 413
        body, kind = multipart(b"x")
        for number in range(16):
            assert person.ask("PUT", f"/_stcore/upload_file/{own}/{number}", body, **kind, **token).status == 204
        refused = person.ask("PUT", f"/_stcore/upload_file/{own}/99", body, **kind, **token)
        assert (refused.status, refused.body) == (
            429,
            b"At most 16 files can be sent at once. Try again in 10 seconds.",
        )
        person.ask("DELETE", f"/_stcore/upload_file/{own}/1", **token)
        assert person.ask("PUT", f"/_stcore/upload_file/{own}/99", body, **kind, **token).status == 204


def test_names_of_sessions_that_are_made_up_use_nothing_up(public: App) -> None:
    person = App(public.port)
    person.ask("GET", "/_stcore/health")
    token = {"X_Xsrftoken": person.cookies["_streamlit_xsrf"].strip('"')}
    body, kind = multipart(b"x")
    for number in range(490):  # more than all sessions may bring in a minute
        answer = person.ask("PUT", f"/_stcore/upload_file/made-up-{number}/1", body, **kind, **token)
        assert (answer.status, answer.body) == (400, b"There is no such session.")
    with person.stream(token["X_Xsrftoken"]) as stream:
        path = f"/_stcore/upload_file/{session(stream)}/1"
        assert person.ask("PUT", path, body, **kind, **token).status == 204


def uploads(at_once: int = 2, each: int = 100, held: int = 8, held_bytes: int = 10**6, unread: int = 0) -> Uploads:
    return Uploads(at_once, Rate(each, 100, 60), held, held_bytes, lambda session: (0, unread), lambda session: True)


def test_uploads_wait_for_their_turn_and_too_many_are_refused() -> None:
    async def trial() -> tuple[int, list[str]]:
        limits, under_way, most, refused = uploads(), 0, 0, []

        async def one(session: str) -> None:
            nonlocal under_way, most
            try:
                async with limits.one(session):
                    under_way += 1
                    most = max(most, under_way)
                    await asyncio.sleep(0.01)
                    under_way -= 1
            except TooManyError as error:
                refused.append(str(error))

        await asyncio.gather(*(one(f"session {number}") for number in range(20)))
        assert not limits._under_way
        return most, refused

    most, refused = asyncio.run(trial())
    assert most == 2
    assert refused == ["Many people are sending pictures just now. Try again in 20 seconds."] * 4


def test_what_a_session_sends_and_what_all_leave_unread_is_bounded() -> None:
    async def tries(limits: Uploads, times: int) -> list[str]:
        said = []
        for _ in range(times):
            try:
                async with limits.one("session"):
                    said.append("")
            except TooManyError as error:
                said.append(str(error))
        return said

    often = asyncio.run(tries(uploads(each=3), 4))
    assert often == ["", "", "", "Too many pictures were sent in a short time. Try again in 60 seconds."]
    assert "Many people" in asyncio.run(tries(uploads(held_bytes=10, unread=10), 1))[0]
    assert asyncio.run(tries(uploads(held=0), 1)) == ["At most 0 files can be sent at once. Try again in 10 seconds."]


def test_the_statistics_of_the_process_are_not_for_strangers(public: App, locked: App) -> None:
    assert public.ask("GET", "/_stcore/metrics").status == 404
    person = App(locked.port)
    log_in(person, PASSWORD)
    assert person.ask("GET", "/_stcore/metrics").status == 200


# -- the password -------------------------------------------------------------------------------------------


def log_in(app: App, password: str, target: str = "/Metrics?k=5", **headers: str) -> Answer:
    form = urlencode({"password": password, "next": target}).encode()
    return app.ask("POST", "/login", form, Content_Type="application/x-www-form-urlencoded", **headers)


def test_nothing_answers_before_the_login(locked: App) -> None:
    stranger = App(locked.port)
    page = stranger.ask("GET", "/Metrics?catalog=a", Accept="text/html")
    assert page.status == 401
    assert b'name="password"' in page.body
    assert b'value="/Metrics?catalog=a"' in page.body
    assert b"<script" not in page.body
    index = (Path(streamlit.__file__).parent / "static/index.html").read_bytes()
    [asset] = re.findall(rb'src="\./(static/js/index[^"]*)"', index)
    for path in ("/_stcore/host-config", "/media/x.png", f"/{asset.decode()}", "/_stcore/metrics", "/component/x/y"):
        answer = stranger.ask("GET", path)
        assert (answer.status, answer.body) == (401, b"Log in first.")
    body, kind = multipart(b"x")
    assert stranger.ask("PUT", "/_stcore/upload_file/a/b", body, **kind).status == 401
    assert stranger.ask("POST", "/_stcore/agent/interact", b"{}").status == 401
    with pytest.raises(InvalidStatus):
        stranger.stream()
    with pytest.raises(InvalidStatus):
        App(locked.port, {COOKIE: "9999999999.00"}).stream()
    assert stranger.ask("GET", "/_stcore/health").body == b"ok"


def test_the_password_opens_all_of_it(locked: App) -> None:
    person = App(locked.port)
    assert log_in(person, "wrong").status == 401
    assert COOKIE not in person.cookies
    answer = log_in(person, PASSWORD)
    assert (answer.status, answer.headers["location"]) == (303, "/Metrics?k=5")
    assert "HttpOnly; SameSite=Lax" in answer.headers["set-cookie"]
    assert person.ask("GET", "/Metrics").status == 200
    with person.stream() as stream:
        assert session(stream)


def test_the_form_of_another_site_is_refused_and_leads_nowhere_else(locked: App) -> None:
    assert log_in(App(locked.port), PASSWORD, Origin="http://elsewhere.invalid").status == 403
    assert log_in(App(locked.port), PASSWORD, "//elsewhere.invalid").headers["location"] == "/"
    assert log_in(App(locked.port), "x" * 5000).status == 413


def test_tries_are_counted_whatever_they_say_of_themselves(locked: App) -> None:
    """Not evaded by new sessions, other cookies or a made-up X-Forwarded-For."""
    said = [log_in(App(locked.port), "wrong", X_Forwarded_For=f"10.0.0.{n}").status for n in range(8)]
    assert 429 in said
    refused = log_in(App(locked.port), PASSWORD)
    assert refused.status == 429
    assert int(refused.headers["retry-after"]) > 0
    assert b"Try again in" in refused.body


def test_a_cookie_of_this_app_opens_no_other() -> None:
    cookie, _ = Login("one", 1).enter(urlencode({"password": "one"}).encode(), "")
    assert asked(Guard(page, Login("one", 1)), host="a", cookie=f"{COOKIE}={cookie}")["status"] == 401
    login = Login("one", 1)
    cookie, _ = login.enter(urlencode({"password": "one"}).encode(), "")
    assert asked(Guard(page, login), host="a", cookie=f"other=1; {COOKIE}={cookie}")["status"] == 200


def test_an_upload_is_never_written_to_a_file() -> None:
    """Starlette writes what is larger than a megabyte to a temporary file, unless it is told otherwise."""
    body, _ = multipart(b"x" * 3_000_000)
    scope = {"type": "http", "method": "PUT", "headers": [(b"content-type", b"multipart/form-data; boundary=xx")]}

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    async def rolled() -> bool:
        form = await Request(scope, receive).form()
        upload = form["f"]
        assert isinstance(upload, UploadFile)
        return bool(upload.file._rolled)

    open_mode.prepare()
    assert not asyncio.run(rolled())
