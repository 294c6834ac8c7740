"""The tool that learns the codebooks of local features, and that the shipped ones are what it says."""

from pathlib import Path

import numpy as np
import pytest

from fashion_search.encoders.local import FEATURES, WORDS, Features, codebook_of
from tools import fit_codebooks
from tools.fit_codebooks import intra_normalised, learn, square_roots, write

DESCRIPTORS = np.random.default_rng(0).normal(size=(500, 80)).astype(np.float32) * np.linspace(
    3, 0.1, 80, dtype=np.float32
)


def test_the_same_descriptors_give_the_same_codebook() -> None:
    first, again, other = (learn(DESCRIPTORS, 8, seed) for seed in (1, 1, 2))
    for part in ("mean", "projection", "words"):
        np.testing.assert_array_equal(getattr(first, part), getattr(again, part))
    assert not np.array_equal(first.words, other.words)
    assert first.words.shape == (8, 64)
    np.testing.assert_allclose(first.projection.T @ first.projection, np.eye(64), atol=5e-3)
    reduced = first.reduced(DESCRIPTORS)
    assert abs(reduced.mean()) < 0.01
    assert reduced[:, 0].var() > 5 * reduced[:, -1].var()


def test_normalisations_are_their_formulas() -> None:
    sums = np.array([[[3.0, -4.0], [0.0, 0.0]]])
    np.testing.assert_allclose(intra_normalised(sums), [[[0.6, -0.8], [0, 0]]])
    np.testing.assert_allclose(square_roots(sums), [[[3**0.5, -2], [0, 0]]])


def test_what_is_written_is_read_and_is_the_same_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = {"b": np.arange(6, dtype=np.float16).reshape(2, 3), "a": np.ones(2, np.float16)}
    contents: list[bytes] = []
    for name in ("one.npz", "two.npz"):
        monkeypatch.setattr(fit_codebooks, "CODEBOOKS", tmp_path / name)
        write(arrays)
        contents.append((tmp_path / name).read_bytes())
    assert contents[0] == contents[1]
    with np.load(tmp_path / "one.npz") as file:
        assert sorted(file.files) == ["a", "b"]
        np.testing.assert_array_equal(file["b"], arrays["b"])


@pytest.mark.parametrize("features", FEATURES, ids=lambda features: features.name)
def test_the_shipped_words_are_far_from_each_other(features: Features) -> None:
    codebook = codebook_of(features)
    distances = np.linalg.norm(codebook.words[:, None] - codebook.words, axis=2)
    assert (distances[~np.eye(WORDS, dtype=bool)] > 0.05).all()
    assert len(codebook.words) in fit_codebooks.TRIED


def test_a_catalog_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert fit_codebooks.main(["nowhere"]) == 1
    assert "There is no catalog 'nowhere'" in capsys.readouterr().err
