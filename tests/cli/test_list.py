from pathlib import Path

from fashion_search.cli import main
from fashion_search.store import Store
from tests.cli.command import Captured, succeed
from tests.samples import as_earlier_version, write_folder


def test_list(built: Store, home: Path, capsys: Captured) -> None:
    write_folder(home, {"broken/manifest.json": b"{"})
    result = succeed(capsys, "list")
    found = {one["name"]: one for one in result["catalogs"]}
    assert found["shop"] == {
        "name": "shop",
        "title": "shop",
        "groups": 3,
        "images": 15,
        "methods": {"histogram": "none"},
    }
    assert "is damaged" in found["broken"]["error"]
    ready = {one["name"]: one["ready"] for one in result["methods"]}
    assert ready == {"histogram": True, "resnet18": False, "fusion": False, "fashion": True}
    assert result["home"] == str(home)
    assert main(["list"]) == 0
    assert "Built catalogs are in" in capsys.readouterr().out


def test_what_an_earlier_version_built_is_listed_with_what_to_do(built: Store, capsys: Captured) -> None:
    as_earlier_version(built)
    [demo, shop] = succeed(capsys, "list")["catalogs"]
    assert "advice" not in demo
    assert shop["advice"].endswith(built.manifest.rebuild("histogram").command)
    assert main(["list"]) == 0
    assert f"    {shop['advice']}\n" in capsys.readouterr().out
