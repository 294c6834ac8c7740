"""What ``oc-is`` brings over ``oc`` on the drawn copy of In-Shop: ``python -m tools.in_shop_training COPY``.

COPY is the folder that ``python -m tools.demo_catalog.inshop COPY`` draws. It becomes the catalog *in-shop* with the
query set *in-shop*, both recipes are trained on its training part with the same seeds, and the query part is searched
in the gallery part. Runs that are done are taken as they are, and one that was stopped goes on, so the command can be
given again. What was measured is written to ``docs/training-inshop.md``.
"""

import argparse
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fashion_search.build.run import build
from fashion_search.catalog import Protocol
from fashion_search.catalog.request import Request
from fashion_search.errors import FashionSearchError
from fashion_search.evaluation import classification_path
from fashion_search.evaluation.classification import Classification, by_neighbours
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.statistics import GroupedQueries
from fashion_search.evaluation.words import chance_of, rounded
from fashion_search.store import Store, catalog_names, open_store, query_sets
from fashion_search.training.plan import FULL, Plan, run_name
from fashion_search.training.recipe import open_recipe
from fashion_search.training.record import Run
from tools.learned import run_of

REPORT = Path(__file__).resolve().parents[1] / "docs/training-inshop.md"
NAME = "in-shop"
BASELINE = "resnet50"
RECIPES = ("oc", "oc-is")
KS = (1, 5, 20)
"""The paper's Table 1 has 5 and 20."""
CATEGORY = "category"
TOPS = (1, 3, 5)
LENGTHS = [("resnet50", 12, 3), ("resnet18", 40, 2)]
"""The paper's backbone for a short time, and a smaller one for longer."""


Length = tuple[str, int, int]
"""A backbone, for how many epochs it is trained, and by how many seeds, from 0."""


def length(text: str) -> Length:
    """``resnet50:12:3`` as a backbone, its epochs and its seeds."""
    backbone, epochs, seeds = text.split(":")
    return backbone, int(epochs), int(seeds)


def plan_of(recipe: str, of: Length, seed: int, options: argparse.Namespace) -> Plan:
    """One run, which does not look at the gallery: it is searched once all are trained."""
    backbone, epochs, _ = of
    settings = {"network.height": options.size, "network.width": options.size}
    settings |= {"optimisation.epochs": epochs, "optimisation.batch": options.batch}
    taken = open_recipe(recipe)
    if backbone != taken.network.backbone:
        settings["network.backbone"] = backbone
    taken = taken.with_settings({field: str(value) for field, value in settings.items()})
    which = f"-{backbone}" if "network.backbone" in settings else ""
    name = run_name(f"{NAME}-{recipe}{which}-{seed}", taken, NAME)
    return Plan(NAME, taken, name, seed=seed, precision=FULL, threads=options.threads, final=False)


def prepare(copy: Path) -> None:
    """Build the catalog and its query set, where they are not there yet."""
    if NAME not in catalog_names():
        build(Request(str(copy), NAME, (BASELINE,), quick=True))
    if NAME not in query_sets(open_store(NAME)):
        build(Request(str(copy), NAME, (BASELINE,), quick=True, queries_of=NAME))


def add_libraries(methods: Sequence[str]) -> Store:
    """Encode gallery and queries by methods that are not in the catalog; its store then."""
    store = open_store(NAME)
    missing = [method for method in methods if method not in store.methods]
    if missing:
        build(replace(store.manifest.rebuild(*store.methods, *missing), quick=True))
    return open_store(NAME)


@dataclass(frozen=True)
class Measured:
    """What runs of one recipe found, a row each of them: hits by k, shape (runs, q), and classifications."""

    hits: Mapping[int, NDArray[np.float64]]
    by_neighbours: list[Classification]
    by_classifier: list[Classification]


def measure(evaluation: Evaluation, methods: Sequence[str]) -> Measured:
    """Search with every query and classify it, by each method."""
    ranked = [evaluation.rankings_of(method) for method in methods]
    catalog = evaluation.store.catalog
    found = [_by_classifier(evaluation, method) for method in methods]
    return Measured(
        {k: np.stack([(one.first <= k).astype(np.float64) for one in ranked]) for k in KS},
        [by_neighbours(catalog, one, CATEGORY) for one in ranked],
        [one for one in found if one is not None],
    )


def _by_classifier(evaluation: Evaluation, method: str) -> Classification | None:
    """The queries, classified by a trained encoder's own path; None where it has none."""
    if CATEGORY not in classification_path.columns_of(method, evaluation.store.catalog):
        return None
    found = classification_path.find(evaluation, method, CATEGORY)
    if found is None:
        classification_path.measure(evaluation, method)
        found = classification_path.find(evaluation, method, CATEGORY)
    return found


Runs = Mapping[str, Sequence[Run]]
"""Recipe → its runs, by seed."""


