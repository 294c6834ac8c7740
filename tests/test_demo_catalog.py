"""The shipped demo behaves like the real data, and is what the generator draws."""

from collections import Counter

import numpy as np
import pytest

from fashion_search.catalog import Protocol, draw_split
from fashion_search.catalog.demo import DEMO, DEMO_SOURCE, DEMO_STORE
from fashion_search.encoders import DEMO_METHODS, ENCODERS
from fashion_search.evaluation import projection, saved
from fashion_search.evaluation.failures import Duel, Outcome
from fashion_search.evaluation.metrics import precision
from fashion_search.evaluation.rankings import rank
from fashion_search.images import open_image
from fashion_search.store import Store


@pytest.fixture(scope="module")
def demo() -> Store:
    return Store(DEMO_STORE)


def test_it_is_a_shop(demo: Store) -> None:
    catalog = demo.catalog
    sizes = [len(group.rows) for group in catalog.groups]
    assert len(catalog.values("article_type")) >= 20
    assert len(catalog.groups) >= 60
    assert min(sizes) >= 4
    assert max(sizes) <= 12
    assert len(catalog.items) == len({item.digest for item in catalog.items}) >= 400
    wanted = {"capris_navy_blue_casual", "wallets_black_formal", "backpacks_brown_casual"}
    assert wanted <= {group.id for group in catalog.groups}
    assert sum(path.stat().st_size for path in DEMO_SOURCE.rglob("*.jpg")) < 5_000_000


def test_it_is_as_hard_as_the_real_data(demo: Store) -> None:
    split = draw_split(demo.catalog, Protocol.LEAVE_ONE_OUT)
    histogram, resnet18 = (rank(demo.library(method), split) for method in ("histogram", "resnet18"))
    assert 0.08 <= precision(histogram.relevant[:, :5]).mean() <= 0.25
    assert 0.2 <= precision(resnet18.relevant[:, :5]).mean() <= 0.5
    outcomes = Duel(histogram, resnet18, 5).outcomes
    for outcome in (Outcome.ONLY_FIRST, Outcome.ONLY_SECOND, Outcome.NEITHER):
        assert (outcomes == outcome).mean() >= 0.05


def test_it_is_shipped_with_what_is_preselected(demo: Store) -> None:
    assert tuple(demo.manifest.libraries) == DEMO_METHODS
    assert tuple(demo.methods) == ("histogram", "resnet18", "fusion", "fashion", "efficientnet-lite0")
    assert demo.methods["fashion"].matches(ENCODERS["fashion"].fingerprint()), "made by another encoder: make demo"


def test_its_maps_are_shipped(demo: Store) -> None:
    for method in demo.methods:
        for kind in projection.KINDS:
            found = projection.find(saved.shipped_with(DEMO), demo.library(method), kind)
            assert found is not None, (method, kind)
            assert len(found.points) == len(demo.catalog.items)


def test_the_generator_draws_what_is_shipped() -> None:
    """One picture of each sixth type; processors may differ in the last bit of a shade, not in more."""
    pytest.importorskip("skia", reason="skia-python cannot be loaded here", exc_type=ImportError)
    from tools.demo_catalog.__main__ import encoded
    from tools.demo_catalog.plan import items

    drawn = items()
    first_of = {item.article: item for item in reversed(drawn)}
    assert Counter(str(item.item_id) for item in drawn) == Counter(item.id for item in Store(DEMO_STORE).catalog.items)
    for item in list(first_of.values())[::6]:
        shipped = np.asarray(open_image((DEMO_SOURCE / f"images/{item.item_id}.jpg").read_bytes()), dtype=int)
        now = np.asarray(open_image(encoded(item)), dtype=int)
        assert np.abs(now - shipped).mean() < 0.1, item
