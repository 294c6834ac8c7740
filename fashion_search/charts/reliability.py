"""Charts of what is said without looking at labels: whether it holds, and what is gained by answering less."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from fashion_search.charts.style import DASHES, GRID, SIGNS, colour_of, lay_out, told_apart
from fashion_search.encoders import encoder_spec
from fashion_search.encoders.base import GREY
from fashion_search.evaluation.reliability import Said
from fashion_search.evaluation.words import number, percent
from fashion_search.labels.confidence import LIKELY

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as Chart

_HEIGHT, _LINE = 340, 19  # px; of a line of the legend
_POINTS = 200  # of a curve


def calibration(said: Mapping[str, Said]) -> "Chart":
    """Share right against what was said, a line a method; on the diagonal both are equal.

    Args:
        said: by method.
    """
    from plotly.graph_objects import Figure as Chart

    chart = Chart()
    chart.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="As said", line={"color": GREY, "dash": "dot"}, hoverinfo="skip"
    )
    signs, dashes = told_apart(said, SIGNS), told_apart(said, DASHES)
    for method, one in said.items():
        bins = one.bins
        most = max(bins[:, 2].max(), 1) if len(bins) else 1
        chart.add_scatter(
            x=bins[:, 0],
            y=bins[:, 1],
            mode="lines+markers",
            name=encoder_spec(method).title,
            marker={
                "color": colour_of(method),
                "symbol": signs[method],
                "size": 6 + 14 * np.sqrt(bins[:, 2] / most),
            },
            line={"color": colour_of(method), "dash": dashes[method]},
            cliponaxis=False,  # marks at 0 and 100 % are whole
            hovertext=[
                f"said {percent(mean)}, right {percent(right)}, {count:,.0f} queries" for mean, right, count in bins
            ],
            hoverinfo="text+name",
        )
    _lay_out(chart, "Said", "Right")
    chart.update_xaxes(range=[0, 1.02])
    chart.update_yaxes(range=[0, 1.02])
    return chart


def risk(said: Mapping[str, Said], with_limit: bool) -> "Chart":
    """The share wrong among the queries that are answered, the most trusted first.

    Args:
        said: by method.
        with_limit: mark where what is called likely right ends.
    """
    from plotly.graph_objects import Figure as Chart

    chart = Chart()
    dashes = told_apart(said, DASHES)
    for method, one in said.items():
        coverage, wrong = one.risk
        if not len(coverage):
            continue
        places = np.unique(np.linspace(0, len(coverage) - 1, _POINTS).astype(np.intp))
        title, colour = encoder_spec(method).title, colour_of(method)
        chart.add_scatter(
            x=coverage[places],
            y=wrong[places],
            mode="lines",
            name=title,
            line={"color": colour, "dash": dashes[method]},
            hovertext=[f"{percent(coverage[at])} answered: {percent(wrong[at])} wrong" for at in places],
            hoverinfo="text+name",
        )
        trusted = int((one.probability >= LIKELY).sum())
        if trusted and with_limit:
            chart.add_scatter(
                x=[coverage[trusted - 1]],
                y=[wrong[trusted - 1]],
                mode="markers",
                marker={"symbol": "diamond", "size": 11, "color": colour},
                cliponaxis=False,
                showlegend=False,
                hovertext=[f"{title}: what is said from {number(LIKELY, 1)} on; {percent(wrong[trusted - 1])} wrong"],
                hoverinfo="text",
            )
    _lay_out(chart, "Queries answered, the most trusted first", "Wrong")
    chart.update_xaxes(range=[0, 1.02])
    chart.update_yaxes(rangemode="tozero")
    return chart


def _lay_out(chart: "Chart", across: str, up: str) -> None:
    lay_out(chart, _HEIGHT + _LINE * len([one for one in chart.data if one.showlegend is not False]))
    chart.update_layout(margin_r=20)  # room for 100%
    chart.update_xaxes(title=across, tickformat=".0%", gridcolor=GRID)
    chart.update_yaxes(title=up, tickformat=".0%")
