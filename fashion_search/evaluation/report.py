"""A report for people who were not there: one HTML file that opens without a network and prints on A4."""

import base64
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from html import escape
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fashion_search import __version__
from fashion_search.catalog import Protocol, Split, draw_split, title
from fashion_search.encoders import encoder_spec
from fashion_search.errors import StoreError
from fashion_search.evaluation import charts, saved
from fashion_search.evaluation.failures import Duel, Outcome
from fashion_search.evaluation.measures import KS, MEASURES, PAPERS
from fashion_search.evaluation.mismatches import (
    kinds,
    leniences,
    lenient_hit,
    lenient_precision,
    read_shades,
    shares,
)
from fashion_search.evaluation.rankings import DEPTH, Rankings, rank
from fashion_search.evaluation.scores import PAPER, PAPER_K, Figure, figures, grouped, is_papers_data
from fashion_search.evaluation.statistics import DRAWS, FLIPS, Comparison, GroupedQueries, Interval, compare
from fashion_search.evaluation.verdicts import NO_VERDICTS, Applied
from fashion_search.evaluation.words import (
    best_and_worst,
    bounds,
    count,
    digits_of,
    headline,
    number,
    percent,
    sentence,
)
from fashion_search.files import write_atomically
from fashion_search.store import Store

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as Chart

_STYLE = Path(__file__).with_name("report.css")
_NO_REQUESTS = "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
_CASES = 3  # of each kind
_SHOWN = 10  # results of a case, at most
_TIMED = 25  # searches
_PAPERS_NAMES = {"histogram": "Baseline", "resnet18": "AI Pipeline"}


def write_report(
    path: Path,
    store: Store,
    methods: Sequence[str],
    protocol: Protocol = Protocol.LEAVE_ONE_OUT,
    seed: int = 0,
    k: int = 5,
    verdicts: Applied = NO_VERDICTS,
    folder: Path | None = None,
    made: datetime | None = None,
) -> None:
    """Judge methods on a catalog and write the report; see ``report``. The folder of ``path`` is made if need be.

    Raises:
        StoreError: ``path`` cannot be written, or the catalog is damaged.
        UnknownNameError: the catalog has no library of a method.
    """
    page = report(store, methods, protocol, seed, k, verdicts, folder, made)
    try:
        write_atomically(path, lambda file: file.write(page.encode(errors="replace")))
    except (FileExistsError, NotADirectoryError) as error:
        raise StoreError(f"{path} cannot be written: {error.filename} is a file, not a folder.") from error
    except IsADirectoryError as error:
        raise StoreError(f"{path} is a folder. Give the name of a file in it.") from error
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror or error}. Choose another place.") from error


def report(
    store: Store,
    methods: Sequence[str],
    protocol: Protocol = Protocol.LEAVE_ONE_OUT,
    seed: int = 0,
    k: int = 5,
    verdicts: Applied = NO_VERDICTS,
    folder: Path | None = None,
    made: datetime | None = None,
) -> str:
    """The report as HTML that asks for nothing beyond itself.

    Args:
        store: the catalog and its libraries.
        methods: names from ``ENCODERS``, at least one, each with a library.
        protocol: how queries and gallery are drawn.
        seed: of the split.
        k: results looked at, 1 to ``DEPTH``.
        verdicts: what people decided about pairs and items.
        folder: where rankings are kept between runs; without it they are made anew.
        made: the date the report bears; by default now.

    Raises:
        StoreError: the catalog is damaged.
        UnknownNameError: the catalog has no library of a method.
        ValueError: no method, or k out of range.
    """
    if not methods or not 1 <= k <= DEPTH:
        raise ValueError(f"a report needs at least one method, and k from 1 to {DEPTH}, not {k}")
    split = draw_split(store.catalog, protocol, seed)

    def ranked(method: str) -> Rankings:
        library = store.library(method)
        return saved.rankings(folder, library, split, verdicts) if folder else rank(library, split, verdicts)

    rankings = {method: ranked(method) for method in methods}
    return _page(_Judged(store, split, k, verdicts, rankings, made or datetime.now(UTC)))


