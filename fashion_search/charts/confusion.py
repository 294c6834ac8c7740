"""The chart of which values are returned for which."""

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from fashion_search.evaluation.breakdown import Confusion

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def heat_map(shown: Confusion) -> "Figure":
    """Squares as markers: unlike a Plotly heat map's cells, they can be selected."""
    from plotly.graph_objects import Figure, Scatter

    shares = shown.shares
    places = zip(shown.wanted, shown.returned, strict=True)
    cells = [(shown.values[wanted], shown.values[returned]) for wanted, returned in places]
    size = max(9, min(26, round(270 / max(len(shown.values), 1))))  # beside each other on a phone too
    figure = Figure(
        Scatter(
            x=[_shown(returned) for _, returned in cells],
            y=[_shown(wanted) for wanted, _ in cells],
            customdata=[[*cell, count] for cell, count in zip(cells, shown.counts.tolist(), strict=True)],
            mode="markers",
            marker={
                "symbol": "square",
                "size": size,
                "color": np.sqrt(shares),  # small shares stay visible
                "colorscale": [[0, "rgba(190, 85, 60, .1)"], [1, "rgba(190, 85, 60, 1)"]],
                "cmin": 0,
                "cmax": 1,
                "line": {"width": 0},
            },
            unselected={"marker": {"opacity": 0.45}},
            text=[f"{share:.1%}" for share in shares],
            hovertemplate="asked for %{y}<br>returned %{x}<br>%{text} (%{customdata[2]:,} results)<extra></extra>",
        )
    )
    side = 170 + (size + 4) * len(shown.values)
    names = [_shown(value) for value in shown.values]
    figure.update_layout(
        height=max(320, side),
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        xaxis={"title": "returned", "type": "category", "categoryarray": names, "tickangle": -60, "side": "bottom"},
        yaxis={"title": "asked for", "type": "category", "categoryarray": names[::-1]},
        clickmode="event+select",
        dragmode=False,  # a click selects; dragging would only move the picture
    )
    return figure


def _shown(value: str) -> str:
    """Plotly reads HTML, so what the metadata says is escaped."""
    return escape(value) or "(blank)"
