"""Heads: multinomial logistic regression, compared with scikit-learn's, and what logit adjustment does to it."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from fashion_search.encoders import Head
from fashion_search.training import heads
from fashion_search.training.losses import RARE

COLOURS = ("Black", "Blue", "Red")
DIM = 6


def labelled(n: int = 240, seed: int = 0) -> tuple[NDArray[np.float32], list[str], list[str]]:
    """Unit vectors that tell colours, the commonest three times as often as the rarest, and types a little."""
    rng = np.random.default_rng(seed)
    colours = rng.choice(COLOURS, n, p=[0.6, 0.2, 0.2])
    types = np.where(rng.random(n) < np.where(colours == "Red", 0.8, 0.3), "Dresses", "Shirts")
    centres = np.eye(len(COLOURS), DIM)[np.searchsorted(COLOURS, colours)]
    centres[:, -1] = types == "Dresses"
    vectors = centres + rng.normal(scale=0.7, size=(n, DIM))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), colours.tolist(), types.tolist()


def log_shares(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), dtype=np.float64)


def logits_of(head: Head, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(vectors.astype(np.float64) @ head.weight.T + head.bias)


def naive_offsets(values: list[str], known: tuple[str, ...], categories: list[str]) -> NDArray[np.float64]:
    """For each picture the logarithm of each value's share in its category, smoothed by the shares of all."""
    rows = []
    for category in categories:
        inside = [value for value, other in zip(values, categories, strict=True) if other == category]
        shares = {one: values.count(one) / len(values) for one in known}
        rows.append([(inside.count(one) + RARE * shares[one]) / (len(inside) + RARE) for one in known])
    return np.log(rows)


def test_with_its_offsets_it_is_scikit_learns_logistic_regression(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a category the offsets are the same for all pictures, so they are a part of scikit-learn's intercept."""
    monkeypatch.setattr(heads, "_PENALTY", 1e-3)  # of which both have one minimum that is soon reached
    vectors, colours, _ = labelled()
    head = heads.fit(vectors, {"base_colour": colours})["base_colour"]
    assert head.values == COLOURS
    assert (head.weight.shape, head.bias.shape) == ((3, DIM), (3,))
    reference = LogisticRegression(C=1 / (2 * 1e-3 * len(colours)), tol=1e-8, max_iter=10_000).fit(vectors, colours)
    np.testing.assert_allclose(head.weight, reference.coef_, atol=0.02)
    offsets = np.log([colours.count(colour) / len(colours) for colour in COLOURS])
    shares = np.exp(log_shares(logits_of(head, vectors) + offsets))
    np.testing.assert_allclose(shares, reference.predict_proba(vectors), atol=2e-3)


@pytest.mark.parametrize("category", ["article_type", "gender", ""], ids=["within types", "not there", "none"])
def test_with_the_offsets_added_no_other_head_has_a_smaller_loss(
    category: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gradient of the naive loss, by torch's double precision, is zero there, and the loss larger around it."""
    monkeypatch.setattr(heads, "_PENALTY", 1e-3)
    vectors, colours, types = labelled(seed=1)
    head = heads.fit(vectors, {"article_type": types, "base_colour": colours}, category)["base_colour"]
    categories = types if category == "article_type" else ["any"] * len(types)
    offsets = torch.tensor(naive_offsets(colours, COLOURS, categories))
    codes = torch.tensor([COLOURS.index(colour) for colour in colours])

    def loss(weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        log_shares = (torch.tensor(vectors).double() @ weight.T + bias + offsets).log_softmax(1)
        return -log_shares[torch.arange(len(codes)), codes].mean() + 1e-3 * weight.square().sum()

    weight, bias = (torch.tensor(part).double().requires_grad_() for part in (head.weight, head.bias))
    least = loss(weight, bias)
    gradients = torch.autograd.grad(least, [weight, bias])
    assert max(float(gradient.abs().max()) for gradient in gradients) < 1e-3
    generator = torch.Generator().manual_seed(0)
    for _ in range(20):
        moved = [part + 0.1 * torch.randn(part.shape, generator=generator) for part in (weight, bias)]
        assert loss(*moved) > least


def test_a_vector_that_tells_nothing_makes_no_value_likelier_for_being_common() -> None:
    vectors = np.tile(np.eye(1, DIM, dtype=np.float32), (400, 1))
    colours = ["Black"] * 300 + ["Red"] * 100
    head = heads.fit(vectors, {"base_colour": colours})["base_colour"]
    np.testing.assert_allclose(np.exp(log_shares(logits_of(head, vectors[:1]))), [[0.5, 0.5]], atol=0.01)


def test_the_category_itself_is_adjusted_over_all_pictures() -> None:
    vectors, _, types = labelled()
    alone = heads.fit(vectors, {"article_type": types})["article_type"]
    within = heads.fit(vectors, {"article_type": types}, "article_type")["article_type"]
    np.testing.assert_array_equal(within.weight, alone.weight)
    np.testing.assert_array_equal(within.bias, alone.bias)


def test_a_column_of_one_value_is_left_out() -> None:
    vectors, colours, _ = labelled()
    found = heads.fit(vectors, {"usage": ["Casual"] * len(colours), "base_colour": colours})
    assert list(found) == ["base_colour"]


def test_where_the_category_has_one_value_its_shares_are_those_of_all() -> None:
    vectors, colours, _ = labelled()
    within = heads.fit(vectors, {"article_type": ["Shirts"] * len(colours), "base_colour": colours}, "article_type")
    alone = heads.fit(vectors, {"base_colour": colours})
    assert list(within) == ["base_colour"]
    np.testing.assert_allclose(within["base_colour"].weight, alone["base_colour"].weight, atol=0.05)
