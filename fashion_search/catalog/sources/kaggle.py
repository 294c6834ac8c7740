"""Kaggle's *Fashion Product Images*, small and full, as a folder or as the archive that was downloaded."""

from pathlib import Path

from fashion_search.catalog.model import Excluded, slug
from fashion_search.catalog.rows import SUFFIXES, Line, read_table, refuse_huge
from fashion_search.catalog.source import Options, Place, Reader, Row, Source, drop_repeated_ids
from fashion_search.catalog.text import cleaned
from fashion_search.catalog.tree import FileTree, open_tree, skipped_note
from fashion_search.errors import SourceError

TABLE = "styles.csv"
NAME_COLUMN = "productDisplayName"
GROUP_BY = ("article_type", "base_colour", "usage")  # the paper's style groups, §4.1
SMALLEST, LARGEST = 4, 20  # images per group, ibid.
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


def _tables(tree: FileTree) -> list[str]:
    """The ``styles.csv`` files of a tree, outermost first: Kaggle's archives hold a second, nested copy."""
    return tree.named(TABLE)


def _root(path: Path) -> Path:
    return path.parent if path.name == TABLE else path


def _recognises(place: Place) -> bool:
    if place.path.suffix.lower() in SUFFIXES and not place.path.is_dir():
        return place.path.name == TABLE
    return bool(_tables(place.tree))


def _read(place: Place, options: Options) -> Source:
    """Read the data set's layout: ``styles.csv`` and ``images/<id>.jpg``, below any root; each id counts once.

    Raises:
        SourceError: a column is missing, or there is no picture.
    """
    path, tree = _root(place.path), place.tree if place.path.name != TABLE else open_tree(_root(place.path))
    columns = tuple(_our_name(name) for name in options.group_by or GROUP_BY)
    images = _images(tree)
    rows: list[Row] = []
    excluded: list[Excluded] = []
    notes: list[str] = []
    before: dict[str, dict[str, str]] = {}  # id → what an earlier table says of it
    contents: set[bytes] = set()
    n_rows = 0
    for name in _tables(tree):
        refuse_huge(tree.size(name), f"{path}: {name}")
        data = tree.read(name)
        if data in contents:
            continue  # a copy below another root
        contents.add(data)
        table = read_table(data, f"{path}: {name}", options.encoding, spill=NAME_COLUMN)
        notes += table.notes
        wanted = ["id", NAME_COLUMN, *(_COLUMNS[column] for column in columns)]
        missing = [column for column in wanted if column not in table.columns]
        if missing:
            raise SourceError(
                f"{path}: {name} has no column {', '.join(missing)}; it has {', '.join(table.columns)}. If it is no "
                "table of Kaggle's, call it otherwise."
            )
        lines = [line for line in table.lines if before.get(line.values["id"]) != line.values]
        n_rows += len(lines)
        here: list[Row] = []
        for line in lines:
            if left_out := _left_out(line, columns, images, before):
                excluded.append(left_out)
            else:
                here.append(_row(line, columns, images))
        unique, repeated = drop_repeated_ids(here)
        rows += unique
        excluded += repeated
        before |= {line.values["id"]: line.values for line in lines if line.values["id"] not in before}
    if not rows:
        raise SourceError(_no_picture(path, tree, n_rows))
    notes += skipped_note(tree)
    source = Source(
        "kaggle", path, tree, columns, tuple(rows), tuple(excluded), n_rows, SMALLEST, LARGEST, tuple(notes)
    )
    return source.with_bounds(options)


def _left_out(
    line: Line, columns: tuple[str, ...], images: dict[str, str], before: dict[str, dict[str, str]]
) -> Excluded | None:
    item_id, name = line.values["id"], line.values[NAME_COLUMN]
    if line.problem and item_id in images:
        return Excluded(line.id, line.text, ("",) * len(columns), line.problem)
    reason = "row has no id" if not item_id else "id appears before" if item_id in before else ""
    if reason or item_id not in images:
        return Excluded(item_id, name, _labels(line, columns), reason or "no image")
    return None


def _row(line: Line, columns: tuple[str, ...], images: dict[str, str]) -> Row:
    item_id = line.values["id"]
    attributes = {ours: cleaned(line.values[theirs]) for ours, theirs in _COLUMNS.items() if theirs in line.values}
    return Row(item_id, line.values[NAME_COLUMN], _labels(line, columns), images[item_id], attributes)


def _labels(line: Line, columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([cleaned(line.values[_COLUMNS[column]]) for column in columns])


def _our_name(name: str) -> str:
    """Accepts a grouping column as the table spells it (``articleType``) or as we do (``article_type``)."""
    for ours, theirs in _COLUMNS.items():
        if name in (ours, theirs) or slug(name) == ours:
            return ours
    raise SourceError(f"There is no grouping column {name!r}; choose from {', '.join(_COLUMNS)}.")


def _images(tree: FileTree) -> dict[str, str]:
    """Item id → name of its picture, whatever its suffix; the outermost root wins, then the first suffix."""
    images: dict[str, str] = {}
    for name in sorted(tree.names, key=lambda name: (name.count("/"), name)):
        folder, _, file = name.rpartition("/")
        if folder.rstrip("/").rpartition("/")[2] == "images":  # a PurePosixPath of each would take half a second
            images.setdefault(file.rpartition(".")[0] or file, name)
    return images


def _no_picture(path: Path, tree: FileTree, n_rows: int) -> str:
    start = f"{path}: {TABLE} has {n_rows:,} rows, but no picture images/<id>.jpg belongs to any"
    links = [name for name, reason in tree.skipped if "link" in reason]
    if links:
        return (
            f"{start}. Links are not followed ({len(links):,}, such as {links[0]}): they lead out of the folder or "
            "nowhere. Put the pictures themselves there."
        )
    return f"{start}."


KAGGLE = Reader("kaggle", _recognises, _read, lambda path: open_tree(_root(path)))
