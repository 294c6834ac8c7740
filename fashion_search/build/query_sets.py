"""What a query set needs of its catalog when it is built: whose queries they are, and which pictures both have."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.catalog import Catalog, Protocol
from fashion_search.catalog.query_sets import query_source
from fashion_search.catalog.request import Request
from fashion_search.catalog.source import Options, Source
from fashion_search.catalog.sources import open_source
from fashion_search.encoders import encoder_spec, parts_of
from fashion_search.errors import ForeignVectorsError, StoreError, UnknownNameError
from fashion_search.evaluation.words import count
from fashion_search.home import home
from fashion_search.images import open_image
from fashion_search.query_store import StoreWithQueries, under
from fashion_search.store import QUERIES, Store, open_store
from fashion_search.whole_store import rest_folder

NEARLY_EQUAL = 4.0
"""Two pictures are nearly equal below this root mean square difference (0 to 255), both reduced to 16 × 16 pixels: what
saving a picture again, or at another size, changes."""

_SIDE = 16
_AT_ONCE = 512  # queries compared with all items
_NAMED = 3  # pictures that a sentence names


def place_of(request: Request) -> Path:
    """The folder that a request builds."""
    if request.rest_of:
        return rest_folder(request.rest_of)
    return home() / request.queries_of / QUERIES / request.name if request.queries_of else home() / request.name


def source_of(request: Request) -> Source:
    """The source that a request builds: as it is, as queries of its catalog, or as what that leaves out.

    Raises:
        SourceError, UnknownNameError, StoreError: it or the catalog cannot be read, or they do not fit.
    """
    source = open_source(request.source, request.options)
    if request.rest_of:
        return source.rest(open_store(request.rest_of).excluded)
    return query_source(source, open_store(request.queries_of).catalog) if request.queries_of else source


def encoded_by(store: Store) -> tuple[str, ...]:
    """The methods of a catalog that encode pictures, without those made of others."""
    return tuple(method for method in parts_of(store.methods) if encoder_spec(method).encodes)


def request_to_update(store: Store, name: str) -> Request | None:
    """What brings a query set up to date that lacks usable vectors of one of its catalog's methods; else None.

    Raises:
        StoreError: it is damaged.
        SourceError: the catalog groups by other columns than it says.
    """
    together = under(store, Protocol.of_queries(name))
    assert isinstance(together, StoreWithQueries)
    assert together.catalog.n_items  # refuses what does not fit
    lacking = [method for method in encoded_by(store) if not _has_vectors(together, method)]
    return together.queries.manifest.rebuild(*lacking) if lacking else None


def _has_vectors(together: StoreWithQueries, method: str) -> bool:
    try:
        together.library(method)
    except (UnknownNameError, ForeignVectorsError, StoreError):  # never made, of other weights, damaged
        return False
    return True


def about_boxes(store: Store, options: Options) -> tuple[str, ...]:
    """A sentence where the pictures of a query set or those of its catalog alone are cropped to boxes."""
    if options.boxes == store.manifest.options.boxes:
        return ()
    if options.boxes:
        return ("These pictures are cropped to boxes, the catalog’s are whole.",)
    return ("The catalog’s pictures are cropped to boxes, these are whole.",)


# -- pictures that both have --------------------------------------------------------------------------------


def about_copies(store: Store, queries: Catalog, pictures: Sequence[bytes]) -> tuple[str, ...]:
    """A sentence on the queries whose picture is also in the catalog, equal or nearly equal; none where none is.

    Args:
        store: the catalog.
        queries: the query set.
        pictures: its thumbnails, in the order of its rows.
    """
    found = copies(store, queries, pictures)
    if not found:
        return ()
    ids = [(queries.items[query].id, store.catalog.items[row].id) for query, row in found]
    named = ", ".join(f"{query} is item {item}" for query, item in ids[:_NAMED])
    more = f" and {len(ids) - _NAMED:,} more" if len(ids) > _NAMED else ""
    return (
        f"{count(len(found), 'picture is', 'pictures are')} in the catalog, too, equal or nearly equal: {named}{more}. "
        "Figures are better for that than they would be on new pictures.",
    )


def copies(store: Store, queries: Catalog, pictures: Sequence[bytes]) -> list[tuple[int, int]]:
    """The rows of queries whose picture the catalog has, each with the item that shows it."""
    items = store.catalog.items
    by_digest = {item.digest: row for row, item in reversed(list(enumerate(items)))}
    theirs = _reduced([store.thumbnail(row) for row in range(len(items))])  # (n, 768)
    own = _reduced(pictures)
    squares = (theirs**2).sum(axis=1)
    found = []
    for start in range(0, len(own), _AT_ONCE):
        some = own[start : start + _AT_ONCE]
        distances = squares + (some**2).sum(axis=1)[:, None] - 2 * some @ theirs.T
        nearest = distances.argmin(axis=1)
        difference = np.sqrt(np.maximum(distances[np.arange(len(some)), nearest], 0) / own.shape[1])
        for place, (row, apart) in enumerate(zip(nearest.tolist(), difference.tolist(), strict=True), start=start):
            if (equal := by_digest.get(queries.items[place].digest)) is not None:
                found.append((place, equal))
            elif apart < NEARLY_EQUAL:
                found.append((place, row))
    return found


def _reduced(pictures: Sequence[bytes]) -> NDArray[np.float32]:
    """Pictures of 16 × 16 pixels, shape (n, 768)."""
    small = [open_image(picture).resize((_SIDE, _SIDE), Image.Resampling.BOX) for picture in pictures]
    return np.stack([np.asarray(image, dtype=np.float32).ravel() for image in small])
