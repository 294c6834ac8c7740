"""Learn the codebooks of local features: ``python -m tools.fit_codebooks CATALOG``; a few minutes.

The catalog is the one that the shipped encoder was trained for. Codebooks are learned on pictures that this encoder was
trained on, which no style group of the catalog is made of. How many words they have, and how the sums by word become a
vector, is chosen on style groups that were held out from that training: printed is a table of both.
``assets/codebooks.npz`` is written, and with it every library of local features is another: build them again.
"""

import argparse
import io
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog.sources import open_source
from fashion_search.encoders import Fingerprint
from fashion_search.encoders.local import CODEBOOKS, FEATURES, REDUCED, WORDS, Codebook, Descriptors, Features, fitted
from fashion_search.errors import FashionSearchError
from fashion_search.evaluation.words import number
from fashion_search.files import write_atomically
from fashion_search.images import open_image
from fashion_search.library import Library
from fashion_search.store import Store, open_store
from fashion_search.training.division import Picture
from tools.fit_labels import Drawn, drawn, figures, read

SEED = 0
PICTURES = 1_000  # that codebooks are learned on
DESCRIPTORS = 150_000  # of them, of each kind
TRIED = (16, 32, 64)  # words
DRAWS = 1
_READERS = 4  # threads


def intra_normalised(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums, shape (n, words, d): those of each word at unit length (Arandjelović and Zisserman 2013)."""
    lengths = np.linalg.norm(sums, axis=2, keepdims=True)
    return np.asarray(np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0))


def square_roots(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Signed square roots (Jégou and others 2012)."""
    return np.sign(sums) * np.sqrt(np.abs(sums))


NORMALISATIONS: Mapping[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "none": lambda sums: sums,
    "intra-normalised": intra_normalised,
    "square roots": square_roots,
}


def descriptors_of(features: Features, store: Store, pictures: Sequence[Picture]) -> dict[str, Descriptors]:
    """By image, in the order of the pictures."""
    source = open_source(store.manifest.source_path, store.manifest.options)
    with closing(source.tree) as tree, ThreadPoolExecutor(_READERS) as readers:

        def one(picture: Picture) -> Descriptors:
            return features.describe(fitted(open_image(tree.read_image(picture.row.image))))

        found = list(readers.map(one, pictures))
    return {picture.row.image: descriptors for picture, descriptors in zip(pictures, found, strict=True)}


def learn(descriptors: Descriptors, words: int, seed: int = SEED) -> Codebook:
    """A codebook of descriptors, shape (n, d): PCA, then k-means; rounded as it is stored."""
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.decomposition import PCA

    reduction = PCA(REDUCED, random_state=seed).fit(descriptors)
    reduced = reduction.transform(descriptors)
    clusters = MiniBatchKMeans(words, random_state=seed, batch_size=4096, n_init=5, max_iter=50).fit(reduced)
    arrays = (reduction.mean_, reduction.components_.T, clusters.cluster_centers_)
    return Codebook(*(array.astype(np.float16).astype(np.float32) for array in arrays))


def measured(
    codebook: Codebook, descriptors: Mapping[str, Descriptors], draws: Sequence[Drawn]
) -> dict[str, tuple[float, float]]:
    """Normalisation → Precision@5 and Hit@5 of the held-out queries."""
    sums = {image: codebook.sums(found)[:-1].astype(np.float64) for image, found in descriptors.items()}
    result = {}
    for name, normalise in NORMALISATIONS.items():
        libraries = []
        for one in draws:
            raw = np.stack([sums[picture.row.image] for picture in one.pictures])
            flat = normalise(raw.reshape(len(raw), *codebook.words.shape)).reshape(len(raw), -1)
            lengths = np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-12)
            libraries.append(Library(one.catalog, Fingerprint("tried", name), (flat / lengths).astype(np.float32)))
        result[name] = figures(libraries, draws)
    return result


def fit(store: Store) -> None:
    """Learn the codebooks of every kind of features, say what they are worth, and write them."""
    data = read(store)
    training = random.Random(SEED).sample(data.division.training, min(PICTURES, data.n_training))
    draws = [drawn(data, store, seed) for seed in range(DRAWS)]
    of_draws = list({one.row.image: one for draw in draws for one in draw.pictures}.values())
    arrays = {}
    print(f"| | words | {' | '.join(NORMALISATIONS)} |\n|---|---|{'---|' * len(NORMALISATIONS)}")
    for features in FEATURES:
        learned_on = np.concatenate(list(descriptors_of(features, store, training).values()))
        rows = np.random.default_rng(SEED).permutation(len(learned_on))[:DESCRIPTORS]
        found = descriptors_of(features, store, of_draws)
        for words in TRIED:
            codebook = learn(learned_on[rows], words)
            cells = [f"{number(one[0])} / {number(one[1])}" for one in measured(codebook, found, draws).values()]
            print(f"| {features.title} | {words} | {' | '.join(cells)} |", flush=True)
            if words == WORDS:
                for part in ("mean", "projection", "words"):
                    arrays[f"{features.name}.{part}"] = getattr(codebook, part).astype(np.float16)
    write(arrays)


def write(arrays: Mapping[str, NDArray[np.float16]]) -> None:
    """Write the codebooks; the same arrays give the same bytes."""
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type] # NumPy's types take one of its flags for an array
    write_atomically(CODEBOOKS, lambda file: file.write(content.getvalue()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.fit_codebooks", description="Learn codebooks.")
    parser.add_argument("catalog", help="the built catalog that the shipped encoder was trained for")
    options = parser.parse_args(arguments)
    try:
        fit(open_store(options.catalog))
    except FashionSearchError as error:
        print(f"fit_codebooks: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
