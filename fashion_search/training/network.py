"""What a recipe says of the network that it trains."""

from collections.abc import Collection
from typing import Annotated

from msgspec import Meta

from fashion_search.encoders.architecture import (
    AUTOENCODER,
    BACKBONES,
    COMPACT,
    HEAD,
    PRETRAINED,
    TRAINED,
    TRANSFORMER,
    Architecture,
)
from fashion_search.typed import Checked

Side = Annotated[int, Meta(ge=16)]
Count = Annotated[int, Meta(ge=1)]
CountOrNone = Annotated[int, Meta(ge=0)]


def refuse_unknown(field: str, value: str, known: Collection[str]) -> None:
    """Raise ``ValueError`` for a value that is not among those that are known, and name them."""
    if value not in known:
        raise ValueError(f"{field} is {value!r}; known are {', '.join(known)}.")


class Network(Checked, frozen=True):
    """What is trained.

    ``pretrained``: start from ImageNet weights. ``start``: from those of a method that this program trained, by its
    name. ``frozen``: leave the backbone as it is and train what comes after. ``dimensions``: of the embedding, by a
    dense layer after the backbone; 0 takes the pooled features. ``widths`` and ``blocks``: channels and basic blocks
    of each stage of the compact backbone; ``every_stage``: the embedding is made of the features of all its stages,
    not of the last alone. An autoencoder has ``widths`` too, and as many ``dimensions`` in its latent vector; a
    transformer one width, ``blocks``, and patches of ``patch`` pixels a side; ``ternary``: its linear layers compute
    with weights of three values. ``pad``: a picture of another shape is padded with the colour of its border, not
    squashed. ``mirror``: the finished encoder takes the mean of a picture and its mirror image; training and
    validation do not.
    """

    backbone: str
    height: Side
    width: Side
    pretrained: bool = False
    start: str = ""
    frozen: bool = False
    dimensions: CountOrNone = 0
    widths: tuple[Count, ...] = ()
    blocks: Count = 2
    every_stage: bool = False
    pad: bool = False
    mirror: bool = False
    patch: CountOrNone = 0
    ternary: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        refuse_unknown("backbone", self.backbone, BACKBONES)
        if (self.backbone in TRAINED) != bool(self.widths):
            raise ValueError(
                "widths belong to the compact backbone, which needs them, as autoencoder and transformer do, and to "
                "no other."
            )
        if self.backbone == AUTOENCODER and not self.dimensions:
            raise ValueError("dimensions: an autoencoder needs them; they are those of its latent vector.")
        if self.backbone == TRANSFORMER:
            self._refuse_what_makes_no_tokens()
        elif self.patch or self.ternary:
            raise ValueError("patch and ternary belong to the transformer backbone, and to no other.")
        if self.every_stage and self.backbone != COMPACT:
            raise ValueError("every_stage belongs to the compact backbone, and to no other.")
        if self.pretrained and self.backbone not in PRETRAINED:
            raise ValueError(f"pretrained: there are no pretrained weights of the {self.backbone} backbone.")
        if self.pretrained and self.start:
            raise ValueError("start: a network starts from ImageNet weights (pretrained) or from a method's, not both.")
        if self.frozen and not (self.pretrained and self.dimensions):
            raise ValueError("frozen: a frozen backbone needs pretrained weights, and a dense layer (dimensions).")

    def _refuse_what_makes_no_tokens(self) -> None:
        if len(self.widths) != 1 or self.widths[0] % HEAD:
            raise ValueError(f"widths: a transformer has one, a multiple of {HEAD}.")
        if not self.patch or self.height % self.patch or self.width % self.patch:
            raise ValueError("patch: a transformer needs one that divides height and width.")

    @property
    def architecture(self) -> Architecture:
        return Architecture(
            self.backbone,
            self.height,
            self.width,
            self.dimensions,
            self.widths,
            self.blocks,
            self.mirror,
            self.every_stage,
            self.pad,
            self.patch,
            self.ternary,
        )
