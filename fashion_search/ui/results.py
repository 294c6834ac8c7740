"""The results of a method as a row: what it got right, its cards, each of them a button, and what it missed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fashion_search.catalog import Protocol
from fashion_search.catalog.relevance import Applied
from fashion_search.encoders import encoder_spec, order_name
from fashion_search.evaluation import words
from fashion_search.labels.confidence import Confidence, Trust
from fashion_search.search import Query, Ranking
from fashion_search.store import Store
from fashion_search.ui import cards, page, url, why
from fashion_search.ui.text import escape, plain, title_of
from fashion_search.ui.url import MAX_K, View, open_view

_MOST_MISSED = 20  # cards of missed items
_UNFOLDED = 6  # rows that are drawn at once: two methods, each with two orders beside it
_SMALLEST = 5  # rows; of more, the pictures do not get smaller still


@dataclass(frozen=True)
class Shared:
    """What all rows of a page share.

    Attributes:
        store: the catalog.
        query: what is searched with.
        view: the state of the Search page that shows the same.
        verdicts: what people said of results, shown on the cards.
        gallery: the mask that was searched, shape (n,).
        is_search: this is the Search page; on another one, searching on leads there.
    """

    store: Store
    query: Query
    view: View
    verdicts: Applied
    gallery: NDArray[np.bool_]
    is_search: bool = True


def stage(n_methods: int, thumbnail: bytes, name: str) -> Any:
    """The place for the rows: the more there are, the smaller their pictures, so that all can be seen at once.

    On a phone, where the query is scrolled away, its thumbnail and name stay above them.
    """
    place = st.container(key=f"stage-{min(n_methods, _SMALLEST)}", gap="xsmall")
    with place.container(key="asked"):
        st.html(f'<div class="fs-asked">{cards.picture(thumbnail, "")}<span>{escape(name)}</span></div>')
    return place


def show_all(rankings: Sequence[Ranking], on: Shared) -> None:
    """A row for each; of many the first few, and the others folded away until they are asked for."""
    for ranking in rankings[:_UNFOLDED]:
        show(ranking, rankings[0], on)
    folded = rankings[_UNFOLDED:]
    if not folded:
        return
    titles = plain(", ".join(title_of(ranking.library.method) for ranking in folded))
    section = st.expander(
        f"{words.count(len(folded), 'more method', 'more methods')}: {titles}", key="more-rows", on_change="rerun"
    )
    if section.open:
        with section:
            for ranking in folded:
                show(ranking, rankings[0], on)


def show(ranking: Ranking, first: Ranking, on: Shared) -> None:
    """Draw one method's row; ``first`` is the ranking that movements are told against."""
    method = ranking.library.method
    missed = ranking.missed(on.view.k)
    with st.container(key=f"head-{method}", horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        st.html(_title_line(ranking, first, on))
        shows_missed = missed and st.toggle(f"{len(missed)} missed", key=f"missed-{method}")
    shown = ranking.rows[: min(on.view.k, MAX_K)].tolist()
    _row(method, list(enumerate(shown, start=1)), ranking, first, on)
    if shows_missed:
        more = f", the first {_MOST_MISSED} of {len(missed)}" if len(missed) > _MOST_MISSED else ""
        st.caption(f"Correct, but missed by {plain(title_of(method))}{more}")
        places = [(ranking.rank(row) or 0, row) for row in missed[:_MOST_MISSED]]
        _row(f"missed-{method}", places, ranking, first, on)


_SIGNS = {Trust.LIKELY: "●", Trust.UNSURE: "◐", Trust.ALTERNATIVES: "○"}


def _trust(trust: Confidence, k: int) -> str:
    """How far to trust a row, in words and by a sign."""
    tip = (
        f"The probability that at least one of the first {k} is right is {trust.any:.0%}, that the first is right "
        f"{trust.first:.0%}. Told without the query’s own labels."
    )
    kind = trust.trust.name.lower()
    return f'<span class="fs-trust fs-{kind}" title="{escape(tip)}">{_SIGNS[trust.trust]} {trust.trust}</span>'


def _title_line(ranking: Ranking, first: Ranking, on: Shared) -> str:
    """The method, how far to trust it, and what it got right."""
    spec = encoder_spec(ranking.library.method)
    trust = on.store.confidence(ranking, on.gallery, min(on.view.k, MAX_K))
    about = f"{spec.summary} Weights: {ranking.library.fingerprint.weights_label}."
    facts = [f"<span>{fact}</span>" for fact in _facts(ranking, on.view)]
    facts += _exactness(spec.name, on.store)
    what = "encoding and search" if on.query.picture is not None else "search"
    facts.append(f"<span>{what} <b>{ranking.milliseconds:.1f}</b> ms</span>")
    if ranking is not first:
        tip = escape(f"How an item’s rank moved against {title_of(first.library.method)}")
        facts.append(f'<span title="{tip}">▲ ▼ against {escape(title_of(first.library.method))}</span>')
    return (
        f'<div class="fs-row-head"><span class="fs-row-title" title="{escape(about)}">{escape(spec.title)}</span>'
        f'{_trust(trust, on.view.k) if trust else ""}<span class="fs-facts">{"".join(facts)}</span></div>'
    )


def _exactness(method: str, store: Store) -> list[str]:
    """Whether every item was compared; not said where no catalog's method has an index, and not of re-ranked ones."""
    indexed = store.indexed
    if not indexed or order_name(method):
        return []
    tip = (
        f"{words.speed(indexed[method])}, measured when it was built" if method in indexed else "Every item is compared"
    )
    return [f'<span title="{escape(tip)}">{words.exactness(method, indexed)}</span>']


def _facts(ranking: Ranking, view: View) -> list[str]:
    if ranking.relevant is None:
        return []
    shown = min(view.k, len(ranking.rows))
    listed = f" among {ranking.n:,} listed" if ranking.is_listed else ""
    correct = int(ranking.relevant[:shown].sum())
    facts = [f"<b>{correct} of {shown}</b> correct", f"<b>{len(ranking.answers)}</b> relevant{listed}"]
    if ranking.first_relevant:
        facts.append(f"first at rank <b>{ranking.first_relevant:,}</b> of {ranking.n:,}")
    return facts


def _row(key: str, found: Sequence[tuple[int, int]], ranking: Ranking, first: Ranking, on: Shared) -> None:
    """Cards, drawn at once, and over each a button of its size that opens it; ``found`` are ranks and rows."""
    with st.container(key=f"results-{key}"):
        st.html(f'<div class="fs-cards">{"".join(_card(ranking, rank, row, first, on) for rank, row in found)}</div>')
        with st.container(key=f"open-{key}", horizontal=True):
            for rank, row in found:
                if st.button(_name(ranking, rank, row, on), key=f"why-{ranking.library.method}-{rank - 1}"):
                    _open(ranking, rank, row, first, on)


def _is_correct(ranking: Ranking, row: int) -> bool | None:
    return None if ranking.relevant is None else bool((ranking.answers == row).any())


def _card(ranking: Ranking, rank: int, row: int, first: Ranking, on: Shared) -> str:
    correct = _is_correct(ranking, row)
    move = _movement(ranking, rank, first, row)
    score = float(ranking.cosines[row])
    return cards.result(on.store, row, rank, score, correct, on.query.labels, move, _said(row, on))


def _name(ranking: Ranking, rank: int, row: int, on: Shared) -> str:
    """What is read out of a card; it is not seen."""
    item = on.store.catalog.items[row]
    word = {True: ", correct", False: ", incorrect", None: ""}[_is_correct(ranking, row)]
    return plain(f"Result {rank}: {item.name or item.id}{word}")


def _open(ranking: Ranking, place: int, row: int, first: Ranking, on: Shared) -> None:
    """A result beside the query, with all that can be said of it."""
    rank = f"Rank {place:,} of {ranking.n:,}"
    if ranking is not first:
        rank += f" · {_rank_under(first, first.rank(row))}"
    if not on.is_search:
        url.go(case=_id_of(on))  # a verdict may change the order of cases, not which one this is
    search = partial(_search_with, on.store.catalog.items[row].id, on)
    why.dialog(ranking.library, on.query, row, float(ranking.cosines[row]), on.store, rank, search)


def _search_with(item_id: str, on: Shared) -> None:
    """The way from a result to a search of its own."""
    onward = replace(on.view, query=item_id, k=min(on.view.k, MAX_K), protocol=Protocol.LEAVE_ONE_OUT)
    label, icon = "Search with this", ":material/image_search:"
    if not on.is_search:
        st.page_link(page.SEARCH_PAGE, label=label, icon=icon, query_params=onward.to_params())
        return
    tip = "Searches under leave-one-out" if on.view.protocol != Protocol.LEAVE_ONE_OUT else None
    if st.button(label, key="use", icon=icon, help=tip):
        open_view(onward)
        st.rerun()


def _id_of(on: Shared) -> str | None:
    return None if on.query.row is None else on.store.catalog.items[on.query.row].id


def _said(row: int, on: Shared) -> list[str]:
    """What a person said of this result."""
    chips = []
    if on.query.row is not None and row in on.verdicts.accepted_with(on.query.row):
        chips.append("accepted by a person")
    if row in on.verdicts.removed:
        chips.append("wrong label")
    return chips


def _movement(ranking: Ranking, rank: int, first: Ranking, row: int) -> str:
    """How an item's rank moved against the first method."""
    if ranking is first:
        return ""
    before = first.rank(row)
    change = (before or 0) - rank
    sign = f"▲ {change:,}" if change > 0 else f"▼ {-change:,}" if change < 0 else "="
    if before is None:
        sign = "new"
    return f'<span class="fs-move" title="{escape(_rank_under(first, before))}">{sign}</span>'


def _rank_under(first: Ranking, rank: int | None) -> str:
    """An item's rank under another method, in words; an index need not list it."""
    title = title_of(first.library.method)
    return f"not listed under {title}" if rank is None else f"rank {rank:,} under {title}"
