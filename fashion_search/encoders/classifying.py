"""The classification path of a trained encoder: what it was taught to name. Imported only where torch is at hand.

A linear layer a column, from the embedding as it is before its length is made 1, or through feature relaxation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

RELAXATION = "relaxation."
"""What the names of the relaxation's weights begin with; a column's layer has its place, such as ``0.weight``."""


@dataclass(frozen=True)
class Classes:
    """What pictures are told to be in one column: ``values``, and the probability of each, shape (n, values)."""

    values: tuple[str, ...]
    probabilities: NDArray[np.float32]


def feature_relaxation(channels: int, dropout: float) -> nn.Module:
    """Convolution, ReLU, dropout, convolution, in the classification path alone.

    Park et al., *Study on Fashion Image Retrieval Methods*, 2019, §2. The paper gives no sizes; both are 1 × 1
    here and keep the channels.
    """
    return nn.Sequential(
        nn.Conv2d(channels, channels, 1),
        nn.ReLU(inplace=True),
        nn.Dropout(dropout),
        nn.Conv2d(channels, channels, 1),
    )


class Classifier:
    """The classification path, ready to use.

    Args:
        columns: column → the values that its layer tells apart, in the order of its outputs.
        state: weights by their names, see ``RELAXATION``.

    Raises:
        ValueError, KeyError, RuntimeError: the weights are not those of these columns.
    """

    def __init__(self, columns: Mapping[str, tuple[str, ...]], state: Mapping[str, Tensor]):
        self.columns = columns
        relaxation = {name.removeprefix(RELAXATION): one for name, one in state.items() if name.startswith(RELAXATION)}
        self._relaxation: nn.Module | None = None
        if relaxation:
            self._relaxation = feature_relaxation(len(relaxation["0.bias"]), 0.0).eval()
            self._relaxation.load_state_dict({name: value.float() for name, value in relaxation.items()})
        self._layers: list[tuple[Tensor, Tensor]] = []
        for place, values in enumerate(columns.values()):
            weight, bias = state[f"{place}.weight"].float(), state[f"{place}.bias"].float()
            if len(weight) != len(values) or len(bias) != len(values):
                raise ValueError(f"{len(weight)} outputs for {len(values)} values")
            self._layers.append((weight, bias))

    def __call__(self, maps: NDArray[np.float32], embeddings: NDArray[np.float32]) -> dict[str, Classes]:
        """What pictures are told to be, by column.

        Args:
            maps: their feature maps, shape (n, channels, rows, columns).
            embeddings: not of unit length, shape (n, dimensions).
        """
        with torch.inference_mode():
            features: Any = torch.from_numpy(np.ascontiguousarray(embeddings))
            if self._relaxation is not None:
                features = self._relaxation(torch.from_numpy(np.ascontiguousarray(maps))).mean((2, 3))
            found = {}
            for (column, values), (weight, bias) in zip(self.columns.items(), self._layers, strict=True):
                probabilities = torch.softmax(features @ weight.T + bias, dim=1).numpy()
                found[column] = Classes(values, probabilities)
        return found
