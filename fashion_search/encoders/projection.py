"""What follows on a network's pooled features: batch norm, a linear layer, batch norm; together one affine function."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

_LEAST_VARIANCE = 1e-5  # torch's, of every batch norm here


@dataclass(frozen=True)
class Projection:
    """``weight``, shape (dim, channels), and ``bias``, shape (dim,)."""

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Features, shape (n, channels), as embeddings, shape (n, dim)."""
        made: NDArray[np.float32] = features @ self.weight.T + self.bias
        return made

    @classmethod
    def of_state(cls, state: Mapping[str, NDArray[Any]]) -> Self | None:
        """From the state of an ``Embedder`` (``encoders.networks``); None where the features are the embedding.

        Raises:
            KeyError, ValueError: the state is not one.
        """
        if not any(name.startswith(("norm.", "projection.")) for name in state):
            return None
        first = "norm." if "norm.running_mean" in state else "projection."
        channels = len(state[f"{first}running_mean"])
        weight, bias = np.eye(channels), np.zeros(channels)
        for prefix in ("norm.", "projection.", "projection.1."):
            if prefix == "projection.1." and "projection.0.weight" in state:
                linear = state["projection.0.weight"].astype(np.float64)
                weight, bias = linear @ weight, linear @ bias
            if f"{prefix}running_mean" in state:
                scale, shift = _scale_and_shift(state, prefix)
                weight, bias = weight * scale[:, None], bias * scale + shift
        return cls(weight.astype(np.float32), bias.astype(np.float32))


def _scale_and_shift(state: Mapping[str, NDArray[Any]], prefix: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """What batch norm multiplies by, and then adds."""
    mean = state[f"{prefix}running_mean"].astype(np.float64)
    scale = 1 / np.sqrt(state[f"{prefix}running_var"].astype(np.float64) + _LEAST_VARIANCE)
    shift: NDArray[Any] = np.zeros_like(mean)
    if f"{prefix}weight" in state:
        scale = scale * state[f"{prefix}weight"].astype(np.float64)
        shift = state[f"{prefix}bias"].astype(np.float64)
    return scale, shift - mean * scale
