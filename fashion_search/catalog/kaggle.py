"""Kaggle's *Fashion Product Images*, small and full, as a folder or as the archive that was downloaded."""

from pathlib import Path, PurePosixPath

from fashion_search.catalog.model import Excluded, slug
from fashion_search.catalog.source import Options, Row, Source, drop_repeated_ids
from fashion_search.catalog.table import read_table
from fashion_search.catalog.tree import FileTree
from fashion_search.errors import SourceError

TABLE = "styles.csv"
NAME_COLUMN = "productDisplayName"
GROUP_BY = ("article_type", "base_colour", "usage")  # the paper's style groups, §4.1
SMALLEST, LARGEST = 4, 20  # images per group, ibid.
_MOST_BYTES = 256 * 1024 * 1024  # of the table, unpacked: far more than it has, and far less than a ZIP bomb
_COLUMNS = {
    "gender": "gender",
    "master_category": "masterCategory",
    "sub_category": "subCategory",
    "article_type": "articleType",
    "base_colour": "baseColour",
    "season": "season",
    "year": "year",
    "usage": "usage",
}


def tables(tree: FileTree) -> list[str]:
    """The ``styles.csv`` files of a tree, outermost first: Kaggle's archives hold a second, nested copy."""
    found = [name for name in tree.names if PurePosixPath(name).name == TABLE and ".." not in name.split("/")]
    return sorted(found, key=lambda name: (name.count("/"), name))


def read(path: Path, tree: FileTree, options: Options) -> Source:
    """Read the data set's layout: ``styles.csv`` and ``images/<id>.jpg``, below any root; each id counts once.

    Raises:
        SourceError: no ``styles.csv``, a column is missing, or there is no picture.
    """
    found = tables(tree)
    if not found:
        raise SourceError(
            f"{path} holds no {TABLE}. Expected is Kaggle's Fashion Product Images, or a folder with one sub-folder "
            "per group, or a CSV file."
        )
    columns = tuple(slug_column(name) for name in options.group_by or GROUP_BY)
    images = _images(tree)
    rows: list[Row] = []
    seen: set[str] = set()
    excluded: list[Excluded] = []
    n_rows = 0
    for table in found:
        if tree.size(table) > _MOST_BYTES:
            raise SourceError(f"{path}: {table} is larger than {_MOST_BYTES // 2**20} MB, more than any such table.")
        in_this_table: list[Row] = []
        header, lines = read_table(tree.read(table), f"{path}: {table}", spill=NAME_COLUMN)
        wanted = ["id", NAME_COLUMN, *(_COLUMNS[column] for column in columns)]
        missing = [name for name in wanted if name not in header]
        if missing:
            raise SourceError(f"{path}: {table} has no column {', '.join(missing)}; it has {', '.join(header)}.")
        for line in lines:
            item_id = line["id"]
            if item_id in seen:
                continue  # the copy below another root
            n_rows += 1
            labels = tuple(line[_COLUMNS[column]] for column in columns)
            if not item_id:
                excluded.append(Excluded("", line[NAME_COLUMN], labels, "row has no id"))
            elif item_id not in images:
                excluded.append(Excluded(item_id, line[NAME_COLUMN], labels, "no image"))
            else:
                attributes = {ours: line[theirs] for ours, theirs in _COLUMNS.items() if theirs in line}
                in_this_table.append(Row(item_id, line[NAME_COLUMN], labels, images[item_id], attributes))
        unique, repeated = drop_repeated_ids(in_this_table)
        rows += unique
        excluded += repeated
        seen |= {row.id for row in unique} | {row.id for row in excluded}
    if not rows:
        raise SourceError(f"{path}: {TABLE} has {n_rows:,} rows, but no picture images/<id>.jpg belongs to any.")
    source = Source("kaggle", path, tree, columns, tuple(rows), tuple(excluded), n_rows, SMALLEST, LARGEST)
    return source.with_bounds(options)


def slug_column(name: str) -> str:
    """Accepts a grouping column as the table spells it (``articleType``) or as we do (``article_type``)."""
    for ours, theirs in _COLUMNS.items():
        if name in (ours, theirs) or slug(name) == ours:
            return ours
    raise SourceError(f"There is no grouping column {name!r}; choose from {', '.join(_COLUMNS)}.")


def _images(tree: FileTree) -> dict[str, str]:
    """Item id → name of its picture; the outermost root wins."""
    images: dict[str, str] = {}
    for name in sorted(tree.names, key=lambda name: (name.count("/"), name)):
        path = PurePosixPath(name)
        if path.parent.name == "images" and path.suffix.lower() in (".jpg", ".jpeg", ".png") and ".." not in path.parts:
            images.setdefault(path.stem, name)
    return images
