"""Recipes: everything that decides a training run besides its data and its seed, as one TOML file each."""

import dataclasses
import math
import tomllib
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import UnionType
from typing import Any, Self, get_args, get_origin, get_type_hints

from fashion_search.encoders.architecture import BACKBONES, COMPACT, PRETRAINED, Architecture
from fashion_search.errors import RecipeError
from fashion_search.home import user_path

_FOLDER = Path(__file__).with_name("recipes")
_SUFFIX = ".toml"

LOSSES = ("triplet", "contrastive", "proxy")
SAME = ("category", "instance", "group")
OPTIMISERS = ("adam", "adamw")
SCHEDULES = ("constant", "steps", "cycle")

SMALL = 0.75
"""Of height and width, in the part of a run that sees smaller pictures."""

_LEAST_SIDE = {"densenet121": 31}
"""Pixels that a backbone needs to have something left at its end; of others 16."""


@dataclass(frozen=True)
class Network:
    """What is trained.

    ``pretrained``: start from ImageNet weights. ``start``: from those of a method that this program trained, by its
    name. ``frozen``: leave the backbone as it is and train what comes after. ``dimensions``: of the embedding, by a
    dense layer after the backbone; 0 takes the pooled features. ``widths`` and ``blocks``: channels and basic blocks
    of each stage of the compact backbone; ``every_stage``: it hands on what all stages see, not the last alone.
    ``pad``: a picture of another shape is padded with the colour of its border instead of squashed. ``mirror``: the
    finished encoder, not training and validations, takes the mean of a picture and its mirror image.
    """

    backbone: str
    height: int
    width: int
    pretrained: bool = False
    start: str = ""
    frozen: bool = False
    dimensions: int = 0
    widths: tuple[int, ...] = ()
    blocks: int = 2
    every_stage: bool = False
    pad: bool = False
    mirror: bool = False

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
        )


@dataclass(frozen=True)
class Classification:
    """Cross-entropy over the values of attributes.

    ``attributes``: columns of the catalog and the weight of each. ``smoothing``: share of a label that is
    spread over all values; ``shades``: share spread over neighbouring shades, for colours. ``adjustment``:
    how far the embedding is relieved of knowing what is common within a category, 0 to 1; where categories are
    not classified, within all pictures. ``words``: weight of the words of product names beside the attributes;
    0: none. ``relaxation``: classify through the feature-relaxation module instead of from the embedding.
    """

    attributes: dict[str, float]
    weight: float = 1.0
    smoothing: float = 0.0
    shades: float = 0.0
    adjustment: float = 0.0
    words: float = 0.0
    relaxation: bool = False
    dropout: float = 0.5


@dataclass(frozen=True)
class Similarity:
    """A loss between embeddings of unit length.

    ``same``: what makes two pictures alike: one category, one instance (augmented twice), or one style group.
    ``margin`` is that of the triplets, ``temperature`` divides the cosines of the two other losses.
    """

    loss: str
    same: str
    weight: float = 1.0
    margin: float = 0.3
    temperature: float = 0.1


@dataclass(frozen=True)
class Distillation:
    """Learn what other methods make of a picture as it is, whatever augmentation made of it.

    ``teachers``: methods that this program trained, by their names; the mean of their similarities is what is learned.
    ``weight``: of 1 − cosine with the teachers' vector of the same picture. ``contrast``: of a contrastive loss
    between the picture's vector and the teachers' vectors of the batch, whose cosines ``temperature`` divides.
    """

    teachers: tuple[str, ...]
    weight: float = 1.0
    contrast: float = 0.0
    temperature: float = 0.07


@dataclass(frozen=True)
class Augmentation:
    """What is made of a picture before it is learned from.

    ``flip``: probability; ``shift``, ``scale``: largest change as a share of the side; ``rotation``: degrees;
    ``erase``: probability that a box is filled with the picture's mean. ``photo``: share of the pictures that become
    photos of what is on them, under another light and on another ground; the others keep ground and colours.
    ``grow``: share of the run over which all but the mirror image grow from nothing to these (Tan & Le,
    *EfficientNetV2*, 2021, §4); 0: there from the start.
    """

    flip: float = 0.5
    shift: float = 0.0
    scale: float = 0.0
    rotation: float = 0.0
    erase: float = 0.0
    photo: float = 0.0
    grow: float = 0.0

    def at(self, progress: float) -> "Augmentation":
        """What augmentation is when a share ``progress``, 0 to 1, of the run is done."""
        if progress >= self.grow:
            return self
        part = progress / self.grow
        return replace(
            self,
            shift=self.shift * part,
            scale=self.scale * part,
            rotation=self.rotation * part,
            erase=self.erase * part,
            photo=self.photo * part,
        )


