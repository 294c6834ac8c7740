"""What pictures from outside cost is measured under the same conditions on both sides."""

from pathlib import Path

import pytest

from fashion_search.catalog import PROTOCOLS, Protocol
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.measures import MEASURES
from fashion_search.evaluation.outside import losses
from fashion_search.evaluation.verdicts import Verdict, VerdictKind, apply
from fashion_search.query_store import under
from fashion_search.store import open_store
from tests.builds import add_queries, build
from tests.conftest import FakeMethod
from tests.samples import encoded, noise, write_folder

PHOTOS = Protocol.of_queries("photos")
GIVEN = "2026-01-01T00:00:00.000+00:00"


def test_verdicts_apply_to_the_catalogs_own_pictures_too(shop: Path, tmp_path: Path, fake: FakeMethod) -> None:
    build(shop, methods=["fake"])
    plain = open_store("shop")
    group = max(plain.catalog.groups, key=lambda group: len(group.rows))
    names = [f"{group.id}/{n}.png" for n in range(3)]
    source = write_folder(tmp_path / "photos", {name: encoded(noise(60 + n)) for n, name in enumerate(names)})
    add_queries("shop", source)
    store = under(plain, PHOTOS)
    first, second = (plain.catalog.items[row].id for row in group.rows[:2])
    other = next(item.id for item in plain.catalog.items if item.labels != group.labels)
    query = store.catalog.items[store.catalog.n_items].id
    said = [
        Verdict(VerdictKind.WRONG_LABEL, first, "", "fake", GIVEN),
        Verdict(VerdictKind.ACCEPTABLE, second, other, "fake", GIVEN),
        Verdict(VerdictKind.ACCEPTABLE, query, other, "fake", GIVEN),
    ]
    [loss] = losses(Evaluation.of(store, ["fake"], PHOTOS, verdicts=apply(said, store.catalog)), "recall")
    own = Evaluation.of(plain, ["fake"], PROTOCOLS[0], verdicts=apply(said, plain.catalog))
    ranked = own.rankings_of("fake")
    of_group = plain.catalog.group_of[ranked.queries] == plain.catalog.group_of[group.rows[0]]
    assert loss.own == pytest.approx(MEASURES["recall"].of(ranked, 5)[of_group].mean())
    [without] = losses(Evaluation.of(store, ["fake"], PHOTOS), "recall")
    assert loss.own != without.own
