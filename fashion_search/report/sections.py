"""What the report's sections say that no other part of the program computes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fashion_search.catalog import title
from fashion_search.catalog.sources import PUBLISHED
from fashion_search.charts.tradeoff import Point, tradeoff
from fashion_search.costs import Cost, costs, with_searches
from fashion_search.evaluation import accuracy, classified, published, reliability, second_paper
from fashion_search.evaluation import robustness as measured
from fashion_search.evaluation.accuracy import Accuracy
from fashion_search.evaluation.alterations import ALL_TOGETHER
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.many import UNFOLDED, Matrix
from fashion_search.evaluation.measures import KS, MEASURES, PAPERS
from fashion_search.evaluation.mismatches import leniences, lenient_hit, lenient_precision, read_shades
from fashion_search.evaluation.published import Published
from fashion_search.evaluation.reliability import Said
from fashion_search.evaluation.scores import Figure
from fashion_search.evaluation.statistics import Comparison, Interval
from fashion_search.evaluation.words import mistake, percent
from fashion_search.manifest import Manifest

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as Chart

FiguresAt = dict[int, dict[str, dict[str, Figure]]]
"""k → method → measure → figure."""


def source(manifest: Manifest) -> str:
    """What kind of source; of its path only the last part, as reports leave the machine."""
    if manifest.source_path == "demo":
        return "the demo catalog that comes with the program; its pictures are synthetic"
    kind = {"kaggle": "Kaggle’s Fashion Product Images, or its layout", "csv": "a CSV table", "folder": "a folder"}
    kind |= {data_set.kind: f"{data_set.title}, or its layout" for data_set in PUBLISHED}
    return f"{kind.get(manifest.source_kind, manifest.source_kind)} ({Path(manifest.source_path).name})"


def papers_gaps(evaluation: Evaluation) -> dict[str, float]:
    """Measure → the largest difference between the paper's figures and those here; nothing for other data."""
    if not evaluation.paper or not evaluation.is_comparable_to_paper:
        return {}
    return {
        name: max(
            abs(evaluation.figures[method][name].macro.value - values[name])
            for method, values in evaluation.paper.items()
        )
        for name in PAPERS
    }


def differences(comparisons: Sequence[Comparison], methods: int) -> str:
    """The finding of all comparisons in precision."""
    verdicts = {comparison.verdict for comparison in comparisons}
    if verdicts == {"undecided"}:
        return "No difference in precision could be shown"
    if "undecided" in verdicts:
        return "Some differences in precision are more than chance, others not shown to be"
    return "The difference is more than chance" if methods == 2 else "Every difference in precision is more than chance"


def figures_against_k(evaluation: Evaluation) -> FiguresAt:
    """The figures at every k of ``KS`` that the gallery has, and at the report's own."""
    gallery = int(evaluation.any_rankings.n.max())
    return {k: evaluation.at(k).figures for k in sorted({*(k for k in KS if k <= gallery), evaluation.k})}


@dataclass(frozen=True)
class TopK:
    """Top-k accuracy of pictures from outside. ``of_products``: the same with each product once, where that differs.

    ``theirs``: what others have published on the same benchmark; ``references``: where; ``different``: in what their
    conditions differ; ``drawn``: what is only drawn there.
    """

    heading: str
    of_pictures: Mapping[str, Accuracy]
    of_products: Mapping[str, Accuracy]
    theirs: tuple[Published, ...]
    references: list[str]
    different: list[str]
    drawn: str


def top_k(evaluation: Evaluation) -> TopK | None:
    """None where the catalog's own items are the queries: Hit and Recall say it of those."""
    if not evaluation.protocol.queries:
        return None
    found = {method: evaluation.accuracy_of(method) for method in evaluation.methods}
    k = evaluation.k if evaluation.k in accuracy.KS else max(accuracy.KS)
    best, theirs = accuracy.best(found, k), published.retrieval(evaluation)
    return TopK(
        accuracy.headline(evaluation.titles[best], found[best], k),
        found,
        {method: evaluation.accuracy_of(method, True) for method in found} if evaluation.counts_products else {},
        theirs,
        published.references(theirs),
        published.differences(evaluation) if theirs else [],
        published.ONLY_DRAWN.get(published.benchmark_of(evaluation), ""),
    )


@dataclass(frozen=True)
class Classified:
    """How well pictures from outside are classified in a column, and what others have published of it."""

    heading: str
    lines: list[classified.Line]
    theirs: tuple[Published, ...]
    references: list[str]


def classification(evaluation: Evaluation) -> Classified | None:
    """By the first column; None where the catalog's own items are the queries, or its columns name products alone."""
    columns = classified.columns_of(evaluation.store.catalog)
    if not evaluation.protocol.queries or not columns:
        return None
    found, theirs = classified.lines(evaluation, columns[0]), published.classification(evaluation, columns[0])
    heading = classified.headline(found, evaluation.titles, columns[0])
    return Classified(heading, found, theirs, published.references(theirs))


