"""The only place that opens an image: untrusted bytes become an upright 8-bit sRGB picture, or one clear error."""

import contextlib
import ctypes
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, UnidentifiedImageError, _imaging

from fashion_search.errors import ImageError
from fashion_search.image_limits import refuse_image, refuse_structure
from fashion_search.metadata import without_metadata

_MANY_PIXELS = 16_000_000  # more than any method looks at, and enough to crop from
THUMBNAIL_SIZE = (240, 320)  # px, width × height; the pages show cards of at most half that on common screens

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")  # JPEG: also the MPO of many cameras
HEIF = "HEIF"  # read where pi-heif is installed

# Odd metadata is not the user's concern. Set once: catch_warnings in several reading threads undo each other.
warnings.filterwarnings("ignore", module=r"PIL\.")

_DAMAGED = "The picture is damaged or incomplete. Save or download it again."
_PICTURE_STARTS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"II*\0", b"MM\0*")
_SIGNATURES = (  # what people upload by mistake, by its first bytes
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"<!DOCTYPE HTML", "a web page"),
    (b"<HTML", "a web page"),
    (b"<SVG", "an SVG drawing"),
    (b"\x1aE\xdf\xa3", "a video"),
)
_LFS = b"version https://git-lfs"
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_ORIENTATION = 0x0112  # the EXIF tag
_UPRIGHT = {  # its value → what turns the stored picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Enough:
    """Pixels of a picture's sides that suffice for what it is opened for; None: as many as it has.

    A larger picture may be opened at a half, a quarter or an eighth of its width and height, with no fewer than these:
    a JPEG is decoded so, which takes a quarter of the time.
    """

    longer: int | None = None
    shorter: int | None = None

    def allows(self, size: tuple[int, int], divisor: int) -> bool:
        """Whether a picture of this size may be opened at such a fraction."""
        asked = [(max(size), self.longer), (min(size), self.shorter)]
        known = [side >= least * divisor for side, least in asked if least is not None]
        return bool(known) and all(known)


WHOLE = Enough()

_AMPLE = 2  # times the pixels that are made of a picture, in each direction
_LEAST_SIDE = 240  # px; smaller pictures are opened in no time


def ample(side: int, times: int = _AMPLE) -> Enough:
    """Enough to make a picture of at most so many pixels a side; ``docs/methods.md`` tells what that changes."""
    return Enough(shorter=max(times * side, _LEAST_SIDE))


class Opened:
    """A picture's content, decoded once for each fraction that is asked for, so that who asks besides changes nothing.

    Raises:
        ImageError: as ``open_image``, when a picture is asked for.
    """

    def __init__(self, data: bytes):
        self._data = data
        try:
            self._size = size_of(data)
        except ImageError:  # opening may know more ways, and else says what is wrong
            self._size = (0, 0)
        self._images: dict[int, Image.Image] = {}

    def with_enough(self, enough: Enough) -> Image.Image:
        """The picture with enough pixels; not to be altered."""
        divisor = _fraction(self._size, enough)
        if divisor not in self._images:
            self._images[divisor] = open_image(self._data, enough)
        return self._images[divisor]


def open_image(data: bytes, enough: Enough = WHOLE) -> Image.Image:
    """Decode a picture: first frame, upright, its colours in sRGB, transparency on white, 16 bits scaled to 8.

    What kind of file it is is told by its content. Metadata that cannot be read is ignored. A picture of more than 16
    million pixels is returned at a half, a quarter or an eighth of its width and height.

    Args:
        data: the file's content, from anywhere.
        enough: how many pixels suffice.

    Returns:
        An ``RGB`` image without metadata.

    Raises:
        ImageError: empty, too large, not an image of a known format, or damaged.
    """
    refuse_structure(data)
    _silence_libtiff()
    reads_heif = _register_heif()
    try:
        return _decode(data, enough, reads_heif)
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        raise ImageError("The picture has far too many pixels. Save it smaller.") from error
    except Exception as error:  # a damaged file makes Pillow's decoders raise nearly anything
        pixels_alone = without_metadata(data)
        if pixels_alone is not None:
            with contextlib.suppress(Exception):
                return _decode(pixels_alone, enough, reads_heif)
        is_known = not isinstance(error, UnidentifiedImageError)
        raise ImageError(_DAMAGED if is_known else _what_it_is(data, reads_heif)) from error


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height of a picture as it is shown, in pixels, told by its beginning: it is not decoded.

    Raises:
        ImageError: it is none that can be read.
    """
    reads_heif = _register_heif()
    try:
        image = Image.open(io.BytesIO(data), formats=(*FORMATS, HEIF) if reads_heif else FORMATS)
        width, height = image.size
        return (height, width) if _orientation(image) > 4 else (width, height)
    except Exception as error:  # a damaged file makes Pillow raise nearly anything
        raise ImageError(_what_it_is(data, reads_heif) if data else "The file is empty.") from error


def cropped(data: bytes, box: tuple[int, int, int, int]) -> bytes:
    """The part of a picture inside a box of left, top, right and bottom, in pixels, as the content of a file.

    BMP: lossless, quick, and the same bytes for the same pixels whatever writes them.

    Raises:
        ImageError: as ``open_image``; or the box is no part of the picture, or that is too large to be cropped.
    """
    image = open_image(data)
    if image.size != size_of(data):  # it was decoded at a fraction
        raise ImageError("The picture has too many pixels to be cropped to a box. Save it smaller.")
    left, top, right, bottom = box
    if not (0 <= left < right <= image.width and 0 <= top < bottom <= image.height):
        raise ImageError(f"The picture has no part {left},{top},{right},{bottom}.")
    out = io.BytesIO()
    image.crop(box).save(out, "BMP")
    return out.getvalue()


def _decode(data: bytes, enough: Enough, reads_heif: bool) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=(*FORMATS, HEIF) if reads_heif else FORMATS)
    refuse_image(image, data)
    width, divisor = image.width, _fraction(image.size, enough)
    image.draft(None, (-(-image.width // divisor), -(-image.height // divisor)))  # of other formats nothing
    image.load()
    return _to_rgb(image, max(1, round(divisor * image.width / width)))


def _fraction(size: tuple[int, int], enough: Enough) -> int:
    """What width and height are divided by, so that not many pixels are left: 1, 2, 4 or 8."""
    width, height = size
    needed = next(divisor for divisor in (1, 2, 4, 8) if width * height <= _MANY_PIXELS * divisor**2)
    return max(divisor for divisor in (1, 2, 4, 8) if divisor <= needed or enough.allows(size, divisor))


def why_no_picture(head: bytes) -> str:
    """Why a file that begins like this is no picture that can be read, for a list of such files; empty if it is one.

    Args:
        head: at least the first 1,024 bytes of the file, or all of it.
    """
    if not head:
        return "file is empty"
    if head.startswith(_LFS):
        return "Git LFS pointer instead of the picture: run git lfs pull"
    is_avif = head[4:8] == b"ftyp" and (head[8:12] in (b"avif", b"avis") or b"avif" in head[16:64])
    if head.startswith((*_PICTURE_STARTS, b"II+\0", b"MM\0+", b"BM")) or head[8:12] == b"WEBP" or is_avif:
        return ""
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return "" if _register_heif() else "HEIC photo: readable once pi-heif is installed (pip install pi-heif)"
    return "not a picture"


def what_it_is(head: bytes) -> str:
    """What a file is that was taken for another, by its first bytes: ``a PDF document``, ``a picture`` …"""
    return "a picture" if not why_no_picture(head) or head[8:12] in _HEIF_BRANDS else _guess(head)


def _what_it_is(data: bytes, reads_heif: bool) -> str:
    """Why bytes are not a picture that is read, and what to do."""
    if data.startswith(_PICTURE_STARTS) or data[8:12] == b"WEBP":
        return _DAMAGED
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        if reads_heif:
            return _DAMAGED
        return "This is a HEIC photo, which can be read once pi-heif is installed (pip install pi-heif). Or use a JPEG."
    return f"This is {_guess(data)}, not a picture that can be read. Use a JPEG, PNG or WebP file."


def _guess(data: bytes) -> str:
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").upper()
    for signature, what in _SIGNATURES:
        if head.startswith(signature.upper()):
            return what
    if head.startswith(b"<?XML"):
        return "an SVG drawing" if b"<SVG" in head else "an XML file"
    if data[4:8] in (b"ftyp", b"moov", b"mdat", b"wide") or head[8:12] == b"AVI ":
        return "a video"
    return "a file of another kind"


@cache
def _register_heif() -> bool:
    """Whether HEIC and HEIF files can be read; makes Pillow know them."""
    try:
        import pi_heif
    except ImportError:
        return False
    pi_heif.register_heif_opener()
    return True


@cache
def _silence_libtiff() -> None:
    """Keep libtiff from writing about odd files to the terminal; errors arrive as exceptions all the same."""
    with contextlib.suppress(OSError, AttributeError):  # where Pillow is linked in another way, it may write
        library = ctypes.CDLL(_imaging.__file__)
        library.TIFFSetWarningHandler(None)
        library.TIFFSetErrorHandler(None)


def _to_rgb(full: Image.Image, divisor: int) -> Image.Image:
    """The picture at a fraction, upright, in sRGB. ``full`` is let go of as soon as it can be."""
    turn = _UPRIGHT.get(_orientation(full))
    profile = full.info.get("icc_profile")
    image = _scale_to_8_bits(full) if full.mode in ("I", "F", "I;16", "I;16B", "I;16L", "I;16N") else full
    if divisor > 1:  # no JPEG, or one that could not be decoded at a fraction
        image = _reduced(image, divisor)
        full.close()
    opacity = None
    if image.has_transparency_data:
        image = image if image.mode == "RGBA" else image.convert("RGBA")
        opacity = image.getchannel("A")
    rgb = _to_srgb(image, profile) if profile or image.mode == "LAB" else image.convert("RGB")
    if opacity is not None:
        white = Image.new("RGB", rgb.size, "white")
        white.paste(rgb, mask=opacity)
        rgb = white
    if turn is not None:
        rgb = rgb.transpose(turn)
    rgb.info.clear()
    return rgb


def _bands(image: Image.Image, height: int) -> Iterator[tuple[int, Image.Image]]:
    """The picture in bands of so many rows, each with where it begins; what is made of it all takes less memory so."""
    for top in range(0, image.height, height):
        yield top, image.crop((0, top, image.width, min(top + height, image.height)))


def _reduced(image: Image.Image, divisor: int) -> Image.Image:
    """The means of squares of pixels."""
    mode = _REDUCIBLE.get(image.mode, image.mode)
    small = Image.new(mode, (-(-image.width // divisor), -(-image.height // divisor)))
    for top, band in _bands(image, _BAND * divisor):
        part = (band if band.mode == mode else band.convert(mode)).reduce(divisor)
        small.paste(part, (0, top // divisor))
        small.info = part.info
    return small


_BAND = 64  # rows
_REDUCIBLE = {"P": "RGBA", "PA": "RGBA", "1": "L"}  # modes whose pixels have no means → one whose have


def _orientation(image: Image.Image) -> int:
    """How a camera says it stored the picture, 1 to 8; 1, upright, where it says nothing that can be read."""
    try:
        found = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # malformed metadata makes Pillow raise nearly anything
        return 1
    return found if isinstance(found, int) else 1


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours in sRGB, as the embedded profile means them; as they are where it cannot be read or does not fit."""
    if image.mode in ("LA", "1"):
        image = image.convert("L")
    elif image.mode not in ("L", "RGB", "CMYK", "LAB"):
        image = image.convert("RGB")
    try:
        source = _LAB if image.mode == "LAB" else ImageCms.ImageCmsProfile(io.BytesIO(profile or b""))
        converted = ImageCms.profileToProfile(
            image,
            source,
            _SRGB,
            ImageCms.Intent.RELATIVE_COLORIMETRIC,  # with black point compensation: what browsers do
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        converted = None
    return image.convert("RGB") if converted is None else converted


_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))


