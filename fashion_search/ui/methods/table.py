"""The table of all methods: what they are, what they take, and on which machine."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from fashion_search.costs import Cost
from fashion_search.encoders import base_method, encoder_spec
from fashion_search.evaluation.statistics import Interval
from fashion_search.evaluation.words import rounded
from fashion_search.store import Store
from fashion_search.ui import builds, data, open_mode
from fashion_search.ui.metrics import export
from fashion_search.ui.text import plain, title_of

if TYPE_CHECKING:
    import pandas as pd

_ABOUT = (
    "ms/image: from an opened picture to its vector, one at a time; images/s: 32 at once, or 8 where that takes long. "
    "ms/search: the first ten among all other items, on one core. Recall@10: how many of the exact search’s first ten "
    "are found. Peak memory: while encoding, above the bare process. Medians of at least five, after a warm-up; other "
    "work on the machine slows them."
)


def of_costs_alone(store: Store) -> None:
    """The table of a catalog in which nothing can be evaluated."""
    st.info("Nothing here can be evaluated, so there are costs alone.", icon=":material/label_off:")
    methods = tuple(store.methods)
    known = data.costs(store, methods)
    explain_missing(store, known)
    show(store, known)


def explain_missing(store: Store, known: Mapping[str, Cost]) -> None:
    """Which methods were not measured, why, and what measures them."""
    never = [method for method, cost in known.items() if cost.encoding is None or cost.search is None]
    for problem, methods in _by_problem(known).items():
        st.caption(
            f":material/info: {plain(', '.join(map(title_of, methods)))}: encoding not measured. {plain(problem)}"
        )
    if not never:
        return
    request = store.manifest.rebuild(*(store.manifest.libraries or map(base_method, never)))
    if len(never) == len(known):
        st.info(
            "What methods cost was not measured yet. A build does it at its end, unless it is quick; what is built and "
            "evaluated already is kept.",
            icon=":material/timer:",
        )
    else:
        st.info(f"Not measured yet: {plain(', '.join(map(title_of, never)))}.", icon=":material/timer:")
    builds.build_button("Measure what methods cost", request, key="measure-costs")
    if not store.manifest.part_of:  # which no build makes
        open_mode.command(request.command)


def _by_problem(known: Mapping[str, Cost]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for method, cost in known.items():
        if cost.problem:
            found.setdefault(cost.problem, []).append(method)
    return found


def show(
    store: Store, known: Mapping[str, Cost], label: str = "", values: Mapping[str, Interval] | None = None
) -> None:
    """Draw the table, and offer it as a file.

    Args:
        store: the catalog.
        known: what methods cost, in the order of the lines.
        label: of the measure.
        values: method → its figure, where there are any.
    """
    frame = costs_table(known, label, values)
    frame.insert(len(frame.columns) - 1, "Weights", [weights_of(store, method) for method in known])
    number = st.column_config.NumberColumn
    st.dataframe(
        frame,
        hide_index=True,
        width="stretch",
        height=min(38 + 35 * max(len(frame), 1), 740),
        placeholder="–",
        column_config={
            "Method": st.column_config.TextColumn(pinned=True, width=170),
            "Dimensions": number(format="localized"),
            "Parameters": number(format="compact"),
            "ms/image": number(format="%.1f"),
            "images/s": number(format="%.1f"),
            "ms/search": number(format="%.2f"),
            "Recall@10": number(format="%.3f"),
            "Bytes/item": number(format="localized"),
            "Peak memory, MB": number(format="%.0f"),
            "Weights": st.column_config.TextColumn(width=200),
            "Origin": st.column_config.TextColumn(width=200),
        },
    )
    st.caption(_ABOUT)
    export.csv_button(
        "All methods as CSV", plain_table(store, known, label, values), f"{store.name}-methods", "methods-csv"
    )


def costs_table(
    known: Mapping[str, Cost], label: str = "", values: Mapping[str, Interval] | None = None
) -> "pd.DataFrame":
    """A line a method, as people read it."""
    import pandas as pd

    return pd.DataFrame(
        {
            "Method": title_of(method),
            **({label: rounded(values[method])} if values else {}),
            **_figures(cost),
            **_about(method),
            "Machine": cost.machine,
        }
        for method, cost in known.items()
    )


def _figures(cost: Cost) -> dict[str, float | None]:
    encoding = cost.encoding
    return {
        "ms/image": cost.encode,
        "images/s": encoding.per_second if encoding else None,
        "ms/search": cost.search,
        "Recall@10": cost.recall if cost.search is not None else None,
        "Bytes/item": None if cost.bytes_per_item is None else round(cost.bytes_per_item),
        "Peak memory, MB": encoding.peak if encoding else None,
        "Dimensions": cost.dimensions,
        "Parameters": cost.parameters,
    }


def _about(method: str) -> dict[str, str]:
    spec = encoder_spec(method)
    return {"Family": spec.family, "Licence": spec.licence, "Origin": spec.origin}


def plain_table(
    store: Store, known: Mapping[str, Cost], label: str = "", values: Mapping[str, Interval] | None = None
) -> "pd.DataFrame":
    """Everything as plain values, with weights, versions and times of measurement."""
    import pandas as pd

    return pd.DataFrame(
        {
            "catalog": store.name,
            "method": method,
            "title": title_of(method),
            **_of_quality(label, values[method] if values else None),
            **_figures(cost),
            **_about(method),
            "Weights": weights_of(store, method),
            "Machine": cost.machine,
            "Measured": cost.measured,
            "Versions": ", ".join(cost.versions),
            "Not measured because": cost.problem,
        }
        for method, cost in known.items()
    )


def _of_quality(label: str, value: Interval | None) -> dict[str, Any]:
    return {label: value.value, "95 % low": value.low, "95 % high": value.high} if value else {}


def weights_of(store: Store, method: str) -> str:
    """What a method's vectors were made with."""
    made_by = store.methods.get(base_method(method))
    return made_by.weights_label if made_by else ""
