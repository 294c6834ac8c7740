from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fashion_search.errors import PartialVectorsError, VectorsError
from fashion_search.importing.fitting import fit
from fashion_search.store import Store
from tests.importing import made


def ids_of(store: Store) -> list[str]:
    return [item.id for item in store.catalog.items]


def rows_of(store: Store, dim: int = 4) -> NDArray[np.float32]:
    values = np.random.default_rng(5).normal(size=(len(store.catalog.items), dim))
    return values.astype(np.float32)


def test_rows_are_put_in_the_catalogs_order_and_scaled_to_unit_length(built: Store) -> None:
    ids, rows = ids_of(built), rows_of(built)
    fitted = fit(made.given(ids[::-1], rows[::-1]), built)
    right = rows.astype(np.float64) / np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    np.testing.assert_allclose(fitted.vectors, right, atol=1e-7)
    assert fitted.vectors.dtype == np.float32
    assert (fitted.scaled, fitted.unused, fitted.rows.tolist()) == (15, 0, list(range(15)))


@settings(max_examples=30, deadline=None)
@given(order=st.permutations(range(15)), n_dimensions=st.integers(2, 9))
def test_the_order_of_the_file_does_not_matter(order: list[int], n_dimensions: int, built_once: Store) -> None:
    ids, rows = ids_of(built_once), rows_of(built_once, n_dimensions)
    usual = fit(made.given(ids, rows), built_once)
    shuffled = fit(made.given([ids[place] for place in order], rows[order]), built_once)
    np.testing.assert_array_equal(shuffled.vectors, usual.vectors)


def test_unit_vectors_stay_as_they_are_bit_for_bit(built: Store) -> None:
    own = np.asarray(built.library("histogram").vectors)
    fitted = fit(made.given(ids_of(built), own), built)
    np.testing.assert_array_equal(fitted.vectors, own)
    assert fitted.scaled == 0


@pytest.mark.parametrize("factor", [1e-200, 1e300])
def test_lengths_that_no_square_can_hold(built: Store, factor: float) -> None:
    rows = rows_of(built).astype(np.float64)
    usual = fit(made.given(ids_of(built), rows), built)
    np.testing.assert_allclose(fit(made.given(ids_of(built), rows * factor), built).vectors, usual.vectors, atol=1e-6)


def test_whole_numbers_of_the_smallest_kind(built: Store) -> None:
    rows = np.full((15, 4), -128, np.int8)
    np.testing.assert_array_equal(
        fit(made.given(ids_of(built), rows), built).vectors, np.full((15, 4), -0.5, np.float32)
    )


def test_doubled_and_unknown_ids_are_refused_with_counts_and_examples(built: Store) -> None:
    ids, rows = ids_of(built), rows_of(built)
    with pytest.raises(VectorsError, match=r"mine\.npy: 4 ids stand more than once: 1, 2, 3 and others\.$"):
        fit(made.given([*ids[:4], *ids[:4], *ids[8:]], rows), built)
    with pytest.raises(VectorsError, match=r"1 id stands more than once: 1\.$"):
        fit(made.given([ids[0], *ids[:14]], rows), built)
    with pytest.raises(VectorsError, match=r"2 ids are of no item of “shop”: x, y\. 13 ids are of its 15 items\.$"):
        fit(made.given(["x", "y", *ids[2:]], rows), built)


@pytest.mark.parametrize(
    ("value", "says"), [(np.nan, "not a number or infinite"), (-np.inf, "not a number or infinite"), (0, "zero in all")]
)
def test_rows_without_a_direction_are_refused(built: Store, value: float, says: str) -> None:
    rows = rows_of(built)
    rows[[3, 5]] = value
    with pytest.raises(VectorsError, match=f"2 vectors are {says}.*: of 4, 6"):
        fit(made.given(ids_of(built), rows), built)


def test_one_wrong_number_is_enough(built: Store) -> None:
    rows = rows_of(built)
    rows[3, 1] = np.inf
    with pytest.raises(VectorsError, match="1 vector is not a number or infinite: of 4"):
        fit(made.given(ids_of(built), rows), built)


def test_a_part_is_refused_and_offered(built: Store) -> None:
    ids, rows = ids_of(built), rows_of(built)
    few = made.given(ids[:11], rows[:11])
    with pytest.raises(
        PartialVectorsError, match="11 of the 15 items of “shop” have a vector; 4 have none: 12, 13, 14 and others"
    ) as said:
        fit(few, built)
    assert said.value.options == ("subset",)
    fitted = fit(few, built, may_be_part=True)
    assert (fitted.rows.tolist(), len(fitted.vectors)) == (list(range(11)), 11)


def test_a_part_needs_two_items_of_one_group_and_is_smaller_than_the_whole(built: Store) -> None:
    ids, rows = ids_of(built), rows_of(built)
    groups = [int(group.rows[0]) for group in built.catalog.groups]
    for chosen in ([0], groups):
        with pytest.raises(VectorsError, match="no two of one style group"):
            fit(made.given([ids[row] for row in chosen], rows[chosen]), built, may_be_part=True)
    with pytest.raises(VectorsError, match="there is no part to make"):
        fit(made.given(ids, rows), built, may_be_part=True)


def test_vectors_of_rows_that_the_catalog_leaves_out_are_not_used(built: Store) -> None:
    ids, rows = ids_of(built), rows_of(built)
    part = replace(built.catalog.items[0], id="99")
    built.__dict__["excluded"] = (part,)
    fitted = fit(made.given(["99", *ids], np.concatenate([rows[:1], rows])), built)
    assert (fitted.unused, len(fitted.rows)) == (1, 15)
