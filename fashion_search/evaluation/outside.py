"""What pictures from outside cost a method: a query set held against leave-one-out among the same style groups."""

from dataclasses import dataclass

import numpy as np

from fashion_search.catalog import Protocol
from fashion_search.catalog.model import STYLE_GROUP
from fashion_search.catalog.relevance import Applied
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.measures import MEASURES
from fashion_search.evaluation.metrics import Values
from fashion_search.evaluation.statistics import GroupedQueries, Interval
from fashion_search.evaluation.words import bounds, digits_of, number

ABOUT = (
    "Held against leave-one-out among items of the same style groups, each style group as often as here. In brackets: "
    "95 % interval over style groups. Where a photo shows an item of the catalog, that item’s own picture can be "
    "found; leave-one-out takes it away."
)


@dataclass(frozen=True)
class Loss:
    """How a method does for queries of a query set, and for the catalog's own pictures of the same style groups.

    ``change``: outside less own, paired by query, its interval drawn over style groups.
    """

    method: str
    own: float
    outside: float
    change: Interval

    def sentence(self, titles: dict[str, str], label: str) -> str:
        """For people; ``label`` is the measure with its k."""
        title, change = titles[self.method], self.change
        digits = digits_of(change)
        what = f"{label} {number(self.own, digits)} for the catalog’s own pictures, {number(self.outside, digits)} here"
        if change.low > 0 or change.high < 0:
            verb = "gains" if change.value > 0 else "loses"
            size = Interval(abs(change.value), *sorted((abs(change.low), abs(change.high))))
            return f"{title} {verb} {number(size.value, digits)} {bounds(size)}: {what}."
        return f"{title}: {what}; no difference could be shown, {number(change.value, digits)} {bounds(change)}."


def losses(evaluation: Evaluation, measure: str) -> list[Loss]:
    """What each method loses against leave-one-out, the most first.

    Each query is held against the mean of its style group's own items as queries, so both sides ask for the same
    style groups, equally often. Queries whose style group has one item alone, which nothing in the catalog answers,
    are left out. Empty where queries and catalog do not share a ground truth: where products are looked for.

    Args:
        evaluation: of a query set.
        measure: a name from ``MEASURES``.
    """
    if not evaluation.protocol.queries or evaluation.split.relevant_by != STYLE_GROUP or not evaluation.has_queries:
        return []
    return evaluation.memo.once(
        ("losses", evaluation.methods, measure, evaluation.k), lambda: _losses(evaluation, measure)
    )


def _losses(evaluation: Evaluation, measure: str) -> list[Loss]:
    k = evaluation.k
    own = evaluation.memo.once(("own pictures", evaluation.methods), lambda: _of_own_pictures(evaluation)).at(k)
    groups = evaluation.store.catalog.group_of  # the same numbers in both: the catalog has all style groups
    if not own.has_queries:
        return []
    asked = groups[evaluation.any_rankings.queries]
    clean = groups[own.any_rankings.queries]
    sizes = np.bincount(clean, minlength=groups.max() + 1)
    kept = sizes[asked] > 0
    paired = GroupedQueries(asked[kept])
    found = []
    for method in evaluation.methods:
        outside: Values = MEASURES[measure].of(evaluation.rankings_of(method), k)[kept]
        of_items = MEASURES[measure].of(own.rankings_of(method), k)
        means = np.bincount(clean, of_items, minlength=len(sizes))[asked[kept]] / sizes[asked[kept]]
        change = paired.interval(outside - means)
        found.append(Loss(method, float(means.mean()), float(outside.mean()), change))
    return sorted(found, key=lambda loss: loss.change.value) if kept.any() else []


def _of_own_pictures(evaluation: Evaluation) -> Evaluation:
    """The same methods, leave-one-out in the catalog alone."""
    store, filter = evaluation.store.plain, evaluation.split.filter
    verdicts = _of_items(evaluation.verdicts, store.catalog.n_items)
    return Evaluation.of(store, evaluation.methods, Protocol.LEAVE_ONE_OUT, verdicts=verdicts, filter=filter)


def _of_items(verdicts: Applied, n: int) -> Applied:
    """Those on the catalog's n items alone, whose rows are the same without the queries."""
    pairs, removed = verdicts.pairs, verdicts.removed
    return Applied(pairs[(pairs < n).all(axis=1)], removed[removed < n])
