"""The Metrics page's first view: Table 1, what it says, and why results are wrong."""

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from fashion_search.catalog import Protocol
from fashion_search.evaluation import charts, mismatches, words
from fashion_search.evaluation.failures import PAPERS_METHODS
from fashion_search.evaluation.measures import KS, MEASURES, PAPERS
from fashion_search.evaluation.scores import PAPER, PAPER_K, is_papers_data
from fashion_search.evaluation.statistics import Comparison
from fashion_search.evaluation.words import number, rounded, sentence
from fashion_search.ui import behind, data, selection
from fashion_search.ui.address import asked, choose, go
from fashion_search.ui.judging import Judging
from fashion_search.ui.metrics import export, paper
from fashion_search.ui.text import plain, title_of

if TYPE_CHECKING:
    import pandas as pd

_CHART: dict[str, Any] = {"width": "stretch", "config": {"displayModeBar": False}}
_UNFOLDED = 3  # comparisons; those of three methods


def show(judging: Judging) -> None:
    """The table, the queries behind its cells, the charts, and the findings in sentences."""
    papers_data = is_papers(judging)
    st.subheader(headline(judging))
    st.markdown(possible(judging))
    asked("cell", [f"{method}.{measure}" for method in judging.methods for measure in MEASURES], "")
    _table_1(judging, papers_data)
    under_chart = asked("under", ["chart"], "") == "chart"
    if not under_chart:
        _behind_cell(judging)
    if papers_data and set(judging.methods) >= set(PAPERS_METHODS):
        paper.evidence(judging)
    if len(judging.methods) > 1:
        st.subheader(f"Which method is better by {judging.label}?")
        findings(judging)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(hit_headline(judging))
        _bars(judging, papers_data)
    with right:
        st.subheader(k_headline(judging))
        _against_k(judging)
    if under_chart:
        _behind_cell(judging)
    st.subheader(plain(mismatch_headline(judging)))
    _why_wrong(judging)
    _all_figures(judging)


def is_papers(judging: Judging, with_verdicts: bool = False) -> bool:
    """Whether the catalog is the paper's data, and not changed by verdicts unless that is allowed."""
    manifest = judging.store.manifest
    counts = (manifest.n_groups, manifest.n_items)
    return is_papers_data(manifest.columns, *counts) and (with_verdicts or not judging.verdicts.digest)


def headline(judging: Judging) -> str:
    """The finding about the best and the worst method, as the table's title."""
    precision = {method: judging.figures(method)["precision"].macro.value for method in judging.methods}
    titles = {method: title_of(method) for method in judging.methods}
    return words.headline(precision, judging.comparisons("precision"), titles, judging.k)


def possible(judging: Judging) -> str:
    """What the precision in the headline is to be held against."""
    precision = judging.figures(judging.methods[0])["precision"]
    fewer = f", as some queries have fewer than {judging.k} relevant items" if precision.ceiling < 1 else ""
    return (
        f"The most that is possible here is {words.percent(precision.ceiling)}{fewer}; a random order would reach "
        f"{words.percent(precision.chance)}."
    )


def hit_headline(judging: Judging) -> str:
    """How often the best method helps at all, as the bars' title."""
    hits = {method: judging.figures(method)["hit"].macro.value for method in judging.methods}
    best = max(hits, key=lambda method: hits[method])
    if len(hits) > 1 and len(set(hits.values())) == 1:
        return f"Every method finds something right for {words.percent(hits[best])} of the queries"
    return f"{title_of(best)} finds something right for {words.percent(hits[best])} of the queries"


def k_headline(judging: Judging) -> str:
    """What more results do to the best method, as the curves' title."""
    measure = MEASURES[judging.measure]
    at = {method: judging.figures(method)[measure.name].macro.value for method in judging.methods}
    best = max(at, key=lambda method: at[method])
    if not measure.at_k:
        return f"{title_of(best)}: {measure.title} {number(at[best])}, whatever k"
    ends = [number(judging.figures(best, k=k)[measure.name].macro.value) for k in (KS[0], KS[-1])]
    return f"{title_of(best)}: {measure.title} goes from {ends[0]} at k = {KS[0]} to {ends[1]} at k = {KS[-1]}"


