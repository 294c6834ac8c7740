import dataclasses
import io
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fashion_search.encoders import Fingerprint
from fashion_search.evaluation import projection
from fashion_search.evaluation.projection import Projection, find, make, pca, sample_rows, store, stored, tsne
from fashion_search.files import write_named_by_checksum
from fashion_search.library import Library
from tests import samples

KINDS = ("pca", "tsne")


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def noise(n: int, dim: int = 8) -> NDArray[np.float32]:
    return unit(np.random.default_rng(0).normal(size=(n, dim)))


def clusters(size: int) -> NDArray[np.float32]:
    """Three directions far apart, ``size`` vectors near each."""
    centres = np.repeat(np.eye(3, 80), size, axis=0)
    return unit(centres + 0.02 * np.random.default_rng(0).normal(size=centres.shape))


def test_pca_against_a_naive_version() -> None:
    vectors = noise(40)
    found = pca(vectors)
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    values, axes = np.linalg.eigh(centred.T @ centred)
    expected = centred @ axes[:, [-1, -2]]
    signs = np.sign((found.points * expected).sum(axis=0))  # an axis has no direction
    np.testing.assert_allclose(found.points * signs, expected, atol=1e-5)
    assert found.explained == pytest.approx(values[[-1, -2]] / values.sum(), abs=1e-5)
    assert found.rows.tolist() == list(range(40))
    assert (found.points.dtype, found.rows.dtype) == (np.float32, np.intp)


def test_tsne_keeps_neighbours_together() -> None:
    points = tsne(clusters(20)).points.astype(np.float64)
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (distances.argmin(axis=1) // 20 == np.arange(60) // 20).all()
    assert tsne(clusters(20)).explained is None


def test_equal_seeds_give_equal_maps() -> None:
    vectors = noise(60)
    np.testing.assert_array_equal(tsne(vectors, 1).points, tsne(vectors, 1).points)
    np.testing.assert_array_equal(pca(vectors).points, pca(vectors).points)


SHAPES = {
    "different": lambda n: noise(n),
    "one number": lambda n: np.ones((n, 1), np.float32),
    "all equal": lambda n: np.full((n, 8), 8**-0.5, np.float32),
    "equal but for one": lambda n: np.eye(2, 8, dtype=np.float32)[(np.arange(n) == 0).astype(int)],
    "nearly equal": lambda n: unit(1 + 1e-7 * np.random.default_rng(0).normal(size=(n, 8))),
    "all zero": lambda n: np.zeros((n, 8), np.float32),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 10])
def test_few_or_equal_vectors_have_a_map_too(shape: str, n: int) -> None:
    vectors = SHAPES[shape](n)
    for found in (pca(vectors), tsne(vectors)):  # which refuses what is not finite; a warning is an error here
        assert found.points.shape == (n, 2)
    shares = pca(vectors).explained
    assert shares is not None
    assert 0 <= shares[1] <= shares[0] <= 1


def test_three_items_have_no_neighbourhoods() -> None:
    np.testing.assert_array_equal(tsne(noise(3)).points, pca(noise(3)).points)


def test_a_large_catalog_is_sampled_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sample_rows(10_000).tolist() == list(range(10_000))
    rows = sample_rows(44_441)
    assert (len(rows), rows[0], set(np.diff(rows).tolist())) == (10_000, 0, {4, 5})
    assert rows[-1] < 44_441
    monkeypatch.setattr(projection, "MOST_POINTS", 20)
    vectors = noise(50)
    for found in (pca(vectors), tsne(vectors)):
        assert found.rows.tolist() == sample_rows(50).tolist()
        assert found.points.shape == (20, 2)
    np.testing.assert_array_equal(pca(vectors).points, pca(vectors[sample_rows(50)]).points)


@pytest.mark.parametrize(
    ("rows", "points"),
    [([0, 1], [[0, 0]]), ([0, 0], [[0, 0]] * 2), ([1, 0], [[0, 0]] * 2), ([-1], [[0, 0]]), ([0], [[0, np.nan]])],
)
def test_a_map_that_is_none_is_refused(rows: list[int], points: list[list[float]]) -> None:
    with pytest.raises(ValueError, match=r"do not fit|must ascend|must be finite"):
        Projection("pca", np.array(rows), np.array(points, np.float32))


@pytest.fixture
def library() -> Library:
    return samples.library([4, 5, 6])


