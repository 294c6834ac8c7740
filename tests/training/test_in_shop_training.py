"""The comparison on the drawn copy of In-Shop: what it builds, trains, takes as it is, and writes down."""

import argparse
import functools
import re
from pathlib import Path

import numpy as np
import pytest

from fashion_search.catalog import Protocol
from fashion_search.encoders import encoder_spec
from fashion_search.encoders.convolutional import ConvolutionalEncoder
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.images import open_image
from fashion_search.store import open_store
from fashion_search.training import train as training
from fashion_search.training.data import read_data
from fashion_search.training.recipe import Recipe
from fashion_search.training.record import read_run, runs_folder
from tests.catalog.layouts import IN_SHOP_COLUMNS, PARTITION, picture, published
from tests.samples import write_folder
from tests.training.conftest import TINY
from tools import in_shop_training

pytestmark = pytest.mark.training
CLASSES = {"classification": {"attributes": {"article_type": 1.0}, "relaxation": True}}
RECIPES = {
    "oc": TINY | CLASSES,
    "oc-is": TINY | CLASSES | {"similarity": {"loss": "triplet", "same": "instance"}},
}


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twelve products to train on and four to search, three pictures each, of two categories; recipes of a moment."""
    monkeypatch.setattr(training, "read_data", functools.partial(read_data, share=0.3))
    monkeypatch.setattr(in_shop_training, "open_recipe", lambda name: Recipe.from_json(RECIPES[name] | {"name": name}))
    monkeypatch.setattr(in_shop_training, "BASELINE", "histogram")
    lines = []
    for product in range(16):
        for view, status in enumerate(("query", "gallery", "gallery")):
            name = f"img/WOMEN/{('Dresses', 'Skirts')[product % 2]}/id_{product:08d}/0{view}.jpg"
            lines.append(f"{name} id_{product:08d} {'train' if product < 12 else status}")
    files = {PARTITION: published(IN_SHOP_COLUMNS, lines)}
    files |= {line.split()[0]: picture(seed) for seed, line in enumerate(lines)}
    return write_folder(tmp_path / "copy", files)


def compare(copy: Path, report: Path, *options: str) -> int:
    words = ["--lengths", "compact:1:2", "--size", "16", "--batch", "8", "--report", str(report)]
    return in_shop_training.main([str(copy), *words, *options])


def test_both_recipes_are_trained_and_compared_on_the_queries(copy: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    assert compare(copy, report) == 0
    text = report.read_text("utf-8")
    assert str(tmp_path) not in text
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| `")]
    assert [row[0] for row in rows[:3]] == ["| `histogram`, not trained further, at 224 × 224", "| `oc`", "| `oc-is`"]
    methods = ["in-shop-oc-0", "in-shop-oc-1"]
    evaluation = Evaluation.of(open_store("in-shop"), methods, Protocol.of_queries("in-shop"))
    assert evaluation.queries.n_queries == 4
    assert len(evaluation.queries.sizes) == 4
    for column, k in ((1, 1), (2, 5)):
        shares = [evaluation.accuracy_of(method)[k].share.value for method in methods]
        assert float(re.split(r"[ \[]", rows[1][column])[0]) == pytest.approx(np.mean(shares), abs=0.001)
    run = read_run(runs_folder() / "in-shop-oc-is-1")
    assert (run.seed, run.looks, run.data["validated_by"]) == (1, False, "product")
    assert run.final == {}


def test_a_run_of_another_backbone_has_a_name_of_its_own() -> None:
    options = argparse.Namespace(size=80, batch=24, threads=1)
    lengths = [in_shop_training.length(text) for text in ("resnet50:5:1", "resnet18:9:1")]
    plans = [in_shop_training.plan_of("oc", of, 1, options) for of in lengths]
    assert [plan.name for plan in plans] == ["in-shop-oc-1", "in-shop-oc-resnet18-1"]
    assert [(plan.recipe.network.backbone, plan.recipe.optimisation.epochs) for plan in plans] == [
        ("resnet50", 5),
        ("resnet18", 9),
    ]
    assert [plan.seed for plan in plans] == [1, 1]


def test_the_path_names_categories_as_the_encoder_does(copy: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    assert compare(copy, report, "--lengths", "compact:1:1") == 0
    store = Evaluation.of(open_store("in-shop"), ["in-shop-oc-0"], Protocol.of_queries("in-shop")).store
    encoder = encoder_spec("in-shop-oc-0").load()
    assert isinstance(encoder, ConvolutionalEncoder)
    right = []
    for row in range(store.catalog.n_items, len(store.catalog.items)):
        item = store.catalog.items[row]
        classes = encoder.classify([open_image((copy / item.image).read_bytes())])["category"]
        right.append(classes.values[int(classes.probabilities.argmax())] == item.labels[0])
    row = next(line.split(" | ") for line in report.read_text("utf-8").splitlines() if "| `oc` | its path" in line)
    assert float(row[2]) == pytest.approx(np.mean(right), abs=0.001)


def test_runs_that_are_done_are_taken_as_they_are(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.md"
    assert compare(copy, report) == 0
    before = report.read_text("utf-8")
    monkeypatch.setattr("tools.learned.train", lambda plan: pytest.fail("it is trained again"))
    assert compare(copy, report) == 0
    assert report.read_text("utf-8") == before
    assert compare(copy, report, "--lengths", "compact:2:2") == 1
    assert "is of another recipe, seed or limit" in capsys.readouterr().err
