"""What people said about results: pairs that are acceptable after all, items whose label is wrong.

A verdict names items by their ids, so that it outlives a build of its catalog; ``verdict_file`` keeps them.
"""

import csv
import datetime
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec
import numpy as np

from fashion_search.catalog import Catalog
from fashion_search.catalog.relevance import Applied
from fashion_search.errors import SourceError
from fashion_search.spreadsheets import as_cell, as_written

COLUMNS = ("kind", "item", "other", "method", "given", "by")
MOST_NAME = 40  # characters of the name of who said it
_BEFORE_NAMES = COLUMNS[:-1]  # of files that were exported before verdicts had names
ONE_SIDED = 0.8  # of the acceptable pairs: more under one method favours it
MOST_BYTES = 5_000_000  # of a file that is imported: some 60,000 verdicts


class VerdictKind(StrEnum):
    """What a verdict says."""

    ACCEPTABLE = "acceptable"  # the two items count as relevant to each other, for every method
    WRONG_LABEL = "wrong label"  # the item leaves queries and gallery


@dataclass(frozen=True)
class Verdict:
    """One person's word on a pair of items, or on one item.

    ``item`` and ``other`` are item ids; a pair has no order and is kept in the order of text. ``other`` is
    empty for a wrong label. ``method``: under whose results it was given, empty if unknown. ``given``: when,
    ISO 8601 with its offset, kept in UTC to the millisecond. ``by``: who said it, as they called themselves; empty
    where nobody said so.

    Raises:
        ValueError: the fields contradict each other; the message says which and what is expected.
    """

    kind: VerdictKind
    item: str
    other: str
    method: str
    given: str
    by: str = ""

    def __post_init__(self) -> None:
        if not self.item:
            raise ValueError("there is no item")
        if self.kind is VerdictKind.WRONG_LABEL and self.other:
            raise ValueError(f"a wrong label concerns one item, but there is another: {self.other!r}")
        if self.kind is VerdictKind.ACCEPTABLE and not self.other:
            raise ValueError("an acceptable pair needs a second item")
        if self.kind is VerdictKind.ACCEPTABLE and self.other == self.item:
            raise ValueError(f"an acceptable pair needs two items, but both are {self.item!r}")
        if self.kind is VerdictKind.ACCEPTABLE and self.other < self.item:
            first, second = self.other, self.item
            object.__setattr__(self, "item", first)
            object.__setattr__(self, "other", second)
        object.__setattr__(self, "given", _in_utc(self.given))
        object.__setattr__(self, "by", name_of(self.by))

    @property
    def key(self) -> tuple[str, str, str]:
        """What it says, of what: a second verdict of the same key says nothing new."""
        return self.kind.value, self.item, self.other

    @property
    def fields(self) -> tuple[str, str, str, str, str, str]:
        """In the order of ``COLUMNS``."""
        return *self.key, self.method, self.given, self.by


def name_of(typed: str) -> str:
    """A name as it is kept: in one line, without characters that are not seen, of at most ``MOST_NAME`` characters."""
    return " ".join("".join(one if one.isprintable() else " " for one in typed).split())[:MOST_NAME].strip()


def _in_utc(given: str) -> str:
    """The same time in one form, so that the order of text is the order of time."""
    try:
        time = datetime.datetime.fromisoformat(given)
        if time.tzinfo is None:
            raise ValueError
        return time.astimezone(datetime.UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError):
        raise ValueError(f"{given!r} is not a time such as 2025-01-31T09:30:00+00:00") from None


def read_fields(fields: Sequence[object]) -> Verdict:
    """A verdict from what a file holds, in the order of ``COLUMNS``.

    Raises:
        ValueError: it is none; the message says why.
    """
    if len(fields) != len(COLUMNS):
        raise ValueError(f"it has {len(fields)} fields instead of {len(COLUMNS)}")
    if fields[0] not in tuple(VerdictKind):
        raise ValueError(f"{fields[0]!r} is neither {' nor '.join(repr(kind.value) for kind in VerdictKind)}")
    try:
        return msgspec.convert(dict(zip(COLUMNS, fields, strict=True)), Verdict)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error


def write_csv(verdicts: Iterable[Verdict]) -> str:
    """Verdicts as CSV with a header, all fields quoted; ids that a spreadsheet would compute have an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerows(map(as_cell, verdict.fields) for verdict in verdicts)
    return text.getvalue()


def read_csv(data: str | bytes) -> list[Verdict]:
    """The verdicts of a file that ``write_csv`` wrote; bytes are UTF-8, with or without a mark.

    Raises:
        SourceError: it is too large, or not such a file; the message names the line.
    """
    nothing = "Nothing was imported."
    encoded = data.encode(errors="replace") if isinstance(data, str) else data
    if len(encoded) > MOST_BYTES:
        raise SourceError(
            f"The file has {len(encoded) / 1e6:.1f} MB; verdicts are imported from files of at most "
            f"{MOST_BYTES / 1e6:.0f} MB. {nothing} Split it."
        )
    try:
        text = encoded.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = encoded.count(b"\n", 0, error.start) + 1
        raise SourceError(f"Line {line} is not UTF-8 text. {nothing} Save the file as CSV in UTF-8.") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    verdicts = []
    line = 1
    try:
        if (columns := tuple(next(reader, ()))) not in (COLUMNS, _BEFORE_NAMES):
            raise ValueError(f"the columns must be {','.join(COLUMNS)}")
        line = reader.line_num + 1
        for fields in reader:
            if fields and len(fields) != len(columns):
                raise ValueError(f"it has {len(fields)} fields instead of {len(columns)}")
            if fields:
                named = fields if columns == COLUMNS else [*fields, ""]
                verdicts.append(read_fields([*map(as_written, named)]))
            line = reader.line_num + 1  # of the next verdict: an id may hold a line break
    except (ValueError, csv.Error) as error:
        raise SourceError(
            f"Line {line} is not a verdict: {error}. {nothing} Correct the line, or export the verdicts again."
        ) from error
    return verdicts


def apply(verdicts: Iterable[Verdict], catalog: Catalog) -> Applied:
    """Verdicts as rows of a catalog; those on items that it does not have are ignored."""
    pairs: set[tuple[int, int]] = set()
    removed: set[int] = set()
    for verdict in verdicts:
        rows = [catalog.row(item) for item in (verdict.item, verdict.other) if item in catalog]
        if verdict.kind is VerdictKind.WRONG_LABEL:
            removed.update(rows)
        elif len(rows) == 2 and catalog.group_of[rows[0]] != catalog.group_of[rows[1]]:
            pairs.add((min(rows), max(rows)))
    kept = sorted(pair for pair in pairs if removed.isdisjoint(pair))
    return Applied(np.array(kept, dtype=np.intp).reshape(-1, 2), np.array(sorted(removed), dtype=np.intp))


def accepted_by_method(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """How many acceptable pairs were found among each method's results, most first; unknown methods left out."""
    methods = (verdict.method for verdict in verdicts if verdict.kind is VerdictKind.ACCEPTABLE and verdict.method)
    return dict(Counter(methods).most_common())


def favours(verdicts: Iterable[Verdict]) -> str | None:
    """The method under whose results most acceptable pairs (of a known method) were found: ``ONE_SIDED`` or more.

    Its own near misses then count as right, and hardly anybody looked at those of other methods.
    """
    counts = accepted_by_method(verdicts)
    method = next(iter(counts), None)
    return method if method is not None and counts[method] >= ONE_SIDED * sum(counts.values()) else None
