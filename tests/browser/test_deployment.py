"""The app in open mode behind nginx by the example of docs/, and the password before it, in Chromium."""

import http.client
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit
from playwright.sync_api import Browser, Page, expect

from benchmarks.ports import free_port
from tests import samples
from tests.browser.conftest import LAPTOP, PHONE, ROOT, SCREENSHOTS, Server, keep, serve, settle

PASSWORD = "wörd"


@pytest.fixture(scope="module")
def nginx(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """nginx by docs/nginx.conf, but for its ports, before the app in open mode."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        reason = "no nginx on this machine"
        if os.environ.get("FASHION_SEARCH_REQUIRE_NGINX") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)  # its workers are another user's
    app = serve(folder / "home", folder, folder / "app.log", options=("--public", "--behind-proxy"))
    served = next(app)
    port = free_port()
    text = (ROOT / "docs/nginx.conf").read_text("utf-8")
    for example, own in (
        ("127.0.0.1:8501", served.base.removeprefix("http://")),
        ("127.0.0.1:8080", f"127.0.0.1:{port}"),
    ):
        assert text.count(example) == 1
        text = text.replace(example, own)
    (folder / "nginx.conf").write_text(text, "utf-8")
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            for _ in range(100):
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield Server(f"http://127.0.0.1:{port}", folder / "home")
        finally:
            process.terminate()
            process.wait(20)
            next(app, None)
    said = (folder / "log").read_text("utf-8")
    assert not re.search(r"\[(crit|alert|emerg)\]", said), said


def answer(server: Server, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str]]:
    connection = http.client.HTTPConnection(server.base.removeprefix("http://"), timeout=30)
    connection.request(method, path, body or None, {name.replace("_", "-"): value for name, value in headers.items()})
    found = connection.getresponse()
    found.read()
    connection.close()
    return found.status, {name.lower(): value for name, value in found.getheaders()}


def test_a_page_and_an_upload_go_through_it(nginx: Server, open_page: Callable[..., Page], tmp_path: Path) -> None:
    page = open_page(nginx.url(methods="histogram"))
    expect(page.locator('[class*="st-key-results-histogram"]')).to_be_visible()
    picture = tmp_path / "mine.png"
    picture.write_bytes(samples.encoded(samples.noise(3, (300, 400)), "PNG"))
    page.set_input_files(".st-key-upload-ways input[type=file]", picture)
    expect(page.locator(".fs-query-name", has_text="Your picture")).to_be_visible()
    settle(page)
    keep(page, "open-search")


def test_pictures_that_did_not_arrive_are_told(nginx: Server, chromium: Browser, tmp_path: Path) -> None:
    context = chromium.new_context()  # not watched: the browser complains of each answer that refuses
    page = context.new_page()
    page.goto(nginx.url(methods="histogram"))
    expect(page.locator('[class*="st-key-results-histogram"]')).to_be_visible()
    pictures = [tmp_path / f"{number}.png" for number in range(20)]
    for number, picture in enumerate(pictures):
        picture.write_bytes(samples.encoded(samples.noise(number, (30, 40)), "PNG"))
    page.set_input_files(".st-key-upload-ways input[type=file]", pictures)
    expect(page.get_by_text("Not every picture arrived. At most 16 files can be sent at once.")).to_be_visible()
    page.get_by_role("button", name="Random").locator("visible=true").click()
    expect(page.get_by_text("Not every picture arrived.")).to_have_count(0)
    context.close()


def test_a_slow_visitor_gets_a_large_script_whole(nginx: Server) -> None:
    folder = Path(streamlit.__file__).parent / "static/static/js"
    script = max(folder.glob("*.js"), key=lambda path: path.stat().st_size)
    host, port = nginx.base.removeprefix("http://").split(":")
    with socket.socket() as visitor:
        visitor.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**14)
        visitor.settimeout(30)
        visitor.connect((host, int(port)))
        visitor.sendall(f"GET /static/js/{script.name} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        time.sleep(2)  # by then nginx has had from the app all that it takes ahead of its visitor
        answered = http.client.HTTPResponse(visitor)
        answered.begin()
        assert answered.read() == script.read_bytes()


def test_its_answers_carry_the_headers_once(nginx: Server) -> None:
    for path in ("/", "/_stcore/health", "/_stcore/metrics"):
        status, headers = answer(nginx, "GET", path)
        assert status == (404 if path.endswith("metrics") else 200)
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "SAMEORIGIN"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["server"] == "nginx"
    assert "frame-ancestors 'self'" in answer(nginx, "GET", "/")[1]["content-security-policy"]


def test_it_bounds_bodies_and_does_not_pass_on_what_clients_say_of_themselves(nginx: Server) -> None:
    path = "/_stcore/upload_file/a/b"
    assert answer(nginx, "PUT", path, Content_Length=str(22 * 2**20))[0] == 413
    assert answer(nginx, "POST", "/login", Content_Length=str(5 * 2**10))[0] == 413
    assert answer(nginx, "PUT", "/", Content_Length=str(5 * 2**10))[0] == 413
    foreign = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Version": "13"}
    key = {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    assert answer(nginx, "GET", "/_stcore/stream", Origin="http://elsewhere.invalid", **foreign, **key)[0] == 403
    assert answer(nginx, "GET", "/_stcore/stream", Origin=nginx.base, **foreign, **key)[0] == 101


@pytest.fixture(scope="module")
def locked(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("locked")
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit/secrets.toml").write_text(f'password = "{PASSWORD}"\n', "utf-8")
    yield from serve(folder / "home", folder, folder / "app.log", folder=folder, options=("--public",))


def test_the_password_is_asked_for_and_opens_the_page_that_was_asked_for(locked: Server, chromium: Browser) -> None:
    context = chromium.new_context(locale="en")
    page = context.new_page()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for scheme, size, name in (("light", LAPTOP, "login"), ("dark", PHONE, "login-phone-dark")):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.goto(locked.url("Catalog", catalog="demo"))
        expect(page.get_by_label("Password")).to_be_focused()
        page.screenshot(path=SCREENSHOTS / f"{name}.png")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_have_text("This is not the password.")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(locked.url("Catalog", catalog="demo"))
    settle(page)
    expect(page.get_by_text("is off: this app is open to the public.")).to_have_count(1)
    page.reload()
    settle(page)
    assert page.evaluate("document.cookie").count("fashion_search_login") == 0  # no script can read it
    context.close()
