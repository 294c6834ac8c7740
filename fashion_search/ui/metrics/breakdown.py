"""The Metrics page's second view: figures by style group or by a grouping column, and the pictures behind them."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from fashion_search.cases import Case, capture
from fashion_search.catalog import title
from fashion_search.evaluation.breakdown import FEW, GROUP, Part, breakdown
from fashion_search.evaluation.measures import MEASURES
from fashion_search.evaluation.words import number
from fashion_search.ui import add_case, alone, behind, page, selection, url
from fashion_search.ui.metrics import drawn, export
from fashion_search.ui.shown import Shown
from fashion_search.ui.text import plain, title_of
from fashion_search.ui.url import asked, choose, go

if TYPE_CHECKING:
    import pandas as pd

_WIDTH_OF_SCORES = 470  # px, of all methods together: what a laptop's screen leaves beside the other columns
_LEAST_WIDTH = 92  # px, of one method: a bar and its number
_ORDERS = {"value": "Name", "images": "Images", "best": "Highest score", "worst": "Lowest score", "gap": "Difference"}
_BY_SCORE = ("best", "worst", "gap")  # orders in which parts that are too small to speak of come last


def show(evaluation: Shown) -> None:
    """The table of parts, and the queries of the selected one: of the query set, or leave-one-out."""
    catalog = evaluation.store.catalog
    by = asked("by", ways_of(evaluation), GROUP)
    order = asked("sort", _ORDERS, "gap" if evaluation.pair else "worst")
    words = url.given("words", "")
    methods = evaluation.pair or evaluation.methods
    rankings = {method: evaluation.of_every_query.rankings_of(method) for method in evaluation.methods}
    of = ("breakdown", by, evaluation.measure, evaluation.k, evaluation.methods)
    parts = evaluation.kept(of, lambda: breakdown(catalog, by, rankings, evaluation.measure, evaluation.k))
    _filters(evaluation, by, order, words)
    shown = [part for part in parts if all(word in part.title.casefold() for word in words.casefold().split())]
    shown = sorted(shown, key=lambda part: (order in _BY_SCORE and part.is_small, _sort_key(part, order, methods)))
    if not shown:
        st.info("Nothing matches. Use fewer words.", icon=":material/search_off:")
        return
    finding = headline(evaluation, by, parts, methods)
    st.header(plain(finding))
    drawn.say(evaluation)
    table = parts_table(evaluation, by, shown, methods, drawn.methods(evaluation))
    every = parts_table(evaluation, by, shown, methods, evaluation.methods)

    def draw() -> None:
        selected = _table(evaluation, by, parts, shown, methods, table)
        with st.container(horizontal=True, gap="small"):
            export.csv_button("This table as CSV", every, f"{evaluation.store.name}-by-{by}", "parts-csv")
            add_case.button(evaluation.store, lambda: _as_case(evaluation, finding, order, table))
        chosen = next((one for one in shown if one.value == selected), None)
        if chosen is not None:
            _behind(evaluation, chosen, by, methods)

    alone.show(evaluation, page.METRICS_PAGE, draw)


def _table(
    evaluation: Shown,
    by: str,
    parts: list[Part],
    shown: list[Part],
    methods: tuple[str, ...],
    table: "pd.DataFrame",
) -> str | None:
    """The table, of which a row can be selected, and what it is.

    Returns:
        The value of the selected part; None where there is none.
    """
    columns = drawn.methods(evaluation)
    values = [part.value for part in shown]
    selected = asked("at", [part.value for part in parts], "") if "at" in url.params() else None

    width = max(_LEAST_WIDTH, min(150, _WIDTH_OF_SCORES // len(columns)))
    scores = {
        name: st.column_config.ProgressColumn(format="%.3f", min_value=0, max_value=1, width=width)
        for name in table.columns[3:-1]
    }
    if evaluation.pair:
        name = table.columns[-2]
        scores[name] = st.column_config.NumberColumn("Difference", format="%+.3f", width=90, help=name)
    selection.table(
        table,
        "parts",
        "row",
        [values.index(selected)] if selected in values else [],
        lambda row: go(at=None if row is None else values[row], page=None),
        height=min(420, 38 + 35 * len(table)),
        column_config={
            table.columns[0]: st.column_config.TextColumn(pinned=True, width=230),
            "Queries": st.column_config.NumberColumn(width=68),
            "Images": st.column_config.NumberColumn(width=68),
            "Note": st.column_config.TextColumn(width=90),
            **scores,
        },
    )
    queries = (
        f"{plain(evaluation.protocol.label)}."
        if evaluation.protocol.queries
        else "Leave-one-out, whatever the protocol at the left: with one query per group a group’s figure would be "
        "that of a single query."
    )
    st.caption(
        f"{len(shown):,} of {len(parts):,}. {queries} “few queries”: fewer than {FEW}, too few to speak of. Select a "
        "row to see its queries."
    )
    return selected


def _as_case(evaluation: Shown, finding: str, order: str, table: "pd.DataFrame") -> Case:
    split = evaluation.of_every_query.split
    conditions = capture.conditions(evaluation.store, split, evaluation.k, evaluation.verdicts)
    sentence = f"{evaluation.label}; order: {_ORDERS[order].lower()}."
    return add_case.of_table(evaluation.store, conditions, finding, [sentence], table)


def ways_of(evaluation: Shown) -> list[str]:
    """By style group or by a column; where there is only one column, its values are the style groups."""
    columns = evaluation.store.catalog.columns
    return [GROUP, *columns] if len(columns) > 1 else [GROUP]


def _filters(evaluation: Shown, by: str, order: str, words: str) -> None:
    names = {name: "Style group" if name == GROUP else title(name) for name in ways_of(evaluation)}
    left, middle, right = st.columns([3, 2, 2])
    with left:
        choose(
            "By",
            "by",
            by,
            list(names),
            GROUP,
            st.segmented_control,
            ("at", "page"),
            required=True,
            format_func=names.__getitem__,
        )
    with middle:
        orders = [name for name in _ORDERS if name != "gap" or evaluation.pair]
        choose("Sort by", "sort", order, orders, "gap" if evaluation.pair else "worst", format_func=_ORDERS.__getitem__)
    with right:
        st.session_state["words"] = words
        st.text_input(
            "Filter by words",
            key="words",
            placeholder="for example: navy casual",
            on_change=lambda: go(words=st.session_state["words"] or None),
        )


def _sort_key(part: Part, order: str, methods: tuple[str, ...]) -> tuple[float, str]:
    score = part.scores[methods[-1]]
    by = {
        "value": 0.0,
        "images": -part.n_images,
        "best": -score,
        "worst": score,
        "gap": -abs(score - part.scores[methods[0]]),
    }
    return by[order], part.title


def headline(evaluation: Shown, by: str, parts: list[Part], methods: tuple[str, ...]) -> str:
    """The finding: among the parts that are large enough, which method is ahead in how many."""
    noun = "style groups" if by == GROUP else f"values of {title(by).lower()}"
    enough = [part for part in parts if not part.is_small]
    if not enough:
        return f"{evaluation.label} by {noun}: each has fewer than {FEW} queries, so read with care"
    if len(methods) < 2:
        worst = min(enough, key=lambda part: part.scores[methods[0]])
        return f"{title_of(methods[0])} is weakest on {worst.title} ({number(worst.scores[methods[0]])})"
    first, second = methods
    wins = {
        first: sum(part.scores[first] > part.scores[second] for part in enough),
        second: sum(part.scores[second] > part.scores[first] for part in enough),
    }
    best, other = (first, second) if wins[first] > wins[second] else (second, first)
    equal = len(enough) - sum(wins.values())
    return (
        f"Of {len(enough)} {noun} with at least {FEW} queries, {title_of(best)} is ahead in {wins[best]}, "
        f"{title_of(other)} in {wins[other]}" + (f"; equal in {equal}" if equal else "")
    )


def parts_table(
    evaluation: Shown, by: str, parts: list[Part], methods: tuple[str, ...], columns: tuple[str, ...]
) -> "pd.DataFrame":
    """One line per part: queries, images, the scores of ``columns``, and the difference of the two chosen."""
    import pandas as pd

    name = "Style group" if by == GROUP else title(by)
    titles = {method: title_of(method) for method in dict.fromkeys([*columns, *methods])}
    lines = []
    for part in parts:
        line: dict[str, str | int | float] = {name: part.title, "Queries": len(part.places), "Images": part.n_images}
        line |= {titles[method]: round(part.scores[method], 4) for method in columns}
        if evaluation.pair:
            difference = part.scores[methods[1]] - part.scores[methods[0]]
            line[f"{titles[methods[1]]} − {titles[methods[0]]}"] = round(difference, 4)
        lines.append(line | {"Note": "few queries" if part.is_small else ""})
    return pd.DataFrame(lines)


def _behind(evaluation: Shown, part: Part, by: str, methods: tuple[str, ...]) -> None:
    """The queries of a part, those first where the two methods differ most."""
    rankings = [evaluation.of_every_query.rankings_of(method) for method in methods]
    values = [MEASURES[evaluation.measure].of(one, evaluation.k)[part.places] for one in rankings]
    order = np.argsort(-np.abs(values[-1] - values[0]), kind="stable")
    with st.container(border=True):
        st.markdown(
            f"**{plain(part.title)}: {len(part.places):,} queries**, by {evaluation.label}, largest difference first"
        )
        every = evaluation.of_every_query
        said = behind.scores(every, methods, evaluation.measure)
        behind.queries(every, part.places[order].tolist(), said, "part", evaluation.pair)
        closed = {"at": None, "page": None}
        st.button("Close", icon=":material/close:", key="part-close", on_click=go, kwargs=closed)
