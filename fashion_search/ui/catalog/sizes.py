"""The Catalog page's chart. Plotly is imported only when it is drawn."""

from typing import TYPE_CHECKING

import numpy as np

from fashion_search.catalog import Catalog

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


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
