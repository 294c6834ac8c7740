"""What people do on pages, as a process that can be killed: ``python -m tools.resilience.said verdicts|cases CATALOG``.

Each line of its output is one thing that is kept by then.
"""

import sys

from fashion_search.cases import Case, open_cases
from fashion_search.cases.model import Conditions, Findings
from fashion_search.errors import FashionSearchError
from fashion_search.evaluation.verdict_file import open_verdicts

VERDICTS, CASES = 60, 25


def main() -> None:
    """Say all that is not said yet."""
    what, catalog = sys.argv[1:]
    if what == "verdicts":
        verdicts = open_verdicts(catalog)
        for number in range(VERDICTS):
            verdicts.accept(f"{number}", f"{number + 1}", "histogram")
            print(number, flush=True)
        return
    cases = open_cases(catalog)
    known = {case.comment for case in cases.all()}
    for number in range(CASES):
        if f"{number}" not in known:
            shown = Findings("Something", ("It is so.",), ("Method", "MAP"), (("Histogram", ".5"),))
            cases.add(Case("Metrics", shown, Conditions("Shop", "leave-one-out", 5), comment=f"{number}"))
        print(number, flush=True)


if __name__ == "__main__":
    try:
        main()
    except FashionSearchError as error:
        sys.exit(f"fashion_search: {error}")
