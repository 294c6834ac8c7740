"""Rows as a table: for a terminal, and in Markdown."""

from collections.abc import Iterable, Sequence

from benchmarks.measured import Measured
from benchmarks.measuring import Row

HEADER = ("", "against", "it takes", "ours", "ratio [quartiles]", "goal")
_RIGHT = {2, 3}  # columns that are aligned to the right
_WIDTHS = (36, 25, 8, 8, 28, 14)  # at least, for a terminal


def amount(value: float, unit: str) -> str:
    """To two or three digits, in a unit in which it is easily read.

    >>> amount(0.00437, "s"), amount(2.613, "s"), amount(1162.4, "MB")
    ('4.4 ms', '2.61 s', '1,162 MB')
    """
    if unit == "s" and value < 1:
        return amount(1000 * value, "ms")
    digits = 0 if value >= 100 else 1 if value >= 10 or (unit == "ms" and value >= 1) else 2
    return f"{value:,.{digits}f} {unit}"


def ratio(row: Row) -> str:
    """With its spread: ``1.16 × [1.12, 1.20]``, ``1.60 × as fast [1.55, 1.64]``."""
    value, low, high = (_number(one) for one in (row.ratio.value, row.ratio.low, row.ratio.high))
    return f"{value} ×{' as fast' if row.is_speed else ''} [{low}, {high}]"


def goal(row: Row) -> str:
    """And whether it is met."""
    if row.goal is None:
        return ""
    return f"{row.goal}, {'met' if row.is_met else 'missed'}"


def facts(row: Row) -> str:
    """In words: ``recall@10 0.994, images/s 58``."""
    return ", ".join(f"{name} {one if isinstance(one, str) else f'{one:,.6g}'}" for name, one in row.facts.items())


def cells(row: Row) -> tuple[str, ...]:
    """What stands under ``HEADER``."""
    taken = (amount(row.baseline, row.unit), amount(row.ours, row.unit))
    return (row.what, row.against, *taken, ratio(row), goal(row))


def terminal_header() -> str:
    """The table's first line."""
    return _line([f"  {HEADER[0]}", *HEADER[1:]])


def terminal(row: Row) -> str:
    """A row of a terminal's table, and below it its facts."""
    what, *others = cells(row)
    line = _line([f"  {what}", *others])
    return f"{line}\n    {facts(row)}" if row.facts else line


def _line(texts: Sequence[str]) -> str:
    padded = [
        text.rjust(width) if place in _RIGHT else text.ljust(width)
        for place, (text, width) in enumerate(zip(texts, _WIDTHS, strict=True))
    ]
    return "  ".join(padded).rstrip()


def markdown(measured: Iterable[Measured]) -> str:
    """A table of all rows, each group below its heading."""
    lines = [_markdown_line(("what", *HEADER[1:])), _markdown_line(["---"] * len(HEADER))]
    for one in measured:
        lines.append(_markdown_line([f"**{one.about}** (`{one.name}`)", *[""] * (len(HEADER) - 1)]))
        for row in one.rows:
            what, *others = cells(row)
            lines.append(_markdown_line([f"{what} ({facts(row)})" if row.facts else what, *others]))
    return "\n".join(lines)


def _markdown_line(texts: Sequence[str]) -> str:
    return f"| {' | '.join(text.replace('|', chr(92) + '|') for text in texts)} |"


def _number(value: float) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.1 else 3
    return f"{value:,.{digits}f}"
