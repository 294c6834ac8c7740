"""``report``: an evaluation as one HTML file, and the cases that people added to it as PowerPoint."""

import argparse
from typing import Any

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
)
from fashion_search.cli.numbers import at_least
from fashion_search.encoders import reranked
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.rankings import DEPTH
from fashion_search.home import user_path
from fashion_search.store import Store


def declare(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_catalog(parser)
    add_methods(parser, "all that are built")
    parser.add_argument("-k", type=at_least(1, DEPTH), default=5, help=f"results looked at, to {DEPTH} (default: 5)")
    add_protocol(parser)
    add_verdicts(parser)
    add_rerank(parser)
    add_filter(parser)
    parser.add_argument("--out", metavar="FILE", help="where to write it (default: CATALOG-report.html, here)")
    parser.add_argument(
        "--pptx",
        metavar="FILE",
        help="write the cases added in the app as PowerPoint, one slide each; the HTML file is written too with --out",
    )


def run(options: argparse.Namespace) -> tuple[Any, str]:
    """Write the report; where it lies."""
    store = asked_store(options)
    result: dict[str, Any] = {}
    lines = []
    if options.out or not options.pptx:
        result, line = _report(options, store)
        lines.append(line)
    if options.pptx:
        path = user_path(options.pptx)
        from fashion_search.report import write_slides  # late, as its charts are: no other command needs them

        write_slides(path, store)
        size = path.stat().st_size
        result |= {"pptx": str(path), "pptx_bytes": size}
        lines.append(f"{path} ({size / 1e6:.1f} MB)")
    return result, "\n".join(lines)


def _report(options: argparse.Namespace, store: Store) -> tuple[dict[str, Any], str]:
    plain = chosen_methods(options, store.methods)
    methods = [*plain, *(reranked(method, order) for order in chosen_orders(options) for method in plain)]
    path = user_path(options.out or f"{store.name}-report.html")
    verdicts = applied_verdicts(options, store)
    filter = chosen_filter(options, store.catalog)
    from fashion_search.report import write_report

    write_report(path, Evaluation.of(store, methods, options.protocol, options.seed, options.k, verdicts, filter))
    size = path.stat().st_size
    filtered = {"where": str(filter)} if filter else {}
    return {"report": str(path), "bytes": size, **filtered}, f"{path} ({size / 1e6:.1f} MB)"
