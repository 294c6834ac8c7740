"""The cases that were added to the report: to read, comment, put in order, remove, and to save as PowerPoint."""

from collections.abc import Callable

import streamlit as st

from fashion_search.cases import Case, open_cases
from fashion_search.cases.model import MOST_COMMENT, Results
from fashion_search.errors import FashionSearchError
from fashion_search.evaluation.words import count
from fashion_search.report import slides
from fashion_search.report.pptx import INSTALL, is_available
from fashion_search.store import Store
from fashion_search.ui import cards, data, open_mode, page
from fashion_search.ui.text import escape, plain

_AT_ONCE = 10  # cases on a page
_REFUSED = "cases refused"  # session state: why the last change was not made, said once
_PAGES = {"Search": page.SEARCH_PAGE, "Failures": page.FAILURES_PAGE, "Metrics": page.METRICS_PAGE}
_PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def show(store: Store, with_hint: bool = True) -> None:
    """Every case in its order, and the slides; without any, how to add one if ``with_hint``."""
    if _REFUSED in st.session_state:
        st.error(st.session_state.pop(_REFUSED), icon=":material/error:")
    try:
        cases = data.cases(store.name)
    except FashionSearchError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    if not cases and not with_hint:
        return
    st.header(f"{count(len(cases), 'case', 'cases')} in the report")
    if not cases and not open_mode.takes_cases():
        st.caption("Nobody has added one.")
        return
    if not cases:
        st.info(
            "“Add to the report” on Search, Failures and Metrics collects what you want to show, with a comment. The "
            "cases become a chapter of the report, and PowerPoint slides.",
            icon=":material/bookmark_add:",
        )
        return
    _save(store, len(cases))
    n_pages = -(-len(cases) // _AT_ONCE)
    shown, below = st.container(), st.container()  # the pager stands below the cases, but is asked first
    number = below.pagination(n_pages, key="cases-page") if n_pages > 1 else 1
    first = (number - 1) * _AT_ONCE
    with shown:
        for place, case in enumerate(cases[first : first + _AT_ONCE], start=first):
            _case(store, case, place, len(cases))


def _save(store: Store, n_cases: int) -> None:
    if not is_available():
        st.caption(INSTALL)
        return
    st.download_button(
        f"PowerPoint · {count(n_cases, 'slide', 'slides')}",
        lambda: slides(store),
        f"{store.name}-cases.pptx",
        _PPTX,
        icon=":material/slideshow:",
        key="cases-pptx",
        on_click="ignore",
    )
    how = "" if open_mode.is_on() else f" The same on the command line: `report --catalog {store.name} --pptx FILE`"
    st.caption(f"One slide a case.{how}")


def _case(store: Store, case: Case, place: int, n_cases: int) -> None:
    kept = open_cases(store.name)
    comment_key = f"case-said-{case.id}"
    case_id = case.id

    def say() -> None:
        text = st.session_state[comment_key] or ""
        _change(lambda: kept.comment(case_id, text))

    with st.container(key=f"case-{case.id}", border=True):
        st.html(_summary(store, case, place + 1))
        if not open_mode.takes_cases():
            if case.comment:
                st.markdown(plain(case.comment))
            _link(case)
            return
        st.session_state[comment_key] = case.comment
        st.text_area(
            "Comment",
            key=comment_key,
            max_chars=MOST_COMMENT,
            height=68,
            placeholder="No comment",
            label_visibility="collapsed",
            on_change=say,
        )
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            for label, icon, by, is_end in (
                ("Up", ":material/arrow_upward:", -1, place == 0),
                ("Down", ":material/arrow_downward:", 1, place == n_cases - 1),
            ):
                st.button(
                    label,
                    icon=icon,
                    key=f"case-{label.lower()}-{case.id}",
                    disabled=is_end,
                    on_click=_change,
                    args=[lambda by=by: kept.move(case_id, by)],
                )
            st.button(
                "Remove",
                icon=":material/delete:",
                key=f"case-remove-{case.id}",
                on_click=_change,
                args=[lambda: kept.remove(case_id)],
            )
            _link(case)


def _link(case: Case) -> None:
    """The way back to what it shows; none for a picture that was brought."""
    if case.link:
        st.page_link(_PAGES[case.page], label="See it again", icon=":material/open_in_new:", query_params=case.link)


def _change(change: Callable[[], object]) -> None:
    """Change the list, before the page is drawn again; where it cannot be changed, the page says why."""
    try:
        open_mode.check_cases()
        change()
    except FashionSearchError as error:
        st.session_state[_REFUSED] = plain(str(error))


def _summary(store: Store, case: Case, number: int) -> str:
    """The query's picture, what the case shows, and its conditions."""
    picture = ""
    what = "Figures"
    if isinstance(case.shown, Results):
        webp = case.shown.query.picture(store)
        picture = cards.picture(webp, case.shown.query.name) if webp else ""
        what = f"{case.shown.query.name} · {', '.join(row.title for row in case.shown.rows)}"
    return (
        f'<div class="fs-verdict"><div class="fs-small">{picture}</div><div><b>{number}. {escape(case.headline)}</b>'
        f'<div>{escape(what)}</div><div class="fs-note">{escape(case.conditions.sentence)} · {case.page}, '
        f"{escape(case.when)}</div></div></div>"
    )
