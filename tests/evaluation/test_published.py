"""What others have published stands only where the catalog is that benchmark, and as they print it."""

from pathlib import Path

import pytest

from fashion_search.catalog import Filter, Protocol
from fashion_search.catalog.source import Options
from fashion_search.evaluation import published
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.published import CLASSIFICATION, RETRIEVAL, SOURCES
from tests.builds import add_queries, build_in_shop
from tests.samples import encoded, noise, table, write_folder

QUERIES = Protocol.of_queries("test")


def test_every_value_is_a_share_with_a_source_and_no_model_stands_twice() -> None:
    for values in (*RETRIEVAL.values(), *CLASSIFICATION.values()):
        for one in values:
            assert one.source in SOURCES
            assert all(0 < value < 1 for value in one.values.values())
            assert list(one.values.values()) == sorted(one.values.values())
        assert len({(one.model, one.source) for one in values}) == len(values)


def test_values_are_those_that_are_printed() -> None:
    printed = {one.model: one.values for one in RETRIEVAL["in-shop"]}
    assert printed["ResNet50 OC+IS"] == {5: 0.826, 20: 0.905}
    assert printed["vits16_inshop"] == {1: 0.921}
    categories = {one.model: one.values for one in CLASSIFICATION["category-prediction"]}
    assert categories["SEResNeXt50+OC"] == {3: 0.8842, 5: 0.9393}


def test_a_copy_of_in_shop_is_told_apart_from_the_whole(home: Path, tmp_path: Path) -> None:
    store = build_in_shop(tmp_path / "source")
    evaluation = Evaluation.of(store, ["histogram"], QUERIES)
    assert published.retrieval(evaluation) == RETRIEVAL["in-shop"]
    [different] = published.differences(evaluation)
    assert different == "they are of 14,218 queries against 12,612 images, those here of 12 queries against 17"
    filtered = Evaluation.of(store, ["histogram"], QUERIES, filter=Filter.parse("category=WOMEN/Dresses"))
    assert published.differences(filtered)[1:] == ["the gallery here is filtered"]
    within = Evaluation.of(store, ["histogram"], Protocol.LEAVE_ONE_OUT)
    assert published.benchmark_of(within) == ""
    assert published.retrieval(within) == ()


def test_cropped_pictures_are_said(home: Path, tmp_path: Path) -> None:
    evaluation = Evaluation.of(build_in_shop(tmp_path / "source", Options(boxes=True)), ["histogram"], QUERIES)
    assert "the pictures here are cropped to their boxes" in published.differences(evaluation)


def test_style_groups_by_category_leave_the_product_relevant(home: Path, tmp_path: Path) -> None:
    store = build_in_shop(tmp_path / "source", Options(group_by=("category",)))
    evaluation = Evaluation.of(store, ["histogram"], QUERIES)
    assert evaluation.split.relevant_by == "product"
    assert published.retrieval(evaluation) == RETRIEVAL["in-shop"]


def test_other_pictures_against_in_shop_are_not_the_benchmark(home: Path, tmp_path: Path) -> None:
    store = build_in_shop(tmp_path / "source")
    lines = table([["a.png", "WOMEN/Dresses", "id_00000001"]], ["image", "category", "product"])
    source = write_folder(tmp_path / "own", {"photos.csv": lines, "a.png": encoded(noise(3))})
    add_queries("in-shop", source / "photos.csv", name="own", methods=["histogram"])
    evaluation = Evaluation.of(store, ["histogram"], Protocol.of_queries("own"))
    assert published.benchmark_of(evaluation) == ""
    assert published.retrieval(evaluation) == ()


@pytest.mark.parametrize("kind", ["in-shop", "consumer-to-shop"])
def test_what_is_only_drawn_is_said(kind: str) -> None:
    assert "Figure" in published.ONLY_DRAWN[kind]


def test_each_reference_stands_once() -> None:
    assert published.references(RETRIEVAL["in-shop"]) == [SOURCES[published.STUDY_1], SOURCES[published.OML]]
