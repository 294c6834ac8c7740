"""What a person asks of a run, and whether it can be given before anything is read. It imports no torch."""

from dataclasses import dataclass
from importlib.util import find_spec

from fashion_search.catalog import Catalog, slug
from fashion_search.encoders import ENCODERS, imported
from fashion_search.encoders.architecture import PRETRAINED, TIMM
from fashion_search.errors import TrainingError, WeightsError
from fashion_search.training.lineage import Lineage, find_lineage
from fashion_search.training.recipe import Recipe
from fashion_search.training.similarity import LOSSES

AUTO, HALF, FULL = PRECISIONS = ("auto", "half", "full")


@dataclass(frozen=True)
class Plan:
    """What a person asked for. ``name`` becomes the method's, and that of the run."""

    catalog: str
    recipe: Recipe
    name: str
    seed: int = 0
    limit: int = 0
    precision: str = AUTO
    threads: int = 0  # 0: as many as this process may use
    restart: bool = False
    final: bool = True  # look at the evaluated style groups at the end


def run_name(plan_name: str | None, recipe: Recipe, catalog: str) -> str:
    """The name of a run and its method: the one given, else made of recipe and catalog.

    Raises:
        TrainingError: it belongs to a method of the program, or nothing usable as a file's name is left.
    """
    name = slug(plan_name if plan_name is not None else f"{recipe.name} {catalog}").replace("_", "-")[:60]
    if not name:
        raise TrainingError("The run needs a name with letters or digits (--name).")
    if name in ENCODERS:
        raise TrainingError(f"The program has a method {name!r} already. Choose another name (--name).")
    if imported.known(name):
        raise TrainingError(f"Vectors were imported as the method {name!r}. Choose another name (--name).")
    return name


def check(recipe: Recipe, evaluated: Catalog) -> Lineage:
    """Find what a run needs besides pictures: packages, published weights, the encoders that it learns from.

    Raises:
        TrainingError: a package is missing, or an encoder is unknown, of another network, or saw evaluated pictures.
        WeightsError: published weights cannot be used; that they are not downloaded yet is no error.
    """
    if recipe.similarity is not None:
        module, package = LOSSES[recipe.similarity.loss].package
        if find_spec(module) is None:
            raise TrainingError(
                f"The loss {recipe.similarity.loss!r} of the recipe {recipe.name!r} needs the package {package}, which "
                f"is not installed: pip install {package}"
            )
    if recipe.network.backbone in TIMM and find_spec("timm") is None:
        raise TrainingError(
            f"The backbone {recipe.network.backbone!r} needs the package timm, which is not installed: pip install timm"
        )
    if recipe.network.pretrained:
        try:
            PRETRAINED[recipe.network.backbone].find()
        except WeightsError as error:
            if not error.can_download:
                raise
    return find_lineage(recipe, evaluated)
