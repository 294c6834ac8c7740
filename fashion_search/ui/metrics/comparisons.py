"""Which method is better: in a sentence each, and of many methods as a matrix."""

from typing import TYPE_CHECKING

import streamlit as st

from fashion_search.evaluation.many import UNFOLDED, Matrix, told
from fashion_search.evaluation.statistics import Comparison
from fashion_search.evaluation.words import count, sentence
from fashion_search.ui.metrics import export
from fashion_search.ui.shown import Shown
from fashion_search.ui.text import plain, title_of

if TYPE_CHECKING:
    import pandas as pd

_SAID = 6  # sentences; more are folded away
_FAINT = "color: #8c867e"  # of a difference that could not be shown


def findings(evaluation: Shown) -> None:
    """Who beats whom, in one sentence each; of many methods a matrix, and sentences against the best alone."""
    comparisons = evaluation.compared(evaluation.measure)
    is_many = len(evaluation.methods) > UNFOLDED
    matrix = Matrix.of(comparisons, evaluation.means(evaluation.measure))
    said = matrix.against_best() if is_many else comparisons
    for comparison in said[:_SAID]:
        _finding(evaluation, comparison)
    if said[_SAID:]:
        best = plain(title_of(matrix.methods[0]))
        more = count(len(said) - _SAID, "more method", "more methods")
        with st.expander(f"{more} that {best} is compared with"):
            for comparison in said[_SAID:]:
                _finding(evaluation, comparison)
    if is_many:
        _draw(evaluation, matrix)
    unit = evaluation.split.relevant_by
    corrected = f", corrected for {len(comparisons)} comparisons (Holm)" if len(comparisons) > 1 else ""
    st.caption(
        "In brackets: 95 % paired bootstrap interval of the difference. p: permutation test"
        f"{corrected}. Both draw whole {unit}s, since queries of one {unit} are not independent."
    )


def _finding(evaluation: Shown, comparison: Comparison) -> None:
    titles = {method: title_of(method) for method in (comparison.first, comparison.second)}
    icon = ":material/balance:" if comparison.verdict == "undecided" else ":material/trending_up:"
    st.markdown(f"{icon} {plain(sentence(comparison, titles, evaluation.label))}")


def _draw(evaluation: Shown, matrix: Matrix) -> None:
    """The matrix: how much better the method of a row is than that of a column."""
    table = matrix_table(matrix)
    undecided = {
        (title_of(row), title_of(column)) for (row, column), one in matrix.cells.items() if one.verdict == "undecided"
    }

    def faint(column: "pd.Series[str]") -> list[str]:
        return [_FAINT if (row, column.name) in undecided else "" for row in table.iloc[:, 0]]

    settings = {name: st.column_config.TextColumn(width=190) for name in table.columns[1:]}
    settings[table.columns[0]] = st.column_config.TextColumn(pinned=True, width=150)
    st.dataframe(
        table.style.apply(faint, axis=0),
        key="matrix",
        hide_index=True,
        width="stretch",
        height=min(38 + 35 * len(table), 640),
        column_config=settings,
    )
    st.caption(
        f"Every two methods by {evaluation.label}, the best first: how much the method of the row is ahead of that of "
        "the column. Grey: no difference could be shown."
    )
    export.csv_button(
        "All comparisons as CSV", plain_table(evaluation, matrix), f"{evaluation.store.name}-comparisons", "matrix-csv"
    )


def matrix_table(matrix: Matrix) -> "pd.DataFrame":
    """The better method in a row, the other in a column."""
    import pandas as pd

    rows, columns = matrix.methods[:-1], matrix.methods[1:]
    return pd.DataFrame(
        {"Method": title_of(row)}
        | {
            title_of(column): told(matrix.cells[row, column]) if (row, column) in matrix.cells else ""
            for column in columns
        }
        for row in rows
    )


def plain_table(evaluation: Shown, matrix: Matrix) -> "pd.DataFrame":
    """Every comparison as plain numbers, with its conditions."""
    import pandas as pd

    return pd.DataFrame(
        {
            "catalog": evaluation.store.name,
            "conditions": evaluation.split.label,
            "measure": evaluation.label,
            "better": one.first,
            "other": one.second,
            "difference": one.difference.value,
            "95 % low": one.difference.low,
            "95 % high": one.difference.high,
            "p, corrected": one.p,
            "finding": one.verdict,
            "better for": one.wins,
            "equal for": one.ties,
            "worse for": one.losses,
        }
        for one in matrix.cells.values()
    )
