"""What the file of a trained encoder says about itself."""

from dataclasses import dataclass, field
from typing import Any

from fashion_search.encoders.architecture import Architecture


@dataclass(frozen=True)
class Account:
    """What an encoder's file says about itself.

    ``training`` is for people and programs: recipe, data, versions, figures, in ``start`` what it began with, and in
    ``teachers`` whose vectors it learned. ``attributes``: column → the values that its head tells apart; ``classes``:
    column → those that its classification path does, none where its file has no such path.
    """

    name: str
    title: str
    summary: str
    architecture: Architecture
    dimensions: int
    training: dict[str, Any]
    attributes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def trainings(self) -> list[dict[str, Any]]:
        """The trainings that the encoder went through, the first one first."""
        found = [self.training]
        while found[0].get("start"):
            found.insert(0, found[0]["start"]["training"])
        return found

    @property
    def preprocessing(self) -> str:
        size = f"{self.architecture.width}x{self.architecture.height}"
        how = "pad with the border's colour," if self.architecture.padded else "squash"
        sides = "mean of the picture and its mirror image; " if self.architecture.mirrored else ""
        return f"{how} {size} bilinear; ImageNet mean and deviation; {sides}global average pool, linear; L2"