def _table_1(judging: Judging, papers_data: bool) -> None:
    table = table_1(judging)
    numbers = {name: st.column_config.TextColumn(alignment="right") for name in table.columns[1:]}
    columns = list(table.columns[1:])

    def select(chosen: tuple[int, str] | None) -> None:
        row, column = chosen or (len(judging.methods), "")
        is_figure = row < len(judging.methods) and column in columns
        measure = list(MEASURES)[columns.index(column)] if is_figure else ""
        go(cell=f"{judging.methods[row]}.{measure}" if is_figure else None, under=None, page=None)

    method, measure = _cell(judging)
    selection.table(
        table,
        "table-1",
        "cell",
        [(judging.methods.index(method), MEASURES[measure].label(judging.k))] if method else [],
        select,
        height="content",
        column_config={"Method": st.column_config.TextColumn(pinned=True), **numbers},
    )
    one_per_group = judging.protocol is Protocol.ONE_PER_GROUP
    about_splits = " 20 splits: mean ± standard deviation over the seeds 0 to 19." if one_per_group else ""
    with_paper = judging.k == PAPER_K
    about_paper = ""
    if with_paper and judging.verdicts.digest and is_papers(judging, with_verdicts=True):
        about_paper = " The paper judged the same data, but without verdicts."
    elif with_paper and papers_data:
        about_paper = " The paper’s figures are the ones it prints, with its own images and weights."
    elif with_paper:
        about_paper = (
            " The paper’s figures are for other data (697 groups, 6,217 images) and stand here for orientation."
        )
    st.caption(
        f"Table 1. {judging.split.label}. Mean per query, in brackets its 95 % interval, with as many decimals as that "
        "supports. Chance: a random order. "
        f"Ceiling: the best possible order.{about_splits}{about_paper} Select a cell to see the queries behind it."
    )
    export.csv_button("Table 1 as CSV", figures_table(judging), f"{judging.store.name}-table-1", "table-1-csv")


def table_1(judging: Judging) -> "pd.DataFrame":
    """Methods by measures with intervals; below them chance, ceiling and, at its k, the paper's figures."""
    import pandas as pd

    figures = {method: judging.figures(method) for method in judging.methods}
    labels = {name: measure.label(judging.k) for name, measure in MEASURES.items()}
    rows = [
        {"Method": title_of(method)} | {labels[name]: rounded(figure.macro) for name, figure in of_method.items()}
        for method, of_method in figures.items()
    ]
    if judging.protocol is Protocol.ONE_PER_GROUP:
        rows += [_spread_row(judging, method, labels) for method in judging.methods]
    any_method = next(iter(figures.values()))
    rows.append({"Method": "Chance"} | {labels[name]: number(figure.chance, 4) for name, figure in any_method.items()})
    rows.append({"Method": "Ceiling"} | {labels[name]: number(figure.ceiling) for name, figure in any_method.items()})
    if judging.k == PAPER_K:
        for method, values in PAPER.items():
            figures_of = {labels[name]: number(values[name], 4) if name in values else "" for name in MEASURES}
            rows.append({"Method": f"The paper’s {title_of(method)}"} | figures_of)
    return pd.DataFrame(rows)


def _spread_row(judging: Judging, method: str, labels: dict[str, str]) -> dict[str, str]:
    """A method's mean and deviation over many splits."""
    spread = judging.spread(method)
    values = {
        labels[name]: f"{number(spread.mean(name, judging.k))} ± {number(spread.deviation(name, judging.k))}"
        for name in MEASURES
    }
    return {"Method": f"{title_of(method)}, {spread.seeds} splits"} | values


