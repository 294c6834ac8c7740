"""``app``: the pages, served to the browser on this machine, or in open mode to others."""

import argparse
import errno
import ipaddress
import os
import socket
from typing import Any

from fashion_search import logs
from fashion_search.cli.numbers import at_least
from fashion_search.errors import PortError
from fashion_search.settings import settings, variable

_HOST = "127.0.0.1"  # where .streamlit/config.toml has the app listen
_PORT = 8501  # Streamlit's own
SWITCHES = {name: variable(name) for name in ("public", "behind_proxy", "log_json")}
"""Options that are settings too, with the variable of each."""


def declare(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument(
        "--port", type=at_least(1, 65535), default=_PORT, metavar="N", help=f"where it is served (default: {_PORT})"
    )
    parser.add_argument("--log-json", action="store_true", help="write the log as JSON, an object a line")
    parser.add_argument(
        "--host",
        type=_address,
        default=_HOST,
        metavar="ADDRESS",
        help=f"at which of this machine's addresses (default: {_HOST}, which only this machine reaches); others take "
        "--public or a password",
    )
    parser.add_argument(
        "--public",
        action="store_true",
        help="open mode: what reads or changes this machine is off, and uploads are limited",
    )
    parser.add_argument(
        "--behind-proxy",
        action="store_true",
        help="a proxy on this machine passes requests on: believe who it says they are from",
    )


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address("127.0.0.1" if text == "localhost" else text))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no IP address of this machine, such as 127.0.0.1, 0.0.0.0 or ::1"
        ) from None


def run(options: argparse.Namespace) -> tuple[Any, str]:
    """Serve until the program is stopped; it has no result."""
    for name, its_variable in SWITCHES.items():
        if getattr(options, name):
            os.environ[its_variable] = "1"  # pages, and builds that they start, have it from here
    logs.configure(settings().log_json)
    listening = _listening(options.host, options.port)
    from fashion_search.ui.server import serve

    serve(listening)
    raise SystemExit


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except PermissionError as error:
        raise PortError(f"Port {port} needs the rights of an administrator: choose one above 1023.") from error
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise PortError(f"{host} is no address of this machine: choose another --host, or leave it out.") from error
        raise PortError(
            f"Port {port} is taken, perhaps by this app in another window: http://{host}:{port}. "
            f"Close that program, or choose another: --port {port % 65535 + 1}."
        ) from error
