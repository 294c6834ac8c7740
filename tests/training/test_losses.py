import dataclasses
import itertools
import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from fashion_search.evaluation.mismatches import read_shades
from fashion_search.training.losses import (
    RARE,
    Batch,
    Losses,
    feature_relaxation,
    log_shares_within,
    soft_labels,
    words_loss,
)
from fashion_search.training.recipe import Classification, Recipe
from fashion_search.training.targets import LEAST_NAMES, MOST_WORDS, Targets, encode, encode_words

COLOURS = ["Black", "Blue", "Navy Blue", "Orange", "Red"]
FAMILIES = (frozenset({"blue", "navy blue", "turquoise blue"}), frozenset({"red", "maroon"}))


def a_batch(n: int = 12, dimensions: int = 8) -> tuple[Tensor, Tensor]:
    """Embeddings, and maps that they could be pooled from."""
    torch.manual_seed(1)
    return torch.randn(n, dimensions, requires_grad=True), torch.rand(n, 6, 3, 2)


def targets(n: int = 12) -> Targets:
    codes = {"article_type": torch.arange(n) % 2, "base_colour": torch.arange(n) % 5}
    values = {"article_type": ["Caps", "Shirts"], "base_colour": COLOURS}
    alike = torch.tensor([0, 0, 0, 1, 1, 2, 2, 3, 4, 4, 4, 5])[:n]
    return Targets(values, codes, alike, alike)


def similarity_of(recipe: Recipe, embeddings: Tensor, alike: Tensor) -> Tensor:
    """The similarity loss alone."""
    losses = Losses(recipe, embeddings.shape[1], 6, Targets({}, {}, alike, alike), ())
    found = losses(embeddings, torch.zeros(len(alike), 6, 1, 1), Batch({}, alike))
    assert list(found) == ["similarity"]
    return found["similarity"]


def unit(embeddings: Tensor) -> list[list[float]]:
    vectors = embeddings.detach().double().numpy()
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).tolist()


