import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from fashion_search import library as library_module
from fashion_search.catalog import PROTOCOLS, Protocol, draw_split
from fashion_search.encoders import Encoder, Fingerprint
from fashion_search.errors import ForeignVectorsError
from fashion_search.library import Library, margin_of
from tests import samples
from tests.test_scored import naive_top_k


def test_equal_scores_come_in_the_order_of_rows() -> None:
    library = samples.library([4, 4], levels=1)  # all vectors alike
    hits = library.search(np.array([2]), 5, np.ones(8, dtype=bool))
    assert hits.rows.tolist() == [[0, 1, 3, 4, 5]]
    np.testing.assert_array_equal(hits.scores, np.ones((1, 5), np.float32))


def test_what_may_not_be_returned_is_masked_before_the_best_are_taken() -> None:
    library = samples.library([20, 20])
    gallery = np.zeros(40, dtype=bool)
    gallery[[3, 17]] = True
    hits = library.search(np.array([0, 3]), 5, gallery)
    assert set(hits.rows[0]) == {3, 17, -1}
    assert hits.rows[1].tolist() == [17, -1, -1, -1, -1]
    assert np.isneginf(hits.scores[1, 1:]).all()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_query_is_never_among_its_results(protocol: Protocol) -> None:
    library = samples.library([20, 30, 4, 4], levels=2)
    split = draw_split(library.catalog, protocol)
    hits = library.search(split.queries, 58, split.gallery)
    found = hits.rows >= 0
    assert not (hits.rows == split.queries[:, None]).any()
    assert split.gallery[hits.rows[found]].all()
    expected = split.gallery.sum() - split.gallery[split.queries]
    np.testing.assert_array_equal(found.sum(axis=1), np.minimum(expected, 58))


def test_one_query_gives_bit_for_bit_what_a_block_gives() -> None:
    generator = np.random.default_rng(0)
    vectors = generator.random((1300, 512)).astype(np.float32)  # blocks of 512 queries: two full ones and a rest
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    library = Library(samples.catalog([1300]), Fingerprint("sample", "none"), vectors)
    gallery = np.ones(1300, dtype=bool)
    block = library.search(np.arange(1300), 10, gallery)
    for row in range(0, 1300, 50):
        single = library.search(np.array([row]), 10, gallery)
        np.testing.assert_array_equal(single.rows[0], block.rows[row])
        np.testing.assert_array_equal(single.scores[0], block.scores[row])


@pytest.mark.parametrize(
    ("n", "block", "cells", "sizes"),
    [
        (10, 512, 2**23, [10]),
        (10, 4, 2**23, [4, 4, 2]),
        (10, 512, 30, [3, 3, 3, 1]),
        (10, 2, 30, [2, 2, 2, 2, 2]),
        (10, 512, 9, [1] * 10),  # one query at least, however large the catalog
    ],
)
def test_the_whole_order_comes_in_blocks_of_bounded_size(
    n: int, block: int, cells: int, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_module, "_BLOCK", block)
    monkeypatch.setattr(library_module, "_CELLS", cells)
    library = samples.library([4, 6], levels=3)
    gallery = np.arange(n) % 4 != 1
    rows = np.arange(n)[::-1]
    vectors = library.vectors.astype(np.float64)
    found = list(library.scored_blocks(np.asarray(library.vectors[rows]), rows, gallery))
    assert [len(scored.scores) for _, scored in found] == sizes
    assert np.concatenate([rows[part] for part, _ in found]).tolist() == rows.tolist()
    for part, scored in found:
        for query, ordered in zip(rows[part], scored.first(n)[1].rows, strict=True):
            expected = naive_top_k(vectors @ vectors[query], query, n, gallery)
            assert ordered.tolist() == [row for row, _ in expected]


