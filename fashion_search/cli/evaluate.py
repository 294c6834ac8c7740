"""``evaluate``: Table 1 of a catalog."""

import argparse
from typing import Any

import numpy as np

from fashion_search.catalog import PROTOCOLS, Protocol
from fashion_search.cli import accuracy
from fashion_search.cli.command import (
    add_catalog,
    add_filter,
    add_methods,
    add_protocol,
    add_rerank,
    add_verdicts,
    applied_verdicts,
    asked_store,
    chosen_filter,
    chosen_methods,
    chosen_orders,
    for_json,
)
from fashion_search.cli.numbers import at_least
from fashion_search.costs import costs
from fashion_search.encoders import encoder_spec, reranked
from fashion_search.errors import SourceError
from fashion_search.evaluation import classification_path, classified, outside, second_paper, seen
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.measures import MEASURES
from fashion_search.evaluation.reliability import subjects
from fashion_search.evaluation.scores import PAPER, PAPER_K, SEEDS, Figure, is_papers_data
from fashion_search.evaluation.words import count, exactness, number, rounded, sentence, speed
from fashion_search.home import user_path
from fashion_search.query_store import notes
from fashion_search.store import Store

_MOST_K = 1000  # memory grows with queries times k


def declare(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_catalog(parser)
    add_methods(parser, "all that are built")
    parser.add_argument("-k", type=at_least(1, _MOST_K), default=5, help="rank at which they are taken (default: 5)")
    add_protocol(parser, default=None)
    parser.add_argument(
        "--seeds",
        type=at_least(2),
        metavar="N",
        help=f"one per group: mean and deviation over N splits (such as {SEEDS})",
    )
    add_verdicts(parser)
    add_rerank(parser)
    add_filter(parser)
    parser.add_argument(
        "--classify",
        action="store_true",
        help="classify the queries by the classification path of trained methods too, which encodes them once more; "
        "what is found is kept for pages and reports",
    )
    parser.add_argument(
        "--parents",
        metavar="FILE",
        help="also print figures by parent class: a CSV file with a class and its parent in each line, under a header",
    )
    parser.add_argument("--class-column", metavar="NAME", help="the column that holds the class (default: the first)")
    parser.add_argument("--parent-column", metavar="NAME", default="", help="the file's column of parent classes")


def run(options: argparse.Namespace) -> tuple[Any, str]:
    """Table 1 of the catalog, and the tables that belong to it."""
    store = asked_store(options)
    plain = chosen_methods(options, store.methods)
    methods = [*plain, *(reranked(method, order) for order in chosen_orders(options) for method in plain)]
    verdicts = applied_verdicts(options, store)
    filter = chosen_filter(options, store.catalog)
    column, parents = _parents(options, store)
    tables: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    trust: list[dict[str, Any]] = []
    lost: list[dict[str, Any]] = []
    top_k: list[dict[str, Any]] = []
    theirs: list[dict[str, Any]] = []
    classes: list[dict[str, Any]] = []
    groups = count(store.manifest.n_groups, "style group", "style groups")
    lines = [f"{store.manifest.title}: {groups}, {store.manifest.n_items:,} images"]
    if verdicts.digest:
        lines += [
            f"With verdicts: {len(verdicts.pairs):,} accepted pairs, {len(verdicts.removed):,} wrong labels left out"
        ]
    lines += seen.warnings(store.catalog, methods)
    for protocol in [options.protocol] if options.protocol else list(PROTOCOLS):
        evaluation = Evaluation.of(store, methods, protocol, options.seed, options.k, verdicts, filter)
        if options.classify:
            _classify(evaluation)
        more, scores = _of_protocol(evaluation, options.seeds)
        lines += ["", *more]
        rows += scores
        tables += _tables(evaluation, column, parents)
        if parents:
            lines += _by_parent(evaluation, column, parents)
        trust += _trust_rows(evaluation)
        lines += accuracy.lines(evaluation)
        top_k += accuracy.rows(evaluation)
        theirs += accuracy.published_rows(evaluation)
        lines += accuracy.classification_lines(evaluation)
        classes += accuracy.classification_rows(evaluation)
        for one in outside.losses(evaluation, "precision"):
            lines.append(f"  {one.sentence(evaluation.titles, MEASURES['precision'].label(options.k))}")
            lost.append({"method": one.method, "own": for_json(one.own), "outside": for_json(one.outside)})
    if _is_papers(options, store) and not filter:
        lines += ["", "The paper's Table 1 (it used the full-size images and torchvision's weights):"]
        for method, values in PAPER.items():
            figures_of = "".join(
                f"{f'{MEASURES[name].label(PAPER_K)} {value:.4f}':<22}" for name, value in values.items()
            )
            lines.append(f"  {encoder_spec(method).title:<16}{figures_of.rstrip()}")
    head = {"catalog": store.name, "verdicts": bool(verdicts.digest), "where": str(filter) or None, "scores": rows}
    head["trust"] = trust
    head["second_paper"] = tables
    head |= {"top_k": top_k, "classification": classes}
    head |= {"published": theirs} if theirs else {}
    head |= {"lost": lost} if lost else {}
    return head, "\n".join(lines)


def _classify(evaluation: Evaluation) -> None:
    """By the paths of those methods that have one and have not classified these queries yet."""
    columns = classified.columns_of(evaluation.store.catalog)
    missing = {method for column in columns for method in classified.not_measured(evaluation, column)}
    for method in sorted(missing):
        classification_path.measure(evaluation, method)


def _is_papers(options: argparse.Namespace, store: Store) -> bool:
    """Whether the paper's Table 1 is of such figures."""
    manifest = store.manifest
    is_outside = options.protocol is not None and options.protocol.queries
    is_data = is_papers_data(manifest.columns, manifest.n_groups, manifest.n_items)
    return options.k == PAPER_K and is_data and not is_outside


def _parents(options: argparse.Namespace, store: Store) -> tuple[str, dict[str, str]]:
    """The column of classes, and class → parent as a file gives them; empty without a file."""
    columns = store.catalog.columns
    column = options.class_column or (columns[0] if columns else "")
    if options.class_column and column not in columns:
        raise SourceError(f"There is no column {column!r}; the catalog is grouped by {', '.join(columns)}.")
    if not options.parents or not columns:
        return column, {}
    path = user_path(options.parents)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}.") from error
    return column, second_paper.read_parents(data, column, store.catalog.values(column), options.parent_column)


