"""Caltech-101, as it is published: ``101_ObjectCategories`` with a folder of pictures for each category.

Described by the data set's page and by torchvision, which leaves the same folder out. Parent classes, as the paper on
image similarity search has them, are given to ``evaluate --parents`` as CSV.
"""

from pathlib import PurePosixPath

from fashion_search.catalog.model import Excluded
from fashion_search.catalog.source import Options, Place, Reader, Row, Source, drop_repeated_ids
from fashion_search.catalog.sources.folder import pictures_of
from fashion_search.catalog.sources.published import DataSet, chosen_columns, is_table
from fashion_search.catalog.sources.table import NO_LIMIT
from fashion_search.catalog.text import as_words, cleaned
from fashion_search.errors import SourceError

TOP = "101_ObjectCategories"
BACKGROUND = "BACKGROUND_Google"
_PACKED = (f"{TOP}.tar.gz", f"{TOP}.tar")
IN_BACKGROUND = f"{BACKGROUND} shows no category"
_OUTSIDE = f"not in a folder of {TOP}"

CALTECH_DATA = DataSet(
    "caltech-101",
    "Caltech-101",
    "https://data.caltech.edu/records/mzrjq-6wc02",
    f"{TOP}.tar.gz",
    ("category",),
    ("category",),
    ("caltech101", "caltech_101", "101_objectcategories"),
    smallest=2,
)


def _top(place: Place) -> str | None:
    """The folder of the categories within the tree: empty for the tree itself, else ending in a slash; None if none."""
    for name in place.tree.names:
        before, found, _ = f"/{name}".partition(f"/{TOP}/")
        if found:
            return f"{before}/{TOP}/".lstrip("/")
    return "" if place.path.stem == TOP else None


def _recognises(place: Place) -> bool:
    return not is_table(place) and (_top(place) is not None or bool(place.tree.named(*_PACKED)))


def _read(place: Place, options: Options) -> Source:
    """Style groups are the categories; what shows none of them is left out.

    Raises:
        SourceError: there is no picture, or the folder is still packed.
    """
    tree, top = place.tree, _top(place)
    columns = chosen_columns(CALTECH_DATA, place.path, options)
    if top is None:
        raise SourceError(
            f"{place.path} holds {tree.named(*_PACKED)[0]}, an archive of another kind than ZIP. Unpack it and "
            f"give the folder {TOP}."
        )
    pictures, excluded = pictures_of(tree)
    rows = []
    for name in pictures:
        inner = PurePosixPath(name.removeprefix(top)).parts if name.startswith(top) else ()
        category = as_words(inner[0]) if len(inner) == 2 else ""
        title = f"{category} {as_words(PurePosixPath(name).stem)}".strip()
        if not category or inner[0] == BACKGROUND:
            excluded.append(Excluded(cleaned(name), title, ("",), IN_BACKGROUND if category else _OUTSIDE))
        else:
            item_id = cleaned("/".join(inner))
            rows.append(Row(item_id, title, (category,), name, {"category": category}))
    if not rows:
        raise SourceError(
            f"{place.path} has no pictures in the folders of {TOP}. Get them ({CALTECH_DATA.archive}) from "
            f"{CALTECH_DATA.page}."
        )
    n_rows = len(rows) + len(excluded)
    unique, repeated = drop_repeated_ids(rows)
    return Source(
        CALTECH_DATA.kind,
        place.path,
        tree,
        columns,
        unique,
        (*excluded, *repeated),
        n_rows,
        CALTECH_DATA.smallest,
        NO_LIMIT,
    ).with_bounds(options)


CALTECH = Reader(CALTECH_DATA.kind, _recognises, _read)
