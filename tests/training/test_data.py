from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fashion_search.catalog import Catalog
from fashion_search.catalog.source import Options, Source
from fashion_search.catalog.sources import open_source
from fashion_search.encoders.architecture import Architecture
from fashion_search.errors import TrainingError
from fashion_search.home import HOME_VARIABLE
from fashion_search.images import open_image
from fashion_search.training.data import NEAR_EQUAL, Data, read_data
from fashion_search.training.division import LARGEST_HELD_OUT, Picture
from tests import samples
from tests.samples import TRAINING_GROUPS, encoded, lines, shop_files, table, training_files, write_folder, write_zip

SMALL = Architecture("compact", 16, 16, widths=(4,))
SAME_FILE = "same file as an evaluated picture"
DUPLICATE = "near-duplicate of an evaluated picture"
OF_VALIDATION = "near-duplicate of a validation picture"


def read(shop: Path, architecture: Architecture = SMALL, **options: Any) -> tuple[Data, Source, Catalog]:
    source = open_source(shop)
    evaluated, _ = source.catalog("shop", "Shop")
    return read_data(source, evaluated, architecture, **options), source, evaluated


def ids(pictures: tuple[Picture, ...]) -> list[str]:
    return [picture.row.id for picture in pictures]


def change(shop: Path, item: str, content: bytes) -> None:
    (shop / f"images/{item}.png").write_bytes(content)


def rename(shop: Path, names: Mapping[str, str], groups: Mapping[tuple[str, str, str], int] = TRAINING_GROUPS) -> None:
    """Give items another name in the table."""
    rows = lines(groups)
    for row in rows:
        row[-1] = names.get(row[0], row[-1])
    (shop / "styles.csv").write_bytes(table(rows))


def brighter(picture: bytes, by: int) -> bytes:
    """A picture that is near-equal for small changes, in a file of its own."""
    pixels = np.asarray(open_image(picture)).astype(int) + by
    return encoded(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)))


# -- the separation -----------------------------------------------------------------------------------------


def near_equal(one: bytes, other: bytes) -> bool:
    """The definition, on its own: 8 × 10 pixels whose values differ by less than 10 in the mean."""
    first, second = (
        np.asarray(open_image(picture).resize((8, 10), Image.Resampling.BOX), dtype=float) for picture in (one, other)
    )
    return bool(np.abs(first - second).mean() < NEAR_EQUAL)


