"""Table 1: a method's figures under a protocol, each with interval, chance and ceiling; and the paper's own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from fashion_search.catalog import EVERYTHING, Catalog, Filter, Protocol, draw_split
from fashion_search.catalog.relevance import NO_VERDICTS, Applied
from fashion_search.evaluation.measures import KS, MEASURES
from fashion_search.evaluation.metrics import Values
from fashion_search.evaluation.rankings import Rankings, rank
from fashion_search.evaluation.statistics import GroupedQueries, Interval
from fashion_search.library import Library
from fashion_search.work import part

SEEDS = 20  # splits over which one-per-group figures are averaged


@dataclass(frozen=True)
class Figure:
    """One measure of one method: the mean over queries (macro) with its 95 % interval, and what to hold it against.

    ``micro`` weighs each query by its number of relevant items, so that large style groups count for more.
    """

    macro: Interval
    micro: float
    chance: float
    ceiling: float

    @property
    def lift(self) -> float:
        """How many times chance."""
        return self.macro.value / self.chance if self.chance else float("nan")


@dataclass(frozen=True)
class SeedScores:
    """Means of every measure under one query per group, for several split seeds.

    ``values`` has shape (seeds, measures in the order of ``MEASURES``, len(ks)).
    """

    values: Values
    ks: tuple[int, ...]

    @property
    def seeds(self) -> int:
        """How many splits."""
        return len(self.values)

    def mean(self, measure: str, k: int) -> float:
        """Mean over the splits."""
        return float(self._of(measure, k).mean())

    def deviation(self, measure: str, k: int) -> float:
        """Standard deviation over the splits (with n - 1)."""
        return float(self._of(measure, k).std(ddof=1))

    def _of(self, measure: str, k: int) -> Values:
        return np.asarray(self.values[:, list(MEASURES).index(measure), self.ks.index(k)])


PAPER = {
    "histogram": {"precision": 0.0993, "recall": 0.0516, "hit": 0.3305},
    "resnet18": {"precision": 0.2154, "recall": 0.1175, "hit": 0.5993},
}
"""The paper's Table 1 at k = 5: "Baseline" and "AI Pipeline" on 697 style groups of the full-size images.

It describes one query per style group (697 queries).
"""

PAPER_K = 5
_PAPER_COLUMNS = ("article_type", "base_colour", "usage")
_PAPER_COUNTS = (697, 6217)  # style groups and images, §4.1


def is_papers_data(columns: Sequence[str], n_groups: int, n_items: int) -> bool:
    """Whether a catalog has the paper's grouping, and exactly its style groups and images."""
    return tuple(columns) == _PAPER_COLUMNS and (n_groups, n_items) == _PAPER_COUNTS


def grouped(catalog: Catalog, rankings: Rankings) -> GroupedQueries:
    """The queries by style group, for intervals and comparisons."""
    return GroupedQueries(catalog.group_of[rankings.queries])


def figures(rankings: Rankings, queries: GroupedQueries, k: int) -> dict[str, Figure]:
    """Every measure of one method at k; NaN where no query has a relevant item.

    Args:
        rankings: the method's.
        queries: ``grouped`` of the same rankings.
        k: at most ``rankings.depth``.
    """
    values = np.stack([measure.of(rankings, k) for measure in MEASURES.values()], axis=1)  # (q, m)
    intervals = queries.intervals(values)
    if not queries.n_queries:
        nothing = float("nan")
        return {
            name: Figure(interval, nothing, nothing, nothing)
            for name, interval in zip(MEASURES, intervals, strict=True)
        }
    micro = np.average(values, axis=0, weights=rankings.totals).tolist()
    return {
        name: Figure(
            interval,
            one_micro,
            float(measure.chance(rankings, k).mean()),
            float(measure.ceiling(rankings, k).mean()),
        )
        for (name, measure), interval, one_micro in zip(MEASURES.items(), intervals, micro, strict=True)
    }


def seed_scores(
    library: Library,
    verdicts: Applied = NO_VERDICTS,
    seeds: Iterable[int] = range(SEEDS),
    ks: tuple[int, ...] = KS,
    filter: Filter = EVERYTHING,
) -> SeedScores:
    """One query per group, over several split seeds (at least two); NaN where no query has a relevant item."""
    means = []
    drawn = list(seeds)
    for number, seed in enumerate(drawn):
        split = draw_split(library.catalog, Protocol.ONE_PER_GROUP, seed, verdicts.removed, filter)
        with part(number, len(drawn)):
            rankings = rank(library, split, verdicts, max(ks))
        has_queries = len(rankings.queries) > 0
        means.append(
            [[measure.of(rankings, k).mean() if has_queries else np.nan for k in ks] for measure in MEASURES.values()]
        )
    if len(means) < 2:
        raise ValueError("a spread needs at least two seeds")
    return SeedScores(np.array(means), ks)
