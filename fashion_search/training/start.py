"""The trained encoder that a run starts from instead of random or ImageNet weights. It imports no torch by itself."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog import Catalog
from fashion_search.encoders import trained
from fashion_search.encoders.trained import Account
from fashion_search.errors import TrainingError, WeightsError
from fashion_search.training.data import Division, division_fingerprint
from fashion_search.training.recipe import Recipe

if TYPE_CHECKING:
    from torch import Tensor

    from fashion_search.encoders.networks import Embedder

_SHAPE = ("backbone", "widths", "blocks", "dimensions", "every_stage")
"""What of an architecture decides the shapes of its weights; another input or a mirror image does not."""

CALIBRATED_ON = 1024
"""Pictures that the statistics of the projection's batch norm are taken from."""


@dataclass(frozen=True)
class Start:
    """An encoder to start from. ``marks`` are those of the pictures that it saw."""

    path: Path
    account: Account
    weights: str  # SHA-256 of its file
    marks: NDArray[np.int64]

    def to_json(self) -> dict[str, Any]:
        """For what is written beside a run: the method, its file, and its own training."""
        return {"method": self.account.name, "weights": self.weights, "training": self.account.training}


def find_start(recipe: Recipe, evaluated: Catalog) -> Start | None:
    """What a recipe starts from; None where it names no method.

    Raises:
        TrainingError: the method is unknown or of another network, or it saw pictures that the catalog is evaluated on.
    """
    name = recipe.network.start
    if not name:
        return None
    try:
        path = trained.path_of(name)
        fingerprint = trained.fingerprint_of(path)
        account, marks = trained.read_account(path), trained.seen_by(path)
    except WeightsError as error:
        raise TrainingError(f"The recipe starts from the method {name!r}: {error}") from error
    own = recipe.network.architecture
    for field in _SHAPE:
        wanted, there = getattr(own, field), getattr(account.architecture, field)
        if wanted != there:
            raise TrainingError(
                f"The recipe starts from {name!r}, whose network has {field} = {there!r}; the recipe's has {wanted!r}. "
                f"Set network.{field} to what {name!r} has."
            )
    seen = trained.count_seen((item.digest for item in evaluated.items), marks)
    if seen:
        raise TrainingError(
            f"The recipe starts from {name!r}, which was trained on {seen:,} of the pictures that this catalog is "
            'evaluated on: figures would be too good. Start from another method, or from none (network.start="").'
        )
    return Start(path, account, fingerprint.weights, marks)


def start_notes(start: Start, division: Division, evaluated: Catalog) -> list[str]:
    """What a person should know of the validation of a run that starts there."""
    its_own = division_fingerprint(division.training, division.validation, evaluated, start.account.architecture)
    if start.account.training.get("data", {}).get("fingerprint") == its_own:
        return []  # the same pictures on each side: these it was validated on too
    seen = trained.count_seen((picture.digest for picture in division.validation), start.marks)
    if not seen:
        return []
    return [
        f"{start.account.title}, from which this run started, saw {seen:,} of its {len(division.validation):,} "
        "validation pictures before, perhaps in training: validations may be too good."
    ]


def begin_from(start: Start, network: "Embedder", pixels: "Tensor") -> None:
    """Give a network the weights of a start.

    Args:
        start: of the same shapes.
        network: what is trained.
        pixels: normalised pictures of the run, shape (n, 3, h, w). The projection's batch norm takes its statistics
            from them, since a finished encoder whose colours were emphasised has none.
    """
    network.load_state_dict(trained.read_state(start.path, start.weights))
    network.calibrate(pixels)
