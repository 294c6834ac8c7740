"""Pictures that strangers upload are opened by other processes, which end in time and with this one."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from fashion_search import decoding
from fashion_search.decoding import open_apart
from fashion_search.errors import ImageError
from fashion_search.images import Enough, open_image
from tests.samples import encoded, noise, png

LARGE = png((6_900, 6_900), 8, 2, bytes(3 * 6_900 * 6_900))  # takes 190 MB


@pytest.fixture(autouse=True)
def _afresh() -> Iterator[None]:
    """No process of another test, which may have its settings or be ended by it."""
    yield
    while decoding._idle:
        decoding._idle.pop().end()


def process_id() -> int:
    (process,) = decoding._idle
    return process._process.pid


def is_running(pid: int) -> bool:
    """Not gone, and not waiting to be asked how it ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_the_same_picture_as_opened_here(file_format: str) -> None:
    data = encoded(noise(1, (1_500, 900)), file_format)
    here = open_image(data, Enough(longer=500))
    here.thumbnail((500, 500), Image.Resampling.LANCZOS)
    apart = open_apart(data, 500)
    assert (apart.mode, apart.size) == ("RGB", (500, 300))
    np.testing.assert_array_equal(np.asarray(apart), np.asarray(here))


def test_the_same_sentence_and_the_process_stays() -> None:
    with pytest.raises(ImageError, match="a PDF document"):
        open_apart(b"%PDF-1.7", 500)
    first = process_id()
    with pytest.raises(ImageError, match="empty"):
        open_apart(b"", 500)
    assert open_apart(encoded(noise(1)), 500).size == (12, 16)
    assert process_id() == first


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="processes cannot be stopped")
def test_what_takes_longer_than_is_set_is_ended_and_the_next_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    open_apart(encoded(noise(1)), 500)
    first = process_id()
    os.kill(first, signal.SIGSTOP)  # as a decoder that never ends
    monkeypatch.setenv("FASHION_SEARCH_IMAGE_SECONDS", "0.3")
    with pytest.raises(ImageError, match=r"took longer than 0\.3 s to open"):
        open_apart(encoded(noise(1)), 500)
    assert not is_running(first)
    monkeypatch.delenv("FASHION_SEARCH_IMAGE_SECONDS")
    assert open_apart(encoded(noise(1)), 500).size == (12, 16)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded there")
def test_what_takes_more_memory_than_is_set_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_SEARCH_IMAGE_MEMORY_MB", "128")
    monkeypatch.setenv("FASHION_SEARCH_IMAGE_SECONDS", "60")
    with pytest.raises(ImageError, match=r"damaged"):
        open_apart(LARGE, 500)
    assert open_apart(encoded(noise(1)), 500).size == (12, 16)


def test_a_process_that_was_ended_meanwhile_is_replaced() -> None:
    open_apart(encoded(noise(1)), 500)
    first = process_id()
    os.kill(first, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    decoding._idle[0]._process.wait()
    assert open_apart(encoded(noise(1)), 500).size == (12, 16)
    assert process_id() != first


def test_who_is_interrupted_leaves_no_picture_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """As by no memory for the answer: the next one would get the picture of this one."""
    open_apart(encoded(noise(1)), 500)
    first = process_id()

    def fail(_: bytes) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(decoding, "_ANSWER", SimpleNamespace(size=decoding._ANSWER.size, unpack=fail))
        with pytest.raises(MemoryError):
            open_apart(encoded(noise(2)), 500)
    assert not is_running(first)
    assert open_apart(encoded(noise(3, (30, 20))), 500).size == (30, 20)


def test_a_process_that_answers_with_more_than_was_asked_for_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    open_apart(encoded(noise(1)), 500)
    first = process_id()
    with monkeypatch.context() as patch:
        patch.setattr(decoding, "_ANSWER", SimpleNamespace(size=9, unpack=lambda _: (True, 10_000, 10_000)))
        with pytest.raises(ImageError, match="damaged"):
            open_apart(encoded(noise(2)), 500)
    assert not is_running(first)


def test_a_process_makes_room_for_another_after_many_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "_RESTART", 2)
    seen = set()
    for _ in range(4):
        open_apart(encoded(noise(1)), 500)
        seen |= {one._process.pid for one in decoding._idle}
    assert len(seen) == 2


def test_no_more_at_once_than_are_set_and_the_others_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most = 0, 0
    lock = threading.Lock()

    class Slow:
        is_alive = True

        def open(self, data: bytes, longer: int) -> Image.Image:
            nonlocal inside, most
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.02)
            with lock:
                inside -= 1
            return Image.new("RGB", (1, 1))

        def end(self) -> None: ...

    monkeypatch.setattr(decoding, "_Process", Slow)
    monkeypatch.setenv("FASHION_SEARCH_IMAGE_WORKERS", "3")
    threads = [threading.Thread(target=open_apart, args=(b"", 1)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 3
    assert decoding._busy == 0


def test_who_waits_for_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "_WAIT_LIMIT", 0.01)
    monkeypatch.setattr(decoding, "_busy", 2)
    with pytest.raises(ImageError, match="Try again in a minute"):
        open_apart(encoded(noise(1)), 500)


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_it_ends_with_the_process_that_it_works_for_and_has_no_file_open() -> None:
    code = (
        "import sys, time; from fashion_search import decoding; "
        "decoding.open_apart(sys.stdin.buffer.read(), 9); "
        "print(decoding._idle[0]._process.pid, flush=True); time.sleep(600)"
    )
    app = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert app.stdin is not None
    assert app.stdout is not None
    app.stdin.write(encoded(noise(1)))
    app.stdin.close()
    worker = int(app.stdout.readline())
    opened = [str(link.readlink()) for link in Path(f"/proc/{worker}/fd").iterdir()]
    files = [name for name in opened if not name.startswith(("pipe:", "/dev/null", "anon_inode:"))]
    assert not [name for name in files if not Path(name).name.startswith("libffi.so")]  # it keeps itself open
    assert is_running(worker)
    app.kill()
    app.wait()
    app.stdout.close()
    until = time.monotonic() + 30
    while is_running(worker) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_running(worker)