def figures_table(judging: Judging) -> "pd.DataFrame":
    """Every figure as plain numbers, one line per method and measure, with its conditions."""
    import pandas as pd

    lines = []
    for method in judging.methods:
        for name, figure in judging.figures(method).items():
            lines.append(
                {
                    "catalog": judging.store.name,
                    "method": method,
                    "weights": judging.store.methods[method].weights_label,
                    "protocol": str(judging.protocol),
                    "seed": judging.seed if judging.protocol is Protocol.ONE_PER_GROUP else "",
                    "verdicts": "applied" if judging.verdicts.digest else "none",
                    "measure": MEASURES[name].label(judging.k),
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


def all_figures(judging: Judging) -> "pd.DataFrame":
    """The same with mean and deviation over the splits of one query per group."""
    table = figures_table(judging)
    spreads = {method: judging.spread(method) for method in judging.methods}
    pairs = [(spreads[method], name) for method in judging.methods for name in MEASURES]
    table["20 splits, mean"] = [spread.mean(name, judging.k) for spread, name in pairs]
    table["20 splits, deviation"] = [spread.deviation(name, judging.k) for spread, name in pairs]
    return table


def _cell(judging: Judging) -> tuple[str, str]:
    """The method and the measure that are selected; both empty where none is."""
    method, _, measure = st.query_params.get("cell", "").partition(".")
    return (method, measure) if method in judging.methods and measure in MEASURES else ("", "")


def _behind_cell(judging: Judging) -> None:
    """The queries behind a cell of the table or a bar of the chart, from the worst or from the best."""
    method, measure = _cell(judging)
    if not method:
        return
    label = MEASURES[measure].label(judging.k)
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
        values = MEASURES[measure].of(judging.rankings(method), judging.k)
        places = np.argsort(values if order == "worst" else -values, kind="stable").tolist()
        others = [other for other in judging.pair or () if other != method]
        compared = None if not others else judging.pair if method in (judging.pair or ()) else (others[-1], method)
        behind.queries(judging, places, [method, *others], measure, "cell", compared)
        closed = dict.fromkeys(("cell", "under", "order", "page"))
        st.button("Close", icon=":material/close:", key="cell-close", on_click=go, kwargs=closed)


def _bars(judging: Judging, papers_data: bool) -> None:
    with_paper = PAPER if papers_data and judging.k == PAPER_K else {}
    figures = {method: judging.figures(method) for method in judging.methods}

    cell = _cell(judging)
    selection.chart(
        charts.bars(figures, judging.k, PAPERS, with_paper),
        "bars",
        list(cell) if cell[0] else None,
        lambda chosen: go(cell=".".join(chosen) if chosen else None, under="chart" if chosen else None, page=None),
    )
    st.caption("Bars: mean per query with its 95 % interval. Select a bar to see the queries behind it.")


def _against_k(judging: Judging) -> None:
    at = {k: {method: judging.figures(method, k=k) for method in judging.methods} for k in KS}
    st.plotly_chart(charts.against_k(at, judging.measure), key="against-k", **_CHART)
    st.caption(MEASURES[judging.measure].meaning)


def findings(judging: Judging) -> None:
    """Who beats whom, in one sentence each; among many methods those of the best one first, the others folded away."""
    comparisons = judging.comparisons()
    best = max(judging.methods, key=lambda method: judging.figures(method)[judging.measure].macro.value)
    is_few = len(comparisons) <= _UNFOLDED
    shown = [one for one in comparisons if is_few or best in (one.first, one.second)]
    others = [one for one in comparisons if one not in shown]
    for comparison in shown:
        _finding(judging, comparison)
    if others:
        with st.expander(f"{len(others)} more comparisons, without {plain(title_of(best))}"):
            for comparison in others:
                _finding(judging, comparison)
    corrected = f", corrected for {len(comparisons)} comparisons (Holm)" if len(comparisons) > 1 else ""
    st.caption(
        "In brackets: 95 % paired bootstrap interval of the difference. p: permutation test"
        f"{corrected}. Both draw whole style groups, since queries of one group are not independent."
    )


def _finding(judging: Judging, comparison: Comparison) -> None:
    titles = {method: title_of(method) for method in (comparison.first, comparison.second)}
    icon = ":material/balance:" if comparison.verdict == "undecided" else ":material/trending_up:"
    st.markdown(f"{icon} {plain(sentence(comparison, titles, judging.label))}")


def mismatch_headline(judging: Judging) -> str:
    """What most wrong results of the best method are wrong in, as a title."""
    method = max(judging.methods, key=lambda method: judging.figures(method)["precision"].macro.value)
    catalog = judging.store.catalog
    kind, share = mismatches.most_frequent(catalog, judging.rankings(method), judging.k)
    return words.mistake(title_of(method), catalog.columns, kind, share)


def _why_wrong(judging: Judging) -> None:
    """Mismatch kinds of every method, and scores that forgive some of them."""
    import pandas as pd

    catalog = judging.store.catalog
    shares = {method: mismatches.shares(catalog, judging.rankings(method), judging.k) for method in judging.methods}
    st.plotly_chart(charts.mismatches(shares, catalog.columns), key="mismatches", **_CHART)
    st.caption(f"All first {judging.k} results of all queries: correct, or which columns differ from the query’s.")
    queries = data.grouped_queries(judging.store, judging.store.state, judging.rankings(judging.methods[0]).queries)
    levels = mismatches.leniences(catalog, mismatches.read_shades())
    lines = []
    for level in levels:
        line = {"A result counts as right if it has the": level.label}
        for method in judging.methods:
            right = mismatches.lenient_precision(level, judging.rankings(method), judging.k)
            line[title_of(method)] = rounded(queries.interval(right))
        lines.append(line)
    table = pd.DataFrame(lines)
    numbers = {title_of(method): st.column_config.TextColumn(alignment="right") for method in judging.methods}
    st.dataframe(table, hide_index=True, width="stretch", height="content", column_config=numbers)
    st.caption(
        f"Precision@{judging.k} with its 95 % interval, strict and lenient. Which shades are neighbours stands in "
        f"`fashion_search/evaluation/{mismatches.SHADES.name}`."
    )
    export.csv_button("Lenient scores as CSV", table, f"{judging.store.name}-lenient", "lenient-csv")


def _all_figures(judging: Judging) -> None:
    """Every figure with its second mean, chance, ceiling and lift; and the spread over splits."""
    import pandas as pd

    section = st.expander(
        "All figures: per query, per relevant item, chance, ceiling, lift, 20 splits",
        icon=":material/table_rows:",
        key="all-figures",
        on_change="rerun",
    )
    if not section.open:
        return
    with section:
        lines = []
        for method in judging.methods:
            spread = judging.spread(method)
            for name, figure in judging.figures(method).items():
                lines.append(
                    {
                        "Method": title_of(method),
                        "Measure": MEASURES[name].label(judging.k),
                        "Mean per query [95 %]": rounded(figure.macro),
                        "Per relevant item": number(figure.micro),
                        "Chance": number(figure.chance, 4),
                        "Ceiling": number(figure.ceiling),
                        "Lift": f"{figure.lift:,.1f} ×",
                        "One query per group, 20 splits": f"{number(spread.mean(name, judging.k), 4)} ± "
                        f"{number(spread.deviation(name, judging.k), 4)}",
                    }
                )
        table = pd.DataFrame(lines)
        numbers = {name: st.column_config.TextColumn(alignment="right") for name in table.columns[2:]}
        st.dataframe(table, hide_index=True, width="stretch", height="content", column_config=numbers)
        st.caption(
            "Per relevant item: each query weighs as much as it has relevant items. Lift: how many times chance. "
            "20 splits: mean and standard deviation over the split seeds 0 to 19, whatever the protocol above."
        )
        st.markdown("\n".join(f"- **{one.label(judging.k)}**: {one.meaning}" for one in MEASURES.values()))
        firsts = [f"{title_of(method)} {np.median(judging.rankings(method).first):,.0f}" for method in judging.methods]
        st.markdown(f"Rank of the first correct result, median over the queries: {', '.join(firsts)}.")
        export.csv_button("All figures as CSV", all_figures(judging), f"{judging.store.name}-figures", "figures-csv")
