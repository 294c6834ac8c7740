"""The only place that opens an image: untrusted bytes become an upright 8-bit RGB picture, or one clear error."""

import io
import warnings
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from fashion_search.errors import ImageError

MAX_BYTES = 25 * 1024 * 1024
_MANY_PIXELS = 16_000_000  # above this, half the width and height is more than any method looks at
MAX_PIXELS = 50_000_000  # a phone's 48-megapixel photo still fits
THUMBNAIL_SIZE = (240, 320)  # px, width × height; the pages show cards of at most half that on common screens

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")  # JPEG: also the MPO of many cameras
UPLOAD_SUFFIXES = ("jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif")

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
)


def open_image(data: bytes) -> Image.Image:
    """Decode a picture: first frame, EXIF rotation applied, transparency on white, 16 bits scaled to 8.

    Args:
        data: the file's content, from anywhere.

    Returns:
        An ``RGB`` image without metadata.

    Raises:
        ImageError: empty, too large, not an image of a known format, or damaged.
    """
    if not data:
        raise ImageError("The file is empty. Choose another picture.")
    if len(data) > MAX_BYTES:
        raise ImageError(f"The file is larger than {MAX_BYTES // 2**20} MB. Save the picture smaller.")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise ImageError(
                f"The picture has {width:,} × {height:,} pixels; at most {MAX_PIXELS // 10**6} million can be "
                "used. Save it smaller."
            )
        if width * height > _MANY_PIXELS:
            image.draft(None, (width // 2, height // 2))  # JPEG decodes straight to a half
        image.load()
        return _to_rgb(ImageOps.exif_transpose(image))
    except ImageError:
        raise
    except UnidentifiedImageError as error:
        if data.startswith(_PICTURE_STARTS) or data[8:12] == b"WEBP":
            raise ImageError(_DAMAGED) from error
        raise ImageError(
            f"This is {_guess(data)}, not a picture that can be read. Use a JPEG, PNG or WebP file."
        ) from error
    except Image.DecompressionBombError as error:
        raise ImageError("The picture has far too many pixels. Save it smaller.") from error
    except Exception as error:  # a damaged file makes Pillow's decoders raise nearly anything
        raise ImageError(_DAMAGED) from error


def _guess(data: bytes) -> str:
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").upper()
    for signature, what in _SIGNATURES:
        if head.startswith(signature):
            return what
    if head.startswith(b"<?XML"):
        return "an SVG drawing" if b"<SVG" in head else "an XML file"
    if data[4:8] == b"ftyp":
        return "a HEIC photo or a video"
    return "a file of another kind"


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.width * image.height > _MANY_PIXELS and image.mode in ("RGB", "RGBA", "L", "CMYK"):
        image = image.reduce(2)
    if image.mode in ("I", "F", "I;16", "I;16B", "I;16L", "I;16N"):
        image = _scale_to_8_bits(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    rgb = image.convert("RGB")
    rgb.info.clear()
    return rgb


def _scale_to_8_bits(image: Image.Image) -> Image.Image:
    """Scale by the depth of the format where it is known (16 bits), else by the picture's own range."""
    values = np.asarray(image)
    low, high = float(values.min()), float(values.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ImageError("The picture holds values that are not numbers. Save it as PNG or JPEG.")
    if low >= 0 and high <= 65535 and image.mode != "F":
        scaled = (values.astype(np.uint32) * 255 + 32895 >> 16).astype(np.uint8)  # value / 257, rounded
    elif high > low:
        scaled = np.rint((values.astype(np.float64) - low) * (255.0 / (high - low))).astype(np.uint8)
    else:
        scaled = np.zeros(values.shape, np.uint8)
    if isinstance(transparent := image.info.get("transparency"), int):
        scaled[values == transparent] = 255  # the one value that a PNG declares see-through, on white
    return Image.fromarray(scaled)


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


def to_webp(image: Image.Image, size: tuple[int, int] = THUMBNAIL_SIZE) -> bytes:
    """A WebP of at most ``size`` (width, height) pixels, same proportions, never enlarged."""
    small = image.copy()
    small.thumbnail(size, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "WEBP", quality=82)
    return out.getvalue()
