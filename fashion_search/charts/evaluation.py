"""Charts of an evaluation: Table 1 as bars and against k, what results are wrong in, robustness, outcomes."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fashion_search.charts.style import (
    CORRECT,
    DASHES,
    GRID,
    PATTERNS,
    SIGNS,
    add_band,
    colour_of,
    lay_out,
    rgb,
    tint,
    told_apart,
)
from fashion_search.encoders import encoder_spec
from fashion_search.encoders.base import GREY
from fashion_search.evaluation.failures import Duel, Outcome
from fashion_search.evaluation.measures import MEASURES
from fashion_search.evaluation.mismatches import kinds
from fashion_search.evaluation.scores import Figure
from fashion_search.evaluation.statistics import Interval
from fashion_search.evaluation.words import digits_of, number, percent

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as Chart

_MISTAKES = ("#f5dd90", "#efbf70", "#e59a6a", "#d0766f", "#b0597f", "#864b8c", "#5d4a8f")
"""From near misses, light, to results that agree in nothing; away from the green also for colour-blind people."""
_BARS = 0.78  # of the room of a measure
_NEITHER = "#9a8f86"  # hits
_DIAMOND = 9  # px
_TEXT = 12  # px; in a piece that is too narrow for this size there is no text


def bars(
    figures: Mapping[str, Mapping[str, Figure]],
    k: int,
    measures: Sequence[str],
    paper: Mapping[str, Mapping[str, float]] | None = None,
) -> "Chart":
    """Bars per measure and method with their intervals, ceiling and chance; the paper's values as diamonds.

    Args:
        figures: method → measure → figure, of methods over the same queries.
        k: where they were taken.
        measures: names from ``MEASURES``, those to show.
        paper: method → measure → value, those to show.

    Returns:
        The chart; ``customdata`` of each bar is [method, measure], for pages that react to a click.
    """
    from plotly.graph_objects import Figure as Chart

    chart = Chart()
    ticks = np.arange(len(measures))
    width = _BARS / max(len(figures), 2)
    patterns = told_apart(figures, PATTERNS)
    for place, (method, of_measure) in enumerate(figures.items()):
        centres = ticks + (place - (len(figures) - 1) / 2) * width
        shown = {measure: (paper or {}).get(method, {}).get(measure) for measure in measures}
        of_shown = {measure: of_measure[measure] for measure in measures}
        _add_bars(chart, method, centres, width, of_shown, shown, patterns[method])
    _add_diamonds(chart, list(figures), measures, width, paper or {})
    any_method = next(iter(figures.values()))
    _add_levels(chart, ticks, [any_method[measure].ceiling for measure in measures], "Ceiling", "dash")
    _add_levels(chart, ticks, [any_method[measure].chance for measure in measures], "Chance", "dot")
    _lay_out(chart, 400)
    chart.update_xaxes(
        tickvals=ticks, ticktext=[MEASURES[measure].label(k) for measure in measures], zeroline=False, showgrid=False
    )
    chart.update_yaxes(rangemode="tozero", tickformat=".1f")
    return chart


def _of_intervals(method: str, intervals: Sequence[Interval], pattern: str) -> dict[str, Any]:
    """How a method's bars look: their heights, and what there is to say of each."""
    colour = colour_of(method)
    drawn = {"pattern": {"shape": pattern, "fgcolor": colour, "size": 7, "solidity": 0.25}} if pattern else {}
    return {
        "y": [interval.value for interval in intervals],
        "name": encoder_spec(method).title,
        "marker": {"color": tint(colour, 0.5), "line": {"color": colour, "width": 1.2}, **drawn},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [interval.high - interval.value for interval in intervals],
            "arrayminus": [interval.value - interval.low for interval in intervals],
            "color": colour,
            "thickness": 1.6,
            "width": 4,
        },
        "hovertemplate": "%{y:.4f} (+%{error_y.array:.4f}, −%{error_y.arrayminus:.4f})",
    }


def _add_bars(
    chart: "Chart",
    method: str,
    centres: NDArray[np.floating[Any]],
    width: float,
    figures: Mapping[str, Figure],
    paper: Mapping[str, float | None],
    pattern: str,
) -> None:
    """One method's bars with their intervals, and the values above whatever reaches highest."""
    intervals = [figure.macro for figure in figures.values()]
    chart.add_bar(
        x=centres.tolist(),
        width=width * 0.9,
        customdata=[[method, measure] for measure in figures],
        legendgroup=method,
        **_of_intervals(method, intervals, pattern),
    )
    chart.add_scatter(
        x=centres.tolist(),
        y=[max(figure.macro.high, paper[measure] or 0) for measure, figure in figures.items()],
        text=[number(interval.value, digits_of(interval)) for interval in intervals],
        mode="markers+text",
        marker={"opacity": 0, "size": [0 if paper[measure] is None else _DIAMOND + 3 for measure in figures]},  # room
        textposition="top center",
        textfont={"size": _TEXT},
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
        legendgroup=method,
    )


