import os
import signal
import socket
import subprocess
import sys
from subprocess import PIPE
from urllib.request import urlopen

import pytest
import streamlit as st
import uvicorn
from streamlit import config as streamlit_config

from benchmarks.ports import free_port
from fashion_search.cli import main
from fashion_search.cli.app import SWITCHES
from fashion_search.home import shipped
from fashion_search.ui import open_mode
from fashion_search.ui.guard import LOCAL, Guard
from tests.cli.command import Captured, fail


def test_the_app_is_served_where_it_was_asked_for(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    served: list[tuple[uvicorn.Server, socket.socket]] = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda server, sockets: served.append((server, *sockets)))
    monkeypatch.setenv("STREAMLIT_SERVER_HEADLESS", "true")
    port = free_port()
    with pytest.raises(SystemExit):
        main(["app", "--port", str(port)])
    [(server, listening)] = served
    with listening:
        assert isinstance(server.config.app, st.App)
        assert server.config.app.script_path == shipped("app.py")
        assert not server.config.ws_per_message_deflate  # Streamlit's own choice
        assert listening.getsockname() == ("127.0.0.1", port)
        with socket.create_connection(("127.0.0.1", port)), listening.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert f"URL: http://127.0.0.1:{port}" in capsys.readouterr().out


@pytest.fixture(autouse=True)
def switches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Options become variables, which are afterwards what they were."""
    for variable in SWITCHES.values():
        monkeypatch.setenv(variable, "0")


def configured(monkeypatch: pytest.MonkeyPatch, *options: str) -> uvicorn.Config:
    """How the server would be run with these options."""
    served: list[uvicorn.Server] = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda server, sockets: (served.append(server), sockets[0].close()))
    monkeypatch.setenv("STREAMLIT_SERVER_HEADLESS", "true")
    monkeypatch.setattr(open_mode, "is_guarded", lambda: None)
    for variable in SWITCHES.values():
        monkeypatch.setenv(variable, "0")
    with pytest.raises(SystemExit):
        main(["app", "--port", str(free_port()), *options])
    return served[0].config


def guard_of(config: uvicorn.Config) -> Guard:
    [middleware] = config.app._user_middleware
    guard: Guard = middleware.cls(None)
    return guard


def test_what_a_proxy_says_is_believed_only_where_one_is_said_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not configured(monkeypatch).proxy_headers
    assert configured(monkeypatch, "--behind-proxy").proxy_headers


def test_at_home_it_answers_as_this_machine_alone_and_in_open_mode_uploads_are_limited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guard = guard_of(configured(monkeypatch))
    assert (guard._hosts, guard._uploads, guard._login) == (LOCAL, None, None)
    assert guard_of(configured(monkeypatch, "--behind-proxy"))._hosts is None
    guard = guard_of(configured(monkeypatch, "--public"))
    assert (guard._hosts, guard._login) == (None, None)
    assert guard._uploads is not None
    assert streamlit_config.get_option("server.maxUploadSize") == 20
    streamlit_config.set_option("server.maxUploadSize", 100)


def test_others_reach_it_only_in_open_mode_or_with_a_password(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    configured(monkeypatch)
    capsys.readouterr()
    said = fail(capsys, "app", "--host", "0.0.0.0", "--port", str(free_port()))
    assert "At 0.0.0.0 others could use the app" in said
    assert "Add --public, or set a password" in said
    assert configured(monkeypatch, "--host", "0.0.0.0", "--public").host == "0.0.0.0"
    assert "nothing is encrypted" in capsys.readouterr().out
    monkeypatch.setattr(open_mode, "password", lambda: "secret")
    assert guard_of(configured(monkeypatch, "--host", "0.0.0.0"))._login is not None


@pytest.mark.parametrize("host", ["example.org", "10.0.0", ""])
def test_what_is_no_address_of_this_machine(host: str, capsys: Captured) -> None:
    with pytest.raises(SystemExit):
        main(["app", "--host", host])
    assert f"{host!r} is no IP address of this machine" in capsys.readouterr().err


def test_an_address_of_another_machine_is_said(capsys: Captured) -> None:
    assert "192.0.2.1 is no address of this machine" in fail(capsys, "app", "--host", "192.0.2.1", "--public")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no Ctrl+C to send")
def test_it_says_where_it_is_and_nothing_else_until_it_is_stopped() -> None:
    port = free_port()
    command = [sys.executable, "-m", "fashion_search", "app", "--port", str(port)]
    headless = os.environ | {"STREAMLIT_SERVER_HEADLESS": "true"}
    with subprocess.Popen(command, stdout=PIPE, stderr=PIPE, text=True, env=headless) as app:
        assert app.stdout
        try:
            while "URL" not in app.stdout.readline():
                assert app.poll() is None
            with urlopen(f"http://127.0.0.1:{port}/_stcore/health") as answer:
                assert answer.read() == b"ok"
        finally:
            app.send_signal(signal.SIGINT)
        assert app.communicate()[1] == ""
    assert app.returncode == 0


def test_a_taken_port_is_named_with_another(capsys: Captured) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert fail(capsys, "app", "--port", str(port)) == (
            f"fashion_search: Port {port} is taken, perhaps by this app in another window: http://127.0.0.1:{port}. "
            f"Close that program, or choose another: --port {port + 1}.\n"
        )


@pytest.mark.parametrize("port", ["0", "65536", "many"])
def test_what_is_no_port(port: str, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as exit:
        main(["app", "--port", port])
    assert exit.value.code == 2
    assert f"{port!r} is not a whole number of at least 1 and at most 65535" in capsys.readouterr().err
