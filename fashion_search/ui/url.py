"""The state of a page, as its URL says it: a link opens the same view elsewhere. Only this module reads and writes it.

Anyone may have typed a URL, so each parameter is checked when it is read; what makes no sense is said in a sentence,
and the default is shown.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import streamlit as st

from fashion_search.catalog import EVERYTHING, Catalog, Filter, Protocol
from fashion_search.catalog.demo import DEMO
from fashion_search.encoders import (
    MATCHED,
    PRESELECTED,
    base_method,
    encoder_spec,
    index_name,
    is_method,
    order_name,
    preselected,
)
from fashion_search.errors import FilterError
from fashion_search.store import Store, catalog_names
from fashion_search.ui.text import plain, whole_number
from fashion_search.whole_store import WholeStore, about_index

MAX_K = 20
MAX_SEED = 9999
UPLOAD = "upload"
"""The query of a link that was made from an uploaded picture; the picture itself is not in the link."""

ANY = "\0"
"""What no label is: no restriction."""

_NOUNS = {"a": "method", "b": "method", "of": "column", "by": "column", "at": "entry", "kind": "mismatch kind"}


# -- reading and writing parameters -------------------------------------------------------------------------


def params() -> dict[str, str]:
    """All parameters."""
    return st.query_params.to_dict()


def given(name: str, default: str = "") -> str:
    """A parameter as it was typed."""
    return st.query_params.get(name, default)


def asked(name: str, options: Collection[str], default: str) -> str:
    """A parameter's value; the default, and a sentence, where it is none of the options."""
    value = given(name, default)
    if value == default or value in options:
        return value
    noun = _NOUNS.get(name, name.removeprefix("is_").replace("_", " "))
    complain(f"There is no {noun} “{value}” here; the link is shown without it.")
    return default


def complain(sentence: str) -> None:
    """Say what of the address makes no sense here."""
    st.warning(plain(sentence), icon=":material/info:")


def asked_number(name: str, low: int, high: int, default: int) -> int:
    """A parameter that is a whole number; the default, and a sentence, where it is not or is out of bounds."""
    number, complaints = _number(params(), name, low, high, default)
    for complaint in complaints:
        complain(complaint)
    return number


def _number(params: Mapping[str, str], name: str, low: int, high: int, default: int) -> tuple[int, list[str]]:
    number = whole_number(params.get(name, str(default)), low, high)
    if number is not None:
        return number, []
    what = name if name == "k" else f"The {name}"
    return default, [f"{what} must be a whole number from {low} to {high}; {default} is used."]


def asked_filter(catalog: Catalog) -> Filter:
    """What the gallery is reduced to, in the catalog's own names; a sentence for each thing that it lacks."""
    typed, complaints = _filter(params())
    fitting, more = _fitting(typed, catalog)
    for complaint in complaints + more:
        complain(complaint)
    return fitting


def _filter(params: Mapping[str, str]) -> tuple[Filter, list[str]]:
    try:
        return Filter.parse(params.get("where", "")), []
    except FilterError as error:
        return EVERYTHING, [f"{error} Everything is shown."]


def _fitting(typed: Filter, catalog: Catalog) -> tuple[Filter, list[str]]:
    fitting, complaints = typed.fit(catalog)
    return fitting, [f"{complaint} It is left out of the filter." for complaint in complaints]


def open_with(params: Mapping[str, str]) -> None:
    """Replace all parameters."""
    st.query_params.from_dict(dict(params))


def go(**changes: str | None) -> None:
    """Change parameters; None removes one. The others stay. The browser's Back undoes it."""
    kept = params() | changes
    open_with({name: value for name, value in kept.items() if value is not None})


# -- widgets that show a parameter --------------------------------------------------------------------------


def choose(
    label: str,
    name: str,
    value: str,
    options: Sequence[str],
    default: str,
    widget: Callable[..., Any] = st.selectbox,
    clears: Sequence[str] = (),
    **settings: Any,
) -> None:
    """A widget that shows a parameter's value and writes a change into the address.

    Args:
        label: what stands above it.
        name: the parameter.
        value: what ``asked`` gave.
        options: what can be chosen.
        default: left out of the address.
        widget: one that takes options, such as ``st.selectbox`` or ``st.segmented_control``.
        clears: parameters that mean nothing after a change.
        settings: more of the widget's own.
    """

    def change() -> None:
        new = st.session_state[name]
        go(**{name: None if new in (default, None) else new}, **dict.fromkeys(clears))

    st.session_state[name] = value
    widget(label, options, key=name, on_change=change, **settings)


def choose_number(label: str, name: str, value: int, low: int, high: int, clears: Sequence[str] = ()) -> None:
    """The same for a whole number; its default is ``low``."""

    def change() -> None:
        new = st.session_state[name]
        go(**{name: None if new in (low, None) else str(new)}, **dict.fromkeys(clears))

    st.session_state[name] = value
    st.number_input(label, low, high, key=name, on_change=change)


def choose_switch(label: str, name: str, value: bool, clears: Sequence[str] = (), **settings: Any) -> None:
    """The same for a switch that is off by default; on is the value 1."""

    def change() -> None:
        go(**{name: "1" if st.session_state[name] else None}, **dict.fromkeys(clears))

    st.session_state[name] = value
    st.toggle(label, key=name, on_change=change, **settings)


