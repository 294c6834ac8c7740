import io

import numpy as np
import pytest
from PIL import Image

from fashion_search.errors import ImageError
from fashion_search.images import MAX_BYTES, Box, open_image, to_webp
from tests.samples import encoded, noise, png

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def pixel(image: Image.Image, place: tuple[int, int] = (0, 0)) -> tuple[int, int, int]:
    return image.getpixel(place)


def huge_png(width: int, height: int) -> bytes:
    return png((width, height), 8, 2, b"")


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'
REFUSED = {
    "empty": (b"", "empty"),
    "text": (b"hello, I am not a picture", "another kind"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "PDF document"),
    "HTML": (b"\n <!doctype html><html><body>404</body></html>", "web page"),
    "HTML without doctype": (b"<html><body>404</body></html>", "web page"),
    "SVG": (SVG, "SVG drawing"),
    "SVG without declaration": (b"<svg/>", "SVG drawing"),
    "ZIP": (b"PK\x03\x04\x14\0\0\0", "ZIP archive"),
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
    "over the size limit": (b"\xff\xd8" + bytes(MAX_BYTES), "larger than 25 MB"),
    "bomb": (huge_png(50_000, 50_000), "too many pixels"),
    "too many pixels": (huge_png(10_000, 9_000), r"10,000 × 9,000 pixels"),
    "no pixels": (huge_png(4, 4), "damaged"),
    "cut JPEG": (encoded(noise(1, (400, 300)), "JPEG")[:2000], "damaged"),
    "JPEG header only": (encoded(noise(1), "JPEG")[:20], "damaged"),
    "cut PNG": (encoded(noise(1, (400, 300)))[:2000], "damaged"),
    "cut WebP": (encoded(noise(1, (400, 300)), "WEBP")[:500], "damaged"),
    "cut TIFF": (encoded(noise(1, (400, 300)), "TIFF")[:2000], "damaged"),
    "TIFF of values that are not numbers": (encoded(Image.new("F", (2, 2), float("nan")), "TIFF"), "not numbers"),
}


@pytest.mark.parametrize(("data", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_refuses_in_one_sentence_and_says_what_to_do(data: bytes, reason: str) -> None:
    with pytest.raises(ImageError, match=reason) as caught:
        open_image(data)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 160


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_opens_every_common_format(file_format: str) -> None:
    image = open_image(encoded(Image.new("RGB", (40, 30), RED), file_format))
    assert (image.mode, image.size) == ("RGB", (40, 30))
    np.testing.assert_allclose(pixel(image, (20, 15)), RED, atol=8)


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG", "TIFF"])
def test_first_frame_of_several(file_format: str) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in (RED, BLUE)]
    options = {} if file_format == "TIFF" else {"duration": 100}
    data = encoded(frames[0], file_format, save_all=True, append_images=frames[1:], **options)
    assert Image.open(io.BytesIO(data)).n_frames == 2
    np.testing.assert_allclose(pixel(open_image(data), (10, 10)), RED, atol=8)


def test_cmyk_as_adobe_stores_it_inverted() -> None:
    data = encoded(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=100)
    assert b"Adobe" in data
    np.testing.assert_allclose(pixel(open_image(data), (8, 8)), RED, atol=6)


def test_several_pictures_in_one_jpeg_as_cameras_write_them() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in (RED, BLUE)]
    data = encoded(frames[0], "MPO", save_all=True, append_images=frames[1:])
    np.testing.assert_allclose(pixel(open_image(data), (10, 10)), RED, atol=8)


def big_endian(values: list[int]) -> bytes:
    return np.array(values, dtype=">u2").tobytes()


def test_16_bits_are_scaled_not_clipped() -> None:
    values = [0, 255, 32768, 65535]
    grey = open_image(png((4, 1), 16, 0, big_endian(values)))
    assert [pixel(grey, (x, 0))[0] for x in range(4)] == [0, 1, 128, 255]
    colours = open_image(png((2, 1), 16, 2, big_endian([32768, 0, 65535, 256, 65535, 0])))
    np.testing.assert_allclose([pixel(colours), pixel(colours, (1, 0))], [(128, 0, 255), (1, 255, 0)], atol=1)


