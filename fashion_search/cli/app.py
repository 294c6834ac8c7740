"""``app``: the pages, served to the browser on this machine."""

import argparse
import os
import socket
from typing import Any

from fashion_search import logs
from fashion_search.cli.numbers import at_least
from fashion_search.errors import PortError
from fashion_search.settings import settings, variable

_HOST = "127.0.0.1"  # where .streamlit/config.toml has the app listen
_PORT = 8501  # Streamlit's own


def declare(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument(
        "--port", type=at_least(1, 65535), default=_PORT, metavar="N", help=f"where it is served (default: {_PORT})"
    )
    parser.add_argument("--log-json", action="store_true", help="write the log as JSON, an object a line")


def run(options: argparse.Namespace) -> tuple[Any, str]:
    """Serve until the program is stopped; it has no result."""
    if options.log_json:
        os.environ[variable("log_json")] = "1"  # builds that the pages start have it from here
    logs.configure(settings().log_json)
    listening = _listening(options.port)
    from fashion_search.ui.server import serve

    serve(listening)
    raise SystemExit


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server((_HOST, port))
    except PermissionError as error:
        raise PortError(f"Port {port} needs the rights of an administrator: choose one above 1023.") from error
    except OSError as error:
        raise PortError(
            f"Port {port} is taken, perhaps by this app in another window: http://{_HOST}:{port}. "
            f"Close that program, or choose another: --port {port % 65535 + 1}."
        ) from error
