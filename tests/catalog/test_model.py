import dataclasses

import pytest

from fashion_search.catalog import Catalog, Group, Item, slug, title
from fashion_search.catalog.model import sort_key
from fashion_search.errors import UnknownNameError
from tests import samples


def test_slugs_and_titles() -> None:
    assert slug("Navy  Blue/(dark)") == "navy_blue_dark"
    assert slug("Größe") == "grösse"
    assert title("base_colour") == "Base colour"
    assert Group("caps_blank_na", ("Caps", "", "NA"), None).title == "Caps · (blank) · NA"


def test_ids_are_ordered_by_value_then_as_text() -> None:
    long = "1" * 5000  # Python refuses to make a number of so many digits
    ids = ["b", "10", "9", "a", "007", "7", "٣", long, "-1"]
    assert sorted(ids, key=sort_key) == ["007", "7", "9", "10", long, "-1", "a", "b", "٣"]


def test_groups_of_like_names_have_ids_of_their_own() -> None:
    labels = [("Red Shirt",), ("red_shirt",), ("!!",), ("??",)]
    items = tuple(Item(str(row), "", label, "", "", "") for row, label in enumerate(labels))
    ids = [group.id for group in Catalog("c", "C", ("group",), items).groups]
    assert ids == ["blank", "blank~2", "red_shirt", "red_shirt~2"]


def test_rows_and_groups_agree() -> None:
    catalog = samples.catalog([3, 2, 4])
    assert [len(group.rows) for group in catalog.groups] == [3, 2, 4]
    for row, item in enumerate(catalog.items):
        assert catalog.row(item.id) == row
        assert item.labels == catalog.groups[catalog.group_of[row]].labels
    assert "3" in catalog
    assert "99" not in catalog
    with pytest.raises(UnknownNameError, match="“Sample” has no item '99'"):
        catalog.row("99")
    assert catalog.values("group") == ["a", "b", "c"]


def test_copies_are_counted_within_a_group_and_across_groups() -> None:
    shown = [("a", "1"), ("a", "1"), ("a", "2"), ("b", "1"), ("b", "3"), ("b", "3"), ("b", "3")]
    items = tuple(Item(str(row), "", (group,), "", digest, "") for row, (group, digest) in enumerate(shown))
    assert Catalog("c", "C", ("group",), items).copies == (5, 3)
    assert Catalog("c", "C", ("group",), items[1:3]).copies == (0, 0)


def test_the_fingerprint_is_of_labels_and_pictures_but_not_of_names() -> None:
    item = Item("1", "name", ("a",), "1.jpg", "digest", "checksum")

    def fingerprint(**changes: object) -> str:
        return Catalog("c", "C", ("group",), (dataclasses.replace(item, **changes),)).fingerprint

    assert fingerprint(name="other", image="moved/1.jpg") == fingerprint()
    for changes in ({"id": "2"}, {"labels": ("b",)}, {"digest": "another"}, {"product": "A1"}):
        assert fingerprint(**changes) != fingerprint()
