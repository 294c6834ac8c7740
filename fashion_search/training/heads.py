"""Heads: what an encoder's unit vectors tell of labels, fitted to them when its training is over. It imports torch."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from fashion_search.encoders import Head
from fashion_search.training.losses import log_shares_within
from fashion_search.training.targets import encode

_PENALTY = 3e-6  # of squared weights; tools/fit_labels.py reports what it gives on held-out groups
_SCALE = 10.0  # of the weights while they are fitted, so that steps of all parameters are alike
_STEPS = 150


def fit(vectors: NDArray[np.float32], labels: Mapping[str, Sequence[str]], category: str = "") -> dict[str, Head]:
    """Multinomial logistic regression of each column's labels on unit vectors, by L-BFGS.

    Logits are adjusted for frequency while they are fitted (Menon et al., *Long-Tail Learning via Logit Adjustment*,
    2021), within each category: so a head says how well a picture fits a value, not how common that is.

    Args:
        vectors: shape (n, dim).
        labels: by column, n of each; a column of one value is left out.
        category: the column whose values frequencies are told within, such as the type; none where it is not there.
    """
    pictures = torch.from_numpy(vectors) * _SCALE
    coded = {column: encode(values) for column, values in labels.items()}
    found = {}
    for column, (values, codes) in coded.items():
        if len(values) < 2:
            continue
        within, n_within = torch.zeros_like(codes), 1
        if category in coded and category != column:
            within, n_within = coded[category][1], len(coded[category][0])
        shares = log_shares_within(codes, len(values), within, n_within)
        found[column] = _fitted(pictures, tuple(values), codes, shares[within])
    return found


def _fitted(pictures: torch.Tensor, values: tuple[str, ...], codes: torch.Tensor, offsets: torch.Tensor) -> Head:
    weight = torch.zeros(len(values), pictures.shape[1], requires_grad=True)
    bias = torch.zeros(len(values), requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=_STEPS, history_size=20, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        logits = pictures @ weight.T + bias + offsets
        value = torch.nn.functional.cross_entropy(logits, codes) + _PENALTY * _SCALE**2 * weight.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return Head(values, (weight.detach() * _SCALE).numpy(), bias.detach().numpy())
