"""Whether vectors that were brought are those of a catalog's items, and as what they are kept."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog import Catalog
from fashion_search.errors import PartialVectorsError, VectorsError
from fashion_search.evaluation.words import count, examples
from fashion_search.importing.reading import Given
from fashion_search.store import Store

_UNIT = 1e-6  # a length that differs from 1 by less is rounding: such a row is kept as it is, bit for bit
_BLOCK = 4096  # rows widened at once


@dataclass(frozen=True)
class Fitted:
    """Unit vectors of some of a catalog's items.

    ``rows``: the items that have one, ascending, shape (n,); all of them, unless a part was asked for. ``vectors``:
    theirs, shape (n, dim). ``scaled``: how many were no unit vectors before. ``unused``: how many are of rows that the
    catalog leaves out.
    """

    rows: NDArray[np.intp]
    vectors: NDArray[np.float32]
    scaled: int
    unused: int


def fit(given: Given, store: Store, may_be_part: bool = False) -> Fitted:
    """Put vectors into the order of a catalog's rows, at unit length.

    Those of rows that the catalog's source has and the catalog leaves out are not used.

    Raises:
        PartialVectorsError: not every item has a vector, and ``may_be_part`` is not set.
        VectorsError: ids are doubled or of no item, or rows are zero or no numbers; it says how many and names some.
    """
    catalog = store.catalog
    ids, file = given.ids, given.file
    if twice := [id for id, times in Counter(ids).items() if times > 1]:
        raise VectorsError(f"{file}: {count(len(twice), 'id stands', 'ids stand')} more than once: {examples(twice)}.")
    left_out = {row.id for row in store.excluded}
    if unknown := [id for id in ids if id not in catalog and id not in left_out]:
        raise VectorsError(
            f"{file}: {count(len(unknown), 'id is', 'ids are')} of no item of “{catalog.title}”: {examples(unknown)}. "
            f"{count(sum(id in catalog for id in ids), 'id is', 'ids are')} of its {len(catalog.items):,} items."
        )
    place_of = {id: place for place, id in enumerate(ids)}
    missing = [item.id for item in catalog.items if item.id not in place_of]
    rows = np.array([row for row, item in enumerate(catalog.items) if item.id in place_of], dtype=np.intp)
    if missing and not may_be_part:
        raise PartialVectorsError(_partial(given, catalog, missing), *(["subset"] if len(rows) > 1 else []))
    if may_be_part:
        _refuse_small_part(catalog, rows)
    places = [place_of[catalog.items[row].id] for row in rows]
    vectors, scaled = _unit(given, places)
    return Fitted(rows, vectors, scaled, len(ids) - len(rows))


def _partial(given: Given, catalog: Catalog, missing: Sequence[str]) -> str:
    n = len(catalog.items)
    return (
        f"{given.file}: {n - len(missing):,} of the {n:,} items of “{catalog.title}” have a vector; "
        f"{count(len(missing), 'has', 'have')} none: {examples(missing)}. All methods can be compared on the "
        f"{n - len(missing):,} items that have vectors, as a catalog of its own."
    )


def _refuse_small_part(catalog: Catalog, rows: NDArray[np.intp]) -> None:
    if len(rows) == len(catalog.items):
        raise VectorsError(
            f"Every item of “{catalog.title}” has a vector, so there is no part to make. Leave out --subset."
        )
    largest = max(Counter(catalog.group_of[rows].tolist()).values(), default=0)
    if len(rows) < 2 or largest < 2:
        raise VectorsError(
            f"{count(len(rows), 'item', 'items')} of “{catalog.title}” with a vector, no two of one style group: "
            "nothing could be found among them."
        )


def _unit(given: Given, places: Sequence[int]) -> tuple[NDArray[np.float32], int]:
    """The vectors at these places at unit length, and how many were not."""
    unit = np.empty((len(places), given.vectors.shape[1]), dtype=np.float32)
    no_numbers: list[str] = []
    zeros: list[str] = []
    scaled = 0
    for start in range(0, len(places), _BLOCK):
        some = places[start : start + _BLOCK]
        block = given.vectors[some]
        exact = block.astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            largest = np.abs(exact).max(axis=1, keepdims=True)  # squares of huge numbers are none
            shrunk = exact / largest
            lengths = largest * np.linalg.norm(shrunk, axis=1, keepdims=True)
            made = shrunk / np.linalg.norm(shrunk, axis=1, keepdims=True)
        is_unit = np.abs(lengths - 1) < _UNIT
        with np.errstate(over="ignore", invalid="ignore"):
            unit[start : start + len(some)] = np.where(is_unit, block.astype(np.float32), made.astype(np.float32))
        scaled += int((~is_unit).sum())
        damaged = ~np.isfinite(largest[:, 0])
        no_numbers += [given.ids[place] for place, wrong in zip(some, damaged, strict=True) if wrong]
        zeros += [given.ids[place] for place, most in zip(some, largest[:, 0], strict=True) if most == 0]
    for what, ids in (("not a number or infinite", no_numbers), ("zero in all places", zeros)):
        if ids:
            rows = count(len(ids), "vector is", "vectors are")
            raise VectorsError(f"{given.file}: {rows} {what}: of {examples(ids)}. Such a vector has no similarity.")
    return unit, scaled
