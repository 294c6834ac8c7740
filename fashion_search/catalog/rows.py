"""Reading tables that people wrote: any encoding, delimiter and line end; what is damaged in them is said, by line."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from fashion_search.catalog.text import cleaned
from fashion_search.errors import SourceError
from fashion_search.settings import settings

SUFFIXES = (".csv", ".tsv", ".tab", ".txt")
OTHER_FIELDS = "number of fields is not the header's"
OPEN_QUOTE = "quotation mark without its partner"
_DELIMITERS = ",;\t|"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")  # with its end
_BETWEEN_WORDS = re.compile(r"[\s,;]+", re.ASCII)  # a no-break space may be the only sign that is not ASCII
_FALLBACK = "cp1252"
_SNIFFED = 20  # lines
_MOST_LINES = 500  # of one row: a quotation mark that is still open then has no partner
_MARKS = (  # the longer first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Line:
    """A row of a table: the number of its first line in the file, and its fields by column.

    ``problem``: why the fields cannot be trusted, in which case ``values`` are those that stand in order; else empty.
    """

    number: int
    values: dict[str, str]
    problem: str
    text: str

    @property
    def id(self) -> str:
        """How a row that cannot be trusted is listed."""
        return f"line {self.number}"


@dataclass(frozen=True)
class Table:
    """A table's columns, its rows in order, and what whoever built a catalog of it should know."""

    columns: list[str]
    lines: list[Line]
    notes: list[str]


def read_table(
    data: bytes, what: str, encoding: str | None = None, spill: str | None = None, is_whole: bool = True
) -> Table:
    """Parse a table with a header.

    Rows are read line by line. A quoted field may go over several lines, unless one of those is as long as a row: then
    its quotation mark has lost its partner, and no line is swallowed.

    Args:
        data: the file's content; by default UTF-8, UTF-16 or UTF-32, else Windows-1252, which is noted.
        what: names the file in messages.
        encoding: of the file, where it is known.
        spill: the last column, into which the surplus fields of a row with unquoted delimiters are joined again.
        is_whole: False where ``data`` is the file's beginning alone, which may end within a character.

    Raises:
        SourceError: there is no header, a name stands in it twice, a field is absurdly long, there are far too many
            columns or lines, or it is not in ``encoding``.
    """
    text, notes = decoded(data, what, encoding, is_whole)
    lines = _LINE.findall(text.replace("\0", ""))
    start = next((place for place, line in enumerate(lines) if line.strip()), None)
    if start is None:
        raise SourceError(f"{what} is empty.")
    delimiter = ""
    if lines[start].lower().startswith("sep=") and len(lines[start].rstrip()) == 5:  # Excel writes it
        delimiter = lines[start][4]
        start += 1
    rows = _Rows(lines, start, delimiter or _delimiter(lines[start : start + _SNIFFED]), what)
    _, fields, _ = next(rows.read(0), (0, [], ""))
    if len(fields) > settings().table_columns:
        raise SourceError(
            f"{what} has {len(fields):,} columns; at most {settings().table_columns:,} are read. Leave out those that "
            "say nothing of a picture."
        )
    columns = [cleaned(field) for field in fields]
    if not any(columns):
        raise SourceError(f"{what} has no header: its first line should name the columns.")
    repeated = [name for name, count in Counter(columns).items() if name and count > 1]
    if repeated:
        raise SourceError(f"{what} has two columns named {', '.join(repeated)}. Rename one of them.")
    return Table(columns, [*_lines(rows, columns, spill)], notes)


def refuse_huge(size: int, what: str) -> None:
    """See to it, before it is read, that a file is no larger than a table can be.

    Raises:
        SourceError: it is.
    """
    if size > most_bytes():
        raise SourceError(f"{what} is larger than {settings().table_mb} MB, more than any such table. Divide it.")


def most_bytes() -> int:
    """Of a table, unpacked: far more than any has, and far less than a ZIP bomb."""
    return settings().table_mb * 2**20


def _refuse_many(text: str, what: str) -> None:
    """See to it that a text does not consist of far more lines than a table has, before it is divided into them."""
    most = settings().table_rows
    if text.count("\n") + text.count("\r") > 2 * most:  # \r\n is one line's end
        raise SourceError(f"{what} has more than {most:,} lines, more than any such table. Divide it.")


def _lines(rows: "_Rows", columns: list[str], spill: str | None) -> Iterator[Line]:
    empty = dict.fromkeys(columns, "")
    for place, fields, problem in rows.read(len(columns)):
        if spill == columns[-1] and len(fields) > len(columns):
            fields = [*fields[: len(columns) - 1], rows.delimiter.join(fields[len(columns) - 1 :])]
        if not problem and len(fields) != len(columns):
            problem = OTHER_FIELDS
        values = empty | dict(zip(columns, map(str.strip, fields), strict=False))
        yield Line(place + 1, values, problem, rows.lines[place].strip()[:200])


