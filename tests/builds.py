"""Building a catalog in a line: quick, unless a test is about what is evaluated."""

from collections.abc import Callable, Sequence
from pathlib import Path

from fashion_search.build import run
from fashion_search.build.progress import Progress
from fashion_search.catalog.request import Request, catalog_name
from fashion_search.catalog.source import Options
from fashion_search.encoders import DEFAULT_METHODS
from fashion_search.store import Store
from tests import samples
from tests.catalog import layouts


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
    options: Options | None = None,
) -> run.Summary:
    """Make a query set of a built catalog in this process."""
    return run.build(
        Request(str(source), name, tuple(methods), options or Options(), replace, quick=quick, queries_of=catalog)
    )


IN_SHOP_LINES = tuple(
    f"img/WOMEN/{'Dresses' if item % 2 else 'Skirts'}/id_{item:08}/01_{view}_front.jpg id_{item:08} {status}"
    for item in range(1, 9)
    for view, status in enumerate(("gallery",) * (1 + item % 3) + ("query",) * (1 + item % 2))
)
"""Eight products: 17 pictures to search in, one to three of each product, and 12 queries."""


def build_in_shop(folder: Path, options: Options | None = None) -> Store:
    """A small copy of In-Shop as the catalog ``in-shop``, searched with its query set ``test`` by RGB histograms."""
    source = layouts.in_shop(folder, IN_SHOP_LINES)
    store = Store(build(source, name="in-shop", methods=["histogram"], options=options).folder)
    add_queries("in-shop", source, name="test", methods=["histogram"], options=options)
    return store


def build_categories(folder: Path) -> Store:
    """A small copy of Category Prediction as the catalog ``categories``, searched with its query set ``test``."""
    source = layouts.category_prediction(folder)
    store = Store(build(source, name="categories", methods=["histogram"]).folder)
    add_queries("categories", source, name="test", methods=["histogram"])
    return store


LARGE_GROUPS = {("Ties", "Green", "Casual"): 22, ("Gloves", "Red", "Formal"): 2}
"""Style groups that Kaggle's bounds leave out, one for its size and one for its lack of it: 24 items."""


def large_shop(folder: Path) -> Path:
    """The sample shop with style groups that are left out, one item without a picture and one without a usage."""
    rows = samples.lines(samples.GROUPS | LARGE_GROUPS)
    blank = samples.lines({("Ties", "Green", ""): 1}, first_id=91)
    absent = samples.lines({("Ties", "Green", "Casual"): 1}, first_id=92)
    files = samples.shop_files([*rows, *blank]) | {"styles.csv": samples.table([*rows, *blank, *absent])}
    return samples.write_folder(folder, files)


def build_whole(source: Path, *methods: str, indexes: tuple[str, ...] = ()) -> run.Summary:
    """Build a catalog together with what it leaves out for size."""
    name = catalog_name(source, None)
    return run.build(Request(str(source), name, methods, quick=True, indexes=indexes, all_items=True))
