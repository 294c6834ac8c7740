"""What a query is, in the catalog's own words: how probable each value of each grouping column is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog import Catalog

_SURE = 0.8  # from there on nothing is said of the second value
_WORTH = 0.15  # below that nothing is said of it either


@dataclass(frozen=True)
class Predicted:
    """The values of one column with their probabilities, the most probable first."""

    column: str
    values: tuple[tuple[str, float], ...]

    @property
    def best(self) -> str:
        """The most probable value."""
        return self.values[0][0]

    def __str__(self) -> str:
        """For example ``Navy Blue 64% (Black 21%)``."""
        value, probability = self.values[0]
        text = f"{value or '(blank)'} {probability:.0%}"
        if len(self.values) > 1 and probability < _SURE and self.values[1][1] >= _WORTH:
            second, less = self.values[1]
            text += f" ({second or '(blank)'} {less:.0%})"
        return text


def by_value(catalog: Catalog, probabilities: NDArray[np.float64]) -> list[tuple[list[str], NDArray[np.float64]]]:
    """For each column its values, sorted, and their probabilities, shape (q, values).

    Args:
        catalog: of the style groups.
        probabilities: P(style group | query), shape (q, G).
    """
    found = []
    for place in range(len(catalog.columns)):
        of_groups = np.array([group.labels[place] for group in catalog.groups], dtype=object).astype(str)
        values, codes = np.unique(of_groups, return_inverse=True)
        has_value = codes.reshape(-1, 1) == np.arange(len(values))  # (G, values)
        found.append(([str(value) for value in values], np.asarray(probabilities @ has_value)))
    return found


def predicted(catalog: Catalog, probabilities: NDArray[np.float64]) -> tuple[Predicted, ...]:
    """By column, from P(style group | query), shape (G,); nothing where that is 0 throughout."""
    if not probabilities.any():
        return ()
    found = []
    for column, (values, [shares]) in zip(catalog.columns, by_value(catalog, probabilities[None]), strict=True):
        order = np.argsort(-shares, kind="stable")
        found.append(Predicted(column, tuple((values[one], float(shares[one])) for one in order)))
    return tuple(found)


def sentence(predictions: Sequence[Predicted]) -> str:
    """For example ``Jackets 92% · Navy Blue 64% (Black 21%) · Sports 71%``."""
    return " · ".join(map(str, predictions))
