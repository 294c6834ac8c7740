"""Tables as files, and the report."""

import shlex
from typing import TYPE_CHECKING

import streamlit as st

from fashion_search.errors import FashionSearchError
from fashion_search.report import report
from fashion_search.spreadsheets import as_cell
from fashion_search.store import Store
from fashion_search.ui import data, open_mode, work
from fashion_search.ui.metrics import cases
from fashion_search.ui.shown import Shown
from fashion_search.ui.text import as_cells, plain, title_of
from fashion_search.work import About

if TYPE_CHECKING:
    import pandas as pd


def csv_button(label: str, table: "pd.DataFrame", name: str, key: str) -> None:
    """Download a table; the file is made when it is asked for."""
    st.download_button(
        label,
        lambda: table_csv(table),
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        key=key,
        on_click="ignore",
    )


def table_csv(table: "pd.DataFrame") -> str:
    """A table as CSV, in which no cell is taken for a formula."""
    return str(as_cells(table).rename(columns=as_cell).to_csv(index=False))


def draw_table(table: "pd.DataFrame", named: int = 1, pinned: bool = False) -> None:
    """Draw a table of figures.

    Args:
        table: its first ``named`` columns say what a line is, the others hold figures.
        named: how many.
        pinned: keep the first column in sight where the table is wider than its place.
    """
    columns = {name: st.column_config.TextColumn(alignment="right") for name in table.columns[named:]}
    if pinned:
        columns[table.columns[0]] = st.column_config.TextColumn(pinned=True)
    st.dataframe(as_cells(table), hide_index=True, width="stretch", height="content", column_config=columns)


def show(evaluation: Shown) -> None:
    """The Metrics page's last view: a report of the evaluation on the page, as a file, and the cases that are in it."""
    st.header("A report to send or print")
    _report(evaluation)
    _command(evaluation)
    cases.show(evaluation.store)


def _report(evaluation: Shown) -> None:
    store = evaluation.store
    methods, label = ", ".join(map(title_of, evaluation.methods)), evaluation.split.label
    cases_state = _cases_state(store)
    with_cases = "the cases below, " if cases_state else ""
    st.markdown(
        f"One HTML file with everything it needs: it opens without a network and prints on A4. It holds the "
        f"definitions, the conditions, Table 1 with intervals, charts, findings, why results are wrong, telling cases "
        f"with pictures, {with_cases}and the time and size of each method: {methods}, "
        f"under {plain(label[:1].lower() + label[1:])}, at k = {evaluation.k}."
    )
    key = (
        "report",
        store.state,
        evaluation.methods,
        evaluation.protocol,
        evaluation.seed,
        evaluation.k,
        evaluation.verdicts.digest,
        str(evaluation.split.filter),
        cases_state,
    )
    about = About("Making the report", "report", store.name, ",".join(evaluation.methods))
    if (made := work.kept(key)) is None:
        icon = ":material/description:"
        if not work.wanted(
            key, about, lambda: st.button("Make the report", type="primary", icon=icon, key="report-make")
        ):
            return
        try:
            made = work.begin(key, about, lambda: report(evaluation), keep=True)
        except FashionSearchError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
    st.download_button(
        "Download the report",
        made,
        f"{store.name}-report.html",
        "text/html",
        type="primary",
        icon=":material/download:",
        key="report-download",
        on_click="ignore",
    )


def _cases_state(store: Store) -> tuple[tuple[str, str], ...]:
    """What changes when the report's cases do; nothing where they cannot be read, which the report says."""
    try:
        return tuple((case.id, case.comment) for case in data.cases(store.name))
    except FashionSearchError:
        return ()


def _command(evaluation: Shown) -> None:
    words = [
        "python -m fashion_search report",
        f"--catalog {evaluation.store.name}",
        f"--protocol {evaluation.protocol}",
    ]
    words += [f"--seed {evaluation.seed}"] if evaluation.seed else []
    words += [f"-k {evaluation.k}", *(["--verdicts"] if evaluation.verdicts.digest else [])]
    words += [f"--where {shlex.quote(str(evaluation.split.filter))}"] if evaluation.split.filter else []
    open_mode.command(" ".join(words))
