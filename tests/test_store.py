import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from fashion_search import files
from fashion_search import store as store_module
from fashion_search.catalog.demo import DEMO
from fashion_search.catalog.source import Options
from fashion_search.catalog.text import cleaned
from fashion_search.cli import main
from fashion_search.encoders import ENCODERS
from fashion_search.encoders.fusion import combined
from fashion_search.errors import SourceError, StoreError, UnknownNameError
from fashion_search.images import open_image
from fashion_search.manifest import MANIFEST, Manifest, write_manifest
from fashion_search.store import Store, catalog_names, open_store
from fashion_search.store_files import open_array
from tests.builds import build
from tests.conftest import FakeMethod
from tests.samples import as_earlier_version, encoded, lines, noise, shop_files, table, write_folder, write_zip


def test_round_trip(built: Store, shop: Path) -> None:
    store = open_store("shop")
    assert store.folder == built.folder
    assert [item.id for item in store.catalog.items] == [str(number) for number in range(1, 16)]
    assert (store.manifest.n_rows, store.manifest.n_items, store.manifest.n_groups) == (15, 15, 3)
    library = store.library("histogram")
    assert (library.vectors.shape, library.vectors.dtype, library.method) == ((15, 512), np.float32, "histogram")
    assert not library.vectors.flags.writeable
    assert isinstance(library.vectors, np.memmap)
    for row in (0, 14):
        thumbnail = np.asarray(open_image(store.thumbnail(row)), dtype=float)
        original = np.asarray(open_image(store.original(row, store.tree())), dtype=float)
        assert np.abs(thumbnail - original).mean() < 12
        assert store.original(row, store.tree()) == (shop / f"images/{row + 1}.jpg").read_bytes()


ODD_TEXTS = [
    "a,b",
    '"quoted"',
    "two\nlines",
    "two\r\nlines",
    "a\rreturn",
    "Größe 👗",
    "<b>bold</b>",
    "",
    "=1+1",
    "\u2028",
]


def test_any_text_survives(tmp_path: Path) -> None:
    rows = lines({("Shirts", "Blue", "Casual"): 40})
    for place, text in enumerate(ODD_TEXTS):
        for row in rows[4 * place : 4 * place + 4]:
            row[4] = f"x{text}x"
            row[-1] = f"y{text}y"
    missing = ["999", *rows[0][1:-1], "z\r\nz"]
    files_of_shop = shop_files(rows) | {"styles.csv": table([*rows, missing])}
    store = Store(build(write_zip(tmp_path / "odd.zip", files_of_shop), methods=["histogram"]).folder)
    assert {item.name for item in store.catalog.items} == {f"y{text}y" for text in ODD_TEXTS}
    assert set(store.catalog.values("article_type")) == {cleaned(f"x{text}x") for text in ODD_TEXTS}
    assert [(row.name, row.reason) for row in store.excluded] == [("z\r\nz", "no image")]


def test_products_are_kept(tmp_path: Path) -> None:
    names = [f"{product}-{view}.png" for product in ("A1", "B2") for view in range(2)]
    shown = {name: encoded(noise(seed), "PNG") for seed, name in enumerate(names)}
    rows = [[name[:2], name, "coat"] for name in names]
    path = write_folder(tmp_path / "p", {**shown, "items.csv": table(rows, ["id", "image", "kind"])}) / "items.csv"
    store = Store(build(path, methods=["histogram"]).folder)
    assert [(item.id, item.product, item.labels) for item in store.catalog.items] == [
        (name, name[:2], ("coat",)) for name in names
    ]


def fresh(store: Store) -> Store:
    """The same folder as another process sees it."""
    files._verified.clear()
    return Store(store.folder)


def read_everything(store: Store) -> None:
    assert store.catalog.items
    assert store.excluded is not None
    store.library("histogram")
    store.thumbnail(0)


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


