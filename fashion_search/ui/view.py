"""What a page shows, as its URL says it: a link opens the same view elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

import streamlit as st

from fashion_search.catalog import Protocol
from fashion_search.catalog.demo import DEMO
from fashion_search.encoders import PRESELECTED, all_methods, encoder_spec
from fashion_search.store import Store, catalog_names
from fashion_search.ui.text import whole_number

UPLOAD = "upload"
"""The query of a link that was made from an uploaded picture; the picture itself is not in the link."""

MAX_K = 20
MAX_SEED = 9999


@dataclass(frozen=True)
class View:
    """A state of the Search page.

    ``query`` is an item's id, ``UPLOAD``, or empty: let the page choose. ``methods`` may be empty for the same;
    ``usual`` are those that the page then chooses.
    """

    catalog: str = DEMO
    query: str = ""
    methods: tuple[str, ...] = ()
    k: int = 5
    protocol: Protocol = Protocol.LEAVE_ONE_OUT
    seed: int = 0
    usual: tuple[str, ...] = field(default=PRESELECTED, compare=False)

    def to_params(self) -> dict[str, str]:
        """The view as URL parameters; what is default is left out, the catalog and the query never."""
        params = {"catalog": self.catalog, "query": self.query}
        if self.methods not in ((), self.usual):
            params["methods"] = ",".join(self.methods)
        if self.k != View.k:
            params["k"] = str(self.k)
        if self.protocol is not View.protocol:
            params |= {"protocol": str(self.protocol), "seed": str(self.seed)}
        return {name: value for name, value in params.items() if value}

    def fit(self, store: Store) -> tuple[Self, list[str]]:
        """The nearest view that this catalog can show, and a sentence for each thing that had to change."""
        complaints = []
        view = self
        built = tuple(method for method in view.methods if method in store.methods)
        for method in view.methods:
            if method not in built:
                complaints.append(f"{encoder_spec(method).title} is not built for “{store.manifest.title}” yet.")
        usual = tuple(method for method in PRESELECTED if method in store.methods) or tuple(store.methods)
        view = replace(view, methods=built or usual, usual=usual)
        if view.query not in ("", UPLOAD) and view.query not in store.catalog:
            complaints.append(f"“{store.manifest.title}” has no item {view.query!r}; another is shown.")
            view = replace(view, query="")
        return view, complaints


def go(view: View) -> None:
    """Show another view: its URL is the page's whole state."""
    st.query_params.from_dict(view.to_params())


def parse(params: Mapping[str, str]) -> tuple[View, list[str]]:
    """Read URL parameters, which anyone may have typed; each one that makes no sense becomes a sentence."""
    complaints = []
    view = View()
    catalog = params.get("catalog", DEMO)
    if catalog in catalog_names():
        view = replace(view, catalog=catalog)
    else:
        complaints.append(f"There is no catalog {catalog!r} on this machine; the demo is shown.")
    methods = [name for name in params.get("methods", "").split(",") if name]
    known_methods = all_methods() if methods else {}
    unknown = [name for name in methods if name not in known_methods]
    if unknown:
        complaints.append(f"There is no method {', '.join(map(repr, unknown))}.")
    known = tuple(dict.fromkeys(name for name in methods if name in known_methods))
    view = replace(view, methods=known, query=params.get("query", ""))
    k = whole_number(params.get("k", str(View.k)), 1, MAX_K)
    if k is None:
        complaints.append(f"k must be a whole number from 1 to {MAX_K}; {View.k} is used.")
    seed = whole_number(params.get("seed", "0"), 0, MAX_SEED)
    if seed is None:
        complaints.append(f"The seed must be a whole number from 0 to {MAX_SEED}; 0 is used.")
    protocol = params.get("protocol", View.protocol)
    if protocol not in [*Protocol]:
        complaints.append(f"There is no protocol {protocol!r}; {View.protocol.label.lower()} is used.")
        protocol = View.protocol
    return replace(view, k=View.k if k is None else k, seed=seed or 0, protocol=Protocol(protocol)), complaints
