"""Indexes: a short list of the items that are probably nearest to a query, without comparing it with every item."""

from fashion_search.index.engine import Engine, LocalEngine, Part
from fashion_search.index.engines import ENGINES, built, check_available, drop, is_available, key_of, opened
from fashion_search.index.library import IndexedLibrary
from fashion_search.index.measure import RECALL_K, Measured, measure
from fashion_search.index.place import PLACE_VARIABLE, asked_index, with_place, written

__all__ = [
    "ENGINES",
    "PLACE_VARIABLE",
    "RECALL_K",
    "Engine",
    "IndexedLibrary",
    "LocalEngine",
    "Measured",
    "Part",
    "asked_index",
    "built",
    "check_available",
    "drop",
    "is_available",
    "key_of",
    "measure",
    "opened",
    "with_place",
    "written",
]