def random_shop(folder: Path, seed: int) -> Path:
    """Groups of random sizes, in which pictures and names come again: as they are, nearly, and not at all."""
    generator = np.random.default_rng(seed)
    kinds, colours = list(samples.KINDS), list(samples.PAINTS)
    groups = {
        (kinds[place % 4], colours[place // 4 % 4], ("Casual", "Formal", "NA")[place // 16]): int(size)
        for place, size in enumerate(generator.choice([1, 2, 3, 4, 6, 21, 22], 24))
    }
    rows = lines(groups)
    pictures = {row[0]: encoded(samples.garment(row[4], row[5], 1000 * seed + int(row[0]))) for row in rows}
    for row in rows:
        other = rows[generator.integers(len(rows))]
        match generator.integers(12):
            case 0:  # the same file, under another name
                pictures[row[0]] = pictures[other[0]]
            case 1:  # another file of a near-equal picture, under the same name
                row[-1] = f" {other[-1].upper()} "
                pictures[row[0]] = brighter(pictures[other[0]], 4)
            case 2:  # the same name for another picture
                row[-1] = other[-1]
            case 3:  # a near-equal picture of another product
                pictures[row[0]] = brighter(pictures[other[0]], 4)
    for number in generator.choice(list(pictures), 5, replace=False):
        pictures[number] = b"no picture, but " + number.encode()
    files = {f"images/{number}.png": content for number, content in pictures.items()}
    return write_folder(folder, {"styles.csv": table(rows)} | files)


@pytest.mark.parametrize("seed", range(8))
def test_training_and_validation_never_see_what_is_evaluated(tmp_path: Path, seed: int) -> None:
    data, source, evaluated = read(random_shop(tmp_path / "shop", seed), seed=seed, share=0.2)

    def content(image: str) -> bytes:
        return source.tree.read(image)

    def readable(image: str) -> bool:
        return not content(image).startswith(b"no picture")

    def shows(picture: Picture, others: list[tuple[str, str, str]]) -> bool:
        mine = picture.row.name.strip().casefold()
        return any(
            picture.digest == digest
            or (mine == name.strip().casefold() and near_equal(content(picture.row.image), content(image)))
            for digest, name, image in others
        )

    groups = {item.labels for item in evaluated.items}
    answers = [(item.digest, item.name, item.image) for item in evaluated.items if readable(item.image)]
    division = data.division
    assert division.training
    assert division.validation
    for picture in division.pictures:
        assert picture.row.labels not in groups
        assert not shows(picture, answers)
    held_out = {picture.row.labels for picture in division.validation}
    judged = [(picture.digest, picture.row.name, picture.row.image) for picture in division.validation]
    for picture in division.training:
        assert picture.row.labels not in held_out
        assert not shows(picture, judged)
    # And nothing else was left out.
    seen = set(ids(division.pictures))
    left_out = Counter[str]()
    for row in source.rows:
        if row.id in seen or row.labels in groups:
            continue
        picture = Picture(row, *source.tree.identity(row.image))
        if any(picture.digest == item.digest for item in evaluated.items):
            left_out[SAME_FILE] += 1
        elif not readable(row.image):
            left_out["image cannot be read"] += 1
        elif shows(picture, answers):
            left_out[DUPLICATE] += 1
        else:
            assert row.labels not in held_out
            assert shows(picture, judged)
            left_out[OF_VALIDATION] += 1
    assert division.left_out == dict(left_out)


def test_validation_groups_are_whole(training_shop: Path) -> None:
    for seed in range(5):
        data, source, _ = read(training_shop, seed=seed, share=0.3)
        sizes = Counter(row.labels for row in source.rows)
        held_out = Counter(picture.row.labels for picture in data.division.validation)
        assert all(sizes[group] == size >= 2 for group, size in held_out.items())
        assert not {picture.row.labels for picture in data.division.training} & set(held_out)
        assert len(data.division.training) + len(data.division.validation) == 68


def test_groups_far_larger_than_the_evaluated_stay_for_training(training_shop: Path) -> None:
    most = LARGEST_HELD_OUT * 6
    for seed in range(10):
        held_out = Counter(one.row.labels for one in read(training_shop, seed=seed, share=1)[0].division.validation)
        assert max(held_out.values()) <= most
        assert ("Ties", "Blue", "Casual") not in held_out  # one picture: nothing would be right for it


def test_the_share_that_is_held_out(training_shop: Path) -> None:
    for share, least in ((0.0, 2), (0.06, 2), (0.1, 4), (0.3, 18)):
        held_out = len(read(training_shop, share=share)[0].division.validation)
        assert least <= held_out <= max(0.06, share) * 68


def test_a_picture_of_an_evaluated_product_is_left_out(training_shop: Path) -> None:
    before = set(ids(read(training_shop)[0].division.pictures))
    assert {"40", "41", "42", "43", "44"} <= before
    answer = (training_shop / "images/1.png").read_bytes()
    change(training_shop, "40", answer)  # the same file under another name
    change(training_shop, "41", brighter(answer, 5))  # the same name, and near-equal
    change(training_shop, "42", brighter(answer, -60))  # the same name alone
    change(training_shop, "43", brighter(answer, 5))  # near-equal alone
    name = "Shirts no. 1"
    rename(training_shop, {"41": f"  {name.upper()} ", "42": name})
    data = read(training_shop)[0]
    assert before - set(ids(data.division.pictures)) == {"40", "41"}
    assert data.division.left_out == {DUPLICATE: 1, SAME_FILE: 1}


def test_a_near_duplicate_of_a_validation_picture_leaves_training(training_shop: Path) -> None:
    first = read(training_shop)[0].division
    held_out = first.validation[0]
    taken, twin = first.training[0].row.id, first.training[1].row.id
    picture = (training_shop / held_out.row.image).read_bytes()
    change(training_shop, taken, brighter(picture, 5))
    change(training_shop, twin, picture)
    rename(training_shop, {taken: held_out.row.name})
    division = read(training_shop)[0].division
    assert ids(division.validation) == ids(first.validation)
    assert ids(division.training) == ids(first.training)[2:]
    assert division.left_out == {OF_VALIDATION: 2}


# -- what a division depends on -----------------------------------------------------------------------------


def test_the_same_twice_and_from_an_archive(training_shop: Path, tmp_path: Path) -> None:
    once, again = read(training_shop)[0], read(training_shop)[0]
    archive = read(write_zip(tmp_path / "shop.zip", training_files()))[0]
    assert once.division == again.division == archive.division
    np.testing.assert_array_equal(once.pixels, again.pixels)
    np.testing.assert_array_equal(once.pixels, archive.pixels)


def test_another_seed_holds_out_other_groups(training_shop: Path) -> None:
    divisions = [read(training_shop, seed=seed, share=0.2)[0].division for seed in range(5)]
    assert len({frozenset(ids(division.validation)) for division in divisions}) == 5
    assert len({division.fingerprint for division in divisions}) == 5


def test_a_limit_draws_from_the_training_pictures(training_shop: Path) -> None:
    whole = read(training_shop)[0].division
    limited = read(training_shop, limit=20)[0]
    division = limited.division
    assert len(division.training) == 20
    assert limited.n_training == 20
    assert set(ids(division.training)) < set(ids(whole.training))
    assert ids(division.training) == sorted(ids(division.training), key=ids(whole.training).index)
    assert ids(division.validation) == ids(whole.validation)
    assert division.left_out == {"beyond the limit": len(whole.training) - 20}
    assert read(training_shop, limit=20)[0].division == division
    assert set(ids(read(training_shop, limit=20, seed=1)[0].division.training)) != set(ids(division.training))
    assert read(training_shop, limit=len(whole.training))[0].division == whole


def test_the_size_of_the_input_does_not_change_who_is_what(training_shop: Path) -> None:
    small = read(training_shop)[0].division
    large = read(training_shop, replace(SMALL, height=32, width=24))[0].division
    assert (small.training, small.validation) == (large.training, large.validation)
    assert small.fingerprint != large.fingerprint


def test_the_fingerprint_changes_with_whatever_is_learned_from(training_shop: Path) -> None:
    found = [read(training_shop)[0].division]
    change(training_shop, found[0].training[3].row.id, encoded(samples.noise(5)))
    found.append(read(training_shop)[0].division)
    rows = lines(TRAINING_GROUPS)
    next(row for row in rows if row[0] == found[0].training[5].row.id)[1] = "Girls"
    (training_shop / "styles.csv").write_bytes(table(rows))
    found.append(read(training_shop)[0].division)
    source = open_source(training_shop, Options(smallest=5))
    narrower = read_data(source, source.catalog("shop", "Shop")[0], SMALL).division
    assert len({division.fingerprint for division in [*found, narrower]}) == 4


# -- the pixels ---------------------------------------------------------------------------------------------


def test_pixels_are_those_of_the_pictures_in_their_order(training_shop: Path) -> None:
    change(training_shop, "30", b"no picture")
    data, source, _ = read(training_shop, replace(SMALL, height=20, width=12), share=0.2)
    division = data.division
    assert data.pixels.shape == (len(division.pictures), 20, 12, 3)
    assert data.pixels.dtype == np.uint8
    assert "30" not in ids(division.pictures)
    for pixels, picture in zip(data.pixels, division.pictures, strict=True):
        image = open_image(source.tree.read(picture.row.image)).resize((12, 20), Image.Resampling.BILINEAR)
        np.testing.assert_array_equal(pixels, np.asarray(image))


def test_progress_reaches_all_that_is_read(training_shop: Path) -> None:
    told: list[tuple[int, int]] = []
    read(training_shop, report=lambda done, total: told.append((done, total)))
    assert told == [(68, 68)]


def test_no_file_is_left_behind(training_shop: Path, home: Path) -> None:
    read(training_shop)
    assert list(home.iterdir()) == []


def test_a_disk_without_room_for_the_pixels_is_named(training_shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def full(descriptor: int, start: int, size: int) -> None:
        asked.append(size)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full, raising=False)
    with pytest.raises(TrainingError, match=r"has no room for 0\.0 GB of pixels \(No space left.*--limit"):
        read(training_shop)
    (size,) = asked  # before a pixel is written: later the process would end
    assert size % (16 * 16 * 3) == 0


def test_a_home_that_cannot_be_written_is_named(
    training_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "file"))
    with pytest.raises(TrainingError, match=r"file has no room for 0\.0 GB of pixels"):
        read(training_shop)


# -- what nothing can be learned from -----------------------------------------------------------------------


def test_nothing_but_evaluated_groups(shop: Path) -> None:
    with pytest.raises(TrainingError, match=r"All 15 pictures belong to style groups that are evaluated.*--smallest"):
        read(shop)


@pytest.mark.parametrize(
    ("others", "found"),
    [
        ({("Ties", "Red", "Casual"): 1, ("Ties", "Blue", "Casual"): 1, ("Ties", "Black", "Casual"): 1}, "3 groups"),
        ({("Ties", "Red", "Casual"): 40, ("Ties", "Blue", "Casual"): 40, ("Ties", "Black", "NA"): 40}, "3 groups"),
        ({("Ties", "Red", "Casual"): 3, ("Ties", "Blue", "Casual"): 3}, "2 groups"),
    ],
    ids=["of one picture", "too large", "too few"],
)
def test_no_validation_groups(tmp_path: Path, others: dict[tuple[str, str, str], int], found: str) -> None:
    groups = {("Shirts", "Blue", "Casual"): 5} | others
    with pytest.raises(TrainingError, match=f"No style group can be held out for validation: of the {found}"):
        read(write_folder(tmp_path / "shop", training_files(groups)))


def test_validation_groups_that_cannot_be_read(training_shop: Path) -> None:
    for picture in read(training_shop)[0].division.validation:
        change(training_shop, picture.row.id, b"no picture")
    with pytest.raises(TrainingError, match="No validation group has two readable pictures"):
        read(training_shop)


def test_training_pictures_that_cannot_be_read(training_shop: Path) -> None:
    for picture in read(training_shop)[0].division.training:
        change(training_shop, picture.row.id, b"no picture")
    with pytest.raises(TrainingError, match="No picture is left to train on"):
        read(training_shop)


def test_pictures_that_are_all_equal(tmp_path: Path) -> None:
    files = shop_files(lines(TRAINING_GROUPS))
    for number, name in enumerate(sorted(name for name in files if name != "styles.csv")):
        image = Image.new("RGB", (9 + number, 9), "teal")  # files that differ, pixels that do not
        files[name] = encoded(image, "PNG")
    with pytest.raises(TrainingError, match=r"All \d+ training pictures are equal at 16 × 16 pixels"):
        read(write_folder(tmp_path / "shop", files))
