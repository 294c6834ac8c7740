import base64
import contextlib
import io
import struct
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageCms

from fashion_search import images
from fashion_search.errors import ImageError
from fashion_search.image_limits import most_bytes
from fashion_search.images import WHOLE, Box, Enough, Opened, ample, cropped, open_image, size_of, to_webp
from tests.samples import encoded, noise, png

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)
HEIC = base64.b64decode(  # stored as 64 × 32 pixels, red with a blue end at its left, to be turned to the right
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAchtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    "ADRpbG9jAAAAAERAAAIAAQAAAAAB7AABAAAAAAAAACYAAgAAAAACEgABAAAAAAAAACQAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAA"
    "AAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAABB2lwcnAAAADmaXBjbwAAAHZodmNDAQNwAAAA"
    "kAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq"
    "5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xh"
    "cAAAAEAAAAABAAAAIAAAAAEAAAAAAAAAAv///+AAAAACAAAAEHBpeGkAAAAAAwgICAAAAAlpcm90AwAAABlpcG1hAAAAAAAAAAEA"
    "AQaBAgMFhIYAAAAaaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAAFJtZGF0AAAAIigBrxmA94SFN//wmkI90a34An5Z3Buf61Py+Ge3"
    "b/n+TGYAAAAGRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAA="
)


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
    "cut HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "damaged"),
    "video of a phone": (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "a video"),
    "MP4": (b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41", "a video"),
    "WebM": (b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1f", "a video"),
    "over the size limit": (b"\xff\xd8" + bytes(most_bytes()), "larger than 100 MB"),
    "bomb": (huge_png(50_000, 50_000), "too many pixels"),
    "too many pixels": (huge_png(10_000, 9_000), r"10,000 × 9,000 pixels"),
    "progressive JPEG of too many pixels": (
        encoded(Image.new("L", (8_000, 7_000)), "JPEG", progressive=True, quality=1),
        r"8,000 × 7,000 pixels; at most 50 million",
    ),
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


STORED = noise(3, (12, 18)).transpose(Image.Transpose.ROTATE_90)  # as a camera stores orientation 6
FIELD = struct.pack("<HHII", 0x0112, 3, 1, 6)
BEYOND_THE_END = struct.pack("<HHII", 0x011A, 10, 1, 9_000)
TEXT_FOR_A_NUMBER = struct.pack("<HHII", 0x0100, 2, 1, 0x31)


def exif(*fields: bytes, n: int | None = None) -> bytes:
    """An EXIF block in which the number of fields may be a lie."""
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, len(fields) if n is None else n) + b"".join(fields) + bytes(4)


def with_segment(block: bytes) -> bytes:
    """The stored picture as a JPEG with an APP1 segment by hand."""
    data = encoded(STORED, "JPEG", quality=95)
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + data[2:]


def with_chunk(block: bytes) -> bytes:
    """The stored picture as a PNG with an eXIf chunk by hand."""
    data = encoded(STORED)
    place = data.index(b"IDAT") - 4
    chunk = struct.pack(">I", len(block)) + b"eXIf" + block + struct.pack(">I", zlib.crc32(b"eXIf" + block))
    return data[:place] + chunk + data[place:]


MALFORMED = {  # what is stored, and whether its orientation can be read
    "JPEG, a field beyond the end": (with_segment(exif(FIELD, BEYOND_THE_END)), True),
    "JPEG, text for a number": (with_segment(exif(TEXT_FOR_A_NUMBER, FIELD)), True),
    "JPEG, more fields announced than there are": (with_segment(exif(FIELD, n=40)), True),
    "JPEG, no TIFF inside": (with_segment(b"Exif\0\0what is this"), False),
    "PNG, no TIFF inside": (with_chunk(b"\0\x08\0\x02\x01\x12\0\x03\0\0\0\x01\0\x01\0\0"), False),
    "PNG, a field beyond the end": (with_chunk(exif(FIELD, BEYOND_THE_END)[6:]), True),
    "WebP, garbage": (encoded(STORED, "WEBP", lossless=True, exif=b"garbage!!"), False),
}


@pytest.mark.parametrize(("data", "readable"), MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_metadata_is_ignored_and_a_readable_orientation_still_turns(data: bytes, readable: bool) -> None:
    image = open_image(data)
    assert image.size == ((12, 18) if readable else (18, 12))
    upright = STORED.transpose(Image.Transpose.ROTATE_270) if readable else STORED
    assert np.abs(np.asarray(image).astype(int) - np.asarray(upright)).mean() < 25


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def profile(red: tuple[float, ...], green: tuple[float, ...], blue: tuple[float, ...]) -> bytes:
    """The sRGB profile with other primaries (XYZ under D50)."""
    made = bytearray(SRGB.tobytes())
    for tag, primary in ((b"rXYZ", red), (b"gXYZ", green), (b"bXYZ", blue)):
        entry = made.index(tag, 128)
        (offset,) = struct.unpack(">I", made[entry + 4 : entry + 8])
        made[offset + 8 : offset + 20] = b"".join(struct.pack(">i", round(value * 65536)) for value in primary)
    return bytes(made)


WIDE = {
    "Display P3": profile((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407)),
    "Adobe RGB": profile((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)),
    "ProPhoto": profile((0.7977, 0.2880, 0.0), (0.1352, 0.7119, 0.0), (0.0313, 0.0001, 0.8249)),
}
GREEN = (75, 195, 95)


def stored_as(image: Image.Image, wide: bytes) -> Image.Image:
    """An sRGB image's colours as numbers of another profile."""
    target = ImageCms.ImageCmsProfile(io.BytesIO(wide))
    converted = ImageCms.profileToProfile(image, SRGB, target, outputMode="RGB")
    assert converted is not None
    return converted


@pytest.mark.parametrize("name", WIDE)
@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "TIFF", "AVIF"])
def test_colours_of_an_embedded_profile_become_srgb(name: str, file_format: str) -> None:
    numbers = stored_as(Image.new("RGB", (16, 16), GREEN), WIDE[name])
    assert np.abs(np.asarray(numbers)[0, 0].astype(int) - GREEN).max() > 20  # else the profile would not matter
    options = {"quality": 100} if file_format != "PNG" else {}
    opened = open_image(encoded(numbers, file_format, icc_profile=WIDE[name], **options))
    np.testing.assert_allclose(pixel(opened, (8, 8)), GREEN, atol=10)  # a small error in ProPhoto is a larger one here