def test_values_of_unknown_range_are_scaled_by_their_own() -> None:
    ramp = np.linspace(-2, 3, 6, dtype=np.float32)[None, :]
    image = open_image(encoded(Image.fromarray(ramp), "TIFF"))
    assert [pixel(image, (x, 0))[0] for x in range(6)] == [0, 51, 102, 153, 204, 255]


def test_one_bit() -> None:
    image = Image.new("1", (2, 1))
    image.putpixel((1, 0), 1)
    opened = open_image(encoded(image))
    assert [pixel(opened), pixel(opened, (1, 0))] == [(0, 0, 0), WHITE]


def palette_with_alpha() -> bytes:
    return png((2, 1), 8, 3, bytes([0, 1]), (b"PLTE", bytes([*BLUE, *RED])), (b"tRNS", bytes([0, 255])))


TRANSPARENT_THEN_SOLID = {
    "palette": (palette_with_alpha(), RED),
    "RGBA": (png((2, 1), 8, 6, bytes([*BLUE, 0, *RED, 255])), RED),
    "LA": (png((2, 1), 8, 4, bytes([9, 0, 90, 255])), (90, 90, 90)),
    "greyscale with tRNS": (png((2, 1), 8, 0, bytes([9, 90]), (b"tRNS", big_endian([9]))), (90, 90, 90)),
    "RGB with tRNS": (png((2, 1), 8, 2, bytes([*BLUE, *RED]), (b"tRNS", big_endian(list(BLUE)))), RED),
    "16-bit RGBA": (png((2, 1), 16, 6, big_endian([0, 0, 65535, 0, 65535, 0, 0, 65535])), RED),
    "16-bit greyscale with tRNS": (png((2, 1), 16, 0, big_endian([9, 65535]), (b"tRNS", big_endian([9]))), WHITE),
}


@pytest.mark.parametrize(("data", "solid"), TRANSPARENT_THEN_SOLID.values(), ids=TRANSPARENT_THEN_SOLID.keys())
def test_transparency_lies_on_white(data: bytes, solid: tuple[int, int, int]) -> None:
    image = open_image(data)
    assert image.mode == "RGB"
    assert [pixel(image), pixel(image, (1, 0))] == [WHITE, solid]


STORED_AS = {  # EXIF orientation → how a camera turned the upright picture before it stored it
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("orientation", STORED_AS)
def test_upright_whatever_the_camera_says(orientation: int) -> None:
    upright = noise(3, (6, 9))
    turn = STORED_AS[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    opened = open_image(encoded(upright.transpose(turn) if turn is not None else upright, exif=exif))
    np.testing.assert_array_equal(np.asarray(opened), np.asarray(upright))


def test_nothing_of_the_metadata_is_left() -> None:
    exif = Image.Exif()
    exif[0x010F] = "camera of a private person"
    opened = open_image(encoded(noise(1), "JPEG", exif=exif, comment=b"secret"))
    assert opened.info == {}
    assert b"private" not in to_webp(opened)


def test_damaged_metadata_is_no_reason_to_refuse() -> None:
    open_image(encoded(noise(1), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01"))


def test_thumbnails_keep_proportions_and_are_never_enlarged() -> None:
    def size(image: Image.Image) -> tuple[int, int]:
        return open_image(to_webp(image)).size

    assert size(noise(1, (60, 80))) == (60, 80)
    assert size(noise(1, (600, 800))) == (240, 320)
    assert size(noise(1, (2000, 1))) == (240, 1)


def test_crop_holds_at_least_a_pixel() -> None:
    image = noise(1, (50, 40))
    assert Box().crop(image).size == (50, 40)
    assert Box(10, 50, 30, 100).crop(image).size == (10, 20)
    assert Box(99, 99, 100, 100).crop(noise(1, (1, 1))).size == (1, 1)
