"""Local features: what SIFT, ORB or SURF describe around a picture's keypoints, as one vector by VLAD.

Descriptors are centred and reduced by PCA (Jégou and Chum 2012), each is given to the nearest word of a codebook, and
what they differ from their word by is summed (VLAD; Jégou et al. 2010); signed square roots of the sums, at unit
length, are the vector. Colours do not count. ``docs/local-features.md`` says where the codebooks come from.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.encoders.base import Encoder, EncoderSpec, Fingerprint
from fashion_search.encoders.weights import sha256_of
from fashion_search.errors import WeightsError
from fashion_search.home import shipped

WIDTH, HEIGHT = 240, 320  # px; pictures of 60 × 80 px are enlarged to it, as ORB finds no keypoint in them
SHORTEST = 8  # px; of a picture that is far longer than wide, which OpenCV cannot reduce further
REDUCED = 64  # numbers of a descriptor after PCA
WORDS = 32  # of a codebook
DIM = WORDS * REDUCED + 1
"""The last number is 1 for a picture without keypoints, all others 0; else it is 0."""

CODEBOOKS = shipped("assets/codebooks.npz")
PREPROCESSING = f"grey, fitted into {WIDTH}x{HEIGHT} bicubic"

Descriptors = NDArray[np.float32]
"""What surrounds a picture's keypoints, strongest first, shape (n, d)."""

Grey = NDArray[np.uint8]
"""A picture, shape (h, w)."""


def fitted(image: Image.Image) -> Grey:
    """A picture in grey, enlarged or reduced so that it just fits into ``WIDTH`` × ``HEIGHT``."""
    scale = min(WIDTH / image.width, HEIGHT / image.height)
    size = max(SHORTEST, round(image.width * scale)), max(SHORTEST, round(image.height * scale))
    return np.asarray(image.convert("L").resize(size, Image.Resampling.BICUBIC))


def _sift(grey: Grey) -> Descriptors:
    """RootSIFT (Arandjelović and Zisserman 2012): unit vectors whose products compare histograms of gradients."""
    import cv2

    found = _strongest(cv2.SIFT.create(), grey, 128).astype(np.float32)
    totals = found.sum(axis=1, keepdims=True)
    roots: Descriptors = np.sqrt(np.divide(found, totals, out=np.zeros_like(found), where=totals > 0))
    return roots


def _orb(grey: Grey) -> Descriptors:
    """The 256 bits as numbers whose squared distance is the share of bits that differ."""
    import cv2

    found = _strongest(cv2.ORB.create(edgeThreshold=15, fastThreshold=10), grey, 32).astype(np.uint8)
    return np.unpackbits(found, axis=1).astype(np.float32) / np.float32(16)


def _strongest(detector: Any, grey: Grey, width: int) -> NDArray[Any]:
    """What OpenCV's detector describes, by falling response of the keypoints; it gives None where there are none."""
    keypoints, found = detector.detectAndCompute(grey, None)
    if found is None:
        return np.zeros((0, width))
    by_response = np.argsort([-one.response for one in keypoints], kind="stable")
    return np.asarray(found[by_response])


_SURF_GEOMETRY = 6  # columns of mahotas before the descriptor: place, scale, score, Laplacian's sign, angle
_SURF_SCORE = 3


def _surf(grey: Grey) -> Descriptors:
    """Unit vectors of wavelet responses, as mahotas gives them."""
    from mahotas.features import surf

    found = np.asarray(surf.surf(grey), dtype=np.float32)
    by_score = np.argsort(-found[:, _SURF_SCORE], kind="stable")
    return np.asarray(found[by_score, _SURF_GEOMETRY:])


@dataclass(frozen=True)
class Features:
    """A kind of local features: the package that finds them, and how.

    ``width``: numbers of a descriptor. ``settings``: what of ``describe`` decides the vectors.
    """

    name: str
    title: str
    width: int
    describe: Callable[[Grey], Descriptors]
    settings: str
    module: str
    package: str

    def require(self) -> None:
        """Refuse where the package is not installed.

        Raises:
            WeightsError: it is not; the message says how to install it.
        """
        if find_spec(self.module) is None:
            raise WeightsError(
                f"{self.title} needs the package {self.package}, which is not installed: pip install {self.package}"
            )