class _Rows:
    """The rows of a text's lines."""

    def __init__(self, lines: list[str], start: int, delimiter: str, what: str):
        self.lines = lines
        self.place = start
        self.delimiter = delimiter
        self.what = what

    def read(self, width: int) -> Iterator[tuple[int, list[str], str]]:
        """Number of the first line from 0, fields and problem of each row; ``width``: fields of the header."""
        while self.place < len(self.lines):
            place = self.place
            self.place += 1
            if not self.lines[place].strip():
                continue
            fields, is_open = self._parsed([self.lines[place]])
            if fields is not None:
                yield place, fields, ""
            elif is_open and (end := self._end(place)) is not None:
                fields, _ = self._parsed(self.lines[place:end])
                is_short = width and len(fields or []) < width
                if is_short or (width and self._swallows(self.lines[place + 1 : end], width)):
                    yield place, self._literally(place), OPEN_QUOTE
                else:
                    self.place = end
                    yield place, fields or [], ""
            else:
                yield place, self._literally(place), self._problem(place, is_open)

    def _end(self, place: int) -> int | None:
        """Where a row ends whose quotation mark is still open at the end of its first line; None if nowhere."""
        reader = csv.reader(self.lines[place : place + _MOST_LINES], delimiter=self.delimiter, strict=True)
        try:
            next(reader)
        except csv.Error:  # also where it goes on for longer than any field
            return None
        return place + reader.line_num

    def _swallows(self, lines: list[str], width: int) -> bool:
        """Whether one of the lines that a quoted field goes on over could be a row of its own."""
        least = max(width - 1, 1)
        *inner, last = (line.count(self.delimiter) for line in lines)
        own = lines[-1].partition('"')[0].count(self.delimiter)  # of the last line what is surely within the field
        return any(count >= least for count in inner) or own >= least or (own > 0 and last == least)

    def _problem(self, place: int, is_open: bool) -> str:
        """A mark without partner is one of the name's own signs, unless it may have kept a delimiter from counting."""
        if is_open:
            return ""
        loose = next(csv.reader([self.lines[place]], delimiter=self.delimiter), [])
        return "" if len(loose) == len(self._literally(place)) else OPEN_QUOTE

    def _literally(self, place: int) -> list[str]:
        return self.lines[place].rstrip("\r\n").split(self.delimiter)

    def _parsed(self, lines: list[str]) -> tuple[list[str] | None, bool]:
        """The fields of one row; or None, and whether more lines could complete it."""
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        try:
            return next(reader, []), False
        except csv.Error as error:
            self._refuse_long(error)
            return None, "unexpected end" in str(error)

    def _refuse_long(self, error: csv.Error) -> None:
        if "field larger" in str(error):
            raise SourceError(
                f"{self.what}, line {self.place}: a field is longer than {csv.field_size_limit():,} characters. Check "
                "whether a quotation mark lacks its partner there."
            ) from error


def _delimiter(lines: list[str]) -> str:
    """What parts the fields: what the sniffer says, where no other sign parts the header into more."""
    in_header = {sign: lines[0].count(sign) for sign in _DELIMITERS}
    try:
        sniffed = csv.Sniffer().sniff("\n".join(line[:1000] for line in lines), _DELIMITERS).delimiter
    except csv.Error:  # a single column, or rows of many lengths
        sniffed = ","
    most = max(in_header.values())
    if most and in_header.get(sniffed, 0) < most:
        return max(_DELIMITERS, key=in_header.__getitem__)
    return sniffed if sniffed in in_header else ","


def decoded(data: bytes, what: str, encoding: str | None = None, is_whole: bool = True) -> tuple[str, list[str]]:
    """The text without its byte order mark, and a note where its encoding was guessed.

    Raises:
        SourceError: it is not in ``encoding``.
    """
    if encoding is None:
        encoding = next((name for mark, name in _MARKS if data.startswith(mark)), None) or _unmarked_utf16(data)
    try:
        decoder = codecs.getincrementaldecoder(encoding or "utf-8")()
        text = decoder.decode(data, final=is_whole).removeprefix("\ufeff")
        _refuse_many(text, what)
        return text, []
    except UnicodeError as error:
        if encoding is not None:
            raise SourceError(f"{what} is not text in {encoding}. Choose its encoding.", "encoding") from error
    text = data.decode(_FALLBACK, errors="replace")
    _refuse_many(text, what)
    example = next(word for word in _BETWEEN_WORDS.split(text) if not word.isascii())
    return text, [
        f"{what} is not in UTF-8 and was read as Windows-1252, which gave, for example, “{example[:40]}”. If that is "
        "wrong, choose its encoding, such as gbk, cp1251 or shift_jis."
    ]


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without a mark shows by its zeros: every second byte of Latin letters."""
    head = data[:200]
    if len(head) < 4 or b"\0" not in head:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    return "utf-16-le" if odd > len(head) // 4 else "utf-16-be" if even > len(head) // 4 else None
