"""People's verdicts: giving one on a result, and the list of all, to withdraw, export and import."""

import hashlib
import json
from collections.abc import Callable

import streamlit as st

from fashion_search.catalog.relevance import NO_VERDICTS, Applied
from fashion_search.errors import FashionSearchError
from fashion_search.evaluation.verdict_file import Verdicts, open_verdicts
from fashion_search.evaluation.verdicts import (
    MOST_NAME,
    Verdict,
    VerdictKind,
    accepted_by_method,
    favours,
    name_of,
)
from fashion_search.evaluation.words import count
from fashion_search.store import Store
from fashion_search.ui import cards, data, open_mode
from fashion_search.ui.text import escape, plain, title_of
from fashion_search.whole_store import WholeStore

_AT_ONCE = 20  # lines of the list
_NAME = "verdict by"  # session state: the name that this person typed
_OWN = "verdicts given"  # session state: the keys of those that this session gave
_IMPORTED = "imported verdicts"  # session state: what an import did, said once


def buttons(store: Store, query_row: int | None, row: int, method: str) -> None:
    """Judge a result: acceptable for this query, or wrongly labelled; a verdict that is there can be withdrawn."""
    if isinstance(store, WholeStore) and not all(map(store.is_evaluated, (row, query_row or 0))):
        st.caption("Verdicts are given on items of the catalog; this is one of the rest of the shop.")
        return
    if not open_mode.takes_verdicts():
        return
    items = store.catalog.items
    item = items[row]
    query = None if query_row is None else items[query_row]
    kept = open_verdicts(store.name)
    try:
        known = {(verdict.kind, verdict.item, verdict.other): verdict for verdict in kept.all()}
    except FashionSearchError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    wrong = known.get((VerdictKind.WRONG_LABEL, item.id, ""))
    st.markdown("**Your verdict**")
    by = who()
    with st.container(horizontal=True, gap="small"):
        if query is not None and query.labels != item.labels:
            accepted = next(
                (
                    one
                    for key, one in known.items()
                    if key[0] is VerdictKind.ACCEPTABLE and set(key[1:]) == {query.id, item.id}
                ),
                None,
            )
            if accepted is None:
                if st.button(
                    "Acceptable",
                    icon=":material/thumb_up:",
                    key="verdict-accept",
                    help="Counts as relevant for this query, whichever method returns it",
                ):
                    do(lambda: kept.accept(query.id, item.id, method, by))
            elif can_withdraw(accepted) and st.button(
                "Withdraw “acceptable”", icon=":material/undo:", key="verdict-unaccept"
            ):
                do(lambda: kept.withdraw(accepted))
        if wrong is None:
            if st.button(
                "Wrong label",
                icon=":material/label_off:",
                key="verdict-wrong",
                help="Leaves this item out of queries and gallery",
            ):
                do(lambda: kept.mark_wrong_label(item.id, method, by))
        elif can_withdraw(wrong) and st.button("Withdraw “wrong label”", icon=":material/undo:", key="verdict-unwrong"):
            do(lambda: kept.withdraw(wrong))
    st.caption(
        "Kept for everyone, with your name. The switch at the left of Metrics and Failures applies all verdicts."
    )


def who() -> str:
    """The name that verdicts are given under: typed once, kept for the session; it may stay empty."""
    state = st.session_state

    def keep() -> None:
        state[_NAME] = name_of(state["verdict-name"] or "")

    state["verdict-name"] = state.setdefault(_NAME, "")
    st.text_input(
        "Your name",
        key="verdict-name",
        max_chars=MOST_NAME,
        placeholder="Shown with your verdicts; it may stay empty",
        on_change=keep,
    )
    return name()


def name() -> str:
    """The name that was typed in this session; empty for none."""
    typed: str = st.session_state.get(_NAME, "")
    return typed


def can_withdraw(verdict: Verdict) -> bool:
    """Whether this session may take a verdict back: in open mode its own alone."""
    return not open_mode.is_on() or verdict.key in st.session_state.get(_OWN, ())


def do(change: Callable[[], Verdict | None]) -> None:
    """Change the file of verdicts and draw the page again; say why where it cannot be changed."""
    try:
        open_mode.check_verdicts()
        if (given := change()) is not None:
            st.session_state.setdefault(_OWN, set()).add(given.key)
    except FashionSearchError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.rerun()


