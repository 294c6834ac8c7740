"""Failure inspection: the outcomes of two methods as a picture, and the queries one after the other."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fashion_search.catalog import Group, title
from fashion_search.charts import evaluation as charts
from fashion_search.encoders import all_methods
from fashion_search.evaluation.failures import PAPERS_CASES, PAPERS_METHODS, Duel, Outcome
from fashion_search.evaluation.measures import KS
from fashion_search.evaluation.mismatches import Mismatch, kinds, mismatches
from fashion_search.evaluation.scores import PAPER_K
from fashion_search.evaluation.words import percent
from fashion_search.search import Query, Ranking, nearest
from fashion_search.ui import add_case, alone, builds, data, page, results, selection, url, verdicts
from fashion_search.ui.search import query
from fashion_search.ui.shown import Shown
from fashion_search.ui.text import as_option, plain, title_of
from fashion_search.ui.url import ANY, MAX_K, View, asked, asked_number, choose, go

_FIGURES = ("Fig. 4", "Fig. 5", "Fig. 6")


@dataclass(frozen=True)
class Filters:
    """Which cases are wanted; empty means all. ``labels`` are by column."""

    outcome: str
    labels: dict[str, str]
    kind: str
    gap: int
    group: str


def show(evaluation: Shown) -> None:
    """Outcomes, filters, and the case that the address names."""
    if evaluation.pair is None:
        _offer_second_method(evaluation)
        return
    first, second = evaluation.pair
    duel = _duel(evaluation, first, second, evaluation.k)
    filters = _read_filters(evaluation)
    st.header(headline(duel, evaluation.pair))
    _picture(duel, evaluation.pair, filters.outcome)
    _papers_cases(evaluation, duel, filters)
    _filter_boxes(evaluation, filters)
    places = matching(evaluation, duel, filters)
    if not len(places):
        st.info("No query matches all of this. Remove a filter.", icon=":material/search_off:")
        unfiltered = dict.fromkeys(("outcome", "kind", "gap", "group", "case", *_label_params(evaluation)))
        st.button("Remove all filters", icon=":material/filter_alt_off:", on_click=go, kwargs=unfiltered)
        return
    alone.show(evaluation, page.FAILURES_PAGE, lambda: _case(evaluation, duel, places))


def _duel(evaluation: Shown, first: str, second: str, k: int) -> Duel:
    """Two methods compared; the next case needs its outcomes and their order again."""
    of_both = partial(Duel, evaluation.rankings_of(first), evaluation.rankings_of(second), k)
    return evaluation.kept(("duel", first, second, k), of_both)


def _offer_second_method(evaluation: Shown) -> None:
    st.info(
        f"Failures compares two methods, and this catalog has only {title_of(evaluation.methods[0])} so far.",
        icon=":material/compare:",
    )
    for method in all_methods():
        if method not in evaluation.methods:
            request = evaluation.store.manifest.rebuild(method)
            builds.build_button(f"Build {title_of(method)}", request, key=f"second-{method}")


def headline(duel: Duel, pair: tuple[str, str]) -> str:
    """The finding: how many queries only one of the two answers."""
    only_first, only_second, neither = (
        percent(duel.counts[one] / len(duel.queries))
        for one in (Outcome.ONLY_FIRST, Outcome.ONLY_SECOND, Outcome.NEITHER)
    )
    first, second = map(title_of, pair)
    return f"Only {second} hits in {only_second} of the queries, only {first} in {only_first}, neither in {neither}"


def _picture(duel: Duel, pair: tuple[str, str], outcome: str) -> None:
    """The four outcomes as bars; selecting one keeps its queries."""
    selection.chart(
        charts.outcomes(duel, pair, outcome),
        "outcomes",
        f"Queries by which of the two methods hits. {headline(duel, pair)}",
        [outcome] if outcome else None,
        lambda chosen: go(outcome=chosen[0] if chosen else None, case=None),
    )
    st.caption(f"Hit: at least one of the first {duel.k} results is relevant. Select a bar to see its queries only.")


def _papers_cases(evaluation: Shown, duel: Duel, filters: Filters) -> None:
    """The paper's three cases, one click each, where the catalog has their style groups and both methods.

    They are of the whole catalog: a filter has none.
    """
    if evaluation.split.filter or evaluation.protocol.queries:
        return
    groups = {group.id: group for group in evaluation.store.catalog.groups}
    if not (set(PAPERS_CASES) <= set(groups) and set(PAPERS_METHODS) <= set(evaluation.methods)):
        return
    first, second = PAPERS_METHODS
    papers_duel = _duel(evaluation, first, second, PAPER_K)
    unfiltered = dict.fromkeys(("k", "outcome", "kind", "gap", *_label_params(evaluation)))
    with st.container(key="ways-paper", horizontal=True, gap="xsmall"):
        for figure, (name, expected) in zip(_FIGURES, PAPERS_CASES.items(), strict=True):
            case = _one_that_shows(evaluation, papers_duel, groups[name], expected)
            st.button(
                f"The paper’s {figure}: {groups[name].title}",
                key=f"paper-{name}",
                icon=":material/article:",
                on_click=go,
                kwargs={"a": first, "b": second, "group": name, "case": case, **unfiltered},
                width="stretch",
            )
    if filters.group in PAPERS_CASES and evaluation.pair == PAPERS_METHODS and evaluation.k == PAPER_K:
        _whether_it_holds(evaluation, duel, groups[filters.group], PAPERS_CASES[filters.group])


def _one_that_shows(evaluation: Shown, duel: Duel, group: Group, expected: Outcome) -> str | None:
    """The query of a group that shows an outcome, the most telling first; None if none does."""
    order = duel.most_telling
    shows = np.isin(duel.queries[order], group.rows) & (duel.outcomes[order] == expected)
    return evaluation.store.catalog.items[int(duel.queries[order[shows][0]])].id if shows.any() else None


def _whether_it_holds(evaluation: Shown, duel: Duel, group: Group, expected: Outcome) -> None:
    """For each query of the paper's group, whether what the paper shows happens here; each one click away."""
    assert evaluation.pair is not None
    of_group = np.flatnonzero(np.isin(duel.queries, group.rows))
    holds = duel.outcomes[of_group] == expected
    shown = expected.label(*map(title_of, evaluation.pair))
    st.markdown(
        f"The paper shows one query of **{plain(group.title)}**: “{shown}”. Here that holds for "
        f"**{int(holds.sum())} of {len(of_group)}** queries of the group:"
    )
    with st.container(horizontal=True, gap="xsmall", key="paper-queries"):
        for place, holds_here in zip(of_group.tolist(), holds.tolist(), strict=True):
            item = evaluation.store.catalog.items[int(duel.queries[place])]
            first, second = duel.correct[:, place].tolist()
            st.button(
                f"{'✓' if holds_here else '✕'} {plain(item.id)}",
                key=f"paper-query-{item.id}",
                help=f"{'Holds' if holds_here else 'Does not hold'}: {first} and {second} correct results",
                on_click=go,
                kwargs={"case": item.id},
            )


