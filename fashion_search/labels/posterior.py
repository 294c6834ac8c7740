"""What a query probably is: P(style group | query), from the labels of the gallery and the heads of the encoder.

The query's own labels are never looked at: only those of items that it is compared with. A style group g scores

    votes · log Σ exp(cos(q, i) / temperature)  +  Σ_c weight_c · log p_c(label_c(g) | q)

where i are the items of g in the gallery, the query itself excepted, and p_c what the encoder's head says of column c,
where it has one; log P is that less the logarithm of the sum of exponentials over all style groups (softmax).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fashion_search.encoders import IS_FASHION, Head, encoder_spec
from fashion_search.errors import WeightsError
from fashion_search.labels.calibration import OTHERS, Calibration, calibration_of
from fashion_search.library import Library
from fashion_search.scored import Columns, masked

Known = tuple[str | None, ...]
"""What a person said that the query is, by column; None where nothing was said. Empty: nothing at all."""

TEMPERATURE = 0.2
"""Of the cosines, in spreads (see ``nearness_of``): what suits every method, chosen on held-out style groups."""

_DOUBT = 12.0  # how much less probable, as a logarithm, a style group is that a person ruled out
_NEIGHBOURS = 30  # the spread of a library is told from so many
_SAMPLE = 256  # items that its spread is told from


@dataclass(frozen=True)
class Told:
    """What is told of some queries without their labels.

    ``vectors``: of the queries, unit length, shape (q, dim). ``probabilities``: P(style group | query), shape (q, G).
    ``nearest``: the cosine of the item most similar to each query, -inf where the gallery is empty, shape (q,).
    """

    vectors: NDArray[np.float32]
    probabilities: NDArray[np.float64]
    nearest: NDArray[np.float64]


@dataclass(frozen=True)
class StylePosterior:
    """Tells P(style group | query) for one library."""

    library: Library
    calibration: Calibration

    @classmethod
    def of(cls, library: Library) -> "StylePosterior":
        """For a library of similarities.

        Where heads cannot have their say, since the library was made with other weights than those at hand, the numbers
        are those of methods without heads.

        Raises:
            UnlabelledError: its catalog has no labels.
        """
        library.catalog.require_labels()
        calibration = calibration_of(library.method)
        if calibration.heads and not _heads_of(library):
            calibration = calibration_of(OTHERS)
        return cls(library, calibration)

    @cached_property
    def _nearness(self) -> tuple[float, float]:
        return nearness_of(self.library.vectors[: self.library.catalog.n_items])

    @property
    def usual(self) -> float:
        """The cosine with the nearest other item that is usual here."""
        return self._nearness[0]

    @property
    def spread(self) -> float:
        """How far the 30th nearest is usually behind the nearest, as a cosine."""
        return self._nearness[1]

    @property
    def temperature(self) -> float:
        """Of the cosines, in proportion to how they spread here."""
        return TEMPERATURE * self.spread

    @property
    def group_of(self) -> NDArray[np.intp]:
        """The style group of each item, shape (n,); those of queries are not looked at."""
        return self.library.catalog.group_of[: self.library.catalog.n_items]

    @cached_property
    def by_group(self) -> Columns:
        """The items of each style group."""
        return Columns(self.group_of)

    @cached_property
    def _own_heads(self) -> dict[str, Head]:
        return _heads_of(self.library)

    @cached_property
    def _heads(self) -> tuple[tuple[Head, NDArray[np.intp], float], ...]:
        """Heads with the place of each style group's value among theirs, -1 where it is unknown, and their weight."""
        catalog, found = self.library.catalog, []
        for column, head in self._own_heads.items():
            weight = self.calibration.heads.get(column, 0.0)
            if column not in catalog.columns or not weight:
                continue
            place = {value: number for number, value in enumerate(head.values)}
            values = [group.labels[catalog.columns.index(column)] for group in catalog.groups]
            places = np.array([place.get(value, -1) for value in values], dtype=np.intp)
            if (places >= 0).mean() >= 0.5:  # a column of the same name may mean something else
                found.append((head, places, weight))
        return tuple(found)

    def fashion_logits(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """How far the encoder takes pictures for fashion, as log odds, shape (q,); 0 where it does not tell."""
        head = self._own_heads.get(IS_FASHION)
        if head is None:
            return np.zeros(len(vectors))
        logits = vectors.astype(np.float64) @ head.weight.T.astype(np.float64) + head.bias
        return np.asarray(logits[:, 1] - logits[:, 0])

    def doubts(self, vector: NDArray[np.float32]) -> bool:
        """Whether the encoder takes a picture, shape (dim,), for no fashion; never where it cannot tell."""
        return bool(self.fashion_logits(vector[None])[0] < 0)

    @property
    def by_heads(self) -> bool:
        """Whether the encoder's heads have a say; else the gallery alone has."""
        return bool(self._heads)

    def log_probabilities(
        self,
        vectors: NDArray[np.float32],
        cosines: NDArray[np.float64],
        own_rows: NDArray[np.intp],
        gallery: NDArray[np.bool_],
        known: Known = (),
    ) -> NDArray[np.float64]:
        """Log P(style group | query), shape (q, G); -inf for those without an item in the gallery.

        Args:
            vectors: of the queries, unit length, shape (q, dim).
            cosines: with every item, shape (q, n).
            own_rows: each query's own row, whose labels are not looked at, or -1, shape (q,).
            gallery: mask over rows, shape (n,): what else is looked at.
            known: what a person said that the queries are.
        """
        evidence = self.evidence(vectors, cosines, own_rows, gallery)
        weights = [self.calibration.votes, *(weight for _, _, weight in self._heads)]
        scores = np.sum([weight * one for weight, one in zip(weights, evidence, strict=True)], axis=0)
        for column, value in enumerate(known):
            if value is not None:
                ruled_out = [group.labels[column] != value for group in self.library.catalog.groups]
                scores[:, ruled_out] -= _DOUBT
        return _normalised(scores)

    def evidence(
        self,
        vectors: NDArray[np.float32],
        cosines: NDArray[np.float64],
        own_rows: NDArray[np.intp],
        gallery: NDArray[np.bool_],
    ) -> list[NDArray[np.float64]]:
        """What votes and each head say of style groups, before they are weighted, shape (q, G) each."""
        votes = masked(cosines / self.temperature, own_rows, gallery)
        highest = votes.max(axis=1, keepdims=True)
        votes -= np.where(np.isfinite(highest), highest, 0)
        np.exp(votes, out=votes)
        sums = self.by_group.reduced(votes, np.add)  # (q, G)
        with np.errstate(divide="ignore"):
            logs = np.log(sums)
        return [logs, *(_of_head(head, places, vectors) for head, places, _ in self._heads)]

    def of_queries(
        self,
        vectors: NDArray[np.float32],
        own_rows: NDArray[np.intp],
        gallery: NDArray[np.bool_],
        known: Known = (),
        cosines: NDArray[np.float64] | None = None,
    ) -> Told:
        """All that is told of some queries.

        Args:
            vectors: of the queries, unit length, shape (q, dim).
            own_rows: each query's own row, or -1, shape (q,).
            gallery: mask over rows, shape (n,).
            known: what a person said that the queries are.
            cosines: with every item, where they are at hand, shape (q, n).
        """
        cosines = self.library.cosines(vectors) if cosines is None else cosines
        probabilities = np.exp(self.log_probabilities(vectors, cosines, own_rows, gallery, known))
        return Told(vectors, probabilities, masked(cosines.copy(), own_rows, gallery).max(axis=1))

    def of_query(
        self, vector: NDArray[np.float32], own_row: int, gallery: NDArray[np.bool_], known: Known = ()
    ) -> NDArray[np.float64]:
        """P(style group | query) of one query, shape (G,); all 0 where the gallery is empty.

        Args:
            vector: shape (dim,).
            own_row: its row, or -1.
            gallery: mask over rows, shape (n,).
            known: what a person said that it is.
        """
        return np.asarray(self.of_queries(vector[None], np.array([own_row]), gallery, known).probabilities[0])


def _of_head(head: Head, places: NDArray[np.intp], vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Log p(the value of each style group | query), shape (q, G); that of an even guess where a value is unknown."""
    logits = _normalised(vectors.astype(np.float64) @ head.weight.T.astype(np.float64) + head.bias)
    even = np.full((len(vectors), 1), -np.log(len(head.values)))
    return np.asarray(np.concatenate([logits, even], axis=1)[:, places])


def _normalised(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Less the logarithm of the sum of exponentials of each row; a row of -inf stays as it is."""
    highest = logits.max(axis=1, keepdims=True)
    shifted = logits - np.where(np.isfinite(highest), highest, 0)
    totals = np.exp(shifted).sum(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.where(totals > 0, totals, 1)))


def _heads_of(library: Library) -> dict[str, Head]:
    """The heads of the encoder that made a library; none where it has none, or other weights are at hand by now."""
    spec = encoder_spec(library.method)
    if spec.heads is None:
        return {}
    try:
        is_its_own = spec.fingerprint().matches(library.made_by)
    except WeightsError:
        return {}
    return dict(spec.heads()) if is_its_own else {}


def nearness_of(vectors: NDArray[np.float32]) -> tuple[float, float]:
    """Of a sample of items: the median cosine with the nearest other item, and of how far the 30th is behind that."""
    n = len(vectors)
    last = min(_NEIGHBOURS, n - 1)
    if not last:
        return 1.0, 1.0
    rows = np.unique(np.linspace(0, n - 1, min(n, _SAMPLE)).astype(np.intp))
    cosines = vectors[rows] @ vectors.T
    cosines[np.arange(len(rows)), rows] = -np.inf
    nearest = -np.partition(-cosines, [0, last - 1], axis=1)[:, :last]
    return float(np.median(nearest[:, 0])), max(float(np.median(nearest[:, 0] - nearest[:, -1])), 1e-6)
