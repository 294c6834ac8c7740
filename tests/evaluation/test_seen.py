"""Who was trained on what it is evaluated on is told so."""

from dataclasses import replace

import numpy as np
import pytest

from fashion_search.catalog.query_sets import with_queries
from fashion_search.encoders import ENCODERS, mark
from fashion_search.errors import WeightsError
from fashion_search.evaluation.seen import seen_items, warnings
from tests import samples
from tests.conftest import FakeMethod

CATALOG = samples.catalog([3, 4])


def test_pictures_that_were_trained_on_are_counted(fake: FakeMethod, monkeypatch: pytest.MonkeyPatch) -> None:
    digests = [CATALOG.items[row].digest for row in (0, 5)]
    marks = np.array(sorted(mark(digest) for digest in [*digests, "of another catalog"]))
    monkeypatch.setitem(ENCODERS, "fake", replace(fake.spec(), seen=lambda: marks))
    assert seen_items(CATALOG, "fake") == 2
    [sentence] = warnings(CATALOG, ["histogram", "fake"])
    assert sentence.startswith("Fake was trained on 2 pictures of the 7 here")


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ((0, 1), "Fake was trained on 2 pictures of the 7 in the catalog, and on none of the queries"),
        ((0, 7), "Fake was trained on 1 picture of the 7 queries: its figures are better"),
    ],
)
def test_queries_from_outside_are_told_from_the_catalog(
    fake: FakeMethod, monkeypatch: pytest.MonkeyPatch, seen: tuple[int, int], expected: str
) -> None:
    asked = tuple(replace(item, digest=f"photo {item.digest}") for item in CATALOG.items)
    together = with_queries(CATALOG, replace(CATALOG, name="photos", items=asked))
    marks = np.array(sorted(mark(together.items[row].digest) for row in seen))
    monkeypatch.setitem(ENCODERS, "fake", replace(fake.spec(), seen=lambda: marks))
    [sentence] = warnings(together, ["fake"])
    assert sentence.startswith(expected)


def test_an_encoder_of_an_earlier_version_has_marks_of_checksums(
    fake: FakeMethod, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = np.array(sorted(mark(CATALOG.items[row].checksum) for row in (0, 1, 5)))
    monkeypatch.setitem(ENCODERS, "fake", replace(fake.spec(), seen=lambda: marks))
    assert seen_items(CATALOG, "fake") == 3


def test_methods_that_were_not_trained_here_say_nothing(fake: FakeMethod) -> None:
    assert seen_items(CATALOG, "fake") == seen_items(CATALOG, "gone") == 0
    assert not warnings(CATALOG, ["histogram", "resnet18", "fake"])


def test_an_encoder_whose_file_is_gone_is_not_taken_for_innocent(
    fake: FakeMethod, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> np.ndarray:
        raise WeightsError("fake.safetensors cannot be read.")

    monkeypatch.setitem(ENCODERS, "fake", replace(fake.spec(), seen=gone))
    [sentence] = warnings(CATALOG, ["fake"])
    assert "is unknown: fake.safetensors cannot be read." in sentence
