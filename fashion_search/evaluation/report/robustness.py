"""What each method is worth for queries from outside the studio, where that was measured."""

from html import escape

from fashion_search.evaluation import robustness as measured
from fashion_search.evaluation.alterations import ALL_TOGETHER, ALTERATIONS
from fashion_search.evaluation.measures import KS, MEASURES
from fashion_search.evaluation.report.html import cell, method_name, paragraph, section, table, table_row
from fashion_search.evaluation.report.judged import Judged
from fashion_search.evaluation.robustness import CLEAN, TITLES, Line
from fashion_search.evaluation.words import percent

_MEASURE = "precision"


def robustness(judged: Judged) -> str:
    """Precision under each alteration, and what of the clean figure is kept; nothing where it was not measured."""
    catalog = judged.store.catalog
    known = measured.find_all(judged.store, judged.rankings)
    if not known or judged.k not in KS:
        return ""
    lines = {method: measured.lines(one, catalog, _MEASURE, judged.k) for method, one in known.items()}
    rows = next(iter(known.values())).queries
    several = len(set(catalog.group_of[rows].tolist())) > 1
    head = ["", *(method_name(method, judged.titles[method]) for method in lines)]
    body = (
        table_row(escape(title), [_cell(of_name[name], name, several) for of_name in lines.values()])
        for name, title in TITLES.items()
    )
    label = MEASURES[_MEASURE].label(judged.k)
    together = {method: of_name[ALL_TOGETHER.name] for method, of_name in lines.items()}
    what = "; ".join(f"{one.title.lower()}: {one.summary}" for one in ALTERATIONS)
    note = (
        f"{label}, and how much of the figure for pictures as they are is kept. {len(rows):,} queries, leave-one-out "
        f"and without verdicts; only the query’s picture is altered. {what[0].upper()}{what[1:]}."
    )
    heading = measured.headline(together, judged.titles, label)
    return section(heading, table(head, body, wide=True), paragraph(escape(note), "note"))


def _cell(line: Line, name: str, several: bool) -> str:
    kept = "" if name == CLEAN else f"<small>{percent(line.kept.value)} kept</small>"
    return cell(line.figure, several) + kept
