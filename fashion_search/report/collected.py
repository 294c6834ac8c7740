"""The chapter of cases that people added to the report."""

from dataclasses import dataclass
from urllib.parse import urlencode

from fashion_search.cases import Case, open_cases
from fashion_search.cases.model import CaseItem, CaseResult, CaseRow, Results
from fashion_search.report.cases import Card, data_uri
from fashion_search.store import Store


@dataclass(frozen=True)
class Collected:
    """A case with its pictures.

    ``query`` and ``rows``, each with its cards: empty where it shows figures; ``link``: what follows the app's address
    to see it again.
    """

    case: Case
    query: Card | None
    rows: list[tuple[CaseRow, list[Card]]]
    link: str


def collected(store: Store) -> list[Collected]:
    """Every case of a catalog's report, in their order.

    Raises:
        StoreError: their file or the catalog is damaged.
    """
    return [_collected(store, case) for case in open_cases(store.name).all()]


def _collected(store: Store, case: Case) -> Collected:
    link = link_of(case)
    if not isinstance(case.shown, Results):
        return Collected(case, None, [], link)
    query = case.shown.query
    rows = [(row, [_result(store, query, result) for result in row.results]) for row in case.shown.rows]
    return Collected(case, _card(store, query, [(value, True) for value in query.labels]), rows, link)


def link_of(case: Case) -> str:
    """What follows the app's address to see a case again; empty where nothing does."""
    return f"/{'' if case.page == 'Search' else case.page}?{urlencode(case.link)}" if case.link else ""


def _card(store: Store, item: CaseItem, labels: list[tuple[str, bool | None]]) -> Card:
    webp = item.picture(store)
    return Card(item.item, item.name, data_uri(webp) if webp else "", labels)


def _result(store: Store, query: CaseItem, result: CaseResult) -> Card:
    known = len(query.labels) == len(result.labels)
    wanted = query.labels if known else (None,) * len(result.labels)
    labels = [
        (value, None if other is None else value == other) for value, other in zip(result.labels, wanted, strict=True)
    ]
    card = _card(store, result, labels)
    note = " · ".join(filter(None, [f"{result.score:.3f}", result.movement]))
    return Card(card.id, card.name, card.picture, labels, result.rank, result.correct, note)
