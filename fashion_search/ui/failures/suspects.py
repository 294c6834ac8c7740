"""Pairs of items that a method takes for nearly the same although their labels differ: likely label errors."""

from collections.abc import Mapping, Sequence

import streamlit as st

from fashion_search.catalog import Item, Protocol, title
from fashion_search.evaluation.failures import Suspect
from fashion_search.evaluation.failures import suspects as find_suspects
from fashion_search.evaluation.verdict_file import open_verdicts
from fashion_search.evaluation.verdicts import Verdict
from fashion_search.evaluation.words import count
from fashion_search.store import Store
from fashion_search.ui import behind, cards, open_mode, page, verdicts
from fashion_search.ui.shown import Shown
from fashion_search.ui.text import escape, title_of
from fashion_search.ui.url import asked_number, go

_USUAL = 98  # hundredths of a cosine: on the real data about the level from which pictures are hard to tell apart


def show(evaluation: Shown) -> None:
    """The pairs above a threshold, the closest first."""
    hundredths = asked_number("threshold", 50, 100, _USUAL)
    left, right = st.columns(2)
    with left:
        method = evaluation.choose_method()
    with right:
        st.session_state["threshold"] = hundredths / 100
        st.slider("At least this similar (cosine)", 0.5, 1.0, step=0.01, key="threshold", on_change=_change)
    found = find_suspects(evaluation.store.catalog, evaluation.rankings_of(method), hundredths / 100)
    pairs = count(len(found), "pair", "pairs")
    st.header(f"{title_of(method)} sees {pairs} as nearly equal, but the labels differ")
    st.caption(
        f"Among the first {evaluation.rankings_of(method).depth} results of each query: cosine of at least "
        f"{hundredths / 100:.2f}, another style group. Either a label is wrong, or the labels split what "
        "looks alike; only a person can say."
    )
    if not found:
        st.info("No such pair. Lower the threshold.", icon=":material/search_off:")
        return
    marked = verdicts.wrong_labels(evaluation.store)
    shown, row = behind.one_page(found, "suspects")
    for suspect in shown:
        with row, cards.card(f"suspect-{suspect.one}-{suspect.other}"):
            _card(evaluation, suspect, method, marked)


def _change() -> None:
    hundredths = round(100 * st.session_state["threshold"])
    go(threshold=None if hundredths == _USUAL else str(hundredths), page=None)


def _both_labels(columns: Sequence[str], one: Sequence[str], other: Sequence[str]) -> str:
    """One line per column: what both have, or what the left and the right one have."""
    lines = []
    for column, left, right in zip(columns, one, other, strict=True):
        left, right = escape(left or "(blank)"), escape(right or "(blank)")
        tip = escape(title(column))
        if left == right:
            lines.append(f'<div class="fs-label" title="{tip}"><b>=</b>{left}</div>')
        else:
            lines.append(f'<div class="fs-label fs-differs" title="{tip}">{left} <b>≠</b> {right}</div>')
    return f'<div class="fs-labels">{"".join(lines)}</div>'


def _card(evaluation: Shown, suspect: Suspect, method: str, marked: Mapping[str, Verdict] | None) -> None:
    store, catalog = evaluation.store, evaluation.store.catalog
    one, other = catalog.items[suspect.one], catalog.items[suspect.other]
    st.html(
        f'<div class="fs-two">{cards.picture(store.thumbnail(suspect.one), one.name)}'
        + cards.picture(store.thumbnail(suspect.other), other.name)
        + f'</div><div class="fs-line"><span class="fs-note">{escape(one.id)} · {escape(other.id)}</span>'
        f'<span class="fs-score">{suspect.score:.3f}</span></div>'
        + _both_labels(catalog.columns, one.labels, other.labels)
    )
    st.page_link(
        page.SEARCH_PAGE,
        label="Search",
        query_params=evaluation.under(Protocol.LEAVE_ONE_OUT).search_link(one.id, [method]),
    )
    if marked is None or not open_mode.takes_verdicts():
        return
    for item, which in ((one, "Left"), (other, "Right")):
        _judge(store, item, which, method, f"{suspect.one}-{suspect.other}-{which}", marked)


def _judge(store: Store, item: Item, which: str, method: str, key: str, marked: Mapping[str, Verdict]) -> None:
    """Mark one item of a pair as wrongly labelled, or take that back."""
    kept = open_verdicts(store.name)
    verdict = marked.get(item.id)
    if verdict is None:
        if st.button(f"{which}: wrong label", key=f"wrong-{key}", width="stretch"):
            verdicts.do(lambda: kept.mark_wrong_label(item.id, method, verdicts.name()))
    elif verdicts.can_withdraw(verdict) and st.button(
        f"{which}: withdraw “wrong label”", key=f"right-{key}", width="stretch", icon=":material/undo:"
    ):
        verdicts.do(lambda: kept.withdraw(verdict))
