"""How the app's process is set up for many sessions at once, whoever starts it."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache, wraps
from itertools import count
from threading import Thread
from typing import ParamSpec

import streamlit as st

from fashion_search.errors import BusyError
from fashion_search.settings import settings
from fashion_search.turns import Turns
from fashion_search.ui.text import plain

_P = ParamSpec("_P")

_PAUSE = 60.0  # s between two looks for garbage among what was set aside
EVERY = 16  # whole collections what stays is set aside

_collections = count(1)

_COLLECTOR = "whole garbage collections"


@st.cache_resource(show_spinner=False)
def prepare() -> object:
    """Set the process up; once."""
    from threadpoolctl import threadpool_limits

    _tame_the_collector()
    # Each session searches in a thread of its own: with several threads for each product they get in each other's way.
    # Builds and trainings are other processes and keep all threads.
    return threadpool_limits(limits=1, user_api="blas")


@cache  # and not in Streamlit's: who clears that one would begin another thread, and another
def _tame_the_collector() -> None:
    gc.callbacks.append(_set_aside_what_stays)
    Thread(target=_collect_all, name=_COLLECTOR, daemon=True).start()


def _set_aside_what_stays(phase: str, about: dict[str, int]) -> None:
    """After every few whole collections, take what they left out of the garbage collector's sight.

    Streamlit asks for a whole collection after each run of a page, while all sessions wait: looking at every object of
    the process, such as those of modules, catalogs and other sessions, was half of what a click cost. Not after each:
    what a run leaves is garbage a moment later.
    """
    if phase == "stop" and about["generation"] == 2 and next(_collections) % EVERY == 0:
        gc.freeze()


def _collect_all() -> None:
    """Find the garbage among what was set aside, again and again; all sessions wait meanwhile, for half a second."""
    while True:
        time.sleep(_PAUSE)
        gc.unfreeze()
        gc.collect()
        gc.freeze()


def page_turn() -> AbstractContextManager[None]:
    """The turn of a page that is drawn, as a context.

    Raises:
        BusyError: too many pages wait already.
        SettingError: of a setting that bounds them.
    """
    return _pages().turn(_tell("This page waits until others are drawn."))


def in_turn(draw: Callable[_P, None]) -> Callable[_P, None]:
    """A part of a page, such as a dialog, that waits for a turn where it is drawn without the rest."""

    @wraps(draw)
    def drawn(*args: _P.args, **options: _P.kwargs) -> None:
        try:
            with page_turn():
                draw(*args, **options)
        except BusyError as error:
            st.error(plain(str(error)), icon=":material/error:")

    return drawn


def page_aside() -> AbstractContextManager[None]:
    """Other pages are drawn meanwhile: for a page that waits for what is worked out elsewhere."""
    return _pages().aside()


@contextmanager
def encoding_turn() -> Iterator[None]:
    """The turn of a picture that is encoded; other pages are drawn meanwhile.

    Raises:
        BusyError: too many pictures wait already.
    """
    with _pages().aside(), _encodings().turn(_tell("Your picture waits until others are encoded.")):
        yield


@cache
def _pages() -> Turns:
    return Turns(settings().pages_at_once, settings().pages_waiting)


@cache
def _encodings() -> Turns:
    return Turns(settings().encodings_at_once, settings().encodings_waiting)


def _tell(why: str) -> Callable[[int], None]:
    def tell(place: int) -> None:
        st.toast(f"Many people use this app just now. {why} It is number {place:,} in line.", icon=":material/groups:")

    return tell
