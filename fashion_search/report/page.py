"""The page: ``templates/report.html``, filled with an evaluation."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from fashion_search import __version__
from fashion_search.catalog import PROTOCOLS, title
from fashion_search.catalog.text import in_order
from fashion_search.charts import accuracy as accuracy_charts
from fashion_search.charts import evaluation as charts
from fashion_search.charts.style import NO_BUTTONS, colour_of
from fashion_search.charts.tradeoff import short
from fashion_search.encoders import DEFAULT_METHODS
from fashion_search.evaluation import accuracy, classified, many, outside, published, second_paper, table, words
from fashion_search.evaluation.alterations import ALTERATIONS
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.measures import MEASURES, PAPERS
from fashion_search.evaluation.robustness import CLEAN, TITLES
from fashion_search.evaluation.scores import SEEDS
from fashion_search.evaluation.seen import warnings
from fashion_search.evaluation.statistics import DRAWS, FLIPS
from fashion_search.query_store import left_out, notes
from fashion_search.report import sections
from fashion_search.report.cases import cases
from fashion_search.report.collected import collected
from fashion_search.work import advance, part

if TYPE_CHECKING:
    from jinja2 import Template
    from plotly.graph_objects import Figure as Chart

_PAPERS_NAMES = {"histogram": "Baseline", "resnet18": "AI Pipeline"}


def page_of(evaluation: Evaluation, made: datetime) -> str:
    """The whole report as HTML; ``made`` is the date it bears."""
    from plotly.offline import get_plotlyjs

    catalog = evaluation.store.catalog
    drawn = evaluation
    if len(evaluation.methods) > many.MOST_DRAWN and evaluation.has_queries:
        evaluation = replace(evaluation, methods=tuple(many.by_quality(evaluation.precision)))
        drawn = replace(evaluation, methods=many.few(evaluation.precision, DEFAULT_METHODS))
    known = sections.method_costs(evaluation)
    comparisons = evaluation.comparisons.get("precision", [])
    with part(0, 3):
        content = {
            "evaluation": evaluation,
            "headline": words.headline(evaluation.precision, comparisons, evaluation.titles, evaluation.k),
            "made": f"{made:%Y-%m-%d %H:%M}",
            "plotly": get_plotlyjs(),
            "columns": ", ".join(title(column).lower() for column in evaluation.store.plain.catalog.columns),
            "source": sections.source(evaluation.store.manifest),
            "not_asked": dict(left_out(evaluation.store)),
            "about_queries": notes(evaluation.store),
            "seen": warnings(catalog, evaluation.titles),
            "n_passing": int(evaluation.split.filter.mask(catalog)[: catalog.n_items].sum()),
            "costs": known,
            "build_seconds": {name: entry.seconds for name, entry in evaluation.store.manifest.libraries.items()},
            "drawn": drawn,
            "matrices": sections.matrices(evaluation),
            "collected": collected(evaluation.store),
            "table_1": [
                row for row in table.table_1(evaluation) if row.kind != "paper" or row.method in evaluation.methods
            ],
        }
    with part(1, 3):
        if evaluation.queries.n_queries:
            figures_at = sections.figures_against_k(drawn)
            content |= {
                "papers_gaps": sections.papers_gaps(evaluation),
                "differences": sections.differences(comparisons, len(evaluation.methods)),
                "figures_at": figures_at,
                "top_k": sections.top_k(evaluation),
                "classification": sections.classification(evaluation),
                "charts": {
                    name: _as_html(name, chart)
                    for name, chart in (*_charts(drawn, figures_at), *sections.tradeoff_chart(evaluation, known))
                },
                "losses": outside.losses(evaluation, "precision"),
                "mistake": sections.most_frequent_mistake(evaluation),
                "lenient": sections.lenient(drawn),
                "robustness": sections.robustness(drawn),
                "reliability": sections.trust(drawn),
                "papers_tables": sections.papers_tables(evaluation),
                "cases": cases(evaluation),
            }
    advance(2, 3)
    return _template().render(content)


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda shown: in_order(shown) if type(shown) is str else shown,  # what is markup is the report's own
    )
    environment.filters["unbroken"] = _unbroken
    environment.globals |= {
        "version": __version__,
        "alterations": ALTERATIONS,
        "measures": MEASURES,
        "papers_measures": second_paper.SHOWN,
        "printed": second_paper.PRINTED,
        "printed_columns": second_paper.PRINTED_COLUMNS,
        "what_printed_figures_can_mean": second_paper.WHAT_THEY_CAN_MEAN,
        "protocols": list(PROTOCOLS),
        "about_losses": outside.ABOUT,
        "papers_names": _PAPERS_NAMES,
        "queries_as_they_are": CLEAN,
        "titles_of_alterations": TITLES,
        "short": short,
        "told": many.told,
        "ks": accuracy.KS,
        "about_classification": classified.ABOUT,
        "about_left_out": classified.LEFT_OUT,
        "seeds": SEEDS,
        "draws": DRAWS,
        "flips": FLIPS,
        "colour_of": colour_of,
        "nothing": words.NOTHING,
        "number": words.number,
        "digits_of": words.digits_of,
        "bounds": words.bounds,
        "percent": words.percent,
        "count": words.count,
        "sentence": words.sentence,
        "chance_of": words.chance_of,
    }
    return environment.get_template("report.html")


def _unbroken(text: str) -> str:
    """The same, but no line ends inside ``p < .001`` or an interval."""
    return re.sub(r"p [<=] |, (?=[−.\d]+\])", lambda found: found[0].replace(" ", "\u00a0"), text)


def _charts(evaluation: Evaluation, figures_at: sections.FiguresAt) -> Iterator[tuple[str, "Chart"]]:
    """Every chart of the report with its name."""
    paper = evaluation.paper if evaluation.is_comparable_to_paper else {}
    yield "bars", charts.bars(evaluation.figures, evaluation.k, PAPERS, paper)
    for measure in ("precision", "recall"):
        yield f"{measure}-against-k", charts.against_k(figures_at, measure)
    if evaluation.protocol.queries:
        found = {method: evaluation.accuracy_of(method) for method in evaluation.methods}
        yield "top-k", accuracy_charts.curve(found, published.retrieval(evaluation))
    catalog = evaluation.store.catalog
    shares = {method: evaluation.mismatches(method) for method in evaluation.methods}
    yield "mismatches", charts.mismatches(shares, catalog.columns)


def _as_html(name: str, chart: "Chart") -> str:
    """A chart in the page's own type."""
    from plotly.io import to_html

    chart.update_layout(template="none", font={"family": "system-ui, sans-serif", "size": 13, "color": "#24211e"})
    return str(
        to_html(
            chart,
            include_plotlyjs=False,
            full_html=False,
            div_id=f"chart-{name}",
            config=dict(NO_BUTTONS),
            default_width="100%",
        )
    )