def most_frequent_mistake(evaluation: Evaluation) -> str:
    """In which columns the best method's wrong results differ most often."""
    catalog = evaluation.store.catalog
    kind, share = evaluation.most_frequent_mismatch(evaluation.best)
    return mistake(evaluation.titles[evaluation.best], catalog.columns, kind, share)


@dataclass(frozen=True)
class Lenient:
    """The figures if less were enough for a result to be right.

    ``rows``: what is enough → figures of every method, first in each of ``measures``.
    """

    heading: str
    measures: tuple[str, ...]
    rows: dict[str, list[Interval]]


def lenient(evaluation: Evaluation) -> Lenient | None:
    """None where a catalog has one column alone."""
    found = leniences(evaluation.store.catalog, read_shades())
    if len(found) < 2:
        return None
    of_measure = {"precision": lenient_precision, "hit": lenient_hit}
    rows = {
        lenience.label: [
            evaluation.queries.interval(values(lenience, rankings, evaluation.k))
            for values in of_measure.values()
            for rankings in evaluation.rankings.values()
        ]
        for lenience in found
    }
    loosest = found[-1].label
    best = list(evaluation.rankings).index(evaluation.best)
    heading = (
        f"If the {loosest[:1].lower()}{loosest[1:]} were enough, {evaluation.titles[evaluation.best]} would be right "
        f"in {percent(rows[loosest][best].value)} of its results"
    )
    return Lenient(heading, tuple(of_measure), rows)


@dataclass(frozen=True)
class Robust:
    """Precision under each alteration. ``lines``: method → alteration → figure, and the share that is kept."""

    heading: str
    lines: dict[str, dict[str, measured.Line]]
    n_queries: int
    several_groups: bool


def robustness(evaluation: Evaluation) -> Robust | None:
    """None where it was not measured."""
    catalog = evaluation.store.catalog
    known = measured.find_all(evaluation.store.plain, evaluation.rankings)
    if not known or evaluation.k not in KS:
        return None
    lines = {method: measured.lines(found, catalog, "precision", evaluation.k) for method, found in known.items()}
    together = {method: of_name[ALL_TOGETHER.name] for method, of_name in lines.items()}
    heading = measured.headline(together, evaluation.titles, MEASURES["precision"].label(evaluation.k))
    rows = next(iter(known.values())).queries
    return Robust(heading, lines, len(rows), len(set(catalog.group_of[rows].tolist())) > 1)


@dataclass(frozen=True)
class Trust:
    """Whether what is said without looking at labels holds. ``lines``: method → what is said → what was right."""

    heading: str
    lines: dict[str, dict[str, Said]]


def trust(evaluation: Evaluation) -> Trust:
    """Of every method."""
    found = {method: evaluation.reliability_of(method) for method in evaluation.methods}
    best = evaluation.best
    heading = reliability.headline(found[best], evaluation.titles[best], evaluation.k)
    subjects = reliability.subjects(evaluation.store.catalog, evaluation.k)
    return Trust(
        heading, {method: {label: one.of(name) for name, label in subjects.items()} for method, one in found.items()}
    )


@dataclass(frozen=True)
class PapersTables:
    """The second paper's tables of this catalog.

    ``methods``: method → its figures. ``classes``: those of ``method`` by the values of ``column``.
    """

    methods: dict[str, second_paper.Line]
    method: str
    column: str
    classes: list[second_paper.Line]


def papers_tables(evaluation: Evaluation) -> PapersTables:
    """Of every method, and of the best one by the values of the first grouping column."""
    best, column = evaluation.best, evaluation.store.catalog.columns[0]
    classes = second_paper.of_classes(evaluation, best, column, {})
    return PapersTables(second_paper.of_methods(evaluation), best, title(column), classes)


def matrices(evaluation: Evaluation) -> dict[str, Matrix]:
    """Measure → how every two methods compare, where they are too many for a sentence each."""
    if len(evaluation.methods) <= UNFOLDED:
        return {}
    return {
        measure: Matrix.of(comparisons, evaluation.means(measure))
        for measure, comparisons in evaluation.comparisons.items()
    }


def method_costs(evaluation: Evaluation) -> dict[str, Cost]:
    """What each method costs; only searches that no build measured are timed now."""
    return with_searches(evaluation.store, costs(evaluation.store, evaluation.methods))


def tradeoff_chart(evaluation: Evaluation, known: Mapping[str, Cost]) -> Iterator[tuple[str, "Chart"]]:
    """With its name: precision against the time of a query by picture, or of a search where encoding is not known."""
    with_encoding = any(cost.query is not None for cost in known.values())
    points = [
        Point(method, evaluation.titles[method], taken, evaluation.figures_of(method)["precision"].macro)
        for method, cost in known.items()
        if (taken := cost.query if with_encoding else cost.search)
    ]
    if points:
        across = "Encoding and search" if with_encoding else "Search"
        yield "tradeoff", tradeoff(points, across, MEASURES["precision"].label(evaluation.k), "ms")
