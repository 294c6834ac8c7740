"""``evaluate``: Table 1 of a catalog."""

import argparse
import math
from typing import Any

import numpy as np

from fashion_search.catalog import Protocol, Split, draw_split
from fashion_search.cli.command import (
    Command,
    add_catalog,
    add_methods,
    add_protocol,
    add_verdicts,
    applied_verdicts,
    at_least,
    chosen_methods,
)
from fashion_search.encoders import encoder_spec
from fashion_search.evaluation import saved, seen
from fashion_search.evaluation.measures import MEASURES
from fashion_search.evaluation.rankings import DEPTH, Rankings, rank
from fashion_search.evaluation.scores import PAPER, PAPER_K, SEEDS, figures, grouped, is_papers_data, seed_scores
from fashion_search.evaluation.statistics import compare
from fashion_search.evaluation.verdicts import Applied
from fashion_search.evaluation.words import number, rounded, sentence
from fashion_search.store import Store, open_store

_MOST_K = 1000  # memory grows with queries times k


def _declare(parser: argparse.ArgumentParser) -> None:
    add_catalog(parser)
    add_methods(parser, "all that are built")
    parser.add_argument("-k", type=at_least(1, _MOST_K), default=5, help="rank at which they are taken (default: 5)")
    add_protocol(parser, default=None)
    parser.add_argument(
        "--seeds",
        type=at_least(2),
        metavar="N",
        help=f"one per group: mean and deviation over N splits (such as {SEEDS})",
    )
    add_verdicts(parser)


def _run(options: argparse.Namespace) -> tuple[Any, str]:
    store = open_store(options.catalog)
    methods = chosen_methods(options, store.methods)
    verdicts = applied_verdicts(options, store)
    rows: list[dict[str, Any]] = []
    lines = [f"{store.manifest.title}: {store.manifest.n_groups:,} style groups, {store.manifest.n_items:,} images"]
    if verdicts.digest:
        lines += [
            f"With verdicts: {len(verdicts.pairs):,} accepted pairs, {len(verdicts.removed):,} wrong labels left out"
        ]
    lines += seen.warnings(store.catalog, methods)
    for protocol in [options.protocol] if options.protocol else list(Protocol):
        lines += ["", *_evaluate_one(store, methods, protocol, options, verdicts, rows)]
    manifest = store.manifest
    if options.k == PAPER_K and is_papers_data(manifest.columns, manifest.n_groups, manifest.n_items):
        lines += ["", "The paper's Table 1 (it used the full-size images and torchvision's weights):"]
        for method, values in PAPER.items():
            figures_of = "".join(
                f"{f'{MEASURES[name].label(PAPER_K)} {value:.4f}':<22}" for name, value in values.items()
            )
            lines.append(f"  {encoder_spec(method).title:<16}{figures_of.rstrip()}")
    return {"catalog": store.name, "verdicts": bool(verdicts.digest), "scores": rows}, "\n".join(lines)


def _evaluate_one(
    store: Store,
    methods: list[str],
    protocol: Protocol,
    options: argparse.Namespace,
    verdicts: Applied,
    rows: list[dict[str, Any]],
) -> list[str]:
    """One protocol's table as lines; its figures are added to ``rows``."""
    split = draw_split(store.catalog, protocol, options.seed, verdicts.removed)
    ranked = {method: _rankings(store, method, split, verdicts, options.k) for method in methods}
    any_method = next(iter(ranked.values()))
    queries = grouped(store.catalog, any_method)
    left_out = f", {len(any_method.left_out):,} left out without a relevant item" if len(any_method.left_out) else ""
    gallery = f"{int(any_method.n.max()):,} items in each gallery" if len(any_method.n) else "nothing to judge"
    lines = [f"{split.label}: {len(any_method.queries):,} queries{left_out}, {gallery}"]
    for method, one in ranked.items():
        label = store.library(method).fingerprint.weights_label
        lines.append(f"  {encoder_spec(method).title}, weights: {label}")
        spread = None
        if protocol is Protocol.ONE_PER_GROUP and options.seeds:
            spread = seed_scores(store.library(method), verdicts, range(options.seeds), (options.k,))
        for name, figure in figures(one, queries, options.k).items():
            measure = MEASURES[name].label(options.k)
            line = (
                f"    {measure:<16}{rounded(figure.macro):<22}per relevant item {number(figure.micro)}   "
                f"chance {number(figure.chance, 4)}   ceiling {number(figure.ceiling)}"
            )
            row: dict[str, Any] = {
                "protocol": str(protocol),
                "seed": options.seed if protocol is Protocol.ONE_PER_GROUP else None,
                "method": method,
                "weights": label,
                "measure": name,
                "k": options.k if MEASURES[name].at_k else None,
                "queries": len(one.queries),
                "left_out": len(one.left_out),
                "value": _plain(figure.macro.value),
                "low": _plain(figure.macro.low),
                "high": _plain(figure.macro.high),
                "micro": _plain(figure.micro),
                "chance": _plain(figure.chance),
                "ceiling": _plain(figure.ceiling),
            }
            if spread is not None:
                mean, deviation = spread.mean(name, options.k), spread.deviation(name, options.k)
                line += f"   {spread.seeds} splits {number(mean, 4)} ± {number(deviation, 4)}"
                row |= {"splits": spread.seeds, "mean": _plain(mean), "deviation": _plain(deviation)}
            rows.append(row)
            lines.append(line)
    if len(any_method.first):
        medians = (f"{encoder_spec(method).title} {np.median(one.first):,.0f}" for method, one in ranked.items())
        lines.append(f"  Rank of the first correct result, median: {', '.join(medians)}")
    titles = {method: encoder_spec(method).title for method in methods}
    values = {method: MEASURES["precision"].of(one, options.k) for method, one in ranked.items()}
    label = MEASURES["precision"].label(options.k)
    lines += [f"  {sentence(comparison, titles, label)}" for comparison in compare(values, queries)]
    return lines


def _rankings(store: Store, method: str, split: Split, verdicts: Applied, k: int) -> Rankings:
    """Stored, as the pages use them; deeper ones are made for this once."""
    library = store.library(method)
    return (
        saved.rankings(saved.folder_of(store.name), library, split, verdicts)
        if k <= DEPTH
        else rank(library, split, verdicts, k)
    )


def _plain(value: float) -> float | None:
    """For JSON, which has no NaN."""
    return None if math.isnan(value) else round(value, 6)


EVALUATE = Command(
    "evaluate",
    "Print Table 1 for a catalog: every measure at k with its interval, chance and ceiling.",
    "evaluate --catalog demo",
    _run,
    _declare,
)
