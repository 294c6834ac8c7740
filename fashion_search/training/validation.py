"""What a run is validated by: held-out pictures as each other's queries, and photos made of them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.catalog import Catalog, Item, Protocol, draw_split
from fashion_search.encoders import Fingerprint
from fashion_search.encoders.architecture import Architecture
from fashion_search.evaluation.alterations import ALL_TOGETHER, altered
from fashion_search.evaluation.measures import MEASURES, PAPERS
from fashion_search.evaluation.mismatches import kinds, shares
from fashion_search.evaluation.rankings import Rankings, rank
from fashion_search.library import Library
from fashion_search.training.data import Data
from fashion_search.training.record import Metrics

RANK = 5
"""That of the paper's Table 1."""

Encode = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


def metrics(catalog: Catalog, rankings: Rankings) -> Metrics:
    """Means over queries at rank 5, and the share of results that are wrong in their colour and in nothing else."""
    means = {name: float(MEASURES[name].of(rankings, RANK).mean()) for name in PAPERS}
    of_kinds = shares(catalog, rankings, RANK)
    means["colour_alone"] = sum(
        of_kinds.get(kind.code, 0.0)
        for kind in kinds(catalog.columns)
        if len(kind.columns) == 1 and "colour" in kind.columns[0]
    )
    return {name: round(value, 5) for name, value in means.items()}


def score(validation: Metrics) -> float:
    """What the best validation is chosen by: Precision@5, or where photos are learned, the mean of that and theirs."""
    precision = validation["precision"]
    return (precision + validation.get("photos", precision)) / 2


class Validation:
    """Leave-one-out among the held-out pictures of a run."""

    def __init__(self, data: Data, architecture: Architecture, with_photos: bool):
        held_out = data.division.validation
        columns, labels = data.division.validated_labels(data.columns)
        items = (
            Item(one.row.id, one.row.name, its_own, one.row.image, one.digest, one.checksum)
            for one, its_own in zip(held_out, labels, strict=True)
        )
        self._catalog = Catalog("validation", "Validation", columns, tuple(items))
        self._split = draw_split(self._catalog, Protocol.LEAVE_ONE_OUT)
        self.pixels = data.pixels[data.n_training :]
        self._photos: NDArray[np.uint8] | None = None
        if with_photos:  # the same pictures under all alterations at once
            pairs = zip(self.pixels, held_out, strict=True)
            photos = [altered(Image.fromarray(pixels), ALL_TOGETHER, one.checksum) for pixels, one in pairs]
            self._photos = np.stack([architecture.prepare(photo) for photo in photos])

    def measure(self, encode: Encode) -> Metrics:
        """The metrics of an encoder; where photos are learned, also ``photos``: Precision@5 with photos as queries.

        Args:
            encode: pictures, shape (n, height, width, 3), to unit vectors, shape (n, dimensions).
        """
        library = Library(self._catalog, Fingerprint("validated", "training"), encode(self.pixels))
        measured = metrics(self._catalog, rank(library, self._split, depth=RANK))
        if self._photos is not None:
            queries = encode(self._photos)[self._split.queries]
            of_photos = rank(library, self._split, depth=RANK, vectors=queries)
            measured["photos"] = metrics(self._catalog, of_photos)["precision"]
        return measured
