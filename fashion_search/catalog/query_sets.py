"""Query sets: labelled pictures from outside, and what of a catalog answers them.

A query set says of its pictures either what the catalog groups by, or which product they show. It is kept apart, as a
catalog of its own; for an evaluation the two are put together, the catalog's rows first.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from fashion_search.catalog.model import PRODUCT, Catalog, Excluded, slug
from fashion_search.catalog.source import QUERY, Row, Source, part_left_out
from fashion_search.errors import SourceError

_T = TypeVar("_T")

PRODUCT_COLUMNS = ("product", "product_id", "item_id", "sku")
"""Columns of a query set's table that say which product a picture shows, in the order in which they are looked for."""

_NAMED = 3  # folders that a sentence names

NO_GROUP, NO_PRODUCT = "style group that the catalog lacks", "product that the catalog lacks"
_NO_LABEL, _NO_FOLDER = "no label", "folder named as no style group and no product of the catalog"


@dataclass(frozen=True)
class CatalogWithQueries(Catalog):
    """A catalog's items, and after them those queries of a query set that it has an answer to.

    Where the queries say products, ``product`` is one of the columns, and a style group is a product. ``items_count``:
    how many are the catalog's. ``asked``: where each query stands in the query set. ``left_out``: the other pictures of
    the query set, and why.
    """

    items_count: int
    asked: tuple[int, ...]
    left_out: tuple[Excluded, ...]

    @property
    def n_items(self) -> int:
        return self.items_count


def products_of(catalog: Catalog) -> list[str]:
    """The product that each row shows: what the catalog groups by, or its source says, or the item itself."""
    if PRODUCT in catalog.columns:
        place = catalog.columns.index(PRODUCT)
        return [item.labels[place] for item in catalog.items]
    return [item.product or item.id for item in catalog.items]


# -- reading ------------------------------------------------------------------------------------------------


def query_source(source: Source, catalog: Catalog) -> Source:
    """A source read as queries of a catalog.

    A table says the product (``PRODUCT_COLUMNS``, or an id that several pictures share) or all columns that the catalog
    groups by; a folder of a folder is named as a style group (its id or title) or a product. Products are taken where
    both sides have them. Of a data set that is divided into parts, the queries are taken.

    Returns:
        A source with the catalog's columns, or with no columns and a product in each row. Rows that say neither, and
        those of other parts, are left out.

    Raises:
        SourceError: nothing in it can be matched with the catalog.
    """
    rows, excluded = _of_queries(source)
    products = set(products_of(catalog))
    said = [_said_product(row) for row in rows]
    if any(product in products for product in said):
        rows = [replace(row, labels=(), product=product) for row, product in zip(rows, said, strict=True)]
        columns: tuple[str, ...] = ()
        labelled = [row for row in rows if row.product]
        excluded += [Excluded(row.id, row.name, (), _NO_LABEL) for row in rows if not row.product]
    elif source.columns == ("group",):
        columns, labelled, unknown = _by_folder(rows, catalog)
        excluded += unknown
    else:
        columns, labelled = catalog.columns, _by_columns(source, rows, catalog)
    if not labelled:
        raise SourceError(_nothing_matches(source, catalog))
    width = len(columns)
    return replace(
        source,
        columns=columns,
        rows=tuple(labelled),
        excluded=tuple(replace(row, labels=("",) * width) if len(row.labels) != width else row for row in excluded),
        smallest=1,
        largest=0,
        searched=QUERY,
    )


def _of_queries(source: Source) -> tuple[list[Row], list[Excluded]]:
    excluded = [*source.excluded]
    if not any(row.part for row in source.rows):
        return [*source.rows], excluded
    if not any(row.part == QUERY for row in source.rows):
        parts = ", ".join(sorted({row.part for row in source.rows if row.part}))
        raise SourceError(
            f"{source.path} has no queries; its parts are {parts}. Its figures are those of leave-one-out."
        )
    excluded += [
        Excluded(row.id, row.name, row.labels, part_left_out(row.part)) for row in source.rows if row.part != QUERY
    ]
    return [row for row in source.rows if row.part == QUERY], excluded


def _said_product(row: Row) -> str:
    return row.product or next((row.attributes[name] for name in PRODUCT_COLUMNS if row.attributes.get(name)), "")


def _by_folder(rows: list[Row], catalog: Catalog) -> tuple[tuple[str, ...], list[Row], list[Excluded]]:
    """Folders are named as style groups or as products, whichever are more; as files, blanks are underscores there."""
    groups = _unambiguous((" ".join(group.labels), group.labels) for group in catalog.groups)
    products = _unambiguous((product, product) for product in set(products_of(catalog)))
    names = {row.labels[0] for row in rows}
    by_group = {name: groups[slug(name)] for name in names if slug(name) in groups}
    by_product = {name: products[slug(name)] for name in names if slug(name) in products}
    is_by_product = len(by_product) > len(by_group)
    labelled, unknown = [], []
    for row in rows:
        name = row.labels[0]
        if is_by_product and name in by_product:
            labelled.append(replace(row, labels=(), product=by_product[name]))
        elif not is_by_product and name in by_group:
            labelled.append(replace(row, labels=by_group[name]))
        else:
            unknown.append(Excluded(row.id, row.name, (), _NO_FOLDER))
    return () if is_by_product else catalog.columns, labelled, unknown


