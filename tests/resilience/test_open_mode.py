"""The trials of open mode, in little, and that they see a promise broken."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tools.resilience import open_mode

pytestmark = pytest.mark.slow


def test_nothing_answers_without_the_password_and_guesses_wait() -> None:
    outcome = open_mode.run(12, 0)
    assert outcome.broken == []
    assert outcome.figures["passwords tried"] == 12
    assert 4 <= outcome.figures["of these looked at"] < 12


class Careless(BaseHTTPRequestHandler):
    """Lets everybody in, and all guess as often as they like."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        is_stream = self.path.endswith("/stream")
        self.send_response(101 if is_stream else 401 if self.path == "/login" else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_PUT = do_POST = do_GET  # noqa: N815

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def careless() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Careless)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_careless_server_is_seen(careless: str) -> None:
    said = "\n".join(open_mode.visit(careless, 30, 0).broken)
    for sentence in ("without the password", "lacks headers", "a WebSocket of", "there is no wait", "were looked at"):
        assert sentence in said