@dataclass(frozen=True)
class _Judged:
    """What every part of a report is made of."""

    store: Store
    split: Split
    k: int
    verdicts: Applied
    rankings: dict[str, Rankings]
    made: datetime

    @cached_property
    def titles(self) -> dict[str, str]:
        return {method: encoder_spec(method).title for method in self.rankings}

    @cached_property
    def queries(self) -> GroupedQueries:
        return grouped(self.store.catalog, self.any_rankings)

    @property
    def any_rankings(self) -> Rankings:
        """Of one method, for what all have in common."""
        return next(iter(self.rankings.values()))

    @cached_property
    def figures(self) -> dict[str, dict[str, Figure]]:
        """Method → measure → figure at k."""
        return self.figures_at(self.k)

    def figures_at(self, k: int) -> dict[str, dict[str, Figure]]:
        """The same at another k."""
        return {method: figures(one, self.queries, k) for method, one in self.rankings.items()}

    @cached_property
    def comparisons(self) -> dict[str, list[Comparison]]:
        """The paper's measures → every two methods; empty where there is nothing to compare."""
        if len(self.rankings) < 2 or len(self.queries.sizes) < 2:
            return {}
        values = {
            name: {method: MEASURES[name].of(one, self.k) for method, one in self.rankings.items()} for name in PAPERS
        }
        return {name: compare(of_method, self.queries) for name, of_method in values.items()}

    @property
    def precision(self) -> dict[str, float]:
        """Mean Precision@k of each method."""
        return {method: of_measure["precision"].macro.value for method, of_measure in self.figures.items()}

    @property
    def best(self) -> str:
        return best_and_worst(self.precision)[0]

    @property
    def paper(self) -> dict[str, dict[str, float]]:
        """The paper's figures of the methods here, where they were taken at the same k."""
        return {method: PAPER[method] for method in PAPER if method in self.rankings and self.k == PAPER_K}

    @property
    def is_papers_data(self) -> bool:
        manifest = self.store.manifest
        return is_papers_data(manifest.columns, manifest.n_groups, manifest.n_items)


