"""Sources: where a catalog's rows and pictures come from, and how they become a catalog."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from fashion_search.catalog.model import Catalog, Excluded, Item, sort_key
from fashion_search.catalog.tree import FileTree
from fashion_search.errors import ImageError, SourceError

UNREADABLE = "image cannot be read"


@dataclass(frozen=True)
class Options:
    """How rows become style groups. ``None`` means: what the kind of source has by default.

    ``group_by``: the columns whose values a style group shares. ``smallest`` and ``largest``: images
    that a group has at least and at most (``largest=0``: no upper bound). ``image_column``: of a CSV.
    """

    group_by: tuple[str, ...] | None = None
    smallest: int | None = None
    largest: int | None = None
    image_column: str | None = None

    def __post_init__(self) -> None:
        if self.smallest is not None and self.smallest < 2:
            raise SourceError("A style group needs at least 2 images: one query and one right answer.")
        if self.largest is not None and self.largest < 0:
            raise SourceError("The most images of a style group cannot be negative; 0 means no limit.")
        if self.largest and self.smallest and self.largest < self.smallest:
            raise SourceError(f"No group has at least {self.smallest} and at most {self.largest} images.")

    def to_json(self) -> dict[str, Any]:
        """The options that were given, for the manifest."""
        return {key: value for key, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The inverse of ``to_json``."""
        group_by = data.get("group_by")
        return cls(**{**data, "group_by": tuple(group_by) if group_by is not None else None})


@dataclass(frozen=True)
class Row:
    """A row of the source that has a picture, before groups are formed.

    ``attributes`` are all that the source says of it, by column; ``labels`` the values of the grouping columns.
    """

    id: str
    name: str
    labels: tuple[str, ...]
    image: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """What a reader found: usable rows, rows that had to be left out, and the tree that holds the pictures."""

    kind: str
    path: Path
    tree: FileTree
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    excluded: tuple[Excluded, ...]
    n_rows: int
    smallest: int
    largest: int

    def catalog(self, name: str, title: str, unreadable: Iterable[Excluded] = ()) -> tuple[Catalog, list[Excluded]]:
        """Form the style groups and leave out those too small or too large.

        Args:
            name: the catalog's name in commands and links.
            title: its name on screen.
            unreadable: rows whose picture turned out not to be one.

        Returns:
            The catalog, and everything left out, each row once.

        Raises:
            SourceError: no group is left.
        """
        unreadable = list(unreadable)
        gone = {row.id for row in unreadable}
        rows = [row for row in self.rows if row.id not in gone]
        sizes = Counter(row.labels for row in rows)
        kept: list[Row] = []
        excluded = [*self.excluded, *unreadable]
        for row in rows:
            size = sizes[row.labels]
            if size < self.smallest:
                reason = f"style group has fewer than {self.smallest} images"
            elif self.largest and size > self.largest:
                reason = f"style group has more than {self.largest} images"
            else:
                kept.append(row)
                continue
            excluded.append(Excluded(row.id, row.name, row.labels, reason))
        if not kept:
            upper = f" and at most {self.largest}" if self.largest else ""
            raise SourceError(
                f"{self.path}: none of the {len(sizes):,} style groups by {', '.join(self.columns)} has at least "
                f"{self.smallest}{upper} readable images. Group by fewer columns or change the bounds."
            )
        items: list[Item] = []
        for row in kept:
            try:
                items.append(Item(row.id, row.name, row.labels, row.image, *self.tree.identity(row.image)))
            except (ImageError, SourceError):
                unreadable.append(Excluded(row.id, row.name, row.labels, UNREADABLE))
        if len(items) < len(kept):  # the groups of those are others now
            return self.catalog(name, title, unreadable)
        return Catalog(name, title, self.columns, tuple(sorted(items, key=lambda item: sort_key(item.id)))), excluded

    def with_bounds(self, options: Options) -> Self:
        """The same source under the given bounds on group size."""
        return replace(
            self,
            smallest=self.smallest if options.smallest is None else options.smallest,
            largest=self.largest if options.largest is None else options.largest,
        )


def drop_repeated_ids(rows: Iterable[Row]) -> tuple[tuple[Row, ...], list[Excluded]]:
    """The first row of each id, and the others."""
    first: dict[str, Row] = {}
    repeated = []
    for row in rows:
        if first.setdefault(row.id, row) is not row:
            repeated.append(Excluded(row.id, row.name, row.labels, "id appears before"))
    return tuple(first.values()), repeated
