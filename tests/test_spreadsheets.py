"""Exported tables compute nothing when they are opened, and say what they said."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion_search.spreadsheets import _is_number, as_cell, as_csv, as_written
from tests.office import converted

FORMULAS = ["=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1,1)", "＝1+1", "|calc", "'=1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_would_be_computed_has_an_apostrophe(text: str) -> None:
    assert as_cell(text) == f"'{text}"
    assert as_written(as_cell(text)) == text


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("\t=1+1", "'\t'=1+1"),
        ("\n=1", "'\n'=1"),
        ("\rx", "'\rx"),
        ("x;=1+1;@a;b", "x;'=1+1;'@a;b"),
        ("ripe\n- red", "ripe\n'- red"),
        ("'=1;'=2", "''=1;''=2"),
    ],
)
def test_what_would_be_computed_behind_another_separator_has_one_too(text: str, cell: str) -> None:
    """Where commas are in numbers, programs separate cells by semicolons, and quotes hold nothing together."""
    assert as_cell(text) == cell
    assert as_written(cell) == text


@pytest.mark.parametrize(
    "text", ["a;b", "-0.5", "+3", "-1e-3", "-inf", "a=b", "-", "= ", "Capris · Navy", "'quoted'", "1+1"]
)
def test_numbers_and_words_stay_as_they_are(text: str) -> None:
    assert as_cell(text) == text
    assert as_written(text) == text


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(alphabet="'=+-@\t\r\n|;1a. ", max_size=7))
def test_every_text_comes_back(text: str) -> None:
    cell = as_cell(text)
    assert as_written(cell) == text
    for part in [cell] if _is_number(cell) else re.split("[;\t\r\n]", cell):
        assert part[:1] not in set("=+-@|") or not part[1:].strip()


def test_a_table_has_its_header_and_every_cell_made_inert() -> None:
    assert as_csv(["id", "=x"], [["=1+1", "-0.5"], ["a,b", "\r=1"]]) == (
        "id,'=x\r\n'=1+1,-0.5\r\n\"a,b\",\"'\r'=1\"\r\n"
    )


HOSTILE = ["=1+1", "x;=2+3;y", "x;\t=4+5;y", "\n=6+7", "@SUM(1;2)", "+8+9", '"=1+2', ";=3+4;"]


@pytest.mark.slow
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_libreoffice_computes_nothing(separator: str, tmp_path: Path) -> None:
    """Also where it separates by what is none of the file's separators."""

    def formulas(name: str, content: str) -> list[str]:
        table = tmp_path / f"{name}.csv"
        table.write_text(content, newline="")
        filter_ = f"--infilter=Text - txt - csv (StarCalc):{ord(separator)},34,76"
        opened = converted(table, "fods", filter_, needs="libreoffice-calc")
        return re.findall('table:formula="[^"]*"', opened.read_text())

    assert formulas("plain", "\r\n".join(HOSTILE))
    assert formulas("exported", as_csv(HOSTILE, [HOSTILE, *([one] for one in HOSTILE)])) == []
