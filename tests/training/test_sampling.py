import numpy as np
import pytest
from numpy.typing import NDArray

from fashion_search.training.sampling import epoch_order

GROUPS = np.array([2, 0, 0, 1, 2, 0, 3, 2, 0, 2, 4, 4, 0, 0, 2, 0, 0, 0, 0, 0])
"""Five groups of 11, 1, 5, 1 and 2 pictures, mixed."""


def of_epochs(together: int, balance: float, epochs: int = 200) -> NDArray[np.intp]:
    """The orders of many epochs, each step's companions in a row."""
    orders = [epoch_order(GROUPS, together, balance, seed=0, epoch=epoch) for epoch in range(epochs)]
    return np.concatenate(orders).reshape(-1, together)


def test_without_wishes_each_picture_is_drawn_once() -> None:
    order = epoch_order(GROUPS, 1, 0, seed=0, epoch=0)
    np.testing.assert_array_equal(np.sort(order), np.arange(20))
    assert (order != np.arange(20)).any()


def test_an_order_follows_from_seed_and_epoch_alone() -> None:
    orders = {
        tuple(epoch_order(GROUPS, together, balance, seed, epoch).tolist())
        for together in (1, 2)
        for balance in (0, 1)
        for seed in (0, 1)
        for epoch in (0, 1)
    }
    assert len(orders) == 16
    np.random.seed(5)  # nothing global counts
    again = epoch_order(GROUPS, 2, 1, 1, 1)
    assert tuple(again.tolist()) in orders
    np.testing.assert_array_equal(again, epoch_order(GROUPS, 2, 1, 1, 1))


@pytest.mark.parametrize("together", [2, 4, 5])
@pytest.mark.parametrize("balance", [0, 0.5, 1])
def test_companions_are_of_one_group(together: int, balance: float) -> None:
    order = epoch_order(GROUPS, together, balance, seed=3, epoch=1)
    assert len(order) == 20 // together * together
    companions = GROUPS[order].reshape(-1, together)
    assert (companions == companions[:, :1]).all()


def test_a_companion_is_another_picture_unless_there_is_none() -> None:
    pairs = of_epochs(2, 0)
    alone = np.isin(GROUPS[pairs[:, 0]], [1, 3])
    assert alone.any()
    assert (pairs[alone, 0] == pairs[alone, 1]).all()
    assert (pairs[~alone, 0] != pairs[~alone, 1]).all()


def test_every_other_picture_of_the_group_becomes_a_companion() -> None:
    pairs = of_epochs(2, 0)
    assert set(pairs[pairs[:, 0] == 0, 1].tolist()) == {4, 7, 9, 14}


def test_first_pictures_are_drawn_alike_without_balance() -> None:
    counts = np.bincount(of_epochs(2, 0)[:, 0], minlength=20)
    np.testing.assert_allclose(counts / counts.sum(), np.full(20, 0.05), atol=0.015)


def test_balance_draws_groups_alike() -> None:
    groups = np.bincount(GROUPS[of_epochs(1, 1)[:, 0]], minlength=5)
    np.testing.assert_allclose(groups / groups.sum(), np.full(5, 0.2), atol=0.03)


def test_half_a_balance_lies_between() -> None:
    shares = np.bincount(GROUPS[of_epochs(1, 0.5)[:, 0]]) / 4000
    roots = np.sqrt(np.bincount(GROUPS))
    np.testing.assert_allclose(shares, roots / roots.sum(), atol=0.03)


def test_fewer_pictures_than_companions() -> None:
    order = epoch_order(np.array([0, 0]), 4, 0, seed=0, epoch=0)
    assert len(order) == 4