# -- the Search page ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    """A state of the Search page.

    ``query`` is an item's id, ``UPLOAD``, or empty: let the page choose. ``methods`` may be empty for the same;
    ``usual`` are those that the page then chooses. ``filter`` has the names that were typed until ``fit``. ``whole``:
    the whole shop is searched, not the catalog alone; only under leave-one-out.
    """

    catalog: str = DEMO
    query: str = ""
    methods: tuple[str, ...] = ()
    k: int = 5
    protocol: Protocol = Protocol.LEAVE_ONE_OUT
    seed: int = 0
    filter: Filter = EVERYTHING
    whole: bool = False
    usual: tuple[str, ...] = field(default=PRESELECTED, compare=False)

    def to_params(self) -> dict[str, str]:
        """The view as URL parameters; what is default is left out, the catalog and the query never."""
        params = {"catalog": self.catalog, "query": self.query}
        if self.methods not in ((), self.usual):
            params["methods"] = ",".join(self.methods)
        if self.k != View.k:
            params["k"] = str(self.k)
        if self.protocol != View.protocol:
            params |= {"protocol": str(self.protocol), "seed": str(self.seed)}
        elif self.whole:
            params["whole"] = "1"
        params["where"] = str(self.filter)
        return {name: value for name, value in params.items() if value}

    def fit(self, store: Store, has_picture: bool = False) -> tuple[Self, list[str]]:
        """The nearest view that this catalog can show, and a sentence for each thing that had to change.

        ``has_picture``: whether the picture that was uploaded is there.
        """
        complaints = []
        view = self
        built = tuple(method for method in view.methods if not _why_not(method, store))
        for method in view.methods:
            if method not in built:
                complaints.append(_why_not(method, store))
        fitting, about_filter = _fitting(view.filter, store.catalog)
        complaints += about_filter
        view = replace(view, filter=fitting)
        usual = preselected(store.methods, has_picture and view.query == UPLOAD) or tuple(store.methods)
        view = replace(view, methods=built or usual, usual=usual)
        if view.query not in ("", UPLOAD) and view.query not in store.catalog:
            complaints.append(f"“{store.manifest.title}” has no item {view.query!r}; another is shown.")
            view = replace(view, query="")
        return view, complaints


def _why_not(method: str, store: Store) -> str:
    """Why a catalog cannot be searched by a method, in a sentence; empty where it can."""
    title, catalog = encoder_spec(method).title, f"“{store.manifest.title}”"
    if isinstance(store, WholeStore) and base_method(method) in store.plain.methods:
        if base_method(method) not in store.methods:
            return f"{title} has not encoded the rest of the shop; only the catalog can be searched by it."
        if index_name(method):
            return about_index(method)
    if base_method(method) not in store.methods:
        if not encoder_spec(method).encodes:
            return f"{title} is not imported for {catalog}, or not for all of its items."
        if base_method(method) in store.plain.methods:
            return f"{title} has not encoded this query set yet."
        return f"{title} is not built for {catalog} yet."
    if index_name(method) and method not in store.indexed:
        return f"{title} is not built for {catalog} yet."
    if order_name(method) not in ("", MATCHED.name) and not store.manifest.columns:
        return f"{title}: {catalog} has no labels to re-rank by."
    return ""


def _protocol(text: str) -> tuple[Protocol, list[str]]:
    try:
        return Protocol(text), []
    except ValueError:
        return View.protocol, [f"There is no protocol {text!r}; {View.protocol.label.lower()} is used."]


def open_view(view: View) -> None:
    """Show another view: its URL is the page's whole state."""
    open_with(view.to_params())


def parse(params: Mapping[str, str]) -> tuple[View, list[str]]:
    """Read URL parameters, which anyone may have typed; each one that makes no sense becomes a sentence."""
    complaints = []
    view = View()
    catalog = params.get("catalog", DEMO)
    if catalog in catalog_names():
        view = replace(view, catalog=catalog)
    else:
        complaints.append(f"There is no catalog {catalog!r} on this machine; the demo is shown.")
    names = params.get("methods", "").replace(" ", "+")  # a plus that was typed into an address arrives as a space
    methods = [name for name in names.split(",") if name]
    known = tuple(dict.fromkeys(name for name in methods if is_method(name)))
    unknown = [name for name in methods if name not in known]
    if unknown:
        complaints.append(f"There is no method {', '.join(map(repr, unknown))}.")
    view = replace(view, methods=known, query=params.get("query", ""))
    k, about_k = _number(params, "k", 1, MAX_K, View.k)
    seed, about_seed = _number(params, "seed", 0, MAX_SEED, View.seed)
    complaints += about_k + about_seed
    protocol, about_protocol = _protocol(params.get("protocol", View.protocol))
    complaints += about_protocol
    whole = params.get("whole") == "1"
    if whole and protocol != Protocol.LEAVE_ONE_OUT:
        complaints.append(f"{protocol.label} has its queries and gallery from the catalog; the whole shop is left out.")
    whole = whole and protocol == Protocol.LEAVE_ONE_OUT
    typed, about_filter = _filter(params)
    complaints += about_filter
    return replace(view, k=k, seed=seed, protocol=protocol, filter=typed, whole=whole), complaints
