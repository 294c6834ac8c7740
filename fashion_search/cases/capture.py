"""Cases made of what a page shows: of rankings, and of an evaluation's Table 1."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fashion_search.cases.model import CaseItem, CaseResult, CaseRow, Conditions, Findings, Results
from fashion_search.catalog import Split, title
from fashion_search.catalog.relevance import Applied
from fashion_search.encoders import encoder_spec
from fashion_search.evaluation import table, words
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.measures import MEASURES
from fashion_search.evaluation.words import count
from fashion_search.images import to_webp
from fashion_search.search import Query, Ranking
from fashion_search.store import Store

QUERY_SIZE = (480, 480)
"""Pixels of a picture that a person brought, at most."""


def conditions(store: Store, split: Split, k: int, verdicts: Applied) -> Conditions:
    """What is shown under a split holds under these."""
    manifest = store.manifest
    groups = f" in {count(manifest.n_groups, 'style group', 'style groups')}" if manifest.columns else ""
    said = ""
    if verdicts.digest:
        pairs = count(len(verdicts.pairs), "pair", "pairs")
        removed = count(len(verdicts.removed), "wrong label", "wrong labels")
        said = f"people’s verdicts applied ({pairs} accepted, {removed} left out)"
    size = f"{manifest.title}: {count(manifest.n_items, 'image', 'images')}{groups}"
    return Conditions(size, split.label, k, said)


def results(store: Store, query: Query, rankings: Sequence[Ranking], k: int, gallery: NDArray[np.bool_]) -> Results:
    """A query and the first k results of each ranking; movements are told against the first.

    Args:
        store: the catalog.
        query: an item, or a picture that a person brought, of which a small copy is kept.
        rankings: one per method, at least one, each of the whole gallery.
        k: results of each.
        gallery: the mask that was searched, shape (n,).
    """
    columns = tuple(title(column) for column in store.catalog.columns)
    rows = [_row(store, ranking, rankings[0], k, gallery) for ranking in rankings]
    return Results(_query(store, query), columns, tuple(rows))


def _query(store: Store, query: Query) -> CaseItem:
    if query.picture is not None:
        return CaseItem("", "A picture of one’s own", query.labels or (), webp=to_webp(query.picture, QUERY_SIZE))
    assert query.row is not None
    item = store.catalog.items[query.row]
    if query.row >= store.catalog.n_items:  # of a query set, which may be gone when the case is shown
        return CaseItem("", item.name or item.id, item.labels, webp=store.thumbnail(query.row))
    return _item(store, query.row)


def _item(store: Store, row: int) -> CaseItem:
    item = store.catalog.items[row]
    return CaseItem(item.id, item.name or item.id, item.labels, item.digest)


def _row(store: Store, ranking: Ranking, first: Ranking, k: int, gallery: NDArray[np.bool_]) -> CaseRow:
    results = []
    for rank, row in enumerate(ranking.rows[:k].tolist(), start=1):
        shown = _item(store, row)
        then = None if ranking is first else first.rank(row)
        results.append(
            CaseResult(
                shown.item,
                shown.name,
                shown.labels,
                shown.digest,
                rank=rank,
                score=round(float(ranking.cosines[row]), 4),
                correct=None if ranking.relevant is None else bool(ranking.relevant[rank - 1]),
                moved=None if then is None else then - rank,
            )
        )
    trust = store.confidence(ranking, gallery, k)
    said = f"{trust.trust} ({trust.any:.0%})" if trust else ""
    library = ranking.library
    spec = encoder_spec(library.method)
    weights = library.fingerprint.weights_label
    return CaseRow(library.method, spec.title, weights, tuple(results), facts(ranking, k), said)


def facts(ranking: Ranking, k: int) -> tuple[str, ...]:
    """How many of the first k are correct, how many could be, and where the first is; nothing without ground truth."""
    if ranking.relevant is None:
        return ()
    shown, rank = min(k, len(ranking.rows)), ranking.first_relevant
    correct = int(ranking.relevant[:shown].sum())
    first = (f"first correct at rank {rank:,} of {ranking.n:,}",) if rank else ()
    where = f"among the {ranking.n:,} that the index lists" if ranking.is_listed else "in the gallery"
    return (f"{correct} of {shown} correct", f"{len(ranking.answers):,} relevant {where}", *first)


def findings(evaluation: Evaluation) -> Findings:
    """Table 1 with its finding, what is possible, and who beats whom in precision."""
    compared = evaluation.compared("precision") if len(evaluation.methods) > 1 else []
    label = MEASURES["precision"].label(evaluation.k)
    precision = evaluation.figures_of(evaluation.methods[0])["precision"]
    sentences = [words.possible(precision.ceiling, precision.chance, evaluation.k)]
    sentences += [words.sentence(one, evaluation.titles, label) for one in compared]
    kinds = ("method", "chance", "ceiling")
    rows = sorted(
        (row for row in table.table_1(evaluation) if row.kind in kinds), key=lambda row: kinds.index(row.kind)
    )
    return Findings(
        words.headline(evaluation.precision, compared, evaluation.titles, evaluation.k),
        tuple(sentences),
        ("Method", *(measure.label(evaluation.k) for measure in MEASURES.values())),
        tuple((row.title, *(" ".join(cell).strip() for cell in row.cells.values())) for row in rows),
    )
