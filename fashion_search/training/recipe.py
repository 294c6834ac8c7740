"""Recipes: everything that decides a training run besides its data and its seed, as one TOML file each."""

import math
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from fashion_search.encoders.architecture import AUTOENCODER, TRANSFORMER
from fashion_search.errors import RecipeError
from fashion_search.home import user_path
from fashion_search.training.network import Count, CountOrNone, Network, refuse_unknown
from fashion_search.training.similarity import LOSSES
from fashion_search.typed import Checked, read

_FOLDER = Path(__file__).with_name("recipes")
_SUFFIX = ".toml"

SMALL = 0.75
"""Of height and width, in the part of a run that sees smaller pictures."""

_LEAST_SIDE = {"densenet121": 31}
"""Pixels that a backbone needs to have something left at its end; of others 16."""

Share = Annotated[float, Meta(ge=0, le=1)]
Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]


class Classification(Checked, frozen=True):
    """Cross-entropy over the values of attributes.

    ``attributes``: columns of the catalog and the weight of each. ``smoothing``: share of a label that is spread over
    all values; ``shades``: share spread over neighbouring shades, for colours. ``adjustment``: strength of logit
    adjustment, 0 to 1, for the frequencies of values within a category, or within all pictures where categories are
    not classified. ``words``: weight of the words of product names, which are learned beside the attributes; 0: none.
    ``relaxation``: classify through the feature-relaxation module instead of from the embedding; ``dropout`` is its.
    """

    attributes: dict[str, float]
    weight: Positive = 1.0
    smoothing: Share = 0.0
    shades: Share = 0.0
    adjustment: Share = 0.0
    words: NotNegative = 0.0
    relaxation: bool = False
    dropout: Share = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.attributes or not all(0 < weight < math.inf for weight in self.attributes.values()):
            raise ValueError("attributes needs at least one column, each with a weight above 0.")
        if self.smoothing + self.shades >= 1:
            raise ValueError("smoothing and shades must leave something of the label itself.")


class Similarity(Checked, frozen=True):
    """A loss between embeddings of unit length.

    ``loss``: a name from ``LOSSES``. ``same``: what makes two pictures positives: one category, one instance
    (pictures of one product; one picture augmented twice where no product has two), or one style group. ``margin`` is
    that of the triplets, ``temperature`` divides the cosines of the other losses.
    """

    loss: str
    same: Literal["category", "instance", "group"]
    weight: Positive = 1.0
    margin: Positive = 0.3
    temperature: Positive = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        refuse_unknown("loss", self.loss, LOSSES)
        if LOSSES[self.loss].per_class and self.same == "instance":
            raise ValueError("loss: a proxy per instance would be as large as the catalog. Take another loss.")


class Distillation(Checked, frozen=True):
    """Learn the vectors that other methods give to a picture as it is, from the picture augmented.

    ``teachers``: methods that this program trained, by their names; the mean of their similarities is learned.
    ``weight``: of 1 − cosine with the teachers' vector of the same picture. ``contrast``: of a contrastive loss
    between the picture's vector and the teachers' vectors of the batch, whose cosines ``temperature`` divides.
    """

    teachers: tuple[str, ...]
    weight: Positive = 1.0
    contrast: NotNegative = 0.0
    temperature: Positive = 0.07

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.teachers:
            raise ValueError("teachers needs at least one method.")


class Reconstruction(Checked, frozen=True):
    """Tell a picture from its embedding alone: the mean squared error of the decoder's pixels, of values 0 to 1.

    What has to be told is the picture as it was augmented. ``weight``: of that error.
    """

    weight: Positive = 1.0


class Augmentation(Checked, frozen=True):
    """How pictures are changed at random before they are learned from.

    ``flip``: probability; ``shift``, ``scale``: largest change as a share of the side; ``rotation``: degrees;
    ``erase``: probability that a box is filled with the picture's mean. ``photo``: share of the pictures that become
    photos of what is on them, under another light and on another ground; the others keep ground and colours.
    ``grow``: share of the run over which all but the mirror image grow from nothing to these values (Tan & Le,
    *EfficientNetV2*, 2021, §4); 0: full augmentation from the first epoch.
    """

    flip: Share = 0.5
    shift: Share = 0.0
    scale: Share = 0.0
    rotation: Annotated[float, Meta(ge=0, le=180)] = 0.0
    erase: Share = 0.0
    photo: Share = 0.0
    grow: Share = 0.0

    def at(self, progress: float) -> "Augmentation":
        """The augmentation when a share ``progress``, 0 to 1, of the run is done."""
        if progress >= self.grow:
            return self
        part = progress / self.grow
        growing = ("shift", "scale", "rotation", "erase", "photo")
        return replace(self, **{name: getattr(self, name) * part for name in growing})