def _label_params(evaluation: Shown) -> list[str]:
    return [f"is_{column}" for column in evaluation.store.catalog.columns]


def _read_filters(evaluation: Shown) -> Filters:
    catalog = evaluation.store.catalog
    group = url.given("group", "")
    if group and group not in {one.id for one in catalog.groups}:
        st.warning(
            plain(f"This catalog has no style group {group!r} (any more); all are shown."), icon=":material/info:"
        )
        group = ""
    labels = {column: asked(f"is_{column}", catalog.values(column), ANY) for column in catalog.columns}
    return Filters(
        outcome=asked("outcome", [*Outcome], ""),
        labels={column: value for column, value in labels.items() if value != ANY},
        kind=asked("kind", [kind.id for kind in kinds(catalog.columns)], ANY),
        gap=min(asked_number("gap", 0, KS[-1], 0), evaluation.k),
        group=group,
    )


def _filter_boxes(evaluation: Shown, filters: Filters) -> None:
    assert evaluation.pair is not None
    catalog = evaluation.store.catalog
    titles = [title_of(method) for method in evaluation.pair]
    every_kind: dict[str, Mismatch] = {kind.id: kind for kind in kinds(catalog.columns)}
    in_use = bool(filters.outcome or filters.kind != ANY or filters.gap or filters.labels)
    with st.expander("Filters", icon=":material/filter_alt:", expanded=in_use, key="filters"):
        places = st.columns(2 + len(catalog.columns))
        with places[0]:
            choose(
                "Outcome",
                "outcome",
                filters.outcome,
                ["", *Outcome],
                "",
                clears=["case"],
                format_func=lambda one: Outcome(one).label(*titles) if one else "any",
            )
        for place, column in zip(places[1:], catalog.columns, strict=False):
            with place:
                choose(
                    title(column),
                    f"is_{column}",
                    filters.labels.get(column, ANY),
                    [ANY, *catalog.values(column)],
                    ANY,
                    clears=["case"],
                    format_func=lambda value: "any" if value == ANY else as_option(value),
                )
        with places[-1]:
            choose(
                "A wrong result differs in",
                "kind",
                filters.kind,
                [ANY, *every_kind],
                ANY,
                clears=["case"],
                format_func=lambda one: every_kind[one].label if one in every_kind else "any",
            )
        st.session_state["gap"] = filters.gap
        st.slider(
            "At least this many more correct results under one method",
            0,
            evaluation.k,
            key="gap",
            on_change=lambda: go(gap=str(st.session_state["gap"]) if st.session_state["gap"] else None, case=None),
        )
    if filters.outcome:
        cleared = {"outcome": None, "case": None}
        st.button("All outcomes", icon=":material/close:", key="outcome-close", on_click=go, kwargs=cleared)
    if filters.group:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"Only the style group **{plain(_title(evaluation, filters.group))}**", width="content")
            st.button(
                "All style groups",
                icon=":material/close:",
                key="group-close",
                on_click=go,
                kwargs={"group": None, "case": None},
            )


