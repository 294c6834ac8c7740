"""The trial of pictures: every file of a hostile corpus is opened, as builds open them and as uploads are."""

import random
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from typing import IO

import msgspec

from fashion_search.decoding import open_apart
from fashion_search.errors import ImageError
from tools.resilience.hostile_images import Make, corpus
from tools.resilience.opening import HEAD, Opened
from tools.resilience.trial import Outcome

SECONDS, MEGABYTES = 2.0, 300.0
"""What a picture may take: of a processor's time, and of memory beyond what the process has with the file read."""
_HANGS = 60  # s
_LONGEST_SENTENCE = 200
_APART = 5  # every so-manieth is opened as an upload is, too


def run(count: int, seed: int) -> Outcome:
    """Open so many files of the corpus, or all of it."""
    files = corpus(seed)
    if count < len(files):
        files = random.Random(seed).sample(files, count)
    return opened(files)


def opened(files: list[tuple[str, Make]]) -> Outcome:
    """Open files, each what it is and what makes it."""
    outcome = Outcome()
    slowest, largest, counts = ("", 0.0), ("", 0.0), Counter[str]()
    longest = ("", 0.0)
    with tempfile.TemporaryFile() as written, _Opening(written) as opening:
        for place, (name, make) in enumerate(files):
            data = make()
            found = opening.open(data)
            counts[found.outcome] += 1
            slowest, largest = max(slowest, (name, found.cpu), key=_of), max(largest, (name, found.memory), key=_of)
            longest = max(longest, (name, found.wall), key=_of)
            outcome.broken += [f"{name}: {what}" for what in _wrong(found)]
            if place % _APART == 0 and (what := _apart(data, found)):
                outcome.broken.append(f"{name}: {what}")
        n_written = written.seek(0, 2)
        if n_written:
            written.seek(0)
            outcome.broken.append(f"{n_written:,} bytes were written to the terminal: {written.read(200)!r}")
    outcome.figures = {
        "files": len(files),
        "pictures": counts["picture"],
        "refused in a sentence": counts["error"],
        "slowest, s of a processor": f"{slowest[1]:.2f} ({slowest[0]})",
        "slowest, s that passed": f"{longest[1]:.2f} ({longest[0]})",
        "largest, MB over the process with the file read": f"{largest[1]:.0f} ({largest[0]})",
        "bytes written to the terminal": n_written,
    }
    return outcome


def _of(named: tuple[str, float]) -> float:
    return named[1]


def _wrong(found: Opened) -> list[str]:
    wrong = []
    if found.outcome not in ("picture", "error"):
        wrong.append(f"{found.outcome}: {found.said}")
    if found.outcome == "error" and ("\n" in found.said or not 20 < len(found.said) < _LONGEST_SENTENCE):
        wrong.append(f"no sentence: {found.said!r}")
    if found.cpu > SECONDS:
        wrong.append(f"{found.cpu:.2f} s")
    if found.memory > MEGABYTES:
        wrong.append(f"{found.memory:.0f} MB")
    return wrong


def _apart(data: bytes, found: Opened) -> str:
    """What is wrong with it as an upload; it must come to the same."""
    try:
        open_apart(data, 1_000)
    except ImageError as error:
        is_late = "took longer" in str(error)  # on a machine that is busy
        return "" if found.outcome == "error" or is_late else f"as an upload: {error}"
    return "" if found.outcome == "picture" else "is a picture as an upload"


class _Opening:
    """The process that opens, and what it writes to its terminal."""

    def __init__(self, written: IO[bytes]):
        self._written = written
        self._process = self._started()

    def _started(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "tools.resilience.opening"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._written,
        )

    def __enter__(self) -> "_Opening":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def open(self, data: bytes) -> Opened:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        timer = threading.Timer(_HANGS, self._process.kill)
        timer.start()
        try:
            self._process.stdin.write(HEAD.pack(len(data)) + data)
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        finally:
            timer.cancel()
        if not line:
            self._process = self._started()
            return Opened("hung", f"longer than {_HANGS} s", _HANGS, _HANGS, 0)
        return msgspec.json.decode(line, type=Opened)
