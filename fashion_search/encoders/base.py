"""What a method is: an encoder, its description, and its explanation of a match."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.catalog.text import inert
from fashion_search.images import WHOLE, Enough

GREY = "#8c867e"
"""Seen on light and on dark; of what has no colour of its own."""

_PALETTE = (
    *("#7b5fc7", "#c2517f", "#2a93a8", "#b0632b", "#5f7f1f", "#a44fb0", "#3d6fd1"),
    *("#c94f3d", "#1f8a70", "#8a6f4e", "#9a7a12", "#5a7f94", "#d1729b", "#4f9f4a"),
)


MARK = "~"
"""Between the name of a method and the order that it is re-ranked by (``encoders.orders``)."""

INDEX_MARK = "@"
"""Between the name of a method and the index that its vectors are searched by (``encoders.indexes``)."""

RESERVED = f"{MARK}{INDEX_MARK}+*,"
"""What no name of a single method has: it stands between the parts of a name, or between names in a link."""

FAMILIES = ("colours", "local features", "CNN", "transformer", "trained here", "combined", "imported", "other")
"""What methods are sorted by, in the order in which pages list them."""


def base_method(method: str) -> str:
    """The method whose vectors a method uses: itself, unless it is re-ranked or searched by an index."""
    return method.partition(MARK)[0].partition(INDEX_MARK)[0]


def tinted(colour: str, tint: float) -> str:
    """A colour, ``#rrggbb``, mixed with this share of white; below 0, of black."""
    towards = 255 if tint > 0 else 0
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(part + (towards - part) * abs(tint)):02x}" for part in parts)


