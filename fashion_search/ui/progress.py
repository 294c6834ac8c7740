"""The progress of what a page waits for."""

import threading
from collections.abc import Callable

import streamlit as st

from fashion_search.build.progress import Progress


def progress_bar(first: str) -> Callable[[Progress], None]:
    """A bar that says ``first`` until something is reported; only the page's own thread may draw it."""
    bar = st.progress(0.0, first)
    drawing = threading.current_thread()

    def draw(progress: Progress) -> None:
        if threading.current_thread() is drawing:
            bar.progress(progress.share, progress.sentence)

    return draw
