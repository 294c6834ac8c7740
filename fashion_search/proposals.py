"""Where in a photo the garment is: crops to choose from, and the garment alone on white.

On plain ground it is what is not ground. Elsewhere OpenCV, where it is installed, tells it from what is behind it: by
its colours, which the border lacks, by spectral residuals and by its place near the centre, refined by GrabCut.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.ground import opacity, plain_ground
from fashion_search.images import Box

Mask = NDArray[np.bool_]
"""What belongs to one thing, shape (h, w)."""

_SIDE = 160  # px of the longer side of what is looked at
_FINE = 480  # px, where plain ground is made white
_SHORTEST = 16  # px of the reduced picture's shorter side, below which nothing is told from anything
_MARGIN = 0.04  # of a thing's width and height, around it
_SMALLEST, _LARGEST = 0.02, 0.9  # share of the picture that a crop may have
_SAME = 0.7  # intersection over union above which two crops are one
_PLAIN_AREA, _PLAIN_SIDE = 0.15, 0.6  # shares of the picture, and of three of its sides, that a plain ground has
_PLAIN_STEADY = 0.88  # share of it that is left at half the tolerance
_THRESHOLDS = (1.5, 0.8)  # where GrabCut starts, in Otsu's thresholds of the saliency: at less and at more of the thing
_ITERATIONS = 3  # of GrabCut; more change little
_CLEAR = 0.1  # correlation of a thing with the saliency, below which it does not stand out
_COLOURS = 6  # that a border is made of
_WHOLE = Box()
_UNREFINED = 0.5  # what the agreement of a part counts that GrabCut did not refine


def is_available() -> bool:
    """Whether OpenCV is installed; without it only things on plain ground are found."""
    try:
        import cv2  # noqa: F401
    except ImportError:
        return False
    return True


def propose(image: Image.Image, most: int = 5) -> list[Box]:
    """Crops in which one thing may be, best first; none where nothing stands out or one thing is the whole picture.

    Args:
        image: RGB.
        most: how many crops at most.
    """
    boxes: list[Box] = []
    for thing in _things(_reduced(image, _SIDE)):
        box = _box_around(thing)
        if _SMALLEST <= _area(box) / 100**2 <= _LARGEST and all(_overlap(box, other) <= _SAME for other in boxes):
            boxes.append(box)
    return boxes[:most]


def isolate(image: Image.Image, box: Box = _WHOLE) -> Image.Image | None:
    """The garment on white, in a picture of the same size; None where nothing stands out.

    On plain ground all that lies on it is kept; elsewhere the largest thing in the box, or of the whole picture the
    thing that stands out most.

    Args:
        image: RGB, the whole photo also where a crop was chosen: a garment is told by what is around it.
        box: where the garment is, if that is known.
    """
    pixels = _reduced(image, _SIDE)
    things = _things(pixels, box)
    if not things:
        return None
    on_plain_ground = _on_plain_ground(pixels) is not None
    opaque = opacity(_reduced(image, _FINE)) if on_plain_ground else _soft(things[0])
    mask = Image.fromarray(np.rint(opaque * 255).astype(np.uint8)).resize(image.size, Image.Resampling.BILINEAR)
    isolated = Image.new("RGB", image.size, "white")
    isolated.paste(image, mask=mask)
    return isolated


def _reduced(image: Image.Image, side: int) -> NDArray[np.uint8]:
    """The pixels of a picture, its longer side at most ``side`` px, shape (h, w, 3)."""
    scale = min(1.0, side / max(image.size))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    small = image.resize(size, Image.Resampling.BOX, reducing_gap=2.0)
    return np.asarray(small.convert("RGB"))


def _things(pixels: NDArray[np.uint8], box: Box = _WHOLE) -> list[Mask]:
    """What may be a garment, best first; on other than plain ground only what is in the box."""
    if min(pixels.shape[:2]) < _SHORTEST:
        return []
    lying = _on_plain_ground(pixels)
    if lying is not None:
        centre = _centre(lying.shape)
        return sorted(_parts(lying), key=lambda thing: -float(centre[thing].sum()))
    if not is_available():
        return []
    if box == _WHOLE:
        return _salient_things(pixels)
    height, width = pixels.shape[:2]
    across, down = (np.arange(length) * 100 / length for length in (width, height))
    inside = np.outer((box.top <= down) & (down < box.bottom), (box.left <= across) & (across < box.right))
    return sorted(_parts(_grab_cut(pixels, inside, inside)), key=lambda thing: -int(thing.sum()))


def _on_plain_ground(pixels: NDArray[np.uint8]) -> Mask | None:
    """What lies on plain ground; ``None`` where the ground is not plain."""
    ground = plain_ground(pixels)
    sides = sorted(side.mean() for side in (ground[0], ground[-1], ground[:, 0], ground[:, -1]))
    if ground.mean() < _PLAIN_AREA or sides[1] < _PLAIN_SIDE:  # a person may be cut off at one side
        return None
    # A wall that gets darker, or a texture, has no edge where the ground ends: another tolerance finds another end.
    strict, lax = (plain_ground(pixels, tolerance).mean() for tolerance in (8, 16))
    return None if strict < _PLAIN_STEADY * lax else ~ground


def _parts(mask: Mask) -> Iterator[Mask]:
    """The connected parts of a mask, without single pixels."""
    from scipy import ndimage

    regions, count = ndimage.label(ndimage.binary_opening(mask))
    for number in range(1, count + 1):
        yield regions == number


def _salient_things(pixels: NDArray[np.uint8]) -> list[Mask]:
    """What stands out from the border, best first: the parts that agree most with the saliency."""
    import cv2

    saliency = _saliency(pixels)
    otsu, _ = cv2.threshold(np.rint(saliency * 255).astype(np.uint8), 0, 255, cv2.THRESH_OTSU)
    found: list[tuple[float, Mask]] = []
    for threshold in _THRESHOLDS:
        start = saliency > threshold * otsu / 255
        refined = list(_parts(_grab_cut(pixels, start)))
        found += [(_agreement(thing, saliency), thing) for thing in refined]
        if refined:  # not in noise; but parts of a thing that have the colours of what is behind it are lost
            found += [(_UNREFINED * _agreement(thing, saliency), thing) for thing in _parts(start)]
    found.sort(key=lambda pair: -pair[0])
    return [thing for agreement, thing in found if agreement >= _CLEAR]


def _saliency(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much each pixel stands out, 0 to 1, shape (h, w)."""
    import cv2

    lab = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    odd = _stretched(_border_contrast(cv2.GaussianBlur(lab, (0, 0), 2.5)))  # of a texture, its mean colour counts
    odd += _stretched(_spectral_residual(lab[..., 0]))
    near = 0.2 + 0.8 * _centre(odd.shape)
    return _stretched(cv2.GaussianBlur(odd * near, (0, 0), 2.5))