def dot(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_values_as_codes() -> None:
    known, codes = encode(["b", "a", "", "b", "Ä"])
    assert known == ["", "a", "b", "Ä"]
    assert codes.tolist() == [2, 1, 0, 2, 3]
    assert codes.dtype == torch.int64


# -- words of names -------------------------------------------------------------------------------------------


def test_words_of_enough_names_are_learned_whatever_their_case() -> None:
    names = ["Nike Polo"] * LEAST_NAMES + ["NIKE, shirt 2"] * (LEAST_NAMES - 1) + ["Other"] * 60
    words, codes = encode_words(names)
    assert words == ("nike", "polo")  # shirt is in one name too few, other in more than half
    assert codes.shape == (len(names), MOST_WORDS)
    assert [sorted(words[code] for code in row if code >= 0) for row in codes.tolist()[::LEAST_NAMES]][:2] == [
        ["nike", "polo"],
        ["nike"],
    ]
    assert (codes[-60:] == -1).all()


def test_a_name_of_many_words_keeps_its_rarest() -> None:
    words = [f"word{chr(97 + place)}" for place in range(MOST_WORDS + 2)]
    names = [" ".join(words)] * LEAST_NAMES + [words[0]] * 5 + [words[1]] * 5 + ["x"] * 60
    known, codes = encode_words(names)
    assert {known[code] for code in codes[0].tolist()} == set(words[2:])


def test_words_loss_is_the_mean_cross_entropy_over_the_words_of_each_name() -> None:
    torch.manual_seed(0)
    log_shares = nn.functional.log_softmax(torch.randn(3, 5), dim=1)
    codes = torch.tensor([[0, 4, -1], [2, -1, -1], [-1, -1, -1]])
    table = log_shares.tolist()
    expected = -((table[0][0] + table[0][4]) / 2 + table[1][2]) / 2  # the third name has none
    assert float(words_loss(log_shares, codes)) == pytest.approx(expected, rel=1e-5)
    assert float(words_loss(log_shares, torch.full((3, 3), -1))) == 0


def test_words_are_a_loss_of_their_own_beside_the_attributes(tiny: Recipe) -> None:
    recipe = tiny.with_settings({"similarity": "none", "classification.words": "0.5"})
    made = targets()
    with_words = dataclasses.replace(made, words=("blue", "polo"), word_codes=torch.tensor([[0, 1], [1, -1]] * 6))
    losses = Losses(recipe, 8, 6, with_words, ())
    embeddings, maps = a_batch()
    found = losses(embeddings, maps, Batch(made.codes, word_codes=with_words.word_codes))
    assert found.keys() == {*made.codes, "words"}
    assert losses.words is not None
    log_shares = nn.functional.log_softmax(losses.words(embeddings), dim=1)
    assert found["words"].item() == pytest.approx(0.5 * words_loss(log_shares, with_words.word_codes).item())


# -- soft labels --------------------------------------------------------------------------------------------


def test_labels_without_smoothing_are_the_values() -> None:
    assert torch.equal(soft_labels(COLOURS, Classification({"base_colour": 1}), FAMILIES), torch.eye(5))


@pytest.mark.parametrize(("smoothing", "shades"), [(0.0, 0.2), (0.1, 0.0), (0.1, 0.2), (0.5, 0.2)])
def test_rows_add_up_to_one(smoothing: float, shades: float) -> None:
    values = ["Red", "Blue", "navy blue", "Turquoise Blue", "", "Maroon", "Off White"]
    recipe = Classification({"base_colour": 1}, smoothing=smoothing, shades=shades)
    for families in (FAMILIES, (), read_shades()):
        table = soft_labels(values, recipe, families)
        torch.testing.assert_close(table.sum(1), torch.ones(7))
        assert (table >= 0).all()
        assert (table.argmax(1) == torch.arange(7)).all()


def test_shades_are_spread_over_neighbours_alone() -> None:
    values = ["Black", "Blue", "Navy Blue", "Red", "Turquoise Blue"]
    table = soft_labels(values, Classification({"base_colour": 1}, shades=0.2), FAMILIES)
    expected = torch.eye(5)
    for row, others in ((1, (2, 4)), (2, (1, 4)), (4, (1, 2))):
        expected[row, row] = 0.8
        expected[row, others] = 0.1
    torch.testing.assert_close(table, expected)


def test_smoothing_is_spread_over_all() -> None:
    table = soft_labels(["a", "b", "c", "d"], Classification({"usage": 1}, smoothing=0.2), FAMILIES)
    torch.testing.assert_close(table, torch.eye(4) * 0.8 + 0.05)


# -- logit adjustment ---------------------------------------------------------------------------------------


def test_shares_are_those_within_a_category_and_a_little_of_the_whole() -> None:
    categories = torch.tensor([0] * 60 + [1] * 20)
    codes = torch.tensor([0] * 60 + [1] * 20)
    table = log_shares_within(codes, 2, categories, 2).exp()
    rare = RARE * torch.tensor([0.75, 0.25])
    expected = torch.stack([(torch.tensor([60, 0]) + rare) / (60 + RARE), (torch.tensor([0, 20]) + rare) / (20 + RARE)])
    torch.testing.assert_close(table, expected)
    torch.testing.assert_close(table.sum(1), torch.ones(2))
    whole = log_shares_within(codes, 2, torch.zeros_like(codes), 1).exp()
    torch.testing.assert_close(whole, torch.tensor([[0.75, 0.25]]))


@pytest.mark.parametrize("adjustment", [0.0, 0.5, 1.0])
def test_adjusted_logits_are_relieved_of_what_is_common_in_a_category(tiny: Recipe, adjustment: float) -> None:
    recipe = tiny.with_settings({"classification.adjustment": str(adjustment)})
    made = targets()
    losses = Losses(recipe, 8, 6, made, ())
    embeddings, maps = a_batch()
    found = losses(embeddings, maps, Batch(made.codes))
    types, colours = made.codes["article_type"], made.codes["base_colour"]
    shares = {
        "article_type": log_shares_within(types, 2, torch.zeros_like(types), 1)[torch.zeros_like(types)],
        "base_colour": log_shares_within(colours, 5, types, 2)[types],
    }
    for (column, codes), key in zip(made.codes.items(), losses.heads, strict=True):
        expected = nn.functional.cross_entropy(losses.heads[key](embeddings) + adjustment * shares[column], codes)
        assert found[column].item() == pytest.approx(expected.item(), rel=1e-5)


def test_without_its_category_a_catalog_is_adjusted_by_its_whole_shares(tiny: Recipe) -> None:
    recipe = tiny.with_settings({"classification.adjustment": "1", "category": "kind"})
    made = targets()
    losses = Losses(recipe, 8, 6, made, ())
    embeddings, maps = a_batch()
    found = losses(embeddings, maps, Batch(made.codes))
    shares = torch.bincount(made.codes["base_colour"]) / 12
    expected = nn.functional.cross_entropy(
        losses.heads["c1"](embeddings) + shares.log(), made.codes["base_colour"]
    ).item()
    assert found["base_colour"].item() == pytest.approx(expected, rel=1e-5)


# -- classification -----------------------------------------------------------------------------------------


def test_classification_is_the_cross_entropy_with_soft_labels(tiny: Recipe) -> None:
    recipe = tiny.with_settings(
        {
            "classification.attributes": "{article_type = 0.5, base_colour = 2.0}",
            "classification.weight": "3",
            "classification.smoothing": "0.1",
            "classification.shades": "0.2",
        }
    )
    made = targets()
    losses = Losses(recipe, 8, 6, made, FAMILIES)
    embeddings, maps = a_batch()
    found = losses(embeddings, maps, Batch(made.codes))
    assert list(found) == ["article_type", "base_colour"]
    assert recipe.classification is not None
    for (column, weight), key in zip({"article_type": 0.5, "base_colour": 2.0}.items(), losses.heads, strict=True):
        families = FAMILIES if column == "base_colour" else ()
        soft = soft_labels(made.values[column], recipe.classification, families).tolist()
        total = 0.0
        for row, code in zip(losses.heads[key](embeddings).tolist(), made.codes[column].tolist(), strict=True):
            whole = math.log(sum(math.exp(value) for value in row))
            total -= sum(share * (value - whole) for share, value in zip(soft[code], row, strict=True))
        assert found[column].item() == pytest.approx(3 * weight * total / 12, rel=1e-5)


def test_only_colours_have_shades(tiny: Recipe) -> None:
    recipe = tiny.with_settings({"classification.shades": "0.2"})
    made = Targets({"usage": ["Blue", "Navy Blue"]}, {"usage": torch.tensor([0, 1])}, torch.tensor([0, 1]))
    losses = Losses(recipe, 8, 6, made, FAMILIES)
    assert torch.equal(losses.soft_c0, torch.eye(2))


def test_columns_of_any_name(tiny: Recipe) -> None:
    made = Targets({"a.b c": ["x", "y"]}, {"a.b c": torch.tensor([0, 1])}, torch.tensor([0, 1]))
    found = Losses(tiny, 8, 6, made, ())(torch.zeros(2, 8), torch.zeros(2, 6, 1, 1), Batch(made.codes))
    assert found["a.b c"].item() == pytest.approx(math.log(2), abs=1)


def test_relaxation_is_convolution_relu_dropout_convolution() -> None:
    module = feature_relaxation(6, 0.25)
    assert [type(layer) for layer in module] == [nn.Conv2d, nn.ReLU, nn.Dropout, nn.Conv2d]
    assert module[2].p == 0.25
    assert module(torch.rand(2, 6, 3, 2)).shape == (2, 6, 3, 2)


def test_relaxation_stands_in_the_classification_path_alone(tiny: Recipe) -> None:
    recipe = tiny.with_settings(
        {"classification.relaxation": "true", "similarity": '{loss = "contrastive", same = "group"}'}
    )
    made = targets()
    losses = Losses(recipe, 8, 6, made, ()).eval()
    assert losses.relaxation is not None
    embeddings, maps = a_batch()
    maps.requires_grad_()
    before = losses(embeddings, maps, Batch(made.codes, made.positives))
    classified = before["article_type"] + before["base_colour"]
    from_embeddings, from_maps = torch.autograd.grad(
        classified, (embeddings, maps), retain_graph=True, allow_unused=True
    )
    assert from_embeddings is None
    assert from_maps.abs().sum() > 0
    from_embeddings, from_maps = torch.autograd.grad(before["similarity"], (embeddings, maps), allow_unused=True)
    assert from_embeddings.abs().sum() > 0
    assert from_maps is None
    with torch.no_grad():
        for value in losses.relaxation.parameters():
            value.mul_(3)
    after = losses(embeddings, maps, Batch(made.codes, made.positives))
    assert after["similarity"] == before["similarity"]
    assert after["article_type"] != before["article_type"]


def test_without_relaxation_the_embedding_is_classified(tiny: Recipe) -> None:
    losses = Losses(tiny, 8, 6, targets(), ())
    assert losses.relaxation is None
    embeddings, maps = a_batch()
    found = losses(embeddings, maps, Batch(targets().codes))
    (gradient,) = torch.autograd.grad(found["article_type"], embeddings)
    assert gradient.abs().sum() > 0


def test_dropout_acts_in_training_alone(tiny: Recipe) -> None:
    recipe = tiny.with_settings({"classification.relaxation": "true", "classification.dropout": "0.5"})
    losses = Losses(recipe, 8, 6, targets(), ())
    embeddings, maps = a_batch()

    def twice() -> list[float]:
        return [losses(embeddings, maps, Batch(targets().codes))["article_type"].item() for _ in range(2)]

    assert len(set(twice())) == 2
    losses.eval()
    assert len(set(twice())) == 1


# -- similarity ---------------------------------------------------------------------------------------------


def test_triplet_of_a_batch_made_by_hand(tiny: Recipe) -> None:
    # Angles of 0°, 60° and 90°: squared distances of 1 (anchor, positive), 2 and 2 − √3.
    angles = torch.tensor([0, math.pi / 3, math.pi / 2])
    embeddings = torch.stack([angles.cos(), angles.sin()], 1) * torch.tensor([[1.0], [5.0], [0.2]])
    recipe = tiny.with_settings({"classification": "{attributes = {usage = 1}}"})
    recipe = recipe.with_settings({"similarity": '{loss = "triplet", same = "group", margin = 0.3, weight = 0.1}'})
    recipe = Recipe.from_json(recipe.to_json() | {"classification": None})
    found = similarity_of(recipe, embeddings, torch.tensor([0, 0, 1]))
    # Anchored at the first: 0.3 + 1 − 2 < 0, no loss. Anchored at the second: 0.3 + 1 − (2 − √3).
    assert found.item() == pytest.approx(0.1 * (0.3 + 1 - (2 - math.sqrt(3))), rel=1e-5)


@pytest.mark.parametrize("margin", [0.05, 0.3, 2.0])
def test_triplet_is_the_mean_of_the_papers_equation_over_triplets_that_violate_the_margin(
    tiny: Recipe, margin: float
) -> None:
    recipe = tiny.with_settings({"similarity": f'{{loss = "triplet", same = "group", margin = {margin}}}'})
    recipe = Recipe.from_json(recipe.to_json() | {"classification": None})
    embeddings, _ = a_batch()
    alike = targets().positives
    assert alike is not None
    vectors, labels = unit(embeddings), alike.tolist()

    def apart(one: int, other: int) -> float:
        return sum((a - b) ** 2 for a, b in zip(vectors[one], vectors[other], strict=True))

    found = []
    for anchor, positive, negative in itertools.permutations(range(12), 3):
        if labels[anchor] == labels[positive] != labels[negative]:
            found.append(margin + apart(anchor, positive) - apart(anchor, negative))
    violating = [value for value in found if value > 0]
    assert 0 < len(violating) <= len(found)
    assert similarity_of(recipe, embeddings, alike).item() == pytest.approx(np.mean(violating), rel=1e-4)


def test_a_batch_without_triplets_has_no_loss_and_can_be_learned_from(tiny: Recipe) -> None:
    recipe = tiny.with_settings({"similarity": '{loss = "triplet", same = "group"}'})
    recipe = Recipe.from_json(recipe.to_json() | {"classification": None})
    embeddings, _ = a_batch(4)
    found = similarity_of(recipe, embeddings, torch.arange(4))
    assert found.item() == 0
    found.backward()


@pytest.mark.parametrize("temperature", [0.1, 0.5])
def test_contrastive_is_supervised_contrastive(tiny: Recipe, temperature: float) -> None:
    """Khosla et al., Supervised Contrastive Learning, 2020, equation 2 (L_out)."""
    settings = f'{{loss = "contrastive", same = "group", temperature = {temperature}, weight = 0.5}}'
    recipe = Recipe.from_json(tiny.with_settings({"similarity": settings}).to_json() | {"classification": None})
    embeddings, _ = a_batch()
    alike = targets().positives
    assert alike is not None
    vectors, labels = unit(embeddings), alike.tolist()
    of_anchors = []
    for anchor in range(12):
        others = [other for other in range(12) if other != anchor]
        positives = [other for other in others if labels[other] == labels[anchor]]
        if positives:
            whole = math.log(sum(math.exp(dot(vectors[anchor], vectors[one]) / temperature) for one in others))
            of_anchors.append(np.mean([whole - dot(vectors[anchor], vectors[one]) / temperature for one in positives]))
    assert similarity_of(recipe, embeddings, alike).item() == pytest.approx(0.5 * np.mean(of_anchors), rel=1e-4)


def test_proxies_are_learned_with_the_rest(tiny: Recipe) -> None:
    recipe = tiny.with_settings({"similarity": '{loss = "proxy", same = "group", temperature = 0.1}'})
    recipe = Recipe.from_json(recipe.to_json() | {"classification": None})
    made = targets()
    losses = Losses(recipe, 8, 6, made, ())
    (proxies,) = losses.parameters()
    assert 6 in proxies.shape
    embeddings, maps = a_batch()
    found = losses(embeddings, maps, Batch({}, made.positives))["similarity"]
    directions = nn.functional.normalize(proxies if proxies.shape[0] == 6 else proxies.T, dim=1)
    cosines = nn.functional.normalize(embeddings, dim=1) @ directions.T
    assert found.item() == pytest.approx(nn.functional.cross_entropy(cosines / 0.1, made.positives).item(), rel=1e-4)


@pytest.mark.parametrize("loss", ["triplet", "contrastive", "proxy"])
def test_the_length_of_an_embedding_does_not_count(tiny: Recipe, loss: str) -> None:
    recipe = tiny.with_settings({"similarity": f'{{loss = "{loss}", same = "group"}}'})
    recipe = Recipe.from_json(recipe.to_json() | {"classification": None})
    embeddings, _ = a_batch()
    alike = targets().positives
    assert alike is not None
    values = []
    for length in (1.0, 20.0):
        torch.manual_seed(0)
        values.append(similarity_of(recipe, embeddings.detach() * length, alike).item())
    assert values[0] == pytest.approx(values[1], rel=1e-4)
