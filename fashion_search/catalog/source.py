"""Sources: where a catalog's rows and pictures come from, and how they become a catalog."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Self

from fashion_search.catalog.model import Catalog, Excluded, Item, sort_key
from fashion_search.catalog.tree import FileTree, open_tree
from fashion_search.errors import ImageError, SourceError

UNREADABLE = "image cannot be read"

TRAINING, VALIDATION, QUERY, GALLERY = "training", "validation", "query", "gallery"
"""The parts that a data set may be divided into."""


def part_left_out(part: str) -> str:
    """The reason why rows of a part are left out."""
    return f"{part} part of the data set"


_SIZE = "style group has"  # what the reasons begin with that are about a style group's size


def is_for_size(reason: str) -> bool:
    """Whether a row is left out for the size of its style group, which matters to an evaluation alone."""
    return reason.startswith(_SIZE)


@dataclass(frozen=True)
class Options:
    """How rows become style groups. ``None`` means: what the kind of source has by default.

    ``group_by``: the columns whose values a style group shares. ``smallest`` and ``largest``: images
    that a group has at least and at most (``largest=0``: no upper bound). ``image_column``: of a CSV. ``encoding``: of
    a table, as Python names it. ``boxes``: whether pictures are cropped to the boxes that a data set gives for them.
    """

    group_by: tuple[str, ...] | None = None
    smallest: int | None = None
    largest: int | None = None
    image_column: str | None = None
    encoding: str | None = None
    boxes: bool = False

    def __post_init__(self) -> None:
        if self.encoding is not None:
            try:
                b"a".decode(self.encoding, "replace")
            except (LookupError, ValueError):
                raise SourceError(
                    f"There is no encoding {self.encoding!r}. Common ones are utf-8, cp1252, gbk, cp1251 and shift_jis."
                ) from None
        if self.smallest is not None and self.smallest < 2:
            raise SourceError("A style group needs at least 2 images: one query and one right answer.")
        if self.largest is not None and self.largest < 0:
            raise SourceError("The most images of a style group cannot be negative; 0 means no limit.")
        if self.largest and self.smallest and self.largest < self.smallest:
            raise SourceError(f"No group has at least {self.smallest} and at most {self.largest} images.")


@dataclass(frozen=True)
class Row:
    """A row of the source that has a picture, before groups are formed.

    ``attributes`` are all that the source says of it, by column; ``labels`` the values of the grouping columns.
    ``product``: what pictures of one product share, empty where the source says nothing of it. ``part``: of the data
    set's own division, such as ``QUERY``; empty where it has none.
    """

    id: str
    name: str
    labels: tuple[str, ...]
    image: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    product: str = ""
    part: str = ""


@dataclass(frozen=True)
class Source:
    """What a reader found: usable rows, rows that had to be left out, and the tree that holds the pictures.

    Without ``columns`` no item has labels: the catalog can be searched, but not evaluated. ``notes``: sentences that
    whoever builds a catalog of it should read. ``searched``: the part whose rows are the catalog, where the data set is
    divided into parts.
    """

    kind: str
    path: Path
    tree: FileTree
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    excluded: tuple[Excluded, ...]
    n_rows: int
    smallest: int
    largest: int
    notes: tuple[str, ...] = ()
    searched: str = GALLERY

    def catalog(self, name: str, title: str, unreadable: Iterable[Excluded] = ()) -> tuple[Catalog, list[Excluded]]:
        """Form the style groups and leave out those too small or too large, and items of which a label is blank.

        Args:
            name: the catalog's name in commands and links.
            title: its name on screen.
            unreadable: rows whose picture turned out not to be one.

        Returns:
            The catalog, and everything left out, each row once.

        Raises:
            SourceError: no item is left.
        """
        unreadable = list(unreadable)
        gone = {row.id for row in unreadable}
        rows = [row for row in self.rows if row.id not in gone]
        sizes = Counter(row.labels for row in rows if all(row.labels) and not self._of_another_part(row))
        kept: list[Row] = []
        excluded = [*self.excluded, *unreadable]
        for row in rows:
            reason = self._why_left_out(row, sizes[row.labels])
            if reason:
                excluded.append(Excluded(row.id, row.name, row.labels, reason))
            else:
                kept.append(row)
        if not kept:
            raise SourceError(self._nothing_left(sizes, excluded))
        items: list[Item] = []
        for row in kept:
            try:
                items.append(_item(row, self.tree))
            except (ImageError, SourceError):
                unreadable.append(Excluded(row.id, row.name, row.labels, UNREADABLE))
        if len(items) < len(kept):  # the groups of those are others now
            return self.catalog(name, title, unreadable)
        return Catalog(name, title, self.columns, tuple(sorted(items, key=lambda item: sort_key(item.id)))), excluded

    def _of_another_part(self, row: Row) -> str:
        """Why a row's part is not searched; empty where it is."""
        return "" if row.part in ("", self.searched) else part_left_out(row.part)

    def _why_left_out(self, row: Row, size: int) -> str:
        if another := self._of_another_part(row):
            return another
        blank = [column for column, label in zip(self.columns, row.labels, strict=True) if not label]
        if blank:
            return f"blank label: {', '.join(blank)}"
        if self.columns and size < self.smallest:
            return f"{_SIZE} fewer than {self.smallest} images"
        if self.columns and self.largest and size > self.largest:
            return f"{_SIZE} more than {self.largest} images"
        return ""

    def rest(self, excluded: Iterable[Excluded]) -> Self:
        """The rows that a catalog of this source leaves out for the size of their style group alone, as a source.

        ``excluded``: what that catalog leaves out.
        """
        ids = {row.id for row in excluded if is_for_size(row.reason)}
        rows = tuple(row for row in self.rows if row.id in ids)
        return replace(self, rows=rows, excluded=(), n_rows=len(rows), smallest=1, largest=0, notes=())

    def _nothing_left(self, sizes: Counter[tuple[str, ...]], excluded: Iterable[Excluded]) -> str:
        if not sizes:
            reasons = Counter(row.reason for row in excluded).most_common(3)
            why = "; ".join(f"{count:,} × {reason}" for reason, count in reasons)
            return f"{self.path}: of {self.n_rows:,} rows none can be used: {why}."
        upper = f" and at most {self.largest}" if self.largest else ""
        return (
            f"{self.path}: none of the {len(sizes):,} style groups by {', '.join(self.columns)} has at least "
            f"{self.smallest}{upper} readable images. Group by fewer columns or change the bounds."
        )

    def remarks(self, catalog: Catalog) -> tuple[str, ...]:
        """What whoever builds this catalog should know: of the source, and of the groups that came out."""
        remarks = [*self.notes]
        if not self.columns:
            remarks.append("There are no labels: this catalog can be searched, but not evaluated.")
        elif len(catalog.groups) == 1:
            remarks.append(
                "All items are one style group, so that every result counts as correct and figures say nothing."
            )
        for place, column in enumerate(self.columns):
            alike = _differing_by_case({row.labels[place] for row in self.rows})
            if alike:
                more = f" and {len(alike) - 3:,} more" if len(alike) > 3 else ""
                remarks.append(
                    f"Labels in {column} that differ by upper and lower case alone are different groups: "
                    f"{', '.join(alike[:3])}{more}."
                )
        return tuple(remarks)

    def with_bounds(self, options: Options) -> Self:
        """The same source under the given bounds on group size."""
        return replace(
            self,
            smallest=self.smallest if options.smallest is None else options.smallest,
            largest=self.largest if options.largest is None else options.largest,
        )


