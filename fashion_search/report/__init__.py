"""A report for people who were not there: one HTML file that opens without a network and prints on A4.

``page`` fills ``templates/report.html`` with an evaluation and with what the other modules take from it. ``pptx`` makes
slides of the cases that people added to the report.
"""

from datetime import UTC, datetime
from pathlib import Path

from fashion_search.cases import open_cases
from fashion_search.errors import StoreError
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.rankings import DEPTH
from fashion_search.files import write_atomically
from fashion_search.report.page import page_of
from fashion_search.report.pptx import presentation_of
from fashion_search.store import Store

__all__ = ["report", "slides", "write_report", "write_slides"]


def write_report(path: Path, evaluation: Evaluation, made: datetime | None = None) -> None:
    """Write the report; see ``report``. The folder of ``path`` is made if need be.

    Raises:
        StoreError: ``path`` cannot be written, or the catalog is damaged.
    """
    _write(path, report(evaluation, made).encode(errors="replace"))


def write_slides(path: Path, store: Store, made: datetime | None = None) -> None:
    """Write the cases of a catalog's report as PowerPoint; see ``slides``. The folder of ``path`` is made if need be.

    Raises:
        MissingPackageError, StoreError: as ``slides``; or ``path`` cannot be written.
    """
    _write(path, slides(store, made))


def _write(path: Path, data: bytes) -> None:
    try:
        write_atomically(path, lambda file: file.write(data))
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


def slides(store: Store, made: datetime | None = None) -> bytes:
    """The cases of a catalog's report as PowerPoint, one slide each after a first one.

    Args:
        store: the catalog.
        made: the date the first slide bears; by default now.

    Raises:
        MissingPackageError: python-pptx is not installed.
        StoreError: there are no cases, or their file or the catalog is damaged.
    """
    cases = open_cases(store.name).all()
    if not cases:
        raise StoreError(
            f"The report on “{store.manifest.title}” has no cases yet. Add some in the app: “Add to the report” on "
            "Search, Failures and Metrics."
        )
    return presentation_of(store, cases, made or datetime.now(UTC))
