"""Write what the shipped encoder is and scores: ``python -m tools.model_card CATALOG``.

The catalog must have the libraries of ``METHODS``. The card, ``docs/fashion.md``, is made of the encoder's own file and
of an evaluation of that catalog.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fashion_search.encoders import ENCODERS, trained
from fashion_search.errors import FashionSearchError, StoreError
from fashion_search.evaluation import robustness
from fashion_search.evaluation.alterations import ALTERATIONS
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.measures import PAPERS
from fashion_search.evaluation.mismatches import kinds, leniences, lenient_hit, lenient_precision, read_shades
from fashion_search.evaluation.scores import SEEDS
from fashion_search.evaluation.seen import seen_items
from fashion_search.evaluation.words import number, percent, rounded, sentence
from fashion_search.store import Store, open_store
from fashion_search.training.recipe import open_recipe, read_record, recipe_names
from tools.ship_encoder import follows

CARD = Path(__file__).resolve().parents[1] / "docs/fashion.md"
K = 5
METHODS = ("histogram", "resnet18", "fusion", "fashion")


def steps(trainings: Sequence[dict[str, Any]]) -> list[str]:
    """The trainings that the encoder went through, one a line: recipe, teachers, length and speed."""
    made = {later["start"]["weights"]: place for place, later in enumerate(trainings[1:], start=1)}
    return [f"{place}. {step(training, made)}" for place, training in enumerate(trainings, start=1)]


def step(training: dict[str, Any], made: dict[str, int]) -> str:
    """One training; ``made``: which one made an encoder, by the checksum of its weights."""
    recipe = read_record(training["recipe"])
    name = next((name for name in recipe_names() if follows(recipe, open_recipe(name))), None)
    called = f"`{name}`" if name else f"a recipe of its own, much as `{recipe.name}` was"
    photos = f"{percent(recipe.augmentation.photo)} photos, " if recipe.augmentation.photo else ""
    teachers = [f"step {made[one['weights']]}" for one in training.get("teachers", [])]
    taught = f"taught by what {' and '.join(teachers)} made, " if teachers else ""
    return (
        f"{called}, seed {training['seed']}, {recipe.network.width} × {recipe.network.height} px, {photos}{taught}"
        f"{recipe.optimisation.epochs} epochs, the best of them epoch {training['best']['epoch']:g}; "
        f"{training['device']}, precision {training['precision']}, {training['seconds'] / 60:.0f} minutes at "
        f"{training['rate']:.0f} images/s."
    )


def about() -> list[str]:
    """What the file is and how it came about."""
    account = trained.read_account(trained.SHIPPED)
    training = account.training
    data, best = training["data"], training["best"]
    size = trained.SHIPPED.stat().st_size
    architecture = account.architecture
    pooled = "the maps of every stage, pooled" if architecture.every_stage else "the last stage's maps, pooled"
    photos = f"; Precision@5 of photos made of them {best['photos']:.4f}" if "photos" in best else ""
    left_out = "; ".join(f"{count:,} {reason}" for reason, count in data["left_out"].items()) or "none"
    versions = ", ".join(f"{name} {version}" for name, version in training["versions"].items())
    return [
        "# The encoder `fashion`",
        "",
        "Written by `tools/model_card.py` from the encoder's own file and an evaluation; do not edit.",
        "",
        f"**What it is.** `assets/{trained.SHIPPED.name}`, {size / 1e6:.1f} MB: a convolutional network of "
        f"{len(architecture.widths)} residual stages of {architecture.blocks} blocks with "
        f"{', '.join(map(str, architecture.widths))} channels, {architecture.width} × {architecture.height} px in; "
        f"{pooled}, give {account.dimensions} numbers; weights in half precision. It was trained by this program "
        "**from random weights**: nothing in it is anyone else's.",
        "",
        f"**Data and licence.** Kaggle's *Fashion Product Images (Small)*, which its author publishes under the MIT "
        f"licence: {data['training']:,} pictures to learn from, {data['validation']:,} in "
        f"{data['validation_groups']:,} whole style groups to validate. The {data['evaluated']['pictures']:,} pictures "
        f"of the {data['evaluated']['groups']:,} evaluated style groups were neither. Left out besides: {left_out}. "
        "The pictures and their labels are not part of this project. The file holds a mark (63 bits of a hash of "
        "checksum and size) of every picture used, so that the program can say where figures would be too good.",
        "",
        "**Trainings**, each from the weights of the one before. Their whole recipes are in the file; those with a "
        "name are in `fashion_search/training/recipes/`. What each part of `studio` brings is in "
        "[training-ablation.md](training-ablation.md).",
        "",
        *steps(account.trainings),
        "",
        f"**Validation** (leave-one-out among the validation pictures), epoch {best['epoch']:g}: Precision@5 "
        f"{best['precision']:.4f}, Hit@5 {best['hit']:.4f}{photos}. These groups are larger than the evaluated "
        "ones, so the figures are higher than those below and do not compare with them.",
        "",
        f"**Made with** {versions}.",
        "",
    ]


def scores(store: Store) -> list[str]:
    """Both protocols, comparisons, mismatches and lenient scores."""
    evaluation = Evaluation.of(store, METHODS, k=K)
    titles = evaluation.titles
    seen = ", ".join(f"{titles[name]} {seen_items(store.catalog, name):,}" for name in titles if ENCODERS[name].seen)
    lines = [
        "## Figures",
        "",
        f"“{store.manifest.title}”: {store.manifest.n_groups:,} style groups, {store.manifest.n_items:,} images, of "
        f"which methods were trained on: {seen}. Leave-one-out, {evaluation.queries.n_queries:,} queries, mean per "
        "query; in brackets the 95 % interval over style groups. One query per group: mean ± deviation of "
        f"{SEEDS} splits. Weights of ResNet-18: {store.methods['resnet18'].weights_label}.",
        "",
        "| method | Precision@5 | Recall@5 | Hit@5 | one per group: Precision@5 | Recall@5 | Hit@5 |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, title in titles.items():
        figures, spread = evaluation.figures_of(name), evaluation.spread(name)
        cells = [rounded(figures[measure].macro) for measure in PAPERS]
        cells += [
            f"{number(spread.mean(measure, K), 4)} ± {number(spread.deviation(measure, K), 4)}" for measure in PAPERS
        ]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    compared = evaluation.compared("precision")
    lines += ["", *(f"- {sentence(one, titles, f'Precision@{K}')}" for one in compared), ""]
    return lines + robust(store, titles) + mistakes(evaluation)


def robust(store: Store, titles: dict[str, str]) -> list[str]:
    """What methods are worth for altered queries, measured here where it was not before."""
    for method, reason in robustness.measure(store, list(titles)).items():
        raise StoreError(f"{titles[method]}: {reason}")
    found = robustness.find_all(store, titles)
    n_queries = len(next(iter(found.values())).queries)
    lines = {name: robustness.lines(one, store.catalog, "precision", K) for name, one in found.items()}
    what = "; ".join(f"*{one.title.lower()}*: {one.summary}" for one in ALTERATIONS)
    table = [
        f"**Outside the studio**: Precision@{K} of {n_queries:,} altered queries against the catalog as it is, "
        f"leave-one-out, and the share of the first line that is kept. {what[0].upper()}{what[1:]}.",
        "",
        f"| | {' | '.join(titles.values())} |",
        f"|---|{'---|' * len(titles)}",
    ]
    for alteration, title in robustness.TITLES.items():
        cells = [of_name[alteration].text(alteration) for of_name in lines.values()]
        table.append(f"| {title.lower()} | {' | '.join(cells)} |")
    return [*table, ""]


def mistakes(evaluation: Evaluation) -> list[str]:
    """Why results are wrong, and what forgiving scores say, one column per method."""
    catalog, titles = evaluation.store.catalog, evaluation.titles
    head = [f"| | {' | '.join(titles.values())} |", f"|---|{'---|' * len(titles)}"]
    shares = [evaluation.mismatches(name) for name in titles]
    rows = [("right", [of_method.get(0, 0.0) for of_method in shares])]
    rows += [
        (
            f"wrong in {kind.label.lower()} alone" if len(kind.columns) == 1 else f"wrong in {kind.label.lower()}",
            [of_method.get(kind.code, 0.0) for of_method in shares],
        )
        for kind in kinds(catalog.columns)
    ]
    lines = ["**The first five results**, shares.", "", *head]
    lines += [f"| {label} | {' | '.join(number(value) for value in values)} |" for label, values in rows]
    lines += ["", "**Lenient scores**: Precision@5 / Hit@5 if more than the style group counts as right.", "", *head]
    for lenience in leniences(catalog, read_shades()):
        cells = [
            f"{number(float(lenient_precision(lenience, rankings, K).mean()))} / "
            f"{number(float(lenient_hit(lenience, rankings, K).mean()))}"
            for rankings in evaluation.rankings.values()
        ]
        lines.append(f"| {lenience.label} | {' | '.join(cells)} |")
    return [*lines, ""]


LIMITS = [
    "## What it cannot do",
    "",
    "- It learned from one shop's pictures of 60 × 80 px, one product each, mostly on white, and from photos that a "
    "program made of them. Real photos it never saw: the figures for altered queries are those of such made photos. A "
    "small thing in a cluttered room, or one of several, wants a crop.",
    "- It sees no detail smaller than a pixel of its input: prints, logos, fabrics and seams hardly count. Larger "
    "pictures are made as small first.",
    "- Its idea of a colour is that of the labels, which people gave and which are often doubtful (black, charcoal "
    "and navy blue; brown, tan and khaki). Its idea of a usage is mostly “Casual”.",
    "- Types that the data set has few of, or none, it knows little of. Types, and what labels say of "
    "gender and usage, are those of one shop of about 2012.",
    "- It tells nothing about brands, sizes, prices or persons, and must not be used to.",
    "",
]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the card; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.model_card", description="Write the encoder's model card.")
    parser.add_argument("catalog", help="a built catalog of the paper's data")
    parser.add_argument("--card", type=Path, default=CARD)
    options = parser.parse_args(arguments)
    try:
        store = open_store(options.catalog)
        command = ["```sh", f"python -m tools.model_card {store.name}", "```", ""]
        text = "\n".join([*about(), *scores(store), *LIMITS, *command])
    except FashionSearchError as error:
        print(f"model_card: {error}", file=sys.stderr)
        return 1
    options.card.write_text(text, "utf-8")
    print(options.card)
    return 0


if __name__ == "__main__":
    sys.exit(main())