def same(one: Projection | None, other: Projection) -> bool:
    return (
        one is not None
        and (one.kind, one.explained) == (other.kind, other.explained)
        and np.array_equal(one.rows, other.rows)
        and np.array_equal(one.points, other.points)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_map_is_stored_and_found(tmp_path: Path, library: Library, kind: projection.Technique) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "own/evaluations"
    assert find([own, shipped], library, kind) is None
    made = make(shipped, library, kind)
    assert same(find([own, shipped], library, kind), made)
    assert find([own], library, kind) is None
    (path,) = shipped.iterdir()
    assert re.fullmatch(rf"map-{kind}-sample-[0-9a-f]{{16}}-[0-9a-f]{{16}}\.npz", path.name)
    make(shipped, library, kind)
    assert list(shipped.iterdir()) == [path]
    assert same(make(None, library, kind), made)


def test_a_map_of_other_vectors_is_not_found(tmp_path: Path, library: Library) -> None:
    make(tmp_path, library, "pca")
    redrawn = dataclasses.replace(library.catalog.items[-1], digest="another picture")
    catalog = dataclasses.replace(library.catalog, items=(*library.catalog.items[:-1], redrawn))
    others = [
        dataclasses.replace(library, fingerprint=Fingerprint("sample", "other preparation")),
        dataclasses.replace(library, fingerprint=Fingerprint("another", "none")),
        Library(catalog, library.fingerprint, library.vectors),
    ]
    assert [stored(tmp_path, other, "pca") for other in others] == [None] * 3
    assert stored(tmp_path, library, "tsne") is None


def test_a_new_map_replaces_those_of_the_same_method_and_kind(tmp_path: Path, library: Library) -> None:
    make(tmp_path, library, "pca")
    newer = dataclasses.replace(library, fingerprint=Fingerprint("sample", "newer"))
    longer = dataclasses.replace(library, fingerprint=Fingerprint("sample-2", "none"))
    for other in (longer, newer):
        make(tmp_path, other, "pca")
    make(tmp_path, library, "tsne")
    (tmp_path / "map-pca-sample-notes.npz").write_bytes(b"somebody's")
    make(tmp_path, newer, "pca")
    assert stored(tmp_path, library, "pca") is None
    assert all(stored(tmp_path, other, "pca") for other in (longer, newer))
    assert stored(tmp_path, library, "tsne")
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize(
    "harm", [lambda data: data[:-9], lambda data: b"", lambda data: data[:200] + b"!" + data[201:]]
)
def test_a_damaged_file_is_made_anew(tmp_path: Path, library: Library, harm: object) -> None:
    made = make(tmp_path, library, "pca")
    (path,) = tmp_path.iterdir()
    path.write_bytes(harm(path.read_bytes()))
    assert find([tmp_path], library, "pca") is None
    make(tmp_path, library, "pca")
    assert same(find([tmp_path], library, "pca"), made)


@pytest.mark.parametrize(
    "changed",
    [
        {"key": np.array("0" * 64)},
        {"rows": np.arange(15) + 1},
        {"rows": np.arange(15.0)},
        {"points": np.zeros((15, 3), np.float32)},
        {"points": np.full((15, 2), np.inf, np.float32)},
        {"points": np.zeros((15, 2))},
        {"points": np.array([object()])},
        {"explained": np.array([0.5])},
        {"explained": np.array(0.5)},
    ],
)
def test_a_foreign_file_counts_as_not_there(tmp_path: Path, library: Library, changed: dict[str, object]) -> None:
    path = store(tmp_path, library, pca(library.vectors))
    with np.load(path) as arrays:
        content = dict(arrays) | changed
    path.unlink()
    stem = path.name[: -len("-0123456789abcdef.npz")]
    write_named_by_checksum(tmp_path, stem, ".npz", lambda file: np.savez(file, **content))
    assert stored(tmp_path, library, "pca") is None


def test_a_file_that_is_no_archive_counts_as_not_there(tmp_path: Path, library: Library) -> None:
    path = store(tmp_path, library, pca(library.vectors))
    path.unlink()
    stem = path.name[: -len("-0123456789abcdef.npz")]
    array = io.BytesIO()
    np.save(array, np.zeros(3))
    for data in (b"plain", array.getvalue(), b"PK\x03\x04", b""):
        write_named_by_checksum(tmp_path, stem, ".npz", lambda file, data=data: file.write(data))
    (tmp_path / f"{stem}-{'0' * 16}.npz").mkdir()
    whole = store(tmp_path / "other", library, pca(library.vectors))
    whole.replace(tmp_path / f"{stem}-{'1' * 16}.npz")  # a map, but not the one of this checksum
    assert stored(tmp_path, library, "pca") is None


def test_a_folder_that_cannot_be_written_does_not_lose_the_map(tmp_path: Path, library: Library) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert same(make(tmp_path / "file/evaluations", library, "pca"), pca(library.vectors))
    assert find([tmp_path / "file/evaluations"], library, "pca") is None
