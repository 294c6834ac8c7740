"""How far to trust a row of results: the probability that its first is right, and that any of its first k is.

Both are logistic regressions, by method, on what is known of a query without its labels: what the style groups of the
results are probable by (``posterior``), how near the nearest item is for this library, whether results agree, and
whether the encoder takes the picture for fashion at all.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from fashion_search.labels.posterior import StylePosterior, Told

LIKELY = 0.7
UNSURE = 0.4
_MOST_LOGIT = 5.0
_LEAST = 1e-4  # probabilities are kept that far from 0 and 1


class Trust(StrEnum):
    """What is said of a row of results."""

    LIKELY = "likely right"
    UNSURE = "unsure"
    ALTERNATIVES = "closest alternatives only"


@dataclass(frozen=True)
class Confidence:
    """The probability that the first result is right, and that any of the first k is."""

    first: float
    any: float

    @property
    def trust(self) -> Trust:
        """In words."""
        if self.any >= LIKELY:
            return Trust.LIKELY
        return Trust.UNSURE if self.any >= UNSURE else Trust.ALTERNATIVES


def features(
    posterior: StylePosterior, told: Told, rows: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What the two regressions look at, shape (q, 5) each: 1, log odds, nearness, agreement, whether it is fashion.

    The log odds are those of the first result's style group, and of all style groups among the results. Nearness is
    how far the nearest item's cosine is above what is usual in the library, in its spreads.

    Args:
        posterior: of the library.
        told: what it tells of the queries.
        rows: the first k results of each query, -1 where there is none, shape (q, k).
    """
    catalog = posterior.library.catalog
    found = rows >= 0
    groups = np.where(found, catalog.group_of[rows], -1)
    places = np.arange(len(rows))[:, None]
    of_results = np.where(found, told.probabilities[places, groups], 0)
    is_new = np.stack([(groups[:, :k] != groups[:, k : k + 1]).all(axis=1) for k in range(rows.shape[1])], axis=1)
    agreement = ((groups == groups[:, :1]) & found).mean(axis=1)
    nearness = np.clip((told.nearest - posterior.usual) / posterior.spread, -8, 2)
    fashion = np.clip(posterior.fashion_logits(told.vectors), -_MOST_LOGIT, _MOST_LOGIT)
    ones = np.ones(len(rows))
    first, any_of = of_results[:, 0], (of_results * is_new).sum(axis=1)
    return (
        np.stack([ones, _log_odds(first), nearness, agreement, fashion], axis=1),
        np.stack([ones, _log_odds(any_of), nearness, agreement, fashion], axis=1),
    )


def _log_odds(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    kept = np.clip(probabilities, _LEAST, 1 - _LEAST)
    return np.asarray(np.log(kept / (1 - kept)))


def probabilities_of(weights: tuple[float, ...], inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """A logistic regression's, shape (q,); weights in the order of ``features``."""
    return np.asarray(1 / (1 + np.exp(-inputs @ np.array(weights))))


def first_and_any(
    posterior: StylePosterior, told: Told, rows: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The probability that each query's first result is right, and that any of its first k is, shape (q,) each.

    With k = 1 both say the same, so they are the same. The arguments are those of ``features``.
    """
    of_first, of_any = features(posterior, told, rows)
    first = probabilities_of(posterior.calibration.first, of_first)
    return first, first if rows.shape[1] == 1 else probabilities_of(posterior.calibration.any, of_any)


def confidence(posterior: StylePosterior, told: Told, rows: NDArray[np.intp]) -> Confidence:
    """Of one query's row of results.

    Args:
        posterior: of the library.
        told: what it tells of the query.
        rows: its first k results, at least one, shape (k,).
    """
    first, any_of = first_and_any(posterior, told, rows[None])
    return Confidence(float(first[0]), float(any_of[0]))
