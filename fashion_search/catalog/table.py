"""Reading CSV files that people wrote: any encoding mark, ragged rows, unquoted commas."""

import csv
import io
from collections import Counter
from collections.abc import Iterator

from fashion_search.errors import SourceError


def read_table(data: bytes, what: str, spill: str | None = None) -> tuple[list[str], Iterator[dict[str, str]]]:
    """Parse a CSV with a header.

    Args:
        data: the file's content; UTF-8 with or without a mark, else Windows-1252.
        what: names the file in errors.
        spill: the last column, into which the surplus fields of a row with unquoted commas are joined again.

    Returns:
        The header, and the rows as dictionaries with stripped values; missing fields are empty.

    Raises:
        SourceError: there is no header, a name stands in it twice, or a field is absurdly long.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    reader = csv.reader(io.StringIO(text.replace("\0", "")))
    try:
        header = [field.strip() for field in next(reader)]
    except StopIteration:
        raise SourceError(f"{what} is empty.") from None
    except csv.Error as error:
        raise SourceError(f"{what} is not a CSV file: {error}.") from error

    repeated = [name for name, count in Counter(header).items() if name and count > 1]
    if repeated:
        raise SourceError(f"{what} has two columns named {', '.join(repeated)}. Rename one of them.")

    def rows() -> Iterator[dict[str, str]]:
        try:
            for fields in reader:
                if not fields:
                    continue
                surplus = fields[len(header) :]
                if spill == header[-1] and surplus:
                    fields = [*fields[: len(header) - 1], ",".join(fields[len(header) - 1 :])]
                fields += [""] * (len(header) - len(fields))
                yield {name: field.strip() for name, field in zip(header, fields, strict=False)}
        except csv.Error as error:
            raise SourceError(f"{what}, line {reader.line_num}: {error}.") from error

    return header, rows()
