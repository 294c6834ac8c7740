"""The Metrics page's view of top-k accuracy: as a curve and as a table, beside what others have published."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from fashion_search.cases import Case, capture
from fashion_search.charts import accuracy as charts
from fashion_search.charts.style import NO_BUTTONS
from fashion_search.evaluation import accuracy, many, published
from fashion_search.evaluation.accuracy import KS, Accuracy
from fashion_search.evaluation.words import number, rounded
from fashion_search.ui import add_case, behind, selection
from fashion_search.ui.metrics import drawn, export, others
from fashion_search.ui.shown import Shown
from fashion_search.ui.text import plain, title_of
from fashion_search.ui.url import asked, choose, go

if TYPE_CHECKING:
    import pandas as pd

PICTURE, PRODUCT = "picture", "product"
_COUNTED = {PICTURE: "Every picture", PRODUCT: "Each product once"}
_ABOUT = "Top-k accuracy: the share of queries with a right {result} among the first k (Recall@k or CMC elsewhere)."


def show(evaluation: Shown) -> None:
    """The finding, the curve, the table with others' values, and the queries behind a figure."""
    per_product = _choose_counted(evaluation) == PRODUCT
    found = evaluation.worked_out(
        ("accuracy", per_product),
        lambda: {method: evaluation.accuracy_of(method, per_product) for method in _in_order(evaluation)},
    )
    best = accuracy.best(found, evaluation.k)
    finding = accuracy.headline(title_of(best), found[best], evaluation.k, per_product)
    st.header(plain(finding))
    drawn.say(evaluation)
    theirs = () if per_product else published.retrieval(evaluation)
    shown = {method: found[method] for method in drawn.methods(evaluation)}
    curve = charts.curve(shown, theirs)
    st.plotly_chart(
        curve, key="accuracy", width="stretch", config=dict(NO_BUTTONS), alt="Top-k accuracy of each method over k"
    )
    table = figures(found, theirs)
    cell = _cell(list(found))
    _draw(list(found), table, cell)
    about = about_figures(evaluation, per_product)
    st.caption(
        f"{about} In brackets: its 95 % interval, which draws whole {evaluation.split.relevant_by}s. Chance: a random "
        "order. Select a figure to see the queries behind it."
    )
    _about_published(evaluation, theirs, per_product)
    with st.container(horizontal=True, gap="small"):
        every = all_figures(evaluation)
        export.csv_button("All of it as CSV", every, f"{evaluation.store.name}-top-k-accuracy", "accuracy-csv")
        add_case.button(evaluation.store, lambda: _as_case(evaluation, finding, about, table))
    if cell:
        _behind_cell(evaluation, *cell, per_product)


def _choose_counted(evaluation: Shown) -> str:
    """What counts: every picture, or each product once where the catalog has several pictures of some."""
    counted = asked("per", [PRODUCT] if evaluation.counts_products else [], PICTURE)
    if evaluation.counts_products:
        choose(
            "What counts",
            "per",
            counted,
            list(_COUNTED),
            PICTURE,
            st.segmented_control,
            ["page"],
            required=True,
            format_func=_COUNTED.__getitem__,
        )
    return counted


def _in_order(evaluation: Shown) -> list[str]:
    """A few methods as everywhere, many by how good they are."""
    if len(evaluation.methods) <= many.MOST_DRAWN:
        return list(evaluation.methods)
    return many.by_quality(evaluation.means("hit"))


def about_figures(evaluation: Shown, per_product: bool) -> str:
    """What the figures are, and what is right."""
    result = "product" if per_product else "result"
    told = f"{_ABOUT.format(result=result)} Right: the same {evaluation.split.relevant_by}."
    return f"{told} Each product counts once, by its best picture." if per_product else told


def figures(found: Mapping[str, Accuracy], theirs: tuple[published.Published, ...]) -> "pd.DataFrame":
    """Methods by k with intervals; below them chance, and others' values with where they stand."""
    import pandas as pd

    lines = [
        {"Method": title_of(method)} | {_label(k): rounded(one.share) for k, one in of_k.items()}
        for method, of_k in found.items()
    ]
    chance = next(iter(found.values()))
    lines.append({"Method": "Chance"} | {_label(k): number(one.chance, 4) for k, one in chance.items()})
    if theirs:
        lines = [line | {"From": "here"} for line in lines]
        lines += [
            {"Method": one.model}
            | {_label(k): number(one.values[k]) if k in one.values else "" for k in KS}
            | {"From": one.source}
            for one in theirs
        ]
    return pd.DataFrame(lines)


