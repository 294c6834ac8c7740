"""Fusion: what a network sees and which colours there are, as one vector made of two libraries."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.encoders import histogram, resnet
from fashion_search.encoders.base import (
    GREY,
    Combination,
    Encoder,
    EncoderSpec,
    Explain,
    Fingerprint,
    FusedMatch,
    RegionMatch,
)
from fashion_search.encoders.histogram import HistogramEncoder

WEIGHT = 0.5
"""Of the colours beside the network's vector; ``docs/fusion-weight.md`` says how it was chosen."""


def colours(histograms: NDArray[np.float32]) -> NDArray[np.float32]:
    """Histograms, shape (n, bins), as the square roots of each colour's share, shape (n, bins - 1).

    The last bin, white, is left out, as it is mostly background. Rows are unit vectors whose product is the
    Bhattacharyya coefficient, or zero where nothing but white is in the picture.
    """
    coloured = histograms[:, :-1]
    totals = coloured.sum(axis=1, keepdims=True)
    shares = np.divide(coloured, totals, out=np.zeros_like(coloured), where=totals > 0)
    roots: NDArray[np.float32] = np.sqrt(shares)
    return roots


def fuse(network: NDArray[np.float32], histograms: NDArray[np.float32], weight: float) -> NDArray[np.float32]:
    """Unit vectors of a network, shape (n, dim), with ``weight`` times the colours beside them, at unit length."""
    beside = np.concatenate([network, np.float32(weight) * colours(histograms)], axis=1)
    unit: NDArray[np.float32] = beside / np.linalg.norm(beside, axis=1, keepdims=True)
    return unit


class FusionEncoder(Encoder):
    """Encodes by both parts, for pictures that are in neither's library."""

    def __init__(self, network: Encoder, colour: HistogramEncoder, combination: Combination):
        self.network = network
        self.colour = colour
        self._combination = combination
        self.fingerprint = combination.fingerprint([network.fingerprint, colour.fingerprint])

    def prepare(self, image: Image.Image) -> NDArray[Any]:
        """What both parts make of it: a record with the fields ``network`` and ``colour``, shape ()."""
        prepared = {"network": self.network.prepare(image), "colour": self.colour.prepare(image)}
        record = np.empty((), dtype=[(name, array.dtype, array.shape) for name, array in prepared.items()])
        for name, array in prepared.items():
            record[name] = array
        return record

    def embed(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        network = self.network.embed(np.ascontiguousarray(prepared["network"]))
        return self._combination.vectors([network, self.colour.embed(prepared["colour"])])


def combined(
    name: str, title: str, summary: str, network: EncoderSpec, weight: float, colour: str = GREY
) -> EncoderSpec:
    """The method that puts ``weight`` times the colours of the RGB histogram beside a network's vector."""

    def made_by(parts: Sequence[Fingerprint]) -> Fingerprint:
        first, second = parts
        recipe = (
            f"{first.method} ({first.preprocessing}) beside {weight} times {second.method} ({second.preprocessing}): "
            "shares without the last bin, square root; L2"
        )
        return Fingerprint(name, recipe, first.weights, first.weights_name)

    def vectors(parts: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        return fuse(parts[0], parts[1], weight)

    combination = Combination((network.name, histogram.SPEC.name), made_by, vectors)
    return EncoderSpec(
        name=name,
        title=title,
        summary=summary,
        dim=network.dim + histogram.SPEC.dim - 1,
        fingerprint=lambda: made_by([network.fingerprint(), histogram.SPEC.fingerprint()]),
        load=lambda: FusionEncoder(network.load(), HistogramEncoder(), combination),
        explain=_explanation(network, weight) if network.explain else None,
        combines=combination,
        seen=network.seen,
        colour=colour,
    )


def _explanation(network: EncoderSpec, weight: float) -> Explain:
    def explain(encoder: FusionEncoder, query: Image.Image, result: Image.Image) -> FusedMatch:
        """The cosine is a sum: that of the network's vectors and that of the colours, both over the lengths' product.

        A picture's length before it became a unit vector is that of (1, ``weight``), or 1 where all is white.
        """
        assert network.explain is not None
        seen = network.explain(encoder.network, query, result)
        assert isinstance(seen, RegionMatch)
        first, second = colours(encoder.colour.encode([query, result]))
        lengths = math.prod(math.hypot(1, weight) if part.any() else 1 for part in (first, second))
        regions = replace(seen, score=seen.score / lengths, query=seen.query / lengths, result=seen.result / lengths)
        shared = histogram.colour_match(encoder.colour, first * second * (weight**2 / lengths))
        parts = ((network.title, regions), ("Colours other than white", shared))
        return FusedMatch(regions.score + shared.score, parts)

    return explain


RESNET18_COLOUR = combined(
    "fusion",
    "Fusion",
    "Compares what ResNet-18 sees, and beside it how much of each colour there is, white left out.",
    resnet.RESNET18,
    WEIGHT,
    "#0f8f70",
)