DAMAGE = {"a flipped bit": flip_a_bit, "truncated": lambda path: path.write_bytes(b"x"), "gone": Path.unlink}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
@pytest.mark.parametrize("stem", ["items", "excluded", "histogram", "thumbnails", "thumbnail-ends", "manifest"])
def test_damage_is_refused_with_its_reason_and_a_build_mends_it(
    built: Store, shop: Path, stem: str, damage: object
) -> None:
    content = {path.name for path in built.folder.glob("*.[nc]*")}
    [path] = [path for path in built.folder.iterdir() if path.stem.rsplit("-", 1)[0] == stem or path.stem == stem]
    damage(path)
    reason = rf"{stem}.* (is damaged|cannot be read \(No such file).* Build the catalog again\."
    with pytest.raises(StoreError, match=reason):
        read_everything(fresh(built))
    files._verified.clear()
    build(shop, methods=["histogram"])
    read_everything(fresh(built))
    assert {path.name for path in built.folder.glob("*.[nc]*")} == content


def edit_manifest(store: Store, **changes: object) -> None:
    path = store.folder / MANIFEST
    outer = json.loads(path.read_text())
    path.write_text(json.dumps(outer | changes))


def test_a_manifest_that_was_edited_or_is_of_another_format_is_refused(built: Store) -> None:
    edit_manifest(built, content={})
    with pytest.raises(StoreError, match=r"manifest\.json is damaged: its checksum does not match"):
        fresh(built)
    edit_manifest(built, format=3)
    with pytest.raises(StoreError, match="has format 3; this version reads 1 and 2"):
        fresh(built)
    for content in ("[]", "{}", "null", "{", "\xff"):
        (built.folder / MANIFEST).write_text(content, "latin-1")
        with pytest.raises(StoreError, match="is damaged"):
            fresh(built)


def test_vectors_of_another_catalog_are_refused(built: Store, tmp_path: Path) -> None:
    rows = lines({("Shirts", "Blue", "Casual"): 7})
    other = build(write_folder(tmp_path / "other", shop_files(rows)), methods=["histogram"]).folder
    mine, theirs = (json.loads((folder / MANIFEST).read_text())["content"] for folder in (built.folder, other))
    shutil.copy(other / theirs["libraries"]["histogram"]["vectors"]["file"], built.folder)
    mine["libraries"] = theirs["libraries"]
    write_manifest(built.folder, msgspec.convert(mine, Manifest))
    with pytest.raises(StoreError, match="the library of histogram has 7 vectors of float32, the catalog 15 items"):
        fresh(built).library("histogram")


