"""What the layouts of published data sets have in common: lists in text files, pictures below a root, boxes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from fashion_search.catalog.cropped import Box, CroppedTree, cropped_name
from fashion_search.catalog.model import Excluded, slug
from fashion_search.catalog.rows import OTHER_FIELDS, SUFFIXES, Line, decoded, refuse_huge
from fashion_search.catalog.source import (
    GALLERY,
    UNREADABLE,
    Options,
    Place,
    Row,
    Source,
    drop_repeated_ids,
)
from fashion_search.catalog.sources.table import NO_LIMIT, leads_out, why_absent
from fashion_search.catalog.text import cleaned
from fashion_search.catalog.tree import FileTree, skipped_note
from fashion_search.errors import ImageError, SourceError
from fashion_search.images import size_of

_LINE_END = re.compile(r"\r\n|\r|\n")
NO_BOX = "no box in the list of boxes"
BAD_BOX = "box is not four whole numbers"
EMPTY_BOX = "box is reversed or empty"
OUTER_BOX = "box reaches out of the picture"
TWO_BOXES = "two boxes in the list of boxes"
_BOX_COLUMNS = ("x_1", "y_1", "x_2", "y_2")


@dataclass(frozen=True)
class DataSet:
    """A published data set.

    ``page``: where it is to be had. ``archive``: what holds its pictures there. ``columns``: by which rows can be
    grouped, of which ``group_by`` is the default. ``called``: what its folder or archive has in its name.
    ``smallest`` and ``searched``: as of a ``Source``. ``folders``: where, below the root, the pictures lie whose names
    begin with ``prefix`` in its lists; the first that holds any. ``boxes``: the name of its list of boxes, and
    ``boxed_folders`` those of ``folders`` whose pictures they fit.
    """

    kind: str
    title: str
    page: str
    archive: str
    columns: tuple[str, ...]
    group_by: tuple[str, ...]
    called: tuple[str, ...]
    smallest: int = 1
    searched: str = GALLERY
    prefix: str = ""
    folders: tuple[str, ...] = ("",)
    boxes: str = ""
    boxed_folders: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A picture that a list names, as it is written there, with all that the list says of it by column."""

    image: str
    name: str
    values: Mapping[str, str]
    part: str
    product: str = ""


@dataclass(frozen=True)
class Listed:
    """What was read of the lists: pictures, lines that cannot be used, and what whoever builds it should know."""

    entries: list[Entry]
    excluded: list[Excluded] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class PublishedList:
    """The lines of a list that can be read, those that cannot, and the number of lines that its first one announces."""

    name: str
    lines: list[Line]
    damaged: list[Line]
    announced: int | None
    notes: list[str]

    @property
    def left_out(self) -> list[Excluded]:
        """Its damaged lines as rows that are left out."""
        return [Excluded(self.place_of(line), line.text, (), line.problem) for line in self.damaged]

    def place_of(self, line: Line) -> str:
        """How a line without a picture is listed."""
        return f"{self.name}, {line.id}"

    def remarks(self, *also: int) -> list[str]:
        """What to know of it; the count that it announces is that of its lines, or one of the numbers given."""
        there = len(self.lines) + len(self.damaged)
        if self.announced is None or self.announced in (there, *also):
            return self.notes
        return [
            *self.notes,
            f"{self.name} announces {self.announced:,} lines and has {there:,}, which were all read. If it was cut off "
            "or changed, figures are not those of the published list.",
        ]


