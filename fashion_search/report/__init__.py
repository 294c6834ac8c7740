"""A report for people who were not there: one HTML file that opens without a network and prints on A4.

``page`` fills ``templates/report.html`` with an evaluation and with what the other modules take from it.
"""

from datetime import UTC, datetime
from pathlib import Path

from fashion_search.errors import StoreError
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.rankings import DEPTH
from fashion_search.files import write_atomically
from fashion_search.report.page import page_of

__all__ = ["report", "write_report"]


def write_report(path: Path, evaluation: Evaluation, made: datetime | None = None) -> None:
    """Write the report; see ``report``. The folder of ``path`` is made if need be.

    Raises:
        StoreError: ``path`` cannot be written, or the catalog is damaged.
    """
    page = report(evaluation, made)
    try:
        write_atomically(path, lambda file: file.write(page.encode(errors="replace")))
    except (FileExistsError, NotADirectoryError) as error:
        raise StoreError(f"{path} cannot be written: {error.filename} is a file, not a folder.") from error
    except IsADirectoryError as error:
        raise StoreError(f"{path} is a folder. Give the name of a file in it.") from error
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror or error}. Choose another place.") from error


def report(evaluation: Evaluation, made: datetime | None = None) -> str:
    """The report as HTML that asks for nothing beyond itself.

    Args:
        evaluation: with k up to ``DEPTH``.
        made: the date the report bears; by default now.

    Raises:
        StoreError: the catalog is damaged.
        ValueError: k is out of range.
    """
    if evaluation.k > DEPTH:
        raise ValueError(f"a report looks at {DEPTH} results at most, not {evaluation.k}")
    return page_of(evaluation, made or datetime.now(UTC))
