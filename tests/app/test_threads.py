"""The app's process is set up for many sessions, whoever starts it."""

import gc
import os
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator
from threading import Event, Thread
from threading import enumerate as enumerate_threads
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from fashion_search.errors import BusyError
from fashion_search.turns import Turns
from fashion_search.ui import alone, process
from tests.app import screen

TAME = process._tame_the_collector  # other tests do without it (conftest.py)

OPENED = """
from streamlit.testing.v1 import AppTest
from threadpoolctl import threadpool_info
threads = lambda: {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}
import numpy
print(threads())
assert not AppTest.from_file("app.py", default_timeout=90).run().exception
print(threads())
import gc
from fashion_search.ui import process
for _ in range(process.EVERY):
    gc.collect()
print(gc.get_freeze_count(), len(gc.get_objects()))
"""


@pytest.mark.slow
def test_a_page_leaves_one_thread_to_each_product_and_the_garbage_collector_few_objects() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    environment["OPENBLAS_NUM_THREADS"] = "3"  # however it was started
    command = [sys.executable, "-c", OPENED]
    done = subprocess.run(command, cwd=screen.ROOT, env=environment, capture_output=True, text=True, check=True)
    before, after, aside, in_sight = done.stdout.split()
    assert before != "{1}"
    assert after == "{1}"
    assert int(aside) > 100_000  # modules and the catalog, which stay
    assert int(in_sight) < 1_000  # what the next collection looks at


@pytest.fixture
def tamed() -> Iterator[None]:
    """The collector as the app has it."""
    TAME()
    yield
    gc.callbacks.remove(process._set_aside_what_stays)
    TAME.cache_clear()
    gc.unfreeze()


@pytest.mark.usefixtures("tamed")
def test_garbage_that_was_set_aside_is_found_later(monkeypatch: pytest.MonkeyPatch) -> None:
    in_a_circle = [Event()]
    in_a_circle.append(in_a_circle)  # type: ignore[arg-type]
    gone = weakref.ref(in_a_circle[0])
    for _ in range(process.EVERY):
        gc.collect()  # one of which sets it aside
    in_a_circle = []
    gc.collect()
    assert gone() is not None

    for_pauses(1, monkeypatch)
    assert gone() is None


def for_pauses(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the thread does in so many pauses, without their time."""

    class OverError(Exception):
        """One pause more."""

    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        if len(pauses) == count:
            raise OverError
        pauses.append(seconds)

    monkeypatch.setattr(process, "time", SimpleNamespace(sleep=sleep))
    with pytest.raises(OverError):
        process._collect_all()


@pytest.mark.usefixtures("tamed")
def test_clearing_streamlits_cache_begins_no_other_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each would go through all objects of the process once a minute."""
    monkeypatch.setattr(process, "_tame_the_collector", TAME)
    before = [thread.name for thread in enumerate_threads()]
    for _ in range(3):
        st.cache_resource.clear()
        process.prepare()
    assert [thread.name for thread in enumerate_threads()] == before
    assert gc.callbacks.count(process._set_aside_what_stays) == 1


@pytest.fixture
def end_other(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """A page of somebody else is drawn, and no one more may wait, until this is called."""
    turns = Turns(at_once=1, waiting=0)
    monkeypatch.setattr(process, "_pages", lambda: turns)
    drawn, may_end = Event(), Event()

    def other() -> None:
        with turns.turn():
            drawn.set()
            may_end.wait(60)

    thread = Thread(target=other, daemon=True)
    thread.start()
    assert drawn.wait(5)

    def end() -> None:
        may_end.set()
        thread.join()

    yield end
    end()


BUSY = "Too many people use this app at the moment. Wait a little, then try again."


def test_a_page_that_no_one_more_may_wait_for_says_so_and_offers_another_try(end_other: Callable[[], None]) -> None:
    app = screen.ran(AppTest.from_file(screen.ROOT / "app.py", default_timeout=90).run())
    assert [error.value for error in app.error] == [BUSY]
    end_other()
    again = screen.ran(app.button(key="try-again").click().run())
    assert not again.error
    assert screen.results(again, "histogram")


DIALOG = """
import streamlit as st
from fashion_search.ui import process
st.dialog("A dialog")(process.in_turn(lambda text: st.write(text)))("What it shows")
"""


def test_a_dialog_that_no_one_more_may_wait_for_says_so(end_other: Callable[[], None]) -> None:
    app = screen.ran(AppTest.from_string(DIALOG).run())
    assert [error.value for error in app.error] == [BUSY]
    assert not app.markdown
    end_other()
    assert [text.value for text in screen.ran(app.run()).markdown] == ["What it shows"]


def test_a_part_of_a_page_that_no_one_more_may_wait_for_leaves_it_to_the_page(
    end_other: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    class RerunError(Exception):
        """What Streamlit draws the whole page anew by."""

    def rerun() -> None:
        raise RerunError

    parts: list[Callable[[], None]] = []
    monkeypatch.setattr(alone, "st", SimpleNamespace(fragment=lambda part: parts.append(part) or part, rerun=rerun))
    monkeypatch.setattr(alone.page, "remember", lambda page: None)
    drawn: list[int] = []
    with pytest.raises(BusyError):  # first it is drawn with the page
        alone.show(SimpleNamespace(is_current=True), "pages/Metrics.py", lambda: drawn.append(1))  # type: ignore[arg-type]
    with pytest.raises(RerunError):
        parts[0]()
    assert not drawn
    end_other()
    parts[0]()
    assert drawn