def test_a_profile_counts_for_palettes_and_for_what_is_see_through() -> None:
    numbers = stored_as(Image.new("RGB", (4, 1), GREEN), WIDE["Display P3"])
    palette = open_image(encoded(numbers.quantize(4), icc_profile=WIDE["Display P3"]))
    np.testing.assert_allclose(pixel(palette), GREEN, atol=3)
    numbers.putalpha(Image.fromarray(np.array([[255, 255, 0, 0]], dtype=np.uint8)))
    opened = open_image(encoded(numbers, icc_profile=WIDE["Display P3"]))
    np.testing.assert_allclose(pixel(opened), GREEN, atol=3)
    assert pixel(opened, (3, 0)) == WHITE


def grey_profile(gamma: float) -> bytes:
    """A grey profile by hand: header, tag table, and a curve of one gamma."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    white = b"XYZ " + bytes(4) + struct.pack(">iii", 63190, 65536, 54061)
    text = b"text" + bytes(4) + b"grey\0\0\0\0"
    tags = {b"kTRC": curve, b"wtpt": white, b"desc": text, b"cprt": text}
    table, body, offset = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += struct.pack(">4sII", name, offset + len(body), len(content))
        body += content
    size = 128 + len(table) + len(body)
    header = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x02400000, b"mntr", b"GRAY", b"XYZ ") + bytes(12)
    header += b"acsp" + bytes(28) + struct.pack(">iii", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + table + body


def test_grey_with_its_profile() -> None:
    data = encoded(Image.new("L", (8, 8), 128), icc_profile=grey_profile(1.0))
    np.testing.assert_allclose(pixel(open_image(data)), (188, 188, 188), atol=2)  # linear light of 128 / 255


def test_lab() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    stored = ImageCms.profileToProfile(Image.new("RGB", (8, 8), (150, 120, 90)), SRGB, lab, outputMode="LAB")
    assert stored is not None
    np.testing.assert_allclose(pixel(open_image(encoded(stored, "TIFF"))), (150, 120, 90), atol=4)


@pytest.mark.parametrize(
    "broken",
    [b"no profile at all", WIDE["Display P3"][:200], grey_profile(1.0), WIDE["ProPhoto"].replace(b"acsp", b"aaaa")],
    ids=["text", "cut", "of grey in a picture of colours", "damaged"],
)
def test_a_profile_that_cannot_be_read_is_ignored(broken: bytes) -> None:
    opened = open_image(encoded(Image.new("RGB", (8, 8), GREEN), icc_profile=broken))
    assert pixel(opened) == GREEN


def test_a_profile_of_colours_in_a_cmyk_picture_is_ignored() -> None:
    plain = encoded(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=100)
    wide = encoded(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=100, icc_profile=WIDE["ProPhoto"])
    np.testing.assert_array_equal(np.asarray(open_image(plain)), np.asarray(open_image(wide)))


def test_profiles_in_several_threads_at_once() -> None:
    data = encoded(stored_as(Image.new("RGB", (64, 64), GREEN), WIDE["ProPhoto"]), icc_profile=WIDE["ProPhoto"])
    with ThreadPoolExecutor(8) as pool:
        for opened in pool.map(open_image, [data] * 64):
            np.testing.assert_allclose(pixel(opened), GREEN, atol=3)


def test_heic_as_a_phone_stores_it() -> None:
    image = open_image(HEIC)
    assert (image.mode, image.size) == ("RGB", (32, 64))
    np.testing.assert_allclose(pixel(image, (16, 5)), BLUE, atol=12)
    np.testing.assert_allclose(pixel(image, (16, 50)), RED, atol=12)


def test_heic_without_its_library_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    monkeypatch.setattr(images, "_register_heif", images._register_heif.__wrapped__)
    with pytest.raises(ImageError, match=r"HEIC photo.*pip install pi-heif") as caught:
        open_image(HEIC)
    assert len(str(caught.value)) < 160


@pytest.mark.parametrize(
    ("size", "opened_at"),
    [((4_000, 4_000), 1), ((8_160, 6_144), 2), ((12_000, 8_000), 4), ((16_320, 12_240), 4)],
)
def test_large_jpegs_are_decoded_at_a_fraction(size: tuple[int, int], opened_at: int) -> None:
    photo = Image.new("L", size, 90)
    photo.paste(200, (size[0] // 2, 0, *size))
    image = open_image(encoded(photo, "JPEG", quality=30))
    assert image.size == (size[0] // opened_at, size[1] // opened_at)
    assert pixel(image, (10, 10))[0] < 100 < 190 < pixel(image, (image.width - 10, 10))[0]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "I"])
def test_large_pictures_of_every_mode(mode: str) -> None:
    pixels = np.zeros((4_000, 4_200), np.uint16 if mode in ("I;16", "I") else np.uint8)
    bright = 255 if mode == "1" else 200
    pixels[:, 2_100:] = 40_000 if mode in ("I;16", "I") else bright
    picture = Image.fromarray(pixels).convert(mode)
    image = open_image(encoded(picture, "TIFF" if mode == "I" else "PNG"))
    assert image.size == (2_100, 2_000)
    assert pixel(image, (10, 10))[0] == 0
    assert pixel(image, (2_000, 10))[0] == (156 if mode in ("I;16", "I") else bright)


@pytest.mark.parametrize(("size", "opened"), [((4_000, 3_000), (2_000, 1_500)), ((3_000, 2_000), (3_000, 2_000))])
def test_where_less_is_enough_less_is_decoded(size: tuple[int, int], opened: tuple[int, int]) -> None:
    for file_format in ("JPEG", "PNG"):
        assert open_image(encoded(Image.new("RGB", size), file_format), Enough(longer=1_600)).size == opened


def test_more_than_200_megapixels_of_jpeg_are_refused() -> None:
    header = encoded(Image.new("L", (8, 8)), "JPEG")
    place = header.index(b"\xff\xc0") + 5
    with pytest.raises(ImageError, match=r"20,000 × 20,000 pixels; at most 200 million"):
        open_image(header[:place] + struct.pack(">HH", 20_000, 20_000) + header[place + 4 :])


def test_odd_files_write_nothing_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    for compression in ("tiff_adobe_deflate", "tiff_lzw", "jpeg"):
        data = bytearray(encoded(noise(1, (64, 64)), "TIFF", compression=compression))
        data[200:300] = bytes(100)
        with contextlib.suppress(ImageError):
            open_image(bytes(data))
    broken = bytearray(encoded(noise(1, (64, 64)), "JPEG"))
    broken[400:500] = bytes(100)
    with contextlib.suppress(ImageError):
        open_image(bytes(broken))
    assert capfd.readouterr() == ("", "")


def chunk(kind: bytes, content: bytes, checksum: int | None = None) -> bytes:
    whole = zlib.crc32(kind + content) if checksum is None else checksum
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", whole)


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


MALFORMED = {
    "a very long text": chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(3_000_000))),
    "a text with a wrong checksum": chunk(b"tEXt", b"Comment\0hello", 1),
    "an orientation with a wrong checksum": chunk(b"eXIf", b"MM\0*\0\0\0\x08\0\0", 1),
    "a short pixel size": chunk(b"pHYs", b"\0"),
    "a short gamma": chunk(b"gAMA", b"\0"),
    "a short chromaticity": chunk(b"cHRM", b"\0\0"),
    "an sRGB that says nothing": chunk(b"sRGB", b""),
    "a profile that says nothing": chunk(b"iCCP", b""),
    "an animation that says nothing": chunk(b"acTL", b"\0"),
}


@pytest.mark.parametrize("malformed", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_parts_of_a_png_do_not_keep_its_pixels_back(malformed: bytes) -> None:
    data = encoded(noise(1))
    after_header = 8 + 25
    image = open_image(data[:after_header] + malformed + data[after_header:])
    np.testing.assert_array_equal(np.asarray(image), np.asarray(noise(1)))


@pytest.mark.parametrize("marker", [0xE0, 0xE1, 0xE2, 0xED, 0xEE])
@pytest.mark.parametrize("content", [b"", b"\0", b"JFIF\0", b"Exif\0\0", b"Photoshop 3.0\x008BIM", b"Adobe"])
def test_malformed_parts_of_a_jpeg_do_not_keep_its_pixels_back(marker: int, content: bytes) -> None:
    data = encoded(noise(1), "JPEG")
    expected = np.asarray(open_image(data))
    np.testing.assert_array_equal(np.asarray(open_image(data[:2] + segment(marker, content) + data[2:])), expected)


def test_a_readable_orientation_turns_beside_a_malformed_part() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    for file_format, malformed in (("PNG", MALFORMED["a short gamma"]), ("JPEG", segment(0xE0, b""))):
        data = encoded(noise(1, (60, 80)), file_format, exif=exif)
        place = 8 + 25 if file_format == "PNG" else 2
        assert open_image(data[:place] + malformed + data[place:]).size == (80, 60)


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


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_size_is_that_of_the_upright_picture(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(noise(1, (30, 20)), "JPEG", exif=exif)
    assert size_of(data) == open_image(data).size
    assert size_of(HEIC) == open_image(HEIC).size


@pytest.mark.parametrize("data", [b"", b"no picture", b"%PDF-1.7"])
def test_what_is_no_picture_has_no_size(data: bytes) -> None:
    with pytest.raises(ImageError, match=r"\.$"):
        size_of(data)


def test_cropped_without_loss() -> None:
    image = noise(1, (30, 20))
    part = cropped(encoded(image), (3, 2, 30, 20))
    assert open_image(part).tobytes() == image.crop((3, 2, 30, 20)).tobytes()
    assert part == cropped(encoded(image, "WEBP", lossless=True), (3, 2, 30, 20))
    for box in ((3, 2, 31, 20), (3, 2, 30, 21), (3, 2, 3, 20), (3, 9, 30, 2)):
        with pytest.raises(ImageError, match="The picture has no part"):
            cropped(encoded(image), box)


def test_a_picture_that_is_decoded_smaller_is_not_cropped() -> None:
    with pytest.raises(ImageError, match="too many pixels to be cropped"):
        cropped(encoded(Image.new("L", (6000, 4000)), "JPEG"), (0, 0, 10, 10))


@pytest.mark.parametrize(
    ("size", "enough", "opened"),
    [
        ((1_800, 2_400), ample(224), (450, 600)),
        ((1_800, 2_400), ample(300), (900, 1_200)),
        ((2_400, 1_800), ample(224), (600, 450)),
        ((4_000, 500), ample(224), (4_000, 500)),  # its shorter side has none to spare
        ((300, 400), ample(32), (300, 400)),  # small already
        ((1_800, 2_400), WHOLE, (1_800, 2_400)),
        ((1_800, 2_400), Enough(longer=600, shorter=800), (900, 1_200)),
    ],
)
def test_enough_counts_the_pixels_of_either_side(
    size: tuple[int, int], enough: Enough, opened: tuple[int, int]
) -> None:
    for file_format in ("JPEG", "PNG"):
        data = encoded(Image.new("RGB", size), file_format)
        assert open_image(data, enough).size == Opened(data).with_enough(enough).size == opened


def test_what_is_opened_does_not_depend_on_who_asks_besides(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(noise(3, (1_800, 2_400)), "JPEG")
    wanted = (ample(300), ample(224), WHOLE, ample(200))
    alone = [open_image(data, enough).tobytes() for enough in wanted]
    decoded: list[Enough] = []

    def counted(data: bytes, enough: Enough) -> Image.Image:
        decoded.append(enough)
        return open_image(data, enough)

    monkeypatch.setattr(images, "open_image", counted)
    opened = Opened(data)
    assert [opened.with_enough(enough).tobytes() for enough in wanted] == alone
    assert decoded == [ample(300), ample(224), WHOLE]  # once for each fraction


def test_what_is_no_picture_is_refused_when_it_is_asked_for() -> None:
    opened = Opened(b"no picture")
    with pytest.raises(ImageError, match="a file of another kind"):
        opened.with_enough(ample(224))


def test_what_only_opens_without_its_metadata_is_opened_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(data: bytes) -> tuple[int, int]:
        raise ImageError("its beginning cannot be read")

    monkeypatch.setattr(images, "size_of", refuse)
    assert Opened(encoded(noise(3, (40, 30)), "JPEG")).with_enough(WHOLE).size == (40, 30)
