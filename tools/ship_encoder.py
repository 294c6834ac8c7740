"""Make a finished run's encoder the one that comes with the program: ``python -m tools.ship_encoder RUN``.

It writes ``assets/fashion.safetensors``; ``tools.ship_demo`` then builds the demo's libraries anew, and
``tools.model_card`` writes what the encoder scores.
"""

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from fashion_search.encoders import trained
from fashion_search.encoders.account import Account
from fashion_search.encoders.fashion import FASHION
from fashion_search.errors import FashionSearchError, TrainingError
from fashion_search.training.recipe import Recipe, open_recipe
from fashion_search.training.record import Run, read_run, runs_folder

MOST_BYTES = 12_000_000


def finished_run(name: str) -> Run:
    """A run by its name.

    Raises:
        TrainingError: there is none, or it is not done.
    """
    run = read_run(runs_folder() / name)
    if run.state != "done":
        raise TrainingError(f"The run “{run.name}” is not done, but {run.state}.")
    return run


def follows(used: Recipe, recipe: Recipe) -> bool:
    """Whether a run was by a recipe: another name, another start and other teachers are no matter."""
    network = replace(used.network, start=recipe.network.start)
    distillation = used.distillation
    if distillation is not None and recipe.distillation is not None:
        distillation = replace(distillation, teachers=recipe.distillation.teachers)
    return recipe.trains_like(replace(used, name=recipe.name, network=network, distillation=distillation))


def encoder_of(run: Run) -> tuple[Path, Account]:
    """A finished run's encoder if it may be shipped, and what its shipped file says of itself.

    Raises:
        TrainingError: the run is not by its recipe, or its encoder is too large.
    """
    if not follows(run.recipe, open_recipe(run.recipe.name)):
        raise TrainingError(f"The run “{run.name}” was not trained by the recipe {run.recipe.name!r} as it is now.")
    path = trained.methods_folder() / f"{run.name}{trained.SUFFIX}"
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise TrainingError(f"The encoder has {size / 1e6:.1f} MB; at most {MOST_BYTES / 1e6:.0f} are shipped.")
    account = trained.read_account(path)
    return path, dataclasses.replace(account, name=FASHION.name, title=FASHION.title, summary=FASHION.summary)


def main(arguments: Sequence[str] | None = None) -> int:
    """Ship a run's encoder; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.ship_encoder", description="Ship a run's encoder.")
    parser.add_argument("run", help="a finished run")
    options = parser.parse_args(arguments)
    try:
        path, account = encoder_of(finished_run(options.run))
        trained.rename(path, trained.SHIPPED, account)
    except FashionSearchError as error:
        print(f"ship_encoder: {error}", file=sys.stderr)
        return 1
    print(f"{trained.SHIPPED} ({trained.SHIPPED.stat().st_size / 1e6:.1f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
