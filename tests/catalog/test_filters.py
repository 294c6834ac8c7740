import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion_search.catalog import EVERYTHING, Catalog, Filter, Item
from fashion_search.catalog.filters import Condition
from fashion_search.errors import FilterError
from tests import samples

QUICK = settings(max_examples=200, deadline=None, derandomize=True)
CATALOG = samples.labelled(
    [
        ("Shirts", "Blue", "Casual"),
        ("Shirts", "Navy Blue", ""),
        ("Shirts, long", "Blue", "Casual"),
        ("Caps", "Blue", "Formal"),
        ("Caps", "Red", ""),
        ("Caps", "Red", ""),
    ]
)
SIGNS = st.one_of(st.sampled_from(list("ab,;=! \\\t\u00a0é")), st.characters(exclude_categories=["Cs"]))
WORDS = st.text(SIGNS, max_size=6)
FILTERS = st.dictionaries(
    WORDS, st.tuples(st.lists(WORDS, min_size=1, max_size=3, unique=True), st.booleans()), max_size=3
).map(lambda made: Filter(tuple(Condition(column, tuple(values), no) for column, (values, no) in made.items())))


def passing(text: str, catalog: Catalog = CATALOG) -> list[int]:
    return np.flatnonzero(Filter.parse(text).on(catalog).mask(catalog)).tolist()


@QUICK
@given(FILTERS)
def test_a_filter_is_read_back_from_its_spelling(made: Filter) -> None:
    assert Filter.parse(str(made)) == made
    assert Filter.parse(*(str(condition) for condition in made.conditions)) == made


@QUICK
@given(WORDS)
def test_whatever_is_typed_is_a_filter_or_one_sentence(typed: str) -> None:
    try:
        fitting, complaints = Filter.parse(typed).fit(CATALOG)
    except FilterError:
        return
    assert all(sentence.endswith(".") for sentence in complaints)
    assert fitting.mask(CATALOG).shape == (6,)
    assert fitting.fit(CATALOG) == (fitting, [])


@QUICK
@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=8), st.booleans(), st.data())
def test_the_mask_is_what_each_item_says(labels: list[tuple[str, str]], no: bool, data: st.DataObject) -> None:
    made = samples.labelled(labels, ("one", "other"))
    values = data.draw(st.lists(st.sampled_from(made.values("one")), min_size=1))
    others = data.draw(st.lists(st.sampled_from(made.values("other")), min_size=1))
    chosen = EVERYTHING.where("one", values, no).where("other", others)
    expected = [(one in values) != no and other in others for one, other in labels]

    assert chosen.mask(made).tolist() == expected
    assert Filter.parse(str(chosen)).fit(made) == (chosen, [])


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", [0, 1, 2, 3, 4, 5]),
        (" ; ", [0, 1, 2, 3, 4, 5]),
        ("article_type=Caps", [3, 4, 5]),
        ("type = caps , SHIRTS", [0, 1, 3, 4, 5]),
        ("Article type!=Caps;base_colour=Blue", [0, 2]),
        ("type=Caps;type=Shirts;usage=", [1, 4, 5]),
        ("usage!=,Formal", [0, 2]),
        (r"type=Shirts\, long", [2]),
        (r"base=navy\ blue", [1]),
        (r"type=\Caps", [3, 4, 5]),
    ],
)
def test_what_passes(text: str, rows: list[int]) -> None:
    assert passing(text) == rows


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Caps", "“Caps” is no condition; write column=value, such as type=Jackets,Coats."),
        ("type=Caps;type!=Shirts", "“Type” has both = and != in the filter; use one of them."),
        ("type=Caps;article_type!=Shirts", "“Article type” has both = and != in the filter; use one of them."),
        ("size=L", "“Sample” has no column “size”; it has article_type, base_colour, usage."),
        ("=L", "“Sample” has no column (blank); it has article_type, base_colour, usage."),
        ("a=L", "“a” is part of several columns: article_type, base_colour, usage. Write more of its name."),
        ("type=Cap", "“Sample” has no article type “Cap”; near ones: “Caps”."),
        ("colour=Blu", "“Sample” has no base colour “Blu”; near ones: “Blue”, “Navy Blue”."),
        ("type=Spaceships", "“Sample” has no article type “Spaceships”."),
        ("type=", "“Sample” has no article type (blank)."),
        (
            "type=Caps;colour=Navy Blue",
            "The filter leaves nothing of “Sample” to search: only items whose article type is Caps and base colour is "
            "Navy Blue. Ask for other values.",
        ),
    ],
)
def test_what_cannot_be_is_said(text: str, sentence: str) -> None:
    with pytest.raises(FilterError, match=f"^{re.escape(sentence)}$"):
        Filter.parse(text).on(CATALOG)


def test_names_that_a_catalog_lacks_are_left_out() -> None:
    fitting, complaints = Filter.parse("type=Caps,Spaceships;size=L;usage!=Party").fit(CATALOG)
    assert str(fitting) == "article_type=Caps"
    assert len(complaints) == 3
    unlabelled = Catalog("plain", "Plain", (), (Item("1", "", (), "1.jpg", "d"),))
    assert Filter.parse("type=Caps").fit(unlabelled) == (
        EVERYTHING,
        ["The items of “Plain” have no labels, so it cannot be filtered."],
    )
    assert EVERYTHING.mask(unlabelled).tolist() == [True]


def test_a_name_that_differs_in_case_alone_means_all_of_these() -> None:
    made = samples.labelled([("a",), ("A",), ("b",)], ("kind",))
    assert passing("kind=a", made) == [0]
    assert passing("kind=B", made) == [2]
    made = samples.labelled([("Aa",), ("AA",), ("b",)], ("kind",))
    assert passing("kind=aa", made) == [0, 1]
    made = samples.labelled([("x", "y")], ("type", "article_type"))
    assert Filter.parse("type=x").on(made).conditions[0].column == "type"


def test_counts_follow_the_other_columns() -> None:
    chosen = Filter.parse("type=Caps;usage=").on(CATALOG)
    assert chosen.counts(CATALOG, "article_type") == {"Caps": 2, "Shirts": 1, "Shirts, long": 0}
    assert chosen.counts(CATALOG, "base_colour") == {"Blue": 0, "Navy Blue": 0, "Red": 2}
    assert chosen.counts(CATALOG, "usage") == {"": 2, "Casual": 0, "Formal": 1}
    assert sum(EVERYTHING.counts(CATALOG, "usage").values()) == 6


def test_conditions_are_replaced_and_taken_back() -> None:
    chosen = EVERYTHING.where("a", ["x", "y", "x"]).where("b", ["z"], is_negated=True)
    assert str(chosen) == "a=x,y;b!=z"
    assert str(chosen.where("a", ["w"])) == "a=w;b!=z"
    assert chosen.where("a", []) == chosen.without("a")
    assert chosen.of("b") == Condition("b", ("z",), True)
    assert chosen.of("c") is None
    assert (bool(chosen), bool(EVERYTHING)) == (True, False)
    with pytest.raises(ValueError, match="at least one value"):
        Condition("a", ())


def test_in_words() -> None:
    def words(*conditions: Condition) -> str:
        return Filter(conditions).label

    assert words(Condition("article_type", ("Caps",))) == "article type is Caps"
    assert words(Condition("usage", ("",), True)) == "usage is not (blank)"
    assert words(Condition("a", ("x", "y"), True)) == "a is neither x nor y"
    assert words(Condition("a", tuple("vwxy"))) == "a is v, w, x or y"
    assert words(Condition("a", tuple("uvwxy")), Condition("b", ("z",))) == "a is u, v, w or 2 more and b is z"
