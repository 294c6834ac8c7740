"""Tables and charts of the Metrics and Catalog pages. pandas and Plotly are imported only when one is drawn."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fashion_search.catalog import Catalog, Protocol
from fashion_search.encoders import ENCODERS, encoder_spec
from fashion_search.evaluation.scores import METRICS, PAPER, Scores, Spread

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

_PALETTE = ("#d98e04", "#2b6cb0", "#0f8a6a", "#b0508f", "#7a6a58")  # told apart by colour-blind people too
COLOURS = {name: _PALETTE[place % len(_PALETTE)] for place, name in enumerate(ENCODERS)}
"""The same colour for a method everywhere."""

_TITLES = {"precision": "Precision", "recall": "Recall", "hit": "Hit"}


@dataclass(frozen=True)
class Line:
    """A row of Table 1. ``deviation`` is over split seeds, where there are several."""

    setting: str
    method: str
    scores: Scores
    deviation: Scores | None
    weights: str


def paper_lines() -> list[Line]:
    """The paper's own Table 1."""
    return [
        Line("The paper's Table 1", method, scores, None, "torchvision’s" if method == "resnet18" else "none")
        for method, scores in PAPER.items()
    ]


def table(lines: list[Line]) -> "pd.DataFrame":
    """Table 1 for ``st.dataframe``."""
    import pandas as pd

    def cell(line: Line, metric: str) -> str:
        value = f"{getattr(line.scores, metric):.4f}"
        return value if line.deviation is None else f"{value} ± {getattr(line.deviation, metric):.4f}"

    return pd.DataFrame(
        [
            {
                "Protocol": line.setting,
                "Method": encoder_spec(line.method).title,
                **{f"{_TITLES[metric]}@{line.scores.k}": cell(line, metric) for metric in METRICS},
                "Queries": f"{line.scores.n_queries:,}",
                "Weights": line.weights,
            }
            for line in lines
        ]
    )


def largest_gaps(ours: dict[str, Scores]) -> dict[str, float]:
    """The largest difference to the paper's figures over the methods, per metric."""
    return {
        metric: max(abs(getattr(scores, metric) - getattr(PAPER[method], metric)) for method, scores in ours.items())
        for metric in METRICS
    }


def agreement(leave_one_out: dict[str, Scores], spreads: dict[str, Spread]) -> str:
    """Two sentences: which protocol the paper's printed figures agree with, and how closely."""

    def gaps(scores: dict[str, Scores]) -> str:
        found = largest_gaps(scores)
        return ", ".join(f"{found[metric]:.4f} ({_TITLES[metric]})" for metric in METRICS)

    averaged = {method: spread.mean for method, spread in spreads.items()}
    distance = {
        Protocol.LEAVE_ONE_OUT: sum(largest_gaps(leave_one_out).values()),
        Protocol.ONE_PER_GROUP: sum(largest_gaps(averaged).values()),
    }
    nearer = min(distance, key=lambda protocol: distance[protocol])
    other = "one query per group" if nearer is Protocol.LEAVE_ONE_OUT else "leave-one-out"
    near, far = (leave_one_out, averaged) if nearer is Protocol.LEAVE_ONE_OUT else (averaged, leave_one_out)
    return (
        f"The paper describes one query per style group; its printed figures agree with **{nearer.label.lower()}**. "
        f"They differ from ours by at most {gaps(near)}; under {other} by up to {gaps(far)}."
    )


def bar_chart(settings: dict[str, dict[str, Scores]], with_paper: bool) -> "Figure":
    """Bars per metric and method, one panel per protocol; the paper's figures as diamonds where they belong.

    Args:
        settings: panel title → method → scores.
        with_paper: draw the paper's figures.
    """
    from plotly.subplots import make_subplots

    titles = [title.replace(", ", ",<br>") for title in settings]  # beside each other on a phone too
    figure = make_subplots(1, len(settings), subplot_titles=titles, shared_yaxes=True, horizontal_spacing=0.04)
    ticks = np.arange(len(METRICS))
    for panel, scores_of in enumerate(settings.values(), start=1):
        width = 0.76 / max(len(scores_of), 2)
        for place, (method, scores) in enumerate(scores_of.items()):
            centres = ticks + (place - (len(scores_of) - 1) / 2) * width
            values = [getattr(scores, metric) for metric in METRICS]
            figure.add_bar(
                x=centres,
                y=values,
                width=width * 0.94,
                name=encoder_spec(method).title,
                marker_color=COLOURS[method],
                text=[f"{value:.3f}" for value in values],
                textposition="inside",
                insidetextanchor="start",
                textangle=0,
                hovertemplate="%{y:.4f}",
                legendgroup=method,
                showlegend=panel == 1,
                row=1,
                col=panel,
            )
            if with_paper and method in PAPER:
                figure.add_scatter(
                    x=centres,
                    y=[getattr(PAPER[method], metric) for metric in METRICS],
                    mode="markers",
                    marker={"symbol": "diamond", "size": 10, "color": "white", "line": {"width": 2, "color": "#333"}},
                    name="The paper",
                    hovertemplate="%{y:.4f}",
                    legendgroup="paper",
                    showlegend=panel == 1 and place == 0,
                    row=1,
                    col=panel,
                )
    k = next(iter(next(iter(settings.values())).values())).k
    figure.update_layout(
        height=420,
        margin={"l": 10, "r": 10, "t": 110, "b": 10},
        legend={"orientation": "h", "y": 1.34, "x": 0},
        hoverlabel={"namelength": -1},
    )
    figure.update_xaxes(tickvals=ticks, ticktext=[f"{_TITLES[metric]}@{k}" for metric in METRICS], zeroline=False)
    figure.update_yaxes(rangemode="tozero")
    return figure


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
