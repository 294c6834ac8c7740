"""``evaluate`` prints top-k accuracy of a query set beside what others have published, and writes it for machines."""

from pathlib import Path

import pytest

from fashion_search.catalog import Protocol
from fashion_search.cli import main
from fashion_search.evaluation import classification_path, classified
from fashion_search.evaluation.accuracy import KS
from fashion_search.evaluation.classified import NEIGHBOURS
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.published import OML, RETRIEVAL, SOURCES
from fashion_search.evaluation.words import digits_of, number, rounded
from fashion_search.store import Store
from tests.builds import build_categories, build_in_shop
from tests.cli.command import Captured, succeed

ASKED = ["evaluate", "--catalog", "in-shop", "--protocol", "query-set:test"]


@pytest.fixture
def in_shop(home: Path, tmp_path: Path) -> Evaluation:
    """A small copy of In-Shop, searched with its queries."""
    return Evaluation.of(build_in_shop(tmp_path / "source"), ["histogram"], Protocol.of_queries("test"))


def test_the_table_has_pictures_products_chance_and_others(in_shop: Evaluation, capsys: Captured) -> None:
    capsys.readouterr()
    assert main(ASKED) == 0
    printed = capsys.readouterr().out.splitlines()
    start = printed.index("  Top-k accuracy, right: the same product (intervals: --json)")
    head, pictures, products, chance, *others = printed[start + 1 :]
    assert head.split() == [f"@{k}" for k in KS]
    for line, per_product in ((pictures, False), (products, True)):
        found = in_shop.accuracy_of("histogram", per_product)
        assert line.split()[-len(KS) :] == [number(one.share.value, digits_of(one.share)) for one in found.values()]
    assert products.strip().startswith("RGB histogram, per product ")
    assert chance.split()[:2] == ["Chance", number(in_shop.accuracy_of("histogram")[1].chance)]
    assert others[4].split() == ["ResNet50", "OC+IS", ".826", ".905", "Park", "et", "al.,", "Table", "1"]
    text = "\n".join(others)
    assert f"  {SOURCES[OML]}." in text
    assert "14,218 queries against 12,612 images" in text
    assert "Figure 3" in text


def test_machines_get_every_figure_and_every_published_value(in_shop: Evaluation, capsys: Captured) -> None:
    capsys.readouterr()
    found = succeed(capsys, *ASKED)
    rows = found["top_k"]
    assert [(row["counted"], row["k"]) for row in rows] == [(one, k) for one in ("picture", "product") for k in KS]
    for row in rows:
        one = in_shop.accuracy_of("histogram", row["counted"] == "product")[row["k"]]
        values = [row[name] for name in ("value", "low", "high", "chance")]
        assert values == pytest.approx([one.share.value, one.share.low, one.share.high, one.chance], abs=1e-6)
        assert (row["protocol"], row["method"], row["queries"]) == ("query-set:test", "histogram", 12)
    published = [(one["model"], one["k"], one["value"], one["source"]) for one in found["published"]]
    assert published == [
        (one.model, k, value, one.source) for one in RETRIEVAL["in-shop"] for k, value in one.values.items()
    ]
    assert found["published"][-1]["reference"] == SOURCES[OML]


def test_of_a_catalogs_own_items_only_machines_get_it(built: Store, capsys: Captured) -> None:
    asked = ["evaluate", "--catalog", "shop", "--method", "histogram"]
    rows = succeed(capsys, *asked)["top_k"]
    assert [(row["protocol"], row["k"]) for row in rows] == [
        (protocol, k) for protocol in ("leave-one-out", "one-per-group") for k in KS
    ]
    assert {row["counted"] for row in rows} == {"picture"}
    assert "published" not in succeed(capsys, *asked)
    assert main(asked) == 0
    assert "Top-k" not in capsys.readouterr().out


def test_categories_are_classified_and_held_against_others(home: Path, tmp_path: Path, capsys: Captured) -> None:
    store = build_categories(tmp_path / "source")
    asked = ["evaluate", "--catalog", "categories", "--protocol", "query-set:test"]
    [line] = classified.lines(Evaluation.of(store, ["histogram"], Protocol.of_queries("test")), "category")
    capsys.readouterr()
    found = succeed(capsys, *asked)
    [row] = found["classification"]
    assert (row["method"], row["how"], row["column"], row["queries"]) == ("histogram", NEIGHBOURS, "category", 4)
    for name, share in (("top_3", line.tops[3]), ("top_5", line.tops[5]), ("balanced", line.balanced)):
        assert list(row[name].values()) == pytest.approx([share.value, share.low, share.high], abs=1e-6)
    assert {one["task"] for one in found["published"]} == {"classification"}
    assert main(asked) == 0
    printed = capsys.readouterr().out.splitlines()
    start = printed.index("  Classification by category")
    assert f"top-3 {rounded(line.tops[3])} " in printed[start + 1]
    assert printed[start + 1].endswith(f"balanced {rounded(line.balanced)}   of 4")
    assert printed[start + 2].split() == ["WTBI", "top-3", ".437", "top-5", ".663", "Park", "et", "al.,", "Table", "2"]


def test_classification_paths_are_measured_when_asked_for(in_shop: Evaluation, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[str] = []
    monkeypatch.setattr(classification_path, "measure", lambda evaluation, method: measured.append(method))
    monkeypatch.setattr(classified, "not_measured", lambda evaluation, column: ["histogram"])
    assert main(ASKED) == 0
    assert measured == []
    assert main([*ASKED, "--classify"]) == 0
    assert measured == ["histogram"]
