"""Results ordered by matching keypoints."""

import numpy as np
import pytest
from PIL import Image

from fashion_search import matching
from fashion_search.catalog import Catalog, Item
from fashion_search.encoders import MATCHED, encoder_spec, is_method
from fashion_search.errors import UnknownNameError
from fashion_search.library import Library
from fashion_search.matching import RATIO, Keypoints, MatchedLibrary, shares_matched
from fashion_search.search import Query, nearest
from fashion_search.store import Store
from tests.builds import build
from tests.encoders.test_local import drawn
from tests.samples import encoded


def naive(query: np.ndarray, other: np.ndarray) -> float:
    found = 0
    for one in query:
        distances = sorted(float(np.linalg.norm(one - two)) for two in other)
        found += len(distances) > 1 and distances[0] < RATIO * distances[1]
    return found / len(query) if len(query) else 0.0


def test_shares_are_those_of_the_ratio_test() -> None:
    random = np.random.default_rng(0)
    query = random.normal(size=(30, 8)).astype(np.float32)
    others = [
        np.concatenate([query[:kept] + 0.1, random.normal(size=(n, 8))]) for kept, n in ((20, 5), (3, 40), (1, 0))
    ]
    others += [np.zeros((0, 8)), random.normal(size=(2, 8))]
    shares = shares_matched(query, [other.astype(np.float32) for other in others])
    np.testing.assert_allclose(shares, [naive(query, other) for other in others])
    assert shares[0] > shares[1] > 0 == shares[3]
    assert shares_matched(query[:0], others).tolist() == [0] * 5
    assert shares_matched(query, []).shape == (0,)


PICTURES = [drawn(seed // 2) if seed % 2 else drawn(seed // 2).rotate(8, fillcolor="white") for seed in range(20)]
ITEMS = tuple(Item(f"{row:02}", "", ("a" if row < 10 else "b",), "", "", "") for row in range(20))
EVERYTHING = np.ones(20, dtype=bool)


@pytest.fixture(scope="module")
def library() -> MatchedLibrary:
    encoder = encoder_spec("orb").load()
    plain = Library(Catalog("c", "C", ("group",), ITEMS), encoder.fingerprint, encoder.encode(PICTURES))
    return MatchedLibrary.of(plain, MATCHED, Keypoints(encoder, lambda row: encoded(PICTURES[row])))


def test_the_short_list_is_ordered_by_matches_and_the_rest_stays_behind(
    library: MatchedLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "SHORT_LIST", 6)
    for row in range(20):
        hits = library.search(np.array([row]), 19, EVERYTHING)
        plain = library.plain.search(np.array([row]), 19, EVERYTHING)
        found, similar = hits.rows[0].tolist(), plain.rows[0].tolist()
        assert set(found[:6]) == set(similar[:6])
        assert found[6:] == similar[6:]
        cosines = dict(zip(similar, plain.scores[0].tolist(), strict=True))
        own = library.keypoints.of_item(row)
        for place, score in zip(found[:6], hits.scores[0].tolist(), strict=False):
            expected = (1 - MATCHED.share) * cosines[place] + MATCHED.share * naive(
                own, library.keypoints.of_item(place)
            )
            assert score == pytest.approx(expected, abs=1e-5)
        assert found[0] == row ^ 1  # the same things, turned


def test_a_picture_from_outside_finds_what_the_item_finds(library: MatchedLibrary) -> None:
    encoder = encoder_spec("orb").load()
    gallery = EVERYTHING.copy()
    gallery[4] = False
    item = nearest(Query(row=4), library, gallery, 10)
    picture = nearest(Query(picture=PICTURES[4]), library, gallery, 10, encoder=encoder)
    assert picture.rows.tolist() == item.rows.tolist()
    np.testing.assert_allclose(picture.scores, item.scores, atol=2e-3)  # items' keypoints are kept in half precision


def test_a_query_without_picture_is_refused(library: MatchedLibrary) -> None:
    with pytest.raises(ValueError, match="those of its picture"):
        library.search_vectors(np.asarray(library.vectors[:1]), np.array([-1]), 3, EVERYTHING)


def test_a_picture_without_keypoints_stands_by_similarity(library: MatchedLibrary) -> None:
    white = nearest(
        Query(picture=Image.new("RGB", (9, 9), "white")), library, EVERYTHING, encoder=encoder_spec("orb").load()
    )
    assert white.rows.tolist() == list(range(20))


def test_only_methods_of_local_features_have_the_order() -> None:
    spec = encoder_spec("sift~matched")
    assert spec.title == "SIFT, re-ranked (keypoints)"
    assert spec.summary.endswith("Matches count 50%, similarity 50%.")
    assert not is_method("fashion~matched")
    assert not is_method("sift+0.5*histogram~matched")
    with pytest.raises(UnknownNameError, match=r"^Fashion has no keypoints to order results by"):
        encoder_spec("fashion~matched")


def test_a_built_catalog_has_it_without_building_more(shop: object) -> None:
    store = Store(build(shop, methods=["orb", "histogram"]).folder)
    library = store.library("orb~matched")
    assert isinstance(library, MatchedLibrary)
    assert library.method == "orb~matched"
    assert library.made_by == store.library("orb").fingerprint
    assert library.fingerprint.digest != library.made_by.digest
    hits = library.search(np.array([0]), 5, np.ones(len(store.catalog.items), dtype=bool))
    assert 0 not in hits.rows
    assert store.library("orb~matched").keypoints is library.keypoints
    with pytest.raises(UnknownNameError, match="no keypoints"):
        store.library("histogram~matched")
