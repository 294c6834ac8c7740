"""Numbers as arguments."""

import argparse
from collections.abc import Callable


def at_least(least: int, most: int = 10**9) -> Callable[[str], int]:
    """A type of argument: a whole number from ``least`` to ``most``."""

    def whole_number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
            upper = "" if most == 10**9 else f" and at most {most}"
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}{upper}")
        return int(text)

    return whole_number
