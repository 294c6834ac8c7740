"""Data sets that have parts of their own: what is trained on, what validates, and what is never seen."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fashion_search.catalog import Catalog
from fashion_search.catalog.source import GALLERY, QUERY, TRAINING, VALIDATION, Row, Source
from fashion_search.catalog.sources import open_source
from fashion_search.encoders.architecture import Architecture
from fashion_search.errors import TrainingError
from fashion_search.training.data import Data, read_data
from fashion_search.training.division import LEAST_PRODUCTS, Picture
from fashion_search.training.validation import Validation

SMALL = Architecture("compact", 16, 16, widths=(4,))


def number(row: Row) -> int:
    return int(row.id)


def divided(
    shop: Path,
    part_of: Callable[[Row], str],
    product_of: Callable[[Row], str] = lambda row: "",
    searched: str = GALLERY,
) -> tuple[Source, Catalog]:
    """The shop with parts and products, and its catalog."""
    whole = open_source(shop)
    rows = tuple(replace(row, part=part_of(row), product=product_of(row)) for row in whole.rows)
    source = replace(whole, rows=rows, smallest=1, largest=0, searched=searched)
    return source, source.catalog("shop", "Shop")[0]


def thirds(row: Row) -> str:
    return (TRAINING, QUERY, GALLERY)[number(row) % 3]


def read(
    shop: Path, *about: object, seed: int = 0, share: float = 0.06, **more: object
) -> tuple[Data, Source, Catalog]:
    source, catalog = divided(shop, *about, **more)  # type: ignore[arg-type]
    return read_data(source, catalog, SMALL, seed=seed, share=share), source, catalog


def parts(pictures: tuple[Picture, ...]) -> set[str]:
    return {picture.row.part for picture in pictures}


@pytest.mark.parametrize("seed", range(3))
def test_the_training_part_alone_is_seen_whatever_the_labels(training_shop: Path, seed: int) -> None:
    data, source, catalog = read(training_shop, thirds, seed=seed, share=0.2)
    division = data.division
    assert parts(division.pictures) == {TRAINING}
    assert len(division.pictures) == sum(row.part == TRAINING for row in source.rows)
    held_out = {one.row.labels for one in division.validation}
    assert held_out
    assert not held_out & {one.row.labels for one in division.training}
    # Labels of the gallery are learned: what is new in it are its products.
    assert {one.row.labels for one in division.training} & {item.labels for item in catalog.items}
    assert division.notes == (
        "The data set has parts of its own: this run learned from the training part and held out whole style groups "
        "of it for validation. It saw no picture of the query and gallery parts, nor a near-duplicate of one.",
    )


def test_what_equals_a_query_or_a_gallery_picture_is_not_seen(training_shop: Path) -> None:
    whole = read(training_shop, thirds)[0].division
    ids = [one.row.id for one in whole.training]
    images = training_shop / "images"
    first, second = ids[:2]
    shutil_query, shutil_gallery = (images / "1.png").read_bytes(), (images / "2.png").read_bytes()
    (images / f"{first}.png").write_bytes(shutil_query)
    (images / f"{second}.png").write_bytes(shutil_gallery)
    division = read(training_shop, thirds)[0].division
    assert {one.row.id for one in whole.pictures} - {one.row.id for one in division.pictures} == {first, second}
    assert division.left_out == {"same file as an evaluated picture": 2}


def test_the_validation_part_validates(training_shop: Path) -> None:
    def part(row: Row) -> str:
        return (TRAINING, VALIDATION, QUERY, GALLERY)[number(row) % 4]

    division = read(training_shop, part)[0].division
    assert parts(division.training) == {TRAINING}
    assert parts(division.validation) == {VALIDATION}
    assert "learned from the training part and was validated on its validation part" in division.notes[0]


def test_a_validation_part_that_can_tell_nothing_is_left_out(training_shop: Path) -> None:
    def part(row: Row) -> str:
        return VALIDATION if row.id in ("1", "2", "7") else thirds(row)  # one group of two, one of one

    division = read(training_shop, part)[0].division
    assert parts(division.pictures) == {TRAINING}
    assert division.left_out == {"validation part, which has too few to validate by": 3}


def test_products_are_held_out_whole_and_are_what_is_right_in_validation(training_shop: Path) -> None:
    """Pairs of pictures are products here, of one style group or of two."""

    def product(row: Row) -> str:
        return f"p{number(row) // 2}"

    data, _, catalog = read(training_shop, lambda row: thirds(row) if number(row) < 12 else TRAINING, product)
    division = data.division
    held_out = {one.row.product for one in division.validation}
    assert len(held_out) == LEAST_PRODUCTS
    assert not held_out & {one.row.product for one in division.training}
    columns, labels = division.validated_labels(catalog.columns)
    assert columns == (*catalog.columns, "product")
    assert [one[-1] for one in labels] == [one.row.product for one in division.validation]

    def encode(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:  # each product in a direction of its own
        places = {product: place for place, product in enumerate(sorted(held_out))}
        vectors = np.zeros((len(division.validation), len(places)), dtype=np.float32)
        for row, one in enumerate(division.validation):
            vectors[row, places[one.row.product]] = 1
        return vectors

    assert Validation(data, SMALL, with_photos=False).measure(encode)["hit"] == 1


def test_a_catalog_of_the_training_part_may_be_learned_from_and_its_queries_not(training_shop: Path) -> None:
    def part(row: Row) -> str:
        return (TRAINING, VALIDATION, QUERY)[number(row) % 3]

    data, _, catalog = read(training_shop, part, searched=TRAINING)
    assert {one.row.id for one in data.division.training} == {item.id for item in catalog.items}
    assert parts(data.division.validation) == {VALIDATION}
    assert data.division.notes[1].startswith("The catalog is that training part: figures of its own items are better")


def test_without_a_training_part_there_is_nothing_to_learn_from(training_shop: Path) -> None:
    with pytest.raises(TrainingError, match="its training part holds no picture to learn from"):
        read(training_shop, lambda row: (QUERY, GALLERY)[number(row) % 2])


def test_rows_of_no_part_are_left_out(training_shop: Path) -> None:
    data, _, _ = read(training_shop, lambda row: "" if row.id == "80" else thirds(row), searched=QUERY)
    assert "80" not in {one.row.id for one in data.division.pictures}
    assert parts(data.division.pictures) == {TRAINING}


def test_products_are_part_of_the_fingerprint(training_shop: Path) -> None:
    def product(row: Row, of_training: str = "a") -> str:
        return f"{of_training if thirds(row) == TRAINING else 'a'}{number(row) // 6}"

    one = read(training_shop, thirds, product)[0].division
    other = read(training_shop, thirds, lambda row: product(row, "b"))[0].division
    assert one.by_product
    assert {picture.row.id for picture in one.pictures} == {picture.row.id for picture in other.pictures}
    assert one.fingerprint != other.fingerprint


def test_products_of_one_picture_each_cannot_be_held_out(training_shop: Path) -> None:
    message = "no products can be held out for validation. The training part has 27, of which 0 have two pictures"
    with pytest.raises(TrainingError, match=message):
        read(training_shop, thirds, lambda row: row.id)


def test_a_shop_without_parts_is_divided_as_before(training_shop: Path) -> None:
    source = open_source(training_shop)
    catalog, _ = source.catalog("shop", "Shop")
    division = read_data(source, catalog, SMALL).division
    assert (division.by_product, division.notes) == (False, ())
    assert not {one.row.labels for one in division.pictures} & {item.labels for item in catalog.items}
