"""``remove``: a catalog, or one of its methods, is deleted from this machine."""

import argparse
import sys
from typing import Any

from fashion_search.removal import method_removal, queries_removal, removal, remove, remove_method, remove_queries


def declare(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("catalog", help="a built catalog, as list names it")
    parser.add_argument("--method", metavar="NAME", help="take only this method from the catalog")
    parser.add_argument("--queries", metavar="NAME", help="take only this query set from the catalog")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(options: argparse.Namespace) -> tuple[Any, str]:
    """Say what is removed, and remove it where that is agreed to."""
    if options.method is not None:
        return _run_method(options.catalog, options.method, options.yes)
    if options.queries is not None:
        return _run_queries(options.catalog, options.queries, options.yes)
    what = removal(options.catalog)
    if not options.yes and not _agrees(what.sentence):
        return {"catalog": what.name, "removed": False, "complete": False}, f"“{what.title}” was not removed."
    notes = remove(what.name).notes
    result = {"catalog": what.name, "removed": True, "bytes": what.n_bytes} | _told(notes)
    return result, "\n".join([f"“{what.title}” was removed.", *notes])


def _told(notes: tuple[str, ...]) -> dict[str, Any]:
    """What could not be removed; nothing where there is nothing to say."""
    return {"notes": list(notes)} if notes else {}


def _run_method(catalog: str, method: str, is_agreed: bool) -> tuple[Any, str]:
    what = method_removal(catalog, method)
    result: dict[str, Any] = {"catalog": catalog, "method": method}
    if not is_agreed and not _agrees(what.sentence):
        return result | {"removed": False, "complete": False}, f"{what.title} was not removed."
    notes = remove_method(what)
    return result | {"removed": True} | _told(notes), "\n".join([f"{what.title} was removed.", *notes])


def _run_queries(catalog: str, name: str, is_agreed: bool) -> tuple[Any, str]:
    result: dict[str, Any] = {"catalog": catalog, "queries": name}
    sentence = queries_removal(catalog, name)
    if not is_agreed and not _agrees(sentence):
        return result | {"removed": False, "complete": False}, f"“{name}” was not removed."
    remove_queries(catalog, name)
    return result | {"removed": True}, f"“{name}” was removed."


def _agrees(sentence: str) -> bool:
    """Ask on stderr, as stdout may be read by a program; whoever cannot answer does not agree."""
    print(f"{sentence} Remove it? [y/N] ", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):  # nobody there: end the line that they would have ended
        print("(no answer; --yes does not ask)", file=sys.stderr)
    return answer.strip().casefold() in ("y", "yes")
