"""Two laws of every reader, of sources that hypothesis makes up.

Every line or file of a source is an item or is left out with a reason, and the counts add up; and no item carries a
label or a picture that its own row or folder does not give it.
"""

import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from fashion_search.catalog.source import Options, Source
from fashion_search.catalog.sources import open_source
from fashion_search.catalog.text import as_words, cleaned
from fashion_search.errors import SourceError
from tests.samples import HEADER, encoded, noise, write_folder, write_zip

QUICK = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PICTURES = 6  # there are so many, each of its own content
FIELD = st.sampled_from(["a", "a", "A", " a", "a\u00a0", "\u00e9", "e\u0301", "", ";", "a|b"])
WILD = st.sampled_from(["a", "b", "a,b", '"a', 'a"', '"a"', '"a,b"', 'a"b', '"', "a;b", ""])
T = TypeVar("T")
Write = Callable[[Path, dict[str, bytes]], Path]
WRITERS: dict[str, Write] = {
    "folder": lambda path, files: write_folder(path / "made", files),
    "zip": lambda path, files: write_zip(path / "made.zip", files),
}
KINDS = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS.keys())


@cache
def picture(number: int) -> bytes:
    return encoded(noise(number, (8, 8)))


def opened(write: Write, files: dict[str, bytes], check: Callable[[Source], None], boxes: bool = False) -> None:
    """Read the files as a source and check what came of it; a source that is refused says so in one sentence."""
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), files)
        source = not_refused(lambda: open_source(path, Options(smallest=2, largest=0, boxes=boxes)))
        if source is None:
            return
        event("a source")
        assert len(source.rows) + len(source.excluded) == source.n_rows
        assert len({row.id for row in source.rows}) == len(source.rows)
        check(source)
        made = not_refused(lambda: source.catalog("made", "Made"))
        if made is not None:
            event("a catalog")
            catalog, excluded = made
            assert len(catalog.items) + len(excluded) == source.n_rows
            assert all(row.reason for row in excluded)
            assert all(label for item in catalog.items for label in item.labels)
            own = {row.id: (row.labels, row.image) for row in source.rows}
            assert all(own[item.id] == (item.labels, item.image) for item in catalog.items)
        source.tree.close()


def not_refused(read: Callable[[], T]) -> T | None:
    """What is read; None where it is refused, in one sentence."""
    try:
        return read()
    except SourceError as error:
        refused = str(error)
    assert refused.endswith(".")
    assert "\n" not in refused
    return None


