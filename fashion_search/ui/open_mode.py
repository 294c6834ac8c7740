"""Open mode: what is off on pages where strangers see them, and how much they may bring.

What reads or changes this machine on behalf of a page asks ``check`` first, so that it is off and not merely hidden.
Commands in a terminal are not concerned: who has one owns the machine.
"""

import threading
import weakref
from functools import cache

import streamlit as st
from PIL import Image
from starlette.formparsers import MultiPartParser
from streamlit import config
from streamlit.runtime.scriptrunner import get_script_run_ctx

from fashion_search.errors import OpenModeError, PasswordError, TooManyError
from fashion_search.settings import settings
from fashion_search.ui import login
from fashion_search.ui.limits import Rate, in_words

_IN_MEMORY = 2**40  # bytes: Starlette keeps larger uploads in a file, and uploads are never on disk
_guarded = False  # whether this process's server asks for the password itself
_not_taken: dict[str, str] = {}  # by session
_MOST_NOTES = 1_000
_CHANGES = (30, 300, 60.0)  # of verdicts and cases: by a session, by all, in so many seconds


def is_on() -> bool:
    """Whether the app is open to the public."""
    return settings().public


def check(what: str) -> None:
    """Let nothing through in open mode; ``what`` begins the sentence, such as ``Building``.

    Raises:
        OpenModeError: it is on.
    """
    if is_on():
        raise OpenModeError(f"{what} is off: this app is open to the public.")


def say(what: str) -> bool:
    """Whether open mode is on; says then that ``what``, such as ``Building``, is off, in place of its controls."""
    if is_on():
        st.caption(f":material/lock: {what} is off: this app is open to the public.")
        return True
    return False


def command(words: str, about: str = "The same on the command line:") -> None:
    """A command that does what the page shows; not for strangers, whom it may tell paths of this machine."""
    if not is_on():
        st.caption(about)
        st.code(words, language="sh", wrap_lines=True)


def takes_verdicts() -> bool:
    """Whether people may give verdicts here."""
    now = settings()
    return now.verdicts and (now.public_verdicts or not now.public)


def check_verdicts() -> None:
    """Count a verdict that is about to be kept.

    Raises:
        OpenModeError: none are taken.
        TooManyError: in open mode, a session or all sessions together give too many.
    """
    if not takes_verdicts():
        raise OpenModeError("Giving verdicts is off here.")
    _admit_change()


def check_cases() -> None:
    """Count a change of the report's cases that is about to be kept; raises as ``check_verdicts``."""
    if not takes_cases():
        raise OpenModeError("Changing the report’s cases is off: this app is open to the public.")
    _admit_change()


def takes_cases() -> bool:
    """Whether people may change the report's cases here."""
    now = settings()
    return now.public_cases or not now.public


# -- how much is brought ------------------------------------------------------------------------------------


def admit_picture() -> None:
    """Count a picture that this session brings.

    Raises:
        TooManyError: in open mode, it or all sessions together bring too many, or keep too much; the message says when
            to try again.
    """
    now = settings()
    if now.public:
        if _kept.n_bytes >= now.pictures_kept_mb * 2**20:
            raise TooManyError(f"Many people search with their own pictures just now. Try again {in_words(300)}.")
        _admit(_pictures(now.uploads_a_minute, now.uploads_a_minute_all), "pictures")


def note_not_taken(session: str, why: str) -> None:
    """Keep in mind why an upload of a session was refused before it arrived, until its page asks."""
    _not_taken[session] = why
    if len(_not_taken) > _MOST_NOTES:  # of sessions that were left
        del _not_taken[next(iter(_not_taken))]


def why_not_taken() -> str:
    """A sentence on uploads of this session that did not arrive since it was asked; empty for none."""
    context = get_script_run_ctx()
    why = _not_taken.pop(context.session_id, "") if context else ""
    return f"Not every picture arrived. {why}" if why else ""


def keep(picture: Image.Image) -> None:
    """Count an ``RGB`` picture that is kept with a session, until nothing holds it any more."""
    n_bytes = 3 * picture.width * picture.height
    _kept.add(n_bytes)
    weakref.finalize(picture, _kept.add, -n_bytes).atexit = False


class _Sum:
    """Bytes that are kept; safe for threads."""

    def __init__(self) -> None:
        self.n_bytes = 0
        self._lock = threading.RLock()  # a picture may end, and be counted, while one is counted

    def add(self, n_bytes: int) -> None:
        with self._lock:
            self.n_bytes += n_bytes


_kept = _Sum()


def _admit_change() -> None:
    if is_on():
        _admit(_changes(), "changes")


def _admit(rate: Rate, what: str) -> None:
    context = get_script_run_ctx()
    if wait := rate.take(context.session_id if context else ""):
        raise TooManyError(f"Too many {what} came in within a minute. Try again {in_words(wait)}.")


@cache
def _pictures(each: int, every: int) -> Rate:
    return Rate(each, every, 60.0)


@cache
def _changes() -> Rate:
    return Rate(*_CHANGES)


# -- how it is served ---------------------------------------------------------------------------------------


def is_guarded() -> None:
    """Say that this process's server asks for the password before anything answers."""
    global _guarded
    _guarded = True


def password() -> str | None:
    """The password that is set; None for none.

    Raises:
        PasswordError: it cannot be read.
    """
    return login.password(config.get_option("secrets.files"))


def prepare() -> None:
    """Bound what Streamlit itself takes in, and keep it off the disk; however the app was started."""
    MultiPartParser.spool_max_size = _IN_MEMORY
    now = settings()
    if now.public and config.get_option("server.maxUploadSize") != now.upload_mb:
        config.set_option("server.maxUploadSize", now.upload_mb)


def require_password() -> None:
    """Draw nothing more where a password is set and the server does not ask for it.

    ``streamlit run`` has no place to ask before its websocket, media and uploads answer, so nothing is shown there.
    """
    if _guarded:
        return
    try:
        is_set = password() is not None
    except PasswordError:
        is_set = True
    if is_set:
        st.error(
            "This app has a password, which `streamlit run` cannot ask for: start it with `fashion-search app`.",
            icon=":material/lock:",
        )
        st.stop()
