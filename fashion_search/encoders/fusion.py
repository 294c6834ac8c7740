"""Fusion: two methods as one, its vector made of those in their libraries.

Any two methods are fused by name: ``A+W*B`` is W times B's vector beside A's, such as ``resnet18+0.5*histogram``.
Of the RGB histogram beside another method the colours other than white are taken.
"""

import math
import re
from collections.abc import Callable, Sequence
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
    Explanation,
    Fingerprint,
    FusedMatch,
    RegionMatch,
)
from fashion_search.encoders.histogram import HistogramEncoder
from fashion_search.errors import UnknownNameError

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
    return _beside(network, colours(histograms), weight)


def _beside(first: NDArray[np.float32], second: NDArray[np.float32], weight: float) -> NDArray[np.float32]:
    both = np.concatenate([first, np.float32(weight) * second], axis=1)
    unit: NDArray[np.float32] = both / np.linalg.norm(both, axis=1, keepdims=True)
    return unit


class FusionEncoder(Encoder):
    """Encodes by both parts, for pictures that are in neither's library."""

    def __init__(self, first: Encoder, second: Encoder, combination: Combination):
        self.first = first
        self.second = second
        self._combination = combination
        self.fingerprint = combination.fingerprint([first.fingerprint, second.fingerprint])

    def prepare(self, image: Image.Image) -> NDArray[Any]:
        """What both parts make of it: a record with the fields ``first`` and ``second``, shape ()."""
        prepared = {"first": self.first.prepare(image), "second": self.second.prepare(image)}
        record = np.empty((), dtype=[(name, array.dtype, array.shape) for name, array in prepared.items()])
        for name, array in prepared.items():
            record[name] = array
        return record

    def embed(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        parts = ((self.first, "first"), (self.second, "second"))
        return self._combination.vectors([part.embed(np.ascontiguousarray(prepared[name])) for part, name in parts])


def combined(
    name: str,
    title: str,
    summary: str,
    first: EncoderSpec,
    weight: float,
    second: EncoderSpec = histogram.SPEC,
    colour: str = GREY,
) -> EncoderSpec:
    """The method that puts ``weight`` times a second's vector beside a first's; of the RGB histogram, its colours."""
    takes_colours = second.name == histogram.SPEC.name

    def made_by(parts: Sequence[Fingerprint]) -> Fingerprint:
        one, other = parts
        recipe = f"{one.method} ({one.preprocessing}) beside {weight} times {other.method} ({other.preprocessing})"
        recipe += ": shares without the last bin, square root; L2" if takes_colours else f" {other.weights}; L2"
        return Fingerprint(name, recipe, one.weights, one.weights_name)

    def vectors(parts: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        return (fuse if takes_colours else _beside)(parts[0], parts[1], weight)

    combination = Combination((first.name, second.name), made_by, vectors)
    known = [seen for seen in (first.seen, second.seen) if seen]
    return EncoderSpec(
        name=name,
        title=title,
        summary=summary,
        dim=first.dim + second.dim - takes_colours if first.dim and second.dim else 0,
        fingerprint=lambda: made_by([first.fingerprint(), second.fingerprint()]),
        load=lambda: FusionEncoder(first.load(), second.load(), combination),
        explain=_explanation(first, weight, second) if first.explain and second.explain else None,
        combines=combination,
        seen=(lambda: np.concatenate([seen() for seen in known])) if known else None,
        colour=colour,
        family="combined",
        licence=" and ".join(dict.fromkeys(part.licence for part in (first, second) if part.licence)),
        parameters=_sum(first.parameters, second.parameters),
        origin="; ".join(dict.fromkeys(part.origin for part in (first, second) if part.origin)),
        encodes=first.encodes and second.encodes,
    )


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _explanation(one: EncoderSpec, weight: float, other: EncoderSpec) -> Explain:
    def explain(encoder: FusionEncoder, query: Image.Image, result: Image.Image) -> FusedMatch:
        """The cosine is a sum: that of the first's vectors and that of the second's, both over the lengths' product.

        A picture's length before it became a unit vector is that of (1, ``weight``), or 1 where all is white.
        """
        assert one.explain is not None
        assert other.explain is not None
        seen = one.explain(encoder.first, query, result)
        if isinstance(encoder.second, HistogramEncoder):
            first, second = colours(encoder.second.encode([query, result]))
            lengths = math.prod(math.hypot(1, weight) if part.any() else 1 for part in (first, second))
            beside: Explanation = histogram.colour_match(encoder.second, first * second * (weight**2 / lengths))
            title = "Colours other than white"
        else:
            lengths = 1 + weight**2
            beside = _scaled(other.explain(encoder.second, query, result), weight**2 / lengths)
            title = other.title
        alone = _scaled(seen, 1 / lengths)
        assert not isinstance(alone, FusedMatch)
        assert not isinstance(beside, FusedMatch)
        return FusedMatch(alone.score + beside.score, ((one.title, alone), (title, beside)))

    return explain


def _scaled(match: Explanation, factor: float) -> Explanation:
    """The part that a similarity has in a larger one."""
    if isinstance(match, RegionMatch):
        query, result = (part * np.float32(factor) for part in (match.query, match.result))
        return replace(match, score=match.score * factor, query=query, result=result)
    return replace(match, score=match.score * factor)


_NAME = re.compile(r"(?P<first>[^+*]+)\+(?P<weight>\d*\.?\d+)\*(?P<second>[^+*]+)")
_HEAVIEST = 100.0


def is_fused(name: str) -> bool:
    """Whether a name is that of two methods fused, ``A+W*B``."""
    return _NAME.fullmatch(name) is not None


def fused_name(first: str, weight: float, second: str) -> str:
    """The name of two methods fused; ``weight`` has at most six decimals."""
    return f"{first}+{_told(weight)}*{second}"


def _told(weight: float) -> str:
    return f"{weight:.6f}".rstrip("0").rstrip(".")


def fused(name: str, spec_of: Callable[[str], EncoderSpec]) -> EncoderSpec:
    """The method ``A+W*B``; ``spec_of`` looks its parts up.

    Raises:
        UnknownNameError: it is not of this form, a part is not known or is fused itself, or the weight is out of range.
    """
    found = _NAME.fullmatch(name)
    weight = round(float(found["weight"]), 6) if found else 0.0
    if found is None or not 0 < weight <= _HEAVIEST:
        raise UnknownNameError(
            f"{name!r} names no two methods fused: write A+W*B, such as resnet18+0.5*histogram, with W from 0.000001 "
            f"to {_HEAVIEST:g}."
        )
    first, second = spec_of(found["first"]), spec_of(found["second"])
    for part in (first, second):
        if part.combines:
            raise UnknownNameError(f"{name!r} fuses {part.name!r}, which is made of others itself; fuse its parts.")
    if first.name == second.name:
        raise UnknownNameError(f"{name!r} fuses a method with itself.")
    own = fused_name(first.name, weight, second.name)
    title = f"{first.title} + {_told(weight)} × {second.title}"
    summary = f"Compares by {first.title}, and beside it with weight {_told(weight)} by {second.title}."
    return combined(own, title, summary, first, weight, second)


RESNET18_COLOUR = combined(
    "fusion",
    "Fusion",
    "Compares what ResNet-18 sees, and beside it how much of each colour there is, white left out.",
    resnet.RESNET18,
    WEIGHT,
    colour="#0f8f70",
)
