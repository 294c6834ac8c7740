"""``benchmarks/RESULTS.md``: written from what was kept, with what was tried and dropped, which is written by hand."""

from collections.abc import Sequence

from benchmarks import growth, table
from benchmarks.browser import ROOT
from benchmarks.conditions import Conditions
from benchmarks.growth import Point
from benchmarks.measured import Measured
from benchmarks.registry import BENCHMARKS
from fashion_search.files import write_atomically

KEPT = ROOT / "benchmarks/results.json"
TRIED = ROOT / "benchmarks/TRIED.md"
PAGE = ROOT / "benchmarks/RESULTS.md"

_INTRODUCTION = """# What was measured

Written by `make bench-full` from `results.json`, `growth.json` and `TRIED.md`; do not edit it. Each ratio is the median
of pairs, in brackets their quartiles: baseline and program take turns, so that whatever else the machine does meets
both. Times are medians. A goal is for the ratio, or in seconds for what the program takes."""


def page(kept: Sequence[Measured], points: Sequence[Point], tried: str) -> str:
    """The page in Markdown: conditions, table, growth and what was tried."""
    parts = [_INTRODUCTION]
    if kept:
        parts += ["## Conditions", _conditions(kept), "## One machine", table.markdown(kept)]
    if points:
        parts += ["## Growth", growth.EXPLANATION, growth.markdown(points)]
    return "\n\n".join([*parts, tried.strip()]) + "\n"


def write_page() -> None:
    """Write it from the files beside it."""
    from benchmarks import measured

    text = page(measured.read(KEPT), growth.read(), TRIED.read_text("utf-8"))
    write_atomically(PAGE, lambda file: file.write(text.encode()))


def _conditions(kept: Sequence[Measured]) -> str:
    """Those of each machine and its versions once, with the load, date and commit of each benchmark."""
    named: dict[str, list[str]] = {}
    for one in kept:
        machine, versions, rest = str(one.conditions).splitlines()
        named.setdefault(f"{machine}; {versions}", []).append(f"| `{one.name}` | {_moment(one.conditions, rest)} |")
    parts = []
    for machine, lines in named.items():
        parts.append("\n".join([f"{machine}.", "", "| benchmark | measured |", "|---|---|", *lines]))
    return "\n\n".join(parts)


def _moment(conditions: Conditions, words: str) -> str:
    return words if conditions.load < 1 else f"{words} (a busy machine)"


def is_kept(kept: Sequence[Measured], name: str, is_full: bool, now: Conditions) -> bool:
    """Whether a benchmark was measured as fully by this commit on this machine."""
    return any(
        (one.name, one.is_full, one.conditions.commit, one.conditions.machine)
        == (name, is_full, now.commit, now.machine)
        for one in kept
    )


def in_order(kept: Sequence[Measured]) -> list[Measured]:
    """Measurements in the order of the registry; what it has no longer is left out."""
    by_name = {one.name: one for one in kept}
    return [by_name[one.name] for one in BENCHMARKS if one.name in by_name]
