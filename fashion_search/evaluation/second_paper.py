"""The tables of the second paper (*Current Trends in Image Similarity Search*) for any catalog, and its own figures."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog.model import slug
from fashion_search.errors import SourceError
from fashion_search.evaluation.breakdown import value_of_items
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.measures import MEASURES

SHOWN = ("precision", "recall", "ndcg", "map")
"""Its three measures, and MAP, which it speaks of and prints nowhere."""

PRINTED_COLUMNS = ("Precision", "Recall", "nDCG", "Retrieval time, s")
Printed = Mapping[str, tuple[str, str, str, str]]

_OF_METHODS: Printed = {
    "ResNet": ("0.84", "1.00", "0.93", "0.10"),
    "EfficientNet": ("0.90", "1.00", "0.95", "0.07"),
    "MobileNet": ("0.41", "1.00", "0.56", "0.18"),
    "ViT": ("0.95", "1.00", "0.98", "0.88"),
    "DINOv2": ("0.96", "1.00", "0.98", "0.03"),
    "CLiP": ("0.89", "1.00", "0.95", "0.02"),
}
PRINTED: Mapping[int, tuple[str, Printed]] = {
    1: ("Methods, k-NN", _OF_METHODS),
    2: ("Methods, locality-sensitive hashing", _OF_METHODS),
    3: (
        "Classes, ResNet",
        {
            "Miscellaneous": ("0.86", "1.0", "0.94", "0.30"),
            "Animals": ("0.81", "1.0", "0.91", "0.36"),
            "Electronics": ("0.93", "1.0", "0.97", "0.28"),
            "Vehicles": ("0.91", "1.0", "0.96", "0.28"),
            "Nature": ("0.90", "1.0", "0.95", "0.27"),
            "Furniture": ("0.80", "1.0", "0.918", "0.24"),
            "Clothes": ("0.96", "1.0", "0.99", "0.37"),
            "Appliances": ("0.96", "1.0", "0.99", "0.23"),
        },
    ),
    4: (
        "Classes, MobileNet",
        {
            "Miscellaneous": ("0.65", "1.0", "0.78", "0.17"),
            "Animals": ("0.22", "1.0", "0.35", "0.12"),
            "Electronics": ("0.49", "1.0", "0.64", "0.12"),
            "Vehicles": ("0.53", "1.0", "0.65", "0.11"),
            "Nature": ("0.38", "1.0", "0.52", "0.15"),
            "Furniture": ("0.71", "1.0", "0.86", "0.13"),
            "Clothes": ("0.63", "1.0", "0.73", "0.15"),
            "Appliances": ("0.56", "1.0", "0.79", "0.11"),
        },
    ),
    5: (
        "Classes, ViT",
        {
            "Miscellaneous": ("0.95", "1.0", "0.98", "0.92"),
            "Animals": ("0.90", "1.0", "0.95", "1.21"),
            "Electronics": ("0.97", "1.0", "0.99", "0.95"),
            "Vehicles": ("0.96", "1.0", "0.98", "0.99"),
            "Nature": ("0.92", "1.0", "0.96", "0.92"),
            "Furniture": ("0.96", "1.0", "0.98", "0.97"),
            "Clothes": ("0.87", "1.0", "0.95", "0.93"),
            "Appliances": ("0.93", "1.0", "0.97", "1.11"),
        },
    ),
    6: ("Methods, cosplay data set", {**_OF_METHODS, "ResNet": ("0.41", "1.00", "0.73", "0.28")}),
}
"""Its tables as it prints them: number → title, and the lines that are not empty."""

WHAT_THEY_CAN_MEAN = (
    "Its recall is 1.00 for every method and class, which the first k results reach only if they hold all that is "
    "relevant; it states neither k nor what counts as relevant, so its precision cannot be held against ours. Its "
    "Table 2, of hashing, equals Table 1 to the last digit, times included, and Table 6, of cosplay pictures, differs "
    "from it in one line: neither an index nor other pictures show in them."
)


@dataclass(frozen=True)
class Line:
    """A method, a class or a parent class: its mean figures over ``queries``, measure → value."""

    title: str
    queries: int
    figures: dict[str, float]


def of_methods(evaluation: Evaluation) -> dict[str, Line]:
    """Method → its line, as in Tables 1, 2 and 6."""
    return {
        method: Line(title, evaluation.queries.n_queries, _means(evaluation, method, slice(None)))
        for method, title in evaluation.titles.items()
    }


def of_classes(evaluation: Evaluation, method: str, column: str, parents: Mapping[str, str]) -> list[Line]:
    """One method by class, as in Tables 3 to 5; by parent class where ``parents`` names one of each class.

    Args:
        evaluation: whose queries these are.
        method: one of its methods.
        column: the grouping column whose values are the classes.
        parents: class → parent; classes without one are a line of their own, under ``no parent``.
    """
    values, titles, of_item = value_of_items(evaluation.store.catalog, column)
    of_query: NDArray[np.intp] = of_item[evaluation.any_rankings.queries]
    places: dict[str, list[NDArray[np.intp]]] = defaultdict(list)
    for code, (value, title) in enumerate(zip(values, titles, strict=True)):
        found = np.flatnonzero(of_query == code)
        if len(found):
            places[parents.get(value, "no parent") if parents else title].append(found)
    together = {name: np.concatenate(found) for name, found in sorted(places.items())}
    return [Line(name, len(found), _means(evaluation, method, found)) for name, found in together.items()]


def _means(evaluation: Evaluation, method: str, places: NDArray[np.intp] | slice) -> dict[str, float]:
    rankings = evaluation.rankings_of(method)
    return {name: float(MEASURES[name].of(rankings, evaluation.k)[places].mean()) for name in SHOWN}


def read_parents(data: bytes, column: str, classes: Sequence[str], of: str = "") -> dict[str, str]:
    """Class → parent class, from a CSV file with a line a class, or a line an item, such as Kaggle's ``styles.csv``.

    Args:
        data: UTF-8. The classes stand in the column of this name, or in the first; their parents in the one named
            ``of``, by default the one after it, or the first of a table in which the classes come last. A class may be
            written as its folder is, with underscores.
        column: the grouping column whose values are the classes.
        classes: its values.
        of: the name of the parents' column.

    Raises:
        SourceError: it cannot be read, lacks the column, or knows none of the classes.
    """
    try:
        rows = [row for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"The file of parent classes cannot be read as CSV in UTF-8: {error}.") from error
    if len(rows) < 2 or len(rows[0]) < 2:
        raise SourceError("The file of parent classes needs a header and lines of two columns: class, parent.")
    header = rows[0]
    names = [slug(name).replace("_", "") for name in header]
    own = slug(column).replace("_", "")
    place = names.index(own) if own in names else 0
    if of and of not in header:
        raise SourceError(f"The file of parent classes has no column {of!r}; it has {', '.join(header)}.")
    above = header.index(of) if of else place + 1 if place + 1 < len(header) else 0
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows[1:]:
        if len(row) > max(place, above) and row[above].strip():
            counted[" ".join(row[place].split())][" ".join(row[above].split())] += 1
    found = {
        name: counted.get(name) or counted.get(name.replace(" ", "_")) for name in classes
    }  # or as a folder's name
    parents = {name: of_name.most_common(1)[0][0] for name, of_name in found.items() if of_name}
    if not parents:
        raise SourceError(
            f"The file of parent classes names none of the {len(classes):,} values of {column}, such as "
            f"{', '.join(map(repr, classes[:3]))}. Its classes are read from the column {header[place]!r}."
        )
    return parents
