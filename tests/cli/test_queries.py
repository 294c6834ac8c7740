"""The command ``queries``, and the other commands under its protocol."""

from pathlib import Path

import pytest

from fashion_search.catalog import Protocol
from fashion_search.cli import main
from fashion_search.query_store import under
from fashion_search.store import open_store, query_sets
from tests.builds import build
from tests.cli.command import Captured, fail, succeed
from tests.conftest import FakeMethod
from tests.samples import encoded, noise, table, write_folder

GROUPS = ("shirts_blue_casual", "caps_navy_blue_na")


@pytest.fixture
def shop_with_photos(shop: Path, tmp_path: Path, fake: FakeMethod) -> Path:
    """The sample shop is built; the folder of photos is returned."""
    build(shop, methods=["fake", "histogram"])
    names = [f"{group}/{n}.png" for group in GROUPS for n in range(3)]
    shown = {name: encoded(noise(300 + n)) for n, name in enumerate([*names, "gloves/x.png"])}
    return write_folder(tmp_path / "my photos", shown)


def test_a_folder_becomes_a_query_set(shop_with_photos: Path, capsys: Captured) -> None:
    result = succeed(capsys, "queries", "shop", str(shop_with_photos))
    assert (result["queries"], result["protocol"]) == ("my-photos", "query-set:my-photos")
    assert (result["usable"], result["relevant_by"], result["rows"]) == (6, "style group", 7)
    assert result["excluded"] == {"folder named as no style group and no product of the catalog": 1}
    assert result["encoded"] == {"fake": 6, "histogram": 6}
    assert main(["queries", "shop", str(shop_with_photos), "--quick"]) == 0
    out = capsys.readouterr().out
    assert "Query set my-photos of shop: 6 queries with an answer in the catalog; relevant is the same style" in out
    assert "fake: 0 images encoded." in out
    assert "evaluate --catalog shop --protocol query-set:my-photos" in out


def test_its_figures_its_report_and_a_search(shop_with_photos: Path, tmp_path: Path, capsys: Captured) -> None:
    succeed(capsys, "queries", "shop", str(shop_with_photos), "--name", "p")
    options = ["--catalog", "shop", "--protocol", "query-set:p"]
    scores = succeed(capsys, "evaluate", *options)["scores"]
    assert {(row["protocol"], row["queries"], row["seed"]) for row in scores} == {("query-set:p", 6, None)}
    assert {row["method"] for row in scores} == {"fake", "histogram"}
    assert main(["evaluate", *options, "--method", "fake"]) == 0
    out = capsys.readouterr().out
    assert "Query set p, relevant: same style group: 6 queries, 15 items in each gallery" in out
    assert "for the catalog’s own pictures" in out
    hits = succeed(capsys, "search", f"p/{GROUPS[0]}/1", *options, "--method", "fake", "-k", "15")["methods"]["fake"]
    assert sorted(int(hit["id"]) for hit in hits["hits"]) == list(range(1, 16))
    assert sum(hit["correct"] for hit in hits["hits"]) == 5
    report = tmp_path / "report.html"
    succeed(capsys, "report", *options, "--out", str(report))
    text = report.read_text("utf-8")
    for words in (
        "Query set p, relevant: same style group",
        "What pictures from outside cost",
        "1 × folder named as no",
    ):
        assert words in text


def test_whoever_reads_figures_is_told_of_pictures_that_the_catalog_has_too(
    shop: Path, tmp_path: Path, fake: FakeMethod, capsys: Captured
) -> None:
    build(shop, methods=["fake"])
    names = [f"{item}.png" for item in range(1, 4)]
    shown = {name: encoded(noise(300 + n)) for n, name in enumerate(names)}
    shown["1.png"] = (shop / "images" / "1.jpg").read_bytes()
    lines = [[name, name.removesuffix(".png")] for name in names] + [["9.png", "9"]]
    photos = write_folder(tmp_path / "p", shown | {"p.csv": table(lines, ["image", "product"])}) / "p.csv"
    assert main(["queries", "shop", str(photos)]) == 0
    note = "1 picture is in the catalog, too, equal or nearly equal: 1.png is item 1. Figures are better for that"
    assert note in capsys.readouterr().out
    options = ["--catalog", "shop", "--protocol", "query-set:p"]
    assert main(["evaluate", *options]) == 0
    assert f"Note: {note}" in capsys.readouterr().out
    report = tmp_path / "report.html"
    succeed(capsys, "report", *options, "--out", str(report))
    text = " ".join(report.read_text("utf-8").split())
    assert f"3 queries; left out: 1 × no image. {note}" in text
    assert "15 images in 3 style groups by article type, base colour, usage;" in text  # products are no column of it
    assert "that is correct, if it shows the query’s product." in text


