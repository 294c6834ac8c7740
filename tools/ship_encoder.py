"""Make a finished run the encoder that comes with the program: ``python -m tools.ship_encoder RUN``.

It writes ``assets/fashion.safetensors`` and ``docs/fashion-weight.md``, the choice of the weight of the colours in
``fashion-colour`` on the run's validation pictures; the choice goes by hand into ``fashion_search.encoders.fashion``,
and a test holds the two together. ``tools.model_card`` then writes what the encoder scores.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.encoders import Encoder, trained
from fashion_search.encoders.fashion import FASHION
from fashion_search.encoders.histogram import HistogramEncoder
from fashion_search.errors import FashionSearchError, TrainingError
from fashion_search.library import Library
from fashion_search.store import open_store
from fashion_search.training.data import Data
from fashion_search.training.recipe import open_recipe
from fashion_search.training.run import Run, read_run, runs_folder
from fashion_search.training.runner import FULL, Plan, read_plan_data
from tools.fusion_weight import WEIGHTS, Line, choose, measure, table

REPORT = Path(__file__).resolve().parents[1] / "docs/fashion-weight.md"
MOST_BYTES = 12_000_000
_ENCODE = 256  # pictures at once


def finished_run(name: str) -> Run:
    """A run by its name.

    Raises:
        TrainingError: there is none, or it is not done.
    """
    run = read_run(runs_folder() / name)
    if run.state != "done":
        raise TrainingError(f"The run “{run.name}” is not done, but {run.state}.")
    return run


def encoder_of(run: Run) -> tuple[Path, trained.Account]:
    """A finished run's encoder if it may be shipped, and what its shipped file says of itself.

    Raises:
        TrainingError: the run is not by its recipe, or its encoder is too large.
    """
    recipe = open_recipe(run.recipe.name)
    if not recipe.trains_like(run.recipe) or recipe.network.emphasis != run.recipe.network.emphasis:
        raise TrainingError(f"The run “{run.name}” was not trained by the recipe {run.recipe.name!r} as it is now.")
    path = trained.methods_folder() / f"{run.name}{trained.SUFFIX}"
    account = trained.read_account(path)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise TrainingError(f"The encoder has {size / 1e6:.1f} MB; at most {MOST_BYTES / 1e6:.0f} are shipped.")
    return path, replace(
        account,
        name=FASHION.name,
        title=FASHION.title,
        summary=FASHION.summary,
        architecture=recipe.network.architecture,  # a run of another mirror trains alike
    )


def read_validation(run: Run) -> Data:
    """The pictures of a run, of which the last are its validation's.

    Raises:
        TrainingError: its catalog is no longer what it was trained on.
    """
    plan = Plan(run.catalog, run.recipe, run.name, run.seed, run.limit, FULL)
    data = read_plan_data(plan, open_store(run.catalog))
    if data.division.fingerprint != run.data["fingerprint"]:
        raise TrainingError(f"The catalog “{run.catalog}” is no longer what the run “{run.name}” was trained on.")
    return data


def encode(encoder: Encoder, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Unit vectors (n, dim) of pictures (n, h, w, 3)."""
    batches = (pixels[start : start + _ENCODE] for start in range(0, len(pixels), _ENCODE))
    return np.concatenate([encoder.encode([Image.fromarray(one) for one in batch]) for batch in batches])


def measure_weights(run: Run, path: Path) -> list[Line]:
    """Figures over a run's validation pictures for each weight of the colours beside the encoder in ``path``."""
    data, encoder = read_validation(run), trained.load(path)
    pixels = data.pixels[data.n_training :]
    library = Library(data.validation_catalog(), encoder.fingerprint, encode(encoder, pixels))
    histograms = encode(HistogramEncoder(), pixels)
    return [measure(library, histograms, weight) for weight in WEIGHTS]


def report(run: Run, lines: Sequence[Line]) -> str:
    """What was measured and chosen, as Markdown."""
    return "\n".join(
        [
            "# The weight of the colours in `fashion-colour`",
            "",
            "Written by `tools/ship_encoder.py`; do not edit.",
            "",
            f"**Data.** The {run.data['validation']:,} validation pictures of the run, in "
            f"{run.data['validation_groups']:,} style groups: neither trained on nor evaluated, though the encoder was "
            "chosen among its epochs by them. Leave-one-out.",
            "",
            *table(lines),
            "",
            f"**Chosen weight: {choose(lines)}.** By the rule of [fusion-weight.md](fusion-weight.md).",
            "",
        ]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Ship a run's encoder; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.ship_encoder", description="Ship a run's encoder.")
    parser.add_argument("run", help="a finished run")
    parser.add_argument("--report", type=Path, default=REPORT)
    options = parser.parse_args(arguments)
    try:
        run = finished_run(options.run)
        path, account = encoder_of(run)
        with tempfile.TemporaryDirectory() as folder:  # what is measured is what is shipped, and nothing before
            candidate = Path(folder) / trained.SHIPPED.name
            trained.rename(path, candidate, account)
            lines = measure_weights(run, candidate)
        trained.rename(path, trained.SHIPPED, account)
    except FashionSearchError as error:
        print(f"ship_encoder: {error}", file=sys.stderr)
        return 1
    options.report.write_text(report(run, lines), "utf-8")
    size = trained.SHIPPED.stat().st_size
    print(f"{trained.SHIPPED} ({size / 1e6:.1f} MB); chosen weight: {choose(lines)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
