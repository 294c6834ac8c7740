"""What people do on pages, as a work that can be killed. Each line that it prints is one thing that is kept by then."""

import sys
from collections.abc import Sequence

from fashion_search.cases import Case, open_cases
from fashion_search.cases.model import Conditions, Findings
from fashion_search.errors import FashionSearchError
from fashion_search.evaluation.verdict_file import open_verdicts

VERDICTS, CASES = 60, 25


def main(arguments: Sequence[str]) -> int:
    """Say all that is not said yet; returns the exit code, 1 where the reason is on stderr."""
    try:
        {"verdicts": _verdicts, "cases": _cases}[arguments[0]](arguments[1])
    except FashionSearchError as error:
        print(f"fashion_search: {error}", file=sys.stderr)
        return 1
    return 0


def _verdicts(catalog: str) -> None:
    verdicts = open_verdicts(catalog)
    for number in range(VERDICTS):
        verdicts.accept(f"{number}", f"{number + 1}", "histogram")
        print(number, flush=True)


def _cases(catalog: str) -> None:
    cases = open_cases(catalog)
    known = {case.comment for case in cases.all()}
    for number in range(CASES):
        if f"{number}" not in known:
            shown = Findings("Something", ("It is so.",), ("Method", "MAP"), (("Histogram", ".5"),))
            cases.add(Case("Metrics", shown, Conditions("Shop", "leave-one-out", 5), comment=f"{number}"))
        print(number, flush=True)
