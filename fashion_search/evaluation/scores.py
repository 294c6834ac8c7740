"""Table 1: a library's mean metrics under a protocol, and the paper's own figures."""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from fashion_search.catalog import Catalog, Protocol, Split, draw_split
from fashion_search.evaluation import metrics
from fashion_search.library import Hits, Library

METRICS = ("precision", "recall", "hit")
SEEDS = 20  # splits over which one-per-group figures are averaged


@dataclass(frozen=True)
class Scores:
    """Mean metrics at k over ``n_queries``. Queries without any relevant item are left out and counted."""

    precision: float
    recall: float
    hit: float
    k: int
    n_queries: int
    n_left_out: int


@dataclass(frozen=True)
class Spread:
    """Mean of ``Scores`` over split seeds, and their standard deviation (with n - 1)."""

    mean: Scores
    deviation: Scores
    seeds: int


PAPER = {
    "histogram": Scores(0.0993, 0.0516, 0.3305, k=5, n_queries=697, n_left_out=0),
    "resnet18": Scores(0.2154, 0.1175, 0.5993, k=5, n_queries=697, n_left_out=0),
}
"""The paper's Table 1: "Baseline" and "AI Pipeline" on 697 style groups of the full-size images.

It describes one query per style group (697 queries).
"""

_PAPER_COLUMNS = ("article_type", "base_colour", "usage")
_PAPER_COUNTS = (697, 6217)  # style groups and images, §4.1


def is_papers_data(columns: Sequence[str], n_groups: int, n_items: int) -> bool:
    """Whether a catalog has the paper's grouping, and exactly its style groups and images."""
    return tuple(columns) == _PAPER_COLUMNS and (n_groups, n_items) == _PAPER_COUNTS


def relevant_totals(catalog: Catalog, split: Split) -> metrics.Counts:
    """How many relevant items the gallery holds for each query, itself not counted; shape (q,)."""
    in_gallery = np.bincount(catalog.group_of[split.gallery], minlength=len(catalog.groups))
    totals: metrics.Counts = in_gallery[catalog.group_of[split.queries]] - split.gallery[split.queries]
    return totals


def relevance(catalog: Catalog, queries: metrics.Counts, hits: Hits) -> metrics.Mask:
    """Whether each result shares its query's style group, shape (q, k)."""
    same = catalog.group_of[hits.rows] == catalog.group_of[queries][:, None]
    relevant: metrics.Mask = same & (hits.rows >= 0)
    return relevant


def evaluate(library: Library, split: Split, k: int = 5) -> Scores:
    """Search every query of a split and average the metrics.

    Precision is divided by k even where the gallery is smaller.
    """
    catalog = library.catalog
    totals = relevant_totals(catalog, split)
    has_answer = totals > 0
    queries = split.queries[has_answer]
    left_out = int((~has_answer).sum())
    if not len(queries):
        return Scores(float("nan"), float("nan"), float("nan"), k, 0, left_out)
    relevant = relevance(catalog, queries, library.search(queries, k, split.gallery))
    missing = k - relevant.shape[1]
    relevant = np.pad(relevant, ((0, 0), (0, missing)))
    return Scores(
        precision=float(metrics.precision(relevant).mean()),
        recall=float(metrics.recall(relevant, totals[has_answer]).mean()),
        hit=float(metrics.hit(relevant).mean()),
        k=k,
        n_queries=len(queries),
        n_left_out=left_out,
    )


def evaluate_seeds(library: Library, k: int = 5, seeds: Iterable[int] = range(SEEDS)) -> Spread:
    """One query per group, over several split seeds (at least two)."""
    scores = [evaluate(library, draw_split(library.catalog, Protocol.ONE_PER_GROUP, seed), k) for seed in seeds]
    if len(scores) < 2:
        raise ValueError("a spread needs at least two seeds")
    values = np.array([[getattr(one, metric) for metric in METRICS] for one in scores])

    def pack(row: metrics.Values) -> Scores:
        precision, recall, hit = row.tolist()
        return dataclasses.replace(scores[0], precision=precision, recall=recall, hit=hit)

    return Spread(pack(values.mean(axis=0)), pack(values.std(axis=0, ddof=1)), len(scores))
