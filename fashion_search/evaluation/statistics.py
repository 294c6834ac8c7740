"""How sure a figure is: bootstrap intervals, and comparisons of two methods, over style groups.

Queries of one style group are not independent under leave-one-out: each is in the others' gallery. So
whole style groups are drawn (cluster bootstrap: Davison and Hinkley, *Bootstrap Methods and their
Application* (1997), §3.8) and whole groups change sides (permutation test: Good, *Permutation, Parametric
and Bootstrap Tests of Hypotheses* (2005)). One query per group is the case of groups of one.

Every draw is shared by all methods and measures, so that differences are paired.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fashion_search.evaluation.metrics import Values

DRAWS = 2_000  # bootstrap
FLIPS = 10_000  # permutation
LEVEL = 0.95
_SEED = 0
_AT_ONCE = 250  # draws held in memory


@dataclass(frozen=True)
class Interval:
    """A mean with the bounds of its 95 % interval; all NaN without queries, the bounds with one style group alone."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """How the first of two methods differs from the second, over the same queries.

    ``p`` is the two-sided permutation test's, after Holm's correction where several pairs were compared;
    ``wins``, ``ties`` and ``losses`` count queries, as seen from the first method.
    """

    first: str
    second: str
    difference: Interval
    p: float
    wins: int
    ties: int
    losses: int

    @property
    def verdict(self) -> str:
        """``decisive`` (p < .001), ``clear`` (p < .05), else ``undecided``; the interval must agree."""
        one_sided = self.difference.low > 0 or self.difference.high < 0
        if not one_sided or self.p >= 0.05:
            return "undecided"
        return "decisive" if self.p < 0.001 else "clear"


class GroupedQueries:
    """Queries by style group, and the shared draws over those groups.

    Args:
        groups: the style group of each query, any whole numbers, shape (q,).
    """

    def __init__(self, groups: NDArray[np.intp]):
        self.n_queries = len(groups)
        self.codes = np.unique(groups, return_inverse=True)[1].reshape(-1)
        self.sizes = np.bincount(self.codes)

    def sums(self, values: Values) -> Values:
        """Per-query values, shape (q, m), added up by group, shape (G, m)."""
        by_column = [np.bincount(self.codes, column, minlength=len(self.sizes)) for column in values.T]
        return np.asarray(np.stack(by_column, axis=1), dtype=np.float64)

    @cached_property
    def _draws(self) -> NDArray[np.float32]:
        """How often each group is drawn, shape (DRAWS, G)."""
        groups = len(self.sizes)
        generator = np.random.default_rng(_SEED)
        draws = np.empty((DRAWS, groups), dtype=np.float32)
        for start in range(0, DRAWS, _AT_ONCE):
            some = generator.integers(0, groups, (_AT_ONCE, groups))
            flat = some + groups * np.arange(_AT_ONCE)[:, None]
            counts = np.bincount(flat.ravel(), minlength=_AT_ONCE * groups)
            draws[start : start + _AT_ONCE] = counts.reshape(_AT_ONCE, groups)
        return draws

    def intervals(self, values: Values) -> list[Interval]:
        """The mean over queries of each column of ``values``, shape (q, m), with its percentile interval."""
        if not self.n_queries:
            return [Interval(float("nan"), float("nan"), float("nan"))] * values.shape[1]
        if len(self.sizes) < 2:  # one group says nothing of how groups vary
            return [Interval(value, float("nan"), float("nan")) for value in values.mean(axis=0).tolist()]
        means = (self._draws @ self.sums(values)) / (self._draws @ self.sizes)[:, None]  # (DRAWS, m)
        tail = (1 - LEVEL) / 2
        lows, highs = np.quantile(means, [tail, 1 - tail], axis=0)
        bounds = zip(values.mean(axis=0).tolist(), lows.tolist(), highs.tolist(), strict=True)
        return [Interval(*one) for one in bounds]

    def interval(self, values: Values) -> Interval:
        """The same for one column, shape (q,)."""
        return self.intervals(values[:, None])[0]

    def ratio(self, values: Values, of: Values) -> Interval:
        """The mean of ``values`` as a share of that of ``of``, shape (q,) each, with its interval over paired draws.

        NaN where the mean of ``of`` is 0; the bounds are those of the draws in which it is not.
        """
        nothing = float("nan")
        if not self.n_queries or not of.sum():
            return Interval(nothing, nothing, nothing)
        ratio = float(values.sum() / of.sum())
        if len(self.sizes) < 2:
            return Interval(ratio, nothing, nothing)
        above, below = (self._draws @ self.sums(np.stack([values, of], axis=1))).T  # (DRAWS,) each
        tail = (1 - LEVEL) / 2
        low, high = np.quantile(above[below > 0] / below[below > 0], [tail, 1 - tail])
        return Interval(ratio, float(low), float(high))

    def mean_of_classes(self, values: Values, classes: NDArray[np.intp]) -> Interval:
        """The mean over classes of each class's mean, shape (q,) each; a draw's classes are those that it holds."""
        nothing = float("nan")
        if not self.n_queries:
            return Interval(nothing, nothing, nothing)
        codes = np.unique(classes, return_inverse=True)[1].reshape(-1)
        member = (codes[:, None] == np.arange(codes.max() + 1)).astype(np.float64)  # (q, classes)
        sums, sizes = self.sums(member * values[:, None]), self.sums(member)  # (G, classes) each
        value = float((sums.sum(axis=0) / sizes.sum(axis=0)).mean())
        if len(self.sizes) < 2:
            return Interval(value, nothing, nothing)
        drawn, there = self._draws @ sums, self._draws @ sizes  # (DRAWS, classes)
        means = np.divide(drawn, there, out=np.zeros_like(drawn), where=there > 0).sum(axis=1) / (there > 0).sum(axis=1)
        tail = (1 - LEVEL) / 2
        low, high = np.quantile(means, [tail, 1 - tail])
        return Interval(value, float(low), float(high))

    def p_value(self, differences: Values) -> float:
        """Two-sided permutation test of a mean difference of 0: each group's sign is tossed; shape (q,)."""
        return self.p_values(differences[:, None])[0]

    def p_values(self, differences: Values) -> list[float]:
        """The same for each column, shape (q, m); all under the same tosses."""
        if not self.n_queries:
            return [float("nan")] * differences.shape[1]
        by_group = self.sums(differences)  # (G, m)
        totals, most = np.abs(by_group.sum(axis=0)), np.abs(by_group).sum(axis=0)
        observed = totals - 1e-12 * most  # rounding must not make equal sums smaller
        generator = np.random.default_rng(_SEED)
        as_large = np.zeros(by_group.shape[1], dtype=np.intp)
        for _ in range(0, FLIPS, _AT_ONCE):
            signs = generator.integers(0, 2, (_AT_ONCE, len(by_group)), dtype=np.int8) * 2 - 1
            as_large += (np.abs(signs.astype(np.float64) @ by_group) >= observed).sum(axis=0)
        return [(count + 1) / (FLIPS + 1) for count in as_large.tolist()]


