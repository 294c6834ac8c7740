"""Choose the weight of the colours in ``fusion``: ``python -m tools.fusion_weight CATALOG``.

The catalog is of style groups that are too large for an evaluation, so that no weight is chosen on the items
that it is then evaluated on. What was measured is written to ``docs/fusion-weight.md``; the choice goes by hand into
``fashion_search.encoders.fusion.WEIGHT``, and a test holds the two together.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog.request import Request
from fashion_search.encoders.fusion import RESNET18_COLOUR, fuse
from fashion_search.errors import FashionSearchError
from fashion_search.library import Library
from fashion_search.store import Store, open_store

REPORT = Path(__file__).resolve().parents[1] / "docs/fusion-weight.md"
WEIGHTS = tuple(step / 10 for step in range(16))  # 0 … 1.5
LARGEST = 20  # images; the paper's style groups have 4 to 20
K = 5
EQUAL = 0.001  # Precision@5; what differs by no more counts as equal


@dataclass(frozen=True)
class Line:
    """Leave-one-out figures at one weight, rounded to the four digits that are written down."""

    weight: float
    precision: float
    recall: float
    hit: float


def measure(network: Library, histograms: NDArray[np.float32], weight: float) -> Line:
    """Precision, recall and hit rate at 5, each item a query once and all others the gallery.

    Items without another of their group are no queries.
    """
    library = Library(network.catalog, network.fingerprint, fuse(network.vectors, histograms, weight))
    group_of = network.catalog.group_of
    rows = np.flatnonzero(np.bincount(group_of)[group_of] > 1)
    found = library.search(rows, K, np.ones(len(group_of), dtype=bool)).rows  # (q, 5)
    n_right = (group_of[found] == group_of[rows, None]).sum(axis=1)
    n_relevant = np.bincount(group_of)[group_of[rows]] - 1
    figures = (n_right / K, n_right / n_relevant, n_right > 0)
    precision, recall, hit = (round(float(np.mean(values)), 4) for values in figures)
    return Line(weight, precision, recall, hit)


def choose(lines: Sequence[Line]) -> float:
    """The smallest weight whose Precision@5 is the best, up to ``EQUAL``: the least that is added to the network."""
    best = max(line.precision for line in lines)
    return min(line.weight for line in lines if round(best - line.precision, 4) <= EQUAL)


def refuse_evaluated_groups(store: Store) -> None:
    """Refuse a catalog that has style groups which an evaluation uses.

    Raises:
        FashionSearchError: it has.
    """
    smallest = min(len(group.rows) for group in store.catalog.groups)
    if smallest <= LARGEST:
        raise FashionSearchError(
            f"“{store.manifest.title}” has style groups of {smallest} images; those of up to {LARGEST} are what "
            f"methods are evaluated on. Build a catalog of larger ones: --smallest {LARGEST + 1} --largest 60."
        )


def table(lines: Sequence[Line]) -> list[str]:
    """The lines as a Markdown table, the chosen one marked."""
    chosen = choose(lines)
    return [
        "| weight | Precision@5 | Recall@5 | Hit@5 |",
        "|---|---|---|---|",
        *(
            f"| {line.weight:.1f}{' (chosen)' if line.weight == chosen else ''} | {line.precision:.4f} | "
            f"{line.recall:.4f} | {line.hit:.4f} |"
            for line in lines
        ),
    ]


def report(store: Store, lines: Sequence[Line]) -> str:
    """What was measured and chosen, as Markdown."""
    manifest = store.manifest
    built = Request(Path(manifest.source_path).name, store.name, (RESNET18_COLOUR.name,), manifest.options)
    sizes = [len(group.rows) for group in store.catalog.groups]
    chosen = choose(lines)
    return "\n".join(
        [
            "# The weight of the colours in `fusion`",
            "",
            "Written by `tools/fusion_weight.py`; do not edit.",
            "",
            f"**Data.** `{Path(manifest.source_path).name}`, style groups of {min(sizes)} to {max(sizes)} images: "
            f"{len(sizes):,} groups, {sum(sizes):,} images.",
            f"Methods are evaluated on groups of up to {LARGEST} images, so on none of these.",
            "",
            f"**Weights of ResNet-18.** {store.methods[RESNET18_COLOUR.parts[0]].weights_label}.",
            "",
            "**Commands.**",
            "",
            "```sh",
            built.command,
            f"python -m tools.fusion_weight {store.name}",
            "```",
            "",
            f"**Figures.** Leave-one-out over all {sum(sizes):,} items; recall counts all relevant items, so it is "
            f"{K / (max(sizes) - 1):.2f} to {K / (min(sizes) - 1):.2f} at most.",
            "",
            *table(lines),
            "",
            f"**Chosen weight: {chosen}.** Of the weights whose Precision@5 is within {EQUAL} of the best, the "
            "smallest: it adds least to the network.",
            "",
        ]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every weight and write the report; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.fusion_weight", description="Choose the weight of fusion.")
    parser.add_argument("catalog", help=f"a built catalog of style groups of more than {LARGEST} images")
    parser.add_argument("--report", type=Path, default=REPORT, help="where to write (default: docs/fusion-weight.md)")
    options = parser.parse_args(arguments)
    try:
        store = open_store(options.catalog)
        refuse_evaluated_groups(store)
        network, histograms = (store.library(part) for part in RESNET18_COLOUR.parts)
        lines = []
        for weight in WEIGHTS:
            lines.append(measure(network, histograms.vectors, weight))
            print(lines[-1])
    except FashionSearchError as error:
        print(f"fusion_weight: {error}", file=sys.stderr)
        return 1
    options.report.parent.mkdir(exist_ok=True)
    options.report.write_text(report(store, lines), "utf-8")
    print(f"Chosen: {choose(lines)}; written to {options.report}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
