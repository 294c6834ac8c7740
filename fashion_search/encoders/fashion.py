"""Fashion: the encoder that comes with the program, trained by it from random weights (``docs/fashion.md``)."""

from fashion_search.encoders import convolutional, trained
from fashion_search.encoders.base import EncoderSpec
from fashion_search.encoders.fusion import combined

NAME = "fashion"
WEIGHT = 0.4
"""Of the colours beside the network's vector; ``docs/fashion-weight.md`` says how it was chosen."""

FASHION = EncoderSpec(
    name=NAME,
    title="Fashion",
    summary="Compares type, colour, usage and gender as a small network sees them that learned from fashion items.",
    dim=256,
    fingerprint=lambda: trained.fingerprint_of(trained.SHIPPED),
    load=lambda: trained.load(trained.SHIPPED),
    explain=convolutional.explain,
    seen=lambda: trained.seen_by(trained.SHIPPED),
)

FASHION_COLOUR = combined(
    "fashion-colour",
    "Fashion and colour",
    "Compares what Fashion sees, and beside it how much of each colour there is, white left out.",
    FASHION,
    WEIGHT,
)