def _scale_to_8_bits(image: Image.Image) -> Image.Image:
    """Scale by the depth of the format where it is known (16 bits), else by the picture's own range."""
    ranges = [(float(values.min()), float(values.max())) for values in _values(image)]
    low, high = (float(np.min([one[0] for one in ranges])), float(np.max([one[1] for one in ranges])))
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ImageError("The picture holds values that are not numbers. Save it as PNG or JPEG.")
    is_known = low >= 0 and high <= 65535 and image.mode != "F"
    transparent = image.info.get("transparency")
    grey = Image.new("L", image.size)
    for place, values in enumerate(_values(image)):
        if is_known:
            scaled = (values.astype(np.uint32) * 255 + 32895 >> 16).astype(np.uint8)  # value / 257, rounded
        elif high > low:
            scaled = np.rint((values.astype(np.float64) - low) * (255.0 / (high - low))).astype(np.uint8)
        else:
            scaled = np.zeros(values.shape, np.uint8)
        if isinstance(transparent, int):
            scaled[values == transparent] = 255  # the one value that a PNG declares see-through, on white
        grey.paste(Image.fromarray(scaled), (0, place * _BAND))
    return grey


def _values(image: Image.Image) -> Iterator[NDArray[Any]]:
    return (np.asarray(band) for _, band in _bands(image, _BAND))


@dataclass(frozen=True)
class Box:
    """A crop in percent of width and height, 0 to 100; ``left < right`` and ``top < bottom``."""

    left: int = 0
    top: int = 0
    right: int = 100
    bottom: int = 100

    def crop(self, image: Image.Image) -> Image.Image:
        """The part of ``image`` inside the box, at least one pixel wide and high."""
        width, height = image.size
        left, top = self.left * width // 100, self.top * height // 100
        right, bottom = -(-self.right * width // 100), -(-self.bottom * height // 100)
        return image.crop((left, top, max(right, left + 1), max(bottom, top + 1)))


FOR_THUMBNAIL = Enough(shorter=360)
"""Of a picture that is made a thumbnail: half as many again, in each direction, as that has at most."""


def to_webp(image: Image.Image, size: tuple[int, int] = THUMBNAIL_SIZE) -> bytes:
    """A WebP of at most ``size`` (width, height) pixels, same proportions, never enlarged."""
    small = image.copy()
    small.thumbnail(size, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "WEBP", quality=82)
    return out.getvalue()


def to_jpeg(image: Image.Image) -> bytes:
    """A JPEG of the same size, for programs that do not read WebP."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92, subsampling=0)
    return out.getvalue()
