"""The small pieces of HTML that a report's parts are made of."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from fashion_search.evaluation import charts
from fashion_search.evaluation.statistics import Interval
from fashion_search.evaluation.words import bounds, digits_of, number

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as Chart


def paragraph(text: str, kind: str = "") -> str:
    """``text`` is HTML."""
    return f'<p class="{kind}">{text}</p>' if kind else f"<p>{text}</p>"


def section(heading: str, *parts: str) -> str:
    """``heading`` is plain text, the rest is HTML."""
    return f"<section><h2>{escape(heading)}</h2>\n{''.join(parts)}</section>\n"


def table(head: Sequence[str], rows: Iterable[str], wide: bool = False) -> str:
    """``head`` and ``rows`` are HTML; the first column heads its row."""
    names = "".join(f'<th scope="col">{name}</th>' for name in head)
    kind = ' class="wide"' if wide else ""
    return (
        f'<div class="table"><table{kind}><thead><tr>{names}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def table_row(name: str, cells: Iterable[str], kind: str = "") -> str:
    """``name`` and ``cells`` are HTML."""
    inner = "".join(f"<td>{content}</td>" for content in cells)
    opening = f'<tr class="{kind}">' if kind else "<tr>"
    return f'{opening}<th scope="row">{name}</th>{inner}</tr>'


def cell(interval: Interval, with_bounds: bool = True) -> str:
    """A figure, with its interval below it."""
    value = number(interval.value, digits_of(interval))
    return f"{value}<small>{bounds(interval)}</small>" if with_bounds else value


def method_name(method: str, title: str) -> str:
    """The title of a method, plain text, beside its colour in the charts."""
    colour = charts.colour_of(method)
    return f'<span class="swatch" style="background:{colour}"></span>{escape(title)}'


def drawn(name: str, chart: "Chart", caption: str) -> str:
    """A chart in the page's own type; ``caption`` is plain text."""
    from plotly.io import to_html

    chart.update_layout(template="none", font={"family": "system-ui, sans-serif", "size": 13, "color": "#24211e"})
    chart_html = to_html(
        chart,
        include_plotlyjs=False,
        full_html=False,
        div_id=f"chart-{name}",
        config=dict(charts.NO_BUTTONS),
        default_width="100%",
    )
    return f"<figure>{chart_html}<figcaption>{escape(caption)}</figcaption></figure>"
