"""Under what conditions the figures were taken, and what the words mean."""

from html import escape
from pathlib import Path

from fashion_search import __version__
from fashion_search.catalog import Protocol, title
from fashion_search.evaluation import seen
from fashion_search.evaluation.measures import MEASURES, PAPERS
from fashion_search.evaluation.report.html import section
from fashion_search.evaluation.report.judged import Judged
from fashion_search.evaluation.statistics import DRAWS, FLIPS
from fashion_search.evaluation.verdicts import Applied
from fashion_search.evaluation.words import count, number


def conditions(judged: Judged) -> str:
    """Catalog, protocol, queries, verdicts, weights: what the figures depend on."""
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
    if warned := seen.warnings(judged.store.catalog, judged.titles):
        listed += f"<dt>Training</dt><dd>{escape(' '.join(warned))}</dd>"
    if judged.is_comparable_to_paper and judged.paper:
        listed += f"<dt>The paper</dt><dd>{escape(_papers_conditions(judged))}</dd>"
    return f"<dl>{listed}</dl>"


def _source(judged: Judged) -> str:
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


def _papers_conditions(judged: Judged) -> str:
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


def definitions(judged: Judged) -> str:
    """What the measures, the protocols and the words of the findings mean."""
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
    return section("What the words mean", f"<dl>{listed}</dl>")
