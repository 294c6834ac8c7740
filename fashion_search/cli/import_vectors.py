"""``import-vectors``: vectors that were made elsewhere become a method of a catalog."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fashion_search.cli.progress import ProgressBar
from fashion_search.errors import VectorsError
from fashion_search.home import user_path
from fashion_search.importing import FORMATS

if TYPE_CHECKING:
    from fashion_search.importing.reading import Given


def declare(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    formats = ", ".join(f".{one}" for one in FORMATS)
    parser.add_argument("catalog", help="a built catalog, as list names it")
    parser.add_argument("vectors", metavar="VECTORS", help=f"a file ({formats}) with one vector for each item")
    parser.add_argument(
        "--ids", metavar="FILE", help="the item of each vector, unless VECTORS says it: .txt, .csv, .npy"
    )
    parser.add_argument("--name", required=True, help="of the method: letters, digits, and - _ . between them")
    parser.add_argument("--title", default="", help="of the method on pages (default: its name)")
    parser.add_argument("--replace", action="store_true", help="replace what was imported under this name before")
    parser.add_argument(
        "--subset", default="", metavar="CATALOG", help="make a catalog of its own of the items that have vectors"
    )
    parser.add_argument("--quick", action="store_true", help="leave evaluation and maps to the pages")


def run(options: argparse.Namespace) -> tuple[Any, str]:
    """Import the vectors; what was made of them."""
    from fashion_search.importing.run import Wanted, evaluate_imported, import_vectors  # no other command needs it

    paths = [user_path(path) for path in (options.vectors, options.ids) if path]
    wanted = Wanted(options.catalog, options.name, options.title, options.replace, options.subset)
    done = import_vectors(_read(paths), wanted)
    if not options.quick:
        evaluate_imported(done, ProgressBar())
    result = {
        "catalog": done.catalog,
        "part_of": done.part_of,
        "method": done.method.name,
        "title": done.method.title,
        "images": len(done.fitted.rows),
        "dimensions": done.dimensions,
        "scaled": done.fitted.scaled,
        "unused": done.fitted.unused,
        "weights": done.fingerprint.weights_label,
    }
    return result, done.sentence


def _read(paths: list[Path]) -> "Given":
    """The files of vectors and, where there is one, of ids."""
    from fashion_search.importing import reading

    try:
        with paths[0].open("rb") as vectors, paths[-1].open("rb") as ids:
            other = reading.Source(paths[1].name, ids) if len(paths) > 1 else None
            return reading.read(reading.Source(paths[0].name, vectors), other)
    except OSError as error:
        raise VectorsError(f"{error.filename} cannot be read: {error.strerror}.") from error
