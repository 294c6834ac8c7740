"""Maps of a method's vectors in two dimensions, by PCA or t-SNE, kept on disk."""

import contextlib
import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fashion_search.files import stem_of, write_named_by_checksum
from fashion_search.library import Library
from fashion_search.work import advance

MOST_POINTS = 10_000
"""Items on a map at most: no plot shows more."""

_FEWEST_NEIGHBOURS = 4  # items from which on t-SNE is defined: its perplexity is a number of neighbours, at least 1
_PERPLEXITY = 30.0
_DIMENSIONS = 50  # before t-SNE, as its authors do: noise is dropped, distances are cheap
_SAID_EVERY = 25  # steps of it between two words on how far it is
_APART, _TOGETHER = 100, 300  # steps of t-SNE that first part clusters, and then settle: more hardly change a map
_THETA = 0.8  # how coarsely Barnes and Hut sum up what is far
_FILE = re.compile(r"-(?P<sha16>[0-9a-f]{16})\.npz")

Vectors = NDArray[np.float32]


Technique = Literal["pca", "tsne"]
KINDS: tuple[Technique, ...] = ("pca", "tsne")
_FORMATS: dict[Technique, int] = {"pca": 1, "tsne": 2}
"""Part of the key: raise a technique's when a map of the same vectors would come out otherwise."""


@dataclass(frozen=True)
class Projection:
    """A map: ``points``, shape (m, 2), of the catalog's ``rows``, shape (m,), ascending.

    ``explained``: the share of the vectors' variance along each axis, 0 to 1, for PCA; ``None`` for t-SNE,
    whose axes and distances between far points mean nothing.

    Raises:
        ValueError: shapes do not fit, rows repeat, or a number is not finite.
    """

    kind: Technique
    rows: NDArray[np.intp]
    points: NDArray[np.float32]
    explained: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if self.rows.ndim != 1 or self.points.shape != (len(self.rows), 2):
            raise ValueError(f"{self.points.shape} points do not fit {self.rows.shape} rows")
        if (self.rows < 0).any() or (np.diff(self.rows) <= 0).any():
            raise ValueError("rows must ascend")
        if not np.isfinite(self.points).all() or not np.isfinite(self.explained or ()).all():
            raise ValueError("a map's numbers must be finite")


def sample_rows(n: int) -> NDArray[np.intp]:
    """All rows of n items, or ``MOST_POINTS`` of them at even distances; always the same."""
    m = min(n, MOST_POINTS)
    return np.arange(m, dtype=np.intp) * n // max(m, 1)


def pca(vectors: Vectors) -> Projection:
    """The two directions of most variance.

    Args:
        vectors: shape (n, dim), finite; above ``MOST_POINTS`` a sample of rows is projected.
    """
    rows = sample_rows(len(vectors))
    points, shares = _principal(np.asarray(vectors[rows]), 2)
    return Projection("pca", rows, points, (float(shares[0]), float(shares[1])))


def tsne(vectors: Vectors, seed: int = 0) -> Projection:
    """Neighbourhoods, by t-SNE (van der Maaten and Hinton, 2008): near points are similar items.

    PCA to 50 dimensions, then t-SNE by the sums of Barnes and Hut (van der Maaten, 2014), which starts from the first
    two. Distances are Euclidean, which for unit vectors order neighbours as the cosine does. Fewer than four items, or
    vectors that are all equal, have no neighbourhoods: their map is that of PCA.

    Args:
        vectors: shape (n, dim), finite; above ``MOST_POINTS`` a sample of rows is projected.
        seed: equal seeds give equal maps on the same machine.
    """
    rows = sample_rows(len(vectors))
    reduced, _ = _principal(np.asarray(vectors[rows]), _DIMENSIONS)
    start = reduced[:, :2]
    spread = float(start[:, 0].std()) if len(start) else 0.0
    if len(rows) < _FEWEST_NEIGHBOURS or not spread > 0:
        return Projection("tsne", rows, start.copy())
    from openTSNE import TSNE

    steps = iter(range(_SAID_EVERY, _APART + _TOGETHER, _SAID_EVERY))  # it counts those of each phase from 1

    def moved(step: int, error: float, points: object) -> None:
        advance(next(steps, _APART + _TOGETHER), _APART + _TOGETHER)

    model = TSNE(
        perplexity=min(_PERPLEXITY, (len(rows) - 1) / 3),
        initialization=(start / spread * 1e-4).astype(np.float64),  # what "pca" does, computed once
        early_exaggeration_iter=_APART,
        n_iter=_TOGETHER,
        theta=_THETA,
        neighbors="exact",
        negative_gradient_method="bh",
        random_state=seed,
        callbacks=moved,
        callbacks_every_iters=_SAID_EVERY,
        n_jobs=-1,  # the map is the same whatever their number
    )
    points = np.asarray(model.fit(reduced))
    return Projection("tsne", rows, points.astype(np.float32))


