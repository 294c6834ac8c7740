"""What all charts have in common."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fashion_search.encoders import encoder_spec
from fashion_search.encoders.base import GREY
from fashion_search.errors import UnknownNameError
from fashion_search.evaluation.statistics import Interval

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as Chart

CORRECT = "#1a7f4b"  # as the badges
GRID = "rgba(140, 134, 126, .22)"
SIGNS = (
    *("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "triangle-down", "pentagon", "hexagram"),
    *("bowtie", "hourglass", "triangle-left", "triangle-right", "star-diamond", "hexagon", "star-square"),
    *("diamond-tall", "diamond-wide", "star-triangle-up", "circle-cross", "square-x", "diamond-cross", "octagon"),
)
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
PATTERNS = ("", "/", "x", "-", "\\", "|", "+", ".")
_PLAIN = 4  # methods that colours alone tell apart
NO_BUTTONS: Mapping[str, Any] = {"displayModeBar": False, "responsive": True}
"""For ``config``: charts are looked at and hovered over, not zoomed."""


def colour_of(method: str) -> str:
    """A method's colour, the same everywhere; grey for one that is not known."""
    try:
        return encoder_spec(method).colour
    except UnknownNameError:
        return GREY


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255, of ``#rrggbb``."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def add_band(chart: "Chart", xs: Sequence[Any], intervals: Sequence[Interval], method: str) -> None:
    """Draw a method's intervals over ``xs`` as a band; its line, of the same legend group, hides it too."""
    chart.add_scatter(
        x=[*xs, *xs[::-1]],
        y=[one.high for one in intervals] + [one.low for one in intervals[::-1]],
        fill="toself",
        fillcolor=tint(colour_of(method), 0.22),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
        legendgroup=method,
    )


def tint(colour: str, alpha: float) -> str:
    """The same colour, as far opaque as ``alpha``, 0 to 1."""
    return f"rgba({', '.join(map(str, rgb(colour)))}, {alpha})"


def told_apart(methods: Iterable[str], ways: Sequence[str]) -> dict[str, str]:
    """Method → one of ``ways`` (signs, dashes, patterns) to be drawn in, so that not colours alone tell them apart.

    Up to four have the first of them all.
    """
    every = list(methods)
    if len(every) <= _PLAIN:
        return dict.fromkeys(every, ways[0])
    return {method: ways[place % len(ways)] for place, method in enumerate(every)}


def lay_out(chart: "Chart", height: int) -> None:
    """What charts share: tight margins, the legend in a row, nothing behind, and no dragging."""
    chart.update_layout(
        height=height,
        margin={"l": 4, "r": 4, "t": 8, "b": 4},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1.03, "yanchor": "bottom"},
        hoverlabel={"namelength": -1},
        dragmode=False,
    )
    chart.update_xaxes(automargin=True, fixedrange=True)
    chart.update_yaxes(automargin=True, fixedrange=True, gridcolor=GRID)
