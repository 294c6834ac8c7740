"""Encoders that are a convolutional network: the mean of its feature maps, as far as a projection if it has one.

Nothing here imports torch before an encoder is loaded.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.encoders.architecture import DEVIATION, MEAN, Architecture
from fashion_search.encoders.base import Fingerprint, RegionMatch, region_match
from fashion_search.encoders.projection import Projection
from fashion_search.encoders.running import Network, NetworkEncoder
from fashion_search.errors import WeightsError

if TYPE_CHECKING:
    from torch import nn

    from fashion_search.encoders.classifying import Classes, Classifier


class ConvolutionalEncoder(NetworkEncoder):
    """A network whose embedding is an affine function of its feature maps, scaled to unit length.

    ``trunk`` makes it, from normalised pixels to feature maps; ``projection`` is what follows on their mean, None where
    that is the embedding. ``classifier``: the path that it was trained to classify by, where it has one.
    """

    def __init__(
        self,
        trunk: "Callable[[], nn.Module]",
        architecture: Architecture,
        fingerprint: Fingerprint,
        projection: Projection | None = None,
        classifier: "Classifier | None" = None,
        bfloat16: bool = False,
    ):
        self.architecture = architecture
        self.fingerprint = fingerprint
        self.projection = projection
        self.classifier = classifier
        self.enough = architecture.enough
        size = architecture.height, architecture.width
        super().__init__(Network(fingerprint.digest, *size, MEAN, DEVIATION, trunk), bfloat16)

    @property
    def parameters(self) -> int:
        after = self.projection
        return super().parameters + (after.weight.size + after.bias.size if after else 0)

    def prepare(self, image: Image.Image) -> NDArray[Any]:
        """Pixels, shape (height, width, 3), ``uint8``."""
        return self.architecture.prepare(image)

    def feature_maps(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        """What is pooled, shape (n, channels, rows, columns); of both sides where it is mirrored."""
        maps = self.running(prepared)
        if self.architecture.mirrored:
            maps = (maps + self.running(prepared[:, :, ::-1])[..., ::-1]) / np.float32(2)
        return maps

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
        return features if self.projection is None else self.projection(features)


def explain(encoder: ConvolutionalEncoder, query: Image.Image, result: Image.Image) -> RegionMatch:
    """Take the cosine apart over the positions of the feature maps: exact, since the embedding is affine in them."""
    match = region_match(encoder.position_vectors(np.stack([encoder.prepare(query), encoder.prepare(result)])))
    architecture = encoder.architecture
    return replace(match, aspect=architecture.width / architecture.height if architecture.padded else 0.0)
