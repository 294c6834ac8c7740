"""Building a catalog's libraries: incremental, resumable, and never in the way of who reads the previous ones."""

from fashion_search.build.run import Summary, build

__all__ = ["Summary", "build"]