@dataclass(frozen=True)
class Fingerprint:
    """What decides an encoder's vectors: equal fingerprints give equal vectors, up to rounding.

    ``weights`` is empty for a method without weights, else the SHA-256 of their file. ``weights_name`` is
    what a figure made with them is labelled with.
    """

    method: str
    preprocessing: str
    weights: str = ""
    weights_name: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 over all that decides the vectors, so without ``weights_name``."""
        text = json.dumps([self.method, self.preprocessing, self.weights])
        return hashlib.sha256(text.encode()).hexdigest()

    def matches(self, other: "Fingerprint") -> bool:
        """Whether vectors of the two may be compared."""
        return self.digest == other.digest

    @property
    def weights_label(self) -> str:
        """For example ``resnet18.pth (SHA-256 05a4…)``; ``none`` for a method without."""
        return f"{self.weights_name} (SHA-256 {self.weights[:8]}…)" if self.weights else "none"


class Encoder(ABC):
    """Images → unit vectors. Preprocessing lives here, so that queries and catalog are prepared alike."""

    fingerprint: Fingerprint
    enough: Enough = WHOLE
    """How many pixels of a picture suffice for ``prepare``; by default all that it has."""

    @abstractmethod
    def prepare(self, image: Image.Image) -> NDArray[Any]:
        """One RGB image as an array of fixed shape. Called from several threads while a library is built."""

    @abstractmethod
    def embed(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        """A stack of prepared images, shape (n, …), as unit vectors, shape (n, dim)."""

    def choose_fastest(self) -> None:  # noqa: B027 – of most there is but one way
        """Find out how it runs fastest on this machine, once, and keep that. Called before many pictures are encoded.

        Its vectors stay the same, up to rounding.
        """

    def encode(self, images: Sequence[Image.Image]) -> NDArray[np.float32]:
        """RGB images as unit vectors, shape (n, dim)."""
        return self.embed(np.stack([self.prepare(image) for image in images]))


@dataclass(frozen=True)
class RegionMatch:
    """A similarity taken apart over image regions.

    Each map has shape (rows, columns) and adds up to ``score``; ``query`` lies over the query's picture,
    ``result`` over the result's, once they are padded to ``aspect``, width by height; 0: as they are.
    """

    score: float
    query: NDArray[np.float32]
    result: NDArray[np.float32]
    aspect: float = 0.0


def region_match(positions: NDArray[np.float32]) -> RegionMatch:
    """Take the cosine of two pictures apart over their positions.

    A picture's vector q̄ is the mean of the vectors q_i of its p positions, so its cosine with the other's unit
    vector ĝ is the sum of q_i · ĝ / (p ‖q̄‖): exact, not an approximation. The same holds the other way.

    Args:
        positions: of query and result, shape (2, rows, columns, dim).
    """
    rows, columns = positions.shape[1:3]
    means = positions.mean(axis=(1, 2), dtype=np.float64)  # (2, dim)
    lengths = np.linalg.norm(means, axis=1)
    unit = means / lengths[:, None]

    def parts(which: int, other: int) -> NDArray[np.float32]:
        shares = positions[which] @ unit[other] / (rows * columns * lengths[which])
        return np.asarray(shares, dtype=np.float32)

    return RegionMatch(float(unit[0] @ unit[1]), parts(0, 1), parts(1, 0))


@dataclass(frozen=True)
class ColourMatch:
    """A similarity taken apart over colours: (red, green, blue) and share of the score, largest first."""

    score: float
    colours: tuple[tuple[tuple[int, int, int], float], ...]


@dataclass(frozen=True)
class FusedMatch:
    """A similarity that is a sum: what each part is called, and the part itself.

    The scores of the parts add up to ``score``.
    """

    score: float
    parts: tuple[tuple[str, RegionMatch | ColourMatch], ...]


@dataclass(frozen=True)
class Head:
    """Tells a label from unit vectors: logits are ``vector @ weight.T + bias``.

    ``values``: what it tells apart; ``weight`` has shape (values, dim), ``bias`` (values,).
    """

    values: tuple[str, ...]
    weight: NDArray[np.float32]
    bias: NDArray[np.float32]


IS_FASHION = "is_fashion"
"""The head that tells pictures of fashion from others; its values are ``no`` and ``yes``."""

Explanation = RegionMatch | ColourMatch | FusedMatch
Explain = Callable[[Any, Image.Image, Image.Image], Explanation]


@dataclass(frozen=True)
class Combination:
    """How a method's library is made of those of other methods, without encoding again.

    ``fingerprint`` and ``vectors`` take what the ``parts`` have, in their order: fingerprints, and arrays of
    shape (n, dim of the part). ``vectors`` gives unit vectors, shape (n, dim), and alters no argument.
    """

    parts: tuple[str, ...]
    fingerprint: Callable[[Sequence[Fingerprint]], Fingerprint]
    vectors: Callable[[Sequence[NDArray[np.float32]]], NDArray[np.float32]]


@dataclass(frozen=True)
class EncoderSpec:
    """What pages and commands list; costs nothing to read.

    ``fingerprint`` and ``load`` raise ``WeightsError`` where the weights are not at hand; only ``load``
    imports torch, and only it downloads. ``explain`` takes the loaded encoder and two RGB images. ``seen`` gives
    the marks of the pictures that it was trained on in this project's own training. ``colour``: its own in all charts,
    apart from the others' for colour-blind people too; where none is
    given, one by the name, which others may share. ``heads``: by column, what its unit vectors tell of labels.
    ``dim`` is 0 where only loading tells. ``family``: one of ``FAMILIES``. ``licence``: of the weights, empty where it
    is not known. ``parameters``: how many numbers were learned, 0 where none were, None where only loading tells.
    ``origin``: whose weights these are, and what they were trained on. ``encodes``: whether there is an encoder at all;
    of vectors that were imported there is none, and ``fingerprint`` and ``load`` raise ``NoEncoderError``.
    ``classes``: by column, the values that its classification path tells apart; empty where it has none.
    ``load_bfloat16``: as ``load``, for a network that computes in bfloat16 (``encoders.bfloat16``); None: it is none.
    """

    name: str
    title: str
    summary: str
    dim: int
    fingerprint: Callable[[], Fingerprint]
    load: Callable[[], Encoder]
    explain: Explain | None = None
    combines: Combination | None = None
    seen: Callable[[], NDArray[np.int64]] | None = None
    colour: str = GREY
    heads: Callable[[], Mapping[str, Head]] | None = None
    family: str = "other"
    licence: str = ""
    parameters: int | None = None
    origin: str = ""
    encodes: bool = True
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    load_bfloat16: Callable[[], Encoder] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", inert(self.title))  # of imported and trained methods people give it
        if self.family not in FAMILIES:
            raise ValueError(f"{self.name!r} is of no known family: {self.family!r}")
        if self.colour == GREY:
            place = int(hashlib.sha256(self.name.encode()).hexdigest()[:8], 16) % len(_PALETTE)
            object.__setattr__(self, "colour", _PALETTE[place])

    @property
    def parts(self) -> tuple[str, ...]:
        """The methods whose libraries it needs: its own, or those that it combines."""
        return self.combines.parts if self.combines else (base_method(self.name),)


def register(*specs: EncoderSpec) -> dict[str, EncoderSpec]:
    """A registry by name; refuses a name twice, and parts that come later or are combinations themselves."""
    registry: dict[str, EncoderSpec] = {}
    for spec in specs:
        if spec.name in registry:
            raise ValueError(f"two methods are named {spec.name!r}")
        for part in spec.combines.parts if spec.combines else ():
            if part not in registry or registry[part].combines:
                raise ValueError(f"{spec.name!r} cannot combine {part!r}, which is no method with a library before it")
        registry[spec.name] = spec
    return registry