def read_list(
    data_set: DataSet, tree: FileTree, name: str, columns: Sequence[str], encoding: str | None = None
) -> PublishedList:
    """A list of fields between white space below the names of its columns; the first line may say how many follow.

    Args:
        data_set: whose list it is.
        tree: that has the file.
        name: of the file.
        columns: that must be there; further ones may be.
        encoding: of the file, where it is known.

    Raises:
        SourceError: it cannot be read, is empty, or has other columns.
    """
    what = f"{tree.path}: {name}"
    refuse_huge(tree.size(name), what)
    text, notes = decoded(tree.read(name), what, encoding)
    numbered = [(place, line.split()) for place, line in enumerate(_LINE_END.split(text), start=1) if line.strip()]
    announced = None
    if numbered and len(numbered[0][1]) == 1 and numbered[0][1][0].isdecimal():
        announced = int(numbered.pop(0)[1][0][:18])
    if not numbered:
        raise SourceError(
            f"{what} is empty. Its columns should be {' '.join(columns)}. Get it again from {data_set.page}."
        )
    header = numbered.pop(0)[1]
    if set(columns) - set(header) or len(set(header)) < len(header):
        raise SourceError(
            f"{what} should name the columns {' '.join(columns)} above its lines; instead there is "
            f"{' '.join(header)[:80]!r}. Get the list again from {data_set.page}."
        )
    if not numbered:
        raise SourceError(f"{what} has no lines below the names of its columns. Get it again from {data_set.page}.")
    lines, damaged = [], []
    for place, fields in numbered:
        if len(fields) == len(header):
            lines.append(Line(place, dict(zip(header, fields, strict=True)), "", ""))
        else:
            damaged.append(Line(place, {}, OTHER_FIELDS, " ".join(fields)[:200]))
    return PublishedList(name, lines, damaged, announced, notes)


def columns_of(tree: FileTree, name: str) -> list[str]:
    """The columns of a list, by its beginning; none where it cannot be told."""
    try:
        text, _ = decoded(tree.head(name), name, is_whole=False)
    except SourceError:
        return []
    lines = [line.split() for line in _LINE_END.split(text) if line.strip()]
    if lines and len(lines[0]) == 1 and lines[0][0].isdecimal():
        del lines[0]
    return lines[0] if lines else []


def is_table(place: Place) -> bool:
    """Whether a path is that of a table or list itself, instead of a folder or archive."""
    return place.path.suffix.lower() in SUFFIXES and not place.path.is_dir()


def refuse_list(path: Path, data_set: DataSet) -> None:
    """See to it that the path is the folder of a data set, not one of its lists.

    Raises:
        SourceError: it is a list.
    """
    if is_table(Place(path)):
        folder = path.parent.parent if path.parent.name in ("Eval", "Anno", "Anno_coarse") else path.parent
        raise SourceError(f"{path} is a list of {data_set.title}. Give the folder that holds all of it: {folder}.")


def read_source(data_set: DataSet, place: Place, root: str, listed: Listed, options: Options, named_in: str) -> Source:
    """The source that lists and pictures make.

    Args:
        data_set: whose lists they are.
        place: the folder or archive.
        root: the folder in it below which all lies; empty, or ending in a slash.
        listed: what the lists say.
        options: columns, bounds, boxes.
        named_in: the list that names the pictures, for messages.

    Raises:
        SourceError: no picture is there, a column is unknown, or boxes are asked for and cannot be had.
    """
    tree = place.tree
    columns = chosen_columns(data_set, place.path, options)
    folder = _folder(data_set, tree, root, listed.entries)
    boxes = _boxes(data_set, place.path, tree, root, folder, options) if options.boxes else None
    rows: list[Row] = []
    excluded = [replace(row, labels=("",) * len(columns)) for row in listed.excluded]
    files = set(tree.names)
    for entry in listed.entries:
        labels = tuple(entry.values[column] for column in columns)
        file = root + folder + entry.image.removeprefix(data_set.prefix)
        found = file if file in files else None if leads_out(entry.image) else tree.find(file)
        item_id = cleaned(entry.image)
        if found is None:
            reason = why_absent(entry.image, entry.image, file, tree)
            excluded.append(Excluded(item_id, entry.name, labels, reason))
        else:
            rows.append(Row(item_id, entry.name, labels, found, entry.values, entry.product, entry.part))
    if not rows:
        raise SourceError(_no_picture(data_set, tree, root, listed, named_in))
    unique, repeated = drop_repeated_ids(rows)
    n_rows = len(rows) + len(excluded)
    excluded += repeated
    if boxes is not None:
        tree = CroppedTree(tree)
        unique, without = _cropped(unique, boxes, tree)
        excluded += without
    notes = [*listed.notes, *(skipped_note(tree) if len(rows) < len(listed.entries) else [])]
    if folder not in (data_set.folders[0], *data_set.boxed_folders):
        notes.append(
            f"The pictures are those of {folder.rstrip('/')}; the benchmark's own are those of {data_set.archive}."
        )
    source = Source(
        data_set.kind,
        place.path,
        tree,
        columns,
        unique,
        tuple(excluded),
        n_rows,
        data_set.smallest,
        NO_LIMIT,
        tuple(notes),
        data_set.searched,
    )
    return source.with_bounds(options)