def _title(evaluation: Shown, group_id: str) -> str:
    return next(group.title for group in evaluation.store.catalog.groups if group.id == group_id)


def matching(evaluation: Shown, duel: Duel, filters: Filters) -> NDArray[np.intp]:
    """Places of the queries that pass all filters, the most telling first."""
    catalog = evaluation.store.catalog
    kept = np.ones(len(duel.queries), dtype=bool)
    if filters.outcome:
        kept &= duel.outcomes == filters.outcome
    if filters.gap:
        kept &= np.abs(duel.gaps) >= filters.gap
    if filters.group:
        wanted = next(group for group in catalog.groups if group.id == filters.group)
        kept &= np.isin(duel.queries, wanted.rows)
    for column, value in filters.labels.items():
        place = catalog.columns.index(column)
        codes = [code for code, group in enumerate(catalog.groups) if group.labels[place] == value]
        kept &= np.isin(catalog.group_of[duel.queries], codes)
    if filters.kind != ANY:
        code = next(kind.code for kind in kinds(catalog.columns) if kind.id == filters.kind)
        kept &= np.any(
            [(mismatches(catalog, one, duel.k) == code).any(axis=1) for one in (duel.first, duel.second)], axis=0
        )
    order = duel.most_telling
    return order[kept[order]]


