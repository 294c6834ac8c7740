"""Ground truth: which items are right answers to which. Decided here and nowhere else.

An item is relevant to a query if both are of one style group, or if a person accepted the pair.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog.model import Catalog
from fashion_search.catalog.query_sets import products_of


@dataclass(frozen=True)
class Applied:
    """What verdicts mean for a catalog's rows.

    ``pairs``: acceptable pairs of rows, shape (p, 2), each once, first < second, in ascending order; without
    those of one style group, which are relevant anyway, and those with a removed row. ``removed``: rows with
    a wrong label, shape (r,), ascending.
    """

    pairs: NDArray[np.intp]
    removed: NDArray[np.intp]

    @property
    def digest(self) -> str:
        """SHA-256 of pairs and removed rows, empty when there are none.

        Rows mean something only together with their catalog: a key needs its fingerprint as well.
        """
        if not len(self.pairs) and not len(self.removed):
            return ""
        sha = hashlib.sha256(f"{len(self.pairs)}/".encode())
        for rows in (self.pairs, self.removed):
            sha.update(np.ascontiguousarray(rows, dtype="<i8").tobytes())
        return sha.hexdigest()

    def accepted_with(self, row: int) -> NDArray[np.intp]:
        """The rows that are acceptable results for an item."""
        first, second = self.pairs.T
        return np.concatenate([second[first == row], first[second == row]])


NO_VERDICTS = Applied(np.empty((0, 2), np.intp), np.empty(0, np.intp))
"""Nobody said anything."""


def label_codes(catalog: Catalog) -> NDArray[np.intp]:
    """Each item's labels as numbers, column by column, shape (n, C); equal numbers mean equal labels."""
    by_group = np.empty((len(catalog.groups), len(catalog.columns)), dtype=np.intp)
    for column, (_, places) in enumerate(catalog.values_of_groups):
        by_group[:, column] = places
    codes: NDArray[np.intp] = by_group[catalog.group_of]
    return codes


def product_codes(catalog: Catalog) -> NDArray[np.intp]:
    """The product of each row as a number, shape (n,); equal numbers mean the same product."""
    codes: NDArray[np.intp] = np.unique(np.array(products_of(catalog), dtype=object).astype(str), return_inverse=True)[
        1
    ]
    return codes


def has_several_pictures(catalog: Catalog) -> bool:
    """Whether any product has more than one picture among the items."""
    return len(set(products_of(catalog)[: catalog.n_items])) < catalog.n_items


def gains(
    catalog: Catalog, queries: NDArray[np.intp], rows: NDArray[np.intp], verdicts: Applied = NO_VERDICTS
) -> NDArray[np.uint8]:
    """How many of the C grouping columns agree, shape (q, k); all C where a person accepted the pair.

    A result is relevant where it gains C.

    Args:
        catalog: of queries and results.
        queries: rows, shape (q,).
        rows: results of each query, -1 where there is none, shape (q, k).
        verdicts: what people decided.
    """
    codes = label_codes(catalog)
    found = (codes[rows] == codes[queries][:, None]).sum(axis=2, dtype=np.uint8)
    found[_is_accepted(verdicts, queries, rows, len(catalog.items))] = len(catalog.columns)
    found[rows < 0] = 0
    return np.asarray(found, dtype=np.uint8)


def _is_accepted(verdicts: Applied, queries: NDArray[np.intp], rows: NDArray[np.intp], n: int) -> NDArray[np.bool_]:
    both = np.concatenate([verdicts.pairs, verdicts.pairs[:, ::-1]])
    found = np.isin(queries[:, None] * n + rows, both[:, 0] * n + both[:, 1]) & (rows >= 0)
    return np.asarray(found, dtype=np.bool_)


def relevant(
    catalog: Catalog,
    rows: NDArray[np.intp],
    labels: tuple[str, ...],
    query: int | None = None,
    verdicts: Applied = NO_VERDICTS,
) -> NDArray[np.bool_]:
    """Which rows answer a query, shape (k,).

    Args:
        catalog: of the rows.
        rows: results, shape (k,).
        labels: of the query; where no style group has them nothing is of its group.
        query: its row, where it is an item of the catalog.
        verdicts: what people decided.
    """
    code = catalog.code_of.get(labels)
    found = np.zeros(len(rows), dtype=np.bool_) if code is None else catalog.group_of[rows] == code
    if query is not None:
        found |= np.isin(rows, verdicts.accepted_with(query))
    return np.asarray(found, dtype=np.bool_)
