"""Figures in words: the same rounding and the same sentences on pages, in reports and in commands."""

import math
from collections.abc import Iterable, Mapping, Sequence

from fashion_search.catalog import Catalog
from fashion_search.encoders import INDEXES, index_name
from fashion_search.evaluation.mismatches import Mismatch
from fashion_search.evaluation.statistics import Comparison, Interval
from fashion_search.index import RECALL_K
from fashion_search.manifest import IndexEntry

NOTHING = "–"
_WIDE = 0.05  # half of an interval: a wider one does not support a third decimal


def number(value: float, digits: int = 3) -> str:
    """``.219``: no zero before the point, a true minus sign, a dash where there is no figure."""
    if not math.isfinite(value):
        return NOTHING
    text = f"{abs(value):.{digits}f}"
    sign = "−" if value < 0 and float(text) else ""
    return sign + (text[1:] if text.startswith("0.") else text)


def digits_of(interval: Interval) -> int:
    """How many decimals a figure with this interval supports; three where it has none."""
    return 2 if (interval.high - interval.low) / 2 >= _WIDE else 3


def bounds(interval: Interval) -> str:
    """``[.205, .234]``; nothing where there is no interval."""
    if not math.isfinite(interval.low):
        return ""
    digits = digits_of(interval)
    return f"[{number(interval.low, digits)}, {number(interval.high, digits)}]"


def rounded(interval: Interval) -> str:
    """``.219 [.205, .234]``, to as many decimals as the interval supports."""
    return f"{number(interval.value, digits_of(interval))} {bounds(interval)}".strip()


def percent(value: float) -> str:
    """``22%``, with a decimal below 10 %."""
    if not math.isfinite(value):
        return NOTHING
    return f"{value:.0%}" if value >= 0.1 or value == 0 else f"{value:.1%}"


def count(how_many: int, one: str, several: str) -> str:
    """``1 query``, ``2,792 queries``."""
    return f"{how_many:,} {one if how_many == 1 else several}"


_EXAMPLES = 3
_LONGEST = 40  # characters of an example


def examples(names: Sequence[str]) -> str:
    """The first three of some names: ``1, 7, 12 and others``; one that is long is cut."""
    shown = [name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…" for name in names[:_EXAMPLES]]
    return ", ".join(shown) + (" and others" if len(names) > _EXAMPLES else "")


def exactness(method: str, indexed: Mapping[str, IndexEntry]) -> str:
    """``exact``, or ``approximate (recall .98)``, rounded down; ``indexed``: a catalog's."""
    index = index_name(method)
    if not index or INDEXES[index].is_exact:
        return "exact"
    return f"approximate (recall {number(math.floor(100 * indexed[method].recall) / 100, 2)})"


def speed(entry: IndexEntry) -> str:
    """What an index finds beside what it takes: never the one without the other."""
    return (
        f"recall@{RECALL_K} against exact {number(entry.recall)}, {entry.milliseconds:.2f} ms a search "
        f"(exact {entry.exact_milliseconds:.2f} ms)"
    )


def copies(catalog: Catalog) -> str:
    """How many pictures a catalog has several times, in one sentence; empty where each is there once."""
    same, other = catalog.copies
    parts = [
        f"{count(how_many, 'image has', 'images have')} an exact copy in {where}"
        for how_many, where in ((same, "the same style group"), (other, "a different style group"))
        if how_many
    ]
    return f"{'; '.join(parts)}." if parts else ""


def chance_of(p: float) -> str:
    """``p < .001`` or ``p = .012``; never rounded to the other side of .05."""
    if p < 0.001:
        return "p < .001"
    return f"p = {number(p, 3 if (round(p, 3) < 0.05) == (p < 0.05) else 4)}"


def sentence(comparison: Comparison, titles: Mapping[str, str], label: str) -> str:
    """What a comparison of two methods says, in one sentence.

    Args:
        comparison: the better method is its first.
        titles: of the methods.
        label: the measure's, for example ``Precision@5``.
    """
    first, second = titles[comparison.first], titles[comparison.second]
    if not math.isfinite(comparison.difference.value):
        return f"{first} and {second} cannot be compared in {label}: no query has a relevant item."
    if not math.isfinite(comparison.difference.low):
        return f"{first} and {second} cannot be compared in {label}: all queries are of one style group."
    difference, p = rounded(comparison.difference), chance_of(comparison.p)
    better = count(comparison.wins, "query", "queries")
    if comparison.verdict == "undecided":
        return (
            f"No difference between {first} and {second} in {label} could be shown: {difference}; {p}; "
            f"{first} is better for {better}, equal for {comparison.ties:,}, worse for {comparison.losses:,}."
        )
    return (
        f"{first} beats {second} by {difference.replace(' ', f' {label} ', 1)}; {comparison.verdict} "
        f"({p}; better for {better}, equal for {comparison.ties:,}, worse for {comparison.losses:,})."
    )


def headline(
    precision: Mapping[str, float], comparisons: Iterable[Comparison], titles: Mapping[str, str], k: int
) -> str:
    """The finding about the best and the worst method in one sentence without its full stop.

    Args:
        precision: mean Precision@k of each method, at least one.
        comparisons: of these methods in Precision@k.
        titles: of the methods.
        k: results per query.
    """
    best, worst = best_and_worst(precision)
    results = "its first results" if k == 1 else f"its first {k} results"
    if not math.isfinite(precision[best]):
        return "Nothing can be evaluated here: no query has a relevant item"
    right = f"{titles[best]} is right in {percent(precision[best])} of {results}"
    if best == worst:
        return right
    undecided = any({one.first, one.second} == {best, worst} and one.verdict == "undecided" for one in comparisons)
    other = f"{titles[worst]} in {percent(precision[worst])}"
    return f"{right}, {other}; no difference could be shown" if undecided else f"{right}, {other}"


def possible(ceiling: float, chance: float, k: int) -> str:
    """What a mean Precision@k is to be held against, in one sentence."""
    fewer = f", as some queries have fewer than {k} relevant items" if ceiling < 1 else ""
    return f"The most that is possible here is {percent(ceiling)}{fewer}; a random order would reach {percent(chance)}."


def mistake(title: str, columns: Sequence[str], kind: Mismatch | None, share: float) -> str:
    """What a method's wrong results are wrong in most often, in one sentence without its full stop.

    Args:
        title: of the method.
        columns: the catalog's grouping columns.
        kind: the most frequent mismatch kind; None where no result is wrong.
        share: of all results.
    """
    if kind is None:
        return f"No result of {title} is wrong"
    alone = " alone" if len(columns) > 1 and len(kind.columns) == 1 else ""
    return (
        f"Where {title} is wrong, it is most often in the {kind.label.lower()}{alone} ({percent(share)} of its results)"
    )


def best_and_worst(values: Mapping[str, float]) -> tuple[str, str]:
    """The methods with the highest and the lowest value; the same one twice where there is one method."""
    order = sorted(values, key=lambda method: -values[method])
    return order[0], order[-1]
