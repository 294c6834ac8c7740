import json
from pathlib import Path

import numpy as np
import pytest

from fashion_search.catalog import Protocol, draw_split
from fashion_search.cli import main
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.image_limits import most_bytes
from fashion_search.labels.prediction import predicted, sentence
from fashion_search.store import Store
from tests.builds import build_whole, large_shop
from tests.cli.command import Captured, fail, succeed
from tests.samples import write_folder


def test_search_with_an_item(built: Store, capsys: Captured) -> None:
    result = succeed(capsys, "search", "10", "--catalog", "shop", "--method", "histogram", "-k", "14")
    assert (result["query"], result["group"], result["protocol"]) == ("10", "caps_navy_blue_na", "leave-one-out")
    hits = result["methods"]["histogram"]["hits"]
    assert [hit["rank"] for hit in hits] == list(range(1, 15))
    assert sorted(int(hit["id"]) for hit in hits) == [number for number in range(1, 16) if number != 10]
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert sum(hit["correct"] for hit in hits) == 5
    assert all(hit["correct"] == (hit["group"] == "caps_navy_blue_na") for hit in hits)


def test_search_in_words(built: Store, capsys: Captured) -> None:
    assert main(["search", "10", "--catalog", "shop", "--method", "histogram", "-k", "2"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("10: Caps · Navy Blue · NA in shop, Leave-one-out\nRGB histogram, weights: none, ")
    assert out.count("\n") == 4


def test_search_with_a_picture_has_no_ground_truth(built: Store, shop: Path, capsys: Captured) -> None:
    path = str(shop / "images/7.jpg")
    result = succeed(capsys, "search", path, "--catalog", "shop", "--method", "histogram")
    hits = result["methods"]["histogram"]["hits"]
    assert (hits[0]["id"], hits[0]["score"]) == ("7", 1.0)
    assert {hit["correct"] for hit in hits} == {None}
    assert len(hits) == 5


def test_search_under_one_per_group(built: Store, capsys: Captured) -> None:
    split = draw_split(built.catalog, Protocol.ONE_PER_GROUP, 3)
    options = ["--catalog", "shop", "--method", "histogram", "--protocol", "one-per-group", "--seed", "3"]
    query = built.catalog.items[split.queries[0]].id
    hits = succeed(capsys, "search", query, *options, "-k", "15")["methods"]["histogram"]["hits"]
    assert len(hits) == 12
    other = built.catalog.items[split.gallery.nonzero()[0][0]].id
    assert f"Item {other} is not a query of One query per group, split seed 3" in fail(
        capsys, "search", other, *options
    )


def test_searches_that_cannot_be(built: Store, tmp_path: Path, capsys: Captured) -> None:
    write_folder(tmp_path, {"page.jpg": b"<html>", "empty.jpg": b"", "large.jpg": b"\xff\xd8" + bytes(most_bytes())})
    here = ["--catalog", "shop", "--method", "histogram"]
    assert "no catalog 'nosuch'. The catalogs are: demo, shop" in fail(capsys, "search", "1", "--catalog", "nosuch")
    assert "'99' is neither an item of “shop” nor a file" in fail(capsys, "search", "99", *here)
    assert "Is a directory" in fail(capsys, "search", str(tmp_path), *here)
    assert "page.jpg: This is a web page" in fail(capsys, "search", str(tmp_path / "page.jpg"), *here)
    assert "empty.jpg: The file is empty" in fail(capsys, "search", str(tmp_path / "empty.jpg"), *here)
    assert "large.jpg: The file is larger than 100 MB" in fail(capsys, "search", str(tmp_path / "large.jpg"), *here)
    both = ["--method", "histogram", "--method", "resnet18"]
    assert main(["search", "1", "--catalog", "shop", *both]) == 1
    out, err = capsys.readouterr()
    assert "RGB histogram" in out
    assert "resnet18 was not searched: “shop” has no library of 'resnet18'" in err
    assert "no method 'gist'" in fail(capsys, "search", "1", "--catalog", "shop", "--method", "gist")


def test_a_picture_is_never_compared_under_other_weights(
    shop: Path, random_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    import torch

    monkeypatch.setenv(FOLDER_VARIABLE, str(random_weights))
    assert main(["build", str(shop), "--method", "resnet18"]) == 0
    state = torch.load(random_weights / "resnet18.pth", weights_only=True)
    state["conv1.weight"] *= 2
    (tmp_path / "others").mkdir()
    torch.save(state, tmp_path / "others/resnet18.pth")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "others"))
    capsys.readouterr()
    picture = str(shop / "images/7.jpg")
    reason = fail(capsys, "search", picture, "--catalog", "shop", "--method", "resnet18")
    assert "ResNet-18: the library was made with resnet18.pth" in reason
    assert f"python -m fashion_search build {shop} --method resnet18" in reason
    assert main(["search", "7", "--catalog", "shop", "--method", "resnet18"]) == 0


def test_a_method_that_was_not_asked_for_by_name_may_be_left_out(
    shop: Path, built: Store, no_network: None, capsys: Captured
) -> None:
    assert main(["search", str(shop / "images/7.jpg"), "--catalog", "shop", "--json"]) == 0
    out, err = capsys.readouterr()
    result = json.loads(out)
    assert result["methods"]["histogram"]["hits"][0]["id"] == "7"
    assert set(result["problems"]) == {"resnet18", "fashion"}
    for method in ("resnet18", "fashion"):
        assert f"{method} was not searched" in err


def test_search_in_part_of_a_catalog(built: Store, capsys: Captured) -> None:
    one = ["--catalog", "shop", "--method", "histogram", "-k", "15"]
    whole = succeed(capsys, "search", "10", *one)
    assert whole["where"] is None
    found = succeed(capsys, "search", "10", *one, "--where", "type=shirts", "--where", "usage!=Formal")
    assert found["where"] == "article_type=Shirts;usage!=Formal"
    hits = {"shirts_blue_casual"}
    expected = [hit["id"] for hit in whole["methods"]["histogram"]["hits"] if hit["group"] in hits]
    assert [hit["id"] for hit in found["methods"]["histogram"]["hits"]] == expected
    assert len(expected) == 5

    assert main(["search", "10", *one, "--where", "colour=Red,Blue"]) == 0
    assert "Leave-one-out, only items whose base colour is Red or Blue" in capsys.readouterr().out


def test_part_of_a_catalog_that_is_not_there(built: Store, capsys: Captured) -> None:
    def said(*arguments: str) -> str:
        return fail(capsys, "search", "10", "--catalog", "shop", "--method", "histogram", *arguments)

    assert "“shop” has no article type “Cap”; near ones: “Caps”." in said("--where", "type=Cap")
    assert "“shop” has no column “size”; it has article_type, base_colour, usage." in said("--where", "size=L")
    assert "“Caps” is no condition; write column=value" in said("--where", "Caps")
    assert "The filter leaves nothing of “shop” to search: only items whose article type is Caps and usage is " in said(
        "--where", "type=Caps;usage=Casual"
    )


def test_search_reranked(built: Store, capsys: Captured) -> None:
    here = ["--catalog", "shop", "--method", "histogram", "-k", "14"]
    plain = succeed(capsys, "search", "10", *here)["methods"]["histogram"]
    found = succeed(capsys, "search", "10", *here, "--rerank", "style", "--rerank", "varied")["methods"]
    assert list(found) == ["histogram~style", "histogram~varied"]
    library = built.library("histogram~style")
    expected = library.search(np.array([built.catalog.row("10")]), 14, np.ones(15, dtype=bool)).rows[0]
    hits = found["histogram~style"]["hits"]
    assert [hit["id"] for hit in hits] == [built.catalog.items[row].id for row in expected]
    assert sorted(hit["id"] for hit in hits) == sorted(hit["id"] for hit in plain["hits"])
    assert len({hit["group"] for hit in found["histogram~varied"]["hits"][:3]}) == 3


def test_how_far_to_trust_results_is_said(built: Store, capsys: Captured) -> None:
    here = ["search", "10", "--catalog", "shop", "--method", "histogram"]
    trust = succeed(capsys, *here)["methods"]["histogram"]["trust"]
    assert 0 <= trust["first"] <= 1
    assert main(here) == 0
    assert f", {trust['says']} ({trust['any']:.0%})\n" in capsys.readouterr().out


def test_a_picture_is_named(built: Store, shop: Path, capsys: Captured) -> None:
    here = ["search", str(shop / "images/7.jpg"), "--catalog", "shop", "--method", "histogram"]
    told = succeed(capsys, *here)["predicted"]
    assert list(told) == list(built.catalog.columns)
    shares = built.posterior("histogram").of_query(
        built.library("histogram").vectors[built.catalog.row("7")], -1, np.ones(15, dtype=bool)
    )
    expected = predicted(built.catalog, shares)
    for column in expected:
        assert told[column.column] == [[value, pytest.approx(share, abs=1e-4)] for value, share in column.values[:5]]
    assert main(here) == 0
    assert f"\nIt looks like: {sentence(expected)}\n" in capsys.readouterr().out
    assert succeed(capsys, *here, "--where", "type=Caps")["predicted"] == told
    assert succeed(capsys, "search", "7", *here[2:])["predicted"] is None


def test_the_whole_shop_is_searched(tmp_path: Path, capsys: Captured) -> None:
    large = large_shop(tmp_path / "shop")
    build_whole(large, "histogram")
    asked = ["search", "20", "--catalog", "shop", "--method", "histogram"]
    assert "neither an item" in fail(capsys, *asked)
    found = succeed(capsys, *asked, "--whole-shop", "-k", "38")
    hits = found["methods"]["histogram"]["hits"]
    assert found["whole_shop"] is True
    assert found["methods"]["histogram"]["trust"] is None
    assert sorted(int(hit["id"]) for hit in hits) == [number for number in range(1, 40) if number != 20]
    assert sum(hit["correct"] for hit in hits) == 21
    told = succeed(capsys, "search", str(large / "images/20.jpg"), *asked[2:], "--whole-shop")
    assert told["predicted"].keys() == {"article_type", "base_colour", "usage"}
    assert {value for value, _ in told["predicted"]["article_type"]} == {"Shirts", "Caps"}  # of the catalog's own
    assert "under leave-one-out" in fail(capsys, *asked, "--whole-shop", "--protocol", "one-per-group")
