"""Pictures of what is no fashion: of many kinds and sizes, drawn from a seed."""

import numpy as np

from tools.no_fashion import KINDS, pictures

ONE_OF_EACH = list(pictures(len(KINDS), 3))


def test_a_seed_gives_the_same_pictures() -> None:
    for (kind, first), (again, second) in zip(ONE_OF_EACH, pictures(len(KINDS), 3), strict=True):
        assert kind == again
        assert np.array_equal(first, second), kind


def test_a_larger_number_begins_with_the_same_pictures() -> None:
    for (_, few), (_, many) in zip(ONE_OF_EACH, pictures(len(KINDS) * 2, 3), strict=False):
        assert np.array_equal(few, many)


def test_another_seed_and_another_turn_give_other_pictures() -> None:
    def mark(picture: object) -> bytes:
        return np.asarray(picture).tobytes()

    drawn = [picture for seed in (3, 4) for _, picture in pictures(len(KINDS) * 2, seed)]
    assert len({mark(picture) for picture in drawn}) == len(KINDS) * 4


def test_each_kind_takes_its_turn() -> None:
    assert [kind for kind, _ in ONE_OF_EACH] == list(KINDS)


def test_pictures_are_rgb_and_show_something() -> None:
    for kind, picture in ONE_OF_EACH:
        assert picture.mode == "RGB"
        assert np.asarray(picture, float).std() > 4, kind


def test_sizes_and_shapes_vary() -> None:
    sizes = [picture.size for _, picture in pictures(36, 1)]
    assert len(set(sizes)) > 30
    assert all(48 <= side <= 520 for size in sizes for side in size)
    ratios = [width / height for width, height in sizes]
    assert min(ratios) < 0.7
    assert max(ratios) > 1.5
