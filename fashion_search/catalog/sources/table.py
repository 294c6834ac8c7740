"""A table with a column of pictures and columns of labels: a file beside its pictures, or in a folder or archive."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from fashion_search.catalog.model import Excluded, slug
from fashion_search.catalog.rows import SUFFIXES, Line, Table, most_bytes, read_table, refuse_huge
from fashion_search.catalog.source import Options, Place, Reader, Row, Source, drop_repeated_ids
from fashion_search.catalog.text import as_words, cleaned
from fashion_search.catalog.tree import FileTree, FolderTree, open_tree, refuse_device, skipped_note
from fashion_search.errors import SourceError

SMALLEST = 2  # images per group: one query and one right answer
NO_LIMIT = 0
IMAGE_COLUMNS = ("image", "image_path", "path", "file", "filename")


def tables(tree: FileTree) -> list[str]:
    """The tables at the top of a folder or archive, or of the one folder that holds all of it."""
    depth = 1 + _common_depth(tree.names)
    return [
        name
        for name in tree.names
        if name.count("/") < depth and PurePosixPath(name).suffix.lower() in SUFFIXES and _names_pictures(tree, name)
    ]


def _common_depth(names: list[str]) -> int:
    """How many folders all files have in common, at most one."""
    return int(len({name.split("/")[0] for name in names}) == 1 and all("/" in name for name in names))


def _names_pictures(tree: FileTree, name: str) -> bool:
    if tree.size(name) > most_bytes():
        return False
    try:
        columns = read_table(tree.head(name), name, is_whole=False).columns
    except SourceError:
        return False
    return any(column.lower() in IMAGE_COLUMNS for column in columns)


def _recognises(place: Place) -> bool:
    """A table itself; or a folder or archive with one table, whose pictures lie in one folder and so have no groups."""
    if place.path.suffix.lower() in SUFFIXES and not place.path.is_dir():
        return True
    found = tables(place.tree)
    folders = {str(PurePosixPath(name).parent) for name in place.tree.names if name not in found}
    return len(found) == 1 and len(folders) == 1


def _read(place: Place, options: Options) -> Source:
    """An image column with relative paths, and columns to group by; without any the catalog has no labels.

    ``id`` and ``name`` columns are used where there are any. An ``id`` that several pictures share is a product's:
    then a picture's path is its id. All other columns form the groups unless ``options.group_by`` chooses.

    Raises:
        SourceError: unreadable, a column is missing, or no picture exists.
    """
    path = place.path
    if path.is_dir() or path.suffix.lower() not in SUFFIXES:
        tree, (name,) = place.tree, tables(place.tree)
        notes = [f"{name} says what the pictures are, and was read as the catalog's table."]
        data, what = tree.read(name), f"{path}: {name}"
    else:
        tree, name, notes, what = FolderTree(path.parent), path.name, [], str(path)
        data = _content(path)
    table = read_table(data, what, options.encoding)
    image_column = _image_column(what, table.columns, options)
    others = [column for column in table.columns if column and column not in (image_column, "id", "name")]
    group_by = tuple(options.group_by or others)
    missing = [column for column in group_by if column not in table.columns]
    if missing:
        raise SourceError(f"{what} has no column {', '.join(missing)}; it has {', '.join(table.columns)}.")
    columns = tuple(slug(column) or f"column_{number}" for number, column in enumerate(group_by))
    if len(set(columns)) < len(columns):
        raise SourceError(f"{what}: two of the columns {', '.join(group_by)} have the same name. Rename one of them.")
    by_product = _ids_are_products(table, image_column)
    if by_product:
        notes.append("Several pictures share an id, which is that of a product; a picture's own id is its path.")
    under = PurePosixPath(name).parent
    rows: list[Row] = []
    excluded: list[Excluded] = []
    misses: list[tuple[str, str]] = []
    for line in table.lines:
        written = line.values[image_column]
        labels = tuple(cleaned(line.values[column]) for column in group_by)
        if line.problem:
            excluded.append(Excluded(line.id, line.text, ("",) * len(columns), line.problem))
            continue
        image = PurePosixPath(written.replace("\\", "/")).as_posix()
        item_id = "" if by_product else cleaned(line.values.get("id", ""))
        item_id = item_id or cleaned(image)
        item_name = line.values.get("name") or as_words(PurePosixPath(image).stem)
        file = tree.find(str(under / image)) if written and not leads_out(image) else None
        if file is None:
            reason = why_absent(written, image, str(under / image), tree)
            misses.append((reason, written))
            excluded.append(Excluded(item_id, item_name, labels, reason))
        else:
            attributes = {slug(column): cleaned(line.values[column]) for column in others}
            product = cleaned(line.values["id"]) if by_product else ""
            rows.append(Row(item_id, item_name, labels, file, attributes, product))
    if not rows:
        raise SourceError(_no_picture(what, image_column, len(table.lines), misses, tree, under))
    unique, repeated = drop_repeated_ids(rows)
    return Source(
        "csv",
        path,
        tree,
        columns,
        unique,
        (*excluded, *repeated),
        len(table.lines),
        SMALLEST,
        NO_LIMIT,
        (*notes, *table.notes, *(skipped_note(tree) if misses else [])),  # a large folder is not walked for nothing
    ).with_bounds(options)


def _content(path: Path) -> bytes:
    try:
        refuse_device(path)
        refuse_huge(path.stat().st_size, str(path))
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}.") from error


def _ids_are_products(table: Table, image_column: str) -> bool:
    """Whether an id stands beside several pictures."""
    image_of: dict[str, str] = {}
    return any(
        image_of.setdefault(line.values["id"], line.values[image_column]) != line.values[image_column]
        for line in _whole(table)
        if line.values.get("id")
    )


def _whole(table: Table) -> Iterator[Line]:
    return (line for line in table.lines if not line.problem)


def _image_column(what: str, columns: list[str], options: Options) -> str:
    if options.image_column is not None:
        if options.image_column not in columns:
            raise SourceError(f"{what} has no column {options.image_column!r}; it has {', '.join(columns)}.")
        return options.image_column
    for name in columns:
        if name.lower() in IMAGE_COLUMNS:
            return name
    raise SourceError(
        f"{what} has no column named {' or '.join(IMAGE_COLUMNS)}; it has {', '.join(columns)}. "
        "Name the column of the pictures.",
        "image_column",
    )


def leads_out(image: str) -> bool:
    """Whether a path in a table leads out of the folder of its pictures."""
    return ".." in image.split("/") or image.startswith("/") or image[1:3] == ":/"


_ADDRESS = "image is a web address"
_OUT = "image path leads out of the folder"
_NEARLY = "no image of exactly this name"


def why_absent(written: str, image: str, name: str, tree: FileTree) -> str:
    """Why a picture is not there that a table names: as it is written, as a path, and as the tree would name it."""
    if written.lower().startswith(("http://", "https://", "ftp://", "s3://", "gs://")):
        return _ADDRESS
    if leads_out(image):
        return _OUT
    return tree.why_skipped(name) or (_NEARLY if written and tree.nearly(name) else "no image")


def _no_picture(
    what: str, column: str, n_rows: int, misses: list[tuple[str, str]], tree: FileTree, under: PurePosixPath
) -> str:
    """Why no picture of a table is there, and what to do."""
    if not n_rows:
        return f"{what} has a header and no rows."
    if not misses:
        return f"{what}: none of the {n_rows:,} rows can be used: their fields are not those of the header."
    reason, written = misses[0]
    start = f"{what}: none of the {n_rows:,} pictures in column {column!r} is in {tree.path}"
    if reason == _ADDRESS:
        return f"{start}: they are web addresses. Download the pictures and write their paths."
    if reason == _OUT:
        return f"{start}: {written!r} leads out of it. Put the table beside or above its pictures."
    near = tree.nearly(str(under / PurePosixPath(written.replace("\\", "/")))) if reason == _NEARLY else None
    if near:
        return f"{start} as it is written: for {written!r} there is {near!r}. Write the names as they are."
    return f"{start}, such as {written!r} ({reason})."


def _pictures(path: Path) -> FileTree:
    return FolderTree(path.parent) if path.suffix.lower() in SUFFIXES and not path.is_dir() else open_tree(path)


TABLE = Reader("csv", _recognises, _read, _pictures)
