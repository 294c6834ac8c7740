"""The results of one method: the row of cards, what it got right, and what it missed."""

from dataclasses import dataclass, replace
from html import escape

import streamlit as st

from fashion_search.catalog import Protocol
from fashion_search.catalog.relevance import Applied
from fashion_search.encoders import encoder_spec
from fashion_search.search import Query, Ranking
from fashion_search.store import Store
from fashion_search.ui import cards, page, url, why
from fashion_search.ui.url import MAX_K, View, open_view

_MOST_MISSED = 20  # cards of missed items


@dataclass(frozen=True)
class Shared:
    """What all rows of a page share.

    Attributes:
        store: the catalog.
        query: what is searched with.
        view: the state of the Search page that shows the same.
        verdicts: what people said of results, shown on the cards.
        is_search: this is the Search page; on another one, searching on leads there.
    """

    store: Store
    query: Query
    view: View
    verdicts: Applied
    is_search: bool = True


def show(ranking: Ranking, first: Ranking, on: Shared) -> None:
    """Draw one method's row; ``first`` is the ranking that movements are told against."""
    method = ranking.library.method
    spec = encoder_spec(method)
    st.html(
        f'<div class="fs-row-title">{escape(spec.title)}</div><div class="fs-note">{escape(spec.summary)} '
        f"Weights: {escape(ranking.library.fingerprint.weights_label)}.</div>"
    )
    st.html(_facts(ranking, on.view, on.query.picture is not None))
    with cards.cards(method):
        for place in range(min(on.view.k, MAX_K, len(ranking.rows))):
            _card(ranking, place, first, on)
    _missed(ranking, first, on)


def _facts(ranking: Ranking, view: View, is_upload: bool) -> str:
    facts = []
    shown = min(view.k, len(ranking.rows))
    if ranking.relevant is not None:
        correct = int(ranking.relevant[:shown].sum())
        ranks = ranking.relevant_ranks
        facts += [f"<b>{correct} of {shown}</b> correct", f"<b>{len(ranks)}</b> relevant in the gallery"]
        if ranks:
            facts.append(f"first correct at rank <b>{ranks[0]:,}</b> of {len(ranking.rows):,}")
    what = "encoding and search" if is_upload else "search"
    facts.append(f"{what} <b>{ranking.milliseconds:.1f}</b> ms")
    return f'<div class="fs-facts">{"".join(f"<span>{fact}</span>" for fact in facts)}</div>'


def _card(ranking: Ranking, place: int, first: Ranking, on: Shared) -> None:
    store, query = on.store, on.query
    row = int(ranking.rows[place])
    item = store.catalog.items[row]
    correct = None if ranking.relevant is None else bool(ranking.relevant[place])
    key = f"{ranking.library.method}-{place}"
    with cards.card(key):
        st.html(
            cards.picture(store.thumbnail(row), item.name, place + 1, _movement(ranking, first, row))
            + f'<div class="fs-line">{cards.badge(correct)}<span class="fs-score" title="cosine similarity">'
            f"{ranking.scores[place]:.3f}</span></div>"
            + _said(row, on)
            + cards.name(item)
            + cards.labels(store.catalog.columns, item.labels, query.labels)
        )
        with st.container(horizontal=True, wrap=False, gap="xsmall"):
            onward = replace(on.view, query=item.id, k=min(on.view.k, MAX_K), protocol=Protocol.LEAVE_ONE_OUT)
            if not on.is_search:
                st.page_link(page.SEARCH_PAGE, label="Search", query_params=onward.to_params(), width="stretch")
            else:
                leaves_split = on.view.protocol is Protocol.ONE_PER_GROUP
                tip = "Searches under leave-one-out" if leaves_split else None
                st.button(
                    "Search with this", key=f"use-{key}", help=tip, on_click=open_view, args=[onward], width="stretch"
                )
            if st.button("", key=f"why-{key}", icon=":material/zoom_in:", help="Enlarge · Why this match? · Verdict"):
                if not on.is_search:
                    url.go(case=_id_of(on))  # a verdict may change the order of cases, not which one this is
                why.dialog(ranking.library, query, row, float(ranking.scores[place]), store)


def _id_of(on: Shared) -> str | None:
    return None if on.query.row is None else on.store.catalog.items[on.query.row].id


def _said(row: int, on: Shared) -> str:
    """What a person said of this result."""
    chips = []
    if on.query.row is not None and row in on.verdicts.accepted_with(on.query.row):
        chips.append("accepted by a person")
    if row in on.verdicts.removed:
        chips.append("wrong label")
    return "".join(f'<div class="fs-said">{chip}</div>' for chip in chips)


def _movement(ranking: Ranking, first: Ranking, row: int) -> str:
    """How an item's rank moved against the first method."""
    if ranking is first:
        return ""
    then = first.ranks[row]
    change = then - ranking.ranks[row]
    sign = f"▲ {change:,}" if change > 0 else f"▼ {-change:,}" if change < 0 else "="
    tip = f"rank {then:,} under {encoder_spec(first.library.method).title}"
    return f'<span class="fs-move" title="{escape(tip)}">{sign}</span>'


def _missed(ranking: Ranking, first: Ranking, on: Shared) -> None:
    """The correct items behind rank k, in a section that is filled only when it is opened."""
    places = [rank - 1 for rank in ranking.relevant_ranks if rank > on.view.k]
    if not places:
        return
    noun = "correct item was" if len(places) == 1 else "correct items were"
    section = st.expander(
        f"{len(places)} {noun} missed",
        key=f"missed-{ranking.library.method}",
        on_change="rerun",
        icon=":material/rule:",
    )
    if not section.open:
        return
    with section:
        if len(places) > _MOST_MISSED:
            st.caption(f"The first {_MOST_MISSED} of them:")
        with cards.cards(f"missed-{ranking.library.method}"):
            for place in places[:_MOST_MISSED]:
                _card(ranking, place, first, on)