def test_pickled_arrays_are_refused(built: Store) -> None:
    np.save(built.folder / "evil.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(StoreError, match="is not a plain array"):
        open_array(built.folder / "evil.npy")


def test_unknown_names(built: Store) -> None:
    for name in ("nosuch", "../home/shop", "", "."):
        with pytest.raises(UnknownNameError, match=r"There is no catalog .* The catalogs are: demo, shop"):
            open_store(name)
    with pytest.raises(
        UnknownNameError, match=r"has no library of 'resnet18'\. Build it: python -m fashion_search build"
    ):
        built.library("resnet18")


def test_names_of_what_is_built(built: Store, home: Path) -> None:
    (home / "unfinished").mkdir()
    assert catalog_names() == [DEMO, "shop"]


def test_an_original_that_changed_or_is_gone_is_refused(built: Store, shop: Path) -> None:
    (shop / "images/1.jpg").write_bytes(encoded(noise(77), "JPEG"))
    (shop / "images/2.jpg").unlink()
    for row in (0, 1):
        with pytest.raises(SourceError, match=f"original of item {row + 1} is no longer in .*, or has changed"):
            built.original(row, built.tree())
    shutil.rmtree(shop)
    with pytest.raises(SourceError, match="There is no file or folder"):
        built.tree()


def test_originals_of_a_csv_and_of_an_archive(tmp_path: Path) -> None:
    pictures = {f"p/{number}.png": encoded(noise(number)) for number in range(3)}
    folder = write_folder(
        tmp_path / "own", pictures | {"items.csv": table([[n, "x"] for n in pictures], ["image", "kind"])}
    )
    archive = write_zip(tmp_path / "shop.zip", shop_files(lines()))
    for source, expected in ((folder / "items.csv", pictures["p/0.png"]), (archive, encoded(noise(1), "JPEG"))):
        store = Store(build(source, methods=["histogram"]).folder)
        assert store.original(0, store.tree()) == expected


def test_a_catalog_of_an_earlier_version_is_opened(built: Store) -> None:
    vectors = np.array(built.library("histogram").vectors)
    originals = [built.original(row, built.tree()) for row in range(15)]
    old = as_earlier_version(built)
    np.testing.assert_array_equal(open_store("shop").library("histogram").vectors, vectors)
    assert [old.original(row, old.tree()) for row in range(15)] == originals
    assert [item.checksum for item in old.catalog.items] == [item.checksum for item in built.catalog.items]
    assert old.digests(built.catalog) == [item.digest for item in built.catalog.items]
    assert "was built by an earlier version" in old.manifest.advice
    assert built.manifest.advice == ""


def test_a_catalog_of_an_earlier_version_does_not_tell_pictures_of_equal_checksum_apart(
    built: Store, shop: Path
) -> None:
    (shop / "images/2.jpg").write_bytes((shop / "images/1.jpg").read_bytes())
    (shop / "images/5.jpg").write_bytes(encoded(noise(55), "JPEG"))
    now = Store(build(shop, methods=["histogram"]).folder)
    old = as_earlier_version(now)
    (shop / "images/6.jpg").write_bytes(encoded(noise(66), "JPEG"))
    later = Store(build(shop, methods=["histogram"]).folder).catalog
    known = [item.digest for item in now.catalog.items]
    assert old.digests(later) == [None, None, *known[2:5], None, *known[6:]]


def test_the_state_changes_with_whatever_is_shown(built: Store, shop: Path, fake: FakeMethod) -> None:
    states = [built.state]
    assert fresh(built).state == states[0]
    rows = lines()
    rows[0][-1] = "Another name"
    (shop / "styles.csv").write_bytes(table(rows))
    build(shop, methods=["histogram"])
    states.append(fresh(built).state)
    build(shop, methods=["fake"])
    states.append(fresh(built).state)
    fake.version = "2"
    build(shop, methods=["fake"])
    states.append(fresh(built).state)
    assert len(set(states)) == 4


def test_a_combination_is_there_as_soon_as_all_its_parts_are(built: Store, shop: Path, fused: str) -> None:
    assert list(built.methods) == ["histogram"]
    with pytest.raises(UnknownNameError, match=r"has no library of 'fused'\. Build it: .* --method fused"):
        built.library(fused)
    build(shop, methods=["fake"])
    store = fresh(built)
    assert list(store.methods) == ["histogram", "fake", fused]
    library = store.library(fused)
    assert library is store.library(fused)
    assert library.method == fused
    assert library.fingerprint == store.methods[fused]
    assert not library.vectors.flags.writeable


def test_the_library_of_a_combination_is_what_its_encoder_makes_of_the_pictures(
    built: Store, shop: Path, fused: str
) -> None:
    build(shop, methods=["fake"])
    store = fresh(built)
    encoder = ENCODERS[fused].load()
    pictures = [open_image(store.original(row, store.tree())) for row in range(15)]
    library = store.library(fused)
    np.testing.assert_allclose((library.vectors * encoder.encode(pictures)).sum(axis=1), 1, atol=1e-6)
    vector = library.encode(encoder, pictures[3])
    hits = library.search_vectors(vector, np.array([-1]), 1, np.ones(15, dtype=bool))
    assert (hits.rows[0, 0], hits.scores[0, 0]) == (3, pytest.approx(1, abs=2e-6))


def test_a_combination_and_the_state_change_with_a_part_and_with_the_recipe(
    built: Store, shop: Path, fake: FakeMethod, fused: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seen() -> tuple[str, str]:
        store = fresh(built)
        return store.state, store.library(fused).fingerprint.digest

    build(shop, methods=["fake"])
    first = seen()
    monkeypatch.setitem(ENCODERS, fused, combined(fused, "Fused", "Both.", ENCODERS["fake"], 0.6))
    other_recipe = seen()
    fake.version = "2"
    build(shop, methods=["fake"])
    assert [len(set(one)) for one in zip(first, other_recipe, seen(), strict=True)] == [3, 3]


def test_a_combination_with_a_damaged_part_is_refused(built: Store, shop: Path, fused: str) -> None:
    build(shop, methods=["fake"])
    flip_a_bit(next(built.folder.glob("fake-*.npy")))
    with pytest.raises(StoreError, match=r"fake.* is damaged"):
        fresh(built).library(fused)


def test_a_combination_of_a_rebuilt_and_a_shipped_library(
    built: Store, shop: Path, home: Path, fake: FakeMethod, fused: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(shop, methods=["fake"])
    monkeypatch.setattr(store_module, "DEMO_STORE", built.folder)
    shipped = open_store("demo").library(fused)
    fake.version = "2"
    build(shop, folder=home / "demo", methods=["fake"])
    both = open_store("demo")
    assert list(both.manifest.libraries) == ["fake"]
    assert both.methods[fused] == both.library(fused).fingerprint
    recipe = ENCODERS[fused].combines
    assert recipe is not None
    assert both.library(fused).fingerprint == recipe.fingerprint([fake.fingerprint, built.methods["histogram"]])
    assert not both.library(fused).fingerprint.matches(shipped.fingerprint)
    np.testing.assert_array_equal(both.library(fused).vectors, shipped.vectors)


def test_a_rebuilt_demo_takes_precedence_only_for_the_same_catalog(
    built: Store, shop: Path, home: Path, fake: FakeMethod, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "DEMO_STORE", built.folder)
    build(shop, folder=home / "demo", methods=["fake"])
    both = open_store("demo")
    assert list(both.methods) == ["histogram", "fake"]
    assert both.library("fake").vectors.shape == (15, 12)
    assert both.library("histogram").vectors.shape == (15, 512)
    (shop / "images/1.jpg").write_bytes(encoded(noise(77), "JPEG"))
    build(shop, folder=home / "demo", methods=["fake"])
    assert list(open_store("demo").methods) == ["histogram"]


def test_a_damaged_rebuilt_demo_leaves_the_shipped_one_and_the_other_way_round(
    built: Store, shop: Path, home: Path, fake: FakeMethod, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "DEMO_STORE", built.folder)
    build(shop, folder=home / "demo", methods=["fake"])
    rebuilt, shipped = home / "demo" / MANIFEST, built.folder / MANIFEST
    good = rebuilt.read_bytes()
    rebuilt.write_bytes(b"{")
    assert list(open_store("demo").methods) == ["histogram"]
    rebuilt.write_bytes(good)
    shipped.write_bytes(b"{")
    assert list(open_store("demo").methods) == ["fake"]
    rebuilt.write_bytes(b"{")
    with pytest.raises(StoreError, match="is damaged"):
        open_store("demo")


def test_a_reader_of_the_previous_state_can_read_on_after_a_build(shop: Path, fake: FakeMethod) -> None:
    build(shop, methods=["fake"])
    before = open_store("shop")
    (shop / "images/1.jpg").write_bytes(encoded(noise(77), "JPEG"))
    build(shop, methods=["fake"])
    assert before.library("fake").vectors.shape == (15, 12)
    assert before.thumbnail(0)


PROBE = """
import sys
import numpy as np
from fashion_search.store import open_store
store = open_store(sys.argv[1])
store.library(sys.argv[2]).search(np.array([0]), 5, np.ones(len(store.catalog.items), dtype=bool))
store.thumbnail(0)
print(sorted({"torch", "pandas", "streamlit", "sklearn"} & set(sys.modules)))
"""


@pytest.mark.parametrize(("catalog", "method"), [("shop", "histogram"), (DEMO, "fusion")])
def test_a_search_with_an_item_imports_nothing_heavy(built: Store, catalog: str, method: str) -> None:
    root = Path(__file__).resolve().parents[1]
    probe = [sys.executable, "-c", PROBE, catalog, method]
    found = subprocess.run(probe, capture_output=True, text=True, check=True, cwd=root)
    assert found.stdout == "[]\n"


def test_the_command_that_builds_a_missing_library_is_complete(shop: Path, fake: FakeMethod) -> None:
    options = Options(group_by=("article_type", "usage"), smallest=2)
    build(shop, name="my shop", methods=["fake"], options=options)
    with pytest.raises(UnknownNameError) as refused:
        open_store("my-shop").library("histogram")
    command = str(refused.value).split("Build it: python -m fashion_search ")[1]
    assert main(shlex.split(command)) == 0
    store = open_store("my-shop")
    assert set(store.methods) == {"histogram", "fake"}
    assert store.catalog.columns == ("article_type", "usage")
