"""Tables and charts of how often each method is right, and what is wrong where it is not."""

import math
import re
from html import escape

import numpy as np
from numpy.typing import NDArray

from fashion_search.evaluation import charts
from fashion_search.evaluation.measures import KS, MEASURES, PAPERS
from fashion_search.evaluation.mismatches import (
    leniences,
    lenient_hit,
    lenient_precision,
    most_frequent,
    read_shades,
    shares,
)
from fashion_search.evaluation.report.html import cell, drawn, method_name, paragraph, section, table, table_row
from fashion_search.evaluation.report.judged import Judged
from fashion_search.evaluation.scores import SEEDS, SeedScores
from fashion_search.evaluation.words import NOTHING, digits_of, mistake, number, percent, sentence

_PAPERS_NAMES = {"histogram": "Baseline", "resnet18": "AI Pipeline"}


def table_1(judged: Judged) -> str:
    """Every measure of every method, with what to hold it against."""
    several = len(judged.queries.sizes) > 1
    rows = []
    for method, of_measure in judged.figures.items():
        macro = (cell(figure.macro, several) for figure in of_measure.values())
        rows.append(table_row(method_name(method, judged.titles[method]), macro))
        micro = (number(figure.micro, digits_of(figure.macro)) for figure in of_measure.values())
        rows.append(table_row("micro", micro, "minor"))
        if method in judged.spreads:
            rows.append(_spread_row(judged.spreads[method], judged.k))
    any_method = judged.figures[judged.best]
    rows.append(table_row("Ceiling", (number(figure.ceiling) for figure in any_method.values()), "apart"))
    rows.append(table_row("Chance", (number(figure.chance, 4) for figure in any_method.values())))
    if judged.paper:
        rows.append(
            f'<tr class="apart"><th colspan="{len(MEASURES) + 1}" scope="rowgroup">The paper’s Table 1</th></tr>'
        )
    for method, values in judged.paper.items():
        cells = (number(values.get(measure, float("nan")), 4) for measure in MEASURES)
        rows.append(table_row(_PAPERS_NAMES[method], cells, "minor"))
    head = ["", *(escape(measure.label(judged.k)) for measure in MEASURES.values())]
    intervals = ", with 95 % intervals in brackets" if several else ""
    notes = [
        f"Means over queries{intervals}. Micro means count each query by its number of relevant items, so that large "
        "style groups weigh more. The ceiling is the most a perfect method could reach, chance what a random order "
        "gives on average."
    ]
    if judged.spreads:
        notes.append(
            f"{SEEDS} splits: mean ± standard deviation over the split seeds 0 to {SEEDS - 1}, each of which draws its "
            "own queries."
        )
    if judged.paper and not judged.is_papers_data:
        notes.append(
            "The paper’s figures are for other data (697 style groups, 6,217 images) and stand here for orientation."
        )
    elif judged.paper and judged.verdicts.digest:
        notes.append("The paper judged the same data, but without verdicts.")
    lift = any_method["precision"].lift
    finding = (
        f"{judged.titles[judged.best]} is {lift:,.0f} times as often right as chance" if lift >= 1.5 else "All measures"
    )
    return section(f"Table 1: {finding}", table(head, rows, wide=True), paragraph(escape(" ".join(notes)), "note"))


def _spread_row(spread: SeedScores, k: int) -> str:
    """A method's means over many splits, each with its deviation."""

    def both(measure: str) -> str:
        mean, deviation = spread.mean(measure, k), spread.deviation(measure, k)
        return f"{number(mean)}<small>± {number(deviation)}</small>" if math.isfinite(mean) else NOTHING

    return table_row(f"{spread.seeds} splits", (both(measure) for measure in MEASURES), "minor")


def bars(judged: Judged) -> str:
    """The paper's measures as a chart."""
    paper = judged.paper if judged.is_comparable_to_paper else {}
    caption = "Bars are means over queries, with 95 % intervals. Dashed: the ceiling. Dotted: chance."
    if paper:
        caption += " Diamonds: the paper’s figures."
    return drawn("bars", charts.bars(judged.figures, judged.k, PAPERS, paper), caption)


