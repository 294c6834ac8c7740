"""Charts of a catalog: the sizes of its style groups, and its items as a map."""

from html import escape
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog import Catalog, Item
from fashion_search.evaluation.projection import Projection

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

COLOURED = 10
"""Values with a colour of their own; the others are grey."""

_HUES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9")  # Okabe and Ito's, for colour-blind people
_SIGNS = [(hue, symbol) for symbol in ("circle", "diamond") for hue in _HUES]  # told apart by colour and by form
_GREY = "rgba(140, 136, 130, .45)"


def group_sizes(catalog: Catalog) -> "Figure":
    """How many style groups have how many images (the paper's Fig. 2)."""
    from plotly.graph_objects import Bar, Figure

    sizes, counts = np.unique([len(group.rows) for group in catalog.groups], return_counts=True)
    figure = Figure(
        Bar(x=sizes, y=counts, marker_color="#a9604f", hovertemplate="%{y} groups of %{x} images<extra></extra>")
    )
    figure.update_layout(
        height=260,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        xaxis={"title": "images in the group", "dtick": 1 if len(sizes) <= 25 else None},
        yaxis={"title": "style groups"},
        bargap=0.15,
    )
    return figure


def scatter(
    catalog: Catalog, drawn: Projection, colour: str, row: int | None, neighbours: NDArray[np.intp]
) -> "Figure":
    """Points coloured by a column's most frequent values; the query as a star, its neighbours in rings."""
    from plotly.graph_objects import Figure, Scattergl

    place = catalog.columns.index(colour)
    labels = np.array([catalog.items[item].labels[place] or "(blank)" for item in drawn.rows.tolist()])
    values, counts = np.unique(labels, return_counts=True)
    frequent = values[np.argsort(-counts, kind="stable")][:COLOURED]
    figure = Figure()

    def add(mask: NDArray[np.bool_], name: str, marker: dict[str, object]) -> None:
        rows = drawn.rows[mask].tolist()
        figure.add_trace(
            Scattergl(
                x=drawn.points[mask, 0],
                y=drawn.points[mask, 1],
                mode="markers",
                name=escape(name),
                marker=marker,
                customdata=[[catalog.items[item].id] for item in rows],
                text=[_hover(catalog.items[item]) for item in rows],
                hovertemplate="%{text}<extra></extra>",
            )
        )

    size = 7 if len(drawn.rows) < 1000 else 4
    if len(values) > len(frequent):
        add(~np.isin(labels, frequent), "others", {"size": size, "color": _GREY})
    for value, (shade, symbol) in zip(frequent.tolist(), _SIGNS, strict=False):
        marker = {"size": size, "color": shade, "symbol": symbol, "opacity": 0.8}
        add(labels == value, value, marker)
    if len(neighbours):
        ring = {"size": 15, "symbol": "circle-open", "color": "#b3362b", "line": {"width": 2.5, "color": "#b3362b"}}
        add(np.isin(drawn.rows, neighbours), "nearest", ring)
    if row is not None:
        star = {"size": 17, "symbol": "star", "color": "#b3362b", "line": {"width": 1.5, "color": "white"}}
        add(drawn.rows == row, "query", star)
    figure.update_layout(
        height=520,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        legend={"orientation": "h", "y": -0.02, "yanchor": "top", "itemsizing": "constant"},
        xaxis={"visible": False},
        yaxis={"visible": False, "scaleanchor": "x"},
        clickmode="event+select",
        dragmode="pan",
    )
    return figure


def _hover(item: Item) -> str:
    """Name and labels; Plotly reads HTML, so what the metadata says is escaped."""
    labels = " · ".join(label or "(blank)" for label in item.labels)
    return f"{escape(item.name or item.id)}<br>{escape(labels)}"