def _tables(evaluation: Evaluation, column: str, parents: dict[str, str]) -> list[dict[str, Any]]:
    """The second paper's tables of every method for machines: as a whole, by class and by parent class."""
    found = []
    if not evaluation.has_queries:
        return []
    known = costs(evaluation.store, evaluation.methods)
    for method, line in second_paper.of_methods(evaluation).items():
        of = {"class": second_paper.of_classes(evaluation, method, column, {})}
        of |= {"parent": second_paper.of_classes(evaluation, method, column, parents)} if parents else {}
        cost = known[method]
        times = {"search_ms": cost.search, "query_ms": cost.query, "recall_at_10": cost.recall}
        head = {"protocol": str(evaluation.protocol), "method": method, "k": evaluation.k}
        found.append(head | {"kind": "method", "name": method, "queries": line.queries, **_rounded(line), **times})
        for kind, lines in of.items():
            found += [
                head | {"kind": kind, "name": one.title, "queries": one.queries, **_rounded(one)} for one in lines
            ]
    return found


def _rounded(line: second_paper.Line) -> dict[str, float | None]:
    return {name: for_json(value) for name, value in line.figures.items()}


def _by_parent(evaluation: Evaluation, column: str, parents: dict[str, str]) -> list[str]:
    """The figures by parent class, as lines."""
    lines = []
    for method, title in evaluation.titles.items() if evaluation.has_queries else ():
        lines.append(f"  {title} by parent class")
        for one in second_paper.of_classes(evaluation, method, column, parents):
            told = "".join(
                f"{f'{MEASURES[name].label(evaluation.k)} {number(value)}':<20}" for name, value in one.figures.items()
            )
            lines.append(f"    {one.title:<22}{count(one.queries, 'query', 'queries'):<16}{told.rstrip()}")
    return lines


