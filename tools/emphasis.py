"""Choose how far colours stand apart in the shipped encoder: ``python -m tools.emphasis RUN``.

It measures a finished run's encoder under several amounts of ``network.emphasis`` on the run's validation pictures and
writes ``docs/fashion-emphasis.md``. The choice goes by hand into the recipe; the same ``train`` command then writes the
run's encoder anew, and ``tools.ship_encoder`` ships it.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog import Catalog, Protocol, draw_split
from fashion_search.encoders import ENCODERS, Encoder, Fingerprint, trained
from fashion_search.encoders.fashion import FASHION, FASHION_COLOUR, WEIGHT
from fashion_search.encoders.fusion import fuse
from fashion_search.errors import FashionSearchError, TrainingError
from fashion_search.evaluation.rankings import rank
from fashion_search.library import Library
from fashion_search.training.data import Data
from fashion_search.training.figures import RANK, figures
from fashion_search.training.run import Row, Run, runs_folder
from tools.ship_encoder import encode, finished_run, read_validation

if TYPE_CHECKING:
    from fashion_search.training.loop import Trainer

REPORT = Path(__file__).resolve().parents[1] / "docs/fashion-emphasis.md"
COLUMN = "base_colour"
AMOUNTS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0, 1.1, 1.2)
REFERENCE = "resnet18"
MOST = 0.625
"""Of ResNet-18's share of results wrong in colour alone: a third fewer are wanted on the evaluated groups, where the
encoder before this choice had 1.04 times its ratio here; the rest is room."""
CUT = 12  # pictures that are left of a validation group; evaluated groups have 4 to 20, and 9 on average
DRAWS = 16  # of what is left


@dataclass(frozen=True)
class Line:
    """Figures at one amount: of the network's vectors, and with the colours beside them."""

    amount: float
    alone: Row
    coloured: Row


def draws(catalog: Catalog) -> list[NDArray[np.intp]]:
    """Rows that are left when each style group is cut to ``CUT`` pictures, drawn ``DRAWS`` times."""
    found = []
    for seed in range(DRAWS):
        order = np.random.default_rng(seed).permutation(len(catalog.items))
        kept = [order[catalog.group_of[order] == group][:CUT] for group in range(len(catalog.groups))]
        found.append(np.sort(np.concatenate(kept)))
    return found


def measure(catalog: Catalog, drawn: Sequence[NDArray[np.intp]], vectors: NDArray[np.float32]) -> Row:
    """Leave-one-out figures of unit vectors (n, dim) of the catalog's items, mean over the draws."""
    rows = []
    for left in drawn:
        part = replace(catalog, items=tuple(catalog.items[row] for row in left))
        library = Library(part, Fingerprint("emphasis", ""), vectors[left])
        rows.append(figures(part, rank(library, draw_split(part, Protocol.LEAVE_ONE_OUT), depth=RANK)))
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def restored(run: Run, data: Data) -> "Trainer":
    """A finished run as it was after its last step.

    Raises:
        TrainingError: its checkpoint is gone or damaged, or of other data.
    """
    from fashion_search.training.loop import Trainer

    trainer = Trainer(run, data, runs_folder() / run.name)
    if not trainer.restore():
        raise TrainingError(f"The run “{run.name}” has no checkpoint.")
    return trainer


def emphasised(trainer: "Trainer", account: trained.Account, amount: float) -> Encoder:
    """A run's encoder, as it would be by its recipe with this emphasis."""
    trainer.recipe = trainer.recipe.with_settings({"network.emphasis": f"{{ {COLUMN} = {amount} }}"})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / trained.SHIPPED.name
        trained.write(path, account, trainer.finished_state(), [])
        return trained.load(path)


def choose(lines: Sequence[Line], most: float) -> float:
    """The smallest amount under which at most the share ``most`` is wrong in colour alone, with colours beside it.

    Raises:
        TrainingError: there is none.
    """
    enough = [line.amount for line in lines if line.coloured["colour_alone"] <= most]
    if not enough:
        raise TrainingError(f"Under no emphasis are only {most:.4f} of the results wrong in colour alone.")
    return min(enough)


def report(run: Run, reference: Row, lines: Sequence[Line]) -> str:
    """What was measured and chosen, as Markdown."""
    most = MOST * reference["colour_alone"]
    chosen = choose(lines, most)
    return "\n".join(
        [
            "# How far colours stand apart in `fashion`",
            "",
            "Written by `tools/emphasis.py`; do not edit.",
            "",
            f"**Data.** The {run.data['validation']:,} validation pictures of the run, neither trained on nor "
            f"evaluated, in {run.data['validation_groups']:,} style groups. Of each at most {CUT} pictures, since "
            f"evaluated groups are smaller than these; mean of {DRAWS} draws. Leave-one-out.",
            "",
            "Along the directions by which the run told colours apart its vectors become 1 + emphasis times as long on "
            "average: more along those that told them apart more. "
            f"{FASHION_COLOUR.title} has the colours beside them, with weight {WEIGHT}.",
            "",
            f"| emphasis | {FASHION.title}: Precision@5 | Hit@5 | wrong in colour alone | {FASHION_COLOUR.title}: "
            "Precision@5 | Hit@5 | wrong in colour alone |",
            "|---|---|---|---|---|---|---|",
            *(
                f"| {line.amount:g}{' (chosen)' if line.amount == chosen else ''} | {_cells(line.alone)} | "
                f"{_cells(line.coloured)} |"
                for line in lines
            ),
            f"| *{ENCODERS[REFERENCE].title}* | {_cells(reference)} | | | |",
            "",
            f"**Chosen: {chosen:g}.** The smallest under which {FASHION_COLOUR.title} has at most {MOST} of "
            f"{ENCODERS[REFERENCE].title}'s share of results wrong in colour alone ({most:.4f}): a third fewer are "
            "wanted on the evaluated groups, with a little room.",
            "",
        ]
    )


def _cells(row: Row) -> str:
    return " | ".join(f"{row[name]:.4f}" for name in ("precision", "hit", "colour_alone"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every amount and write the report; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.emphasis", description="Choose the emphasis of colours.")
    parser.add_argument("run", help="a finished run")
    parser.add_argument("--report", type=Path, default=REPORT)
    options = parser.parse_args(arguments)
    try:
        run = finished_run(options.run)
        account = trained.read_account(trained.methods_folder() / f"{run.name}{trained.SUFFIX}")
        data = read_validation(run)
        trainer = restored(run, data)
        catalog, pixels = data.validation_catalog(), data.pixels[data.n_training :]
        drawn = draws(catalog)
        reference = measure(catalog, drawn, encode(ENCODERS[REFERENCE].load(), pixels))
        histograms = encode(ENCODERS["histogram"].load(), pixels)
        lines = []
        for amount in AMOUNTS:
            vectors = encode(emphasised(trainer, account, amount), pixels)
            coloured = measure(catalog, drawn, fuse(vectors, histograms, WEIGHT))
            lines.append(Line(amount, measure(catalog, drawn, vectors), coloured))
            print(f"{amount:g} | {_cells(lines[-1].alone)} | {_cells(coloured)}", flush=True)
        text = report(run, reference, lines)
    except FashionSearchError as error:
        print(f"emphasis: {error}", file=sys.stderr)
        return 1
    options.report.write_text(text, "utf-8")
    print(options.report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
