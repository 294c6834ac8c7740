"""The Methods page's first view: quality against cost, one point a method, and the table of all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import streamlit as st

from fashion_search.charts import tradeoff as charts
from fashion_search.charts.tradeoff import Point, frontier, short
from fashion_search.costs import Cost
from fashion_search.encoders import encoder_spec
from fashion_search.errors import FashionSearchError
from fashion_search.evaluation.many import MOST_DRAWN, by_quality
from fashion_search.evaluation.statistics import Interval
from fashion_search.evaluation.words import count, number, rounded
from fashion_search.ui import data, families, page, selection
from fashion_search.ui.methods import table
from fashion_search.ui.shown import Shown
from fashion_search.ui.text import plain, title_of
from fashion_search.ui.url import asked, choose, go


@dataclass(frozen=True)
class Axis:
    """A kind of cost: what it is called in a box, on the axis and in a sentence."""

    choice: str
    title: str
    unit: str
    of: Callable[[Cost], float | None]


AXES = {
    "query": Axis("Encoding and search", "Encoding and search", "ms", lambda cost: cost.query),
    "encoding": Axis("Encoding", "Encoding a picture", "ms", lambda cost: cost.encode),
    "search": Axis("Search", "Searching", "ms", lambda cost: cost.search),
    "bytes": Axis("Bytes an item", "Size of an item", "bytes", lambda cost: cost.bytes_per_item),
}


def show(evaluation: Shown) -> None:
    """The chart, what is selected in it, and the table."""
    axis = AXES[asked("cost", AXES, "query")]
    evaluation = with_indexes(evaluation)
    methods = families.chosen(evaluation.methods)
    known = data.costs(evaluation.store, tuple(methods))
    figures = evaluation.worked_out(("costs",), lambda: {name: evaluation.figures_of(name) for name in methods})
    values = {method: figures[method][evaluation.measure].macro for method in methods}
    points = points_of(known, {method: values[method] for method in methods}, axis)
    st.header(plain(headline(points, axis, evaluation.label)))
    choose(
        "Cost",
        "cost",
        next(name for name, one in AXES.items() if one is axis),
        list(AXES),
        "query",
        st.segmented_control,
        required=True,
        format_func=lambda name: AXES[name].choice,
    )
    if points:
        _chart(evaluation, points, axis)
    left_out = [method for method in methods if method not in {point.method for point in points}]
    if left_out and points:
        st.caption(f"Not drawn, as its cost is not known: {plain(', '.join(map(title_of, left_out)))}.")
    table.explain_missing(evaluation.store, known)
    st.header("All methods")
    means = {method: value.value for method, value in values.items()}
    ordered = methods if len(methods) <= MOST_DRAWN else by_quality(means)
    table.show(evaluation.store, {method: known[method] for method in ordered}, evaluation.label, values)


def with_indexes(evaluation: Shown) -> Shown:
    """The same with every method under every index that it has here, those aside that cannot be opened."""
    store = evaluation.store
    found = []
    for method in store.indexed:
        if method not in evaluation.methods:
            try:
                store.library(method)
                found.append(method)
            except FashionSearchError as error:
                st.caption(f":material/info: {plain(title_of(method))} is left out. {plain(str(error))}")
    return replace(evaluation, methods=(*evaluation.methods, *found))


def points_of(known: Mapping[str, Cost], values: Mapping[str, Interval], axis: Axis) -> list[Point]:
    """The methods whose cost is known."""
    return [
        Point(method, title_of(method), cost, values[method], _note(known[method]))
        for method in values
        if (cost := axis.of(known[method])) and values[method].value == values[method].value
    ]


def _note(cost: Cost) -> str:
    """Never the time of an approximate search without what it misses."""
    return "" if cost.recall >= 1 else f"recall@10 {number(cost.recall)}"


def headline(points: list[Point], axis: Axis, label: str) -> str:
    """The finding: what is best, what is cheapest, and how many methods are worth their cost."""
    if not points:
        return "What the methods cost is not known yet"
    best = frontier(points)
    last, first = best[-1], best[0]
    unit = axis.unit
    if len(best) == 1:
        also = " and none costs less" if len(points) > 1 else ""
        return f"{last.title} is best by {label}: {number(last.quality.value)} at {short(last.cost)} {unit}{also}"
    return (
        f"{last.title} is best by {label}: {number(last.quality.value)} at {short(last.cost)} {unit}; {first.title} "
        f"takes {short(first.cost)} {unit} and reaches {number(first.quality.value)}"
    )


def _chart(evaluation: Shown, points: list[Point], axis: Axis) -> None:
    methods = [point.method for point in points]
    chosen = asked("point", methods, "")
    selection.chart(
        charts.tradeoff(points, axis.title, evaluation.label, axis.unit, chosen),
        "tradeoff",
        f"{evaluation.label} of each method over its cost. {headline(points, axis, evaluation.label)}",
        [chosen] if chosen else None,
        lambda picked: go(point=picked[0] if picked else None),
    )
    on_frontier = [point.title for point in frontier(points)]
    st.caption(
        f"{evaluation.label} with its 95 % interval. On the dotted line {'is' if len(on_frontier) == 1 else 'are'} "
        f"{plain(', '.join(on_frontier))}: no other method is better at the same cost or less. "
        "Select a point, or a method here, to see its figures."
    )
    names = {"": "none"} | {point.method: point.title for point in points}
    choose("Figures of", "point", chosen, list(names), "", format_func=names.__getitem__)
    if chosen:
        _selected(evaluation, next(point for point in points if point.method == chosen))


def _selected(evaluation: Shown, point: Point) -> None:
    """What is known of one method, and the ways to its figures."""
    cost = data.costs(evaluation.store, (point.method,))[point.method]
    facts = [f"{evaluation.label} **{rounded(point.quality)}**"]
    facts += [f"{short(cost.encode)} ms to encode a picture"] if cost.encode is not None else []
    if cost.search is not None:
        facts.append(f"{short(cost.search)} ms a search, recall@10 {number(cost.recall)}")
    facts += [f"{cost.bytes_per_item:,.0f} bytes an item"] if cost.bytes_per_item else []
    facts += [count(cost.parameters, "parameter", "parameters")] if cost.parameters else []
    with st.container(border=True):
        st.markdown(f"**{plain(point.title)}** · {plain(encoder_spec(point.method).summary)}")
        st.markdown(" · ".join(facts))
        st.caption(f"Measured on {plain(cost.machine)}.")
        with st.container(horizontal=True, gap="small"):
            st.page_link(
                page.METRICS_PAGE,
                label=f"Its metrics: the queries behind {evaluation.label}",
                icon=":material/bar_chart:",
                query_params=page.evaluation_params() | {"cell": f"{point.method}.{evaluation.measure}"},
            )
            st.button("Close", icon=":material/close:", key="point-close", on_click=go, kwargs={"point": None})
