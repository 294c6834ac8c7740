"""Queries that tell the best method from the worst, with pictures of what each finds."""

import base64
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from fashion_search.evaluation.failures import Duel, Outcome
from fashion_search.evaluation.report.html import paragraph, section
from fashion_search.evaluation.report.judged import Judged
from fashion_search.evaluation.words import best_and_worst, count

_CASES = 3  # of each kind
_SHOWN = 10  # results of a case, at most


def cases(judged: Judged) -> str:
    """Where one method wins, where the other does, and where both fail; nothing of a single method."""
    best, worst = best_and_worst(judged.precision)
    if best == worst:
        return ""
    duel = Duel(judged.rankings[worst], judged.rankings[best], judged.k)
    order = duel.most_telling
    better, other = judged.titles[best], judged.titles[worst]
    kinds_of_case = [
        (f"{better} wins", order[duel.gaps[order] > 0]),
        (f"{other} wins", order[duel.gaps[order] < 0]),
        ("Neither has a hit", order[duel.outcomes[order] == Outcome.NEITHER]),
    ]
    parts = [
        paragraph(
            "The most telling queries: where the numbers of correct results differ most, then where the first correct "
            "result comes much earlier under one method. Each style group is shown once per heading. "
            "= agrees with the query, ≠ differs."
        )
    ]
    for heading, places in kinds_of_case:
        parts.append(f"<h3>{escape(heading)}: {count(len(places), 'query', 'queries')}</h3>")
        parts += [_case(judged, (best, worst), place) for place in _from_different_groups(judged, places)]
    return section(f"Where {better} wins, where {other} wins, and where both fail", *parts)


def _from_different_groups(judged: Judged, places: NDArray[np.intp]) -> list[int]:
    """The first few, at most one of each style group: more of one group would tell the same."""
    codes = judged.queries.codes[places]
    firsts = np.sort(np.unique(codes, return_index=True)[1])[:_CASES]
    return [int(place) for place in places[firsts]]


def _case(judged: Judged, methods: Sequence[str], place: int) -> str:
    query = int(judged.any_rankings.queries[place])
    rows = []
    for method in methods:
        one = judged.rankings[method]
        correct = int(one.relevant[place, : judged.k].sum())
        told = f"{correct} of {judged.k} correct; first correct result at rank {int(one.first[place]):,}"
        shown = [
            _card(judged, int(row), query, rank_from_1, bool(one.relevant[place, rank_from_1 - 1]))
            for rank_from_1, row in enumerate(one.rows[place, : min(judged.k, _SHOWN)], start=1)
            if row >= 0
        ]
        name = f'<p class="method"><b>{escape(judged.titles[method])}</b> <span>· {told}</span></p>'
        rows.append(f'{name}<div class="cards">{"".join(shown)}</div>')
    return f'<article class="case">{_card(judged, query)}<div>{"".join(rows)}</div></article>'


def _card(judged: Judged, row: int, query: int | None = None, rank_from_1: int = 0, correct: bool = False) -> str:
    """An item; with badge and rank if it is a result for ``query``."""
    catalog = judged.store.catalog
    item = catalog.items[row]
    source = base64.b64encode(judged.store.thumbnail(row)).decode()
    picture = f'<img alt="{escape(item.name)}" src="data:image/webp;base64,{source}">'
    if query is None:
        badge, kind = '<span class="badge asked-badge">query</span>', "card asked"
        name = f'<div class="name">{escape(item.name or item.id)}</div>'
    else:
        word, sign = ("correct", "✓") if correct else ("incorrect", "✕")
        badge, kind, name = f'<span class="badge {word}">{sign} {word}</span>', "card", ""
        picture += f'<span class="rank">{rank_from_1}</span>'
    wanted = item.labels if query is None else catalog.items[query].labels
    labels = "".join(_label(value, wanted[place], query is None) for place, value in enumerate(item.labels))
    return f'<div class="{kind}"><div class="picture">{picture}</div><div>{badge}{name}{labels}</div></div>'


def _label(value: str, wanted: str, is_query: bool) -> str:
    shown = escape(value or "(blank)")
    if is_query:
        return f'<div class="label"><b></b>{shown}</div>'
    sign, kind = ("=", "label") if value == wanted else ("≠", "label differs")
    return f'<div class="{kind}"><b>{sign}</b>{shown}</div>'
