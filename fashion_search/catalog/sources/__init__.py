"""Opening any source by its path. A kind of source is a module here and an entry of ``SOURCES``."""

import contextlib
from pathlib import Path

from fashion_search.catalog.demo import DEMO, DEMO_PHOTOS, DEMO_QUERIES, DEMO_SOURCE
from fashion_search.catalog.model import slug
from fashion_search.catalog.source import Options, Place, Reader, Source
from fashion_search.catalog.sources.caltech import CALTECH, CALTECH_DATA
from fashion_search.catalog.sources.deepfashion import (
    CATEGORY_DATA,
    CATEGORY_PREDICTION,
    CONSUMER_TO_SHOP,
    CONSUMER_TO_SHOP_DATA,
    IN_SHOP,
    IN_SHOP_DATA,
)
from fashion_search.catalog.sources.folder import FOLDER
from fashion_search.catalog.sources.kaggle import KAGGLE
from fashion_search.catalog.sources.online_products import ONLINE_PRODUCTS, ONLINE_PRODUCTS_DATA
from fashion_search.catalog.sources.published import DataSet
from fashion_search.catalog.sources.table import TABLE
from fashion_search.catalog.tree import FileTree
from fashion_search.errors import SourceError
from fashion_search.home import user_path

PUBLISHED: dict[DataSet, Reader] = {
    IN_SHOP_DATA: IN_SHOP,
    CONSUMER_TO_SHOP_DATA: CONSUMER_TO_SHOP,
    CATEGORY_DATA: CATEGORY_PREDICTION,
    ONLINE_PRODUCTS_DATA: ONLINE_PRODUCTS,
    CALTECH_DATA: CALTECH,
}
"""The published data sets that are read by their own layouts."""

SOURCES: tuple[Reader, ...] = (KAGGLE, *PUBLISHED.values(), TABLE, FOLDER)
"""In the order in which they are asked whether they read a path; the last takes any folder or archive."""


def _located(path: str | Path) -> Path:
    shipped = {DEMO: DEMO_SOURCE, DEMO_PHOTOS: DEMO_QUERIES}
    return shipped.get(str(path)) or user_path(path)


def open_source(path: str | Path, options: Options | None = None) -> Source:
    """Read the rows of a catalog's source; pictures are opened later.

    Args:
        path: Kaggle's archive or folder, a folder or archive of one's own, a table, or a word
            for what is shipped: ``demo`` or ``demo-photos``.
        options: grouping columns and bounds; by default those of the kind of source.

    Raises:
        SourceError: it is none of these; the message says what is wrong with it.
    """
    place = Place(_located(path))
    _refuse_absent(place.path)
    reader = next(reader for reader in SOURCES if reader.recognises(place))
    options = options or Options()
    if options.boxes and not reader.has_boxes:
        raise SourceError(f"{place.path} is no published data set that gives boxes. Build it without boxes.")
    return reader.read(place, options)


def _refuse_absent(path: Path) -> None:
    """Say where a published data set is to be had that is not at a path called like it.

    Raises:
        SourceError: it is not there. Any other path is the readers' to judge.
    """
    with contextlib.suppress(OSError):  # a name longer than the system allows
        if path.exists():
            return
    name = slug(path.name)
    for data_set in PUBLISHED:
        if any(part in name for part in data_set.called):
            raise SourceError(
                f"There is no file or folder {path}. Check the path, or get {data_set.title} from {data_set.page}."
            )


def open_pictures(kind: str, path: str) -> FileTree:
    """The tree that holds the pictures of a source opened before, without reading its rows again.

    Raises:
        SourceError: it is no longer there, or of a kind that this version does not know.
    """
    for reader in SOURCES:
        if reader.kind == kind:
            return reader.pictures(_located(path))
    raise SourceError(f"{path} was read as a source of kind {kind!r}, which this version does not know.")
