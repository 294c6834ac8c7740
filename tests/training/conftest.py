"""Fixtures of the training tests: a shop that can be learned, its catalog, and runs of some seconds at most."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fashion_search.catalog.sources import open_source
from fashion_search.store import Store, open_store
from fashion_search.training import loop
from fashion_search.training import train as training
from fashion_search.training.data import Data, read_data
from fashion_search.training.loop import Trainer
from fashion_search.training.plan import Plan
from fashion_search.training.recipe import Recipe
from fashion_search.training.record import runs_folder
from tests import samples
from tests.builds import build

TINY: dict[str, Any] = {
    "name": "tiny",
    "title": "Tiny",
    "summary": "Compares little.",
    "network": {
        "backbone": "compact",
        "height": 16,
        "width": 16,
        "widths": [4, 8],
        "blocks": 1,
        "dimensions": 8,
    },
    "classification": {"attributes": {"article_type": 1.0, "base_colour": 1.0}},
    "optimisation": {"epochs": 2, "batch": 16, "rate": 0.01},
}
"""A recipe whose epoch takes a tenth of a second."""

EVERYTHING = {
    "classification.relaxation": "true",
    "classification.smoothing": "0.1",
    "classification.shades": "0.1",
    "classification.adjustment": "0.5",
    "classification.words": "0.5",
    "network.every_stage": "true",
    "network.mirror": "true",
    "similarity": '{loss = "contrastive", same = "group"}',
    "augmentation": "{flip = 0.5, shift = 0.1, scale = 0.1, rotation = 10.0, erase = 0.5, photo = 0.5, grow = 0.7}",
    "optimisation.average": "0.9",
    "optimisation.together": "2",
    "optimisation.balance": "0.5",
    "optimisation.small_until": "0.5",
    "optimisation.epochs": "3",
}
"""Settings under which a run draws on all that is random and keeps all that can be kept."""


@pytest.fixture
def tiny() -> Recipe:
    return Recipe.from_json(TINY)


@pytest.fixture
def everything(tiny: Recipe) -> Recipe:
    return tiny.with_settings(EVERYTHING)


@pytest.fixture(autouse=True)
def threads(torch_threads: None) -> None:
    """Every test here may train."""


@pytest.fixture
def training_shop(tmp_path: Path) -> Path:
    """83 pictures: 15 in evaluated style groups, 68 that may be trained on."""
    return samples.write_folder(tmp_path / "shop", samples.training_files())


@pytest.fixture
def store(training_shop: Path) -> Store:
    """The catalog of that shop."""
    return Store(build(training_shop, methods=["histogram"]).folder)


@pytest.fixture
def plan(store: Store, tiny: Recipe) -> Plan:
    """A run on that catalog."""
    return Plan("shop", tiny, "mine", threads=1, precision="full", final=False)


@pytest.fixture
def data(store: Store, tiny: Recipe) -> Data:
    """A division of the shop with a third of the pictures for validation."""
    source = open_source(store.manifest.source_path)
    return read_data(source, store.catalog, tiny.network.architecture, share=0.3, cut_out=True)


MakeTrainer = Callable[..., Trainer]


@pytest.fixture
def trainer(data: Data, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> MakeTrainer:
    """Makes a run of a recipe ready; its folder has the given name. Losses are logged every three steps."""
    monkeypatch.setattr(loop, "_LOG_EVERY", 3)

    def make(recipe: Recipe, name: str = "mine", seed: int = 0, data: Data = data, **options: Any) -> Trainer:
        planned = Plan(plan.catalog, recipe, name, seed=seed, threads=1, precision="full")
        folder = runs_folder() / name
        folder.mkdir(parents=True, exist_ok=True)
        return Trainer(training.begin(planned, open_store(plan.catalog), data.division), data, folder, **options)

    return make
