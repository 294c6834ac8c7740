"""The model card of the shipped encoder, written from the demo catalog and its libraries."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from fashion_search.encoders import ENCODERS
from fashion_search.evaluation import robustness
from fashion_search.store import open_store
from fashion_search.training.recipe import Recipe, open_recipe
from tools.model_card import METHODS, main, steps


@pytest.fixture
def card(tmp_path: Path) -> str:
    path = tmp_path / "card.md"
    assert main(["demo", "--card", str(path)]) == 0
    return path.read_text("utf-8")


def row_of(part: str, label: str) -> list[str]:
    """The cells of a table's row, after its label."""
    [cells] = re.findall(rf"^\| {label} \| (.*) \|$", part, re.MULTILINE)
    return str(cells).split(" | ")


def test_the_figures_are_those_of_the_catalogs_vectors(card: str) -> None:
    store = open_store("demo")
    scores, mistakes = card.split("**The first five results**")
    columns = re.findall(r"^\| \| (.*) \|$", mistakes, re.MULTILINE)[0].split(" | ")
    assert columns == [ENCODERS[name].title for name in METHODS]
    labels = np.array([item.labels for item in store.catalog.items])  # type, colour, usage
    for method in ("resnet18", "fashion"):
        vectors = np.asarray(store.library(method).vectors, np.float64)
        similar = vectors @ vectors.T
        np.fill_diagonal(similar, -np.inf)
        found = labels[np.argsort(-similar, axis=1, kind="stable")[:, :5]] == labels[:, None]  # (n, 5, 3)
        title, column = ENCODERS[method].title, columns.index(ENCODERS[method].title)
        right, alone = found.all(2), found[..., 0] & ~found[..., 1] & found[..., 2]
        precision, _, hit = row_of(scores, title)[:3]
        assert float(precision.split()[0]) == pytest.approx(right.mean(), abs=0.0011)  # equal scores may change places
        assert float(hit.split()[0]) == pytest.approx(right.any(1).mean(), abs=0.0011)
        for label, share in (("right", right.mean()), ("wrong in base colour alone", alone.mean())):
            assert float(row_of(mistakes, label)[column]) == pytest.approx(share, abs=0.0011)
        strict = row_of(mistakes, r"Same style group \(strict\)")[column]
        assert strict == f"{precision.split()[0]} / {hit.split()[0]}"


def test_what_the_encoder_is_made_of_is_what_its_file_says(card: str) -> None:
    assert "`assets/fashion.safetensors`" in card
    assert "trained on: Fashion 0" in card  # the demo's pictures were not among the training's
    assert f"give {ENCODERS['fashion'].dim} numbers" in card


def test_what_is_left_outside_the_studio_is_in_it(card: str) -> None:
    store = open_store("demo")
    part = card.split("**Outside the studio**")[1].split("**The first five results**")[0]
    titles = re.findall(r"^\| \| (.*) \|$", part, re.MULTILINE)[0].split(" | ")
    found = robustness.find(store, "fashion")
    assert found is not None
    place = titles.index("Fashion")
    clean = found.of(robustness.CLEAN, "precision", 5).mean()
    for name, title in robustness.TITLES.items():
        mean = found.of(name, "precision", 5).mean()
        cell = row_of(part, title.lower())[place]
        assert float(cell.split()[0]) == pytest.approx(mean, abs=0.0011)
        if name != robustness.CLEAN:
            assert float(cell.split(" · ")[1].rstrip(" %")) == pytest.approx(100 * mean / clean, abs=0.6)


def test_each_training_is_named_by_what_it_was() -> None:
    def training(recipe: Recipe, **more: Any) -> dict[str, Any]:
        kept = {"seed": 0, "best": {"epoch": 2}, "device": "cpu", "precision": "half", "seconds": 90.0, "rate": 10.0}
        return {"recipe": recipe.to_json(), **kept, **more}

    studio, photo = open_recipe("studio"), open_recipe("photo")
    start = {"method": "mine", "weights": "ab" * 32}
    own = replace(photo.with_settings({"optimisation.epochs": "3"}), name="photo")
    first, second, third = steps(
        [
            training(replace(studio, name="old")),
            training(photo, start=start, teachers=[start]),
            training(own, start={"method": "other", "weights": "cd" * 32}, teachers=[]),
        ]
    )
    assert first.startswith("1. `studio`, seed 0, 60 × 80 px, 24 epochs, the best of them epoch 2; cpu")
    assert "`photo`, seed 0, 84 × 112 px, 75% photos, taught by what step 1 made, 10 epochs" in second
    assert third.startswith("3. a recipe of its own, much as `photo` was")


def test_a_catalog_that_is_not_built_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nowhere", "--card", str(tmp_path / "card.md")]) == 1
    assert capsys.readouterr().err.startswith("model_card: ")
    assert not (tmp_path / "card.md").exists()
