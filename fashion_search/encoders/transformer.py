"""A small vision transformer, and linear layers of three values. Imported only where one is built: it imports torch.

Dosovitskiy et al., *An Image is Worth 16x16 Words*, 2021; Ma et al., *The Era of 1-bit LLMs* (BitNet b1.58), 2024.
"""

import math

import torch
from torch import Tensor, nn

from fashion_search.encoders.architecture import HEAD, Architecture

_WIDER = 4  # times the width of a token, between the two layers of a block
_LEAST = 1e-5  # scales are not smaller, so that nothing is divided by zero
_LARGEST = 127.0  # of 8 bits with a sign


class _ThroughRounding(torch.autograd.Function):
    """Gives the second value; the gradient goes to the first as if it were that: a straight-through estimator."""

    @staticmethod
    def forward(ctx: object, value: Tensor, rounded: Tensor) -> Tensor:
        return rounded.clone()

    @staticmethod
    def backward(ctx: object, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient, None


def ternary(weight: Tensor) -> tuple[Tensor, Tensor]:
    """A matrix as −1, 0 and 1, and the one scale that they are multiplied by: the mean of its absolute values."""
    scale = weight.abs().mean().clamp(min=_LEAST)
    return (weight / scale).round().clamp(-1, 1), scale


def in_8_bits(tokens: Tensor) -> Tensor:
    """Each token, the last axis, rounded to 255 steps between plus and minus its largest absolute value."""
    scale = tokens.abs().amax(-1, keepdim=True).clamp(min=_LEAST) / _LARGEST
    return (tokens / scale).round() * scale


class TernaryLinear(nn.Linear):
    """A linear layer that computes with weights of three values, and of its inputs with 8 bits.

    What is trained and stored are the weights before they are rounded. It computes in the numbers of any other layer,
    so it is not faster here; what it shows is what is lost when a weight has log2(3) = 1.58 bits.
    """

    def forward(self, tokens: Tensor) -> Tensor:
        tokens, weight = tokens.float(), self.weight.float()
        values, scale = ternary(weight)
        return nn.functional.linear(
            _ThroughRounding.apply(tokens, in_8_bits(tokens)),
            _ThroughRounding.apply(weight, values * scale),
            self.bias,
        )


def size_notes(network: nn.Module) -> list[str]:
    """For people: how small a network with ternary layers could be; nothing of one without."""
    three = sum(layer.weight.numel() for layer in network.modules() if isinstance(layer, TernaryLinear))
    if not three:
        return []
    every = sum(value.numel() for value in network.parameters())
    bits = 16 * (every - three) + math.log2(3) * three
    return [
        f"{three:,} of its {every:,} weights have three values: with 1.58 bits for each of them it would take "
        f"{bits / 8e6:.2f} MB, with 16 bits for all {every * 2 / 1e6:.2f} MB. Its file has 16 bits for all, and it "
        "computes no faster."
    ]


class _Block(nn.Module):
    """Attention and two layers, each after a norm and beside a shortcut. Linear layers have no bias, as in BitNet."""

    def __init__(self, width: int, linear: type[nn.Linear]):
        super().__init__()
        self.heads = width // HEAD
        self.norm1 = nn.LayerNorm(width)
        self.asked = linear(width, 3 * width, bias=False)
        self.mixed = linear(width, width, bias=False)
        self.norm2 = nn.LayerNorm(width)
        self.wider = linear(width, _WIDER * width, bias=False)
        self.narrower = linear(_WIDER * width, width, bias=False)

    def forward(self, tokens: Tensor) -> Tensor:
        n, count, width = tokens.shape
        asked = self.asked(self.norm1(tokens)).view(n, count, 3, self.heads, HEAD)
        query, key, value = asked.permute(2, 0, 3, 1, 4)  # (n, heads, count, HEAD) each
        seen = nn.functional.scaled_dot_product_attention(query, key, value)
        tokens = tokens + self.mixed(seen.transpose(1, 2).reshape(n, count, width))
        inner = nn.functional.gelu(self.wider(self.norm2(tokens)))
        added: Tensor = self.narrower(inner)
        return tokens + added


class VisionTransformer(nn.Module):
    """Pixels (n, 3, h, w) → tokens as maps (n, width, h / patch, w / patch).

    Without a class token: the mean of the tokens is the picture, so that a similarity can be split over them.
    """

    def __init__(self, architecture: Architecture):
        super().__init__()
        (width,), patch = architecture.widths, architecture.patch
        linear = TernaryLinear if architecture.ternary else nn.Linear
        self.rows, self.columns = architecture.height // patch, architecture.width // patch
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.places = nn.Parameter(torch.randn(self.rows * self.columns, width) * 0.02)
        self.blocks = nn.Sequential(*(_Block(width, linear) for _ in range(architecture.blocks)))
        self.norm = nn.LayerNorm(width)

    def forward(self, pixels: Tensor) -> Tensor:
        patches = self.patches(pixels).flatten(2).transpose(1, 2)  # (n, count, width)
        tokens: Tensor = self.norm(self.blocks(patches + self.places))
        return tokens.transpose(1, 2).reshape(len(pixels), -1, self.rows, self.columns)
