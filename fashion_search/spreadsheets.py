"""CSV for people, who open it in a spreadsheet program: nothing in it may be taken for a formula there."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

_STARTS_FORMULA = re.compile(r"'*(?:[=+\-@|＝＋－＠]\s*\S|[\t\r\n])")
"""What Excel, LibreOffice and others compute where a cell begins with it; apostrophes as ``as_cell`` puts them."""


def as_cell(text: str) -> str:
    """A cell's text, with an apostrophe before what a spreadsheet program might compute; numbers stay as they are."""
    return f"'{text}" if _STARTS_FORMULA.match(text) and not _is_number(text) else text


def as_written(cell: str) -> str:
    """The text of which ``as_cell`` made a cell."""
    return cell[1:] if cell.startswith("'") and _STARTS_FORMULA.match(cell) else cell


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
