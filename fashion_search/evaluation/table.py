"""Table 1: put together here, drawn by pages and reports."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from fashion_search.encoders import encoder_spec
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.measures import MEASURES
from fashion_search.evaluation.scores import PAPER, PAPER_K
from fashion_search.evaluation.statistics import Interval
from fashion_search.evaluation.words import NOTHING, bounds, digits_of, number

RowKind = Literal["method", "micro", "product", "spread", "ceiling", "chance", "paper"]


@dataclass(frozen=True)
class TableRow:
    """One line of the table.

    ``cells``: measure → the figure as text, and its margin: an interval in brackets, ± a deviation, or nothing.
    ``micro`` weighs queries by how many relevant items they have; of ``product`` each product counts once, by its best
    picture; ``spread`` is over many splits.
    """

    kind: RowKind
    title: str
    cells: dict[str, tuple[str, str]]
    method: str = ""


def table_1(evaluation: Evaluation) -> list[TableRow]:
    """Each method's figures, then ceiling and chance, and at its k the paper's figures."""
    with_paper = evaluation.k == PAPER_K and not evaluation.protocol.queries
    return [*_of_methods(evaluation), *_bounds(evaluation), *(_paper() if with_paper else ())]


def _of_methods(evaluation: Evaluation) -> Iterator[TableRow]:
    spreads = evaluation.spreads
    for method, title in evaluation.titles.items():
        figures = evaluation.figures_of(method)
        digits = {name: digits_of(figure.macro) for name, figure in figures.items()}
        means = {name: _with_interval(figure.macro) for name, figure in figures.items()}
        yield TableRow("method", title, means, method)
        micro = {name: (number(figure.micro, digits[name]), "") for name, figure in figures.items()}
        yield TableRow("micro", f"{title}, per relevant item", micro, method)
        if evaluation.counts_products:
            by_product = evaluation.product_figures_of(method)
            cells = {name: _with_interval(figure.macro) for name, figure in by_product.items()}
            yield TableRow("product", f"{title}, per product", cells, method)
        if method in spreads:
            spread = spreads[method]
            cells = {
                name: _with_deviation(spread.mean(name, evaluation.k), spread.deviation(name, evaluation.k))
                for name in MEASURES
            }
            yield TableRow("spread", f"{title}, {spread.seeds} splits", cells, method)


def _with_interval(interval: Interval) -> tuple[str, str]:
    return number(interval.value, digits_of(interval)), bounds(interval)


def _with_deviation(mean: float, deviation: float) -> tuple[str, str]:
    text = number(mean)
    return text, "" if text == NOTHING else f"± {number(deviation)}"


def _bounds(evaluation: Evaluation) -> Iterator[TableRow]:
    figures = evaluation.figures_of(evaluation.methods[0])
    yield TableRow("ceiling", "Ceiling", {name: (number(figure.ceiling), "") for name, figure in figures.items()})
    yield TableRow("chance", "Chance", {name: (number(figure.chance, 4), "") for name, figure in figures.items()})


def _paper() -> Iterator[TableRow]:
    for method, values in PAPER.items():
        cells = {name: (number(values[name], 4) if name in values else "", "") for name in MEASURES}
        yield TableRow("paper", f"The paper’s {encoder_spec(method).title}", cells, method)
