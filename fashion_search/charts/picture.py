"""A picture as a chart, so that a rectangle can be dragged in it."""

from typing import TYPE_CHECKING

from fashion_search.images import Box

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_HEIGHT = (160, 420)  # px, that the picture to crop has at least and at most
_COLUMN = 232  # px, about the width it has


def croppable(address: str, size: tuple[int, int], box: Box) -> "Figure":
    """A picture in which a rectangle can be dragged: ``box``, unless it is the whole; ``address`` holds the picture."""
    from plotly.graph_objects import Figure, Scatter

    width, height = size
    # Two points that nobody sees: without any, nothing can be selected.
    chart = Figure(Scatter(x=[0, width], y=[0, height], mode="markers", marker={"opacity": 0}, hoverinfo="skip"))
    chart.add_layout_image(
        source=address,
        xref="x",
        yref="y",
        x=0,
        y=0,
        sizex=width,
        sizey=height,
        sizing="stretch",
        layer="below",
    )
    chart.update_xaxes(range=[0, width], visible=False, fixedrange=True)
    chart.update_yaxes(range=[height, 0], visible=False, fixedrange=True, scaleanchor="x")
    chart.update_layout(
        dragmode="select",
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        height=min(max(round(_COLUMN * height / width), _HEIGHT[0]), _HEIGHT[1]),
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False,
    )
    if box != Box():
        x0, x1 = box.left * width / 100, box.right * width / 100
        y0, y1 = box.top * height / 100, box.bottom * height / 100
        chart.add_selection(type="rect", xref="x", yref="y", x0=x0, x1=x1, y0=y0, y1=y1)
    return chart
