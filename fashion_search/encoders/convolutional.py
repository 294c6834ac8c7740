"""Encoders that are a convolutional network: the mean of its feature maps, as far as a projection if it has one.

Nothing here imports torch before an encoder is loaded.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.encoders.architecture import Architecture
from fashion_search.encoders.base import Encoder, Fingerprint, RegionMatch, region_match
from fashion_search.errors import WeightsError

if TYPE_CHECKING:
    from fashion_search.encoders.classifying import Classes, Classifier
    from fashion_search.encoders.networks import Embedder


class ConvolutionalEncoder(Encoder):
    """A network whose embedding is an affine function of its feature maps, scaled to unit length.

    ``classifier``: the path that it was trained to classify by, where it has one.
    """

    def __init__(
        self,
        network: "Embedder",
        architecture: Architecture,
        fingerprint: Fingerprint,
        classifier: "Classifier | None" = None,
    ):
        import torch

        from fashion_search.encoders.networks import best_device, fold_batch_norm

        self.architecture = architecture
        self.fingerprint = fingerprint
        self.classifier = classifier
        self._device = best_device()
        network = network.float().eval()
        # Batch norm folded into the convolutions and channels last: the same function, twice as fast on a CPU.
        self._trunk = fold_batch_norm(network.trunk).to(self._device).to(memory_format=torch.channels_last)
        self._after = torch.nn.Sequential(network.norm, network.projection)

    def prepare(self, image: Image.Image) -> NDArray[Any]:
        """Pixels, shape (height, width, 3), ``uint8``."""
        return self.architecture.prepare(image)

    def feature_maps(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        """What is pooled, shape (n, channels, rows, columns); of both sides where it is mirrored."""
        import torch

        from fashion_search.encoders.networks import normalised

        # TF32 would move a GPU's vectors away from those of a CPU by more than rounding.
        with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            pixels = normalised(torch.from_numpy(prepared).to(self._device).permute(0, 3, 1, 2).float())
            maps = self._trunk(pixels)
            if self.architecture.mirrored:
                maps = (maps + self._trunk(pixels.flip(3)).flip(3)) / 2
            found: NDArray[np.float32] = maps.float().cpu().contiguous().numpy()
        return found

    def embed(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        vectors = self._project(self.feature_maps(prepared).mean(axis=(2, 3)))
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    def classify(self, images: Sequence[Image.Image]) -> "dict[str, Classes]":
        """What RGB images are told to be by the classification path, by column.

        Raises:
            WeightsError: the encoder has none.
        """
        if self.classifier is None:
            raise WeightsError(
                f"The method {self.fingerprint.method!r} does not classify pictures: it was trained without a "
                "classification, or by an earlier version. Train it again with a recipe such as oc."
            )
        maps = self.feature_maps(np.stack([self.prepare(image) for image in images]))
        return self.classifier(maps, self._project(maps.mean(axis=(2, 3))))

    def position_vectors(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        """What each position of the feature maps would give alone, shape (n, rows, columns, dim).

        Their mean is the picture's vector before its length is made 1.
        """
        maps = self.feature_maps(prepared).transpose(0, 2, 3, 1)
        return self._project(maps.reshape(-1, maps.shape[3])).reshape(*maps.shape[:3], -1)

    def _project(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            projected: NDArray[np.float32] = self._after(torch.from_numpy(np.ascontiguousarray(features))).numpy()
        return projected


def explain(encoder: ConvolutionalEncoder, query: Image.Image, result: Image.Image) -> RegionMatch:
    """Take the cosine apart over the positions of the feature maps: exact, since the embedding is affine in them."""
    match = region_match(encoder.position_vectors(np.stack([encoder.prepare(query), encoder.prepare(result)])))
    architecture = encoder.architecture
    return replace(match, aspect=architecture.width / architecture.height if architecture.padded else 0.0)