@dataclass(frozen=True)
class Optimisation:
    """How long, how fast, and when to stop.

    ``batch`` and ``together``: pictures of a step, and how many of each style group or category are drawn
    together (1: no matter). ``balance``: 0 draws pictures alike, 1 style groups alike, and between.
    ``milestones``: epochs after which ``steps`` divides the rate by 10. ``small_until``: share of the run in
    which pictures have three quarters of their size. ``average``: decay of the running mean of the weights
    that is validated and kept; 0: none. ``patience``: validations without a better one before it stops; 0: never.
    """

    epochs: int
    batch: int = 128
    together: int = 1
    balance: float = 0.0
    optimiser: str = "adamw"
    rate: float = 0.003
    decay: float = 0.0
    schedule: str = "cycle"
    milestones: tuple[int, ...] = ()
    warmup: float = 0.15
    small_until: float = 0.0
    average: float = 0.0
    patience: int = 0
    validate_every: int = 1


@dataclass(frozen=True)
class Recipe:
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
    augmentation: Augmentation = field(default_factory=Augmentation)
    category: str = "article_type"
    note: str = ""

    def __post_init__(self) -> None:
        self._check()

    def _check(self) -> None:
        network, schedule = self.network, self.optimisation
        _one_of("network.backbone", network.backbone, BACKBONES)
        for name in ("height", "width"):
            _at_least(f"network.{name}", getattr(network, name), 16)
            smallest = round(getattr(network, name) * (SMALL if schedule.small_until else 1))
            if smallest < _LEAST_SIDE.get(network.backbone, 1):
                raise RecipeError(
                    f"network.{name} is too small for {network.backbone}, which needs {_LEAST_SIDE[network.backbone]} "
                    f"pixels: its smallest input has {smallest}."
                )
        _at_least("network.dimensions", network.dimensions, 0)
        _at_least("network.blocks", network.blocks, 1)
        if (network.backbone == COMPACT) != bool(network.widths):
            raise RecipeError("network.widths belong to the compact backbone, which needs them, and to no other.")
        if network.every_stage and network.backbone != COMPACT:
            raise RecipeError("network.every_stage belongs to the compact backbone, and to no other.")
        if any(width < 1 for width in network.widths):
            raise RecipeError("network.widths must be at least 1 each.")
        if network.pretrained and network.backbone not in PRETRAINED:
            raise RecipeError(f"There are no pretrained weights of the {network.backbone} backbone.")
        if network.pretrained and network.start:
            raise RecipeError(
                "A network starts from ImageNet weights (network.pretrained) or from a method's "
                "(network.start), not from both."
            )
        if network.frozen and not (network.pretrained and network.dimensions):
            raise RecipeError("A frozen backbone needs pretrained weights, and a dense layer (dimensions) to train.")
        if self.classification is None and self.similarity is None and self.distillation is None:
            raise RecipeError(
                "A recipe needs a classification, a similarity loss or a distillation; this one would learn nothing."
            )
        if self.classification is not None:
            one = self.classification
            if not one.attributes or any(weight <= 0 for weight in one.attributes.values()):
                raise RecipeError("classification.attributes needs at least one column, each with a weight above 0.")
            if one.weight <= 0:
                raise RecipeError("classification.weight must be above 0; leave the section out to train without it.")
            _share("classification.smoothing", one.smoothing)
            _share("classification.shades", one.shades)
            _share("classification.adjustment", one.adjustment)
            _share("classification.dropout", one.dropout)
            if not 0 <= one.words < math.inf:
                raise RecipeError(f"classification.words must not be negative, but is {one.words:g}.")
            if one.smoothing + one.shades >= 1:
                raise RecipeError("classification.smoothing and shades must leave something of the label itself.")
        if self.distillation is not None:
            if not self.distillation.teachers:
                raise RecipeError("distillation.teachers needs at least one method.")
            _above_zero("distillation.weight", self.distillation.weight)
            _above_zero("distillation.temperature", self.distillation.temperature)
            if self.distillation.contrast < 0:
                raise RecipeError("distillation.contrast must not be negative.")
        if self.similarity is not None:
            _one_of("similarity.loss", self.similarity.loss, LOSSES)
            _one_of("similarity.same", self.similarity.same, SAME)
            _above_zero("similarity.weight", self.similarity.weight)
            _above_zero("similarity.margin", self.similarity.margin)
            _above_zero("similarity.temperature", self.similarity.temperature)
            if self.similarity.loss == "proxy" and self.similarity.same == "instance":
                raise RecipeError("A proxy per instance would be as large as the catalog. Take another loss.")
        for name in ("flip", "shift", "scale", "erase", "photo", "grow"):
            _share(f"augmentation.{name}", getattr(self.augmentation, name))
        if not 0 <= self.augmentation.rotation <= 180:
            raise RecipeError("augmentation.rotation must be 0 to 180 degrees.")
        _at_least("optimisation.epochs", schedule.epochs, 1)
        _at_least("optimisation.batch", schedule.batch, 2)
        _at_least("optimisation.together", schedule.together, 1)
        _at_least("optimisation.patience", schedule.patience, 0)
        _at_least("optimisation.validate_every", schedule.validate_every, 1)
        _one_of("optimisation.optimiser", schedule.optimiser, OPTIMISERS)
        _one_of("optimisation.schedule", schedule.schedule, SCHEDULES)
        _above_zero("optimisation.rate", schedule.rate)
        for name in ("balance", "warmup", "small_until", "average"):
            _share(f"optimisation.{name}", getattr(schedule, name))
        if schedule.average == 1:
            raise RecipeError("optimisation.average must be below 1: at 1 the mean would never move.")
        if schedule.decay < 0:
            raise RecipeError("optimisation.decay must not be negative.")
        if schedule.batch % schedule.together:
            raise RecipeError("optimisation.batch must be a multiple of together.")

    def trains_like(self, other: "Recipe") -> bool:
        """Whether two recipes differ at most in words."""
        return replace(other, title=self.title, summary=self.summary, note=self.note) == self

    def to_json(self) -> dict[str, Any]:
        """All fields, for what is written beside a run."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The inverse of ``to_json``.

        Raises:
            RecipeError: a field is missing, unknown, of another type, or out of its range.
        """
        recipe: Self = _read(cls, data, "")
        return recipe

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


