"""A report for people who were not there: one HTML file that opens without a network and prints on A4.

``page`` fills ``templates/report.html`` with an evaluation and with what the other modules take from it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from fashion_search.catalog import Protocol, draw_split
from fashion_search.errors import StoreError
from fashion_search.evaluation import saved
from fashion_search.evaluation.rankings import DEPTH, Rankings, rank
from fashion_search.evaluation.report.judged import Judged
from fashion_search.evaluation.report.page import page_of
from fashion_search.evaluation.verdicts import NO_VERDICTS, Applied
from fashion_search.files import write_atomically
from fashion_search.store import Store

__all__ = ["report", "write_report"]


def write_report(
    path: Path,
    store: Store,
    methods: Sequence[str],
    protocol: Protocol = Protocol.LEAVE_ONE_OUT,
    seed: int = 0,
    k: int = 5,
    verdicts: Applied = NO_VERDICTS,
    folder: Path | None = None,
    made: datetime | None = None,
) -> None:
    """Evaluate methods on a catalog and write the report; see ``report``. The folder of ``path`` is made if need be.

    Raises:
        StoreError: ``path`` cannot be written, or the catalog is damaged.
        UnknownNameError: the catalog has no library of a method.
    """
    page = report(store, methods, protocol, seed, k, verdicts, folder, made)
    try:
        write_atomically(path, lambda file: file.write(page.encode(errors="replace")))
    except (FileExistsError, NotADirectoryError) as error:
        raise StoreError(f"{path} cannot be written: {error.filename} is a file, not a folder.") from error
    except IsADirectoryError as error:
        raise StoreError(f"{path} is a folder. Give the name of a file in it.") from error
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror or error}. Choose another place.") from error


def report(
    store: Store,
    methods: Sequence[str],
    protocol: Protocol = Protocol.LEAVE_ONE_OUT,
    seed: int = 0,
    k: int = 5,
    verdicts: Applied = NO_VERDICTS,
    folder: Path | None = None,
    made: datetime | None = None,
) -> str:
    """The report as HTML that asks for nothing beyond itself.

    Args:
        store: the catalog and its libraries.
        methods: names from ``ENCODERS``, at least one, each with a library.
        protocol: how queries and gallery are drawn.
        seed: of the split.
        k: results per query, 1 to ``DEPTH``.
        verdicts: what people decided about pairs and items.
        folder: where rankings and spreads are kept between runs; without it they are made anew.
        made: the date the report bears; by default now.

    Raises:
        StoreError: the catalog is damaged.
        UnknownNameError: the catalog has no library of a method.
        ValueError: no method, or k out of range.
    """
    if not methods or not 1 <= k <= DEPTH:
        raise ValueError(f"a report needs at least one method, and k from 1 to {DEPTH}, not {k}")
    split = draw_split(store.catalog, protocol, seed, verdicts.removed)

    def ranked(method: str) -> Rankings:
        library = store.library(method)
        return saved.rankings(folder, library, split, verdicts) if folder else rank(library, split, verdicts)

    rankings = {method: ranked(method) for method in methods}
    made = made or datetime.now(UTC)
    return page_of(Judged(store, split, k, verdicts, folder, rankings, made), made)
