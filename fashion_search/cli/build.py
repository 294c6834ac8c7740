"""``build``: a catalog's libraries, made or brought up to date."""

import argparse
import sys
from typing import Any

from fashion_search.build.on_ray import LOCAL
from fashion_search.build.run import build
from fashion_search.catalog.request import Request, catalog_name
from fashion_search.catalog.source import Options
from fashion_search.cli.command import add_methods, chosen_methods, index_row
from fashion_search.cli.progress import ProgressBar
from fashion_search.encoders import INDEXES, encoder_spec
from fashion_search.evaluation import robustness, words
from fashion_search.index import written
from fashion_search.store import open_store
from fashion_search.whole_store import about_rest


def declare(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument(
        "source",
        help="Kaggle's Fashion Product Images, a folder with one sub-folder per group, DeepFashion's benchmarks, "
        "Stanford Online Products or Caltech-101 as they come (any of these may be a .zip), a table (.csv, .tsv) with "
        "an image column, or the word demo",
    )
    add_methods(parser)
    parser.add_argument("--name", help="the catalog's name in commands and links; by default from the path")
    parser.add_argument("--group-by", nargs="+", metavar="COLUMN", help="columns whose values a style group shares")
    parser.add_argument("--smallest", type=int, metavar="N", help="least images of a group (Kaggle: 4, else 2)")
    parser.add_argument("--largest", type=int, metavar="N", help="most images of a group, 0 = no limit (Kaggle: 20)")
    parser.add_argument("--image-column", metavar="COLUMN", help="of a .csv: the column with the pictures' paths")
    parser.add_argument("--encoding", metavar="NAME", help="of a table that is not in UTF-8, such as gbk or cp1251")
    parser.add_argument(
        "--boxes", action="store_true", help="crop pictures to the boxes that a published data set gives for them"
    )
    parser.add_argument(
        "--quick", action="store_true", help="leave evaluation and maps to the pages, which make them when first asked"
    )
    parser.add_argument(
        "--robustness",
        action="store_true",
        help=f"also measure every method with {robustness.QUERIES:,} altered queries: cut off, turned, on another "
        "ground …",
    )
    parser.add_argument(
        "--index",
        action="append",
        metavar="INDEX",
        help=f"make each method searchable by an index too ({', '.join(INDEXES)}), and measure what that loses and "
        "gains; may be given again. Milvus is given with its place: milvus:http://HOST:PORT or milvus:FILE.db",
    )
    parser.add_argument(
        "--all-items",
        action="store_true",
        help="also encode what is left out for the size of its style group, so that Search can cover the whole shop; "
        "figures stay those of the catalog",
    )
    parser.add_argument(
        "--ray",
        nargs="?",
        const=LOCAL,
        default="",
        metavar="ADDRESS",
        help="encode by workers of Ray: on this machine, or of the cluster whose head is at ADDRESS (HOST:PORT)",
    )
    parser.add_argument("--replace", action="store_true", help="replace a catalog of this name from another source")


def request_from(options: argparse.Namespace) -> Request:
    """What the arguments ask for.

    Raises:
        SourceError, UnknownNameError: it cannot be built.
    """
    return Request(
        options.source,
        catalog_name(options.source, options.name),
        tuple(chosen_methods(options)),
        Options(
            tuple(options.group_by) if options.group_by else None,
            options.smallest,
            options.largest,
            options.image_column,
            options.encoding,
            options.boxes,
        ),
        options.replace,
        options.robustness,
        options.quick,
        tuple(dict.fromkeys(map(written, options.index or ()))),
        all_items=options.all_items,
        ray=options.ray,
    )


def run(options: argparse.Namespace) -> tuple[Any, str]:
    """Build what is asked for; what was built of it."""
    request = request_from(options)
    summary = build(request, ProgressBar())
    manifest = summary.manifest
    store = open_store(summary.name)
    rest, damage = about_rest(store)
    catalog = store.catalog
    groups = words.count(manifest.n_groups, "style group", "style groups")
    of_groups = (
        f"{groups}, {manifest.n_items:,} images "
        f"({manifest.n_items / manifest.n_groups:.2f} per group), grouped by {', '.join(manifest.columns)}."
        if manifest.n_groups
        else f"{manifest.n_items:,} images."
    )
    lines = [
        f"Catalog {summary.name}: {of_groups}",
        f"{manifest.n_rows:,} rows read; left out:"
        if manifest.excluded_by_reason
        else f"{manifest.n_rows:,} rows read.",
        *(f"  {count:>7,}  {reason}" for reason, count in manifest.excluded_by_reason.items()),
        *(f"Note: {note}" for note in manifest.notes),
        *filter(None, [words.copies(catalog)]),
        *(
            f"{name}: {summary.encoded.get(name, 0):,} images encoded; weights: {entry.fingerprint.weights_label}."
            for name, entry in manifest.libraries.items()
        ),
        *(
            f"{spec.name}: made of {' and '.join(spec.parts)}; nothing is encoded for it."
            for spec in map(encoder_spec, request.methods)
            if spec.combines and manifest.libraries.keys() >= set(spec.parts)
        ),
        *([f"Whole shop: {rest:,} of those left out can be searched too."] if rest else []),
        *([damage] if damage else []),
        *(f"{name}: {words.speed(entry)}, {entry.bytes / 1e6:.1f} MB." for name, entry in store.indexed.items()),
        *summary.notes,
        f"{summary.seconds:.1f} s; {summary.n_bytes / 1e6:.1f} MB in {summary.folder}",
    ]
    for method, reason in summary.problems.items():
        what = "measured" if request.robustness and method in store.methods else "built"
        print(f"fashion_search: {method} was not {what}: {reason}", file=sys.stderr)
    result = {
        "catalog": summary.name,
        "folder": str(summary.folder),
        "rows": manifest.n_rows,
        "excluded": manifest.excluded_by_reason,
        "groups": manifest.n_groups,
        "images": manifest.n_items,
        "copies": dict(zip(("same_group", "other_group"), catalog.copies, strict=True)),
        "encoded": summary.encoded,
        "weights": {name: entry.fingerprint.weights_label for name, entry in manifest.libraries.items()},
        "indexes": {name: index_row(entry) for name, entry in store.indexed.items()},
        "complete": not summary.problems,
        "problems": summary.problems,
        "notes": [*manifest.notes, *summary.notes],
        "rest": rest,
        "seconds": round(summary.seconds, 2),
        "bytes": summary.n_bytes,
    }
    return result, "\n".join(lines)
