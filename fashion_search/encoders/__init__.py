"""Methods of similarity: each turns images into unit vectors. Adding one is a module and an entry in ENCODERS."""

from collections.abc import Iterator, MutableMapping

from fashion_search.encoders import fashion, fusion, histogram, resnet, trained
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
from fashion_search.encoders.trained import mark
from fashion_search.errors import UnknownNameError


class Methods(MutableMapping[str, EncoderSpec]):
    """The methods of this program, and after them those that were trained on this machine."""

    def __init__(self, own: dict[str, EncoderSpec]):
        self._own = own
        self.built_in = tuple(own)
        """Those that every installation has."""

    def _trained(self) -> dict[str, EncoderSpec]:
        return {name: spec for name, spec in trained.found()[0].items() if name not in self._own}

    def __getitem__(self, name: str) -> EncoderSpec:
        return self._own[name] if name in self._own else self._trained()[name]

    def __setitem__(self, name: str, spec: EncoderSpec) -> None:
        self._own[name] = spec

    def __delitem__(self, name: str) -> None:
        del self._own[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._own, **self._trained()})

    def __len__(self) -> int:
        return len({**self._own, **self._trained()})


ENCODERS = Methods(register(histogram.SPEC, resnet.RESNET18, fusion.RESNET18_COLOUR, fashion.FASHION))
"""Every method, in the order in which the pages list them."""

DEFAULT_METHODS = ("histogram", "resnet18", "fashion")
"""The paper's two, and ours: what is built and compared where nothing else is asked for."""

PRESELECTED = ("fashion", "resnet18", "histogram")
"""The same as the Search page shows them: first what is worth most for queries from outside the studio."""


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
    "PRESELECTED",
    "ColourMatch",
    "Combination",
    "Encoder",
    "EncoderSpec",
    "Explanation",
    "Fingerprint",
    "FusedMatch",
    "RegionMatch",
    "encoder_spec",
    "mark",
]
