import runpy
import socket
import sys

import pytest

from fashion_search.cli import main
from fashion_search.home import shipped
from tests.cli.command import Captured, fail


def test_streamlit_runs_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    monkeypatch.setattr(runpy, "run_module", lambda name, **_: started.append((name, list(sys.argv[1:]))))
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with pytest.raises(SystemExit):
        main(["app", "--port", port])
    assert started == [("streamlit", ["run", str(shipped("app.py")), "--server.port", port])]
    assert shipped("app.py").is_file()


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
