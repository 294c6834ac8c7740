"""The curve of top-k accuracy over k: a line a method with its interval as a band, and what others have published."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from fashion_search.charts.style import DASHES, GRID, SIGNS, add_band, colour_of, lay_out, told_apart
from fashion_search.encoders import encoder_spec
from fashion_search.encoders.base import GREY
from fashion_search.evaluation.accuracy import Accuracy
from fashion_search.evaluation.published import Published
from fashion_search.evaluation.words import number

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as Chart

_HEIGHT = 420  # px


def curve(found: Mapping[str, Accuracy], published: Sequence[Published] = ()) -> "Chart":
    """Draw top-k accuracy over k, with that of a random order, and others' values as diamonds.

    Args:
        found: of each method, over the same queries.
        published: what others print for the same benchmark.
    """
    from plotly.graph_objects import Figure as Chart

    chart = Chart()
    dashes, signs = told_apart(found, DASHES), told_apart(found, SIGNS)
    ks: list[int] = []
    for method, accuracy in found.items():
        ks, shares = list(accuracy), [one.share for one in accuracy.values()]
        add_band(chart, ks, shares, method)
        chart.add_scatter(
            x=ks,
            y=[share.value for share in shares],
            mode="lines+markers",
            line={"color": colour_of(method), "width": 2.4, "dash": dashes[method]},
            marker={"size": 7, "symbol": signs[method]},
            name=encoder_spec(method).title,
            hovertemplate="%{y:.4f} at k = %{x}",
            legendgroup=method,
        )
    chances = [one.chance for one in next(iter(found.values())).values()]
    chart.add_scatter(
        x=ks,
        y=chances,
        mode="lines",
        line={"color": GREY, "width": 1.4, "dash": "dot"},
        name="Chance",
        hovertemplate="%{y:.4f} at k = %{x}",
    )
    _add_published(chart, published)
    lay_out(chart, _HEIGHT)
    chart.update_layout(margin_r=16)
    chart.update_xaxes(
        tickvals=ks,
        range=[0, ks[-1] + 1],
        title={"text": "k, the number of results", "font": {"size": 13}},
        showgrid=False,
        zeroline=False,
    )
    chart.update_yaxes(range=[0, 1.02], tickformat=".1f", zeroline=True, zerolinecolor=GRID)
    return chart


def _add_published(chart: "Chart", published: Sequence[Published]) -> None:
    points = [(k, value, one) for one in published for k, value in one.values.items()]
    if points:
        chart.add_scatter(
            x=[k for k, _, _ in points],
            y=[value for _, value, _ in points],
            mode="markers",
            marker={"symbol": "diamond", "size": 9, "color": "#fff", "line": {"width": 1.8, "color": "#3b3630"}},
            name="Published by others",
            hovertext=[f"{escape(one.model)} ({one.source}): {number(value)} at k = {k}" for k, value, one in points],
            hoverinfo="text",
        )