def findings(judged: Judged) -> str:
    """A sentence for every two methods and each of the paper's measures."""
    if not judged.comparisons:
        return ""
    verdicts = {comparison.verdict for comparison in judged.comparisons["precision"]}
    if "undecided" not in verdicts:
        finding = (
            "The difference is more than chance"
            if len(judged.rankings) == 2
            else "Every difference in precision is more than chance"
        )
    elif verdicts == {"undecided"}:
        finding = "No difference in precision could be shown"
    else:
        finding = "Some differences in precision are more than chance, others not shown to be"
    parts = []
    for name, comparisons in judged.comparisons.items():
        label = MEASURES[name].label(judged.k)
        lines = "".join(f"<li>{_kept_together(sentence(one, judged.titles, label))}</li>" for one in comparisons)
        parts.append(f"<h3>{escape(label)}</h3><ul>{lines}</ul>")
    return section(finding, *parts)


def _kept_together(text: str) -> str:
    """As HTML in which no line ends inside ``p < .001`` or an interval."""
    return escape(re.sub(r"p [<=] |, (?=[−.\d]+\])", lambda found: found[0].replace(" ", "\u00a0"), text))


def against_k(judged: Judged) -> str:
    """How precision and recall change with the number of results looked at."""
    gallery = int(judged.any_rankings.n.max())
    ks = sorted({*(k for k in KS if k <= gallery), judged.k})
    if len(ks) < 2:
        return ""
    figures_at = {k: judged.figures_at(k) for k in ks}
    first, last = (figures_at[k][judged.best]["precision"].macro.value for k in (ks[0], ks[-1]))
    finding = (
        f"{judged.titles[judged.best]} is right in {percent(first)} of its first results, "
        f"in {percent(last)} of its first {ks[-1]}"
    )
    by_measure = [
        f"<h3>{escape(MEASURES[name].title)} against k</h3>"
        + drawn(f"{name}-against-k", charts.against_k(figures_at, name), caption)
        for name, caption in (
            ("precision", "Bands are 95 % intervals. The ceiling falls, as style groups run out of images."),
            ("recall", "The ceiling rises, as few results cannot hold all images of a large style group."),
        )
    ]
    return section(finding, *by_measure)


def mismatches(judged: Judged) -> str:
    """In which columns wrong results differ from their queries."""
    catalog = judged.store.catalog
    found = {method: shares(catalog, one, judged.k) for method, one in judged.rankings.items()}
    kind, share = most_frequent(catalog, judged.rankings[judged.best], judged.k)
    finding = mistake(judged.titles[judged.best], catalog.columns, kind, share)
    caption = f"What the first {judged.k} results are, by which of the columns differ from the query."
    return section(finding, drawn("mismatches", charts.mismatches(found, catalog.columns), caption))


def lenient(judged: Judged) -> str:
    """The figures if less were enough for a result to be right."""
    found = leniences(judged.store.catalog, read_shades())
    if len(found) < 2:
        return ""

    def mean(values: NDArray[np.float64]) -> str:
        return cell(judged.queries.interval(values), len(judged.queries.sizes) > 1)

    rows = []
    for lenience in found:
        cells = [mean(lenient_precision(lenience, one, judged.k)) for one in judged.rankings.values()]
        cells += [mean(lenient_hit(lenience, one, judged.k)) for one in judged.rankings.values()]
        rows.append(table_row(escape(lenience.label), cells))
    head = ["A result counts as right if it has the"] + [
        f'<span class="line">{escape(judged.titles[method])}</span><br>{MEASURES[name].label(judged.k)}'
        for name in ("precision", "hit")
        for method in judged.rankings
    ]
    loosest = found[-1]
    value = float(lenient_precision(loosest, judged.rankings[judged.best], judged.k).mean())
    finding = (
        f"If the {loosest.label[:1].lower()}{loosest.label[1:]} were enough, "
        f"{judged.titles[judged.best]} would be right in {percent(value)} of its results"
    )
    note = "The rankings are the same; only what counts as right is looser. The queries are those of Table 1."
    return section(finding, table(head, rows, wide=len(judged.rankings) > 1), paragraph(note, "note"))
