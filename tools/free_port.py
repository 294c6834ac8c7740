"""Exit with a sentence if a port of 127.0.0.1 is taken: ``python tools/free_port.py 8501``."""

import socket
import sys

port = int(sys.argv[1])
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        sys.exit(
            f"Port {port} is taken, perhaps by this app in another window: http://127.0.0.1:{port}\n"
            f"Close that program, or choose another port: make run PORT={port + 1}"
        )