def _read(cls: type[Any], data: Any, where: str) -> Any:
    """A dataclass from a table, each field checked for its type."""
    if not isinstance(data, dict):
        raise RecipeError(f"{where or 'The recipe'} must be a table.")
    fields = {one.name: one for one in dataclasses.fields(cls)}
    unknown = sorted(set(data) - set(fields))
    prefix = f"{where}." if where else ""
    if unknown:
        raise RecipeError(f"There is no {prefix}{unknown[0]}; known are {', '.join(fields)}.")
    hints = get_type_hints(cls)
    values = {}
    for name, one in fields.items():
        if name in data:
            values[name] = _typed(hints[name], data[name], prefix + name)
        elif one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING:
            raise RecipeError(f"{prefix}{name} is missing.")
    return cls(**values)


_RETIRED = {"network": ("emphasis",)}
"""Fields that recipes of earlier versions had, by section: records of their runs are read without them."""


def read_record(data: dict[str, Any]) -> Recipe:
    """The recipe in the record of a run, which an earlier version may have written.

    Raises:
        RecipeError: as ``Recipe.from_json``.
    """
    kept = {
        name: {field: one for field, one in value.items() if field not in _RETIRED[name]} if name in _RETIRED else value
        for name, value in data.items()
    }
    return Recipe.from_json(kept)


def _typed(kind: Any, value: Any, where: str) -> Any:
    if isinstance(kind, UnionType):
        return None if value is None else _typed(get_args(kind)[0], value, where)
    if dataclasses.is_dataclass(kind):
        assert isinstance(kind, type)
        return _read(kind, value, where)
    if get_origin(kind) is tuple and isinstance(value, (list, tuple)):
        return tuple(_typed(get_args(kind)[0], one, where) for one in value)
    if get_origin(kind) is dict and isinstance(value, dict):
        return {str(key): _typed(get_args(kind)[1], one, f"{where}.{key}") for key, one in value.items()}
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    finite = not isinstance(value, float) or math.isfinite(value)  # TOML has nan and inf
    if isinstance(kind, type) and isinstance(value, kind) and isinstance(value, bool) == (kind is bool) and finite:
        return value
    wanted = getattr(kind, "__name__", str(kind))
    raise RecipeError(f"{where} must be {_WORDS.get(wanted, wanted)}, not {value!r}.")


_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "tuple": "a list",
    "dict": "a table of numbers",
}


def _one_of(where: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise RecipeError(f"{where} is {value!r}; known are {', '.join(known)}.")


def _at_least(where: str, value: int, least: int) -> None:
    if value < least:
        raise RecipeError(f"{where} must be at least {least}, not {value}.")


def _above_zero(where: str, value: float) -> None:
    if not value > 0:
        raise RecipeError(f"{where} must be above 0, not {value:g}.")


def _share(where: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise RecipeError(f"{where} must be 0 to 1, not {value:g}.")


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
