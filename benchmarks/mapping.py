"""Maps of a catalog by t-SNE: what they take, and how well they keep who is near whom."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks.measuring import Goal, Row, Setting, timed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NEIGHBOURS = 10


def tsne(setting: Setting) -> Iterator[Row]:
    """The program's map against scikit-learn's t-SNE of 1,000 steps, which made the maps of earlier versions.

    ``kept``: the share of each item's ten nearest that are among the ten nearest on the map. ``trust``: scikit-learn's
    trustworthiness of the same neighbourhoods, 1 at best. Of both maps, the program's first.
    """
    import numpy as np

    from fashion_search.store import open_store

    store = open_store(setting.catalog)
    for method in store.methods if setting.is_full else list(store.methods)[:1]:
        vectors = np.asarray(store.library(method).vectors)
        maps: dict[str, Any] = {}
        pairs = []
        for _ in range(1 if setting.is_full else setting.n):
            before = timed(partial(_make, maps, "before", _before, vectors))
            pairs.append((before, timed(partial(_make, maps, "now", _now, vectors))))
        told = {name: _quality(vectors, points) for name, points in maps.items()}
        facts = {
            what: " against ".join(f"{told[name][place]:.3f}" for name in ("now", "before"))
            for place, what in enumerate(("kept", "trust"))
        }
        what = f"t-SNE of {len(vectors):,} vectors, {method}"
        yield Row.of(what, "scikit-learn, 1,000 steps", pairs, goal=Goal("≤", 0.4), facts=facts)


def _make(maps: dict[str, Any], name: str, how: Callable[[Any], Any], vectors: "NDArray[np.float32]") -> None:
    maps[name] = how(vectors)


def _now(vectors: "NDArray[np.float32]") -> Any:
    from fashion_search.evaluation.projection import tsne as program

    return program(vectors).points


def _before(vectors: "NDArray[np.float32]") -> Any:
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    reduced = PCA(min(50, *vectors.shape), random_state=0).fit_transform(vectors - vectors.mean(axis=0))
    start = (reduced[:, :2] / reduced[:, 0].std() * 1e-4).astype("float32")
    return TSNE(init=start, random_state=0, n_jobs=-1).fit_transform(reduced)


def _quality(vectors: "NDArray[np.float32]", points: Any) -> tuple[float, float]:
    """The share of nearest neighbours that a map keeps, and its trustworthiness."""
    import numpy as np
    from sklearn.manifold import trustworthiness
    from sklearn.neighbors import NearestNeighbors

    near, on_map = (
        NearestNeighbors(n_neighbors=_NEIGHBOURS).fit(one).kneighbors(return_distance=False)
        for one in (vectors, points)
    )
    kept = np.mean([len(np.intersect1d(one, other)) for one, other in zip(near, on_map, strict=True)]) / _NEIGHBOURS
    return float(kept), float(trustworthiness(vectors, points, n_neighbors=_NEIGHBOURS))
