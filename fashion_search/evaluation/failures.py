"""Where two methods differ: the outcome of every query, the most telling cases, and suspect labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog import Catalog
from fashion_search.evaluation.rankings import Rankings


class Outcome(StrEnum):
    """What became of a query under methods A and B: whether any of the first k results is relevant."""

    BOTH = "both"
    ONLY_FIRST = "only-first"
    ONLY_SECOND = "only-second"
    NEITHER = "neither"

    def label(self, first: str, second: str) -> str:
        """In words, with the methods' titles."""
        return {
            Outcome.BOTH: "Both hit",
            Outcome.ONLY_FIRST: f"Only {first} hits",
            Outcome.ONLY_SECOND: f"Only {second} hits",
            Outcome.NEITHER: "Neither hits",
        }[self]


@dataclass(frozen=True)
class Duel:
    """Two methods' rankings of the same queries, compared at k."""

    first: Rankings
    second: Rankings
    k: int

    @property
    def queries(self) -> NDArray[np.intp]:
        """Rows of the queries, shape (q,)."""
        return self.first.queries

    @cached_property
    def correct(self) -> NDArray[np.intp]:
        """Relevant results among the first k of each method, shape (2, q)."""
        return np.stack([method.relevant[:, : self.k].sum(axis=1) for method in (self.first, self.second)])

    @cached_property
    def gaps(self) -> NDArray[np.intp]:
        """How many more relevant results the second method has than the first, shape (q,)."""
        first, second = self.correct
        return np.asarray(second - first)

    @cached_property
    def outcomes(self) -> NDArray[np.str_]:
        """The outcome of each query, shape (q,)."""
        first, second = self.correct > 0
        return np.select(
            [first & second, first & ~second, ~first & second],
            [str(Outcome.BOTH), str(Outcome.ONLY_FIRST), str(Outcome.ONLY_SECOND)],
            str(Outcome.NEITHER),
        )

    @cached_property
    def counts(self) -> dict[Outcome, int]:
        """How many queries have each outcome."""
        return {one: int((self.outcomes == one).sum()) for one in Outcome}

    @cached_property
    def most_telling(self) -> NDArray[np.intp]:
        """Places of the queries, the most telling first, shape (q,).

        The larger the difference in relevant results, the more telling; then the larger the ratio between the
        ranks of the first relevant result (1 against 400 tells more than 30 against 40); then by row.
        """
        ratio = np.abs(np.log(self.first.first) - np.log(self.second.first))
        return np.lexsort((self.queries, -ratio, -np.abs(self.gaps)))


PAPERS_CASES: Mapping[str, Outcome] = {
    "backpacks_brown_casual": Outcome.ONLY_FIRST,
    "wallets_black_formal": Outcome.ONLY_SECOND,
    "capris_navy_blue_casual": Outcome.NEITHER,
}
"""The paper's Figs. 4 to 6: style group → what happens there to one query under histogram and ResNet-18, k = 5."""

PAPERS_METHODS = ("histogram", "resnet18")


@dataclass(frozen=True)
class Suspect:
    """Two items that a method takes for nearly the same, but whose style groups differ."""

    one: int
    other: int
    score: float


def suspects(catalog: Catalog, rankings: Rankings, threshold: float) -> list[Suspect]:
    """Pairs of query and result with a cosine of at least ``threshold`` and different labels, the closest first.

    Each pair once, whichever of the two was the query. A pair that a person accepted is not suspect any more.
    """
    close = (rankings.scores >= threshold) & ~rankings.relevant & (rankings.rows >= 0)
    found: dict[tuple[int, int], float] = {}
    for place, rank in np.argwhere(close).tolist():
        pair = sorted((int(rankings.queries[place]), int(rankings.rows[place, rank])))
        found[pair[0], pair[1]] = float(rankings.scores[place, rank])
    ordered = sorted(found.items(), key=lambda entry: (-entry[1], entry[0]))
    return [Suspect(one, other, score) for (one, other), score in ordered]
