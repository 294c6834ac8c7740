"""The encoder that is shipped: its file, its size, and what it saw."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fashion_search.encoders import DEFAULT_METHODS, ENCODERS, IS_FASHION, PRESELECTED
from fashion_search.encoders.convolutional import ConvolutionalEncoder
from fashion_search.encoders.fashion import FASHION
from fashion_search.encoders.trained import SHIPPED, read_account
from fashion_search.training.recipe import open_recipe, read_record
from tests import samples
from tools.ship_encoder import MOST_BYTES, follows

ROOT = Path(__file__).resolve().parents[2]


def test_it_is_preselected_beside_the_papers_two() -> None:
    assert DEFAULT_METHODS == ("histogram", "resnet18", "fashion")
    assert set(PRESELECTED) == set(DEFAULT_METHODS)
    assert ENCODERS["fashion"] is FASHION


def test_the_file_is_small_and_its_vectors_too() -> None:
    assert SHIPPED.stat().st_size <= MOST_BYTES == 12_000_000
    assert FASHION.dim == read_account(SHIPPED).dimensions <= 256


def test_it_was_trained_from_random_weights_by_the_recipe_of_its_name() -> None:
    account = read_account(SHIPPED)
    recipe = read_record(account.training["recipe"])
    assert account.name == recipe.name == "fashion"
    assert follows(recipe, open_recipe("fashion"))
    assert account.architecture == open_recipe("fashion").network.architecture
    for training in account.trainings:  # from the first one on
        assert not training["recipe"]["network"]["pretrained"]
        assert training["data"]["evaluated"] == {"groups": 697, "pictures": 6217}
    assert not account.trainings[0]["recipe"]["network"].get("start")


def test_its_vectors_tell_type_colour_usage_and_whether_it_is_fashion() -> None:
    assert FASHION.heads is not None
    heads = FASHION.heads()
    assert list(heads) == ["article_type", "base_colour", "usage", IS_FASHION]
    assert {"Tshirts", "Watches"} <= set(heads["article_type"].values)
    picture = Image.new("RGB", (60, 80), "white")
    picture.paste((190, 20, 40), (10, 20, 50, 70))
    head = heads["base_colour"]
    logits = FASHION.load().encode([picture])[0] @ head.weight.T + head.bias
    assert head.values[int(logits.argmax())] in ("Red", "Maroon")


def test_nothing_in_it_names_the_machine_it_was_made_on() -> None:
    text = json.dumps(read_account(SHIPPED).training)
    assert not re.search(r"/(home|root|tmp|work|Users)/", text)


def test_it_encodes_without_weights_of_others_and_without_a_network(no_network: None) -> None:
    encoder = FASHION.load()
    vectors = encoder.encode([samples.noise(1, (60, 80)), samples.noise(2, (600, 800))])
    assert vectors.shape == (2, 256)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_it_tells_colours_and_forms_apart() -> None:
    """A red square is closer to a red square elsewhere than to a blue one."""
    encoder = FASHION.load()

    def square(colour: str, left: int) -> Image.Image:
        picture = Image.new("RGB", (60, 80), "white")
        picture.paste(Image.new("RGB", (28, 36), colour), (left, 22))
        return picture

    red, moved, blue = encoder.encode([square("#c02030", 14), square("#c02030", 18), square("#2040b0", 14)])
    assert red @ moved > red @ blue


def test_pages_learn_of_it_without_torch() -> None:
    code = (
        "import sys; from fashion_search.encoders import ENCODERS; spec = ENCODERS['fashion']; spec.fingerprint();"
        "spec.seen(); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_a_missing_file_is_an_error_with_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from fashion_search.encoders import trained
    from fashion_search.errors import WeightsError

    monkeypatch.setattr(trained, "SHIPPED", tmp_path / "fashion.safetensors")
    for ask in (FASHION.fingerprint, FASHION.load, FASHION.seen):
        assert ask is not None
        with pytest.raises(WeightsError, match=r"fashion\.safetensors"):
            ask()


def test_its_explanation_adds_up() -> None:
    encoder = FASHION.load()
    assert isinstance(encoder, ConvolutionalEncoder)
    first, second = samples.noise(1, (60, 80)), samples.noise(2, (60, 80))
    assert FASHION.explain is not None
    match = FASHION.explain(encoder, first, second)
    vectors = encoder.encode([first, second])
    assert match.score == pytest.approx(float(vectors[0] @ vectors[1]), abs=1e-5)
    for part in (match.query, match.result):  # type: ignore[union-attr]
        assert part.sum() == pytest.approx(match.score, abs=1e-5)
