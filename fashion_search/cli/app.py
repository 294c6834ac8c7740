"""``app``: the pages, served to the browser on this machine."""

import argparse
import runpy
import socket
import sys
from typing import Any

from fashion_search.cli.command import at_least
from fashion_search.errors import PortError
from fashion_search.home import shipped

_HOST = "127.0.0.1"  # where .streamlit/config.toml has the app listen
_PORT = 8501  # Streamlit's own


def declare(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument(
        "--port", type=at_least(1, 65535), default=_PORT, metavar="N", help=f"where it is served (default: {_PORT})"
    )


def run(options: argparse.Namespace) -> tuple[Any, str]:
    """Become ``streamlit run``, which reads the settings beside the app, whatever the working folder; never returns."""
    _check_free(options.port)
    sys.argv = ["streamlit", "run", str(shipped("app.py")), "--server.port", str(options.port)]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    raise SystemExit


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except PermissionError as error:
            raise PortError(f"Port {port} needs the rights of an administrator: choose one above 1023.") from error
        except OSError as error:
            raise PortError(
                f"Port {port} is taken, perhaps by this app in another window: http://{_HOST}:{port}. "
                f"Close that program, or choose another: --port {port % 65535 + 1}."
            ) from error
