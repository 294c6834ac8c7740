"""What of a picture is plain ground and what is the thing on it, found from the border inwards."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

TOLERANCE = 12
"""Largest difference from the border's colour in any channel, of 255: JPEG noise passes, most white shirts do not."""


def border_colour(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The median colour along the border, shape (3,).

    Args:
        pixels: RGB, shape (h, w, 3).
    """
    edges = np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]])
    colour: NDArray[np.uint8] = np.rint(np.median(edges, axis=0)).astype(np.uint8)
    return colour


def plain_ground(pixels: NDArray[np.uint8], tolerance: int = TOLERANCE) -> NDArray[np.bool_]:
    """What is joined to the border and has nearly its colour, shape (h, w); holes in the thing on it are not ground.

    Args:
        pixels: RGB, shape (h, w, 3).
        tolerance: largest difference in any channel.
    """
    from scipy import ndimage

    near = np.abs(pixels.astype(np.int16) - border_colour(pixels)).max(axis=2) <= tolerance
    regions, _ = ndimage.label(near)
    joined = np.unique(np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]]))
    thing = ~np.isin(regions, joined[joined > 0])
    # Single pixels of noise belong to the ground; what the thing encloses does not.
    ground: NDArray[np.bool_] = ~ndimage.binary_fill_holes(ndimage.binary_opening(thing))
    return ground


def opacity(pixels: NDArray[np.uint8], softness: float = 0.5) -> NDArray[np.float32]:
    """How much of each pixel is the thing and not plain ground, 0 to 1, shape (h, w).

    Pixels at its edge hold some of both: the nearer they are to the ground's colour, the less opaque they are, so that
    no rim of the old ground is left around it on another one.

    Args:
        pixels: RGB, shape (h, w, 3).
        softness: standard deviation of the edge, px.
    """
    from scipy import ndimage

    thing = ~plain_ground(pixels)
    # Beyond the picture's border the thing goes on: there is no edge.
    edge = thing & ~ndimage.binary_erosion(thing, iterations=_EDGE, border_value=1)
    difference = np.abs(pixels.astype(np.int16) - border_colour(pixels)).max(axis=2)
    opaque = np.where(edge, np.minimum(difference / _OTHER, 1), thing).astype(np.float32)
    found: NDArray[np.float32] = ndimage.gaussian_filter(opaque, softness)
    return found


_EDGE = 2  # px
_OTHER = 72  # difference from the ground, of 255, at which nothing of it is left


def cut_out(image: Image.Image) -> Image.Image:
    """An RGB picture as RGBA: its plain ground see-through, with soft edges."""
    pixels = np.asarray(image)
    alpha = np.rint(opacity(pixels) * 255).astype(np.uint8)
    return Image.fromarray(np.dstack([pixels, alpha]), "RGBA")


def padded(image: Image.Image, aspect: float) -> Image.Image:
    """An RGB picture of another shape in the middle of the smallest one of this shape, on the colour of its border.

    Args:
        image: RGB.
        aspect: width by height of the result, to the nearest pixel.
    """
    width, height = image.size
    wide = max(width, round(height * aspect)), max(height, round(width / aspect))
    if wide == image.size:
        return image
    canvas = Image.new("RGB", wide, tuple(int(value) for value in border_colour(np.asarray(image))))
    canvas.paste(image, ((wide[0] - width) // 2, (wide[1] - height) // 2))
    return canvas
