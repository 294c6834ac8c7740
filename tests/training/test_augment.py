import math

import pytest
import torch
from torch import Tensor

from fashion_search.training import augment
from fashion_search.training.augment import augmented
from fashion_search.training.grounds import Grounds, read_scenes
from fashion_search.training.recipe import Augmentation

NONE = Augmentation(flip=0)
ALL = Augmentation(flip=0.5, shift=0.3, scale=0.4, rotation=45, erase=1)


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def pictures(n: int = 3, rows: int = 20, columns: int = 12) -> Tensor:
    return torch.rand(n, 3, rows, columns) * 255


@pytest.fixture
def furthest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every picture departs as far as it may."""
    monkeypatch.setattr(augment, "_symmetric", torch.ones)


def test_without_augmentation_the_picture_is_as_it_was() -> None:
    given = pictures()
    torch.testing.assert_close(augmented(given, NONE, (20, 12)), given, atol=1e-3, rtol=0)


def test_what_is_given_is_left_as_it_is() -> None:
    given = pictures()
    before = given.clone()
    augmented(given, ALL, (20, 12))
    assert torch.equal(given, before)


@pytest.mark.parametrize("size", [(20, 12), (15, 9), (40, 30)])
@pytest.mark.parametrize("augmentation", [NONE, ALL], ids=["none", "all"])
def test_size(size: tuple[int, int], augmentation: Augmentation) -> None:
    assert augmented(pictures(), augmentation, size).shape == (3, 3, *size)


def test_another_size_is_a_resampling() -> None:
    ramp = torch.linspace(0, 255, 32).expand(1, 3, 16, 32)
    found = augmented(ramp, NONE, (12, 24))
    assert (found.diff(dim=3) > 0).all()
    assert found.mean() == pytest.approx(ramp.mean().item(), abs=1)


def test_a_sure_flip_mirrors() -> None:
    given = pictures()
    torch.testing.assert_close(augmented(given, Augmentation(flip=1), (20, 12)), given.flip(3), atol=1e-3, rtol=0)


def test_half_of_the_pictures_are_mirrored() -> None:
    given = pictures(1).expand(400, -1, -1, -1)
    found = augmented(given, Augmentation(flip=0.5), (20, 12))
    mirrored = (found - given.flip(3)).abs().amax((1, 2, 3)) < 1e-3
    assert 150 < int(mirrored.sum()) < 250
    torch.testing.assert_close(found[~mirrored], given[~mirrored], atol=1e-3, rtol=0)


@pytest.mark.parametrize("size", [(20, 12), (15, 9)])
@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 0, 0), (200, 30, 41), (1, 254, 128)])
def test_a_picture_of_one_colour_keeps_exactly_that(colour: tuple[int, int, int], size: tuple[int, int]) -> None:
    given = torch.tensor(colour, dtype=torch.float32).view(1, 3, 1, 1).expand(50, 3, 20, 12)
    found = augmented(given, ALL, size)
    assert torch.equal(found.round(), given[:, :, :1, :1].expand_as(found))
    torch.testing.assert_close(found, given[:, :, :1, :1].expand_as(found), atol=1e-3, rtol=0)


def test_no_value_is_there_that_the_picture_does_not_reach() -> None:
    given = pictures(50)
    found = augmented(given, ALL, (20, 12))
    assert (found.amax((2, 3)) <= given.amax((2, 3)) + 1e-3).all()
    assert (found.amin((2, 3)) >= given.amin((2, 3)) - 1e-3).all()


def test_all_channels_move_alike() -> None:
    grey = torch.rand(20, 1, 16, 16).expand(-1, 3, -1, -1) * 255
    found = augmented(grey, ALL, (16, 16))
    torch.testing.assert_close(found[:, 0], found[:, 1], atol=1e-3, rtol=0)
    torch.testing.assert_close(found[:, 0], found[:, 2], atol=1e-3, rtol=0)


@pytest.mark.usefixtures("furthest")
def test_a_shift_is_a_share_of_the_side_and_shows_the_border() -> None:
    given = pictures(1, 20, 20)
    found = augmented(given, Augmentation(flip=0, shift=0.25), (20, 20))
    torch.testing.assert_close(found[:, :, :15, :15], given[:, :, 5:, 5:], atol=1e-2, rtol=0)
    torch.testing.assert_close(found[:, :, 15:, :15], given[:, :, 19:, 5:].expand(-1, -1, 5, -1), atol=1e-2, rtol=0)


@pytest.mark.usefixtures("furthest")
def test_a_quarter_turn_is_one_of_pixels() -> None:
    given = pictures(1, 16, 16)
    found = augmented(given, Augmentation(flip=0, rotation=90), (16, 16))
    turned = torch.rot90(given, 1, (2, 3)), torch.rot90(given, -1, (2, 3))
    assert min((found - one).abs().max().item() for one in turned) < 1e-2


@pytest.mark.usefixtures("furthest")
def test_a_turn_in_a_tall_picture_keeps_a_square_square() -> None:
    given = torch.zeros(1, 3, 40, 20)
    given[:, :, 14:26, 4:16] = 255  # 12 × 12 in the middle
    found = augmented(given, Augmentation(flip=0, rotation=90), (40, 20))
    torch.testing.assert_close(found, given, atol=1e-2, rtol=0)
    slanted = augmented(given, Augmentation(flip=0, rotation=45), (40, 20)) > 127
    rows = int(slanted[0, 0].any(1).sum())
    columns = int(slanted[0, 0].any(0).sum())
    assert abs(rows - columns) <= 1
    assert rows == pytest.approx(12 * math.sqrt(2), abs=2)


@pytest.mark.usefixtures("furthest")
def test_a_scale_shows_more_of_the_border() -> None:
    given = torch.zeros(1, 3, 32, 32)
    given[:, :, 8:24, 8:24] = 255
    found = augmented(given, Augmentation(flip=0, scale=0.5), (32, 32))
    assert float((found > 127).float().mean()) == pytest.approx(0.25 / 1.5**2, abs=0.03)


def test_a_box_is_filled_with_the_mean() -> None:
    given = pictures(100, 32, 32)
    found = augmented(given, Augmentation(flip=0, erase=1), (32, 32))
    other = (found - given).abs().amax(1) > 1e-2  # (n, rows, columns)
    shares = other.float().mean((1, 2))
    assert (shares > 1 / 25).all()
    assert (shares < 1 / 3).all()
    mean = given.mean((2, 3), keepdim=True).expand_as(given)
    filled = other[:, None].expand_as(given)
    torch.testing.assert_close(found[filled], mean[filled], atol=1e-2, rtol=0)


def test_a_box_comes_as_often_as_asked() -> None:
    given = pictures(400)
    found = augmented(given, Augmentation(flip=0, erase=0.25), (20, 12))
    assert 60 < int(((found - given).abs().amax((1, 2, 3)) > 1e-2).sum()) < 140


def test_augmentation_follows_from_torchs_seed() -> None:
    given = pictures()
    torch.manual_seed(7)
    first = augmented(given, ALL, (20, 12))
    second = augmented(given, ALL, (20, 12))
    torch.manual_seed(7)
    assert torch.equal(augmented(given, ALL, (20, 12)), first)
    assert not torch.equal(first, second)


# -- photos -------------------------------------------------------------------------------------------------

PHOTOS = Augmentation(flip=0, photo=1)


@pytest.fixture(scope="module")
def grounds() -> Grounds:
    return Grounds(read_scenes())


def things(n: int = 200) -> tuple[Tensor, Tensor]:
    """Red blocks in the middle of white, and where they are."""
    given = torch.full((n, 3, 40, 30), 255.0)
    opaque = torch.zeros(n, 1, 40, 30)
    opaque[:, :, 10:30, 8:22] = 1
    return torch.where(opaque.bool(), torch.tensor([200.0, 20, 40]).view(1, 3, 1, 1), given), opaque


def photos(grounds: Grounds, size: tuple[int, int] = (40, 30), augmentation: Augmentation = PHOTOS) -> Tensor:
    given, opaque = things()
    return augmented(given, augmentation, size, opaque, grounds)


@pytest.mark.parametrize("size", [(40, 30), (30, 23), (56, 42)])
def test_photos_are_pictures_of_the_wanted_size(grounds: Grounds, size: tuple[int, int]) -> None:
    found = photos(grounds, size)
    assert found.shape == (200, 3, *size)
    assert torch.isfinite(found).all()
    assert found.min() >= 0
    assert found.max() <= 255


def test_of_photos_the_grounds_differ_and_the_thing_stays(grounds: Grounds) -> None:
    found = photos(grounds)
    corners = torch.cat([found[:, :, 0, 0], found[:, :, -1, -1]])
    assert ((corners - 255).abs().amax(1) < 10).float().mean() < 0.35  # a fifth keep their own ground
    assert corners.std(0).min() > 50
    # Reddish under any light: of the thing something is left in nearly all of them.
    redness = (found[:, 0] - found[:, 1:].amax(1)).flatten(1).amax(1)
    assert (redness > 40).float().mean() > 0.9


def test_as_many_become_photos_as_asked(grounds: Grounds) -> None:
    given, _ = things()
    found = photos(grounds, augmentation=Augmentation(flip=0, photo=0.25))
    changed = ((found - given).abs().amax((1, 2, 3)) > 1).float().mean()
    assert 0.15 < float(changed) < 0.35


def test_a_card_and_a_thing_at_the_edge_come_along(grounds: Grounds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(augment, "_KEEP", 0.0)
    monkeypatch.setattr(augment, "_CARD", 1.0)
    monkeypatch.setattr(augment, "_photographed", lambda pixels: pixels)
    white = (photos(grounds).amin(1) > 250).float().mean()
    monkeypatch.setattr(augment, "_CARD", 0.0)
    alone = photos(grounds)
    assert white > 2 * (alone.amin(1) > 250).float().mean()  # a card brings its own ground
    monkeypatch.setattr(augment, "_SECOND", 1.0)
    red = [((one[:, 0] > 180) & (one[:, 1] < 60)).float().mean() for one in (alone, photos(grounds))]
    assert red[1] > 1.1 * red[0]


def test_photos_follow_from_torchs_seed(grounds: Grounds) -> None:
    made = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        made.append(photos(grounds))
    assert torch.equal(made[0], made[1])
    assert not torch.equal(made[0], made[2])


def test_the_shipped_scenes_are_many_pictures_that_differ() -> None:
    scenes = read_scenes()
    assert scenes.shape == (240, 3, 128, 96)
    assert scenes.dtype == torch.uint8
    small = torch.nn.functional.avg_pool2d(scenes.float(), 32).flatten(1)
    assert torch.cdist(small, small).fill_diagonal_(1e9).min() > 1


def test_grounds_are_of_all_kinds(grounds: Grounds) -> None:
    others = torch.zeros(400, 3, 16, 12)  # black: what is wholly black is one of them
    found = grounds.draw(others, (16, 12))
    spread = found.flatten(2).std(2).amax(1)
    black = (found.amax((1, 2, 3)) == 0).float().mean()
    assert 0.08 < black < 0.22
    assert ((spread < 6).float().mean() - black) > 0.05  # nearly plain
    assert (spread > 25).float().mean() > 0.2
