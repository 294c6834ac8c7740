"""The trial of pictures, with some files of its corpus, and that it notices what it promises to."""

import contextlib
import os
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fashion_search.errors import ImageError
from fashion_search.images import open_image, size_of
from tests.samples import encoded, noise
from tools.resilience import images
from tools.resilience.hostile_images import boundaries, corpus
from tools.resilience.images import opened
from tools.resilience.opening import Opened

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="each file is opened by a forked process")
LARGE = ("megapixel", "million", "2,000", "bomb", "60 times", "one byte", "no end", "196")  # takes seconds to make
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
WHOLE = {name: encoded(noise(1, (24, 20)), name) for name in FORMATS}


def test_a_part_of_the_corpus() -> None:
    files = [one for one in corpus(0) if not any(sign in one[0] for sign in LARGE)]
    assert len(files) > 450
    outcome = opened(files[:: len(files) // 60])
    assert not outcome.broken
    assert outcome.figures["files"] >= 60


def test_the_corpus_has_every_kind_and_no_file_twice_by_name() -> None:
    names = [name for name, _ in corpus(0)]
    assert len(names) == len(set(names)) > 500
    for kind in ("cut at", "altered", "megapixels", "bomb", "html", "svg", "pdf", "zip", "python", "of mode", "tags"):
        assert any(kind in name for name in names), kind


def test_png_is_cut_at_each_chunk() -> None:
    data = WHOLE["PNG"]
    assert [data[place + 4 : place + 8] for place in boundaries("png", data)] == [b"IHDR", b"IDAT", b"IEND"]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Opened("KeyError", "1", 0, 0, 0), "KeyError"),
        (Opened("a picture of mode L", "", 0, 0, 0), "mode L"),
        (Opened("error", "two\nlines", 0, 0, 0), "no sentence"),
        (Opened("picture", "", 2.5, 0, 0), "2.50 s"),
        (Opened("picture", "", 0, 0, 301), "301 MB"),
    ],
)
def test_what_is_wrong_is_said(monkeypatch: pytest.MonkeyPatch, found: Opened, said: str) -> None:
    monkeypatch.setattr(images._Opening, "open", lambda self, data: found)
    monkeypatch.setattr(images, "_apart", lambda data, found: "")
    assert said in opened([("a file", lambda: b"")]).broken[0]


def test_what_is_written_to_the_terminal_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def written(self: images._Opening, data: bytes) -> Opened:
        os.write(self._written.fileno(), b"libtiff complains")
        return Opened("picture", "", 0, 0, 0)

    monkeypatch.setattr(images._Opening, "open", written)
    monkeypatch.setattr(images, "_apart", lambda data, found: "")
    assert "libtiff complains" in opened([("a file", lambda: b"")]).broken[0]


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(FORMATS),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=12),
    end=st.integers(0, 10_000),
    more=st.binary(max_size=40),
    place=st.integers(0, 10_000),
)
def test_any_change_gives_a_picture_or_a_sentence(
    name: str, changes: list[tuple[int, int]], end: int, more: bytes, place: int
) -> None:
    data = bytearray(WHOLE[name])
    for at, value in changes:
        data[at % len(data)] = value
    cut = bytes(data[: len(data) - end % (3 * len(data)) // 3])
    cut = cut[: place % (len(cut) + 1)] + more + cut[place % (len(cut) + 1) :]
    for read in (open_image, size_of):
        with contextlib.suppress(ImageError):
            found = read(cut)
            assert isinstance(found, tuple) or (found.mode == "RGB" and not found.info)
