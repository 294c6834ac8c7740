"""The page that holds a report's parts: style, scripts, headline and the order of the parts."""

from html import escape
from pathlib import Path

from fashion_search import __version__
from fashion_search.evaluation.report.cases import cases
from fashion_search.evaluation.report.conditions import conditions, definitions
from fashion_search.evaluation.report.costs import costs
from fashion_search.evaluation.report.figures import against_k, bars, findings, lenient, mismatches, table_1
from fashion_search.evaluation.report.html import paragraph
from fashion_search.evaluation.report.judged import Judged
from fashion_search.evaluation.report.robustness import robustness
from fashion_search.evaluation.words import headline, percent

_STYLE = Path(__file__).with_name("style.css")
_NO_REQUESTS = "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def page_of(judged: Judged) -> str:
    """The whole report."""
    from plotly.offline import get_plotlyjs

    finding = headline(judged.precision, judged.comparisons.get("precision", []), judged.titles, judged.k)
    if judged.queries.n_queries:
        parts = [table_1, bars, findings, against_k, mismatches, lenient, robustness, cases, costs, definitions]
    else:
        parts = [costs, definitions]
    body = "".join(part(judged) for part in parts)
    name = escape(judged.store.manifest.title)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_NO_REQUESTS}">
<title>{escape(finding)} · {name}</title>
<style>{_STYLE.read_text("utf-8")}</style>
<script>{get_plotlyjs()}</script>
</head>
<body>
<main>
<p class="kind">How often each method is right · {name}</p>
<h1>{escape(finding)}</h1>
{_summary(judged)}
{conditions(judged)}
{body}
<footer>Written by fashion_search {__version__}, {judged.made:%Y-%m-%d %H:%M} UTC. This file needs no network.</footer>
</main>
</body>
</html>
"""


def _summary(judged: Judged) -> str:
    """What to know of the finding at once; and what cannot be said of this catalog."""
    lines = []
    if not judged.queries.n_queries:
        return paragraph(
            "Under this protocol no query has a relevant item in its gallery, so there are no figures. "
            "Style groups need at least two images."
        )
    groups = len(judged.queries.sizes)
    if groups == 1:
        lines.append(
            "The queries are of a single style group. Intervals and comparisons, which rest on several groups, "
            "are left out, and the figures say little of a method."
        )
    else:
        chance = judged.figures[judged.best]["precision"]
        lines.append(
            f"A random order would be right in {percent(chance.chance)} of its results; the most that is possible "
            f"here is {percent(chance.ceiling)}, as some queries have fewer than {judged.k} relevant items."
            if chance.ceiling < 1
            else f"A random order would be right in {percent(chance.chance)} of its results."
        )
    if len(judged.rankings) == 1:
        lines.append(f"{judged.titles[judged.best]} is the only method here, so nothing is compared.")
    return paragraph(escape(" ".join(lines)))