def rows_of(fields: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    """Rows of number of a picture, name and two labels, as they are written, some with fields too few or too many."""
    label = st.sampled_from(["a", "a", "a", ""])
    plain = st.tuples(st.integers(0, PICTURES).map(str), fields, label, label).map(list)
    row = st.tuples(st.integers(0, PICTURES).map(str), fields, fields, fields).map(list)
    odd = st.lists(fields, min_size=1, max_size=6).map(lambda fields: ["1", *fields])
    return st.lists(st.one_of(plain, plain, row, odd), min_size=3, max_size=10)


def written(header: list[str], rows: list[list[str]], end: str) -> bytes:
    """The rows just joined by commas, as a careless program writes them."""
    return end.join(",".join(row) for row in [header, *rows]).encode()


def lines_of(rows: list[list[str]]) -> list[str]:
    return [",".join(row) for row in rows]


ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@KINDS
@QUICK
@given(rows=rows_of(st.one_of(FIELD, WILD)), end=ENDS)
def test_a_table_of_ones_own(write: Write, rows: list[list[str]], end: str) -> None:
    header = ["image", "name", "type", "colour"]
    named = [[f"img/{row[0]}.png", *row[1:]] for row in rows]
    files = {f"img/{number}.png": picture(number) for number in range(PICTURES)}
    lines = lines_of(named)

    def check(source: Source) -> None:
        assert source.kind == "csv"
        assert source.n_rows <= len(lines)
        if not any('"' in line for line in lines):
            assert source.n_rows == len(lines)
        whole = Counter(line.split(",")[0] for line in lines if '"' not in line and line.count(",") == 3)
        told = Counter([row.id for row in source.rows] + [row.id for row in source.excluded])
        assert all(told[image] >= count for image, count in whole.items()), "a whole line was swallowed"
        for item in source.rows:
            number = PurePosixPath(item.image).stem
            own = [line for line in lines if line.startswith(f"img/{number}.png,")]
            assert any(fits(line, item.labels) for line in own)
            assert source.tree.read(item.image) == picture(int(number))

    opened(write, files | {"items.csv": written(header, named, end)}, check)


def fits(line: str, labels: tuple[str, ...]) -> bool:
    """Whether a line itself ends in these labels: field for field, or quoted as the standard has it."""
    plain = tuple(cleaned(field) for field in line.split(",")[-len(labels) :])
    unquoted = tuple(cleaned(field.strip('"').replace('""', '"')) for field in line.split(",")[-len(labels) :])
    quoted = any(label and label in cleaned(line.replace('""', '"')) for label in labels)
    return labels in (plain, unquoted) or ('"' in line and quoted)


@KINDS
@QUICK
@given(rows=rows_of(st.one_of(FIELD, WILD)), end=ENDS)
def test_kaggles_layout(write: Write, rows: list[list[str]], end: str) -> None:
    full = [
        [row[0], "Men", "Apparel", "Top", *(row[2:4] if len(row) > 3 else row[1:]), "Fall", "2012", "Casual", row[1]]
        for row in rows
    ]
    files = {f"images/{number}.jpg": picture(number) for number in range(PICTURES)}
    lines = lines_of(full)

    def check(source: Source) -> None:
        assert source.kind == "kaggle"
        if not any('"' in line for line in lines):
            assert source.n_rows == len(lines)
        for item in source.rows:
            own = [line.split(",") for line in lines if line.split(",")[0].strip() == item.id]
            assert any(
                item.labels == tuple(cleaned(field) for field in (line[4], line[5], line[8]))
                or any('"' in field for field in line)
                for line in own
                if len(line) >= len(HEADER)
            )
            assert source.tree.read(item.image) == picture(int(item.id))

    opened(write, files | {"styles.csv": written(list(HEADER), full, end)}, check)


NAME = st.sampled_from(["a", "A", "b", "a b", "a_b", "_1", "\u00e9", "e\u0301", "1"])
SUFFIX = st.sampled_from(["", ".png", ".jpg", ".jfif", ".txt", ".png.jpg"])
CONTENT = st.one_of(st.integers(0, PICTURES - 1), st.just(-1))  # -1: no picture
TOP = st.sampled_from([(), (), (), ("train",), ("Test",), ("val",)])
FILES = st.dictionaries(
    st.tuples(TOP, st.lists(NAME, max_size=2).map(tuple), NAME, SUFFIX).map(
        lambda parts: "/".join([*parts[0], *parts[1], parts[2] + parts[3]])
    ),
    CONTENT,
    min_size=1,
    max_size=12,
).filter(lambda files: not any(other.startswith(f"{name}/") for name in files for other in files))


@KINDS
@QUICK
@given(files=FILES)
def test_a_folder_of_groups(write: Write, files: dict[str, int]) -> None:
    contents = {name: picture(number) if number >= 0 else b"no picture" for name, number in files.items()}

    def check(source: Source) -> None:
        assert (source.kind, source.n_rows) == ("folder", len(files))
        for item in source.rows:
            assert files[item.image] >= 0
            assert item.id in (cleaned(item.image), cleaned(str(PurePosixPath(item.image).with_suffix(""))), item.image)
            folders = PurePosixPath(item.image).parts[:-1]
            own = {as_words("/".join(folders[first:])) for first in range(len(folders))}
            assert set(item.labels) <= own
        listed = {row.image for row in source.rows} | {row.id for row in source.excluded}
        assert len(listed) == len(files)

    opened(write, contents, check)


def test_a_name_that_stands_twice_in_an_archive_is_listed(tmp_path: Path) -> None:
    files = {f"a/{number}.png": picture(number) for number in range(2)}
    path = write_zip(tmp_path / "made.zip", files)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("a/0.png", picture(3))
    source = open_source(path)
    assert [(row.id, row.reason) for row in source.excluded] == [("a/0.png", "name stands twice in the archive")]
    assert (source.n_rows, len(source.catalog("made", "Made")[0].items)) == (3, 2)
