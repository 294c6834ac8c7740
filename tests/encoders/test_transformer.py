from dataclasses import replace

import pytest
import torch
from torch import nn

from fashion_search.encoders.architecture import Architecture
from fashion_search.encoders.networks import Embedder, fold_batch_norm
from fashion_search.encoders.transformer import TernaryLinear, VisionTransformer, in_8_bits, size_notes, ternary

PLAIN = Architecture("transformer", 24, 16, 6, (64,), 2, patch=8)
THREE = replace(PLAIN, ternary=True)


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def ternary_layers(network: nn.Module) -> list[TernaryLinear]:
    return [layer for layer in network.modules() if isinstance(layer, TernaryLinear)]


def test_an_example_of_three_values() -> None:
    values, scale = ternary(torch.tensor([[0.1, -0.2, 0.9], [-1.6, 0.2, 0.0]]))
    assert scale.item() == pytest.approx(3.0 / 6)
    assert values.tolist() == [[0, 0, 1], [-1, 0, 0]]


def test_a_matrix_of_zeros_stays_one() -> None:
    values, scale = ternary(torch.zeros(2, 3))
    assert scale > 0
    assert not values.any()


def test_each_token_has_its_own_255_steps() -> None:
    tokens = torch.tensor([[1.0, -0.5, 0.004], [1270.0, 14.0, 16.0]])
    steps = torch.tensor([1 / 127, 10.0])[:, None]
    torch.testing.assert_close(in_8_bits(tokens) / steps, torch.tensor([[127.0, -64.0, 1.0], [127.0, 1.0, 2.0]]))
    assert not in_8_bits(torch.zeros(2, 3)).any()


def test_a_ternary_layer_is_its_formula() -> None:
    layer = TernaryLinear(8, 4, bias=True)
    tokens = torch.randn(5, 8)
    values, scale = ternary(layer.weight)
    assert set(values.unique().tolist()) == {-1.0, 0.0, 1.0}
    torch.testing.assert_close(layer(tokens), in_8_bits(tokens) @ values.T * scale + layer.bias)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(layer(tokens).float(), layer(tokens.bfloat16()).float(), atol=0.05, rtol=0.05)


def test_gradients_go_straight_through_the_rounding() -> None:
    layer = TernaryLinear(8, 4, bias=False)
    tokens = torch.randn(5, 8, requires_grad=True)
    upstream = torch.randn(5, 4)
    layer(tokens).backward(upstream)
    values, scale = ternary(layer.weight.detach())
    torch.testing.assert_close(layer.weight.grad, upstream.T @ in_8_bits(tokens.detach()))
    torch.testing.assert_close(tokens.grad, upstream @ (values * scale))


def test_the_layers_of_attention_and_of_the_two_after_it_are_ternary_and_no_others() -> None:
    network = Embedder(THREE)
    found = {name for name, layer in network.named_modules() if isinstance(layer, TernaryLinear)}
    layers = ("asked", "mixed", "wider", "narrower")
    assert found == {f"trunk.blocks.{block}.{layer}" for block in range(2) for layer in layers}
    assert not ternary_layers(Embedder(PLAIN))


def test_twins_have_the_same_weights_and_other_vectors() -> None:
    one, other = Embedder(PLAIN).eval(), Embedder(THREE).eval()
    shapes = {name: value.shape for name, value in one.state_dict().items()}
    assert shapes == {name: value.shape for name, value in other.state_dict().items()}
    other.load_state_dict(one.state_dict())
    pixels = torch.randn(3, 3, 24, 16)
    assert one(pixels)[0].shape == other(pixels)[0].shape == (3, 6)
    assert not torch.allclose(one(pixels)[0], other(pixels)[0], atol=1e-3)


@pytest.mark.parametrize("architecture", [PLAIN, THREE], ids=["plain", "ternary"])
def test_all_that_is_trained_moves(architecture: Architecture) -> None:
    network = Embedder(architecture)
    network(torch.randn(4, 3, 24, 16))[0][:, 0].square().sum().backward()
    without = [name for name, value in network.named_parameters() if value.grad is None]
    assert not without
    of_trunk = [value.grad for value in network.trunk.parameters()]
    assert all(grad is not None and grad.any() for grad in of_trunk)


@torch.inference_mode()
def test_tokens_lie_where_their_patches_do() -> None:
    trunk = VisionTransformer(replace(PLAIN, blocks=0)).eval()
    pixels = torch.zeros(1, 3, 24, 16)
    before = trunk(pixels)
    assert before.shape == (1, 64, 3, 2)
    pixels[:, :, 8:16, 8:] = 1
    changed = (trunk(pixels) - before).abs().sum((0, 1)) > 1e-4
    assert changed.tolist() == [[False, False], [False, True], [False, False]]


@torch.inference_mode()
def test_folding_batch_norms_leaves_it_as_it_is() -> None:
    trunk = VisionTransformer(THREE).eval()
    pixels = torch.randn(2, 3, 24, 16)
    before = trunk(pixels)
    torch.testing.assert_close(fold_batch_norm(trunk)(pixels), before, rtol=0, atol=0)


def test_how_small_it_could_be_is_said_of_the_ternary_twin_alone() -> None:
    assert size_notes(Embedder(PLAIN)) == []
    network = Embedder(THREE)
    three = 2 * 12 * 64 * 64
    every = sum(value.numel() for value in network.parameters())
    (note,) = size_notes(network)
    assert note.startswith(f"{three:,} of its {every:,} weights have three values")
    assert f"{(three * 1.58496 + 16 * (every - three)) / 8e6:.2f} MB, with 16 bits for all {every / 5e5:.2f} MB" in note
