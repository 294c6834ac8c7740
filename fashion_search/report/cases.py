"""Queries that tell the best method from the worst, with pictures of what each finds."""

import base64
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.failures import Duel, Outcome
from fashion_search.evaluation.words import best_and_worst

_CASES = 3  # of each kind
_SHOWN = 10  # results of a case, at most


@dataclass(frozen=True)
class Card:
    """An item with its picture, which is empty where there is none any more.

    ``labels``: each value, and whether the query has the same, None where that is not known. ``rank`` counts from 1;
    the query itself has none. ``correct``: None where that is not known. ``note``: more of the result.
    """

    id: str
    name: str
    picture: str
    labels: list[tuple[str, bool | None]]
    rank: int | None = None
    correct: bool | None = None
    note: str = ""


@dataclass(frozen=True)
class Results:
    """What a method finds: its first cards, how many of the first k are correct, the rank of the first correct one."""

    title: str
    cards: list[Card]
    correct: int
    first: int


@dataclass(frozen=True)
class Case:
    """A query, and what the best and the worst method find."""

    query: Card
    results: list[Results]


@dataclass(frozen=True)
class Cases:
    """``found``: whether the best method wins, the worst does, or neither → how many queries, and the most telling."""

    best: str
    worst: str
    found: dict[str, tuple[int, list[Case]]]


def cases(evaluation: Evaluation) -> Cases | None:
    """None of a single method."""
    methods = best_and_worst(evaluation.precision)
    best, worst = (evaluation.titles[method] for method in methods)
    if methods[0] == methods[1]:
        return None
    duel = Duel(evaluation.rankings[methods[1]], evaluation.rankings[methods[0]], evaluation.k)
    order = duel.most_telling
    places_of = {
        f"{best} wins": order[duel.gaps[order] > 0],
        f"{worst} wins": order[duel.gaps[order] < 0],
        "Neither has a hit": order[duel.outcomes[order] == Outcome.NEITHER],
    }
    found = {
        heading: (len(places), [_case(evaluation, methods, place) for place in _most_telling(evaluation, places)])
        for heading, places in places_of.items()
    }
    return Cases(best, worst, found)


def _most_telling(evaluation: Evaluation, places: NDArray[np.intp]) -> list[int]:
    """The first few, at most one of each style group: more of one group would tell the same."""
    codes = evaluation.queries.codes[places]
    firsts = np.sort(np.unique(codes, return_index=True)[1])[:_CASES]
    return [int(place) for place in places[firsts]]


def _case(evaluation: Evaluation, methods: tuple[str, ...], place: int) -> Case:
    query = int(evaluation.any_rankings.queries[place])
    results = []
    for method in methods:
        found = evaluation.rankings[method]
        correct = found.relevant[place, : evaluation.k]
        cards = [
            _card(evaluation, int(row), query, rank, bool(correct[rank - 1]))
            for rank, row in enumerate(found.rows[place, : min(evaluation.k, _SHOWN)], start=1)
            if row >= 0
        ]
        results.append(Results(evaluation.titles[method], cards, int(correct.sum()), int(found.first[place])))
    return Case(_card(evaluation, query, query), results)


def data_uri(webp: bytes) -> str:
    """A WebP as an address that holds it."""
    return f"data:image/webp;base64,{base64.b64encode(webp).decode()}"


def _card(evaluation: Evaluation, row: int, query: int, rank: int | None = None, correct: bool = False) -> Card:
    item, wanted = evaluation.store.catalog.items[row], evaluation.store.catalog.items[query].labels
    picture = data_uri(evaluation.store.thumbnail(row))
    labels: list[tuple[str, bool | None]] = [
        (value, value == other) for value, other in zip(item.labels, wanted, strict=True)
    ]
    return Card(item.id, item.name, picture, labels, rank, correct)
