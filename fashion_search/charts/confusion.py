"""The chart of which values are returned for which."""

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from fashion_search.evaluation.breakdown import Confusion

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def heat_map(shown: Confusion) -> "Figure":
    """Which values are returned for which: cells that fill the chart.

    Plotly's heat map cannot be selected. On each cell lies a mark that can; it is seen only where it is selected.
    """
    from plotly.graph_objects import Figure, Heatmap, Scatter

    shares = shown.shares
    names = [_shown(value) for value in shown.values]
    places = zip(shown.wanted, shown.returned, strict=True)
    cells = [(shown.values[wanted], shown.values[returned]) for wanted, returned in places]
    drawn = np.zeros((len(names), len(names)))
    drawn[shown.wanted, shown.returned] = np.sqrt(shares)  # small shares stay visible
    size = max(9, min(26, round(270 / max(len(names), 1))))  # beside each other on a phone too
    figure = Figure(
        [
            Scatter(
                x=[_shown(returned) for _, returned in cells],
                y=[_shown(wanted) for wanted, _ in cells],
                customdata=[[*cell, count] for cell, count in zip(cells, shown.counts.tolist(), strict=True)],
                mode="markers",
                marker={"symbol": "square-open", "size": size, "opacity": 0, "color": "rgb(127, 127, 127)"},
                selected={"marker": {"opacity": 1}},
                unselected={"marker": {"opacity": 0}},
                text=[f"{share:.1%}" for share in shares],
                hovertemplate="asked for %{y}<br>returned %{x}<br>%{text} (%{customdata[2]:,} results)<extra></extra>",
            ),
            Heatmap(
                x=names,
                y=names,
                z=drawn.tolist(),
                zmin=0,
                zmax=1,
                colorscale=[
                    [0, "rgba(127, 127, 127, .07)"],
                    [0.001, "rgba(190, 85, 60, .12)"],
                    [1, "rgba(190, 85, 60, 1)"],
                ],
                xgap=1,
                ygap=1,
                showscale=False,
                hoverinfo="skip",
            ),
        ]
    )
    figure.update_layout(
        height=max(320, 170 + (size + 8) * len(names)),
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        xaxis={"title": "returned", "type": "category", "categoryarray": names, "tickangle": -60, "side": "bottom"},
        yaxis={"title": "asked for", "type": "category", "categoryarray": names[::-1]},
        clickmode="event+select",
        dragmode=False,  # a click selects; dragging would only move the picture
    )
    whole = [-0.5, len(names) - 0.5]
    figure.update_xaxes(showgrid=False, range=whole)
    figure.update_yaxes(showgrid=False, range=whole)
    return figure


def _shown(value: str) -> str:
    """Plotly reads HTML, so what the metadata says is escaped."""
    return escape(value) or "(blank)"
