"""Charts that compare runs. Plotly is imported only when one is drawn.

No chart has a title, a font or a background: those are the page's. What is neutral is a grey that can be
seen on light and on dark.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from fashion_search.charts.style import GRID, lay_out
from fashion_search.encoders.base import GREY
from fashion_search.training.record import Metrics

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as Chart

PALETTE = ("#2f72b8", "#cc8005", "#0f8f70", "#b8324a", "#7d5fc2", "#6d7d1a", "#1793b5", "#a55a2e")
"""Colours of runs: each can be seen on light and on dark."""

MEASURES = {"precision": "Precision@5", "recall": "Recall@5", "hit": "Hit@5", "photos": "P@5 of photos"}
"""What a validation measures, as it is called on screen."""

AGAINST = {"epoch": "Epochs", "seconds": "Minutes"}
"""What a chart's horizontal axis can be: a column, and its title."""

TOTAL = "loss"
"""The column that is the sum of all losses."""

_NO_LOSS = {"step", "epoch", "seconds", "rate", "learning_rate", TOTAL}
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star", "triangle-down", "hexagon")
_DASHES = ("solid", "dash", "dot", "dashdot")
_HEIGHT = 330  # px
_FEW = 80  # validations that are drawn with a mark each


@dataclass(frozen=True)
class Line:
    """A run in a chart. ``place`` is its number among all runs and gives its colour, mark and dash."""

    name: str
    place: int
    rows: Sequence[Metrics]

    @property
    def colour(self) -> str:
        return PALETTE[self.place % len(PALETTE)]


def losses_in(tables: Iterable[Sequence[Metrics]]) -> list[str]:
    """The single losses that tables hold, in their order of appearance."""
    columns = dict.fromkeys(column for rows in tables for row in rows[-1:] for column in row)
    return [column for column in columns if column not in _NO_LOSS]


def validations(lines: Sequence[Line], measure: str, against: str) -> "Chart":
    """A measure of the validations, a line with marks per run. The axis begins where they do, so that near runs part.

    Args:
        lines: the runs.
        measure: a name from ``MEASURES``.
        against: a name from ``AGAINST``.
    """
    chart = _chart(lines, measure, against, "No validation yet", "%{y:.3f}", marks=True)
    chart.update_yaxes(tickformat=".3~f", title={"text": MEASURES[measure]})
    return chart


def losses(lines: Sequence[Line], name: str, against: str, linear: bool = False) -> "Chart":
    """A training loss, a line per run, over a logarithmic axis.

    Args:
        lines: the runs.
        name: ``TOTAL``, or one from ``losses_in``.
        against: a name from ``AGAINST``.
        linear: over a linear axis.
    """
    chart = _chart(lines, name, against, "No loss yet", "%{y:.4g}", marks=False)
    chart.update_yaxes(title={"text": "Loss"}, tickformat="~g", minor={"showgrid": False})
    if linear:
        chart.update_yaxes(rangemode="tozero")
    else:
        chart.update_yaxes(
            type="log", dtick=_log_ticks([row[name] for line in lines for row in line.rows if name in row])
        )
    return chart


def _log_ticks(values: Sequence[float]) -> str:
    """Plotly's steps of a logarithmic axis: every digit within a decade, 1, 2 and 5 beyond."""
    shown = [value for value in values if value > 0]
    return "D1" if shown and max(shown) < 10 * min(shown) else "D2"


def _chart(lines: Sequence[Line], column: str, against: str, nothing: str, value: str, marks: bool) -> "Chart":
    """A line per run that has such values; where none has, the axes and a sentence."""
    from plotly.graph_objects import Figure as Chart

    chart = Chart()
    unit = 60 if against == "seconds" else 1
    for line in lines:
        rows = [row for row in line.rows if column in row and against in row]
        if not rows:
            continue
        with_marks = marks and len(rows) <= _FEW
        chart.add_scatter(
            x=[row[against] / unit for row in rows],
            y=[row[column] for row in rows],
            name=escape(line.name),  # Plotly reads HTML
            mode="lines+markers" if with_marks else "lines",
            line={
                "color": line.colour,
                "width": 2.2,
                "dash": _DASHES[line.place // len(PALETTE) % len(_DASHES)],
            },
            marker={"symbol": _SYMBOLS[line.place % len(_SYMBOLS)], "size": 8},
            hovertemplate=f"{value} · {AGAINST[against].lower()}: %{{x:.4~g}}",
            showlegend=True,
        )
    lay_out(chart, _HEIGHT)
    chart.update_layout(margin_r=8)
    chart.update_xaxes(gridcolor=GRID, rangemode="tozero", title={"text": AGAINST[against]})
    chart.update_yaxes(zeroline=False)
    if not chart.data:
        chart.add_annotation(
            text=nothing, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font={"size": 15, "color": GREY}
        )
        chart.update_xaxes(showticklabels=False, range=[0, 1])
        chart.update_yaxes(showticklabels=False, range=[0, 1])
    return chart
