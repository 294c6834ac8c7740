"""Pictures from strangers are opened by processes of their own, within a time and a memory that are set.

A decoder that runs cannot be interrupted in a thread; a process can be ended. One is started when it is needed, stays,
and ends with this process: when its standard input does.
"""

import contextlib
import math
import os
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from fashion_search.errors import ImageError
from fashion_search.home import own_process
from fashion_search.images import Enough, open_image
from fashion_search.settings import settings

_ASKED = struct.Struct(">QQII")  # bytes of the file and of memory, seconds, pixels of the longer side; the file follows
_ANSWER = struct.Struct(">?II")  # whether it is a picture, width and height, or bytes of a sentence; they follow
_START_LIMIT = 60  # s until a process has to be ready
_WAIT_LIMIT = 30  # s that a picture waits for others to be opened
_RESTART = 500  # pictures after which a process makes room for a new one, should a decoder leak
_CHANGED = threading.Condition()  # guards the two below
_idle: list["_Process"] = []
_busy = 0

_DIED = "The picture could not be opened: it is damaged, or needs too much memory. Save it again in another program."


def open_apart(data: bytes, longer: int) -> Image.Image:
    """Like ``open_image``, in a process of its own, and made no larger than needed.

    Args:
        data: the file's content.
        longer: pixels of the longer side that are enough; a larger picture is scaled down to it.

    Returns:
        An ``RGB`` image without metadata.

    Raises:
        ImageError: as ``open_image``; or it takes longer, or more memory, than is set; or too many others wait.
    """
    with _one_process() as process:
        return process.open(data, longer)


@contextlib.contextmanager
def _one_process() -> Iterator["_Process"]:
    """A process that nobody else uses meanwhile; at most as many as are set."""
    global _busy
    with _CHANGED:
        if not _CHANGED.wait_for(lambda: _busy < settings().image_workers, _WAIT_LIMIT):
            raise ImageError("Many pictures are being opened at the moment. Try again in a minute.")
        _busy += 1
        process = _idle.pop() if _idle else None
    try:
        if process is None or not process.is_alive:
            process = _Process()
        yield process
    finally:
        with _CHANGED:
            _busy -= 1
            if process is not None and process.is_alive:
                _idle.append(process)
            _CHANGED.notify()


class _Process:
    """One of them, with its pipes."""

    def __init__(self) -> None:
        command, environment = own_process("decoding")
        self._opened = 0
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # decoders written in C complain of damaged files there
            env=environment | {"OPENBLAS_NUM_THREADS": "1"},  # each thread reserves memory, of which there is little
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        with self._limited(_START_LIMIT):
            is_ready = self._out.read(1) == b"."
        if not is_ready:
            self.end()
            raise ImageError("The server cannot open pictures at the moment. Try again in a minute.")

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._in, self._out):
            with contextlib.suppress(OSError):
                pipe.close()

    @contextlib.contextmanager
    def _limited(self, seconds: float) -> Iterator[threading.Event]:
        """End the process if the block takes longer; what it reads then ends. The event is set when that happened."""
        is_over = threading.Event()

        def stop() -> None:
            is_over.set()
            self._process.kill()

        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            yield is_over
        finally:
            timer.cancel()

    def open(self, data: bytes, longer: int) -> Image.Image:
        """As ``open_apart``."""
        limit = settings().image_seconds
        try:
            with self._limited(limit) as is_over:
                answer = self._asked(data, longer)
        except BaseException:  # such as no memory here: what is left in the pipe must not be the next one's picture
            self.end()
            raise
        if answer is None or is_over.is_set():
            self.end()
            raise ImageError(
                f"The picture took longer than {limit:g} s to open. Save it smaller, or as a JPEG."
                if is_over.is_set()
                else _DIED
            )
        is_picture, size, content = answer
        self._opened += 1
        if self._opened >= _RESTART:
            self.end()
        if not is_picture:
            raise ImageError(content.decode())
        return Image.frombytes("RGB", size, content)

    def _asked(self, data: bytes, longer: int) -> tuple[bool, tuple[int, int], bytes] | None:
        """What the process answers; None where it died."""
        try:
            now = settings()
            seconds = math.ceil(now.image_seconds)
            self._in.write(_ASKED.pack(len(data), now.image_memory_mb * 2**20, seconds, longer))
            self._in.write(data)
            self._in.flush()
            is_picture, width, height = _ANSWER.unpack(self._out.read(_ANSWER.size))
            if is_picture and max(width, height) > longer:  # not what was asked for; whoever answers is not believed
                return None
            n_bytes = width * height * 3 if is_picture else width
            content = self._out.read(n_bytes)
        except (OSError, struct.error):
            return None
        return (is_picture, (width, height), content) if len(content) == n_bytes else None


# -- what the process does ----------------------------------------------------------------------------------


def answer(asked: BinaryIO, told: BinaryIO) -> None:
    """Open pictures until there are no more: read requests, write pictures or sentences."""
    with contextlib.suppress(ImageError):
        open_image(_CUT)  # what decoders need is imported now, not within the first picture's time
    told.write(b".")
    told.flush()
    while len(head := asked.read(_ASKED.size)) == _ASKED.size:
        n_bytes, memory, seconds, longer = _ASKED.unpack(head)
        data = asked.read(n_bytes)
        if len(data) < n_bytes:
            return
        _bound(memory, seconds)
        try:
            image = open_image(data, Enough(longer=longer))
            image.thumbnail((longer, longer), Image.Resampling.LANCZOS)
            told.write(_ANSWER.pack(True, *image.size))
            told.write(image.tobytes())
        except ImageError as error:
            sentence = str(error).encode()
            told.write(_ANSWER.pack(False, len(sentence), 0) + sentence)
        told.flush()


_CUT = b"GIF89a"  # a picture that ends there


def _bound(n_bytes: int, seconds: int) -> None:
    """Let this process take so much more memory than it has, and compute for so long, where the system sees to that.

    It is ended from outside in time, unless the app was killed meanwhile.
    """
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        until = math.ceil(time.process_time()) + seconds + 1
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
        has = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (has + n_bytes, resource.RLIM_INFINITY))


def main() -> None:
    """Talk by standard input and output; what else would be written there, goes nowhere."""
    told = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    answer(sys.stdin.buffer, told)


if __name__ == "__main__":
    main()
