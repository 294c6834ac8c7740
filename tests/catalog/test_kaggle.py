import os
import zipfile
from pathlib import Path

import pytest

from fashion_search.catalog.source import Options, Source
from fashion_search.catalog.sources import open_source
from fashion_search.catalog.sources.kaggle import GROUP_BY
from fashion_search.errors import ImageError, SourceError
from fashion_search.image_limits import most_bytes
from tests.builds import build
from tests.samples import GROUPS, HEADER, encoded, lines, noise, shop_files, table, write_folder, write_zip


def reasons(source: Source) -> dict[str, str]:
    return {row.id: row.reason for row in source.excluded}


def ids(source: Source) -> list[str]:
    return [row.id for row in source.rows]


@pytest.mark.parametrize("root", ["", "myntradataset/", "fashion-dataset/", "fashion-dataset/fashion-dataset/"])
@pytest.mark.parametrize("as_zip", [True, False])
def test_folder_and_archive_below_any_root(tmp_path: Path, root: str, as_zip: bool) -> None:
    files = shop_files(lines(), root)
    source = open_source(write_zip(tmp_path / "a.zip", files) if as_zip else write_folder(tmp_path / "a", files))
    catalog, excluded = source.catalog("shop", "Shop")
    assert (source.n_rows, len(catalog.items), len(catalog.groups), excluded) == (15, 15, 3, [])
    assert catalog.columns == GROUP_BY
    assert catalog.items[0].name == "Shirts no. 1"
    assert source.tree.read_image(catalog.items[2].image) == encoded(noise(3), "JPEG")


@pytest.mark.parametrize("as_zip", [True, False])
def test_two_copies_below_two_roots_count_once(tmp_path: Path, as_zip: bool) -> None:
    rows = [*lines(), ["99", *lines()[0][1:]]]  # 99 has no picture
    files = shop_files(rows) | shop_files(rows, "myntradataset/")
    files = {name: data for name, data in files.items() if not name.endswith("/99.jpg")}
    source = open_source(write_zip(tmp_path / "a.zip", files) if as_zip else write_folder(tmp_path / "a", files))
    assert (source.n_rows, len(source.rows), reasons(source)) == (16, 15, {"99": "no image"})
    assert {Path(row.image).parent.as_posix() for row in source.rows} == {"images"}


def test_the_same_catalog_from_folder_and_archive(tmp_path: Path) -> None:
    files = shop_files(lines())
    folder, archive = write_folder(tmp_path / "a", files), write_zip(tmp_path / "a.zip", files)
    fingerprints = {open_source(path).catalog("a", "A")[0].fingerprint for path in (folder, archive)}
    assert len(fingerprints) == 1


def test_the_table_itself_may_be_named(shop: Path) -> None:
    assert len(open_source(shop / "styles.csv").rows) == 15


def test_unquoted_commas_are_repaired_and_quoted_fields_kept(shop: Path) -> None:
    text = (shop / "styles.csv").read_text()
    text = text.replace("Shirts no. 1\n", "Shirt, blue, with ,commas\n")
    text = text.replace("Shirts no. 2\n", '"Quoted, with ""quotes"" and\na second line"\n')
    (shop / "styles.csv").write_text(text, newline="")
    names = [row.name for row in open_source(shop).rows]
    assert names[:3] == ["Shirt, blue, with ,commas", 'Quoted, with "quotes" and\na second line', "Shirts no. 3"]


def test_na_is_a_value_and_short_rows_are_filled(shop: Path) -> None:
    with (shop / "styles.csv").open("a") as file:
        file.write("7777,Men\n")
    source = open_source(shop)
    assert source.rows[-1].labels == ("Caps", "Navy Blue", "NA")
    assert reasons(source) == {"7777": "no image"}


def test_other_encodings(shop: Path) -> None:
    rows = lines()
    rows[0][-1] = "Café"
    for encoding in ("utf-8", "utf-8-sig", "cp1252"):
        (shop / "styles.csv").write_bytes(table(rows).decode().encode(encoding))
        assert open_source(shop).rows[0].name == "Café"


