"""Fashion: the encoder that comes with the program, trained by it from random weights (``docs/fashion.md``)."""

from fashion_search.encoders import convolutional, trained
from fashion_search.encoders.base import EncoderSpec

FASHION = EncoderSpec(
    name="fashion",
    title="Fashion",
    summary="Compares type, colour, usage and gender as a small network sees them that learned from fashion items.",
    dim=256,
    fingerprint=lambda: trained.fingerprint_of(trained.SHIPPED),
    load=lambda: trained.load(trained.SHIPPED),
    load_bfloat16=lambda: trained.load(trained.SHIPPED, bfloat16=True),
    explain=convolutional.explain,
    seen=lambda: trained.seen_by(trained.SHIPPED),
    colour="#766b32",
    family="trained here",
    licence="MIT",
    origin="this project, Fashion Product Images",
    heads=lambda: trained.heads_of(trained.SHIPPED),
)
