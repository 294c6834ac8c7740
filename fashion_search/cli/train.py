"""``train``: an encoder, from a recipe and what a catalog leaves out."""

import argparse
import sys
from typing import Any

from fashion_search.build.progress import Progress
from fashion_search.cli.numbers import at_least
from fashion_search.cli.progress import ProgressBar
from fashion_search.errors import RecipeError
from fashion_search.store import open_store
from fashion_search.training.plan import PRECISIONS, Plan, run_name
from fashion_search.training.recipe import open_recipe, recipe_names
from fashion_search.training.record import Run
from fashion_search.training.train import Listener, train


def declare(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("catalog", help="a built catalog; its source is what is trained on")
    parser.add_argument(
        "--recipe", default="fashion", help=f"one of {', '.join(recipe_names())}, or a .toml file (default: fashion)"
    )
    parser.add_argument("--name", help="of the run and its method; by default from recipe and catalog")
    parser.add_argument("--seed", type=at_least(0), default=0, help="of weights, order and validation groups")
    parser.add_argument("--epochs", type=at_least(1), metavar="N", help="instead of the recipe's")
    parser.add_argument("--limit", type=at_least(1), default=0, metavar="N", help="most pictures to train on")
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="another value for a field of the recipe"
    )
    parser.add_argument("--precision", choices=PRECISIONS, default=PRECISIONS[0], help="half is bfloat16")
    parser.add_argument("--threads", type=at_least(1), default=0, metavar="N", help="default: all processors")
    parser.add_argument("--restart", action="store_true", help="begin a run of this name anew")
    parser.add_argument(
        "--no-final", action="store_true", help="do not look at the evaluated groups: for choices between recipes"
    )


def run(options: argparse.Namespace) -> tuple[Any, str]:
    """Train until the run is done; what it learned."""
    settings = dict(_setting(text) for text in options.set)
    if options.epochs:
        settings["optimisation.epochs"] = str(options.epochs)
    recipe = open_recipe(options.recipe).with_settings(settings)
    plan = Plan(
        catalog=options.catalog,
        recipe=recipe,
        name=run_name(options.name, recipe, options.catalog),
        seed=options.seed,
        limit=options.limit,
        precision=options.precision,
        threads=options.threads,
        restart=options.restart,
        final=not options.no_final,
    )
    reading, teaching, building = ProgressBar(), ProgressBar(), ProgressBar()
    listener = Listener(
        lambda done, total: reading(Progress(done, total, stage="libraries")),
        lambda done, total: teaching(Progress(done, total, stage="libraries")),
        _TrainingLines(),
        building,
    )
    run = train(plan, listener)
    data, best = run.data, run.best
    grouped = "products" if "validated_by" in data else "style groups"
    lines = [
        f"Run {run.name}: {run.recipe.title}, seed {run.seed}, {run.seconds / 60:.1f} min, {run.rate:.0f} images/s.",
        f"{data['training']:,} pictures to train on, {data['validation']:,} in {data['validation_groups']:,} {grouped} "
        f"to validate, {data['evaluated']['pictures']:,} evaluated and {_learned(data['evaluated'])}.",
        f"Best validation, epoch {best['epoch']:g}: {_three(best)}",
        *run.notes,
    ]
    if run.final:
        lines.append(f"Evaluated groups, leave-one-out, {run.final['queries']:,} queries: {_three(run.final)}")
    lines.append(f"It is the method {run.name!r} now.")
    if not plan.final:
        manifest = open_store(options.catalog).manifest
        lines.append(f"To search with it: {manifest.rebuild(*manifest.libraries, run.name).command}")
    return run.to_json(), "\n".join(lines)


def _learned(evaluated: dict[str, int]) -> str:
    seen = evaluated.get("learned_from", 0)
    return f"{seen:,} of them learned from" if seen else "not learned from"


def _three(figures: dict[str, Any]) -> str:
    names = (("precision", "Precision@5"), ("recall", "Recall@5"), ("hit", "Hit@5"))
    return ", ".join(f"{label} {figures[name]:.4f}" for name, label in names)


def _setting(text: str) -> tuple[str, str]:
    field, equals, value = text.partition("=")
    if not equals:
        raise RecipeError(f"--set {text!r} is not FIELD=VALUE, such as optimisation.epochs=5.")
    return field.strip(), value.strip()


class _TrainingLines:
    """A line on stderr per validation, and in between the progress where a person watches."""

    def __init__(self) -> None:
        self._shown: dict[str, float] = {}

    def __call__(self, run: Run) -> None:
        if run.latest != self._shown:
            self._shown = run.latest
            print(f"\r{run.sentence} · validation: {_three(run.latest)}", file=sys.stderr)
        elif sys.stderr.isatty():
            print(f"\r{run.sentence}", end="", file=sys.stderr, flush=True)
