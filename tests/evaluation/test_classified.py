"""Classification of an evaluation's queries: by neighbours always, by a classification path once it was measured."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fashion_search.catalog import Protocol
from fashion_search.encoders import trained
from fashion_search.encoders.classifying import Classes
from fashion_search.encoders.convolutional import ConvolutionalEncoder
from fashion_search.encoders.trained import Account, methods_folder
from fashion_search.errors import StoreError, WeightsError
from fashion_search.evaluation import classification_path, classified, published, saved
from fashion_search.evaluation.classification import by_classifier, by_neighbours
from fashion_search.evaluation.classified import NEIGHBOURS, PATH, Line
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.published import CLASSIFICATION
from fashion_search.evaluation.statistics import Interval
from fashion_search.images import open_image
from fashion_search.search import encoder_of
from fashion_search.store import Store
from tests.builds import add_queries, build, build_categories, build_in_shop
from tests.catalog import layouts
from tests.encoders.test_classifying import SMALL, path_of_classification
from tests.encoders.test_networks import stir

QUERIES = Protocol.of_queries("test")
CLASSES = {"category": ("Blazer", "Dress", "Jeans"), "colour": ("Blue", "Red")}


@pytest.fixture
def with_path(home: Path, tmp_path: Path) -> Store:
    """A copy of Category Prediction under a trained encoder with a classification path, and histograms."""
    import torch

    from fashion_search.encoders.networks import Embedder

    torch.manual_seed(0)
    account = Account("mine", "Mine", "Compares little.", SMALL, 6, {}, classes=CLASSES)
    methods_folder().mkdir(parents=True, exist_ok=True)
    network = stir(Embedder(SMALL)).state_dict()
    trained.write(
        methods_folder() / "mine.safetensors", account, network, [], classifier=path_of_classification(relaxed=True)
    )
    source = layouts.category_prediction(tmp_path / "source")
    store = Store(build(source, name="categories", methods=["histogram", "mine"]).folder)
    add_queries("categories", source, name="test", methods=["histogram", "mine"])
    return store


def test_neighbours_vote_over_the_evaluations_rankings(home: Path, tmp_path: Path) -> None:
    evaluation = Evaluation.of(build_categories(tmp_path / "source"), ["histogram"], QUERIES)
    catalog = evaluation.store.catalog
    assert classified.columns_of(catalog) == ["category"]
    [line] = classified.lines(evaluation, "category")
    expected = by_neighbours(catalog, evaluation.rankings_of("histogram"), "category")
    assert (line.method, line.how, line.queries) == ("histogram", NEIGHBOURS, 4)
    assert line.tops == {3: expected.top(3), 5: expected.top(5)}
    assert line.balanced == expected.balanced
    assert classified.not_measured(evaluation, "category") == []


def test_products_are_no_classes(home: Path, tmp_path: Path) -> None:
    evaluation = Evaluation.of(build_in_shop(tmp_path / "source"), ["histogram"], QUERIES)
    assert classified.columns_of(evaluation.store.catalog) == ["category"]


def test_what_others_have_published_is_of_categories(home: Path, tmp_path: Path) -> None:
    store = build_categories(tmp_path / "source")
    evaluation = Evaluation.of(store, ["histogram"], QUERIES)
    assert published.classification(evaluation, "category") == CLASSIFICATION["category-prediction"]
    assert published.classification(evaluation, "category_type") == ()
    assert published.retrieval(evaluation) == ()
    assert published.classification(Evaluation.of(store, ["histogram"]), "category") == ()


@pytest.mark.parametrize("protocol", [QUERIES, *(Protocol.LEAVE_ONE_OUT, Protocol.ONE_PER_GROUP)])
def test_a_path_is_measured_once_and_kept(with_path: Store, protocol: Protocol) -> None:
    evaluation = Evaluation.of(with_path, ["histogram", "mine"], protocol)
    assert classified.not_measured(evaluation, "category") == ["mine"]
    assert [line.how for line in classified.lines(evaluation, "category")] == [NEIGHBOURS] * 2
    done: list[tuple[int, int]] = []
    classification_path.measure(evaluation, "mine", lambda one, of: done.append((one, of)))
    assert done[-1] == ((4, 4) if protocol.queries else (6, 6))
    again = Evaluation.of(with_path, ["histogram", "mine"], protocol)
    assert classified.not_measured(again, "category") == []
    by_path = classified.lines(again, "category")[-1]
    assert (by_path.method, by_path.how) == ("mine", PATH)
    encoder = encoder_of(with_path.library("mine"))
    store, queries = again.store, again.any_rankings.queries
    pictures = [open_image(store.original(row, store.tree())) for row in queries.tolist()]
    told = encoder.classify(pictures)["category"]  # type: ignore[attr-defined]
    names = np.array(told.values)[told.probabilities.argmax(axis=1)]
    right = [store.catalog.items[row].labels[0] == name for row, name in zip(queries.tolist(), names, strict=True)]
    found = classification_path.find(again, "mine", "category")
    assert found is not None
    assert found.is_among(1).tolist() == right


@pytest.mark.parametrize("protocol", [QUERIES, Protocol.LEAVE_ONE_OUT, Protocol.ONE_PER_GROUP])
def test_each_query_has_what_its_own_picture_is_named(
    with_path: Store, protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_colour(images: Sequence[Image.Image]) -> np.ndarray:
        return np.array([np.asarray(image).mean(axis=(0, 1)) for image in images], dtype=np.float32)  # (n, 3)

    def classify(self: ConvolutionalEncoder, images: Sequence[Image.Image]) -> dict[str, Classes]:
        return {"category": Classes(CLASSES["category"], by_colour(images))}

    monkeypatch.setattr(ConvolutionalEncoder, "classify", classify)
    evaluation = Evaluation.of(with_path, ["mine"], protocol)
    classification_path.measure(evaluation, "mine")
    found = classification_path.find(evaluation, "mine", "category")
    assert found is not None
    store = evaluation.store
    pictures = [open_image(store.original(row, store.tree())) for row in evaluation.any_rankings.queries.tolist()]
    expected = by_classifier(store.catalog, found.queries, "category", CLASSES["category"], by_colour(pictures))
    assert len({tuple(order) for order in found.order.tolist()}) > 1
    assert found.order.tolist() == expected.order.tolist()


def test_one_protocols_pictures_are_not_anothers(with_path: Store) -> None:
    classification_path.measure(Evaluation.of(with_path, ["mine"], QUERIES), "mine")
    within = Evaluation.of(with_path, ["mine"])
    assert classified.not_measured(within, "category") == ["mine"]


def test_where_nothing_can_be_kept_it_says_so(with_path: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(saved, "write", full)
    with pytest.raises(StoreError, match=r"What was found cannot be kept in .*evaluations: No space left on device\."):
        classification_path.measure(Evaluation.of(with_path, ["mine"], QUERIES), "mine")


def test_only_methods_with_a_path_have_columns(with_path: Store) -> None:
    catalog = with_path.catalog
    assert classification_path.columns_of("mine", catalog) == ["category"]
    assert classification_path.columns_of("histogram", catalog) == []
    assert classification_path.columns_of("mine~balanced", catalog) == []
    assert classification_path.columns_of("fusion", catalog) == []
    with pytest.raises(WeightsError, match="RGB histogram has no classification path"):
        classification_path.measure(Evaluation.of(with_path, ["histogram"], QUERIES), "histogram")


def test_the_headline_names_the_best_and_how() -> None:
    def line(method: str, how: str, value: float) -> Line:
        share = Interval(value, 0, 1)
        return Line(method, how, 9, 0, {3: share, 5: share}, share)

    titles = {"one": "One", "two": "Two"}
    found = [line("one", NEIGHBOURS, 0.5), line("two", NEIGHBOURS, 0.6), line("two", PATH, 0.7)]
    told = "Two names the base colour of {} of the queries among its first 3"
    assert classified.headline(found[:2], titles, "base_colour") == told.format("60%")
    assert classified.headline(found, titles, "base_colour") == told.format("70%") + ", by its classification path"
