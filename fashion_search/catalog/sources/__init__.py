"""Opening any source by its path. A kind of source is a module here and an entry of ``SOURCES``."""

from pathlib import Path

from fashion_search.catalog.demo import DEMO, DEMO_PHOTOS, DEMO_QUERIES, DEMO_SOURCE
from fashion_search.catalog.source import Options, Place, Reader, Source
from fashion_search.catalog.sources.deepfashion import CATEGORY_PREDICTION, CONSUMER_TO_SHOP, IN_SHOP
from fashion_search.catalog.sources.folder import FOLDER
from fashion_search.catalog.sources.kaggle import KAGGLE
from fashion_search.catalog.sources.table import TABLE
from fashion_search.catalog.tree import FileTree
from fashion_search.errors import SourceError
from fashion_search.home import user_path

SOURCES: tuple[Reader, ...] = (KAGGLE, IN_SHOP, CONSUMER_TO_SHOP, CATEGORY_PREDICTION, TABLE, FOLDER)
"""In the order in which they are asked whether they read a path; the last takes any folder or archive."""


_SHIPPED = {DEMO: DEMO_SOURCE, DEMO_PHOTOS: DEMO_QUERIES}


def _located(path: str | Path) -> Path:
    return _SHIPPED.get(str(path)) or user_path(path)


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
    reader = next(reader for reader in SOURCES if reader.recognises(place))
    options = options or Options()
    if options.boxes and not reader.has_boxes:
        raise SourceError(f"{place.path} is no published data set that gives boxes. Build it without boxes.")
    return reader.read(place, options)


def open_pictures(kind: str, path: str) -> FileTree:
    """The tree that holds the pictures of a source opened before, without reading its rows again.

    Raises:
        SourceError: it is no longer there, or of a kind that this version does not know.
    """
    for reader in SOURCES:
        if reader.kind == kind:
            return reader.pictures(_located(path))
    raise SourceError(f"{path} was read as a source of kind {kind!r}, which this version does not know.")
