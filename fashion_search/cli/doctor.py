"""``doctor``: what is wrong with this installation, its weights and its catalogs, and how to mend it."""

import argparse
import platform
from importlib import metadata
from typing import Any

from fashion_search import __version__
from fashion_search.doctor import examine
from fashion_search.evaluation.words import count
from fashion_search.home import home
from fashion_search.machine import this_machine

_SIGNS = {"fine": "ok", "notice": "note", "wrong": "WRONG"}


def declare(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(options: argparse.Namespace) -> tuple[Any, str]:
    """All findings; ``complete`` is false where something is wrong."""
    found = list(examine())
    wrong = [finding for _, finding in found if finding.state == "wrong"]
    lines = [f"fashion_search {__version__}, Python {platform.python_version()}; {this_machine().title}; {home()}"]
    last = ""
    for area, finding in found:
        if area != last:
            lines.append(f"{area.capitalize()}:")
            last = area
        lines.append(f"  {_SIGNS[finding.state]:<5}  {finding.sentence}")
    lines.append(f"{count(len(wrong), 'thing is', 'things are')} wrong." if wrong else "Nothing is wrong.")
    result = {
        "complete": not wrong,
        "version": __version__,
        "python": platform.python_version(),
        "machine": this_machine().title,
        "home": str(home()),
        "packages": {one.name: one.version for one in metadata.distributions() if one.name},
        "findings": [{"area": area, "state": one.state, "sentence": one.sentence} for area, one in found],
    }
    return result, "\n".join(lines)
