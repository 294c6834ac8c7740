"""The program, whose evaluations take a second more: ``python -m tests.resilience.slow_app app``.

``WITHOUT_SHARING`` in the environment: each session that asks for an evaluation has one of its own.
"""

import os
import sys
import time
from typing import Any

from fashion_search.cli import main
from fashion_search.evaluation import evaluation, saved
from fashion_search.evaluation.rankings import rank
from fashion_search.work import Works, advance

_STEPS = 10


def slowly(*arguments: Any, **options: Any) -> Any:
    for step in range(_STEPS):
        time.sleep(0.1)
        advance(step, _STEPS)
    return rank(*arguments, **options)


if __name__ == "__main__":
    saved.rank = evaluation.rank = slowly
    if "WITHOUT_SHARING" in os.environ:
        Works.find = lambda works, key: None  # type: ignore[method-assign]
    sys.exit(main())
