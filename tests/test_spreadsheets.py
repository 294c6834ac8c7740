"""Exported tables compute nothing when they are opened, and say what they said."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion_search.spreadsheets import as_cell, as_csv, as_written

FORMULAS = ["=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1,1)", "\t=1+1", "\r=1+1", "\n=1", "＝1+1", "|calc"]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_would_be_computed_has_an_apostrophe(text: str) -> None:
    assert as_cell(text) == f"'{text}"
    assert as_written(as_cell(text)) == text


@pytest.mark.parametrize("text", ["-0.5", "+3", "-1e-3", "-inf", "a=b", "-", "= ", "Capris · Navy", "'quoted'", "1+1"])
def test_numbers_and_words_stay_as_they_are(text: str) -> None:
    assert as_cell(text) == text
    assert as_written(text) == text


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(alphabet="'=+-@\t\r\n|1a. ", max_size=6))
def test_every_text_comes_back(text: str) -> None:
    cell = as_cell(text)
    assert as_written(cell) == text
    if cell[:1] in {"=", "+", "-", "@", "\t", "\r", "\n", "|"} and len(cell.strip()) > 1:
        float(cell)


def test_a_table_has_its_header_and_every_cell_made_inert() -> None:
    assert as_csv(["id", "=x"], [["=1+1", "-0.5"], ["a,b", "\r=1"]]) == ('id,\'=x\r\n\'=1+1,-0.5\r\n"a,b","\'\r=1"\r\n')
