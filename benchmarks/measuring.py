"""What a benchmark is and what it measures: values taken in pairs, as a ratio with its spread.

Baseline and program take turns, so that whatever else the machine does meets both.
"""

import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self

Pair = tuple[float, float]
"""What the baseline took, and what the program took right after it."""


def timed(run: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def paired(baseline: Callable[[], float], ours: Callable[[], float], n: int, warm: int = 0) -> list[Pair]:
    """Call both in turns, n times, after ``warm`` times that do not count; each returns what it took."""
    for _ in range(warm):
        baseline(), ours()
    return [(baseline(), ours()) for _ in range(n)]


@dataclass(frozen=True)
class Goal:
    """What a ratio should be at most, or at least; with a unit, what the program itself should take."""

    sign: Literal["≤", "≥"]
    limit: float
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.sign} {self.limit:g}{f' {self.unit}' if self.unit else ''}"


@dataclass(frozen=True)
class Ratio:
    """The median of the pairs' ratios, and their quartiles."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, ratios: Sequence[float]) -> Self:
        """Of at least one ratio.

        >>> Ratio.of([2, 1, 4, 3, 5])
        Ratio(value=3, low=2.0, high=4.0)
        """
        if len(ratios) == 1:
            return cls(ratios[0], ratios[0], ratios[0])
        low, _, high = statistics.quantiles(ratios, n=4, method="inclusive")
        return cls(statistics.median(ratios), low, high)


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes:
        what: what is measured, on how much of what.
        against: the baseline.
        baseline: what the baseline took, the median, in ``unit``.
        ours: what the program took, the median, in ``unit``.
        ratio: of the program to its baseline pair by pair; of a speed the other way round, so that more is faster.
        pairs: how many there were.
        unit: seconds (``s``) or megabytes (``MB``), or what else was counted.
        is_speed: the ratio is that of two speeds.
        goal: what is wanted.
        facts: other figures worth a word, by their names, such as recall or pictures a second.
    """

    what: str
    against: str
    baseline: float
    ours: float
    ratio: Ratio
    pairs: int
    unit: str = "s"
    is_speed: bool = False
    goal: Goal | None = None
    facts: Mapping[str, float | str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        what: str,
        against: str,
        pairs: Sequence[Pair],
        *,
        unit: str = "s",
        is_speed: bool = False,
        goal: Goal | None = None,
        facts: Mapping[str, float | str] | None = None,
    ) -> Self:
        """The row of some pairs, at least one."""
        ratios = [first / second if is_speed else second / first for first, second in pairs]
        baseline, ours = (statistics.median(pair[place] for pair in pairs) for place in (0, 1))
        return cls(what, against, baseline, ours, Ratio.of(ratios), len(pairs), unit, is_speed, goal, facts or {})

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.goal is None:
            return None
        value = self.ours if self.goal.unit else self.ratio.value
        return value <= self.goal.limit if self.goal.sign == "≤" else value >= self.goal.limit


@dataclass(frozen=True)
class Setting:
    """What benchmarks are given.

    Attributes:
        home: where catalogs and libraries are kept meanwhile.
        catalog: the built catalog that is measured on.
        source: what a catalog is built from.
        n: pairs of a figure that takes seconds; of one that takes milliseconds there may be many times as many.
        is_full: all sizes, however long they take.
    """

    home: Path
    catalog: str
    source: str
    n: int
    is_full: bool


@dataclass(frozen=True)
class Benchmark:
    """An entry of the registry.

    Attributes:
        name: what it is called on the command line.
        about: what its rows have in common; the heading above them.
        run: makes the rows, one after the other.
        when: in a quick run, which takes two minutes in all; in a full one; or only where it is named.
        needs_catalog: it searches ``Setting.catalog``, which a full run builds of the real data first.
    """

    name: str
    about: str
    run: Callable[[Setting], Iterable[Row]]
    when: Literal["quick", "full", "named"] = "full"
    needs_catalog: bool = False
