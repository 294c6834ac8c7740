"""The trained encoders that a run learns from: what it starts from, and its teachers. It imports no torch itself."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog import Catalog
from fashion_search.encoders import trained
from fashion_search.encoders.account import Account
from fashion_search.errors import TrainingError, WeightsError
from fashion_search.training.division import Division, division_fingerprint
from fashion_search.training.recipe import Recipe

_SHAPE = ("backbone", "widths", "blocks", "dimensions", "every_stage")
"""What of an architecture decides the shapes of its weights; another input or a mirror image does not."""


@dataclass(frozen=True)
class TrainedEncoder:
    """An encoder that this program trained. ``marks`` are those of the pictures that it saw."""

    path: Path
    account: Account
    weights: str  # SHA-256 of its file
    marks: NDArray[np.int64]

    def to_json(self) -> dict[str, Any]:
        """For what is written beside a run: the method, its file, and its own training."""
        return {"method": self.account.name, "weights": self.weights, "training": self.account.training}


@dataclass(frozen=True)
class Lineage:
    """The trained encoders behind a run: the one that it starts from, if it does, and its teachers."""

    start: TrainedEncoder | None = None
    teachers: tuple[TrainedEncoder, ...] = ()

    @property
    def all(self) -> tuple[TrainedEncoder, ...]:
        """Each once."""
        found = {one.weights: one for one in (*([self.start] if self.start else []), *self.teachers)}
        return tuple(found.values())


ALONE = Lineage()
"""Of a run that starts from random or ImageNet weights and has no teacher."""


def find_lineage(recipe: Recipe, evaluated: Catalog) -> Lineage:
    """What a recipe starts from, and its teachers.

    Raises:
        TrainingError: one is unknown, of another network, or saw pictures that the catalog is evaluated on.
    """
    start = None
    if recipe.network.start:
        start = _find(recipe.network.start, evaluated, "starts from")
        own = recipe.network.architecture
        for field in _SHAPE:
            wanted, there = getattr(own, field), getattr(start.account.architecture, field)
            if wanted != there:
                raise TrainingError(
                    f"The recipe starts from {start.account.name!r}, whose network has {field} = {there!r}; the "
                    f"recipe's has {wanted!r}. Set network.{field} to what {start.account.name!r} has."
                )
    names = recipe.distillation.teachers if recipe.distillation else ()
    return Lineage(start, tuple(_find(name, evaluated, "is taught by") for name in names))


def _find(name: str, evaluated: Catalog, role: str) -> TrainedEncoder:
    try:
        path = trained.path_of(name)
        fingerprint = trained.fingerprint_of(path)
        account, marks = trained.read_account(path), trained.seen_by(path)
    except WeightsError as error:
        raise TrainingError(f"The recipe {role} the method {name!r}: {error}") from error
    seen = trained.count_seen(evaluated.items, marks)
    if seen:
        raise TrainingError(
            f"The recipe {role} {name!r}, which was trained on {seen:,} of the pictures that this catalog is "
            "evaluated on: figures would be too good. Name another method, or none."
        )
    return TrainedEncoder(path, account, fingerprint.weights, marks)


def notes_on(lineage: Lineage, division: Division, evaluated: Catalog) -> list[str]:
    """What a person should know of the validation of a run that learns from them."""
    notes = []
    for known in lineage.all:
        its_own = division_fingerprint(division.training, division.validation, evaluated, known.account.architecture)
        if known.account.training.get("data", {}).get("fingerprint") == its_own:
            continue  # the same pictures on each side: these it was validated on too
        seen = trained.count_seen(division.validation, known.marks)
        if seen:
            notes.append(
                f"{known.account.title}, from which this run learned, saw {seen:,} of its "
                f"{len(division.validation):,} validation pictures before, perhaps in training: validations may be too "
                "good."
            )
    return notes
