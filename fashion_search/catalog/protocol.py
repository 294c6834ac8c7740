"""Protocols: which items are queries, and what each of them is compared with."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog.filters import EVERYTHING, Filter
from fashion_search.catalog.model import Catalog

_NOTHING = np.empty(0, dtype=np.intp)


class Protocol(StrEnum):
    """How a catalog is divided into queries and gallery."""

    LEAVE_ONE_OUT = "leave-one-out"
    ONE_PER_GROUP = "one-per-group"

    @property
    def label(self) -> str:
        """The protocol's name on screen."""
        return "Leave-one-out" if self is Protocol.LEAVE_ONE_OUT else "One query per group"

    @property
    def summary(self) -> str:
        """One sentence that says what is compared with what."""
        if self is Protocol.LEAVE_ONE_OUT:
            return "Each item is a query once; all other items are its gallery."
        return "One item of each style group is a query; all items that are not queries are the gallery."


@dataclass(frozen=True)
class Split:
    """Queries and gallery under a protocol.

    ``queries``: rows, shape (q,), ascending. ``gallery``: mask over rows, shape (n,). A query is never
    among its own results, even where the gallery holds it (leave-one-out). ``filter`` is what the gallery was reduced
    by; the queries are the protocol's.
    """

    protocol: Protocol
    seed: int
    queries: NDArray[np.intp]
    gallery: NDArray[np.bool_]
    filter: Filter = EVERYTHING

    @property
    def name(self) -> str:
        """The protocol's name, with the seed where it matters."""
        if self.protocol is Protocol.LEAVE_ONE_OUT:
            return self.protocol.label
        return f"{self.protocol.label}, split seed {self.seed}"

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
    the same on every machine, whatever the order of rows or files. Leave-one-out ignores the seed.

    Args:
        catalog: whose items are divided.
        protocol: how.
        seed: of the draw.
        removed: rows that are neither query nor gallery; their groups draw from the others.
        filter: what the gallery is reduced to, in the catalog's own names; the queries are the same under any.

    Raises:
        UnlabelledError: one per group of a catalog without labels.
    """
    gallery = np.ones(len(catalog.items), dtype=bool)
    gallery[removed] = False
    if protocol is Protocol.LEAVE_ONE_OUT:
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
