"""Quality against cost: a point a method, with its interval, and the frontier of those that no other one beats."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fashion_search.charts.style import GRID, SIGNS, colour_of, lay_out
from fashion_search.encoders.base import GREY
from fashion_search.evaluation.statistics import Interval
from fashion_search.evaluation.words import rounded

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as Chart

_LEGEND = 8  # methods; of more the legend names those whose names have no room beside their points
_LINE = 20  # px, of the legend
_WIDTH, _HEIGHT, _LETTER = 800, 380, 6.6  # px, roughly: of the plot, and of a letter of a name
_TEXT = 12  # px


@dataclass(frozen=True)
class Point:
    """A method with its cost and its quality; ``note`` is said of it beside them."""

    method: str
    title: str
    cost: float
    quality: Interval
    note: str = ""


def frontier(points: Sequence[Point]) -> list[Point]:
    """The points that no other beats, by rising cost: none costs at most as much and is better.

    >>> made = [Point(str(cost), "", cost, Interval(value, 0, 1)) for cost, value in ((1, 0.2), (2, 0.1), (3, 0.4))]
    >>> [point.method for point in frontier(made)]
    ['1', '3']
    """
    found: list[Point] = []
    for point in sorted(points, key=lambda point: (point.cost, -point.quality.value)):
        if not found or point.quality.value > found[-1].quality.value:
            found.append(point)
    return found


def tradeoff(points: Sequence[Point], across: str, up: str, unit: str, chosen: str = "") -> "Chart":
    """Draw the points, cost across on a logarithmic axis, quality up.

    Args:
        points: those to draw, in the order that gives them their signs.
        across: the cost's title.
        up: the measure's label.
        unit: of the cost.
        chosen: the method that is selected.

    Returns:
        The chart; ``customdata`` of each point is [method], for pages that react to a click.
    """
    from plotly.graph_objects import Figure as Chart

    chart = Chart()
    best = frontier(points)
    chart.add_scatter(
        x=[point.cost for point in best],
        y=[point.quality.value for point in best],
        mode="lines",
        line={"color": GREY, "width": 1.6, "dash": "dot", "shape": "hv"},
        name="Frontier: none is better at the same cost",
        hoverinfo="skip",
    )
    places = _label_places(points, {chosen, *(point.method for point in best)})
    for place, point in enumerate(points):
        _add(chart, point, SIGNS[place % len(SIGNS)], places.get(point.method), chosen, unit)
    legend = _LINE * math.ceil((len(points) + 1) / 2) if len(points) > _LEGEND else 0  # px, in two columns
    lay_out(chart, 450 + legend)
    chart.update_layout(margin_r=24, showlegend=len(points) > _LEGEND, legend={"y": -0.19, "yanchor": "top"})
    chart.update_xaxes(title=f"{across}, {unit} (logarithmic)", type="log", gridcolor=GRID)
    if points:
        low, high = _decades(points)
        ticks = _ticks(low, high)
        chart.update_xaxes(range=[low, high], tickvals=ticks, ticktext=[f"{tick:,g}" for tick in ticks])
    chart.update_yaxes(title=up, rangemode="tozero", tickformat=".2~f")
    return chart


def _add(chart: "Chart", point: Point, sign: str, where: str | None, chosen: str, unit: str) -> None:
    colour = colour_of(point.method)
    is_chosen = point.method == chosen
    quality = point.quality
    from html import escape  # with a table of all entities, which no command needs

    title = escape(point.title)  # Plotly reads HTML
    said = [f"<b>{title}</b>", rounded(quality), f"{short(point.cost)} {unit}", *filter(None, [escape(point.note)])]
    chart.add_scatter(
        x=[point.cost],
        y=[quality.value],
        mode="markers+text" if where else "markers",
        text=[title],
        textposition=where or "middle right",
        textfont={"size": _TEXT},
        cliponaxis=False,
        marker={
            "symbol": sign,
            "size": 17 if is_chosen else 12,
            "color": colour,
            "line": {"width": 2.5 if is_chosen else 1, "color": GREY if is_chosen else colour},
        },
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [quality.high - quality.value],
            "arrayminus": [quality.value - quality.low],
            "color": colour,
            "thickness": 1.4,
            "width": 4,
        },
        name=title,
        customdata=[[point.method]],
        hovertext="<br>".join(said),
        hoverinfo="text",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )


def _decades(points: Sequence[Point]) -> tuple[float, float]:
    """The axis's ends as powers of ten, with room for the names."""
    ends = [_log(point.cost) for point in points]
    room = max(0.12 * (max(ends) - min(ends)), 0.3)
    return min(ends) - room, max(ends) + room


def _label_places(points: Sequence[Point], first: Collection[str]) -> dict[str, str]:
    """Where names stand so that none lies on another or on a point; a name without room is left out.

    Args:
        points: all that are drawn.
        first: methods whose names are placed before the others'.
    """
    low, high = _decades(points) if points else (0.0, 1.0)
    top = max((point.quality.high if point.quality.high > 0 else point.quality.value for point in points), default=1.0)
    at = {
        point.method: (
            _WIDTH * (_log(point.cost) - low) / (high - low),
            _HEIGHT * point.quality.value / (top or 1),
        )
        for point in points
    }
    taken = [(x - 8, y - 8, x + 8, y + 8) for x, y in at.values()]
    places = {}
    for point in sorted(points, key=lambda point: (point.method not in first, -point.quality.value)):
        x, y = at[point.method]
        width = _LETTER * len(point.title)
        for place, left, middle in (
            ("top right", x + 6, y + 13),
            ("top left", x - 6 - width, y + 13),
            ("middle left", x - 10 - width, y),
            ("bottom right", x + 6, y - 13),
            ("bottom left", x - 6 - width, y - 13),
            ("middle right", x + 10, y),  # last: the frontier leaves a point to the right
        ):
            box = (left, middle - 7, left + width, middle + 7)
            if left >= 0 and box[2] <= _WIDTH and not any(_overlap(box, other) for other in taken):
                places[point.method] = place
                taken.append(box)
                break
    return places


Box = tuple[float, float, float, float]  # px: left, bottom, right, top


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _ticks(low: float, high: float) -> list[float]:
    """Where a logarithmic axis is marked: at powers of ten, in a narrow one at 2 and 5 times those too."""
    steps = (1.0,) if high - low > 2.5 else (1.0, 2.0, 5.0)
    every = [step * 10.0**power for power in range(math.floor(low), math.ceil(high) + 1) for step in steps]
    return [tick for tick in every if low <= math.log10(tick) <= high]


def _log(cost: float) -> float:
    return math.log10(max(cost, 1e-6))


def short(value: float) -> str:
    """A cost to three digits or so: ``.35``, ``12.5``, ``1,024``."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
