"""What is trained on the real data set, and that nothing of it leaks into what is evaluated."""

import re

import numpy as np
import pytest

from fashion_search.catalog import Protocol
from fashion_search.catalog.sources import open_source
from fashion_search.encoders import mark
from fashion_search.encoders.architecture import Architecture
from fashion_search.encoders.fashion import FASHION
from fashion_search.evaluation import robustness
from fashion_search.evaluation.alterations import ALTERATIONS
from fashion_search.evaluation.measures import MEASURES, PAPERS
from fashion_search.evaluation.scores import grouped
from fashion_search.evaluation.seen import seen_items
from fashion_search.evaluation.statistics import compare
from fashion_search.store import Store
from fashion_search.training.data import NEAR_EQUAL, Data, read_data
from tests.real_data.conftest import ARCHIVE, Ranked
from tools.model_card import CARD

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
    used = np.array([mark(picture.checksum) for picture in data.division.pictures])  # as versions before format 2 did
    assert np.isin(used, marks).mean() > 0.99
    assert len(marks) <= len(used)


def test_the_model_card_prints_what_is_measured(store: Store, rankings: Ranked) -> None:
    card = CARD.read_text("utf-8")
    found = rankings("fashion", Protocol.LEAVE_ONE_OUT)
    row = re.findall(r"^\| Fashion \| (.*) \|$", card.split("one per group")[1], re.MULTILINE)[0]
    for cell, name in zip(row.split(" | "), PAPERS, strict=False):
        assert float(cell.split()[0]) == pytest.approx(MEASURES[name].of(found, 5).mean(), abs=0.0015)


def test_the_shipped_encoder_is_decisively_better_than_what_was_there(store: Store, rankings: Ranked) -> None:
    made = {method: rankings(method, Protocol.LEAVE_ONE_OUT) for method in ("fusion", "fashion")}
    queries = grouped(store.catalog, made["fusion"])
    for name in PAPERS:
        [found] = compare({method: MEASURES[name].of(one, 5) for method, one in made.items()}, queries)
        assert (found.first, found.verdict) == ("fashion", "decisive")


def test_what_the_shipped_encoder_reaches_at_least(rankings: Ranked) -> None:
    found = rankings("fashion", Protocol.LEAVE_ONE_OUT)
    # As it is reported: on another processor a few of 31,085 results change places.
    assert MEASURES["precision"].of(found, 5).mean().round(3) >= 0.365
    assert MEASURES["hit"].of(found, 5).mean() >= 0.75


def test_what_is_left_of_it_outside_the_studio(store: Store) -> None:
    assert robustness.measure(store, ["fashion"]) == {}
    found = robustness.find(store, "fashion")
    assert found is not None
    clean = found.of(robustness.CLEAN, "precision", 5).mean()
    least = {"card": 0.6, "photo": 0.75}
    for alteration in ALTERATIONS:
        kept = found.of(alteration.name, "precision", 5).mean() / clean
        assert kept >= least.get(alteration.name, 0.85), alteration.title
