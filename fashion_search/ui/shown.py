"""What the Metrics and Failures pages share: the settings in the sidebar, and the evaluation they ask for."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self, TypeVar

import streamlit as st

from fashion_search.catalog import Filter, Protocol
from fashion_search.catalog.relevance import NO_VERDICTS, Applied
from fashion_search.encoders import DEFAULT_METHODS, base_method
from fashion_search.errors import FashionSearchError
from fashion_search.evaluation import seen
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.many import MOST_DRAWN
from fashion_search.evaluation.measures import KS, MEASURES
from fashion_search.evaluation.words import count
from fashion_search.query_store import StoreWithQueries
from fashion_search.store import Store
from fashion_search.ui import builds, data, filtering, ordering, query_sets, url, verdicts, work
from fashion_search.ui.text import about_protocols, plain, title_of
from fashion_search.ui.url import (
    MAX_K,
    MAX_SEED,
    View,
    asked,
    asked_filter,
    asked_number,
    choose,
    choose_number,
    choose_switch,
    go,
)
from fashion_search.work import About

_T = TypeVar("_T")
_K = 5  # the paper's
OF_A_SELECTION = ("at", "cell", "under", "page")  # parameters that mean nothing under other settings


@dataclass(frozen=True, kw_only=True)
class Shown(Evaluation):
    """An evaluation as a page shows it.

    ``methods`` are those whose libraries can be read; ``pair`` are the two that are compared, None where there is only
    one; ``measure`` is the one chosen, and ``seed`` what the address says, also where the protocol draws nothing.
    """

    seed: int
    measure: str
    pair: tuple[str, str] | None

    def under(self, protocol: Protocol) -> Self:
        """The same under another protocol."""
        store = data.under(self.store, protocol)
        said = verdicts.given(store) if self.verdicts.digest else NO_VERDICTS
        methods = tuple(method for method in self.methods if base_method(method) in store.methods)
        other = data.evaluation(store, methods, protocol, self.seed, said, self.split.filter)
        return replace(self, store=store, split=other.split, verdicts=said, memo=other.memo)

    @property
    def of_every_query(self) -> Self:
        """The same with all queries that there are: those of the query set, or every item."""
        return self if self.protocol.queries else self.under(Protocol.LEAVE_ONE_OUT)

    @property
    def is_current(self) -> bool:
        """Whether the catalog and the verdicts are still those that were evaluated.

        Raises:
            StoreError: they cannot be read.
        """
        store, _, _ = query_sets.opened(data.store(self.store.name), self.protocol)
        applied = verdicts.given(store) if url.given("verdicts") == "1" else NO_VERDICTS
        return (store.state, applied.digest) == (self.store.state, self.verdicts.digest)

    @property
    def label(self) -> str:
        """The measure with its k, for example ``Precision@5``."""
        return MEASURES[self.measure].label(self.k)

    def kept(self, of: tuple[Hashable, ...], make: Callable[[], _T]) -> _T:
        """What a page makes of this evaluation, made once for all sessions; ``of`` tells it from what else is made.

        It must not be changed, and the k and methods that decide it belong to ``of``.
        """
        made: _T = _kept(self.store, self.protocol, self.seed, self.verdicts, self.split.filter, of, make)
        return made

    def worked_out(self, of: tuple[Hashable, ...], make: Callable[[], _T]) -> _T:
        """What takes long the first time: the page waits and says how far it is. ``of`` tells it from what else is.

        It is made anew each time, of what the evaluation keeps.
        """
        key = ("worked out", *of, self.methods, self.k)
        if key in self.memo:
            return make()
        about = About("Evaluating", "evaluation", self.store.name, ",".join(self.methods))
        conditions = (self.store.state, self.protocol, self.seed, self.verdicts.digest, str(self.split.filter))

        def make_and_note() -> _T:  # before the work is over: who comes then must find it noted, or begins it anew
            made = make()
            self.memo.once(key, lambda: True)
            return made

        return work.done((*conditions, *key), about, make_and_note)

    def choose_method(self) -> str:
        """The box of one method, for views that show one at a time; at first the second of the pair."""
        usual = self.pair[1] if self.pair else self.methods[0]
        method = asked("method", self.methods, usual)
        if len(self.methods) > MOST_DRAWN:
            choose("Method", "method", method, self.methods, usual, st.selectbox, ["page"], format_func=title_of)
            return method
        choose(
            "Method",
            "method",
            method,
            self.methods,
            usual,
            st.segmented_control,
            ["page"],
            required=True,
            format_func=title_of,
        )
        return method

    def search_link(self, item_id: str, methods: Sequence[str] = ()) -> dict[str, str]:
        """The parameters of the Search page for an item, under this protocol."""
        shown = tuple(methods) or self.pair or self.methods
        k = min(self.k, MAX_K)
        return View(self.store.name, item_id, shown, k, self.protocol, self.seed, self.split.filter).to_params()


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=data.DIGESTS)
def _kept(
    store: Store,
    protocol: Protocol,
    seed: int,
    verdicts: Applied,
    filter: Filter,
    of: tuple[Hashable, ...],
    _make: Callable[[], Any],
) -> Any:
    return _make()


def read_settings(store: Store) -> Shown | None:
    """The evaluation that the address asks for; None, and the reason on the page, where no library can be read."""
    known = data.protocols(store)
    asked_for = Protocol(asked("protocol", known, Protocol.LEAVE_ONE_OUT))
    store, protocol, complaints = query_sets.opened(store, asked_for)
    for complaint in complaints:
        url.complain(complaint)
    store.catalog.require_labels()
    plain = _readable(store, store.methods)
    if not plain:
        return None
    beside = ordering.under(plain, ordering.asked_variants(store), store)
    methods = tuple(dict.fromkeys([*plain, *_readable(store, [name for name in beside if name not in plain])]))
    k = int(asked("k", [str(k) for k in KS], str(_K)))
    seed = asked_number("seed", 0, MAX_SEED, 0)
    measure = asked("measure", MEASURES, "precision")
    pair = None
    if len(methods) > 1:
        usual = [method for method in DEFAULT_METHODS if method in methods]
        usual += [method for method in methods if method not in usual]
        first = asked("a", methods, usual[0])
        second = asked("b", methods, next(method for method in (usual[1], usual[0]) if method != first))
        pair = (first, second if second != first else next(method for method in methods if method != first))
    applied = verdicts.given(store) if asked("verdicts", ["1"], "") else NO_VERDICTS
    made = data.evaluation(store, methods, protocol, seed, applied, asked_filter(store.catalog))
    return Shown(store, made.split, methods, k, applied, made.memo, seed=seed, measure=measure, pair=pair)


def _readable(store: Store, methods: Iterable[str]) -> tuple[str, ...]:
    """The methods whose libraries can be read; of the others the page says why, and offers to build them."""
    found = []
    for method in methods:
        try:
            store.library(method)
            found.append(method)
        except FashionSearchError as error:
            builds.mend_library(store, method, error)
    return tuple(found)


def settings(evaluation: Shown, with_measure: bool = True) -> None:
    """The sidebar: each widget shows what is in the address, and writes a change into it."""
    protocols = data.protocols(evaluation.store)
    with st.sidebar:
        choose(
            "Protocol",
            "protocol",
            evaluation.protocol,
            protocols,
            Protocol.LEAVE_ONE_OUT,
            st.radio,
            OF_A_SELECTION,
            format_func=lambda name: Protocol(name).label,
            help=about_protocols(protocols),
        )
        if evaluation.protocol == Protocol.ONE_PER_GROUP:
            choose_number("Split seed", "seed", evaluation.seed, 0, MAX_SEED, OF_A_SELECTION)
        choose(
            "Results per query (k)",
            "k",
            str(evaluation.k),
            [str(k) for k in KS],
            str(_K),
            st.segmented_control,
            OF_A_SELECTION,
            required=True,
        )
        if with_measure:
            choose(
                "Measure",
                "measure",
                evaluation.measure,
                list(MEASURES),
                "precision",
                format_func=lambda name: MEASURES[name].label(evaluation.k),
                help=MEASURES[evaluation.measure].meaning,
            )
        if evaluation.pair:
            _choose_pair(evaluation)
        ordering.boxes(
            evaluation.methods,
            evaluation.store,
            lambda chosen: go(**ordering.parameters(chosen), **dict.fromkeys((*OF_A_SELECTION, "cell"))),
            with_similarity=False,
        )
        choose_switch(
            "With people’s verdicts",
            "verdicts",
            url.given("verdicts") == "1",
            OF_A_SELECTION,
            help="Pairs that a person accepted count as relevant; items with a wrong label are left out.",
        )
        filtering.boxes(evaluation.split.filter, evaluation.store.catalog, _filter_by)


def _filter_by(chosen: Filter) -> None:
    go(where=str(chosen) or None, **dict.fromkeys((*OF_A_SELECTION, "case")))


def _choose_pair(evaluation: Shown) -> None:
    """Methods A and B; choosing one for both swaps them."""
    assert evaluation.pair is not None
    first, second = evaluation.pair
    state = st.session_state
    state["a"], state["b"] = first, second

    def change() -> None:
        one, other = state["a"], state["b"]
        if one == other:  # one box was set to what the other shows
            one, other = second, first
        go(a=one, b=other, **dict.fromkeys(OF_A_SELECTION))

    for name, label in (("a", "Method A"), ("b", "Method B")):
        st.selectbox(label, evaluation.methods, key=name, format_func=title_of, on_change=change)


def conditions(evaluation: Shown) -> None:
    """What the figures on the page were measured on."""
    manifest = evaluation.store.manifest
    ranked = evaluation.any_rankings
    left_out = len(ranked.left_out)
    words = [
        f"**{evaluation.split.name}**",
        count(len(ranked.queries), "query", "queries"),
        f"{manifest.n_items:,} images in {count(manifest.n_groups, 'style group', 'style groups')}",
    ]
    words += [f"{left_out:,} queries left out, because nothing in their gallery is relevant"] if left_out else []
    if evaluation.verdicts.digest:
        pairs = count(len(evaluation.verdicts.pairs), "pair", "pairs")
        removed = count(len(evaluation.verdicts.removed), "wrong label", "wrong labels")
        words.append(f"people’s verdicts applied ({pairs} accepted, {removed} left out)")
    smallest = int(ranked.n.min()) if len(ranked.n) else evaluation.k
    if evaluation.k > smallest:
        words.append(
            f"k is more than the {smallest:,} items of a gallery; Precision is divided by {evaluation.k} all the same"
        )
    filtering.line(evaluation.split.filter, evaluation.store.catalog, _filter_by)
    if isinstance(evaluation.store, StoreWithQueries):
        words += query_sets.about_left_out(evaluation.store)
    st.caption(" · ".join(words))
    if evaluation.verdicts.digest:
        verdicts.warn(evaluation.store)
    if isinstance(evaluation.store, StoreWithQueries):
        query_sets.warn(evaluation.store)
    warnings = partial(seen.warnings, evaluation.store.catalog, evaluation.methods)
    for warning in evaluation.kept(("seen in training", evaluation.methods), warnings):
        st.warning(plain(warning), icon=":material/school:")


def explain_no_queries(evaluation: Shown) -> None:
    """Why there is nothing to evaluate, and what would help."""
    if evaluation.split.filter:
        why = "no query has a relevant item in the filtered catalog"
        filtering.explain_nothing(f"There is nothing to evaluate here: {why}.")
        return
    st.info(
        "There is nothing to evaluate here: no query has a relevant item in its gallery. Each style group needs at "
        "least two items (three under one query per group, if one is left out); group by fewer columns, or withdraw "
        "verdicts.",
        icon=":material/info:",
    )
