"""The command line: ``fashion-search app | build | fetch | search | evaluate | report | train | list | …``.

A command is a module here and an entry of ``COMMANDS``.
"""

import argparse
import io
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from fashion_search import __version__
from fashion_search.errors import FashionSearchError, in_a_line


@dataclass(frozen=True)
class Command:
    """A word after ``fashion-search``; its module has that name with ``_`` for ``-``.

    The module's ``declare`` adds the arguments to a parser; its ``run`` takes what was parsed and gives the result
    twice: for machines, as what JSON can hold, and for people. A result with ``complete: false`` ends the program with
    exit code 1. ``example``: arguments, name included. ``prints``: whether there is a result at all, and so a choice of
    ``--json``.
    """

    name: str
    about: str
    example: str
    prints: bool = True

    @property
    def module(self) -> Any:
        """Imported only for the command that is asked for: they bring much that others, and ``--help``, do not need."""
        return import_module(f"{__name__}.{self.name.replace('-', '_')}")


COMMANDS = (
    Command("app", "Open the app in the browser.", "app --port 8502", prints=False),
    Command(
        "build",
        "Build or bring up to date a catalog's libraries.",
        "build ~/Downloads/fashion-product-images-small.zip",
    ),
    Command("fetch", "Download Kaggle's data set (needs the package kagglehub).", "fetch --size small"),
    Command("search", "Rank a catalog's items by similarity to a picture or to one of them.", "search shoe.jpg -k 10"),
    Command(
        "evaluate",
        "Print Table 1 for a catalog: every measure at k with its interval, chance and ceiling.",
        "evaluate --catalog demo",
    ),
    Command(
        "report",
        "Write an evaluation as one HTML file that opens offline and prints.",
        "report --catalog demo --out report.html",
    ),
    Command(
        "train",
        "Train an encoder on what a catalog leaves out, so that no evaluated style group is seen. The same command "
        "goes on where a run was stopped.",
        "train kaggle-small --recipe fashion",
    ),
    Command(
        "queries",
        "Make a query set of a catalog: labelled pictures from outside, to evaluate by.",
        "queries demo photos.csv",
    ),
    Command(
        "import-vectors",
        "Make a method of a catalog of vectors that were made elsewhere.",
        "import-vectors demo mine.npy --ids ids.txt --name mine",
    ),
    Command("list", "List the catalogs that are built, and the methods.", "list --json"),
    Command(
        "remove",
        "Delete a catalog's libraries and evaluations from this machine; its pictures and verdicts are kept.",
        "remove my-closet",
    ),
    Command(
        "doctor",
        "Look for what is wrong with this installation, its weights and its catalogs, and say how to mend it.",
        "doctor --json",
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0, 1 (failed; the reason is on stderr), 2 (usage)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console may lack a catalog's letters
            stream.reconfigure(errors="replace")
    try:
        options = parse(sys.argv[1:] if arguments is None else arguments)
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
    except OSError as error:  # a full disk, no permission: each command keeps what it had done
        print(f"fashion_search: {_about_file(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "fashion_search: stopped. What was done so far is kept; the same command goes on from there.",
            file=sys.stderr,
        )
        return 1


def _about_file(error: OSError) -> str:
    """What is wrong with which file, and what to do."""
    where = f"{error.filename} cannot be read or written" if error.filename else "A file cannot be read or written"
    return (
        f"{where}: {in_a_line(error) if error.strerror is None else error.strerror}. What was done so far is kept; "
        "make room or permission and give the same command again."
    )


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """What one command is asked to do; the result has the command's ``run``. Ends the program where usage is wrong."""
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
        if command.name not in arguments:
            continue
        added.set_defaults(run=command.module.run)
        if command.prints:
            added.add_argument("--json", action="store_true", help="print the result as JSON, for machines")
        command.module.declare(added)
    return whole.parse_args(arguments)