def show(store: Store) -> None:
    """All verdicts on a catalog."""
    kept = open_verdicts(store.name)
    try:
        every = kept.all()
    except FashionSearchError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    if _IMPORTED in st.session_state:
        st.success(st.session_state.pop(_IMPORTED), icon=":material/check:")
    accepted = sum(verdict.kind is VerdictKind.ACCEPTABLE for verdict in every)
    pairs, labels = count(accepted, "pair", "pairs"), count(len(every) - accepted, "label", "labels")
    st.header(f"{pairs} accepted, {labels} marked wrong")
    warn(store)
    if not every and not open_mode.takes_verdicts():
        st.caption("There are none.")
    elif not every:
        st.info(
            "There are no verdicts yet. Open a result (a click on its card) and say “acceptable” or "
            "“wrong label”, here or on the Search page.",
            icon=":material/gavel:",
        )
    for verdict in every[:_AT_ONCE]:
        _line(store, kept, verdict)
    if len(every) > _AT_ONCE:
        st.caption(f"The newest {_AT_ONCE} of {len(every):,}; the export holds all.")
    if every:
        st.download_button(
            "Export verdicts (CSV)",
            kept.export_csv,
            f"{store.name}-verdicts.csv",
            "text/csv",
            icon=":material/download:",
            key="verdicts-export",
            on_click="ignore",
        )
    if open_mode.is_on():
        return
    _import(store, kept)
    st.caption(
        "Verdicts are kept under the catalog’s name, by item id. If another source takes over that name, withdraw them."
    )


def wrong_labels(store: Store) -> dict[str, Verdict] | None:
    """By item, the verdicts that its label is wrong; None, and why, where they cannot be read."""
    try:
        every = open_verdicts(store.name).all()
    except FashionSearchError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None
    return {verdict.item: verdict for verdict in every if verdict.kind is VerdictKind.WRONG_LABEL}


def given(store: Store) -> Applied:
    """What people said of this catalog's results; nothing, and why, where that cannot be read."""
    try:
        return data.verdicts(store)
    except FashionSearchError as error:
        st.error(plain(f"Shown without verdicts. {error}"), icon=":material/error:")
        return NO_VERDICTS


def warn(store: Store) -> None:
    """Say it where verdicts were given on the results of one method alone, which favours it."""
    every = open_verdicts(store.name).all()
    method = favours(every)
    if method is not None:
        counts = accepted_by_method(every)
        share = f"{counts[method]:,} of {count(sum(counts.values()), 'accepted pair', 'accepted pairs')}"
        st.warning(
            f"{share}: found among the results of {plain(_method_title(method))}. With verdicts its "
            "figures rise more than those of the others: give verdicts on their results for the same queries too, "
            "before you compare them.",
            icon=":material/balance:",
        )


def _line(store: Store, kept: Verdicts, verdict: Verdict) -> None:
    catalog = store.catalog
    identity = json.dumps([verdict.kind, verdict.item, verdict.other])  # ids may hold any character
    key = hashlib.sha256(identity.encode()).hexdigest()[:16]
    with st.container(key=f"verdict-{key}", horizontal=True, vertical_alignment="center", gap="small"):
        known = [item for item in (verdict.item, verdict.other) if item in catalog]
        pictures = "".join(cards.picture(store.thumbnail(catalog.row(item)), item) for item in known)
        names = " and ".join(
            escape(catalog.items[catalog.row(item)].name or item) if item in catalog else f"{escape(item)} (not here)"
            for item in (verdict.item, verdict.other)
            if item
        )
        found = f" · under {escape(_method_title(verdict.method))}" if verdict.method else ""
        when = verdict.given[:16].replace("T", " ")
        name = f" · by {escape(verdict.by)}" if verdict.by else ""
        st.html(
            f'<div class="fs-verdict"><div class="fs-small">{pictures}</div><div><b>{verdict.kind.capitalize()}</b>: '
            f'{names}<div class="fs-note">{escape(when)} UTC{name}{found}</div></div></div>'
        )
        may = open_mode.takes_verdicts() and can_withdraw(verdict)
        if may and st.button("Withdraw", key=f"withdraw-{key}", icon=":material/undo:"):
            do(lambda: kept.withdraw(verdict))


def _method_title(method: str) -> str:
    try:
        return title_of(method)
    except FashionSearchError:  # of another version of the program
        return method


def _import(store: Store, kept: Verdicts) -> None:
    with st.expander("Import verdicts", icon=":material/upload:"):
        file = st.file_uploader("A CSV that was exported here or elsewhere", type="csv", key="verdicts-file")
        if file is None or not st.button("Import", key="verdicts-import", type="primary"):
            return
        try:
            open_mode.check("Importing verdicts")
            summary = kept.import_csv(file.getvalue(), store.catalog)
        except FashionSearchError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        unknown = (
            f" {len(summary.unknown_items):,} of the items are not in this catalog." if summary.unknown_items else ""
        )
        st.session_state[_IMPORTED] = f"{summary.added:,} added, {summary.known:,} were there before.{unknown}"
        st.rerun()
