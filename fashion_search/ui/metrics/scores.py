"""The Metrics page's first view: Table 1, what it says, and why results are wrong."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from fashion_search.catalog import Protocol
from fashion_search.catalog.model import PRODUCT
from fashion_search.charts import evaluation as charts
from fashion_search.evaluation import accuracy, many, mismatches, outside, table, words
from fashion_search.evaluation.failures import PAPERS_METHODS
from fashion_search.evaluation.measures import KS, MEASURES, PAPERS
from fashion_search.evaluation.scores import PAPER, PAPER_K
from fashion_search.evaluation.words import number, rounded
from fashion_search.ui import add_case, behind, families, selection, url
from fashion_search.ui.metrics import comparisons, drawn, export, paper
from fashion_search.ui.shown import Shown
from fashion_search.ui.text import plain, title_of
from fashion_search.ui.url import asked, choose, go

if TYPE_CHECKING:
    import pandas as pd

_CHART: dict[str, Any] = {"width": "stretch", "config": {"displayModeBar": False}}
_ROWS = ("method", "product", "spread", "chance", "ceiling", "paper")  # of Table 1, in their order here
_OF_METHODS = ("method", "product", "spread")


def show(evaluation: Shown) -> None:
    """The table, the queries behind its cells, the charts, and the findings in sentences."""
    papers_data = evaluation.is_comparable_to_paper
    evaluation.worked_out(
        ("scores",), lambda: (evaluation.figures, evaluation.compared("precision"), evaluation.spreads)
    )
    st.header(headline(evaluation))
    st.markdown(possible(evaluation))
    asked("cell", [f"{method}.{measure}" for method in evaluation.methods for measure in MEASURES], "")
    _table_1(evaluation, papers_data)
    under_chart = asked("under", ["chart"], "") == "chart"
    if not under_chart:
        _behind_cell(evaluation)
    if papers_data and set(evaluation.methods) >= set(PAPERS_METHODS):
        paper.evidence(evaluation)
    _against_own_pictures(evaluation)
    if len(evaluation.methods) > 1:
        st.header(f"Which method is better by {evaluation.label}?")
        comparisons.findings(evaluation)
    drawn.say(evaluation)
    left, right = st.columns(2, gap="large")
    with left:
        st.header(hit_headline(evaluation))
        _bars(evaluation, papers_data)
    with right:
        st.header(k_headline(evaluation))
        _against_k(evaluation)
    if under_chart:
        _behind_cell(evaluation)
    st.header(plain(mismatch_headline(evaluation)))
    _why_wrong(evaluation)
    _all_figures(evaluation)


def _against_own_pictures(evaluation: Shown) -> None:
    """What each method loses against leave-one-out; nothing where no query set is shown."""
    found = outside.losses(evaluation, evaluation.measure)
    if not found:
        return
    st.header("What do pictures from outside cost?")
    st.markdown("\n".join(f"- {plain(loss.sentence(evaluation.titles, evaluation.label))}" for loss in found))
    st.caption(outside.ABOUT)


def headline(evaluation: Shown) -> str:
    """The finding about the best and the worst method, as the table's title.

    Where a product is looked for, which may have one picture, precision tells little, and hits are told.
    """
    if evaluation.split.relevant_by == PRODUCT:
        found = {method: evaluation.accuracy_of(method) for method in evaluation.methods}
        best = accuracy.best(found, evaluation.k)
        return accuracy.headline(title_of(best), found[best], evaluation.k)
    return words.headline(evaluation.precision, evaluation.compared("precision"), evaluation.titles, evaluation.k)


def possible(evaluation: Shown) -> str:
    """What the figure in the headline is to be held against."""
    if evaluation.split.relevant_by == PRODUCT:
        chance = evaluation.accuracy_of(evaluation.methods[0])[evaluation.k].chance
        return (
            f"A random order has a right one among the first {evaluation.k} for {words.percent(chance)} of the queries."
        )
    precision = evaluation.figures_of(evaluation.methods[0])["precision"]
    return words.possible(precision.ceiling, precision.chance, evaluation.k)


def hit_headline(evaluation: Shown) -> str:
    """How often the best method helps at all, as the bars' title."""
    hits = evaluation.means("hit")
    best = max(hits, key=lambda method: hits[method])
    if len(hits) > 1 and len(set(hits.values())) == 1:
        return f"Every method finds something right for {words.percent(hits[best])} of the queries"
    return f"{title_of(best)} finds something right for {words.percent(hits[best])} of the queries"