def _add_diamonds(
    chart: "Chart",
    methods: Sequence[str],
    measures: Sequence[str],
    width: float,
    paper: Mapping[str, Mapping[str, float]],
) -> None:
    """The paper's values over the bars they belong to."""
    points = [
        (tick + (place - (len(methods) - 1) / 2) * width, paper[method][measure])
        for place, method in enumerate(methods)
        for tick, measure in enumerate(measures)
        if measure in paper.get(method, {})
    ]
    if points:
        chart.add_scatter(
            x=[x for x, _ in points],
            y=[y for _, y in points],
            mode="markers",
            marker={"symbol": "diamond", "size": _DIAMOND, "color": "#fff", "line": {"width": 1.8, "color": "#3b3630"}},
            name="The paper",
            hovertemplate="%{y:.4f}",
        )


def _add_levels(chart: "Chart", ticks: NDArray[np.intp], values: Sequence[float], name: str, dash: str) -> None:
    """A level per measure, across its bars."""
    x: list[float | None] = []
    y: list[float | None] = []
    for tick, value in zip(ticks.tolist(), values, strict=True):
        x += [tick - _BARS / 2 - 0.03, tick + _BARS / 2 + 0.03, None]
        y += [value, value, None]
    chart.add_scatter(
        x=x,
        y=y,
        mode="lines",
        line={"color": GREY, "width": 1.4, "dash": dash},
        name=name,
        hovertemplate="%{y:.4f}",
    )


def against_k(figures_at: Mapping[int, Mapping[str, Mapping[str, Figure]]], measure: str) -> "Chart":
    """A measure against k: a line per method with its interval as a band, and the ceiling.

    Args:
        figures_at: k → method → measure → figure.
        measure: a name from ``MEASURES``.
    """
    from plotly.graph_objects import Figure as Chart

    chart = Chart()
    ks = [str(k) for k in figures_at]
    every = list(next(iter(figures_at.values())))
    dashes, signs = told_apart(every, DASHES), told_apart(every, SIGNS)
    for method in every:
        intervals = [of_method[method][measure].macro for of_method in figures_at.values()]
        add_band(chart, ks, intervals, method)
        chart.add_scatter(
            x=ks,
            y=[interval.value for interval in intervals],
            mode="lines+markers",
            line={"color": colour_of(method), "width": 2.4, "dash": dashes[method]},
            marker={"size": 7, "symbol": signs[method]},
            name=encoder_spec(method).title,
            customdata=[[method, measure]] * len(ks),
            hovertemplate="%{y:.4f} at k = %{x}",
            legendgroup=method,
        )
    chart.add_scatter(
        x=ks,
        y=[next(iter(of_method.values()))[measure].ceiling for of_method in figures_at.values()],
        mode="lines",
        line={"color": GREY, "width": 1.4, "dash": "dash"},
        name="Ceiling",
        hovertemplate="%{y:.4f} at k = %{x}",
    )
    _lay_out(chart, 340)
    chart.update_xaxes(
        type="category",
        categoryorder="array",
        categoryarray=ks,
        title={"text": "k, the number of results", "font": {"size": _TEXT + 1}},
        showgrid=False,
    )
    chart.update_yaxes(rangemode="tozero", tickformat=".1f")
    return chart


