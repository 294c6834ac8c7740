"""Items, style groups and protocols: what is searched, and what counts as right."""

from fashion_search.catalog.filters import EVERYTHING, Filter
from fashion_search.catalog.model import Catalog, Excluded, Group, Item, slug, title
from fashion_search.catalog.protocol import PROTOCOLS, Protocol, Split, draw_split

__all__ = [
    "EVERYTHING",
    "PROTOCOLS",
    "Catalog",
    "Excluded",
    "Filter",
    "Group",
    "Item",
    "Protocol",
    "Split",
    "draw_split",
    "slug",
    "title",
]
