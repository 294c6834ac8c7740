"""What a page says of an error that nobody foresaw: a sentence and a short id, under which the log has the details."""

import logging

import streamlit as st
from streamlit import error_util

from fashion_search import logs
from fashion_search.settings import settings


def say(error: Exception) -> bool:
    """Log an error and say so on the page; True, as Streamlit then shows nothing more of it."""
    id = logs.defect(error)
    st.error(
        f"Something went wrong here. Tell whoever runs this app the id **{id}**; the log has the details.",
        icon=":material/bug_report:",
    )
    return True


def _show(ex: BaseException) -> None:
    if isinstance(ex, Exception):
        say(ex)


def watch() -> None:
    """Have the log written, and errors in pages, their parts, dialogs and callbacks said in this way; once is enough.

    ``st.App`` takes ``say`` itself; how an app that ``streamlit run`` serves shows errors can only be replaced. What
    Streamlit writes of them into the log besides would be the same traceback without its id.
    """
    if not logs.is_configured():
        logs.configure(settings().log_json)
    error_util.show_uncaught_app_exception = _show
    streamlits = logging.getLogger(error_util.__name__)
    if _says_it_besides not in streamlits.filters:
        streamlits.addFilter(_says_it_besides)


def _says_it_besides(record: logging.LogRecord) -> bool:
    return record.getMessage() != "Uncaught app execution"