def mismatches(shares: Mapping[str, Mapping[int, float]], columns: Sequence[str]) -> "Chart":
    """What the first results are: correct, or which grouping columns differ; a bar per method.

    Args:
        shares: method → mismatch code → share, from ``mismatches.shares``.
        columns: the catalog's grouping columns.

    Returns:
        The chart; ``customdata`` of each piece is [method, id of the mismatch kind or "correct"].
    """
    from plotly.graph_objects import Figure as Chart

    found = kinds(columns)
    pieces = [(0, "correct", "Correct", CORRECT)]
    pieces += [(kind.code, kind.id, kind.label, colour) for kind, colour in zip(found, _ramp(len(found)), strict=True)]
    chart = Chart()
    for code, name, label, colour in pieces:
        values = [of_code.get(code, 0.0) for of_code in shares.values()]
        chart.add_bar(
            y=[encoder_spec(method).title for method in shares],
            x=values,
            orientation="h",
            width=0.62,
            name=label,
            marker={"color": colour, "line": {"width": 0}},
            text=[percent(value) for value in values],
            textposition="inside",
            insidetextanchor="middle",
            insidetextfont={"color": "#fff" if _luminance(colour) < 0.25 else "#24211e", "size": _TEXT},
            textangle=0,
            customdata=[[method, name] for method in shares],
            hovertemplate="%{x:.1%}",
        )
    _lay_out(chart, 200 + 58 * len(shares))
    chart.update_layout(
        barmode="stack",
        uniformtext={"minsize": _TEXT, "mode": "hide"},
        legend={"y": -0.02, "yanchor": "top", "traceorder": "normal"},
        legend_title={"text": "The result is correct, or differs in", "side": "top", "font": {"size": _TEXT + 1}},
    )
    chart.update_xaxes(range=[0, 1], visible=False)
    chart.update_yaxes(autorange="reversed", showgrid=False, ticksuffix="  ")
    return chart


def robustness(lines: Mapping[str, Mapping[str, Interval]], titles: Mapping[str, str]) -> "Chart":
    """Bars of what each method reaches as queries are and under each alteration, with their intervals.

    Args:
        lines: method → alteration → figure.
        titles: alteration → what it is called, in the order of the chart.
    """
    from plotly.graph_objects import Figure as Chart

    chart = Chart()
    patterns = told_apart(lines, PATTERNS)
    for method, of_name in lines.items():
        intervals = [of_name[name] for name in titles]
        chart.add_bar(x=list(titles.values()), **_of_intervals(method, intervals, patterns[method]))
    _lay_out(chart, 340)
    chart.update_layout(barmode="group", bargap=0.25)
    chart.update_xaxes(showgrid=False)
    chart.update_yaxes(rangemode="tozero", tickformat=".1f")
    return chart


def _lay_out(chart: "Chart", height: int) -> None:
    """As every chart, with a line at zero."""
    lay_out(chart, height)
    chart.update_yaxes(zeroline=True, zerolinecolor=GRID)


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2), 0 to 1."""
    parts = [part / 255 for part in rgb(colour)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _ramp(n: int) -> list[str]:
    """``n`` colours from light to dark, evenly along ``_MISTAKES``."""
    stops = np.array([rgb(colour) for colour in _MISTAKES])
    along = np.linspace(0, len(stops) - 1, n) if n > 1 else np.array([len(stops) // 2])
    mixed = [np.interp(along, np.arange(len(stops)), stops[:, channel]) for channel in range(3)]
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in np.rint(mixed).astype(int).T.tolist()]


def outcomes(duel: Duel, pair: tuple[str, str], outcome: str) -> "Chart":
    """One bar per outcome below its name, count and share: beside a bar they would not fit on a phone."""
    from plotly.graph_objects import Bar
    from plotly.graph_objects import Figure as Chart

    titles = [encoder_spec(method).title for method in pair]
    order = list(Outcome)[::-1]
    counts = [duel.counts[one] for one in order]
    total = max(len(duel.queries), 1)
    colours = dict(zip(Outcome, (CORRECT, colour_of(pair[0]), colour_of(pair[1]), _NEITHER), strict=True))
    names = [one.label(*titles) for one in order]
    figures = [f"{count:,} · {count / total:.1%}" for count in counts]
    chart = Chart(
        Bar(
            x=counts,
            y=names,
            orientation="h",
            width=0.4,
            offset=-0.42,  # the upper half of its place is its name's
            customdata=[[str(one)] for one in order],
            marker={
                "color": [colours[one] for one in order],
                "opacity": [1.0 if outcome in ("", one) else 0.35 for one in order],
            },
            hovertext=figures,
            hovertemplate="%{y}: %{hovertext}<extra></extra>",
            selected={"marker": {"opacity": 1}},  # without it Plotly fails on a click: opacities are a list
        )
    )
    chart.update_layout(
        height=210,
        margin={"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0},
        xaxis={"visible": False, "range": [0, max(*counts, 1)]},
        yaxis={
            "tickvals": names,
            "ticktext": [f"{name}  <b>{figure}</b>" for name, figure in zip(names, figures, strict=True)],
            "tickfont": {"size": 14},
            "ticklabelposition": "inside top",
        },
        clickmode="event+select",
        dragmode=False,  # a click selects; dragging would only move the picture
    )
    return chart