def test_no_queries_no_blocks() -> None:
    few = samples.library([4])
    assert not list(few.scored_blocks(few.vectors[:0], np.array([], dtype=np.intp), np.ones(4, dtype=bool)))


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def close_vectors(n: int, dim: int, seed: int) -> NDArray[np.float32]:
    """Some equal, some that differ by less than single precision tells, in clusters, in any order."""
    generator = np.random.default_rng(seed)
    centres = generator.standard_normal((max(n // 20, 1), dim))
    spread = 10.0 ** generator.integers(-9, 0, (n, 1))
    vectors = centres[generator.integers(0, len(centres), n)] + spread * generator.standard_normal((n, dim))
    vectors[generator.random(n) < 0.2] = vectors[0]
    return unit(vectors)


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(2, 700),
    dim=st.sampled_from([1, 2, 17, 512]),
    seed=st.integers(0, 10**6),
    k=st.sampled_from([1, 2, 10, 50, 700]),
    share=st.sampled_from([0.02, 0.5, 1.0]),
)
def test_the_order_is_that_of_double_precision_to_the_last_tie(
    n: int, dim: int, seed: int, k: int, share: float
) -> None:
    """As it is found by comparing every item in double precision and sorting them all."""
    library = Library(samples.catalog([n]), Fingerprint("sample", "none"), close_vectors(n, dim, seed))
    generator = np.random.default_rng(seed)
    gallery = generator.random(n) < share
    rows = generator.integers(0, n, 20)
    hits = library.search(rows, k, gallery)
    exact = library.vectors.astype(np.float64)
    for place, row in enumerate(rows):
        expected = naive_top_k(exact @ exact[row], row, min(k, n), gallery)
        assert hits.rows[place].tolist() == [other for other, _ in expected]
        np.testing.assert_array_equal(hits.scores[place], np.float32([score for _, score in expected]))


@pytest.mark.parametrize("dim", [1, 48, 512, 4096])
def test_single_precision_stays_within_the_margin(dim: int) -> None:
    vectors = close_vectors(500, dim, dim)
    exact = vectors.astype(np.float64)
    off = np.abs(vectors @ vectors.T - exact @ exact.T).max()
    assert off < margin_of(dim) < 0.001
    library = Library(samples.catalog([500]), Fingerprint("sample", "none"), vectors)
    scored = library.scored(vectors[:3], np.full(3, -1), np.ones(500, dtype=bool))
    assert scored.margin == margin_of(dim)
    assert scored.scores.dtype == np.float32


def test_k_is_cut_to_the_number_of_items_and_must_be_one_at_least() -> None:
    library = samples.library([3])
    assert library.search(np.array([0]), 99, np.ones(3, dtype=bool)).rows.shape == (1, 3)
    assert library.search(np.array([], dtype=np.intp), 2, np.ones(3, dtype=bool)).rows.shape == (0, 2)
    with pytest.raises(ValueError, match="k must be at least 1"):
        library.search(np.array([0]), 0, np.ones(3, dtype=bool))


def test_searching_leaves_the_vectors_as_they_are() -> None:
    library = samples.library([5, 5])
    library.vectors.setflags(write=False)
    before = library.vectors.copy()
    library.search(np.arange(10), 3, np.ones(10, dtype=bool))
    np.testing.assert_array_equal(library.vectors, before)


class Constant(Encoder):
    """Encodes everything as the same vector."""

    def __init__(self, fingerprint: Fingerprint, vector: NDArray[np.float32]):
        self.fingerprint, self.vector = fingerprint, vector

    def prepare(self, image: Image.Image) -> NDArray[np.float32]:
        return self.vector

    def embed(self, prepared: NDArray[np.float32]) -> NDArray[np.float32]:
        return prepared


def test_a_picture_from_outside_may_find_every_item() -> None:
    library = samples.library([5, 5], levels=10**6)
    encoder = Constant(library.fingerprint, library.vectors[7])
    vector = library.encode(encoder, samples.noise(0))
    hits = library.search_vectors(vector, np.array([-1]), 3, np.ones(10, dtype=bool))
    assert hits.rows[0, 0] == 7
    assert hits.scores[0, 0] == 1


@pytest.mark.parametrize(
    "other",
    [Fingerprint("sample", "none", "abc", "w.pth"), Fingerprint("sample", "other"), Fingerprint("other", "none")],
)
def test_vectors_of_another_encoder_are_refused(other: Fingerprint) -> None:
    library = samples.library([5])
    with pytest.raises(ForeignVectorsError, match=r"such vectors cannot be compared\. Build the library again"):
        library.encode(Constant(other, library.vectors[0]), samples.noise(0))


def test_the_same_weights_under_another_file_name_are_no_others() -> None:
    assert Fingerprint("m", "p", "abc", "one.pth").matches(Fingerprint("m", "p", "abc", "two.pth"))
