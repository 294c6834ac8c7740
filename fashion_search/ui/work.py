"""Long work that a page waits for: it goes on when the page is left, and whoever asks for the same sees the same.

A page's script waits and draws how far the work is; the work itself has a thread of its own (``fashion_search.work``).
"""

from collections.abc import Callable, Hashable
from typing import Any, NoReturn, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from fashion_search.build.progress import Progress
from fashion_search.errors import FashionSearchError
from fashion_search.ui import process
from fashion_search.ui.text import plain
from fashion_search.work import About, CancelledError, Job, Works, reporter

WORKS = Works()
"""All that is under way in this process."""

_AT_ONCE = 0.15  # s: of what takes less a page says nothing
_EVERY = 0.25  # s between two looks
_LEFT = "work left"  # session state: the keys of what this person cancelled, until they ask for it again

_T = TypeVar("_T")


class LeftError(FashionSearchError):
    """A person cancelled what is asked for, and has not asked for it again."""


def done(key: Hashable, about: About, make: Callable[[], _T], needed: bool = True, keep: bool = False) -> _T:
    """What ``make`` gives; the page waits for it and says how far it is, with a button to cancel it.

    Where no page is drawn, such as while the server makes ready, it is made at once.

    Args:
        key: tells it from all others; whatever decides the result is part of it.
        about: what it is.
        make: does it; it must not draw.
        needed: nothing of the page can be drawn without it: one that was cancelled ends the page with an offer to start
            it again.
        keep: keep the result for who comes back (``Works.kept``).

    Raises:
        LeftError: this person cancelled it, and the page can go on without.
        BusyError: too much waits already.
        Exception: what ``make`` raises.
    """
    if get_script_run_ctx(suppress_warning=True) is None:
        return make()
    if key in _left():
        _end(key, about, needed)
    job = WORKS.ask(key, about, make, keep)
    if not job.wait(_AT_ONCE):
        place = st.empty()
        with place.container(key=f"work-{_name(key)}", horizontal=True, vertical_alignment="center"):
            _wait(job)
        place.empty()
    try:
        made: _T = job.result()
    except CancelledError:  # by somebody else, just before this page began to wait
        _end(key, about, needed)
    return made


def begin(key: Hashable, about: About, make: Callable[[], _T], keep: bool = False) -> _T:
    """The same for what a person asks for by a click, which takes back that they cancelled it.

    Raises:
        LeftError: somebody else cancelled it just now.
        BusyError, Exception: as ``done``.
    """
    _left().discard(key)
    return done(key, about, make, needed=False, keep=keep)


def wanted(key: Hashable, about: About, button: Callable[[], bool]) -> bool:
    """Draw the button that begins it; whether to wait for it: it was pressed, or the work is under way already."""
    place = st.empty()
    if button():
        _left().discard(key)
        return True
    if key in _left():
        place.info(f"The {about.event} was cancelled.", icon=":material/cancel:")
        return False
    return WORKS.find(key) is not None


def _end(key: Hashable, about: About, needed: bool) -> NoReturn:
    """The page goes on without what was cancelled, or ends here with an offer to start it again."""
    if not needed:
        raise LeftError(f"The {about.event} was cancelled.")
    st.info(f"The {about.event} was cancelled.", icon=":material/cancel:")
    again = f"again-{_name(key)}"
    st.button("Start again", key=again, icon=":material/restart_alt:", on_click=_left().discard, args=[key])
    st.stop()


def _wait(job: Job) -> None:
    """Draw how far it is until it is over. A rerun, or a tab that is closed, ends this at the next drawing."""
    bar = st.progress(job.share, plain(job.sentence))
    st.button(
        "Cancel",
        key=f"cancel-{_name(job.key)}",
        icon=":material/close:",
        help="It goes on if somebody else waits for it, too.",
        on_click=_leave,
        args=[job.key],
    )
    with process.page_aside(), job.watched(_who()):
        while not job.wait(_EVERY):
            bar.progress(job.share, plain(job.sentence))


def _leave(key: Hashable) -> None:
    """Cancel it, unless others wait for it; this person no longer does."""
    _left().add(key)
    WORKS.leave(key, _who())


def _who() -> str:
    """The session. Streamlit runs its script anew while an earlier run, which looks at the same work, still ends."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else ""


def _left() -> set[Hashable]:
    found: set[Hashable] = st.session_state.setdefault(_LEFT, set())
    return found


def _name(key: Hashable) -> str:
    """A part of a widget's key; equal keys of one process have equal ones."""
    return f"{hash(key):x}".replace("-", "n")


def watch_any(catalog: str, *events: str) -> None:
    """What is under way on a catalog, of these kinds, for whoever opens the page."""
    if WORKS.of_catalog(catalog, *events):
        _watch(catalog, *events)


@st.fragment(run_every=1.0)
def _watch(catalog: str, *events: str) -> None:
    """Once per second; when it is over the whole page is drawn again."""
    jobs = WORKS.of_catalog(catalog, *events)
    if not jobs:
        st.rerun()
    for job in jobs:
        st.progress(job.share, plain(job.sentence))


def kept(key: Hashable) -> Any:
    """What was made under a key, if it is still kept for who comes back; else None."""
    job = WORKS.kept(key)
    return None if job is None else job.result()


def report() -> Callable[[Progress], None]:
    """For what reports its ``Progress``: call it inside the work."""
    say = reporter()
    return lambda progress: say(progress.share, progress.sentence)
