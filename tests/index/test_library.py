"""Under every index: results are those of the exact library, or as many of them as an approximate one finds."""

import builtins
import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion_search.catalog import PROTOCOLS, Protocol, draw_split
from fashion_search.encoders import INDEXES, Fingerprint, Index
from fashion_search.errors import MissingPackageError, StoreError
from fashion_search.evaluation.rankings import DEPTH, rank
from fashion_search.index import (
    ENGINES,
    PLACE_VARIABLE,
    IndexedLibrary,
    asked_index,
    check_available,
    is_available,
    key_of,
    measure,
    opened,
)
from fashion_search.index import built as index_of_library
from fashion_search.library import Library
from fashion_search.scored import Hits
from tests import samples

EXACT = [index for index in INDEXES.values() if index.is_exact]
APPROXIMATE = [index for index in INDEXES.values() if not index.is_exact]
EVERY = [*EXACT, *APPROXIMATE]
LOCAL = [index for index in EVERY if not index.is_elsewhere]
STORED = [index for index in LOCAL if ENGINES[index.name].is_stored]


@pytest.fixture(autouse=True)
def _usual_place(milvus_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an index is built that is kept elsewhere."""
    monkeypatch.setenv(PLACE_VARIABLE, f"milvus:{milvus_file}")


def built(library: Library, index: Index) -> IndexedLibrary:
    return index_of_library(library, *asked_index(index.name))


def name(index: Index) -> str:
    return index.name


def clustered(n: int = 1500, dim: int = 24, seed: int = 0) -> Library:
    """Vectors around thirty directions."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(30, dim))[random.integers(0, 30, n)] + 0.4 * random.normal(size=(n, dim))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Library(samples.catalog([n // 3] * 3), Fingerprint("sample", "clusters"), vectors.astype(np.float32))


LARGE = clustered()
EVERYTHING = np.ones(len(LARGE.vectors), dtype=bool)


def recall(found: Hits, right: Hits) -> float:
    return float(
        np.mean([len(set(one) & set(other)) / len(other) for one, other in zip(found.rows, right.rows, strict=True)])
    )


@pytest.mark.parametrize("index", EXACT, ids=name)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_an_exact_index_gives_what_comparing_with_every_item_gives(index: Index, data: st.DataObject) -> None:
    """Also where many scores are equal, and most of the gallery may not be returned."""
    sizes = data.draw(st.lists(st.integers(1, 30), min_size=1, max_size=4))
    exact = samples.library(sizes, dim=data.draw(st.integers(1, 4)), seed=data.draw(st.integers(0, 9)), levels=2)
    n = len(exact.vectors)
    gallery = np.random.default_rng(data.draw(st.integers(0, 9))).random(n) < data.draw(
        st.sampled_from([0.0, 0.1, 0.7, 1])
    )
    k = data.draw(st.integers(1, n + 2))
    under = built(exact, index)
    rows = np.arange(n)
    expected, found = exact.search(rows, k, gallery), under.search(rows, k, gallery)
    np.testing.assert_array_equal(found.rows, expected.rows)
    np.testing.assert_array_equal(found.scores, expected.scores)
    outside = exact.search_vectors(exact.vectors, np.full(n, -1), k, gallery)
    np.testing.assert_array_equal(under.search_vectors(exact.vectors, np.full(n, -1), k, gallery).rows, outside.rows)


@pytest.mark.parametrize("index", APPROXIMATE, ids=name)
def test_an_approximate_index_finds_most_and_orders_them_by_cosine(index: Index) -> None:
    rows = np.arange(0, 1500, 7)
    right, found = LARGE.search(rows, 10, EVERYTHING), built(LARGE, index).search(rows, 10, EVERYTHING)
    assert recall(found, right) >= 0.95
    for place, row in enumerate(rows):
        cosines = LARGE.cosines(LARGE.vectors[[row]])[0]
        keys = [(-round(float(cosines[other]) * 1e6), other) for other in found.rows[place]]
        assert keys == sorted(keys)
        np.testing.assert_allclose(found.scores[place], cosines[found.rows[place]], atol=1e-6)


@pytest.mark.parametrize("index", EVERY, ids=name)
@pytest.mark.parametrize("share", [0.9, 0.3, 0.02])
def test_only_the_gallery_is_returned_and_k_of_it(index: Index, share: float) -> None:
    gallery = np.random.default_rng(3).random(1500) < share
    rows = np.arange(0, 1500, 50)
    right, found = LARGE.search(rows, 10, gallery), built(LARGE, index).search(rows, 10, gallery)
    assert (found.rows >= 0).all()
    assert gallery[found.rows].all()
    assert not (found.rows == rows[:, None]).any()
    assert recall(found, right) >= 0.9


@pytest.mark.parametrize("index", EVERY, ids=name)
def test_where_less_is_left_than_is_asked_for_that_is_all(index: Index) -> None:
    under = built(LARGE, index)
    few = np.zeros(1500, dtype=bool)
    few[[3, 700, 1499]] = True
    found = under.search(np.array([3, 4]), 5, few)
    assert [sorted(row for row in one if row >= 0) for one in found.rows.tolist()] == [[700, 1499], [3, 700, 1499]]
    assert (found.rows[0][2:] == -1).all()
    assert np.isneginf(found.scores[0][2:]).all()
    only_itself = np.zeros(1500, dtype=bool)
    only_itself[3] = True
    for gallery in (only_itself, np.zeros(1500, dtype=bool)):
        assert under.search(np.array([3]), 5, gallery).rows.tolist() == [[-1] * 5]
    assert under.search(np.empty(0, np.intp), 5, few).rows.shape == (0, 5)


@pytest.mark.parametrize("index", EVERY, ids=name)
def test_more_than_an_index_lists_is_found_where_it_is_asked_for(index: Index) -> None:
    found = built(LARGE, index).search(np.array([0]), 900, EVERYTHING).rows[0]
    assert len(set(found.tolist())) == 900
    assert (found >= 0).all()


@pytest.mark.parametrize("index", EVERY, ids=name)
@pytest.mark.parametrize(("n", "dim"), [(1, 3), (2, 7), (5, 513), (60, 97), (60, 12)])
def test_small_catalogs_and_any_width(index: Index, n: int, dim: int) -> None:
    """Of so few items all are listed, and the results are exact."""
    vectors = np.random.default_rng(n).normal(size=(n, dim)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    exact = Library(samples.catalog([n]), Fingerprint("sample", "none"), vectors)
    under, gallery = built(exact, index), np.ones(n, dtype=bool)
    np.testing.assert_array_equal(
        under.search(np.arange(n), 5, gallery).rows, exact.search(np.arange(n), 5, gallery).rows
    )
    assert measure(exact, under).recall == 1


@pytest.mark.parametrize("index", EVERY, ids=name)
@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_an_evaluation_counts_what_a_search_shows(index: Index, protocol: Protocol) -> None:
    under, split = built(LARGE, index), draw_split(LARGE.catalog, protocol)
    split = replace(split, queries=split.queries[:40])
    rankings = rank(under, split)
    for place, row in enumerate(rankings.queries.tolist()):
        shown = under.search(np.array([row]), 10, split.gallery)
        assert rankings.rows[place][:10].tolist() == shown.rows[0].tolist()
        np.testing.assert_array_equal(rankings.scores[place][:10], shown.scores[0])
    deeper = rank(under, split, depth=450)
    shown = under.search(deeper.queries[:1], 450, split.gallery)
    assert deeper.rows[0].tolist() == shown.rows[0].tolist()
    assert rankings.depth == DEPTH


@pytest.mark.parametrize("index", APPROXIMATE, ids=name)
def test_what_is_not_listed_stands_behind_all_that_is(index: Index) -> None:
    under = built(LARGE, index)
    assert under.lists == index.listed
    hits = under.scored(LARGE.vectors[:2], np.array([0, 1]), EVERYTHING).first(1500)[1]
    for row in (0, 1):
        order = hits.rows[row]
        assert order[-1] == -1  # itself is never returned
        assert sorted(order[:-1].tolist()) == [other for other in range(1500) if other != row]
        listed = int((hits.scores[row] > -1.5).sum())
        assert index.listed <= listed < 1499
        assert order[listed:-1].tolist() == sorted(order[listed:-1].tolist())


def test_an_exact_index_has_the_exact_order() -> None:
    under = built(LARGE, EXACT[0])
    keys, hits = under.scored(LARGE.vectors[:3], np.arange(3), EVERYTHING).first(1500)
    expected_keys, expected = LARGE.scored(LARGE.vectors[:3], np.arange(3), EVERYTHING).first(1500)
    np.testing.assert_array_equal(keys, expected_keys)
    np.testing.assert_array_equal(hits.rows, expected.rows)


@pytest.mark.parametrize("index", STORED, ids=name)
def test_it_is_stored_and_opened_the_same(index: Index) -> None:
    first, second = built(LARGE, index), built(LARGE, index)
    stored = first.engine.stored()
    assert stored.tobytes() == second.engine.stored().tobytes()
    assert len(stored) == first.engine.n_bytes
    again = opened(LARGE, index, stored)
    rows = np.arange(0, 1500, 20)
    np.testing.assert_array_equal(again.search(rows, 20, EVERYTHING).rows, first.search(rows, 20, EVERYTHING).rows)
    assert again.engine.n_bytes == first.engine.n_bytes
    assert again.fingerprint == first.fingerprint


@pytest.mark.parametrize("index", STORED, ids=name)
def test_damage_and_other_vectors_are_said(index: Index) -> None:
    stored = built(LARGE, index).engine.stored()
    for damaged in (stored[: len(stored) // 2], np.zeros(100, np.uint8)):
        with pytest.raises(StoreError, match=r"The index cannot be read .* Build the catalog again\."):
            opened(LARGE, index, damaged)
    with pytest.raises(StoreError, match="The index is of 1,500 items, its library of 60"):
        opened(clustered(60), index, stored)


@pytest.mark.parametrize("index", EVERY, ids=name)
def test_results_have_a_fingerprint_of_their_own_and_the_vectors_their_maker(index: Index) -> None:
    under = built(LARGE, index)
    assert under.method == f"sample@{index.name}"
    assert under.made_by == LARGE.fingerprint
    assert not under.fingerprint.matches(LARGE.fingerprint)
    assert under.given(("a",)) is under
    with pytest.raises(ValueError, match="k must be at least 1"):
        under.search(np.array([0]), 0, EVERYTHING)


def test_the_key_tells_methods_catalogs_and_indexes_apart() -> None:
    keys = {key_of(Fingerprint(method, "p"), catalog, index) for method in "ab" for catalog in "cd" for index in EVERY}
    assert len(keys) == 4 * len(EVERY)


def test_recall_and_times_are_measured_against_exact() -> None:
    class Poor(ENGINES["kd-tree"]):  # type: ignore[misc]
        def search(self, queries: Any, m: int) -> Any:
            rows = super().search(queries, m)
            rows[:, 1:6] = -1  # after the query itself, the five nearest are not found
            return rows

    poor = IndexedLibrary.of(LARGE, INDEXES["hnsw"], Poor.build(LARGE.vectors))
    measured = measure(LARGE, poor)
    assert measured.recall == pytest.approx(0.5)
    assert measured.milliseconds > 0
    assert measured.exact_milliseconds > 0


def test_without_the_package_one_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "faiss" else real(name))
    assert [is_available(index) for index in INDEXES.values()] == [True, *[False] * 5, True]
    check_available(INDEXES["kd-tree"])
    with pytest.raises(MissingPackageError, match="HNSW needs faiss, which is not installed: pip install faiss-cpu"):
        built(LARGE, INDEXES["hnsw"])


def test_a_package_that_cannot_be_imported_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(wanted: str, *arguments: Any, **options: Any) -> Any:
        if wanted == "faiss":
            raise ImportError("libgomp is missing")
        return real(wanted, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingPackageError, match=r"needs faiss \(libgomp is missing\): pip install faiss-cpu"):
        built(LARGE, INDEXES["lsh"])
