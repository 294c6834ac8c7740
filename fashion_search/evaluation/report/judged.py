"""What every part of a report is made of: computed once, on first need."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from fashion_search.catalog import Protocol, Split
from fashion_search.encoders import encoder_spec
from fashion_search.evaluation import saved
from fashion_search.evaluation.measures import KS, MEASURES, PAPERS
from fashion_search.evaluation.rankings import Rankings
from fashion_search.evaluation.scores import (
    PAPER,
    PAPER_K,
    Figure,
    SeedScores,
    figures,
    grouped,
    is_papers_data,
    seed_scores,
)
from fashion_search.evaluation.statistics import Comparison, GroupedQueries, compare
from fashion_search.evaluation.verdicts import Applied
from fashion_search.evaluation.words import best_and_worst
from fashion_search.store import Store


@dataclass(frozen=True)
class Judged:
    """What every part of a report is made of."""

    store: Store
    split: Split
    k: int
    verdicts: Applied
    folder: Path | None
    rankings: dict[str, Rankings]
    made: datetime

    @cached_property
    def titles(self) -> dict[str, str]:
        """Method → its name for people."""
        return {method: encoder_spec(method).title for method in self.rankings}

    @cached_property
    def queries(self) -> GroupedQueries:
        """The queries by style group; the same under every method."""
        return grouped(self.store.catalog, self.any_rankings)

    @property
    def any_rankings(self) -> Rankings:
        """Of one method, for what all have in common."""
        return next(iter(self.rankings.values()))

    @cached_property
    def figures(self) -> dict[str, dict[str, Figure]]:
        """Method → measure → figure at k."""
        return self.figures_at(self.k)

    def figures_at(self, k: int) -> dict[str, dict[str, Figure]]:
        """The same at another k."""
        return {method: figures(one, self.queries, k) for method, one in self.rankings.items()}

    @cached_property
    def spreads(self) -> dict[str, SeedScores]:
        """Method → its means over many splits, at k among others; empty under protocols that draw nothing."""
        if self.split.protocol is not Protocol.ONE_PER_GROUP:
            return {}
        return {method: self._spread(method) for method in self.rankings}

    def _spread(self, method: str) -> SeedScores:
        library = self.store.library(method)
        if self.folder and self.k in KS:  # what is kept is at these
            return saved.spread(self.folder, library, self.verdicts)
        return seed_scores(library, self.verdicts, ks=(self.k,))

    @cached_property
    def comparisons(self) -> dict[str, list[Comparison]]:
        """The paper's measures → every two methods; empty where there is nothing to compare."""
        if len(self.rankings) < 2 or len(self.queries.sizes) < 2:
            return {}
        values = {
            name: {method: MEASURES[name].of(one, self.k) for method, one in self.rankings.items()} for name in PAPERS
        }
        return {name: compare(of_method, self.queries) for name, of_method in values.items()}

    @property
    def precision(self) -> dict[str, float]:
        """Mean Precision@k of each method."""
        return {method: of_measure["precision"].macro.value for method, of_measure in self.figures.items()}

    @property
    def best(self) -> str:
        """The method of the highest mean Precision@k."""
        return best_and_worst(self.precision)[0]

    @property
    def paper(self) -> dict[str, dict[str, float]]:
        """The paper's figures of the methods here, where they were taken at the same k."""
        return {method: PAPER[method] for method in PAPER if method in self.rankings and self.k == PAPER_K}

    @property
    def is_papers_data(self) -> bool:
        """Whether the catalog is the one that the paper judged."""
        manifest = self.store.manifest
        return is_papers_data(manifest.columns, manifest.n_groups, manifest.n_items)

    @property
    def is_comparable_to_paper(self) -> bool:
        """Whether the figures are of the paper's data, and not changed by verdicts."""
        return self.is_papers_data and not self.verdicts.digest
