"""Which pictures from outside are queries of a catalog, and what answers them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fashion_search.catalog import Catalog, Item, Protocol, draw_split
from fashion_search.catalog.query_sets import CatalogWithQueries, query_source, with_queries
from fashion_search.catalog.source import GALLERY, QUERY, TRAINING, Source
from fashion_search.catalog.sources import open_source
from fashion_search.errors import SourceError
from tests.samples import COLUMNS, encoded, labelled, noise, table, write_folder

SHOP = labelled(
    [("Shirts", "Blue", "Casual"), ("Shirts", "Blue", "Casual"), ("Caps", "Navy Blue", "NA"), ("Caps", "Red", "NA")]
)
"""Its items have the ids 0 to 3."""


def pictures(*names: str) -> dict[str, bytes]:
    return {name: encoded(noise(seed)) for seed, name in enumerate(names)}


def of_table(folder: Path, columns: Sequence[str], rows: Mapping[str, Sequence[str]]) -> Source:
    """A table of pictures and what it says of each."""
    lines = table([[name, *values] for name, values in rows.items()], ["image", *columns])
    return open_source(write_folder(folder, pictures(*rows) | {"photos.csv": lines}) / "photos.csv")


def told(source: Source) -> dict[str, tuple[tuple[str, ...], str]]:
    """Picture → labels and product."""
    return {row.image: (row.labels, row.product) for row in source.rows}


def reasons(source: Source) -> dict[str, str]:
    return {row.id: row.reason for row in source.excluded}


# -- reading ------------------------------------------------------------------------------------------------


def test_folders_named_as_style_groups(tmp_path: Path) -> None:
    names = ("shirts_blue_casual/a.png", "Caps Navy Blue NA/b.png", "Caps · Red · NA/c.png", "gloves/d.png")
    source = query_source(open_source(write_folder(tmp_path / "photos", pictures(*names))), SHOP)
    assert source.columns == COLUMNS
    assert told(source) == {
        names[0]: (("Shirts", "Blue", "Casual"), ""),
        names[1]: (("Caps", "Navy Blue", "NA"), ""),
        names[2]: (("Caps", "Red", "NA"), ""),
    }
    assert reasons(source) == {"gloves/d": "folder named as no style group and no product of the catalog"}


def test_folders_named_as_products(tmp_path: Path) -> None:
    shop = replace(SHOP, items=tuple(replace(item, product=f"id_00{item.id}") for item in SHOP.items))
    names = ("id_000/a.png", "id_000/b.png", "id_003/c.png", "shirts_blue_casual/d.png")
    source = query_source(open_source(write_folder(tmp_path / "photos", pictures(*names))), shop)
    assert source.columns == ()
    assert told(source) == {names[0]: ((), "id_000"), names[1]: ((), "id_000"), names[2]: ((), "id_003")}
    assert list(reasons(source)) == ["shirts_blue_casual/d"]


def test_a_folders_name_that_two_style_groups_have_is_not_guessed(tmp_path: Path) -> None:
    shop = labelled([("a b", "c"), ("a", "b c"), ("d", "e")], ("kind", "paint"))
    names = ("a_b_c/1.png", "d_e/2.png")
    source = query_source(open_source(write_folder(tmp_path / "photos", pictures(*names))), shop)
    assert [row.image for row in source.rows] == ["d_e/2.png"]
    assert list(reasons(source)) == ["a_b_c/1"]


@pytest.mark.parametrize(
    "columns", [COLUMNS, ("usage", "articleType", "baseColour"), ("Article Type", "base colour", "Usage")]
)
def test_a_table_with_the_catalogs_columns_however_they_are_spelled(tmp_path: Path, columns: tuple[str, ...]) -> None:
    values = {"articletype": "Caps", "basecolour": "Teal", "usage": "NA"}
    row = [values[column.lower().replace("_", "").replace(" ", "")] for column in columns]
    source = query_source(of_table(tmp_path / "p", columns, {"a.png": row}), SHOP)
    assert (source.columns, told(source)) == (COLUMNS, {"a.png": (("Caps", "Teal", "NA"), "")})


@pytest.mark.parametrize("column", ["product", "product_id", "item_id", "sku"])
def test_a_table_with_a_column_of_products(tmp_path: Path, column: str) -> None:
    rows = {"a.png": ["2"], "b.png": [""], "c.png": ["77"]}
    source = query_source(of_table(tmp_path / "p", [column], rows), SHOP)
    assert source.columns == ()
    assert told(source) == {"a.png": ((), "2"), "c.png": ((), "77")}
    assert reasons(source) == {"b.png": "no label"}


def test_products_count_where_both_sides_have_them_else_the_style_group(tmp_path: Path) -> None:
    columns = (*COLUMNS, "product")
    known = of_table(tmp_path / "a", columns, {"a.png": ["Caps", "Red", "NA", "3"]})
    unknown = of_table(tmp_path / "b", columns, {"a.png": ["Caps", "Red", "NA", "somewhere else"]})
    assert query_source(known, SHOP).columns == ()
    assert query_source(unknown, SHOP).columns == COLUMNS


def test_products_that_the_catalog_groups_by_can_be_named_alone(tmp_path: Path) -> None:
    shop = labelled([("Caps", "A"), ("Caps", "A"), ("Ties", "B")], ("category", "product"))
    source = query_source(of_table(tmp_path / "p", ["product"], {"b.png": ["B"], "c.png": ["C"]}), shop)
    queries, _ = source.catalog("photos", "Photos")
    together = with_queries(shop, queries)
    assert (together.columns, together.relevant_by) == (("category", "product"), "product")
    assert [item.labels for item in together.items[3:]] == [("Ties", "B")]
    assert [row.reason for row in together.left_out] == ["product that the catalog lacks"]


def test_of_a_divided_data_set_the_queries_are_taken(tmp_path: Path) -> None:
    names = {"a.png": ["Caps", "Red", "NA"], "b.png": ["Caps", "Red", "NA"], "c.png": ["Caps", "Red", "NA"]}
    whole = of_table(tmp_path / "p", COLUMNS, names)
    parts = dict(zip(names, (QUERY, GALLERY, TRAINING), strict=True))
    divided = replace(whole, rows=tuple(replace(row, part=parts[row.image]) for row in whole.rows))
    source = query_source(divided, SHOP)
    assert list(told(source)) == ["a.png"]
    assert reasons(source) == {"b.png": "gallery part of the data set", "c.png": "training part of the data set"}
    catalog, _ = source.catalog("p", "P")
    assert [item.image for item in catalog.items] == ["a.png"]  # one picture of a style group is enough
    without = replace(divided, rows=tuple(row for row in divided.rows if row.part != QUERY))
    with pytest.raises(SourceError, match=r"has no queries; its parts are gallery, training\."):
        query_source(without, SHOP)


def test_what_matches_nothing_says_what_would(tmp_path: Path) -> None:
    source = of_table(tmp_path / "p", ["article_type"], {"a.png": ["Caps"]})
    with pytest.raises(SourceError) as caught:
        query_source(source, SHOP)
    for part in (
        "style groups by article_type, base_colour, usage",
        "its columns are article_type",
        "the folder caps_navy_blue_na",
        "'0'",
    ):
        assert part in str(caught.value)
    folders = open_source(write_folder(tmp_path / "f", pictures("x/1.png", "y z/2.png")))
    with pytest.raises(SourceError, match="its folders are x, y z"):
        query_source(folders, SHOP)
    loose = open_source(write_folder(tmp_path / "loose", pictures("a.png")))
    with pytest.raises(SourceError, match="it says nothing of its pictures"):
        query_source(loose, SHOP)
    with pytest.raises(SourceError, match="which has no style groups"):
        query_source(source, replace(SHOP, columns=(), items=tuple(replace(one, labels=()) for one in SHOP.items)))


# -- together with the catalog ------------------------------------------------------------------------------


def queries(*items: Item, columns: tuple[str, ...] = COLUMNS) -> Catalog:
    return Catalog("photos", "Photos", columns, items)


def test_queries_come_after_the_items_and_are_no_items() -> None:
    asked = queries(Item("0", "a", ("Caps", "Red", "NA"), "a", "x"), Item("b", "b", ("Caps", "Pink", "NA"), "b", "y"))
    together = with_queries(SHOP, asked)
    assert isinstance(together, CatalogWithQueries)
    assert together.items[:4] == SHOP.items
    assert [(item.id, item.labels) for item in together.items[4:]] == [("photos/0", ("Caps", "Red", "NA"))]
    assert (together.n_items, together.relevant_by) == (4, "style group")
    assert [(row.id, row.reason) for row in together.left_out] == [("b", "style group that the catalog lacks")]
    assert together.fingerprint != SHOP.fingerprint


def test_a_query_has_no_items_id() -> None:
    shop = replace(SHOP, items=(replace(SHOP.items[0], id="photos/0"), *SHOP.items[1:]))
    together = with_queries(shop, replace(SHOP, name="photos"))
    assert [item.id for item in together.items[4:]] == ["photos~/0", "photos~/1", "photos~/2", "photos~/3"]
    assert together.asked == (0, 1, 2, 3)
    assert together.row("photos/0") == 0


def test_where_queries_say_products_a_product_is_a_style_group() -> None:
    items = tuple(replace(item, product=product) for item, product in zip(SHOP.items, "AABB", strict=True))
    shop = replace(SHOP, items=items)  # the pictures of B differ in colour: the first one's counts
    asked = queries(
        Item("a", "", (), "a", "x", product="A"),
        Item("b", "", (), "b", "y", product="B"),
        Item("c", "", (), "c", "z", product="C"),
        columns=(),
    )
    together = with_queries(shop, asked)
    assert (together.columns, together.relevant_by) == ((*COLUMNS, "product"), "product")
    assert [group.labels for group in together.groups] == [
        ("Caps", "Navy Blue", "NA", "B"),
        ("Shirts", "Blue", "Casual", "A"),
    ]
    assert [group.rows.tolist() for group in together.groups] == [[2, 3, 5], [0, 1, 4]]
    assert [(row.id, row.reason) for row in together.left_out] == [("c", "product that the catalog lacks")]


def test_an_item_without_a_product_is_its_own() -> None:
    together = with_queries(SHOP, queries(Item("a", "", (), "a", "x", product="2"), columns=()))
    assert [item.labels[-1] for item in together.items] == ["0", "1", "2", "3", "2"]


def test_a_catalog_that_groups_otherwise_by_now_is_refused() -> None:
    asked = queries(Item("0", "a", ("Caps",), "a", "x"), columns=("article_type",))
    with pytest.raises(SourceError, match="says article_type of its pictures, but “Sample” groups by article_type, b"):
        with_queries(SHOP, asked)


def test_the_split_of_a_query_set() -> None:
    asked = [Item(str(n), "", ("Caps", "Red", "NA"), "", "") for n in range(3)]
    together, protocol = with_queries(SHOP, queries(*asked)), Protocol.of_queries("photos")
    split = draw_split(together, protocol, removed=np.array([1, 5]))
    assert split.queries.tolist() == [4, 6]
    assert split.gallery.tolist() == [True, False, True, True, False, False, False]
    assert split.name == "Query set photos, relevant: same style group"
    assert (protocol, protocol.queries, protocol.label) == ("query-set:photos", "photos", "Query set photos")


@pytest.mark.parametrize("name", ["", "query-set:", "leave-two-out", "photos"])
def test_what_is_no_protocol(name: str) -> None:
    with pytest.raises(ValueError, match="is no protocol"):
        Protocol(name)