def report(trained: Sequence[Runs], words: Sequence[str]) -> str:
    """What was measured, as Markdown; ``words`` are the arguments that runs were trained with."""
    every = [run for runs in trained for done in runs.values() for run in done]
    store = add_libraries([run.name for run in every])
    evaluation = Evaluation.of(store, [BASELINE], Protocol.of_queries(NAME))
    products, first = evaluation.queries, every[0]
    minutes = [run.seconds / 60 for run in every]
    lines = [
        "# Instances as positives, on a drawn copy of In-Shop",
        "",
        "Written by `tools/in_shop_training.py`; do not edit.",
        "",
        f"**Data.** 60 products in five pictures each, in the layout of DeepFashion's In-Shop benchmark, drawn by "
        f"`tools/demo_catalog/inshop.py`: no photograph is among them. Trained on {first.data['training']:,} pictures "
        f"of 25 products, validated by {first.data['validation']:,} of {first.data['validation_groups']:,} others. "
        f"{products.n_queries:,} queries are searched in a gallery of {store.manifest.n_items:,} pictures; all of "
        f"them are of {len(products.sizes):,} products that no run saw. Right is a picture of the same product.",
        "",
        f"**Runs.** Started from ImageNet weights other than torchvision's, {first.recipe.network.width} × "
        f"{first.recipe.network.height} pixels, batches of {first.recipe.optimisation.batch}, best epoch by "
        "validation. Both recipes see as many pictures an epoch. These are short runs: the paper trains for more than "
        "150 epochs, on 25,882 pictures.",
        "",
        f"**Machine.** {first.device}, {first.threads} thread a run, precision {first.precision}, torch "
        f"{first.versions.get('torch', '?')}, fashion_search {first.versions.get('fashion_search', '?')}; "
        f"{min(minutes):.0f} to {max(minutes):.0f} minutes a run, with other programs beside it.",
        "",
        "Top-k accuracy, the mean over the seeds, with 95 % bootstrap intervals over products; differences are paired "
        "by query and seed, with a permutation test over products:",
        "",
    ]
    baseline = measure(evaluation, [BASELINE])
    lines += _table(f"`{BASELINE}`, not trained further, at 224 × 224", baseline, products)
    for runs in trained:
        found = {recipe: measure(evaluation, [run.name for run in done]) for recipe, done in runs.items()}
        of = next(iter(runs.values()))
        seeds = ", ".join(str(run.seed) for run in of)
        schedule = of[0].recipe.optimisation
        lines += ["", f"## {of[0].recipe.network.backbone}, {schedule.epochs} epochs, seeds {seeds}", ""]
        lines += [*_header(), *(_row(f"`{recipe}`", one, products) for recipe, one in found.items())]
        lines += ["", *_differences(found, products), "", *_classified(baseline, found)]
    lines += [
        "",
        "In the paper's Table 1, on In-Shop itself, OC+IS is better than OC by .193 at k = 5 and .139 at 20 with "
        "ResNet-50.",
        "",
        "## Commands",
        "",
        "```sh",
        "python -m tools.demo_catalog.inshop in-shop-copy",
        shlex.join(["python", "-m", "tools.in_shop_training", *words]),
        "```",
        "",
    ]
    return "\n".join(lines)


def _header() -> list[str]:
    return [f"| | {' | '.join(f'k = {k}' for k in KS)} | k = 1 by seed |", f"|---|{'---|' * (len(KS) + 1)}"]


def _row(title: str, one: Measured, products: GroupedQueries) -> str:
    cells = [rounded(products.interval(one.hits[k].mean(axis=0))) for k in KS]
    each = ", ".join(f"{share:.3f}".lstrip("0") for share in one.hits[1].mean(axis=1))
    return f"| {title} | {' | '.join(cells)} | {each} |"


def _table(title: str, one: Measured, products: GroupedQueries) -> list[str]:
    return [*_header(), _row(title, one, products)]


def _differences(found: Mapping[str, Measured], products: GroupedQueries) -> list[str]:
    """OC+IS against OC, query by query."""
    parts = []
    for k in KS:
        differences = (found["oc-is"].hits[k] - found["oc"].hits[k]).mean(axis=0)
        parts.append(f"k = {k}: {rounded(products.interval(differences))}, {chance_of(products.p_value(differences))}")
    return [f"**OC+IS − OC**: {'; '.join(parts)}."]


def _classified(baseline: Measured, found: Mapping[str, Measured]) -> list[str]:
    """Category classification of the queries."""
    header = [*(f"top-{k}" for k in TOPS), "balanced"]
    lines = [
        "Category of the queries, one of ten, by a vote of 20 neighbours and by the encoder's own classification path "
        "where its file has one; accuracy, the mean over the seeds:",
        "",
        f"| | by | {' | '.join(header)} |",
        f"|---|---|{'---|' * len(header)}",
    ]
    for title, one in {f"`{BASELINE}`": baseline, **{f"`{recipe}`": one for recipe, one in found.items()}}.items():
        for how, made in (("neighbours", one.by_neighbours), ("its path", one.by_classifier)):
            if made:
                means = [np.mean([each.top(k).value for each in made]) for k in TOPS]
                means.append(np.mean([each.balanced.value for each in made]))
                seeds = "" if len(made) == len(one.by_neighbours) else f" ({len(made)} of the runs)"
                cells = " | ".join(f"{mean:.3f}".lstrip("0") for mean in means)
                lines.append(f"| {title} | {how}{seeds} | {cells} |")
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what is missing and write the report; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.in_shop_training", description="oc and oc-is, compared.")
    parser.add_argument("copy", type=Path, help="the drawn copy")
    parser.add_argument("--lengths", type=length, nargs="+", default=LENGTHS, metavar="BACKBONE:EPOCHS:SEEDS")
    parser.add_argument("--size", type=int, default=80, help="of the input, px")
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--report", type=Path, default=REPORT)
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = parser.parse_args(words)
    shown = ["in-shop-copy" if word == str(options.copy) else word for word in words]  # no path of this machine
    if "--report" in shown:
        del shown[(place := shown.index("--report")) : place + 2]
    try:
        prepare(options.copy)
        trained: list[dict[str, list[Run]]] = []
        for of in options.lengths:
            trained.append({recipe: [] for recipe in RECIPES})
            for seed in range(of[2]):
                for recipe in RECIPES:
                    trained[-1][recipe].append(run := run_of(plan_of(recipe, of, seed, options)))
                    print(f"{run.name}: {run.best['precision']:.4f} / {run.best['hit']:.4f}", flush=True)
            options.report.write_text(report(trained, shown), "utf-8")
    except FashionSearchError as error:
        print(f"in_shop_training: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
