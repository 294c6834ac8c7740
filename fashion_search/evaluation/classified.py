"""How well methods classify the queries in a column, a line each way: what pages, reports and commands show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fashion_search.catalog import Catalog, title
from fashion_search.catalog.model import PRODUCT
from fashion_search.evaluation import classification_path
from fashion_search.evaluation.classification import TOPS, Classification, K
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.statistics import Interval
from fashion_search.evaluation.words import percent

NEIGHBOURS, PATH = f"vote of {K} neighbours", "classification path"

ABOUT = (
    "Top-k accuracy: the share of queries whose own value is among the k that are named first. Balanced accuracy: the "
    "share that is named rightly at first, averaged over values, so that rare ones count as much as frequent ones. "
    f"The {K} nearest neighbours vote by their cosines; a classification path is what a trained encoder learned to "
    "name values by."
)

LEFT_OUT = (
    "Queries are left out that have no answer in the gallery, and by a classification path those of a value that it "
    "was not taught."
)


@dataclass(frozen=True)
class Line:
    """A method's figures in one way of classifying.

    ``tops``: k → top-k accuracy. ``left_out``: queries that could not be classified.
    """

    method: str
    how: str
    queries: int
    left_out: int
    tops: dict[int, Interval]
    balanced: Interval


def columns_of(catalog: Catalog) -> list[str]:
    """The columns in which queries can be classified: those that name no products."""
    return [column for column in catalog.columns if column != PRODUCT]


def lines(evaluation: Evaluation, column: str) -> list[Line]:
    """Every method's figures in a column, and those of its classification path where it was measured."""
    found = []
    for method in evaluation.methods:
        found.append(_line(evaluation, method, NEIGHBOURS, column, evaluation.classification_of(method, column)))
        by_path = classification_path.find(evaluation, method, column)
        if by_path is not None:
            found.append(_line(evaluation, method, PATH, column, by_path))
    return found


def _line(evaluation: Evaluation, method: str, how: str, column: str, found: Classification) -> Line:
    def make() -> Line:
        tops = {k: found.top(k) for k in TOPS}
        return Line(method, how, len(found.queries), found.left_out, tops, found.balanced)

    return evaluation.memo.once(("classified", method, how, column), make)


def not_measured(evaluation: Evaluation, column: str) -> list[str]:
    """The methods with a classification path that has not classified these queries yet."""
    catalog = evaluation.store.catalog
    return [
        method
        for method in evaluation.methods
        if column in classification_path.columns_of(method, catalog)
        and classification_path.find(evaluation, method, column) is None
    ]


def headline(found: Sequence[Line], titles: Mapping[str, str], column: str) -> str:
    """The finding about the best method in a sentence without its full stop.

    Args:
        found: at least one line.
        titles: of the methods.
        column: in which queries were classified.
    """
    k = TOPS[0]
    best = max(found, key=lambda line: line.tops[k].value)
    named = f"names the {title(column).lower()} of {percent(best.tops[k].value)} of the queries among its first {k}"
    return f"{titles[best.method]} {named}" + (", by its classification path" if best.how == PATH else "")
