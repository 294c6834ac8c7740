"""The command line: ``fashion-search app | build | fetch | search | evaluate | report | train | list | …``.

A command is a module here and an entry of ``COMMANDS``.
"""

import argparse
import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from fashion_search import __version__
from fashion_search.cli.app import APP
from fashion_search.cli.build import BUILD
from fashion_search.cli.evaluate import EVALUATE
from fashion_search.cli.fetch import FETCH
from fashion_search.cli.import_vectors import IMPORT_VECTORS
from fashion_search.cli.list import LIST
from fashion_search.cli.queries import QUERIES
from fashion_search.cli.remove import REMOVE
from fashion_search.cli.report import REPORT
from fashion_search.cli.search import SEARCH
from fashion_search.cli.train import TRAIN
from fashion_search.errors import FashionSearchError

COMMANDS = (APP, BUILD, FETCH, SEARCH, EVALUATE, REPORT, TRAIN, QUERIES, IMPORT_VECTORS, LIST, REMOVE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0, 1 (failed; the reason is on stderr), 2 (usage)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console may lack a catalog's letters
            stream.reconfigure(errors="replace")
    options = parser().parse_args(arguments)
    try:
        result, text = options.run(options)
        if options.json:
            print(json.dumps(result, indent=1, allow_nan=False))
        else:
            print(text)
        sys.stdout.flush()
        return int(isinstance(result, dict) and not result.get("complete", True))
    except FashionSearchError as error:
        flags = [f"--{option.replace('_', '-')}" for option in getattr(error, "options", ())]
        text = f"{str(error).removesuffix('.')} ({' or '.join(flags)})." if flags else str(error)
        print(f"fashion_search: {text}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever reads this, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print(
            "fashion_search: stopped. What was done so far is kept; the same command goes on from there.",
            file=sys.stderr,
        )
        return 1


def parser() -> argparse.ArgumentParser:
    """Of all commands; what it parses has the command's ``run``."""
    started_as = "fashion-search" if Path(sys.argv[0]).stem == "fashion-search" else "python -m fashion_search"
    whole = argparse.ArgumentParser(prog=started_as, description="Image-to-image retrieval of fashion items.")
    whole.add_argument("--version", action="version", version=__version__)
    commands = whole.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        added = commands.add_parser(
            command.name,
            help=command.about,
            description=command.about,
            epilog=f"example:\n  {started_as} {command.example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        added.set_defaults(run=command.run)
        if command.prints:
            added.add_argument("--json", action="store_true", help="print the result as JSON, for machines")
        command.declare(added)
    return whole
