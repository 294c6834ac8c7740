import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from fashion_search.errors import TrainingError
from fashion_search.training.data import Data
from fashion_search.training.recipe import Recipe
from fashion_search.training.targets import Targets, find_targets
from tests.training.conftest import MakeTrainer


def found_in(data: Data, recipe: Recipe) -> tuple[Targets, list[str]]:
    return find_targets(data.division.training, data.columns, recipe)


def values(data: Data, column: str) -> list[str]:
    return [picture.row.attributes[column] for picture in data.division.training]


# -- what pictures are to the losses ------------------------------------------------------------------------


def relabelled(data: Data, **attributes: Callable[[int], str]) -> Data:
    """The data with other values in some columns, by the place of each training picture."""
    training = tuple(
        replace(
            picture,
            row=replace(
                picture.row,
                attributes={**picture.row.attributes, **{name: of(place) for name, of in attributes.items()}},
            ),
        )
        for place, picture in enumerate(data.division.training)
    )
    return replace(data, division=replace(data.division, training=training))


def test_targets_are_what_the_catalog_says(tiny: Recipe, data: Data) -> None:
    targets, notes = found_in(data, tiny)
    assert notes == []
    assert list(targets.codes) == ["article_type", "base_colour"]
    for column, codes in targets.codes.items():
        assert [targets.values[column][code] for code in codes] == values(data, column)
    assert targets.positives is None


def test_a_column_of_one_value_is_left_out_with_a_note(tiny: Recipe, data: Data) -> None:
    recipe = tiny.with_settings({"classification.attributes.season": "1"})
    targets, notes = found_in(data, recipe)
    assert list(targets.codes) == ["article_type", "base_colour"]
    assert notes == ["All training pictures have the same season; it is not classified."]


def test_a_column_that_is_not_there_is_left_out_with_a_note(tiny: Recipe, data: Data) -> None:
    targets, notes = find_targets(
        data.division.training, data.columns, tiny.with_settings({"classification.attributes.fabric": "1"})
    )
    assert list(targets.codes) == ["article_type", "base_colour"]
    assert notes == ["The catalog has no fabric; what is classified: article_type, base_colour."]


def test_where_no_column_is_there_the_grouping_columns_are_classified(tiny: Recipe, data: Data) -> None:
    recipe = tiny.with_settings({"classification": "{attributes = {fabric = 1}}"})
    targets, notes = found_in(data, recipe)
    assert list(targets.codes) == ["article_type", "base_colour"]
    assert notes == [
        "The catalog has no fabric; what is classified: article_type, base_colour, usage.",
        "All training pictures have the same usage; it is not classified.",
    ]


def test_a_column_that_names_products_is_no_class(tiny: Recipe, data: Data) -> None:
    """In-Shop's grouping columns are category and product; its recipe's category is the first of them."""
    recipe = tiny.with_settings({"classification.attributes": "{article_type = 1.0}", "category": "article_type"})
    pictures = [
        replace(one, row=replace(one.row, labels=(one.row.labels[0], f"p{place}"), product=f"p{place}", attributes={}))
        for place, one in enumerate(data.division.training)
    ]
    by_category = recipe.with_settings({"similarity": '{loss = "triplet", same = "category"}'})
    targets, notes = find_targets(pictures, ("category", "product"), by_category)
    assert list(targets.codes) == ["category"]
    assert targets.positives is not None
    assert torch.equal(targets.positives, targets.codes["category"])
    assert notes[:2] == [
        "The catalog has no article_type; what is classified: category.",
        "The catalog has no article_type; categories are its category.",
    ]


def test_one_value_only_in_every_column(tiny: Recipe, data: Data) -> None:
    one = relabelled(data, article_type=lambda place: "Shirts", base_colour=lambda place: "Red")
    with pytest.raises(TrainingError, match=r"the same article_type, base_colour; there is nothing to learn"):
        found_in(one, tiny)
    with_groups = tiny.with_settings({"similarity": '{loss = "contrastive", same = "group"}'})
    targets, notes = found_in(one, with_groups)
    assert targets.codes == {}
    assert [note.split("the same ")[1] for note in notes if "the same" in note] == [
        "article_type; it is not classified.",
        "base_colour; it is not classified.",
    ]
    by_category = tiny.with_settings({"similarity": '{loss = "triplet", same = "category"}'})
    with pytest.raises(TrainingError, match=r"training pictures are of one category; a similarity loss needs two"):
        found_in(one, by_category)


def test_a_class_with_one_picture_is_noted(tiny: Recipe, data: Data, trainer: MakeTrainer) -> None:
    one = relabelled(data, article_type=lambda place: "Capes" if place == 3 else "Shirts")
    recipe = tiny.with_settings({"similarity": '{loss = "triplet", same = "category"}', "optimisation.together": "2"})
    targets, notes = found_in(one, recipe)
    assert targets.positives is not None
    assert targets.positives.unique().tolist() == [0, 1]
    assert notes == ["1 of 2 categories have one picture; it is compared with itself, augmented again."]
    run = trainer(recipe, data=one).train()
    assert notes[0] in run.notes


def test_pictures_of_one_product_are_one_instance(tiny: Recipe, data: Data) -> None:
    pictures = data.division.training
    recipe = tiny.with_settings({"similarity": '{loss = "triplet", same = "instance"}'})
    named = [f"p{place // 3}" if place < 8 else "" for place in range(len(pictures))]  # p0 and p1 of three, p2 of two
    ours = [replace(one, row=replace(one.row, product=product)) for one, product in zip(pictures, named, strict=True)]
    targets, notes = find_targets(ours, data.columns, recipe)
    assert targets.positives is not None
    assert not targets.has_no_pairs
    codes = targets.positives
    for one, other in itertools.combinations(range(len(pictures)), 2):
        assert bool(codes[one] == codes[other]) == (named[one] == named[other] != "")
    alone = len(pictures) - 8
    assert notes == [f"{alone} of {alone + 3} products have one picture; it is compared with itself, augmented again."]
    assert find_targets(pictures, data.columns, recipe)[0].has_no_pairs
    with pytest.raises(TrainingError, match="are of one product; a similarity loss needs two"):
        find_targets(ours[:3], data.columns, recipe)


def test_what_are_positives(tiny: Recipe, data: Data) -> None:
    def positives(same: str) -> Tensor:
        targets, _ = find_targets(
            data.division.training,
            data.columns,
            tiny.with_settings({"similarity": f'{{loss = "triplet", same = "{same}"}}'}),
        )
        assert targets.positives is not None
        return targets.positives

    n = data.n_training
    assert torch.equal(positives("instance"), torch.arange(n))
    for same, labels in (
        ("category", values(data, "article_type")),
        ("group", [picture.row.labels for picture in data.division.training]),
    ):
        codes = positives(same)
        assert len(codes.unique()) == len(set(labels))
        for one, other in itertools.combinations(range(n), 2):
            assert (codes[one] == codes[other]) == (labels[one] == labels[other])
