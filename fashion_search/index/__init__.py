"""Indexes: a short list of the items that are probably nearest to a query, without comparing it with every item."""

from fashion_search.index.engine import Engine
from fashion_search.index.engines import ENGINES, built, check_available, is_available, key_of, opened
from fashion_search.index.library import IndexedLibrary
from fashion_search.index.measure import RECALL_K, Measured, measure

__all__ = [
    "ENGINES",
    "RECALL_K",
    "Engine",
    "IndexedLibrary",
    "Measured",
    "built",
    "check_available",
    "is_available",
    "key_of",
    "measure",
    "opened",
]
