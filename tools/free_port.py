"""Exit with a sentence if a port of 127.0.0.1 cannot be used: ``python tools/free_port.py 8501``."""

import socket
import sys

text = sys.argv[1]
if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= 65535):
    sys.exit(f"{text!r} is not a port: choose a number from 1024 to 65535, for example make run PORT=8502")
port = int(text)
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", port))
    except PermissionError:
        sys.exit(f"Port {port} needs the rights of an administrator; choose one above 1023: make run PORT=8501")
    except OSError:
        sys.exit(
            f"Port {port} is taken, perhaps by this app in another window: http://127.0.0.1:{port}\n"
            f"Close that program, or choose another port: make run PORT={port % 65535 + 1}"
        )
