"""A folder or archive with one sub-folder per group; or with pictures alone, which then have no labels."""

from collections import Counter
from dataclasses import replace
from pathlib import PurePosixPath

from fashion_search.catalog.model import Excluded
from fashion_search.catalog.source import Options, Place, Reader, Row, Source
from fashion_search.catalog.sources.table import NO_LIMIT, SMALLEST, tables
from fashion_search.catalog.text import as_words, cleaned, is_text, printable
from fashion_search.catalog.tree import FileTree, ZipTree
from fashion_search.errors import SourceError
from fashion_search.images import why_no_picture

SPLITS = {"train", "val", "valid", "validation", "test"}


def _read(place: Place, options: Options) -> Source:
    """Each sub-folder is a group, and the path of a picture its id, without its suffix where that is enough.

    What is a picture is told by its content. Folders named as the splits of a data set are no part of a group's name.

    Raises:
        SourceError: there is no picture.
    """
    path, tree = place.path, place.tree
    pictures, excluded = pictures_of(tree)
    wrapper = _wrapper(pictures)
    splits = _splits(pictures, wrapper)
    groups = {name: _group(name, wrapper if splits or isinstance(tree, ZipTree) else 0, splits) for name in pictures}
    columns = ("group",) if any(groups.values()) else ()
    rows = []
    for name, item_id in zip(pictures, _ids(pictures), strict=True):
        stem, group = as_words(PurePosixPath(name).stem), groups[name]
        if columns and not group:
            excluded.append(Excluded(cleaned(name), stem, ("",), "not in a sub-folder"))
        else:
            rows.append(Row(item_id, stem, (group,) if columns else (), name, {"group": group} if columns else {}))
    excluded = [replace(row, labels=("",) * len(columns)) for row in excluded]
    if not rows:
        raise SourceError(_no_picture(place, excluded))
    if options.group_by and set(options.group_by) - set(columns):
        there = f"has only the column {columns[0]}: the sub-folders" if columns else "has no sub-folders to group by"
        raise SourceError(f"{path} {there}. Choose other columns in a table (CSV) instead.")
    n_rows = len(rows) + len(excluded)
    return Source(
        "folder",
        path,
        tree,
        columns,
        tuple(rows),
        tuple(excluded),
        n_rows,
        SMALLEST,
        NO_LIMIT,
        tuple(_notes(tree, splits)),
    ).with_bounds(options)


def pictures_of(tree: FileTree) -> tuple[list[str], list[Excluded]]:
    """The files that are pictures, and everything else."""
    pictures = []
    excluded = [Excluded(printable(name), "", ("",), reason) for name, reason in tree.skipped]
    for name in tree.names:
        reason = _why_left_out(tree, name)
        if reason:
            excluded.append(Excluded(printable(name), "", ("",), reason))
        else:
            pictures.append(name)
    return pictures, excluded


def _why_left_out(tree: FileTree, name: str) -> str:
    if not is_text(name):
        return "file name is not text"
    try:
        return why_no_picture(tree.head(name))
    except SourceError:
        return "file cannot be read"


def _wrapper(names: list[str]) -> int:
    """How many folders at the top hold everything: 1 where all that has groups lies in one folder, else 0."""
    tops = {name.split("/")[0] for name in names}
    return int(len(tops) == 1 and all(name.count("/") > 1 for name in names) and not tops <= SPLITS)


def _splits(names: list[str], wrapper: int) -> list[str]:
    """The folders of splits, where all pictures lie in such."""
    tops = {name.split("/")[wrapper] for name in names if name.count("/") > wrapper}
    is_all = all(name.count("/") > wrapper for name in names)
    return sorted(tops) if tops and is_all and {top.casefold() for top in tops} <= SPLITS else []


def _group(name: str, wrapper: int, splits: list[str]) -> str:
    parts = PurePosixPath(name).parts[wrapper + bool(splits) : -1]
    return as_words("/".join(parts))


def _ids(names: list[str]) -> list[str]:
    """An id for each file: its path without the suffix, with it where several share that, as it is where need be."""
    forms = [
        (cleaned(str(PurePosixPath(name).with_suffix(""))), cleaned(name), name) for name in names
    ]  # by increasing length
    chosen = [0] * len(names)
    while True:
        ids = [form[place] for form, place in zip(forms, chosen, strict=True)]
        counts = Counter(ids)
        if len(counts) == len(ids):
            return ids
        chosen = [min(place + (counts[item_id] > 1), 2) for item_id, place in zip(ids, chosen, strict=True)]


def _notes(tree: FileTree, splits: list[str]) -> list[str]:
    notes = []
    if len(splits) > 1:
        notes.append(
            f"The splits {', '.join(splits)} were merged: a group is what has the same name in any of them. To use one "
            "alone, give its folder."
        )
    notes += [
        f"{name} lies beside the pictures and was not read. If it says what they are, give its path instead."
        for name in tables(tree)
    ]
    return notes


def _no_picture(place: Place, excluded: list[Excluded]) -> str:
    if not excluded:
        return f"{place.path} is empty. Put the pictures of each group in a sub-folder of its own."
    reasons = Counter(row.reason for row in excluded).most_common(3)
    why = "; ".join(f"{count:,} × {reason}" for reason, count in reasons)
    advice = " Copy the pictures into it, or give the folder that they lie in." if "link" in why else ""
    return f"{place.path} has no sub-folder with pictures, and none at its top. What it has: {why}.{advice}"


FOLDER = Reader("folder", lambda place: True, _read)
