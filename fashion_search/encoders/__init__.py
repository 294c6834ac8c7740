"""Methods of similarity: each turns images into unit vectors. Adding one is a module and an entry in ENCODERS."""

from fashion_search.encoders import fusion, histogram, resnet
from fashion_search.encoders.base import (
    ColourMatch,
    Combination,
    Encoder,
    EncoderSpec,
    Explanation,
    Fingerprint,
    FusedMatch,
    RegionMatch,
    register,
)
from fashion_search.errors import UnknownNameError

ENCODERS: dict[str, EncoderSpec] = register(histogram.SPEC, resnet.RESNET18, fusion.RESNET18_COLOUR)
"""Every method, in the order in which the pages list them."""

DEFAULT_METHODS = ("histogram", "resnet18")
"""The paper's two."""


def encoder_spec(name: str) -> EncoderSpec:
    """Look a method up.

    Raises:
        UnknownNameError: there is none of this name.
    """
    try:
        return ENCODERS[name]
    except KeyError:
        raise UnknownNameError(f"There is no method {name!r}. The methods are {', '.join(ENCODERS)}.") from None


__all__ = [
    "DEFAULT_METHODS",
    "ENCODERS",
    "ColourMatch",
    "Combination",
    "Encoder",
    "EncoderSpec",
    "Explanation",
    "Fingerprint",
    "FusedMatch",
    "RegionMatch",
    "encoder_spec",
]