def _of_protocol(evaluation: Evaluation, seeds: int | None) -> tuple[list[str], list[dict[str, Any]]]:
    """One protocol's table as lines and as rows; ``seeds``: splits whose mean is shown besides."""
    any_rankings, k = evaluation.any_rankings, evaluation.k
    n_left_out = len(any_rankings.left_out)
    left_out = f", {n_left_out:,} left out without a relevant item" if n_left_out else ""
    gallery = (
        f"{int(any_rankings.n.max()):,} items in each gallery" if evaluation.has_queries else "nothing to evaluate"
    )
    lines = [f"{evaluation.split.label}: {len(any_rankings.queries):,} queries{left_out}, {gallery}"]
    lines += [f"  Note: {note}" for note in notes(evaluation.store)]
    rows = []
    for method, title in evaluation.titles.items():
        lines.append(f"  {title}, weights: {evaluation.store.library(method).fingerprint.weights_label}")
        if method in evaluation.store.indexed:
            lines.append(
                f"    {exactness(method, evaluation.store.indexed)}: {speed(evaluation.store.indexed[method])}"
            )
        is_drawn = evaluation.protocol == Protocol.ONE_PER_GROUP
        spread = evaluation.spread(method, seeds) if is_drawn and seeds else None
        for name, figure in evaluation.figures_of(method).items():
            line, row = _line(name, figure, k), _row(evaluation, method, name, figure)
            if spread is not None:
                mean, deviation = spread.mean(name, k), spread.deviation(name, k)
                line += f"   {spread.seeds} splits {number(mean, 4)} ± {number(deviation, 4)}"
                row |= {"splits": spread.seeds, "mean": for_json(mean), "deviation": for_json(deviation)}
            lines.append(line)
            rows.append(row)
        if evaluation.counts_products:
            lines += [_product_line(name, figure, k) for name, figure in evaluation.product_figures_of(method).items()]
            rows += [
                _row(evaluation, method, name, figure) | {"counted": "product"}
                for name, figure in evaluation.product_figures_of(method).items()
            ]
    if evaluation.has_queries:
        lines += [_trust(evaluation, method) for method in evaluation.methods]
        medians = (
            f"{evaluation.titles[method]} {np.median(r.first):,.0f}" for method, r in evaluation.rankings.items()
        )
        lines.append(f"  Rank of the first correct result, median: {', '.join(medians)}")
    label = MEASURES["precision"].label(k)
    lines += [f"  {sentence(comparison, evaluation.titles, label)}" for comparison in evaluation.compared("precision")]
    return lines, rows


def _trust(evaluation: Evaluation, method: str) -> str:
    """Whether the trust in a method's rows holds, in a line."""
    found = evaluation.reliability_of(method)
    parts = [
        f"{label[0].lower()}{label[1:]}: said {number(said.mean)}, is {number(said.share)}, calibration error "
        f"{number(said.error)}, AUROC {number(said.auroc)}"
        for label, said in (
            (label, found.of(name)) for name, label in subjects(evaluation.store.catalog, evaluation.k).items()
        )
    ]
    return f"  {evaluation.titles[method]}, {'; '.join(parts)}"


def _trust_rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    """The same for machines."""
    return [
        {
            "protocol": str(evaluation.protocol),
            "method": method,
            "what": name,
            "said": for_json(said.mean),
            "right": for_json(said.share),
            "calibration_error": for_json(said.error),
            "auroc": for_json(said.auroc),
        }
        for method in evaluation.methods
        for name in subjects(evaluation.store.catalog, evaluation.k)
        for said in [evaluation.reliability_of(method).of(name)]
    ]


def _line(name: str, figure: Figure, k: int) -> str:
    return (
        f"    {MEASURES[name].label(k):<16}{rounded(figure.macro):<22}per relevant item {number(figure.micro)}   "
        f"chance {number(figure.chance, 4)}   ceiling {number(figure.ceiling)}"
    )


def _product_line(name: str, figure: Figure, k: int) -> str:
    return f"    {MEASURES[name].label(k):<16}{rounded(figure.macro):<22}per product, each by its best picture"


def _row(evaluation: Evaluation, method: str, name: str, figure: Figure) -> dict[str, Any]:
    rankings = evaluation.rankings_of(method)
    return {
        "protocol": str(evaluation.protocol),
        "seed": evaluation.split.seed if evaluation.protocol == Protocol.ONE_PER_GROUP else None,
        "method": method,
        "weights": evaluation.store.library(method).fingerprint.weights_label,
        "measure": name,
        "k": evaluation.k if MEASURES[name].at_k else None,
        "queries": len(rankings.queries),
        "left_out": len(rankings.left_out),
        "value": for_json(figure.macro.value),
        "low": for_json(figure.macro.low),
        "high": for_json(figure.macro.high),
        "micro": for_json(figure.micro),
        "chance": for_json(figure.chance),
        "ceiling": for_json(figure.ceiling),
    }
