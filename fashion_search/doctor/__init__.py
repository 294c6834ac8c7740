"""What is wrong with an installation, its weights and its catalogs, and how to mend it. Nothing is changed.

A check is a function that yields a ``Finding`` for each thing that it looks at, and an entry of ``CHECKS``.
"""

from collections.abc import Callable, Iterator

from fashion_search.doctor.catalogs import check_catalogs
from fashion_search.doctor.finding import Finding
from fashion_search.doctor.place import check_place, check_settings
from fashion_search.doctor.versions import check_versions
from fashion_search.doctor.weights import check_weights
from fashion_search.errors import FashionSearchError, in_a_line

__all__ = ["CHECKS", "Finding", "examine"]

CHECKS: dict[str, Callable[[], Iterator[Finding]]] = {
    "versions": check_versions,
    "settings": check_settings,
    "home": check_place,
    "weights": check_weights,
    "catalogs": check_catalogs,
}
"""By what they look at, in the order in which they are told."""


def examine() -> Iterator[tuple[str, Finding]]:
    """Everything that is found, with what was looked at; a check that cannot go on says why, and the next one begins.

    One that meets an error that nobody foresaw says that too: whoever asks for help has a reason to go by.
    """
    for area, check in CHECKS.items():
        try:
            for finding in check():
                yield area, finding
        except FashionSearchError as error:
            yield area, Finding("wrong", str(error))
        except Exception as error:
            yield area, Finding("wrong", f"This could not be looked at: {type(error).__name__}, {in_a_line(error)}.")
