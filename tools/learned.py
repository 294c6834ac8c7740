"""What the recipes ``autoencoder``, ``vit`` and ``vit-1.58b`` reach: ``python -m tools.learned CATALOG``.

Each is trained on the same pictures for as many epochs, and the evaluated groups are looked at once, at its end. Runs
that are done are taken as they are, and one that was stopped goes on, so the command can be given again. What was
measured is written to ``docs/training-learned.md``.
"""

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from fashion_search.errors import FashionSearchError, TrainingError
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.words import chance_of, rounded
from fashion_search.store import open_store
from fashion_search.training.plan import FULL, Plan, run_name
from fashion_search.training.recipe import open_recipe
from fashion_search.training.record import RUN, Run, read_run, runs_folder
from fashion_search.training.train import train

REPORT = Path(__file__).resolve().parents[1] / "docs/training-learned.md"
TWINS = ("vit", "vit-1.58b")
RECIPES = ("autoencoder", *TWINS)
MEASURES = ("precision", "recall", "hit")


def plan_of(recipe: str, options: argparse.Namespace) -> Plan:
    """One run, under the name that ``train --name`` with the recipe's would give it."""
    taken = open_recipe(recipe).with_settings({"optimisation.epochs": str(options.epochs)})
    name = run_name(recipe, taken, options.catalog)
    return Plan(options.catalog, taken, name, limit=options.limit, precision=FULL, threads=options.threads)


def run_of(plan: Plan) -> Run:
    """The plan's run, trained to its end now or before.

    Raises:
        TrainingError: a run of this name is of another plan, or the training fails.
    """
    folder = runs_folder() / plan.name
    if (folder / RUN).is_file() and (run := read_run(folder)).state == "done":
        if not run.recipe.trains_like(plan.recipe) or (run.seed, run.limit) != (plan.seed, plan.limit):
            raise TrainingError(f"{folder} is of another recipe, seed or limit. Delete it first.")
        return run
    return train(plan)


def report(catalog: str, runs: dict[str, Run], words: Sequence[str]) -> str:
    """What was measured, as Markdown; ``runs`` are by recipe, ``words`` the arguments they were trained with."""
    store = open_store(catalog)
    first = next(iter(runs.values()))
    threads = " or ".join(sorted({str(run.threads) for run in runs.values()}))
    lines = [
        "# What an autoencoder and a transformer of three values reach",
        "",
        "Written by `tools/learned.py`; do not edit.",
        "",
        f"**Data.** “{store.manifest.title}”: the same {first.data['training']:,} pictures for every run, "
        f"{first.recipe.optimisation.epochs} epochs, seed {first.seed}. *Validation*: leave-one-out over "
        f"{first.data['validation']:,} pictures in {first.data['validation_groups']:,} held-out style groups, the best "
        "epoch; these compare with [training-ablation.md](training-ablation.md). *Evaluated*: leave-one-out over the "
        f"{store.manifest.n_groups:,} style groups, {store.manifest.n_items:,} pictures, that no run learned from, "
        "looked at once, at its end, with 95 % bootstrap intervals over style groups.",
        "",
        f"**Machine.** {first.device}, {threads} thread, precision {first.precision}, torch "
        f"{first.versions.get('torch', '?')}; other programs ran beside it, so that times are upper bounds.",
        "",
        "| recipe | validation P@5 | Hit@5 | evaluated P@5 | R@5 | Hit@5 | s per epoch |",
        "|---|---|---|---|---|---|---|",
    ]
    for recipe, run in runs.items():
        figures = Evaluation.of(store, [run.name]).figures_of(run.name)
        cells = [f"{run.best['precision']:.4f}", f"{run.best['hit']:.4f}"]
        cells += [rounded(figures[measure].macro) for measure in MEASURES]
        lines.append(f"| `{recipe}` | {' | '.join(cells)} | {run.seconds / max(run.epoch, 1):.0f} |")
    lines += [
        "",
        *_remarks(catalog, runs),
        "**Command.**",
        "",
        "```sh",
        shlex.join(["python", "-m", "tools.learned", *words]),
    ]
    return "\n".join([*lines, "```", ""])


def _remarks(catalog: str, runs: dict[str, Run]) -> list[str]:
    """What rows say together: the twins compared, how small the ternary one could be, and the reconstructions."""
    found = []
    if set(TWINS) <= set(runs):
        one, other = (runs[recipe].name for recipe in TWINS)
        (compared,) = Evaluation.of(open_store(catalog), [one, other]).compared("precision")
        found.append(
            f"**The twins.** {compared.first} − {compared.second}, P@5 of the evaluated groups: "
            f"{rounded(compared.difference)}, {chance_of(compared.p)} (permutation test over style groups): "
            f"{compared.verdict}."
        )
        found += [note for note in runs[TWINS[1]].notes if "three values" in note]
    if "error" in (drawn := runs["autoencoder"].reconstructions if "autoencoder" in runs else {}):
        found.append(
            "**The autoencoder** draws held-out pictures again with a root mean squared error of "
            f"{drawn['error']:.1f} of 255."
        )
    return [line for remark in found for line in (remark, "")]


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what is missing and write the report after each run; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.learned", description="Learned methods, compared.")
    parser.add_argument("catalog", help="a built catalog")
    parser.add_argument("--limit", type=int, default=8000, help="training pictures (default: 8000)")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=RECIPES, default=RECIPES)
    parser.add_argument("--report", type=Path, default=REPORT)
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = parser.parse_args(words)
    runs: dict[str, Run] = {}
    try:
        for recipe in [recipe for recipe in RECIPES if recipe in options.only]:
            runs[recipe] = run = run_of(plan_of(recipe, options))
            print(
                f"{run.name}: {run.best['precision']:.4f} / {run.best['hit']:.4f}, {run.rate:.0f} images/s", flush=True
            )
            options.report.write_text(report(options.catalog, runs, words), "utf-8")
    except FashionSearchError as error:
        print(f"learned: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
