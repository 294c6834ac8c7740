"""The Methods page's second view: the tables of the second paper for this catalog, and its own figures beside them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from fashion_search.catalog import title
from fashion_search.costs import Cost
from fashion_search.errors import SourceError
from fashion_search.evaluation import second_paper
from fashion_search.evaluation.measures import MEASURES
from fashion_search.evaluation.second_paper import PRINTED, PRINTED_COLUMNS, SHOWN, WHAT_THEY_CAN_MEAN, Line
from fashion_search.evaluation.words import NOTHING, count, number
from fashion_search.ui import data, families, open_mode
from fashion_search.ui.methods.tradeoff import with_indexes
from fashion_search.ui.metrics import export
from fashion_search.ui.shown import Shown
from fashion_search.ui.text import plain, title_of
from fashion_search.ui.url import asked, choose

if TYPE_CHECKING:
    import pandas as pd


def show(evaluation: Shown) -> None:
    """Methods, then the classes of one method, then what the paper prints."""
    evaluation = with_indexes(evaluation)
    methods = families.chosen(evaluation.methods)
    known = data.costs(evaluation.store, tuple(methods))
    of_all = evaluation.worked_out(("second paper",), lambda: second_paper.of_methods(evaluation))
    lines = {method: line for method, line in of_all.items() if method in methods}
    st.header(f"Methods, as in its Tables 1, 2 and 6, at k = {evaluation.k}")
    table = methods_table(evaluation, lines, known)
    export.draw_table(table, pinned=True)
    st.caption(
        "Means per query. ms/search: without encoding the query’s picture; ms/query: with it. Recall@10 is how many of "
        "the exact search’s first ten a search finds: 1 for an exact one, as in its Table 1, less under an index, as "
        "in its Table 2."
    )
    name = evaluation.store.name
    export.csv_button("Methods as CSV", table, f"{name}-second-paper-methods", "paper-methods-csv")
    _classes(evaluation)
    _printed()


def methods_table(evaluation: Shown, lines: Mapping[str, Line], known: Mapping[str, Cost]) -> "pd.DataFrame":
    """A line a method: the paper's measures, MAP, and times."""
    import pandas as pd

    return pd.DataFrame(
        {"Method": title_of(method), **_figures(evaluation, line), **_times(known[method])}
        for method, line in lines.items()
    )


def _figures(evaluation: Shown, line: Line) -> dict[str, str]:
    return {MEASURES[name].label(evaluation.k): number(line.figures[name]) for name in SHOWN}


def _times(cost: Cost) -> dict[str, str]:
    def told(value: float | None) -> str:
        return NOTHING if value is None else f"{value:,.2f}"

    recall = NOTHING if cost.search is None else number(cost.recall)
    return {"ms/search": told(cost.search), "ms/query": told(cost.query), "Recall@10": recall}


def _classes(evaluation: Shown) -> None:
    columns = evaluation.store.catalog.columns
    column = asked("of", columns, columns[0])
    st.header("Classes of one method, as in its Tables 3 to 5")
    method = evaluation.choose_method()
    choose("Class", "of", column, list(columns), columns[0], st.segmented_control, required=True, format_func=title)
    parents = _parents(column, evaluation.store.catalog.values(column))
    if parents:
        _draw(evaluation, "Parent class", second_paper.of_classes(evaluation, method, column, parents), method)
    _draw(evaluation, title(column), second_paper.of_classes(evaluation, method, column, {}), method)


def _draw(evaluation: Shown, what: str, lines: Sequence[Line], method: str) -> None:
    import pandas as pd

    table = pd.DataFrame(
        {what: line.title, "Queries": f"{line.queries:,}", **_figures(evaluation, line)} for line in lines
    )
    settings = {name: st.column_config.TextColumn(alignment="right") for name in table.columns[1:]}
    st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        height=min(38 + 35 * max(len(table), 1), 420),
        column_config={what: st.column_config.TextColumn(pinned=True), **settings},
    )
    kind = "parents" if what == "Parent class" else "classes"
    export.csv_button(f"{what} as CSV", table, f"{evaluation.store.name}-{method}-{kind}", f"paper-{kind}-csv")


def _parents(column: str, classes: Sequence[str]) -> dict[str, str]:
    """What a person uploaded: class → parent; empty where there is none or it cannot be used, which is said."""
    if open_mode.is_on():
        return {}
    with st.expander("Parent classes from a CSV file", icon=":material/account_tree:"):
        given = st.file_uploader(
            "Class and parent class, a line each, under a header. Kaggle’s styles.csv works too.",
            ["csv"],
            key="parents",
        )
        if given is None:
            return {}
        content = given.getvalue()
        header = content.decode("utf-8", errors="replace").splitlines()[:1]
        names = [name.strip('"\ufeff') for name in header[0].split(",")] if header else []
        of = ""
        if len(names) > 2:
            usual = next((name for name in ("masterCategory", "subCategory") if name in names), names[1])
            of = st.selectbox("The parent class is in the column", names, index=names.index(usual), key="parents-of")
        try:
            parents = second_paper.read_parents(content, column, classes, of)
        except SourceError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return {}
        without = len(set(classes) - parents.keys())
        if without:
            st.caption(f"{count(without, 'class has', 'classes have')} no parent in the file.")
        return parents


def _printed() -> None:
    """The paper's own figures, marked as such."""
    import pandas as pd

    st.header("What the second paper prints")
    st.markdown(WHAT_THEY_CAN_MEAN)
    number_of = int(asked("printed", [str(one) for one in PRINTED], "1"))
    choose(
        "Its table",
        "printed",
        str(number_of),
        [str(one) for one in PRINTED],
        "1",
        st.segmented_control,
        required=True,
    )
    name, lines = PRINTED[number_of]
    table = pd.DataFrame(
        {"As printed": line, **dict(zip(PRINTED_COLUMNS, figures, strict=True))} for line, figures in lines.items()
    )
    export.draw_table(table, pinned=True)
    st.caption(
        f"Its Table {number_of}: {name}. The paper’s own figures, of its own data; "
        "lines that it leaves empty are left out."
    )
