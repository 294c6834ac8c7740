"""A row as people read it, in the terminal and in Markdown."""

import pytest

from benchmarks import table
from benchmarks.measured import Measured
from benchmarks.measuring import Goal, Row
from tests.benchmarks.made import CONDITIONS, ROW


def test_a_line_of_the_terminal_stands_below_its_header() -> None:
    header, line = table.terminal_header(), table.terminal(ROW)
    for title, cell in zip(
        table.HEADER[1:], ("NumPy", "4.0 ms", "5.0 ms", "1.25 × [1.12, 1.38]", "≤ 1.3, met"), strict=True
    ):
        assert cell in line
        ends = title in table.HEADER[2:4]  # amounts are aligned to the right
        at = [text.index(word) + (len(word) if ends else 0) for text, word in ((header, title), (line, cell))]
        assert at[0] == at[1], title


def test_facts_have_a_line_of_their_own() -> None:
    row = Row.of("hnsw", "exact", [(1, 2)], facts={"recall@10": 0.9941, "precision": "bf16"})
    assert table.terminal(row).splitlines()[1].strip() == "recall@10 0.9941, precision bf16"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.00012, "s", "0.12 ms"),
        (0.0044, "s", "4.4 ms"),
        (0.112, "s", "112 ms"),
        (2.613, "s", "2.61 s"),
        (58.13, "s", "58.1 s"),
        (1162.4, "MB", "1,162 MB"),
    ],
)
def test_amounts_are_in_a_unit_that_is_easily_read(value: float, unit: str, text: str) -> None:
    assert table.amount(value, unit) == text


def test_ratios_say_what_they_are_of() -> None:
    assert table.ratio(Row.of("a", "b", [(2, 1)], is_speed=True)) == "2.00 × as fast [2.00, 2.00]"
    assert table.ratio(Row.of("a", "b", [(200, 1)])) == "0.005 × [0.005, 0.005]"


def test_a_goal_says_whether_it_is_met() -> None:
    goals = (None, Goal("≤", 2), Goal("≥", 3), Goal("≤", 1, "s"))
    said = [table.goal(Row.of("a", "b", [(1, 2)], goal=goal)) for goal in goals]
    assert said == ["", "≤ 2, met", "≥ 3, missed", "≤ 1 s, missed"]


def test_markdown_has_a_heading_for_each_benchmark_and_keeps_its_columns() -> None:
    row = Row.of("a | b", "NumPy", [(1, 2)], facts={"recall@10": 0.5})
    lines = table.markdown([Measured("exact", "Searching", True, 1.0, CONDITIONS, (row,))]).splitlines()
    assert lines[2].startswith("| **Searching** (`exact`) |")
    assert lines[3] == r"| a \| b (recall@10 0.5) | NumPy | 1.00 s | 2.00 s | 2.00 × [2.00, 2.00] |  |"
    assert {line.replace(r"\|", "").count("|") for line in lines} == {7}
