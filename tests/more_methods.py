"""Twenty methods beside those of the program, all without a colour of their own.

``python -m tests.more_methods app …`` is ``fashion-search app …`` with them.
"""

from dataclasses import replace

from fashion_search.encoders import ENCODERS, FAMILIES, Encoder, EncoderSpec, Fingerprint
from fashion_search.encoders.base import GREY
from tests.conftest import FakeMethod

NAMES = [f"fake{number}" for number in range(20)]


def specs() -> dict[str, EncoderSpec]:
    """The methods by name."""
    return {name: _spec(name) for name in NAMES}


def _spec(name: str) -> EncoderSpec:
    method = FakeMethod()

    def made_by() -> Fingerprint:
        return Fingerprint(name, "2x2 pixels")

    def load() -> Encoder:
        encoder = method.spec().load()
        encoder.fingerprint = made_by()
        return encoder

    return replace(
        method.spec(),
        name=name,
        title=name.capitalize(),
        fingerprint=made_by,
        load=load,
        colour=GREY,  # one by the name
        family=FAMILIES[int(name.removeprefix("fake")) % len(FAMILIES)],
    )


if __name__ == "__main__":
    from fashion_search.cli import main

    ENCODERS.update(specs())
    main()
