"""Errors that nobody foresaw: a sentence and an id on the page, whatever part of it they come from."""

import logging

import pytest
from streamlit.testing.v1 import AppTest

from fashion_search import logs
from fashion_search.ui import process

PAGE = """
import streamlit as st
from fashion_search.ui import page



def fail():
    raise KeyError("what only the log may say")


@st.fragment
def part():
    if st.button("in a fragment"):
        fail()


@st.dialog("A dialog")
def dialog():
    fail()


def draw():
    st.button("in a callback", on_click=fail)
    part()
    if st.button("in a dialog"):
        dialog()
    if st.button("in the page"):
        fail()


page.run("Search", draw)
"""


@pytest.mark.parametrize("where", ["in the page", "in a callback", "in a fragment", "in a dialog"])
def test_a_sentence_with_the_id_of_the_log(
    where: str, defects: list[str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("streamlit.error_util"), "propagate", True)
    app = AppTest.from_string(PAGE, default_timeout=60).run()
    assert not app.error
    [button] = [button for button in app.button if button.label == where]
    app = button.click().run()

    [said] = [error.value for error in app.error]
    [id] = defects
    assert said == f"Something went wrong here. Tell whoever runs this app the id **{id}**; the log has the details."
    assert not app.exception
    assert "Uncaught app execution" not in caplog.text  # which Streamlit would log besides, without the id
    defects.clear()


def test_the_page_says_it_anew_each_time(defects: list[str]) -> None:
    app = AppTest.from_string(PAGE, default_timeout=60).run()
    for _ in range(2):
        [button] = [button for button in app.button if button.label == "in the page"]
        app = button.click().run()
        assert defects[-1] in app.error[0].value
    assert len(set(defects)) == 2
    defects.clear()


@pytest.mark.parametrize(("name", "value"), [("PUBLIC", "/srv/of/somebody"), ("PAGES_AT_ONCE", "many")])
def test_a_setting_that_means_nothing_is_named_on_the_page(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``fashion-search app`` would not have begun; ``streamlit run`` does."""
    process._pages.cache_clear()
    monkeypatch.setattr(logs, "is_configured", lambda: False)  # as at the start of a process
    monkeypatch.setattr(logs, "configure", lambda as_json: None)
    monkeypatch.setenv(f"FASHION_SEARCH_{name}", value)
    app = AppTest.from_string(PAGE, default_timeout=60).run()
    assert [error.value.replace("\\", "").split(" is ")[0] for error in app.error] == [f"FASHION_SEARCH_{name}"]
    assert not app.exception
    monkeypatch.undo()
    [again] = [button for button in app.button if button.label == "Try again"]
    app = again.click().run()
    assert not app.error
