"""How the app's process is set up for many sessions at once, whoever starts it."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from itertools import chain, repeat
from threading import Thread

import streamlit as st

from fashion_search.settings import settings
from fashion_search.turns import Turns

_PAUSES = (*(2.0**n for n in range(6)), 60.0)  # s; at first much is loaded, and the last is repeated

_KEEPS = "keeps what stays"


@st.cache_resource(show_spinner=False)
def prepare() -> object:
    """Set the process up; once."""
    from threadpoolctl import threadpool_limits

    _begin_to_keep()
    # Each session searches in a thread of its own: with several threads for each product they get in each other's way.
    # Builds and trainings are other processes and keep all threads.
    return threadpool_limits(limits=1, user_api="blas")


@cache  # and not in Streamlit's: who clears that one would begin another thread, and another
def _begin_to_keep() -> None:
    Thread(target=_keep_what_stays, name=_KEEPS, daemon=True).start()


def _keep_what_stays() -> None:
    """Take what lives long, such as modules and catalogs, out of the garbage collector's sight, again each minute.

    Streamlit has it look at every object of the process after each run of a page, while all sessions wait: half of what
    a click cost. Garbage that was among them is found within a minute.
    """
    for pause in chain(_PAUSES, repeat(_PAUSES[-1])):
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        time.sleep(pause)


def page_turn() -> AbstractContextManager[None]:
    """The turn of a page that is drawn, as a context.

    Raises:
        BusyError: too many pages wait already.
        SettingError: of a setting that bounds them.
    """
    return _pages().turn(_tell("This page waits until others are drawn."))


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
