"""Which benchmarks run: by default, in full, and by name."""

import inspect

import pytest

from benchmarks.registry import BENCHMARKS, chosen


def test_names_are_different_and_each_says_what_it_is_about() -> None:
    assert len({one.name for one in BENCHMARKS}) == len(BENCHMARKS)
    assert all(one.about and one.run.__doc__ for one in BENCHMARKS)
    assert all(inspect.isgeneratorfunction(one.run) for one in BENCHMARKS)  # rows are shown as they come


def test_by_default_the_quick_ones_run_and_in_full_all_but_those_run_by_name() -> None:
    quick, full = chosen([], False), chosen([], True)
    assert {one.when for one in quick} == {"quick"}
    assert {one.when for one in full} == {"quick", "full"}
    assert {one.name for one in BENCHMARKS} - {one.name for one in full} == {"index-million", "milvus-million"}


def test_those_that_are_named_run_in_the_order_of_the_table() -> None:
    assert [one.name for one in chosen(["index-million", "help"], False)] == ["help", "index-million"]


def test_an_unknown_name_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ValueError, match="there is no benchmark serach; known are start, help"):
        chosen(["serach", "help"], False)
