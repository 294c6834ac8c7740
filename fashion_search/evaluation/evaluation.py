"""An evaluation: methods on a catalog under a protocol. Pages, reports, commands and tools only render it."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Lock, RLock
from typing import Any, Self, TypeVar

from fashion_search.catalog import EVERYTHING, Filter, Protocol, Split, draw_split
from fashion_search.catalog.relevance import NO_VERDICTS, Applied, has_several_pictures
from fashion_search.encoders import base_method, encoder_spec
from fashion_search.evaluation import mismatches, saved
from fashion_search.evaluation.accuracy import TopK, top_k_accuracy
from fashion_search.evaluation.classification import Classification, by_neighbours
from fashion_search.evaluation.measures import KS, MEASURES, PAPERS
from fashion_search.evaluation.mismatches import Mismatch
from fashion_search.evaluation.rankings import DEPTH, Rankings, rank
from fashion_search.evaluation.reliability import Reliability, reliability
from fashion_search.evaluation.scores import (
    PAPER,
    PAPER_K,
    SEEDS,
    Figure,
    SeedScores,
    figures,
    grouped,
    is_papers_data,
    seed_scores,
)
from fashion_search.evaluation.statistics import Comparison, GroupedQueries, compare
from fashion_search.evaluation.words import best_and_worst
from fashion_search.query_store import under
from fashion_search.store import Store

_T = TypeVar("_T")


class Memo:
    """What was computed already, by key; computed once, also where several threads ask at the same time."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] = {}
        self._lock = Lock()
        self._making: dict[Hashable, RLock] = {}  # one each: what is at hand soon does not wait for what takes long

    def __contains__(self, key: Hashable) -> bool:
        return key in self._known

    def once(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """What ``make`` gives, now or the first time."""
        if key not in self._known:
            with self._lock:
                making = self._making.setdefault(key, RLock())
            with making:
                if key not in self._known:
                    self._known[key] = make()
            self._making.pop(key, None)
        found: _T = self._known[key]
        return found


@dataclass(frozen=True)
class Evaluation:
    """What methods return for the queries of a split, and all that follows from it.

    Everything is computed on first need, or read where ``saved`` keeps it on disk. Evaluations of the same split and
    verdicts share their ``memo``, so that another k costs little.

    Attributes:
        store: the catalog and its libraries, with the query set whose queries these are, if any.
        split: the protocol with its queries and gallery.
        methods: names, each with a library in the store.
        k: results looked at, at least 1.
        verdicts: pairs that people accepted, and items with a wrong label.
        memo: what was computed already.

    Raises:
        ValueError: no method, or k below 1.
    """

    store: Store
    split: Split
    methods: tuple[str, ...]
    k: int = 5
    verdicts: Applied = NO_VERDICTS
    memo: Memo = field(default_factory=Memo, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.methods or self.k < 1:
            raise ValueError(f"an evaluation needs at least one method, and k from 1, not {self.k}")

    @classmethod
    def of(
        cls,
        store: Store,
        methods: Sequence[str],
        protocol: Protocol = Protocol.LEAVE_ONE_OUT,
        seed: int = 0,
        k: int = 5,
        verdicts: Applied = NO_VERDICTS,
        filter: Filter = EVERYTHING,
    ) -> Self:
        """Evaluate methods under a protocol; ``seed`` draws its split, ``filter`` reduces its gallery.

        Raises:
            UnlabelledError: the catalog has no labels.
            UnknownNameError, StoreError: the store has no library of a method or no such query set, or it is damaged.
        """
        store = under(store, protocol)
        store.catalog.require_labels()
        for method in methods:
            store.library(method)
        split = draw_split(store.catalog, protocol, seed, verdicts.removed, filter)
        return cls(store, split, tuple(methods), k, verdicts)

    def at(self, k: int) -> Self:
        """The same at another k."""
        return replace(self, k=k)

    @property
    def protocol(self) -> Protocol:
        """How queries and gallery are drawn."""
        return self.split.protocol

    # -- rankings -------------------------------------------------------------------------------------------

    def rankings_of(self, method: str) -> Rankings:
        """A method's results for every query that has a relevant item, at least ``DEPTH`` and k of each."""
        depth = max(self.k, DEPTH)
        return self.memo.once(("rankings", method, depth), lambda: self._rank(method, depth))

    def _rank(self, method: str, depth: int, per_product: bool = False) -> Rankings:
        library = self.store.library(method)
        if depth == DEPTH:
            folder = saved.folder_of(self.store.name)
            return saved.rankings(folder, library, self.split, self.verdicts, per_product)
        return rank(library, self.split, self.verdicts, depth, per_product=per_product)

    @property
    def counts_products(self) -> bool:
        """Whether products are counted besides: the queries are from outside, and products have several pictures."""
        has_several = self.memo.once("several pictures", lambda: has_several_pictures(self.store.catalog))
        return bool(self.protocol.queries) and has_several

    def product_rankings_of(self, method: str) -> Rankings:
        """The same with each product once, by its best picture."""
        depth = max(self.k, DEPTH)
        return self.memo.once(("products", method, depth), lambda: self._rank(method, depth, per_product=True))

    def product_figures_of(self, method: str) -> dict[str, Figure]:
        """Measure → figure of a method at k, with each product once."""
        return self.memo.once(
            ("product figures", method, self.k),
            lambda: figures(self.product_rankings_of(method), self.queries, self.k),
        )

    def is_ranked(self, method: str) -> bool:
        """Whether its rankings are at hand."""
        return ("rankings", method, max(self.k, DEPTH)) in self.memo

    @property
    def rankings(self) -> dict[str, Rankings]:
        """The same of every method."""
        return {method: self.rankings_of(method) for method in self.methods}

    @property
    def any_rankings(self) -> Rankings:
        """Of one method, for what all have in common."""
        return self.rankings_of(self.methods[0])

    @property
    def queries(self) -> GroupedQueries:
        """The queries by style group; the same under every method."""
        return self.memo.once("queries", lambda: grouped(self.store.catalog, self.any_rankings))

    @property
    def has_queries(self) -> bool:
        """Whether any query has a relevant item."""
        return self.queries.n_queries > 0

    # -- figures --------------------------------------------------------------------------------------------

    def figures_of(self, method: str) -> dict[str, Figure]:
        """Measure → figure of a method at k."""
        return self.memo.once(
            ("figures", method, self.k), lambda: figures(self.rankings_of(method), self.queries, self.k)
        )

    def accuracy_of(self, method: str, per_product: bool = False) -> dict[int, TopK]:
        """Top-k accuracy of a method at each k of ``accuracy.KS``; ``per_product``: each product counts once."""

        def count() -> dict[int, TopK]:
            ranked = self.product_rankings_of(method) if per_product else self.rankings_of(method)
            return top_k_accuracy(ranked, self.queries)

        return self.memo.once(("accuracy", method, per_product), count)

    def classification_of(self, method: str, column: str) -> Classification:
        """What a method's nearest neighbours tell the queries to be in a grouping column."""
        return self.memo.once(
            ("classification", method, column),
            lambda: by_neighbours(self.store.catalog, self.rankings_of(method), column),
        )

    @property
    def figures(self) -> dict[str, dict[str, Figure]]:
        """Method → measure → figure at k."""
        return {method: self.figures_of(method) for method in self.methods}

    def means(self, measure: str) -> dict[str, float]:
        """Method → mean of a measure over the queries."""
        return {method: self.figures_of(method)[measure].macro.value for method in self.methods}

    @property
    def precision(self) -> dict[str, float]:
        """Method → mean Precision@k."""
        return self.means("precision")

    @property
    def best(self) -> str:
        """The method of the highest mean Precision@k."""
        return best_and_worst(self.precision)[0]

    def spread(self, method: str, seeds: int = SEEDS) -> SeedScores:
        """A method's means over that many splits of one query per group, at k among others."""
        ks = KS if self.k in KS else (self.k,)
        return self.memo.once(("spread", method, seeds, ks), lambda: self._spread(method, seeds, ks))

    def _spread(self, method: str, seeds: int, ks: tuple[int, ...]) -> SeedScores:
        library = self.store.library(method)
        if (seeds, ks) == (SEEDS, KS):  # what is kept
            return saved.spread(saved.folder_of(self.store.name), library, self.verdicts, self.split.filter)
        return seed_scores(library, self.verdicts, range(seeds), ks, self.split.filter)

    @property
    def spreads(self) -> dict[str, SeedScores]:
        """The same of every method; empty under protocols that draw nothing."""
        if self.split.protocol != Protocol.ONE_PER_GROUP:
            return {}
        return {method: self.spread(method) for method in self.methods}

    # -- comparisons and mistakes ---------------------------------------------------------------------------

    def compared(self, measure: str) -> list[Comparison]:
        """Every two methods on a measure."""
        return self.memo.once(("compared", self.methods, measure, self.k), lambda: self._compare(measure))

    def _compare(self, measure: str) -> list[Comparison]:
        values = {method: MEASURES[measure].of(self.rankings_of(method), self.k) for method in self.methods}
        return compare(values, self.queries)

    @property
    def comparisons(self) -> dict[str, list[Comparison]]:
        """The paper's measures → every two methods; empty where there is nothing to compare."""
        if len(self.methods) < 2 or len(self.queries.sizes) < 2:
            return {}
        return {measure: self.compared(measure) for measure in PAPERS}

    def mismatches(self, method: str) -> dict[int, float]:
        """Of a method's first k results the share with each mismatch code, 0 being the relevant ones."""
        catalog = self.store.catalog
        return self.memo.once(
            ("mismatches", method, self.k), lambda: mismatches.shares(catalog, self.rankings_of(method), self.k)
        )

    def most_frequent_mismatch(self, method: str) -> tuple[Mismatch | None, float]:
        """In which columns most of a method's wrong results differ, and their share of all; None if none is wrong."""
        return mismatches.most_frequent(self.store.catalog.columns, self.mismatches(method))

    def reliability_of(self, method: str) -> Reliability:
        """Whether the trust in a method's first k results, and the labels it predicts, hold."""

        def measure() -> Reliability:
            posterior = self.store.posterior(base_method(method))
            return reliability(posterior, self.rankings_of(method), self.split, self.k, self.verdicts)

        return self.memo.once(("reliability", method, self.k), measure)

    # -- the paper ------------------------------------------------------------------------------------------

    @cached_property
    def titles(self) -> dict[str, str]:
        """Method → its name for people."""
        return {method: encoder_spec(method).title for method in self.methods}

    @property
    def paper(self) -> dict[str, dict[str, float]]:
        """The paper's figures of the methods here, where they were taken at the same k."""
        if self.protocol.queries or self.k != PAPER_K:
            return {}
        return {method: PAPER[method] for method in PAPER if method in self.methods}

    @property
    def is_papers_data(self) -> bool:
        """Whether the catalog is the one that the paper evaluated."""
        manifest = self.store.manifest
        return is_papers_data(manifest.columns, manifest.n_groups, manifest.n_items)

    @property
    def is_comparable_to_paper(self) -> bool:
        """Whether the figures are of the paper's data, and not changed by verdicts or a filter."""
        changed = self.verdicts.digest or self.split.filter or self.protocol.queries
        return self.is_papers_data and not changed
