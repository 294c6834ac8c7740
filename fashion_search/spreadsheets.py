"""CSV for people, who open it in a spreadsheet program: nothing in it may be taken for a formula there."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

# What Excel, LibreOffice and others compute, behind apostrophes that as_cell puts there.
_FORMULA = r"(?='*[=+\-@|＝＋－＠]\s*\S)"
_CELL = r"(?:^|(?<=[;\t\r\n]))"  # where one begins, also for a program that separates by semicolons or tabs
_APOSTROPHE_BELONGS = re.compile(rf"^(?='*[\t\r\n])|{_CELL}{_FORMULA}")
_APOSTROPHE_IS = re.compile(rf"^'(?='*[\t\r\n])|{_CELL}'{_FORMULA}")


def as_cell(text: str) -> str:
    """A cell's text, with an apostrophe before what a spreadsheet program might compute; numbers stay as they are."""
    cell = _APOSTROPHE_BELONGS.sub("'", text)
    return text if cell != text and _is_number(text) else cell  # few are looked at twice


def as_written(cell: str) -> str:
    """The text of which ``as_cell`` made a cell."""
    return _APOSTROPHE_IS.sub("", cell)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text == text.strip()


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table for people."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(map(as_cell, row) for row in (header, *rows))
    return text.getvalue()