def _border_contrast(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """The distance of each pixel's colour to the nearest of the border's main colours, shape (h, w)."""
    import cv2

    y, x = max(2, lab.shape[0] // 16), max(2, lab.shape[1] // 16)
    border = np.concatenate([part.reshape(-1, 3) for part in (lab[:y], lab[-y:], lab[:, :x], lab[:, -x:])])
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_MAX_ITER, 20, 1.0)
    _, _, colours = cv2.kmeans(border, _COLOURS, None, stop, 2, cv2.KMEANS_PP_CENTERS)
    nearest: NDArray[np.float32] = np.linalg.norm(lab[:, :, None] - colours, axis=3).min(axis=2)
    return nearest


def _spectral_residual(lightness: NDArray[np.float32]) -> NDArray[np.float32]:
    """Saliency by X. Hou and L. Zhang, Saliency detection: a spectral residual approach, CVPR 2007; shape (h, w)."""
    import cv2

    height, width = lightness.shape
    scale = 64 / max(height, width)  # px, as in the paper
    size = max(2, round(width * scale)), max(2, round(height * scale))
    spectrum = np.fft.fft2(cv2.resize(lightness, size, interpolation=cv2.INTER_AREA))
    logarithm = np.log(np.abs(spectrum) + 1e-6).astype(np.float32)
    residual = logarithm - cv2.blur(logarithm, (3, 3))
    power = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))).astype(np.float32) ** 2
    found: NDArray[np.float32] = cv2.resize(cv2.GaussianBlur(power, (0, 0), 2.5), (width, height))
    return found


def _grab_cut(pixels: NDArray[np.uint8], start: Mask, within: Mask | None = None) -> Mask:
    """What has the colours of ``start`` rather than those around it (C. Rother et al., GrabCut, SIGGRAPH 2004)."""
    import cv2

    labels = np.where(start, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    if within is not None:
        labels[~within] = cv2.GC_BGD
    labels[:2] = labels[-2:] = labels[:, :2] = labels[:, -2:] = cv2.GC_BGD
    if not (labels == cv2.GC_PR_FGD).any():
        return start
    cv2.setRNGSeed(0)
    cv2.grabCut(pixels, labels, None, np.zeros((1, 65)), np.zeros((1, 65)), _ITERATIONS, cv2.GC_INIT_WITH_MASK)
    kept: Mask = labels == cv2.GC_PR_FGD  # nothing was said to be in it for sure
    return kept


def _centre(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """How near each pixel is to the centre: 1 there, less towards the border, shape (h, w)."""
    rows, columns = (np.exp(-0.5 * (np.linspace(-0.5, 0.5, length) / 0.33) ** 2) for length in shape)
    return np.outer(rows, columns).astype(np.float32)


def _stretched(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values from the first to the last percentile as 0 to 1."""
    low, high = np.percentile(values, (1, 99))
    stretched: NDArray[np.float32] = ((values - low) / max(high - low, 1e-6)).clip(0, 1).astype(np.float32)
    return stretched


def _agreement(thing: Mask, saliency: NDArray[np.float32]) -> float:
    """The correlation of a thing with the saliency, at most 1."""
    return float(np.corrcoef(thing.ravel(), saliency.ravel())[0, 1])


def _soft(thing: Mask) -> NDArray[np.float32]:
    """A thing with its holes filled and soft edges, 0 to 1."""
    from scipy import ndimage

    soft: NDArray[np.float32] = ndimage.gaussian_filter(ndimage.binary_fill_holes(thing).astype(np.float32), 0.7)
    return soft


def _box_around(thing: Mask) -> Box:
    height, width = thing.shape
    (left, right), (top, bottom) = (np.flatnonzero(thing.any(axis=axis))[[0, -1]] for axis in (0, 1))
    wide, high = _MARGIN * (right + 1 - left), _MARGIN * (bottom + 1 - top)
    return Box(
        max(0, int((left - wide) * 100 / width)),
        max(0, int((top - high) * 100 / height)),
        min(100, int(np.ceil((right + 1 + wide) * 100 / width))),
        min(100, int(np.ceil((bottom + 1 + high) * 100 / height))),
    )


def _area(box: Box) -> int:
    return (box.right - box.left) * (box.bottom - box.top)


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    both = max(width, 0) * max(height, 0)
    return both / (_area(one) + _area(other) - both)