def chosen_columns(data_set: DataSet, path: Path, options: Options) -> tuple[str, ...]:
    """The columns that style groups are formed by: those of the options, else the data set's.

    Raises:
        SourceError: it has no such column.
    """
    chosen = tuple(slug(column) for column in options.group_by or data_set.group_by)
    if unknown := [column for column in chosen if column not in data_set.columns]:
        raise SourceError(f"{path} has no column {', '.join(unknown)}; it has {', '.join(data_set.columns)}.")
    return chosen


def _folder(data_set: DataSet, tree: FileTree, root: str, entries: Iterable[Entry]) -> str:
    """The first of the folders, below the root, that holds a listed picture; the first of all where none does."""
    files = set(tree.names)
    inner = [entry.image.removeprefix(data_set.prefix) for entry in entries]
    for folder in data_set.folders:
        if any(root + folder + name in files for name in inner):
            return folder
    return data_set.folders[0]


def _no_picture(data_set: DataSet, tree: FileTree, root: str, listed: Listed, named_in: str) -> str:
    if not listed.entries:
        reasons = dict.fromkeys(row.reason for row in listed.excluded)
        return f"{tree.path}: no line of {named_in} can be used: {'; '.join(list(reasons)[:3])}."
    packed = tree.named(data_set.archive)
    what_to_do = (
        f"They are packed in {packed[0]}: unpack it there."
        if packed
        else f"Get them ({data_set.archive}) from {data_set.page} and unpack them there."
    )
    links = "".join(f" {note}" for note in skipped_note(tree))
    where = root + data_set.folders[0] + listed.entries[0].image.removeprefix(data_set.prefix)
    return (
        f"{tree.path}: none of the {len(listed.entries):,} pictures that {named_in} names is there, such as {where}. "
        f"{what_to_do}{links}"
    )


def _boxes(
    data_set: DataSet, path: Path, tree: FileTree, root: str, folder: str, options: Options
) -> Mapping[str, Box | str]:
    """Picture, as it is listed → its box, or why it has none."""
    found = [name for name in tree.named(data_set.boxes) if name.startswith(root)]
    if not found:
        raise SourceError(
            f"{path} has no {data_set.boxes}, and boxes were asked for. Get it from {data_set.page}, or build "
            "without boxes."
        )
    if folder not in data_set.boxed_folders:
        raise SourceError(
            f"{path}: the boxes of {found[0]} are those of the pictures in {data_set.archive}, not of those in "
            f"{folder.rstrip('/')}. Get {data_set.archive} from {data_set.page}, or build without boxes."
        )
    boxes: dict[str, Box | str] = {}
    for line in read_list(data_set, tree, found[0], ("image_name", *_BOX_COLUMNS), options.encoding).lines:
        image = cleaned(as_path(line.values["image_name"]))
        box = _box([line.values[column] for column in _BOX_COLUMNS])
        boxes[image] = box if boxes.get(image, box) == box else TWO_BOXES
    return boxes


def _box(fields: Sequence[str]) -> Box | str:
    try:
        left, top, right, bottom = map(int, fields)
    except ValueError:
        return BAD_BOX
    return (left, top, right, bottom) if left < right and top < bottom else EMPTY_BOX


def _cropped(
    rows: Iterable[Row], boxes: Mapping[str, Box | str], tree: FileTree
) -> tuple[tuple[Row, ...], list[Excluded]]:
    """The rows whose box lies in their picture, cropped to it, and the others."""
    kept, excluded = [], []
    for row in rows:
        box = boxes.get(row.id, NO_BOX)
        reason = box if isinstance(box, str) else _why_outside(box, row.image, tree)
        if isinstance(box, str) or reason:
            excluded.append(Excluded(row.id, row.name, row.labels, reason))
        else:
            kept.append(replace(row, image=cropped_name(row.image, box)))
    return tuple(kept), excluded


def _why_outside(box: Box, image: str, tree: FileTree) -> str:
    try:
        width, height = size_of(tree.read_image(image))
    except (ImageError, SourceError):
        return UNREADABLE
    left, top, right, bottom = box
    return OUTER_BOX if left < 0 or top < 0 or right > width or bottom > height else ""


def as_path(written: str) -> str:
    """A path as a list writes it, on whatever system."""
    return written.replace("\\", "/").removeprefix("./")