def _label(k: int) -> str:
    return f"Top-{k}"


def _draw(methods: list[str], table: "pd.DataFrame", cell: tuple[str, int] | None) -> None:
    labels = {_label(k): k for k in KS}

    def select(chosen: tuple[int, str] | None) -> None:
        row, column = chosen or (len(methods), "")
        is_figure = row < len(methods) and column in labels
        go(cell=f"{methods[row]}.{labels[column]}" if is_figure else None, page=None)

    columns = {label: st.column_config.TextColumn(alignment="right") for label in labels}
    selection.table(
        table,
        "top-k",
        "cell",
        [(methods.index(cell[0]), _label(cell[1]))] if cell else [],
        select,
        height="content",
        column_config={"Method": st.column_config.TextColumn(pinned=True), **columns},
    )


def _cell(methods: list[str]) -> tuple[str, int] | None:
    """The method and the k that are selected; None where none are."""
    method, _, k = asked("cell", [f"{method}.{k}" for method in methods for k in KS], "").rpartition(".")
    return (method, int(k)) if method else None


def _about_published(evaluation: Shown, theirs: tuple[published.Published, ...], per_product: bool) -> None:
    """Where others' values stand and how their conditions differ; what a paper only draws."""
    kind = published.benchmark_of(evaluation)
    if theirs:
        others.say_where(evaluation, theirs)
    elif per_product and published.retrieval(evaluation):
        st.caption("What others have published counts every picture.")
    if kind in published.ONLY_DRAWN:
        st.caption(published.ONLY_DRAWN[kind])


def all_figures(evaluation: Shown) -> "pd.DataFrame":
    """Every figure as a plain number, with its conditions; others' values below, with their source."""
    import pandas as pd

    head = {
        "catalog": evaluation.store.name,
        "conditions": evaluation.split.label,
        "verdicts": "applied" if evaluation.verdicts.digest else "none",
    }
    lines = [
        {
            **head,
            "method": method,
            "from": "here",
            "weights": evaluation.store.library(method).fingerprint.weights_label,
            "counted": PRODUCT if per_product else PICTURE,
            "k": k,
            "top-k accuracy": one.share.value,
            "95 % low": one.share.low,
            "95 % high": one.share.high,
            "chance": one.chance,
        }
        for per_product in ([False, True] if evaluation.counts_products else [False])
        for method in evaluation.methods
        for k, one in evaluation.accuracy_of(method, per_product).items()
    ]
    lines += [
        {"method": one.model, "from": one.source, "counted": PICTURE, "k": k, "top-k accuracy": value}
        for one in published.retrieval(evaluation)
        for k, value in one.values.items()
    ]
    return pd.DataFrame(lines)


def _as_case(evaluation: Shown, finding: str, about: str, table: "pd.DataFrame") -> Case:
    store = evaluation.store
    conditions = capture.conditions(store, evaluation.split, evaluation.k, evaluation.verdicts)
    theirs = published.references(published.retrieval(evaluation)) if "From" in table else []
    return add_case.of_table(store, conditions, finding, [about, *(f"{one}." for one in theirs)], table)


def _behind_cell(evaluation: Shown, method: str, k: int, per_product: bool) -> None:
    """The queries behind a figure: those that it misses first, the furthest before all."""
    others = [other for other in evaluation.pair or () if other != method]
    ranked = evaluation.product_rankings_of if per_product else evaluation.rankings_of
    firsts = {one: ranked(one).first for one in (method, *others)}
    missed = int((firsts[method] > k).sum())
    with st.container(border=True):
        st.markdown(
            f"**{plain(title_of(method))}, top-{k}: the queries behind it**, with the rank of the first right "
            f"{'product' if per_product else 'result'}, the last ones first. Missed at {k}: {missed:,} of "
            f"{len(firsts[method]):,}."
        )
        places = np.argsort(-firsts[method], kind="stable").tolist()
        compared = (others[-1], method) if others else None
        said = {one: lambda place, ranks=ranks: f"{ranks[place]:,}" for one, ranks in firsts.items()}
        behind.queries(evaluation, places, said, "accuracy", compared)
        closed = dict.fromkeys(("cell", "page"))
        st.button("Close", icon=":material/close:", key="accuracy-close", on_click=go, kwargs=closed)
