"""What a network is made of, as plain data: it imports no torch."""

from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.encoders.hub import HubWeights
from fashion_search.encoders.weights import Weights, WeightsSource
from fashion_search.ground import padded
from fashion_search.images import Enough, ample

MEAN = (0.485, 0.456, 0.406)  # ImageNet's, per channel, of values 0 to 1
DEVIATION = (0.229, 0.224, 0.225)

COMPACT = "compact"
"""Our own backbone: residual stages of chosen widths, small enough to train from random weights."""

TIMM = {"se-resnet50": "seresnet50.a1_in1k", "se-resnext50": "seresnext50_32x4d.racm_in1k"}
"""Backbones that are timm's: their names there, with the tag of their ImageNet weights."""

PRETRAINED: dict[str, WeightsSource] = {
    "resnet18": Weights(file="resnet18.pth", published="resnet18-f37072fd.pth"),
    "resnet50": Weights(file="resnet50.pth", published="resnet50-0676ba61.pth"),
    "densenet121": Weights(file="densenet121.pth", published="densenet121-a639ec97.pth"),
    **{name: HubWeights(f"{name}.safetensors", f"timm/{published}") for name, published in TIMM.items()},
}
"""Published backbones, torchvision's and timm's, and their ImageNet weights."""

AUTOENCODER = "autoencoder"
"""Convolutions to a latent vector, with a decoder beside them while they are trained."""

TRANSFORMER = "transformer"
"""A small vision transformer: tokens of equal patches."""

HEAD = 32
"""Numbers of a token that one head of a transformer's attention looks at."""

TRAINED = (COMPACT, AUTOENCODER, TRANSFORMER)
"""Backbones of this program, which are trained from random weights."""

BACKBONES = (COMPACT, *PRETRAINED, AUTOENCODER, TRANSFORMER)
"""Every backbone that a recipe may name."""


_FINER = 4  # times the input's pixels, in each direction, that a large picture keeps until it is padded


def _reduced(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """A large picture at a fraction: padding looks at each pixel of a border, and a strip is padded to a square."""
    image = image.reduce(max(min(image.width // size[0], image.height // size[1]) // _FINER, 1))
    most = 2 * _FINER * max(size)
    if max(image.size) > most:
        scale = most / max(image.size)
        reduced = max(round(image.width * scale), 1), max(round(image.height * scale), 1)
        image = image.resize(reduced, Image.Resampling.BOX)
    return image


@dataclass(frozen=True)
class Architecture:
    """All that is needed to build a network again, without its weights.

    ``height`` and ``width`` of its input are in pixels; ``dimensions`` is 0 where the pooled features
    themselves are the embedding. ``widths`` and ``blocks`` are those of our own backbones. ``mirrored``:
    feature maps are the mean of those of a picture and, turned back, of its mirror image. ``every_stage``: the
    compact backbone's maps are those of all its stages, averaged to the last one's resolution, not the last alone.
    ``padded``: a picture of another shape is padded to the input's with the colour of its border, not squashed.
    ``patch``: side of a transformer's patches in pixels; ``ternary``: its linear layers have weights of three values.
    """

    backbone: str
    height: int
    width: int
    dimensions: int = 0
    widths: tuple[int, ...] = ()
    blocks: int = 2
    mirrored: bool = False
    every_stage: bool = False
    padded: bool = False
    patch: int = 0
    ternary: bool = False

    @property
    def enough(self) -> Enough:
        """How many pixels of a picture suffice for ``prepare``."""
        return ample(max(self.width, self.height), *([_FINER] if self.padded else []))

    def prepare(self, image: Image.Image) -> NDArray[np.uint8]:
        """An RGB image as pixels, shape (height, width, 3): what networks are trained on, and what they encode."""
        size = (self.width, self.height)
        if self.padded and image.size != size:
            image = padded(_reduced(image, size), self.width / self.height)
        return np.asarray(image if image.size == size else image.resize(size, Image.Resampling.BILINEAR))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(**{**data, "widths": tuple(data["widths"])})
