"""``bfloat16:METHOD``: a network that computes with numbers of 16 bits, so faster on processors that know them.

Its vectors differ from the exact ones by more than rounding, so they have a fingerprint of their own.
"""

from dataclasses import replace

from fashion_search.encoders.base import Encoder, EncoderSpec, Fingerprint, tinted
from fashion_search.errors import UnknownNameError

PREFIX = "bfloat16:"
_TINT = 0.35


def exact_name(name: str) -> str | None:
    """The method that is meant to compute in bfloat16; None where the name has another form."""
    return name.removeprefix(PREFIX) if name.startswith(PREFIX) and name != PREFIX else None


def spec_of(exact: EncoderSpec) -> EncoderSpec:
    """A network as a method that computes in bfloat16.

    Raises:
        UnknownNameError: the method is no network, or computes so already.
    """
    load = exact.load_bfloat16
    if load is None or exact.combines is not None:
        raise UnknownNameError(
            f"{PREFIX}{exact.name} is no method: only a network that torch runs computes in bfloat16, such as "
            f"{PREFIX}resnet18, and {exact.title} is none."
        )

    def loaded() -> Encoder:
        encoder = load()
        encoder.fingerprint = _fingerprint(encoder.fingerprint)
        return encoder

    return replace(
        exact,
        name=f"{PREFIX}{exact.name}",
        title=f"{exact.title} (bfloat16)",
        summary=f"{exact.summary} It computes with numbers of 16 bits.",
        fingerprint=lambda: _fingerprint(exact.fingerprint()),
        load=loaded,
        load_bfloat16=None,
        colour=tinted(exact.colour, _TINT),
    )


def _fingerprint(exact: Fingerprint) -> Fingerprint:
    return replace(exact, method=f"{PREFIX}{exact.method}", preprocessing=f"{exact.preprocessing}; bfloat16")
