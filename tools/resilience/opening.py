"""Opens pictures that it is sent, each in a child of this process, and says what came of it and what it cost."""

import os
import resource
import struct
import sys
import time
from pathlib import Path

import msgspec

from fashion_search.errors import ImageError
from fashion_search.images import open_image

HEAD = struct.Struct(">Q")  # bytes that follow


class Opened(msgspec.Struct):
    """What came of a picture. ``cpu`` and ``wall``: s; ``memory``: MB over what the process had before."""

    outcome: str  # "picture", "error", or what should not be
    said: str
    cpu: float
    wall: float
    memory: float


def _peak() -> float:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 2**10


def _open(data: bytes) -> Opened:
    before, cpu, wall = _peak(), time.process_time(), time.perf_counter()
    try:
        image = open_image(data)
        is_plain = image.mode == "RGB" and not image.info and min(image.size) > 0
        outcome, said = ("picture" if is_plain else f"a picture of mode {image.mode}"), f"{image.size}"
    except ImageError as error:
        outcome, said = "error", str(error)
    except BaseException as error:
        outcome, said = type(error).__name__, str(error)
    return Opened(outcome, said, time.process_time() - cpu, time.perf_counter() - wall, _peak() - before)


def main() -> None:
    """Read pictures from standard input, each after its length; write an answer each, as a line of JSON."""
    for path in sys.argv[1:]:  # files that are opened first, so that all is imported
        open_image(Path(path).read_bytes())
    while len(head := sys.stdin.buffer.read(HEAD.size)) == HEAD.size:
        data = sys.stdin.buffer.read(HEAD.unpack(head)[0])
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.write(writing, msgspec.json.encode(_open(data)))
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            told = pipe.read()
        _, status = os.waitpid(child, 0)
        died = msgspec.json.encode(Opened(f"died of {status}", "", 0, 0, 0))
        sys.stdout.buffer.write((told or died) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
