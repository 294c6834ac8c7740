"""What is trained on the real data set, and that nothing of it leaks into what is evaluated."""

import re

import numpy as np
import pytest

from fashion_search.catalog import Protocol
from fashion_search.catalog.sources import open_source
from fashion_search.encoders import ENCODERS, mark
from fashion_search.encoders.architecture import Architecture
from fashion_search.encoders.fashion import FASHION
from fashion_search.evaluation.measures import MEASURES, PAPERS
from fashion_search.evaluation.mismatches import kinds, shares
from fashion_search.evaluation.scores import grouped
from fashion_search.evaluation.seen import seen_items
from fashion_search.evaluation.statistics import compare
from fashion_search.store import Store
from fashion_search.training.data import NEAR_EQUAL, Data, read_data
from tests.real_data.conftest import ARCHIVE, Ranked
from tools.model_card import CARD

pytestmark = pytest.mark.real_data
SMALL = Architecture("compact", 20, 15, 8, (4,))


@pytest.fixture(scope="module")
def data(store: Store) -> Data:
    return read_data(open_source(ARCHIVE), store.catalog, SMALL)


def test_about_38_000_pictures_are_left_to_learn_from(data: Data) -> None:
    used, left_out = len(data.division.pictures), sum(data.division.left_out.values())
    assert 37_500 < used < 38_224
    assert used + left_out + 6_217 == 44_441
    assert 0.05 < len(data.division.validation) / used < 0.065


def test_no_evaluated_group_nor_picture_is_used(store: Store, data: Data) -> None:
    groups = {item.labels for item in store.catalog.items}
    ids = {item.id for item in store.catalog.items}
    digests = {item.digest for item in store.catalog.items}
    for picture in data.division.pictures:
        assert picture.row.labels not in groups
        assert picture.row.id not in ids
        assert picture.digest not in digests
    training = {picture.row.labels for picture in data.division.training}
    assert not training & {picture.row.labels for picture in data.division.validation}


def test_no_near_duplicate_of_an_evaluated_picture_is_used(store: Store, data: Data) -> None:
    """Looked for again from the thumbnails' size up, with other code: same name, and nearly the same small picture."""
    source = open_source(ARCHIVE)
    names: dict[str, list[str]] = {}
    for item in store.catalog.items:
        names.setdefault(item.name.strip().casefold(), []).append(item.image)
    namesakes = [picture for picture in data.division.pictures if picture.name in names]
    assert len(namesakes) > 500
    for picture in namesakes[::7]:
        own = _small(source, picture.row.image)
        for image in names[picture.name]:
            assert np.abs(own - _small(source, image)).mean() >= NEAR_EQUAL - 1e-3


def _small(source: object, image: str) -> np.ndarray:
    from fashion_search.images import open_image

    opened = open_image(source.tree.read_image(image))  # type: ignore[attr-defined]
    return np.asarray(opened.resize((8, 10), resample=4), dtype=np.float32)


def test_the_shipped_encoder_saw_what_it_says_and_nothing_that_is_evaluated(store: Store, data: Data) -> None:
    assert FASHION.seen is not None
    marks = FASHION.seen()
    assert seen_items(store.catalog, "fashion") == 0
    used = np.array([mark(picture.digest) for picture in data.division.pictures])
    assert np.isin(used, marks).mean() > 0.99
    assert len(marks) <= len(used)


def test_the_model_card_prints_what_is_measured(store: Store, rankings: Ranked) -> None:
    card = CARD.read_text("utf-8")
    for method in ("fashion", "fashion-colour"):
        found = rankings(method, Protocol.LEAVE_ONE_OUT)
        [row] = re.findall(rf"^\| {ENCODERS[method].title} \| (.*) \|$", card.split("one per group")[1], re.MULTILINE)[
            :1
        ]
        for cell, name in zip(row.split(" | "), PAPERS, strict=False):
            assert float(cell.split()[0]) == pytest.approx(MEASURES[name].of(found, 5).mean(), abs=0.0015)


def test_the_shipped_encoder_is_decisively_better_than_what_was_there(store: Store, rankings: Ranked) -> None:
    made = {method: rankings(method, Protocol.LEAVE_ONE_OUT) for method in ("fusion", "fashion")}
    queries = grouped(store.catalog, made["fusion"])
    for name in PAPERS:
        [found] = compare({method: MEASURES[name].of(one, 5) for method, one in made.items()}, queries)
        assert (found.first, found.verdict) == ("fashion", "decisive")


@pytest.mark.parametrize("method", ["fashion", "fashion-colour"])
def test_what_the_shipped_encoder_reaches_at_least(rankings: Ranked, method: str) -> None:
    found = rankings(method, Protocol.LEAVE_ONE_OUT)
    assert MEASURES["precision"].of(found, 5).mean() >= 0.36
    assert MEASURES["hit"].of(found, 5).mean() >= 0.75


@pytest.mark.parametrize(("method", "most"), [("fashion", 0.75), ("fashion-colour", 2 / 3)])
def test_fewer_results_are_wrong_in_colour_alone(store: Store, rankings: Ranked, method: str, most: float) -> None:
    [colour] = [kind.code for kind in kinds(store.catalog.columns) if kind.columns == ("base_colour",)]
    ours, theirs = (
        shares(store.catalog, rankings(one, Protocol.LEAVE_ONE_OUT), 5)[colour] for one in (method, "resnet18")
    )
    assert ours <= theirs * most
