"""The Metrics page's view of classification: how often a query's own category is named, beside others' values."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from fashion_search.cases import Case, capture
from fashion_search.catalog import title
from fashion_search.evaluation import classified, published
from fashion_search.evaluation.classification import TOPS
from fashion_search.evaluation.classified import Line
from fashion_search.evaluation.published import Published
from fashion_search.evaluation.words import number, rounded
from fashion_search.ui import add_case, open_mode
from fashion_search.ui.metrics import export, others
from fashion_search.ui.shown import Shown
from fashion_search.ui.text import plain, title_of
from fashion_search.ui.url import asked, choose

if TYPE_CHECKING:
    import pandas as pd


def show(evaluation: Shown) -> None:
    """The finding, the table with others' values, and what the figures are."""
    columns = classified.columns_of(evaluation.store.catalog)
    if not columns:
        st.info("There is nothing to classify: the catalog’s only column names products.", icon=":material/info:")
        return
    column = asked("of", columns, columns[0])
    if len(columns) > 1:
        choose("Column", "of", column, columns, columns[0], st.segmented_control, (), required=True, format_func=title)
    found = evaluation.worked_out(("classification", column), lambda: classified.lines(evaluation, column))
    finding = classified.headline(found, evaluation.titles, column)
    st.header(plain(finding))
    theirs = published.classification(evaluation, column)
    table = figures(found, theirs)
    export.draw_table(table, named=2, pinned=True)
    st.caption(f"{classified.ABOUT} In brackets: its 95 % interval, which draws whole {evaluation.split.relevant_by}s.")
    if any(line.left_out for line in found):
        st.caption(classified.LEFT_OUT)
    _offer(evaluation, column)
    if theirs:
        others.say_where(evaluation, theirs)
    with st.container(horizontal=True, gap="small"):
        name = f"{evaluation.store.name}-classification"
        export.csv_button("All of it as CSV", all_figures(evaluation), name, "classification-csv")
        add_case.button(evaluation.store, lambda: _as_case(evaluation, finding, theirs, table))


def _offer(evaluation: Shown, column: str) -> None:
    """The command that classifies by the paths of trained encoders, where some have not done so yet."""
    missing = classified.not_measured(evaluation, column)
    if missing:
        names = plain(", ".join(map(title_of, missing)))
        words = f"python -m fashion_search evaluate --catalog {evaluation.store.name} --protocol {evaluation.protocol}"
        chosen = " ".join(f"--method {method}" for method in missing)
        about = f"{names}: not classified by its own classification path yet. It encodes the queries once more:"
        open_mode.command(f"{words} {chosen} --classify", about)


def figures(found: Sequence[Line], theirs: Sequence[Published]) -> "pd.DataFrame":
    """Methods with how they classify, by figure; below them others' values with where they stand."""
    import pandas as pd

    rows = [
        {"Method": title_of(line.method), "How": line.how, "Queries": f"{line.queries:,}"}
        | {f"Top-{k}": rounded(share) for k, share in line.tops.items()}
        | {"Balanced accuracy": rounded(line.balanced)}
        for line in found
    ]
    rows += [
        {"Method": one.model, "How": one.source, "Queries": ""}
        | {f"Top-{k}": number(one.values[k]) if k in one.values else "" for k in TOPS}
        | {"Balanced accuracy": ""}
        for one in theirs
    ]
    return pd.DataFrame(rows)


def all_figures(evaluation: Shown) -> "pd.DataFrame":
    """Every figure of every column as a plain number, with its conditions; others' values below, with their source."""
    import pandas as pd

    head = {
        "catalog": evaluation.store.name,
        "conditions": evaluation.split.label,
        "verdicts": "applied" if evaluation.verdicts.digest else "none",
    }
    columns = classified.columns_of(evaluation.store.catalog)
    rows = [
        {
            **head,
            "method": line.method,
            "how": line.how,
            "column": column,
            "queries": line.queries,
            "measure": name,
            "value": share.value,
            "95 % low": share.low,
            "95 % high": share.high,
        }
        for column in columns
        for line in classified.lines(evaluation, column)
        for name, share in (*((f"top-{k}", share) for k, share in line.tops.items()), ("balanced", line.balanced))
    ]
    rows += [
        {"method": one.model, "how": one.source, "column": column, "measure": f"top-{k}", "value": value}
        for column in columns
        for one in published.classification(evaluation, column)
        for k, value in one.values.items()
    ]
    return pd.DataFrame(rows)


def _as_case(evaluation: Shown, finding: str, theirs: Sequence[Published], table: "pd.DataFrame") -> Case:
    store = evaluation.store
    conditions = capture.conditions(store, evaluation.split, evaluation.k, evaluation.verdicts)
    sources = [f"{one}." for one in published.references(theirs)]
    return add_case.of_table(store, conditions, finding, [classified.ABOUT, *sources], table)
