"""A catalog of one's own: a folder with one sub-folder per group, or a CSV with an image column."""

from pathlib import Path, PurePosixPath

from fashion_search.catalog.model import Excluded, slug
from fashion_search.catalog.source import Options, Row, Source, drop_repeated_ids
from fashion_search.catalog.table import read_table
from fashion_search.catalog.tree import FileTree, FolderTree
from fashion_search.errors import SourceError

SMALLEST = 2  # images per group: one query and one right answer
NO_LIMIT = 0
IMAGE_COLUMNS = ("image", "image_path", "path", "file", "filename")
_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"}


def read_folder(path: Path, tree: FileTree, options: Options) -> Source:
    """Each sub-folder is a group; a picture's path without its suffix is its id.

    Raises:
        SourceError: there is no picture in any sub-folder.
    """
    rows = []
    excluded = []
    for name in tree.names:
        file = PurePosixPath(name)
        if file.suffix.lower() not in _SUFFIXES or ".." in file.parts or file.is_absolute():
            continue
        if not _is_text(name):
            excluded.append(Excluded(name.encode(errors="replace").decode(), "", ("",), "file name is not text"))
            continue
        if len(file.parts) < 2:
            excluded.append(Excluded(name, file.stem, ("",), "not in a sub-folder"))
            continue
        group = "/".join(file.parts[:-1])
        labels = (_as_words(group),)
        rows.append(Row(str(file.with_suffix("")), _as_words(file.stem), labels, name, {"group": labels[0]}))
    if not rows:
        raise SourceError(
            f"{path} has no sub-folder with pictures. Put the pictures of each group in a sub-folder of its own."
        )
    unique, repeated = drop_repeated_ids(rows)
    n_rows = len(rows) + len(excluded)
    return Source(
        "folder", path, tree, ("group",), unique, (*excluded, *repeated), n_rows, SMALLEST, NO_LIMIT
    ).with_bounds(options)


def read_csv(path: Path, options: Options) -> Source:
    """A CSV beside or above its pictures: an image column with relative paths, and columns to group by.

    ``id`` and ``name`` columns are used where there are any; all other columns form the groups unless
    ``options.group_by`` chooses.

    Raises:
        SourceError: unreadable, a column is missing, or no picture exists.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}.") from error
    header, lines = read_table(data, str(path))
    image_column = _image_column(path, header, options)
    others = [name for name in header if name and name not in (image_column, "id", "name")]
    group_by = options.group_by or tuple(others)
    missing = [name for name in group_by if name not in header]
    if missing or not group_by:
        what = f"has no column {', '.join(missing)}" if missing else "has no column to group by"
        raise SourceError(f"{path} {what}; it has {', '.join(header)}.")
    columns = tuple(slug(name) or f"column_{place}" for place, name in enumerate(group_by))
    if len(set(columns)) < len(columns):
        raise SourceError(f"{path}: two of the columns {', '.join(group_by)} have the same name. Rename one of them.")
    tree = FolderTree(path.parent)
    rows = []
    excluded = []
    n_rows = 0
    for line in lines:
        n_rows += 1
        image = PurePosixPath(line[image_column].replace("\\", "/")).as_posix()
        item_id = line.get("id") or image
        labels = tuple(line[name] for name in group_by)
        name = line.get("name") or _as_words(PurePosixPath(image).stem)
        if image in tree:
            rows.append(Row(item_id, name, labels, image, {slug(column): line[column] for column in others}))
        else:
            leads_out = ".." in image.split("/") or image.startswith("/")
            reason = "image path leads out of the folder" if leads_out else "no image"
            excluded.append(Excluded(item_id, name, labels, reason))
    if not rows:
        raise SourceError(f"{path}: none of the {n_rows:,} pictures in column {image_column!r} is in {path.parent}.")
    unique, repeated = drop_repeated_ids(rows)
    return Source("csv", path, tree, columns, unique, (*excluded, *repeated), n_rows, SMALLEST, NO_LIMIT).with_bounds(
        options
    )


def _image_column(path: Path, header: list[str], options: Options) -> str:
    if options.image_column is not None:
        if options.image_column not in header:
            raise SourceError(f"{path} has no column {options.image_column!r}; it has {', '.join(header)}.")
        return options.image_column
    for name in header:
        if name.lower() in IMAGE_COLUMNS:
            return name
    raise SourceError(
        f"{path} has no column named {' or '.join(IMAGE_COLUMNS)}; it has {', '.join(header)}. "
        "Name the column of the pictures (--image-column)."
    )


def _is_text(name: str) -> bool:
    """False for a file name of bytes that are not UTF-8, which the system hands over as half characters."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _as_words(name: str) -> str:
    return name.replace("_", " ").strip()