def _unambiguous(named: Iterable[tuple[str, _T]]) -> dict[str, _T]:
    """By the slug of a name, unless several have it."""
    all_named = [(slug(name), value) for name, value in named]
    counts = Counter(name for name, _ in all_named)
    return {name: value for name, value in all_named if counts[name] == 1}


def _by_columns(source: Source, rows: list[Row], catalog: Catalog) -> list[Row]:
    """Rows with their values in the columns that the catalog groups by, however the source spells those."""

    def values(row: Row) -> dict[str, str]:
        said = {**row.attributes, **dict(zip(source.columns, row.labels, strict=True))}
        return {_spelling(column): value for column, value in said.items()}

    wanted = [_spelling(column) for column in catalog.columns]
    if not rows or not wanted or not set(wanted) <= values(rows[0]).keys():
        return []
    return [replace(row, labels=tuple(values(row)[column] for column in wanted)) for row in rows]


def _spelling(column: str) -> str:
    return slug(column).replace("_", "")


def _nothing_matches(source: Source, catalog: Catalog) -> str:
    title = f"“{catalog.title}”"
    by = f"style groups by {', '.join(catalog.columns)}" if catalog.columns else "no style groups"
    example = f", such as the folder {slug(' '.join(catalog.groups[0].labels))}" if catalog.groups else ""
    says = f"its columns are {', '.join(source.columns)}" if source.columns else "it says nothing of its pictures"
    if source.columns == ("group",):
        folders = sorted({row.labels[0] for row in source.rows})
        says = f"its folders are {', '.join(folders[:_NAMED])}{' and others' if len(folders) > _NAMED else ''}"
    return (
        f"{source.path}: no picture can be matched with {title}, which has {by}; {says}. A query set is a folder with "
        f"one sub-folder per style group or product{example}, or a table with the catalog's columns or with a column "
        f"named {PRODUCT_COLUMNS[0]} whose values are products or ids of items, such as "
        f"{products_of(catalog)[0]!r}."
    )


# -- together with the catalog ------------------------------------------------------------------------------


def with_queries(catalog: Catalog, queries: Catalog) -> CatalogWithQueries:
    """A catalog with those queries of a set that it has an answer to.

    A query's id is the set's name and its own, with a tilde where an item has that id. Where queries say products, each
    item's labels are those of its product's first item: a product is one style group.

    Args:
        catalog: that is searched.
        queries: the query set, with the catalog's columns, or none where its items say products.

    Raises:
        SourceError: the catalog has other columns by now.
    """
    if not queries.columns:
        by_product = catalog if PRODUCT in catalog.columns else _by_product(catalog)
        return _joined(by_product, queries, NO_PRODUCT)
    if queries.columns != catalog.columns:
        raise SourceError(
            f"The query set “{queries.name}” says {', '.join(queries.columns)} of its pictures, but "
            f"“{catalog.title}” groups by {', '.join(catalog.columns) or 'nothing'} now. Add it again."
        )
    return _joined(catalog, queries, NO_PRODUCT if PRODUCT in catalog.columns else NO_GROUP)


def _by_product(catalog: Catalog) -> Catalog:
    first: dict[str, tuple[str, ...]] = {}
    items = []
    for item, product in zip(catalog.items, products_of(catalog), strict=True):
        labels = first.setdefault(product, item.labels)
        items.append(replace(item, labels=(*labels, product), product=product))
    return replace(catalog, columns=(*catalog.columns, PRODUCT), items=tuple(items))


def _joined(catalog: Catalog, queries: Catalog, lacking: str) -> CatalogWithQueries:
    of_product = dict(zip(products_of(catalog), (item.labels for item in catalog.items), strict=True))
    prefix = f"{queries.name}/"
    while any(f"{prefix}{item.id}" in catalog for item in queries.items):
        prefix = f"{prefix[:-1]}~/"
    items, asked, left_out = [*catalog.items], [], []
    for row, item in enumerate(queries.items):
        labels = item.labels if queries.columns else of_product.get(item.product, ())
        if labels in catalog.code_of:
            items.append(replace(item, id=f"{prefix}{item.id}", labels=labels))
            asked.append(row)
        else:
            left_out.append(Excluded(item.id, item.name, item.labels, lacking))
    return CatalogWithQueries(
        catalog.name,
        catalog.title,
        catalog.columns,
        tuple(items),
        len(catalog.items),
        tuple(asked),
        tuple(left_out),
    )