def k_headline(evaluation: Shown) -> str:
    """What more results do to the best method, as the curves' title."""
    measure = MEASURES[evaluation.measure]
    at = evaluation.means(measure.name)
    best = max(at, key=lambda method: at[method])
    if not measure.at_k:
        return f"{title_of(best)}: {measure.title} {number(at[best])}, whatever k"
    ends = [number(evaluation.at(k).figures_of(best)[measure.name].macro.value) for k in (KS[0], KS[-1])]
    return f"{title_of(best)}: {measure.title} goes from {ends[0]} at k = {KS[0]} to {ends[1]} at k = {KS[-1]}"


def _in_order(evaluation: Shown) -> list[str]:
    """The methods of Table 1: a few as everywhere, many by the measure, those of the chosen families."""
    means = evaluation.means(evaluation.measure)
    if len(means) <= many.MOST_DRAWN:
        return list(evaluation.methods)
    kept = families.chosen(evaluation.methods)
    return [method for method in many.by_quality(means) if method in kept]


def _table_1(evaluation: Shown, papers_data: bool) -> None:
    methods = _in_order(evaluation)
    table = table_1(evaluation, methods)
    numbers = {name: st.column_config.TextColumn(alignment="right") for name in table.columns[1:]}
    columns = list(table.columns[1:])

    def select(chosen: tuple[int, str] | None) -> None:
        row, column = chosen or (len(methods), "")
        is_figure = row < len(methods) and column in columns
        measure = list(MEASURES)[columns.index(column)] if is_figure else ""
        go(cell=f"{methods[row]}.{measure}" if is_figure else None, under=None, page=None)

    method, measure = _cell(evaluation)
    selection.table(
        table,
        "table-1",
        "cell",
        [(methods.index(method), MEASURES[measure].label(evaluation.k))] if method in methods else [],
        select,
        height="content",
        column_config={"Method": st.column_config.TextColumn(pinned=True), **numbers},
    )
    one_per_group = evaluation.protocol == Protocol.ONE_PER_GROUP
    about_splits = " 20 splits: mean ± standard deviation over the seeds 0 to 19." if one_per_group else ""
    with_paper = evaluation.k == PAPER_K and not evaluation.protocol.queries
    about_products = " Per product: each counts once, by its best picture." if evaluation.counts_products else ""
    about_paper = ""
    if with_paper and evaluation.split.filter and evaluation.is_papers_data:
        about_paper = " The paper’s figures are for the same data, but for the whole of it."
    elif with_paper and evaluation.verdicts.digest and evaluation.is_papers_data:
        about_paper = " The paper’s figures are for the same data, without verdicts."
    elif with_paper and papers_data:
        about_paper = " The paper’s figures are the ones it prints, with its own images and weights."
    elif with_paper:
        about_paper = (
            " The paper’s figures are for other data (697 groups, 6,217 images) and stand here for orientation."
        )
    st.caption(
        f"Table 1. {plain(evaluation.split.label)}. Mean per query, in brackets its 95 % interval, with as many "
        "decimals as that supports. Chance: a random order. "
        f"Ceiling: the best possible order.{about_products}{about_splits}{about_paper} "
        "Select a cell to see the queries behind it."
    )
    with st.container(horizontal=True, gap="small"):
        export.csv_button(
            "Table 1 as CSV", figures_table(evaluation), f"{evaluation.store.name}-table-1", "table-1-csv"
        )
        add_case.button(evaluation.store, lambda: add_case.of_table_1(evaluation))


def table_1(evaluation: Shown, methods: Sequence[str]) -> "pd.DataFrame":
    """Methods by measures with intervals; below them chance, ceiling and, at its k, the paper's figures.

    ``methods``: those of the lines, in their order.
    """
    import pandas as pd

    labels = {name: measure.label(evaluation.k) for name, measure in MEASURES.items()}
    place = {method: place for place, method in enumerate(methods)}
    rows = sorted(
        (
            row
            for row in table.table_1(evaluation)
            if row.kind in _ROWS and (row.kind not in _OF_METHODS or row.method in place)
        ),
        key=lambda row: (_ROWS.index(row.kind), place.get(row.method, 0) if row.kind in _OF_METHODS else 0),
    )
    return pd.DataFrame(
        {"Method": row.title} | {labels[name]: " ".join(cell).strip() for name, cell in row.cells.items()}
        for row in rows
    )