def _page(judged: _Judged) -> str:
    from plotly.offline import get_plotlyjs

    comparisons = judged.comparisons.get("precision", [])
    finding = headline(judged.precision, comparisons, judged.titles, judged.k)
    if judged.queries.n_queries:
        parts = [_table_1, _bars, _verdicts, _against_k, _mismatches, _lenient, _cases, _costs, _definitions]
    else:
        parts = [_costs, _definitions]
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
{_conditions(judged)}
{body}
<footer>Written by fashion_search {__version__}, {judged.made:%Y-%m-%d %H:%M} UTC. This file needs no network.</footer>
</main>
</body>
</html>
"""


def _paragraph(text: str, kind: str = "") -> str:
    """``text`` is HTML."""
    return f'<p class="{kind}">{text}</p>' if kind else f"<p>{text}</p>"


def _section(heading: str, *parts: str) -> str:
    """``heading`` is plain text, the rest is HTML."""
    return f"<section><h2>{escape(heading)}</h2>\n{''.join(parts)}</section>\n"


def _summary(judged: _Judged) -> str:
    """What to know of the finding at once; and what cannot be said of this catalog."""
    lines = []
    if not judged.queries.n_queries:
        return _paragraph(
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
    return _paragraph(escape(" ".join(lines)))


def _conditions(judged: _Judged) -> str:
    manifest, split, first = judged.store.manifest, judged.split, judged.any_rankings
    columns = ", ".join(title(column).lower() for column in manifest.columns)
    left_out = len(first.left_out)
    queries = count(len(first.queries), "query", "queries")
    if left_out:
        queries += f"; {left_out:,} more without any relevant item in the gallery are left out"
    facts = {
        "Catalog": f"{manifest.title}: {count(manifest.n_items, 'image', 'images')} in "
        f"{count(manifest.n_groups, 'style group', 'style groups')} by {columns}; "
        f"{count(manifest.n_rows, 'row', 'rows')} in the source",
        "Source": _source(judged),
        "Protocol": f"{split.label}. {split.protocol.summary}",
        "Queries": queries,
        "Results looked at": f"the first {judged.k} (k = {judged.k})",
        "Verdicts": _verdicts_applied(judged.verdicts),
        "Date, program": f"{judged.made:%Y-%m-%d %H:%M} UTC, fashion_search {__version__}; "
        f"catalog built {manifest.built[:16].replace('T', ' ')} UTC",
    }
    made_by = judged.store.methods
    weights = "".join(
        f"<li>{escape(name)}: {escape(made_by[method].weights_label)}</li>" for method, name in judged.titles.items()
    )
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(fact)}</dd>" for name, fact in facts.items())
    listed += f"<dt>Weights</dt><dd><ul>{weights}</ul></dd>"
    if judged.is_papers_data and judged.paper:
        listed += f"<dt>The paper</dt><dd>{escape(_papers_conditions(judged))}</dd>"
    return f"<dl>{listed}</dl>"


def _source(judged: _Judged) -> str:
    """What kind of source; of its path only the last part, as reports leave the machine."""
    manifest = judged.store.manifest
    if manifest.source_path == "demo":
        return "the demo catalog that comes with the program; its pictures are synthetic"
    kind = {"kaggle": "Kaggle’s Fashion Product Images, or its layout", "csv": "a CSV table", "folder": "a folder"}
    return f"{kind.get(manifest.source_kind, manifest.source_kind)} ({Path(manifest.source_path).name})"


def _verdicts_applied(verdicts: Applied) -> str:
    if not verdicts.digest:
        return "none applied; the metadata alone decide what is relevant"
    pairs = count(len(verdicts.pairs), "pair counts", "pairs count")
    removed = count(len(verdicts.removed), "item is", "items are")
    return f"applied: {pairs} as relevant by a person’s decision, {removed} removed"


def _papers_conditions(judged: _Judged) -> str:
    """How the paper's conditions differ from ours, and how far its figures are from ours."""
    gaps = {
        name: max(
            abs(judged.figures[method][name].macro.value - values[name]) for method, values in judged.paper.items()
        )
        for name in PAPERS
    }
    listed = ", ".join(f"{number(gap, 4)} ({MEASURES[name].label(judged.k)})" for name, gap in gaps.items())
    return (
        "has the same 697 style groups and 6,217 images, but at full size and with torchvision’s weights, and does not "
        "state its number of histogram bins. It describes one query per style group (697 queries). Its printed "
        f"figures differ from those of this report by at most {listed}."
    )


