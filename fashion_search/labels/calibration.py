"""How far similarities and heads are to be trusted: numbers by method, chosen on style groups that nobody evaluates.

``tools/fit_labels.py`` writes them, and ``docs/labels.md`` says how.
"""

import json
from functools import cache
from pathlib import Path

from fashion_search import typed
from fashion_search.encoders import base_method
from fashion_search.errors import StoreError

FILE = Path(__file__).with_name("calibration.json")
OTHERS = "others"
"""The entry of methods that have none of their own."""


class Calibration(typed.Checked, frozen=True, forbid_unknown_fields=True):
    """Of one method.

    ``votes``: weight of what the gallery's labels say; ``heads``: column → weight of its head. ``first`` and ``any``:
    of the logistic regressions of ``confidence``.
    """

    votes: float
    heads: dict[str, float] = {}  # noqa: RUF012 - msgspec copies it
    first: tuple[float, ...] = ()
    any: tuple[float, ...] = ()


@cache
def calibrations() -> dict[str, Calibration]:
    """Method → numbers; those of ``OTHERS`` are for every other one.

    Raises:
        StoreError: the file that comes with the program is damaged.
    """
    try:
        data = json.loads(FILE.read_bytes())
    except (OSError, ValueError) as error:
        raise StoreError(f"{FILE} cannot be read ({error}). Install the program again.") from error
    return {name: typed.read(entry, Calibration, StoreError) for name, entry in data.items()}


def calibration_of(method: str) -> Calibration:
    """The numbers of a method, under any order."""
    known = calibrations()
    return known.get(base_method(method), known[OTHERS])