def test_each_row_left_out_has_its_reason(tmp_path: Path) -> None:
    groups = {("Few", "a", "b"): 3, ("Right", "a", "b"): 4, ("Most", "a", "b"): 20, ("Many", "a", "b"): 21}
    rows = [*lines(groups), lines()[0], ["", *lines()[0][1:]]]
    source = open_source(write_folder(tmp_path / "a", shop_files(rows[:-1]) | {"styles.csv": table(rows)}))
    catalog, excluded = source.catalog("a", "A")
    assert {group.title: len(group.rows) for group in catalog.groups} == {"Right · a · b": 4, "Most · a · b": 20}
    counts: dict[str, int] = {}
    for row in excluded:
        counts[row.reason] = counts.get(row.reason, 0) + 1
    assert counts == {
        "id appears before": 1,
        "row has no id": 1,
        "style group has fewer than 4 images": 3,
        "style group has more than 20 images": 21,
    }
    assert len(catalog.items) + len(excluded) == source.n_rows == 50


def test_bounds_and_grouping_are_parameters(shop: Path) -> None:
    by_type = Options(group_by=("articleType",), smallest=2, largest=8)
    catalog, excluded = open_source(shop, by_type).catalog("a", "A")
    assert (catalog.columns, [group.id for group in catalog.groups]) == (("article_type",), ["caps"])
    assert len(excluded) == 9  # shirts
    assert len(open_source(shop, Options(group_by=("usage",), largest=0)).catalog("a", "A")[0].groups) == 3


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"smallest": 1}, "at least 2 images"),
        ({"smallest": 5, "largest": 4}, "at least 5 and at most 4"),
        ({"largest": -1}, "negative"),
        ({"group_by": ("price",)}, "no grouping column 'price'"),
        ({"smallest": 7}, "none of the 3 style groups .* at least 7"),
    ],
)
def test_impossible_options(shop: Path, options: dict[str, object], reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        open_source(shop, Options(**options)).catalog("a", "A")


def test_missing_columns_are_named(shop: Path) -> None:
    header = [{"usage": "use", "id": "number"}.get(name, name) for name in HEADER]
    (shop / "styles.csv").write_bytes(table(lines(), header))
    with pytest.raises(SourceError, match=r"styles.csv has no column id, usage; it has number, gender"):
        open_source(shop)


def without_pictures(path: Path) -> Path:
    return write_zip(path / "a.zip", {"styles.csv": table(lines())})


def not_a_zip(path: Path) -> Path:
    return write_folder(path, {"a.zip": b"this is no archive"}) / "a.zip"


def truncated_zip(path: Path) -> Path:
    archive = write_zip(path / "a.zip", shop_files(lines()))
    archive.write_bytes(archive.read_bytes()[:-200])
    return archive


def name_that_is_no_text(path: Path) -> Path:
    archive = write_zip(path / "a.zip", {"styles.csv": b"", "é": b""})
    archive.write_bytes(archive.read_bytes().replace("é".encode(), b"\xff\xff"))
    return archive


SOURCES_REFUSED = {
    "nothing there": (lambda path: path / "nowhere.zip", "There is no file or folder"),
    "a name longer than any": (lambda path: path / ("x" * 5000), "cannot be read"),
    "no table": (
        lambda path: write_zip(path / "a.zip", {"images/1.jpg": b""}),
        "1 × file is empty",
    ),
    "empty archive": (lambda path: write_zip(path / "a.zip", {}), "is empty"),
    "empty table": (lambda path: write_zip(path / "a.zip", {"styles.csv": b""}), "is empty"),
    "no pictures": (without_pictures, "15 rows, but no picture"),
    "not a zip": (not_a_zip, "is not a ZIP archive"),
    "truncated": (truncated_zip, "its download is incomplete"),
    "a name that is no text": (name_that_is_no_text, "is not a ZIP archive"),
    "empty folder": (lambda path: path, "is empty. Put the pictures of each group in a sub-folder"),
}


@pytest.mark.parametrize(("make", "reason"), SOURCES_REFUSED.values(), ids=SOURCES_REFUSED.keys())
def test_refuses_what_is_no_source(tmp_path: Path, make: object, reason: str) -> None:
    with pytest.raises(SourceError, match=reason) as caught:
        open_source(make(tmp_path))
    assert "\n" not in str(caught.value)


def test_a_table_larger_than_any_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_SEARCH_TABLE_MB", "5")
    archive = write_zip(tmp_path / "a.zip", shop_files(lines()) | {"styles.csv": bytes(5 * 2**20 + 1)})
    with pytest.raises(SourceError, match=r"styles\.csv is larger than 5 MB"):
        open_source(archive)


def test_names_that_climb_out_of_an_archive_are_not_read(tmp_path: Path) -> None:
    rows = lines()
    climbing = {f"../images/{row[0]}.jpg": b"evil" for row in rows[:2]} | {"../../styles.csv": table(rows)}
    (tmp_path / "inner").mkdir()
    archive = write_zip(tmp_path / "inner/a.zip", shop_files(rows[2:]) | {"styles.csv": table(rows)} | climbing)
    source = open_source(archive)
    assert reasons(source) == {"1": "no image", "2": "no image"}
    build(archive, name="climb", methods=["histogram"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "inner"]


def test_links_that_lead_out_of_a_folder_are_not_followed(shop: Path, tmp_path: Path) -> None:
    outside = tmp_path / "secret.jpg"
    outside.write_bytes(encoded(noise(1), "JPEG"))
    (shop / "images/1.jpg").unlink()
    (shop / "images/1.jpg").symlink_to(outside)
    (shop / "images/2.jpg").unlink()
    (shop / "images/2.jpg").symlink_to("2.jpg")  # in a circle
    (shop / "images/3.jpg").unlink()
    (shop / "images/3.jpg").symlink_to("gone.jpg")
    (shop / "images/4.jpg").rename(shop / "inside.jpg")
    (shop / "images/4.jpg").symlink_to("../inside.jpg")
    source = open_source(shop)
    assert reasons(source) == dict.fromkeys("123", "no image")
    assert source.tree.read("images/4.jpg")
    for name in ("../secret.jpg", str(outside), "images/1.jpg"):
        assert name not in source.tree
        with pytest.raises(SourceError):
            source.tree.read(name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_is_not_waited_for(shop: Path) -> None:
    (shop / "images/1.jpg").unlink()
    os.mkfifo(shop / "images/1.jpg")
    assert reasons(open_source(shop)) == {"1": "no image"}


def test_an_encrypted_member_is_refused_with_its_name(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", shop_files(lines()))
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("images/1.jpg")
    directory = data.rindex(b"images/1.jpg")
    data[directory - 46 + 8] |= 1  # the flag in the archive's directory
    data[entry.header_offset + 6] |= 1  # and before the member
    path.write_bytes(data)
    with pytest.raises(SourceError, match=r"images/1.jpg in .*a.zip: encrypted: pack it without a password"):
        open_source(path).tree.read("images/1.jpg")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_is_refused_with_its_name(tmp_path: Path, method: int) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("styles.csv", table(lines()))
        archive.writestr("images/1.jpg", bytes(range(256)) * 20)
        offset = archive.getinfo("images/1.jpg").header_offset
    data = bytearray(path.read_bytes())
    for place in range(offset + 50, offset + 90):
        data[place] ^= 0x55
    path.write_bytes(data)
    with pytest.raises(SourceError, match=r"images/1.jpg in .* is damaged"):
        open_source(path).tree.read("images/1.jpg")


def test_files_larger_than_any_picture_are_not_read(shop: Path) -> None:
    with (shop / "images/1.jpg").open("wb") as file:
        file.truncate(most_bytes() + 1)
    with pytest.raises(ImageError, match="larger than 100 MB"):
        open_source(shop).tree.read_image("images/1.jpg")


def test_group_ids_and_titles(shop: Path) -> None:
    groups = open_source(shop).catalog("a", "A")[0].groups
    assert [group.id for group in groups] == ["caps_navy_blue_na", "shirts_blue_casual", "shirts_red_formal"]
    assert [group.title for group in groups] == [
        "Caps · Navy Blue · NA",
        "Shirts · Blue · Casual",
        "Shirts · Red · Formal",
    ]
    assert [len(group.rows) for group in groups] == [GROUPS[group.labels] for group in groups]
