"""A mask said as conditions on columns and rows."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fashion_search.index.narrowing import FEW, Narrowing, narrowed


def holding(said: Narrowing, codes: NDArray[np.intp]) -> NDArray[np.bool_]:
    """The rows that conditions hold for, one by one."""
    if said.rows is not None:
        return np.isin(np.arange(len(codes)), said.rows)
    return np.array(
        [
            row not in said.without
            and all((codes[row, one.column] in one.codes) != one.is_negated for one in said.conditions)
            for row in range(len(codes))
        ],
        dtype=bool,
    )


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_all_of_a_mask_holds_and_as_many_as_is_said(data: st.DataObject) -> None:
    n, columns = data.draw(st.integers(1, 60)), data.draw(st.integers(0, 3))
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    codes = random.integers(0, 5, size=(n, columns))
    mask = random.random(n) < data.draw(st.sampled_from([0.05, 0.5, 0.9, 1.0]))
    said = narrowed(mask, codes)
    held = holding(said, codes)
    assert not (mask & ~held).any()
    assert held.sum() == said.n
    assert said.n == mask.sum()  # so few rows besides can always be named


def test_values_of_columns_are_said_as_such() -> None:
    codes = np.stack([np.arange(9_000) % 3, np.arange(9_000) % 50], axis=1)
    said = narrowed((codes[:, 0] == 1) & (codes[:, 1] != 7), codes)
    assert [(one.column, one.codes, one.is_negated) for one in said.conditions] == [(0, (1,), False), (1, (7,), True)]
    assert (said.without, said.rows) == ((), None)
    assert narrowed(np.ones(9_000, dtype=bool), codes) == Narrowing(9_000)


def test_few_rows_besides_are_left_out_by_number() -> None:
    codes = np.zeros((9_000, 1), dtype=np.intp)
    codes[5_000:] = 1
    mask = codes[:, 0] == 0
    mask[[3, 4]] = False
    assert narrowed(mask, codes).without == (3, 4)
    mask[: FEW + 1] = False
    assert narrowed(mask, codes).without == ()
    assert narrowed(mask, codes).n == 5_000  # more has to be asked for


def test_few_rows_are_named_and_many_are_not() -> None:
    codes = np.empty((90_000, 0), dtype=np.intp)
    mask = np.zeros(90_000, dtype=bool)
    mask[::40] = True
    assert narrowed(mask, codes).rows == tuple(np.flatnonzero(mask).tolist())
    mask[::3] = True
    assert narrowed(mask, codes) == Narrowing(90_000)  # more has to be asked for


def test_a_column_of_very_many_values_says_nothing() -> None:
    codes = np.arange(9_000)[:, None]
    assert narrowed(np.arange(9_000) % 2 == 0, codes) == Narrowing(9_000)