def _table(head: Sequence[str], rows: Iterable[str], wide: bool = False) -> str:
    """``head`` and ``rows`` are HTML; the first column heads its row."""
    cells = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    kind = ' class="wide"' if wide else ""
    return (
        f'<div class="table"><table{kind}><thead><tr>{cells}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def _row(name: str, cells: Iterable[str], kind: str = "") -> str:
    """``name`` and ``cells`` are HTML."""
    inner = "".join(f"<td>{cell}</td>" for cell in cells)
    return (
        f'<tr class="{kind}"><th scope="row">{name}</th>{inner}</tr>'
        if kind
        else (f'<tr><th scope="row">{name}</th>{inner}</tr>')
    )


def _cell(interval: Interval, with_bounds: bool = True) -> str:
    value = number(interval.value, digits_of(interval))
    return f"{value}<small>{bounds(interval)}</small>" if with_bounds else value


def _method(judged: _Judged, method: str) -> str:
    colour = charts.colour_of(method)
    return f'<span class="swatch" style="background:{colour}"></span>{escape(judged.titles[method])}'


def _table_1(judged: _Judged) -> str:
    several = len(judged.queries.sizes) > 1
    rows = []
    for method, of_measure in judged.figures.items():
        rows.append(_row(_method(judged, method), (_cell(figure.macro, several) for figure in of_measure.values())))
        micro = (number(figure.micro, digits_of(figure.macro)) for figure in of_measure.values())
        rows.append(_row("micro", micro, "minor"))
    any_method = judged.figures[judged.best]
    rows.append(_row("Ceiling", (number(figure.ceiling) for figure in any_method.values()), "apart"))
    rows.append(_row("Chance", (number(figure.chance, 4) for figure in any_method.values())))
    if judged.paper:
        rows.append(
            f'<tr class="apart"><th colspan="{len(MEASURES) + 1}" scope="rowgroup">The paper’s Table 1</th></tr>'
        )
    for method, values in judged.paper.items():
        cells = (number(values.get(measure, float("nan")), 4) for measure in MEASURES)
        rows.append(_row(_PAPERS_NAMES[method], cells, "minor"))
    head = ["", *(escape(measure.label(judged.k)) for measure in MEASURES.values())]
    intervals = ", with 95 % intervals in brackets" if several else ""
    notes = [
        f"Means over queries{intervals}. Micro means count each query by its number of relevant items, so that large "
        "style groups weigh more. The ceiling is the most a perfect method could reach, chance what a random order "
        "gives on average."
    ]
    if judged.paper and not judged.is_papers_data:
        notes.append(
            "The paper’s figures are for other data (697 style groups, 6,217 images) and stand here for orientation."
        )
    lift = any_method["precision"].lift
    finding = (
        f"{judged.titles[judged.best]} is {lift:,.0f} times as often right as chance" if lift >= 1.5 else "All measures"
    )
    return _section(f"Table 1: {finding}", _table(head, rows, wide=True), _paragraph(escape(" ".join(notes)), "note"))


def _chart(name: str, chart: "Chart", caption: str) -> str:
    """A chart in the page's own type; ``caption`` is plain text."""
    from plotly.io import to_html

    chart.update_layout(template="none", font={"family": "system-ui, sans-serif", "size": 13, "color": "#24211e"})
    drawn = to_html(
        chart,
        include_plotlyjs=False,
        full_html=False,
        div_id=f"chart-{name}",
        config=dict(charts.NO_BUTTONS),
        default_width="100%",
    )
    return f"<figure>{drawn}<figcaption>{escape(caption)}</figcaption></figure>"


def _bars(judged: _Judged) -> str:
    paper = judged.paper if judged.is_papers_data else {}
    caption = "Bars are means over queries, with 95 % intervals. Dashed: the ceiling. Dotted: chance."
    if paper:
        caption += " Diamonds: the paper’s figures."
    return _chart("bars", charts.bars(judged.figures, judged.k, PAPERS, paper), caption)


def _verdicts(judged: _Judged) -> str:
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
    return _section(finding, *parts)


def _kept_together(text: str) -> str:
    """As HTML in which no line ends inside ``p < .001`` or an interval."""
    return escape(re.sub(r"p [<=] |, (?=[−.\d]+\])", lambda found: found[0].replace(" ", "\u00a0"), text))


def _against_k(judged: _Judged) -> str:
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
    drawn = [
        f"<h3>{escape(MEASURES[name].title)} against k</h3>"
        + _chart(f"{name}-against-k", charts.against_k(figures_at, name), caption)
        for name, caption in (
            ("precision", "Bands are 95 % intervals. The ceiling falls, as style groups run out of images."),
            ("recall", "The ceiling rises, as few results cannot hold all images of a large style group."),
        )
    ]
    return _section(finding, *drawn)


def _mismatches(judged: _Judged) -> str:
    catalog = judged.store.catalog
    found = {method: shares(catalog, one, judged.k) for method, one in judged.rankings.items()}
    wrong = {kind: found[judged.best].get(kind.code, 0.0) for kind in kinds(catalog.columns)}
    kind = max(wrong, key=lambda one: wrong[one])
    if not wrong[kind]:
        return _section(f"No result of {judged.titles[judged.best]} is wrong")
    what = f"{kind.label.lower()} alone" if len(catalog.columns) > 1 and len(kind.columns) == 1 else kind.label.lower()
    finding = (
        f"Where {judged.titles[judged.best]} errs, it is most often the {what} ({percent(wrong[kind])} of its results)"
    )
    caption = f"What the first {judged.k} results are, by which of the columns differ from the query."
    return _section(finding, _chart("mismatches", charts.mismatches(found, catalog.columns), caption))


def _lenient(judged: _Judged) -> str:
    found = leniences(judged.store.catalog, read_shades())
    if len(found) < 2:
        return ""

    def cell(values: NDArray[np.float64]) -> str:
        return _cell(judged.queries.interval(values), len(judged.queries.sizes) > 1)

    rows = []
    for lenience in found:
        cells = [cell(lenient_precision(lenience, one, judged.k)) for one in judged.rankings.values()]
        cells += [cell(lenient_hit(lenience, one, judged.k)) for one in judged.rankings.values()]
        rows.append(_row(escape(lenience.label), cells))
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
    return _section(finding, _table(head, rows, wide=len(judged.rankings) > 1), _paragraph(note, "note"))


def _cases(judged: _Judged) -> str:
    best, worst = best_and_worst(judged.precision)
    if best == worst:
        return ""
    duel = Duel(judged.rankings[worst], judged.rankings[best], judged.k)
    order = duel.most_telling()
    better, other = judged.titles[best], judged.titles[worst]
    kinds_of_case = [
        (f"{better} wins", order[duel.gaps[order] > 0]),
        (f"{other} wins", order[duel.gaps[order] < 0]),
        ("Neither has a hit", order[duel.outcomes[order] == Outcome.NEITHER]),
    ]
    parts = [
        _paragraph(
            "The most telling queries: where the numbers of correct results differ most, then where the first correct "
            "result comes much earlier under one method. Each style group is shown once per heading. "
            "= agrees with the query, ≠ differs."
        )
    ]
    for heading, places in kinds_of_case:
        parts.append(f"<h3>{escape(heading)}: {count(len(places), 'query', 'queries')}</h3>")
        parts += [_case(judged, (best, worst), place) for place in _from_different_groups(judged, places)]
    return _section(f"Where {better} wins, where {other} wins, and where both fail", *parts)


def _from_different_groups(judged: _Judged, places: NDArray[np.intp]) -> list[int]:
    """The first few, at most one of each style group: more of one group would tell the same."""
    codes = judged.queries.codes[places]
    firsts = np.sort(np.unique(codes, return_index=True)[1])[:_CASES]
    return [int(place) for place in places[firsts]]


def _case(judged: _Judged, methods: Sequence[str], place: int) -> str:
    query = int(judged.any_rankings.queries[place])
    rows = []
    for method in methods:
        one = judged.rankings[method]
        correct = int(one.relevant[place, : judged.k].sum())
        told = f"{correct} of {judged.k} correct; first correct result at rank {int(one.first[place]):,}"
        shown = [
            _card(judged, int(row), query, rank_from_1, bool(one.relevant[place, rank_from_1 - 1]))
            for rank_from_1, row in enumerate(one.rows[place, : min(judged.k, _SHOWN)], start=1)
            if row >= 0
        ]
        name = f'<p class="method"><b>{escape(judged.titles[method])}</b> <span>· {told}</span></p>'
        rows.append(f'{name}<div class="cards">{"".join(shown)}</div>')
    return f'<article class="case">{_card(judged, query)}<div>{"".join(rows)}</div></article>'


def _card(judged: _Judged, row: int, query: int | None = None, rank_from_1: int = 0, correct: bool = False) -> str:
    """An item; with badge and rank if it is a result for ``query``."""
    catalog = judged.store.catalog
    item = catalog.items[row]
    source = base64.b64encode(judged.store.thumbnail(row)).decode()
    picture = f'<img alt="{escape(item.name)}" src="data:image/webp;base64,{source}">'
    if query is None:
        badge, kind = '<span class="badge asked-badge">query</span>', "card asked"
        name = f'<div class="name">{escape(item.name or item.id)}</div>'
    else:
        word, sign = ("correct", "✓") if correct else ("incorrect", "✕")
        badge, kind, name = f'<span class="badge {word}">{sign} {word}</span>', "card", ""
        picture += f'<span class="rank">{rank_from_1}</span>'
    wanted = item.labels if query is None else catalog.items[query].labels
    labels = "".join(_label(value, wanted[place], query is None) for place, value in enumerate(item.labels))
    return f'<div class="{kind}"><div class="picture">{picture}</div><div>{badge}{name}{labels}</div></div>'


def _label(value: str, wanted: str, is_query: bool) -> str:
    shown = escape(value or "(blank)")
    if is_query:
        return f'<div class="label"><b></b>{shown}</div>'
    sign, kind = ("=", "label") if value == wanted else ("≠", "label differs")
    return f'<div class="{kind}"><b>{sign}</b>{shown}</div>'


def _costs(judged: _Judged) -> str:
    """How long a search takes, and how large the vectors are."""
    rows = []
    times = _milliseconds(judged)
    for method in judged.rankings:
        library, entry = judged.store.library(method), judged.store.manifest.libraries.get(method)
        parts = encoder_spec(method).parts
        built = f"{entry.seconds:,.1f} s" if entry else "not recorded"
        if parts != (method,):
            built = "none of its own"
        cells = [
            f"{times[method]:.1f} ms",
            f"{library.vectors.shape[1]:,}",
            f"{library.vectors.nbytes / 1e6:,.1f} MB",
            built,
        ]
        rows.append(_row(_method(judged, method), cells))
    fastest, slowest = min(times.values()), max(times.values())
    range_ = f"{fastest:.1f} ms" if f"{fastest:.1f}" == f"{slowest:.1f}" else f"{fastest:.1f} to {slowest:.1f} ms"
    note = (
        f"Median of {_TIMED} searches of one query over {count(len(judged.store.catalog.items), 'item', 'items')}, "
        "on the machine that wrote this report, encoding of the query’s picture not counted; other work on it at that "
        "time slows them. Build: reading and encoding all pictures."
    )
    head = ["", "One search", "Dimensions", "Vectors", "Build"]
    return _section(f"A search takes {range_}", _table(head, rows), _paragraph(escape(note), "note"))


def _milliseconds(judged: _Judged) -> dict[str, float]:
    """Median time of a search under each method, after a first round that is not counted.

    The methods take turns, so that whatever else the machine does slows all of them alike.
    """
    split = judged.split
    libraries = {method: judged.store.library(method) for method in judged.rankings}
    rows = np.resize(split.queries, _TIMED + 1)
    taken: dict[str, list[float]] = {method: [] for method in libraries}
    for row in rows.tolist():
        for method, library in libraries.items():
            start = time.perf_counter()
            library.search(np.array([row]), judged.k, split.gallery)
            taken[method].append(time.perf_counter() - start)
    return {method: median(seconds[1:]) * 1000 for method, seconds in taken.items()}


def _definitions(judged: _Judged) -> str:
    columns = ", ".join(title(column).lower() for column in judged.store.manifest.columns)
    terms = {measure.label(judged.k): measure.meaning for measure in MEASURES.values()}
    terms |= {protocol.label: protocol.summary for protocol in Protocol}
    terms["Relevant"] = (
        f"A result is relevant, that is correct, if it belongs to the query’s style group: the same {columns}. "
        "Where verdicts are applied, a pair that a person accepted counts too."
    )
    terms["95 % interval"] = (
        f"Style groups are drawn anew with replacement {DRAWS:,} times (bootstrap), and the middle 95 % of the means "
        "are in the brackets. Whole groups are drawn, because queries of one group are not independent."
    )
    terms["p"] = (
        f"The share of {FLIPS:,} random exchanges of the two methods, a whole style group at a time, that give at "
        "least as large a difference (permutation test). Where several pairs are compared, Holm’s correction raises p, "
        "so that the chance of any false finding stays below 5 %."
    )
    terms["Verdict on a difference"] = (
        "Decisive: p < .001. Clear: p < .05. In both cases the interval must exclude 0; all else is undecided."
    )
    listed = "".join(f"<dt>{escape(term)}</dt><dd>{escape(meaning)}</dd>" for term, meaning in terms.items())
    return _section("What the words mean", f"<dl>{listed}</dl>")
