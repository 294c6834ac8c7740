"""Grounds for phone-like pictures: drawn from a seed, of many kinds, and shipped as one sheet."""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("skia", reason="skia-python cannot be loaded here", exc_type=ImportError)

from tools.demo_catalog import scenes


def test_a_seed_gives_the_same_pixels() -> None:
    assert np.array_equal(scenes.draw(5), scenes.draw(5))


def test_seeds_of_one_kind_differ() -> None:
    kind = scenes.kind_of(0)
    seeds = [seed for seed in range(200) if scenes.kind_of(seed) == kind][:3]
    pictures = [np.asarray(scenes.draw(seed), int) for seed in seeds]
    assert len(pictures) == 3
    for first, second in pairwise(pictures):
        assert np.abs(first - second).mean() > 5


def test_the_sheet_has_each_kind_and_half_of_it_are_rooms() -> None:
    kinds = [scenes.kind_of(seed) for seed in range(scenes.COLUMNS * scenes.ROWS)]
    assert set(kinds) == set(scenes.SCENES)
    assert sum(kind in scenes.ROOMS for kind in kinds) == len(kinds) / 2


@pytest.mark.parametrize("kind", scenes.SCENES)
def test_each_kind_draws_a_picture(kind: str) -> None:
    for size in ((96, 128), (300, 260)):
        picture = scenes.SCENES[kind](np.random.default_rng(3), size)
        assert (picture.mode, picture.size) == ("RGB", size)
        assert np.asarray(picture, float).std(axis=(0, 1)).mean() > 1.5


def test_the_generator_draws_what_is_shipped() -> None:
    """A few pictures; each is unlike the next one on the sheet."""
    with Image.open(scenes.SHEET) as file:
        shipped = file.convert("RGB")
    assert shipped.size == (scenes.COLUMNS * scenes.TILE[0], scenes.ROWS * scenes.TILE[1])
    for seed in (0, 25, 101, 178, 239):
        drawn = scenes.draw(seed, scenes.TILE)
        assert not scenes.differs(drawn, scenes.tile(shipped, seed)), scenes.kind_of(seed)
        assert scenes.differs(drawn, scenes.tile(shipped, (seed + 1) % (scenes.COLUMNS * scenes.ROWS))), scenes.kind_of(
            seed
        )


def test_the_check_finds_another_picture(tmp_path, capsys) -> None:
    path = tmp_path / "sheet.webp"
    Image.new("RGB", (8, 8)).save(path)
    assert scenes.main([str(path), "--check"]) == 1
    assert "not the size" in capsys.readouterr().out
