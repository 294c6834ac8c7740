"""Items, style groups and protocols: what is searched, and what counts as right."""

from fashion_search.catalog.model import Catalog, Excluded, Group, Item, slug, title
from fashion_search.catalog.protocol import Protocol, Split, draw_split

__all__ = ["Catalog", "Excluded", "Group", "Item", "Protocol", "Split", "draw_split", "slug", "title"]
