"""What each part of our recipe brings: ``python -m tools.ablation CATALOG``.

Every variant is trained on the same pictures for as many epochs, with several seeds, and compared on the held-out
validation groups: the evaluated groups are not looked at. Finished runs are kept under ``ablation-…`` beside the other
runs, so that the command goes on where it was stopped. What was measured is written to ``docs/training-ablation.md``.
"""

import argparse
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev

from fashion_search.encoders.trained import SHIPPED, SUFFIX, methods_folder, read_account
from fashion_search.errors import FashionSearchError, TrainingError
from fashion_search.store import Store, open_store
from fashion_search.training.data import Data
from fashion_search.training.plan import Plan
from fashion_search.training.recipe import open_recipe, read_record
from fashion_search.training.record import RUN, Run, read_run, runs_folder
from fashion_search.training.train import read_plan_data, train_on
from tools.ship_encoder import follows

REPORT = Path(__file__).resolve().parents[1] / "docs/training-ablation.md"


@dataclass(frozen=True)
class Variant:
    """A recipe with some fields replaced, and what that is called in the table."""

    key: str
    title: str
    recipe: str
    settings: dict[str, str]


OURS = [
    Variant("all", "all parts", "studio", {}),
    Variant(
        "type",
        "type alone",
        "studio",
        {"classification.attributes": "{ article_type = 1.0 }"},
    ),
    Variant("shades", "no smoothing between shades", "studio", {"classification.shades": "0.0"}),
    Variant("adjustment", "no logit adjustment", "studio", {"classification.adjustment": "0.0"}),
    Variant("stages", "the last stage alone", "studio", {"network.every_stage": "false"}),
    Variant("words", "no words of product names", "studio", {"classification.words": "0.0"}),
    Variant("metric", "no contrastive loss", "studio", {"similarity": "none"}),
    Variant("proxy", "a proxy loss in its place", "studio", {"similarity.loss": "proxy"}),
    Variant(
        "augmentation",
        "no augmentation",
        "studio",
        {f"augmentation.{name}": "0.0" for name in ("flip", "shift", "scale", "rotation", "erase")},
    ),
    Variant("pairs", "no balanced sampling", "studio", {"optimisation.together": "1", "optimisation.balance": "0.0"}),
    Variant("erase", "no erased boxes", "studio", {"augmentation.erase": "0.0"}),
    Variant("mean", "no running mean of the weights", "studio", {"optimisation.average": "0.0"}),
    Variant("small", "full size from the start", "studio", {"optimisation.small_until": "0.0"}),
    Variant("grow", "augmentation that grows over four fifths of the run", "studio", {"augmentation.grow": "0.8"}),
]

_SAME_INPUT = {"network.height": "80", "network.width": "60", "network.backbone": "resnet18"}
THEIRS = [
    Variant(name, f"{name} (ResNet-18, ImageNet weights)", name, _SAME_INPUT)
    for name in ("oc", "oc-os", "oc-is", "siamese", "dense")
]


def plan_of(variant: Variant, catalog: str, seed: int, limit: int, epochs: int) -> Plan:
    """One run of a variant."""
    settings = variant.settings | {"optimisation.epochs": str(epochs), "optimisation.patience": "0"}
    recipe = open_recipe(variant.recipe).with_settings(settings)
    name = f"ablation-{variant.key}-{seed}"
    return Plan(catalog, recipe, name, seed=seed, limit=limit, final=False)


def finished(plan: Plan, data: Data) -> Run | None:
    """The run of a plan on this data, if it was trained to its end before."""
    folder = runs_folder() / plan.name
    if not (folder / RUN).is_file():
        return None
    run = read_run(folder)
    same = run.recipe.trains_like(plan.recipe) and run.data["fingerprint"] == data.division.fingerprint
    if not same:
        raise TrainingError(f"{folder} is of another recipe or of other data. Delete it first.")
    return run if run.state == "done" else None


