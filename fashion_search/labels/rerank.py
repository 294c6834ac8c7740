"""Re-ranking: the results of a method, ordered by what the query probably is as well as by similarity."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.encoders import Fingerprint, Order, reranked
from fashion_search.labels.posterior import TEMPERATURE, Known, StylePosterior
from fashion_search.library import Library
from fashion_search.scored import Scored, key_of, masked

_BEHIND = 10.0  # more than scores of one query can differ by


@dataclass(frozen=True)
class RerankedLibrary(Library):
    """A library whose results stand in another order (see ``encoders.orders.Order``).

    ``known``: what a person said that the query is.
    """

    posterior: StylePosterior
    order: Order
    known: Known = ()

    @classmethod
    def of(cls, posterior: StylePosterior, order: Order) -> Self:
        """The same vectors under an order."""
        library = posterior.library
        made_by = library.fingerprint
        told_by = "heads and labels of the gallery" if posterior.by_heads else "labels of the gallery"
        calibration = posterior.calibration
        recipe = (
            f"{made_by.preprocessing}; re-ranked by {told_by}: share {order.share}, first {order.first}, at most "
            f"{order.most}; temperature {TEMPERATURE}, votes {calibration.votes}, heads {calibration.heads}"
        )
        fingerprint = Fingerprint(reranked(made_by.method, order.name), recipe, made_by.weights, made_by.weights_name)
        return cls(library.catalog, fingerprint, library.vectors, posterior, order)

    @property
    def made_by(self) -> Fingerprint:
        return self.posterior.library.fingerprint

    def given(self, known: Known, picture: Image.Image | None = None) -> "RerankedLibrary":
        return replace(self, known=known)

    def scored(self, queries: NDArray[np.float32], own_rows: NDArray[np.intp], gallery: NDArray[np.bool_]) -> Scored:
        rescored = self._rescored(self.cosines(queries), queries, own_rows, gallery)
        return Scored.exactly(rescored, own_rows, gallery)

    def _rescored(
        self,
        cosines: NDArray[np.float64],
        vectors: NDArray[np.float32],
        own_rows: NDArray[np.intp],
        gallery: NDArray[np.bool_],
    ) -> NDArray[np.float64]:
        """Scores by the order's formula, shape (q, n)."""
        posterior, order = self.posterior, self.order
        log_probabilities = posterior.log_probabilities(vectors, cosines, own_rows, gallery, self.known)
        by_labels = np.maximum(log_probabilities, np.log(np.finfo(float).tiny))[:, posterior.group_of]
        scores = np.zeros_like(cosines)
        if order.first or order.most:
            places = self._places(cosines, own_rows, gallery)
            by_labels += order.first * (places == 0)
            if order.most:
                scores[places >= order.most] = -_BEHIND
        scores += (1 - order.share) * cosines + order.share * posterior.temperature * by_labels
        return scores

    def _places(
        self, cosines: NDArray[np.float64], own_rows: NDArray[np.intp], gallery: NDArray[np.bool_]
    ) -> NDArray[np.intp]:
        """How many items of its style group are more similar than each item, counted up to ``most``, shape (q, n)."""
        posterior, counted = self.posterior, max(self.order.most, 1)
        n = cosines.shape[1]
        keys = key_of(masked(cosines.copy(), own_rows, gallery), np.arange(n), n)
        places = np.full(keys.shape, counted, dtype=np.intp)
        for place in range(counted):
            nearest = posterior.by_group.reduced(keys, np.minimum)  # (q, G)
            found = (keys == nearest[:, posterior.group_of]) & np.isfinite(keys)
            places[found] = place
            keys[found] = np.inf
        return places