def _principal(vectors: Vectors, dimensions: int) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Coordinates along the first principal axes, shape (n, dimensions), and their shares of variance.

    Axes that n vectors do not have are zero.
    """
    n, dim = vectors.shape
    points = np.zeros((n, dimensions), np.float32)
    shares = np.zeros(dimensions)
    if not n or (vectors == vectors[0]).all():  # no direction has any variance: shares would be 0 / 0
        return points, shares
    from sklearn.decomposition import PCA

    # Centred in advance: sklearn's covariance of float32 vectors with a large mean is mostly rounding.
    centred = vectors - vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    model = PCA(min(dimensions, n, dim), random_state=0)
    found = model.fit_transform(centred)
    points[:, : found.shape[1]] = found
    shares[: found.shape[1]] = np.clip(model.explained_variance_ratio_, 0, 1)
    return points, shares


def find(folders: Sequence[Path], library: Library, kind: Technique) -> Projection | None:
    """The stored map of a library, from the first folder that has it whole; ``None`` if none does."""
    found = (stored(folder, library, kind) for folder in folders)
    return next((projection for projection in found if projection), None)


def make(folder: Path | None, library: Library, kind: Technique) -> Projection:
    """Compute the map of a library and store it in ``folder``, if there is one and it can be written."""
    projection = pca(library.vectors) if kind == "pca" else tsne(library.vectors)
    if folder:
        with contextlib.suppress(OSError):  # a shared or full disk: the map is made anew next time
            store(folder, library, projection)
    return projection


def store(folder: Path, library: Library, projection: Projection) -> Path:
    """Write a map of a library, and remove the method's earlier maps of the same kind.

    Raises:
        OSError: the folder cannot be written.
    """
    key = _key(library, projection.kind)
    arrays: dict[str, Any] = {
        "key": np.array(key),
        "rows": projection.rows.astype(np.int64),
        "points": projection.points,
        "explained": np.array(projection.explained or (), dtype=np.float64),
    }
    stem = f"{_prefix(library, projection.kind)}-{key[:16]}"
    name = write_named_by_checksum(folder, stem, ".npz", lambda file: np.savez(file, **arrays))["file"]
    own = re.compile(rf"{re.escape(_prefix(library, projection.kind))}-[0-9a-f]{{16}}-[0-9a-f]{{16}}\.npz")
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if own.fullmatch(path.name) and path.name != name:
                with contextlib.suppress(OSError):  # Windows refuses while another process reads it
                    path.unlink()
    return folder / name


def stored(folder: Path, library: Library, kind: Technique) -> Projection | None:
    """The map of exactly these vectors from a folder; a damaged or foreign file counts as not there."""
    key = _key(library, kind)
    stem = f"{_prefix(library, kind)}-{key[:16]}"
    try:
        names = sorted(path.name for path in folder.iterdir() if path.name.startswith(stem))
    except OSError:
        return None
    for name in names:
        match = _FILE.fullmatch(name, len(stem))
        if match and (projection := _read(folder / name, match["sha16"], key, library, kind)):
            return projection
    return None


def _read(path: Path, sha16: str, key: str, library: Library, kind: Technique) -> Projection | None:
    try:
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest()[:16] != sha16:
            return None
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            rows, points, explained = arrays["rows"], arrays["points"], arrays["explained"].tolist()
            if str(arrays["key"]) != key or points.dtype != np.float32 or rows.dtype != np.int64:
                return None
        if not np.array_equal(rows, sample_rows(len(library.vectors))):
            return None
        first, second = explained if kind == "pca" else (0.0, 0.0)
        return Projection(kind, rows.astype(np.intp), points, (first, second) if kind == "pca" else None)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, EOFError, zipfile.BadZipFile, zlib.error):
        return None  # not a map, whatever its checksum: it is made anew


def _prefix(library: Library, kind: Technique) -> str:
    return f"map-{kind}-{stem_of(library.method)}"


def _key(library: Library, kind: Technique) -> str:
    """SHA-256 over all that decides a map: vectors (by method and catalog), kind, and how this version makes it."""
    parts = [_FORMATS[kind], kind, library.fingerprint.digest, library.catalog.fingerprint, MOST_POINTS]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
