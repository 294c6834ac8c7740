"""``queries``: labelled pictures from outside become a query set of a catalog."""

import argparse
import sys
from typing import Any

from fashion_search.build.query_sets import encoded_by
from fashion_search.build.run import build
from fashion_search.catalog import Protocol
from fashion_search.catalog.request import Request, catalog_name
from fashion_search.catalog.source import Options
from fashion_search.cli.command import add_methods, chosen_methods
from fashion_search.cli.progress import ProgressBar
from fashion_search.evaluation.words import count
from fashion_search.query_store import left_out, under
from fashion_search.store import open_store


def declare(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("catalog", help="a built catalog, as list names it")
    parser.add_argument(
        "source",
        help="a folder with one sub-folder per style group or product (or a .zip of it), or a table (.csv, .tsv) with "
        "an image column and the columns that the catalog groups by, or a column named product",
    )
    parser.add_argument("--name", help="of the query set; by default from the path")
    add_methods(parser, "all that encode the catalog")
    parser.add_argument("--image-column", metavar="COLUMN", help="of a table: the column with the pictures' paths")
    parser.add_argument("--encoding", metavar="NAME", help="of a table that is not in UTF-8, such as gbk or cp1251")
    parser.add_argument(
        "--boxes", action="store_true", help="crop pictures to the boxes that a published data set gives for them"
    )
    parser.add_argument("--quick", action="store_true", help="leave the evaluation to the pages")
    parser.add_argument("--replace", action="store_true", help="replace a query set of this name from another source")


def run(options: argparse.Namespace) -> tuple[Any, str]:
    """Build the query set; what is in it."""
    store = open_store(options.catalog)
    request = Request(
        options.source,
        catalog_name(options.source, options.name),
        tuple(chosen_methods(options, encoded_by(store))),
        Options(image_column=options.image_column, encoding=options.encoding, boxes=options.boxes),
        options.replace,
        quick=options.quick,
        queries_of=store.name,
    )
    summary = build(request, ProgressBar())
    manifest = summary.manifest
    protocol = Protocol.of_queries(summary.name)
    together = under(store, protocol)
    catalog = together.catalog
    usable = catalog.n_queries
    reasons = left_out(together)
    lines = [
        f"Query set {summary.name} of {store.name}: {count(usable, 'query', 'queries')} with an answer in the catalog; "
        f"relevant is the same {catalog.relevant_by}.",
        f"{manifest.n_rows:,} rows read; left out:" if reasons else f"{manifest.n_rows:,} rows read.",
        *(f"  {number:>7,}  {reason}" for reason, number in reasons.items()),
        *(f"Note: {note}" for note in manifest.notes),
        *(f"{name}: {number:,} images encoded." for name, number in summary.encoded.items()),
        *summary.notes,
        f"{summary.seconds:.1f} s. Its figures: python -m fashion_search evaluate --catalog {store.name} "
        f"--protocol {protocol}",
    ]
    for method, reason in summary.problems.items():
        print(f"fashion_search: {method} did not encode it: {reason}", file=sys.stderr)
    result = {
        "catalog": store.name,
        "queries": summary.name,
        "protocol": str(protocol),
        "folder": str(summary.folder),
        "rows": manifest.n_rows,
        "usable": usable,
        "relevant_by": catalog.relevant_by,
        "excluded": dict(reasons),
        "encoded": summary.encoded,
        "notes": [*manifest.notes, *summary.notes],
        "complete": not summary.problems,
        "problems": summary.problems,
        "seconds": round(summary.seconds, 2),
    }
    return result, "\n".join(lines)
