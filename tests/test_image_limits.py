"""Limits of pictures are settings, and are looked at before anything is decoded."""

import struct

import pytest
from PIL import Image

from fashion_search.errors import ImageError
from fashion_search.image_limits import in_words, refuse_structure
from fashion_search.images import open_image
from tests.samples import encoded, noise, png

FRAMES = [noise(number, (8, 8)) for number in range(4)]


def animated(file_format: str) -> bytes:
    return encoded(FRAMES[0], file_format, save_all=True, append_images=FRAMES[1:])


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG", "TIFF", "AVIF"])
def test_more_frames_than_are_set_are_refused(file_format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = animated(file_format)
    monkeypatch.setenv("FASHION_SEARCH_IMAGE_FRAMES", "4")
    assert open_image(data).size == (8, 8)
    monkeypatch.setenv("FASHION_SEARCH_IMAGE_FRAMES", "3")
    with pytest.raises(ImageError, match=r"more than 3 frames\. Save one of them"):
        open_image(data)


@pytest.mark.parametrize(
    ("file_format", "options", "refused"),
    [
        ("PNG", {}, (2_100, 2_000)),
        ("WEBP", {}, (1_200, 1_200)),
        ("AVIF", {"speed": 10}, (1_500, 1_500)),
        ("JPEG", {"progressive": True}, (1_700, 1_700)),
        ("JPEG", {}, (2_500, 2_500)),
    ],
)
def test_pixels_count_by_what_a_format_takes(
    file_format: str, options: dict[str, object], refused: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASHION_SEARCH_IMAGE_MEGAPIXELS", "4")
    monkeypatch.setenv("FASHION_SEARCH_JPEG_MEGAPIXELS", "6")
    data = encoded(Image.new("RGB", refused), file_format, **options)
    with pytest.raises(ImageError, match=r"at most \d million can be used"):
        open_image(data)
    small = (refused[0] - 400, refused[1] - 400)
    assert open_image(encoded(Image.new("RGB", small), file_format, **options)).size == small


def test_a_jpeg_of_too_many_passes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(Image.new("L", (800, 800), 90), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    passes = data[last:-2]
    monkeypatch.setenv("FASHION_SEARCH_IMAGE_MEGAPIXELS", "4")
    assert open_image(data).size == (800, 800)
    with pytest.raises(ImageError, match="far too many passes"):
        open_image(data[:last] + passes * 100 + data[-2:])
    hidden = data[:last] + b"\xff\xc4" + struct.pack(">H", 4) + b"\xff\xd9"  # no end of a picture, in a table of codes
    with pytest.raises(ImageError):
        open_image(hidden + passes * 100 + data[-2:])


@pytest.mark.parametrize(
    "data",
    [
        png((4, 4), 8, 2, b"")[:33] + struct.pack(">I4sI", 0, b"prVt", 0) * 100_001,
        b"GIF89a" + struct.pack("<HHBBB", 8, 8, 0, 0, 0) + b"\x21\xfe" + b"\1a" * 1_000_001,
    ],
    ids=["PNG", "GIF"],
)
def test_a_file_of_far_too_many_pieces_is_refused(data: bytes) -> None:
    with pytest.raises(ImageError, match="far too many pieces"):
        refuse_structure(data)


def test_bytes_are_a_setting_and_the_page_says_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_SEARCH_IMAGE_MB", "1")
    monkeypatch.setenv("FASHION_SEARCH_IMAGE_SECONDS", "2.5")
    with pytest.raises(ImageError, match="larger than 1 MB"):
        open_image(bytes(2**20 + 1))
    assert in_words(1) == (
        "At most 1 MB and 50 megapixels (JPEG 200, WebP 16, AVIF and HEIC 25), opened within 2.5 s; of an animation, "
        "the first of at most 1,000 frames."
    )
