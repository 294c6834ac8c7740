"""Protocols: which items are queries, and what each of them is compared with."""

import hashlib
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog.filters import EVERYTHING, Filter
from fashion_search.catalog.model import STYLE_GROUP, Catalog

_NOTHING = np.empty(0, dtype=np.intp)


_QUERY_SET = "query-set:"


class Protocol(str):
    """How queries and gallery are drawn, by its name: one of ``PROTOCOLS``, or a query set of the catalog.

    >>> Protocol.of_queries("photos")
    'query-set:photos'

    Raises:
        ValueError: it names no protocol.
    """

    LEAVE_ONE_OUT: ClassVar["Protocol"]
    ONE_PER_GROUP: ClassVar["Protocol"]

    def __new__(cls, name: str) -> Self:
        is_of_queries = name.startswith(_QUERY_SET) and name != _QUERY_SET
        if name not in ("leave-one-out", "one-per-group") and not is_of_queries:
            raise ValueError(f"{name!r} is no protocol")
        return super().__new__(cls, name)

    @classmethod
    def of_queries(cls, name: str) -> Self:
        """That of a query set, by its name."""
        return cls(_QUERY_SET + name)

    @property
    def queries(self) -> str:
        """The name of its query set; empty where the catalog's own items are the queries."""
        return self.removeprefix(_QUERY_SET) if self.startswith(_QUERY_SET) else ""

    @property
    def label(self) -> str:
        """The protocol's name on screen."""
        if self.queries:
            return f"Query set {self.queries}"
        return "Leave-one-out" if self == Protocol.LEAVE_ONE_OUT else "One query per group"

    @property
    def summary(self) -> str:
        """One sentence that says what is compared with what."""
        if self.queries:
            return ABOUT_QUERY_SETS
        if self == Protocol.LEAVE_ONE_OUT:
            return "Each item is a query once; all other items are its gallery."
        return "One item of each style group is a query; all items that are not queries are the gallery."


Protocol.LEAVE_ONE_OUT, Protocol.ONE_PER_GROUP = Protocol("leave-one-out"), Protocol("one-per-group")

PROTOCOLS = (Protocol.LEAVE_ONE_OUT, Protocol.ONE_PER_GROUP)
"""Those that take their queries out of the catalog."""

ABOUT_QUERY_SETS = "Labelled pictures from outside are the queries; all items of the catalog are the gallery."


@dataclass(frozen=True)
class Split:
    """Queries and gallery under a protocol.

    ``queries``: rows, shape (q,), ascending. ``gallery``: mask over rows, shape (n,). A query is never
    among its own results, even where the gallery holds it (leave-one-out). ``filter`` is what the gallery was reduced
    by; the queries are the protocol's. ``relevant_by``: what relevant items share with a query.
    """

    protocol: Protocol
    seed: int
    queries: NDArray[np.intp]
    gallery: NDArray[np.bool_]
    filter: Filter = EVERYTHING
    relevant_by: str = STYLE_GROUP

    @property
    def name(self) -> str:
        """The protocol's name, with the seed or what is relevant where that matters."""
        if self.protocol == Protocol.ONE_PER_GROUP:
            return f"{self.protocol.label}, split seed {self.seed}"
        if self.protocol.queries:
            return f"{self.protocol.label}, relevant: same {self.relevant_by}"
        return self.protocol.label

    @property
    def label(self) -> str:
        """The same with the filter, if there is one."""
        return f"{self.name}, only items whose {self.filter.label}" if self.filter else self.name


def draw_split(
    catalog: Catalog,
    protocol: Protocol,
    seed: int = 0,
    removed: NDArray[np.intp] = _NOTHING,
    filter: Filter = EVERYTHING,
) -> Split:
    """Divide a catalog under a protocol.

    *One per group* takes from each style group the item with the smallest SHA-256 of ``seed/group/id``:
    the same on every machine, whatever the order of rows or files. Leave-one-out and query sets ignore the seed.

    Args:
        catalog: whose items are divided; for a query set, the catalog with its queries.
        protocol: how.
        seed: of the draw.
        removed: rows that are neither query nor gallery; their groups draw from the others.
        filter: what the gallery is reduced to, in the catalog's own names; the queries are the same under any.

    Raises:
        UnlabelledError: one per group of a catalog without labels.
    """
    gallery = np.arange(len(catalog.items)) < catalog.n_items
    gallery[removed] = False
    if protocol.queries:
        asked = np.setdiff1d(np.arange(catalog.n_items, len(catalog.items)), removed)
        return Split(protocol, seed, asked, gallery & filter.mask(catalog), filter, catalog.relevant_by)
    if protocol == Protocol.LEAVE_ONE_OUT:
        return Split(protocol, seed, np.flatnonzero(gallery), gallery & filter.mask(catalog), filter)
    catalog.require_labels()

    def lot(group_id: str, row: int) -> bytes:
        return hashlib.sha256(f"{seed}/{group_id}/{catalog.items[row].id}".encode()).digest()

    drawn = []
    for group in catalog.groups:
        group_id, left = group.id, group.rows[gallery[group.rows]].tolist()
        drawn += [min(left, key=lambda row: lot(group_id, row))] if left else []
    queries = np.array(sorted(drawn), dtype=np.intp)
    gallery[queries] = False
    return Split(protocol, seed, queries, gallery & filter.mask(catalog), filter)