def test_products_are_scored_once_each(shop: Path, tmp_path: Path, fake: FakeMethod, capsys: Captured) -> None:
    names = [f"{product}-{view}.png" for product in "ABC" for view in range(4)]
    rows = [[name[0], name, "coat"] for name in names]
    items = {name: encoded(noise(n)) for n, name in enumerate(names)}
    path = write_folder(tmp_path / "c", items | {"c.csv": table(rows, ["id", "image", "kind"])}) / "c.csv"
    build(path, name="coats", methods=["fake"])
    asked = {f"{product}.png": encoded(noise(90 + n)) for n, product in enumerate("ABC")}
    lines = [[f"{product}.png", product] for product in "ABC"]
    photos = write_folder(tmp_path / "p", asked | {"p.csv": table(lines, ["image", "product"])}) / "p.csv"
    assert succeed(capsys, "queries", "coats", str(photos))["relevant_by"] == "product"
    scores = succeed(capsys, "evaluate", "--catalog", "coats", "--protocol", "query-set:p", "-k", "2")["scores"]
    of_pictures, of_products = (
        {row["measure"]: row for row in scores if row.get("counted") == counted} for counted in (None, "product")
    )
    assert of_pictures["recall"]["ceiling"] == 0.5  # two of four pictures
    assert of_products["recall"]["ceiling"] == 1.0
    assert of_products["hit"]["chance"] == pytest.approx(2 / 3, abs=1e-6)


def test_what_cannot_be_is_said_in_one_line(shop_with_photos: Path, tmp_path: Path, capsys: Captured) -> None:
    assert "There is no catalog 'nosuch'" in fail(capsys, "queries", "nosuch", str(shop_with_photos))
    assert "nowhere" in fail(capsys, "queries", "shop", str(tmp_path / "nowhere"))
    missing = ["--catalog", "shop", "--protocol", "query-set:nosuch"]
    for command in (["evaluate"], ["report"], ["search", "1"]):
        assert "“shop” has no query set 'nosuch'. It has none." in fail(capsys, *command, *missing)
    succeed(capsys, "queries", "shop", str(shop_with_photos), "--name", "p", "--quick")
    options = ["--catalog", "shop", "--protocol", "query-set:p", "--method", "fake"]
    assert "Item 1 is not a query of Query set p" in fail(capsys, "search", "1", *options)


def test_it_is_removed_with_its_figures_and_without_its_pictures(shop_with_photos: Path, capsys: Captured) -> None:
    succeed(capsys, "queries", "shop", str(shop_with_photos), "--name", "p")
    succeed(capsys, "queries", "shop", str(shop_with_photos), "--name", "pp")
    assert {one["name"]: one.get("query_sets") for one in succeed(capsys, "list")["catalogs"]} == {
        "demo": ["photos"],
        "shop": ["p", "pp"],
    }
    folder = open_store("shop").folder
    kept = sorted(path.name for path in folder.glob("evaluations/*query-set-pp-*"))
    assert succeed(capsys, "remove", "shop", "--queries", "p", "--yes") == {
        "catalog": "shop",
        "queries": "p",
        "removed": True,
    }
    assert list(query_sets(open_store("shop"))) == ["pp"]
    assert sorted(path.name for path in folder.glob("evaluations/*query-set-*")) == kept
    assert len(list(shop_with_photos.rglob("*.png"))) == 7
    assert under(open_store("shop"), Protocol.of_queries("pp")).methods
    assert "no query set 'p'" in fail(capsys, "remove", "shop", "--queries", "p", "--yes")
    succeed(capsys, "remove", "shop", "--yes")
    assert not folder.exists()