def compare(values: Mapping[str, Values], queries: GroupedQueries) -> list[Comparison]:
    """Every two methods on one measure, the better one first; the p values corrected together (Holm, 1979).

    Args:
        values: per-query values of each method, all over the same queries, shape (q,) each.
        queries: those queries.
    """
    sums = {method: one.sum() for method, one in values.items()}
    pairs = [
        (one, other) if sums[one] >= sums[other] else (other, one) for one, other in itertools.combinations(values, 2)
    ]
    if not pairs:
        return []
    gaps = np.stack([values[first] - values[second] for first, second in pairs], axis=1)  # (q, pairs)
    corrected = holm(queries.p_values(gaps))
    return [
        Comparison(
            *pair,
            queries.interval(gaps[:, place]),
            corrected[place],
            wins=int((gaps[:, place] > 0).sum()),
            ties=int((gaps[:, place] == 0).sum()),
            losses=int((gaps[:, place] < 0).sum()),
        )
        for place, pair in enumerate(pairs)
    ]


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction: the chance of any false finding among all of them stays below the level.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values)
    corrected = np.empty(len(order))
    highest = 0.0
    for place, which in enumerate(order.tolist()):
        highest = float(np.maximum(highest, np.minimum(1, (len(order) - place) * p_values[which])))  # NaN stays
        corrected[which] = highest
    return [float(value) for value in corrected]
