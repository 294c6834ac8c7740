"""The model card of the shipped encoder, written from the demo catalog and its libraries."""

import re
from pathlib import Path

import numpy as np
import pytest

from fashion_search.encoders import ENCODERS
from fashion_search.store import open_store
from tools.model_card import main, run_sentence


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
    assert columns == [ENCODERS[name].title for name in ENCODERS.built_in]
    labels = np.array([item.labels for item in store.catalog.items])  # type, colour, usage
    for method in ("resnet18", "fashion", "fashion-colour"):
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
    assert "Fashion 0, Fashion and colour 0" in card  # the demo's pictures were not among the training's
    assert f"give {ENCODERS['fashion'].dim} numbers" in card


@pytest.mark.parametrize(("emphasis", "said"), [({"base_colour": 0.5}, "1.5 × as long"), ({}, "100 images/s.")])
def test_longer_vectors_are_said_by_how_much(emphasis: dict[str, float], said: str) -> None:
    recipe = {
        "name": "mine",
        "network": {"width": 60, "height": 80, "emphasis": emphasis},
        "optimisation": {"epochs": 3},
    }
    run = {"recipe": recipe, "seed": 1, "device": "cpu", "precision": "float", "seconds": 120, "rate": 99.6}
    assert run_sentence(run).split(" as they were")[0].endswith(said)


def test_a_catalog_that_is_not_built_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nowhere", "--card", str(tmp_path / "card.md")]) == 1
    assert capsys.readouterr().err.startswith("model_card: ")
    assert not (tmp_path / "card.md").exists()