def figures_table(evaluation: Shown) -> "pd.DataFrame":
    """Every figure as plain numbers, one line per method and measure, with its conditions."""
    import pandas as pd

    lines = []
    for method in evaluation.methods:
        for name, figure in evaluation.figures_of(method).items():
            lines.append(
                {
                    "catalog": evaluation.store.name,
                    "method": method,
                    "weights": evaluation.store.library(method).fingerprint.weights_label,
                    "protocol": str(evaluation.protocol),
                    "seed": evaluation.seed if evaluation.protocol == Protocol.ONE_PER_GROUP else "",
                    "verdicts": "applied" if evaluation.verdicts.digest else "none",
                    "filter": str(evaluation.split.filter) or "none",
                    "measure": MEASURES[name].label(evaluation.k),
                    "mean per query": figure.macro.value,
                    "95 % low": figure.macro.low,
                    "95 % high": figure.macro.high,
                    "mean per relevant item": figure.micro,
                    "chance": figure.chance,
                    "ceiling": figure.ceiling,
                    "lift": figure.lift,
                }
            )
    return pd.DataFrame(lines)


def all_figures(evaluation: Shown) -> "pd.DataFrame":
    """The same with mean and deviation over the splits of one query per group, which query sets have none of."""
    table = figures_table(evaluation)
    if evaluation.protocol.queries:
        return table
    spreads = {method: evaluation.spread(method) for method in evaluation.methods}
    pairs = [(spreads[method], name) for method in evaluation.methods for name in MEASURES]
    table["20 splits, mean"] = [spread.mean(name, evaluation.k) for spread, name in pairs]
    table["20 splits, deviation"] = [spread.deviation(name, evaluation.k) for spread, name in pairs]
    return table


def _cell(evaluation: Shown) -> tuple[str, str]:
    """The method and the measure that are selected; both empty where none is."""
    method, _, measure = url.given("cell", "").rpartition(".")
    return (method, measure) if method in evaluation.methods and measure in MEASURES else ("", "")


def _behind_cell(evaluation: Shown) -> None:
    """The queries behind a cell of the table or a bar of the chart, from the worst or from the best."""
    method, measure = _cell(evaluation)
    if not method:
        return
    label = MEASURES[measure].label(evaluation.k)
    with st.container(border=True):
        st.markdown(f"**{title_of(method)}, {label}: the queries behind it**")
        order = asked("order", ["best"], "worst")
        choose(
            "Order",
            "order",
            order,
            ["worst", "best"],
            "worst",
            st.segmented_control,
            ["page"],
            required=True,
            format_func={"worst": "Lowest first", "best": "Highest first"}.__getitem__,
            label_visibility="collapsed",
        )
        values = MEASURES[measure].of(evaluation.rankings_of(method), evaluation.k)
        places = np.argsort(values if order == "worst" else -values, kind="stable").tolist()
        others = [other for other in evaluation.pair or () if other != method]
        compared = (
            None if not others else evaluation.pair if method in (evaluation.pair or ()) else (others[-1], method)
        )
        behind.queries(evaluation, places, behind.scores(evaluation, [method, *others], measure), "cell", compared)
        closed = dict.fromkeys(("cell", "under", "order", "page"))
        st.button("Close", icon=":material/close:", key="cell-close", on_click=go, kwargs=closed)


def _bars(evaluation: Shown, papers_data: bool) -> None:
    with_paper = PAPER if papers_data and evaluation.k == PAPER_K else {}
    cell = _cell(evaluation)

    def chart() -> Any:
        return charts.bars(drawn.figures(evaluation), evaluation.k, PAPERS, with_paper)

    selection.chart(
        evaluation.kept(("bars", evaluation.k, papers_data, drawn.methods(evaluation)), chart),
        "bars",
        f"The mean of each measure for each method at k = {evaluation.k}, as in the table above",
        list(cell) if cell[0] else None,
        lambda chosen: go(cell=".".join(chosen) if chosen else None, under="chart" if chosen else None, page=None),
    )
    st.caption("Bars: mean per query with its 95 % interval. Select a bar to see the queries behind it.")


def _against_k(evaluation: Shown) -> None:
    def chart() -> Any:
        return charts.against_k({k: drawn.figures(evaluation, k) for k in KS}, evaluation.measure)

    of = ("against k", evaluation.measure, drawn.methods(evaluation))
    st.plotly_chart(evaluation.kept(of, chart), key="against-k", alt="The measure of each method, over k", **_CHART)
    st.caption(MEASURES[evaluation.measure].meaning)


