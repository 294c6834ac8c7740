"""Many methods at once: in which order they stand, which of them a chart draws, and how every two compare."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fashion_search.evaluation.statistics import Comparison
from fashion_search.evaluation.words import NOTHING, chance_of, rounded

MOST_DRAWN = 6
"""Methods of a chart, or columns of a table: two or three, each with an order beside it, are still all there."""

UNFOLDED = 3
"""Methods whose comparisons are a sentence each; of more they are a matrix, with sentences against the best alone."""

OURS = "fashion"


def by_quality(means: Mapping[str, float]) -> list[str]:
    """The methods by falling value; those of equal value as they were."""
    return sorted(means, key=lambda method: -means[method])


def few(means: Mapping[str, float], chosen: Iterable[str] = ()) -> tuple[str, ...]:
    """The methods that are drawn: all of a few, else the best, ours and those chosen, in their own order.

    Args:
        means: of all methods, on what decides which is best.
        chosen: such as the two that are compared.
    """
    if len(means) <= MOST_DRAWN:
        return tuple(means)
    wanted = {by_quality(means)[0], OURS, *chosen}
    return tuple(method for method in means if method in wanted)


@dataclass(frozen=True)
class Matrix:
    """Every two methods of ``methods``, which fall in quality: ``cells`` by (the better one, the other)."""

    methods: tuple[str, ...]
    cells: Mapping[tuple[str, str], Comparison]

    @classmethod
    def of(cls, comparisons: Sequence[Comparison], means: Mapping[str, float]) -> "Matrix":
        """Arrange the comparisons of these methods."""
        methods = tuple(by_quality(means))
        cells = {}
        for one in comparisons:
            pair = (one.first, one.second)
            cells[pair if methods.index(one.first) < methods.index(one.second) else pair[::-1]] = one
        return cls(methods, cells)

    def against_best(self) -> list[Comparison]:
        """The best method with every other one, the nearest rival first."""
        best, *others = self.methods
        return [self.cells[best, other] for other in others]


def told(comparison: Comparison) -> str:
    """A cell of the matrix: ``.052 [.043, .061], p < .001``; a dash where the two cannot be compared."""
    text = rounded(comparison.difference)
    return text if text == NOTHING else f"{text}, {chance_of(comparison.p)}"
