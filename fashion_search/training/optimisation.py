"""What moves the weights of a run: its optimiser, and their running mean. It imports torch."""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch.optim.swa_utils import AveragedModel

from fashion_search.training.recipe import Optimisation


def make_optimiser(modules: Iterable[torch.nn.Module], schedule: Optimisation, device: str) -> torch.optim.Optimizer:
    """The optimiser of all parameters that are trained; biases and norms do not decay."""
    trained = [p for module in modules for p in module.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": schedule.decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    kind = torch.optim.Adam if schedule.optimiser == "adam" else torch.optim.AdamW
    return kind(groups, lr=schedule.rate, fused=device in ("cpu", "cuda"))


# On processors without AVX-512, oneDNN as torch 2.14 has it writes beyond its memory for the gradients of convolutions
# of 1 × 1 with a stride that have fewer channels.
_SAFE_WIDTH = 8


def backward(loss: torch.Tensor, widths: Sequence[int]) -> None:
    """The gradients of a loss, for a network whose stages have these widths."""
    onednn: Any = torch.backends.mkldnn
    was_enabled = onednn.enabled
    try:
        onednn.enabled = was_enabled and min(widths, default=_SAFE_WIDTH) >= _SAFE_WIDTH
        loss.backward()  # type: ignore[no-untyped-call]
    finally:
        onednn.enabled = was_enabled


def mean_of(current: torch.nn.Module, decay: float) -> AveragedModel | None:
    """The running mean of weights and buffers, the start among them; None without a decay."""
    if not decay:
        return None

    def update(means: Any, values: Any, n: Any) -> None:
        # Early on the mean of few steps is better than one that still holds the random start.
        share = 1 - min(decay, int(n) / (9 + int(n)))
        for mean, value in zip(means, values, strict=True):
            if mean.is_floating_point():
                mean.lerp_(value, share)
            else:  # of a count
                mean.copy_(value)

    averaged = AveragedModel(current, multi_avg_fn=update, use_buffers=True)
    averaged.n_averaged.fill_(1)
    return averaged
