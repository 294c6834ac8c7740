"""RGB histogram: which colours a picture has and how much of each, wherever they are (the paper, §3.1)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.encoders.base import ColourMatch, Encoder, EncoderSpec, Fingerprint
from fashion_search.images import ample

BINS = 8
SIDE = 224  # px; the paper's size
SWATCHES = 8
SMALLEST_SHARE = 0.001  # of the score; less is not worth a swatch


class HistogramEncoder(Encoder):
    """Normalised 3-D histogram over red, green and blue, as a unit vector of ``bins`` ** 3 numbers."""

    enough = ample(SIDE)

    def __init__(self, bins: int = BINS):
        if not 2 <= bins <= 64:
            raise ValueError(f"bins must be 2 to 64, not {bins}")
        self.bins = bins
        self.fingerprint = Fingerprint("histogram", f"squash {SIDE}x{SIDE} bilinear; RGB {bins}x{bins}x{bins} bins; L2")

    def prepare(self, image: Image.Image) -> NDArray[Any]:
        """Bin counts, shape (bins ** 3,): far smaller than the pixels, so made here, in the reading threads."""
        small = image.resize((SIDE, SIDE), Image.Resampling.BILINEAR)
        pixels = np.asarray(small, dtype=np.int64).reshape(-1, 3)
        binned = pixels * self.bins // 256  # (pixels, 3), each 0 … bins - 1
        codes = (binned[:, 0] * self.bins + binned[:, 1]) * self.bins + binned[:, 2]
        return np.bincount(codes, minlength=self.bins**3)

    def embed(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        counts = prepared.astype(np.float64)
        unit: NDArray[np.float32] = (counts / np.linalg.norm(counts, axis=1, keepdims=True)).astype(np.float32)
        return unit

    def colour(self, code: int) -> tuple[int, int, int]:
        """The middle of a bin as red, green and blue, 0 to 255."""
        red, rest = divmod(code, self.bins**2)
        green, blue = divmod(rest, self.bins)
        middle = [round((channel + 0.5) * 256 / self.bins) for channel in (red, green, blue)]
        return middle[0], middle[1], middle[2]


def explain(encoder: HistogramEncoder, query: Image.Image, result: Image.Image) -> ColourMatch:
    """The cosine is a sum over bins: each bin's product is its colour's part of the score."""
    first, second = encoder.encode([query, result])
    return colour_match(encoder, first * second)


def colour_match(encoder: HistogramEncoder, parts: NDArray[np.float32]) -> ColourMatch:
    """A score that is the sum of ``parts``, one per bin in the order of bins, by its colours."""
    score = float(parts.sum())
    largest = np.argsort(-parts, kind="stable")[:SWATCHES]
    shares = [(encoder.colour(int(code)), float(parts[code] / score) if score else 0.0) for code in largest]
    colours = tuple((colour, share) for colour, share in shares if share >= SMALLEST_SHARE)
    return ColourMatch(score, colours)


SPEC = EncoderSpec(
    name="histogram",
    title="RGB histogram",
    summary="Compares how much of each colour two pictures have; shape and place do not count.",
    dim=BINS**3,
    fingerprint=lambda: HistogramEncoder().fingerprint,
    load=HistogramEncoder,
    explain=explain,
    colour="#cc8005",
    family="colours",
    parameters=0,
)