def mismatch_headline(evaluation: Shown) -> str:
    """What most wrong results of the best method are wrong in, as a title."""
    kind, share = evaluation.most_frequent_mismatch(evaluation.best)
    return words.mistake(title_of(evaluation.best), evaluation.store.catalog.columns, kind, share)


def _why_wrong(evaluation: Shown) -> None:
    """Mismatch kinds of every method, and scores that forgive some of them."""
    import pandas as pd

    catalog = evaluation.store.catalog
    shown = drawn.methods(evaluation)

    def chart() -> Any:
        return charts.mismatches({method: evaluation.mismatches(method) for method in shown}, catalog.columns)

    about = f"All first {evaluation.k} results of all queries: correct, or which columns differ from the query’s."
    st.plotly_chart(evaluation.kept(("mismatches", evaluation.k, shown), chart), key="mismatches", alt=about, **_CHART)
    st.caption(about)
    table = pd.DataFrame(evaluation.kept(("lenient", evaluation.k, shown), lambda: _lenient(evaluation, shown)))
    export.draw_table(table)
    st.caption(
        f"Precision@{evaluation.k} with its 95 % interval, strict and lenient. Which shades are neighbours stands in "
        f"`fashion_search/evaluation/{mismatches.SHADES.name}`."
    )
    export.csv_button("Lenient scores as CSV", table, f"{evaluation.store.name}-lenient", "lenient-csv")


def _lenient(evaluation: Shown, methods: Sequence[str]) -> list[dict[str, str]]:
    """Precision with its interval by each notion of a right result, as the lines of a table."""
    lines = []
    for level in mismatches.leniences(evaluation.store.catalog, mismatches.read_shades()):
        line = {"A result counts as right if it has the": level.label}
        for method in methods:
            right = mismatches.lenient_precision(level, evaluation.rankings_of(method), evaluation.k)
            line[title_of(method)] = rounded(evaluation.queries.interval(right))
        lines.append(line)
    return lines


_ABOUT_SPLITS = " 20 splits: mean and standard deviation over the split seeds 0 to 19, whatever the protocol above."


def _of_splits(evaluation: Shown, method: str, name: str) -> dict[str, str]:
    """A measure over many splits, as a cell; a query set has no splits."""
    if evaluation.protocol.queries:
        return {}
    spread = evaluation.spread(method)
    mean, deviation = spread.mean(name, evaluation.k), spread.deviation(name, evaluation.k)
    return {"One query per group, 20 splits": f"{number(mean, 4)} ± {number(deviation, 4)}"}


def _all_figures(evaluation: Shown) -> None:
    """Every figure with its second mean, chance, ceiling and lift; and the spread over splits."""
    import pandas as pd

    section = st.expander(
        "All figures: per query, per relevant item, chance, ceiling, lift"
        + ("" if evaluation.protocol.queries else ", 20 splits"),
        icon=":material/table_rows:",
        key="all-figures",
        on_change="rerun",
    )
    if not section.open:
        return
    with section:
        lines = []
        for method in evaluation.methods:
            for name, figure in evaluation.figures_of(method).items():
                lines.append(
                    {
                        "Method": title_of(method),
                        "Measure": MEASURES[name].label(evaluation.k),
                        "Mean per query [95 %]": rounded(figure.macro),
                        "Per relevant item": number(figure.micro),
                        "Chance": number(figure.chance, 4),
                        "Ceiling": number(figure.ceiling),
                        "Lift": f"{figure.lift:,.1f} ×",
                        **_of_splits(evaluation, method, name),
                    }
                )
        table = pd.DataFrame(lines)
        export.draw_table(table, named=2)
        st.caption(
            "Per relevant item: each query weighs as much as it has relevant items. Lift: how many times chance."
            + ("" if evaluation.protocol.queries else _ABOUT_SPLITS)
        )
        st.markdown("\n".join(f"- **{one.label(evaluation.k)}**: {one.meaning}" for one in MEASURES.values()))
        firsts = [
            f"{title_of(method)} {np.median(evaluation.rankings_of(method).first):,.0f}"
            for method in evaluation.methods
        ]
        st.markdown(f"Rank of the first correct result, median over the queries: {', '.join(firsts)}.")
        export.csv_button(
            "All figures as CSV", all_figures(evaluation), f"{evaluation.store.name}-figures", "figures-csv"
        )
