"""Rows of a mask as conditions that another program can hold: values of columns, and few rows by their numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEW = 1_000  # rows that are left out, or values, that are named one by one
_SMALL = 16_384  # rows that are named, where they are
_TIMES = 32  # times fewer than hold the conditions


@dataclass(frozen=True)
class OneOf:
    """The codes of a column that rows have; or with ``is_negated`` those that they have not."""

    column: int
    codes: tuple[int, ...]
    is_negated: bool


@dataclass(frozen=True)
class Narrowing:
    """Conditions that ``n`` rows hold, among them all of a mask.

    ``rows``: those that it is, where they are named one by one; else ``conditions`` hold, and they are none of
    ``without``.
    """

    n: int
    conditions: tuple[OneOf, ...] = ()
    without: tuple[int, ...] = ()
    rows: tuple[int, ...] | None = None


def narrowed(mask: NDArray[np.bool_], codes: NDArray[np.intp]) -> Narrowing:
    """The conditions that say most of a mask.

    Of one that says which values columns have, they say all; also where few rows are missing besides, or it is a small
    part of what they say.

    Args:
        mask: of rows, shape (n,).
        codes: each row's value in each column, from 0, shape (n, C).
    """
    wanted = int(np.count_nonzero(mask))
    holds = np.ones(len(mask), dtype=bool)
    conditions = []
    for column in range(codes.shape[1]):
        of_column = codes[:, column]
        present = np.bincount(of_column[mask], minlength=int(of_column.max(initial=0)) + 1) > 0
        is_negated = bool(2 * present.sum() > len(present))
        named = np.flatnonzero(present != is_negated)
        if not len(named) or len(named) > FEW:
            continue
        conditions.append(OneOf(column, tuple(named.tolist()), is_negated))
        holds &= present[of_column]
    n = int(np.count_nonzero(holds))
    if n == wanted:
        return Narrowing(n, tuple(conditions))
    if wanted <= _SMALL and _TIMES * wanted <= n:
        return Narrowing(wanted, rows=tuple(np.flatnonzero(mask).tolist()))
    if n - wanted <= FEW:
        return Narrowing(wanted, tuple(conditions), tuple(np.flatnonzero(holds & ~mask).tolist()))
    return Narrowing(n, tuple(conditions))