def report(
    store: Store, data: Data, runs: dict[str, list[Run]], variants: Sequence[Variant], words: Sequence[str]
) -> str:
    """What was measured, as Markdown; ``words`` are the arguments it was measured with."""
    every = [run for of in runs.values() for run in of]
    first = every[0]

    def used(what: Callable[[Run], object]) -> str:
        return " or ".join(sorted({str(what(run)) for run in every}))

    seeds = ", ".join(str(run.seed) for run in runs[variants[0].key])
    whole = len(variants) == len(OURS) + len(THEIRS)
    lines = [
        "# What each part of the recipe `studio` brings" if whole else "# Variants of the recipe `studio`",
        "",
        "Written by `tools/ablation.py`; do not edit.",
        "",
        f"**Data.** “{store.manifest.title}”: the same {len(data.division.training):,} pictures for every run, "
        f"{first.recipe.optimisation.epochs} epochs, seeds {seeds} (of weights, order and augmentation). Figures are "
        f"leave-one-out over {len(data.division.validation):,} validation pictures in "
        f"{first.data['validation_groups']:,} held-out style groups; the evaluated groups were not looked at.",
        "",
        f"**Machine.** {used(lambda run: run.device)}, {used(lambda run: run.threads)} threads, precision "
        f"{used(lambda run: run.precision)}, torch {used(lambda run: run.versions.get('torch', '?'))}.",
        "",
        "Mean ± standard deviation over the seeds, of the best validation of each run.",
        "",
        "| variant | Precision@5 | Hit@5 | wrong in colour alone | Δ Precision@5, paired by seed |",
        "|---|---|---|---|---|",
    ]
    base = {run.seed: run.best["precision"] for run in runs[variants[0].key]}
    for variant in variants:
        if variant.key not in runs:
            continue
        of = runs[variant.key]
        changes = [run.best["precision"] - base[run.seed] for run in of if run.seed in base]
        change = "" if variant.key == variants[0].key else _mean(changes, "+")
        cells = [_mean([run.best[name] for run in of]) for name in ("precision", "hit", "colour_alone")]
        lines.append(f"| {variant.title} | {' | '.join(cells)} | {change} |")
    lines += [
        "",
        "This is a short run: it does not tell what augmentation, erased boxes or the mean of the weights bring over "
        "many epochs.",
        *_shipped(first),
        "",
        "The recipes of the papers start from ImageNet weights and were run on the same pictures at the same input of "
        "60 × 80 px with ResNet-18, for as many epochs; their own inputs, backbones and lengths are in the recipes.",
        "",
        "**Command.**",
        "",
        "```sh",
        shlex.join(["python", "-m", "tools.ablation", *words]),
        "```",
        "",
    ]
    return "\n".join(lines)


def _shipped(run: Run) -> list[str]:
    """What the first run of the shipped encoder reached, if these are its validation pictures too."""
    shipped, *later = read_account(SHIPPED).trainings
    counts = ("title", "validation", "validation_groups")
    whole = follows(read_record(shipped["recipe"]), open_recipe("studio"))  # it had another name when it was trained
    if not whole or shipped["seed"] != run.seed or any(shipped["data"][name] != run.data[name] for name in counts):
        return []
    best = shipped["best"]
    which = "The first run of the shipped encoder" if later else "The shipped encoder"
    return [
        f"{which}, by the whole recipe with {shipped['data']['training']:,} pictures and "
        f"{shipped['recipe']['optimisation']['epochs']} epochs, had Precision@5 {best['precision']:.4f} and Hit@5 "
        f"{best['hit']:.4f} on the same validation pictures."
    ]


def _mean(values: Sequence[float], sign: str = "") -> str:
    """With its deviation, where there is one."""
    deviation = f" ± {stdev(values):.4f}" if len(values) > 1 else ""
    return f"{fmean(values):{sign}.4f}{deviation}"


def _at_least_one(text: str) -> int:
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train every variant and write the report; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.ablation", description="What each part of a recipe brings.")
    parser.add_argument("catalog", help="a built catalog")
    parser.add_argument("--limit", type=_at_least_one, default=8000, help="training pictures (default: 8000)")
    parser.add_argument("--epochs", type=_at_least_one, default=5)
    parser.add_argument("--seeds", type=_at_least_one, default=3, help="of our recipe's variants (default: 3)")
    parser.add_argument("--paper-seeds", type=int, default=1, help="of the papers' recipes (default: 1)")
    keys = [variant.key for variant in (*OURS, *THEIRS)]
    parser.add_argument(
        "--only", nargs="+", choices=keys, default=keys, help="variants; the first of them is what others differ from"
    )
    parser.add_argument("--report", type=Path, default=REPORT)
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = parser.parse_args(words)
    ours, theirs = ([one for one in some if one.key in options.only] for some in (OURS, THEIRS))
    variants = [*ours, *theirs]
    runs: dict[str, list[Run]] = {}
    try:
        store = open_store(options.catalog)
        first = plan_of(variants[0], options.catalog, 0, options.limit, options.epochs)
        data = read_plan_data(first, store)  # every variant has the same input, so the same pixels
        wanted = [(options.seeds, variant) for variant in ours] + [(options.paper_seeds, variant) for variant in theirs]
        most = max(options.seeds, options.paper_seeds)
        jobs = [(seed, variant) for seed in range(most) for seeds, variant in wanted if seed < seeds]
        for seed, variant in jobs:
            plan = plan_of(variant, options.catalog, seed, options.limit, options.epochs)
            run = finished(plan, data) or train_on(data, plan, store)
            (methods_folder() / f"{plan.name}{SUFFIX}").unlink(missing_ok=True)  # no one searches with these
            runs.setdefault(variant.key, []).append(run)
            print(
                f"{plan.name}: {run.best['precision']:.4f} / {run.best['hit']:.4f}, {run.rate:.0f} images/s", flush=True
            )
            options.report.write_text(report(store, data, runs, variants, words), "utf-8")
    except FashionSearchError as error:
        print(f"ablation: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
