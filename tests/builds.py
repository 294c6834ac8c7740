"""Building a catalog in a line: quick, unless a test is about what is evaluated."""

from collections.abc import Callable, Sequence
from pathlib import Path

from fashion_search.build import run
from fashion_search.build.progress import Progress
from fashion_search.catalog.request import Request, catalog_name
from fashion_search.catalog.source import Options
from fashion_search.encoders import DEFAULT_METHODS


def build(
    source: str | Path,
    *,
    name: str | None = None,
    methods: Sequence[str] = DEFAULT_METHODS,
    options: Options | None = None,
    replace: bool = False,
    quick: bool = True,
    report: Callable[[Progress], None] = lambda progress: None,
    folder: Path | None = None,
) -> run.Summary:
    """Build in this process."""
    name = catalog_name(source, name)
    request = Request(str(source), name, tuple(methods), options or Options(), replace, quick=quick)
    return run.build(request, report, folder)


def add_queries(
    catalog: str,
    source: str | Path,
    *,
    name: str = "photos",
    methods: Sequence[str] = ("fake",),
    replace: bool = False,
    quick: bool = True,
) -> run.Summary:
    """Make a query set of a built catalog in this process."""
    return run.build(Request(str(source), name, tuple(methods), replace=replace, quick=quick, queries_of=catalog))
