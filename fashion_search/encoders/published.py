"""A method that is a network of a library: torchvision, timm or open_clip. Imports none before an encoder is loaded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.encoders.base import Encoder, EncoderSpec, Fingerprint, RegionMatch, region_match
from fashion_search.encoders.preparation import Preparation
from fashion_search.encoders.weights import WeightsSource


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


class ModelEncoder(Encoder):
    """A network's features, scaled to unit length."""

    def __init__(self, network: Any, preparation: Preparation, fingerprint: Fingerprint):
        import torch

        from fashion_search.encoders.networks import best_device

        self.fingerprint = fingerprint
        self.preparation = preparation
        self._device = best_device()
        self.network = network.to(self._device).to(memory_format=torch.channels_last)

    def prepare(self, image: Image.Image) -> NDArray[Any]:
        """Pixels, shape (height, width, 3), ``uint8``."""
        return self.preparation(image)

    def embed(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        return unit(self._run(self.network, prepared))

    def position_vectors(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        """What each position of the feature maps would give alone, shape (n, rows, columns, dim), where they exist."""
        return self._run(self.network.maps, prepared).transpose(0, 2, 3, 1)

    def _run(self, function: Callable[..., Any], prepared: NDArray[Any]) -> NDArray[np.float32]:
        import torch

        # TF32 would move a GPU's vectors away from those of a CPU by more than rounding.
        with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            pixels = torch.from_numpy(self.preparation.normalised(prepared)).to(self._device).permute(0, 3, 1, 2)
            found: NDArray[np.float32] = function(pixels).float().cpu().numpy()
        return found


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


def _load(method: str, model: Model) -> ModelEncoder:
    from fashion_search.encoders.model_networks import load

    network, file = load(model.library, model.name, model.weights, model.quick_gelu, model.pooled)
    made_by = Fingerprint(method, _preprocessing(model), file.sha256, file.name)
    return ModelEncoder(network, model.preparation, made_by)


def spec_of(method: str, model: Callable[[], Model], **about: Any) -> EncoderSpec:
    """A method that is a model, which is looked up when it is needed; ``about`` is the rest of what pages list."""
    return EncoderSpec(
        name=method, fingerprint=lambda: _fingerprint(method, model()), load=lambda: _load(method, model()), **about
    )