class Optimisation(Checked, frozen=True):
    """How long, how fast, and when to stop.

    ``batch`` and ``together``: pictures of a step, and how many of each style group or category are drawn together
    (1: no matter). ``balance``: 0 draws pictures alike, 1 style groups alike, and between. ``milestones``: epochs
    after which the schedule ``steps`` divides the rate by 10; ``warmup``: share of the run over which ``cycle`` goes
    up. ``small_until``: share of the run in which pictures have three quarters of their size. ``average``: decay of
    the running mean of the weights that is validated and kept; 0: none. ``patience``: validations without a better
    one before it stops; 0: never.
    """

    epochs: Count
    batch: Annotated[int, Meta(ge=2)] = 128
    together: Count = 1
    balance: Share = 0.0
    optimiser: Literal["adam", "adamw"] = "adamw"
    rate: Positive = 0.003
    decay: NotNegative = 0.0
    schedule: Literal["constant", "steps", "cycle"] = "cycle"
    milestones: tuple[int, ...] = ()
    warmup: Share = 0.15
    small_until: Share = 0.0
    average: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    patience: CountOrNone = 0
    validate_every: Count = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.batch % self.together:
            raise ValueError("batch must be a multiple of together.")

    def rate_at(self, progress: float) -> float:
        """The learning rate when a share ``progress``, 0 to 1, of the run is done."""
        if self.schedule == "steps":
            epoch = progress * self.epochs
            return self.rate * 0.1 ** sum(epoch >= milestone for milestone in self.milestones)
        if self.schedule == "constant":
            return self.rate
        # One cycle (Smith & Topin, 2019): up from a 25th, then down to nearly nothing, both along a cosine.
        if progress < self.warmup:
            return self.rate * (1 / 25 + (1 - 1 / 25) * (1 - math.cos(math.pi * progress / self.warmup)) / 2)
        done = (progress - self.warmup) / (1 - self.warmup) if self.warmup < 1 else 1.0
        return self.rate * max((1 + math.cos(math.pi * done)) / 2, 1e-4)


class Recipe(Checked, frozen=True):
    """Everything that decides a run besides its data and its seed.

    ``category``: the column whose values are categories. ``note``: where it comes from, and where it departs.
    """

    name: str
    title: str
    summary: str
    network: Network
    optimisation: Optimisation
    classification: Classification | None = None
    similarity: Similarity | None = None
    distillation: Distillation | None = None
    reconstruction: Reconstruction | None = None
    augmentation: Augmentation = Augmentation()
    category: str = "article_type"
    note: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        network = self.network
        for name in ("height", "width"):
            smallest = round(getattr(network, name) * (SMALL if self.optimisation.small_until else 1))
            least = _LEAST_SIDE.get(network.backbone, 1)
            if smallest < least:
                raise ValueError(
                    f"network.{name} is too small for {network.backbone}, which needs {least} pixels: its smallest "
                    f"input has {smallest}."
                )
        learned = (self.classification, self.similarity, self.distillation, self.reconstruction)
        if not any(learned):
            raise ValueError(
                "A recipe needs a classification, a similarity loss, a distillation or a reconstruction; this one "
                "would learn nothing."
            )
        self._refuse_what_does_not_fit_the_backbone()

    def _refuse_what_does_not_fit_the_backbone(self) -> None:
        backbone, schedule = self.network.backbone, self.optimisation
        if (backbone == AUTOENCODER) != (self.reconstruction is not None):
            raise ValueError("reconstruction belongs to the autoencoder backbone, which needs it, and to no other.")
        if self.reconstruction is not None and schedule.average:
            raise ValueError("optimisation.average must be 0 with a reconstruction: the decoder has no running mean.")
        if schedule.small_until and backbone in (AUTOENCODER, TRANSFORMER):
            raise ValueError(f"optimisation.small_until must be 0: the {backbone} backbone takes one size alone.")

    def trains_like(self, other: "Recipe") -> bool:
        """Whether two recipes differ at most in words."""
        return replace(other, title=self.title, summary=self.summary, note=self.note) == self

    def to_json(self) -> dict[str, Any]:
        """All fields, for what is written beside a run."""
        fields: dict[str, Any] = msgspec.to_builtins(self)
        return fields

    @classmethod
    def from_json(cls, data: Any) -> "Recipe":
        """The inverse of ``to_json``.

        Raises:
            RecipeError: a field is missing, unknown, of another type, or out of its range.
        """
        return read(data, cls, RecipeError)

    def with_settings(self, settings: dict[str, str]) -> "Recipe":
        """The recipe with some fields replaced: ``{"optimisation.epochs": "5", "similarity": "none"}``.

        Raises:
            RecipeError: there is no such field, or the value does not fit it.
        """
        data = self.to_json()
        for place, text in settings.items():
            *sections, last = place.split(".")
            table = data
            for section in sections:
                inner = table.get(section)
                if not isinstance(inner, dict):
                    raise RecipeError(f"The recipe {self.name} has no section {section!r} to set {place} in.")
                table = inner
            if last not in table and sections[-1:] != ["attributes"]:
                raise RecipeError(f"There is no {place}; in its place there are {', '.join(table)}.")
            table[last] = _value(place, text)
        return Recipe.from_json(data)


def _value(place: str, text: str) -> Any:
    """A value as TOML spells it; ``none`` takes a section away, and a bare word is text."""
    if text == "none":
        return None
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def read_record(data: Any) -> Recipe:
    """The recipe in the record of a run, which an earlier version may have written.

    Raises:
        RecipeError: as ``Recipe.from_json``.
    """
    if isinstance(data, dict) and isinstance(network := data.get("network"), dict):
        network = {name: value for name, value in network.items() if name != "emphasis"}  # training has none any more
        data = {**data, "network": network}
    return Recipe.from_json(data)


def recipe_names() -> list[str]:
    """The recipes that come with the program."""
    return sorted(path.stem for path in _FOLDER.glob(f"*{_SUFFIX}"))


def open_recipe(name: str) -> Recipe:
    """A recipe by its name, or from a ``.toml`` file.

    Raises:
        RecipeError: there is none, or it is not one; the message says where.
    """
    path = user_path(name) if name.endswith(_SUFFIX) else _FOLDER / f"{name}{_SUFFIX}"
    if path.parent == _FOLDER and name not in recipe_names():
        raise RecipeError(f"There is no recipe {name!r}. There are {', '.join(recipe_names())}, or give a .toml file.")
    try:
        data = tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        raise RecipeError(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path} is not TOML: {error}.") from error
    try:
        return Recipe.from_json({"name": path.stem, **data})
    except RecipeError as error:
        raise RecipeError(f"{path}: {error}") from error
