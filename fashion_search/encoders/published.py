"""A method that is a network of a library: torchvision, timm or open_clip. Imports none before an encoder is loaded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.encoders.base import EncoderSpec, Fingerprint, RegionMatch, region_match
from fashion_search.encoders.preparation import Preparation
from fashion_search.encoders.running import Network, NetworkEncoder
from fashion_search.encoders.weights import WeightsSource
from fashion_search.errors import WeightsError

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Model:
    """A network of a library with its weights, and how they want pictures prepared.

    ``quick_gelu`` and ``pooled``: see ``model_networks.load``.
    """

    library: str
    name: str
    weights: WeightsSource
    preparation: Preparation
    quick_gelu: bool = False
    pooled: bool = False


class ModelEncoder(NetworkEncoder):
    """A network's features, scaled to unit length.

    ``make``: the network, from normalised pixels to features (n, dim), or to maps whose mean they are.
    """

    def __init__(
        self,
        make: "Callable[[], nn.Module]",
        preparation: Preparation,
        fingerprint: Fingerprint,
        bfloat16: bool = False,
    ):
        self.fingerprint = fingerprint
        self.preparation = preparation
        self.enough = preparation.enough
        size, scale = (preparation.height, preparation.width), (preparation.mean, preparation.deviation)
        super().__init__(Network(fingerprint.digest, *size, *scale, make), bfloat16)

    def prepare(self, image: Image.Image) -> NDArray[Any]:
        """Pixels, shape (height, width, 3), ``uint8``."""
        return self.preparation(image)

    def embed(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        found = self.running(prepared)
        return unit(found if found.ndim == 2 else found.mean(axis=(2, 3)))

    def position_vectors(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        """What each position of the feature maps would give alone, shape (n, rows, columns, dim), where they exist."""
        return self.running(prepared).transpose(0, 2, 3, 1)


def unit(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows at unit length; one of nothing but zeros, which has no direction, points as much into each."""
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    there = np.where(lengths > 0, features, 1)
    made: NDArray[np.float32] = (there / np.where(lengths > 0, lengths, np.sqrt(features.shape[1]))).astype(np.float32)
    return made


def explain(encoder: ModelEncoder, query: Image.Image, result: Image.Image) -> RegionMatch:
    """Take the cosine apart over the positions of the feature maps, whose mean is the vector."""
    return region_match(encoder.position_vectors(np.stack([encoder.prepare(query), encoder.prepare(result)])))


def _preprocessing(model: Model) -> str:
    gelu = ", QuickGELU" if model.quick_gelu else ""
    return f"{model.library} {model.name}{gelu}; {model.preparation}; features before the classifier; L2"


def _fingerprint(method: str, model: Model) -> Fingerprint:
    file = model.weights.find()
    return Fingerprint(method, _preprocessing(model), file.sha256, file.name)


def _load(method: str, model: Model, bfloat16: bool = False) -> ModelEncoder:
    def make() -> "nn.Module":
        from fashion_search.encoders.model_networks import load

        return load(model.library, model.name, model.weights, model.quick_gelu, model.pooled)[0]

    try:
        model.weights.find()
    except WeightsError:
        make()  # which downloads them, after a wrong name is refused
    return ModelEncoder(make, model.preparation, _fingerprint(method, model), bfloat16)


def spec_of(method: str, model: Callable[[], Model], **about: Any) -> EncoderSpec:
    """A method that is a model, which is looked up when it is needed; ``about`` is the rest of what pages list."""
    return EncoderSpec(
        name=method,
        fingerprint=lambda: _fingerprint(method, model()),
        load=lambda: _load(method, model()),
        load_bfloat16=lambda: _load(method, model(), bfloat16=True),
        **about,
    )
