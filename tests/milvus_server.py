"""A whole Milvus server for tests: the one that the package ``milvus`` holds.

It listens on every interface and cannot be told otherwise. So it runs in a network of its own, which nothing outside
reaches, and one relay between the two makes its port one of 127.0.0.1.
"""

import contextlib
import fcntl
import importlib.util
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_UNSHARE = ["unshare", "--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
_STARTS = 180.0  # s, at most
_PORT = 19530  # inside


def why_not() -> str:
    """Why there can be no server here; empty where there can."""
    if importlib.util.find_spec("milvus") is None:
        return "the package milvus, which holds a Milvus server, is not installed"
    if shutil.which("unshare") is None or subprocess.run([*_UNSHARE, "true"], capture_output=True).returncode:
        return "a network of its own (unshare --net) is not allowed here"
    return ""


class Relay:
    """A port of 127.0.0.1 in front of another one, or of nothing: it can be cut, or let nothing through."""

    def __init__(self, target: Path | None):
        self._target = target
        self._open = threading.Event()
        self._open.set()
        self._ends: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stall(self) -> None:
        """Let nothing through from now on; who is connected waits."""
        self._open.clear()

    def go_on(self) -> None:
        """Let everything through that waits."""
        self._open.set()

    def cut(self) -> None:
        """End all connections, and take no new one."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # who waits in accept holds it open otherwise
        self._listener.close()
        self.go_on()
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def listen_again(self) -> None:
        """Take connections at the same port after a cut."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        listener = self._listener
        while True:
            try:
                near, _ = listener.accept()
            except OSError:  # it was cut
                return
            self._ends.append(near)
            if self._target is None:
                continue
            far = socket.socket(socket.AF_UNIX)
            self._ends.append(far)
            try:
                far.connect(str(self._target))
            except OSError:
                near.close()
                continue
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(2**16):
                self._open.wait()
                other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Path]:
    """A server whose data lie in ``folder``; yields the socket that ``Relay`` reaches it by."""
    folder.mkdir(parents=True, exist_ok=True)
    way = folder / "socket"
    command = [*_UNSHARE, sys.executable, "-m", "tests.milvus_server", str(folder), str(way)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        try:
            until = time.monotonic() + _STARTS
            while not way.exists():
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"the Milvus server did not start: {(folder / 'log').read_text()[-2000:]}")
                time.sleep(0.1)
            yield way
        finally:
            process.kill()  # and with it all in its network
            process.wait()


def _serve(folder: Path, way: Path) -> None:
    """Inside: the server, and its port at the socket ``way``."""
    from milvus import MilvusServer, MilvusServerConfig

    _bring_up_loopback()
    server = MilvusServer(MilvusServerConfig(), data_dir=str(folder / "server"), proxy_port=_PORT)
    server.config.set("common.security.authorizationEnabled", False)
    server.start()
    inner = folder / ".socket"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(inner))
    listener.listen()
    inner.rename(way)
    while True:
        near, _ = listener.accept()
        far = socket.create_connection(("127.0.0.1", _PORT))
        for one, other in ((near, far), (far, near)):
            threading.Thread(target=_carry, args=(one, other), daemon=True).start()


def _carry(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(2**16):
            other.sendall(data)
    for end in (one, other):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _bring_up_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: up, running


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _serve(Path(sys.argv[1]), Path(sys.argv[2]))