@dataclass(frozen=True)
class Place:
    """Where a source is asked for: a path as a person gave it, and what lies there, opened when first looked at."""

    path: Path

    @cached_property
    def tree(self) -> FileTree:
        """The folder or archive at the path.

        Raises:
            SourceError: it is neither.
        """
        return open_tree(self.path)


@dataclass(frozen=True)
class Reader:
    """A kind of source.

    ``recognises`` says whether it reads what lies at a place, asked in the order of ``sources.SOURCES``; ``read``
    reads it. ``pictures`` opens the tree that holds the pictures of a source read before, by its path. ``has_boxes``:
    whether it knows ``Options.boxes``.
    """

    kind: str
    recognises: Callable[[Place], bool]
    read: Callable[[Place, Options], Source]
    pictures: Callable[[Path], FileTree] = open_tree
    has_boxes: bool = False


def _item(row: Row, tree: FileTree) -> Item:
    return Item(row.id, row.name, row.labels, row.image, *tree.identity(row.image), row.product)


def _differing_by_case(labels: Iterable[str]) -> list[str]:
    """The labels that are one but for upper and lower case, for a sentence."""
    spellings: dict[str, list[str]] = {}
    for label in sorted(labels):
        spellings.setdefault(label.casefold(), []).append(f"“{label}”")
    return [" and ".join(alike) for alike in spellings.values() if len(alike) > 1]


def drop_repeated_ids(rows: Iterable[Row]) -> tuple[tuple[Row, ...], list[Excluded]]:
    """The first row of each id, and the others."""
    first: dict[str, Row] = {}
    repeated = []
    for row in rows:
        if first.setdefault(row.id, row) is not row:
            repeated.append(Excluded(row.id, row.name, row.labels, "id appears before"))
    return tuple(first.values()), repeated