def _case(evaluation: Shown, duel: Duel, places: NDArray[np.intp]) -> None:
    """One query: both methods' rows, with the way to the next and the previous."""
    assert evaluation.pair is not None
    store, catalog = evaluation.store, evaluation.store.catalog
    asked_id = url.given("case", "")
    place = duel.first.place(catalog.row(asked_id)) if asked_id in catalog else None
    if asked_id and place is None:
        why = "is not in this catalog"
        if asked_id in catalog:
            is_removed = catalog.row(asked_id) in evaluation.verdicts.removed
            is_left_out = evaluation.split.filter and catalog.row(asked_id) in evaluation.split.queries
            why = "has nothing relevant in the filtered catalog" if is_left_out else "is not a query of this split"
            why = "was marked as wrongly labelled" if is_removed else why
        st.warning(plain(f"Item {asked_id} {why}; another case is shown."), icon=":material/info:")
    found = np.flatnonzero(places == place)
    if place is None or (not len(found) and not asked_id):
        place, found = int(places[0]), np.array([0])
    number = int(found[0]) if len(found) else None
    turn = _turn(catalog.items, duel, places, number)
    row = int(duel.queries[place])
    item = catalog.items[row]
    view = View(
        store.name,
        item.id,
        evaluation.pair,
        evaluation.k,
        evaluation.protocol,
        evaluation.seed,
        evaluation.split.filter,
    )
    asked_for = Query.of_item(catalog, row)
    left, right = st.columns([1, 5], gap="medium")
    with left:
        query.card(asked_for, store)
        st.markdown(said_of(duel, place, evaluation.pair))
        st.page_link(
            page.SEARCH_PAGE,
            label="Open in Search",
            icon=":material/image_search:",
            query_params=evaluation.search_link(item.id),
        )
    with right:
        rankings: list[Ranking] = []
        on = results.Shared(store, asked_for, view, verdicts.given(store), evaluation.split.gallery, is_search=False)
        with results.stage(len(evaluation.pair), *query.small(asked_for, store)):
            for method in evaluation.pair:
                gallery = evaluation.split.gallery
                library = data.library(store, method)
                ranking = nearest(asked_for, library, gallery, evaluation.k, evaluation.verdicts)
                rankings.append(ranking)
                results.show(ranking, rankings[0], on)
        if evaluation.k > MAX_K:
            st.caption(f"The first {MAX_K} of {evaluation.k} results are drawn.")
    with turn:
        add_case.button(store, lambda: add_case.of_failure(evaluation, asked_for, rankings))


def _turn(items: Any, duel: Duel, places: NDArray[np.intp], number: int | None) -> Any:
    """Next and previous, also by the keys N and P: arrow keys move sliders and close enlarged results.

    Returns:
        A place at the end of the line.
    """

    def to(place: int) -> None:
        go(case=items[int(duel.queries[places[place]])].id)

    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="turn"):
        previous, following = (None, 0) if number is None else (number - 1, number + 1)
        st.button(
            "Previous",
            icon=":material/arrow_back:",
            key="previous",
            shortcut="P",
            on_click=to,
            args=[previous],
            disabled=previous is None or previous < 0,
        )
        st.button(
            "Next",
            icon=":material/arrow_forward:",
            key="next",
            shortcut="N",
            on_click=to,
            args=[following],
            disabled=following >= len(places),
        )
        where = "Not among the" if number is None else f"Case {number + 1:,} of"
        st.markdown(f"**{where} {len(places):,}** · the most telling first", width="content")
        return st.container(width="content", key="turn-end")


def said_of(duel: Duel, place: int, pair: tuple[str, str]) -> str:
    """What happened to a query, as a short list."""
    lines = []
    for method, ranked, correct in zip(pair, (duel.first, duel.second), duel.correct[:, place].tolist(), strict=True):
        lines.append(f"- {title_of(method)}: {correct} correct, the first at rank {ranked.first[place]:,}")
    outcome = Outcome(str(duel.outcomes[place]))
    return f"**{outcome.label(*map(title_of, pair))}**\n" + "\n".join(lines)
