"""Whether what is said without looking at a query's labels holds: predicted labels, and the trust in a row of results.

Calibration: of what is said to be right with a probability of .8, .8 is right. The calibration error is the mean over
queries of how far a bin's probability is from the share that is right (ECE; Guo et al., *On Calibration of Modern
Neural Networks*, 2017). Discrimination is the area under the ROC curve (AUROC): how often the right one of a right and
a wrong case was trusted more. Risk and coverage: the share wrong among those answered where only the most trusted are.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog import Catalog, Split, title
from fashion_search.catalog.relevance import NO_VERDICTS, Applied, label_codes
from fashion_search.evaluation.rankings import Rankings
from fashion_search.evaluation.words import percent
from fashion_search.labels import confidence
from fashion_search.labels.confidence import LIKELY
from fashion_search.labels.posterior import StylePosterior
from fashion_search.labels.prediction import by_value
from fashion_search.library import blocks

BINS = 10


@dataclass(frozen=True)
class Said:
    """What was said to be right and what was, per query: ``probability`` and ``is_right``, shape (q,)."""

    probability: NDArray[np.float64]
    is_right: NDArray[np.bool_]

    @property
    def mean(self) -> float:
        """The mean probability; NaN without queries."""
        return float(self.probability.mean()) if len(self.probability) else float("nan")

    @property
    def share(self) -> float:
        """The share that is right; NaN without queries."""
        return float(self.is_right.mean()) if len(self.is_right) else float("nan")

    @property
    def auroc(self) -> float:
        """Area under the ROC curve; NaN where all or none is right."""
        if self.is_right.all() or not self.is_right.any():
            return float("nan")
        from sklearn.metrics import roc_auc_score

        return float(roc_auc_score(self.is_right, self.probability))

    @property
    def error(self) -> float:
        """Expected calibration error over ``BINS`` bins of equal width; NaN without queries."""
        if not len(self.probability):
            return float("nan")
        bins = self.bins
        return float(np.abs(bins[:, 0] - bins[:, 1]) @ bins[:, 2] / bins[:, 2].sum())

    @property
    def bins(self) -> NDArray[np.float64]:
        """Of each bin that is not empty: mean probability, share right, and number of queries, shape (b, 3)."""
        which = np.minimum((self.probability * BINS).astype(np.intp), BINS - 1)
        found = []
        for one in np.unique(which):
            of_bin = which == one
            found.append((self.probability[of_bin].mean(), self.is_right[of_bin].mean(), of_bin.sum()))
        return np.array(found, dtype=np.float64).reshape(-1, 3)

    @property
    def risk(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Coverage and risk: the share of queries answered, most trusted first, and the share wrong among them."""
        order = np.argsort(-self.probability, kind="stable")
        answered = np.arange(1, len(order) + 1)
        return answered / max(len(order), 1), np.cumsum(~self.is_right[order]) / answered


@dataclass(frozen=True)
class Reliability:
    """Of one method at k: the trust in its first result and in any of the first k; by column, the label predicted."""

    first: Said
    any: Said
    labels: dict[str, Said]

    def of(self, subject: str) -> Said:
        """``first``, ``any``, or ``label-`` and a column."""
        return {"first": self.first, "any": self.any}.get(subject) or self.labels[subject.removeprefix("label-")]


def subjects(catalog: Catalog, k: int) -> dict[str, str]:
    """What is said of each query, by name (see ``Reliability.of``): in words. With k = 1 the first is any."""
    of_labels = {f"label-{column}": f"{title(column)} predicted" for column in catalog.columns}
    if k == 1:
        return {"any": "The first is right", **of_labels}
    return {"any": f"One of the first {k} is right", "first": "The first is right", **of_labels}


def headline(reliability: Reliability, method: str, k: int) -> str:
    """What is gained by trust, in one sentence without its full stop.

    Args:
        reliability: of one method.
        method: its title.
        k: results of a row.
    """
    said = reliability.any
    trusted = said.probability >= LIKELY
    if not trusted.any():
        return f"Nothing that {method} finds is called likely right"
    results = "its first result" if k == 1 else f"one of its first {k} results"
    return (
        f"{method} calls {percent(float(trusted.mean()))} of its rows likely right; in "
        f"{percent(float(said.is_right[trusted].mean()))} of these {results} is right, in "
        f"{percent(said.share)} of all"
    )


def reliability(
    posterior: StylePosterior, rankings: Rankings, split: Split, k: int, verdicts: Applied = NO_VERDICTS
) -> Reliability:
    """What is said of each query's first k results and labels, and what is right.

    Args:
        posterior: of the method's vectors.
        rankings: the method's, under its order.
        split: whose gallery was searched.
        k: results of a row, at most ``rankings.depth``.
        verdicts: items that leave the gallery.
    """
    library, catalog = posterior.library, posterior.library.catalog
    codes = label_codes(catalog)
    gallery = split.gallery.copy()
    gallery[verdicts.removed] = False
    said: list[list[NDArray[np.float64]]] = []
    for block in blocks(len(rankings.queries), len(library.vectors)):
        rows = rankings.queries[block]
        told = posterior.of_queries(np.asarray(library.vectors[rows]), rows, gallery)
        trusted = [*confidence.first_and_any(posterior, told, rankings.rows[block, :k])]
        for column, (_, shares) in enumerate(by_value(catalog, told.probabilities)):
            best = shares.argmax(axis=1)  # the values have the order of their codes
            trusted += [shares.max(axis=1), (best == codes[rows, column]).astype(np.float64)]
        said.append(trusted)
    parts = [np.concatenate(one) for one in zip(*said, strict=True)] or [np.empty(0)] * (2 + 2 * len(catalog.columns))
    return Reliability(
        Said(parts[0], rankings.relevant[:, 0]),
        Said(parts[1], np.asarray(rankings.relevant[:, :k].any(axis=1))),
        {
            column: Said(parts[2 + 2 * place], parts[3 + 2 * place] > 0.5)
            for place, column in enumerate(catalog.columns)
        },
    )
