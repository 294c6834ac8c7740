"""Top-k accuracy and classification as ``evaluate`` prints them, and as it writes them for machines."""

from collections.abc import Sequence
from typing import Any

from fashion_search.cli.command import for_json
from fashion_search.evaluation import classified, published
from fashion_search.evaluation.accuracy import KS, Accuracy
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.words import digits_of, number, rounded

_NAME, _CELL = 34, 8  # characters


def lines(evaluation: Evaluation) -> list[str]:
    """A table of methods by k, with chance and what others have published; of pictures from outside alone."""
    if not evaluation.protocol.queries or not evaluation.has_queries:
        return []
    table = [_line("", [f"@{k}" for k in KS])]
    for method, title in evaluation.titles.items():
        found = evaluation.accuracy_of(method)
        table.append(_line(title, _shares(found)))
        if evaluation.counts_products:
            table.append(_line(f"{title}, per product", _shares(evaluation.accuracy_of(method, True))))
    any_method = evaluation.accuracy_of(evaluation.methods[0])
    table.append(_line("Chance", [number(one.chance) for one in any_method.values()]))
    theirs = published.retrieval(evaluation)
    for one in theirs:
        cells = [number(one.values[k]) if k in one.values else "" for k in KS]
        table.append(f"{_line(one.model, cells):<{4 + _NAME + _CELL * len(KS)}}  {one.source}")
    notes = [f"  {reference}." for reference in published.references(theirs)]
    if theirs and (different := published.differences(evaluation)):
        notes.append(f"  Published values are of other conditions: {'; '.join(different)}.")
    if drawn := published.ONLY_DRAWN.get(published.benchmark_of(evaluation)):
        notes.append(f"  {drawn}")
    return [f"  Top-k accuracy, right: the same {evaluation.split.relevant_by} (intervals: --json)", *table, *notes]


def _shares(found: Accuracy) -> list[str]:
    return [number(one.share.value, digits_of(one.share)) for one in found.values()]


def _line(name: str, cells: Sequence[str]) -> str:
    return f"    {name:<{_NAME}}{''.join(f'{cell:>{_CELL}}' for cell in cells)}".rstrip()


def rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    """A row per method, k, and what counts: every picture, or each product once."""
    return [
        {
            "protocol": str(evaluation.protocol),
            "method": method,
            "counted": "product" if per_product else "picture",
            "k": k,
            "queries": evaluation.queries.n_queries,
            "value": for_json(one.share.value),
            "low": for_json(one.share.low),
            "high": for_json(one.share.high),
            "chance": for_json(one.chance),
        }
        for per_product in ([False, True] if evaluation.counts_products else [False])
        for method in evaluation.methods
        for k, one in evaluation.accuracy_of(method, per_product).items()
    ]


def published_rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    """What others have published on the benchmark that the figures are of, with where it stands."""
    tasks = {"retrieval": published.retrieval(evaluation)}
    tasks |= {"classification": published.classification(evaluation, _column(evaluation))}
    return [
        {
            "task": task,
            "model": one.model,
            "k": k,
            "value": value,
            "source": one.source,
            "reference": published.SOURCES[one.source],
        }
        for task, values in tasks.items()
        for one in values
        for k, value in one.values.items()
    ]


def _column(evaluation: Evaluation) -> str:
    """The column that is classified first; empty where there is none."""
    return next(iter(classified.columns_of(evaluation.store.catalog)), "")


def classification_lines(evaluation: Evaluation) -> list[str]:
    """How well pictures from outside are classified in the first column, and what others have published of it."""
    column = _column(evaluation)
    if not evaluation.protocol.queries or not evaluation.has_queries or not column:
        return []
    told = [f"  Classification by {column}"]
    for line in classified.lines(evaluation, column):
        tops = "".join(f"{f'top-{k} {rounded(share)}':<28}" for k, share in line.tops.items())
        name = f"{evaluation.titles[line.method]}, {line.how}"
        told.append(f"    {name:<{_NAME + _CELL}}{tops}balanced {rounded(line.balanced)}   of {line.queries:,}")
    theirs = published.classification(evaluation, column)
    for one in theirs:
        tops = "".join(f"{f'top-{k} {number(value)}':<28}" for k, value in one.values.items())
        told.append(f"    {one.model:<{_NAME + _CELL}}{tops}{one.source}")
    return [*told, *(f"  {reference}." for reference in published.references(theirs))]


def classification_rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    """A row per method and column."""
    if not evaluation.has_queries:
        return []
    return [
        {
            "protocol": str(evaluation.protocol),
            "method": line.method,
            "how": line.how,
            "column": column,
            "queries": line.queries,
            "left_out": line.left_out,
            **{
                name: {"value": for_json(one.value), "low": for_json(one.low), "high": for_json(one.high)}
                for name, one in (*((f"top_{k}", share) for k, share in line.tops.items()), ("balanced", line.balanced))
            },
        }
        for column in classified.columns_of(evaluation.store.catalog)
        for line in classified.lines(evaluation, column)
    ]
