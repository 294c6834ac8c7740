"""The catalog's own types: small, frozen, and free of any file format."""

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fashion_search.errors import UnknownNameError, UnlabelledError


def title(column: str) -> str:
    """A column's name on screen: ``base_colour`` → ``Base colour``."""
    words = column.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def slug(text: str) -> str:
    """Lower case, words joined by underscores: ``Navy Blue`` → ``navy_blue``. Letters of any script are kept."""
    return re.sub(r"[\W_]+", "_", text.casefold()).strip("_")


@dataclass(frozen=True)
class Item:
    """One product image with its metadata.

    ``labels`` are the values of the catalog's grouping columns; ``image`` is the name under which the
    source keeps the picture; ``digest`` and ``checksum`` are its ``tree.Identity``. ``product``: what pictures of one
    product share; empty where the source says nothing of it.
    """

    id: str
    name: str
    labels: tuple[str, ...]
    image: str
    digest: str
    checksum: str = ""
    product: str = ""


@dataclass(frozen=True)
class Excluded:
    """A row of the source that the catalog leaves out, and why."""

    id: str
    name: str
    labels: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Group:
    """A style group: the items that share all labels. ``rows`` index the catalog's items."""

    id: str  # for example capris_navy_blue_casual; no other group of the catalog has it
    labels: tuple[str, ...]
    rows: NDArray[np.intp]

    @property
    def title(self) -> str:
        """For example ``Capris · Navy Blue · Casual``."""
        return " · ".join(label or "(blank)" for label in self.labels)


STYLE_GROUP, PRODUCT = "style group", "product"
"""What relevant items share with a query."""


@dataclass(frozen=True)
class Catalog:
    """The items that can be searched, in the order of their ids (numbers by value, then text).

    A row is an item's place in ``items``; vectors, pictures and scores use the same rows.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    items: tuple[Item, ...]

    @property
    def n_items(self) -> int:
        """How many of ``items`` are in the catalog; after them come the queries of a query set."""
        return len(self.items)

    @property
    def n_queries(self) -> int:
        """How many of ``items`` are queries of a query set."""
        return len(self.items) - self.n_items

    @property
    def relevant_by(self) -> str:
        """What relevant items share with a query: a style group, or the product that style groups are made of."""
        return PRODUCT if PRODUCT in self.columns else STYLE_GROUP

    def require_labels(self) -> None:
        """For whatever needs to know which items are relevant.

        Raises:
            UnlabelledError: the items have no labels.
        """
        if not self.columns:
            raise UnlabelledError(
                f"The items of “{self.title}” have no labels, so it can be searched but not evaluated. To evaluate it, "
                "build it from a folder with one sub-folder per style group, or from a table with labels."
            )

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Style groups in the order of their labels; none where items have no labels."""
        if not self.columns:
            return ()
        rows: dict[tuple[str, ...], list[int]] = {}
        for row, item in enumerate(self.items):
            rows.setdefault(item.labels, []).append(row)
        groups = []
        taken: Counter[str] = Counter()
        for labels in sorted(rows):
            group_id = "_".join(slug(label) or "blank" for label in labels)
            taken[group_id] += 1
            distinct = group_id if taken[group_id] == 1 else f"{group_id}~{taken[group_id]}"
            groups.append(Group(distinct, labels, np.array(rows[labels])))
        return tuple(groups)

    @cached_property
    def code_of(self) -> dict[tuple[str, ...], int]:
        """Index into ``groups`` by labels."""
        return {group.labels: code for code, group in enumerate(self.groups)}

    @cached_property
    def group_of(self) -> NDArray[np.intp]:
        """Index into ``groups`` of each item, shape (n,); -1 where items have no labels."""
        codes = np.full(len(self.items), -1, dtype=np.intp)
        for code, group in enumerate(self.groups):
            codes[group.rows] = code
        return codes

    @cached_property
    def values_of_groups(self) -> tuple[tuple[list[str], NDArray[np.intp]], ...]:
        """By column: its values among style groups, sorted, and the place of each group's among them, shape (G,)."""
        found = []
        for place in range(len(self.columns)):
            values = sorted({group.labels[place] for group in self.groups})
            places = {value: number for number, value in enumerate(values)}
            found.append((values, np.array([places[group.labels[place]] for group in self.groups], dtype=np.intp)))
        return tuple(found)

    @cached_property
    def copies(self) -> tuple[int, int]:
        """How many items show, byte for byte, the picture of another item of their group, and of another group."""
        anywhere = Counter(item.digest for item in self.items)
        in_group = Counter((item.digest, item.labels) for item in self.items)
        same = sum(in_group[item.digest, item.labels] > 1 for item in self.items)
        other = sum(anywhere[item.digest] > in_group[item.digest, item.labels] for item in self.items)
        return same, other

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {item.id: row for row, item in enumerate(self.items)}

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._rows

    def row(self, item_id: str) -> int:
        """The row of an item.

        Raises:
            UnknownNameError: the catalog has no such item.
        """
        try:
            return self._rows[item_id]
        except KeyError:
            raise UnknownNameError(f"The catalog “{self.title}” has no item {item_id!r}.") from None

    def values(self, column: str) -> list[str]:
        """The distinct values of a grouping column, sorted."""
        return list(self.values_of_groups[self.columns.index(column)][0])

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over columns, ids, labels, products and picture digests: two catalogs share it only if all agree."""
        rows = [[item.id, item.digest, *item.labels] for item in self.items]
        products = [item.product for item in self.items]
        everything = [self.columns, rows, *([products] if any(products) else [])]
        text = json.dumps(everything, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def sort_key(item_id: str) -> tuple[int, int, str, str]:
    """Orders ids: whole numbers by value, then every other id as text."""
    if not (item_id.isascii() and item_id.isdigit()):
        return 1, 0, "", item_id
    digits = item_id.lstrip("0")  # compared by length, then as text: Python refuses int() of thousands of digits
    return 0, len(digits), digits, item_id