FEATURES = (
    Features("sift", "SIFT", 128, _sift, "RootSIFT", "cv2", "opencv-python-headless"),
    Features("orb", "ORB", 256, _orb, "ORB, border 15, contrast 10, 500 keypoints", "cv2", "opencv-python-headless"),
    Features("surf", "SURF", 64, _surf, "SURF of mahotas", "mahotas", "mahotas"),
)
"""The kinds of local features, in the order in which pages list them."""


@dataclass(frozen=True)
class Codebook:
    """What descriptors become a vector by: their ``mean``, shape (d,), ``projection``, shape (d, ``REDUCED``), and
    ``words``, shape (``WORDS``, ``REDUCED``).
    """

    mean: NDArray[np.float32]
    projection: NDArray[np.float32]
    words: NDArray[np.float32]

    def reduced(self, descriptors: Descriptors) -> Descriptors:
        """Descriptors by PCA, shape (n, ``REDUCED``)."""
        return np.asarray((descriptors - self.mean) @ self.projection, dtype=np.float32)

    def sums(self, descriptors: Descriptors) -> NDArray[np.float32]:
        """By word, what its descriptors differ from it by, summed; last 1 where there are none; shape (``DIM``,)."""
        sums: NDArray[np.float64] = np.zeros(self.words.shape)
        if not len(descriptors):
            return np.append(sums, 1).astype(np.float32)
        reduced = self.reduced(descriptors)
        distances = (self.words**2).sum(axis=1) - 2 * reduced @ self.words.T  # but for what is the same for all words
        nearest = distances.argmin(axis=1)
        np.add.at(sums, nearest, reduced - self.words[nearest])
        return np.append(sums, 0).astype(np.float32)


@cache
def codebook_of(features: Features) -> Codebook:
    """The codebook that comes with the program.

    Raises:
        WeightsError: its file is missing or damaged.
    """
    damaged = f"{CODEBOOKS} is damaged or missing. Install the program again."
    try:
        with np.load(CODEBOOKS, allow_pickle=False) as file:
            parts = [file[f"{features.name}.{part}"].astype(np.float32) for part in ("mean", "projection", "words")]
    except Exception as error:  # an archive is refused in many ways
        raise WeightsError(damaged) from error
    if [part.shape for part in parts] != [(features.width,), (features.width, REDUCED), (WORDS, REDUCED)]:
        raise WeightsError(damaged)
    return Codebook(*parts)


class LocalEncoder(Encoder):
    """Local features of one kind as VLAD vectors."""

    def __init__(self, features: Features, codebook: Codebook, fingerprint: Fingerprint):
        self.features = features
        self.codebook = codebook
        self.fingerprint = fingerprint

    def describe(self, image: Image.Image) -> Descriptors:
        """The descriptors of an RGB image, strongest first, shape (n, d)."""
        return self.features.describe(fitted(image))

    def prepare(self, image: Image.Image) -> NDArray[Any]:
        """Sums by word, shape (``DIM``,): far smaller than the descriptors, so made here, in the reading threads."""
        return self.codebook.sums(self.describe(image))

    def embed(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        roots = np.sign(prepared) * np.sqrt(np.abs(prepared))
        unit: NDArray[np.float32] = roots / np.linalg.norm(roots, axis=1, keepdims=True)
        return unit


def _spec(features: Features, summary: str, colour: str) -> EncoderSpec:
    def fingerprint() -> Fingerprint:
        features.require()
        recipe = f"{PREPROCESSING}; {features.settings}; PCA to {REDUCED}, VLAD of {WORDS} words, square roots; L2"
        return Fingerprint(features.name, recipe, sha256_of(CODEBOOKS), CODEBOOKS.name)

    def load() -> LocalEncoder:
        return LocalEncoder(features, codebook_of(features), fingerprint())

    return EncoderSpec(
        name=features.name,
        title=features.title,
        summary=summary,
        dim=DIM,
        fingerprint=fingerprint,
        load=load,
        colour=colour,
        family="local features",
        licence="MIT",
        parameters=features.width * (1 + REDUCED) + WORDS * REDUCED,
        origin="codebook: this project, Fashion Product Images",
    )


SIFT, ORB, SURF = (
    _spec(features, summary, colour)
    for features, summary, colour in zip(
        FEATURES,
        (
            "Compares the edges around points that stand out, such as collars and prints; colours do not count.",
            "Compares light and dark around corners, by few bits each, so it is fast; colours do not count.",
            "Compares how brightness changes around blobs, such as buttons and prints; colours do not count.",
        ),
        ("#a8456f", "#5d62b5", "#2b8a99"),
        strict=True,
    )
)
