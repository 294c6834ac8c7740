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

from fashion_search.cli import main
from fashion_search.home import shipped
from tests.cli.command import Captured, fail


def test_the_app_is_served_where_it_was_asked_for(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    served: list[tuple[uvicorn.Server, socket.socket]] = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda server, sockets: served.append((server, *sockets)))
    monkeypatch.setenv("STREAMLIT_SERVER_HEADLESS", "true")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
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


@pytest.mark.skipif(sys.platform == "win32", reason="there is no Ctrl+C to send")
def test_it_says_where_it_is_and_nothing_else_until_it_is_stopped() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
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
